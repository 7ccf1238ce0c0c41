using System.Collections.Concurrent;
using System.Collections.Immutable;
using BackupGuard.Verification.Tests.FileSet;
using BackupGuard.Verification.Tests.Stores;
using FluentAssertions;

namespace BackupGuard.Verification.Tests.Corpus;

/// <summary>What comes back from each undamaged base: restored once in a run of the tests, and the same for every vector that is made of it.</summary>
internal static class WholeRestores
{
    private static readonly ConcurrentDictionary<(string Format, string Base), Lazy<Task<ImmutableSortedDictionary<string, ImmutableArray<byte>>>>> Known = new();

    /// <summary>By path in the backup. A base that does not come back fails every test that asks for it.</summary>
    public static Task<ImmutableSortedDictionary<string, ImmutableArray<byte>>> OfAsync(string format, string basis) =>
        Known.GetOrAdd((format, basis), _ => new(() => RestoreAsync(format, basis))).Value;

    /// <summary>The same files with the same bytes, no more and no fewer. A comparison of objects walks each byte as one: minutes over the corpus.</summary>
    public static void ShouldHave(this MemoryTarget target, ImmutableSortedDictionary<string, ImmutableArray<byte>> whole, string because)
    {
        target.Files.Keys.Order(StringComparer.Ordinal).Should().Equal(whole.Keys, because);
        whole.Where(f => !f.Value.AsSpan().SequenceEqual(target.Files[f.Key])).Select(f => f.Key).Should().BeEmpty(because + ", and these came back with other bytes");
    }

    private static async Task<ImmutableSortedDictionary<string, ImmutableArray<byte>>> RestoreAsync(string format, string basis)
    {
        var target = new MemoryTarget();
        var report = await CorpusTests.RestoreAsync(format, MemoryStore.Of(Vector.BaseFolder(format, basis)), target);
        report.Verdict.Should().Be(Verdict.Proved, "the base is whole");
        return target.Files.ToImmutableSortedDictionary(f => f.Key, f => f.Value.ToImmutableArray(), StringComparer.Ordinal);
    }
}
