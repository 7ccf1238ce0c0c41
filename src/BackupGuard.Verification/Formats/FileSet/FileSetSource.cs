using BackupGuard.Verification.Checks;
using BackupGuard.Verification.Coverage;
using BackupGuard.Verification.Formats.Archives;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Verification.Formats.FileSet;

/// <summary>The manifest and its signature as they are stored; null where there is none.</summary>
internal sealed record StoredSeal(string ManifestName, byte[]? Manifest, string SignatureName, byte[]? Signature);

/// <summary>Where the files of a set lie. Damage and limits leave as <see cref="InvalidDataException"/> and <see cref="ArchiveLimitException"/>, what the store refuses as <see cref="StoreException"/>.</summary>
internal abstract class FileSetSource(IBackupStore store)
{
    protected IBackupStore Store => store;

    /// <summary>What to call all of it in findings.</summary>
    public abstract string Subject { get; }

    public abstract Task<StoredSeal> ReadSealAsync(CancellationToken cancellationToken);

    /// <summary>Compares all there is with the manifest.</summary>
    public abstract Task CheckAsync(FileSetManifest manifest, FileSetCheck check, CancellationToken cancellationToken);

    /// <summary>Opens each of these files once, in any order, possibly several at once, and reports those that are not there.</summary>
    public abstract Task ReadAsync(IReadOnlyList<FileSetEntry> files, FileSetManifest manifest, int workers, FindingList findings, Func<FileSetEntry, Stream, CancellationToken, Task> read, CancellationToken cancellationToken);

    /// <returns>The whole object, or null when there is none.</returns>
    protected async Task<byte[]?> ReadWholeAsync(string name, int limitBytes, CancellationToken cancellationToken)
    {
        try
        {
            await using var reader = await store.OpenAsync(name, cancellationToken);
            if (reader.LengthBytes > limitBytes) throw new ArchiveLimitException($"{name} has {reader.LengthBytes} bytes, {limitBytes} are allowed");
            var bytes = new byte[reader.LengthBytes];
            var count = await reader.ReadAsync(0, bytes, cancellationToken);
            return count == bytes.Length ? bytes : throw new StoreException(StoreFailure.Transient, name, "it became shorter while it was read");
        }
        catch (StoreException e) when (e.Failure == StoreFailure.NotFound)
        {
            return null;
        }
    }
}

/// <summary>One verification under way: what was asked, what was seen so far.</summary>
internal sealed class FileSetCheck(VerifyOptions options, FindingList findings, FileSetManifest manifest, IProgress<WorkProgress>? progress)
{
    /// <summary>Raised when this reader learns to see what it let pass before: then everything is read again.</summary>
    private const string Rules = "files/2";

    private long bytesRead;
    private long objectsRead;

    public int Workers { get; } = FileSetRepository.WorkersOf(options.Workers);
    public FindingList Findings => findings;
    public long BytesRead => Interlocked.Read(ref bytesRead);
    public long ObjectsRead => Interlocked.Read(ref objectsRead);

    /// <summary>What is read in this run; null until the source has said what there is.</summary>
    public CoverageRun? Coverage { get; private set; }

    public CoverageRun Begin(IReadOnlyList<CoverageItem> items) => Coverage = new CoverageRun(options, manifest.Id, Rules, items);

    /// <summary>Reads one file and compares it with what was sealed.</summary>
    /// <param name="storedCrc">The CRC-32 that a zip archive keeps of it, or null.</param>
    /// <param name="item">The object of <see cref="Coverage"/> that it lies in.</param>
    /// <returns>Whether it is what was sealed.</returns>
    public async Task<bool> JudgeAsync(FileSetEntry entry, Stream content, uint? storedCrc, int item, CancellationToken cancellationToken)
    {
        var crc = storedCrc is null ? null : new Crc32();
        var (length, sha256) = await ContentReader.ReadAsync(content, entry.Size, (offset, piece) =>
        {
            // A sealed set is never encrypted: what lies readable in it is said at once.
            if (offset == 0 && SecretScan.Look(entry.Path, piece.Span) is { } secret)
            {
                findings.Add(EncryptionFindings.SecretReadable.AtPath(entry.Shown, ("secret", secret.Words)));
                Coverage?.Note(item, secret);
            }
            Tell(piece.Length, 0);
            crc?.Append(piece.Span);
        }, cancellationToken);
        var (isWhole, isSame, isStoredRight) = (length == entry.Size, sha256.AsSpan().SequenceEqual(entry.Sha256), crc is null || crc.Value == storedCrc);
        if (!isWhole) findings.Add(FileSetFindings.Changed.AtPath(entry.Shown, ("reason", FileSetReasons.Length(entry.Size, length))));
        else if (!isSame) findings.Add(FileSetFindings.Changed.AtPath(entry.Shown, ("reason", FileSetReasons.Content)));
        else if (!isStoredRight) findings.Add(FileSetFindings.Changed.AtPath(entry.Shown, ("reason", FileSetReasons.StoredCrc)));
        var isGood = isWhole && isSame && isStoredRight;
        Tell(0, 1);
        return isGood;
    }

    private void Tell(long bytes, long objects)
    {
        var doneBytes = Interlocked.Add(ref bytesRead, bytes);
        var doneObjects = Interlocked.Add(ref objectsRead, objects);
        progress?.Report(new WorkProgress("verify", doneBytes, manifest.Bytes, doneObjects, manifest.Files, findings.Count));
    }
}

/// <summary>Why a file is not what was sealed, in both languages.</summary>
internal static class FileSetReasons
{
    public static Words Content { get; } = new("its content has another SHA-256", "son contenu a une autre empreinte SHA-256");
    public static Words StoredCrc { get; } = new("its content is the one that was sealed, but the archive keeps a wrong CRC-32 of it: other programs will refuse it", "son contenu est celui qui a été scellé, mais l’archive en garde un CRC-32 faux : d’autres programmes le refuseront");
    public static Words BecameSecondName { get; } = new("it was sealed as a file of its own and is only a second name of another one now", "il a été scellé comme fichier à part et n’est plus qu’un second nom d’un autre");
    public static Words OtherLink { get; } = new("the link points elsewhere", "le lien pointe ailleurs");

    public static Words Length(long sealedBytes, long bytes) => bytes > sealedBytes
        ? new($"it is longer than the {sealedBytes} bytes that were sealed", $"il dépasse les {sealedBytes} octets scellés")
        : new($"it is {bytes} bytes long, {sealedBytes} were sealed", $"il compte {bytes} octets au lieu de {sealedBytes}");

    public static Words Kind(FileSetKind was, ArchiveItemKind now) => new($"it was {Name(was).En} and is {Name(now).En} now", $"c’était {Name(was).Fr} et c’est maintenant {Name(now).Fr}");

    private static Words Name(FileSetKind kind) => Name(kind switch
    {
        FileSetKind.File => ArchiveItemKind.File,
        FileSetKind.Directory => ArchiveItemKind.Directory,
        FileSetKind.SymbolicLink => ArchiveItemKind.SymbolicLink,
    });

    private static Words Name(ArchiveItemKind kind) => kind switch
    {
        ArchiveItemKind.File or ArchiveItemKind.HardLink => new("a file", "un fichier"),
        ArchiveItemKind.Directory => new("a folder", "un dossier"),
        ArchiveItemKind.SymbolicLink => new("a symbolic link", "un lien symbolique"),
        ArchiveItemKind.Special => new("a special file", "un fichier spécial"),
    };
}
