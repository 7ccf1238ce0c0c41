using System.Text;
using BackupGuard.Verification.Drills;
using BackupGuard.Verification.Drills.Contents.Hl7;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Verification.Tests.Drills.Contents;

public sealed class MessageFiles
{
    private const string Admit = "MSH|^~\\&|DPI|CHU|LAB|CHU|20261121080000||ADT^A01^ADT_A01|1001|P|2.5\rEVN|A01|20261121080000\rPID|1||0001||Example^Synthetic\r";
    private static readonly string Result = Admit.Replace("ADT^A01^ADT_A01|1001", "ORU^R01|1002", StringComparison.Ordinal);

    private static Hl7Probe Probe(bool uniqueIds = true, params (string What, long Least)[] least) =>
        new(Parsed.Glob("**/*.hl7"), new(least.ToDictionary(l => l.What, l => l.Least), StringComparer.Ordinal), TimeSpan.FromHours(1), uniqueIds);

    private static async Task<ProbeAnswer> AskAsync(Hl7Probe probe, params string[] files) =>
        await new Hl7Probes(TimeProvider.System).RunAsync(probe, MemoryRestored.Of([.. files.Select((f, n) => ($"in/{n}.hl7", Encoding.Latin1.GetBytes(f)))]).Scene, default);

    [Fact]
    public async Task Messages_are_counted_by_type_however_they_are_packed()
    {
        foreach (var packed in (string[])
            [
                Admit + Result,
                (Admit + Result).Replace("\r", "\r\n", StringComparison.Ordinal),
                (Admit + Result).Replace('\r', '\n').TrimEnd('\n'),
                $"\v{Admit}\x1c\r\v{Result}\x1c\r",
                $"FHS|^~\\&|DPI\rBHS|^~\\&|DPI\r{Admit}{Result}BTS|2\rFTS|1\r",
            ])
        {
            var answer = await AskAsync(Probe(true, ("messages", 2), ("ADT^A01", 1), ("ORU", 1)), packed);
            answer.Verdict.Should().Be(Verdict.Proved, answer.Detail.English + packed);
            answer.Measures.Should().Contain("messages", 2).And.Contain("ADT", 1).And.Contain("ORU^R01", 1);
        }
    }

    [Fact]
    public async Task A_line_feed_inside_a_text_is_no_end_of_a_segment() =>
        (await AskAsync(Probe(), Admit + "OBX|1|TX|1||first line\nsecond line\r")).Verdict.Should().Be(Verdict.Proved);

    [Theory]
    [InlineData("", "no message")]
    [InlineData("MSH|^~\\&|DPI", "header is not whole")]
    [InlineData("MSH|^~\\&|DPI|CHU|LAB|CHU|20261121080000||ADT^A01|1|P|2.5\r", "ends after its header")]
    [InlineData("MSH|^^\\&|DPI|CHU|LAB|CHU|20261121080000||ADT^A01|1|P|2.5\rEVN|1\r", "header is not whole")]
    [InlineData("MSH|^~\\&|DPI|CHU|LAB|CHU|20261121080000|||1|P|2.5\rEVN|1\r", "no type")]
    [InlineData("MSH|^~\\&|DPI|CHU|LAB|CHU|20261121080000||ADT^A01||P|2.5\rEVN|1\r", "no control id")]
    [InlineData("MSH|^~\\&|DPI|CHU|LAB|CHU|20261121080000||ADT^A01|1|P|3.0\rEVN|1\r", "another version")]
    [InlineData("PID|1||0001\r", "before any message header")]
    [InlineData("patient Example\r", "does not begin with a segment's name")]
    [InlineData("MSH|^~\\&|DPI|CHU|LAB|CHU|20261121080000||ADT^A01|1|P|2.5\rEVN|1\r\0\0\0", "byte of it is zero")]
    [InlineData("\vMSH|^~\\&|DPI|CHU|LAB|CHU|20261121080000||ADT^A01|1|P|2.5\rEVN|1\r", "not closed")]
    [InlineData("\vMSH|^~\\&|DPI|CHU|LAB|CHU|20261121080000||ADT^A01|1|P|2.5\rEVN|1\r\x1c", "not closed")]
    [InlineData("\vMSH|^~\\&|DPI|CHU|LAB|CHU|20261121080000||ADT^A01|1|P|2.5\rEVN|1\r\x1c\rEVN|2\r", "between two frames")]
    [InlineData("BHS|^~\\&\rMSH|^~\\&|DPI|CHU|LAB|CHU|20261121080000||ADT^A01|1|P|2.5\rEVN|1\rBTS|2\r", "another number than the 1")]
    [InlineData("BHS|^~\\&\rMSH|^~\\&|DPI|CHU|LAB|CHU|20261121080000||ADT^A01|1|P|2.5\rEVN|1\r", "batch is not closed")]
    public async Task What_is_no_whole_message_fails_with_its_line_and_without_its_text(string file, string because)
    {
        var answer = await AskAsync(Probe(), Admit, file);
        answer.Verdict.Should().Be(Verdict.Failed);
        answer.Detail.English.Should().Contain("1 of 2 files are broken").And.Contain(because).And.MatchRegex("line [0-9]+: ").And.NotContain("Example");
        answer.Findings.Single().Should().Match<Finding>(f => f.Code == "BG1450" && f.Subject == "in/1.hl7" && !f.WithoutPaths().Message("fr").Contains("in/1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Too_few_or_none_fails()
    {
        (await AskAsync(Probe())).Detail.English.Should().Be("no file matches");
        var few = await AskAsync(Probe(true, ("ORU^R01", 1)), Admit);
        (few.Verdict, few.Detail.English).Should().Be((Verdict.Failed, "0 ORU^R01, at least 1 expected"));
    }

    [Fact]
    public async Task A_control_id_twice_fails_unless_nobody_asked()
    {
        var twice = await AskAsync(Probe(), Admit, Admit);
        (twice.Verdict, twice.Detail.English).Should().Be((Verdict.Failed, "1 messages have the control id of another"));
        (await AskAsync(Probe(uniqueIds: false), Admit, Admit)).Verdict.Should().Be(Verdict.Proved);
        (await AskAsync(Probe(), Admit, Admit.Replace("|CHU|LAB", "|CHRU|LAB", StringComparison.Ordinal))).Verdict.Should().Be(Verdict.Proved, "another sender counts for itself");
    }

    [Fact]
    public async Task A_segment_of_any_length_passes_through_little_memory()
    {
        var restored = MemoryRestored.Of(("in/1.hl7", [.. Encoding.Latin1.GetBytes(Admit + "OBX|1|ED|PDF||"), .. Enumerable.Repeat((byte)'A', 64 << 20), 13]));
        var before = GC.GetAllocatedBytesForCurrentThread();
        (await new Hl7Probes(TimeProvider.System).RunAsync(Probe(), restored.Scene, default)).Verdict.Should().Be(Verdict.Proved);
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(4 << 20);
    }

    [Fact]
    public async Task The_negative_control_goes_red_on_every_packing()
    {
        foreach (var file in (string[])[Admit, $"\v{Admit}\x1c\r", $"BHS|^~\\&\r{Admit}BTS|1\r"])
        {
            var restored = MemoryRestored.Of(("in/1.hl7", Encoding.Latin1.GetBytes(file)));
            var probes = new Hl7Probes(TimeProvider.System);
            (await probes.SpoilAsync(Probe(), restored.Scene, default)).Should().NotBeNull();
            (await probes.RunAsync(Probe(), restored.Scene, default)).Verdict.Should().Be(Verdict.Failed);
        }
    }
}
