namespace BackupGuard.Verification.Restoring;

/// <summary>A path below the restore target that cannot leave it: it is made only of parts that were checked one by one.</summary>
/// <remarks>Names are bytes, as file systems have them; text is for display only.</remarks>
public sealed class RestorePath
{
    /// <summary>A part longer than this exists on no file system we restore to (Linux NAME_MAX, NTFS: 255 units).</summary>
    public const int LongestName = 255;

    /// <summary>Bound on the depth of a tree.</summary>
    public const int DeepestPath = 4096;

    private static readonly System.Buffers.SearchValues<byte> RefusedOnWindows = System.Buffers.SearchValues.Create("\\:*?\"<>|"u8);

    public static RestorePath Root { get; } = new(null, [], 0);

    private RestorePath(RestorePath? parent, byte[] name, int depth)
    {
        Parent = parent;
        Name = name;
        Depth = depth;
    }

    public RestorePath? Parent { get; }
    public ReadOnlyMemory<byte> Name { get; }
    public int Depth { get; }

    /// <summary>Goes one part down, or says why that name is refused: the caller reports it and restores nothing under it.</summary>
    public bool TryAppend(ReadOnlySpan<byte> name, out RestorePath path, out Words refusal)
    {
        path = this;
        refusal = name switch
        {
            [] => new("the name is empty", "le nom est vide"),
            [(byte)'.'] or [(byte)'.', (byte)'.'] => new("the name is a reference to a folder, not a name", "le nom est un renvoi à un dossier, pas un nom"),
            _ when name.IndexOf((byte)0) >= 0 => new("the name holds a NUL byte", "le nom contient un octet nul"),
            _ when name.IndexOf((byte)'/') >= 0 => new("the name holds a path separator", "le nom contient un séparateur de chemin"),
            _ when OperatingSystem.IsWindows() && name.IndexOfAny(RefusedOnWindows) >= 0 => new("the name holds a character that Windows does not allow", "le nom contient un caractère que Windows n’admet pas"),
            _ when name.Length > LongestName => new($"the name is {name.Length} bytes long, the file system allows {LongestName}", $"le nom fait {name.Length} octets, le système de fichiers en admet {LongestName}"),
            _ when Depth >= DeepestPath => new($"the folder is more than {DeepestPath} levels deep", $"le dossier est à plus de {DeepestPath} niveaux de profondeur"),
            _ => default(Words),
        };
        if (refusal != default) return false;
        path = new RestorePath(this, name.ToArray(), Depth + 1);
        return true;
    }

    /// <summary>The whole path as bytes, parts separated by '/', without a leading one.</summary>
    public byte[] ToBytes()
    {
        var length = 0;
        for (var p = this; p.Parent is not null; p = p.Parent) length += p.Name.Length + 1;
        if (length == 0) return [];
        var bytes = new byte[length - 1];
        var end = bytes.Length;
        for (var p = this; p.Parent is not null; p = p.Parent)
        {
            end -= p.Name.Length;
            p.Name.Span.CopyTo(bytes.AsSpan(end));
            if (end > 0) bytes[--end] = (byte)'/';
        }
        return bytes;
    }

    /// <summary>Lossy text for people.</summary>
    public override string ToString() => System.Text.Encoding.UTF8.GetString(ToBytes());
}

/// <param name="Mode">Permission bits and set-id bits (07777), or null when the backup does not know them.</param>
/// <param name="ModifiedAtNanoseconds">Since 1970-01-01 UTC, or null.</param>
/// <param name="UserId">Owner; given only where the process may give files away.</param>
public sealed record RestoredMetadata(int? Mode, Int128? ModifiedAtNanoseconds, Int128? AccessedAtNanoseconds, uint? UserId, uint? GroupId)
{
    /// <summary>Extended attributes (name as bytes, value), in the order of the backup.</summary>
    public IReadOnlyList<(byte[] Name, byte[] Value)> ExtendedAttributes { get; init; } = [];
}

public enum SpecialFile { NamedPipe, Socket, CharacterDevice, BlockDevice }

/// <summary>Where restored items go. Nothing shows as finished before <see cref="CommitAsync"/>.</summary>
/// <remarks>
/// <list type="bullet">
/// <item>The target MUST refuse (Misconfigured) to begin in a folder that is not empty.</item>
/// <item>Parents are created before their children; files may be written from several threads at once.</item>
/// <item>The target MUST NOT follow links that were restored into it: a later item below a restored link is refused.</item>
/// <item>Every failure MUST be a <see cref="RestoreException"/>. Until committed, whatever lies in the target folder MUST be recognisable as unfinished;
/// <see cref="DiscardAsync"/> leaves the folder as empty as it was.</item>
/// </list>
/// </remarks>
public interface IRestoreTarget : IAsyncDisposable
{
    /// <summary>Told before anything is created how many bytes of files are to come, where the backup tells. A target that cannot take them all MUST throw NoSpace, not begin and run full.</summary>
    /// <param name="totalBytes">By the backup's own word, links and folders not counted.</param>
    void Expect(long totalBytes) { }

    void CreateDirectory(RestorePath path);

    /// <summary>Creates a file of that length; its bytes come by <see cref="IRestoredFile.Write"/>, in any order.</summary>
    IRestoredFile CreateFile(RestorePath path, long lengthBytes);

    void CreateSymbolicLink(RestorePath path, ReadOnlySpan<byte> target);
    void CreateHardLink(RestorePath path, RestorePath existing);

    /// <returns>False when this process may not create such a file here; the caller reports it.</returns>
    bool TryCreateSpecial(RestorePath path, SpecialFile kind, ulong device);

    /// <summary>To be called once an item has its content. The times of directories are set by the target at the very end.</summary>
    /// <returns>What could not be set (for a finding), or null.</returns>
    string? SetMetadata(RestorePath path, RestoredMetadata metadata, bool isSymbolicLink);

    /// <summary>Makes everything durable and shows it. Takes no token: half a commit helps nobody.</summary>
    ValueTask CommitAsync();

    /// <summary>Removes everything that was restored. MUST work after any failure.</summary>
    ValueTask DiscardAsync();
}

/// <summary>One file being restored.</summary>
public interface IRestoredFile : IDisposable
{
    void Write(long offset, ReadOnlySpan<byte> bytes);
}

public enum RestoreFailure { NoSpace, Denied, Exists, NameRefused, Misconfigured, Failed }

public sealed class RestoreException : Exception
{
    public RestoreException(RestoreFailure failure, string path, string message, Exception? inner = null) : base(message, inner)
    {
        Failure = failure;
        Path = path;
    }

    public RestoreFailure Failure { get; }
    public string Path { get; }
}
