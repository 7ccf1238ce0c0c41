using BackupGuard.Verification.Restoring;

namespace BackupGuard.Agent.Drills;

/// <summary>A restore target within a quota and the space that is free when it begins.</summary>
/// <param name="freeBytes">Null: nobody knows.</param>
/// <param name="isOurs">Every file belongs to the agent's account: in a room, where no other account exists, it could not be read otherwise.</param>
internal sealed class SandboxTarget(IRestoreTarget inner, long? quotaBytes, long? freeBytes, bool isOurs) : IRestoreTarget
{
    private long _bytes;

    public void Expect(long totalBytes)
    {
        if (totalBytes > quotaBytes) throw new RestoreException(RestoreFailure.NoSpace, "/", $"the restored files take {totalBytes} bytes and the quota is {quotaBytes}");
        if (totalBytes > freeBytes) throw new RestoreException(RestoreFailure.NoSpace, "/", $"the restored files take {totalBytes} bytes and the disk has {freeBytes} free");
        inner.Expect(totalBytes);
    }

    public IRestoredFile CreateFile(RestorePath path, long lengthBytes)
    {
        if (Interlocked.Add(ref _bytes, lengthBytes) > quotaBytes) throw new RestoreException(RestoreFailure.NoSpace, path.ToString(), $"the quota of {quotaBytes} bytes is used up");
        return inner.CreateFile(path, lengthBytes);
    }

    public string? SetMetadata(RestorePath path, RestoredMetadata metadata, bool isSymbolicLink) =>
        inner.SetMetadata(path, isOurs ? metadata with { UserId = null, GroupId = null } : metadata, isSymbolicLink);

    public void CreateDirectory(RestorePath path) => inner.CreateDirectory(path);
    public void CreateSymbolicLink(RestorePath path, ReadOnlySpan<byte> target) => inner.CreateSymbolicLink(path, target);
    public void CreateHardLink(RestorePath path, RestorePath existing) => inner.CreateHardLink(path, existing);
    public bool TryCreateSpecial(RestorePath path, SpecialFile kind, ulong device) => inner.TryCreateSpecial(path, kind, device);
    public ValueTask CommitAsync() => inner.CommitAsync();
    public ValueTask DiscardAsync() => inner.DiscardAsync();
    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
