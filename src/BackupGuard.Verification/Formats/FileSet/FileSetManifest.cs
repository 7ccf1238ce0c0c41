using System.Security.Cryptography;

namespace BackupGuard.Verification.Formats.FileSet;

/// <summary>What a sealed set held when it was sealed. The format is in README.md beside this file.</summary>
public sealed class FileSetManifest
{
    public const string FileName = "backupguard.manifest.json";
    public const string SignatureFileName = FileName + ".sig";
    public const string Schema = "backupguard.fileset/v1";

    public const int LargestBytes = 128 << 20;
    public const int LargestSignature = 128;
    public const int MostEntries = 1_000_000;
    public const int LongestPath = 16 << 10;

    /// <param name="entries">In any order; no path twice.</param>
    public FileSetManifest(string id, DateTimeOffset sealedAt, byte[] publicKey, IEnumerable<FileSetEntry> entries)
    {
        Id = id;
        SealedAt = sealedAt.ToUniversalTime();
        PublicKey = publicKey;
        Entries = [.. entries.Order(ByPath)];
        Files = Entries.LongCount(e => e.Kind == FileSetKind.File);
        Bytes = Entries.Sum(e => e.Size);
    }

    /// <summary>32 hexadecimal digits.</summary>
    public string Id { get; }
    public DateTimeOffset SealedAt { get; }

    /// <summary>Who says so: DER SubjectPublicKeyInfo of a P-256 key. Whether that is somebody to believe is judged by <see cref="FileSetTrust"/>.</summary>
    public byte[] PublicKey { get; }

    /// <summary>By the bytes of their paths, ascending.</summary>
    public IReadOnlyList<FileSetEntry> Entries { get; }

    public long Files { get; }
    public long Bytes { get; }

    public static IComparer<FileSetEntry> ByPath { get; } = Comparer<FileSetEntry>.Create((a, b) => a.Path.AsSpan().SequenceCompareTo(b.Path));

    /// <summary>Signs the stored bytes of a manifest.</summary>
    public static byte[] Sign(ReadOnlySpan<byte> manifest, ECDsa key) =>
        key.SignData(manifest, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);

    /// <summary>The one and only way to write this manifest.</summary>
    public byte[] ToBytes() => FileSetManifestText.Write(this);

    /// <returns>The manifest, or null and why these bytes are none.</returns>
    public static FileSetManifest? Parse(ReadOnlySpan<byte> bytes, out string refusal) => FileSetManifestText.Parse(bytes, out refusal);
}
