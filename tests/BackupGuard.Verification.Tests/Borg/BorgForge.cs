using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using BackupGuard.Verification.Compression;
using BackupGuard.Verification.Cryptography;
using BackupGuard.Verification.Formats.Borg;
using BackupGuard.Verification.Formats.Restic;
using BackupGuard.Verification.Stores;
using BackupGuard.Verification.Tests.Stores;

namespace BackupGuard.Verification.Tests.Borg;

/// <summary>Writes repositories of Borg 1 that Borg itself never would: everything authentic but for the one thing that a test wants wrong. The same bytes every time.</summary>
internal sealed class BorgForge
{
    public const string Passphrase = "sample";
    private static readonly byte[] RepositoryId = Bytes(32, 1);
    private static readonly BorgKey Key = new(RepositoryId, Bytes(32, 2), Bytes(32, 3), Bytes(32, 4), Iterations, "");

    /// <summary>Cheap, so that thousands of openings are; Borg accepts any number.</summary>
    private const int Iterations = 10;

    private readonly SortedDictionary<uint, MemoryStream> segments = [];
    private readonly SortedDictionary<string, object?> archives = new(StringComparer.Ordinal);
    private ulong nonce;
    private uint number;

    public enum Tag { Good, None, Wrong }

    public Dictionary<string, byte[]> Extra { get; } = [];
    public string ManifestTime { get; set; } = "2024-02-03T04:05:06.000000";
    public Tag ManifestTag { get; set; }
    public byte[]? ManifestContent { get; set; }

    public static BlobId Name(ReadOnlySpan<byte> content) => BlobId.Of(HMACSHA256.HashData(Key.Id, content));

    /// <summary>The next entries go into this segment; numbers from 900 on are for what lies behind the last commit.</summary>
    public void BeginSegment(uint segment) => number = segment;

    public BlobId Put(byte[] content)
    {
        var id = Name(content);
        Put(id, Seal([0, 0, .. content]));
        return id;
    }

    public void Put(BlobId id, byte[] stored) => Write(EntryTag.Put, [.. id.AsBytes(), .. stored]);
    public void Delete(BlobId id) => Write(EntryTag.Delete, id.AsBytes());

    public void Commit()
    {
        BeginSegment(number + 1);
        Write(EntryTag.Commit, []);
        BeginSegment(number + 1);
    }

    /// <summary>Type, HMAC, nonce, ciphertext (Borg internals, "Encryption").</summary>
    public byte[] Seal(byte[] compressed)
    {
        var stored = new byte[41 + compressed.Length];
        stored[0] = (byte)BorgMode.RepoKey;
        BinaryPrimitives.WriteUInt64BigEndian(stored.AsSpan(33), nonce);
        compressed.CopyTo(stored, 41);
        using (var cipher = new AesCtr(Key.Encryption)) cipher.Transform([.. new byte[8], .. stored.AsSpan(33, 8)], stored.AsSpan(41));
        nonce += (ulong)compressed.Length / 16 + 1;
        HMACSHA256.HashData(Key.Mac, stored.AsSpan(33), stored.AsSpan(1, 32));
        return stored;
    }

