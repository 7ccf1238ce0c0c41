using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using BackupGuard.Continuity.Runs;
using BackupGuard.Server.Features.Runs;
using BackupGuard.Server.Hosting;
using BackupGuard.Server.Persistence;
using BackupGuard.Server.Tests.Support;
using FluentAssertions;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace BackupGuard.Server.Tests.Runs;

/// <summary>A run through real pages over a real socket, with the log underneath.</summary>
public abstract partial class Run_tests(Engine engine) : IAsyncLifetime
{
    public sealed class OnSqlite() : Run_tests(Engine.Sqlite);

    public sealed class OnPostgres() : Run_tests(Engine.Postgres);

    private const string Password = "trois chevaux bleus";

    private readonly string folder = Directory.CreateTempSubdirectory("backupguard-runs-").FullName;
    private readonly TestClock clock = new();
    private IDisposable database = null!; // set by InitializeAsync before every test
    private WebApplication? app;
    private Uri url = new("http://127.0.0.1/");

    public async Task InitializeAsync()
    {
        Directory.CreateDirectory(Path.Combine(folder, "runbooks"));
        File.Copy(Path.Combine(RepositoryRoot(), "runbooks", "plan-blanc-numerique.yaml"), Path.Combine(folder, "runbooks", "plan-blanc-numerique.yaml"));
        database = engine.Prepare(Path.Combine(folder, "data"));
        await StartAsync();
        await AddPersonAsync("anne", "administrateur");
        await AddPersonAsync("bob", "administrateur");
        await AddPersonAsync("lea", "lecteur");
    }

