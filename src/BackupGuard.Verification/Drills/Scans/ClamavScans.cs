using System.Globalization;
using System.Text.RegularExpressions;

namespace BackupGuard.Verification.Drills.Scans;

/// <summary>Runs a <see cref="ClamavScan"/> and judges what clamscan says of itself: how many signatures, how many files, which limits. Where there is a fit clamd, it is asked.</summary>
/// <param name="daemons">What reaches clamd; null where this agent never does.</param>
public sealed partial class ClamavScans(IClamdSockets? daemons, TimeProvider clock) : IProbeRunner
{
    private const int MostOutputBytes = 8 << 20;
    internal const string LimitReached = "Heuristics.Limits.Exceeded";

    public bool CanRun(Probe probe) => probe is ClamavScan;

    public async Task<ProbeAnswer> RunAsync(Probe probe, ProbeScene scene, CancellationToken cancellationToken)
    {
        var scan = (ClamavScan)probe;
        if (daemons is not null && await DaemonAsync(daemons, clock, scan, scene, cancellationToken) is { } answer) return answer;
        if (scan.Socket is not null) throw new SandboxException("this agent cannot ask a clamd");
        var room = await scene.Room(cancellationToken);
        var version = await room.RunAsync(new RoomCommand(["clamscan", "--version", "--database=" + scan.Database]), cancellationToken);
        // As the room's root: a file without rights must be looked at, too.
        var end = await room.RunAsync(new RoomCommand([
            "clamscan", "--recursive", "--infected", "--database=" + scan.Database, "--follow-dir-symlinks=0", "--follow-file-symlinks=0", "--alert-exceeds-max=yes",
            "--max-filesize=2000M", "--max-scansize=2000M", "--tempdir=" + room.Scratch, room.Restored,
        ]) { Timeout = scan.Timeout, AsRoot = true, MostOutputBytes = MostOutputBytes }, cancellationToken);
        // It counts no empty file, for there is nothing in it.
        var files = scene.Restored.List().LongCount(e => e is { Kind: RestoredKind.File, LengthBytes: > 0 });
        return Judge(scan, version.OutputText, end, room.Restored + "/", files, scene.StartedAt);
    }

    /// <returns>Null where clamscan has to look.</returns>
    private static async Task<ProbeAnswer?> DaemonAsync(IClamdSockets daemons, TimeProvider clock, ClamavScan scan, ProbeScene scene, CancellationToken cancellationToken)
    {
        if (scan.Socket is { } named) return await new ClamdScan(scan, scene, daemons, clock, named).RunAsync(cancellationToken);
        if (!scan.MayFindDaemon || await daemons.FindAsync(cancellationToken) is not { } found) return null;
        var daemon = new ClamdScan(scan, scene, daemons, clock, found);
        // One that nobody named and that is not fit is passed over: clamscan tells more of itself.
        return await daemon.UnfitAsync(cancellationToken) is null ? await daemon.RunAsync(cancellationToken) : null;
    }

    public Task<Said?> SpoilAsync(Probe probe, ProbeScene scene, CancellationToken cancellationToken) => Hits.PlantAsync(scene, ((ClamavScan)probe).Sample, cancellationToken);

