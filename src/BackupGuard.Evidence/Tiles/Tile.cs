using System.Globalization;

namespace BackupGuard.Evidence.Tiles;

/// <summary>What a static file of the log holds.</summary>
public enum TileKind
{
    /// <summary>Hashes of the tree, 32 bytes each.</summary>
    Hashes,

    /// <summary>Entries, each after its length.</summary>
    Entries,

    /// <summary>The signatures of the same entries in the same order, each after its length. Ours: the specification knows no signatures.</summary>
    Signatures,
}

/// <summary>One static file of the log (C2SP tlog-tiles; FORMAT.md, section 10).</summary>
/// <param name="Level">Of the tile, 0 for leaves: its hashes are those of level 8 × <paramref name="Level"/> of the tree. Always 0 for entries and signatures.</param>
/// <param name="Index">Position among the tiles of that level, from 0.</param>
/// <param name="Width">Hashes, entries or signatures in it, 1 to 256.</param>
public readonly record struct Tile(TileKind Kind, int Level, long Index, int Width)
{
    public const int FullWidth = 256;

    /// <summary>Levels of the tree that one level of tiles spans.</summary>
    public const int Height = 8;

    /// <summary>The largest level that the specification names.</summary>
    public const int MaxLevel = 63;

    public const string Folder = "tile/";

    public bool IsPartial => Width < FullWidth;

    /// <summary>Entry, or hash of its level, that the tile begins with.</summary>
    public long First => Index * FullWidth;

    /// <summary>Name of the file, such as <c>tile/0/x001/x234/067</c> or <c>tile/entries/000.p/3</c>.</summary>
    public string Path
    {
        get
        {
            var kind = Kind switch
            {
                TileKind.Hashes => Level.ToString(CultureInfo.InvariantCulture),
                TileKind.Entries => "entries",
                TileKind.Signatures => "signatures",
            };
            return $"{Folder}{kind}/{Numbered(Index)}{(IsPartial ? $".p/{Width.ToString(CultureInfo.InvariantCulture)}" : "")}";
        }
    }

    /// <summary>All tiles of a log of this size, the rightmost of a level partial where it is not full.</summary>
    public static IEnumerable<Tile> Of(long size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        foreach (var kind in new[] { TileKind.Entries, TileKind.Signatures })
            foreach (var tile in Row(kind, 0, size)) yield return tile;
        var count = size;
        for (var level = 0; count > 0; level++, count /= FullWidth)
            foreach (var tile in Row(TileKind.Hashes, level, count)) yield return tile;
    }

    /// <summary>Reads a file's name; false for every other spelling than <see cref="Path"/> would give.</summary>
    public static bool TryParse(string path, out Tile tile)
    {
        tile = default;
        if (!path.StartsWith(Folder, StringComparison.Ordinal)) return false;
        var parts = path[Folder.Length..].Split('/');
        var width = FullWidth;
        if (parts.Length >= 3 && parts[^2].EndsWith(".p", StringComparison.Ordinal))
        {
            if (!TryNumber(parts[^1], FullWidth - 1, out var partial) || partial == 0) return false;
            width = (int)partial;
            parts = [.. parts[..^2], parts[^2][..^2]];
        }
        if (parts.Length is < 2 or > 7) return false;
        long index = 0;
        foreach (var (part, last) in parts.Skip(1).Select((p, i) => (p, i == parts.Length - 2)))
        {
            var digits = last ? part : part.StartsWith('x') ? part[1..] : "";
            if (digits.Length != 3 || !digits.All(char.IsAsciiDigit)) return false;
            index = index * 1000 + int.Parse(digits, CultureInfo.InvariantCulture);
        }
        long level = 0;
        var kind = parts[0] switch { "entries" => TileKind.Entries, "signatures" => TileKind.Signatures, _ => TileKind.Hashes };
        if (kind == TileKind.Hashes && !TryNumber(parts[0], MaxLevel, out level)) return false;
        tile = new Tile(kind, (int)level, index, width);
        return tile.Path == path;
    }

    private static IEnumerable<Tile> Row(TileKind kind, int level, long count)
    {
        for (long index = 0; index < count / FullWidth; index++) yield return new Tile(kind, level, index, FullWidth);
        if (count % FullWidth is > 0 and var rest) yield return new Tile(kind, level, count / FullWidth, (int)rest);
    }

    // Groups of three digits; all but the last begin with an x, so that no file has the name of a folder.
    private static string Numbered(long index)
    {
        var path = (index % 1000).ToString("000", CultureInfo.InvariantCulture);
        for (index /= 1000; index > 0; index /= 1000) path = $"x{(index % 1000).ToString("000", CultureInfo.InvariantCulture)}/{path}";
        return path;
    }

    private static bool TryNumber(string text, long largest, out long value) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value <= largest && value.ToString(CultureInfo.InvariantCulture) == text;
}
