namespace BackupGuard.Verification.Drills;

/// <summary>A path below the restored folder that cannot leave it, as written in a probe: parts separated by '/'.</summary>
public sealed record RestoredPath
{
    private RestoredPath(string text) => Text = text;

    private string Text { get; }
    public IReadOnlyList<string> Parts => Text.Split('/');

    public static bool TryParse(string text, out RestoredPath path, out string refusal)
    {
        path = new RestoredPath(text);
        refusal = text switch
        {
            "" => "the path is empty",
            _ when text.Length > 4096 => "the path is longer than 4096 characters",
            _ when text[0] == '/' => "the path is absolute; write it relative to the restored folder",
            _ when text.Contains('\0', StringComparison.Ordinal) => "the path holds a NUL character",
            _ when text.Split('/').Any(p => p is "" or "." or "..") => "a part of the path is empty, \".\" or \"..\"",
            _ when OperatingSystem.IsWindows() && text.AsSpan().IndexOfAny('\\', ':') >= 0 => "the path holds a character that Windows reads as a separator",
            _ => "",
        };
        return refusal.Length == 0;
    }

    public override string ToString() => Text;
}

public enum RestoredKind { File, Directory, Link, Other }

/// <param name="Path">Relative to the restored folder, parts separated by '/'.</param>
public readonly record struct RestoredEntry(string Path, RestoredKind Kind, long LengthBytes, DateTimeOffset ModifiedAt);

/// <summary>What lies in the sandbox after a restore.</summary>
/// <remarks>
/// <list type="bullet">
/// <item>No member may follow a symbolic link, neither at the end of a path nor on the way.</item>
/// <item>The listing MUST be lazy and MUST name every entry once; what cannot be read ends it with a <see cref="SandboxException"/>: a listing that misses something is not a listing.</item>
/// <item>Every failure MUST be a <see cref="SandboxException"/>.</item>
/// </list>
/// </remarks>
public interface IRestoredFiles
{
    IEnumerable<RestoredEntry> List();

    /// <returns>Null when nothing of that name is there. A link or a folder is a <see cref="SandboxException"/>.</returns>
    Stream? OpenRead(RestoredPath path);
}

/// <summary>The sandbox could not do its part. It says nothing about the backup.</summary>
public sealed class SandboxException(string message, Exception? inner = null) : Exception(message, inner);
