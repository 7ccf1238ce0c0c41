using System.Diagnostics;
using BackupGuard.Verification.Tests.FileSet;
using BackupGuard.Verification.Tests.Stores;
using FluentAssertions;
using Xunit;
using Xunit.Abstractions;

namespace BackupGuard.Verification.Tests.Corpus;

/// <summary>
/// Random damage over the corpus, for as long as BACKUPGUARD_FUZZ_SECONDS says (3 s a format by default). Nothing may throw, hang or fill the memory, and damage never
/// turns a verdict good. A crash prints seed and vector; it is mended and kept as a vector of its own.
/// </summary>
[Collection(Alone)]
public sealed class FuzzTests(ITestOutputHelper output)
{
    /// <summary>Memory is counted for the whole process: nothing else may run.</summary>
    internal const string Alone = "alone";

    private static readonly TimeSpan LongestLook = TimeSpan.FromSeconds(60);
    private const long MostAllocatedBytes = 4L << 30;

    public static TheoryData<string> Formats() => [.. FormatUnderTest.All.Select(f => f.Name)];

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task Random_damage_never_crashes_and_never_makes_a_backup_good(string format)
    {
        var seconds = int.TryParse(Environment.GetEnvironmentVariable("BACKUPGUARD_FUZZ_SECONDS"), out var asked) ? asked : 3;
        var seed = int.TryParse(Environment.GetEnvironmentVariable("BACKUPGUARD_FUZZ_SEED"), out var fixedSeed) ? fixedSeed : Environment.TickCount;
        var vectors = Vector.Of(format).ToList();
        var rounds = 0;
        for (var clock = Stopwatch.StartNew(); clock.Elapsed.TotalSeconds < seconds || rounds < 5; rounds++, seed++)
        {
            var random = new Random(seed);
            var vector = vectors[random.Next(vectors.Count)];
            var store = CorpusTests.Store(vector);
            var names = store.Names.Where(n => !FormatUnderTest.Of(format).IsImmaterial(n)).Order(StringComparer.Ordinal).ToList();
            if (names.Count == 0) continue;
            var changed = false;
            for (var i = random.Next(1, 4); i > 0; i--) changed |= Mutate(store, names[random.Next(names.Count)], random);
            await LookAsync(format, vector, store, changed, seed);
        }
        output.WriteLine($"{format}: {rounds} rounds, last seed {seed - 1}");
        rounds.Should().BePositive();
    }

    private static async Task LookAsync(string format, Vector vector, MemoryStore store, bool changed, int seed)
    {
        var why = $"seed {seed}, {vector}";
        var before = GC.GetTotalAllocatedBytes();
        VerifyReport report;
        var target = new MemoryTarget();
        try
        {
            report = await CorpusTests.VerifyAsync(format, store).WaitAsync(LongestLook);
            await CorpusTests.RestoreAsync(format, store, target).WaitAsync(LongestLook);
            await FormatUnderTest.Of(format).Open(store).InspectAsync(CancellationToken.None).WaitAsync(LongestLook);
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"{why}: {e.Message}", e);
        }
        (GC.GetTotalAllocatedBytes() - before).Should().BeLessThan(MostAllocatedBytes, why);
        if (changed || vector.Verdict != Verdict.Proved) report.Verdict.Should().NotBe(Verdict.Proved, why);
    }

    /// <returns>Whether any byte is different now.</returns>
    private static bool Mutate(MemoryStore store, string name, Random random)
    {
        if (!store.Names.Contains(name)) return false;
        var old = store[name];
        byte[] bytes = [.. old];
        switch (random.Next(8))
        {
            case 0 or 1 or 2 when bytes.Length > 0: bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8)); break;
            case 3 when bytes.Length > 0: bytes = bytes[..random.Next(bytes.Length)]; break;
            case 4 when bytes.Length > 4: random.NextBytes(bytes.AsSpan(random.Next(bytes.Length - 4), 4)); break;
            case 5 when bytes.Length > 1:
                var from = random.Next(bytes.Length);
                var length = random.Next(1, bytes.Length - from + 1);
                bytes = [.. bytes[..from], .. bytes[from..(from + length)], .. bytes[from..]];
                break;
            case 6 when bytes.Length > 1:
                var cut = random.Next(bytes.Length);
                bytes = [.. bytes[..cut], .. bytes[(cut + random.Next(1, bytes.Length - cut + 1))..]];
                break;
            case 7: store.Remove(name); return true;
            default: bytes = [.. bytes, (byte)random.Next(256)]; break;
        }
        store[name] = bytes;
        return !bytes.AsSpan().SequenceEqual(old);
    }
}

[CollectionDefinition(FuzzTests.Alone, DisableParallelization = true)]
public sealed class NothingBeside;
