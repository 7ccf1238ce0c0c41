using System.Security.Cryptography;
using System.Text;
using BackupGuard.Verification.Formats.FileSet;
using BackupGuard.Verification.Restoring;
using BackupGuard.Verification.Tests.Stores;

namespace BackupGuard.Verification.Tests.FileSet;

/// <summary>A sealed set in memory, and the words to look at it.</summary>
internal sealed class SealedSet : IDisposable
{
    public static readonly DateTimeOffset SealedAt = new(2026, 11, 21, 8, 30, 0, TimeSpan.Zero);
    public const string Id = "0123456789abcdef0123456789abcdef";

    public MemoryStore Store { get; init; } = new();
    public ECDsa Key { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    /// <summary>Null for a folder.</summary>
    public string? Archive { get; init; }
    public FileSetTrust Trust => new([Key.ExportSubjectPublicKeyInfo()]);

    /// <summary>Three files, one of them in a folder, as plain objects.</summary>
    public static SealedSet Folder(params FileSetEntry[] more)
    {
        var set = new SealedSet();
        set.Store["a.txt"] = "premier"u8.ToArray();
        set.Store["sub/b.bin"] = [.. Enumerable.Range(0, 400_000).Select(i => (byte)(i * 7 % 251))];
        set.Store["sub/empty"] = [];
        set.Seal([.. set.FilesOf("a.txt", "sub/b.bin", "sub/empty"), new FileSetEntry("sub"u8.ToArray(), FileSetKind.Directory) { Mode = 0b111_101_000 }, .. more]);
        return set;
    }

    public IEnumerable<FileSetEntry> FilesOf(params string[] names) => names.Select(name => File(name, Store[name]));

    public static FileSetEntry File(string path, byte[] content) => new(Encoding.UTF8.GetBytes(path), FileSetKind.File)
    {
        Size = content.Length,
        Sha256 = SHA256.HashData(content),
        Mode = 0b110_100_000,
        ModifiedAtNanoseconds = 1_700_000_000_123_456_789,
    };

    public void Seal(IEnumerable<FileSetEntry> entries, ECDsa? key = null)
    {
        key ??= Key;
        SealBytes(new FileSetManifest(Id, SealedAt, key.ExportSubjectPublicKeyInfo(), entries).ToBytes(), key);
    }

    /// <summary>Signs whatever bytes these are.</summary>
    public void SealBytes(byte[] manifest, ECDsa? key = null)
    {
        var beside = Archive is null ? "" : Archive + ".";
        Store[beside + FileSetManifest.FileName] = manifest;
        Store[beside + FileSetManifest.SignatureFileName] = FileSetManifest.Sign(manifest, key ?? Key);
    }

    public FileSetRepository Open(FileSetTrust? trust = null) =>
        Archive is null ? FileSetRepository.OverFolder(Store, trust ?? Trust) : FileSetRepository.OverArchive(Store, Archive, trust ?? Trust);

    public Task<VerifyReport> VerifyAsync(ReadData? readData = null) =>
        Open().VerifyAsync(new VerifyOptions { Clock = TimeProvider.System, ReadData = readData ?? ReadData.All }, null, CancellationToken.None);

    public Task<RestoreReport> RestoreAsync(IRestoreTarget target, params string[] include) =>
        Open().RestoreAsync(new RestoreOptions { Snapshot = "latest", Include = include, Clock = TimeProvider.System }, target, null, CancellationToken.None);

    public void Dispose() => Key.Dispose();
}
