using BackupGuard.Continuity.Readiness;
using BackupGuard.Server.Ui.Texts;

namespace BackupGuard.Server.Ui.Components;

/// <summary>“5 réussis, 2 échoués, 1 non concluant”: the words of a strip of marks.</summary>
public static class DrillCount
{
    public static string Describe(Reader reader, IReadOnlyList<Outcome> outcomes) =>
        reader.Count(StateTexts.LastTests, outcomes.Count, ("list", List(reader, outcomes)));

    public static string List(Reader reader, IReadOnlyList<Outcome> outcomes)
    {
        (Outcome Outcome, Plural Text)[] kinds =
        [
            (Outcome.Proved, StateTexts.PassedCount), (Outcome.Failed, StateTexts.FailedCount), (Outcome.Inconclusive, StateTexts.InconclusiveCount),
        ];
        return string.Join(", ", kinds
            .Select(kind => (kind.Text, Count: outcomes.Count(o => o == kind.Outcome)))
            .Where(kind => kind.Count > 0)
            .Select(kind => reader.Count(kind.Text, kind.Count)));
    }
}
