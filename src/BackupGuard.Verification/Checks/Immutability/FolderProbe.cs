using System.Security.Cryptography;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Verification.Checks.Immutability;

/// <summary>One probe of a folder of this machine: plant, hold by the immutable attribute, attack and look after each attack, lift the attribute and let the same account delete, take everything away again.</summary>
/// <param name="remember">Makes the memory durable; called whenever a canary was planted or went away.</param>
/// <remarks>
/// For one run. No date holds a file, so nothing has to be waited for, no clock matters, and no canary stays. It is never Proved: whoever is root of that machine lifts the attribute in one command.
/// </remarks>
public sealed class FolderProbe(IFolderUnderTest target, IFolderKeeper keeper, ProbePlan plan, TimeProvider clock, Action<ProbeMemory> remember)
{
    private const int CanaryBytes = 4096;
    private const string AttackedName = "held", ControlName = "control";

    private readonly List<Finding> findings = [];
    private readonly List<FolderAttackResult> attacks = [];
    private readonly List<PlantedCanary> standing = [];
    private ControlResult control = new(ControlOutcome.NotDue, "", null, null);
    private LockMode canaryMode = LockMode.Unknown;
    private Words? unfinished;
    private bool attacksRun, changed, unseen;

    /// <param name="before">What the last probe left behind.</param>
    /// <param name="scope">What was read of the backup's own files.</param>
    public ProbeReport Run(ProbeMemory before, LockScope scope, CancellationToken cancellationToken)
    {
        var startedAt = clock.GetUtcNow();
        var configuration = keeper.ReadConfiguration();
        // A probe that was killed: what it planted must not stand there for ever.
        standing.AddRange(before.Canaries);
        SweepUp();
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            if (Plant(AttackedName, hold: true) is { } canary) Try(canary, scope);
        }
        finally
        {
            // No cancellation in between: an immutable file in somebody's backup is not left behind.
            SweepUp();
        }

