namespace BackupGuard.Verification.Checks.Immutability;

/// <summary>What is tried against a canary in a folder, in this order.</summary>
public enum FolderAttack
{
    /// <summary>unlink(2).</summary>
    Delete,

    /// <summary>Other bytes into the same file.</summary>
    Overwrite,
    Truncate,

    /// <summary>To another name in the same folder.</summary>
    Rename,

    /// <summary>Another file renamed onto its name: what a tool that writes "safely" does, and needs no right on the file itself.</summary>
    ReplaceThroughFolder,

    /// <summary>chattr -i, by the identity under test.</summary>
    ClearAttribute,

    /// <summary>The folder around it renamed, and back again: an attribute on a file does not hold the folders above it.</summary>
    MoveFolderAway,
}

/// <summary>A folder as the account under test reaches it.</summary>
/// <remarks>
/// <list type="bullet">
/// <item>No member may touch anything but the canary that it is given and the folders of its name: <see cref="CanaryKey"/> holds no other name, and no link may lead it elsewhere.</item>
/// <item>No member throws for what the system answers: that is the answer.</item>
/// </list>
/// </remarks>
public interface IFolderUnderTest
{
    /// <summary>The account's name.</summary>
    string Identity { get; }

    /// <summary>Writes a new file, with the folders above it, where this account may; MUST NOT write over anything.</summary>
    StoreAnswer Plant(CanaryKey key, ReadOnlyMemory<byte> content);

    StoreAnswer Attack(FolderAttack attack, CanaryKey key);

    /// <summary>Deletes it as anybody would.</summary>
    StoreAnswer Delete(CanaryKey key);
}

/// <summary>Who holds and looks: the account that the probe runs as. Root of that machine, where a hardened repository is tried.</summary>
/// <remarks>As <see cref="IFolderUnderTest"/>; and an attribute may be set on and lifted from a file only that was seen to be a canary.</remarks>
public interface IFolderKeeper
{
    string Identity { get; }

    /// <summary>Writes it in the place of an account that may not, so that there is something to attack.</summary>
    StoreAnswer Plant(CanaryKey key, ReadOnlyMemory<byte> content);

    /// <summary>Sets the immutable attribute, as a hardened repository does after writing.</summary>
    StoreAnswer Hold(CanaryKey key);

    /// <summary>Lifts it again.</summary>
    StoreAnswer Release(PlantedCanary canary);

    /// <summary>Takes away what is left of a probe, and the folders that became empty.</summary>
    StoreAnswer Remove(PlantedCanary canary);

    /// <summary>Bytes and attribute, read anew.</summary>
    CanarySight Look(CanaryKey key);

    /// <summary>The mount and the folder's own permissions.</summary>
    IReadOnlyList<ConfigurationAnswer> ReadConfiguration();
}

public sealed record FolderAttackResult(FolderAttack Attack, StoreAnswer Answer, bool? Intact, string Seen);
