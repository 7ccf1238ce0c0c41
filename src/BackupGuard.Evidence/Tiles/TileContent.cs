using System.Buffers.Binary;

namespace BackupGuard.Evidence.Tiles;

/// <summary>The bytes of tiles: written from a stored tree and its records, read back strictly.</summary>
public static class TileContent
{
    /// <summary>32 bytes for each hash of the tile.</summary>
    public static byte[] Hashes(ITreeReader tree, Tile tile)
    {
        var bytes = new byte[tile.Width * Hash256.Length];
        for (var i = 0; i < tile.Width; i++) tree.Read(tile.Level * Tile.Height, tile.First + i).CopyTo(bytes.AsSpan(i * Hash256.Length));
        return bytes;
    }

    /// <summary>Each part after its length in two bytes, the higher one first.</summary>
    public static byte[] Bundle(IEnumerable<ReadOnlyMemory<byte>> parts)
    {
        var output = new MemoryStream();
        Span<byte> length = stackalloc byte[2];
        foreach (var part in parts)
        {
            BinaryPrimitives.WriteUInt16BigEndian(length, checked((ushort)part.Length));
            output.Write(length);
            output.Write(part.Span);
        }
        return output.ToArray();
    }

    /// <exception cref="EvidenceException">Not exactly as many parts as the tile is wide, each whole (BG2042).</exception>
    public static IReadOnlyList<ReadOnlyMemory<byte>> ReadBundle(ReadOnlyMemory<byte> bytes, Tile tile)
    {
        var parts = new List<ReadOnlyMemory<byte>>(tile.Width);
        while (!bytes.IsEmpty && parts.Count < tile.Width)
        {
            if (bytes.Length < 2) throw Malformed(tile, "the last length is cut off");
            var length = BinaryPrimitives.ReadUInt16BigEndian(bytes.Span);
            if (bytes.Length - 2 < length) throw Malformed(tile, "the last part is cut off");
            parts.Add(bytes.Slice(2, length));
            bytes = bytes[(2 + length)..];
        }
        if (parts.Count < tile.Width) throw Malformed(tile, "it holds fewer");
        return bytes.IsEmpty ? parts : throw Malformed(tile, "bytes follow the last part");
    }

    private static EvidenceException Malformed(Tile tile, string reason) => new(EvidenceProblems.BundleMalformed.At(tile.Path, ("width", tile.Width), ("reason", reason)));
}
