using System.Net;
using System.Text.Json;
using BackupGuard.Contracts;
using BackupGuard.Continuity.Readiness;
using BackupGuard.Server.Features.Readiness;
using BackupGuard.Server.Tests.Support;
using BackupGuard.Server.Tests.Ui;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Server.Tests.Evidence;

/// <summary>Copies that several agents know, from their signed entries to the page and the readiness; and what others attest, which reaches neither.</summary>
public abstract class Copies_tests(Engine engine) : IAsyncLifetime
{
    public sealed class OnSqlite() : Copies_tests(Engine.Sqlite);

    public sealed class OnPostgres() : Copies_tests(Engine.Postgres);

    private const string Catalogue = """
        format: backupguard.catalogue/v1
        establishment: CH de Valmont
        timeZone: Europe/Paris
        applications:
          - id: dpi
            name: Dossier patient
            dmia: PT4H
            pdma: PT24H
        """;

    private const string Bucket = "restic:s3:https://objets.example/dpi";
    private readonly TestAgent near = TestAgent.Named("sauv-1"), far = TestAgent.Named("secours");
    private TestServer server = null!;
    private HttpClient browser = null!;

    public async Task InitializeAsync()
    {
        server = await TestServer.StartAsync(engine, catalogue: Catalogue);
        await server.AddPersonAsync("claire", "trois chevaux bleus", "lecteur");
        browser = server.Browser();
        (await browser.SignInAsync("claire", "trois chevaux bleus")).StatusCode.Should().Be(HttpStatusCode.Redirect);
        await near.EnrolAsync(server, browser);
        await far.EnrolAsync(server, browser);
        await SendAsync(near, "drill.result", TestAgent.Drill());
    }

    public async Task DisposeAsync()
    {
        browser.Dispose();
        near.Dispose();
        far.Dispose();
        await server.DisposeAsync();
    }

    private DateTimeOffset Now => server.Clock.GetUtcNow();

    private async Task SendAsync(TestAgent agent, string type, string payload, string application = "dpi") =>
        (await agent.SendAsync(browser, agent.Next(type, application, payload))).Should().OnlyContain(r => r.Outcome == "accepted");

    private static string Copies(params CopyDocument[] copies) => JsonSerializer.Serialize(new CopiesDocument
    {
        Dataset = "dpi-base", Application = "dpi", Verdict = "inconclusive", At = DateTimeOffset.UnixEpoch, OriginalMedium = "disk", OriginalSite = "principal", Copies = copies,
    }, DocumentJson.Default.CopiesDocument);

    private static CopyDocument Nas => new("nas", "restic:/srv/backup", "disk", "principal");
    private static CopyDocument Objects => new("objets", Bucket, "object", "secours");

    private string Verification(string repository, string verdict = "proved", params SignalsDocument[] signals) => JsonSerializer.Serialize(new VerifyDocument { Repository = repository, Verdict = verdict, StartedAt = Now, DurationSeconds = 1, Coverage = 1, Signals = signals }, DocumentJson.Default.VerifyDocument);

    private string Probe(string immutability) => JsonSerializer.Serialize(new ProbeDocument
    {
        Repository = Bucket, Verdict = immutability == "proved" ? "proved" : "failed", Immutability = immutability, StartedAt = Now.AddHours(-1), DurationSeconds = 1, ExpiresAt = Now.AddDays(8),
    }, DocumentJson.Default.ProbeDocument);

    private string Attested(string claim = "passed") => JsonSerializer.Serialize(new AttestedDocument
    {
        Source = "surebackup", Product = "veeam-surebackup", Application = "dpi", Tenant = "vbr-01", AttestedBy = "exploitation", AttestedAt = Now, DocumentSha256 = new string('e', 64), DocumentBytes = 1, Claim = claim, ExpiresAt = Now.AddDays(30),
    }, DocumentJson.Default.AttestedDocument);