    private void Write(EntryTag tag, ReadOnlySpan<byte> rest)
    {
        if (!segments.TryGetValue(number, out var segment))
        {
            segments[number] = segment = new MemoryStream();
            segment.Write(SegmentEntry.Magic);
        }
        var entry = new byte[9 + rest.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(entry.AsSpan(4), (uint)entry.Length);
        entry[8] = (byte)tag;
        rest.CopyTo(entry.AsSpan(9));
        BinaryPrimitives.WriteUInt32LittleEndian(entry, Crc32.Of(entry.AsSpan(4)));
        segment.Write(entry);
    }

    public static SortedDictionary<string, object?> File(string path, params (BlobId Id, int Size)[] chunks) => new(StringComparer.Ordinal)
    {
        ["path"] = path, ["mode"] = 0x81A4, ["mtime"] = 1_700_000_000_000_000_000, ["uid"] = 0, ["gid"] = 0, ["user"] = "root", ["group"] = "root",
        ["chunks"] = chunks.Select(c => (object?)new object?[] { c.Id.AsBytes().ToArray(), c.Size, c.Size }).ToArray(),
    };

    public SortedDictionary<string, object?> FileOf(string path, string content) => File(path, (Put(Encoding.UTF8.GetBytes(content)), content.Length));

    public BlobId Archive(string name, IEnumerable<object?> items, Tag tag = Tag.Good, string time = "2024-02-03T04:05:06.000000", Action<SortedDictionary<string, object?>>? edit = null) =>
        ArchiveOf(name, [.. items.SelectMany(Pack.Of)], tag, time, edit);

    public BlobId ArchiveOf(string name, byte[] itemStream, Tag tag = Tag.Good, string time = "2024-02-03T04:05:06.000000", Action<SortedDictionary<string, object?>>? edit = null)
    {
        // In two halves, so that an item runs over the border.
        var half = itemStream.Length / 2;
        object?[] items = itemStream.Length == 0 ? [] : [Put(itemStream[..half]).AsBytes().ToArray(), Put(itemStream[half..]).AsBytes().ToArray()];
        var archive = new SortedDictionary<string, object?>(StringComparer.Ordinal)
        {
            ["version"] = 1, ["name"] = name, ["items"] = items, ["cmdline"] = new object?[] { "borg" }, ["hostname"] = "forged", ["username"] = "u", ["time"] = time, ["time_end"] = time,
            ["comment"] = "", ["chunker_params"] = new object?[] { "buzhash", 19, 23, 21, 4095 },
        };
        edit?.Invoke(archive);
        var id = Put(Tagged(archive, tag, "archive"));
        List(name, id, time);
        return id;
    }

    /// <summary>Lists an archive in the manifest, whatever it is.</summary>
    public void List(string name, BlobId id, string time) => archives[name] = new SortedDictionary<string, object?> { ["id"] = id.AsBytes().ToArray(), ["time"] = time };

    public void Manifest()
    {
        var manifest = new SortedDictionary<string, object?>(StringComparer.Ordinal)
        {
            ["version"] = 1, ["archives"] = archives, ["timestamp"] = ManifestTime, ["config"] = new SortedDictionary<string, object?>(), ["item_keys"] = new object?[] { "path", "mode" },
        };
        Put(ObjectDecoder.Manifest, Seal([0, 0, .. ManifestContent ?? Tagged(manifest, ManifestTag, "manifest")]));
    }

    private static byte[] Tagged(SortedDictionary<string, object?> content, Tag tag, string context)
    {
        if (tag == Tag.None) return Pack.Of(content);
        var salt = Bytes(64, 9);
        SortedDictionary<string, object?> With(byte[] hmac) => new(content, StringComparer.Ordinal)
        {
            ["tam"] = new SortedDictionary<string, object?>(StringComparer.Ordinal) { ["type"] = "HKDF_HMAC_SHA512", ["hmac"] = hmac, ["salt"] = salt },
        };
        var hmac = HMACSHA512.HashData(BorgKey.TagKey(Key, salt, Encoding.ASCII.GetBytes(context)), Pack.Of(With(new byte[64])));
        if (tag == Tag.Wrong) hmac[0] ^= 1;
        return Pack.Of(With(hmac));
    }

    /// <summary>Manifest, commit, config: the repository as files.</summary>
    public SortedDictionary<string, byte[]> Finish(bool manifest = true)
    {
        if (manifest) Manifest();
        Commit();
        return Files();
    }

    public SortedDictionary<string, byte[]> Files()
    {
        var files = new SortedDictionary<string, byte[]>(StringComparer.Ordinal) { ["config"] = Encoding.ASCII.GetBytes(Config()), ["README"] = "This is a Borg Backup repository, forged for a test.\n"u8.ToArray() };
        foreach (var (segment, bytes) in segments) files[string.Create(CultureInfo.InvariantCulture, $"data/{segment / 1000}/{segment}")] = bytes.ToArray();
        foreach (var (name, bytes) in Extra) files[name] = bytes;
        return files;
    }

    public static MemoryStore Store(SortedDictionary<string, byte[]> files)
    {
        var store = new MemoryStore();
        foreach (var (name, bytes) in files) store[name] = bytes;
        return store;
    }

    public static BorgRepository Open(IBackupStore store, string? passphrase = Passphrase, byte[]? keyFile = null) =>
        new(store, new BorgSecrets(passphrase is null ? null : Encoding.UTF8.GetBytes(passphrase), keyFile), TimeProvider.System);

    private static string Config() =>
        $"[repository]\nversion = 1\nsegments_per_dir = 1000\nmax_segment_size = 524288000\nappend_only = 0\nstorage_quota = 0\nadditional_free_space = 0\nid = {Convert.ToHexStringLower(RepositoryId)}\nkey = {KeyText()}\n\n";

    public static string KeyText()
    {
        var plain = Pack.Of(new SortedDictionary<string, object?>(StringComparer.Ordinal)
        {
            ["version"] = 1, ["repository_id"] = RepositoryId, ["enc_key"] = Key.Encryption, ["enc_hmac_key"] = Key.Mac, ["id_key"] = Key.Id, ["chunk_seed"] = 5, ["tam_required"] = true,
        });
        var salt = Bytes(32, 8);
        var kek = Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(Passphrase), salt, Iterations, HashAlgorithmName.SHA256, 32);
        var hash = HMACSHA256.HashData(kek, plain);
        using (var cipher = new AesCtr(kek)) cipher.Transform(new byte[16], plain);
        var blob = Pack.Of(new SortedDictionary<string, object?>(StringComparer.Ordinal) { ["version"] = 1, ["salt"] = salt, ["iterations"] = Iterations, ["algorithm"] = "sha256", ["hash"] = hash, ["data"] = plain });
        return Convert.ToBase64String(blob).Chunk(70).Select(c => new string(c)).Aggregate((x, y) => x + "\n\t" + y);
    }

