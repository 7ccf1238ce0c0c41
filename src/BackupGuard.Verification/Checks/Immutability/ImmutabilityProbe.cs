using System.Globalization;
using System.Security.Cryptography;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Verification.Checks.Immutability;

/// <summary>One probe, in the order of its protocol: read the settings, look at the canaries of earlier probes, plant, attack and look after each attack, the positive control, the clock, the verdict.</summary>
/// <param name="remember">Makes the memory durable; called whenever a canary was planted or went away.</param>
/// <remarks>For one run. What happened is judged by the state that the witness sees afterwards, never by an answer of the store to the attacker.</remarks>
public sealed class ImmutabilityProbe(ICanaryTarget target, ICanaryWitness witness, ProbePlan plan, TimeProvider clock, Action<ProbeMemory> remember)
{
    private const int CanaryBytes = 4096;

    /// <summary>Canaries cost little and cannot be removed before their time: a schedule gone wild must end somewhere.</summary>
    private const int MostStanding = 64;
    private const int MostSweptUp = 16;
    private const string LongName = "long", ShortName = "short";

    private readonly List<Finding> findings = [];
    private readonly List<AttackResult> attacks = [];
    private readonly List<PlantedCanary> standing = [];
    private readonly ProbeClock times = new(clock);
    private ProbeMemory memory = new();
    private PlantedCanary? shortCanary;
    private LockMode canaryMode = LockMode.Unknown;
    private bool attacksRun, changed, unseen;
    private Words? unfinished;
    private ControlResult control = new(ControlOutcome.NotDue, "", null, null);

    /// <param name="before">What the last probe left behind.</param>
    /// <param name="scope">What was read of the backup objects.</param>
    public async Task<ProbeReport> RunAsync(ProbeMemory before, LockScope scope, CancellationToken cancellationToken)
    {
        memory = before;
        var startedAt = clock.GetUtcNow();
        if (target.Identity == witness.Identity) findings.Add(ImmutabilityFindings.SameIdentity.At(plan.Subject, ("identity", target.Identity)));
        var configuration = await witness.ReadConfigurationAsync(cancellationToken);
        var drifts = CompareBaseline(configuration, startedAt);
        await LookAtEarlierAsync(cancellationToken);
        // Never against a store whose settings nobody has taken for right.
        if (drifts.Count == 0 && MayPlant()) await AttackAsync(cancellationToken);
        if (drifts.Count == 0 && !changed) await ControlAsync(cancellationToken);
        await SweepUpAsync(cancellationToken);

        if (times.Suspicion(before.ServerAhead) is { } suspicion) findings.Add(ImmutabilityFindings.ClockSuspect.At(plan.Subject, ("reason", suspicion)));
        var verdict = ProbeRule.Judge(new ProbeFacts
        {
            AttacksRun = attacksRun, Changed = changed, Unseen = unseen, Control = control.Outcome, CanaryMode = canaryMode, ClockSuspect = times.Suspicion(before.ServerAhead) is not null, Drifted = drifts.Count > 0, Scope = scope,
        });
        findings.AddRange(ImmutabilityFindings.Of(verdict, plan, target.Identity, attacks, control, scope, canaryMode));
        if (standing.Count > 0) findings.Add(ImmutabilityFindings.CanariesStanding.At(plan.Subject, ("count", standing.Count), ("until", Time(standing.Max(c => c.RetainUntil)))));
        Save(memory with { ServerAhead = times.ServerAhead ?? memory.ServerAhead });
        return new ProbeReport
        {
            Verdict = verdict, Findings = [.. findings.OrderByDescending(f => f.Severity).ThenBy(f => f.Code, StringComparer.Ordinal)],
            Unfinished = verdict is ImmutabilityVerdict.Inconclusive or ImmutabilityVerdict.ConfigOnly ? unfinished ?? (scope.Problem is { } problem ? Words.Same(problem) : findings.Find(f => f.Severity == Severity.Warning) is { } first ? new Words(first.Message("en"), first.Message("fr")) : new Words("nothing could be shown", "rien n’a pu être démontré")) : null,
            Identity = target.Identity, Witness = witness.Identity, CanaryMode = canaryMode, Scope = scope, Attacks = attacks, Control = control, Configuration = configuration, Drifts = drifts,
            ServerAhead = times.ServerAhead, StartedAt = startedAt, ExpiresAt = clock.GetUtcNow() + plan.Interval + ProbePlan.Margin, Standing = standing.Count,
        };
    }

