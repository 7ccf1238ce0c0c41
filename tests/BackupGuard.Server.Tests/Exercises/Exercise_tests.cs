using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using BackupGuard.Continuity.Runs;
using BackupGuard.Server.Features.Runs;
using BackupGuard.Server.Tests.Support;
using BackupGuard.Server.Tests.Ui;
using FluentAssertions;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace BackupGuard.Server.Tests.Exercises;

/// <summary>An exercise through real pages over a real socket: who may see what, and what the report says of what nobody looked at.</summary>
public sealed class Exercise_tests(ExerciseServer server) : IClassFixture<ExerciseServer>
{
    private const string Beginner = ExerciseServer.Beginner;

    [Fact]
    public async Task The_page_of_exercises_says_what_each_needs_and_reminds_of_opssies_before_anything_is_started()
    {
        var ines = await SignedInAsync("ines");
        await File.WriteAllTextAsync(Path.Combine(server.Books, "faute.yaml"), "format: backupguard.exercise/v1\nid: faute\n");

        var page = await TextAsync(ines, "/exercices");
        File.Delete(Path.Combine(server.Books, "faute.yaml"));

        page.Should().Contain("Découverte de nuit").And.Contain("débutant").And.Contain("2 h 30").And.Contain("Mettre OPSSIES à jour avant l’exercice").And.Contain("un test de restauration n’en est pas un");
        page.Should().Contain("faute.yaml").And.Contain("Il manque la clé « title »", "a broken exercise is shown with its reasons");
        page.Should().NotContain("accès distant de prestataire", "what really happened is for facilitators alone");
        (await TextAsync(ines, "/runbooks")).Should().NotContain("debutant-decouverte", "an exercise is no runbook").And.Contain("2 runbooks ici");
    }

