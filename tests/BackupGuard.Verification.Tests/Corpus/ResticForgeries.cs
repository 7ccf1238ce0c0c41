using System.Text;
using System.Text.Json.Nodes;
using BackupGuard.Verification.Tests.Restic;

namespace BackupGuard.Verification.Tests.Corpus;

/// <summary>Repositories that no restic writes: all envelopes authentic, all names right, and one lie. Each is the <c>files/</c> of the vector of its name.</summary>
internal static class ResticForgeries
{
    private static Forge.Blob Content { get; } = Forge.Data("abc"u8.ToArray());

    /// <summary>"abc" in one raw block with its length in the frame header.</summary>
    private static byte[] Frame { get; } = [0x28, 0xB5, 0x2F, 0xFD, 0x20, 3, 0x19, 0, 0, .. "abc"u8];

    public static IReadOnlyDictionary<string, Func<RepositoryCopy>> All { get; } = new Dictionary<string, Func<RepositoryCopy>>
    {
        ["forged-honest"] = Forge.Honest,
        ["forged-honest-version-1-mixed-pack"] = () => Mixed(version: 1),

        ["key-of-another-password"] = () => With(new Forge(password: "another-sample"), Abc("f")),
        ["key-not-json"] = () => WithKey("this is no key"),
        ["key-n-not-a-power-of-two"] = () => WithKey(KeyText(100, 8, 1)),
        ["key-asks-for-terabytes"] = () => WithKey(KeyText(1L << 40, 8, 1)),
        ["key-asks-for-minutes"] = () => WithKey(KeyText(1 << 20, 8, 64)),
        ["key-too-large"] = () => WithKey(new string(' ', 65_537)),
        ["config-version-3"] = () => With(new Forge(version: 3), Abc("f")),
        ["config-not-json"] = () => Bent("config", "[]"),

        ["index-not-json"] = () => Extra("index/", "{\"packs\":[{\"id\":7}]}"),
        ["index-of-the-oldest-kind"] = () => Extra("index/", "[{\"id\":\"" + new string('1', 64) + "\",\"blobs\":[]}]"),
        ["index-zstd-bomb"] = () => Extra("index/", [2, .. ZstdZeros(blocks: 700)]),
        ["index-length-above-4-gib"] = () => BentIndex(p => p["blobs"]![0]!["length"] = 99_999_999_999),
        ["index-length-negative"] = () => BentIndex(p => p["blobs"]![0]!["length"] = -1),
        ["index-length-lies"] = () => BentIndex(p => p["blobs"]![0]!["length"] = 34),
        ["index-offset-lies"] = () => BentIndex(p => p["blobs"]![0]!["offset"] = 1),
        ["index-lists-a-blob-twice"] = () => BentIndex(p => p["blobs"]!.AsArray().Add(p["blobs"]![0]!.DeepClone())),
        ["index-blob-in-the-wrong-pack"] = BlobInTheWrongPack,
        ["index-calls-a-tree-data"] = () => Single(Forge.Tree(Abc("f")), p => p["blobs"]![0]!["type"] = "data"),
        ["index-conflict"] = () => SecondIndex(twin => twin["blobs"]!.AsArray().Clear()),
        ["index-duplicate"] = () => SecondIndex(_ => { }),

        ["blob-under-a-wrong-name"] = () => WithData(Content with { Stored = "abd"u8.ToArray() }),
        ["blob-claims-four-gigabytes"] = () => WithData(Content with { Stored = Frame, Plain = uint.MaxValue }),
        ["blob-zstd-bomb"] = () => WithData(Content with { Stored = ZstdZeros(blocks: 100), Plain = 1000 }),
        ["blob-zstd-needs-a-dictionary"] = () => WithData(Content with { Stored = [0x28, 0xB5, 0x2F, 0xFD, 0x21, 7, 3, 0x19, 0, 0, .. "abc"u8], Plain = 3 }),
        ["blob-shorter-than-promised"] = () => WithData(Content with { Stored = [0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x58, 0x19, 0, 0, .. "abc"u8], Plain = 4 }),
        ["blob-compressed-in-version-1"] = () => WithData(Content with { Stored = Frame, Plain = 3 }, new Forge(version: 1)),
        ["blob-nobody-has"] = () => With(new Forge(), Abc("a"), Forge.File("b", new string('5', 64))),

        ["trees-that-unfold-without-end"] = () => Nested(3, t => [.. Enumerable.Range(1000, 1100).Select(i => Forge.Folder($"d{i}", t))]),
        ["trees-too-deep"] = () => Nested(4200, t => [Forge.Folder("d", t)]),

        ["pack-header-names-another-blob"] = () => WithPack(bendHeader: h => { h[^1] ^= 1; return h; }),
        ["pack-header-of-an-unknown-type"] = () => WithPack(bendHeader: h => { h[0] = 7; return h; }),
        ["pack-header-cut-inside-an-entry"] = () => WithPack(bendHeader: h => h[..^1]),
        ["pack-bytes-between-blobs-and-header"] = () => WithPack(bendPack: p => [.. p[..35], 1, 2, 3, .. p[35..]]),
        ["pack-bytes-behind-its-end"] = () => WithPack(bendPack: p => [.. p, 1, 2, 3, 4]),
        ["pack-bytes-before-its-beginning"] = () => WithPack(bendPack: p => [0, .. p]),
        ["pack-header-length-lies"] = () => WithPack(bendPack: p => [.. p[..^4], 0xFF, 0xFF, 0xFF, 0x7F]),
        ["pack-orphan"] = () => Orphan(Forge.Data("defg"u8.ToArray())),
        ["pack-orphan-damaged"] = () => Orphan(Forge.Data("defg"u8.ToArray()) with { Stored = "defh"u8.ToArray() }),
        ["pack-orphan-of-an-interrupted-prune"] = () => Orphan(Content),
        ["pack-mixed-in-version-2"] = () => Mixed(version: 2),
        ["pack-lost-with-a-twin-elsewhere"] = PackLostWithATwin,

        ["snapshot-not-json"] = () => Extra("snapshots/", "{"),
        ["snapshot-without-time"] = () => Extra("snapshots/", "{\"tree\":\"" + new string('1', 64) + "\"}"),
        ["snapshot-with-a-null-for-a-path"] = () => Extra("snapshots/", $$"""{"time":"2024-01-02T00:00:00Z","tree":"{{Forge.Tree(Abc("f")).Id}}","paths":[null],"tags":[null]}"""),
        ["snapshot-of-a-missing-tree"] = () => new Forge().Finish(new string('7', 64)),
        ["snapshot-of-a-data-blob"] = SnapshotOfData,
        ["snapshot-in-the-future"] = () => With(new Forge(), "2199-01-01T00:00:00+02:00", Abc("f")),
        ["snapshot-of-empty-folders"] = SnapshotOfEmptyFolders,
        ["snapshot-of-a-pipe-only"] = () => With(new Forge(), Node("p", "fifo")),

        ["tree-empty-text"] = () => Raw(""),
        ["tree-not-an-object"] = () => Raw("[]"),
        ["tree-nodes-no-list"] = () => Raw("""{"nodes":"x"}"""),
        ["tree-node-no-object"] = () => Raw("""{"nodes":[1]}"""),
        ["tree-content-no-id"] = () => Raw("""{"nodes":[{"name":"a","type":"file","content":["zz"]}]}"""),
        ["tree-folder-without-subtree"] = () => Raw("""{"nodes":[{"name":"a","type":"dir"}]}"""),
        ["tree-followed-by-another"] = () => Raw("""{"nodes":[]}{"nodes":[]}"""),
        ["tree-two-lists-of-nodes"] = () => Raw("""{"nodes":[],"nodes":[]}"""),
        ["tree-name-with-an-unknown-escape"] = () => With(new Forge(), Abc("a\\qb")),
        ["tree-missing-below"] = () => With(new Forge(), Abc("a"), Forge.Folder("d", new string('7', 64))),
        ["tree-out-of-order"] = () => With(new Forge(), Abc("b"), Abc("a")),
        ["name-twice"] = () => With(new Forge(), Abc("a"), Abc("a")),
        ["name-of-a-parent"] = () => With(new Forge(), Abc("..")),
        ["name-with-a-path-upwards"] = () => With(new Forge(), Abc("../../etc/passwd")),
        ["name-absolute"] = () => With(new Forge(), Abc("/etc/passwd")),
        ["name-empty"] = () => With(new Forge(), Abc("")),
        ["name-with-nul"] = () => With(new Forge(), Abc("a\\x00b")),
        ["name-of-256-bytes"] = () => With(new Forge(), Abc(new string('n', 256))),
        ["name-of-a-link-and-of-a-folder"] = LinkAndFolder,
        ["node-size-lies"] = () => With(new Forge(), Sized("f", 4)),
        ["node-with-error"] = () => With(new Forge(), And(Abc("f"), "error", "read: input/output error")),
        ["node-pipe"] = () => With(new Forge(), Abc("f"), Node("p", "fifo")),
        ["tree-file-without-content"] = () => With(new Forge(), Abc("a"), Node("b", "file")),
        ["node-of-an-unknown-type"] = () => With(new Forge(), Abc("f"), Node("p", "quantum")),
        ["more-notes-than-are-listed"] = () => With(new Forge(), [.. Enumerable.Range(0, 1001).Select(i => new JsonObject { ["name"] = $"{i:0000}", ["type"] = "file", ["size"] = 1, ["content"] = new JsonArray() })]),
        ["more-errors-than-are-listed"] = () => With(new Forge(), [.. Enumerable.Range(0, 501).Select(_ => new JsonObject { ["name"] = "..", ["type"] = "file", ["content"] = new JsonArray() })]),

        ["lock-not-json"] = () => Extra("locks/", "{"),
        ["lock-exclusive-and-old"] = () => Extra("locks/", Lock("2024-01-01T00:00:00Z", exclusive: true)),
        ["lock-of-a-reader"] = () => Extra("locks/", Lock("2024-01-01T00:00:00Z", exclusive: false)),
        ["lock-from-the-future-and-a-lost-pack"] = LockFromTheFuture,
    };

