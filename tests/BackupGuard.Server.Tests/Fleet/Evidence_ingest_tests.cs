using System.Net;
using System.Net.Http.Json;
using System.Text;
using BackupGuard.Contracts;
using BackupGuard.Evidence;
using BackupGuard.Server.Features.Fleet;
using BackupGuard.Server.Persistence;
using BackupGuard.Server.Tests.Support;
using FluentAssertions;
using Microsoft.EntityFrameworkCore;
using Xunit;

namespace BackupGuard.Server.Tests.Fleet;

public abstract class Evidence_ingest_tests(Engine engine) : IAsyncLifetime
{
    public sealed class OnSqlite() : Evidence_ingest_tests(Engine.Sqlite);

    public sealed class OnPostgres() : Evidence_ingest_tests(Engine.Postgres);

    private TestAgent agent = null!; // set by InitializeAsync before every test
    private TestServer server = null!; // set by InitializeAsync before every test
    private HttpClient client = null!; // likewise

    public async Task InitializeAsync()
    {
        agent = TestAgent.Named("agent-1");
        server = await TestServer.StartAsync(engine);
        client = server.Browser();
        await agent.EnrolAsync(server, client);
    }

    public async Task DisposeAsync()
    {
        client.Dispose();
        agent.Dispose();
        await server.DisposeAsync();
    }

    [Fact]
    public async Task Signed_entries_are_appended_in_order_and_the_log_verifies()
    {
        var receipts = await agent.SendAsync(client, agent.Next(), agent.Next("verify.intent", "dpi"), agent.Next("verify.result", "dpi", TestAgent.Verification(), intent: 2));

        receipts.Select(r => (r.Outcome, r.Sequence)).Should().Equal(("accepted", 1L), ("accepted", 2L), ("accepted", 3L));
        server.Fsck().Should().Match<FsckReport>(r => r.IsIntact && r.Entries == 4, "the registration of the agent's key comes first");
    }

    [Fact]
    public async Task The_same_entry_again_is_a_duplicate_with_its_first_sequence()
    {
        SignedEntry[] batch = [agent.Next(), agent.Next()];
        var first = await agent.SendAsync(client, batch);

        var second = await agent.SendAsync(client, [.. batch, agent.Next()]);

        second.Select(r => r.Outcome).Should().Equal("duplicate", "duplicate", "accepted");
        second.Take(2).Select(r => r.Sequence).Should().Equal(first.Select(r => r.Sequence));
        (await EntriesOfAgentAsync()).Should().Be(3);
    }

