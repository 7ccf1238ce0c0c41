using System.Text;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Evidence.Tests;

public class Proof_and_policy_tests
{
    private static readonly SampleLog Log = SampleLog.Filled();
    private static readonly string LogKey = Log.LogKey.ToString();
    private static readonly string[] Witnesses = [.. Enumerable.Range(0, 4).Select(i => new NoteKey($"temoin-{i}", EvidenceKey.Generate().PublicKey).ToString())];

    [Fact]
    public void A_proof_file_is_read_back_as_it_was_written()
    {
        foreach (var extra in new ReadOnlyMemory<byte>?[] { null, new byte[] { 1, 2, 3 } })
        {
            var proof = new TlogProof(5, extra, MerkleProver.Inclusion(Log.Tree, 5, Log.Records.Count), Log.Checkpoints[^1]);
            var read = TlogProof.Parse(proof.ToBytes(), "proof");
            read.ToBytes().Should().Equal(proof.ToBytes());
            read.Should().Match<TlogProof>(p => p.Index == 5 && p.Extra.HasValue == extra.HasValue && p.Inclusion.SequenceEqual(proof.Inclusion));
        }
    }

    [Theory]
    [InlineData("c2sp.org/tlog-proof@v2\nindex 1\n\nx")]
    [InlineData("c2sp.org/tlog-proof@v1\nindex 01\n\nx")]
    [InlineData("c2sp.org/tlog-proof@v1\nindex -1\n\nx")]
    [InlineData("c2sp.org/tlog-proof@v1\nindex 99999999999999999999\n\nx")]
    [InlineData("c2sp.org/tlog-proof@v1\n\nx")]
    [InlineData("c2sp.org/tlog-proof@v1\nextra !\nindex 1\n\nx")]
    [InlineData("c2sp.org/tlog-proof@v1\nindex 1\nAAAA\n\nx")]
    [InlineData("c2sp.org/tlog-proof@v1\nindex 1\n")]
    public void Anything_else_is_no_proof_file(string text) =>
        FluentActions.Invoking(() => TlogProof.Parse(Encoding.UTF8.GetBytes(text), "proof")).Should().Throw<EvidenceException>().Which.Problem.Code.Should().Be("BG2028");

    [Fact]
    public void A_proof_file_with_more_hashes_than_a_path_can_have_is_refused()
    {
        var text = "c2sp.org/tlog-proof@v1\nindex 1\n" + string.Concat(Enumerable.Repeat(Convert.ToBase64String(new byte[32]) + "\n", 64)) + "\nx";
        FluentActions.Invoking(() => TlogProof.Parse(Encoding.UTF8.GetBytes(text), "proof")).Should().Throw<EvidenceException>().Which.Problem.Code.Should().Be("BG2028");
    }

    [Fact]
    public void The_quorum_is_counted_through_groups()
    {
        var policy = TrustPolicy.Parse(Encoding.UTF8.GetBytes($"""
            # Établissement
            log {LogKey} https://journal.example/
              witness a	{Witnesses[0]}
            witness b {Witnesses[1]}
            witness c {Witnesses[2]} https://temoin.example/
            witness d {Witnesses[3]}

            group region 2 a b c
            group tous all region d
            quorum tous

            """));

        policy.Should().Match<TrustPolicy>(p => p.Logs.Count == 1 && p.Witnesses.Count == 4 && p.NeedsWitnesses);
        policy.IsMet(new HashSet<string> { "a", "c", "d" }).Should().BeTrue();
        policy.IsMet(new HashSet<string> { "a", "b", "c" }).Should().BeFalse();
        policy.IsMet(new HashSet<string> { "a", "d" }).Should().BeFalse();
        TrustPolicy.Of(Log.LogKey).IsMet(new HashSet<string>()).Should().BeTrue();
    }

    [Fact]
    public void A_policy_that_cannot_be_followed_says_in_which_line()
    {
        (string Text, string Line)[] wrong =
        [
            ("quorum none\n", ""),
            ($"log {LogKey}\n", ""),
            ($"log {LogKey}\nquorum none", ""),
            ($"log {LogKey}\nquorum none\nquorum none\n", "Line 3"),
            ($"log {LogKey}\nlog {LogKey}\nquorum none\n", "Line 2"),
            ($"log {LogKey}\nquorum a\nwitness a {Witnesses[0]}\n", "Line 2"),
            ($"log {LogKey}\nwitness none {Witnesses[0]}\nquorum none\n", "Line 2"),
            ($"log {LogKey}\nwitness a {Witnesses[0]}\nwitness b {Witnesses[0]}\nquorum a\n", "Line 3"),
            ($"log {LogKey}\nwitness a {Witnesses[0]}\ngroup g 2 a\nquorum g\n", "Line 3"),
            ($"log {LogKey}\nwitness a {Witnesses[0]}\ngroup g 01 a\nquorum g\n", "Line 3"),
            ($"log {LogKey}\nwitness a {Witnesses[0]}\ngroup g any a\ngroup h any a\nquorum g\n", "Line 4"),
            ($"log {LogKey}\nwitness a {Witnesses[0]}\ngroup g all a none\nquorum g\n", "Line 3"),
            ($"log {LogKey}\ngroup g any g\nquorum g\n", "Line 2"),
            ($"log {LogKey}\r\nquorum none\n", "Line 1"),
            ($"log {LogKey[..^4]}\nquorum none\n", "Line 1"),
            ($"log {LogKey}\nwitness a {Witnesses[0].Replace("temoin", "autre", StringComparison.Ordinal)[..40]}\nquorum a\n", "Line 2"),
            ($"log {LogKey}\ntrust everybody\nquorum none\n", "Line 2"),
        ];
        foreach (var (text, line) in wrong)
        {
            FluentActions.Invoking(() => TrustPolicy.Parse(Encoding.UTF8.GetBytes(text))).Should().Throw<EvidenceException>(text)
                .Which.Problem.Should().Match<EvidenceProblem>(p => p.Code == "BG2029" && p.Subject.StartsWith(line), text);
        }
    }
}
