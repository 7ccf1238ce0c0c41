using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text;
using BackupGuard.Continuity.Runs;
using BackupGuard.Evidence;
using BackupGuard.Server.Persistence;

namespace BackupGuard.Server.Features.Runs;

/// <summary>A run as the evidence log tells it.</summary>
/// <param name="LastSequence">Where its stream ends in the log: what the next append expects.</param>
internal sealed record JournaledRun(RunDefinition Definition, ImmutableList<RunEvent> Events, RunState State, long LastSequence)
{
    public RunStarted Started => State.Started!;
    public bool Closed => Definition.Runbook.Lifecycle.Find(State.State)?.Final == true;

    /// <summary>Read only as far as somebody looks; the list's own Reverse builds the whole list again.</summary>
    public IEnumerable<RunEvent> NewestFirst()
    {
        for (var i = Events.Count - 1; i >= 0; i--)
        {
            yield return Events[i];
        }
    }
}

internal abstract record RunAnswer
{
    private RunAnswer()
    {
    }

    public sealed record Done : RunAnswer;

    public sealed record Refused(IReadOnlyList<Refusal> Reasons) : RunAnswer;
}

/// <summary>Runs live in the evidence log and nowhere else: each command reads the journal, decides once, and appends what follows if nobody was faster.</summary>
internal sealed class RunJournal(IEvidenceLog log, RunFeed feed)
{
    // What was read and verified once is not read again; whatever else wrote to the log is found behind it.
    private readonly ConcurrentDictionary<string, JournaledRun> known = new(StringComparer.Ordinal);

    // Commands to one run take turns here, in the order they came: tries are only for other processes.
    private readonly ConcurrentDictionary<string, SemaphoreSlim> turns = new(StringComparer.Ordinal);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(20);

    private const int MostTries = 5;

    private static readonly Refusal TooMany = new("BG3290",
        "Trop de personnes écrivent en même temps. Rien n’a été inscrit\u00a0: recommencez.", "Too many people write at once. Nothing was recorded: try again.");
    private static readonly Refusal TooLarge = new("BG3291",
        "Ce texte ou ce plan est trop grand pour une ligne du journal signé (64\u00a0Kio). Rien n’a été inscrit.", "This text or plan is too large for one line of the signed log (64 KiB). Nothing was recorded.");

    public Task<IReadOnlyList<string>> IdsAsync(CancellationToken stop) => log.RunIdsAsync(stop);

    /// <returns>Null when there is no such run.</returns>
    /// <exception cref="InvalidDataException">The journal contradicts itself.</exception>
    public async Task<JournaledRun?> LoadAsync(string runId, CancellationToken stop)
    {
        var before = known.GetValueOrDefault(runId);
        var news = new List<RunEvent>();
        var last = before?.LastSequence ?? -1;
        await foreach (var entry in log.ReadRunAsync(runId, last + 1, stop))
        {
            news.Add(RunJson.Read(Encoding.UTF8.GetString(entry.Entry.Payload.Span)));
            last = entry.Sequence;
        }

        if (news.Count == 0)
        {
            return before;
        }

        var run = before is null ? Whole([.. news], last) : Followed(before, news, last);
        // Of two readers the one that saw more counts.
        return known.AddOrUpdate(runId, run, (_, other) => other.LastSequence > run.LastSequence ? other : run);
    }

    private static JournaledRun Whole(ImmutableList<RunEvent> events, long last) => new(RunDefinition.Of(events), events, RunState.Fold(events), last);

    private static JournaledRun Followed(JournaledRun before, List<RunEvent> news, long last)
    {
        var events = before.Events.AddRange(news);
        return new(news.OfType<DefinitionAmended>().Any() ? RunDefinition.Of(events) : before.Definition, events, before.State.Then(news), last);
    }

    public async Task<RunAnswer> StartAsync(RunDefinition definition, StartRun command)
    {
        var decision = RunEngine.Decide(definition, RunState.Fold([]), command);
        if (decision is RunDecision.Refused refused)
        {
            return new RunAnswer.Refused(refused.Reasons);
        }

        // A second click finds the run there: the id comes from the form, so that it is the same run.
        var written = await AppendAsync(command.RunId, ((RunDecision.Accepted)decision).Events, null);
        return written is null ? new RunAnswer.Refused([TooLarge]) : new RunAnswer.Done();
    }

    public async Task<RunAnswer> ExecuteAsync(RunCommand command)
    {
        if (await LoadAsync(command.RunId, CancellationToken.None) is null)
        {
            return new RunAnswer.Refused([]);
        }

        var turn = turns.GetOrAdd(command.RunId, _ => new(1));
        if (!await turn.WaitAsync(LongestWait))
        {
            return new RunAnswer.Refused([TooMany]);
        }

        try
        {
            return await ExecuteInTurnAsync(command);
        }
        finally
        {
            turn.Release();
        }
    }

    private async Task<RunAnswer> ExecuteInTurnAsync(RunCommand command)
    {
        for (var attempt = 0; attempt < MostTries; attempt++)
        {
            if (await LoadAsync(command.RunId, CancellationToken.None) is not { } run)
            {
                return new RunAnswer.Refused([]);
            }

            var decision = RunEngine.Decide(run.Definition, run.State, command);
            IReadOnlyList<RunEvent> events = decision switch
            {
                RunDecision.Accepted accepted => accepted.Events,
                RunDecision.Refused { Journal: { } line } => [line],
                _ => [],
            };
            var written = events.Count == 0 ? true : await AppendAsync(command.RunId, events, run.LastSequence);
            if (written is null)
            {
                return new RunAnswer.Refused([TooLarge]);
            }

            if (written == true)
            {
                return decision is RunDecision.Refused refused ? new RunAnswer.Refused(refused.Reasons) : new RunAnswer.Done();
            }
        }

        return new RunAnswer.Refused([TooMany]);
    }

    /// <returns>False when somebody else was first; null when it does not fit.</returns>
    private async Task<bool?> AppendAsync(string runId, IReadOnlyList<RunEvent> events, long? expected)
    {
        var entries = events.Select(e => new NewEntry(RunJson.TypeOf(e), "", Encoding.UTF8.GetBytes(RunJson.Write(e)))
        {
            OccurredAt = e.OccurredAt == e.RecordedAt ? null : e.OccurredAt,
        }).ToList();
        try
        {
            var appended = await log.AppendServerEntriesAsync(entries, new RunExpectation(runId, expected)) is AppendResult.Appended;
            if (appended)
            {
                feed.Publish(runId, events[^1].Seq);
            }

            return appended;
        }
        catch (EvidenceException)
        {
            return null;
        }
    }
}
