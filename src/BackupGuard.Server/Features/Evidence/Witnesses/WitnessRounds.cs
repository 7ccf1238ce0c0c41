using System.Globalization;
using System.Net;
using System.Text;
using BackupGuard.Evidence;
using BackupGuard.Server.Hosting;
using BackupGuard.Server.Persistence;

namespace BackupGuard.Server.Features.Evidence.Witnesses;

/// <summary>Shows the newest checkpoint to every witness of the policy, and keeps what they answer (C2SP tlog-witness).</summary>
internal sealed class WitnessRounds(EvidenceQueries queries, Cosignatures cosignatures, DatabaseEngine database, IHttpClientFactory clients, ILogger<WitnessRounds> logger)
{
    public const string ClientName = "witness";
    private const int LargestAnswer = SignedNote.MaxBytes;

    // What each has seen, as far as this process knows; a wrong guess costs one journey, since the witness tells.
    private readonly Dictionary<string, long> _seen = new(StringComparer.Ordinal);

    private enum Answer { Vouched, Contradicted, None }

    /// <summary>A log that a witness has seen longer, or otherwise, was set back: going on would fork it. Asked also where the newest checkpoint is cosigned: an older state is.</summary>
    /// <remarks>A witness that does not answer stops nothing: care and recovery do not wait for it.</remarks>
    /// <exception cref="UsageException">A witness has seen another log.</exception>
    public async Task DemandSameLogAsync(CancellationToken stop)
    {
        if (queries.Head() is not { } head) return;
        foreach (var (witness, key) in cosignatures.Known.Where(k => k.Witness.Url is not null))
        {
            _seen[witness.Name] = head.Size;
            if (await TryAskAsync(witness, key, head, stop) != Answer.Contradicted) continue;
            throw new UsageException($"The witness {witness.Name} has vouched for {_seen[witness.Name]} entries of this log and does not recognise these {head.Size}: an older state was restored, or another version was written. Bring back the missing "
                + "entries (the other copies of the database, the exported log, the agents' spools), then start again. Going on from here would be a second version of the log. To begin a new log on purpose, take the witness out of the policy and tell the auditors why.");
        }
    }

    /// <returns>Whether every witness with an address has vouched for the newest checkpoint.</returns>
    public async Task<bool> RoundAsync(CancellationToken stop)
    {
        if (queries.Head() is not { } head) return true;
        var signed = SignedNote.Parse(Encoding.UTF8.GetBytes(head.Note));
        var all = true;
        foreach (var (witness, key) in cosignatures.Known)
            if (witness.Url is not null && Cosignature.Verify(signed, key) is null) all &= await TryAskAsync(witness, key, head, stop) == Answer.Vouched;
        return all;
    }

    private async Task<Answer> TryAskAsync(PolicyWitness witness, CosignatureKey key, CheckpointHead head, CancellationToken stop)
    {
        try
        {
            return await AskAsync(witness, key, head, stop);
        }
        catch (Exception e) when (e is HttpRequestException or EvidenceException or InvalidDataException || e is OperationCanceledException && !stop.IsCancellationRequested)
        {
            logger.WitnessFailed(witness.Name, e is EvidenceException evidence ? evidence.Problem.Message("en") : e.Message);
            return Answer.None;
        }
    }

    private async Task<Answer> AskAsync(PolicyWitness witness, CosignatureKey key, CheckpointHead head, CancellationToken stop)
    {
        // Twice: the first answer may be only how much it has seen.
        for (var journey = 0; journey < 2; journey++)
        {
            var old = _seen.GetValueOrDefault(witness.Name);
            using var answer = await PostAsync(witness, new WitnessRequest(old, Proof(old, head.Size), Encoding.UTF8.GetBytes(head.Note)), stop);
            var text = await TextAsync(answer, stop);
            switch (answer.StatusCode)
            {
                case HttpStatusCode.OK:
                    foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries)) cosignatures.Add(head.Size, key, line + "\n");
                    _seen[witness.Name] = head.Size;
                    return Answer.Vouched;
                case HttpStatusCode.Conflict when long.TryParse(text.TrimEnd('\n'), NumberStyles.None, CultureInfo.InvariantCulture, out var seen) && (seen != old || seen > head.Size):
                    _seen[witness.Name] = seen;
                    if (seen <= head.Size) continue;
                    logger.WitnessHasSeenMore(witness.Name, seen, head.Size);
                    return Answer.Contradicted;
                default:
                    logger.WitnessRefused(witness.Name, (int)answer.StatusCode);
                    return answer.StatusCode is HttpStatusCode.Conflict or HttpStatusCode.UnprocessableEntity ? Answer.Contradicted : Answer.None;
            }
        }
        return Answer.None;
    }

    private async Task<HttpResponseMessage> PostAsync(PolicyWitness witness, WitnessRequest request, CancellationToken stop)
    {
        using var content = new ByteArrayContent(request.ToBytes());
        return await clients.CreateClient(ClientName).PostAsync(new Uri(witness.Url!.TrimEnd('/') + "/add-checkpoint"), content, stop);     // asked only where it has one
    }

    private static async Task<string> TextAsync(HttpResponseMessage answer, CancellationToken stop)
    {
        var bytes = await answer.Content.ReadAsByteArrayAsync(stop);
        return bytes.Length <= LargestAnswer ? Encoding.UTF8.GetString(bytes) : throw new InvalidDataException("the answer is longer than any cosignature");
    }

    private IReadOnlyList<Hash256> Proof(long old, long size)
    {
        if (old == 0 || old >= size) return [];
        using var connection = database.Open();
        return MerkleProver.Consistency(new StoredTree(connection), old, size);
    }
}

/// <summary>Asks again and again, as long as the server runs.</summary>
internal sealed class WitnessWorker(WitnessRounds rounds, Cosignatures cosignatures, TimeProvider clock, ILogger<WitnessRounds> logger) : RoundsWorker(clock, logger)
{
    /// <summary>Long enough that a busy log asks for one cosignature and not for a hundred.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(15);

    protected override bool IsNeeded => cosignatures.Known.Count > 0;

    protected override TimeSpan PauseAfterFault => TimeSpan.FromMinutes(1);

    protected override async Task<TimeSpan> RoundAsync(CancellationToken stop) => await rounds.RoundAsync(stop) ? Pause : PauseAfterFault;
}

internal static partial class WitnessLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "The witness {Name} did not cosign: {Reason}")]
    public static partial void WitnessFailed(this ILogger logger, string name, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "The witness {Name} refuses to cosign (answer {Status}). If it is 409 or 422 it has seen another version of this log: find out who signed it before anything else.")]
    public static partial void WitnessRefused(this ILogger logger, string name, int status);

    [LoggerMessage(Level = LogLevel.Critical, Message = "The witness {Name} has vouched for {Seen} entries, and this log has {Size}: an older state was restored. Stop the server and bring the missing entries back.")]
    public static partial void WitnessHasSeenMore(this ILogger logger, string name, long seen, long size);
}

internal static class WitnessServices
{
    public static void AddWitnesses(this IServiceCollection services)
    {
        services.AddOutsideClient(WitnessRounds.ClientName, 1 << 20);
        services.AddSingleton<Cosignatures>().AddSingleton<WitnessRounds>().AddHostedService<WitnessWorker>();
    }
}
