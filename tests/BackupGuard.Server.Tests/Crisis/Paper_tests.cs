using System.Net;
using System.Text.RegularExpressions;
using BackupGuard.Continuity.Paper;
using BackupGuard.Continuity.Runs;
using BackupGuard.Server.Features.Paper;
using BackupGuard.Server.Features.Runs;
using BackupGuard.Server.Tests.Support;
using BackupGuard.Server.Tests.Ui;
using FluentAssertions;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace BackupGuard.Server.Tests.Crisis;

/// <summary>Cards out of the printer, and back into the journal.</summary>
public sealed class Paper_tests : IAsyncLifetime
{
    private const string Password = "trois chevaux bleus";
    private const string Plan = """
        format: backupguard.runbook/v1
        id: essai
        version: 1.0.0
        title: { fr: Essai, en: Trial }
        plan: PRA
        review: { owner: dsi, reviewBy: 2027-03-31 }
        roles:
          chef: { label: { fr: Chef de salle }, deputy: { fr: Adjoint }, deputies: 2 }
          tech: { label: { fr: Technicien }, deputies: 2 }
          dir: { label: { fr: Directeur }, deputies: 2 }
        facts:
          ok: { label: { fr: Prêt }, type: truth, setBy: [chef] }
        lifecycle:
          initial: s1
          states:
            s1: { transitions: { finir: { to: fin } } }
            fin: { final: true }
        steps:
          - { id: a, in: s1, kind: manual, role: tech, card: 02-01, title: { fr: Coupez le lien }, do: ["Débranchez le câble bleu."], otherwise: { fr: Appelez le 15. }, evidence: [{ id: heure, type: datetime, required: true, label: { fr: Heure de coupure } }] }
          - { id: b, in: s1, kind: manual, role: tech, card: 02-02, needs: [a], title: { fr: Notez }, countersign: { by: dir } }
          - { id: e, in: s1, kind: manual, role: tech, card: 02-04, title: { fr: Prévenez } }
          - { id: old, in: s1, kind: manual, role: tech, card: 02-09, title: { fr: Ancienne étape } }
          - id: d
            in: s1
            kind: decision
            role: chef
            card: 02-03
            question: { fr: On coupe ? }
            options: [{ id: oui, label: { fr: Oui }, sets: { ok: true } }, { id: non, label: { fr: Non }, sets: { ok: false } }]
            rationale: required
            approvals: { quorum: 2, roles: [chef, dir] }
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("backupguard-paper-").FullName;
    private TestServer server = null!;      // these three are set by InitializeAsync before every test
    private HttpClient anne = null!;
    private string run = "";

    private RunJournal Journal => server.Services.GetRequiredService<RunJournal>();

    public async Task InitializeAsync()
    {
        await File.WriteAllTextAsync(Path.Combine(folder, "essai.yaml"), Plan);
        server = TestServer.Prepare(Engine.Sqlite);
        server.Runbooks = folder;
        await server.StartAgainAsync();
        await server.AddPersonAsync("anne", Password, "secretaire", "administrateur");
        await server.AddPersonAsync("bob", Password, "chef", "dir");
        await server.AddPersonAsync("lea", Password, "lecteur");
        anne = await SignedInAsync("anne");
        var id = Regex.Match(await anne.GetStringAsync("/runbooks"), "name=\"conduite\" value=\"([^\"]+)\"").Groups[1].Value;
        using var started = await anne.SubmitAsync("/runbooks", "/runbooks/essai/demarrer", ("mode", "exercice"), ("conduite", id));
        run = started.Headers.Location!.ToString();
    }

    public async Task DisposeAsync()
    {
        anne.Dispose();
        await server.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_card_says_all_that_somebody_without_a_screen_needs_and_carries_a_code_without_names()
    {
        var page = await PageAsync(run + "/cartes");
        Accessibility.Problems(page, "fr").Should().BeEmpty();
        var card = page.All("article").First();

        card.Value.Should().Contain("02-01").And.Contain("Coupez le lien").And.Contain("Débranchez le câble bleu.").And.Contain("Si ça ne marche pas").And.Contain("Technicien")
            .And.Contain("Nom en capitales").And.Contain("Initiales").And.Contain("Heure de coupure").And.Contain("EXERCICE").And.Contain("page 1/5").And.Contain("version 1.0.0");
        page.All("div").Should().Contain(d => (string?)d.Attribute("class") == "watermark");
        var code = CardCode.Parse(Codes(page)[0])!;
        code.Should().Be(CardCode.OfRun(RunId, "a", 1, (await Journal.LoadAsync(RunId, CancellationToken.None))!.Definition.Sha256));
        var decision = page.All("article").Single(a => a.Value.Contains("On coupe", StringComparison.Ordinal)).Value;
        decision.Should().Contain("Oui").And.Contain("Prêt = oui").And.Contain("2 voix sont nécessaires").And.Contain("Chef de salle, Directeur").And.Contain("Motif, obligatoire").And.Contain("Reporter ou refuser");

        var plan = await PageAsync("/runbooks/essai/cartes?role=chef");
        Accessibility.Problems(plan, "fr").Should().BeEmpty();
        plan.All("article").Should().ContainSingle().Which.Value.Should().Contain("☐ crise réelle");
        CardCode.Parse(Codes(plan)[0])!.Attempt.Should().Be(0);
        (await PageAsync(run + "/cartes?feuilles=2&de=7")).All("article").Select(a => a.Element("footer")!.Value).Should().HaveCount(2).And.Contain(f => f.Contains("feuille 8", StringComparison.Ordinal));
        foreach (var path in new[] { "/cartes?toutes=1", "/cartes?nulles=1", "/cartes?feuilles=1", "/papier", "/papier?carte=02-01", "/papier?carte=02-03", "/papier?carte=xx" })
        {
            var answer = await anne.GetAsync(run + path + "&lang=en".Replace('&', path.Contains('?') ? '&' : '?'));
            Accessibility.Problems(HtmlPage.Parse(await answer.Content.ReadAsStringAsync()), "en").Should().BeEmpty(path);
        }
    }

    [Fact]
    public async Task A_card_is_entered_by_its_number_with_both_hours_and_both_names()
    {
        server.Clock.Advance(TimeSpan.FromHours(2));

        (await SendAsync("02-01", ("heure", "11h30"), ("nom", "JEANNE MOREL"), ("initiales", "JM"), ("issue", "fait"), ("preuve-heure", "11:25"), ("remarque", "au sous-sol")))
            .Should().StartWith(run + "/papier?fait=");

        var done = (await EventsAsync()).OfType<StepCompleted>().Single();
        done.OccurredAt.Should().Be(new DateTimeOffset(2026, 11, 21, 11, 30, 0, TimeSpan.Zero), "an hour alone was in the last 24 hours, not in the next, although that is nearer");
        done.RecordedAt.Should().Be(server.Clock.GetUtcNow());
        done.Evidence["heure"].Should().Be("2026-11-21T11:25Z");
        (done.Paper!.Performer, done.Paper.Initials, done.Actor.Name).Should().Be(("JEANNE MOREL", "JM", "anne"));
        var page = await PageAsync(run + "/papier?fait=" + done.CommandId);
        page.Text.Should().Contain("Inscrit. Carte suivante.").And.Contain("1 carte ressaisie").And.Contain("JEANNE MOREL");
        page.All("input").Single(i => i.Attribute("autofocus") is not null).Attribute("name")!.Value.Should().Be("carte", "the next card begins with its number");
    }

    [Fact]
    public async Task The_code_opens_the_card_also_without_hyphens_and_a_wrong_character_opens_nothing()
    {
        var code = Codes(await PageAsync(run + "/cartes"))[2];

        (await PageAsync(run + "/papier?carte=" + code.Replace("-", "", StringComparison.Ordinal).ToLowerInvariant())).Text.Should().Contain("02-04 Prévenez");
        (await PageAsync(run + "/papier?carte=" + (code[0] == '2' ? '3' : '2') + code[1..], HttpStatusCode.BadRequest)).Text.Should().Contain("un caractère du code est faux");
        (await PageAsync(run + "/papier?carte=" + CardCode.OfRun("une-autre", "e", 1, "00"), HttpStatusCode.BadRequest)).Text.Should().Contain("autre conduite");
        var plan = Codes(await PageAsync("/runbooks/essai/cartes"))[2];
        (await PageAsync(run + "/papier?carte=" + plan)).Text.Should().Contain("02-04 Prévenez", "a card of the plan may be used in a run of it");
        (await PageAsync(run + "/papier?carte=" + CardCode.OfPlan("essai", "e", "autre texte"))).Text.Should().Contain("imprimée d’un autre texte");

        await SendAsync(code, ("heure", "21:30"), ("nom", "J"), ("issue", "fait"));
        (await EventsAsync()).OfType<StepCompleted>().Single().Paper.Should().Be(new PaperSource(code, 1, "J", ""));
    }

    [Fact]
    public async Task Without_a_readable_hour_nothing_is_recorded_and_nothing_typed_is_lost()
    {
        foreach (var (hour, reason) in new[] { ("", "L’heure notée sur la carte manque"), ("vers midi", "L’heure n’est pas lisible") })
        {
            using var answer = await anne.SubmitAsync(run + "/papier?carte=02-04", run + "/papier", ("commande", "c" + hour.Length), ("carte", "02-04"), ("heure", hour), ("nom", "JEANNE"), ("remarque", "deux appels"), ("issue", "fait"));
            answer.StatusCode.Should().Be(HttpStatusCode.BadRequest);
            var page = HtmlPage.Parse(await answer.Content.ReadAsStringAsync());
            page.Text.Should().Contain("Rien n’a été inscrit").And.Contain(reason);
            page.All("input").Select(i => i.Attribute("value")?.Value).Should().Contain(["JEANNE", "deux appels"]);
        }
        (await EventsAsync()).Should().NotContain(e => e.Paper != null);
    }

    [Fact]
    public async Task A_decision_waits_for_a_second_person_who_compares_the_copy()
    {
        await SendAsync("02-03", ("heure", "21:10"), ("nom", "PAUL"), ("issue", "decide"), ("choix", "oui"), ("remarque", "le réseau brûle"),
            ("voix-nom-1", "PAUL"), ("voix-role-1", "chef"), ("voix-nom-2", "MARIE"), ("voix-role-2", "dir"));

        var mine = await PageAsync(run + "/papier");
        mine.Text.Should().Contain("Copies à confirmer").And.Contain("MARIE (Directeur)").And.NotContain("Copie exacte", "whoever copied cannot confirm");
        (await EventsAsync()).OfType<DecisionMade>().Should().BeEmpty();

        using var bob = await SignedInAsync("bob");
        var html = await bob.GetStringAsync(run + "/papier");
        var request = Regex.Match(html, "name=\"demande\" value=\"([^\"]+)\"").Groups[1].Value;
        await bob.SubmitAsync(run + "/papier", run + "/voix", ("commande", "bob-1"), ("demande", WebUtility.HtmlDecode(request)), ("voix", "pour"));
        var made = (await EventsAsync()).OfType<DecisionMade>().Single();
        (made.Option, made.OccurredAt).Should().Be(("oui", new DateTimeOffset(2026, 11, 21, 21, 10, 0, TimeSpan.Zero)));
    }

    [Fact]
    public async Task Too_few_signatures_on_a_decision_card_are_refused_and_the_form_stays_filled()
    {
        using var answer = await anne.SubmitAsync(run + "/papier?carte=02-04", run + "/papier", ("commande", "x"), ("carte", "02-03"), ("heure", "21:10"), ("nom", "PAUL"), ("issue", "decide"), ("choix", "non"), ("remarque", "motif"), ("voix-nom-1", "PAUL"), ("voix-role-1", "chef"));

        answer.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        (await answer.Content.ReadAsStringAsync()).Should().Contain("2 signatures").And.Contain("value=\"motif\"");
    }

    [Fact]
    public async Task A_void_card_and_one_that_came_too_late_are_kept_as_facts_and_change_nothing()
    {
        await SendAsync("02-04", ("heure", "21:30"), ("nom", "J"), ("issue", "fait"));
        var late = await SendAsync("02-04", ("heure", "21:40"), ("nom", "K"), ("issue", "fait"), ("remarque", "encore"));
        (await PageAsync(late)).Text.Should().Contain("Gardé comme un fait, sans effet sur le plan");
        (await EventsAsync()).OfType<StepCompleted>().Should().ContainSingle();

        await AmendAsync();
        (await PageAsync(run + "/cartes?nulles=1")).Text.Should().Contain("02-09").And.Contain("plus utile");
        (await PageAsync(run + "/cartes")).Text.Should().NotContain("Ancienne étape").And.Contain("avenant 1");
        (await PageAsync(run + "/papier?carte=02-09")).Text.Should().Contain("Carte nulle").And.Contain("plus utile");
        await SendAsync("02-09", ("heure", "21:50"), ("nom", "L"), ("issue", "fait"), ("remarque", "fait avant l’avenant"));
        (await EventsAsync()).OfType<EntryNoted>().Single().Text.Should().Contain("CARTE NULLE 02-09").And.Contain("fait avant l’avenant");
    }

    [Fact]
    public async Task What_a_countersigner_wrote_on_paper_is_kept_and_their_visa_is_still_asked_for()
    {
        await SendAsync("02-01", ("heure", "21:30"), ("nom", "J"), ("issue", "fait"), ("preuve-heure", "21:20"));
        var answer = await SendAsync("02-02", ("heure", "21:40"), ("nom", "J"), ("issue", "fait"), ("second", "MARIE à 21:45"));

        (await PageAsync(answer)).Text.Should().Contain("Une autre personne doit encore vérifier ou viser");
        (await EventsAsync()).OfType<StepCompleted>().Last().Should().Match<StepCompleted>(e => e.Next == StepState.ToCountersign && e.Note.Contains("MARIE à 21:45"));
    }

    [Fact]
    public async Task The_same_form_sent_twice_is_one_card_and_a_reader_enters_none()
    {
        (string, string)[] card = [("commande", "une-fois"), ("carte", "02-04"), ("heure", "21:30"), ("nom", "J"), ("issue", "probleme"), ("remarque", "porte fermée")];
        await anne.SubmitAsync(run + "/papier?carte=02-04", run + "/papier", card);
        await anne.SubmitAsync(run + "/papier?carte=02-04", run + "/papier", card);
        (await EventsAsync()).OfType<StepFailed>().Should().ContainSingle();

        using var lea = await SignedInAsync("lea");
        (await lea.GetStringAsync(run + "/papier")).Should().NotContain("name=\"carte\"");
        (await lea.SubmitAsync("/runbooks", run + "/papier", card)).StatusCode.Should().Be(HttpStatusCode.Forbidden);
    }

    [Fact]
    public void Each_code_is_drawn_in_squares_with_the_quiet_zone_that_readers_need()
    {
        var picture = QrPicture.Of("K7F2-M9QR-3ACX");

        picture.Size.Should().Be(21 + 8, "version 1 holds it, with four empty squares on each side");
        Regex.Matches(picture.Path, @"M(\d+) (\d+)").Select(m => (Number(m.Groups[1]), Number(m.Groups[2]))).Should().OnlyContain(p => p.Item1 >= 4 && p.Item2 >= 4 && p.Item1 < 25 && p.Item2 < 25);
    }

    private static int Number(Group group) => int.Parse(group.Value, System.Globalization.CultureInfo.InvariantCulture);

    private string RunId => run.Split('/')[^1];

    private static IReadOnlyList<string> Codes(HtmlPage page) => [.. page.All("p").Where(p => (string?)p.Attribute("class") == "code").Select(p => p.Value)];

    private async Task AmendAsync()
    {
        var text = string.Join('\n', Plan.Split('\n').Where(l => !l.Contains("id: old,", StringComparison.Ordinal))).Replace("version: 1.0.0", "version: 1.1.0", StringComparison.Ordinal);
        var (ann, bob) = (new Actor("anne", "anne"), new Actor("bob", "bob"));
        (await Journal.ExecuteAsync(new ProposeAmendment(text, new Dictionary<string, string> { ["old"] = "plus utile" }, "Plan court") { RunId = RunId, CommandId = "avenant", Actor = ann, Now = server.Clock.GetUtcNow() })).Should().BeOfType<RunAnswer.Done>();
        (await Journal.ExecuteAsync(new CastVote("avenant", true) { RunId = RunId, CommandId = "visa", Actor = bob, Role = "dir", Now = server.Clock.GetUtcNow() })).Should().BeOfType<RunAnswer.Done>();
    }

    private async Task<IReadOnlyList<RunEvent>> EventsAsync() => (await Journal.LoadAsync(RunId, CancellationToken.None))!.Events;

    private static int commands;

    private async Task<string> SendAsync(string card, params (string, string)[] fields)
    {
        using var answer = await anne.SubmitAsync(run + "/papier?carte=" + card, run + "/papier", [("commande", $"p{Interlocked.Increment(ref commands)}"), ("carte", card), .. fields]);
        answer.StatusCode.Should().Be(HttpStatusCode.Redirect, await answer.Content.ReadAsStringAsync());
        return answer.Headers.Location!.ToString();
    }

    private async Task<HttpClient> SignedInAsync(string name)
    {
        var browser = server.Browser();
        browser.DefaultRequestHeaders.AcceptLanguage.ParseAdd("fr");
        (await browser.SignInAsync(name, Password)).StatusCode.Should().Be(HttpStatusCode.Redirect);
        return browser;
    }

    private async Task<HtmlPage> PageAsync(string path, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using var answer = await anne.GetAsync(path);
        answer.StatusCode.Should().Be(expected, path);
        return HtmlPage.Parse(await answer.Content.ReadAsStringAsync());
    }
}
