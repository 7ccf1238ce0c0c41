using System.Globalization;
using System.Security.Cryptography;
using BackupGuard.Verification.Restoring;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Verification.Drills;

/// <summary>Restores into a sandbox, asks, measures, cleans up. The rules:</summary>
/// <remarks>
/// <list type="bullet">
/// <item>Nothing restored is Failed; no probe is never Proved; a probe that could not run, a sandbox that could not take the data or ran full, a snapshot from the future are Inconclusive.</item>
/// <item>Damage seen outweighs all of these (<see cref="Verdicts.Judge"/>).</item>
/// <item>After a scan that found something nothing restored is started.</item>
/// <item>What was restored is judged by what lies in the sandbox afterwards, not by what the restore said.</item>
/// <item>The negative control comes after everything was answered well and measured: the copy is damaged on purpose and each question is put again. It never changes the verdict.</item>
/// <item>The sandbox is cleaned up on every way out, a cancellation and a bug included.</item>
/// </list>
/// </remarks>
public sealed class DrillRunner(IReadOnlyList<IProbeRunner> probeRunners, TimeProvider clock)
{
    /// <summary>Below this a bad answer may come from the full disk, not from the data.</summary>
    private const long TooFull = 32L << 20;

    /// <summary>Whether a drill in which everything passed goes on to damage its copy and ask again.</summary>
    public bool WithControl { get; init; }

    /// <summary>What was counted in the last proved drill of that name.</summary>
    public Func<string, string, double?> LastProved { get; init; } = (_, _) => null;

    /// <summary>Picks among snapshots: a number from 0 to the argument minus 1.</summary>
    public Func<int, int> Pick { get; init; } = RandomNumberGenerator.GetInt32;

