namespace BackupGuard.Evidence.Packs;

/// <summary>The files of a pack or of a log, wherever they lie. Implementations MUST hold every name to <see cref="PackLimits"/> and MUST follow no link.</summary>
public interface IEvidenceFiles
{
    /// <summary>Names with forward slashes.</summary>
    IReadOnlyCollection<string> Names { get; }

    /// <exception cref="EvidenceException">The file is larger than it may be (BG2032), or cannot be read (BG2030).</exception>
    ReadOnlyMemory<byte> Read(string name);
}

/// <summary>How much of somebody else's files is looked at (FORMAT.md, section 11).</summary>
public static class PackLimits
{
    public const int ArchiveBytes = 256 * 1024 * 1024;
    public const long UnpackedBytes = 512L * 1024 * 1024;
    public const int FileBytes = 16 * 1024 * 1024;
    public const int Files = 40_000;
    public const int NameBytes = 128;

    /// <summary>Times that a compressed file may grow.</summary>
    public const int Ratio = 100;

    /// <summary>Letters a to z, digits, dot, underscore and hyphen in parts that slashes divide, none of them empty, "." or "..".</summary>
    public static bool IsName(string name) =>
        name.Length is > 0 and <= NameBytes && name.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '.' or '_' or '-' or '/')
        && name.Split('/').All(p => p is not ("" or "." or ".."));
}
