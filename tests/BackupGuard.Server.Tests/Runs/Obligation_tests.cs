using System.Net;
using System.Text.RegularExpressions;
using BackupGuard.Continuity.Obligations;
using BackupGuard.Continuity.Runs;
using BackupGuard.Server.Features.Obligations;
using BackupGuard.Server.Features.Runs;
using BackupGuard.Server.Tests.Support;
using BackupGuard.Server.Tests.Ui;
using FluentAssertions;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace BackupGuard.Server.Tests.Runs;

/// <summary>The legal board through real pages over a real socket.</summary>
public sealed partial class Obligation_tests(LegalServer server) : IClassFixture<LegalServer>
{
    private const string Breach = "connaissance-violation-dcp";

    [Fact]
    public async Task From_awareness_to_a_sending_in_time_each_act_is_a_line_of_the_log()
    {
        var dora = await server.BrowserAsync("dora");
        var run = await StartRunAsync();
        Text(await dora.GetStringAsync(run + "/declarations")).Should().Contain("Aucune horloge ne court").And.Contain("texte non vérifié").And.Contain("certitude : page lue").And.Contain("adresse neutralisée");

        await PostAsync(dora, run, "/declarations/connaissance", ("evenement", Breach), ("role", "dpo"), ("heure", Typed(-60)), ("motif", "Dossiers chiffrés"));
        var board = Text(await dora.GetStringAsync(run + "/declarations"));
        board.Should().Contain("Prochaine heure limite").And.Contain("(N4A)").And.Contain("Dossiers chiffrés").And.Contain("reste 2 j");

        await PostAsync(dora, run, "/declarations/n4a/envoi", ("role", "dpo"), ("canal", "portail"), ("heure", Typed(-5)), ("preuve", "n° 4711"), ("interlocuteur", "Mme Roux"), ("retard", ""));

        Text(await dora.GetStringAsync(run + "/declarations/n4a")).Should().Contain("envoyée à temps").And.Contain("n° 4711").And.Contain("Mme Roux");
        Text(await dora.GetStringAsync(run + "/declarations")).Should().Contain("N4A-COMPLEMENT CNIL : complément", "its clock was started by the sending");
        Text(await dora.GetStringAsync(run + "/main-courante")).Should().Contain("Dossiers chiffrés").And.Contain("n° 4711")
            .And.Contain("Heure déclarée, Connaissance d’une violation de données personnelles").And.Contain("Déclaration faite, N4A CNIL").And.NotContain(Breach, "a line says names, not ids");
    }

    [Fact]
    public async Task A_correction_moves_the_clock_and_the_old_entry_stays()
    {
        var dora = await server.BrowserAsync("dora");
        var run = await StartRunAsync();
        await PostAsync(dora, run, "/declarations/connaissance", ("evenement", Breach), ("role", "dpo"), ("heure", Typed(-60)), ("motif", "Première idée"));

        await PostAsync(dora, run, "/declarations/connaissance", ("evenement", Breach), ("role", "dpo"), ("heure", Typed(-60 * 80)), ("motif", "Le journal du pare-feu dit plus tôt"));

        Text(await dora.GetStringAsync(run + "/declarations")).Should().Contain("1 déclaration en retard").And.Contain("motif du retard manquant");
        Text(await dora.GetStringAsync(run + "/main-courante")).Should().Contain("Première idée").And.Contain("Le journal du pare-feu");
    }

    [Fact]
    public async Task A_late_sending_to_the_cnil_is_only_recorded_with_its_reason()
    {
        var dora = await server.BrowserAsync("dora");
        var run = await StartRunAsync();
        await PostAsync(dora, run, "/declarations/connaissance", ("evenement", Breach), ("role", "dpo"), ("heure", Typed(-60 * 80)), ("motif", "x"));

        var refused = await PostAsync(dora, run, "/declarations/n4a/envoi", ("role", "dpo"), ("canal", "portail"), ("preuve", "n° 1"), ("retard", ""));
        refused.Headers.Location!.ToString().Should().EndWith("&manque=motif");
        Text(await dora.GetStringAsync(refused.Headers.Location)).Should().Contain("le texte exige le motif écrit du retard");
        (await StateAsync(run)).Obligations.Sent.Should().BeEmpty();

        await PostAsync(dora, run, "/declarations/n4a/envoi", ("role", "dpo"), ("canal", "portail"), ("preuve", "n° 1"), ("retard", "Portail fermé"));
        Text(await dora.GetStringAsync(run + "/declarations/n4a")).Should().Contain("envoyée en retard").And.Contain("Portail fermé");
    }

