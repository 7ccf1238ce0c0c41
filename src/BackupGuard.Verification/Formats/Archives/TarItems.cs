using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace BackupGuard.Verification.Formats.Archives;

/// <summary>The entries of a tar archive: POSIX ustar and pax (POSIX.1-2017, pax, "ustar Interchange Format" and "pax Header Block"), and GNU long names.</summary>
/// <remarks>Reads by hand because names are bytes here, and because an extended header must not be able to ask for gigabytes.</remarks>
internal static class TarItems
{
    private const int Block = 512;
    private const int LargestExtendedHeader = 1 << 20;

    /// <param name="paddedWithZeros">Whether other padding than zeros is damage: so it is where one known program wrote the archive.</param>
    public static async IAsyncEnumerable<ArchiveItem> ReadAsync(Stream tar, bool paddedWithZeros, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var header = new byte[Block];
        var pending = new Extended();
        while (true)
        {
            await ReadExactlyAsync(tar, header, cancellationToken);
            if (!header.AsSpan().ContainsAnyExcept((byte)0)) break;
            CheckSum(header);
            var size = Number(header.AsSpan(124, 12));
            if (size < 0) throw new InvalidDataException("a size in a tar header is negative");
            if (header[156] is (byte)'x' or (byte)'g' or (byte)'L' or (byte)'K')
            {
                if (size > LargestExtendedHeader) throw new ArchiveLimitException($"it has an extended header of {size} bytes");
                var data = new byte[size];
                await ReadExactlyAsync(tar, data, cancellationToken);
                await PadAsync(tar, Padding(size), paddedWithZeros, cancellationToken);
                pending.Take(header[156], data);
                continue;
            }

            size = pending.Size ?? size;
            var item = ItemOf(header, pending, size);
            pending = new Extended();
            var stored = header[156] is (byte)'1' or (byte)'2' or (byte)'5' ? 0 : size;
            var content = new Section(tar, stored);
            yield return item with { Content = content };
            await SkipAsync(tar, content.Left, cancellationToken);
            await PadAsync(tar, Padding(stored), paddedWithZeros, cancellationToken);
        }

        // Two empty blocks end an archive; one alone is what a cut leaves.
        await ReadExactlyAsync(tar, header, cancellationToken);
        if (header.AsSpan().ContainsAnyExcept((byte)0)) throw new InvalidDataException("its end is not the end of a tar archive");
        await DrainAsync(tar, cancellationToken);
    }

    private static ArchiveItem ItemOf(byte[] header, Extended pending, long size)
    {
        var name = pending.Path ?? NameOf(header);
        var kind = header[156] switch
        {
            _ when pending.IsSparse => ArchiveItemKind.Special,
            0 when name is [.., (byte)'/'] => ArchiveItemKind.Directory,
            0 or (byte)'0' or (byte)'7' => ArchiveItemKind.File,
            (byte)'1' => ArchiveItemKind.HardLink,
            (byte)'2' => ArchiveItemKind.SymbolicLink,
            (byte)'5' => ArchiveItemKind.Directory,
            _ => ArchiveItemKind.Special,
        };
        var target = pending.Target ?? Text(header.AsSpan(157, 100)).ToArray();
        var path = ArchiveItem.Clean(name);
        if (path.Length > ArchiveItem.LongestPath) throw new ArchiveLimitException($"a name in it is {path.Length} bytes long");
        return new ArchiveItem(path, kind)
        {
            Size = kind == ArchiveItemKind.File ? size : 0,
            Mode = (int)(Number(header.AsSpan(100, 8)) & 0xFFF),
            ModifiedAtNanoseconds = pending.ModifiedAtNanoseconds ?? Seconds(Number(header.AsSpan(136, 12))),
            Target = kind switch { ArchiveItemKind.SymbolicLink => target, ArchiveItemKind.HardLink => ArchiveItem.Clean(target), _ => [] },
        };
    }

    private static byte[] NameOf(byte[] header)
    {
        var name = Text(header.AsSpan(0, 100));
        var isPosix = header.AsSpan(257, 6).SequenceEqual("ustar\0"u8);
        var prefix = isPosix ? Text(header.AsSpan(345, 155)) : [];
        return prefix.Length == 0 ? name.ToArray() : [.. prefix, (byte)'/', .. name];
    }

    private static void CheckSum(byte[] header)
    {
        var sum = 0;
        for (var i = 0; i < Block; i++) sum += i is >= 148 and < 156 ? ' ' : header[i];
        if (Number(header.AsSpan(148, 8)) != sum) throw new InvalidDataException("the checksum of a tar header is wrong");
    }

    /// <summary>Octal digits, or GNU's base 256 where the first bit is set.</summary>
    private static long Number(ReadOnlySpan<byte> field)
    {
        if ((field[0] & 0x80) != 0)
        {
            // Negative numbers (a time before 1970) begin with 0xFF.
            var value = BinaryPrimitives.ReadInt64BigEndian(field[^8..]);
            return field[0] == 0xFF || value >= 0 ? value : throw new InvalidDataException("a number in a tar header is out of bounds");
        }

        long number = 0;
        foreach (var digit in field.Trim(" \0"u8))
        {
            if (digit is < (byte)'0' or > (byte)'7') throw new InvalidDataException("a number in a tar header is malformed");
            number = (number * 8) + (digit - '0');
        }

        return number;
    }

