using BackupGuard.Continuity.Runbooks;

namespace BackupGuard.Continuity.Measures;

/// <summary>What is known of the time a step takes. Null: never measured.</summary>
/// <param name="InRuns">In runs of the same runbook, exercises and live, whatever its version then.</param>
/// <param name="InDrills">In restore tests of the runbook's application, for a step that says <c>from: drills</c>.</param>
public sealed record StepTime(MeasuredDuration? InRuns, MeasuredDuration? InDrills)
{
    public static StepTime Unknown { get; } = new(null, null);

    /// <summary>What the step itself asks for first.</summary>
    public MeasuredDuration? Measured => InDrills ?? InRuns;
}

/// <summary>Measures that concern one runbook. They live in journals and evidence, never in its file.</summary>
/// <param name="Steps">By step, from runs.</param>
/// <param name="Recoveries">By application, from proved drills.</param>
public sealed record RunbookMeasures(IReadOnlyDictionary<string, MeasuredDuration> Steps, IReadOnlyDictionary<string, MeasuredDuration> Recoveries)
{
    public static RunbookMeasures None { get; } = new(new Dictionary<string, MeasuredDuration>(), new Dictionary<string, MeasuredDuration>());

    /// <param name="runs">One lookup of each run of this runbook.</param>
    public static IReadOnlyDictionary<string, MeasuredDuration> OfRuns(IEnumerable<ILookup<string, Measure>> runs) => runs
        .SelectMany(r => r).GroupBy(g => g.Key, StringComparer.Ordinal)
        .ToDictionary(g => g.Key, g => MeasuredDuration.Of(g.SelectMany(m => m))!, StringComparer.Ordinal);

    public StepTime Of(RunbookDefinition runbook, StepDefinition step) => new(
        Steps.GetValueOrDefault(step.Id),
        step.Duration?.FromDrills == true && runbook.Targets is { } targets ? Recoveries.GetValueOrDefault(targets.Application) : null);

    /// <summary>Applications whose recovery times this runbook is compared with.</summary>
    public static IReadOnlyCollection<string> Applications(RunbookDefinition runbook) =>
    [
        .. runbook.Degraded.Where(d => d.Sustainable is not null).SelectMany(d => d.Replaces)
            .Concat(runbook.Targets is { } targets && runbook.Steps.Any(s => s.Duration?.FromDrills == true) ? [targets.Application] : [])
            .Distinct(StringComparer.Ordinal),
    ];
}
