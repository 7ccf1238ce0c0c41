using System.Text.Json;
using BackupGuard.Verification.Compression;
using BackupGuard.Verification.Cryptography;

namespace BackupGuard.Benchmarks;

/// <summary>What a repository makes a verifier do, counted from its own indexes.</summary>
/// <param name="PackBytes">To be read, hashed, authenticated and decrypted.</param>
/// <param name="PlainBytes">Contents of all blobs, to be hashed.</param>
/// <param name="UnpackedBytes">The part of them that comes out of the decompressor.</param>
internal sealed record Workload(int Packs, long PackBytes, int Blobs, long PlainBytes, long UnpackedBytes)
{
    /// <summary>Some compressed blobs as restic wrote them, with the length of their content.</summary>
    public IReadOnlyList<(byte[] Frame, int PlainLength)> Frames { get; init; } = [];

    /// <summary>Of the key file: what opening costs.</summary>
    public (int N, int R, int P) Scrypt { get; init; }
}

/// <summary>A repository that the real restic made. Its insides are read here with the primitives only: what is counted does not depend on the reader that is measured.</summary>
internal sealed class SampleRepository(string folder, string password)
{
    /// <summary>Enough frames that no cache of the processor holds them.</summary>
    private const long SampleBytes = 64 << 20;

    /// <summary>IV and tag of an encrypted blob.</summary>
    private const int Envelope = 32;

    public string Folder => folder;

    public async Task CreateAsync(string source)
    {
        await TimedProcess.RunPlainAsync(["restic", "-r", folder, "init", "--no-cache"], source, ("RESTIC_PASSWORD", password));
        // From inside the folder, so that the snapshot's paths do not depend on where it lies.
        await TimedProcess.RunPlainAsync(["restic", "-r", folder, "backup", ".", "--no-cache", "--host", "benchmark"], source, ("RESTIC_PASSWORD", password));
    }

    public Workload Count()
    {
        using var keyFile = JsonDocument.Parse(File.ReadAllBytes(Directory.EnumerateFiles(Path.Combine(folder, "keys")).Single()));
        var (n, r, p) = (keyFile.RootElement.GetProperty("N").GetInt32(), keyFile.RootElement.GetProperty("r").GetInt32(), keyFile.RootElement.GetProperty("p").GetInt32());
        var derived = new byte[64];
        Scrypt.DeriveKey(System.Text.Encoding.UTF8.GetBytes(password), keyFile.RootElement.GetProperty("salt").GetBytesFromBase64(), n, r, p, derived);
        using var wrapper = new AesCtr(derived.AsSpan(0, 32));
        using var master = JsonDocument.Parse(Open(wrapper, keyFile.RootElement.GetProperty("data").GetBytesFromBase64()));
        using var cipher = new AesCtr(master.RootElement.GetProperty("encrypt").GetBytesFromBase64());

        var packs = Directory.GetFiles(Path.Combine(folder, "data"), "*", SearchOption.AllDirectories);
        var blobs = Blobs(cipher).ToList();
        var unpacked = blobs.Sum(b => (long)b.UnpackedLength);
        return new Workload(packs.Length, packs.Sum(f => new FileInfo(f).Length), blobs.Count, unpacked + blobs.Where(b => b.UnpackedLength == 0).Sum(b => (long)b.Length - Envelope), unpacked)
        {
            // Spread over the whole repository: what compresses well and what does not lie in stretches.
            Frames = [.. blobs.Where(b => b.UnpackedLength > 0).Where((_, i) => i % Math.Max(1, unpacked / SampleBytes) == 0).Select(b => (Open(cipher, Read(b.Pack, b.Offset, b.Length)).ToArray(), b.UnpackedLength))],
            Scrypt = (n, r, p),
        };
    }

    private IEnumerable<(string Pack, long Offset, int Length, int UnpackedLength)> Blobs(AesCtr cipher)
    {
        foreach (var file in Directory.EnumerateFiles(Path.Combine(folder, "index")))
        {
            using var index = JsonDocument.Parse(Unpack(Open(cipher, File.ReadAllBytes(file)).Span));
            foreach (var pack in index.RootElement.GetProperty("packs").EnumerateArray())
            {
                var id = pack.GetProperty("id").GetString() ?? "";
                foreach (var blob in pack.GetProperty("blobs").EnumerateArray())
                    yield return (id, blob.GetProperty("offset").GetInt64(), blob.GetProperty("length").GetInt32(), blob.TryGetProperty("uncompressed_length", out var length) ? length.GetInt32() : 0);
            }
        }
    }

    private byte[] Read(string pack, long offset, int length)
    {
        using var file = File.OpenHandle(Path.Combine(folder, "data", pack[..2], pack));
        var bytes = new byte[length];
        return RandomAccess.Read(file, bytes, offset) == length ? bytes : throw new BenchmarkException($"The pack {pack} is too short.");
    }

    /// <summary>IV in front, tag behind; the tag is not looked at here.</summary>
    private static Memory<byte> Open(AesCtr cipher, byte[] envelope)
    {
        cipher.Transform(envelope.AsSpan(0, 16), envelope.AsSpan(16..^16));
        return envelope.AsMemory(16..^16);
    }

    private static byte[] Unpack(ReadOnlySpan<byte> plain)
    {
        if (plain is not [2, ..]) return plain.ToArray();
        return Zstd.DecodeBounded(plain[1..], 1 << 30, out var json) == ZstdResult.Ok ? json : throw new BenchmarkException("An index does not decompress.");
    }
}
