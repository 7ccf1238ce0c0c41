using BackupGuard.Verification.Tests.FileSet;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Verification.Tests.Corpus;

/// <summary>The comparison that the corpus rests on.</summary>
public sealed class WholeRestoresTests
{
    [Theory]
    [InlineData("nothing", true)]
    [InlineData("one bit", false)]
    [InlineData("a byte less", false)]
    [InlineData("a file less", false)]
    [InlineData("a file more", false)]
    public async Task Only_the_same_files_with_the_same_bytes_are_a_whole_restore(string change, bool same)
    {
        var whole = await WholeRestores.OfAsync("restic", "v2");
        var target = new MemoryTarget();
        foreach (var (path, bytes) in whole) target.Files[path] = [.. bytes];
        var longest = target.Files.MaxBy(f => f.Value.Length).Key;
        switch (change)
        {
            case "one bit": target.Files[longest][^1] ^= 1; break;
            case "a byte less": target.Files[longest] = target.Files[longest][..^1]; break;
            case "a file less": target.Files.Remove(longest); break;
            case "a file more": target.Files[longest + "x"] = []; break;
        }

        var compare = () => target.ShouldHave(whole, "the test says so");
        if (same) compare.Should().NotThrow();
        else compare.Should().Throw<Exception>().WithMessage("*the test says so*");
    }
}