    /// <summary>Blocks that repeat one byte 131072 times each (RFC 8878, section 3.1.1.2): 4 bytes make 128 KiB.</summary>
    private static byte[] ZstdZeros(int blocks) =>
        [0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x58, .. Enumerable.Range(1, blocks).SelectMany(i => (byte[])[(byte)(i == blocks ? 3 : 2), 0, 0x10, 0])];

    private static JsonObject Abc(string name) => Sized(name, 3);
    private static JsonObject Sized(string name, int size) => And(Forge.File(name, Content.Id), "size", size);
    private static JsonObject Node(string name, string type) => new() { ["name"] = name, ["type"] = type, ["mode"] = 420 };

    private static JsonObject And(JsonObject node, string member, JsonNode value)
    {
        node[member] = value;
        return node;
    }

    /// <summary>Folders in folders: each level is one list, however often the one above names it.</summary>
    private static RepositoryCopy Nested(int levels, Func<string, JsonObject[]> level)
    {
        var forge = new Forge();
        forge.AddPack([Content]);
        var trees = new List<Forge.Blob> { Forge.Tree(Abc("f")) };
        for (var i = 0; i < levels; i++) trees.Add(Forge.Tree(level(trees[^1].Id)));
        forge.AddPack(trees);
        return forge.Finish(trees[^1].Id);
    }

