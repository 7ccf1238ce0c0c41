using BackupGuard.Agent.Config;
using BackupGuard.Agent.Memory;
using BackupGuard.Agent.Scheduling;
using BackupGuard.Contracts;
using BackupGuard.Verification;
using BackupGuard.Verification.Drills;
using BackupGuard.Verification.Restoring;

namespace BackupGuard.Agent.Drills;

/// <summary>One drill of agent.yaml.</summary>
/// <param name="withControl">Runs the negative control even where this definition's alarm was proved before.</param>
/// <param name="openRepository">Opens the backup with its secrets; what it cannot open is a StoreException.</param>
internal sealed class DrillJob(DrillSettings drill, Func<RepositorySettings, CancellationToken, ValueTask<IBackupRepository>> openRepository, Func<string, IRestoreTarget> createTarget,
    TimeProvider clock, IProgress<WorkProgress>? progress, bool withControl = false) : IJob
{
    public string Id => "drill:" + drill.Name;
    public string Type => "drill";
    public string Application => drill.Application;

    /// <summary>The last run's whole document, for the people at this machine: it names files, which evidence does not, and may be longer.</summary>
    public DrillDocument? Last { get; private set; }

    public byte[] Intent(JobStart start) => IntentPayload.Of(start, ("drill", drill.Name), ("definitionHash", drill.Plan.DefinitionHash), ("repository", drill.Repository.Address), ("snapshot", drill.Plan.Snapshot.Text));

    public async Task<byte[]> RunAsync(JobStart start, CancellationToken cancellationToken)
    {
        using var turn = await TurnAsync(cancellationToken);
        using var sandbox = new DirectorySandbox(drill.Sandbox, drill.Name, drill.Repository.Address, [.. drill.Plan.Probes.SelectMany(p => p.Shown)], createTarget, clock);
        var memory = DrillMemory.Open(drill.Repository.StateFolder, drill.Name);
        var runner = new DrillRunner(DrillSteps.Runners(sandbox.Restored, clock, drill.Repository.StateFolder), clock)
        {
            WithControl = withControl || !memory.AlarmProved(drill.Plan.DefinitionHash), LastProved = memory.LastProved,
        };
        var report = await runner.RunAsync(drill.Plan, token => openRepository(drill.Repository, token), sandbox, progress, cancellationToken);
        memory.Remember(drill.Plan.DefinitionHash, report);
        if (report is { Verdict: Verdict.Proved, Snapshot: { } proved }) Remember(proved.Id);
        return Told(report, start);
    }

    /// <summary>Not part of what is measured. Where there is no folder to wait in, or nobody waits any more, the drill itself says so.</summary>
    private async Task<IDisposable?> TurnAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (DirectorySandbox.Refusal(drill.Sandbox.Folder, drill.Repository.Address) is not null) return null;
            DirectorySandbox.CreatePrivate(drill.Sandbox.Folder);
            return await VolumeTurn.TakeAsync(drill.Sandbox.Folder, clock, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or OperationCanceledException)
        {
            return null;
        }
    }

    /// <summary>A drill that passed is what makes a snapshot clean for the anomaly check. Where nothing is remembered, nothing is lost: the drill's own result stands.</summary>
    private void Remember(string snapshot)
    {
        if (drill.Repository.Signals is null) return;
        try
        {
            using var memory = RepositoryMemory.Open(drill.Repository.StateFolder, RepositoryAddress.Parse(drill.Repository.Address));
            memory.Signals.MarkDrilled(snapshot);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next judgement then says "no sign seen" instead of "clean": never more than was proved.
        }
    }

    public byte[] Unknown(JobStart start, Finding finding, Words reason)
    {
        var report = new DrillReport { StartedAt = start.StartedAt, Duration = TimeSpan.Zero, Findings = [finding], Steps = [], Unfinished = reason };
        return Told(report, start);
    }

    private byte[] Told(DrillReport report, JobStart start)
    {
        var document = ResultDocuments.Of(drill.Plan, report, start.StartedBy, drill.Repository.StateFolder);
        Last = document with { Findings = [.. report.Findings.Select(DocumentMapping.ToDocument)] };
        return ResultDocuments.Payload(document);
    }
}
