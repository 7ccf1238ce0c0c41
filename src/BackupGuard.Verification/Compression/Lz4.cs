namespace BackupGuard.Verification.Compression;

/// <summary>Decodes one LZ4 block ("LZ4 Block Format Description", lz4 project): no frame, no length, no checksum.</summary>
public static class Lz4
{
    private const int ShortestMatch = 4;

    /// <summary>Decodes into <paramref name="buffer"/>, which grows with what is really there, up to <paramref name="limitBytes"/>.</summary>
    /// <param name="buffer">Kept by the caller between calls; on return its first <paramref name="written"/> bytes are the content.</param>
    /// <returns>False when the block is malformed, ends too early or holds more than the limit.</returns>
    public static bool TryDecode(ReadOnlySpan<byte> source, ref byte[] buffer, int limitBytes, out int written)
    {
        written = 0;
        int at = 0, to = 0;
        while (at < source.Length)
        {
            var token = source[at++];
            if (!TryLength(source, ref at, token >> 4, limitBytes, out var literals) || literals > source.Length - at || !TryReserve(ref buffer, to, literals, limitBytes)) return false;
            source.Slice(at, literals).CopyTo(buffer.AsSpan(to));
            at += literals;
            to += literals;
            // The last sequence has no match; it must end exactly with the block.
            if (at == source.Length)
            {
                written = to;
                return true;
            }
            if (source.Length - at < 2) return false;
            var offset = source[at] | (source[at + 1] << 8);
            at += 2;
            if (offset == 0 || offset > to) return false;
            if (!TryLength(source, ref at, token & 15, limitBytes, out var match) || !TryReserve(ref buffer, to, match + ShortestMatch, limitBytes)) return false;
            CopyMatch(buffer.AsSpan(0, to + match + ShortestMatch), to, offset);
            to += match + ShortestMatch;
        }
        // A block ends with literals, so never here; an empty block is none.
        return false;
    }

    private static bool TryLength(ReadOnlySpan<byte> source, ref int at, int first, int limit, out int length)
    {
        length = first;
        if (first < 15) return true;
        byte more;
        do
        {
            if (at >= source.Length || length > limit) return false;
            more = source[at++];
            length += more;
        }
        while (more == 255);
        return true;
    }

    private static bool TryReserve(ref byte[] buffer, int used, int wanted, int limit)
    {
        if (wanted > limit - used) return false;
        if (wanted > buffer.Length - used) Array.Resize(ref buffer, (int)Math.Min(Math.Max(2L * buffer.Length, used + (long)wanted), limit));
        return true;
    }

    /// <summary>A match may overlap what it writes: then a pattern repeats.</summary>
    internal static void CopyMatch(Span<byte> output, int to, int distance)
    {
        var length = output.Length - to;
        while (length > distance)
        {
            output.Slice(to - distance, distance).CopyTo(output[to..]);
            to += distance;
            length -= distance;
            // Twice the pattern is a pattern too.
            distance *= 2;
        }
        output.Slice(to - distance, length).CopyTo(output[to..]);
    }
}