    private async Task EverythingGoodAsync()
    {
        await SendAsync(near, "verify.result", Verification("restic:/srv/backup"));
        await SendAsync(far, "verify.result", Verification(Bucket));
        await SendAsync(far, "probe.result", Probe("proved"));
        await SendAsync(near, "copies.result", Copies(Nas));
        await SendAsync(far, "copies.result", Copies(Objects));
    }

    /// <summary>Sessions run out too: who looks later signs in again.</summary>
    private async Task WaitAsync(TimeSpan span)
    {
        server.Clock.Advance(span);
        (await browser.SignInAsync("claire", "trois chevaux bleus")).StatusCode.Should().Be(HttpStatusCode.Redirect);
    }

    private async Task<HtmlPage> PageAsync(string path = "/applications/dpi/copies")
    {
        var answer = await browser.GetAsync(path);
        answer.StatusCode.Should().Be(HttpStatusCode.OK, path);
        var page = HtmlPage.Parse(await answer.Content.ReadAsStringAsync());
        Accessibility.Problems(page, "fr").Should().BeEmpty();
        return page;
    }

    /// <summary>The words of the five requirements, in their order.</summary>
    private async Task<string[]> StatesAsync() => [.. (await PageAsync()).All("table").First().Descendants().Where(e => e.Name.LocalName == "span" && e.Attribute("class")?.Value.StartsWith("state", StringComparison.Ordinal) == true).Select(e => e.Value.Trim())];

    private async Task<(ReadinessState State, string[] Codes)> ReadinessAsync()
    {
        var answer = await server.WithAsync<ReadinessService, ReadinessAnswer>(r => r.CurrentAsync(Now, CancellationToken.None));
        var one = answer.Hospital!.Applications.Single();
        return (one.State, [.. one.Reasons.Select(r => r.Code)]);
    }

    private static readonly string[] AllMet = ["Satisfait", "Satisfait", "Satisfait", "Satisfait", "Satisfait"];

    [Fact]
    public async Task Two_agents_of_which_neither_knows_enough_meet_the_rule_together()
    {
        await EverythingGoodAsync();
        (await StatesAsync()).Should().Equal(AllMet);
        (await ReadinessAsync()).State.Should().Be(ReadinessState.Proved);
        var page = await PageAsync();
        page.Text.Should().Contain("nas (sauv-1)").And.Contain("objets (secours)").And.Contain("L’original est sur disque, site principal");
        page.All("a").Select(a => a.Attribute("href")!.Value).Count(h => h.StartsWith("/preuves/", StringComparison.Ordinal)).Should().BeGreaterThan(5, "each number leads to its entry");
    }

    [Fact]
    public async Task Where_nobody_ever_looked_it_is_said_on_both_pages()
    {
        (await PageAsync()).Text.Should().Contain("Personne n’a jamais regardé").And.Contain("Aucune vérification n’a cherché de signes");
        (await PageAsync("/applications/dpi")).Text.Should().Contain("Jamais examiné").And.Contain("Personne n’a jamais regardé si ces données ont assez de copies");
    }

    [Fact]
    public async Task The_same_bucket_seen_by_two_agents_is_one_copy()
    {
        await EverythingGoodAsync();
        await SendAsync(near, "verify.result", Verification(Bucket));
        await SendAsync(near, "copies.result", Copies(Objects));
        (await StatesAsync())[0].Should().Be("Manquant", "the agent beside the original looks at the bucket too, and no longer at another copy");
    }

    [Fact]
    public async Task A_probe_that_got_through_fails_the_application_until_a_later_probe_and_waiting_heals_nothing()
    {
        await EverythingGoodAsync();
        await SendAsync(near, "copies.result", Copies());
        await SendAsync(far, "probe.result", Probe("exposed"));
        (await ReadinessAsync()).Should().Match<(ReadinessState State, string[] Codes)>(r => r.State == ReadinessState.Failed && r.Codes.Contains("BG3114"));
        await WaitAsync(TimeSpan.FromDays(60));
        (await ReadinessAsync()).State.Should().Be(ReadinessState.Failed);
    }

