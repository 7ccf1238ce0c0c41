using BackupGuard.Continuity.Runbooks;
using BackupGuard.Continuity.Runbooks.Guards;

namespace BackupGuard.Continuity.Runs;

/// <summary>Answers guards from a run. What nobody entered is unknown.</summary>
public sealed class RunFacts(RunbookDefinition runbook, RunState run, DateTimeOffset now) : IGuardContext
{
    public GuardValue? Find(GuardName name) => name.Root switch
    {
        "steps" => new GuardValue.Truth(Step(name.Subject, name.Aspect)),
        "facts" => run.Facts.TryGetValue(name.Subject, out var value) ? Typed(runbook.Fact(name.Subject)?.Type, value) : null,
        "evidence" => run.Evidence.TryGetValue(name.Subject, out var value) ? GuardValue.Of(value) : null,
        "clock" when name.Subject == "" => new GuardValue.Instant(now),
        "clock" => run.Visits.TryGetValue(name.Subject, out var visit) ? new GuardValue.Duration(now - visit.At) : null,
        "eta" => run.Eta?.Left(now) is { } left ? new GuardValue.Duration(left) : null,
        // Backup facts reach a run through its own facts; without them nothing is assumed.
        _ => null,
    };

    private bool Step(string id, string aspect)
    {
        var record = run.Steps.GetValueOrDefault(id);
        return aspect switch
        {
            "done" => record?.EverDone == true,
            "finished" => record?.EverDone == true || record?.State == StepState.Skipped,
            "skipped" => record?.State == StepState.Skipped,
            "running" => record?.State == StepState.Running,
            "failed" => record?.State == StepState.Failed,
            _ => false,
        };
    }

    /// <summary>The choice "1" is a word, not a number.</summary>
    private static GuardValue Typed(string? type, string value) => type is "choice" or "text" ? new GuardValue.Text(value) : GuardValue.Of(value);
}
