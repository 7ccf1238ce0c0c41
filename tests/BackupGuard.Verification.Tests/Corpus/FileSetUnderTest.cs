using System.Diagnostics;
using System.IO.Compression;
using System.Security.Cryptography;
using BackupGuard.Verification.Compression;
using BackupGuard.Verification.Formats.FileSet;
using BackupGuard.Verification.Stores;
using BackupGuard.Verification.Tests.Stores;

namespace BackupGuard.Verification.Tests.Corpus;

/// <summary>
/// Sealed file sets in the corpus. No other program reads the seal; what people ask about an archive is tar, gzip, zstd and unzip, whose test modes see a broken archive and nothing
/// else: a whole archive with other content is what they miss. A plain folder has no tool at all.
/// </summary>
internal static class FileSetUnderTest
{
    private const string ManifestEnding = "." + FileSetManifest.FileName;

    /// <summary>A key that is public on purpose: it seals the bases and vouches for nothing else.</summary>
    public static ECDsa SampleKey { get; } = Key("sample-key.pem");
    public static ECDsa StrangersKey { get; } = Key("sample-key-of-a-stranger.pem");

    public static IBackupRepository Open(IBackupStore store)
    {
        var trust = new FileSetTrust([SampleKey.ExportSubjectPublicKeyInfo()]);
        return ArchiveIn(((MemoryStore)store).Names) is { } archive ? FileSetRepository.OverArchive(store, archive, trust) : FileSetRepository.OverFolder(store, trust);
    }

    /// <summary>The archive that is there, or the one that the manifest beside it was made for.</summary>
    public static string? ArchiveIn(IEnumerable<string> names) => names
        .Select(n => n.EndsWith(ManifestEnding, StringComparison.Ordinal) ? n[..^ManifestEnding.Length] : n)
        .FirstOrDefault(n => !n.Contains('/', StringComparison.Ordinal) && FileSetRepository.IsArchive(n));

    public static bool Check(string folder)
    {
        var name = ArchiveIn(Directory.EnumerateFiles(folder).Select(f => Path.GetFileName(f))) ?? throw new InvalidOperationException("a folder has no tool: the vector says not-asked");
        var archive = Path.Combine(folder, name);
        if (name.EndsWith(".zip", StringComparison.Ordinal)) return Succeeds("unzip", "-tqq", archive);
        if (name.EndsWith(".gz", StringComparison.Ordinal) && !Succeeds("gzip", "-t", archive)) return false;
        if (name.EndsWith(".zst", StringComparison.Ordinal) && !Succeeds("zstd", "-tq", archive)) return false;
        return Succeeds("tar", "-tf", archive);
    }

