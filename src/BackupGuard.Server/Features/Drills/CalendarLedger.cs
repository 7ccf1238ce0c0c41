using BackupGuard.Contracts;
using BackupGuard.Evidence;
using BackupGuard.Server.Persistence;

namespace BackupGuard.Server.Features.Drills;

/// <summary>What an agent said last of its calendar.</summary>
/// <param name="SaidAt">By the agent's clock.</param>
public sealed record AgentPlan(string Agent, DateTimeOffset SaidAt, DateTimeOffset ReceivedAt, IReadOnlyList<QueuedJobDocument> Jobs, int LeftOut);

/// <param name="IsSound">False: an entry did not verify, and nothing here may be believed.</param>
public sealed record CalendarKnown(bool IsSound, IReadOnlyList<AgentPlan> Plans);

/// <summary>The newest calendar of each agent whose key is not retired.</summary>
internal sealed class CalendarLedger(IEvidenceLog log) : LogFollower<CalendarKnown>(log, [Plan, KeyRegistration.RetireType])
{
    public const string Plan = "calendar.plan";

    private readonly Dictionary<string, (string KeyId, AgentPlan Plan)> plans = new(StringComparer.Ordinal);

    protected override CalendarKnown Known => new(true, [.. plans.Values.Select(p => p.Plan).OrderBy(p => p.Agent, StringComparer.Ordinal)]);
    protected override CalendarKnown Unsound => new(false, []);

    protected override void Take(LoggedEntry logged)
    {
        var entry = logged.Entry;
        if (AgentProjection.Of(entry) is AgentChange.Revoked revoked)
        {
            foreach (var (agent, _) in plans.Where(p => p.Value.KeyId == revoked.KeyId).ToList()) plans.Remove(agent);
        }
        if (entry.Type != Plan || !entry.Origin.StartsWith(AgentProjection.AgentPrefix, StringComparison.Ordinal) || entry.ReadAs(DocumentJson.Default.QueueDocument) is not { Schema: QueueDocument.SchemaId } document)
        {
            return;
        }
        var name = entry.Origin[AgentProjection.AgentPrefix.Length..];
        plans[name] = (entry.KeyId, new AgentPlan(name, document.At, logged.ReceivedAt, document.Jobs, document.LeftOut));
    }
}
