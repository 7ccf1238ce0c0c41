using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using BackupGuard.Verification.Formats.Restic;
using BackupGuard.Verification.Tests.Restic;
using BackupGuard.Verification.Tests.Stores;

namespace BackupGuard.Verification.Tests.Corpus;

/// <summary>restic in the corpus: its binary, and damage by somebody who knows the password.</summary>
internal static class ResticUnderTest
{
    /// <summary><c>restic check --read-data</c>, by its exit status. Without reading first: for a pack that is not there, reading tries again for 45 seconds.</summary>
    public static bool Check(string folder)
    {
        // git keeps no empty folder, and restic wants all of its own.
        foreach (var name in (string[])["data", "index", "keys", "locks", "snapshots"]) Directory.CreateDirectory(Path.Combine(folder, name));
        return IsGood() && IsGood("--read-data");

        bool IsGood(params string[] options) => ResticFixture.Restic(null, ["-r", folder, "--no-cache", "--no-lock", "check", .. options]).StartsWith("0 ", StringComparison.Ordinal);
    }

    /// <summary>What is no part of a repository by its name.</summary>
    public static bool IsStray(string name) => name != "config" && !BlobId.TryParse(name[(name.LastIndexOf('/') + 1)..], out _);

    public static IReadOnlyList<ShapedDamage> Shaped { get; } =
    [
        new("a pack with its name made to fit", RenamedPack),
        new("a pack with its name made to fit, and the index too", RenamedAndIndexedPack),
        // Content is named by its hash: whatever an index says, what comes back good is what was saved.
        new("an authentic index", (s, r) => Reseal(s, r, "index/") ? Promise.SameBytes : null),
        new("an authentic snapshot", (s, r) => Reseal(s, r, "snapshots/") ? Promise.None : null),
        new("an authentic config", (s, r) => Reseal(s, r, "config") ? Promise.SameBytes : null),
        new("an authentic lock", AddLock),
        new("a key file more", AddKey),
        new("an authentic folder list", BentTree),
    ];

    private static ResticKey Key(MemoryStore store)
    {
        var file = KeyFile.TryParse(store[store.Names.First(n => n.StartsWith("keys/", StringComparison.Ordinal))], out var refusal) ?? throw new InvalidOperationException(refusal.En);
        return file.Open(Encoding.UTF8.GetBytes(RepositoryCopy.Password)) ?? throw new InvalidOperationException("the sample password opens every undamaged vector");
    }