    private List<Drift> CompareBaseline(IReadOnlyList<ConfigurationAnswer> now, DateTimeOffset at)
    {
        foreach (var hidden in now.Where(a => a.State == AnswerState.Hidden)) findings.Add(ImmutabilityFindings.SettingUnreadable.At(plan.Subject, ("setting", hidden.Name), ("witness", witness.Identity)));
        if (memory.Baseline is not { } baseline)
        {
            // Settings that could not be read at all are nothing to hold later ones against.
            if (now.All(a => a.State == AnswerState.Hidden)) return [];
            findings.Add(ImmutabilityFindings.BaselinePinned.At(plan.Subject, ("settings", string.Join(", ", now.Where(a => a.State != AnswerState.Hidden).Select(a => a.Name)))));
            Save(memory with { Baseline = now, BaselineAt = at });
            return [];
        }
        var drifts = new List<Drift>();
        foreach (var name in baseline.Select(a => a.Name).Union(now.Select(a => a.Name), StringComparer.Ordinal))
        {
            var (was, today) = (baseline.FirstOrDefault(a => a.Name == name), now.FirstOrDefault(a => a.Name == name));
            if (was?.Hash == today?.Hash) continue;
            drifts.Add(new Drift(name, Shown(was), Shown(today)));
            findings.Add(ImmutabilityFindings.Drifted.At(plan.Subject, ("setting", name), ("before", Shown(was)), ("now", Shown(today)), ("since", Time(memory.BaselineAt))));
        }
        return drifts;
    }

    private static string Shown(ConfigurationAnswer? answer) => answer switch
    {
        { State: AnswerState.Said } => answer.Text,
        { State: AnswerState.NotSet } => "(not set)",
        null or { State: AnswerState.Hidden } => "(not readable)",
    };

    /// <summary>A canary of an earlier probe must still be what it was until its date.</summary>
    private async Task LookAtEarlierAsync(CancellationToken cancellationToken)
    {
        foreach (var canary in memory.Canaries)
        {
            var sight = await LookAsync(canary.Canary, cancellationToken);
            var isOver = canary.RetainUntil <= times.ServerNow;
            if (canary.IsIntact(sight) is not false) standing.Add(canary);
            else if (canary.IsLocked && !isOver)
            {
                changed = true;
                findings.Add(ImmutabilityFindings.EarlierCanaryChanged.At(canary.Canary.Key.Text, ("until", Time(canary.RetainUntil)), ("seen", Seen(sight))));
                // Still there in another shape: it is said again each time.
                if (sight.Kind != SightKind.Gone) standing.Add(canary);
            }
        }
        memory = memory with { Canaries = [.. standing] };
    }

    private bool MayPlant()
    {
        if (standing.Count < MostStanding) return true;
        unfinished = new($"{standing.Count} canaries stand there already", $"{standing.Count} canaris s’y trouvent déjà");
        findings.Add(ImmutabilityFindings.TooManyCanaries.At(plan.Subject, ("count", standing.Count)));
        return false;
    }

