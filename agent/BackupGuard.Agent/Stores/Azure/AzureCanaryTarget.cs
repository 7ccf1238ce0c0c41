using System.Globalization;
using System.Security.Cryptography;
using Azure;
using BackupGuard.Verification.Checks.Immutability;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Agent.Stores.Azure;

/// <summary>Plants and attacks canaries in a container with the keys of the identity under test.</summary>
/// <remarks>No member takes a name as text: every request is built from a <see cref="CanaryKey"/>. Nothing is asked twice: a second writing would leave a canary that nobody knows of.</remarks>
internal sealed class AzureCanaryTarget : ICanaryTarget, IDisposable
{
    private const string UntilHeader = "x-ms-immutability-policy-until-date", ModeHeader = "x-ms-immutability-policy-mode", HoldHeader = "x-ms-legal-hold";

    private readonly AzureClient client;

    /// <exception cref="UsageException">Keys or CA file are missing or unusable.</exception>
    public AzureCanaryTarget(AzureLocation location, StoreSettings settings, StoreLimits limits, TimeProvider clock) => client = new AzureClient(location, settings, limits with { Retries = 0 }, clock);

    public string Identity => client.Identity;

    /// <summary>Azure has no header that bypasses a policy, and no batch that names versions.</summary>
    public IReadOnlyList<CanaryAttack> Attacks { get; } =
    [
        CanaryAttack.DeleteVersion, CanaryAttack.ShortenRetention, CanaryAttack.WeakenMode, CanaryAttack.RemoveRetention,
        CanaryAttack.Overwrite, CanaryAttack.DeleteWithoutVersion, CanaryAttack.CopyOverItself, CanaryAttack.LiftLegalHold,
    ];

    public async ValueTask<PlantAnswer> PlantAsync(CanaryKey key, ReadOnlyMemory<byte> content, LockMode mode, DateTimeOffset retainUntil, CancellationToken cancellationToken)
    {
        (string, string)[] policy = mode == LockMode.None ? [] : [(UntilHeader, Date(retainUntil)), (ModeHeader, Word(mode))];
        var (answer, version) = await PutAsync(key, content, policy, cancellationToken);
        return new PlantAnswer(answer, version is null ? null : new CanaryVersion(key, version));
    }

    /// <returns>The version that was written, "" where the store keeps none, null when nothing was.</returns>
    private async ValueTask<(StoreAnswer Answer, string? Version)> PutAsync(CanaryKey key, ReadOnlyMemory<byte> content, (string, string)[] headers, CancellationToken cancellationToken)
    {
        string? version = null;
        var answer = await AskAsync(async () =>
        {
            var put = await client.PutAsync(OwnBlob.Of(key), "", [("x-ms-blob-type", "BlockBlob"), .. headers], content, cancellationToken);
            version = put.Headers.TryGetValue("x-ms-version-id", out var id) ? id : "";
            return put;
        });
        return (answer, version);
    }

    /// <summary>The words of Azure for what the plan names in those of S3.</summary>
    private static string Word(LockMode mode) => mode is LockMode.Compliance or LockMode.Locked ? "locked" : "unlocked";

    private static string Date(DateTimeOffset date) => date.UtcDateTime.ToString("R", CultureInfo.InvariantCulture);

    public ValueTask<StoreAnswer> AttackAsync(CanaryAttack attack, PlantedCanary canary, CancellationToken cancellationToken) => attack switch
    {
        CanaryAttack.DeleteVersion or CanaryAttack.DeleteVersionWithBypass or CanaryAttack.BatchDelete => DeleteAsync(canary.Canary, cancellationToken),
        CanaryAttack.ShortenRetention or CanaryAttack.ShortenRetentionWithBypass => RetainAsync(canary.Canary, Word(canary.Mode), canary.PlantedAt + ((canary.RetainUntil - canary.PlantedAt) / 2), cancellationToken),
        CanaryAttack.WeakenMode => RetainAsync(canary.Canary, "unlocked", canary.RetainUntil, cancellationToken),
        CanaryAttack.RemoveRetention => AskAsync(() => client.DeleteAsync(OwnBlob.Of(canary.Canary.Key), AzureClient.VersionQuery(canary.Canary.Version, "comp=immutabilityPolicies"), cancellationToken)),
        CanaryAttack.Overwrite => WriteOverAsync(canary.Canary.Key, "overwritten"u8.ToArray(), [], cancellationToken),
        CanaryAttack.DeleteWithoutVersion => AskAsync(() => client.DeleteAsync(OwnBlob.Of(canary.Canary.Key), "", cancellationToken)),
        CanaryAttack.CopyOverItself => WriteOverAsync(canary.Canary.Key, "under another's key"u8.ToArray(), ForeignKey(), cancellationToken),
        CanaryAttack.LiftLegalHold => LiftHoldAsync(canary.Canary, cancellationToken),
    };

