using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using BackupGuard.Contracts;
using BackupGuard.Evidence;
using BackupGuard.Evidence.Packs;
using BackupGuard.Server.Persistence;
using BackupGuard.Server.Tests.Support;
using FluentAssertions;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace BackupGuard.Server.Tests.Evidence;

/// <summary>What a server hands to an auditor, judged by the verifier that the auditor has.</summary>
public sealed class Evidence_pack_tests : IAsyncLifetime
{
    private const string Catalogue = """
        format: backupguard.catalogue/v1
        establishment: CH de Valmont
        timeZone: Europe/Paris
        applications:
          - { id: dpi, name: Dossier patient, dmia: PT4H, pdma: PT24H }
          - { id: paie, name: Paie }
        """;

    private const string Objectives = """
        format: backupguard.objectives/v1
        name: Liste d'essai
        source: Texte d'essai
        objectives:
          - { code: R-1, label: Test de restauration, target: Un test, families: [restore-test], toVerify: true }
          - { code: E-1, label: Exercice, target: Un exercice, families: [exercise] }
        """;

    private readonly TestAgent agent = TestAgent.Named("sauv-1"), other = TestAgent.Named("sauv-2");
    private TestServer server = null!;      // set by InitializeAsync before every test
    private HttpClient browser = null!;     // likewise

    public async Task InitializeAsync()
    {
        server = await TestServer.StartAsync(catalogue: Catalogue, objectives: Objectives);
        await server.AddPersonAsync("claire", "trois chevaux bleus", "lecteur");
        browser = server.Browser();
        (await browser.SignInAsync("claire", "trois chevaux bleus")).StatusCode.Should().Be(HttpStatusCode.Redirect);
        await agent.EnrolAsync(server, browser);
        await other.EnrolAsync(server, browser);
        await agent.SendAsync(browser, agent.Next("drill.intent", "dpi"), agent.Next("drill.result", "dpi", TestAgent.Drill("failed"), intent: 1), agent.Next("verify.result", "dpi", TestAgent.Verification()));
        await other.SendAsync(browser, other.Next("verify.result", "paie", TestAgent.Verification()));
    }

    public async Task DisposeAsync()
    {
        browser.Dispose();
        agent.Dispose();
        other.Dispose();
        await server.DisposeAsync();
    }

    [Fact]
    public async Task A_pack_of_an_application_is_sound_and_shows_what_was_tested()
    {
        var (report, archive) = await PackAsync("application=dpi");

        report.Verdict.Should().Be(EvidenceVerdict.Sound);
        report.Manifest!.Records.Count(r => r.Why.Contains(PackReasons.Selected)).Should().Be(3);       // a sound pack has a manifest
        report.Manifest.Records.Should().Contain(r => r.Why.SequenceEqual(new[] { PackReasons.Key }), "without the registration nobody could judge the signatures");
        archive.Names.Where(PackNames.IsEarlierCheckpoint).Should().NotBeEmpty("somebody may have printed one");
        var index = Text(archive, "index.html");
        index.Should().Contain("Dossier patient").And.Contain("Échoué").And.Contain("Failed").And.Contain("Aucun exercice de crise dans ce périmètre").And.NotContain("Paie");
        Text(archive, archive.Names.Single(n => n.StartsWith("rapports/", StringComparison.Ordinal))).Should().Contain("Test de restauration").And.Contain("Restore test").And.Contain("dpi-weekly");
    }

