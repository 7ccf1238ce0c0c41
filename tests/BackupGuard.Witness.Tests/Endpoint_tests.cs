using System.Text;
using BackupGuard.Evidence;
using FluentAssertions;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace BackupGuard.Witness.Tests;

public sealed class Endpoint_tests : IDisposable
{
    private const string Origin = "backupguard.example/log";
    private readonly string folder = Directory.CreateTempSubdirectory("witness-").FullName;
    private readonly EvidenceKey log = EvidenceKey.Generate(), witness = EvidenceKey.Generate();
    private readonly TreeInMemory tree = new();
    private readonly List<Hash256> roots = [MerkleTree.EmptyRoot];
    private WitnessMemory memory;

    public Endpoint_tests()
    {
        memory = WitnessMemory.Open(folder);
        for (var i = 0; i < 30; i++)
        {
            tree.Append(MerkleTree.HashLeaf(Encoding.ASCII.GetBytes($"entry {i}")));
            roots.Add(tree.Root());
        }
    }

    public void Dispose()
    {
        memory.Dispose();
        log.Dispose();
        witness.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private CosignatureKey Name => new("temoin.example", witness.PublicKey);
    private WitnessEndpoint Endpoint => new([new NoteKey(Origin, log.PublicKey)], memory, Name, witness, TimeProvider.System, NullLogger<WitnessEndpoint>.Instance);
    private byte[] Note(int size, Hash256? root = null) => new Checkpoint(Origin, size, root ?? roots[size]).Sign(log);
    private byte[] Body(int old, int size) => new WitnessRequest(old, old == 0 ? [] : MerkleProver.Consistency(tree, old, size), Note(size)).ToBytes();

    private static async Task<(int Status, string Type, string Text)> PostAsync(WitnessEndpoint endpoint, byte[] body)
    {
        var http = new DefaultHttpContext();
        http.Request.Body = new MemoryStream(body);
        var answer = new MemoryStream();
        http.Response.Body = answer;
        await endpoint.AnswerAsync(http);
        return (http.Response.StatusCode, http.Response.ContentType ?? "", Encoding.UTF8.GetString(answer.ToArray()));
    }

    [Fact]
    public async Task It_answers_with_a_line_that_vouches_for_the_checkpoint()
    {
        using var endpoint = Endpoint;
        var (status, _, line) = await PostAsync(endpoint, Body(0, 10));
        status.Should().Be(200);
        Cosignature.Verify(SignedNote.Parse(Cosignature.Add(Note(10), [line])), Name).Should().BeCloseTo(DateTimeOffset.UtcNow, TimeSpan.FromMinutes(1));
        (await PostAsync(endpoint, Body(10, 20))).Status.Should().Be(200);
    }

    [Fact]
    public async Task What_it_has_seen_outlives_it()
    {
        using (var endpoint = Endpoint) await PostAsync(endpoint, Body(0, 10));
        memory.Dispose();
        memory = WitnessMemory.Open(folder);
        using var again = Endpoint;
        var (status, type, text) = await PostAsync(again, Body(0, 20));
        (status, type, text).Should().Be((409, "text/x.tlog.size", "10\n"), "the log is told from where to go on");
        (await PostAsync(again, Body(10, 20))).Status.Should().Be(200);
    }

    [Fact]
    public async Task What_could_not_be_stored_is_not_vouched_for()
    {
        using var endpoint = Endpoint;
        await PostAsync(endpoint, Body(0, 10));
        // A folder where the new file has to go: the rename fails, also for root.
        var seen = Directory.GetFiles(folder, "*.seen").Single();
        File.Delete(seen);
        Directory.CreateDirectory(seen);
        File.WriteAllText(Path.Combine(seen, "x"), "");
        var (status, _, text) = await PostAsync(endpoint, Body(0, 20));
        (status, text).Should().Be((500, ""));
    }

    [Theory]
    [InlineData("")]
    [InlineData("backupguard.example/log\n10\n")]
    [InlineData("another.example/log\n10\ne3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n")]
    [InlineData("backupguard.example/log\nten\ne3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n")]
    public async Task A_memory_that_somebody_broke_is_not_nothing_seen(string content)
    {
        using var endpoint = Endpoint;
        await PostAsync(endpoint, Body(0, 10));
        await File.WriteAllTextAsync(Directory.GetFiles(folder, "*.seen").Single(), content);
        (await PostAsync(endpoint, Body(0, 20))).Status.Should().Be(500);
        (await PostAsync(endpoint, Body(10, 20))).Status.Should().Be(500);
    }

    [Fact]
    public async Task Of_two_versions_that_come_at_once_one_is_vouched_for()
    {
        using var endpoint = Endpoint;
        await PostAsync(endpoint, Body(0, 10));
        var fork = new TreeInMemory();
        for (var i = 0; i < 10; i++) fork.Append(tree.Read(0, i));
        fork.Append(MerkleTree.HashLeaf("another"u8));
        var second = new WitnessRequest(10, MerkleProver.Consistency(fork, 10, 11), Note(11, fork.Root())).ToBytes();
        for (var round = 0; round < 20; round++)
        {
            var answers = await Task.WhenAll(Task.Run(() => PostAsync(endpoint, Body(10, 11))), Task.Run(() => PostAsync(endpoint, second)));
            answers.Count(a => a.Status == 200).Should().BeLessThanOrEqualTo(1);
        }
        memory.Find(Origin)!.Size.Should().Be(11);
    }

    [Fact]
    public void Two_witnesses_never_share_a_memory() =>
        FluentActions.Invoking(() => WitnessMemory.Open(folder)).Should().Throw<IOException>().WithMessage("*Another witness already works*");

    [Fact]
    public async Task More_than_any_request_has_is_not_read()
    {
        using var endpoint = Endpoint;
        (await PostAsync(endpoint, new byte[WitnessRequest.MaxBytes + 1])).Status.Should().Be(413);
        (await PostAsync(endpoint, new byte[1000])).Status.Should().Be(400);
        (await PostAsync(endpoint, [])).Status.Should().Be(400);
    }
}
