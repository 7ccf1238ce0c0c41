using System.Globalization;
using System.Text.RegularExpressions;
using BackupGuard.Agent.Stores;
using BackupGuard.Verification.Formats.Driven;
using BackupGuard.Verification.Formats.PgBackRest;

namespace BackupGuard.Agent;

/// <summary><c>format:location</c>, as in restic:/srv/backup or restic:s3:https://host/bucket/prefix.</summary>
public sealed partial record RepositoryAddress(string Format, string Location)
{
    public static readonly IReadOnlyList<string> Formats = ["restic", "files", "postgres", "borg", PgBackRestRepository.Format, CommandRepository.Format];

    /// <exception cref="UsageException">Not an address, or of a format that this version does not read.</exception>
    public static RepositoryAddress Parse(string text)
    {
        var colon = text.IndexOf(':');
        if (colon <= 0 || colon == text.Length - 1)
            throw new UsageException($"'{text}' is not a repository address. Write the format, a colon and the location: restic:/srv/backup or files:/srv/export.");
        var format = text[..colon];
        if (!Formats.Contains(format)) throw new UsageException($"The format '{format}' is not known. This version reads: {string.Join(", ", Formats)}.");
        var location = text[(colon + 1)..];
        if (format == PgBackRestRepository.Format) CheckStanza(text, location);
        else if (format == CommandRepository.Format) CheckAdapter(text, location);
        else StoreOpener.Check(location);
        return new RepositoryAddress(format, location);
    }

    /// <summary>Whether somebody else's program reads it.</summary>
    public static bool IsDriven(string address) => address.Split(':')[0] is PgBackRestRepository.Format or CommandRepository.Format;

    /// <summary>The stanza and the number of the repository in pgBackRest's configuration.</summary>
    public (string Stanza, int Repository) Stanza => Location.Split('/') is [var stanza, var number] ? (stanza, int.Parse(number, CultureInfo.InvariantCulture)) : (Location, 1);

    private static void CheckStanza(string text, string location)
    {
        if (!StanzaName().IsMatch(location)) throw new UsageException($"'{text}': write pgbackrest: and the stanza's name, and behind a slash the number of its repository when that is not 1 (pgbackrest:dpi/2).");
    }

    private static void CheckAdapter(string text, string location)
    {
        if (!Path.IsPathFullyQualified(location) || location.Contains('\0', StringComparison.Ordinal)) throw new UsageException($"'{text}': write command: and the full path of the adapter (command:/usr/local/lib/backupguard/adapter).");
    }

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}(/[1-9][0-9]{0,2})?\z", RegexOptions.CultureInvariant)]
    private static partial Regex StanzaName();

    public override string ToString() => $"{Format}:{Location}";
}

/// <summary>The command or the configuration is wrong: exit code 2, one sentence, no trace.</summary>
public sealed class UsageException(string message) : Exception(message);
