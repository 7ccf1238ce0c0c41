using BackupGuard.Continuity.Runs;

namespace BackupGuard.Continuity.Obligations;

/// <param name="Internal">The text gives no figure: it is the establishment's own aim.</param>
/// <param name="Roles">To be told: who validates, who sends, and to whom the file escalates.</param>
public sealed record ObligationDeadline(string Duty, DateTimeOffset DueAt, bool Internal, IReadOnlyList<string> Roles);

/// <summary>What the clock may raise an alarm for. An alarm decides nothing.</summary>
public static class ObligationDeadlines
{
    /// <returns>Only of rows that are on, started and open, the earliest first; passed ones too.</returns>
    public static IReadOnlyList<ObligationDeadline> Of(ObligationDefinition definition, ObligationFacts facts, RunMode mode, DateTimeOffset now) =>
    [
        .. ObligationBoard.Of(definition, facts, mode, now).Rows.Where(r => r is { Open: true, Next: not null })
            .Select(r => new ObligationDeadline(r.Duty.Id, r.Next!.Value, r.DueAt is null, [.. definition.EscalateTo.Prepend(r.Duty.SenderRole).Prepend(r.Duty.ValidatorRole).Select(e => e.Id).Distinct()]))
            .OrderBy(d => d.DueAt),
    ];
}
