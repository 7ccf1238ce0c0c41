using System.Net;
using BackupGuard.Server.Features.Fleet;
using BackupGuard.Server.Tests.Support;
using BackupGuard.Server.Ui;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Server.Tests.Ui;

/// <summary>The pages of a running server, over a real socket, as a browser without script sees them.</summary>
public sealed class SiteTests : IAsyncLifetime
{
    private const string Catalogue = """
        format: backupguard.catalogue/v1
        establishment: CH de Valmont
        timeZone: Indian/Reunion
        applications:
          - id: dpi
            name: Dossier patient
            nameEn: Health record
            service: Urgences
            vital: true
            dmia: PT8H
            pdma: PT2H
          - id: sil
            name: SIL
        """;

    private TestServer server = null!;
    private HttpClient browser = null!;

    public async Task InitializeAsync()
    {
        server = await TestServer.StartAsync(catalogue: Catalogue);
        await server.AddPersonAsync("claire", "trois chevaux bleus", "lecteur");
        browser = server.Browser();
        (await browser.SignInAsync("claire", "trois chevaux bleus")).StatusCode.Should().Be(HttpStatusCode.Redirect);
    }

    public async Task DisposeAsync()
    {
        browser.Dispose();
        await server.DisposeAsync();
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/?tri=age")]
    [InlineData("/?tri=%3Cscript%3E")]
    [InlineData("/applications/dpi")]
    [InlineData("/tests")]
    [InlineData("/tests?montrer=echecs&page=-3")]
    [InlineData("/tests/calendrier")]
    [InlineData("/preuves")]
    [InlineData("/preuves/0")]
    [InlineData("/rapport")]
    [InlineData("/connexion")]
    [InlineData("/connexion?code=%22%3E%3Cb%3E")]
    public async Task Every_page_answers_in_both_languages(string path)
    {
        await SendDrillsAsync();

        Accessibility.Problems(await PageAsync(path), "fr").Should().BeEmpty();
        Accessibility.Problems(await PageAsync(path + (path.Contains('?') ? "&" : "?") + "lang=en"), "en").Should().BeEmpty();
    }

    [Fact]
    public async Task A_signed_drill_reaches_the_portfolio_the_application_and_its_evidence_page()
    {
        await SendDrillsAsync();

        var portfolio = await PageAsync("/");
        portfolio.Text.Should().Contain("Dossier patient").And.Contain("Prouvé").And.Contain("1 application sur 2 n’est pas prouvée.");
        var application = await PageAsync("/applications/dpi");
        application.Text.Should().Contain("Oui\u00a0: Dossier patient serait de retour à temps.").And.Contain("10\u00a0min");
        var link = application.All("a").First(a => a.Attribute("href")!.Value.StartsWith("/preuves/", StringComparison.Ordinal)).Attribute("href")!.Value;
        var evidence = await PageAsync(link);
        evidence.Text.Should().Contain("est authentique").And.Contain("agent:sauv-1").And.Contain("dpi-weekly");
        (await browser.GetStringAsync(link + "/octets")).Should().Contain("\"drill\":\"dpi-weekly\"").And.StartWith("{");
        (await browser.GetStringAsync(link + "/inclusion")).Should().StartWith("c2sp.org/tlog-proof@v1");
    }

    [Fact]
    public async Task What_an_agent_planned_and_did_not_bring_is_overdue_until_its_key_is_retired()
    {
        using var agent = TestAgent.Named("sauv-1");
        using var client = server.Browser();
        await agent.EnrolAsync(server, client);
        (await PageAsync("/tests/calendrier")).Text.Should().Contain("personne ne sait ce qui devrait être regardé");

        static string Plan(string next) => $$"""{"schema":"backupguard.queue/v1","at":"2026-11-21T21:00:00Z","jobs":[{"job":"drill:dpi-weekly","application":"dpi","state":"planned","nextAt":"{{next}}","lastAt":null}]}""";
        await agent.SendAsync(client, agent.Next("calendar.plan", payload: Plan("2099-01-01T00:00:00Z")));
        (await PageAsync("/tests/calendrier")).Text.Should().Contain("1 prévu.").And.Contain("dpi-weekly");
        await agent.SendAsync(client, agent.Next("calendar.plan", payload: Plan("2026-11-01T02:00:00Z")), agent.Next("calendar.plan", payload: "{}"));
        (await PageAsync("/tests")).Text.Should().Contain("1 travail en retard.");

        (await AgentVerbs.RevokeAsync(server.Log, "sauv-1")).Should().BeTrue();
        (await PageAsync("/tests/calendrier")).Text.Should().Contain("personne ne sait ce qui devrait être regardé");
    }

    [Fact]
    public async Task Times_are_told_in_the_zone_of_the_catalogue() => (await PageAsync("/")).All("footer").Single().Value.Should().Contain("(UTC+4)").And.Contain("Indian/Reunion");

    [Fact]
    public async Task The_language_is_kept_and_the_reader_comes_back_to_the_page()
    {
        var answer = await browser.SubmitAsync("/tests?montrer=tests", "/langue", ("langue", "en"), ("retour", "/tests?montrer=tests"));

        answer.StatusCode.Should().Be(HttpStatusCode.Redirect);
        answer.Headers.Location!.OriginalString.Should().Be("/tests?montrer=tests");
        (await PageAsync("/rapport")).Root.Attribute("lang")!.Value.Should().Be("en");
    }

    [Theory]
    [InlineData("https://ailleurs.example/")]
    [InlineData("//ailleurs.example/")]
    [InlineData("")]
    public async Task The_language_switch_never_leads_elsewhere(string back)
    {
        var answer = await browser.SubmitAsync("/", "/langue", ("langue", "xx"), ("retour", back));

        answer.Headers.Location!.OriginalString.Should().Be("/");
    }

    [Fact]
    public async Task What_does_not_exist_gets_a_page_that_says_what_to_do()
    {
        foreach (var path in new[] { "/rien", "/applications/rien", "/preuves/999", "/preuves/-1" })
        {
            var answer = await browser.GetAsync(path);
            answer.StatusCode.Should().Be(HttpStatusCode.NotFound);
            var page = HtmlPage.Parse(await answer.Content.ReadAsStringAsync());
            Accessibility.Problems(page, "fr").Should().BeEmpty();
            page.Text.Should().Contain("Cette page n’existe pas").And.Contain("Que faire maintenant");
        }
    }

    [Fact]
    public async Task A_log_that_was_changed_behind_the_servers_back_is_called_untrustworthy_and_shows_nothing()
    {
        await SendDrillsAsync();
        server.Sql("UPDATE entries SET entry = replace(CAST(entry AS TEXT), 'dpi-weekly', 'dpi-faked!') WHERE CAST(entry AS TEXT) LIKE '%dpi-weekly%'");

        var list = await PageAsync("/preuves");
        list.Text.Should().Contain("ne vous y fiez pas").And.NotContain("dpi-faked");
        (await PageAsync("/preuves/" + await DrillSequenceAsync())).Text.Should().Contain("ne vous y fiez pas").And.NotContain("dpi-faked").And.NotContain("authentique");
        (await browser.GetAsync($"/preuves/{await DrillSequenceAsync()}/octets")).StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task The_style_sheet_may_be_kept_for_ever_and_pages_may_not_be_kept_at_all()
    {
        var style = await browser.GetAsync(SiteFile.Style.Href);
        style.Headers.CacheControl!.ToString().Should().Contain("immutable");
        style.Content.Headers.ContentType!.ToString().Should().Be("text/css; charset=utf-8");
        (await style.Content.ReadAsStringAsync()).Should().NotContain("url(").And.NotContain("@import", "nothing is fetched from elsewhere");

        var page = await browser.GetAsync("/");
        page.Headers.CacheControl!.NoStore.Should().BeTrue();
        page.Content.Headers.ContentType!.ToString().Should().Be("text/html; charset=utf-8");
        (await page.Content.ReadAsStringAsync()).Should().Contain(SiteFile.Style.Href);
    }

    [Fact]
    public async Task A_catalogue_with_an_error_is_said_on_the_first_page_and_the_last_good_one_stays()
    {
        await File.WriteAllTextAsync(server.CatalogueFile, Catalogue + "\n  - id: x\n    nom: faute\n");

        (await PageAsync("/")).Text.Should().Contain("Le fichier du catalogue a des erreurs").And.Contain("hopital.yaml:").And.Contain("Dossier patient");
    }

    private async Task<HtmlPage> PageAsync(string path)
    {
        var answer = await browser.GetAsync(path);
        answer.StatusCode.Should().Be(HttpStatusCode.OK, path);
        return HtmlPage.Parse(await answer.Content.ReadAsStringAsync());
    }

    private async Task SendDrillsAsync()
    {
        using var agent = TestAgent.Named("sauv-1");
        using var client = server.Browser();
        await agent.EnrolAsync(server, client);
        var receipts = await agent.SendAsync(client, agent.Next(), agent.Next("verify.result", "dpi", TestAgent.Verification()), agent.Next("drill.result", "dpi", TestAgent.Drill()));
        receipts.Should().OnlyContain(r => r.Outcome == "accepted");
    }

    private async Task<string> DrillSequenceAsync()
    {
        var page = await PageAsync("/tests?montrer=tests");
        return page.All("a").Select(a => a.Attribute("href")!.Value).First(h => h.StartsWith("/preuves/", StringComparison.Ordinal))["/preuves/".Length..];
    }
}
