namespace BackupGuard.Verification.Stores.Contract;

/// <summary>A corner of a store that is ours: the only way to write while a store is tested, and it cannot name anything outside its corner.</summary>
/// <remarks>
/// <list type="bullet">
/// <item><see cref="Prefix"/> MUST begin with <see cref="ScratchName.Root"/> and end with '/'; it MUST be new for each run.</item>
/// <item>Nothing but objects below the prefix may be written or removed. That is what <see cref="ScratchName"/> is for: it holds no other name.</item>
/// <item>Failures are <see cref="StoreException"/>s, as those of the store.</item>
/// </list>
/// </remarks>
public interface IStoreScratch
{
    ScratchPrefix Prefix { get; }

    /// <summary>Writes an object, over another of that name if there is one.</summary>
    ValueTask PutAsync(ScratchName name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>Removes the object as a user of the store would: a store with versions keeps them behind a delete marker.</summary>
    ValueTask RemoveAsync(ScratchName name, CancellationToken cancellationToken);

    /// <summary>Removes everything below the prefix, versions and markers included, as far as the store lets.</summary>
    ValueTask ClearAsync(CancellationToken cancellationToken);
}

/// <summary>Where one run may write: <c>.backupguard/store-test/&lt;run&gt;/</c>.</summary>
public sealed class ScratchPrefix
{
    /// <param name="run">Letters and digits only, so that no run can leave the corner.</param>
    public ScratchPrefix(string run)
    {
        if (run.Length is 0 or > 64 || !run.All(char.IsAsciiLetterOrDigit)) throw new ArgumentException($"Not the name of a run: {run}", nameof(run));
        Text = $"{ScratchName.Root}{run}/";
    }

    public string Text { get; }

    public ScratchName Name(string relative) => new(this, relative);

    public override string ToString() => Text;
}

/// <summary>The name of an object below a scratch prefix; it can hold no other. A class: the default of a struct would be the empty name.</summary>
public sealed class ScratchName
{
    public const string Root = ".backupguard/store-test/";

    internal ScratchName(ScratchPrefix prefix, string relative)
    {
        if (relative.Length == 0 || relative.Split('/').Any(part => part is "" or "." or "..")) throw new ArgumentException($"Not the name of an object: {relative}", nameof(relative));
        Text = prefix.Text + relative;
    }

    public string Text { get; }

    public override string ToString() => Text;
}
