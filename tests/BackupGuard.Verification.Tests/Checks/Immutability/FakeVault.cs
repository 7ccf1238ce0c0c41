using System.Security.Cryptography;
using BackupGuard.Verification.Checks.Immutability;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Verification.Tests.Checks.Immutability;

/// <summary>A clock on which waiting costs nothing: a timer fires at once, and the time has passed.</summary>
internal sealed class HastyClock(DateTimeOffset now) : TimeProvider
{
    public DateTimeOffset Now { get; set; } = now;
    public override DateTimeOffset GetUtcNow() => Now;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime > TimeSpan.Zero) Now += dueTime;
        return TimeProvider.System.CreateTimer(callback, state, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }
}

/// <summary>A store with Object Lock in memory, both sides of it, that can be told to fail in every way that matters.</summary>
internal sealed class FakeVault(HastyClock clock) : ICanaryTarget, ICanaryWitness
{
    private sealed record Stored(string Sha256, LockMode Mode, DateTimeOffset RetainUntil);

    private readonly Dictionary<(string, string), Stored> versions = [];
    private int count;

    public bool HasLocks { get; set; } = true;
    public bool MayDelete { get; set; } = true;
    public bool MayBypass { get; set; }
    public bool MayWrite { get; set; } = true;
    public bool IgnoresDeletes { get; set; }
    public bool DeletesAnything { get; set; }
    public bool IgnoresLockOnPut { get; set; }
    public bool HidesLocks { get; set; }
    public bool TimesOut { get; set; }
    public bool WitnessIsBlind { get; set; }
    public bool SaysNoTime { get; set; }
    public string RefusalCode { get; set; } = "AccessDenied";
    public CanaryAttack? Succeeds { get; set; }
    public TimeSpan ServerAhead { get; set; }
    public Action<CanaryAttack>? OnAttack { get; set; }
    public List<ConfigurationAnswer> Settings { get; } = [new("versioning", AnswerState.Said, "Enabled"), new("lifecycle", AnswerState.NotSet, "")];
    public List<string> Touched { get; } = [];
    public int Count => versions.Count;

    string ICanaryTarget.Identity => "WRITER";
    string ICanaryWitness.Identity => "READER";
    public IReadOnlyList<CanaryAttack> Attacks { get; } = Enum.GetValues<CanaryAttack>();

    private DateTimeOffset ServerNow => clock.Now + ServerAhead;

    private StoreAnswer Answer(bool accepted, string code = "") =>
        new(TimesOut ? AnswerKind.None : accepted ? AnswerKind.Accepted : AnswerKind.Refused, accepted ? 200 : 403, accepted ? "" : code.Length > 0 ? code : RefusalCode, $"req-{++count}", TimesOut || SaysNoTime ? null : ServerNow);

    public ValueTask<PlantAnswer> PlantAsync(CanaryKey key, ReadOnlyMemory<byte> content, LockMode mode, DateTimeOffset retainUntil, CancellationToken cancellationToken)
    {
        Touched.Add(key.Text);
        if (TimesOut || !MayWrite || !HasLocks && mode != LockMode.None) return ValueTask.FromResult(new PlantAnswer(Answer(false, "InvalidRequest"), null));
        var version = $"v{++count}";
        versions[(key.Text, version)] = new Stored(Convert.ToHexStringLower(SHA256.HashData(content.Span)), IgnoresLockOnPut ? LockMode.None : mode, retainUntil);
        return ValueTask.FromResult(new PlantAnswer(Answer(true), new CanaryVersion(key, version)));
    }

    public ValueTask<StoreAnswer> AttackAsync(CanaryAttack attack, PlantedCanary canary, CancellationToken cancellationToken)
    {
        Touched.Add(canary.Canary.Key.Text);
        OnAttack?.Invoke(attack);
        if (TimesOut) return ValueTask.FromResult(Answer(false));
        var place = (canary.Canary.Key.Text, canary.Canary.Version);
        if (attack == Succeeds && versions.TryGetValue(place, out var stored))
        {
            versions[place] = attack switch
            {
                CanaryAttack.ShortenRetention or CanaryAttack.ShortenRetentionWithBypass => stored with { RetainUntil = stored.RetainUntil.AddHours(-1) },
                CanaryAttack.WeakenMode => stored with { Mode = LockMode.Governance },
                CanaryAttack.RemoveRetention => stored with { Mode = LockMode.None },
                _ => stored with { Sha256 = new string('0', 64) },
            };
            // A store that lies about it changes nothing in the judgement.
            return ValueTask.FromResult(Answer(false));
        }
        return ValueTask.FromResult(attack switch
        {
            CanaryAttack.DeleteVersion or CanaryAttack.BatchDelete => Delete(place, MayBypass && attack == CanaryAttack.BatchDelete),
            CanaryAttack.DeleteVersionWithBypass => Delete(place, MayBypass),
            CanaryAttack.Overwrite or CanaryAttack.DeleteWithoutVersion => Answer(true),
            _ => Answer(false),
        });
    }

    public ValueTask<StoreAnswer> DeleteAsync(CanaryVersion canary, CancellationToken cancellationToken)
    {
        Touched.Add(canary.Key.Text);
        return ValueTask.FromResult(TimesOut ? Answer(false) : Delete((canary.Key.Text, canary.Version), bypass: false));
    }

    private StoreAnswer Delete((string, string) place, bool bypass)
    {
        if (IgnoresDeletes) return Answer(true);
        if (!MayDelete) return Answer(false);
        if (!DeletesAnything && versions.TryGetValue(place, out var v) && v.Mode != LockMode.None && v.RetainUntil > ServerNow && !(bypass && v.Mode == LockMode.Governance)) return Answer(false);
        versions.Remove(place);
        return Answer(true);
    }

    public ValueTask<CanarySight> LookAsync(CanaryVersion canary, CancellationToken cancellationToken)
    {
        DateTimeOffset? date = SaysNoTime ? null : ServerNow;
        if (WitnessIsBlind) return ValueTask.FromResult(CanarySight.Unseen("denied", date));
        if (!versions.TryGetValue((canary.Key.Text, canary.Version), out var v)) return ValueTask.FromResult(new CanarySight(SightKind.Gone, "", ObjectLock.Unknown, date, ""));
        var held = HidesLocks ? ObjectLock.Unknown : v.Mode == LockMode.None ? ObjectLock.None : new ObjectLock(v.Mode, v.RetainUntil, false);
        return ValueTask.FromResult(new CanarySight(SightKind.Seen, v.Sha256, held, date, ""));
    }

    public ValueTask<IReadOnlyList<ConfigurationAnswer>> ReadConfigurationAsync(CancellationToken cancellationToken) => ValueTask.FromResult<IReadOnlyList<ConfigurationAnswer>>([.. Settings]);

    public void Lose() => versions.Clear();
}
