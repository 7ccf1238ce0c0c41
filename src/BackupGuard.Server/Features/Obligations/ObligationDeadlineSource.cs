using BackupGuard.Continuity.Obligations;
using BackupGuard.Continuity.Runs;
using BackupGuard.Server.Features.Runs;

namespace BackupGuard.Server.Features.Obligations;

/// <summary>The clock of runs raises these too.</summary>
internal sealed class ObligationDeadlineSource : IDeadlineSource
{
    private static readonly TimeSpan Again = TimeSpan.FromHours(1);

    public IReadOnlyList<DueItem> Of(JournaledRun run, DateTimeOffset now) => ObligationLibrary.Pinned(run.State) is { } rows
        ? [.. ObligationDeadlines.Of(rows, run.State.Obligations, run.Started.Mode, now).Select(d => new DueItem("obligation", d.Duty, d.DueAt, Again, d.Roles))]
        : [];
}