    private static RepositoryCopy With(Forge forge, params JsonObject[] nodes) => With(forge, "2024-01-01T00:00:00Z", nodes);

    private static RepositoryCopy With(Forge forge, string time, params JsonObject[] nodes)
    {
        forge.AddPack([Content]);
        return Rooted(forge, time, nodes);
    }

    private static RepositoryCopy WithData(Forge.Blob blob, Forge? forge = null)
    {
        forge ??= new Forge();
        forge.AddPack([blob]);
        return Rooted(forge, Abc("f"));
    }

    private static RepositoryCopy WithPack(Func<byte[], byte[]>? bendHeader = null, Func<byte[], byte[]>? bendPack = null)
    {
        var forge = new Forge();
        forge.AddPack([Content], bendHeader: bendHeader, bendPack: bendPack);
        return Rooted(forge, Abc("f"));
    }

    private static RepositoryCopy Rooted(Forge forge, params JsonObject[] nodes) => Rooted(forge, "2024-01-01T00:00:00Z", nodes);

    private static RepositoryCopy Rooted(Forge forge, string time, params JsonObject[] nodes)
    {
        var root = Forge.Tree(nodes);
        forge.AddPack([root]);
        return forge.Finish(root.Id, time);
    }

    private static RepositoryCopy Raw(string tree)
    {
        var forge = new Forge();
        var root = Forge.Tree(Encoding.UTF8.GetBytes(tree));
        forge.AddPack([root]);
        return forge.Finish(root.Id);
    }

    private static RepositoryCopy Single(Forge.Blob root, Action<JsonObject> bendIndex)
    {
        var forge = new Forge();
        forge.AddPack([Content]);
        forge.AddPack([root], bendIndex);
        return forge.Finish(root.Id);
    }

    private static RepositoryCopy BentIndex(Action<JsonObject> bend)
    {
        var forge = new Forge();
        forge.AddPack([Content], bend);
        return Rooted(forge, Abc("f"));
    }

