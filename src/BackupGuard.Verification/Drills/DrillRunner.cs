using System.Globalization;
using BackupGuard.Verification.Restoring;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Verification.Drills;

/// <summary>Restores into a sandbox, asks, measures, cleans up. The rules:</summary>
/// <remarks>
/// <list type="bullet">
/// <item>Nothing restored is Failed; no probe is never Proved; a probe that could not run, a sandbox that could not take the data, a snapshot from the future are Inconclusive.</item>
/// <item>Damage seen outweighs all of these (<see cref="Verdicts.Judge"/>).</item>
/// <item>What was restored is judged by what lies in the sandbox afterwards, not by what the restore said.</item>
/// <item>The sandbox is cleaned up on every way out, a cancellation and a bug included.</item>
/// </list>
/// </remarks>
public sealed class DrillRunner(IReadOnlyList<IProbeRunner> probeRunners, TimeProvider clock)
{
    /// <param name="openRepository">Opens the backup; its time counts into the measured RTO. A repository that can be disposed of is.</param>
    /// <returns>A report in every case but a bug. A cancellation ends as a report too: Inconclusive, cleaned up.</returns>
    public async Task<DrillReport> RunAsync(DrillPlan plan, Func<CancellationToken, ValueTask<IBackupRepository>> openRepository, IDrillSandbox sandbox,
        IProgress<WorkProgress>? progress, CancellationToken cancellationToken)
    {
        var run = new DrillRun(plan, clock);
        try
        {
            if (await RestoreAsync(run, openRepository, sandbox, progress, cancellationToken))
                await ProbeAsync(run, sandbox, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            run.LeaveUnfinished(DrillFindings.Interrupted.At(plan.Name, ("reason", "it was cancelled"), ("reasonFr", "il a été annulé")), new("the drill was cancelled", "le test de restauration a été annulé"));
        }
        finally
        {
            await CleanUpAsync(run, sandbox);
        }
        return run.Report();
    }

    private async Task<bool> RestoreAsync(DrillRun run, Func<CancellationToken, ValueTask<IBackupRepository>> openRepository, IDrillSandbox sandbox,
        IProgress<WorkProgress>? progress, CancellationToken cancellationToken)
    {
        var step = run.Begin("restore", run.Plan.Snapshot);
        try
        {
            var repository = await openRepository(cancellationToken);
            try
            {
                await using var target = await sandbox.PrepareAsync(cancellationToken);
                var options = new RestoreOptions { Snapshot = run.Plan.Snapshot, Clock = clock };
                var report = await repository.RestoreAsync(options, target, progress, cancellationToken);
                run.Take(report);
                if (run.Verdict == Verdict.Proved)
                {
                    await target.CommitAsync();
                    run.Count(sandbox.Files);
                }
            }
            finally
            {
                if (repository is IAsyncDisposable disposable) await disposable.DisposeAsync();
            }
        }
        catch (StoreException e)
        {
            run.LeaveUnfinished(DrillFindings.NotOpened.At(run.Plan.Repository, ("reason", e.Message)), new($"the repository could not be opened: {e.Message}", $"le dépôt n’a pas pu être ouvert : {e.Message}"));
        }
        catch (RestoreException e)
        {
            run.SandboxUnfit(e.Message);
        }
        catch (SandboxException e)
        {
            run.SandboxUnfit(e.Message);
        }
        // Asked before the snapshot's age is judged: data of unknown age are still worth probing.
        var restored = run.Verdict;
        run.End(step, restored, run.RestoreSaid(restored));
        run.JudgeAge();
        return restored == Verdict.Proved;
    }

    private async Task ProbeAsync(DrillRun run, IDrillSandbox sandbox, CancellationToken cancellationToken)
    {
        if (run.Plan.Probes is [])
            run.LeaveUnfinished(DrillFindings.NothingAsked.At(run.Plan.Name), new("the drill has no probe", "le test de restauration n’a aucune sonde"));

        var scene = new ProbeScene(run.StartedAt, sandbox.Files, run.Files, run.Bytes);
        var passed = 0;
        foreach (var probe in run.Plan.Probes)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var step = run.Begin("probe", probe.Name);
            var answer = await AskAsync(probe, scene, cancellationToken);
            run.End(step, answer.Verdict, answer.Detail);
            run.Take(probe, answer);
            if (answer.Verdict == Verdict.Proved) passed++;
        }
        if (passed > 0 && passed == run.Plan.Probes.Count) run.AllPassed();
    }

    private async Task<ProbeAnswer> AskAsync(Probe probe, ProbeScene scene, CancellationToken cancellationToken)
    {
        var runner = probeRunners.FirstOrDefault(r => r.CanRun(probe));
        if (runner is null)
            return new ProbeAnswer(Verdict.Inconclusive, new($"this agent cannot run a probe of kind {probe.Kind}", $"cet agent ne sait pas exécuter une sonde {probe.Kind}"));
        try
        {
            return await runner.RunAsync(probe, scene, cancellationToken);
        }
        catch (SandboxException e)
        {
            return new ProbeAnswer(Verdict.Inconclusive, new(e.Message, e.Message));
        }
    }

    private static async Task CleanUpAsync(DrillRun run, IDrillSandbox sandbox)
    {
        var step = run.Begin("cleanup", "sandbox");
        var left = await sandbox.CleanUpAsync();
        run.End(step, left is null ? Verdict.Proved : Verdict.Failed, left is null ? new("nothing was left", "rien n’est resté") : new(left, left));
        run.CleanedUp(left);
    }

