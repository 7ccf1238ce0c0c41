using System.Text;
using BackupGuard.Continuity.Readiness;
using BackupGuard.Evidence;
using BackupGuard.Server.Features.Evidence;
using BackupGuard.Server.Hosting;
using BackupGuard.Server.Persistence;
using BackupGuard.Server.Tests.Support;
using FluentAssertions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace BackupGuard.Server.Tests.Evidence;

public abstract class Evidence_log_tests(Engine engine) : IAsyncLifetime
{
    public sealed class OnSqlite() : Evidence_log_tests(Engine.Sqlite);

    public sealed class OnPostgres() : Evidence_log_tests(Engine.Postgres);

    private TestServer server = null!; // set by InitializeAsync before every test

    public async Task InitializeAsync() => server = await TestServer.StartAsync(engine);

    public async Task DisposeAsync() => await server.DisposeAsync();

    [Fact]
    public async Task The_stream_of_a_run_is_read_back_in_order_without_the_others()
    {
        await AppendAsync("a", null, "started");
        await AppendAsync("b", null, "started");
        await AppendAsync("a", 0, "stepped");

        (await RunAsync("a")).Select(e => (e.Sequence, e.Entry.Type)).Should().Equal((0L, "run.started"), (2L, "run.stepped"));
        (await RunAsync("unknown")).Should().BeEmpty();
        (await server.Log.RunIdsAsync(CancellationToken.None)).Should().Equal("b", "a");
    }

    [Fact]
    public async Task A_clock_that_stepped_back_is_written_down_in_front_of_the_next_entry_and_once()
    {
        await AppendAsync("a", null, "started");
        server.Clock.Advance(TimeSpan.FromSeconds(-2));
        await AppendAsync("a", 0, "stepped");
        server.Clock.Advance(TimeSpan.FromMinutes(-3));
        await AppendAsync("a", 1, "stepped");
        await AppendAsync("a", 3, "stepped");

        var entries = new List<LoggedEntry>();
        await foreach (var entry in server.Log.ReadAsync(0, CancellationToken.None)) entries.Add(entry);
        entries.Select(e => e.Entry.Type).Should().Equal("run.started", "run.stepped", "clock.jump", "run.stepped", "run.stepped");
        Encoding.UTF8.GetString(entries[2].Entry.Payload.Span).Should().Contain("\"seconds\":-180").And.Contain("2026-11-21T21:59:58").And.Contain("2026-11-21T21:56:58");
        await server.StopAsync();
        server.Fsck().Findings.Should().BeEmpty();
    }

    [Theory]
    [InlineData(null)]
    [InlineData(0L)]
    [InlineData(7L)]
    public async Task A_command_decided_on_an_old_state_conflicts_and_writes_nothing(long? believed)
    {
        await AppendAsync("a", null, "started");
        await AppendAsync("a", 0, "stepped");

        (await AppendAsync("a", believed, "stepped")).Should().Be(new AppendResult.Conflict(1));
        (await RunAsync("a")).Should().HaveCount(2);
    }

