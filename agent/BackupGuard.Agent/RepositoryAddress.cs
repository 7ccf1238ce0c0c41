using BackupGuard.Agent.Stores;

namespace BackupGuard.Agent;

/// <summary><c>format:location</c>, as in restic:/srv/backup or restic:s3:https://host/bucket/prefix.</summary>
public sealed record RepositoryAddress(string Format, string Location)
{
    public static readonly IReadOnlyList<string> Formats = ["restic", "files", "postgres", "borg"];

    /// <exception cref="UsageException">Not an address, or of a format that this version does not read.</exception>
    public static RepositoryAddress Parse(string text)
    {
        var colon = text.IndexOf(':');
        if (colon <= 0 || colon == text.Length - 1)
            throw new UsageException($"'{text}' is not a repository address. Write the format, a colon and the location: restic:/srv/backup or files:/srv/export.");
        var format = text[..colon];
        if (!Formats.Contains(format)) throw new UsageException($"The format '{format}' is not known. This version reads: {string.Join(", ", Formats)}.");
        var location = text[(colon + 1)..];
        StoreOpener.Check(location);
        return new RepositoryAddress(format, location);
    }

    public override string ToString() => $"{Format}:{Location}";
}

/// <summary>The command or the configuration is wrong: exit code 2, one sentence, no trace.</summary>
public sealed class UsageException(string message) : Exception(message);
