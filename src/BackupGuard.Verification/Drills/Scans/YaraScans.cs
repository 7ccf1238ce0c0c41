using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace BackupGuard.Verification.Drills.Scans;

/// <summary>Runs a <see cref="YaraScan"/>. yara does not say how many files it looked at: a rule of our own matches every file and is counted.</summary>
public sealed partial class YaraScans : IProbeRunner
{
    private const int MostOutputBytes = 8 << 20;

    /// <summary>$1 is our rule's name; the rest is the program. Only hits, the count and the exit code leave the pipe.</summary>
    private const string Script = """
        looked=$1; shift
        { "$@"; printf '%s ended %s\n' "$looked" "$?"; } | awk -v looked="$looked" 'index($0, looked " ./") == 1 { n++; next } index($0, looked " ended ") == 1 { print looked " files " n + 0 } { print }'
        """;

    public bool CanRun(Probe probe) => probe is YaraScan;

    public async Task<ProbeAnswer> RunAsync(Probe probe, ProbeScene scene, CancellationToken cancellationToken)
    {
        var scan = (YaraScan)probe;
        var room = await scene.Room(cancellationToken);
        // Not to be guessed: a file's name could hold a line of this output.
        var looked = "looked_" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(12));
        room.Write("looked.yar", Encoding.ASCII.GetBytes($"rule {looked} {{ condition: true }}\n"));
        var installed = await room.RunAsync(new RoomCommand(["yara", "--version"]), cancellationToken);
        if (!installed.Succeeded) throw new SandboxException(string.Create(CultureInfo.InvariantCulture, $"yara does not run here (exit code {installed.ExitCode})"));
        var end = await room.RunAsync(new RoomCommand(["/bin/sh", "-c", Script, "sh", looked, "yara", "--recursive", "--no-follow-symlinks", "--no-warnings", scan.Rules, room.Scratch + "/looked.yar", "."])
        {
            Timeout = scan.Timeout, AsRoot = true, MostOutputBytes = MostOutputBytes,
        }, cancellationToken);
        return Judge(end, looked, scene.Restored.List().LongCount(e => e.Kind == RestoredKind.File));
    }

    public Task<Said?> SpoilAsync(Probe probe, ProbeScene scene, CancellationToken cancellationToken) =>
        ((YaraScan)probe).Sample is { } sample ? Hits.PlantAsync(scene, sample, cancellationToken) : Task.FromResult<Said?>(null);

    internal static ProbeAnswer Judge(RoomEnd end, string looked, long files)
    {
        var (seen, code) = (Number(end.OutputText, looked + " files "), Number(end.OutputText, looked + " ended "));
        var measures = new Dictionary<string, double> { ["files"] = seen ?? 0 };
        var hits = Hit().Matches(end.OutputText).Select(m => (m.Groups["path"].Value, m.Groups["rule"].Value)).Where(h => h.Item2 != looked).ToList();
        if (hits.Count > 0) return Hits.Found("YARA", hits, measures);
        var open = end.TimedOut ? new Said("it did not end in time", "elle n’a pas fini à temps")
            : code is null ? new Said("it was cut off", "elle a été interrompue")
            : code != 0 ? new Said($"it ended with exit code {code}; try the rules with yara by hand", $"elle a fini avec le code de sortie {code}\u00a0; essayez les règles avec yara à la main")
            : files == 0 ? Hits.NothingThere
            : !(seen >= files) ? new Said($"it looked at {seen ?? 0} of {files} files", $"elle a examiné {seen ?? 0} fichiers sur {files}")
            : (Said?)null;
        return open is { } why
            ? new(Verdict.Inconclusive, new("the scan says nothing: " + why.English, "l’analyse ne dit rien\u00a0: " + why.French)) { Measures = measures }
            : new(Verdict.Proved, new($"nothing found in {seen} files", $"rien trouvé dans {seen} fichiers")) { Measures = measures };
    }

    private static long? Number(string output, string before) =>
        output.LastIndexOf(before, StringComparison.Ordinal) is var at and >= 0 && long.TryParse(output.AsSpan(at + before.Length).Trim().ToString().Split('\n')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    [GeneratedRegex(@"^(?<rule>[A-Za-z_][A-Za-z0-9_]*) \./(?<path>.+)$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Hit();
}
