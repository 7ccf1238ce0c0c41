using System.Security.Cryptography;

namespace BackupGuard.Verification.Cryptography.MultiHash;

/// <summary>One way to run SHA-256 over several messages at once on this processor.</summary>
internal sealed unsafe class Sha256Kernel
{
    public const int BlockBytes = 64;
    public const int StateWords = 8;
    private const int SampleBytes = 16 << 10;
    private static readonly Lazy<Sha256Kernel?> FastestHere = new(Measure);
    private readonly delegate*<uint*, byte**, int, void> compress;

    private Sha256Kernel(int width, delegate*<uint*, byte**, int, void> compress)
    {
        Width = width;
        this.compress = compress;
    }

    /// <summary>Messages at once.</summary>
    public int Width { get; }

    /// <summary>All that this processor can run.</summary>
    public static IReadOnlyList<Sha256Kernel> Supported { get; } = List();

    /// <summary>The one that hashes most bytes a second with all lanes full, or null when the framework does: with SHA instructions it beats eight lanes without AVX-512.</summary>
    public static Sha256Kernel? Fastest => FastestHere.Value;

    /// <summary>Takes <paramref name="blocks"/> whole blocks of every message into its state.</summary>
    /// <param name="state">Eight vectors: word i of lane j at [i·Width + j].</param>
    /// <param name="messages">Width addresses; that many blocks are read from each.</param>
    public void Compress(uint* state, byte** messages, int blocks) => compress(state, messages, blocks);

    private static List<Sha256Kernel> List()
    {
        var kernels = new List<Sha256Kernel>();
        if (Sha256In16Lanes.IsSupported) kernels.Add(new Sha256Kernel(Sha256In16Lanes.Width, &Sha256In16Lanes.Compress));
        if (Sha256In8Lanes.IsSupported) kernels.Add(new Sha256Kernel(Sha256In8Lanes.Width, &Sha256In8Lanes.Compress));
        return kernels;
    }

    /// <summary>Less than a millisecond: some tens of microseconds for each, the best of a few rounds.</summary>
    private static Sha256Kernel? Measure()
    {
        if (Supported.Count == 0) return null;
        var data = new byte[SampleBytes];
        var hash = new byte[SHA256.HashSizeInBytes];
        var best = NanosecondsAByte(() => SHA256.HashData(data, hash), SampleBytes);
        Sha256Kernel? fastest = null;
        foreach (var kernel in Supported)
        {
            var nanoseconds = NanosecondsAByte(() => kernel.CompressSample(data), SampleBytes * kernel.Width);
            if (nanoseconds < best) (best, fastest) = (nanoseconds, kernel);
        }
        return fastest;
    }

    /// <summary>All lanes over the same bytes, whole blocks of them: for timing.</summary>
    public void CompressSample(ReadOnlySpan<byte> data)
    {
        var state = stackalloc uint[StateWords * Width];
        var messages = stackalloc byte*[Width];
        fixed (byte* message = data)
        {
            for (var lane = 0; lane < Width; lane++) messages[lane] = message;
            Compress(state, messages, data.Length / BlockBytes);
        }
    }

    private static double NanosecondsAByte(Action work, int bytes)
    {
        work();
        var best = double.MaxValue;
        for (var round = 0; round < 3; round++)
        {
            var began = TimeProvider.System.GetTimestamp();
            work();
            best = Math.Min(best, TimeProvider.System.GetElapsedTime(began).TotalNanoseconds / bytes);
        }
        return best;
    }

    /// <summary>FIPS 180-4, section 5.3.3.</summary>
    public static ReadOnlySpan<uint> InitialState => [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];

    /// <summary>FIPS 180-4, section 4.2.2.</summary>
    public static ReadOnlySpan<uint> RoundConstants =>
    [
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
        0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
        0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
        0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
    ];
}
