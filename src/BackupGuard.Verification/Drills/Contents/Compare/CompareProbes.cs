using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace BackupGuard.Verification.Drills.Contents.Compare;

/// <summary>Compares a sample of the live source with the restored copy.</summary>
/// <remarks>
/// <list type="bullet">
/// <item>The sample is drawn from the source, so that what the backup leaves out is found. It depends on the snapshot alone: asked again, the same files are compared, and of the next snapshot others.</item>
/// <item>A file touched after the snapshot was taken is counted and not compared. A difference counts only if the file is still untouched when everything was compared.</item>
/// </list>
/// </remarks>
/// <param name="openSource">The folder as it lies on this machine, where the time of a file is that of its last change of any kind (its status included: a moved file keeps its own date).</param>
public sealed class CompareProbes(Func<string, IRestoredFiles> openSource, TimeProvider clock) : IProbeRunner
{
    private const int MostCompared = 100_000;
    private const int MostNamed = 20;

    private static readonly Words Missing = new("was not restored", "n’a pas été restauré");
    private static readonly Words Different = new("was restored with another content", "a été restauré avec un autre contenu");

    public bool CanRun(Probe probe) => probe is CompareProbe;

    public Task<ProbeAnswer> RunAsync(Probe probe, ProbeScene scene, CancellationToken cancellationToken)
    {
        var compare = (CompareProbe)probe;
        if (scene.Snapshot is not { } snapshot)
            return Task.FromResult(new ProbeAnswer(Verdict.Inconclusive, new("nobody knows when the snapshot was taken, so that nothing of the source can be compared", "on ne sait pas quand l’instantané fut pris, rien de la source n’est donc comparable")));
        var (sample, touched) = Sample(compare, snapshot, cancellationToken);
        var began = clock.GetTimestamp();
        var (compared, unread, wrong) = (0, 0, new Dictionary<string, Words>(StringComparer.Ordinal));
        foreach (var path in sample)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (clock.GetElapsedTime(began) > compare.Timeout)
                throw new SandboxException(string.Create(CultureInfo.InvariantCulture, $"{compared} of {sample.Count} files were compared in {compare.Timeout.TotalSeconds:0} s"));
            if (Compare(compare, path, scene, cancellationToken) is not { } answer)
            {
                unread++;
                continue;
            }
            compared++;
            if (answer.En is not null) wrong[path] = answer;
        }
        if (wrong.Count > 0) Recheck(compare, snapshot, wrong, cancellationToken);
        return Task.FromResult(Judge(compare, compared, touched, unread, wrong));
    }

    public Task<Said?> SpoilAsync(Probe probe, ProbeScene scene, CancellationToken cancellationToken)
    {
        var compare = (CompareProbe)probe;
        if (scene.Damage is not { } damage || scene.Snapshot is not { } snapshot) return Task.FromResult<Said?>(null);
        foreach (var path in Sample(compare, snapshot, cancellationToken).Sample)
        {
            if (RestoredAt(compare, path) is not { } restored) continue;
            using var stream = damage.OpenWrite(restored);
            var first = stream.ReadByte();
            stream.Position = 0;
            stream.WriteByte((byte)(first < 0 ? 1 : first ^ 1));
            return Task.FromResult<Said?>(new("one bit of one compared file turned", "un bit d’un fichier comparé inversé"));
        }
        return Task.FromResult<Said?>(null);
    }

    /// <summary>The files with the smallest hashes over snapshot and path: as good as random, and the same each time.</summary>
    private (List<string> Sample, long Touched) Sample(CompareProbe probe, SnapshotSummary snapshot, CancellationToken cancellationToken)
    {
        var chosen = new PriorityQueue<string, ulong>(Comparer<ulong>.Create((a, b) => b.CompareTo(a)));
        var (touched, most) = (0L, probe.Share is null ? probe.Count : MostCompared);
        foreach (var entry in Live(probe))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (entry.Kind != RestoredKind.File || !probe.Glob.Matches(entry.Path)) continue;
            if (entry.ModifiedAt > snapshot.TakenAt) { touched++; continue; }
            var hash = BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"{snapshot.Id}\n{entry.Path}")));
            if (probe.Share is { } share && hash / (double)ulong.MaxValue > share) continue;
            chosen.Enqueue(entry.Path, hash);
            if (chosen.Count > most) chosen.Dequeue();
        }
        return ([.. chosen.UnorderedItems.Select(i => i.Element).Order(StringComparer.Ordinal)], touched);
    }

    private IEnumerable<RestoredEntry> Live(CompareProbe probe)
    {
        using var entries = openSource(probe.Source).List().GetEnumerator();
        while (true)
        {
            try
            {
                if (!entries.MoveNext()) yield break;
            }
            catch (SandboxException e)
            {
                throw new SandboxException($"the source {probe.Source} could not be listed: {e.InnerException?.Message ?? e.Message}", e);
            }
            yield return entries.Current;
        }
    }

    /// <returns>What is wrong (empty words when nothing is), or null where the live file cannot be read.</returns>
    private Words? Compare(CompareProbe probe, string path, ProbeScene scene, CancellationToken cancellationToken)
    {
        if (!RestoredPath.TryParse(path, out var livePath, out _) || RestoredAt(probe, path) is not { } restoredPath) return null;
        using var live = OpenLive(probe, livePath);
        if (live is null) return null;
        using var restored = scene.Restored.OpenRead(restoredPath);
        try
        {
            return restored is null ? Missing : AreSame(live, restored, cancellationToken) ? default(Words) : Different;
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Null where we may not read it, or where it is no regular file any more: nothing is known of it.</summary>
    private Stream? OpenLive(CompareProbe probe, RestoredPath path)
    {
        try
        {
            return openSource(probe.Source).OpenRead(path);
        }
        catch (SandboxException)
        {
            return null;
        }
    }

    private static RestoredPath? RestoredAt(CompareProbe probe, string path) => RestoredPath.TryParse(probe.Below is { } below ? $"{below}/{path}" : path, out var restored, out _) ? restored : null;

    private static bool AreSame(Stream live, Stream restored, CancellationToken cancellationToken)
    {
        if (live.Length != restored.Length) return false;
        var (a, b) = (new byte[64 * 1024], new byte[64 * 1024]);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (x, y) = (live.ReadAtLeast(a, a.Length, throwOnEndOfStream: false), restored.ReadAtLeast(b, b.Length, throwOnEndOfStream: false));
            if (!a.AsSpan(0, x).SequenceEqual(b.AsSpan(0, y))) return false;
            if (x == 0) return true;
        }
    }

    /// <summary>Somebody may have saved the file while it was compared.</summary>
    private void Recheck(CompareProbe probe, SnapshotSummary snapshot, Dictionary<string, Words> wrong, CancellationToken cancellationToken)
    {
        var untouched = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entry in Live(probe))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (wrong.ContainsKey(entry.Path) && entry.ModifiedAt <= snapshot.TakenAt) untouched.Add(entry.Path);
        }
        foreach (var path in wrong.Keys.Except(untouched).ToList()) wrong.Remove(path);
    }

    private static ProbeAnswer Judge(CompareProbe probe, int compared, long touched, int unread, Dictionary<string, Words> wrong)
    {
        var measures = new Dictionary<string, double> { ["compared"] = compared, ["different"] = wrong.Count, ["changed since"] = touched, ["unreadable"] = unread };
        var aside = touched == 0 ? new Said("", "") : new($"; {touched} were changed since the snapshot and left aside", $"\u00a0; {touched} ont changé depuis l’instantané et sont mis de côté");
        if (wrong.Count > 0)
            return new(Verdict.Failed, new($"{wrong.Count} of {compared} files differ from the source{aside.English}", $"{wrong.Count} fichiers sur {compared} diffèrent de la source{aside.French}"))
            {
                Measures = measures, Findings = [.. wrong.Take(MostNamed).Select(w => DrillFindings.DiffersFromSource.AtPath(w.Key, ("how", w.Value)))],
            };
        if (compared < probe.AtLeast)
            return new(Verdict.Inconclusive, new($"only {compared} files could be compared, at least {probe.AtLeast} expected{aside.English}", $"{compared} fichiers seulement ont pu être comparés, au moins {probe.AtLeast} attendus{aside.French}")) { Measures = measures };
        return new(Verdict.Proved, new($"{compared} files are as in the source{aside.English}", $"{compared} fichiers sont comme dans la source{aside.French}")) { Measures = measures };
    }
}
