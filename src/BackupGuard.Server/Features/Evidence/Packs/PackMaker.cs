using System.Text;
using BackupGuard.Evidence;
using BackupGuard.Evidence.Packs;
using BackupGuard.Server.Features.Evidence.TimeStamps;
using BackupGuard.Server.Persistence;
using BackupGuard.Server.Ui.Texts;

namespace BackupGuard.Server.Features.Evidence.Packs;

/// <summary>A pack that was made.</summary>
/// <param name="Records">Entries in it.</param>
internal sealed record MadePack(byte[] Zip, int Records, Checkpoint Head, NoteKey LogKey);

/// <summary>Makes evidence packs out of the log. Reads and checks the whole log each time: nothing is handed out as proof that was not looked at.</summary>
internal sealed class PackMaker(IEvidenceLog log, EvidenceQueries queries, StoredCheckpoints checkpoints, StoredTimeStamps timeStamps, ServerIdentity identity, TimeProvider clock) : IDisposable
{
    /// <summary>Earlier checkpoints in a pack: enough to find one that somebody printed.</summary>
    private const int MostEarlier = 32;

    // It reads the whole log: one at a time leaves the other processor to the agents.
    private readonly SemaphoreSlim making = new(1);

    /// <param name="withheld">Whether an entry is not for the one who asks; null: everything is.</param>
    /// <exception cref="PackRefusedException">Nothing was found, too much, something that is withheld, or the log is not intact.</exception>
    public async Task<MadePack> MakeAsync(PackOrder order, CancellationToken stop, Func<EvidenceEntry, Task<bool>>? withheld = null)
    {
        await making.WaitAsync(stop);
        try
        {
            return await Task.Run(() => Make(order, withheld, stop), stop);
        }
        catch (EvidenceException e)
        {
            throw Damaged(e.Problem);
        }
        finally
        {
            making.Release();
        }
    }

    public void Dispose() => making.Dispose();

    private async Task<MadePack> Make(PackOrder order, Func<EvidenceEntry, Task<bool>>? withheld, CancellationToken stop)
    {
        if (queries.Head() is not { } head) throw Nothing();
        var note = Encoding.UTF8.GetBytes(head.Note);
        var (tree, lines, asOf) = (new TreeInMemory(), new List<LogLine>(), clock.GetUtcNow());
        var received = new Queue<DateTimeOffset>();
        var trust = new LogTrust { LogKey = identity.LogKey, Keys = [new KeyRegistration(EvidenceEntry.ServerOrigin, identity.Key.PublicKey)], Now = asOf };
        var report = LogVerifier.Verify(Records(head.Size, tree, received, stop), [note], trust, (index, entry) => lines.Add(LogLine.Of(index, entry.Entry, received.Dequeue())));
        // A gap that nobody declared is named in the pack; whatever else is wrong makes every entry doubtful.
        if (report.Problems.FirstOrDefault(p => p.Severity == ProblemSeverity.Error && p.Kind != EvidenceProblems.CounterGap) is { } wrong) throw Damaged(wrong);
        var selection = PackSelection.Of(lines, order.Scope, report.Gaps);
        if (selection.IsEmpty) throw Nothing();
        if (selection.Records.Count > EvidencePack.MaxRecords) throw TooMany(selection.Records.Count);

        var entries = new SortedDictionary<long, LoggedEntry>();
        foreach (var record in selection.Records)
        {
            var entry = await ReadAsync(record.Index, stop);
            if (withheld is not null && await withheld(entry.Entry)) throw new PackRefusedException(new PackRefusal(PackRefusalKind.Withheld, PackTexts.Withheld, PackTexts.WithheldMeans, PackTexts.WithheldToDo));
            entries.Add(record.Index, entry);
        }

        var covered = Spread([.. selection.Records.Where(r => r.Why.Contains(PackReasons.Selected)).Select(r => r.Index)]).Append(selection.Records[^1].Index).ToArray();
        var made = new PackView(order, selection, entries, asOf, new Ui.LogHead(head.Size, head.Root.ToString()), identity.LogKey.ToString());
        var zip = EvidencePack.Write(
            new PackContents
            {
                Scope = order.Scope,
                Selection = selection,
                AsOf = asOf,
                Head = note,
                Tree = tree,
                Record = index => new StoredRecord(index, entries[index].Verified.Bytes, entries[index].Verified.Signature),
                Earlier = [.. checkpoints.Covering(covered), .. checkpoints.Mailed(head.Size)],
                TimeStamps = timeStamps.Covering(covered, head.Size),
                Pages = await PackPages.RenderAsync(made),
            },
            identity.Key, identity.LogKey.Name);
        return new MadePack(zip, selection.Records.Count, Checkpoint.Verify(note, identity.LogKey), identity.LogKey);
    }

    private IEnumerable<StoredRecord> Records(long size, TreeInMemory tree, Queue<DateTimeOffset> received, CancellationToken stop)
    {
        foreach (var entry in log.ReadAsync(0, stop).ToBlockingEnumerable(stop))
        {
            // What came in since the head was read belongs to the next pack.
            if (entry.Sequence >= size) yield break;
            tree.Append(MerkleTree.HashLeaf(entry.Verified.Bytes.Span));
            received.Enqueue(entry.ReceivedAt);
            yield return new StoredRecord(entry.Sequence, entry.Verified.Bytes, entry.Verified.Signature);
        }
    }

    private async Task<LoggedEntry> ReadAsync(long index, CancellationToken stop)
    {
        await foreach (var entry in log.ReadAsync(index, stop))
        {
            if (entry.Sequence == index) return entry;
            break;
        }
        throw new LogDamagedException($"the entry {index} was there a moment ago and is not any more.");
    }

    /// <summary>The first, the last, and others evenly between.</summary>
    private static IEnumerable<long> Spread(long[] indexes) => indexes.Length <= MostEarlier
        ? indexes
        : Enumerable.Range(0, MostEarlier).Select(i => indexes[(int)((long)i * (indexes.Length - 1) / (MostEarlier - 1))]);

    private static PackRefusedException Nothing() => new(new PackRefusal(PackRefusalKind.Nothing, PackTexts.NothingFound, PackTexts.NothingFoundMeans, PackTexts.NothingFoundToDo));

    private static PackRefusedException TooMany(int count) => new(new PackRefusal(
        PackRefusalKind.TooMany,
        PackRefusal.Fill(PackTexts.TooMany, language => [("count", new Ui.Reader(language, TimeZoneInfo.Utc).Number(count)), ("limit", new Ui.Reader(language, TimeZoneInfo.Utc).Number(EvidencePack.MaxRecords))]),
        PackTexts.TooManyMeans, PackTexts.TooManyToDo));

    private static PackRefusedException Damaged(EvidenceProblem problem) => new(new PackRefusal(
        PackRefusalKind.Damaged, PackRefusal.Fill(PackTexts.Damaged, language => [("problem", $"{problem.Code} {problem.Message(language == Ui.Language.French ? "fr" : "en")}")]), PackTexts.DamagedMeans, PackTexts.DamagedToDo));
}