    private static long? Seconds(long seconds) => Math.Abs((double)seconds) < 9e9 ? seconds * 1_000_000_000 : null;
    private static ReadOnlySpan<byte> Text(ReadOnlySpan<byte> field) => field.IndexOf((byte)0) is >= 0 and var end ? field[..end] : field;
    private static long Padding(long size) => (Block - (size % Block)) % Block;

    private static async ValueTask ReadExactlyAsync(Stream tar, byte[] buffer, CancellationToken cancellationToken)
    {
        var count = await tar.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        if (count < buffer.Length) throw new InvalidDataException("it ends before the end of the tar archive");
    }

    private static async ValueTask PadAsync(Stream tar, long bytes, bool mustBeZero, CancellationToken cancellationToken)
    {
        var padding = new byte[bytes];
        await ReadExactlyAsync(tar, padding, cancellationToken);
        if (mustBeZero && padding.AsSpan().ContainsAnyExcept((byte)0)) throw new InvalidDataException("the padding behind an entry was changed");
    }

    private static async ValueTask SkipAsync(Stream tar, long bytes, CancellationToken cancellationToken)
    {
        var buffer = new byte[Math.Min(bytes, 128 << 10)];
        while (bytes > 0)
        {
            var count = await tar.ReadAsync(buffer.AsMemory(0, (int)Math.Min(bytes, buffer.Length)), cancellationToken);
            if (count == 0) throw new InvalidDataException("it ends before the end of the tar archive");
            bytes -= count;
        }
    }

    /// <summary>To the very end: the checksums of the compression stand there.</summary>
    private static async ValueTask DrainAsync(Stream tar, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 << 10];
        int count;
        while ((count = await tar.ReadAsync(buffer, cancellationToken)) > 0)
        {
            if (buffer.AsSpan(0, count).ContainsAnyExcept((byte)0)) throw new InvalidDataException("something follows the end of the tar archive");
        }
    }

    /// <summary>What the extended headers before an entry say about it.</summary>
    private sealed class Extended
    {
        public byte[]? Path { get; private set; }
        public byte[]? Target { get; private set; }
        public long? Size { get; private set; }
        public long? ModifiedAtNanoseconds { get; private set; }
        public bool IsSparse { get; private set; }

        public void Take(byte type, byte[] data)
        {
            if (type == 'L') Path = Text(data).ToArray();
            if (type == 'K') Target = Text(data).ToArray();
            if (type is not ((byte)'x' or (byte)'g')) return;
            for (ReadOnlySpan<byte> rest = data; rest.Length > 0;)
            {
                var record = Record(rest, out var length);
                var equals = record.IndexOf((byte)'=');
                if (equals < 0) throw new InvalidDataException("a pax header is malformed");
                TakeRecord(type, record[..equals], record[(equals + 1)..]);
                rest = rest[length..];
            }
        }

        /// <summary>"length keyword=value\n", the length counting all of it.</summary>
        private static ReadOnlySpan<byte> Record(ReadOnlySpan<byte> rest, out int length)
        {
            if (!Utf8Parser.TryParse(rest, out length, out var digits) || length <= digits + 1 || length > rest.Length || rest[digits] != ' ' || rest[length - 1] != '\n')
                throw new InvalidDataException("a pax header is malformed");
            return rest[(digits + 1)..(length - 1)];
        }

        private void TakeRecord(byte type, ReadOnlySpan<byte> keyword, ReadOnlySpan<byte> value)
        {
            var matters = keyword.SequenceEqual("path"u8) || keyword.SequenceEqual("linkpath"u8) || keyword.SequenceEqual("size"u8);
            if (type == 'g')
            {
                if (matters) throw new InvalidDataException("a global pax header renames or resizes entries");
                return;
            }

            if (keyword.SequenceEqual("path"u8)) Path = value.ToArray();
            else if (keyword.SequenceEqual("linkpath"u8)) Target = value.ToArray();
            else if (keyword.SequenceEqual("size"u8)) Size = Utf8Parser.TryParse(value, out long size, out var used) && used == value.Length && size >= 0 ? size : throw new InvalidDataException("a pax header is malformed");
            else if (keyword.SequenceEqual("mtime"u8)) ModifiedAtNanoseconds = Nanoseconds(Encoding.ASCII.GetString(value));
            else if (keyword.StartsWith("GNU.sparse."u8)) IsSparse = true;
        }

        private static long? Nanoseconds(string text) =>
            decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && Math.Abs(seconds) < 9_000_000_000
                ? (long)decimal.Floor(seconds * 1_000_000_000) : null;
    }

    private sealed class Section(Stream tar, long length) : ReadOnlyStream
    {
        public long Left { get; private set; } = length;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var wished = (int)Math.Min(Left, buffer.Length);
            if (wished == 0) return 0;
            var count = await tar.ReadAsync(buffer[..wished], cancellationToken);
            if (count == 0) throw new InvalidDataException("it ends before the end of the tar archive");
            Left -= count;
            return count;
        }
    }
}
