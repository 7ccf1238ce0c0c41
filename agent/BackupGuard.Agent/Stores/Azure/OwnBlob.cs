using BackupGuard.Verification.Checks.Immutability;
using BackupGuard.Verification.Stores.Contract;

namespace BackupGuard.Agent.Stores.Azure;

/// <summary>The name of a blob that this agent may change: a canary of its own, or a file of its own store test. It can hold no other name, and <see cref="AzureClient"/> changes nothing without one.</summary>
internal sealed class OwnBlob
{
    /// <summary>Below the backup's own place: the beginning of both kinds of name.</summary>
    public const string Corner = ".backupguard/";

    private OwnBlob(string name) => Name = name;

    public string Name { get; }

    public static OwnBlob Of(CanaryKey key) => new(key.Text);

    public static OwnBlob Of(ScratchName name) => new(name.Text);
}
