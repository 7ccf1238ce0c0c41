using System.Globalization;

namespace BackupGuard.Verification.Drills.Engines.Directories;

/// <summary>Counts entries with ldapsearch, inside the room: no DN and no value leaves it.</summary>
/// <param name="connection">Address and identity, as ldapsearch takes them.</param>
internal sealed class LdapCount(IDrillRoom room, IReadOnlyList<string> connection, TimeSpan timeout)
{
    // The exit code is the search's own, not that of the last program of a pipe.
    private const string Script = """
        out=$1; pattern=$2; shift 2
        "$@" > "$out" 2>/dev/null; code=$?
        grep "$pattern" "$out" | cut -d' ' -f2- | LC_ALL=C sort | tail -n 1
        grep -c '^dn:' "$out"
        rm -f "$out"
        exit $code
        """;

    /// <param name="scope">base, one or sub.</param>
    public Task<LdapCounted> EntriesAsync(string root, string scope, string filter, CancellationToken cancellationToken, params string[] controls) =>
        SearchAsync(root, scope, filter, "1.1", controls, cancellationToken);

    /// <summary>Counts, and finds the largest value of an attribute as text.</summary>
    public Task<LdapCounted> LargestAsync(string root, string scope, string filter, string attribute, CancellationToken cancellationToken, params string[] controls) =>
        SearchAsync(root, scope, filter, attribute, controls, cancellationToken);

    private async Task<LdapCounted> SearchAsync(string root, string scope, string filter, string attribute, string[] controls, CancellationToken cancellationToken)
    {
        List<string> run = ["/bin/sh", "-c", Script, "sh", room.Scratch + "/ldapsearch.out", $"^{attribute}: ", "ldapsearch", "-LLL", "-o", "ldif_wrap=no", .. connection, .. controls];
        run.AddRange(["-b", root, "-s", scope, filter, attribute]);
        var end = await room.RunAsync(new RoomCommand(run) { Timeout = timeout, WorkingFolder = room.Scratch }, cancellationToken);
        var lines = end.OutputText.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return lines is [.. var values, var last] && long.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out var entries)
            ? new LdapCounted(end.ExitCode, end.TimedOut, entries, values is [var largest] ? largest : null)
            : new LdapCounted(end.ExitCode, end.TimedOut, null, null);
    }
}

/// <param name="ResultCode">LDAP result code, or 255 where no server answered (ldapsearch's own).</param>
/// <param name="Entries">Null where nothing was counted.</param>
internal sealed record LdapCounted(int ResultCode, bool TimedOut, long? Entries, string? Largest)
{
    public const int NoSuchObject = 32;
    public const int InvalidCredentials = 49;
    public bool Answered => ResultCode == 0 && !TimedOut && Entries is not null;
}
