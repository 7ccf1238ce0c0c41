using BackupGuard.Continuity.Definitions;
using BackupGuard.Continuity.Runbooks;

namespace BackupGuard.Continuity.Measures;

/// <summary>What a runbook says beside what was measured. Beside the linter, which judges the file alone: the same file is the same file tomorrow.</summary>
public static class MeasuredFindings
{
    /// <param name="file">As findings name it.</param>
    /// <returns>Warnings, in the order of the file.</returns>
    public static IReadOnlyList<DefinitionIssue> Of(RunbookDefinition runbook, RunbookMeasures measures, string file)
    {
        var issues = new IssueList(file);
        foreach (var step in runbook.Steps)
        {
            var time = measures.Of(runbook, step);
            Deadline(step, time, issues);
            if (step.Duration is { FromDrills: true } duration && time.InDrills is null)
            {
                var (fr, en) = runbook.Targets is { Application: { Length: > 0 } application }
                    ? ($"aucun test de restauration prouvé de « {application} » n’en a mesuré", $"no proved restore test of “{application}” has measured one")
                    : ("« targets.application » ne dit pas de quelle application", "“targets.application” does not say of which application");
                Warning(issues, "BG3058", duration.At, $"« {step.Id} » prend sa durée des tests : {fr}. Elle reste inconnue.", $"“{step.Id}” takes its duration from drills: {en}. It stays unknown.");
            }
        }

        foreach (var degraded in runbook.Degraded.Where(d => d.Sustainable is not null))
        {
            foreach (var application in degraded.Replaces.Distinct(StringComparer.Ordinal))
            {
                if (measures.Recoveries.GetValueOrDefault(application) is { } recovery && recovery.P90 > degraded.Sustainable)
                {
                    Warning(issues, "BG3059", degraded.At,
                        $"« {degraded.Id} » tient {Iso8601.Write(degraded.Sustainable!.Value)} ; « {application} » est revenue en {Minutes(recovery.P90)} ou moins neuf fois sur dix ({Tests(recovery)}) : le papier peut céder avant.",
                        $"“{degraded.Id}” holds {Iso8601.Write(degraded.Sustainable!.Value)}; “{application}” came back within {Minutes(recovery.P90)} nine times out of ten ({TestsEn(recovery)}): paper may give way first.");
                }
            }
        }

        return issues.InOrder();
    }

    // From its own beginning on: where the hour counts from something earlier, even less time is left.
    private static void Deadline(StepDefinition step, StepTime time, IssueList issues)
    {
        if (step.Deadline is not { } deadline)
        {
            return;
        }

        if (time.InRuns is { } runs && runs.P50 > deadline.Within)
        {
            Short(issues, deadline, runs, Plural(runs.Count, "mesure en conduite", "mesures en conduite"), Plural(runs.Count, "measure in runs", "measures in runs"));
        }

        if (time.InDrills is { } drills && drills.P50 > deadline.Within)
        {
            Short(issues, deadline, drills, Tests(drills), TestsEn(drills));
        }
    }

    private static void Short(IssueList issues, Deadline deadline, MeasuredDuration measured, string fr, string en) => Warning(issues, "BG3049", deadline.At,
        $"Délai ({Iso8601.Write(deadline.Within)}) plus court que la durée mesurée une fois sur deux ({Minutes(measured.P50)} ; {fr}).",
        $"Deadline ({Iso8601.Write(deadline.Within)}) shorter than the duration measured half of the time ({Minutes(measured.P50)}; {en}).");

    private static string Tests(MeasuredDuration measured) => Plural(measured.Count, "test de restauration", "tests de restauration");

    private static string TestsEn(MeasuredDuration measured) => Plural(measured.Count, "restore test", "restore tests");

    private static string Plural(int count, string one, string many) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{count} {(count == 1 ? one : many)}");

    /// <summary>Rounded up: what takes 61 seconds does not fit into a minute.</summary>
    private static string Minutes(TimeSpan measured) => Iso8601.Write(TimeSpan.FromMinutes(Math.Ceiling(measured.TotalMinutes)));

    private static void Warning(IssueList issues, string code, Place at, string fr, string en) => issues.Add(code, at.Line, at.Column, fr, en, IssueLevel.Warning);
}
