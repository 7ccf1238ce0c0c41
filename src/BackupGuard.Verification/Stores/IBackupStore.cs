namespace BackupGuard.Verification.Stores;

/// <summary>Where a backup lies: a folder, a bucket. Read-only by construction: this port has no way to write, lock or delete.</summary>
/// <remarks>
/// Object names are relative, separated by '/', never absolute and never containing "." or ".." as a part.
/// <list type="bullet">
/// <item>Every member MUST be safe to call from several threads at once.</item>
/// <item>Every failure MUST be a <see cref="StoreException"/> with the object's name and a <see cref="StoreFailure"/>; anything else is a bug.</item>
/// <item>No member may return data that the store did not give: no cache, no repair, no substitution. A read retried after a failure MUST be visible as a warning of the caller.</item>
/// <item>Symbolic links MUST NOT be followed out of the store; an object that is a link is reported as <see cref="StoreFailure.Denied"/> when opened.</item>
/// </list>
/// </remarks>
public interface IBackupStore
{
    /// <summary>What to show people: the location, without secrets.</summary>
    string Location { get; }

    /// <summary>All objects whose name begins with <paramref name="prefix"/>, recursively, in no promised order, each exactly once.</summary>
    /// <remarks>A prefix under which nothing lies gives an empty listing, not an error. The listing MUST be lazy.</remarks>
    IAsyncEnumerable<StoredObject> ListAsync(string prefix, CancellationToken cancellationToken);

    /// <summary>Opens one object for reading. MUST throw NotFound when there is none of that exact name, and when only older versions of it are left.</summary>
    ValueTask<IObjectReader> OpenAsync(string name, CancellationToken cancellationToken);

    /// <summary>Every version of all objects whose name begins with <paramref name="prefix"/>, delete markers included, in no promised order.</summary>
    /// <remarks>A store without versions MUST give each object once, as its current version. The listing MUST be lazy.</remarks>
    IAsyncEnumerable<StoredVersion> ListVersionsAsync(string prefix, CancellationToken cancellationToken);

    /// <summary>What keeps one version of one object from being changed or deleted, by the store's own word. MUST throw NotFound when there is none.</summary>
    /// <remarks>MUST be <see cref="LockMode.Unknown"/>, never <see cref="LockMode.None"/>, where this identity may not see the answer: a header that is not there is no answer.</remarks>
    ValueTask<ObjectLock> LockAsync(string name, string version, CancellationToken cancellationToken);
}

/// <param name="Name">Relative name with '/'.</param>
/// <param name="LengthBytes">Size at the time of listing.</param>
/// <param name="ModifiedAt">Last change by the store's own clock.</param>
public readonly record struct StoredObject(string Name, long LengthBytes, DateTimeOffset ModifiedAt);

/// <param name="Version">The store's own id of the version, "" in a store that keeps none.</param>
/// <param name="IsCurrent">Whether opening the name gives this version.</param>
/// <param name="IsDeleteMarker">Whether this is a marker that hides older versions; it has no bytes.</param>
public readonly record struct StoredVersion(string Name, string Version, long LengthBytes, DateTimeOffset ModifiedAt, bool IsCurrent, bool IsDeleteMarker);

/// <summary>How an object is held. The names are those of the stores: S3 Object Lock, Azure immutable storage, the immutable attribute of Linux file systems.</summary>
public enum LockMode
{
    /// <summary>The store did not say, or this identity may not see it. Never counts as a lock.</summary>
    Unknown,

    /// <summary>The store said that nothing holds it.</summary>
    None,

    /// <summary>S3: held until a date, unless a named permission bypasses it.</summary>
    Governance,

    /// <summary>S3: held until a date for everyone, the root account included.</summary>
    Compliance,

    /// <summary>Azure: held, but the policy can still be shortened or removed.</summary>
    Unlocked,

    /// <summary>Azure: held until a date, which can only move later.</summary>
    Locked,

    /// <summary>The immutable attribute of a file (chattr +i): held until an administrator of that machine lifts it. There is no date.</summary>
    Attribute,
}

/// <param name="RetainUntil">The date of the lock; null when there is none.</param>
/// <param name="LegalHold">Whether a hold without date lies on it; null when that could not be seen.</param>
public sealed record ObjectLock(LockMode Mode, DateTimeOffset? RetainUntil, bool? LegalHold)
{
    public static readonly ObjectLock Unknown = new(LockMode.Unknown, null, null);
    public static readonly ObjectLock None = new(LockMode.None, null, false);
}

/// <summary>One open object.</summary>
public interface IObjectReader : IAsyncDisposable
{
    /// <summary>Size at the time of opening.</summary>
    long LengthBytes { get; }

    /// <summary>Reads at <paramref name="offset"/> until the buffer is full or the object ends; MUST be short only at the end of the object, 0 past it.</summary>
    ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken);
}

public enum StoreFailure
{
    /// <summary>There is no object of that name.</summary>
    NotFound,

    /// <summary>The store refuses: permissions, credentials, a link that leads outside.</summary>
    Denied,

    /// <summary>May work later: time-out, I/O error, throttling.</summary>
    Transient,

    /// <summary>The store answered with something that cannot be.</summary>
    Corrupt,

    /// <summary>The location itself is wrong: no such folder, not a folder, malformed address.</summary>
    Misconfigured,
}

public sealed class StoreException : Exception
{
    public StoreException(StoreFailure failure, string name, string message, Exception? inner = null) : base(message, inner)
    {
        Failure = failure;
        ObjectName = name;
    }

    public StoreFailure Failure { get; }

    /// <summary>The object concerned, or "" for the store itself.</summary>
    public string ObjectName { get; }
}
