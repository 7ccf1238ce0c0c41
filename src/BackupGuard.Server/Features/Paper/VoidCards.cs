using BackupGuard.Continuity.Runbooks;
using BackupGuard.Continuity.Runs;
using BackupGuard.Server.Features.Runs;
using BackupGuard.Server.Ui;
using BackupGuard.Server.Ui.Texts;

namespace BackupGuard.Server.Features.Paper;

/// <summary>A card that somebody may still hold, and nobody may follow.</summary>
/// <param name="Attempt">Of which attempt; 0: of any.</param>
public sealed record VoidCard(string Number, string StepId, string Title, int Attempt, DateTimeOffset At, string Reason);

internal static class VoidCards
{
    /// <summary>Cards of steps that an amendment took out, and of attempts that were begun anew; in the order in which they died.</summary>
    public static IReadOnlyList<VoidCard> Of(JournaledRun run, Reader reader)
    {
        var dead = new List<VoidCard>();
        var (plan, asked) = (Plan(run.Started.DefinitionText, run), new Dictionary<string, AmendmentRequested>(StringComparer.Ordinal));
        foreach (var one in run.Events)
        {
            switch (one)
            {
                case AmendmentRequested request:
                    asked[request.CommandId] = request;
                    break;
                case DefinitionAmended amended:
                    dead.AddRange(amended.Removed.OrderBy(r => r.Key, StringComparer.Ordinal).Select(r => Card(plan, r.Key, 0, amended.OccurredAt, r.Value, reader)));
                    plan = asked.TryGetValue(amended.Request, out var text) ? Plan(text.Text, run) : plan;
                    break;
                case StepReopened reopened:
                    dead.Add(Card(plan, reopened.Step, reopened.Attempt - 1, reopened.OccurredAt, reopened.Reason, reader));
                    break;
            }
        }

        return dead;
    }

    private static RunbookDefinition Plan(string text, JournaledRun run) =>
        text == run.Definition.Text ? run.Definition.Runbook : RunDefinition.Pin(text, run.Started.RunbookId + ".yaml").Value?.Runbook ?? run.Definition.Runbook;

    private static VoidCard Card(RunbookDefinition plan, string id, int attempt, DateTimeOffset at, string reason, Reader reader) => plan.Step(id) is { } step
        ? new(step.Card.Length > 0 ? step.Card : id, id, step.Label.In(reader.Code), attempt, at, reason)
        : new(id, id, reader.Say(CardTexts.UnknownStep), attempt, at, reason);
}
