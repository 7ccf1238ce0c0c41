using BackupGuard.Contracts;
using BackupGuard.Server.Hosting;
using BackupGuard.Server.Persistence;
using BackupGuard.Server.Tests.Support;
using FluentAssertions;
using Xunit;
using Xunit.Abstractions;

namespace BackupGuard.Server.Tests.Evidence;

/// <summary>The server is killed at random moments while an agent sends; the agent behaves as the contract says and sends again what was not acknowledged.</summary>
public abstract class Kill_tests(ITestOutputHelper output, Engine engine)
{
    public sealed class OnSqlite(ITestOutputHelper output) : Kill_tests(output, Engine.Sqlite);

    public sealed class OnPostgres(ITestOutputHelper output) : Kill_tests(output, Engine.Postgres);

    private const int Kills = 12;

    [Fact]
    public async Task Kill_9_at_any_moment_loses_no_acknowledged_entry_and_doubles_none()
    {
        var folder = Directory.CreateTempSubdirectory("backupguard-kill-").FullName;
        using var database = engine.Prepare(folder);
        var seed = Environment.ProcessId;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        using var agent = new TestAgent("agent-1");
        var acknowledged = new Dictionary<long, long>();
        var spool = new Queue<SignedEntry>();

        for (var kill = 0; kill < Kills; kill++)
        {
            using var server = await ServerProcess.StartAsync(folder);
            using var client = new HttpClient { BaseAddress = server.Url };
            if (kill == 0)
            {
                var token = await ServerProcess.RunAsync(["agents", "token", "--data", folder]);
                (await agent.AskToEnrolAsync(client, token.Output.Trim())).EnsureSuccessStatusCode();
            }
            var first = new TaskCompletionSource();
            var delay = random.Next(0, 250);
            var sending = SendUntilCutAsync(agent, client, spool, acknowledged, first);
            if (kill % 4 != 3)
            {
                // A cold server may take longer for its first answer than for all that follow.
                await first.Task;
            }
            await Task.Delay(delay);
            await server.KillAsync();
            await sending;
        }
        using (var server = await ServerProcess.StartAsync(folder))
        {
            using var client = new HttpClient { BaseAddress = server.Url };
            Note(await agent.SendAsync(client, [.. spool, agent.Next()]), acknowledged);
            (await ServerProcess.RunAsync(["fsck", "--data", folder])).Exit.Should().Be(0, "fsck works beside a running server");
            (await server.TerminateAsync()).Should().Be(0, "SIGTERM is a graceful stop");
        }

        var (exit, report, _) = await ServerProcess.RunAsync(["fsck", "--data", folder]);
        exit.Should().Be(0, report);
        acknowledged.Should().HaveCountGreaterThan(Kills);
        StoredSequences(folder).Should().BeEquivalentTo(acknowledged, "each entry stands once, where its receipt said");
        output.WriteLine($"{acknowledged.Count} entries, {Kills} kills");
        Directory.Delete(folder, recursive: true);
    }

    private static async Task SendUntilCutAsync(TestAgent agent, HttpClient client, Queue<SignedEntry> spool, Dictionary<long, long> acknowledged, TaskCompletionSource first)
    {
        try
        {
            while (true)
            {
                for (var wanted = 1 + (int)(agent.State.Counter % 5); spool.Count < wanted;)
                {
                    spool.Enqueue(agent.Next("agent.start", "", $$"""{"text":"{{new string('x', (int)(agent.State.Counter * 397 % 2000))}}"}"""));
                }
                Note(await agent.SendAsync(client, [.. spool]), acknowledged);
                spool.Clear();
                first.TrySetResult();
            }
        }
        catch (HttpRequestException)
        {
            // Killed: what is in the spool was not acknowledged and is sent again.
        }
    }

    private static void Note(IReadOnlyList<EntryReceipt> receipts, Dictionary<long, long> acknowledged)
    {
        foreach (var receipt in receipts)
        {
            receipt.Outcome.Should().NotBe("refused", receipt.Message ?? "");
            acknowledged.Add(receipt.Counter, receipt.Sequence!.Value); // accepted and duplicate carry one
        }
    }

    private static Dictionary<long, long> StoredSequences(string folder)
    {
        using var database = DatabaseEngine.Of(DataFolder.OpenExisting(folder));
        using var connection = database.Open();
        using var command = connection.Command("SELECT counter, seq FROM entries WHERE origin = 'agent:agent-1'");
        using var rows = command.ExecuteReader();
        var sequences = new Dictionary<long, long>();
        while (rows.Read())
        {
            sequences.Add(rows.GetInt64(0), rows.GetInt64(1));
        }
        return sequences;
    }
}
