using System.Text;
using BackupGuard.Evidence.Packs;

namespace BackupGuard.Evidence.Tests;

internal sealed class FilesInMemory(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> files) : IEvidenceFiles
{
    public IReadOnlyCollection<string> Names { get; } = files.Keys.ToHashSet(StringComparer.Ordinal);

    public ReadOnlyMemory<byte> Read(string name) => files[name];
}

/// <summary>A pack taken apart, so that a test can change a part and put it together again, with or without the help of somebody who holds the server's key.</summary>
internal sealed class SamplePack
{
    public static readonly DateTimeOffset AsOf = Sample.Start.AddHours(12);
    public static readonly PackScope Everything = new([], [], null, null, null);

    private SamplePack(SampleLog log, SortedDictionary<string, byte[]> files) => (Log, Files) = (log, files);

    public SampleLog Log { get; }
    public SortedDictionary<string, byte[]> Files { get; }

    public PackManifest Manifest => PackManifest.Parse(Files[PackNames.Manifest]);

    public static SamplePack Of(SampleLog log, PackScope scope, params int[] earlier)
    {
        var archive = PackArchive.Open(Bytes(log, scope, log.Server.Key.Sign, earlier));
        return new SamplePack(log, new SortedDictionary<string, byte[]>(archive.Names.ToDictionary(n => n, n => archive.Read(n).ToArray()), StringComparer.Ordinal));
    }

    /// <param name="earlier">Which checkpoints of the log, besides the last one, go along.</param>
    public static byte[] Bytes(SampleLog log, PackScope scope, Func<ReadOnlySpan<byte>, byte[]> sign, params int[] earlier) => Bytes(log, scope, sign, log.Checkpoints[^1], earlier);

    public static byte[] Bytes(SampleLog log, PackScope scope, Func<ReadOnlySpan<byte>, byte[]> sign, ReadOnlyMemory<byte> head, params int[] earlier)
    {
        var gaps = LogVerifier.Verify(log.Records, log.Checkpoints, log.Trust, verified: null).Gaps;
        var lines = log.Records.Select((r, i) => LogLine.Of(i, EvidenceEntry.Parse(r.Entry), AsOf)).ToArray();
        return EvidencePack.Write(Contents(log, scope, PackSelection.Of(lines, scope, gaps), earlier, head), log.LogKey, sign);
    }

    /// <summary>A pack of records that were not chosen by rule: what only somebody who wishes us ill puts together.</summary>
    public static SamplePack OfRecords(SampleLog log, params (long Index, string Why)[] records) => OfRecords(log, [], records);

    public static SamplePack OfRecords(SampleLog log, PackGap[] gaps, params (long Index, string Why)[] records)
    {
        var selection = new PackSelection([.. records.Select(r => new PackRecord(r.Index, [r.Why]))], gaps, []);
        var archive = PackArchive.Open(EvidencePack.Write(Contents(log, Everything, selection, []), log.LogKey, log.Server.Key.Sign));
        return new SamplePack(log, new SortedDictionary<string, byte[]>(archive.Names.ToDictionary(n => n, n => archive.Read(n).ToArray()), StringComparer.Ordinal));
    }

    /// <summary>Every record of the log.</summary>
    public static SamplePack OfWhole(SampleLog log, params PackGap[] gaps) =>
        OfRecords(log, gaps, [.. log.Records.Select((_, i) => ((long)i, PackReasons.Selected))]);

    /// <summary>As the server writes it, with time stamps.</summary>
    public static byte[] Stamped(SampleLog log, params StampedCheckpoint[] stamps)
    {
        var lines = log.Records.Select((r, i) => LogLine.Of(i, EvidenceEntry.Parse(r.Entry), AsOf)).ToArray();
        var selection = PackSelection.Of(lines, Everything, LogVerifier.Verify(log.Records, log.Checkpoints, log.Trust, verified: null).Gaps);
        return EvidencePack.Write(Contents(log, Everything, selection, []) with { TimeStamps = stamps }, log.LogKey, log.Server.Key.Sign);
    }

    private static PackContents Contents(SampleLog log, PackScope scope, PackSelection selection, int[] earlier, ReadOnlyMemory<byte>? head = null) => new()
    {
        Scope = scope, Selection = selection, AsOf = AsOf, Head = head ?? log.Checkpoints[^1], Tree = log.Tree, Record = i => log.Records[(int)i],
        Earlier = [.. earlier.Select(i => log.Checkpoints[i])],
        Pages = new Dictionary<string, ReadOnlyMemory<byte>> { ["index.html"] = Encoding.UTF8.GetBytes("<!DOCTYPE html><title>Dossier</title>") },
    };

    /// <summary>As it is: the manifest is not made anew.</summary>
    public byte[] Zip() => PackArchive.Write(Files.Select(f => KeyValuePair.Create(f.Key, (ReadOnlyMemory<byte>)f.Value)));

    /// <summary>With a manifest that fits the files and is signed with the server's own key.</summary>
    public byte[] ZipSigned(Func<PackManifest, PackManifest>? change = null)
    {
        var manifest = Manifest with
        {
            Files = [.. Files.Where(f => f.Key is not (PackNames.Manifest or PackNames.ManifestSignature)).Select(f => new PackFile(f.Key, f.Value.Length, Hash256.Of(f.Value).ToString()))],
        };
        return ZipWith((change?.Invoke(manifest) ?? manifest).ToBytes());
    }

    public byte[] ZipWith(byte[] manifest)
    {
        Files[PackNames.Manifest] = manifest;
        Files[PackNames.ManifestSignature] = Log.Server.Key.Sign([.. PackManifest.SignaturePrefix, .. manifest]);
        return Zip();
    }

    /// <summary>Changes one bit of a file.</summary>
    public SamplePack Flip(string name, int at)
    {
        Files[name][at] ^= 1;
        return this;
    }

    public SamplePack Proof(long index, Func<TlogProof, TlogProof> change)
    {
        Files[PackNames.Proof(index)] = change(TlogProof.Parse(Files[PackNames.Proof(index)], "")).ToBytes();
        return this;
    }

    public SamplePack Without(long index)
    {
        Files.Remove(PackNames.Entry(index));
        Files.Remove(PackNames.Proof(index));
        return this;
    }
}

internal static class SampleStories
{
    /// <summary>Two agents, a loss that its agent declares, a run that is an exercise and one that is not, a key that is retired.</summary>
    public static SampleLog Full()
    {
        var log = new SampleLog();
        log.Register(log.Pharmacy);
        log.Register(log.Imaging);
        log.Seal();
        log.Drill(log.Pharmacy);
        log.Drill(log.Imaging, "failed");
        log.Seal();
        log.Add(log.Server.Sign("run.started", """{"mode":"Exercise","run":"r1"}"""));
        log.Add(log.Server.Sign("run.step-started", """{"run":"r1","step":"a"}"""));
        log.Add(log.Server.Sign("run.started", """{"mode":"Live","run":"r2"}"""));
        log.Pharmacy.Sign("drill.intent", "{}");    // lost with the disk
        log.Add(log.Pharmacy.Sign("spool.damage", """{"missing":[3]}"""));
        log.Drill(log.Pharmacy);
        log.Add(log.Imaging.Sign("drill.intent", """{"drill":"nuit"}"""));      // its result never came
        log.Seal();
        log.Retire(log.Imaging);
        log.Seal();
        return log;
    }
}
