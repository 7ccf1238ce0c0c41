using System.Diagnostics;
using BackupGuard.Verification.Drills;
using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace BackupGuard.Verification.Tests.Drills;

public sealed class GlobsAndPaths
{
    [Theory]
    [InlineData("*.dump", "base.dump", true)]
    [InlineData("*.dump", "a/base.dump", false)]
    [InlineData("**/*.dump", "base.dump", true)]
    [InlineData("**/*.dump", "a/b/base.dump", true)]
    [InlineData("a/**", "a", true)]
    [InlineData("a/**", "a/b/c", true)]
    [InlineData("a/**/c", "a/c", true)]
    [InlineData("a/**/c", "a/b/b/c", true)]
    [InlineData("a/**/c", "a/b/d", false)]
    [InlineData("a?c", "abc", true)]
    [InlineData("a?c", "a/c", false)]
    [InlineData("a*c*e", "abcde", true)]
    [InlineData("a*c*e", "abde", false)]
    [InlineData("Base", "base", false)]
    [InlineData("[a]", "[a]", true)]
    public void A_glob_matches_by_parts(string pattern, string path, bool matches)
    {
        Glob.TryParse(pattern, out var glob, out var refusal).Should().BeTrue(refusal);
        glob.Matches(path).Should().Be(matches);
    }

    [Theory]
    [InlineData("/etc/passwd", "absolute")]
    [InlineData("a/../../etc", "\"..\"")]
    [InlineData("a//b", "empty")]
    [InlineData("", "empty")]
    [InlineData("./a", "\".\"")]
    [InlineData("a\0b", "NUL")]
    [InlineData("a**b", "whole part")]
    public void A_pattern_that_could_leave_the_folder_is_refused(string pattern, string because) =>
        (Glob.TryParse(pattern, out _, out var refusal) ? "accepted" : refusal).Should().Contain(because);

    [Fact]
    public void A_hostile_pattern_takes_no_time()
    {
        var glob = Parsed.Glob(string.Join('/', Enumerable.Repeat("**/a*a*a*a*b", 40)));
        var path = string.Join('/', Enumerable.Repeat(new string('a', 60), 40));
        var clock = Stopwatch.StartNew();
        glob.Matches(path).Should().BeFalse();
        clock.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(2));
    }

    [Fact]
    public void A_path_without_wildcards_matches_itself_and_nothing_else()
    {
        var part = Gen.Elements("a", "b", "ab").NonEmptyListOf();
        Prop.ForAll(part.ToArbitrary(), part.ToArbitrary(), (one, other) =>
            Parsed.Glob(string.Join('/', one)).Matches(string.Join('/', other)) == one.SequenceEqual(other)).QuickCheckThrowOnFailure();
    }
}
