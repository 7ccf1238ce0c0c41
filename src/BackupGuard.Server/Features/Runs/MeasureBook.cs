using System.Collections.Concurrent;
using BackupGuard.Continuity.Definitions;
using BackupGuard.Continuity.Measures;
using BackupGuard.Continuity.Runbooks;
using BackupGuard.Server.Features.Readiness;

namespace BackupGuard.Server.Features.Runs;

/// <summary>What was measured of runbooks: steps in the runs that are in memory, recoveries in the drills that evidence tells of.</summary>
internal sealed class MeasureBook(RunJournal journal, FactLedger facts, TimeProvider clock)
{
    // A journal of thousands of lines is walked once for each of its lengths, not for each page.
    private readonly ConcurrentDictionary<string, (long Sequence, ILookup<string, Measure> Measures)> walked = new(StringComparer.Ordinal);

    /// <param name="step">Only what this step is told by; null: all that the runbook is compared with.</param>
    public async Task<RunbookMeasures> OfAsync(RunbookDefinition runbook, StepDefinition? step, CancellationToken stop)
    {
        var recoveries = await RecoveriesAsync(step is null or { Duration.FromDrills: true } ? RunbookMeasures.Applications(runbook) : [], stop);
        return new(OfRuns(runbook.Id), recoveries);
    }

    /// <summary>How many findings each runbook has, of its file and beside its measures; those without any are not in it.</summary>
    public async Task<IReadOnlyDictionary<string, int>> CountsAsync(IReadOnlyList<RunbookOnDisk> library, CancellationToken stop)
    {
        var books = library.Where(b => b.Definition is not null).ToList();
        var recoveries = await RecoveriesAsync([.. books.SelectMany(b => RunbookMeasures.Applications(b.Definition!.Runbook)).Distinct(StringComparer.Ordinal)], stop);
        return books.Select(b => (b.Definition!.Runbook.Id, Count: Findings(b, new(OfRuns(b.Definition.Runbook.Id), recoveries)).Count))
            .Where(b => b.Count > 0).ToDictionary(b => b.Id, b => b.Count, StringComparer.Ordinal);
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
