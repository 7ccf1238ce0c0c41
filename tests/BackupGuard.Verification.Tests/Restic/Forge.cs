using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using BackupGuard.Verification.Cryptography;
using BackupGuard.Verification.Formats.Restic;

namespace BackupGuard.Verification.Tests.Restic;

/// <summary>Writes repositories as somebody would who holds the key: every envelope authentic, every name right, the content a lie.</summary>
internal sealed class Forge
{
    private readonly ResticKey key = ResticKey.From(Bytes(32, 1), Bytes(16, 2), Bytes(16, 3))!;
    private readonly JsonArray packs = [];
    public RepositoryCopy Repository { get; } = new();

    public Forge(int version = 2, string password = RepositoryCopy.Password)
    {
        var salt = Bytes(64, 4);
        var derived = new byte[64];
        Scrypt.DeriveKey(Encoding.UTF8.GetBytes(password), salt, 128, 1, 1, derived);
        using var outer = ResticKey.From(derived.AsSpan(0, 32), derived.AsSpan(32, 16), derived.AsSpan(48))!;
        var master = new JsonObject
        {
            ["mac"] = new JsonObject { ["k"] = Convert.ToBase64String(Bytes(16, 2)), ["r"] = Convert.ToBase64String(Bytes(16, 3)) },
            ["encrypt"] = Convert.ToBase64String(Bytes(32, 1)),
        };
        AddNamed("keys/", Text(new JsonObject
        {
            ["created"] = "2024-01-01T00:00:00Z", ["username"] = "u", ["hostname"] = "h", ["kdf"] = "scrypt", ["N"] = 128, ["r"] = 1, ["p"] = 1,
            ["salt"] = Convert.ToBase64String(salt), ["data"] = Convert.ToBase64String(outer.Seal(Text(master), Bytes(16, 9))),
        }));
        Repository.Files["config"] = Seal(Text(new JsonObject { ["version"] = version, ["id"] = new string('a', 64), ["chunker_polynomial"] = "25b468838dcb75" }));
    }

    public static byte[] Bytes(int count, byte seed) => [.. Enumerable.Range(0, count).Select(i => unchecked((byte)(seed * 31 + i * 7 + 1)))];
    public static byte[] Text(JsonNode node) => Encoding.UTF8.GetBytes(node.ToJsonString(new System.Text.Json.JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));

    /// <summary>The IV comes from the content, so that what is forged twice is the same twice. Nobody who has secrets may do so.</summary>
    public byte[] Seal(byte[] plain) => key.Seal(plain, SHA256.HashData(plain).AsSpan(0, 16));

    public string AddNamed(string prefix, byte[] bytes)
    {
        var id = Convert.ToHexStringLower(SHA256.HashData(bytes));
        Repository.Files[prefix + id] = bytes;
        return id;
    }

    public sealed record Blob(string Kind, byte[] Stored, string Id, uint? Plain = null);

    public static Blob Data(byte[] plain) => new("data", plain, Convert.ToHexStringLower(SHA256.HashData(plain)));
    public static Blob Tree(params JsonObject[] nodes) => Tree(Text(new JsonObject { ["nodes"] = new JsonArray([.. nodes]) }));
    public static Blob Tree(byte[] json) => new("tree", json, Convert.ToHexStringLower(SHA256.HashData(json)));

    public static JsonObject File(string name, params string[] content) => new()
    {
        ["name"] = name, ["type"] = "file", ["mode"] = 420, ["mtime"] = "2024-01-01T00:00:00Z", ["size"] = 0, ["content"] = new JsonArray([.. content.Select(c => (JsonNode)c)]),
    };

    public static JsonObject Folder(string name, string subtree) => new() { ["name"] = name, ["type"] = "dir", ["mode"] = 2147484141, ["subtree"] = subtree };

    /// <summary>Writes a pack and notes it for the index; both may be bent on the way.</summary>
    public string AddPack(IReadOnlyList<Blob> blobs, Action<JsonObject>? bendIndex = null, Func<byte[], byte[]>? bendHeader = null, Func<byte[], byte[]>? bendPack = null, bool indexed = true)
    {
        var pack = new List<byte>();
        var header = new List<byte>();
        var entries = new JsonArray();
        foreach (var blob in blobs)
        {
            var sealedBlob = Seal(blob.Stored);
            var length = new byte[4];
            BinaryPrimitives.WriteUInt32LittleEndian(length, (uint)sealedBlob.Length);
            header.Add((byte)((blob.Kind == "tree" ? 1 : 0) | (blob.Plain is null ? 0 : 2)));
            header.AddRange(length);
            if (blob.Plain is { } plain)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(length, plain);
                header.AddRange([.. length]);
            }
            header.AddRange(Convert.FromHexString(blob.Id));
            var entry = new JsonObject { ["id"] = blob.Id, ["type"] = blob.Kind, ["offset"] = pack.Count, ["length"] = sealedBlob.Length };
            if (blob.Plain is { } p) entry["uncompressed_length"] = p;
            entries.Add(entry);
            pack.AddRange(sealedBlob);
        }
        var sealedHeader = Seal(bendHeader?.Invoke([.. header]) ?? [.. header]);
        pack.AddRange(sealedHeader);
        var tail = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(tail, (uint)sealedHeader.Length);
        pack.AddRange(tail);
        var bytes = bendPack?.Invoke([.. pack]) ?? [.. pack];
        var id = Convert.ToHexStringLower(SHA256.HashData(bytes));
        Repository.Files[$"data/{id[..2]}/{id}"] = bytes;
        var described = new JsonObject { ["id"] = id, ["blobs"] = entries };
        bendIndex?.Invoke(described);
        if (indexed) packs.Add(described);
        return id;
    }

    /// <summary>Writes the index and one snapshot, and gives the whole.</summary>
    public RepositoryCopy Finish(string tree, string time = "2024-01-01T00:00:00Z", ulong? totalBytes = null)
    {
        AddNamed("index/", Seal(Text(new JsonObject { ["packs"] = packs.DeepClone() })));
        var snapshot = new JsonObject { ["time"] = time, ["tree"] = tree, ["paths"] = new JsonArray("/srv"), ["hostname"] = "h", ["username"] = "u" };
        if (totalBytes is { } bytes) snapshot["summary"] = new JsonObject { ["files_new"] = 1, ["total_bytes_processed"] = bytes };
        AddNamed("snapshots/", Seal(Text(snapshot)));
        return Repository;
    }

    /// <summary>A repository with nothing wrong: one file of three bytes in one folder.</summary>
    public static RepositoryCopy Honest()
    {
        var forge = new Forge();
        var content = Data("abc"u8.ToArray());
        var file = File("f", content.Id);
        file["size"] = 3;
        var root = Tree(file);
        forge.AddPack([content]);
        forge.AddPack([root]);
        return forge.Finish(root.Id);
    }
}