    [Fact]
    public async Task A_sending_without_proof_and_an_awareness_of_tomorrow_are_refused_in_words()
    {
        var dora = await server.BrowserAsync("dora");
        var run = await StartRunAsync();

        var noProof = await PostAsync(dora, run, "/declarations/n4a/envoi", ("role", "dpo"), ("canal", "portail"), ("preuve", ""));
        var tomorrow = await PostAsync(dora, run, "/declarations/connaissance", ("evenement", Breach), ("role", "dpo"), ("heure", Typed(60 * 24)), ("motif", "x"));
        var unreadable = await PostAsync(dora, run, "/declarations/connaissance", ("evenement", Breach), ("role", "dpo"), ("heure", "hier"), ("motif", "x"));

        Text(await dora.GetStringAsync(noProof.Headers.Location)).Should().Contain("La preuve d’envoi est obligatoire");
        Text(await dora.GetStringAsync(tomorrow.Headers.Location)).Should().Contain("Refusé");
        unreadable.Headers.Location!.ToString().Should().EndWith("&heure=illisible");
        (await StateAsync(run)).Obligations.Should().BeEquivalentTo(ObligationFacts.None);
    }

    [Fact]
    public async Task Only_the_roles_of_a_row_speak_for_it()
    {
        var sam = await server.BrowserAsync("sam");
        var lea = await server.BrowserAsync("lea");
        var run = await StartRunAsync();

        foreach (var person in (HttpClient[])[sam, lea])
        {
            (await PostAsync(person, run, "/declarations/connaissance", ("evenement", Breach), ("role", "dpo"), ("heure", "03:12"), ("motif", "x"))).StatusCode.Should().Be(HttpStatusCode.Forbidden);
            (await PostAsync(person, run, "/declarations/connaissance", ("evenement", Breach), ("role", "secretaire"), ("heure", "03:12"), ("motif", "x"))).StatusCode.Should().Be(HttpStatusCode.Forbidden, "a role that it has, but that this event does not name");
            (await PostAsync(person, run, "/declarations/n4a/sans-objet", ("role", "dpo"), ("motif", "x"))).StatusCode.Should().Be(HttpStatusCode.Forbidden);
            (await PostAsync(person, run, "/declarations/n4a/envoi", ("role", "dpo"), ("preuve", "x"))).StatusCode.Should().Be(HttpStatusCode.Forbidden);
            Text(await person.GetStringAsync(run + "/declarations/n4a")).Should().Contain("Seuls peuvent le noter : Délégué à la protection des données");
        }

        (await sam.GetAsync(run + "/declarations/n99")).StatusCode.Should().Be(HttpStatusCode.NotFound);
        (await sam.GetAsync("/conduites/aucune/declarations")).StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Whoever_validates_a_row_sets_it_aside_by_name_and_the_event_reopens_it()
    {
        var dora = await server.BrowserAsync("dora");
        var run = await StartRunAsync();
        await PostAsync(dora, run, "/declarations/n4a/sans-objet", ("role", "dpo"), ("motif", "Aucune donnée touchée"));
        Text(await dora.GetStringAsync(run + "/declarations/n4a")).Should().Contain("sans objet").And.Contain("écartée par dora").And.Contain("Aucune donnée touchée");

        server.Clock.Advance(TimeSpan.FromMinutes(10));
        await PostAsync(dora, run, "/declarations/connaissance", ("evenement", Breach), ("role", "dpo"), ("heure", Typed(-30)), ("motif", "Des dossiers manquent"));

        Text(await dora.GetStringAsync(run + "/declarations/n4a")).Should().Contain("en cours").And.Contain("avant que son événement soit noté");
    }

    [Fact]
    public async Task The_rows_of_a_run_are_those_of_its_start_whatever_becomes_of_the_file()
    {
        var anne = await server.BrowserAsync("anne");
        var run = await StartRunAsync();
        using var changed = server.File("declarations.yaml", "format: backupguard.obligations/v1\nid: [");

        Text(await anne.GetStringAsync(run + "/declarations")).Should().Contain("N4A CNIL");
        var other = await StartRunAsync();
        Text(await anne.GetStringAsync(other + "/declarations")).Should().Contain("Aucune ligne n’est jointe").And.Contain("Inutilisable : legal/declarations.yaml").And.Contain("BG3001", "the crisis has begun all the same");
        Text(await anne.GetStringAsync("/runbooks")).Should().Contain("legal/declarations.yaml", "in peace time nobody opens a board, and the next crisis would begin without these rows").And.Contain("BG3001");
    }

    [Fact]
    public async Task A_corrected_file_joins_an_open_crisis_only_by_whoever_validates_a_row()
    {
        var dora = await server.BrowserAsync("dora");
        var sam = await server.BrowserAsync("sam");
        var run = await StartRunAsync("reel");
        using var corrected = server.File("declarations.yaml", server.Shipped.Replace("09 72 43 91 25", "01 99 00 12 34", StringComparison.Ordinal));
        Text(await dora.GetStringAsync(run + "/declarations")).Should().Contain("Le fichier a changé depuis").And.Contain("09 72 43 91 25");

        (await PostAsync(sam, run, "/declarations/lignes", ("fichier", "legal/declarations.yaml"), ("role", ""))).StatusCode.Should().Be(HttpStatusCode.Forbidden);
        await PostAsync(dora, run, "/declarations/lignes", ("fichier", "legal/declarations.yaml"), ("role", "dpo"));

        Text(await dora.GetStringAsync(run + "/declarations")).Should().Contain("01 99 00 12 34").And.NotContain("Le fichier a changé depuis");
        (await server.App.Services.GetRequiredService<RunJournal>().LoadAsync(run.Split('/')[^1], CancellationToken.None))!.Events.OfType<AnnexPinned>().Should().HaveCount(2, "the rows it began with stay");
    }

    [Fact]
    public async Task Of_two_files_a_person_chooses_and_a_run_without_rows_gets_them_later()
    {
        var anne = await server.BrowserAsync("anne");
        using var second = server.File("autres.yaml", server.Shipped.Replace("id: declarations\n", "id: autres\n", StringComparison.Ordinal));
        var run = await StartRunAsync();
        Text(await anne.GetStringAsync(run + "/declarations")).Should().Contain("Plusieurs fichiers");

        await PostAsync(anne, run, "/declarations/lignes", ("fichier", "legal/autres.yaml"));

        Text(await anne.GetStringAsync(run + "/declarations")).Should().Contain("autres, empreinte").And.Contain("N4A CNIL");
    }

    [Fact]
    public async Task An_exercise_shows_the_word_on_every_draft_and_no_number_and_a_crisis_shows_the_numbers()
    {
        var anne = await server.BrowserAsync("anne");
        var exercise = await StartRunAsync();
        var live = await StartRunAsync("reel");

        var board = Text(await anne.GetStringAsync(exercise + "/declarations"));
        foreach (var duty in ObligationFile.Parse(server.Shipped, "x").Value!.Duties)
        {
            var html = await anne.GetStringAsync($"{exercise}/declarations/{duty.Id}");
            H1().Match(html).Groups[1].Value.Should().Contain("EXERCICE - " + duty.Id.ToUpperInvariant());
            html.Should().Contain("class=\"watermark\"");
            foreach (var contact in duty.Recipients.Select(r => r.Contact).Where(c => c != ""))
            {
                Text(html).Should().NotContain(contact);
                Regex.Replace(board, "source : [^:]*:", "").Should().NotContain(contact, "but as the page where the rule was read");
                Text(await anne.GetStringAsync($"{live}/declarations/{duty.Id}")).Should().Contain(contact);
            }
        }

        (await anne.GetStringAsync(live + "/declarations/n1")).Should().NotContain("EXERCICE");
        Text(await anne.GetStringAsync(live + "/declarations")).Should().Contain("09 72 43 91 25", "the printed board is what people call from");
    }

    [Fact]
    public async Task What_transitions_noted_is_offered_and_fills_drafts_but_starts_nothing()
    {
        var anne = await server.BrowserAsync("anne");
        var run = await StartRunAsync();
        await PostAsync(anne, run, "/passages/alerter", ("motif", "Écrans noirs"), ("preuve-prise-de-connaissance", Typed(-20)), ("role", ""));
        await PostAsync(anne, run, "/etapes/choisir-salle", ("issue", "fait"), ("preuve-salle", "Salle Garonne"), ("role", ""));

        Text(await anne.GetStringAsync(run + "/declarations")).Should().Contain("proposé : ").And.Contain("Aucune horloge ne court");
        var draft = Text(await anne.GetStringAsync(run + "/declarations/n1"));
        draft.Should().Contain("inconnu à cette heure").And.Contain("Salle Garonne").And.Contain("Ouvrez la salle de crise");
    }

    [Fact]
    public async Task A_limit_that_passes_is_said_once_in_the_log_with_whom_to_tell_and_closes_nothing()
    {
        var dora = await server.BrowserAsync("dora");
        var run = await StartRunAsync();
        await PostAsync(dora, run, "/declarations/connaissance", ("evenement", Breach), ("role", "dpo"), ("heure", Typed(-60 * 72 - 5)), ("motif", "x"));
        var clock = server.App.Services.GetRequiredService<RunClock>();

        await clock.TickAsync(CancellationToken.None);
        await clock.TickAsync(CancellationToken.None);

        var lines = (await server.App.Services.GetRequiredService<RunJournal>().LoadAsync(run.Split('/')[^1], CancellationToken.None))!.Events.OfType<DeadlineMissed>().Where(d => d.Subject == "n4a").ToList();
        lines.Should().ContainSingle().Which.Notify.Should().Equal((string[])["dpo", "directeur-crise"], "who validates, and to whom it escalates");
        Text(await dora.GetStringAsync(run + "/declarations")).Should().Contain("EN RETARD", "time closes nothing");
    }

    [Theory]
    [InlineData("fr")]
    [InlineData("en")]
    public async Task The_pages_hold_to_what_every_page_must_hold_to(string language)
    {
        var run = await StartRunAsync();
        var anne = await server.BrowserAsync("anne", language);
        await PostAsync(anne, run, "/declarations/connaissance", ("evenement", Breach), ("role", "dpo"), ("heure", Typed(-60 * 80)), ("motif", "x"));
        await PostAsync(anne, run, "/declarations/n5/sans-objet", ("role", "juridique"), ("motif", "x"));

        foreach (var page in (string[])["/declarations", "/declarations/n4a", "/declarations/n5", "/declarations/n9"])
        {
            Accessibility.Problems(HtmlPage.Parse(await anne.GetStringAsync(run + page)), language).Should().BeEmpty(page);
        }
    }

    [Theory]
    [InlineData("2026-11-22T03:12:00Z")]
    [InlineData("2026-11-22T03:12:07Z")]
    [InlineData("2027-10-31T00:30:00Z")]
    [InlineData("2027-10-31T01:30:00Z")]
    [InlineData("2027-03-28T01:00:00Z")]
    public void An_hour_in_a_form_of_correction_comes_back_as_it_was(string hour)
    {
        var (instant, paris) = (DateTimeOffset.Parse(hour, System.Globalization.CultureInfo.InvariantCulture), TimeZoneInfo.FindSystemTimeZoneById("Europe/Paris"));

        TimeInput.Read(ObligationView.Typed(instant, paris), paris, instant.AddHours(7), TimeInput.Live).At.Should().Be(instant);
    }

    [Fact]
    public void Nothing_of_this_feature_can_send_anything()
    {
        string[] ways = ["System.Net.Http", "System.Net.Mail", "System.Net.Sockets", "System.Diagnostics.Process", "System.Net.WebSockets", "BackupGuard.Server.Features.Evidence.Mail"];
        var types = typeof(ObligationBoardPage).Assembly.GetTypes().Where(t => t.Namespace == typeof(ObligationBoardPage).Namespace).Concat(typeof(ObligationDraft).Assembly.GetTypes().Where(t => t.Namespace == typeof(ObligationDraft).Namespace)).ToList();
        types.Should().HaveCountGreaterThan(25, "otherwise the code was not found");

        var used = types.SelectMany(Calls.Of).ToHashSet();

        used.Should().Contain(t => t == typeof(RunJournal), "otherwise the search finds nothing");
        used.Where(t => ways.Any(w => t.FullName!.StartsWith(w, StringComparison.Ordinal))).Should().BeEmpty("a notification leaves by telephone and by hand, never from here");
    }

    private async Task<RunState> StateAsync(string run) => (await server.App.Services.GetRequiredService<RunJournal>().LoadAsync(run.Split('/')[^1], CancellationToken.None))!.State;

    private string Typed(int minutes) => server.Clock.GetUtcNow().AddMinutes(minutes).ToString("yyyy-MM-dd HH:mm", System.Globalization.CultureInfo.InvariantCulture);

    private async Task<string> StartRunAsync(string mode = "exercice")
    {
        var anne = await server.BrowserAsync("anne");
        var id = Regex.Match(await anne.GetStringAsync("/runbooks"), "name=\"conduite\" value=\"([^\"]+)\"").Groups[1].Value;
        var answer = await anne.SubmitAsync("/runbooks", "/runbooks/plan-blanc-numerique/demarrer", ("mode", mode), ("conduite", id), ("confirme", "oui"));
        answer.StatusCode.Should().Be(HttpStatusCode.Redirect, await answer.Content.ReadAsStringAsync());
        return answer.Headers.Location!.ToString();
    }

    private static int commands;

    private static async Task<HttpResponseMessage> PostAsync(HttpClient browser, string run, string action, params (string, string)[] fields)
    {
        var answer = await browser.SubmitAsync("/runbooks", run + action, [("commande", $"c{Interlocked.Increment(ref commands)}"), .. fields]);
        answer.StatusCode.Should().BeOneOf([HttpStatusCode.Redirect, HttpStatusCode.Forbidden], await answer.Content.ReadAsStringAsync());
        return answer;
    }

    private static string Text(string html) => WebUtility.HtmlDecode(Regex.Replace(Regex.Replace(html, "<[^>]+>", ""), "\\s+", " ")).Replace('\u00a0', ' ').Replace('\u202f', ' ');

    [GeneratedRegex("<h1>(.*?)</h1>")]
    private static partial Regex H1();
}
