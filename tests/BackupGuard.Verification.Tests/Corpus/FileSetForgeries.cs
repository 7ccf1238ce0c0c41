using System.Security.Cryptography;
using System.Text;
using BackupGuard.Verification.Formats.FileSet;
using BackupGuard.Verification.Tests.FileSet;

namespace BackupGuard.Verification.Tests.Corpus;

/// <summary>Sets that our own seal would not make: rightly signed, with one lie. Each is the <c>files/</c> of the vector of its name, put over its base where it has one.</summary>
internal static class FileSetForgeries
{
    private const string Tar = "export.tar", Zip = "export.zip";
    private const string ManifestName = FileSetManifest.FileName, SignatureName = FileSetManifest.SignatureFileName;

    public static IReadOnlyDictionary<string, Func<Files>> All { get; } = new Dictionary<string, Func<Files>>
    {
        ["manifest-with-a-space-more"] = () => Signed("", [.. Manifest("folder", "").ToBytes(), (byte)' ']),
        ["manifest-with-a-member-twice"] = () => Signed("", Replaced("\"size\":40,", "\"size\":41,\"size\":40,")),
        ["manifest-with-an-unknown-member"] = () => Signed("", Replaced("\"size\":40,", "\"size\":40,\"trust\":\"me\",")),
        ["manifest-with-a-path-below-a-link"] = () => FolderWith(SealedSet.File("docs/lien/x", [1])),
        ["manifest-out-of-order"] = () => Signed("", Replaced("\"path\":\"docs/a.txt\"", "\"path\":\"docs/zz.txt\"")),
        ["manifest-links-files-that-differ"] = () => Signed("", Replaced("\"mtime\":\"1767225600000000000\",\"linkGroup\":1}\n]", "\"mtime\":\"1767225600000000000\",\"linkGroup\":1},\n{\"path\":\"z\",\"kind\":\"file\",\"size\":0,\"sha256\":\"" + Empty + "\",\"linkGroup\":1}\n]")),
        ["manifest-of-another-schema"] = () => Signed("", Replaced("backupguard.fileset/v1", "backupguard.fileset/v9")),
        ["manifest-signed-by-a-stranger"] = () => Resealed("folder", FileSetUnderTest.StrangersKey),
        ["manifest-key-on-an-unknown-curve"] = () => Signed("", new FileSetManifest(SealedSet.Id, SealedSet.SealedAt, OnUnknownCurve(), Manifest("folder", "").Entries).ToBytes()),
        ["manifest-of-no-files"] = () => Signed("", new FileSetManifest(SealedSet.Id, SealedSet.SealedAt, Spki, [new FileSetEntry("docs"u8.ToArray(), FileSetKind.Directory)]).ToBytes()),
        ["name-of-a-parent"] = () => FolderWith(SealedSet.File("../x", [1])),
        ["name-of-a-parent-for-a-folder"] = () => FolderWith(new FileSetEntry("../docs"u8.ToArray(), FileSetKind.Directory)),
        ["name-absolute"] = () => FolderWith(SealedSet.File("/etc/passwd", [1])),
        ["name-of-256-bytes"] = () => FolderWith(SealedSet.File(new string('n', 256), [1])),
        ["name-not-utf-8"] = () => FolderWith(SealedSet.File("x", [1]) with { Path = [0x6E, 0xE9] }),
        ["size-of-eight-petabytes"] = () => FolderWith(SealedSet.File("grand", []) with { Size = (1L << 53) - 1 }),

        ["tar-path-twice"] = () => new() { [Tar] = BaseTar().Add(BaseTar()["./docs/a.txt"]).ToBytes() },
        ["tar-entry-more"] = () => new() { [Tar] = BaseTar().Add(BaseTar()["./docs/vide"].Named("./nouveau")).ToBytes() },
        ["tar-entry-less"] = () => new() { [Tar] = Without("./docs/a.txt") },
        ["tar-link-elsewhere"] = () => new() { [Tar] = BaseTar().Replace("./docs/lien", e => e.With(157, "/etc/passwd\0"u8)).ToBytes() },
        ["tar-hard-link-elsewhere"] = () => new() { [Tar] = BaseTar().Replace("./imagerie/un-encore", e => e.With(157, [.. "./docs/a.txt"u8, .. new byte[20]])).ToBytes() },
        ["tar-file-became-a-second-name"] = () => new() { [Tar] = BaseTar().Replace("./docs/vide", e => e.With(156, "1"u8).With(157, "./docs/a.txt\0"u8)).ToBytes() },
        ["tar-file-became-a-pipe"] = () => new() { [Tar] = BaseTar().Replace("./docs/vide", e => e.With(156, "6"u8)).ToBytes() },
        ["tar-file-became-a-link"] = () => new() { [Tar] = BaseTar().Replace("./docs/vide", e => e.With(156, "2"u8).With(157, "a.txt\0"u8)).ToBytes() },
        ["tar-size-lies"] = () => new() { [Tar] = BaseTar().Replace("./docs/a.txt", e => e.WithNumber(124, 12, 41)).ToBytes() },
        ["tar-size-negative"] = () => new() { [Tar] = BaseTar().Replace("./docs/a.txt", e => e.With(124, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE)).ToBytes() },
        ["tar-extended-header-of-gigabytes"] = () => new() { [Tar] = BaseTar().Replace("./docs/a.txt", e => e.With(156, "x"u8).WithNumber(124, 12, int.MaxValue)).ToBytes() },
        ["tar-bytes-behind-its-end"] = () => new() { [Tar] = [.. BaseTar().ToBytes(), .. "hidden"u8, .. new byte[506]] },
        ["tar-sealed-with-a-parent-name"] = () => Beside(Tar, BaseTar().Add(BaseTar()["./docs/vide"].Named("../vide")).ToBytes(), SealedSet.File("../vide", [])),
        ["tar-more-findings-than-are-listed"] = () => Beside(Tar, Base("tar", Tar), [.. Enumerable.Range(0, 501).Select(i => new FileSetEntry(Encoding.UTF8.GetBytes($"z{i:000}"), FileSetKind.Directory))]),
        ["tar-zst-bomb"] = () => new() { [Tar + ".zst"] = ZstdZeros(blocks: 1700) },

        ["zip-local-name-differs"] = () => new() { [Zip] = Patched(Base("zip", Zip), "PK\x03\x04"u8, name: 30, "docs/a.txt"u8, "docs/b.txt"u8) },
        ["zip-central-name-differs"] = () => new() { [Zip] = Patched(Base("zip", Zip), "PK\x01\x02"u8, name: 46, "docs/a.txt"u8, "docs/b.txt"u8) },
        ["zip-path-twice"] = () => new() { [Zip] = Patched(Patched(Base("zip", Zip), "PK\x03\x04"u8, name: 30, "docs/vide"u8, "docs/lien"u8), "PK\x01\x02"u8, name: 46, "docs/vide"u8, "docs/lien"u8) },
        ["zip-central-checksum-lies"] = () => new() { [Zip] = Poked("docs/a.txt"u8, at: 16, 1) },
        ["zip-entry-encrypted"] = () => new() { [Zip] = Poked("docs/a.txt"u8, at: 8, 1) },
        ["zip-unknown-method"] = () => new() { [Zip] = Poked("docs/a.txt"u8, at: 10, 97) },
        ["zip-size-of-four-gigabytes"] = () => new() { [Zip] = Poked("docs/a.txt"u8, at: 24, 0xFE, 0xFF, 0xFF, 0xFF) },
        ["zip-offset-outside"] = () => new() { [Zip] = Poked("docs/a.txt"u8, at: 42, 0xFE, 0xFF, 0xFF, 0x7F) },
        ["zip-directory-count-lies"] = () => new() { [Zip] = End(e => e[10] = 1) },
        ["zip-directory-outside"] = () => new() { [Zip] = End(e => e[19] = 0x7F) },
    };

