using System.Text.Json;
using BackupGuard.Evidence;
using BackupGuard.Verification;

namespace BackupGuard.Agent.Spool;

/// <summary>An entry that waits for the server's receipt.</summary>
internal sealed record SpooledEntry(long Counter, ReadOnlyMemory<byte> Bytes, ReadOnlyMemory<byte> Signature)
{
    public required Hash256 Hash { get; init; }
    public required DateTimeOffset RecordedAt { get; init; }
}

/// <summary>
/// The agent's own log until the server has it: one file an entry, each durable before <see cref="Record"/> returns, given up only on the server's receipt.
/// </summary>
/// <remarks>
/// The rules, in the order in which they keep entries from being lost or numbered twice:
/// 1. An entry is written under a temporary name, flushed, renamed to NNNNNNNNNNNN.entry, and the folder flushed; only then its counter is used.
/// 2. The head (newest delivered counter and hash, in two copies) is durable before an entry counts as delivered. The file is then renamed to .sent; the newest are kept.
/// 3. Opening believes files, not memory: signature, counter and name of each must agree. What does not is first recorded as <c>spool.damage</c>, then moved to aside/.
/// 4. A counter that a damaged file claims right behind the last good entry is never used again: the log shows a gap there, not two entries.
/// </remarks>
internal sealed class DurableSpool : IEvidenceRecorder, IDisposable
{
    /// <summary>More waiting entries than this are reported; they are still taken.</summary>
    public const int BacklogWarning = 100_000;

    /// <summary>As many delivered entries are kept to know what was done last.</summary>
    public const int KeptSent = 256;


    private readonly Lock writing = new();
    private readonly ISpoolFileSystem files;
    private readonly string folder;
    private readonly EvidenceKey key;
    private readonly string origin;
    private readonly string softwareVersion;
    private readonly TimeProvider clock;
    private readonly IDisposable folderLock;
    private readonly SortedSet<long> pending;
    private readonly SortedSet<long> sent;
    private readonly List<Finding> findings;
    private long headCounter;
    private long lastCounter;
    private Hash256? lastHash;
    private DateTimeOffset lastRecordedAt;
    private TaskCompletionSource recorded = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private DurableSpool(ISpoolFileSystem files, string folder, EvidenceKey key, string origin, string softwareVersion, TimeProvider clock, IDisposable folderLock, SpoolState state)
    {
        (this.files, this.folder, this.key, this.origin, this.softwareVersion, this.clock, this.folderLock) = (files, folder, key, origin, softwareVersion, clock, folderLock);
        (pending, sent, findings) = (state.Pending, state.Sent, state.Findings);
        (headCounter, lastCounter, lastHash, lastRecordedAt) = (state.Head?.Counter ?? 0, state.LastCounter, state.LastHash, state.LastRecordedAt);
    }

    /// <param name="key">Signs the entries; not disposed by the spool.</param>
    /// <param name="origin"><c>agent:</c> and the agent's name.</param>
    /// <exception cref="IOException">Another process uses the folder, or it belongs to another key, or the disk refuses; the sentence says what to do.</exception>
    public static DurableSpool Open(string folder, EvidenceKey key, string origin, string softwareVersion, TimeProvider clock) =>
        Open(new SpoolDisk(), folder, key, origin, softwareVersion, clock);

    internal static DurableSpool Open(ISpoolFileSystem files, string folder, EvidenceKey key, string origin, string softwareVersion, TimeProvider clock)
    {
        try
        {
            files.CreateDirectory(folder);
            files.CreateDirectory(Path.Combine(folder, SpoolFiles.Aside));
            return OpenLocked(files, folder, key, origin, softwareVersion, clock, TakeLock(files, folder));
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException($"The spool {folder} cannot be used ({e.Message.TrimEnd('.')}). Give the agent's account the right to read and write there.", e);
        }
    }

    private static DurableSpool OpenLocked(
        ISpoolFileSystem files, string folder, EvidenceKey key, string origin, string softwareVersion, TimeProvider clock, IDisposable folderLock)
    {
        try
        {
            var state = SpoolState.Read(files, folder, key.PublicKey, clock.GetUtcNow());
            var spool = new DurableSpool(files, folder, key, origin, softwareVersion, clock, folderLock, state);
            if (state.Findings.Count > 0) spool.Record(DamageDeclaration.Type, "", DamagePayload(state), intent: null);
            state.MoveAside();
            return spool;
        }
        catch
        {
            folderLock.Dispose();
            throw;
        }
    }

