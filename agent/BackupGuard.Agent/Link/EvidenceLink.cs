using System.Text.Json;
using BackupGuard.Agent.Spool;
using BackupGuard.Contracts;
using BackupGuard.Verification;

namespace BackupGuard.Agent.Link;

/// <summary>What became of one attempt to empty the spool.</summary>
/// <param name="Delivered">Entries that the server has now.</param>
/// <param name="Findings">Why entries were left, in the order in which it showed.</param>
/// <param name="IsInterrupted">The attempt ended before every waiting entry was offered.</param>
internal sealed record SendReport(int Delivered, IReadOnlyList<Finding> Findings, bool IsInterrupted);

/// <summary>Sends the spool to the server: at least once, in the order of the counters, and deletes only what a believable receipt names.</summary>
/// <remarks>
/// A refused entry stays in the spool, is reported, and is offered again after an hour and after each start; later entries are sent meanwhile, so that one
/// entry that the server never takes cannot hold back all proofs that follow. The log shows its absence as a gap in the agent's counters.
/// </remarks>
/// <param name="jitter">Spreads the attempts of many agents after an outage.</param>
internal sealed class EvidenceLink(DurableSpool spool, ServerChannel channel, string agentId, TimeProvider clock, Random jitter)
{
    public const int MaxBatchEntries = 100;
    public const int MaxBatchBytes = 1024 * 1024;

    public static readonly TimeSpan RefusedAgainAfter = TimeSpan.FromHours(1);
    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMinutes(5);

    // What an entry takes in the batch besides its base64: names, quotes, counter, signature.
    private const int OverheadBytes = 200;

    private readonly Dictionary<long, long> refusedAt = [];
    private readonly string path = $"/api/v1/agents/{Uri.EscapeDataString(agentId)}/evidence";

    /// <summary>Offers every waiting entry once.</summary>
    /// <exception cref="OperationCanceledException">The token; nothing is lost.</exception>
    public async Task<SendReport> SendPendingAsync(CancellationToken cancellationToken)
    {
        var findings = new List<Finding>();
        var delivered = 0;
        try
        {
            for (var batch = NextBatch(); batch.Count > 0; batch = NextBatch())
            {
                var outcome = await SendAsync(batch, cancellationToken);
                spool.Confirm(outcome.Delivered);
                delivered += outcome.Delivered.Count;
                foreach (var entry in outcome.Delivered) refusedAt.Remove(entry.Counter);
                foreach (var refused in outcome.Refused) findings.Add(Refuse(refused));
            }
            return new SendReport(delivered, findings, IsInterrupted: false);
        }
        catch (LinkException e)
        {
            return new SendReport(delivered, [.. findings, e.Finding], IsInterrupted: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new SendReport(delivered, [.. findings, LinkFindings.ReceiptNotKept.At("the spool", ("reason", e.Message.TrimEnd('.')))], IsInterrupted: true);
        }
    }

    /// <summary>Sends what waits and whatever is recorded, until cancelled.</summary>
    /// <param name="told">Called after every attempt.</param>
    public async Task RunAsync(Action<SendReport> told, CancellationToken cancellationToken)
    {
        var failures = 0;
        try
        {
            while (true)
            {
                var next = spool.NextRecordAsync();
                var report = await SendPendingAsync(cancellationToken);
                told(report);
                failures = report.IsInterrupted ? failures + 1 : 0;
                if (report.IsInterrupted) await Task.Delay(DelayAfter(failures), clock, cancellationToken);
                else await WaitAsync(next, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The agent stops; what waits is sent after the next start.
        }
    }

    private async Task WaitAsync(Task next, CancellationToken cancellationToken)
    {
        try
        {
            await next.WaitAsync(RefusedAgainAfter, clock, cancellationToken);
        }
        catch (TimeoutException)
        {
            // Time to offer refused entries again.
        }
    }

    /// <summary>Doubles from one second to five minutes, and takes between half of it and all.</summary>
    private TimeSpan DelayAfter(int failures)
    {
        var full = Math.Min(LongestDelay.TotalSeconds, FirstDelay.TotalSeconds * Math.Pow(2, Math.Min(failures - 1, 20)));
        return TimeSpan.FromSeconds(full * (0.5 + jitter.NextDouble() / 2));
    }

    private List<SpooledEntry> NextBatch()
    {
        var batch = new List<SpooledEntry>();
        var bytes = 0;
        foreach (var counter in spool.PendingCounters())
        {
            if (batch.Count == MaxBatchEntries) break;
            if (refusedAt.TryGetValue(counter, out var at) && clock.GetElapsedTime(at) < RefusedAgainAfter) continue;
            if (spool.Read(counter) is not { } entry) continue;
            bytes += OverheadBytes + (entry.Bytes.Length + 2) / 3 * 4;
            if (batch.Count > 0 && bytes > MaxBatchBytes) break;
            batch.Add(entry);
        }
        return batch;
    }

    private async Task<BatchOutcome> SendAsync(List<SpooledEntry> batch, CancellationToken cancellationToken)
    {
        var body = new EvidenceBatch([.. batch.Select(e => new SignedEntry(e.Counter, Convert.ToBase64String(e.Bytes.Span), Convert.ToBase64String(e.Signature.Span)))]);
        var answer = await channel.PostAsync(path, JsonSerializer.SerializeToUtf8Bytes(body, WireJson.Default.EvidenceBatch), cancellationToken);
        try
        {
            return Receipts.Read(answer, batch);
        }
        catch (InvalidDataException e)
        {
            throw channel.Unbelievable(e.Message, e);
        }
    }

    private Finding Refuse(EntryReceipt receipt)
    {
        refusedAt[receipt.Counter] = clock.GetTimestamp();
        return LinkFindings.EntryRefused.At($"{receipt.Counter}", ("code", receipt.Code ?? ""), ("reason", (receipt.Message ?? "").TrimEnd('.')));
    }
}
