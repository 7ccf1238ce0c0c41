namespace BackupGuard.Verification.Drills.Contents;

/// <summary>Foreign bytes from the first to the last, with their position. What ends too early is a <see cref="BrokenContentException"/>.</summary>
/// <param name="lengthBytes">How many there are; null where only reading tells (a compressed stream).</param>
/// <param name="mostBytes">What has more was made to fill memory or time.</param>
internal sealed class ByteSource(Stream stream, long? lengthBytes, long mostBytes = long.MaxValue)
{
    private readonly byte[] _buffer = new byte[16 * 1024];
    private int _at, _filled;

    /// <summary>Of the next byte.</summary>
    public long Position { get; private set; }

    public long? LengthBytes => lengthBytes;

    public bool AtEnd => _at == _filled && !Fill();

    public static BrokenContentException Ended(long position) => At(position, new("it ends too early", "il s’arrête trop tôt"));

    public static BrokenContentException At(long position, Words reason) => new(new(
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{reason.En} (byte {position})"),
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{reason.Fr} (octet {position})")));

    /// <summary>The next byte, or -1 at the end.</summary>
    public int Next()
    {
        if (AtEnd) return -1;
        var next = _buffer[_at];
        Advance(1);
        return next;
    }

    public void ReadExactly(Span<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            if (AtEnd) throw Ended(Position);
            var taken = Math.Min(bytes.Length, _filled - _at);
            _buffer.AsSpan(_at, taken).CopyTo(bytes);
            bytes = bytes[taken..];
            Advance(taken);
        }
    }

    public void Skip(long count)
    {
        if (lengthBytes is { } length && count > length - Position) throw Ended(Position);
        while (count > 0)
        {
            if (_at == _filled && lengthBytes is not null && stream.CanSeek)
            {
                stream.Seek(count, SeekOrigin.Current);
                Position += count;
                return;
            }
            if (AtEnd) throw Ended(Position);
            var taken = (int)Math.Min(count, _filled - _at);
            Advance(taken);
            count -= taken;
        }
    }

    private void Advance(int count)
    {
        _at += count;
        Position += count;
        if (Position > mostBytes) throw new BrokenContentException(new("it unfolds to more than can be looked at", "il se déplie au-delà de ce qui peut être examiné"), isLimit: true);
    }

    private bool Fill()
    {
        (_at, _filled) = (0, stream.Read(_buffer, 0, _buffer.Length));
        return _filled > 0;
    }
}