    /// <summary>What was wrong with the folder when it was opened, and a backlog that is too long.</summary>
    public IReadOnlyList<Finding> Findings
    {
        get
        {
            lock (writing) return pending.Count > BacklogWarning ? [.. findings, SpoolFindings.Backlog.At(folder, ("count", pending.Count))] : [.. findings];
        }
    }

    public int PendingCount
    {
        get
        {
            lock (writing) return pending.Count;
        }
    }

    /// <inheritdoc/>
    public long Record(string type, string application, ReadOnlyMemory<byte> payload, long? intent)
    {
        lock (writing)
        {
            var now = clock.GetUtcNow();
            if (ClockJump.Happened(lastRecordedAt, now)) Append_NeedsLock(ClockJump.Type, "", ClockJump.Payload(lastRecordedAt, now), intent: null, now);
            return Append_NeedsLock(type, application, payload, intent, now);
        }
    }

    /// <summary>Completes when an entry is recorded after this call.</summary>
    public Task NextRecordAsync()
    {
        lock (writing) return recorded.Task;
    }

    /// <summary>Counters that wait, the smallest first.</summary>
    public IReadOnlyList<long> PendingCounters()
    {
        lock (writing) return [.. pending];
    }

    /// <summary>Reads a waiting entry back; null when its file was damaged since, which <see cref="Findings"/> then says.</summary>
    public SpooledEntry? Read(long counter)
    {
        lock (writing)
        {
            if (!pending.Contains(counter)) return null;
            var name = SpoolFiles.EntryName(counter);
            try
            {
                var entry = SpoolFiles.ReadEntry(files, Path.Combine(folder, name), counter, key.PublicKey);
                return new SpooledEntry(counter, entry.Bytes, entry.Signature) { Hash = entry.Hash, RecordedAt = entry.Entry.RecordedAt };
            }
            catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
            {
                // The file stays: the next start records the damage and sets it aside.
                pending.Remove(counter);
                findings.Add(e is FileNotFoundException ? SpoolFindings.Missing.At($"{counter}") : SpoolFindings.SetAside.At(name, ("reason", e.Message), ("place", name)));
                return null;
            }
        }
    }

    /// <summary>What this agent recorded last, the newest first, delivered or not: at least the last <see cref="KeptSent"/> entries, if they can be read.</summary>
    public IEnumerable<EvidenceEntry> Recent()
    {
        long[] counters;
        lock (writing) counters = [.. pending.Concat(sent).OrderDescending()];
        foreach (var counter in counters)
            if (ReadAnywhere(counter) is { } entry) yield return entry;
    }

    private EvidenceEntry? ReadAnywhere(long counter)
    {
        // Under the lock: an entry may be delivered, and renamed, meanwhile.
        lock (writing)
        {
            var name = pending.Contains(counter) ? SpoolFiles.EntryName(counter) : SpoolFiles.SentName(counter);
            try
            {
                return SpoolFiles.ReadEntry(files, Path.Combine(folder, name), counter, key.PublicKey).Entry;
            }
            catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
            {
                // Damaged since the start: the next one records it.
                return null;
            }
        }
    }

    /// <summary>The counter of the newest entry of this type whose payload's <c>run</c> is that id, or null.</summary>
    public long? FindIntent(string type, string run) => Recent().FirstOrDefault(e => e.Type == type && RunOf(e) == run)?.Counter;

    /// <summary>Whether an entry that closes this intent was recorded.</summary>
    public bool HasResult(long intent) => Recent().TakeWhile(e => e.Counter > intent).Any(e => e.Intent == intent);

