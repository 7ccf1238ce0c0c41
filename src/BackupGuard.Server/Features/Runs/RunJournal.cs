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
internal sealed partial class RunJournal(IEvidenceLog log, RunFeed feed, ILogger<RunJournal> logger)
{
    // What was read and verified once is not read again; whatever else wrote to the log is found behind it.
    private readonly ConcurrentDictionary<string, JournaledRun> known = new(StringComparer.Ordinal);

    // Commands to one run take turns here, in the order they came: tries are only for other processes.
    private readonly ConcurrentDictionary<string, SemaphoreSlim> turns = new(StringComparer.Ordinal);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    private const int MostTries = 25;

    private static readonly Refusal TooMany = new("BG3290",
        "Trop de personnes écrivent en même temps. Rien n’a été inscrit\u00a0: recommencez.", "Too many people write at once. Nothing was recorded: try again.");
    private static readonly Refusal TooLarge = new("BG3291",
        "Ce texte ou ce plan est trop grand pour une ligne du journal signé (64\u00a0Kio). Rien n’a été inscrit.", "This text or plan is too large for one line of the signed log (64 KiB). Nothing was recorded.");

    private static readonly Refusal NoAnswer = new("BG3292",
        "Le journal signé ne répond pas\u00a0: disque plein, base occupée ou injoignable. Rien n’est confirmé. Écrivez cette ligne sur papier, prévenez l’administrateur, puis renvoyez ce formulaire\u00a0: ce qui serait déjà inscrit ne le sera pas deux fois.",
        "The signed log does not answer: disk full, database busy or out of reach. Nothing is confirmed. Write this line on paper, tell the administrator, then send this form again: what may have been recorded already is not recorded twice.");
    private static readonly Refusal Damaged = new("BG3293",
        "Le journal de cette conduite ne se vérifie pas\u00a0: plus rien n’y est inscrit. Passez au papier et faites lancer backupguard-server fsck.",
        "The log of this run does not verify: nothing more is written to it. Go on with paper and have backupguard-server fsck run.");
    private static readonly Refusal UsedAlready = new("BG3294",
        "Cette page a déjà servi à démarrer une autre conduite. Celle que vous demandez n’est pas démarrée\u00a0: rechargez la liste des runbooks et recommencez.",
        "This page was already used to start another run. The one you ask for is not started: reload the list of runbooks and start again.");

    /// <summary>A plan that was on the page when it was loaded.</summary>
    public static readonly Refusal GoneFile = new("BG3296",
        "Ce fichier n’est plus dans le dossier des runbooks, ou ne peut plus être utilisé. Rien n’a démarré et rien n’est ajouté. Les conduites ouvertes gardent leur texte. Prenez la carte papier et prévenez l’administrateur.",
        "This file is no longer in the folder of runbooks, or cannot be used any more. Nothing was started and nothing is added. Open runs keep their text. Take the paper card and tell the administrator.");

    /// <summary>Runs that were read since the start of the server; its clock reads all of them at once, and again every few seconds.</summary>
    public IEnumerable<JournaledRun> Known => known.Select(k => k.Value);

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

    public Task<RunAnswer> StartAsync(RunDefinition definition, StartRun command) => ToldAsync(async () =>
    {
        var decision = RunEngine.Decide(definition, RunState.Fold([]), command);
        if (decision is RunDecision.Refused refused)
        {
            return new RunAnswer.Refused(refused.Reasons);
        }

        // A second click finds the run there: the id comes from the form, so that it is the same run.
        return await AppendAsync(command.RunId, ((RunDecision.Accepted)decision).Events, null) switch
        {
            null => new RunAnswer.Refused([TooLarge]),
            true => new RunAnswer.Done(),
            false => await LoadAsync(command.RunId, CancellationToken.None) is { } there && IsThat(there.Started, definition, command) ? new RunAnswer.Done() : new RunAnswer.Refused([UsedAlready]),
        };
    });

    // Whoever went back to the page and chose the other button must not be shown the first run as if it were the second.
    private static bool IsThat(RunStarted there, RunDefinition definition, StartRun asked) => there.Mode == asked.Mode && there.RunbookId == definition.Runbook.Id && there.Parent == asked.Parent;

    public Task<RunAnswer> ExecuteAsync(RunCommand command) => ToldAsync(async () =>
    {
        if (!known.ContainsKey(command.RunId) && await LoadAsync(command.RunId, CancellationToken.None) is null)
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
    });

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

    /// <summary>A store that fails is an answer too: the person at the keyboard must know that the line is not there.</summary>
    private async Task<RunAnswer> ToldAsync(Func<Task<RunAnswer>> act)
    {
        try
        {
            return await act();
        }
        catch (Exception e) when (WhyUnwritten(e) is { } reason)
        {
            NotWritten(e.GetType().Name, e.Message);
            return new RunAnswer.Refused([reason]);
        }
    }

    /// <returns>Null for what is no trouble of the store: a bug of ours.</returns>
    public static Refusal? WhyUnwritten(Exception error) => StoreFailure.IsNoAnswer(error) ? NoAnswer
        : error is LogDamagedException or EvidenceException or InvalidDataException or System.Text.Json.JsonException ? Damaged
        : null;

    [LoggerMessage(Level = LogLevel.Error, Message = "A command of a run could not be written into the evidence log ({Type}): {Reason}")]
    public partial void NotWritten(string type, string reason);

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
        catch (EvidenceException e) when (e.Problem.Kind == EvidenceProblems.TooLarge)
        {
            return null;
        }
    }
}