    [Fact]
    public async Task Of_many_who_decided_on_the_same_state_one_wins()
    {
        await AppendAsync("a", null, "started");

        var results = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => AppendAsync("a", 0, "stepped"))));

        results.OfType<AppendResult.Appended>().Should().ContainSingle();
        (await RunAsync("a")).Should().HaveCount(2);
        server.Fsck().IsIntact.Should().BeTrue();
    }

    [Fact]
    public async Task Several_events_are_appended_together_or_not_at_all()
    {
        var good = Entry("a", "started");
        var bad = new NewEntry("Not A Type", "", "{}"u8.ToArray());

        var act = () => server.Log.AppendServerEntriesAsync([good, bad], new RunExpectation("a", null));

        await act.Should().ThrowAsync<EvidenceException>();
        (await RunAsync("a")).Should().BeEmpty();
        (await server.Log.AppendServerEntriesAsync([good, Entry("a", "stepped")], new RunExpectation("a", null)))
            .Should().BeOfType<AppendResult.Appended>().Which.Sequences.Should().Equal(0, 1);
    }

    [Fact]
    public async Task Entries_of_another_run_than_the_expected_one_are_a_mistake_of_the_caller()
    {
        var act = () => server.Log.AppendServerEntriesAsync([Entry("b", "started")], new RunExpectation("a", null));

        await act.Should().ThrowAsync<ArgumentException>();
        (await RunAsync("b")).Should().BeEmpty();
    }

    [Fact]
    public async Task Reading_from_a_sequence_gives_the_rest_of_the_log()
    {
        for (var i = 0; i < 5; i++)
        {
            await AppendAsync("a", i == 0 ? null : i - 1, "stepped");
        }

        (await server.Log.ReadAsync(3, CancellationToken.None).Select(e => e.Sequence).ToListAsync()).Should().Equal(3, 4);
    }

    [Fact]
    public async Task An_entry_comes_with_a_proof_that_holds_without_the_server()
    {
        for (var i = 0; i < 7; i++)
        {
            await AppendAsync("a", i == 0 ? null : i - 1, "stepped");
        }
        var queries = server.Services.GetRequiredService<EvidenceQueries>();

        var detail = await queries.FindAsync(4, CancellationToken.None);

        detail!.Head.Size.Should().Be(7);
        MerkleVerifier.Inclusion(MerkleTree.HashLeaf(detail.Logged.Verified.Bytes.Span), 4, 7, detail.Inclusion, detail.Head.Root).Should().BeTrue();
        Checkpoint.Verify(Encoding.UTF8.GetBytes(detail.Head.Note), NoteKey.Parse(detail.Head.LogKey)).Root.Should().Be(detail.Head.Root);
        detail.ProofFile.Should().MatchRegex("^c2sp.org/tlog-proof@v1\nextra [A-Za-z0-9+/=]+\nindex 4\n").And.EndWith("\n\n" + detail.Head.Note);
        (await queries.FindAsync(7, CancellationToken.None)).Should().BeNull();
        (await queries.FindAsync(-1, CancellationToken.None)).Should().BeNull();
        (await queries.PageAsync(before: 5, count: 2, CancellationToken.None)).Select(e => e.Sequence).Should().Equal(4, 3);
    }

    [Fact]
    public async Task An_entry_that_was_changed_is_not_read_as_if_nothing_had_happened()
    {
        await AppendAsync("a", null, "started");
        server.Sql(engine == Engine.Sqlite
            ? "UPDATE entries SET entry = CAST(replace(CAST(entry AS TEXT), 'run.started', 'run.stepped') AS BLOB)"
            : "UPDATE entries SET entry = convert_to(replace(convert_from(entry, 'UTF8'), 'run.started', 'run.stepped'), 'UTF8')");

        var act = () => RunAsync("a");

        await act.Should().ThrowAsync<EvidenceException>();
    }

    [Fact]
    public async Task A_lost_key_is_not_replaced_under_a_log_that_it_signed()
    {
        await AppendAsync("a", null, "started");
        await server.StopAsync();
        File.Delete(server.Data["server-key.pem"]);

        var act = () => server.StartAgainAsync();

        await act.Should().ThrowAsync<UsageException>().WithMessage("*server-key.pem is missing*");
    }

    [Fact]
    public async Task The_migrations_say_all_that_the_model_says()
    {
        await server.WithAsync<ServerDatabase, bool>(database =>
        {
            database.Database.HasPendingModelChanges().Should().BeFalse("a change of the model needs a migration");
            return Task.FromResult(true);
        });
    }

    [Fact]
    public async Task Results_become_facts_with_their_reason_and_their_time_of_reception()
    {
        using var client = server.Browser();
        using var agent = new TestAgent("agent-1");
        await agent.EnrolAsync(server, client);
        await agent.SendAsync(client,
            agent.Next("verify.result", "dpi", TestAgent.Verification("failed")),
            agent.Next("drill.result", "dpi", TestAgent.Drill()),
            agent.Next("drill.result", "dpi", TestAgent.Drill("excellent")),
            agent.Next("verify.result", "dpi", """{"schema":"backupguard.verify/v9","verdict":"proved"}"""));

        var facts = await server.WithAsync<Features.Readiness.ReadinessService, IReadOnlyList<ProofFact>>(r => r.HistoryAsync("dpi", CancellationToken.None));

        facts.Reverse().Select(f => (f.Kind, f.Outcome)).Should().Equal(
            (ProofKind.Verification, Outcome.Failed), (ProofKind.Drill, Outcome.Proved),
            (ProofKind.Drill, Outcome.Inconclusive), (ProofKind.Verification, Outcome.Inconclusive));
        facts[3].Should().Match<ProofFact>(f => f.ReasonFr == "Un paquet manque." && f.ReasonEn == "A pack is missing." && f.Coverage == 0.75 && f.Agent == "agent-1");
        facts[2].Should().Match<ProofFact>(f => f.MeasuredRecoveryTime == TimeSpan.FromMinutes(10) && f.MeasuredRecoveryPoint == TimeSpan.FromHours(1) && f.Name == "dpi-weekly" && f.DefinitionHash.Length == 64);
        facts.Should().OnlyContain(f => f.RecordedAt == server.Clock.GetUtcNow());
        server.Fsck().IsIntact.Should().BeTrue();
    }

    [Fact]
    public async Task Readiness_goes_by_what_the_whole_would_take_and_not_by_the_part_that_came_back_fast()
    {
        using var client = server.Browser();
        using var agent = new TestAgent("agent-1");
        await agent.EnrolAsync(server, client);
        await agent.SendAsync(client, agent.Next("drill.result", "dpi", TestAgent.Drill().Replace("\"scaledRtoSeconds\":null", "\"scaledRtoSeconds\":54000", StringComparison.Ordinal)));

        var fact = (await server.WithAsync<Features.Readiness.ReadinessService, IReadOnlyList<ProofFact>>(r => r.HistoryAsync("dpi", CancellationToken.None))).Single();

        fact.MeasuredRecoveryTime.Should().Be(TimeSpan.FromHours(15));
    }

    [Fact]
    public async Task What_could_not_be_finished_is_told_in_both_languages_and_in_English_alone_where_an_agent_knows_no_other()
    {
        using var client = server.Browser();
        using var agent = new TestAgent("agent-2");
        await agent.EnrolAsync(server, client);
        const string before = """{"schema":"backupguard.verify/v1","repository":"restic:/srv/dpi","verdict":"inconclusive","unfinished":"the store timed out","unfinishedFr":""", after = ""","startedAt":"2026-11-22T03:00:00Z","durationSeconds":1}""";
        await agent.SendAsync(client, agent.Next("verify.result", "sih", before + "\"le stockage n’a pas répondu à temps\"" + after), agent.Next("verify.result", "sih", before + "null" + after));

        var facts = await server.WithAsync<Features.Readiness.ReadinessService, IReadOnlyList<ProofFact>>(r => r.HistoryAsync("sih", CancellationToken.None));

        facts.Reverse().Select(f => (f.ReasonFr, f.ReasonEn)).Should().Equal(("le stockage n’a pas répondu à temps", "the store timed out"), ("the store timed out", "the store timed out"));
    }

    private Task<AppendResult> AppendAsync(string run, long? last, string what) => server.Log.AppendServerEntriesAsync([Entry(run, what)], new RunExpectation(run, last));

    private static NewEntry Entry(string run, string what) => new($"run.{what}", "", Encoding.UTF8.GetBytes($$"""{"run":"{{run}}"}"""));

    private async Task<List<LoggedEntry>> RunAsync(string run) => await server.Log.ReadRunAsync(run, 0, CancellationToken.None).ToListAsync();
}
