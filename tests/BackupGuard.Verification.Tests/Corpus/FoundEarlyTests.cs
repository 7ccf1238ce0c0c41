using FluentAssertions;
using Xunit;

namespace BackupGuard.Verification.Tests.Corpus;

public sealed class FoundEarlyTests
{
    [Theory]
    [InlineData("restic"), InlineData("borg"), InlineData("postgres"), InlineData("files")]
    public async Task What_is_wrong_is_told_while_the_rest_is_still_read_and_nothing_is_told_that_the_report_does_not_say(string format)
    {
        foreach (var vector in Vector.Of(format).Where(v => v.Verdict == Verdict.Failed))
        {
            var told = new List<Finding>();
            var gate = new Lock();
            var report = await FormatUnderTest.Of(format).Open(CorpusTests.Store(vector)).VerifyAsync(new VerifyOptions { Clock = TimeProvider.System, Workers = 2, Found = Tell }, null, CancellationToken.None);
            told.Select(f => (f.Code, f.Subject)).Should().BeSubsetOf(report.Findings.Select(f => (f.Code, f.Subject)), vector.ToString());
            // What only says how many more there are is known at the end.
            string[] counts = [.. report.Findings.Where(f => f.Data.ContainsKey("count") && f.Subject.StartsWith("BG", StringComparison.Ordinal)).Select(f => f.Code)];
            told.Select(f => f.Code).Distinct().Should().BeEquivalentTo(report.Findings.Select(f => f.Code).Distinct().Except(counts), vector.ToString());
            told.Count.Should().BeLessThanOrEqualTo(report.Findings.Count, vector.ToString());

            void Tell(Finding finding)
            {
                lock (gate) told.Add(finding);
            }
        }
    }
}
