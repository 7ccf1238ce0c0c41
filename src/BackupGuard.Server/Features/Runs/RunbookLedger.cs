using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using BackupGuard.Evidence;
using BackupGuard.Server.Hosting;
using BackupGuard.Server.Persistence;

namespace BackupGuard.Server.Features.Runs;

/// <summary>Follows what the log says of the runbook files, and writes down each change: a runbook, a duty or an exercise that was edited before a crisis must be seen afterwards.</summary>
internal sealed partial class RunbookLedger(IEvidenceLog log, TimeProvider clock, ILogger<RunbookLedger> logger) : LogFollower<ImmutableDictionary<string, string>?>(log, [Changed])
{
    public const string Changed = "runbook.changed";

    private readonly IEvidenceLog log = log;
    private readonly SemaphoreSlim recording = new(1);
    private readonly RetryPause pause = new(clock);
    private ImmutableDictionary<string, string> hashes = ImmutableDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>File names and their SHA-256, "" for one that was gone or unreadable; null when the log does not verify.</summary>
    protected override ImmutableDictionary<string, string>? Known => hashes;
    protected override ImmutableDictionary<string, string>? Unsound => null;

    /// <summary>Compares what lies on the disk with what the log says.</summary>
    public async Task RecordAsync(IReadOnlyList<RunbookOnDisk> files, CancellationToken stop)
    {
        await recording.WaitAsync(stop);
        try
        {
            if (!pause.MayTry) return;
            // Nothing is written on top of a log that does not verify: fsck says why.
            if (await ReadAsync(stop) is not { } known) return;
            var gone = known.Where(k => k.Value.Length > 0 && files.All(f => f.FileName != k.Key)).Select(k => new RunbookOnDisk(k.Key, null, []));
            foreach (var file in files.Where(f => known.GetValueOrDefault(f.FileName) != f.Sha256).Concat(gone).ToList())
            {
                await log.AppendServerEntryAsync(Changed, "", Payload(file));
            }
            pause.Succeeded();
        }
        // In a crisis the runbooks are shown whatever became of the log; the change is written at the next look that can.
        catch (Exception e) when (e is LogDamagedException || StoreFailure.IsNoAnswer(e))
        {
            pause.Failed();
            NotRecorded(e.Message);
        }
        finally
        {
            recording.Release();
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Changes of the runbooks could not be written into the evidence log: {Reason}")]
    private partial void NotRecorded(string reason);

    protected override void Take(LoggedEntry logged)
    {
        if (logged.Entry.Origin != EvidenceEntry.ServerOrigin) return;
        using var payload = JsonDocument.Parse(logged.Entry.Payload);
        hashes = hashes.SetItem(payload.RootElement.GetProperty("file").GetString()!, payload.RootElement.GetProperty("sha256").GetString()!);    // both written by Payload
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) recording.Dispose();
        base.Dispose(disposing);
    }

    // Whether another format is usable its own pages say; here is what it was, and when it changed.
    private static byte[] Payload(RunbookOnDisk file) => JsonSerializer.SerializeToUtf8Bytes(file.OtherFormat == ""
        ? new JsonObject { ["file"] = file.FileName, ["sha256"] = file.Sha256, ["runbook"] = file.Definition?.Runbook.Id ?? "", ["usable"] = file.Definition is not null }
        : new JsonObject { ["file"] = file.FileName, ["sha256"] = file.Sha256, ["format"] = file.OtherFormat });
}
