namespace BackupGuard.Verification.Formats.FileSet;

public enum FileSetKind { File, Directory, SymbolicLink }

/// <summary>One thing that was there when the set was sealed.</summary>
/// <param name="Path">Bytes, parts separated by '/', without a leading one. Not yet judged: a manifest may hold names that nobody should restore.</param>
public sealed record FileSetEntry(byte[] Path, FileSetKind Kind)
{
    /// <summary>Of a file, in bytes; 0 otherwise.</summary>
    public long Size { get; init; }

    /// <summary>Of a file's content, 32 bytes; empty otherwise.</summary>
    public byte[] Sha256 { get; init; } = [];

    /// <summary>Permission and set-id bits (07777), or null when they were not known.</summary>
    public int? Mode { get; init; }

    /// <summary>Nanoseconds since 1970-01-01 UTC, or null when it was not known.</summary>
    public long? ModifiedAtNanoseconds { get; init; }

    /// <summary>Of a symbolic link, as written in it; empty otherwise.</summary>
    public byte[] Target { get; init; } = [];

    /// <summary>Files of one number are one file with several names.</summary>
    public int? LinkGroup { get; init; }

    /// <summary>The path as text; null when it is not valid UTF-8.</summary>
    public string? PathText => FileSetText.OrNull(Path);

    /// <summary>Lossy, for people.</summary>
    public string Shown => System.Text.Encoding.UTF8.GetString(Path);
}

internal static class FileSetText
{
    private static readonly System.Text.UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    public static string? OrNull(byte[] bytes) => System.Text.Unicode.Utf8.IsValid(bytes) ? Strict.GetString(bytes) : null;

    public static byte[] Bytes(string text) => Strict.GetBytes(text);
}
