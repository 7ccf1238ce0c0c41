using BackupGuard.Verification.Stores;

namespace BackupGuard.Verification.Checks.Immutability;

/// <summary>What is tried against a canary, in this order (Object Lock as AWS documents it; other stores have what they have of it).</summary>
public enum CanaryAttack
{
    DeleteVersion,
    DeleteVersionWithBypass,
    ShortenRetention,
    ShortenRetentionWithBypass,

    /// <summary>From Compliance to Governance.</summary>
    WeakenMode,

    /// <summary>An empty retention in the place of the one that is set; at Azure the policy is deleted.</summary>
    RemoveRetention,

    /// <summary>Other bytes under the same name: the old version must stay.</summary>
    Overwrite,

    /// <summary>A marker is expected; ours is removed again.</summary>
    DeleteWithoutVersion,

    /// <summary>A copy onto itself, encrypted with a key that only the attacker has (SSE-C, as Codefinger did).</summary>
    CopyOverItself,
    BatchDelete,

    /// <summary>A hold is set and lifted again. Last, so that no hold stands in for the retention before.</summary>
    LiftLegalHold,
}

public enum AnswerKind
{
    Accepted,
    Refused,

    /// <summary>No answer, or one that says that the store is busy or failing: nothing was tried.</summary>
    None,
}

/// <summary>How the store answered. For the record: what happened is judged by looking, never by this.</summary>
/// <param name="Status">HTTP status; 0 without one.</param>
/// <param name="Code">The store's error code, "" when there is none.</param>
public sealed record StoreAnswer(AnswerKind Kind, int Status, string Code, string RequestId, DateTimeOffset? ServerDate)
{
    /// <summary>Something that the attack put over the canary (a marker, a newer version) could not be taken away again.</summary>
    public bool LeftBehind { get; init; }
}

/// <param name="Canary">Null when nothing was written.</param>
public sealed record PlantAnswer(StoreAnswer Answer, CanaryVersion? Canary);

/// <summary>The store as the identity under test reaches it: what whoever steals its keys could do, done to a canary.</summary>
/// <remarks>
/// <list type="bullet">
/// <item>No member may touch anything but the canary that it is given: <see cref="CanaryKey"/> holds no other name.</item>
/// <item>No member throws for what the store answers or fails to answer: that is the answer.</item>
/// </list>
/// </remarks>
public interface ICanaryTarget
{
    /// <summary>Who it is, without secrets.</summary>
    string Identity { get; }

    /// <summary>What this store has of the attacks.</summary>
    IReadOnlyList<CanaryAttack> Attacks { get; }

    /// <param name="mode"><see cref="LockMode.None"/> for a canary without lock.</param>
    ValueTask<PlantAnswer> PlantAsync(CanaryKey key, ReadOnlyMemory<byte> content, LockMode mode, DateTimeOffset retainUntil, CancellationToken cancellationToken);

    ValueTask<StoreAnswer> AttackAsync(CanaryAttack attack, PlantedCanary canary, CancellationToken cancellationToken);

    /// <summary>Deletes that version as anybody would, without bypass.</summary>
    ValueTask<StoreAnswer> DeleteAsync(CanaryVersion canary, CancellationToken cancellationToken);
}

/// <summary>The store as somebody else sees it, who may only read.</summary>
public interface ICanaryWitness
{
    string Identity { get; }

    /// <summary>The exact version, read anew. MUST NOT throw for what the store answers or fails to answer.</summary>
    ValueTask<CanarySight> LookAsync(CanaryVersion canary, CancellationToken cancellationToken);

    /// <summary>What the store says about itself: versioning, lock and default rule, lifecycle, policy, encryption, replication.</summary>
    ValueTask<IReadOnlyList<ConfigurationAnswer>> ReadConfigurationAsync(CancellationToken cancellationToken);
}

public enum SightKind { Seen, Gone, Unseen }

/// <param name="Sha256">Of the bytes, lower-case hex; "" unless seen.</param>
/// <param name="Problem">Why it could not be seen.</param>
public sealed record CanarySight(SightKind Kind, string Sha256, ObjectLock Lock, DateTimeOffset? ServerDate, string Problem)
{
    public static CanarySight Unseen(string problem, DateTimeOffset? serverDate = null) => new(SightKind.Unseen, "", ObjectLock.Unknown, serverDate, problem);
}

public enum AnswerState
{
    Said,

    /// <summary>The store says that nothing is set.</summary>
    NotSet,

    /// <summary>This identity may not see it, or the store does not know the question.</summary>
    Hidden,
}

/// <summary>One answer about the store's own settings.</summary>
/// <param name="Text">As the store gave it, white space between elements left out; "" unless said.</param>
public sealed record ConfigurationAnswer(string Name, AnswerState State, string Text)
{
    public string Hash => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes($"{State}\n{Text}")));
}
