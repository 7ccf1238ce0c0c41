using System.Diagnostics;
using BackupGuard.Verification.Tests.FileSet;
using BackupGuard.Verification.Tests.Stores;
using FluentAssertions;
using Xunit;
using Xunit.Abstractions;

namespace BackupGuard.Verification.Tests.Corpus;

/// <summary>
/// Random damage over the corpus, for as long as BACKUPGUARD_FUZZ_SECONDS says (3 s a format by default). Nothing may throw, hang or fill the memory, and damage never
/// turns a verdict good. A crash prints seed and vector; it is mended and kept as a vector of its own. The seeds are the same in every run, so that a run that
/// fails can be had again; a campaign sets BACKUPGUARD_FUZZ_SEED to a number of its own.
/// </summary>
[Collection(Alone)]
public sealed class FuzzTests(ITestOutputHelper output)
{
    /// <summary>Memory is counted for the whole process: nothing else may run.</summary>
    internal const string Alone = "alone";

    private static readonly TimeSpan LongestLook = TimeSpan.FromSeconds(60);
    private const long MostAllocatedBytes = 4L << 30;

    public static TheoryData<string> Formats() => [.. FormatUnderTest.Here.Select(f => f.Name)];

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task Random_damage_never_crashes_and_never_makes_a_backup_good(string format)
    {
        var seconds = int.TryParse(Environment.GetEnvironmentVariable("BACKUPGUARD_FUZZ_SECONDS"), out var asked) ? asked : 3;
        var seed = int.TryParse(Environment.GetEnvironmentVariable("BACKUPGUARD_FUZZ_SEED"), out var other) ? other : 1;
        var vectors = Vector.Of(format).ToList();
        var rounds = 0;
        for (var clock = Stopwatch.StartNew(); clock.Elapsed.TotalSeconds < seconds || rounds < 5; rounds++, seed++)
        {
            var random = new Random(seed);
            var shaped = FormatUnderTest.Of(format).Shaped;
            var damage = shaped.Count > 0 && random.Next(2) == 0 ? shaped[random.Next(shaped.Count)] : null;
            // What knows the format starts from what is whole: anything that it then says against it comes from the damage.
            var start = vectors.Where(v => damage is null || v.IsUndamaged).ToList();
            var vector = start[random.Next(start.Count)];
            var store = CorpusTests.Store(vector);
            var promise = damage is null ? Scramble(format, vector, store, random) : damage.Apply(store, random);
            if (promise is { } held) await LookAsync(format, vector, store, held, $"seed {seed}, {damage?.Name ?? "bytes"} on {vector}");
        }
        output.WriteLine($"{format}: {rounds} rounds, last seed {seed - 1}");
        rounds.Should().BePositive();
    }

    private static Promise Scramble(string name, Vector vector, MemoryStore store, Random random)
    {
        var format = FormatUnderTest.Of(name);
        var names = store.Names.Order(StringComparer.Ordinal).ToList();
        var (changed, lost) = (false, false);
        for (var i = random.Next(1, 4); i > 0 && names.Count > 0; i--)
        {
            var target = names[random.Next(names.Count)];
            changed |= Mutate(store, target, random) && !format.IsImmaterial(target);
            lost |= !store.Names.Contains(target);
        }
        // Where the loss of an object may pass unseen, an older snapshot may be what comes back.
        if (lost && !format.NoticesEveryLoss) return Promise.None;
        return (changed || vector.Verdict != Verdict.Proved) && !IsMended(format, vector, store) ? Promise.NotProved | Promise.SameBytes : Promise.SameBytes;
    }

    /// <summary>Damage may undo the vector's own: a file too many that is lost again.</summary>
    private static bool IsMended(FormatUnderTest format, Vector vector, MemoryStore store)
    {
        if (vector.Base is null) return false;
        var whole = MemoryStore.Of(Vector.BaseFolder(format.Name, vector.Base));
        return Material(whole).SequenceEqual(Material(store)) && Material(whole).All(name => whole[name].AsSpan().SequenceEqual(store[name]));

        IEnumerable<string> Material(MemoryStore of) => of.Names.Where(name => !format.IsImmaterial(name)).Order(StringComparer.Ordinal);
    }

    private static async Task LookAsync(string format, Vector vector, MemoryStore store, Promise promise, string why)
    {
        var before = GC.GetTotalAllocatedBytes();
        VerifyReport report;
        RestoreReport restored;
        var target = new MemoryTarget();
        try
        {
            report = await CorpusTests.VerifyAsync(format, store).WaitAsync(LongestLook);
            restored = await CorpusTests.RestoreAsync(format, store, target).WaitAsync(LongestLook);
            await FormatUnderTest.Of(format).Open(store).InspectAsync(CancellationToken.None).WaitAsync(LongestLook);
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"{why}: {e.Message}", e);
        }
        (GC.GetTotalAllocatedBytes() - before).Should().BeLessThan(MostAllocatedBytes, why);
        if (promise.HasFlag(Promise.NotProved)) report.Verdict.Should().NotBe(Verdict.Proved, why);
        var isLeftOut = report.Findings.Any(f => FormatUnderTest.Of(format).RestoredInPart.Contains(f.Code));
        if (report.Verdict == Verdict.Proved && !isLeftOut) restored.Verdict.Should().Be(Verdict.Proved, $"{why}: verify called it good. {string.Join(", ", restored.Findings.Select(f => f.Message("en")))}");
        if (restored.Verdict != Verdict.Proved) return;
        restored.Files.Should().BePositive(why);
        if (!promise.HasFlag(Promise.SameBytes) || vector.Base is null) return;
        var whole = await WholeRestores.OfAsync(format, vector.Base);
        foreach (var name in whole.Keys.Where(FormatUnderTest.Of(format).HasFreeText).ToList()) target.Files[name] = [.. whole[name]];
        target.ShouldHave(whole, $"{why}: the restore was called good");
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