    [Fact]
    public async Task A_probe_that_ran_out_leaves_the_application_inconclusive()
    {
        await EverythingGoodAsync();
        await WaitAsync(TimeSpan.FromDays(9));
        (await ReadinessAsync()).Should().Match<(ReadinessState State, string[] Codes)>(r => r.State == ReadinessState.Inconclusive && r.Codes.Contains("BG3115"));
        (await StatesAsync()).Should().Equal("Satisfait", "Satisfait", "Satisfait", "Inconnu", "Satisfait");
    }

    [Fact]
    public async Task An_agent_that_fell_silent_no_longer_vouches_for_its_copies()
    {
        await EverythingGoodAsync();
        await WaitAsync(TimeSpan.FromDays(30));
        await SendAsync(far, "copies.result", Copies(Objects));
        await WaitAsync(TimeSpan.FromDays(6));
        near.Later = far.Later = TimeSpan.FromDays(36);
        await SendAsync(near, "verify.result", Verification("restic:/srv/backup"));
        await SendAsync(far, "verify.result", Verification(Bucket));
        (await StatesAsync())[4].Should().Be("Inconnu", "the agent beside the original verified a copy and no longer says of what");
        (await PageAsync()).Text.Should().Contain("Un agent n’a plus rien dit");
    }

    [Fact]
    public async Task What_an_agent_retells_of_its_memory_counts_only_when_it_is_bad()
    {
        await SendAsync(near, "copies.result", Copies(Nas with { Verdict = "proved", VerifiedAt = Now, Immutability = "proved", ProbedAt = Now, ProbeExpiresAt = Now.AddDays(8) }));
        (await StatesAsync())[4].Should().Be("Inconnu", "no entry of the look itself is there");
        await EverythingGoodAsync();
        await SendAsync(near, "copies.result", Copies(Nas with { Verdict = "failed", VerifiedAt = Now.AddHours(1) }));
        (await StatesAsync())[4].Should().Be("Manquant");
    }

    [Fact]
    public async Task Agents_that_contradict_each_other_about_the_original_leave_it_unknown()
    {
        await EverythingGoodAsync();
        await SendAsync(near, "copies.result", Copies(Nas).Replace("\"originalSite\":\"principal\"", "\"originalSite\":\"secours\"", StringComparison.Ordinal));
        (await PageAsync()).Text.Should().Contain("Les agents se contredisent sur l’original");
    }

    [Fact]
    public async Task A_doubted_snapshot_asks_for_retention_to_be_frozen_names_the_last_clean_one_and_forbids_green_until_somebody_answers()
    {
        await EverythingGoodAsync();
        SignalsDocument Signals(string verdict, bool freeze) => new("5e71e500", verdict, "9d02f7b1aabbccdd", Now, freeze, "4f1c0a92aabbccdd", Now.AddDays(-1), true);
        await SendAsync(near, "verify.result", Verification("restic:/srv/backup", "proved", Signals("suspicious", true)));
        (await PageAsync()).Text.Should().Contain("Gelez la rétention").And.Contain("4f1c0a92aabb").And.Contain("Suspect");
        (await ReadinessAsync()).Should().Match<(ReadinessState State, string[] Codes)>(r => r.State == ReadinessState.Inconclusive && r.Codes.Contains("BG3116"));
        await SendAsync(near, "verify.result", Verification("restic:/srv/backup"));
        (await ReadinessAsync()).State.Should().Be(ReadinessState.Inconclusive, "a verification that was not asked about signals answers no doubt");
        await SendAsync(near, "verify.result", Verification("restic:/srv/backup", "proved", Signals("accepted", false)));
        (await ReadinessAsync()).State.Should().Be(ReadinessState.Proved);
    }