    private static byte[] Bytes(int count, byte seed) => [.. Enumerable.Range(0, count).Select(i => (byte)((seed * 37 + i * 11) & 255))];
}

/// <summary>MessagePack as Borg 1 writes it.</summary>
internal static class Pack
{
    public static byte[] Of(object? value)
    {
        var stream = new MemoryStream();
        Write(stream, value);
        return stream.ToArray();
    }

    private static void Write(MemoryStream to, object? value)
    {
        switch (value)
        {
            case null: to.WriteByte(0xC0); break;
            case bool b: to.WriteByte(b ? (byte)0xC3 : (byte)0xC2); break;
            case int or long: Integer(to, Convert.ToInt64(value, CultureInfo.InvariantCulture)); break;
            case string s: Raw(to, Encoding.UTF8.GetBytes(s)); break;
            case byte[] bytes: Raw(to, bytes); break;
            case object?[] list:
                Header(to, 0x90, 0xDC, list.Length);
                foreach (var item in list) Write(to, item);
                break;
            case SortedDictionary<string, object?> map:
                Header(to, 0x80, 0xDE, map.Count);
                foreach (var (name, item) in map)
                {
                    Raw(to, Encoding.UTF8.GetBytes(name));
                    Write(to, item);
                }
                break;
            default: throw new ArgumentException($"{value.GetType()} cannot be packed");
        }
    }

    private static void Integer(MemoryStream to, long value)
    {
        if (value is >= 0 and < 128) { to.WriteByte((byte)value); return; }
        var bytes = new byte[9];
        bytes[0] = 0xD3;
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(1), value);
        to.Write(bytes);
    }

    private static void Raw(MemoryStream to, byte[] bytes)
    {
        if (bytes.Length < 32) to.WriteByte((byte)(0xA0 | bytes.Length));
        else Wide(to, 0xDA, bytes.Length);
        to.Write(bytes);
    }

    private static void Header(MemoryStream to, byte small, byte wide, int count)
    {
        if (count < 16) to.WriteByte((byte)(small | count));
        else Wide(to, wide, count);
    }

    private static void Wide(MemoryStream to, byte tag, int count) =>
        to.Write(count < 65536 ? [tag, (byte)(count >> 8), (byte)(count & 255)] : [(byte)(tag + 1), (byte)(count >> 24), (byte)((count >> 16) & 255), (byte)((count >> 8) & 255), (byte)(count & 255)]);
}