    private static List<string> Below(MemoryStore store, string prefix) => [.. store.Names.Where(n => n.StartsWith(prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
    private static string IdOf(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static byte[] Seal(ResticKey key, byte[] plain) => key.Seal(plain, SHA256.HashData(plain).AsSpan(0, 16));

    private static string Put(MemoryStore store, string prefix, byte[] bytes)
    {
        var id = IdOf(bytes);
        store[prefix == "data/" ? $"data/{id[..2]}/{id}" : prefix + id] = bytes;
        return id;
    }

    private static byte[] Plain(ResticKey key, byte[] stored) => ResticObjects.Open(key, [.. stored], out var reason) ?? throw new InvalidOperationException(reason.En);

    private static (string Old, string New) Rename(MemoryStore store, Random random)
    {
        var packs = Below(store, "data/");
        var name = packs[random.Next(packs.Count)];
        byte[] bytes = [.. store[name]];
        bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
        store.Remove(name);
        return (name[^64..], Put(store, "data/", bytes));
    }

    private static Promise? RenamedPack(MemoryStore store, Random random)
    {
        Rename(store, random);
        return Promise.NotProved | Promise.SameBytes;
    }

    private static Promise? RenamedAndIndexedPack(MemoryStore store, Random random)
    {
        using var key = Key(store);
        var (old, renamed) = Rename(store, random);
        foreach (var index in Below(store, "index/"))
        {
            var json = Encoding.UTF8.GetString(Plain(key, store[index])).Replace(old, renamed, StringComparison.Ordinal);
            store.Remove(index);
            Put(store, "index/", Seal(key, Encoding.UTF8.GetBytes(json)));
        }
        return Promise.NotProved | Promise.SameBytes;
    }

    /// <summary>Bends one JSON object and seals it with the right key under the right name.</summary>
    private static bool Reseal(MemoryStore store, Random random, string prefix)
    {
        using var key = Key(store);
        var names = Below(store, prefix);
        var name = names[random.Next(names.Count)];
        var bent = Seal(key, JsonDamage.Bend(Plain(key, store[name]), random));
        if (random.Next(3) > 0) store.Remove(name);
        if (prefix == "config") store["config"] = bent;
        else Put(store, prefix, bent);
        return true;
    }

    private static Promise? AddLock(MemoryStore store, Random random)
    {
        using var key = Key(store);
        var json = Encoding.UTF8.GetBytes("""{"time":"2026-11-22T00:00:00Z","exclusive":true,"hostname":"h","username":"u","pid":1}""");
        Put(store, "locks/", Seal(key, JsonDamage.Bend(json, random)));
        return Promise.SameBytes;
    }

    private static Promise? AddKey(MemoryStore store, Random random)
    {
        Put(store, "keys/", JsonDamage.Bend(store[Below(store, "keys/")[0]], random));
        return Promise.SameBytes;
    }

    /// <summary>
    /// One folder list says something else, and everything above it up to the snapshot is made to fit: another backup, in truth. What verify calls good of it must come back.
    /// </summary>
    private static Promise? BentTree(MemoryStore store, Random random)
    {
        using var key = Key(store);
        var blobs = Blobs(store, key);
        var trees = blobs.Where(b => b.Key.Kind == "tree").Select(b => b.Key.Id).Order(StringComparer.Ordinal).ToList();
        var target = trees[random.Next(trees.Count)];
        var renamed = new Dictionary<string, string>(StringComparer.Ordinal);
        var made = new List<byte[]>();
        foreach (var tree in trees) Rebuild(tree);
        var changed = made.Where(m => !blobs.ContainsKey(("tree", IdOf(m)))).DistinctBy(IdOf).ToList();
        if (changed.Count == 0) return null;

        // The new lists in a pack and an index of their own.
        var (pack, entries) = (new List<byte>(), new JsonArray());
        var header = new List<byte>();
        foreach (var json in changed)
        {
            var stored = Seal(key, json);
            entries.Add(new JsonObject { ["id"] = IdOf(json), ["type"] = "tree", ["offset"] = pack.Count, ["length"] = stored.Length });
            header.AddRange([1, .. BitConverter.GetBytes(stored.Length), .. SHA256.HashData(json)]);
            pack.AddRange(stored);
        }
        var sealedHeader = Seal(key, [.. header]);
        var id = Put(store, "data/", [.. pack, .. sealedHeader, .. BitConverter.GetBytes(sealedHeader.Length)]);
        Put(store, "index/", Seal(key, Forge.Text(new JsonObject { ["packs"] = new JsonArray(new JsonObject { ["id"] = id, ["blobs"] = entries }) })));
        foreach (var name in Below(store, "snapshots/"))
        {
            var snapshot = JsonNode.Parse(Plain(key, store[name]))!.AsObject();    // restic wrote an object
            snapshot["tree"] = renamed[(string)snapshot["tree"]!];
            store.Remove(name);
            Put(store, "snapshots/", Seal(key, Forge.Text(snapshot)));
        }
        return Promise.None;

        string Rebuild(string tree)
        {
            if (renamed.TryGetValue(tree, out var known)) return known;
            var json = blobs[("tree", tree)];
            foreach (var below in trees.Where(t => t != tree && Encoding.UTF8.GetString(json).Contains(t, StringComparison.Ordinal)))
                json = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(json).Replace(below, Rebuild(below), StringComparison.Ordinal));
            if (tree == target) json = JsonDamage.Bend(json, random);
            made.Add(json);
            return renamed[tree] = IdOf(json);
        }
    }

    private static Dictionary<(string Kind, string Id), byte[]> Blobs(MemoryStore store, ResticKey key)
    {
        var blobs = new Dictionary<(string, string), byte[]>();
        foreach (var index in Below(store, "index/"))
            foreach (var pack in JsonNode.Parse(Plain(key, store[index]))!["packs"]!.AsArray())    // restic wrote it
                foreach (var blob in pack!["blobs"]!.AsArray())
                {
                    var (id, kind) = ((string)pack["id"]!, (string)blob!["type"]!);
                    var stored = store[$"data/{id[..2]}/{id}"].AsSpan((int)blob["offset"]!, (int)blob["length"]!).ToArray();
                    if (!key.TryOpen(stored, out var plain)) throw new InvalidOperationException("an undamaged vector is authentic");
                    var length = (int?)blob["uncompressed_length"] ?? 0;
                    var content = new byte[length];
                    if (length > 0) BackupGuard.Verification.Compression.Zstd.Decode(plain, content, out _);
                    blobs[(kind, (string)blob["id"]!)] = length > 0 ? content : plain.ToArray();
                }
        return blobs;
    }
}
