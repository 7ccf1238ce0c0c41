using System.Globalization;
using BackupGuard.Evidence;
using BackupGuard.Verification;

namespace BackupGuard.Agent.Spool;

/// <summary>What a spool's folder says when it is opened: where the chain stands, what waits, and what was wrong.</summary>
internal sealed class SpoolState
{
    private const int MaxFindings = 1000;

    private readonly ISpoolFileSystem files;
    private readonly string folder;
    private readonly EvidencePublicKey key;
    private readonly DateTimeOffset now;
    private readonly List<(string From, string To)> aside = [];
    private bool headsDamaged;

    private SpoolState(ISpoolFileSystem files, string folder, EvidencePublicKey key, DateTimeOffset now)
    {
        this.files = files;
        this.folder = folder;
        this.key = key;
        this.now = now;
    }

    public SpoolHead? Head { get; private set; }
    public long LastCounter { get; private set; }
    public Hash256? LastHash { get; private set; }
    public DateTimeOffset LastRecordedAt { get; private set; } = DateTimeOffset.MinValue;
    public SortedSet<long> Pending { get; } = [];
    public SortedSet<long> Sent { get; } = [];
    public List<Finding> Findings { get; } = [];

    /// <summary>Counters of entries that were recorded and cannot be delivered any more.</summary>
    public List<long> Missing { get; } = [];

    /// <exception cref="IOException">The spool belongs to another key, or nothing in it tells the counter any more.</exception>
    public static SpoolState Read(ISpoolFileSystem files, string folder, EvidencePublicKey key, DateTimeOffset now)
    {
        var state = new SpoolState(files, folder, key, now);
        // A name that was renamed but not flushed before a crash must be durable before it is believed.
        files.FlushDirectory(folder);
        state.ReadHeads();
        var damaged = state.ReadEntries();
        state.FindMissing(damaged);
        return state;
    }

    private void ReadHeads()
    {
        var found = 0;
        foreach (var name in SpoolFiles.Heads)
        {
            var path = Path.Combine(folder, name);
            if (!files.ListFiles(folder).Contains(path)) continue;
            found++;
            if (TryRead(path, () => SpoolFiles.ReadHead(files, path)) is { } head && head.Counter >= (Head?.Counter ?? 0)) Head = head;
        }
        headsDamaged = Head is null && found > 0;
        if (headsDamaged && !files.ListFiles(folder).Any(f => SpoolFiles.Recognise(Path.GetFileName(f)) is not null))
            throw new IOException($"The spool {folder} no longer knows its counter: both copies of its head are damaged and no entry is left. Restore the folder from a copy, or move it away, delete the agent's key and enrol the agent again.");
        if (Head is { } known && known.Key != key.KeyId)
            throw new IOException($"The spool {folder} belongs to the key {known.Key}, and this agent's key is {key.KeyId}. Put the earlier key back, or move the folder away and enrol the agent again.");
        if (Head is not { } last) return;
        (LastCounter, LastHash, LastRecordedAt) = (last.Counter, last.LastHash, last.RecordedAt);
    }

    /// <returns>Counters that the names of damaged files claim.</returns>
    private SortedSet<long> ReadEntries()
    {
        var damaged = new SortedSet<long>();
        foreach (var path in files.ListFiles(folder).Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileName(path);
            if (name == SpoolFiles.Lock || SpoolFiles.Heads.Contains(name)) continue;
            // Nobody was told of what is still under its temporary name.
            if (name.EndsWith(SpoolFiles.TemporaryExtension, StringComparison.Ordinal)) { files.Delete(path); continue; }
            if (SpoolFiles.Recognise(name) is not var (counter, isSent)) { SetAside(path, "its name is none of the spool"); continue; }
            if (TryRead(path, () => SpoolFiles.ReadEntry(files, path, counter, key)) is not { } entry)
            {
                // A delivered entry is safe on the server.
                if (!isSent) damaged.Add(counter);
                continue;
            }
            (isSent ? Sent : Pending).Add(counter);
            if (counter > LastCounter) (LastCounter, LastHash, LastRecordedAt) = (counter, entry.Hash, entry.Entry.RecordedAt);
        }
        return damaged;
    }

    /// <summary>Everything behind the head must be there. A damaged file right behind the last entry keeps its counter: it was perhaps sent, and a counter is never used twice.</summary>
    private void FindMissing(SortedSet<long> damaged)
    {
        while (damaged.Contains(LastCounter + 1)) LastCounter++;
        var first = headsDamaged && Pending.Count + Sent.Count > 0 ? Pending.Concat(Sent).Min() : (Head?.Counter ?? 0) + 1;
        for (var counter = first; counter <= LastCounter && Findings.Count < MaxFindings; counter++)
        {
            if (Pending.Contains(counter) || Sent.Contains(counter)) continue;
            Missing.Add(counter);
            Findings.Add(SpoolFindings.Missing.At(counter.ToString(CultureInfo.InvariantCulture)));
        }
    }

    private T? TryRead<T>(string path, Func<T> read) where T : class
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            // A sector that cannot be read is damage like any other: the file is kept, and the rest of the spool goes on.
            SetAside(path, e.Message.TrimEnd('.'));
            return null;
        }
    }

    private void SetAside(string path, string reason)
    {
        var place = Path.Combine(folder, SpoolFiles.Aside, $"{now.UtcDateTime:yyyyMMdd'T'HHmmssfff'Z'}-{Path.GetFileName(path)}");
        aside.Add((path, place));
        if (Findings.Count < MaxFindings)
            Findings.Add(SpoolFindings.SetAside.At(Path.GetFileName(path), ("reason", reason), ("place", Path.GetRelativePath(folder, place))));
    }

    /// <summary>Moves what does not belong here out of the way. Called after the findings were recorded: until then a crash must find the files again.</summary>
    public void MoveAside()
    {
        foreach (var (from, to) in aside) files.Rename(from, to);
        if (aside.Count > 0) files.FlushDirectory(Path.Combine(folder, SpoolFiles.Aside));
    }
}