    /// <summary>The server has these entries: they may go. Those that no longer wait are ignored.</summary>
    /// <exception cref="IOException">The head could not be written or a file not be renamed: the entries stay and will be sent again, which does no harm.</exception>
    public void Confirm(IReadOnlyCollection<SpooledEntry> entries)
    {
        lock (writing)
        {
            var delivered = entries.Where(e => pending.Contains(e.Counter)).ToArray();
            if (delivered.MaxBy(e => e.Counter) is not { } newest) return;
            if (newest.Counter > headCounter) WriteHead_NeedsLock(newest);
            foreach (var entry in delivered)
            {
                files.Rename(Path.Combine(folder, SpoolFiles.EntryName(entry.Counter)), Path.Combine(folder, SpoolFiles.SentName(entry.Counter)));
                pending.Remove(entry.Counter);
                sent.Add(entry.Counter);
            }
            while (sent.Count > KeptSent)
            {
                files.Delete(Path.Combine(folder, SpoolFiles.SentName(sent.Min)));
                sent.Remove(sent.Min);
            }
        }
    }

    public void Dispose() => folderLock.Dispose();

    // No cancellation: a half-written proof helps nobody.
    private long Append_NeedsLock(string type, string application, ReadOnlyMemory<byte> payload, long? intent, DateTimeOffset now)
    {
        var counter = lastCounter + 1;
        var entry = new EvidenceEntry
        {
            Origin = origin, KeyId = key.PublicKey.KeyId, Counter = counter, Previous = lastHash, Id = Guid.CreateVersion7(now), RecordedAt = now,
            Type = type, Application = application, Intent = intent, SoftwareVersion = softwareVersion, Payload = payload,
        }.Sign(key);
        WriteDurably(SpoolFiles.EntryName(counter), SpoolFiles.Write(entry));
        pending.Add(counter);
        (lastCounter, lastHash, lastRecordedAt) = (counter, entry.Hash, entry.Entry.RecordedAt);
        recorded.SetResult();
        recorded = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return counter;
    }

    private void WriteHead_NeedsLock(SpooledEntry newest)
    {
        var head = SpoolFiles.Write(new SpoolHead(key.PublicKey.KeyId, newest.Counter, newest.Hash.ToString(), newest.RecordedAt));
        foreach (var name in SpoolFiles.Heads) WriteDurably(name, head);
        headCounter = newest.Counter;
    }

    private void WriteDurably(string name, ReadOnlySpan<byte> bytes)
    {
        var path = Path.Combine(folder, name);
        var temporary = path + SpoolFiles.TemporaryExtension;
        try
        {
            files.Write(temporary, bytes);
            files.Flush(temporary);
            files.Rename(temporary, path);
            files.FlushDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A temporary file that stays behind is removed by the next start.
            throw new IOException($"The spool {folder} cannot be written ({e.Message.TrimEnd('.')}): nothing that happens now can be proved. Free space or give the agent's account the right to write there.", e);
        }
    }

    private static IDisposable TakeLock(ISpoolFileSystem files, string folder)
    {
        try
        {
            return files.Lock(Path.Combine(folder, SpoolFiles.Lock));
        }
        catch (IOException e)
        {
            throw new IOException($"The spool {folder} is in use by another process: two would number their entries alike. Stop the other agent, or give this one its own --state folder.", e);
        }
    }

    private static string? RunOf(EvidenceEntry entry)
    {
        using var payload = JsonDocument.Parse(entry.Payload);
        return payload.RootElement.TryGetProperty("run", out var run) && run.ValueKind == JsonValueKind.String ? run.GetString() : null;
    }

    private static byte[] DamagePayload(SpoolState state) => Json(writer =>
    {
        writer.WriteStartArray("findings");
        // A hundred short names and a thousand counters stay well within the limit of an entry, whatever the files are called.
        foreach (var finding in state.Findings.Take(100))
        {
            writer.WriteStartObject();
            writer.WriteString("code", finding.Code);
            writer.WriteString("subject", finding.Subject.AsSpan(0, Math.Min(finding.Subject.Length, 100)));
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteNumber("findingsInAll", state.Findings.Count);
        writer.WriteStartArray("missing");
        foreach (var counter in state.Missing) writer.WriteNumberValue(counter);
        writer.WriteEndArray();
    });

    private static byte[] Json(Action<Utf8JsonWriter> members)
    {
        var output = new MemoryStream();
        using (var writer = new Utf8JsonWriter(output))
        {
            writer.WriteStartObject();
            members(writer);
            writer.WriteEndObject();
        }
        return output.ToArray();
    }
}
