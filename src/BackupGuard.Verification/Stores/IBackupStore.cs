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

    /// <summary>Opens one object for reading. MUST throw NotFound when there is none of that exact name.</summary>
    ValueTask<IObjectReader> OpenAsync(string name, CancellationToken cancellationToken);
}

/// <param name="Name">Relative name with '/'.</param>
/// <param name="LengthBytes">Size at the time of listing.</param>
/// <param name="ModifiedAt">Last change by the store's own clock.</param>
public readonly record struct StoredObject(string Name, long LengthBytes, DateTimeOffset ModifiedAt);

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