    private async Task AttackAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (await PlantAsync(LongName, now + plan.Interval + ProbePlan.Margin, orUnlocked: true, cancellationToken) is not { } canary) return;
        canaryMode = canary.Mode;
        if (canary.IsLocked) shortCanary = await PlantAsync(ShortName, times.ServerNow + plan.ControlAfter, orUnlocked: false, cancellationToken);
        attacksRun = true;
        foreach (var attack in target.Attacks)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var answer = Note(await target.AttackAsync(attack, canary, cancellationToken));
            var sight = await LookAsync(canary.Canary, cancellationToken);
            var intact = canary.IsIntact(sight);
            attacks.Add(new AttackResult(attack, answer, intact, Seen(sight)));
            if (answer.LeftBehind) findings.Add(ImmutabilityFindings.LeftBehind.At(canary.Canary.Key.Text, ("attack", Word(attack))));
            if (attack == CanaryAttack.LiftLegalHold && answer.Kind == AnswerKind.Accepted) findings.Add(ImmutabilityFindings.HoldLiftable.At(plan.Subject, ("identity", target.Identity)));
            if (intact is null || answer.Kind == AnswerKind.None) unseen = true;
            if (intact is not false) continue;
            changed = true;
            if (sight.Kind == SightKind.Gone) Forget(canary);
            // What is left of it says nothing about the attacks that remain.
            return;
        }
        // Nothing held it, and it stands: this identity may not delete at all.
        if (canary.Mode == LockMode.None && !unseen) control = new ControlResult(ControlOutcome.Refused, canary.Canary.Key.Text, null, attacks.Count > 0 ? attacks[0].Answer : null);
    }

    private async Task<PlantedCanary?> PlantAsync(string name, DateTimeOffset until, bool orUnlocked, CancellationToken cancellationToken)
    {
        var (key, content) = (new CanaryKey(plan.Run, name), RandomNumberGenerator.GetBytes(CanaryBytes));
        var planted = await target.PlantAsync(key, content, plan.Mode, until, cancellationToken);
        Note(planted.Answer);
        if (planted.Canary is null && orUnlocked && planted.Answer.Kind == AnswerKind.Refused)
        {
            // A bucket without Object Lock refuses the lock, not the object: what it does to an object is then the question.
            planted = await target.PlantAsync(key, content, LockMode.None, until, cancellationToken);
            Note(planted.Answer);
        }
        if (planted.Canary is not { } written)
        {
            if (!orUnlocked) return null;
            unseen |= planted.Answer.Kind == AnswerKind.None;
            unfinished = planted.Answer.Kind == AnswerKind.None 
                ? new("the store did not take a canary: it did not answer", "le stockage n’a pas accepté de canari : il n’a pas répondu")
                : new($"the store did not take a canary from {target.Identity} ({planted.Answer.Code})", $"le stockage n’a pas accepté de canari de {target.Identity} ({planted.Answer.Code})");
            findings.Add(ImmutabilityFindings.NotPlanted.At(plan.Subject, ("identity", target.Identity), ("code", planted.Answer.Code.Length > 0 ? planted.Answer.Code : "-")));
            return null;
        }
        var hash = Convert.ToHexStringLower(SHA256.HashData(content));
        var sight = await LookAsync(written, cancellationToken);
        var canary = new PlantedCanary(written, hash, sight.Lock.Mode, sight.Lock.RetainUntil ?? until, clock.GetUtcNow());
        if (sight.Kind != SightKind.Seen || sight.Sha256 != hash || sight.Lock.Mode == LockMode.Unknown)
        {
            unseen = true;
            findings.Add(ImmutabilityFindings.LockNotSeen.At(key.Text, ("witness", witness.Identity), ("seen", Seen(sight))));
        }
        standing.Add(canary);
        Save(memory with { Canaries = [.. standing] });
        return canary;
    }

    private async Task ControlAsync(CancellationToken cancellationToken)
    {
        if (control.Outcome != ControlOutcome.NotDue) return;
        var canary = standing.Where(c => c.IsLocked && c != shortCanary && IsOver(c)).OrderBy(c => c.RetainUntil).FirstOrDefault()
            ?? shortCanary ?? standing.Where(c => c.IsLocked).MinBy(c => c.RetainUntil);
        if (canary is not { IsLocked: true }) return;
        control = new ControlResult(ControlOutcome.NotDue, canary.Canary.Key.Text, canary.RetainUntil, null);
        var left = canary.RetainUntil + ProbeClock.Granularity - times.ServerNow;
        if (left > plan.LongestWait) return;
        if (left > TimeSpan.Zero) await Task.Delay(left, clock, cancellationToken);

        if ((await LookAsync(canary.Canary, cancellationToken)).Kind != SightKind.Seen)
        {
            control = control with { Outcome = ControlOutcome.Unknown };
            return;
        }
        var answer = Note(await target.DeleteAsync(canary.Canary, cancellationToken));
        var after = await LookAsync(canary.Canary, cancellationToken);
        if (after.Kind == SightKind.Gone) Forget(canary);
        control = control with
        {
            Answer = answer,
            Outcome = (after.Kind, answer.Kind) switch
            {
                (SightKind.Gone, _) => ControlOutcome.Passed,
                (SightKind.Unseen, _) or (_, AnswerKind.None) => ControlOutcome.Unknown,
                (SightKind.Seen, AnswerKind.Accepted) => ControlOutcome.AcceptedButThere,
                (SightKind.Seen, AnswerKind.Refused) => ControlOutcome.Refused,
            },
        };
    }

    /// <summary>Takes canaries away whose time is over, ours only, as far as this identity may.</summary>
    private async Task SweepUpAsync(CancellationToken cancellationToken)
    {
        if (control.Outcome != ControlOutcome.Passed) return;
        foreach (var canary in standing.Where(IsOver).Take(MostSweptUp).ToList())
        {
            Note(await target.DeleteAsync(canary.Canary, cancellationToken));
            if ((await LookAsync(canary.Canary, cancellationToken)).Kind == SightKind.Gone) Forget(canary);
        }
    }

    private bool IsOver(PlantedCanary canary) => canary.IsLocked && canary.RetainUntil + ProbeClock.Granularity <= times.ServerNow;

    private void Forget(PlantedCanary canary)
    {
        standing.Remove(canary);
        Save(memory with { Canaries = [.. standing] });
    }

    private void Save(ProbeMemory next)
    {
        memory = next;
        remember(memory);
    }

    private StoreAnswer Note(StoreAnswer answer)
    {
        times.Note(answer.ServerDate);
        return answer;
    }

    private StoreAnswer Note(PlantAnswer planted) => Note(planted.Answer);

    private async ValueTask<CanarySight> LookAsync(CanaryVersion canary, CancellationToken cancellationToken)
    {
        var sight = await witness.LookAsync(canary, cancellationToken);
        times.Note(sight.ServerDate);
        return sight;
    }

    private static string Seen(CanarySight sight) => sight.Kind switch
    {
        SightKind.Gone => "gone",
        SightKind.Unseen => $"not seen: {sight.Problem}",
        SightKind.Seen => $"sha256 {sight.Sha256[..Math.Min(8, sight.Sha256.Length)]}, {sight.Lock.Mode}{(sight.Lock.RetainUntil is { } until ? $" until {Time(until)}" : "")}{(sight.Lock.LegalHold is true ? ", held" : "")}",
    };

    internal static string Word(CanaryAttack attack) => Word(attack.ToString());

    internal static string Word(string attack) => string.Concat(attack.Select((c, i) => char.IsUpper(c) && i > 0 ? $" {char.ToLowerInvariant(c)}" : char.ToLowerInvariant(c).ToString()));

    internal static string Time(DateTimeOffset? at) => at?.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "?";
}