    /// <summary>The honest repository and one authentic object more.</summary>
    private static RepositoryCopy Extra(string prefix, byte[] plain)
    {
        var forge = new Forge();
        var repository = With(forge, Abc("f"));
        forge.AddNamed(prefix, forge.Seal(plain));
        return repository;
    }

    private static RepositoryCopy Extra(string prefix, string plain) => Extra(prefix, Encoding.UTF8.GetBytes(plain));

    private static RepositoryCopy Bent(string name, string plain)
    {
        var forge = new Forge();
        var repository = With(forge, Abc("f"));
        repository.Files[name] = forge.Seal(Encoding.UTF8.GetBytes(plain));
        return repository;
    }

    private static RepositoryCopy WithKey(string text)
    {
        var forge = new Forge();
        var repository = With(forge, Abc("f"));
        forge.AddNamed("keys/", Encoding.UTF8.GetBytes(text));
        return repository;
    }

    private static string KeyText(long n, int r, int p) => new JsonObject
    {
        ["kdf"] = "scrypt", ["N"] = n, ["r"] = r, ["p"] = p, ["salt"] = Convert.ToBase64String(Forge.Bytes(64, 5)), ["data"] = Convert.ToBase64String(Forge.Bytes(64, 6)),
    }.ToJsonString();

    private static string Lock(string time, bool exclusive) => new JsonObject { ["time"] = time, ["exclusive"] = exclusive, ["hostname"] = "h", ["username"] = "u", ["pid"] = 7 }.ToJsonString();

    private static RepositoryCopy Orphan(Forge.Blob blob)
    {
        var forge = new Forge();
        // Beside a blob of its own, so that it is never the same pack as the one in the index.
        forge.AddPack([blob, Forge.Data("orphan"u8.ToArray())], indexed: false);
        return With(forge, Abc("f"));
    }

    private static RepositoryCopy Mixed(int version)
    {
        var forge = new Forge(version);
        var root = Forge.Tree(Abc("f"));
        forge.AddPack([Content, root]);
        return forge.Finish(root.Id);
    }

    private static RepositoryCopy SecondIndex(Action<JsonObject> bend)
    {
        var forge = new Forge();
        JsonObject twin = [];
        forge.AddPack([Content], p => twin = p);
        var repository = Rooted(forge, Abc("f"));
        var copy = twin.DeepClone().AsObject();
        bend(copy);
        forge.AddNamed("index/", forge.Seal(Forge.Text(new JsonObject { ["packs"] = new JsonArray(copy) })));
        return repository;
    }

    private static RepositoryCopy BlobInTheWrongPack()
    {
        var forge = new Forge();
        JsonNode? entry = null;
        forge.AddPack([Content], p => { entry = p["blobs"]![0]!.DeepClone(); p["blobs"]!.AsArray().Clear(); });
        forge.AddPack([Forge.Data("def"u8.ToArray())], p => p["blobs"]!.AsArray().Add(entry));
        return Rooted(forge, Abc("f"));
    }

    private static RepositoryCopy PackLostWithATwin()
    {
        var forge = new Forge();
        var lost = forge.AddPack([Content]);
        forge.AddPack([Content, Forge.Data("def"u8.ToArray())]);
        var repository = Rooted(forge, Abc("f"));
        repository.Files.Remove($"data/{lost[..2]}/{lost}");
        return repository;
    }

    private static RepositoryCopy SnapshotOfData()
    {
        var forge = new Forge();
        forge.AddPack([Content]);
        return forge.Finish(Content.Id);
    }

    private static RepositoryCopy SnapshotOfEmptyFolders()
    {
        var forge = new Forge();
        var empty = Forge.Tree();
        var root = Forge.Tree(Forge.Folder("d", empty.Id));
        forge.AddPack([empty, root]);
        return forge.Finish(root.Id);
    }

    private static RepositoryCopy LinkAndFolder()
    {
        var forge = new Forge();
        forge.AddPack([Content]);
        var inner = Forge.Tree(Abc("passwd"));
        var root = Forge.Tree(And(Node("a", "symlink"), "linktarget", "/etc"), Forge.Folder("a", inner.Id));
        forge.AddPack([inner, root]);
        return forge.Finish(root.Id);
    }

    private static RepositoryCopy LockFromTheFuture()
    {
        var forge = new Forge();
        var lost = forge.AddPack([Content]);
        var repository = Rooted(forge, Abc("f"));
        forge.AddNamed("locks/", forge.Seal(Encoding.UTF8.GetBytes(Lock("2199-01-01T00:00:00Z", exclusive: true))));
        repository.Files.Remove($"data/{lost[..2]}/{lost}");
        return repository;
    }
}
