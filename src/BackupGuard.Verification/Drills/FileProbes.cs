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

    /// <summary>Damage that each of them must see: files gone, one bit turned, old dates.</summary>
    public Task<Said?> SpoilAsync(Probe probe, ProbeScene scene, CancellationToken cancellationToken) => Task.FromResult(scene.Damage is not { } damage ? null : probe switch
    {
        CountProbe { MinFiles: null or 0, MinBytes: null or 0 } => (Said?)null,
        CountProbe => DeleteAll(e => e.Kind == RestoredKind.File, scene, damage, cancellationToken),
        ExistsProbe exists => DeleteAll(e => exists.Glob.Matches(e.Path), scene, damage, cancellationToken),
        Sha256Probe sha256 => TurnBit(sha256.Path, damage),
        NewestProbe newest => Age(newest, scene, damage, cancellationToken),
        _ => null,
    });

    private static Said DeleteAll(Func<RestoredEntry, bool> chosen, ProbeScene scene, IDamage damage, CancellationToken cancellationToken)
    {
        var deleted = 0;
        foreach (var path in PathsOf(scene, chosen, cancellationToken))
        {
            damage.Delete(path);
            deleted++;
        }
        return new($"{deleted} entries deleted", $"{deleted} éléments supprimés");
    }

    private static Said TurnBit(RestoredPath path, IDamage damage)
    {
        using var stream = damage.OpenWrite(path);
        var last = stream.Length == 0 ? 0 : stream.Length - 1;
        stream.Position = last;
        var old = stream.ReadByte();
        stream.Position = last;
        stream.WriteByte((byte)(old < 0 ? 1 : old ^ 1));
        return new("one bit of the file turned", "un bit du fichier inversé");
    }

    private static Said Age(NewestProbe probe, ProbeScene scene, IDamage damage, CancellationToken cancellationToken)
    {
        var old = scene.StartedAt - probe.MaxAge - TimeSpan.FromDays(1);
        foreach (var path in PathsOf(scene, e => e.Kind == RestoredKind.File, cancellationToken)) damage.SetModified(path, old);
        return new("every file dated before the limit", "chaque fichier daté d’avant la limite");
    }

    /// <summary>The whole list before the first is touched: the listing is lazy.</summary>
    private static List<RestoredPath> PathsOf(ProbeScene scene, Func<RestoredEntry, bool> chosen, CancellationToken cancellationToken)
    {
        var paths = new List<RestoredPath>();
        foreach (var entry in scene.Restored.List())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (chosen(entry) && RestoredPath.TryParse(entry.Path, out var path, out _)) paths.Add(path);
        }
        return paths;
    }

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
        if (newest is null && future == 0) return new ProbeAnswer(Verdict.Failed, new("there is no file at all", "il n’y a aucun fichier"));
        if (newest is not { } at)
            return new ProbeAnswer(Verdict.Inconclusive, new($"all {future} files are dated after the start of the drill", $"les {future} fichiers sont tous datés d’après le début de l’exercice"));
        var age = scene.StartedAt - at;
        var (aside, asideFr) = future == 0 ? ("", "") : ($"; {future} files dated in the future were left aside", $" ; {future} fichiers datés du futur ont été écartés");
        return new ProbeAnswer(age <= probe.MaxAge ? Verdict.Proved : Verdict.Failed, new(
            string.Create(CultureInfo.InvariantCulture, $"the newest file is {age.TotalHours:0.0} h old, at most {probe.MaxAge.TotalHours:0.##} h expected{aside}"),
            string.Create(CultureInfo.GetCultureInfo("fr-FR"), $"le fichier le plus récent a {age.TotalHours:0.0} h, au plus {probe.MaxAge.TotalHours:0.##} h attendues{asideFr}")));
    }
}