    /// <remarks>The current version is not deleted by its id ("OperationNotAllowedOnRootBlob"): the name is deleted first, which keeps the version as an older one.</remarks>
    public async ValueTask<StoreAnswer> DeleteAsync(CanaryVersion canary, CancellationToken cancellationToken)
    {
        var blob = OwnBlob.Of(canary.Key);
        var answer = await AskAsync(() => client.DeleteAsync(blob, AzureClient.VersionQuery(canary.Version), cancellationToken));
        if (canary.Version.Length == 0 || answer.Code != "OperationNotAllowedOnRootBlob") return answer;
        var name = await AskAsync(() => client.DeleteAsync(blob, "", cancellationToken));
        return name.Kind != AnswerKind.Accepted ? name : await AskAsync(() => client.DeleteAsync(blob, AzureClient.VersionQuery(canary.Version), cancellationToken));
    }

    private ValueTask<StoreAnswer> RetainAsync(CanaryVersion canary, string mode, DateTimeOffset until, CancellationToken cancellationToken) =>
        SetAsync(canary, "comp=immutabilityPolicies", [(UntilHeader, Date(until)), (ModeHeader, mode)], cancellationToken);

    private ValueTask<StoreAnswer> SetAsync(CanaryVersion canary, string what, (string, string)[] headers, CancellationToken cancellationToken) =>
        AskAsync(() => client.PutAsync(OwnBlob.Of(canary.Key), AzureClient.VersionQuery(canary.Version, what), headers, default, cancellationToken));

    /// <summary>A key that only the attacker has: what was encrypted with it nobody else reads.</summary>
    private static (string, string)[] ForeignKey()
    {
        var key = RandomNumberGenerator.GetBytes(32);
        return [("x-ms-encryption-key", Convert.ToBase64String(key)), ("x-ms-encryption-key-sha256", Convert.ToBase64String(SHA256.HashData(key))), ("x-ms-encryption-algorithm", "AES256")];
    }

    /// <summary>Other bytes under the name, and away with them again where they are a version of their own.</summary>
    private async ValueTask<StoreAnswer> WriteOverAsync(CanaryKey key, byte[] content, (string, string)[] headers, CancellationToken cancellationToken)
    {
        var (answer, version) = await PutAsync(key, content, headers, cancellationToken);
        if (version is not { Length: > 0 }) return answer;
        var removed = await DeleteAsync(new CanaryVersion(key, version), cancellationToken);
        return answer with { LeftBehind = removed.Kind != AnswerKind.Accepted };
    }

    private async ValueTask<StoreAnswer> LiftHoldAsync(CanaryVersion canary, CancellationToken cancellationToken)
    {
        var set = await SetAsync(canary, "comp=legalhold", [(HoldHeader, "true")], cancellationToken);
        if (set.Kind != AnswerKind.Accepted) return set;
        var lifted = await SetAsync(canary, "comp=legalhold", [(HoldHeader, "false")], cancellationToken);
        return lifted with { LeftBehind = lifted.Kind != AnswerKind.Accepted };
    }

    private static async ValueTask<StoreAnswer> AskAsync(Func<ValueTask<Response>> ask)
    {
        try
        {
            var answer = await ask();
            return new StoreAnswer(AnswerKind.Accepted, answer.Status, "", Verification.Printable.Of(answer.Headers.RequestId ?? ""), answer.Headers.Date);
        }
        catch (StoreException e)
        {
            if (AzureFailure.RefusalIn(e) is not { } refusal) return new StoreAnswer(AnswerKind.None, 0, e.Failure.ToString(), "", null);
            // Busy or failing: nothing was tried. Any other answer is one.
            var kind = refusal.Status is 408 or 429 or >= 500 ? AnswerKind.None : AnswerKind.Refused;
            return new StoreAnswer(kind, refusal.Status, refusal.Code.Length > 0 ? refusal.Code : e.Failure.ToString(), refusal.RequestId, refusal.Date);
        }
    }

    public void Dispose() => client.Dispose();
}
