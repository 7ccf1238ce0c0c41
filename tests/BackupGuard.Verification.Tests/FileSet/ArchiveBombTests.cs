using FluentAssertions;
using Xunit;

namespace BackupGuard.Verification.Tests.FileSet;

/// <summary>Measures the memory of the whole process, so nothing else may run beside it.</summary>
[CollectionDefinition(nameof(ArchiveBombTests), DisableParallelization = true)]
[Collection(nameof(ArchiveBombTests))]
public class ArchiveBombTests
{
    [Fact]
    public async Task A_bomb_ends_by_limit_and_not_by_memory()
    {
        using var folder = RealFolder.WithSample();
        using var set = await SealedArchive.BesideAsync("export.tar.zst", folder.Pack(".tar.zst"));
        using (var bomb = File.Create(folder["a.txt"])) bomb.SetLength(600L << 20);
        set.Store[set.Archive!] = folder.Pack(".tar.zst");
        set.Store[set.Archive!].Length.Should().BeLessThan(1 << 20);
        var before = GC.GetTotalAllocatedBytes();
        var report = await set.VerifyAsync();
        report.Findings.Should().Contain(f => f.Code == "BG1211");
        (GC.GetTotalAllocatedBytes() - before).Should().BeLessThan(32 << 20);
    }
}