    [Fact]
    public async Task The_same_batch_sent_at_once_by_many_connections_is_kept_once()
    {
        SignedEntry[] batch = [.. Enumerable.Range(0, 20).Select(_ => agent.Next())];

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => agent.SendAsync(client, batch)));

        answers.SelectMany(a => a).Count(r => r.Outcome == "accepted").Should().Be(20);
        answers.SelectMany(a => a).GroupBy(r => r.Counter).Should().OnlyContain(g => g.Select(r => r.Sequence).Distinct().Count() == 1);
        server.Fsck().IsIntact.Should().BeTrue();
    }

    [Fact]
    public async Task Other_bytes_under_a_known_counter_are_refused_as_a_second_user_of_the_identity()
    {
        var (_, before) = agent.State;
        await agent.SendAsync(client, agent.Next());

        var other = TestAgent.Wire(agent.Sign("agent.start", "", """{"other":true}""", null, 1, before));

        (await agent.SendAsync(client, other)).Single().Should().Match<EntryReceipt>(r => r.Outcome == "refused" && r.Code == "BG2011" && r.Sequence == null);
    }

    [Fact]
    public async Task A_forged_signature_is_refused_and_does_not_stop_what_the_agent_itself_signed()
    {
        using var thief = EvidenceKey.Generate();
        var good = agent.Sign("agent.start", "", "{}", null, 1, null);
        var forged = new SignedEntry(1, Convert.ToBase64String(good.Bytes.Span), Convert.ToBase64String(thief.Sign(good.Bytes.Span)));
        agent.Follow(good);

        var receipts = await agent.SendAsync(client, forged, agent.Next());

        receipts.Select(r => (r.Outcome, r.Code)).Should().Equal(("refused", "BG2004"), ("accepted", null));
        (await EntriesOfAgentAsync()).Should().Be(1);
        server.Fsck().Findings.Where(f => f.IsError).Should().ContainSingle("the place of the forged entry shows as a gap").Which.Code.Should().Be("BG2010");
    }

    [Fact]
    public async Task One_changed_byte_of_an_entry_is_refused()
    {
        var entry = agent.Sign("agent.start", "", """{"load":1}""", null, 1, null);
        var changed = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(entry.Bytes.Span).Replace("\"load\":1", "\"load\":2", StringComparison.Ordinal));

        var receipt = await agent.SendAsync(client, new SignedEntry(1, Convert.ToBase64String(changed), Convert.ToBase64String(entry.Signature.Span)));

        receipt.Single().Code.Should().Be("BG2004");
    }

    [Fact]
    public async Task An_agent_whose_disk_lost_entries_goes_on_and_the_gap_stays_visible()
    {
        agent.Next();
        var afterTheLoss = agent.Next();

        (await agent.SendAsync(client, afterTheLoss)).Single().Outcome.Should().Be("accepted", "refusing it would silence the agent for ever");
        (await agent.SendAsync(client, agent.Next())).Single().Outcome.Should().Be("accepted");
        server.Fsck().Findings.Where(f => f.IsError).Should().ContainSingle().Which.Code.Should().Be("BG2010");
    }

    [Fact]
    public async Task An_entry_that_does_not_follow_the_one_before_is_refused()
    {
        await agent.SendAsync(client, agent.Next());
        var elsewhere = agent.Sign("agent.start", "", "{}", null, 2, Hash256.Of("another past"u8));

        (await agent.SendAsync(client, TestAgent.Wire(elsewhere))).Single().Code.Should().Be("BG2012");
    }

    [Fact]
    public async Task A_result_closes_an_intent_once()
    {
        await agent.SendAsync(client, agent.Next("drill.intent", "dpi"), agent.Next("drill.result", "dpi", TestAgent.Drill(), intent: 1));
        var (counter, last) = agent.State;

        var again = agent.Sign("drill.result", "dpi", TestAgent.Drill(), 1, counter + 1, last);

        (await agent.SendAsync(client, TestAgent.Wire(again))).Single().Code.Should().Be("BG2015", "otherwise the log's own verifier would reject the log for ever");
        server.Fsck().IsIntact.Should().BeTrue();
    }

    [Fact]
    public async Task An_entry_in_the_name_of_another_origin_is_refused()
    {
        var entry = agent.Sign("agent.start", "", "{}", null, 1, null, origin: "server");

        (await agent.SendAsync(client, TestAgent.Wire(entry))).Single().Code.Should().Be("BG2007");
    }

    [Theory]
    [InlineData("not base64 !", "BG2001")]
    [InlineData("e30=", "BG2001")]
    public async Task Bytes_that_are_no_entry_are_refused_with_a_code(string entry, string code) =>
        (await agent.SendAsync(client, new SignedEntry(1, entry, "AAAA"))).Single().Code.Should().Be(code);

    [Theory]
    [InlineData("", "BG2102")]
    [InlineData("null", "BG2102")]
    [InlineData("{", "BG2102")]
    [InlineData("""{"entries":null}""", "BG2102")]
    [InlineData("""{"entries":[],"entries":[]}""", "BG2102")]
    [InlineData("""{"entries":[null]}""", "BG2102")]
    [InlineData("""{"entries":[]}""", "BG2103")]
    public async Task A_body_that_is_no_batch_is_a_bad_request_with_a_code(string body, string code) =>
        await ShouldBeProblemAsync(await client.PostJsonAsync(agent.Path, body), HttpStatusCode.BadRequest, code);

    [Fact]
    public async Task A_body_above_two_mebibytes_is_refused()
    {
        var large = $$"""{"entries":[{"counter":1,"entry":"{{new string('A', 3 * 1024 * 1024)}}","signature":""}]}""";

        await ShouldBeProblemAsync(await client.PostJsonAsync(agent.Path, large), HttpStatusCode.RequestEntityTooLarge, "BG2100");
    }

    [Fact]
    public async Task An_unknown_agent_is_not_found()
    {
        using var stranger = new TestAgent("stranger");

        await ShouldBeProblemAsync(await stranger.PostAsync(client, stranger.Next()), HttpStatusCode.NotFound, "BG2115");
    }

    [Fact]
    public async Task A_revoked_agent_is_refused_and_its_name_can_be_enrolled_with_a_new_key()
    {
        await agent.SendAsync(client, agent.Next());
        (await AgentVerbs.RevokeAsync(server.Log, agent.Name)).Should().BeTrue();

        await ShouldBeProblemAsync(await agent.PostAsync(client, agent.Next()), HttpStatusCode.Forbidden, "BG2116");
        using var successor = new TestAgent(agent.Name);
        await successor.EnrolAsync(server, client);
        (await successor.SendAsync(client, successor.Next())).Single().Outcome.Should().Be("accepted");
        server.Fsck().IsIntact.Should().BeTrue();
    }

    [Fact]
    public async Task A_log_that_was_cut_takes_nothing_more()
    {
        await agent.SendAsync(client, agent.Next(), agent.Next());
        server.Sql("DELETE FROM entries WHERE seq = (SELECT max(seq) FROM entries)");

        await ShouldBeProblemAsync(await agent.PostAsync(client, agent.Next()), HttpStatusCode.ServiceUnavailable, "BG2190");
        server.Fsck().IsIntact.Should().BeFalse();
    }

    [Fact]
    public async Task A_failing_database_is_an_error_answer_and_never_an_acknowledgement()
    {
        server.Sql("ALTER TABLE checkpoints RENAME TO checkpoints_away");

        await ShouldBeProblemAsync(await agent.PostAsync(client, agent.Next()), HttpStatusCode.InternalServerError, "BG2199");
        server.Sql("ALTER TABLE checkpoints_away RENAME TO checkpoints");
        (await EntriesOfAgentAsync()).Should().Be(0);
    }

    [Fact]
    public async Task A_probe_is_kept_and_shown_as_what_it_is_and_proves_no_application()
    {
        var result = System.Text.Json.JsonSerializer.Serialize(new ProbeDocument
        {
            Repository = "restic:s3:https://store.example/dpi", Verdict = "proved", Immutability = "proved", StartedAt = server.Clock.GetUtcNow(), DurationSeconds = 30, ExpiresAt = server.Clock.GetUtcNow().AddDays(8),
        }, DocumentJson.Default.ProbeDocument);
        var receipts = await agent.SendAsync(client, agent.Next("probe.intent", "dpi"), agent.Next("probe.result", "dpi", result, intent: 1));

        receipts.Select(r => r.Outcome).Should().Equal("accepted", "accepted");
        server.Fsck().IsIntact.Should().BeTrue();
        (await server.WithAsync<ServerDatabase, int>(d => d.Facts.CountAsync())).Should().Be(0, "what cannot be destroyed need not be restorable");
    }

    [Fact]
    public async Task A_key_that_is_revoked_between_the_question_and_the_lock_appends_nothing()
    {
        var row = await server.WithAsync<ServerDatabase, AgentRow>(d => d.Agents.AsNoTracking().SingleAsync());
        await AgentVerbs.RevokeAsync(server.Log, agent.Name);

        (await server.Log.AppendAgentEntriesAsync(row, new EvidenceBatch([agent.Next()]))).Should().BeNull("the log's verifier refuses what follows the key's retirement");

        server.Fsck().IsIntact.Should().BeTrue();
    }

    [Fact]
    public async Task A_batch_may_open_close_and_repeat_within_itself()
    {
        var intent = agent.Next("drill.intent", "dpi");
        var result = agent.Next("drill.result", "dpi", TestAgent.Drill(), intent: 1);
        var (counter, last) = agent.State;
        var twice = TestAgent.Wire(agent.Sign("drill.result", "dpi", TestAgent.Drill(), 1, counter + 1, last));
        var left = agent.Next("drill.intent", "dpi");

        var receipts = await agent.SendAsync(client, intent, result, intent, twice, left);

        receipts.Select(r => (r.Outcome, r.Sequence, r.Code)).Should().Equal(
            ("accepted", 1L, null), ("accepted", 2L, null), ("duplicate", 1L, null), ("refused", null, "BG2015"), ("accepted", 3L, null));
        server.Fsck().IsIntact.Should().BeTrue();
        (await server.WithAsync<ServerDatabase, List<long>>(d => d.OpenIntents.Select(i => i.Counter).ToListAsync())).Should().Equal(3);
    }

    [Fact]
    public async Task A_batch_larger_than_one_statement_is_kept_whole_and_in_order()
    {
        SignedEntry[] batch = [.. Enumerable.Range(0, 300).Select(i => i % 2 == 0 ? agent.Next() : agent.Next("verify.result", "dpi", TestAgent.Verification()))];

        var receipts = await agent.SendAsync(client, batch);

        receipts.Select(r => r.Sequence).Should().Equal(Enumerable.Range(1, 300).Select(i => (long?)i));
        server.Fsck().Findings.Should().BeEmpty();
        (await server.WithAsync<ServerDatabase, int>(d => d.Facts.CountAsync())).Should().Be(150);
        (await server.WithAsync<ServerDatabase, int>(d => d.Checkpoints.CountAsync())).Should().Be(2, "one for the enrolment, one for the batch");
    }

    [Fact]
    public async Task A_character_that_a_database_cannot_keep_does_not_stop_the_evidence()
    {
        var result = TestAgent.Verification("failed").Replace("A pack is missing.", "A pack\\u0000 is missing.", StringComparison.Ordinal);

        var receipts = await agent.SendAsync(client, agent.Next("verify.result", "dpi", result));

        receipts.Single().Outcome.Should().Be("accepted");
        server.Fsck().IsIntact.Should().BeTrue();
        (await server.WithAsync<ServerDatabase, string>(d => d.Facts.Select(f => f.ReasonEn).SingleAsync())).Should().Be("A pack\uFFFD is missing.");
    }

    private Task<int> EntriesOfAgentAsync() => server.WithAsync<ServerDatabase, int>(d => d.Entries.CountAsync(e => e.Origin == "agent:agent-1"));

    private static async Task ShouldBeProblemAsync(HttpResponseMessage answer, HttpStatusCode status, string code)
    {
        using (answer)
        {
            answer.StatusCode.Should().Be(status);
            answer.Content.Headers.ContentType?.MediaType.Should().Be("application/problem+json");
            var problem = await answer.Content.ReadFromJsonAsync(WireJson.Default.Problem);
            problem.Should().Match<Problem>(p => p.Code == code && p.Detail.Length > 20 && !p.Detail.Contains("   at "));
        }
    }
}
