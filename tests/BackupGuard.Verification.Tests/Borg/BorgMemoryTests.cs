using BackupGuard.Verification.Tests.Corpus;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Verification.Tests.Borg;

/// <summary>Memory is counted for the whole process: nothing else may run.</summary>
[Collection(FuzzTests.Alone)]
public sealed class BorgMemoryTests
{
    [Fact]
    public async Task Memory_does_not_grow_with_the_objects_of_a_segment()
    {
        var forge = new BorgForge();
        var random = new Random(1);
        // Sizes that never fit the window at the same place.
        forge.Archive("sample", Enumerable.Range(0, 60).Select(i =>
        {
            var content = new byte[600_000 + 24_001 * (i % 40)];
            random.NextBytes(content);
            return (object?)BorgForge.File($"f{i}", (forge.Put(content), content.Length));
        }));
        var store = BorgForge.Store(forge.Finish());
        var before = GC.GetTotalAllocatedBytes();
        var report = await BorgForge.Open(store).VerifyAsync(new VerifyOptions { Clock = TimeProvider.System, Workers = 1 }, null, CancellationToken.None);
        var allocated = GC.GetTotalAllocatedBytes() - before;
        report.Verdict.Should().Be(Verdict.Proved);
        report.BytesRead.Should().BeGreaterThan(50 << 20);
        allocated.Should().BeLessThan(32 << 20);
    }
}