    [Fact]
    public async Task What_others_attest_makes_no_readiness_green_and_meets_no_requirement()
    {
        await using var alone = await TestServer.StartAsync(engine, catalogue: Catalogue);
        using var client = alone.Browser();
        using var agent = TestAgent.Named("sauv-2");
        await agent.EnrolAsync(alone, client);
        await agent.SendAsync(client, agent.Next("external.attested", "dpi", Attested()));
        (await alone.WithAsync<ReadinessService, ReadinessAnswer>(r => r.CurrentAsync(alone.Clock.GetUtcNow(), CancellationToken.None))).Hospital!.Applications.Single().State.Should().Be(ReadinessState.Unproven);

        await SendAsync(near, "copies.result", Copies(Nas, Objects));
        var before = await StatesAsync();
        await SendAsync(near, "external.attested", Attested());
        (await StatesAsync()).Should().Equal(before).And.NotContain("Satisfait");
        var page = await PageAsync();
        page.Text.Should().Contain("Réussi, selon des tiers").And.Contain("Attesté par des tiers").And.Contain("exploitation");
        page.All("use").Select(u => u.Attribute("href")!.Value).Should().NotContain("#m-proven", "nothing on this page was proved by us");
        await WaitAsync(TimeSpan.FromDays(31));
        (await PageAsync()).Text.Should().Contain("Réussi selon des tiers, expiré");
    }

    [Fact]
    public async Task Entries_of_these_kinds_have_a_name_of_their_own_in_the_list_and_lead_to_the_copies()
    {
        await EverythingGoodAsync();
        await SendAsync(near, "external.attested", Attested());
        (await PageAsync("/preuves")).Text.Should().Contain("Essai d’immuabilité").And.Contain("Copies d’un jeu de données").And.Contain("Attesté par des tiers");
        var link = (await PageAsync()).All("a").Select(a => a.Attribute("href")!.Value).Last(h => h.StartsWith("/preuves/", StringComparison.Ordinal));
        var entry = await PageAsync(link);
        entry.Text.Should().Contain("Ce n’est pas une preuve de BackupGuard");
        entry.All("a").Select(a => a.Attribute("href")!.Value).Should().Contain("/applications/dpi/copies");
    }

    [Fact]
    public async Task A_payload_that_is_none_is_passed_over_and_the_older_word_stands()
    {
        await EverythingGoodAsync();
        await SendAsync(far, "copies.result", "{\"schema\":\"backupguard.copies/v9\"}");
        await SendAsync(far, "probe.result", "{}");
        await SendAsync(near, "external.attested", "{\"x\":1}");
        await SendAsync(far, "copies.result", Copies(Objects).Replace("\"application\":\"dpi\"", "\"application\":\"sil\"", StringComparison.Ordinal));
        (await StatesAsync()).Should().Equal(AllMet);
        (await PageAsync("/preuves")).Text.Should().Contain("Essai d’immuabilité");
    }

    [Fact]
    public async Task A_probe_dated_ahead_of_its_reception_is_not_believed_however_long_one_waits()
    {
        await EverythingGoodAsync();
        await SendAsync(near, "copies.result", Copies());
        await SendAsync(far, "probe.result", Probe("proved").Replace(JsonSerializer.Serialize(Now.AddHours(-1)), JsonSerializer.Serialize(Now.AddDays(3)), StringComparison.Ordinal));
        (await StatesAsync())[3].Should().Be("Inconnu");
        await WaitAsync(TimeSpan.FromDays(4));
        (await StatesAsync())[3].Should().Be("Inconnu");
    }

    [Fact]
    public async Task A_log_that_was_changed_shows_no_copy_and_proves_no_application()
    {
        await EverythingGoodAsync();
        var text = engine == Engine.Sqlite ? "CAST(entry AS TEXT)" : "convert_from(entry, 'UTF8')";
        var changed = $"replace({text}, '\"medium\":\"object\"', '\"medium\":\"optica\"')";
        server.Sql($"UPDATE entries SET entry = {(engine == Engine.Sqlite ? $"CAST({changed} AS BLOB)" : $"convert_to({changed}, 'UTF8')")} WHERE type = 'copies.result'");
        (await PageAsync()).Text.Should().Contain("rien de ce qu’il dit des copies n’est montré").And.NotContain("objets");
        (await ReadinessAsync()).Should().Match<(ReadinessState State, string[] Codes)>(r => r.State == ReadinessState.Inconclusive && r.Codes.Contains("BG3117"));
    }
}
