using BackupGuard.Contracts;
using BackupGuard.Server.Persistence;
using BackupGuard.Server.Tests.Support;
using FluentAssertions;
using Microsoft.EntityFrameworkCore;
using Xunit;
using Xunit.Abstractions;

namespace BackupGuard.Server.Tests.Evidence;

/// <summary>The server is killed just before and just after each durable write in turn, from its first start to the last batch, until a whole run has none left.</summary>
public abstract class Durable_write_tests(ITestOutputHelper output, Engine engine)
{
    public sealed class OnSqlite(ITestOutputHelper output) : Durable_write_tests(output, Engine.Sqlite);

    public sealed class OnPostgres(ITestOutputHelper output) : Durable_write_tests(output, Engine.Postgres);

    private const int Batches = 2;
    private const int MostWrites = 100;

    [Fact]
    public async Task Kill_9_at_each_durable_write_in_turn_loses_nothing_acknowledged_and_takes_nothing_twice()
    {
        var at = 1;
        for (var died = true; died; at += died ? 1 : 0)
        {
            output.WriteLine($"kill at {at}");
            died = await DiesAsync(at);
            at.Should().BeLessThan(MostWrites, "the run has an end");
        }
        output.WriteLine($"{at - 1} kills");
        at.Should().BeGreaterThan(2 * (Batches + 4), "the key, the first account, its code, the token, the enrolment and each batch are durable writes, each with a before and an after");
    }

    /// <returns>False when the server came to the end alive.</returns>
    private async Task<bool> DiesAsync(int at)
    {
        await using var server = TestServer.Prepare(engine, withSchema: false);
        using var agent = new TestAgent("agent-1");
        var acknowledged = new Dictionary<long, long>();
        SignedEntry[][] batches = [.. Enumerable.Range(0, Batches).Select(_ => (SignedEntry[])[agent.Next("verify.intent", "dpi"), agent.Next("verify.result", "dpi", TestAgent.Verification(), agent.State.Counter)])];
        var (process, url, token) = await DyingServer.StartAsync(server.Data.Path, at);
        var (enrolled, sent) = (false, 0);
        using (process)
        {
            if (url is not null)
            {
                using var client = new HttpClient { BaseAddress = url };
                enrolled = await TryAsync(async () => (await agent.AskToEnrolAsync(client, token!)).EnsureSuccessStatusCode()); // told with the address
                while (enrolled && sent < Batches && await TryAsync(async () => Note(await agent.SendAsync(client, batches[sent]), acknowledged)))
                {
                    sent++;
                }
            }
            if (sent == Batches)
            {
                process.Kill();
                await process.WaitForExitAsync();
                await AfterwardsAsync(server, agent, batches, acknowledged);
                return false;
            }
            await process.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token);
        }

        await server.StartAgainAsync();
        using (var client = server.Browser())
        {
            // The same token answers a second time where the first answer was lost; a new one where nobody was enrolled.
            if (!enrolled)
            {
                using var again = await agent.AskToEnrolAsync(client, token is null || !await IsEnrolledAsync(server) ? await server.TokenAsync() : token);
                again.EnsureSuccessStatusCode();
            }
            for (; sent < Batches; sent++)
            {
                Note(await agent.SendAsync(client, batches[sent]), acknowledged);
            }
        }
        await AfterwardsAsync(server, agent, batches, acknowledged);
        return true;
    }

    private static async Task AfterwardsAsync(TestServer server, TestAgent agent, SignedEntry[][] batches, Dictionary<long, long> acknowledged)
    {
        await server.StopAsync();
        server.Fsck().Findings.Should().BeEmpty();
        using var database = DatabaseEngine.Of(server.Data);
        using var connection = database.Open();
        connection.Scalar("SELECT count(*) FROM people").Should().Be(1L, "the first account is made once");
        using var command = connection.Command("SELECT counter, seq FROM entries WHERE key_id = @key", ("@key", agent.Key.PublicKey.KeyId));
        using var row = command.ExecuteReader();
        var stored = new Dictionary<long, long>();
        while (row.Read())
        {
            stored.Add(row.GetInt64(0), row.GetInt64(1));
        }
        stored.Should().BeEquivalentTo(acknowledged, "each entry stands once, where its receipt said").And.HaveCount(batches.Sum(b => b.Length));
    }

    private static Task<bool> IsEnrolledAsync(TestServer server) => server.WithAsync<ServerDatabase, bool>(d => d.Agents.AnyAsync());

    private static void Note(IReadOnlyList<EntryReceipt> receipts, Dictionary<long, long> acknowledged)
    {
        foreach (var receipt in receipts)
        {
            receipt.Outcome.Should().NotBe("refused", receipt.Message ?? "");
            acknowledged.Add(receipt.Counter, receipt.Sequence!.Value); // accepted and duplicate carry one
        }
    }

    private static async Task<bool> TryAsync(Func<Task> act)
    {
        try
        {
            await act();
            return true;
        }
        catch (HttpRequestException e) when (e.StatusCode is null)
        {
            // Killed before the answer.
            return false;
        }
    }
}