    [Fact]
    public async Task A_player_sees_what_was_played_for_their_role_and_nothing_of_what_is_to_come()
    {
        var (ines, paul, rose) = (await SignedInAsync("ines"), await SignedInAsync("paul"), await SignedInAsync("rose"));
        var run = await StartAsync(ines);
        await PlayAsync(ines, run, "debex", "s-01");

        (await TextAsync(paul, run)).Should().Contain("Tous mes écrans sont noirs").And.Contain("Technicien de garde du laboratoire").And.NotContain("L’imprimante de cardiologie");
        (await TextAsync(rose, run)).Should().Contain("Aucun message pour vos rôles").And.NotContain("Tous mes écrans sont noirs");
        foreach (var page in new[] { "/exercice", "/exercice/observation", "/exercice/retex", "/exercice/rapport" })
        {
            (await paul.GetAsync(run + page)).StatusCode.Should().Be(HttpStatusCode.Forbidden, "{0} would give the plot away", page);
        }

        await PlayAsync(ines, run, "finex");
        (await TextAsync(paul, run + "/exercice/rapport")).Should().Contain("Compte-rendu", "after FINEX there is nothing left to give away");
        (await paul.GetAsync(run + "/exercice")).StatusCode.Should().Be(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task The_facilitator_sees_planned_and_real_and_what_the_journal_shows_beside_what_people_saw()
    {
        var (ines, paul, omar) = (await SignedInAsync("ines"), await SignedInAsync("paul"), await SignedInAsync("omar"));
        var run = await StartAsync(ines);
        (await TextAsync(ines, run + "/exercice")).Should().Contain("DEBEX n’est pas annoncé").And.Contain("Il est 3 h 10");
        await PlayAsync(ines, run, "debex");
        server.Clock.Advance(TimeSpan.FromMinutes(5));
        await PlayAsync(ines, run, "s-02");
        server.Clock.Advance(TimeSpan.FromMinutes(4));
        await PostAsync(paul, run + "/passages/alerter", ("motif", "Note de rançon"), ("preuve-prise-de-connaissance", "22:05"), ("role", ""));
        await PostAsync(omar, run + "/exercice/observation", ("stimulus", "s-02"), ("reaction", "partielle"), ("remarque", "T0 oublié"));

        var row = Row(await ines.GetStringAsync(run + "/exercice"), "s-02");

        row.Should().Contain(Hour(4)).And.Contain($"vu à {Hour(0)}, dans la tolérance").And.Contain("partielle (1)");
        Row(await ines.GetStringAsync(run + "/exercice"), "s-01").Should().Contain("en retard").And.Contain("pas encore joué").And.Contain("non observé");
        (await PostAsync(ines, run + "/exercice", ("stimulus", "s-02"), ("remarque", ""))).Headers.Location!.ToString().Should().Contain("?refus=", "an inject is played once");
    }

    [Fact]
    public async Task Observers_may_score_though_they_may_not_act_and_do_not_see_each_others_scores()
    {
        var (ines, omar, oona, lea) = (await SignedInAsync("ines"), await SignedInAsync("omar"), await SignedInAsync("oona"), await SignedInAsync("lea"));
        var run = await StartAsync(ines);

        await PostAsync(omar, run + "/exercice/observation", ("critere", "c-01"), ("note", "0"), ("remarque", "personne"));
        (await TextAsync(omar, run + "/exercice/observation")).Should().Contain("Votre note : 0 : Personne n’a alerté");
        (await TextAsync(oona, run + "/exercice/observation")).Should().NotContain("Votre note").And.NotContain("personne à");
        await PostAsync(oona, run + "/exercice/observation", ("critere", "c-01"), ("note", "3"), ("remarque", ""));

        Row(await ines.GetStringAsync(run + "/exercice/rapport"), "c-01").Should().Contain("0, 3").And.Contain("contradiction");
        var paul = await SignedInAsync("paul");
        (await TextAsync(omar, run + "/main-courante")).Should().MatchRegex(@"observation c-01 \([^)]+\) : 0 sur 3");
        (await TextAsync(paul, run + "/main-courante")).Should().Contain("observation c-01 : 0 sur 3", "what is looked at is not told to those who play");
        await PlayAsync(ines, run, "debex", "finex");
        (await TextAsync(paul, run + "/main-courante")).Should().Contain("message FINEX joué").And.MatchRegex(@"observation c-01 \([^)]+\) : 0 sur 3");
        foreach (var (who, path, fields) in new (HttpClient, string, (string, string)[])[]
        {
            (omar, "/exercice", [("stimulus", "debex"), ("remarque", "")]),
            (omar, "/main-courante", [("type", "fait"), ("texte", "X")]),
            (lea, "/exercice/observation", [("critere", "c-01"), ("note", "3"), ("remarque", "")]),
            (lea, "/exercice/retex", [("acte", "chaud"), ("texte", "X")]),
            (omar, "/exercice/reel", [("conduite", "r-1"), ("confirme", "oui")]),
        })
        {
            (await PostAsync(who, run + path, fields)).StatusCode.Should().Be(HttpStatusCode.Forbidden, path);
        }
    }

    [Fact]
    public async Task What_is_going_to_happen_is_not_read_in_the_evidence_by_those_who_play()
    {
        var (ines, omar, paul) = (await SignedInAsync("ines"), await SignedInAsync("omar"), await SignedInAsync("paul"));
        var run = await StartAsync(ines);
        var entry = Regex.Match(await ines.GetStringAsync("/preuves"), @"/preuves/(\d+)""[^>]*>[^<]*</a>(?:(?!</tr>).)*run\.annex-pinned", RegexOptions.Singleline).Groups[1].Value;
        const string inject = "imprimante de cardiologie";
        (await TextAsync(ines, "/preuves/" + entry)).Should().Contain(inject);
        (await TextAsync(omar, "/preuves/" + entry)).Should().Contain(inject);

        (await TextAsync(paul, "/preuves/" + entry)).Should().NotContain(inject).And.Contain("un exercice qui se joue encore").And.Contain("entière et signée");
        (await paul.GetAsync($"/preuves/{entry}/octets")).StatusCode.Should().Be(HttpStatusCode.Forbidden);
        (await paul.GetAsync($"/preuves/{entry}/inclusion")).StatusCode.Should().Be(HttpStatusCode.OK, "that it is there may be proved by everybody");
        var pack = await paul.GetAsync("/preuves/dossier?du=2020-01-01");
        pack.StatusCode.Should().Be(HttpStatusCode.Forbidden);
        Text(await pack.Content.ReadAsStringAsync()).Should().Contain("BG2124");
        (await ines.GetAsync("/preuves/dossier?du=2020-01-01")).StatusCode.Should().Be(HttpStatusCode.OK);

        await PlayAsync(ines, run, "debex", "finex");
        (await TextAsync(paul, "/preuves/" + entry)).Should().Contain(inject);
        (await paul.GetAsync($"/preuves/{entry}/octets")).StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("critere", "c-99", "note", "3")]
    [InlineData("critere", "c-01", "note", "")]
    [InlineData("stimulus", "s-99", "reaction", "attendue")]
    [InlineData("stimulus", "s-01", "reaction", "verte")]
    [InlineData("stimulus", "s-01", "reaction", "")]
    public async Task What_this_exercise_does_not_have_is_not_noted(string subject, string id, string field, string value)
    {
        var (ines, omar) = (await SignedInAsync("ines"), await SignedInAsync("omar"));
        var run = await StartAsync(ines);

        (await PostAsync(omar, run + "/exercice/observation", (subject, id), (field, value))).StatusCode.Should().Be(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task An_exercise_that_nobody_observed_says_so_and_calls_nothing_reached()
    {
        var ines = await SignedInAsync("ines");
        var run = await StartAsync(ines);
        await PlayAsync(ines, run, "debex", "s-01", "s-02", "finex");

        var html = await ines.GetStringAsync(run + "/exercice/rapport");

        Text(html).Should().Contain("Rien n’a été observé. Cet exercice ne prouve rien").And.Contain("EXERCICE").And.Contain("Stimuli joués : 2 sur 18").And.Contain("s-03 : stimulus non joué");
        html.Should().NotContain("class=\"state proven\"", "nothing is green that nobody looked at");
        Regex.Count(html, "class=\"state unproven\"").Should().Be(4);
    }

    [Fact]
    public async Task Lessons_actions_and_reminders_are_kept_with_who_and_when_and_stand_in_the_report()
    {
        var (ines, omar, paul) = (await SignedInAsync("ines"), await SignedInAsync("omar"), await SignedInAsync("paul"));
        var run = await StartAsync(ines);
        await PlayAsync(ines, run, "debex", "finex");

        await PostAsync(paul, run + "/exercice/retex", ("acte", "chaud"), ("texte", "L’annuaire papier était faux"));
        await PostAsync(omar, run + "/exercice/retex", ("acte", "froid"), ("texte", "Deux numéros sur dix"));
        await PostAsync(paul, run + "/exercice/retex", ("acte", "action"), ("texte", "Refaire l’annuaire"), ("pilote", "Qualité"), ("echeance", "2026-11-20"));
        await PostAsync(ines, run + "/exercice/retex", ("acte", "cocher"), ("rappel", "opssies-apres"), ("remarque", "capture 12"));
        var refused = await PostAsync(paul, run + "/exercice/retex", ("acte", "action"), ("texte", "Vague"), ("pilote", "Qualité"), ("echeance", "bientôt"));

        refused.Headers.Location!.ToString().Should().Contain("?refus=", "an action has a date");
        var report = await TextAsync(ines, run + "/exercice/rapport");
        report.Should().Contain("L’annuaire papier était faux").And.Contain("Deux numéros sur dix").And.Contain("ouverte, en retard").And.Contain("fait par ines").And.Contain("capture 12").And.NotContain("Vague");
        var close = Regex.Match(await paul.GetStringAsync(run + "/exercice/retex"), "name=\"action\" value=\"([^\"]+)\"").Groups[1].Value;
        await PostAsync(paul, run + "/exercice/retex", ("acte", "clore"), ("action", close), ("remarque", "annuaire du 24"));
        (await TextAsync(ines, run + "/exercice/rapport")).Should().Contain("close : annuaire du 24");
    }

    [Fact]
    public async Task A_live_run_has_none_of_these_pages_and_takes_none_of_these_forms()
    {
        var ines = await SignedInAsync("ines");
        var exercise = await StartAsync(ines);
        var answer = await PostAsync(ines, exercise + "/exercice/reel", ("conduite", "r-reel"), ("confirme", "oui"));
        var live = answer.Headers.Location!.ToString();

        live.Should().Be("/conduites/r-reel");
        foreach (var page in new[] { "/exercice", "/exercice/observation", "/exercice/retex", "/exercice/rapport" })
        {
            (await ines.GetAsync(live + page)).StatusCode.Should().Be(HttpStatusCode.NotFound, page);
        }
        foreach (var (page, fields) in new (string, (string, string)[])[]
        {
            ("/exercice", [("stimulus", "debex")]), ("/exercice/observation", [("critere", "c-01"), ("note", "3")]), ("/exercice/retex", [("acte", "chaud"), ("texte", "X")]),
            ("/exercice/reel", [("conduite", "r-2"), ("confirme", "oui")]),
        })
        {
            (await PostAsync(ines, live + page, fields)).StatusCode.Should().Be(HttpStatusCode.NotFound, page);
        }
        (await ines.GetStringAsync(live)).Should().NotContain("EXERCICE").And.NotContain("t-received");
    }

    [Fact]
    public async Task A_real_incident_starts_another_run_that_copies_nothing_and_each_log_names_the_other()
    {
        var ines = await SignedInAsync("ines");
        var exercise = await StartAsync(ines);
        await PlayAsync(ines, exercise, "debex", "s-01");
        (await PostAsync(ines, exercise + "/exercice/reel", ("conduite", "r-reel-2"))).Headers.Location!.ToString().Should().Be(exercise + "/exercice", "the box was not ticked");

        await PostAsync(ines, exercise + "/exercice/reel", ("conduite", "r-reel-2"), ("confirme", "oui"));

        var live = (await server.Services.GetRequiredService<RunJournal>().LoadAsync("r-reel-2", CancellationToken.None))!;
        (live.Started.Mode, live.Started.RunbookId, live.State.Annexes.ContainsKey("exercise"), live.State.Exercise.Played.Count).Should().Be((RunMode.Live, "plan-blanc-numerique", false, 0));
        (await TextAsync(ines, "/conduites/r-reel-2/main-courante")).Should().Contain($"adresse {exercise}").And.NotContain("Tous mes écrans");
        (await TextAsync(ines, exercise + "/main-courante")).Should().Contain("adresse /conduites/r-reel-2");
        (await ines.GetStringAsync(exercise)).Should().Contain("mode-drill", "an exercise never becomes real");
    }

    [Fact]
    public async Task What_was_pinned_at_the_start_is_played_whatever_becomes_of_the_file()
    {
        var ines = await SignedInAsync("ines");
        var run = await StartAsync(ines);
        var file = Path.Combine(server.Books, "exercises", Beginner + ".yaml");
        var text = await File.ReadAllTextAsync(file);
        await File.WriteAllTextAsync(file, "rien: du tout");
        using var back = new Restored(file, text);

        (await TextAsync(ines, run + "/exercice")).Should().Contain("Découverte de nuit").And.Contain("s-18");
    }

    [Fact]
    public async Task Without_an_exercise_file_the_runbooks_own_injects_are_played()
    {
        var ines = await SignedInAsync("ines");
        (await ines.SubmitAsync("/runbooks", "/runbooks/exercice-de-crise/demarrer", ("mode", "exercice"), ("conduite", "r-seul"))).StatusCode.Should().Be(HttpStatusCode.Redirect);

        await PlayAsync(ines, "/conduites/r-seul", "debex", "i-01");

        var page = await TextAsync(ines, "/conduites/r-seul/exercice");
        page.Should().Contain("Aucun fichier d’exercice n’a été choisi").And.Contain("Les imprimantes des soins sortent une note de rançon");
        Row(await ines.GetStringAsync("/conduites/r-seul/exercice"), "i-01").Should().Contain("joué");
        (await TextAsync(ines, "/conduites/r-seul/exercice/rapport")).Should().Contain("Rien n’a été observé");
    }

    [Fact]
    public async Task Each_page_of_an_exercise_is_well_formed_and_usable_without_sight_script_or_colour()
    {
        var ines = await SignedInAsync("ines");
        var run = await StartAsync(ines);
        await PlayAsync(ines, run, "debex");
        server.Clock.Advance(TimeSpan.FromMinutes(14));
        await PlayAsync(ines, run, "s-01", "s-02", "s-03");
        await PostAsync(ines, run + "/exercice/observation", ("stimulus", "s-01"), ("reaction", "attendue"), ("remarque", "heure écrite"));
        Row(await ines.GetStringAsync(run + "/exercice"), "s-01").Should().Contain("seul un observateur peut le dire").And.Contain("attendue (1)");
        await PostAsync(ines, run + "/exercice/observation", ("critere", "c-01"), ("note", "2"), ("remarque", ""));
        await PostAsync(ines, run + "/exercice/retex", ("acte", "chaud"), ("texte", "L’annuaire papier était faux"));
        await PostAsync(ines, run + "/exercice/retex", ("acte", "action"), ("texte", "Refaire l’annuaire"), ("pilote", "Qualité"), ("echeance", "2026-12-20"));
        var kept = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "pages")).FullName;
        await File.WriteAllBytesAsync(Path.Combine(kept, "site.css"), Server.Ui.SiteFile.Style.Bytes.ToArray());
        foreach (var page in new[] { "/exercices", run, run + "/exercice", run + "/exercice/observation", run + "/exercice/retex", run + "/exercice/rapport" })
        {
            foreach (var language in new[] { "fr", "en" })
            {
                var html = await ines.GetStringAsync($"{page}?lang={language}");
                // The shared check knows the style sheet of a page without a server.
                var read = HtmlPage.Parse(Regex.Replace(html, "/site\\.css[^\"]*", "site.css"));
                Accessibility.Problems(read, language).Should().BeEmpty("{0} in {1}", page, language);
                read.Text.Should().NotContainAny("{", "System.", "BackupGuard.Server.");
                html.Length.Should().BeLessThan(300_000);
                await File.WriteAllTextAsync(Path.Combine(kept, $"exercice-{page.Split('/')[^1].Replace(run.Split('/')[^1], "conduite", StringComparison.Ordinal)}.{language}.html"), Regex.Replace(html, "/site\\.css[^\"]*", "site.css"));
            }
        }
    }

    private static async Task<string> StartAsync(HttpClient browser)
    {
        var id = Regex.Match(await browser.GetStringAsync("/exercices"), "name=\"conduite\" value=\"([^\"]+)\"").Groups[1].Value;
        var answer = await browser.SubmitAsync("/exercices", $"/exercices/{Beginner}/demarrer", ("conduite", id));
        answer.Headers.Location!.ToString().Should().Be($"/conduites/{id}/exercice", await answer.Content.ReadAsStringAsync());
        return "/conduites/" + id;
    }

    private static async Task PlayAsync(HttpClient browser, string run, params string[] injects)
    {
        foreach (var inject in injects)
        {
            (await PostAsync(browser, run + "/exercice", ("stimulus", inject), ("remarque", ""))).Headers.Location!.ToString().Should().Be(run + "/exercice");
        }
    }

    private static async Task<HttpResponseMessage> PostAsync(HttpClient browser, string path, params (string, string)[] fields) =>
        // Every page has a form (the language switch), so every page has a token.
        await browser.SubmitAsync("/runbooks", path, [("commande", $"{Guid.NewGuid():N}"), .. fields]);

    private Task<HttpClient> SignedInAsync(string name) => server.SignedInAsync(name);

    /// <summary>So many minutes ago, as the pages of a server without a catalogue write it.</summary>
    private string Hour(int minutesAgo) => server.Clock.GetUtcNow().AddMinutes(-minutesAgo).ToString("HH:mm", CultureInfo.InvariantCulture);

    private static async Task<string> TextAsync(HttpClient browser, string page) => Text(await browser.GetStringAsync(page));

    private static string Text(string html) => Regex.Replace(WebUtility.HtmlDecode(Regex.Replace(html, "<[^>]+>", "")).Replace('\u00a0', ' '), "\\s+", " ");

    private static string Row(string html, string id) => Text(Regex.Match(html, $"<tr>\\s*<th scope=\"row\">\\s*{id}\\b.*?</tr>", RegexOptions.Singleline).Value);

    private sealed record Restored(string File, string Text) : IDisposable
    {
        public void Dispose() => global::System.IO.File.WriteAllText(File, Text);
    }
}
