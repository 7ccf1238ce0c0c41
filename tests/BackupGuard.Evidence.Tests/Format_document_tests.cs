using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Evidence.Tests;

/// <summary>FORMAT.md is what others build verifiers from: what it shows must be true for ever.</summary>
public class Format_document_tests
{
    private readonly string document = File.ReadAllText(Path.Combine(Path.GetDirectoryName(Here())!, "../../src/BackupGuard.Evidence/FORMAT.md"));   // this file has a folder

    private static string Here([CallerFilePath] string path = "") => path;

    private string Block(string info) => Regex.Match(document, $"^```{info}\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline).Groups[1].Value;

    private string[] Lines(string info) => Block(info).TrimEnd('\n').Split('\n');

    private StoredRecord[] Records => [.. Enumerable.Range(0, 3).Select(i => new StoredRecord(i, Encoding.UTF8.GetBytes(Lines($"record {i}")[0]), Convert.FromBase64String(Lines($"record {i}")[1])))];

    [Fact]
    public void The_example_is_a_log_that_verifies()
    {
        var key = NoteKey.Parse(Lines("key")[0]);
        var trust = new LogTrust { LogKey = key, Keys = [new KeyRegistration(EvidenceEntry.ServerOrigin, key.Key)], Now = Sample.Start };
        var report = LogVerifier.Verify(Records, [Encoding.UTF8.GetBytes(Block("checkpoint"))], trust, verified: null);
        report.Problems.Should().BeEmpty();
        report.Should().Match<LogReport>(r => r.Size == 3 && r.CheckpointSize == 3);
    }

    [Fact]
    public void The_hashes_and_proofs_of_the_example_are_right()
    {
        var tree = new MerkleFrontier();
        var roots = new List<Hash256>();
        for (var i = 0; i < 3; i++)
        {
            var leaf = MerkleTree.HashLeaf(Records[i].Entry.Span);
            leaf.ToString().Should().Be(Lines($"record {i}")[2]);
            tree.Append(leaf);
            roots.Add(tree.Root());
        }
        document.Should().Contain($"`{roots[1]}`");
        MerkleVerifier.Inclusion(MerkleTree.HashLeaf(Records[1].Entry.Span), 1, 3, [.. Lines("inclusion 1 3").Select(Parse)], roots[2]).Should().BeTrue();
        MerkleVerifier.Consistency(2, 3, roots[1], roots[2], [.. Lines("consistency 2 3").Select(Parse)]).Should().BeTrue();

        static Hash256 Parse(string text) => Hash256.TryParse(text, out var hash) ? hash : throw new FormatException(text);
    }

    [Fact]
    public void Every_code_and_every_member_stands_in_the_document()
    {
        foreach (var kind in ProblemCatalogue.All) document.Should().Contain($"| {kind.Code} |");
        var members = Regex.Matches(Lines("record 2")[0], "\"([a-zA-Z]+)\":(?=[\"0-9n{])").Select(m => m.Groups[1].Value).Except(["measuredRtoSeconds", "note", "verdict"]);
        members.Should().HaveCount(14).And.OnlyContain(m => document.Contains($"| `{m}` |", StringComparison.Ordinal));
    }
}