    [Fact]
    public async Task A_report_says_whether_the_alarm_rings_and_how_times_were_measured()
    {
        var drill = System.Text.Json.JsonSerializer.Deserialize(TestAgent.Drill(), DocumentJson.Default.DrillDocument)! with       // what was just written
        {
            ScaledRtoSeconds = 7200,
            RpoMethod = "data",
            Control = new NegativeControlDocument(false, [new ControlStepDocument("count", "a table is emptied", "proved", "") { DamageFr = "une table est vidée" }]),
            Steps = [new DrillStepDocument("probe", "screen", 1, "proved", "") { Artefacts = [new ArtefactDocument("ecran.png", "image/png", new string('c', 64), 1000)] }],
        };
        await agent.SendAsync(browser, agent.Next("drill.result", "dpi", System.Text.Json.JsonSerializer.Serialize(drill, DocumentJson.Default.DrillDocument)));

        var (_, archive) = await PackAsync("application=dpi");

        var report = Text(archive, archive.Names.Where(n => n.StartsWith("rapports/", StringComparison.Ordinal)).Order(StringComparer.Ordinal).Last());
        report.Should().Contain("une question au moins n’a pas échoué").And.Contain("une table est vidée").And.Contain("a table is emptied")
            .And.Contain("d’après une date dans les données restaurées").And.Contain("rapportée à l’ensemble").And.Contain(new string('c', 64));
    }

    [Fact]
    public async Task Pages_of_a_pack_need_no_script_and_lead_nowhere_but_into_the_pack()
    {
        var (_, archive) = await PackAsync("du=2026-01-01");
        foreach (var name in archive.Names.Where(n => n.EndsWith(".html", StringComparison.Ordinal)))
        {
            var html = Text(archive, name);
            html.Should().NotContain("<script").And.NotContain("<form").And.NotContain("style=");
            foreach (var target in Regex.Matches(html, "(?:href|src)=\"([^\"#]+)\"").Select(m => m.Groups[1].Value).Distinct())
            {
                var path = new Uri(new Uri("pack:///" + name), target).AbsolutePath.TrimStart('/');
                archive.Names.Should().Contain(path, $"{name} leads to {target}");
            }
        }
    }

    [Fact]
    public async Task Restore_tests_and_exercises_stand_in_boxes_of_their_own()
    {
        await StartRunAsync("exo-1", "Exercise");
        await StartRunAsync("crise-1", "Live");

        var (tests, testPages) = await PackAsync("objectif=R-1");
        var (exercises, exercisePages) = await PackAsync("objectif=E-1");

        Types(tests, testPages).Should().OnlyContain(t => t.StartsWith("drill.", StringComparison.Ordinal));
        Types(exercises, exercisePages).Should().Equal((string[])["run.started"], "a live crisis is no exercise");
        Text(testPages, "index.html").Should().Contain("Aucun exercice de crise").And.Contain("comparée au texte officiel").And.NotContain("Aucun test de restauration");
        Text(exercisePages, "index.html").Should().Contain("Aucun test de restauration").And.NotContain("Aucun exercice de crise").And.NotContain("comparée au texte officiel");
        Text(testPages, "objective.json").Should().Contain("\"toVerify\":true");
        tests.Verdict.Should().Be(EvidenceVerdict.Sound);
        exercises.Verdict.Should().Be(EvidenceVerdict.Sound);
    }

    [Fact]
    public async Task A_gap_and_an_open_intent_are_named()
    {
        agent.Next();       // signed, and lost before it was sent
        await agent.SendAsync(browser, agent.Next("drill.intent", "dpi"));

        var (report, archive) = await PackAsync("application=dpi");

        report.Problems.Select(p => p.Code).Should().Equal((string[])["BG2010"], "nobody explained it");
        report.Manifest!.Gaps.Should().ContainSingle().Which.Should().Match<PackGap>(g => g.First == 4 && g.Last == 4 && g.DeclaredBy == null);     // it was read
        report.Manifest.OpenIntents.Should().ContainSingle();
        Text(archive, "index.html").Should().Contain("et personne ne l’explique").And.Contain("dont le résultat n’est jamais venu");
    }

