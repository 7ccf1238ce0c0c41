using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using BackupGuard.Evidence;
using BackupGuard.Evidence.Packs;

namespace BackupGuard.Server.Features.CrisisPack;

/// <summary>manifest.json of a crisis pack, schema <c>backupguard.crisis-pack/v1</c>: what was signed, of when.</summary>
internal sealed record CrisisPackManifest
{
    public const string SchemaId = "backupguard.crisis-pack/v1";
    private const int MaxBytes = 16 * 1024 * 1024;

    public required string Schema { get; init; }

    /// <summary>The instant for which it was made, by the server's clock.</summary>
    public required string AsOf { get; init; }

    /// <summary>Origin of the log, and the head that the pack was made at; size 0 and "" where the log could not be read.</summary>
    public required string Log { get; init; }
    public required long Size { get; init; }
    public required string Root { get; init; }

    /// <summary>Every other file but manifest.sig, in the order of names.</summary>
    public required IReadOnlyList<PackFile> Files { get; init; }

    /// <summary>What is signed: this line in front keeps the signature from fitting anything else that the same key signs.</summary>
    private static ReadOnlySpan<byte> SignaturePrefix => "backupguard.crisis-pack/v1\n"u8;

    /// <summary>The same files and instant give the same bytes but for manifest.sig: signatures of this algorithm are random.</summary>
    /// <returns>A zip file.</returns>
    public static byte[] Seal(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> files, DateTimeOffset asOf, LogHeadOf head, EvidenceKey key)
    {
        var manifest = CanonicalJson.Canonicalise(JsonSerializer.SerializeToUtf8Bytes(new CrisisPackManifest
        {
            Schema = SchemaId, AsOf = asOf.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture), Log = head.Origin, Size = head.Size, Root = head.Root, Files = PackFiles.ListOf(files),
        }, CrisisPackJson.Default.CrisisPackManifest), MaxBytes);
        return PackArchive.Write(files.Concat(
        [
            KeyValuePair.Create(PackNames.Manifest, (ReadOnlyMemory<byte>)manifest),
            KeyValuePair.Create(PackNames.ManifestSignature, (ReadOnlyMemory<byte>)key.Sign([.. SignaturePrefix, .. manifest])),
        ]));
    }

    /// <summary>Checks a pack with nothing but the key of the log: its form, the signature, and each file.</summary>
    /// <returns>What is wrong; the manifest is null where it cannot be believed.</returns>
    public static (CrisisPackManifest? Manifest, IReadOnlyList<EvidenceProblem> Problems) Check(ReadOnlyMemory<byte> zip, NoteKey key)
    {
        try
        {
            var files = PackArchive.Open(zip);
            EvidenceProblem[] missing = [.. new[] { PackNames.Manifest, PackNames.ManifestSignature }.Where(n => !files.Names.Contains(n)).Select(n => EvidenceProblems.FileMissing.At(n))];
            if (missing.Length > 0) return (null, missing);
            var bytes = files.Read(PackNames.Manifest);
            if (!key.Key.Verify([.. SignaturePrefix, .. bytes.Span], files.Read(PackNames.ManifestSignature).Span))
            {
                return (null, [EvidenceProblems.ManifestSignatureWrong.At("The manifest", ("key", $"{key.Name}+{key.Key.KeyId}"))]);
            }

            var manifest = Parse(bytes);
            EvidenceProblem[] problems = [.. PackFiles.Changed(files, manifest.Files), .. PackFiles.Unnamed(files, manifest.Files)];
            // The writer has one way to write: a byte that no file needs is still a byte that somebody changed.
            return (manifest, problems.Length > 0 || PackArchive.Write(files.Names.Select(n => KeyValuePair.Create(n, files.Read(n)))).AsSpan().SequenceEqual(zip.Span)
                ? problems
                : [EvidenceProblems.PackUnreadable.At("The archive", ("reason", "it is not byte for byte the one that was written"))]);
        }
        catch (EvidenceException e)
        {
            return (null, [e.Problem]);
        }
    }

    private static CrisisPackManifest Parse(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            if (JsonSerializer.Deserialize(bytes.Span, CrisisPackJson.Default.CrisisPackManifest) is { Schema: SchemaId } manifest) return manifest;
            throw new EvidenceException(EvidenceProblems.ManifestMalformed.At("The manifest", ("reason", "its schema is another")));
        }
        catch (JsonException)
        {
            throw new EvidenceException(EvidenceProblems.ManifestMalformed.At("The manifest", ("reason", "its members are others")));
        }
    }
}

/// <param name="Root">Lower-case hexadecimal.</param>
internal sealed record LogHeadOf(string Origin, long Size, string Root);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Strict, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(CrisisPackManifest))]
internal sealed partial class CrisisPackJson : JsonSerializerContext;
