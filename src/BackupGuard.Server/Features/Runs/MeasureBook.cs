using System.Collections.Concurrent;
using BackupGuard.Continuity.Measures;
using BackupGuard.Continuity.Readiness;
using BackupGuard.Continuity.Runbooks;
using BackupGuard.Server.Features.Readiness;

namespace BackupGuard.Server.Features.Runs;

/// <summary>What was measured of runbooks: steps in the runs that are in memory, recoveries in the drills that evidence tells of.</summary>
internal sealed class MeasureBook(RunJournal journal, TimeProvider clock)
{
    // A journal of thousands of lines is walked once for each of its lengths, not for each page.
    private readonly ConcurrentDictionary<string, (long Sequence, ILookup<string, Measure> Measures)> walked = new(StringComparer.Ordinal);

    /// <param name="step">Only what this step is told by; null: all that the runbook is compared with.</param>
    public async Task<RunbookMeasures> OfAsync(RunbookDefinition runbook, StepDefinition? step, ReadinessService readiness, CancellationToken stop)
    {
        var facts = new List<ProofFact>();
        foreach (var application in step is null or { Duration.FromDrills: true } ? RunbookMeasures.Applications(runbook) : [])
        {
            facts.AddRange(await readiness.HistoryAsync(application, stop));
        }

        return new(OfRuns(runbook.Id), RecoveryMeasures.Of(facts, clock.GetUtcNow()));
    }

    private IReadOnlyDictionary<string, MeasuredDuration> OfRuns(string runbook) =>
        RunbookMeasures.OfRuns(journal.Known.Where(r => r.Started.RunbookId == runbook).Select(Walked));

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