    internal static ProbeAnswer Judge(ClamavScan scan, string version, RoomEnd end, string below, long files, DateTimeOffset now)
    {
        var all = Hit().Matches(end.OutputText).Select(m => (Path: m.Groups["path"].Value is var p && p.StartsWith(below, StringComparison.Ordinal) ? p[below.Length..] : p, Signature: m.Groups["name"].Value)).ToList();
        var hits = all.Where(h => !h.Signature.StartsWith(LimitReached, StringComparison.Ordinal)).ToList();
        var exceeded = all.Where(h => h.Signature.StartsWith(LimitReached, StringComparison.Ordinal)).Select(h => h.Path).Distinct(StringComparer.Ordinal).Count();
        var (signatures, looked, errors) = (Number(end.OutputText, "Known viruses"), Number(end.OutputText, "Scanned files"), Number(end.OutputText, "Total errors") ?? 0);
        var age = AgeOf(version, now);
        var measures = new Dictionary<string, double> { ["files"] = looked ?? 0, ["signatures"] = signatures ?? 0, ["over the limits"] = exceeded };
        if (age is { } days) measures["signatures' age in days"] = Math.Round(days.TotalDays, 1);

        if (hits.Count > 0) return Hits.Found("ClamAV", hits, measures);
        var open = end.TimedOut ? new Said("it did not end in time", "elle n’a pas fini à temps")
            : signatures is null or 0 ? new Said($"it has no signatures (exit code {end.ExitCode})", $"elle n’a pas de signatures (code de sortie {end.ExitCode})")
            : files == 0 ? Hits.NothingThere
            : !(looked >= files) || errors > 0 ? new Said($"it looked at {looked ?? 0} of {files} files", $"elle a examiné {looked ?? 0} fichiers sur {files}")
            : exceeded > 0 && !scan.MayExceedLimits ? new Said($"its limits kept it from looking at all of {exceeded} files", $"ses limites l’ont empêchée d’examiner tout de {exceeded} fichiers")
            : end.ExitCode is not (0 or 1) ? new Said($"it ended with exit code {end.ExitCode}", $"elle a fini avec le code de sortie {end.ExitCode}")
            : scan.MaxAge is not { } oldest ? (Said?)null
            : age is null || age < -AClockApart ? new Said("nobody knows how old its signatures are", "on ne sait pas de quand datent ses signatures")
            : age > oldest ? new Said(string.Create(CultureInfo.InvariantCulture, $"its signatures are {age.Value.TotalDays:0} days old"), string.Create(CultureInfo.InvariantCulture, $"ses signatures ont {age.Value.TotalDays:0} jours"))
            : null;
        if (open is { } why) return new(Verdict.Inconclusive, new("the scan says nothing: " + why.English, "l’analyse ne dit rien\u00a0: " + why.French)) { Measures = measures };
        var aside = exceeded == 0 ? new Said("", "") : new($"; {exceeded} only in part, for its limits", $"\u00a0; {exceeded} en partie seulement, à cause de ses limites");
        return new(Verdict.Proved, new($"nothing found in {looked} files by {signatures} signatures{aside.English}", $"rien trouvé dans {looked} fichiers par {signatures} signatures{aside.French}")) { Measures = measures };
    }

    /// <summary>Signatures of tomorrow may be a zone's; later ones say that a clock is wrong, and then nobody knows their age.</summary>
    internal static readonly TimeSpan AClockApart = TimeSpan.FromDays(1);

    /// <summary>"ClamAV 1.4.3/27500/Thu Nov 20 08:33:41 2025" where official signatures are there. It names no zone; a day more or less does not matter.</summary>
    internal static TimeSpan? AgeOf(string version, DateTimeOffset now) =>
        version.Split('/') is [_, _, var date, ..] && DateTimeOffset.TryParseExact(date.Trim(), ["ddd MMM d HH:mm:ss yyyy", "ddd MMM dd HH:mm:ss yyyy"], CultureInfo.InvariantCulture, DateTimeStyles.AllowInnerWhite | DateTimeStyles.AssumeUniversal, out var made)
            ? now - made
            : null;

    /// <summary>From the summary, which comes last: a file's name could hold such a line.</summary>
    private static long? Number(string output, string what) =>
        output.LastIndexOf($"\n{what}: ", StringComparison.Ordinal) is var at and >= 0 && long.TryParse(output.AsSpan(at + what.Length + 3, output.IndexOf('\n', at + 1) is var end and >= 0 ? end - at - what.Length - 3 : output.Length - at - what.Length - 3), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;

    [GeneratedRegex(@"^(?<path>.+): (?<name>\S+) FOUND$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Hit();
}