    /// <summary>What a drill in progress has gathered.</summary>
    private sealed class DrillRun(DrillPlan plan, TimeProvider clock)
    {
        private readonly List<Finding> _findings = [];
        private readonly List<DrillStep> _steps = [];
        private readonly long _start = clock.GetTimestamp();
        private Words? _unfinished;
        private SnapshotSummary? _snapshot;
        private DrivenBy? _drivenBy;
        private TimeSpan? _rto;
        private TimeSpan? _rpo;
        private bool _cleanedUp;

        public DrillPlan Plan => plan;
        public DateTimeOffset StartedAt { get; } = clock.GetUtcNow();
        public long Files { get; private set; }
        public long Bytes { get; private set; }
        public Verdict Verdict => Verdicts.Judge(_findings, _unfinished);

        public (string Kind, string Name, long From) Begin(string kind, string name) => (kind, name, clock.GetTimestamp());

        public void End((string Kind, string Name, long From) step, Verdict verdict, Said detail) =>
            _steps.Add(new DrillStep(step.Kind, step.Name, clock.GetElapsedTime(step.From), verdict, detail));

        public void LeaveUnfinished(Finding finding, Words reason)
        {
            _findings.Add(finding);
            _unfinished ??= reason;
        }

        public void SandboxUnfit(string reason) =>
            LeaveUnfinished(DrillFindings.SandboxUnfit.At(plan.Name, ("reason", reason)), new($"the sandbox could not take the restored data: {reason}", $"le bac à sable n’a pas pu recevoir les données restaurées : {reason}"));

        public void Take(RestoreReport report)
        {
            _snapshot = report.Snapshot;
            _drivenBy = report.DrivenBy;
            // A target that is full or forbidden is the sandbox's fault; it must not stand as damage of the backup.
            _findings.AddRange(report.Findings.Where(f => f.Kind != CommonFindings.RestoreWriteFailed));
            if (report.Findings.FirstOrDefault(f => f.Kind == CommonFindings.RestoreWriteFailed) is { } unwritten)
                SandboxUnfit(unwritten.Message("en").TrimEnd('.'));
            _unfinished ??= report.Unfinished;
            if (report.Files == 0 && Verdict == Verdict.Proved)
                _findings.Add(CommonFindings.NothingRestored.At(plan.Snapshot));
        }

        public void Count(IRestoredFiles restored)
        {
            foreach (var entry in restored.List())
            {
                if (entry.Kind != RestoredKind.File) continue;
                Files++;
                Bytes += entry.LengthBytes;
            }
            if (Files == 0) _findings.Add(CommonFindings.NothingRestored.At(plan.Snapshot));
        }

        public void JudgeAge()
        {
            if (_snapshot is not { } snapshot || Files == 0) return;
            if (snapshot.TakenAt <= StartedAt)
                _rpo = StartedAt - snapshot.TakenAt;
            else
                LeaveUnfinished(DrillFindings.SnapshotInFuture.At(snapshot.Id, ("taken", snapshot.TakenAt.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture))),
                    new("the snapshot says it was taken after the drill began", "l’instantané dit avoir été pris après le début du test"));
        }

        public Said RestoreSaid(Verdict verdict) => verdict switch
        {
            Verdict.Proved => new(string.Create(CultureInfo.InvariantCulture, $"{Files} files, {Bytes} bytes"), string.Create(CultureInfo.InvariantCulture, $"{Files} fichiers, {Bytes} octets")),
            Verdict.Failed => new("the backup could not be restored, see the findings", "la sauvegarde n’a pas pu être restaurée, voir les constats"),
            Verdict.Inconclusive => _unfinished is { } why ? new(why.En, why.Fr) : default,
        };

        public void Take(Probe probe, ProbeAnswer answer)
        {
            ReadOnlySpan<(string, object)> data = [("reason", answer.Detail.English), ("reasonFr", answer.Detail.French)];
            if (answer.Verdict == Verdict.Failed)
                _findings.Add(DrillFindings.ProbeFailed.At(probe.Name, data));
            if (answer.Verdict == Verdict.Inconclusive)
                LeaveUnfinished(DrillFindings.ProbeNotRun.At(probe.Name, data), new($"{probe.Name} could not be run: {answer.Detail.English}", $"{probe.Name} n’a pas pu être exécutée : {answer.Detail.French}"));
        }

        public void AllPassed()
        {
            _rto = clock.GetElapsedTime(_start);
            if (_snapshot is null)
                LeaveUnfinished(DrillFindings.AgeUnknown.At(plan.Snapshot), new("nobody knows when the restored data were saved", "nul ne sait quand les données restaurées ont été sauvegardées"));
        }

        public void CleanedUp(string? left)
        {
            _cleanedUp = left is null;
            if (left is not null) _findings.Add(DrillFindings.NotCleanedUp.At(plan.Name, ("reason", left)));
        }

        public DrillReport Report() => new()
        {
            StartedAt = StartedAt,
            Duration = clock.GetElapsedTime(_start),
            Findings = _findings,
            Steps = _steps,
            Unfinished = _unfinished,
            Snapshot = _snapshot,
            DrivenBy = _drivenBy,
            MeasuredRto = _rto,
            MeasuredRpo = _rpo,
            Files = Files,
            Bytes = Bytes,
            CleanedUp = _cleanedUp,
        };
    }
}
