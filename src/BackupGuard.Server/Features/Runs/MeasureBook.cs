using System.Collections.Concurrent;
using BackupGuard.Continuity.Definitions;
using BackupGuard.Continuity.Measures;
using BackupGuard.Continuity.Runbooks;
using BackupGuard.Server.Features.Readiness;
using BackupGuard.Server.Persistence;

namespace BackupGuard.Server.Features.Runs;

/// <summary>What was measured of runbooks: steps in the runs that are in memory, recoveries in the drills that evidence tells of.</summary>
internal sealed class MeasureBook(RunJournal journal, FactLedger facts, TimeProvider clock)
{
    private bool looked;

    // A journal of thousands of lines is walked once for each of its lengths, not for each page.
    private readonly ConcurrentDictionary<string, (long Sequence, ILookup<string, Measure> Measures)> walked = new(StringComparer.Ordinal);

    /// <param name="step">Only what this step is told by; null: all that the runbook is compared with.</param>
    public async Task<RunbookMeasures> OfAsync(RunbookDefinition runbook, StepDefinition? step, CancellationToken stop)
    {
        var recoveries = await RecoveriesAsync(step is null or { Duration.FromDrills: true } ? RunbookMeasures.Applications(runbook) : [], stop);
        return new(await OfRunsAsync(runbook.Id, stop), recoveries);
    }

    /// <summary>How many findings each runbook has, of its file and beside its measures; those without any are not in it.</summary>
    public async Task<IReadOnlyDictionary<string, int>> CountsAsync(IReadOnlyList<RunbookOnDisk> library, CancellationToken stop)
    {
        var books = library.Where(b => b.Definition is not null).ToList();
        var recoveries = await RecoveriesAsync([.. books.SelectMany(b => RunbookMeasures.Applications(b.Definition!.Runbook)).Distinct(StringComparer.Ordinal)], stop);
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var book in books)
        {
            var id = book.Definition!.Runbook.Id;
            if (Findings(book, new(await OfRunsAsync(id, stop), recoveries)).Count is > 0 and var count) counts[id] = count;
        }

        return counts;
    }

    /// <summary>What the file says against itself, and what measures say against it; in the order of the file.</summary>
    public static IReadOnlyList<DefinitionIssue> Findings(RunbookOnDisk file, RunbookMeasures measures) =>
        [.. file.Issues.Concat(MeasuredFindings.Of(file.Definition!.Runbook, measures, file.FileName)).OrderBy(i => i.Line)];

    private async Task<IReadOnlyDictionary<string, MeasuredDuration>> RecoveriesAsync(IReadOnlyCollection<string> applications, CancellationToken stop)
    {
        if (applications.Count == 0)
        {
            return new Dictionary<string, MeasuredDuration>();
        }

        var known = await facts.ReadAsync(stop);
        return RecoveryMeasures.Of(applications.SelectMany(a => known.ByApplication[a]), clock.GetUtcNow());
    }

    private async Task<IReadOnlyDictionary<string, MeasuredDuration>> OfRunsAsync(string runbook, CancellationToken stop)
    {
        await LookAsync(stop);
        return RunbookMeasures.OfRuns(journal.Known.Where(r => r.Started.RunbookId == runbook).Select(Walked));
    }

    /// <summary>After a start nobody has read the journals yet, and "never measured" would be said without having looked. From then on the clock of runs reads what comes.</summary>
    private async Task LookAsync(CancellationToken stop)
    {
        if (looked) return;
        foreach (var id in await journal.IdsAsync(stop))
        {
            try
            {
                await journal.LoadAsync(id, stop);
            }
            catch (Exception e) when (RunJournal.WhyUnwritten(e) is not null && !StoreFailure.IsNoAnswer(e))
            {
                // A journal that does not verify measures nothing; its own page says what is wrong with it.
            }
        }

        looked = true;
    }

    private ILookup<string, Measure> Walked(JournaledRun run)
    {
        var id = run.Started.RunId;
        if (!walked.TryGetValue(id, out var known) || known.Sequence != run.LastSequence)
        {
            walked[id] = known = (run.LastSequence, StepMeasures.Of(run.Events));
        }

        return known.Measures;
    }
}

internal static class MeasureWords
{
    public static string Of(Ui.Reader reader, MeasuredDuration? measured, DateTimeOffset now) => measured is null
        ? reader.Say(MapTexts.NeverMeasured)
        : reader.Count(MapTexts.Measured, measured.Count, ("half", reader.Duration(measured.P50)), ("most", reader.Duration(measured.P90)), ("age", reader.Span(now - measured.Newest)));
}
