using BackupGuard.Server.Features.Readiness;
using BackupGuard.Server.Tests.Support;
using FluentAssertions;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace BackupGuard.Server.Tests.Evidence;

/// <summary>Facts are kept between pages; they must never outlive the log that told them.</summary>
public abstract class Fact_ledger_tests(Engine engine)
{
    public sealed class OnSqlite() : Fact_ledger_tests(Engine.Sqlite);

    public sealed class OnPostgres() : Fact_ledger_tests(Engine.Postgres);

    [Fact]
    public async Task What_was_known_counts_no_more_when_the_database_was_set_back_or_says_something_else()
    {
        await using var server = await TestServer.StartAsync(engine);
        using var client = server.Browser();
        using var agent = new TestAgent("agent-1");
        await agent.EnrolAsync(server, client);
        await agent.SendAsync(client, agent.Next("drill.result", "dpi", TestAgent.Drill()), agent.Next("drill.result", "labo", TestAgent.Drill()));
        var ledger = server.Services.GetRequiredService<FactLedger>();
        (await KnownAsync()).Should().Equal((string[])["labo Proved", "dpi Proved"], "the newest comes first");

        await agent.SendAsync(client, agent.Next("drill.result", "labo", TestAgent.Drill("failed")));
        (await KnownAsync()).Should().Equal((string[])["labo Failed", "labo Proved", "dpi Proved"], "what came since is read behind it");

        server.Sql("UPDATE facts SET outcome = 'Inconclusive' WHERE seq = (SELECT max(seq) FROM facts)");
        (await KnownAsync()).Should().Equal("labo Inconclusive", "labo Proved", "dpi Proved");
        server.Sql("DELETE FROM facts WHERE application = 'labo'");
        (await KnownAsync()).Should().Equal("dpi Proved");
        server.Sql("DELETE FROM facts");
        (await KnownAsync()).Should().BeEmpty();

        async Task<IEnumerable<string>> KnownAsync()
        {
            var known = await ledger.ReadAsync(CancellationToken.None);
            known.ByApplication.SelectMany(g => g).Should().BeEquivalentTo(known.NewestFirst);
            return known.NewestFirst.Select(f => $"{f.ApplicationId} {f.Outcome}");
        }
    }
}