    /// <param name="openRepository">Opens the backup; its time counts into the measured RTO. A repository that can be disposed of is.</param>
    /// <returns>A report in every case but a bug. A cancellation ends as a report too: Inconclusive, cleaned up.</returns>
    public async Task<DrillReport> RunAsync(DrillPlan plan, Func<CancellationToken, ValueTask<IBackupRepository>> openRepository, IDrillSandbox sandbox,
        IProgress<WorkProgress>? progress, CancellationToken cancellationToken)
    {
        var run = new DrillRun(plan, clock);
        ProbeScene? scene = null;
        try
        {
            if (await RestoreAsync(run, openRepository, sandbox, progress, cancellationToken))
            {
                scene = new ProbeScene(run.StartedAt, sandbox.Files, run.Files, run.Bytes) { Room = sandbox.RoomAsync, Damage = sandbox.Damage, LastProved = LastProved, Snapshot = run.Snapshot };
                if (await ProbeAsync(run, scene, sandbox, cancellationToken) && WithControl)
                    await ControlAsync(run, scene, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            run.LeaveUnfinished(DrillFindings.Interrupted.At(plan.Name, ("reason", "it was cancelled"), ("reasonFr", "il a été annulé")), new("the drill was cancelled", "le test de restauration a été annulé"));
        }
        finally
        {
            if (scene is not null) await scene.Services.StopAllAsync();
            await CleanUpAsync(run, sandbox, scene?.Services.LeftBehind ?? []);
        }
        return run.Report();
    }

    private async Task<bool> RestoreAsync(DrillRun run, Func<CancellationToken, ValueTask<IBackupRepository>> openRepository, IDrillSandbox sandbox,
        IProgress<WorkProgress>? progress, CancellationToken cancellationToken)
    {
        var step = run.Begin("restore", run.Plan.Snapshot.Text);
        try
        {
            var repository = await openRepository(cancellationToken);
            try
            {
                if (await ChooseAsync(run, repository, cancellationToken) is { } snapshot)
                    await RestoreAsync(run, repository, snapshot, sandbox, progress, cancellationToken);
            }
            finally
            {
                if (repository is IAsyncDisposable disposable) await disposable.DisposeAsync();
                else (repository as IDisposable)?.Dispose();
            }
        }
        catch (StoreException e)
        {
            run.LeaveUnfinished(DrillFindings.NotOpened.At(run.Plan.Repository, ("reason", e.Message)), new($"the repository could not be opened: {e.Message}", $"le dépôt n’a pas pu être ouvert : {e.Message}"));
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
        run.End(step, new ProbeAnswer(restored, run.RestoreSaid(restored)));
        run.JudgeAge();
        return restored == Verdict.Proved;
    }

    private async Task<string?> ChooseAsync(DrillRun run, IBackupRepository repository, CancellationToken cancellationToken)
    {
        var rule = run.Plan.Snapshot;
        if (rule.IsDirect) return rule.Text;
        var listed = await repository.InspectAsync(cancellationToken);
        if (listed.Verdict != Verdict.Proved)
        {
            run.TakeFindings(listed.Findings, listed.Unfinished);
            return null;
        }
        if (rule.Choose(listed.Snapshots, run.StartedAt, Pick) is { } chosen) return chosen;
        run.LeaveUnfinished(DrillFindings.NoSnapshotFits.At(run.Plan.Repository, ("rule", rule.Text), ("count", listed.Snapshots.Count)),
            new($"none of its {listed.Snapshots.Count} snapshots fits the rule \"{rule.Text}\"", $"aucun de ses {listed.Snapshots.Count} instantanés ne répond à la règle « {rule.Text} »"));
        return null;
    }

    private async Task RestoreAsync(DrillRun run, IBackupRepository repository, string snapshot, IDrillSandbox sandbox, IProgress<WorkProgress>? progress, CancellationToken cancellationToken)
    {
        await using var target = await sandbox.PrepareAsync(cancellationToken);
        var options = new RestoreOptions { Snapshot = snapshot, Include = run.Plan.Include, Clock = clock };
        var began = clock.GetTimestamp();
        var report = await repository.RestoreAsync(options, target, progress, cancellationToken);
        run.Take(report);
        if (run.Verdict != Verdict.Proved) return;
        await target.CommitAsync();
        run.Restored(sandbox.Files, clock.GetElapsedTime(began));
    }

    /// <returns>Whether everything that was asked was answered well.</returns>
    private async Task<bool> ProbeAsync(DrillRun run, ProbeScene scene, IDrillSandbox sandbox, CancellationToken cancellationToken)
    {
        if (run.Plan.Probes is [])
            run.LeaveUnfinished(DrillFindings.NothingAsked.At(run.Plan.Name), new("the drill has no probe", "le test de restauration n’a aucune sonde"));

        var (passed, tainted) = (0, false);
        foreach (var probe in run.Plan.Probes)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var step = run.Begin(probe.StepKind, probe.Name);
            if (tainted && probe.MayStartRestored)
            {
                run.NotStarted(step);
                continue;
            }
            var answer = await AskAsync(probe, scene, cancellationToken);
            // Nobody finds malware because a disk is full.
            if (answer.Verdict == Verdict.Failed && probe is not Scan && sandbox.FreeBytes is < TooFull) answer = RanFull(answer);
            tainted |= probe is Scan && answer.Verdict == Verdict.Failed;
            run.End(step, answer);
            run.Take(probe, answer);
            if (answer.Verdict == Verdict.Proved) passed++;
        }
        if (passed == 0 || passed != run.Plan.Probes.Count) return false;
        run.AllPassed();
        return true;
    }

    private static ProbeAnswer RanFull(ProbeAnswer answer) => new(Verdict.Inconclusive,
        new($"the sandbox's disk or quota is full, so this says nothing about the data: {answer.Detail.English}", $"le disque ou le quota du bac à sable est plein, cela ne dit donc rien des données : {answer.Detail.French}"));

    /// <summary>From the last question to the first: a database is emptied while it runs, before its files are destroyed.</summary>
    private async Task ControlAsync(DrillRun run, ProbeScene scene, CancellationToken cancellationToken)
    {
        foreach (var probe in run.Plan.Probes.Reverse())
        {
            cancellationToken.ThrowIfCancellationRequested();
            run.Take(await SpoilAndAskAsync(probe, scene, cancellationToken));
        }
        run.JudgeControl();
    }

    private async Task<ControlStep> SpoilAndAskAsync(Probe probe, ProbeScene scene, CancellationToken cancellationToken)
    {
        try
        {
            if (probeRunners.First(r => r.CanRun(probe)) is var runner && await runner.SpoilAsync(probe, scene, cancellationToken) is not { } damage)
                return new ControlStep(probe.Name, null, Verdict.Inconclusive, new("no damage is known that this question must see", "on ne connaît aucun dommage que cette question doive voir"));
            var answer = await AskAsync(probe, Recounted(scene), cancellationToken);
            return new ControlStep(probe.Name, damage, answer.Verdict, answer.Detail);
        }
        catch (Exception e) when (e is SandboxException or IOException or UnauthorizedAccessException)
        {
            return new ControlStep(probe.Name, null, Verdict.Inconclusive, new($"the copy could not be damaged: {e.Message}", $"la copie n’a pas pu être abîmée : {e.Message}"));
        }
    }

    private static ProbeScene Recounted(ProbeScene scene)
    {
        var (files, bytes) = Counted(scene.Restored);
        return scene with { Files = files, Bytes = bytes };
    }

    private static (long Files, long Bytes) Counted(IRestoredFiles restored)
    {
        var (files, bytes) = (0L, 0L);
        foreach (var entry in restored.List())
        {
            if (entry.Kind != RestoredKind.File) continue;
            files++;
            bytes += entry.LengthBytes;
        }
        return (files, bytes);
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
        catch (Exception e) when (e is SandboxException or IOException or UnauthorizedAccessException)
        {
            return new ProbeAnswer(Verdict.Inconclusive, new(e.Message, e.Message));
        }
    }

    private static async Task CleanUpAsync(DrillRun run, IDrillSandbox sandbox, IReadOnlyList<string> outside)
    {
        var step = run.Begin("cleanup", "sandbox");
        string?[] all = [await sandbox.CleanUpAsync(), .. outside];
        var left = all.OfType<string>().ToList() is { Count: > 0 } some ? string.Join("; ", some) : null;
        run.End(step, left is null ? new ProbeAnswer(Verdict.Proved, new("nothing was left", "rien n’est resté")) : new ProbeAnswer(Verdict.Failed, new(left, left)));
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
        private TimeSpan? _scaledRto;
        private TimeSpan? _rpo;
        private bool _rpoFromData;
        private TimeSpan _restoreTook;

        // As the backup counts, several names of one file once: comparable with its size.
        private long _restoredBytes;
        private List<ControlStep>? _control;
        private bool _cleanedUp;

        public DrillPlan Plan => plan;
        public SnapshotSummary? Snapshot => _snapshot;
        public DateTimeOffset StartedAt { get; } = clock.GetUtcNow();
        public long Files { get; private set; }
        public long Bytes { get; private set; }
        public Verdict Verdict => Verdicts.Judge(_findings, _unfinished);

        public (string Kind, string Name, long From) Begin(string kind, string name) => (kind, name, clock.GetTimestamp());

        public void End((string Kind, string Name, long From) step, ProbeAnswer answer) =>
            _steps.Add(new DrillStep(step.Kind, step.Name, clock.GetElapsedTime(step.From), answer.Verdict, answer.Detail) { Measures = answer.Measures, Artefacts = answer.Artefacts });

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
            _restoredBytes = report.Bytes;
            _drivenBy = report.DrivenBy;
            // A target that is full or forbidden is the sandbox's fault; neither it nor what it kept from being restored must stand as damage of the backup.
            var unwritten = report.Findings.FirstOrDefault(f => f.Kind == CommonFindings.RestoreWriteFailed);
            _findings.AddRange(report.Findings.Where(f => f.Kind != CommonFindings.RestoreWriteFailed && (unwritten is null || f.Kind != CommonFindings.NothingRestored)));
            if (unwritten is not null) SandboxUnfit(unwritten.Message("en").TrimEnd('.'));
            _unfinished ??= report.Unfinished;
            if (report.Files == 0 && Verdict == Verdict.Proved)
                _findings.Add(CommonFindings.NothingRestored.At(plan.Snapshot.Text));
        }

        public void TakeFindings(IReadOnlyList<Finding> findings, Words? unfinished)
        {
            _findings.AddRange(findings);
            _unfinished ??= unfinished;
        }

        public void Restored(IRestoredFiles restored, TimeSpan took)
        {
            _restoreTook = took;
            (Files, Bytes) = Counted(restored);
            if (Files == 0) _findings.Add(CommonFindings.NothingRestored.At(plan.Snapshot.Text));
        }

        public void JudgeAge()
        {
            if (_snapshot is not { } snapshot || Files == 0) return;
            if (snapshot.TakenAt <= StartedAt)
            {
                _rpo = StartedAt - snapshot.TakenAt;
                JudgeRpo();
            }
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

        public void NotStarted((string Kind, string Name, long From) step)
        {
            End(step, new ProbeAnswer(Verdict.Inconclusive, new("not started: a scan found something in the restored data", "non démarrée\u00a0: une analyse a trouvé quelque chose dans les données restaurées")));
            if (_findings.TrueForAll(f => f.Kind != DrillFindings.NotStarted))
                LeaveUnfinished(DrillFindings.NotStarted.At(plan.Name), new("nothing restored was started, for a scan found something in it", "rien de ce qui fut restauré n’a été démarré, car une analyse y a trouvé quelque chose"));
        }

        public void Take(Probe probe, ProbeAnswer answer)
        {
            _findings.AddRange(answer.Findings);
            ReadOnlySpan<(string, object)> data = [("reason", answer.Detail.English), ("reasonFr", answer.Detail.French)];
            if (answer is { Verdict: Verdict.Proved, NewestData: { } newest } && newest <= StartedAt && (!_rpoFromData || StartedAt - newest > _rpo))
            {
                (_rpo, _rpoFromData) = (StartedAt - newest, true);
                JudgeRpo();
            }
            if (answer.Verdict == Verdict.Failed)
                _findings.Add(DrillFindings.ProbeFailed.At(probe.Name, data));
            if (answer.Verdict == Verdict.Inconclusive)
                LeaveUnfinished(DrillFindings.ProbeNotRun.At(probe.Name, data), new($"{probe.Name} could not be run: {answer.Detail.English}", $"{probe.Name} n’a pas pu être exécutée : {answer.Detail.French}"));
        }

        public void AllPassed()
        {
            _rto = clock.GetElapsedTime(_start);
            _scaledRto = Scaled(_rto.Value);
            // A part larger than what the backup calls the whole: nobody knows what the whole would take.
            if (plan.Include.Count > 0 && _snapshot is { } whole && whole.Bytes < _restoredBytes) _rto = null;
            if (plan.LongestRto is { } longest && (_scaledRto ?? _rto) is { } took && took > longest)
                _findings.Add(DrillFindings.SlowerThanObjective.At(plan.Name, ("took", Hours(took)), ("longest", Hours(longest))));
            if (_snapshot is null)
                LeaveUnfinished(DrillFindings.AgeUnknown.At(plan.Snapshot.Text), new("nobody knows when the restored data were saved", "nul ne sait quand les données restaurées ont été sauvegardées"));
        }

        public void Take(ControlStep step) => (_control ??= []).Add(step);

        public void JudgeControl()
        {
            foreach (var step in _control!.Where(c => !c.Rang))
                _findings.Add(DrillFindings.AlarmNotProved.At(step.Name, ("damage", step.Damage?.English ?? step.Detail.English), ("damageFr", step.Damage?.French ?? step.Detail.French)));
        }

        /// <summary>Bytes restored take their time in proportion; opening, starting and asking take the same for the whole.</summary>
        private TimeSpan? Scaled(TimeSpan rto) =>
            plan.Include.Count > 0 && _snapshot is { Bytes: var whole } && _restoredBytes > 0 && whole > _restoredBytes ? rto + _restoreTook * ((double)whole / _restoredBytes - 1) : null;

        private void JudgeRpo()
        {
            // Asked again when the data themselves tell a date: that one counts.
            _findings.RemoveAll(f => f.Kind == DrillFindings.OlderThanObjective);
            if (plan.LongestRpo is not { } longest || _rpo is not { } age || age <= longest) return;
            _findings.Add(DrillFindings.OlderThanObjective.At(plan.Name, ("age", Hours(age)), ("longest", Hours(longest))));
        }

        private static string Hours(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours}:{time.Minutes:00}:{time.Seconds:00}");

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
            ScaledRto = _scaledRto,
            MeasuredRpo = _rpo,
            RpoFromData = _rpoFromData,
            RestoreTook = _restoreTook,
            Control = _control,
            Files = Files,
            Bytes = Bytes,
            CleanedUp = _cleanedUp,
        };
    }
}
