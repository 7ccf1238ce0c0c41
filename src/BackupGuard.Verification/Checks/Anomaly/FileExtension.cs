using System.Collections.Frozen;
using System.Text;

namespace BackupGuard.Verification.Checks.Anomaly;

/// <summary>What stands behind the last dot of a name, in lower case, cut to 16 bytes. Numbers ("app.log.3", "part.001") are all one extension.</summary>
public readonly record struct FileExtension
{
    private readonly UInt128 packed;

    private FileExtension(UInt128 packed) => this.packed = packed;

    public static FileExtension None => default;

    /// <summary>Stands for all numbers.</summary>
    public static FileExtension Number { get; } = Of("x.#"u8);

    /// <summary>Stands for those beyond the bound on different extensions.</summary>
    public static FileExtension Other { get; } = Of("x.…"u8);

    public static FileExtension Of(ReadOnlySpan<byte> name)
    {
        var dot = name.LastIndexOf((byte)'.');
        // ".profile" is a name, not an extension.
        if (dot <= 0 || dot == name.Length - 1) return None;
        var letters = name[(dot + 1)..];
        if (letters.Length > 16) letters = letters[..16];
        UInt128 packed = 0;
        var number = true;
        foreach (var c in letters)
        {
            var lower = c is >= (byte)'A' and <= (byte)'Z' ? (byte)(c | 0x20) : c;
            number &= lower is >= (byte)'0' and <= (byte)'9' or (byte)'-' or (byte)'_';
            packed = (packed << 8) | lower;
        }
        return number ? Number : new FileExtension(packed);
    }

    public static FileExtension Of(string path) => Of(Encoding.UTF8.GetBytes(path[(path.LastIndexOf('/') + 1)..]));

    public static FileExtension Parse(string text) => text.Length == 0 ? None : Of(Encoding.UTF8.GetBytes("x." + text));

    /// <summary>Suffixes that rotation, packing and editing add every day: they never count as novel.</summary>
    public bool IsEveryday => this == None || this == Number || this == Other || Everyday.Contains(this);

    private static readonly FrozenSet<FileExtension> Everyday =
        ((string[])["gz", "bz2", "xz", "zst", "lz4", "zip", "7z", "bak", "old", "orig", "tmp", "part", "log", "txt", "pdf", "docx", "xlsx", "csv", "jpg", "jpeg", "png", "dcm", "xml", "json"])
        .Select(Parse).ToFrozenSet();

    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[16];
        var length = 0;
        for (var i = 15; i >= 0; i--)
            if ((byte)((packed >> (8 * i)) & 0xFF) is var c and not 0) bytes[length++] = c;
        return Encoding.UTF8.GetString(bytes[..length]);
    }
}

/// <summary>How many files have which extension. A source with a million different ones stays bounded.</summary>
internal sealed class ExtensionCounts
{
    private const int MostKinds = 4096;
    private readonly Dictionary<FileExtension, long> counts = [];

    public long Total { get; private set; }
    public IReadOnlyDictionary<FileExtension, long> ByExtension => counts;

    public void Add(FileExtension extension)
    {
        Total++;
        if (counts.Count >= MostKinds && !counts.ContainsKey(extension)) extension = FileExtension.Other;
        counts[extension] = counts.GetValueOrDefault(extension) + 1;
    }

    public void Remove(FileExtension extension)
    {
        if (counts.GetValueOrDefault(extension) is not (> 0 and var count)) return;
        counts[extension] = count - 1;
        Total--;
    }

    public long this[FileExtension extension] => counts.GetValueOrDefault(extension);

    /// <summary>Total variation distance of the two mixtures: 0 for the same, 1 for nothing in common.</summary>
    public static double Shift(ExtensionCounts before, ExtensionCounts now)
    {
        if (before.Total == 0 || now.Total == 0) return 0;
        return 0.5 * before.counts.Keys.Union(now.counts.Keys).Sum(e => Math.Abs((double)before[e] / before.Total - (double)now[e] / now.Total));
    }
}

/// <summary>Names of the files that extortionists leave. Short on purpose: long public lists are full of harmless names.</summary>
internal static class NoteNames
{
    private static readonly string[] Said =
    [
        "howtodecrypt", "howtorecover", "howtorestore", "howtobackfiles", "decryptinstruction", "decryptfiles", "decryptmyfiles", "recoveryourfiles", "recoverfiles", "restorefiles",
        "restoremyfiles", "restoreyourfiles", "filesencrypted", "filesareencrypted", "yourfilesare", "readmefordecrypt", "readmetodecrypt", "readmetorestore", "readmetorecover", "unlockfiles",
        "ransomnote", "helpdecrypt", "helprestore", "commentdechiffrer", "fichierschiffres",
    ];

    public static bool IsNote(string name)
    {
        if (name.Length is < 6 or > 80) return false;
        var dot = name.LastIndexOf('.');
        if (dot > 0 && name[dot..].ToUpperInvariant() is not (".TXT" or ".HTML" or ".HTA" or ".HTM" or ".RTF" or ".URL" or ".PNG" or ".BMP" or ".JPG")) return false;
        var letters = string.Concat((dot > 0 ? name[..dot] : name).Where(char.IsAsciiLetter)).ToLowerInvariant();
        return Array.Exists(Said, s => letters.Contains(s, StringComparison.Ordinal));
    }
}