    /// <summary>Files by name, as they lie in the vector.</summary>
    internal sealed class Files : SortedDictionary<string, byte[]>
    {
        public Files() : base(StringComparer.Ordinal) { }
    }

    private static readonly string Empty = Convert.ToHexStringLower(SHA256.HashData([]));
    private static byte[] Spki => FileSetUnderTest.SampleKey.ExportSubjectPublicKeyInfo();

    /// <summary>The name of the curve is 1.2.840.10045.3.1.7 (RFC 5480, section 2.1.1.1); with 67 in place of 3 it is nobody's.</summary>
    private static byte[] OnUnknownCurve()
    {
        var key = Spki;
        key[key.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xCE, 0x3D, 3, 1, 7]) + 2] = 67;
        return key;
    }

    private static byte[] Base(string name, string file) => File.ReadAllBytes(Path.Combine(Vector.BaseFolder(FileSetRepository.Format, name), file));
    private static TarBlocks BaseTar() => TarBlocks.Of(Base("tar", Tar));

    private static FileSetManifest Manifest(string basis, string beside) =>
        FileSetManifest.Parse(Base(basis, beside + ManifestName), out var refusal) ?? throw new InvalidOperationException(refusal);

    private static byte[] Replaced(string what, string by)
    {
        var text = Encoding.UTF8.GetString(Base("folder", ManifestName));
        var at = text.IndexOf(what, StringComparison.Ordinal);
        return at < 0 ? throw new InvalidOperationException($"the manifest of the base holds no {what}") : Encoding.UTF8.GetBytes(string.Concat(text.AsSpan(0, at), by, text.AsSpan(at + what.Length)));
    }

    private static Files Signed(string beside, byte[] manifest, ECDsa? key = null) =>
        new() { [beside + ManifestName] = manifest, [beside + SignatureName] = FileSetManifest.Sign(manifest, key ?? FileSetUnderTest.SampleKey) };

    private static Files Resealed(string basis, ECDsa key)
    {
        var old = Manifest(basis, "");
        return Signed("", new FileSetManifest(old.Id, old.SealedAt, key.ExportSubjectPublicKeyInfo(), old.Entries).ToBytes(), key);
    }

    private static Files FolderWith(params FileSetEntry[] more)
    {
        var old = Manifest("folder", "");
        return Signed("", new FileSetManifest(old.Id, old.SealedAt, old.PublicKey, [.. old.Entries, .. more]).ToBytes());
    }

    private static Files Beside(string archive, byte[] bytes, params FileSetEntry[] more)
    {
        var old = Manifest("tar", archive + ".");
        var files = Signed(archive + ".", new FileSetManifest(old.Id, old.SealedAt, old.PublicKey, [.. old.Entries, .. more]).ToBytes());
        files[archive] = bytes;
        return files;
    }

    private static byte[] Without(string name)
    {
        var tar = BaseTar();
        tar.Entries.Remove(tar[name]);
        return tar.ToBytes();
    }

    private static byte[] ZstdZeros(int blocks) =>
        [0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x58, .. Enumerable.Range(1, blocks).SelectMany(i => (byte[])[(byte)(i == blocks ? 3 : 2), 0, 0x10, (byte)'x'])];

    /// <summary>Writes another name of the same length into a local header or into the directory.</summary>
    private static byte[] Patched(byte[] zip, ReadOnlySpan<byte> signature, int name, ReadOnlySpan<byte> from, ReadOnlySpan<byte> to)
    {
        to.CopyTo(zip.AsSpan(Find(zip, signature, name, from) + name));
        return zip;
    }

    /// <summary>Writes bytes into an entry of the directory (APPNOTE.TXT 4.3.12).</summary>
    private static byte[] Poked(ReadOnlySpan<byte> name, int at, params ReadOnlySpan<byte> bytes)
    {
        var zip = Base("zip", Zip);
        bytes.CopyTo(zip.AsSpan(Find(zip, "PK\x01\x02"u8, 46, name) + at));
        return zip;
    }

    private static byte[] End(Action<byte[]> bend)
    {
        var zip = Base("zip", Zip);
        var at = zip.AsSpan().LastIndexOf("PK\x05\x06"u8);
        var end = zip[at..];
        bend(end);
        return [.. zip[..at], .. end];
    }

    private static int Find(byte[] zip, ReadOnlySpan<byte> signature, int name, ReadOnlySpan<byte> wanted)
    {
        for (var at = 0; at + name + wanted.Length <= zip.Length; at++)
            if (zip.AsSpan(at).StartsWith(signature) && zip.AsSpan(at + name).StartsWith(wanted)) return at;
        throw new InvalidOperationException("the base holds no such entry");
    }
}
