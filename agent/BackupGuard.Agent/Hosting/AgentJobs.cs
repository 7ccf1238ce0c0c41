using BackupGuard.Agent.Config;
using BackupGuard.Agent.Drills;
using BackupGuard.Agent.Scheduling;

namespace BackupGuard.Agent.Hosting;

/// <summary>Everything of agent.yaml that comes up by itself.</summary>
internal static class AgentJobs
{
    public static List<ScheduledJob> Of(AgentSettings settings, AgentParts parts) =>
    [
        .. settings.Repositories.Where(r => r.Verify is not null).Select(r => new ScheduledJob(
            new VerifyJob(r, r.Verify!.ReadData, parts.OpenRepository, parts.Clock), r.Verify.Calendar)),    // filtered just above
        .. settings.Repositories.Where(r => r.LockProbe?.Calendar is not null).Select(r => new ScheduledJob(
            new ProbeJob(r, r.LockProbe!, parts.OpenRepository, parts.OpenProbe, parts.Clock) { LongestWait = ProbeJob.ScheduledWait }, r.LockProbe!.Calendar!)),    // filtered just above
        .. settings.Drills.Select(d => new ScheduledJob(new DrillJob(d, parts.OpenRepository, parts.CreateTarget, parts.Clock, null), d.Calendar) { Blackouts = settings.Blackouts }),
    ];
}