    private static bool Succeeds(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true, RedirectStandardInput = true })
            ?? throw new InvalidOperationException($"{program} did not start: these tests need it.");
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync();
        process.StandardOutput.ReadToEnd();
        error.GetAwaiter().GetResult();
        process.WaitForExit();
        return process.ExitCode == 0;
    }

    private static ECDsa Key(string file)
    {
        var key = ECDsa.Create();
        key.ImportFromPem(File.ReadAllText(Path.Combine(Vector.Root(), FileSetRepository.Format, file)));
        return key;
    }

    public static IReadOnlyList<ShapedDamage> Shaped { get; } =
    [
        new("a manifest signed again", BentManifest),
        new("the text of a manifest, signed again", BentManifestText),
        new("a tar whose headers fit", BentTar),
        new("a zip whose directory and headers disagree", BentZip),
    ];

    private static string Beside(MemoryStore store) => ArchiveIn(store.Names) is { } archive ? archive + "." : "";

    private static void Sign(MemoryStore store, byte[] manifest)
    {
        store[Beside(store) + FileSetManifest.FileName] = manifest;
        store[Beside(store) + FileSetManifest.SignatureFileName] = FileSetManifest.Sign(manifest, SampleKey);
    }

    private static Promise? BentManifestText(MemoryStore store, Random random)
    {
        var name = Beside(store) + FileSetManifest.FileName;
        if (!store.Names.Contains(name)) return null;
        var bent = JsonDamage.Bend(store[name], random);
        if (bent.AsSpan().SequenceEqual(store[name])) return null;
        Sign(store, bent);
        return Promise.None;
    }

    /// <summary>Somebody with the key seals a lie in the one canonical way. What verify calls good of it must come back.</summary>
    private static Promise? BentManifest(MemoryStore store, Random random)
    {
        var name = Beside(store) + FileSetManifest.FileName;
        if (!store.Names.Contains(name) || FileSetManifest.Parse(store[name], out _) is not { } manifest) return null;
        var entries = manifest.Entries.ToList();
        for (var times = random.Next(1, 4); times > 0; times--)
        {
            var (at, other) = (random.Next(entries.Count), entries[random.Next(entries.Count)]);
            entries[at] = random.Next(9) switch
            {
                0 => entries[at] with { Path = other.Path },
                1 => entries[at] with { Path = [.. other.Path, (byte)'/', .. "x"u8] },
                2 => entries[at] with { Path = [.. "../"u8, .. other.Path] },
                3 => entries[at] with { Path = [.. other.Path, (byte)random.Next(256)] },
                4 => other with { Path = entries[at].Path },
                5 => entries[at] with { Size = random.NextInt64(1L << 53) },
                6 => entries[at] with { LinkGroup = random.Next(2) },
                7 => entries[at] with { Target = other.Path },
                _ => entries[at] with { Mode = random.Next(0x1000), ModifiedAtNanoseconds = random.NextInt64(long.MinValue, long.MaxValue) },
            };
        }
        Sign(store, new FileSetManifest(manifest.Id, manifest.SealedAt, manifest.PublicKey, entries).ToBytes());
        return Promise.None;
    }

    private static Promise? BentTar(MemoryStore store, Random random)
    {
        if (ArchiveIn(store.Names) is not { } archive || !archive.Contains(".tar", StringComparison.Ordinal)) return null;
        var tar = TarBlocks.Of(Unpack(archive, store[archive]));
        for (var times = random.Next(1, 4); times > 0; times--)
        {
            var (at, other) = (random.Next(tar.Entries.Count), tar.Entries[random.Next(tar.Entries.Count)]);
            var entry = tar.Entries[at];
            switch (random.Next(8))
            {
                case 0: tar.Entries.RemoveAt(at); if (tar.Entries.Count == 0) return null; break;
                case 1: tar.Entries.Insert(at, other); break;
                case 2: (tar.Entries[at], tar.Entries[tar.Entries.IndexOf(other)]) = (other, entry); break;
                case 3: tar.Entries[at] = entry.With(156, (byte)"01234567xgLKS\0"[random.Next(14)]); break;
                case 4: tar.Entries[at] = entry.WithNumber(124, 12, random.NextInt64(1, 1L << random.Next(1, 33))); break;
                case 5: tar.Entries[at] = entry with { Data = [.. other.Data] }; break;
                default: tar.Entries[at] = entry.With(random.Next(148), (byte)random.Next(256)); break;
            }
        }
        store[archive] = Pack(archive, tar.ToBytes());
        // The manifest is the one that was sealed: what comes back good is what it says.
        return Promise.SameBytes;
    }

    private static Promise? BentZip(MemoryStore store, Random random)
    {
        if (ArchiveIn(store.Names) is not { } archive || !archive.EndsWith(".zip", StringComparison.Ordinal)) return null;
        byte[] zip = [.. store[archive]];
        var headers = Enumerable.Range(0, zip.Length - 4).Where(i => zip.AsSpan(i) is [(byte)'P', (byte)'K', 1 or 3 or 5, 2 or 4 or 6, ..]).ToList();
        for (var times = random.Next(1, 5); times > 0; times--)
        {
            var at = headers[random.Next(headers.Count)] + 4 + random.Next(60);
            if (at < zip.Length) zip[at] = random.Next(3) == 0 ? (byte)0xFF : (byte)random.Next(256);
        }
        store[archive] = zip;
        return Promise.SameBytes;
    }

    private static byte[] Unpack(string archive, byte[] packed)
    {
        using var unpacked = new MemoryStream();
        if (archive.EndsWith(".gz", StringComparison.Ordinal)) using (var gzip = new GZipStream(new MemoryStream(packed), CompressionMode.Decompress)) gzip.CopyTo(unpacked);
        else if (archive.EndsWith(".zst", StringComparison.Ordinal)) return Zstd.DecodeBounded(packed, 1 << 24, out var tar) == ZstdResult.Ok ? tar : throw new InvalidOperationException("the base is whole");
        else return packed;
        return unpacked.ToArray();
    }

    private static byte[] Pack(string archive, byte[] tar)
    {
        using var packed = new MemoryStream();
        if (archive.EndsWith(".gz", StringComparison.Ordinal)) using (var gzip = new GZipStream(packed, CompressionLevel.Fastest)) gzip.Write(tar);
        else if (archive.EndsWith(".zst", StringComparison.Ordinal)) return RawZstd(tar);
        else return tar;
        return packed.ToArray();
    }

    /// <summary>One frame of raw blocks (RFC 8878, section 3.1.1.2).</summary>
    private static byte[] RawZstd(byte[] content)
    {
        var frame = new List<byte> { 0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x58 };
        for (var at = 0; at < content.Length; at += 100_000)
        {
            var length = Math.Min(100_000, content.Length - at);
            var header = (length << 3) | (at + length == content.Length ? 1 : 0);
            frame.AddRange([(byte)(header & 0xFF), (byte)((header >> 8) & 0xFF), (byte)(header >> 16), .. content.AsSpan(at, length)]);
        }
        return [.. frame];
    }
}