    [Fact]
    public async Task Days_are_those_of_the_establishment_and_a_wrong_clock_hides_nothing()
    {
        // The entries were signed on the 21st at 21:00 UTC, 22:00 in Paris, and taken in at 22:00 UTC.
        (await PackAsync("du=2026-11-21&au=2026-11-21")).Report.Manifest!.Scope.Should().Match<PackScope>(s => s.From == "2026-11-20T23:00:00.000Z" && s.Until == "2026-11-21T23:00:00.000Z");
        (await StatusAsync("du=2026-11-22")).Should().Be(HttpStatusCode.NotFound);

        agent.Later = TimeSpan.FromDays(-3650);
        await agent.SendAsync(browser, agent.Next("drill.result", "dpi", TestAgent.Drill()));
        var (report, archive) = await PackAsync("du=2026-11-21&au=2026-11-21");
        report.Verdict.Should().Be(EvidenceVerdict.Sound);
        report.Problems.Select(p => p.Code).Should().Equal("BG2018");
        report.Manifest!.Records.Should().ContainSingle(r => r.Why.Contains(PackReasons.Received));
        Regex.Count(Text(archive, "index.html"), "rapports/test-").Should().Be(4, "two tests, in two languages");
    }

    [Fact]
    public async Task What_cannot_be_made_is_refused_with_a_reason()
    {
        (await StatusAsync("")).Should().Be(HttpStatusCode.BadRequest);
        (await StatusAsync("application=dpi&objectif=R-1")).Should().Be(HttpStatusCode.BadRequest);
        (await StatusAsync("application=unknown")).Should().Be(HttpStatusCode.BadRequest);
        (await StatusAsync("objectif=unknown")).Should().Be(HttpStatusCode.BadRequest);
        (await StatusAsync("du=21/11/2026")).Should().Be(HttpStatusCode.BadRequest);
        (await StatusAsync("du=2026-11-22&au=2026-11-20")).Should().Be(HttpStatusCode.BadRequest);
        (await StatusAsync("du=1990-01-01&au=1990-01-02")).Should().Be(HttpStatusCode.NotFound);

        server.Sql("UPDATE entries SET signature = (SELECT signature FROM entries WHERE seq = 1) WHERE seq = (SELECT max(seq) FROM entries)");
        using var answer = await browser.GetAsync("/preuves/dossier?application=dpi");
        answer.StatusCode.Should().Be(HttpStatusCode.Conflict);
        (await answer.Content.ReadAsStringAsync()).Should().Contain("BG2122").And.Contain("BG2004");
    }

    [Fact]
    public async Task Two_packs_of_one_moment_differ_in_nothing_but_the_signature()
    {
        var (one, other) = ((await PackAsync("application=dpi")).Archive, (await PackAsync("application=dpi")).Archive);
        one.Names.Should().Equal(other.Names);
        one.Names.Where(n => !one.Read(n).Span.SequenceEqual(other.Read(n).Span)).Should().BeSubsetOf([PackNames.ManifestSignature]);
    }

    private async Task StartRunAsync(string run, string mode) => await server.Log.AppendServerEntriesAsync(
        [new NewEntry("run.started", "", Encoding.UTF8.GetBytes($$"""{"mode":"{{mode}}","run":"{{run}}","runbookId":"plan-blanc"}"""))], new RunExpectation(run, null));

    private static IEnumerable<string> Types(VerificationReport report, PackArchive archive) => report.Manifest!.Records.Where(r => r.Why.Contains(PackReasons.Selected))      // a report of a pack that was read
        .Select(r => Regex.Match(Encoding.UTF8.GetString(archive.Read(PackNames.Entry(r.Index)).Span), "\"type\":\"([a-z.-]+)\"}$").Groups[1].Value);

    private async Task<HttpStatusCode> StatusAsync(string query)
    {
        using var answer = await browser.GetAsync("/preuves/dossier?" + query);
        return answer.StatusCode;
    }

    private async Task<(VerificationReport Report, PackArchive Archive)> PackAsync(string query)
    {
        var zip = await browser.GetByteArrayAsync("/preuves/dossier?" + query);
        var policy = TrustPolicy.Of(server.Services.GetRequiredService<ServerIdentity>().LogKey);
        return (PackVerifier.Verify(() => PackArchive.Open(zip), policy), PackArchive.Open(zip));
    }

    private static string Text(PackArchive archive, string name) => Encoding.UTF8.GetString(archive.Read(name).Span);
}