    public async Task DisposeAsync()
    {
        await StopAsync();
        database.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_run_is_started_taken_forward_by_two_persons_and_survives_a_restart()
    {
        using var anne = await SignedInAsync("anne");
        var run = await StartRunAsync(anne, "exercice");
        (await anne.GetStringAsync(run)).Should().Contain("EXERCICE").And.Contain("Veille");

        await PostAsync(anne, run, "/passages/alerter", ("motif", "Écrans noirs"), ("preuve-prise-de-connaissance", "03:12"), ("role", ""));
        await PostAsync(anne, run, "/etapes/choisir-salle", ("issue", "fait"), ("preuve-salle", "Salle Garonne, 4411"));
        await StopAsync();
        File.Delete(Path.Combine(folder, "runbooks", "plan-blanc-numerique.yaml"));
        await StartAsync();
        using var again = await SignedInAsync("anne");
        using var bob = await SignedInAsync("bob");

        await PostAsync(again, run, "/passages/lever-doute", ("motif", "Fausse alerte"), ("role", "rssi"));
        var page = await bob.GetStringAsync(run);
        page.Should().Contain("Voix pour").And.Contain("1 sur 2");
        await PostAsync(bob, run, "/voix", ("demande", Regex.Match(page, "name=\"demande\" value=\"([^\"]+)\"").Groups[1].Value), ("voix", "pour"), ("role", "directeur-crise"));

        Text(await again.GetStringAsync(run)).Should().Contain("État : Veille");
        var log = Text(await again.GetStringAsync(run + "/main-courante"));
        log.Should().Contain("Ouvrez la salle de crise").And.Contain("Salle Garonne, 4411").And.Contain("Fausse alerte").And.Contain("bob");
        Fsck().IsIntact.Should().BeTrue();
    }

    [Fact]
    public async Task Runbooks_below_the_folder_are_offered_other_files_are_not_and_of_two_with_one_id_the_first_counts()
    {
        using var anne = await SignedInAsync("anne");
        var source = Path.Combine(folder, "runbooks", "plan-blanc-numerique.yaml");
        Directory.CreateDirectory(Path.Combine(folder, "runbooks", "degrade"));
        await File.WriteAllTextAsync(Path.Combine(folder, "runbooks", "degrade", "autre.yaml"), (await File.ReadAllTextAsync(source)).Replace("id: plan-blanc-numerique", "id: autre", StringComparison.Ordinal).Replace("Plan blanc numérique\u00a0: conduire la crise", "Une autre fiche", StringComparison.Ordinal));
        File.Copy(source, Path.Combine(folder, "runbooks", "z-copie.yaml"));
        await File.WriteAllTextAsync(Path.Combine(folder, "runbooks", "scenario.yaml"), "format: backupguard.scenario/v1\nid: rien\n");

        await File.WriteAllTextAsync(Path.Combine(folder, "runbooks", "faute.yaml"), "format: backupguard.runbok/v1\nid: faute\n");

        var html = await anne.GetStringAsync("/runbooks");

        Text(html).Should().Contain("Une autre fiche").And.Contain("même identifiant que plan-blanc-numerique.yaml").And.Contain("faute.yaml", "a word misspelt must not hide a runbook").And.NotContain("scenario.yaml");
        Regex.Matches(html, "name=\"conduite\" value=\"([^\"]+)\"").Select(m => m.Groups[1].Value).Should().HaveCount(4).And.OnlyHaveUniqueItems("two starts from one page are two runs");
        Text(await anne.GetStringAsync("/runbooks")).Should().Contain("Une autre fiche", "what did not change is not parsed again, and still shown");
    }

    [Fact]
    public async Task Each_change_of_a_runbook_is_in_the_log_also_one_made_while_the_server_was_off()
    {
        using var anne = await SignedInAsync("anne");
        await anne.GetStringAsync("/runbooks");
        var file = Path.Combine(folder, "runbooks", "plan-blanc-numerique.yaml");
        await StopAsync();
        await File.AppendAllTextAsync(file, "# plus rien à faire\n");
        await StartAsync();
        await File.WriteAllTextAsync(file, "runbook: [");
        using var again = await SignedInAsync("anne");
        await again.GetStringAsync("/runbooks");
        File.Delete(file);
        await again.GetStringAsync("/runbooks");
        await again.GetStringAsync("/runbooks");

        var changes = new List<string>();
        await foreach (var entry in app!.Services.GetRequiredService<IEvidenceLog>().ReadAsync(0, ["runbook.changed"], CancellationToken.None))
        {
            changes.Add(Regex.Replace(Encoding.UTF8.GetString(entry.Entry.Payload.Span), "[0-9a-f]{64}", "H"));
        }
        changes.Should().Equal(
            """{"file":"plan-blanc-numerique.yaml","runbook":"plan-blanc-numerique","sha256":"H","usable":true}""",
            """{"file":"plan-blanc-numerique.yaml","runbook":"plan-blanc-numerique","sha256":"H","usable":true}""",
            """{"file":"plan-blanc-numerique.yaml","runbook":"","sha256":"H","usable":false}""",
            """{"file":"plan-blanc-numerique.yaml","runbook":"","sha256":"","usable":false}""");
        await StopAsync();
        Fsck().IsIntact.Should().BeTrue();
    }

    [Fact]
    public async Task Each_change_of_what_lies_beside_the_runbooks_is_in_the_log_too()
    {
        using var anne = await SignedInAsync("anne");
        var exercise = Path.Combine(folder, "runbooks", "exercices", "nuit.yaml");
        Directory.CreateDirectory(Path.GetDirectoryName(exercise)!);
        await File.WriteAllTextAsync(exercise, "format: backupguard.exercise/v1\nid: nuit\n");
        (await anne.GetStringAsync("/runbooks")).Should().NotContain("nuit.yaml", "an exercise is no runbook that cannot be used");
        await File.AppendAllTextAsync(exercise, "# autre heure\n");
        await anne.GetStringAsync("/runbooks");

        var changes = new List<string>();
        await foreach (var entry in app!.Services.GetRequiredService<IEvidenceLog>().ReadAsync(0, ["runbook.changed"], CancellationToken.None))
        {
            changes.Add(Regex.Replace(Encoding.UTF8.GetString(entry.Entry.Payload.Span), "[0-9a-f]{64}", "H"));
        }
        changes.Where(c => c.Contains("nuit.yaml", StringComparison.Ordinal)).Should().Equal((string[])[
            """{"file":"exercices/nuit.yaml","format":"backupguard.exercise/v1","sha256":"H"}""",
            """{"file":"exercices/nuit.yaml","format":"backupguard.exercise/v1","sha256":"H"}"""], "once for each text");
    }

    [Fact]
    public async Task A_step_out_of_order_is_refused_on_the_page_and_in_the_main_courante()
    {
        using var anne = await SignedInAsync("anne");
        var run = await StartRunAsync(anne, "exercice");
        await PostAsync(anne, run, "/passages/alerter", ("motif", "Test"), ("preuve-prise-de-connaissance", "03:12"));

        var answer = await PostAsync(anne, run, "/etapes/premier-point", ("issue", "prendre"));

        answer.Headers.Location!.ToString().Should().Contain("?refus=");
        var page = Text(await anne.GetStringAsync(answer.Headers.Location));
        page.Should().Contain("attend d’abord « Convoquez la cellule de crise »");
        Text(await anne.GetStringAsync(run + "/main-courante")).Should().Contain("Refusé à anne");
    }

    [Fact]
    public async Task The_same_form_sent_twice_is_done_once()
    {
        using var anne = await SignedInAsync("anne");
        var run = await StartRunAsync(anne, "exercice");
        (string, string)[] line = [("commande", "meme-formulaire"), ("type", "message"), ("texte", "Le SAMU rappelle"), ("heure", ""), ("qui", "")];

        await anne.SubmitAsync(run + "/main-courante", run + "/main-courante", line);
        await anne.SubmitAsync(run + "/main-courante", run + "/main-courante", line);

        Regex.Count(await anne.GetStringAsync(run + "/main-courante"), "Le SAMU rappelle").Should().Be(1);
        (await anne.SubmitAsync("/runbooks", "/runbooks/plan-blanc-numerique/demarrer", ("mode", "exercice"), ("conduite", run.Split('/')[^1]))).Headers.Location!.ToString().Should().Be(run);
        (await app!.Services.GetRequiredService<RunJournal>().LoadAsync(run.Split('/')[^1], CancellationToken.None))!.Events.OfType<RunStarted>().Should().ContainSingle();
    }

    [Fact]
    public async Task A_late_line_keeps_both_times_and_an_unreadable_hour_is_said()
    {
        using var anne = await SignedInAsync("anne");
        var run = await StartRunAsync(anne, "exercice");
        var earlier = clock.GetUtcNow().AddHours(-2).ToString("HH:mm", System.Globalization.CultureInfo.InvariantCulture);

        await PostAsync(anne, run, "/main-courante", ("type", "fait"), ("texte", "Liaison débranchée"), ("heure", earlier));
        var wrong = await PostAsync(anne, run, "/main-courante", ("type", "fait"), ("texte", "X"), ("heure", "25h99"));

        (await anne.GetStringAsync(run + "/main-courante")).Should().Contain("inscrit");
        wrong.Headers.Location!.ToString().Should().EndWith("&heure=illisible");
    }

    [Fact]
    public async Task A_live_run_says_so_and_needs_the_box_ticked()
    {
        using var anne = await SignedInAsync("anne");
        (await anne.SubmitAsync("/runbooks", "/runbooks/plan-blanc-numerique/demarrer", ("mode", "reel"), ("conduite", "r-live"))).Headers.Location!.ToString().Should().Be("/runbooks");

        var run = await StartRunAsync(anne, "reel");

        var page = await anne.GetStringAsync(run);
        page.Should().Contain("mode-live").And.NotContain("EXERCICE");
    }

    [Fact]
    public async Task A_live_run_waits_for_a_second_person_before_it_goes_anywhere()
    {
        using var anne = await SignedInAsync("anne");
        using var bob = await SignedInAsync("bob");
        var run = await StartRunAsync(anne, "reel");

        Text(await anne.GetStringAsync(run)).Should().Contain("démarrée par anne seul").And.NotContain("Je confirme");
        (await PostAsync(anne, run, "/passages/alerter", ("motif", "Écrans noirs"), ("preuve-prise-de-connaissance", "21:50"), ("role", ""))).Headers.Location!.ToString().Should().Contain("?refus=");
        Text(await bob.GetStringAsync(run)).Should().Contain("Je confirme");
        await PostAsync(bob, run, "/confirmer");
        await PostAsync(anne, run, "/passages/alerter", ("motif", "Écrans noirs"), ("preuve-prise-de-connaissance", "21:50"), ("role", ""));

        var page = Text(await anne.GetStringAsync(run));
        page.Should().NotContain("seul").And.NotContain("État : Veille");
    }

    [Fact]
    public async Task A_missed_deadline_is_said_by_the_clock_once_and_the_wall_shows_it()
    {
        using var anne = await SignedInAsync("anne");
        var run = await StartRunAsync(anne, "exercice");
        await PostAsync(anne, run, "/passages/alerter", ("motif", "Test"), ("preuve-prise-de-connaissance", "21:50"), ("role", ""));
        clock.Advance(TimeSpan.FromHours(3));

        await Task.WhenAll(TickAsync(), TickAsync());
        await TickAsync();

        var journal = await app!.Services.GetRequiredService<RunJournal>().LoadAsync(run.Split('/')[^1], CancellationToken.None);
        journal!.Events.OfType<DeadlineMissed>().Should().NotBeEmpty().And.OnlyHaveUniqueItems(m => $"{m.Subject} {m.DueAt:O} {m.Level}");
        journal.State.State.Should().Be("alerte", "time decides nothing");
        Text(await anne.GetStringAsync(run + "/mur")).Should().Contain("en retard").And.Contain("ÉCHÉANCE DÉPASSÉE");
        Text(await anne.GetStringAsync(run + "/main-courante")).Should().Contain("Horloge du serveur");
    }

    [Fact]
    public async Task A_shift_is_handed_over_on_the_page_by_two_people()
    {
        using var anne = await SignedInAsync("anne");
        using var bob = await SignedInAsync("bob");
        var run = await StartRunAsync(anne, "exercice");
        await PostAsync(anne, run, "/releve", ("acte", "prendre"), ("role", "directeur-crise"));
        await PostAsync(anne, run, "/releve", ("acte", "remettre"), ("role", "directeur-crise"), ("remarque", "Deux restaurations en cours"));
        var page = await bob.GetStringAsync(run + "/releve");
        Text(page).Should().Contain("Remis par anne").And.Contain("Deux restaurations en cours");
        var offer = Regex.Match(page, "name=\"demande\" value=\"([^\"]+)\"").Groups[1].Value;

        (await PostAsync(anne, run, "/releve", ("acte", "accepter"), ("role", "directeur-crise"), ("demande", offer))).Headers.Location!.ToString().Should().Contain("refus=");
        await PostAsync(bob, run, "/releve", ("acte", "accepter"), ("role", "directeur-crise"), ("demande", offer));

        Text(await anne.GetStringAsync(run + "/releve")).Should().Contain("bob, depuis").And.Contain("de anne à bob");
    }

    [Fact]
    public async Task A_module_becomes_a_run_of_its_own_and_its_end_is_told_to_the_crisis()
    {
        using var anne = await SignedInAsync("anne");
        File.Copy(Path.Combine(RepositoryRoot(), "runbooks", "degrade", "degrade-urgences.yaml"), Path.Combine(folder, "runbooks", "degrade-urgences.yaml"));
        var run = await StartRunAsync(anne, "exercice");

        await PostAsync(anne, run, "/modules", ("runbook", "degrade-urgences"), ("motif", "Urgences sans DPI"));

        var journal = app!.Services.GetRequiredService<RunJournal>();
        var parent = await journal.LoadAsync(run.Split('/')[^1], CancellationToken.None);
        var module = parent!.State.Modules.Values.Single();
        var child = await journal.LoadAsync(module.Run, CancellationToken.None);
        child!.Started.Should().BeEquivalentTo(new { Parent = parent.Started.RunId, Mode = RunMode.Exercise });
        Text(await anne.GetStringAsync("/conduites/" + module.Run)).Should().Contain("Fait partie de");
        Text(await anne.GetStringAsync(run)).Should().Contain(child.Definition.Runbook.Title.Fr.Replace('\u00a0', ' '));
        var procedure = child.Definition.Runbook.Degraded[0];
        await PostAsync(anne, run, "/degrade", ("conduite", module.Run), ("procedure", procedure.Id), ("papier", "40"), ("ressaisis", "12"));
        Text(await anne.GetStringAsync(run + "/degrade")).Should().Contain("28 à ressaisir sur 40");
        (await PostAsync(anne, run, "/degrade", ("conduite", module.Run), ("procedure", procedure.Id), ("papier", "4"), ("ressaisis", "12"))).Headers.Location!.ToString().Should().Contain("refus=");
    }

    [Fact]
    public async Task An_announced_hour_of_return_reaches_the_modules_and_a_sheet_proposes_to_start_by_it()
    {
        using var anne = await SignedInAsync("anne");
        using var lea = await SignedInAsync("lea");
        File.Copy(Path.Combine(RepositoryRoot(), "runbooks", "degrade", "degrade-urgences.yaml"), Path.Combine(folder, "runbooks", "degrade-urgences.yaml"));
        var run = await StartRunAsync(anne, "exercice");
        await PostAsync(anne, run, "/modules", ("runbook", "degrade-urgences"), ("motif", "Urgences sans DPI"));
        var journal = app!.Services.GetRequiredService<RunJournal>();
        var module = (await journal.LoadAsync(run.Split('/')[^1], CancellationToken.None))!.State.Modules.Keys.Single();
        Task<HttpResponseMessage> Announce(HttpClient who, string hour, string why = "", string act = "heure") =>
            PostAsync(who, run, "/retour", ("acte", act), ("retour", hour), ("motif", why), ("role", "directeur-crise"), ("page", "degrade"));
        string In(double hours) => TimeInput.Write(clock.GetUtcNow().AddHours(hours));

        Text(await anne.GetStringAsync(run)).Should().Contain("Personne n’a annoncé d’heure");
        Text(await anne.GetStringAsync(run + "/degrade")).Should().Contain("Proposé.").And.Contain("l’heure de retour est inconnue ou");
        (await Announce(lea, In(5))).StatusCode.Should().Be(HttpStatusCode.Forbidden);
        (await Announce(anne, "bientôt")).Headers.Location!.ToString().Should().StartWith(run + "/degrade?refus=").And.EndWith("&heure=illisible");
        (await Announce(anne, In(-1))).Headers.Location!.ToString().Should().StartWith(run + "/degrade?refus=");
        (await Announce(anne, In(5))).Headers.Location!.ToString().Should().Be(run + "/degrade");

        Text(await anne.GetStringAsync(run)).Should().Contain("dans 5 h, par anne à 22:00");
        Text(await anne.GetStringAsync("/conduites/" + module)).Should().Contain("dans 5 h, par anne à 22:00. (annonce de la conduite qui suit celle-ci)");
        Text(await anne.GetStringAsync(run + "/mur")).Should().Contain("retour annoncé");
        Text(await anne.GetStringAsync(run + "/degrade")).Should().NotContain("Proposé.").And.Contain("il manque « Seuil de déclenchement");
        await PostAsync(anne, "/conduites/" + module, "/faits", ("fait", "seuil-declenchement"), ("valeur", "PT8H"), ("role", "cadre-service"));
        Text(await anne.GetStringAsync(run + "/degrade")).Should().Contain("Pas proposé maintenant");
        Text(await anne.GetStringAsync((await Announce(anne, In(9))).Headers.Location!.ToString())).Should().Contain("donnez le motif");
        await Announce(anne, In(9), "Disques à remplacer");
        await TickAsync();
        await TickAsync();
        Text(await anne.GetStringAsync(run + "/degrade")).Should().Contain("Proposé.").And.Contain("Disques à remplacer");
        clock.Advance(TimeSpan.FromHours(10));
        Text(await anne.GetStringAsync(run + "/degrade")).Should().Contain("est passée").And.Contain("Proposé.");

        var child = (await journal.LoadAsync(module, CancellationToken.None))!;
        child.Events.OfType<EtaCarried>().Should().HaveCount(2, "each announcement is told once");
        child.State.Eta!.Run.Should().Be(run.Split('/')[^1]);
        Fsck().IsIntact.Should().BeTrue();
    }

    [Fact]
    public async Task A_plan_is_changed_under_way_by_two_people_who_see_what_changes()
    {
        using var anne = await SignedInAsync("anne");
        using var bob = await SignedInAsync("bob");
        var run = await StartRunAsync(anne, "exercice");
        var text = WebUtility.HtmlDecode(Regex.Match(await anne.GetStringAsync(run + "/modification"), "<textarea name=\"texte\"[^>]*>(.*?)</textarea>", RegexOptions.Singleline).Groups[1].Value);
        var changed = Regex.Replace(text, "(?m)^version: .*$", "version: 9.9.9");

        (await PostAsync(anne, run, "/modification", ("texte", text), ("motif", "Rien"))).Headers.Location!.ToString().Should().Contain("refus=");
        (await PostAsync(anne, run, "/modification", ("texte", changed), ("motif", "Nouvelle salle"))).Headers.Location!.ToString().Should().Be(run);
        var page = await bob.GetStringAsync(run);
        Text(page).Should().Contain("version 9.9.9").And.Contain("+ version: 9.9.9");
        await PostAsync(bob, run, "/voix", ("demande", Regex.Match(page, "name=\"demande\" value=\"([^\"]+)\"").Groups[1].Value), ("voix", "pour"), ("role", "directeur-crise"));

        var journal = await app!.Services.GetRequiredService<RunJournal>().LoadAsync(run.Split('/')[^1], CancellationToken.None);
        journal!.Definition.Runbook.Version.Should().Be("9.9.9");
        await StopAsync();
        await StartAsync();
        (await app!.Services.GetRequiredService<RunJournal>().LoadAsync(run.Split('/')[^1], CancellationToken.None))!.Definition.Runbook.Version.Should().Be("9.9.9");
        Fsck().IsIntact.Should().BeTrue();
    }

    [Fact]
    public async Task A_watching_page_hears_of_each_line_and_of_silence()
    {
        using var anne = await SignedInAsync("anne");
        var run = await StartRunAsync(anne, "exercice");
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var answer = await anne.GetAsync(new Uri(run + "/flux", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, stop.Token);
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(stop.Token));
        async Task<string> NextAsync(string kind)
        {
            while (await lines.ReadLineAsync(stop.Token) is { } line)
            {
                if (line == "event: " + kind)
                {
                    string? data;
                    while ((data = await lines.ReadLineAsync(stop.Token))?.StartsWith("data: ", StringComparison.Ordinal) != true)
                    {
                    }

                    return data[6..];
                }
            }

            return "ended";
        }

        (await NextAsync("ligne")).Should().Be("1");
        await PostAsync(anne, run, "/main-courante", ("type", "fait"), ("texte", "Écrans noirs"));
        (await NextAsync("ligne")).Should().Be("2");
        (await NextAsync("vivant")).Should().Be(".");
        (await anne.GetAsync("/conduites/inconnue/flux")).StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Every_screen_of_the_cell_holds_to_the_rules_of_pages()
    {
        using var anne = await SignedInAsync("anne");
        var run = await StartRunAsync(anne, "exercice");
        await PostAsync(anne, run, "/passages/alerter", ("motif", "Test"), ("preuve-prise-de-connaissance", "21:50"), ("role", ""));
        var journal = await app!.Services.GetRequiredService<RunJournal>().LoadAsync(run.Split('/')[^1], CancellationToken.None);
        var decision = journal!.Definition.Runbook.Steps.First(s => s.Kind == BackupGuard.Continuity.Runbooks.StepKind.Decision);

        foreach (var path in new[] { "", "/main-courante", "/main-courante?montrer=decisions&tri=inscription", "/releve", "/degrade", "/mur", "/modification", "/etapes/choisir-salle", "/etapes/" + decision.Id })
        {
            foreach (var language in new[] { "fr", "en" })
            {
                var html = await anne.GetStringAsync($"{run}{path}{(path.Contains('?', StringComparison.Ordinal) ? "&" : "?")}lang={language}");
                Ui.Accessibility.Problems(Ui.HtmlPage.Parse(html), language).Should().BeEmpty("{0} in {1}", path, language);
            }
        }

        (await anne.GetAsync(run + "/ma-carte")).Headers.Location!.ToString().Should().StartWith(run + "/etapes/");
    }

    private Task TickAsync() => app!.Services.GetRequiredService<RunClock>().TickAsync(CancellationToken.None);

    [Fact]
    public async Task The_map_of_a_run_and_a_runbook_in_peace_time_are_shown_and_can_be_taken_away_as_text()
    {
        using var anne = await SignedInAsync("anne");
        using var lea = await SignedInAsync("lea");
        var run = await StartRunAsync(anne, "exercice");

        Text(await lea.GetStringAsync(run + "/carte")).Should().Contain("Où en est « Plan blanc numérique").And.Contain("◆ état présent");
        Text(await lea.GetStringAsync("/runbooks/plan-blanc-numerique")).Should().Contain("Cycle de vie").And.Contain("01-01");
        Text(await lea.GetStringAsync("/runbooks?q=cellule+de+crise")).Should().Contain("1 runbook pour « cellule de crise »");
        using var text = await lea.GetAsync(run + "/carte?format=mermaid");
        text.Content.Headers.ContentType!.ToString().Should().Be("text/markdown; charset=utf-8");
        text.Content.Headers.ContentDisposition!.DispositionType.Should().Be("attachment");
        (await text.Content.ReadAsStringAsync()).Should().Contain("```mermaid\nstateDiagram-v2\n").And.Contain("class n_veille present").And.Contain("(en attente)");
        (await lea.GetStringAsync("/runbooks/plan-blanc-numerique?format=mermaid")).Should().Contain("flowchart TD").And.NotContain("present");
    }

    [Fact]
    public async Task A_reader_sees_everything_and_changes_nothing()
    {
        using var anne = await SignedInAsync("anne");
        using var lea = await SignedInAsync("lea");
        var run = await StartRunAsync(anne, "exercice");

        (await lea.GetStringAsync(run)).Should().NotContain("/passages/alerter");
        (await PostAsync(lea, run, "/main-courante", ("type", "fait"), ("texte", "X"))).StatusCode.Should().Be(HttpStatusCode.Forbidden);
        (await PostAsync(lea, run, "/passages/alerter", ("motif", "X"))).StatusCode.Should().Be(HttpStatusCode.Forbidden);
        (await anne.GetAsync("/conduites/inconnue")).StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Of_two_who_take_the_same_step_at_once_one_wins_and_the_other_is_told_who()
    {
        using var anne = await SignedInAsync("anne");
        var run = await StartRunAsync(anne, "exercice");
        await PostAsync(anne, run, "/passages/alerter", ("motif", "Test"), ("preuve-prise-de-connaissance", "03:12"));
        var journal = app!.Services.GetRequiredService<RunJournal>();
        StartStep Take(string id) => new("choisir-salle") { RunId = run.Split('/')[^1], CommandId = "take-" + id, Actor = new(id, id), Role = "logistique", Now = clock.GetUtcNow() };

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Task.Run(() => journal.ExecuteAsync(Take("p" + i)))));

        answers.OfType<RunAnswer.Done>().Should().ContainSingle();
        answers.OfType<RunAnswer.Refused>().SelectMany(r => r.Reasons).Should().OnlyContain(r => r.Code == "BG3223" || r.Code == "BG3290");
        (await journal.LoadAsync(run.Split('/')[^1], CancellationToken.None))!.Events.OfType<StepStarted>().Should().ContainSingle();
    }

    [Theory]
    [InlineData("03:12", "2026-11-22T02:12Z")]
    [InlineData("3h12", "2026-11-22T02:12Z")]
    [InlineData("23:50", "2026-11-21T22:50Z")]
    [InlineData("2026-11-20 08:00", "2026-11-20T07:00Z")]
    [InlineData("20/11/2026 08:00", "2026-11-20T07:00Z")]
    [InlineData("2026-11-22T03:12+01:00", "2026-11-22T02:12Z")]
    [InlineData("2027-10-31 02:30", "2027-10-31T00:30Z")]
    [InlineData("2027-03-28 02:30", null)]
    [InlineData("hier", null)]
    public void An_hour_is_read_as_people_write_it(string text, string? expected)
    {
        var now = new DateTimeOffset(2026, 11, 22, 2, 0, 0, TimeSpan.Zero);

        var time = TimeInput.Read(text, TimeZoneInfo.FindSystemTimeZoneById("Europe/Paris"), now, TimeInput.Live).At;

        (time is { } t ? TimeInput.Write(t) : null).Should().Be(expected);
    }

    [Theory]
    [InlineData("2026-11-22T02:00Z", "03:12", "2026-11-22T02:12Z")]
    [InlineData("2026-11-22T02:00Z", "02:59", "2026-11-23T01:59Z")]
    [InlineData("2026-11-22T10:02Z", "23:50", "2026-11-22T22:50Z")]
    [InlineData("2026-11-22T10:02Z", "2026-11-20 08:00", "2026-11-20T07:00Z")]
    [InlineData("2027-10-31T00:40Z", "02:30", "2027-10-31T01:30Z")]
    [InlineData("2027-10-30T22:40Z", "02:30", "Twice")]
    [InlineData("2027-10-30T08:00Z", "02:30", "Twice")]
    [InlineData("2027-10-30T08:00Z", "02:30+1", "2027-10-31T01:30Z")]
    [InlineData("2027-03-27T20:00Z", "02:30", "Skipped")]
    [InlineData("2026-11-22T10:02Z", "bientôt", "Unreadable")]
    public void An_hour_still_to_come_is_the_next_one(string now, string text, string expected)
    {
        var time = TimeInput.Ahead(text, TimeZoneInfo.FindSystemTimeZoneById("Europe/Paris"), DateTimeOffset.Parse(now, System.Globalization.CultureInfo.InvariantCulture));

        (time.At is { } t ? TimeInput.Write(t) : time.Problem.ToString()).Should().Be(expected);
    }

    [Theory]
    [InlineData("2027-10-31T00:40Z", "02:30", "2027-10-31T00:30Z")]
    [InlineData("2027-10-31T01:40Z", "02:30", "2027-10-31T01:30Z")]
    [InlineData("2027-10-31T01:40Z", "2027-10-31T02:30+02:00", "2027-10-31T00:30Z")]
    [InlineData("2027-10-31T01:10Z", "02:30", "2027-10-31T00:30Z")]
    [InlineData("2027-10-31T09:00Z", "02:30", "Twice")]
    [InlineData("2027-10-31T09:00Z", "2027-10-31 02:30", "Twice")]
    [InlineData("2027-10-31T09:00Z", "02:30+2", "2027-10-31T00:30Z")]
    [InlineData("2027-10-31T09:00Z", "2h30 +1", "2027-10-31T01:30Z")]
    [InlineData("2027-10-31T09:00Z", "31/10/2027 02:30+01:00", "2027-10-31T01:30Z")]
    [InlineData("2027-10-31T09:00Z", "02:30+3", "Unreadable")]
    [InlineData("2027-03-28T06:00Z", "02:30", "Skipped")]
    [InlineData("2027-03-28T06:00Z", "27/03/2027 02:30", "2027-03-27T01:30Z")]
    [InlineData("2027-03-28T06:00Z", "03:10", "2027-03-28T01:10Z")]
    public void In_the_night_with_two_half_past_two_somebody_says_which_unless_only_one_can_be_meant(string now, string text, string expected)
    {
        var read = TimeInput.Read(text, TimeZoneInfo.FindSystemTimeZoneById("Europe/Paris"), DateTimeOffset.Parse(now, System.Globalization.CultureInfo.InvariantCulture), TimeInput.Live);

        (read.At is { } at ? TimeInput.Write(at) : read.Problem.ToString()).Should().Be(expected);
    }

    [Fact]
    public async Task A_transition_first_written_on_paper_keeps_its_hour()
    {
        using var anne = await SignedInAsync("anne");
        var run = await StartRunAsync(anne, "exercice");
        var earlier = clock.GetUtcNow().AddHours(-3);

        await PostAsync(anne, run, "/passages/alerter", ("motif", "Test"), ("preuve-prise-de-connaissance", "18:50"), ("role", ""), ("heure", earlier.ToString("HH:mm", System.Globalization.CultureInfo.InvariantCulture)));

        var journal = await app!.Services.GetRequiredService<RunJournal>().LoadAsync(run.Split('/')[^1], CancellationToken.None);
        journal!.State.Visits["alerte"].At.Should().Be(earlier);
        (await PostAsync(anne, run, "/etapes/choisir-salle", ("issue", "fait"), ("preuve-salle", "Garonne"), ("heure", "hier"))).Headers.Location!.ToString().Should().EndWith("&heure=illisible");
    }

    private static async Task<string> StartRunAsync(HttpClient browser, string mode)
    {
        var id = Regex.Match(await browser.GetStringAsync("/runbooks"), "name=\"conduite\" value=\"([^\"]+)\"").Groups[1].Value;
        var answer = await browser.SubmitAsync("/runbooks", "/runbooks/plan-blanc-numerique/demarrer", ("mode", mode), ("conduite", id), ("confirme", "oui"));
        answer.StatusCode.Should().Be(HttpStatusCode.Redirect, await answer.Content.ReadAsStringAsync());
        return answer.Headers.Location!.ToString();
    }

    private static int commands;

    private static async Task<HttpResponseMessage> PostAsync(HttpClient browser, string run, string action, params (string, string)[] fields)
    {
        // Every page has a form (the language switch), so every page has a token.
        var answer = await browser.SubmitAsync("/runbooks", run + action, [("commande", $"c{Interlocked.Increment(ref commands)}"), .. fields]);
        answer.StatusCode.Should().BeOneOf([HttpStatusCode.Redirect, HttpStatusCode.Forbidden], await answer.Content.ReadAsStringAsync());
        return answer;
    }

    private async Task<HttpClient> SignedInAsync(string name)
    {
        var browser = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() }) { BaseAddress = url };
        browser.DefaultRequestHeaders.AcceptLanguage.ParseAdd("fr");
        (await browser.SignInAsync(name, Password)).StatusCode.Should().Be(HttpStatusCode.Redirect);
        return browser;
    }

    private async Task StartAsync()
    {
        var output = new StringWriter();
        var settings = new ServerSettings(DataFolder.OpenOrCreate(Path.Combine(folder, "data")), [Listener.Parse("http://127.0.0.1:0")]) { RunbooksFolder = Path.Combine(folder, "runbooks") };
        app = await ServerApp.StartAsync(settings, clock, output, CancellationToken.None);
        url = new Uri(ListeningLine().Match(output.ToString()).Groups[1].Value);
    }

    private async Task StopAsync()
    {
        if (app is not null)
        {
            await app.DisposeAsync();
            app = null;
        }
    }

    private async Task AddPersonAsync(string name, string role)
    {
        await using var scope = app!.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<Features.Access.PeopleDirectory>().AddAsync(name, name, [role], Password);
    }

    private FsckReport Fsck()
    {
        var data = DataFolder.OpenOrCreate(Path.Combine(folder, "data"));
        using var identity = ServerIdentity.Load(data);
        using var engine = DatabaseEngine.Of(data);
        return Persistence.Fsck.Run(engine, identity, clock.GetUtcNow());
    }

    private static string Text(string html) => WebUtility.HtmlDecode(Regex.Replace(html, "<[^>]+>", "")).Replace('\u00a0', ' ');

    private static string RepositoryRoot()
    {
        var at = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(at.FullName, "BackupGuard.sln")))
        {
            at = at.Parent ?? throw new InvalidOperationException("BackupGuard.sln not found above the tests.");
        }

        return at.FullName;
    }

    [GeneratedRegex(@"^Listening on (\S+)", RegexOptions.Multiline)]
    private static partial Regex ListeningLine();
}
