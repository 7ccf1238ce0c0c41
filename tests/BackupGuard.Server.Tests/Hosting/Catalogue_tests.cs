using BackupGuard.Continuity.Readiness;
using BackupGuard.Server.Features.Readiness;
using BackupGuard.Server.Persistence;
using BackupGuard.Server.Tests.Support;
using FluentAssertions;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace BackupGuard.Server.Tests.Hosting;

public abstract class Catalogue_tests(Engine engine)
{
    public sealed class OnSqlite() : Catalogue_tests(Engine.Sqlite);

    public sealed class OnPostgres() : Catalogue_tests(Engine.Postgres);

    private const string Good = """
        format: backupguard.catalogue/v1
        establishment: CH de Valmont
        timeZone: Europe/Paris
        applications:
          - id: dpi
            name: Dossier patient
            vital: true
            dmia: PT4H
            pdma: PT24H
        """;

    [Fact]
    public async Task A_drill_within_target_proves_the_application_and_ends_with_its_validity()
    {
        await using var server = await TestServer.StartAsync(engine, catalogue: Good);
        using var client = server.Browser();
        using var agent = new TestAgent("agent-1");
        await agent.EnrolAsync(server, client);
        (await StateAsync(server)).Should().Be(ReadinessState.Unproven);

        await agent.SendAsync(client, agent.Next("verify.result", "dpi", TestAgent.Verification()), agent.Next("drill.result", "dpi", TestAgent.Drill()));

        (await StateAsync(server)).Should().Be(ReadinessState.Proved);
        server.Clock.Advance(TimeSpan.FromDays(91));
        (await StateAsync(server)).Should().Be(ReadinessState.Expired);
    }

    [Fact]
    public async Task A_drill_that_was_announced_and_never_ended_is_inconclusive_after_a_day()
    {
        await using var server = await TestServer.StartAsync(engine, catalogue: Good);
        using var client = server.Browser();
        using var agent = new TestAgent("agent-1");
        await agent.EnrolAsync(server, client);
        await agent.SendAsync(client, agent.Next("verify.result", "dpi", TestAgent.Verification()), agent.Next("drill.result", "dpi", TestAgent.Drill()), agent.Next("drill.intent", "dpi"));
        (await StateAsync(server)).Should().Be(ReadinessState.Proved, "a drill may be running");

        server.Clock.Advance(ReadinessService.IntentTimeout + TimeSpan.FromSeconds(1));

        (await StateAsync(server)).Should().NotBe(ReadinessState.Proved);
        (await server.WithAsync<ReadinessService, IReadOnlyList<ProofFact>>(r => r.HistoryAsync("dpi", CancellationToken.None)))
            .Should().ContainSingle(f => f.Outcome == Outcome.Inconclusive && f.Kind == ProofKind.Drill);
        await agent.SendAsync(client, agent.Next("drill.result", "dpi", TestAgent.Drill(), intent: 3));
        (await StateAsync(server)).Should().Be(ReadinessState.Proved, "the result came after all");
    }

    [Fact]
    public async Task A_change_of_the_file_is_taken_without_a_restart_and_recorded_once()
    {
        await using var server = await TestServer.StartAsync(engine, catalogue: Good);
        await server.StopAsync();
        await server.StartAgainAsync();
        (await LoadedAsync(server)).Should().Be(1, "the same file at the next start is no change");

        await File.WriteAllTextAsync(server.CatalogueFile, Good.Replace("PT4H", "PT8H", StringComparison.Ordinal));

        var answer = await AnswerAsync(server);
        answer.Catalogue.Catalogue!.Applications.Single().RecoveryTimeObjective.Should().Be(TimeSpan.FromHours(8));
        (await LoadedAsync(server)).Should().Be(2);
    }

    [Theory]
    [InlineData("format: backupguard.catalogue/v1\nestablishment: [")]
    [InlineData("")]
    public async Task A_broken_file_leaves_the_last_good_one_in_force_and_says_so(string broken)
    {
        await using var server = await TestServer.StartAsync(engine, catalogue: Good);

        await File.WriteAllTextAsync(server.CatalogueFile, broken);

        var answer = await AnswerAsync(server);
        answer.Catalogue.Catalogue!.Establishment.Should().Be("CH de Valmont");
        answer.Catalogue.Issues.Should().NotBeEmpty();
        await File.WriteAllTextAsync(server.CatalogueFile, Good);
        (await AnswerAsync(server)).Catalogue.Issues.Should().BeEmpty();
        (await LoadedAsync(server)).Should().Be(1);
    }

    [Fact]
    public async Task A_file_that_vanished_leaves_the_last_good_one_in_force_and_says_so()
    {
        await using var server = await TestServer.StartAsync(engine, catalogue: Good);

        File.Delete(server.CatalogueFile);

        (await AnswerAsync(server)).Catalogue.Should().Match<CatalogueState>(c => c.Catalogue != null && c.Issues.Count == 1);
    }

    [Fact]
    public async Task Without_a_catalogue_there_is_no_answer_rather_than_a_good_one()
    {
        await using var server = await TestServer.StartAsync(engine);

        (await AnswerAsync(server)).Hospital.Should().BeNull();
    }

    private static Task<ReadinessAnswer> AnswerAsync(TestServer server) =>
        server.WithAsync<ReadinessService, ReadinessAnswer>(r => r.CurrentAsync(server.Clock.GetUtcNow(), CancellationToken.None));

    private static async Task<ReadinessState> StateAsync(TestServer server) => (await AnswerAsync(server)).Hospital!.Applications.Single().State;

    private static Task<int> LoadedAsync(TestServer server) => server.WithAsync<ServerDatabase, int>(d => d.Entries.CountAsync(e => e.Type == CatalogueSource.LoadedType));
}
