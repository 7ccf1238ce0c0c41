using System.Globalization;
using System.Security.Cryptography;

namespace BackupGuard.Verification.Drills;

/// <summary>The probes that need nothing but the restored files: count, exists, sha256, newest.</summary>
public sealed class FileProbes : IProbeRunner
{
    public bool CanRun(Probe probe) => probe is CountProbe or ExistsProbe or Sha256Probe or NewestProbe;

    public async Task<ProbeAnswer> RunAsync(Probe probe, ProbeScene scene, CancellationToken cancellationToken) => probe switch
    {
        CountProbe count => Count(count, scene),
        ExistsProbe exists => Exists(exists, scene, cancellationToken),
        Sha256Probe sha256 => await Sha256Async(sha256, scene, cancellationToken),
        NewestProbe newest => Newest(newest, scene, cancellationToken),
        _ => throw new ArgumentException($"Not a probe of files: {probe.Kind}.", nameof(probe)),
    };

    private static ProbeAnswer Count(CountProbe probe, ProbeScene scene)
    {
        var within = scene.Files >= (probe.MinFiles ?? 0) && scene.Files <= (probe.MaxFiles ?? long.MaxValue)
            && scene.Bytes >= (probe.MinBytes ?? 0) && scene.Bytes <= (probe.MaxBytes ?? long.MaxValue);
        var bounds = string.Join(", ", Bounds(probe.MinFiles, probe.MaxFiles, "files"), Bounds(probe.MinBytes, probe.MaxBytes, "bytes"));
        var boundsFr = string.Join(", ", Bounds(probe.MinFiles, probe.MaxFiles, "fichiers"), Bounds(probe.MinBytes, probe.MaxBytes, "octets"));
        return new ProbeAnswer(within ? Verdict.Proved : Verdict.Failed, new(
            string.Create(CultureInfo.InvariantCulture, $"{scene.Files} files and {scene.Bytes} bytes restored, expected {bounds}"),
            string.Create(CultureInfo.InvariantCulture, $"{scene.Files} fichiers et {scene.Bytes} octets restaurés, attendu {boundsFr}")));
    }

    private static string Bounds(long? min, long? max, string unit) =>
        string.Create(CultureInfo.InvariantCulture, $"{min ?? 0}..{(max is { } m ? m.ToString(CultureInfo.InvariantCulture) : "")} {unit}");

    private static ProbeAnswer Exists(ExistsProbe probe, ProbeScene scene, CancellationToken cancellationToken)
    {
        foreach (var entry in scene.Restored.List())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (probe.Glob.Matches(entry.Path))
                return new ProbeAnswer(Verdict.Proved, new($"{Printable.Of(entry.Path)} is there", $"{Printable.Of(entry.Path)} est présent"));
        }
        return new ProbeAnswer(Verdict.Failed, new($"nothing matches {probe.Glob}", $"rien ne correspond à {probe.Glob}"));
    }

    private static async Task<ProbeAnswer> Sha256Async(Sha256Probe probe, ProbeScene scene, CancellationToken cancellationToken)
    {
        await using var stream = scene.Restored.OpenRead(probe.Path);
        if (stream is null) return new ProbeAnswer(Verdict.Failed, new("the file is not there", "le fichier est absent"));
        string actual;
        try
        {
            actual = Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken));
        }
        catch (IOException e)
        {
            throw new SandboxException($"{probe.Path} could not be read: {e.Message}", e);
        }
        return actual == probe.Sha256
            ? new ProbeAnswer(Verdict.Proved, new("the content is as expected", "le contenu est celui attendu"))
            : new ProbeAnswer(Verdict.Failed, new($"its SHA-256 is {actual}, expected {probe.Sha256}", $"son SHA-256 est {actual}, attendu {probe.Sha256}"));
    }

    /// <remarks>Files dated after the start of the drill do not count: a single wrong date would hide stale data for ever.</remarks>
    private static ProbeAnswer Newest(NewestProbe probe, ProbeScene scene, CancellationToken cancellationToken)
    {
        DateTimeOffset? newest = null;
        long future = 0;
        foreach (var entry in scene.Restored.List())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (entry.Kind != RestoredKind.File) continue;
            if (entry.ModifiedAt > scene.StartedAt) future++;
            else if (newest is null || entry.ModifiedAt > newest) newest = entry.ModifiedAt;
        }
        if (newest is not { } at)
            return new ProbeAnswer(Verdict.Inconclusive, new($"all {future} files are dated after the start of the drill", $"les {future} fichiers sont tous datés d’après le début de l’exercice"));
        var age = scene.StartedAt - at;
        var (aside, asideFr) = future == 0 ? ("", "") : ($"; {future} files dated in the future were left aside", $" ; {future} fichiers datés du futur ont été écartés");
        return new ProbeAnswer(age <= probe.MaxAge ? Verdict.Proved : Verdict.Failed, new(
            string.Create(CultureInfo.InvariantCulture, $"the newest file is {age.TotalHours:0.0} h old, at most {probe.MaxAge.TotalHours:0.##} h expected{aside}"),
            string.Create(CultureInfo.GetCultureInfo("fr-FR"), $"le fichier le plus récent a {age.TotalHours:0.0} h, au plus {probe.MaxAge.TotalHours:0.##} h attendues{asideFr}")));
    }
}