        var verdict = ProbeRule.Judge(new ProbeFacts { AttacksRun = attacksRun, Changed = changed, Unseen = unseen, Control = control.Outcome, CanaryMode = canaryMode, Scope = scope });
        findings.AddRange(FolderFindings.Of(verdict, plan.Subject, target.Identity, attacks, control, scope, canaryMode));
        foreach (var left in standing) findings.Add(FolderFindings.CanaryLeft.At(left.Canary.Key.Text, ("folder", plan.Subject)));
        return new ProbeReport
        {
            Verdict = verdict, Findings = [.. findings.OrderByDescending(f => f.Severity).ThenBy(f => f.Code, StringComparer.Ordinal)],
            Unfinished = verdict is ImmutabilityVerdict.Inconclusive or ImmutabilityVerdict.ConfigOnly ? unfinished ?? (scope.Problem is { } problem ? Words.Same(problem) : findings.Find(f => f.Severity == Severity.Warning) is { } first ? new Words(first.Message("en"), first.Message("fr")) : new Words("nothing could be shown", "rien n’a pu être démontré")) : null,
            Identity = target.Identity, Witness = keeper.Identity, CanaryMode = canaryMode, Scope = scope, FolderAttacks = attacks, Control = control, Configuration = configuration,
            StartedAt = startedAt, ExpiresAt = clock.GetUtcNow() + plan.Interval + ProbePlan.Margin, Standing = standing.Count,
        };
    }

    private void Try(PlantedCanary canary, LockScope scope)
    {
        canaryMode = canary.Mode;
        if (canary.Mode != LockMode.Attribute && scope.Modes.Contains(LockMode.Attribute))
        {
            // A canary without the attribute is no stand-in for backups that have it: all that it can show is that this account may delete here.
            Control(canary);
            return;
        }
        attacksRun = true;
        foreach (var attack in Enum.GetValues<FolderAttack>())
        {
            if (attack == FolderAttack.ClearAttribute && canary.Mode != LockMode.Attribute) continue;
            var answer = target.Attack(attack, canary.Canary.Key);
            var sight = keeper.Look(canary.Canary.Key);
            var intact = IsIntact(canary, sight);
            attacks.Add(new FolderAttackResult(attack, answer, intact, Seen(sight)));
            if (intact is null || answer.Kind == AnswerKind.None) unseen = true;
            // Its bytes are where they were only because they were brought back: seen by looking, and told.
            if (attack == FolderAttack.MoveFolderAway && answer is { Kind: AnswerKind.Accepted }) findings.Add(FolderFindings.FolderMoves.At(plan.Subject, ("identity", target.Identity)));
            if (intact is not false) continue;
            changed = true;
            return;
        }
        if (unseen) return;
        if (canary.Mode != LockMode.Attribute) control = new ControlResult(ControlOutcome.Refused, canary.Canary.Key.Text, null, attacks[0].Answer);
        else if (Plant(ControlName, hold: true) is { } other) Control(other);
    }

    /// <summary>The same account, the same kind of file, without the attribute: if it cannot delete that either, the attribute held nothing.</summary>
    private void Control(PlantedCanary canary)
    {
        control = new ControlResult(ControlOutcome.Unknown, canary.Canary.Key.Text, null, null);
        if (canary.Mode == LockMode.Attribute)
        {
            var released = keeper.Release(canary);
            if (released.Kind != AnswerKind.Accepted || keeper.Look(canary.Canary.Key) is not { Kind: SightKind.Seen, Lock.Mode: LockMode.None }) return;
        }
        var answer = target.Delete(canary.Canary.Key);
        var after = keeper.Look(canary.Canary.Key);
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

    private PlantedCanary? Plant(string name, bool hold)
    {
        var (key, content) = (new CanaryKey(plan.Run, name), RandomNumberGenerator.GetBytes(CanaryBytes));
        var planted = new PlantedCanary(new CanaryVersion(key, ""), Convert.ToHexStringLower(SHA256.HashData(content)), LockMode.Unknown, clock.GetUtcNow(), clock.GetUtcNow());
        // Remembered before it is there: a file that cannot be deleted must never be unknown to the next probe.
        Save([.. standing, planted]);
        var answer = target.Plant(key, content);
        var byAccount = answer;
        if (answer.Kind == AnswerKind.Refused && target.Identity != keeper.Identity) answer = keeper.Plant(key, content);
        if (answer.Kind != AnswerKind.Accepted)
        {
            if (byAccount.Kind == AnswerKind.Refused) control = new ControlResult(ControlOutcome.Refused, key.Text, null, byAccount);
            else unseen = true;
            unfinished = new($"nothing could be written there ({answer.Code})", $"rien n’a pu y être écrit ({answer.Code})");
            findings.Add((answer.Code == "EROFS" ? FolderFindings.ReadOnlyMount : FolderFindings.NothingPlanted).At(plan.Subject, ("identity", target.Identity), ("code", answer.Code)));
            Save(standing);
            return null;
        }
        if (hold) keeper.Hold(key);
        var sight = keeper.Look(key);
        if (sight.Kind != SightKind.Seen || sight.Sha256 != planted.Sha256)
        {
            unseen = true;
            findings.Add(ImmutabilityFindings.LockNotSeen.At(key.Text, ("witness", keeper.Identity), ("seen", Seen(sight))));
        }
        planted = planted with { Mode = sight.Lock.Mode };
        standing.Add(planted);
        Save(standing);
        return sight.Kind == SightKind.Seen ? planted : null;
    }

    private static bool? IsIntact(PlantedCanary canary, CanarySight sight) => sight.Kind switch
    {
        SightKind.Gone => false,
        SightKind.Unseen => null,
        SightKind.Seen when sight.Sha256 != canary.Sha256 => false,
        SightKind.Seen when canary.Mode != LockMode.Attribute => true,
        SightKind.Seen => sight.Lock.Mode switch { LockMode.Attribute => true, LockMode.Unknown => null, _ => false },
    };

    private void SweepUp()
    {
        foreach (var canary in standing.ToList())
        {
            var sight = keeper.Look(canary.Canary.Key);
            // Another file under the name of a canary is not ours to remove.
            if (sight is { Kind: SightKind.Seen, Lock.Mode: LockMode.Attribute }) keeper.Release(canary);
            keeper.Remove(canary);
            if (keeper.Look(canary.Canary.Key).Kind == SightKind.Gone) standing.Remove(canary);
        }
        Save(standing);
    }

    private void Save(IReadOnlyList<PlantedCanary> canaries) => remember(new ProbeMemory { Canaries = [.. canaries] });

    private static string Seen(CanarySight sight) => sight.Kind switch
    {
        SightKind.Gone => "gone",
        SightKind.Unseen => $"not seen: {sight.Problem}",
        SightKind.Seen => $"sha256 {sight.Sha256[..Math.Min(8, sight.Sha256.Length)]}, {(sight.Lock.Mode == LockMode.Attribute ? "immutable" : "no attribute")}",
    };
}
