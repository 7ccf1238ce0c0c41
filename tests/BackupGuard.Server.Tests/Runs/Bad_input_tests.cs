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

/// <summary>What a tired person, an old page, another server, a full disk or an attacker with an ordinary account sends to a run.</summary>
public abstract partial class Bad_input_tests(Engine engine) : IAsyncLifetime
{
    public sealed class OnSqlite() : Bad_input_tests(Engine.Sqlite)
    {
        [Fact]
        public async Task A_store_that_fails_in_the_middle_leaves_nothing_behind_and_the_sentence_says_so()
        {
            using var anne = await SignedInAsync("anne");
            var run = await StartRunAsync(anne);
            (string, string)[] line = [("commande", "c1"), ("type", "fait"), ("texte", "Écrans noirs")];
            Sql("CREATE TRIGGER plein BEFORE INSERT ON checkpoints BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END");

            using var answer = await anne.SubmitAsync("/runbooks", run + "/main-courante", line);
            var told = Text(await answer.Content.ReadAsStringAsync());
            answer.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
            told.Should().Contain("BG3292").And.Contain("Rien n’est confirmé").And.Contain("papier");
            (await EventsAsync(run)).OfType<EntryNoted>().Should().BeEmpty();

            Sql("DROP TRIGGER plein");
            (await anne.SubmitAsync("/runbooks", run + "/main-courante", line)).StatusCode.Should().Be(HttpStatusCode.Redirect);
            (await EventsAsync(run)).OfType<EntryNoted>().Should().ContainSingle();
            Fsck().IsIntact.Should().BeTrue();
        }

        [Fact]
        public async Task A_server_that_is_killed_while_it_writes_has_every_line_that_it_confirmed()
        {
            await StopAsync();
            var data = Path.Combine(folder, "data");
            var confirmed = new List<string>();
            var run = "";
            for (var round = 0; round < 3; round++)
            {
                using var process = await ServerProcess.StartAsync(data, "--runbooks", Path.Combine(folder, "runbooks"));
                url = process.Url;
                using var anne = await SignedInAsync("anne");
                run = run == "" ? await StartRunAsync(anne) : run;
                var killing = Task.Run(async () =>
                {
                    await Task.Delay(700);
                    await process.KillAsync();
                });
                for (var line = 0; ; line++)
                {
                    var text = $"Tour {round} ligne {line}.";
                    try
                    {
                        using var answer = await anne.SubmitAsync("/connexion", run + "/main-courante", ("commande", $"k{round}-{line}"), ("type", "fait"), ("texte", text));
                        answer.StatusCode.Should().Be(HttpStatusCode.Redirect);
                        confirmed.Add(text);
                    }
                    catch (HttpRequestException)
                    {
                        break;
                    }
                }

                await killing;
            }

            await StartAsync();
            confirmed.Should().NotBeEmpty();
            (await EventsAsync(run)).OfType<EntryNoted>().Select(e => e.Text).Should().Contain(confirmed).And.OnlyHaveUniqueItems();
            Fsck().IsIntact.Should().BeTrue();
        }
    }

    public sealed class OnPostgres() : Bad_input_tests(Engine.Postgres);

    private const string Password = "trois chevaux bleus";

    private readonly TestClock clock = new();
    private readonly List<WebApplication> apps = [];
    private IDisposable database = null!; // set by InitializeAsync before every test

    private protected string folder = Directory.CreateTempSubdirectory("backupguard-bad-").FullName;
    private protected Uri url = new("http://127.0.0.1/");

    public async Task InitializeAsync()
    {
        Directory.CreateDirectory(Path.Combine(folder, "runbooks", "legal"));
        foreach (var file in new[] { "plan-blanc-numerique.yaml", "degrade/degrade-urgences.yaml", "legal/declarations.yaml" })
        {
            File.Copy(Path.Combine(RepositoryRoot(), "runbooks", file), Path.Combine(folder, "runbooks", file.StartsWith("legal", StringComparison.Ordinal) ? file : Path.GetFileName(file)));
        }

        database = engine.Prepare(Path.Combine(folder, "data"));
        await StartAsync();
        await using var scope = apps[0].Services.CreateAsyncScope();
        foreach (var (name, role) in new[] { ("anne", "administrateur"), ("bob", "administrateur"), ("sam", "secretaire") })
        {
            await scope.ServiceProvider.GetRequiredService<Features.Access.PeopleDirectory>().AddAsync(name, name, [role], Password);
        }
    }

    public async Task DisposeAsync()
    {
        await StopAsync();
        database.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task No_form_whatever_it_holds_is_answered_with_a_fault()
    {
        using var anne = await SignedInAsync("anne");
        var run = await StartRunAsync(anne);
        await anne.SubmitAsync("/runbooks", run + "/passages/alerter", ("commande", "a"), ("motif", "Test"), ("preuve-prise-de-connaissance", "21:50"), ("role", ""));
        var token = WebUtility.HtmlDecode(Token().Match(await anne.GetStringAsync("/runbooks")).Groups[1].Value);
        string[] actions =
        [
            "/etapes/choisir-salle", "/etapes/rien", "/passages/lever-doute", "/passages/rien", "/voix", "/faits", "/main-courante", "/main-courante/corrections", "/confirmer", "/modules", "/releve",
            "/degrade", "/retour", "/modification", "/papier", "/declarations/connaissance", "/declarations/rien/envoi", "/declarations/cnil-initiale/envoi", "/declarations/cnil-initiale/sans-objet", "/declarations/lignes",
        ];
        string[] names = ["commande", "type", "texte", "heure", "issue", "choix", "role", "remarque", "motif", "preuve-salle", "demande", "voix", "fait", "valeur", "ligne", "runbook", "etape", "acte", "procedure", "papier", "ressaisis", "retirees", "carte", "nom", "evenement", "canal", "preuve", "conduite", "fichier", "retour", "page"];
        Func<string, HttpContent>[] bodies =
        [
            _ => Form([]),
            _ => Form(names.Select(n => (n, ""))),
            _ => Form(names.Select(n => (n, new string('x', 5000)))),
            _ => Form(names.Select(n => (n, "a\0b"))),
            _ => Form(names.Select(n => (n, "a\u0007\u202e\r\n\u001b[31m'\"<script>{{0}}"))),
            _ => Form(names.Select(n => (n, n == "commande" ? "c" : n is "issue" ? "fait" : n is "acte" ? "prendre" : n is "heure" ? "0001-01-01 00:00" : "9999999999999999999999"))),
            _ => Form(names.Select(n => (n, n is "heure" ? "9999-12-31 23:59" : "-1"))),
            _ => Form(Enumerable.Range(0, 1500).Select(i => ($"champ{i}", "x"))),
            _ => new StringContent("{\"texte\":1}", Encoding.UTF8, "application/json"),
            _ => new StringContent("texte=%ZZ%&&==&=", Encoding.UTF8, "application/x-www-form-urlencoded"),
            _ => new ByteArrayContent([0xff, 0xfe, 0x00]),
        ];
        var before = (await EventsAsync(run)).Count;

        foreach (var action in actions)
        {
            for (var body = 0; body < bodies.Length; body++)
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, run + action) { Content = bodies[body](action) };
                request.Headers.Add("RequestVerificationToken", token);
                using var answer = await anne.SendAsync(request);
                ((int)answer.StatusCode).Should().BeLessThan(500, "{0} with body {1}", action, body);
                if (answer.StatusCode is not (HttpStatusCode.Redirect or HttpStatusCode.Forbidden))
                {
                    Text(await answer.Content.ReadAsStringAsync()).Should().MatchRegex("[a-zé]{4}", "{0} with body {1} says something", action, body);
                }
            }
        }

        (await EventsAsync(run)).Skip(before).Should().OnlyContain(e => e is CommandRefused || e is StepStarted || e is RoleTaken || e is HelpRequested || e is StepFailed || e is EntryNoted || e is PaperFactNoted || e is VoteCast);
        await TickAsync(0);
        foreach (var page in Pages)
        {
            (await anne.GetAsync(run + page)).StatusCode.Should().Be(HttpStatusCode.OK, page);
        }

        FormUrlEncodedContent Form(IEnumerable<(string, string)> fields) => new([new("__RequestVerificationToken", token), .. fields.Select(f => KeyValuePair.Create(f.Item1, f.Item2))]);
    }

    [Fact]
    public async Task A_text_that_is_too_long_is_refused_and_never_cut_or_left_out()
    {
        using var anne = await SignedInAsync("anne");
        var run = await StartRunAsync(anne);
        await anne.SubmitAsync("/runbooks", run + "/passages/alerter", ("commande", "a"), ("motif", "Test"), ("preuve-prise-de-connaissance", "21:50"), ("role", ""));

        using var answer = await anne.SubmitAsync("/runbooks", run + "/etapes/choisir-salle", ("commande", "b"), ("issue", "probleme"), ("remarque", new string('é', 2001)));

        answer.StatusCode.Should().Be(HttpStatusCode.Conflict);
        Text(await answer.Content.ReadAsStringAsync()).Should().Contain("« remarque » a 2001 caractères ; 2000 au plus").And.Contain("Ce que vous avez écrit est ci-dessous").And.Contain(new string('é', 2001), "nobody writes two thousand letters twice");
        (await EventsAsync(run)).OfType<StepFailed>().Should().BeEmpty();
    }

    [Fact]
    public async Task The_same_form_counts_once_and_with_other_words_or_from_another_person_it_is_another_one()
    {
        using var anne = await SignedInAsync("anne");
        using var bob = await SignedInAsync("bob");
        var run = await StartRunAsync(anne);
        (string, string)[] Line(string text) => [("commande", "meme"), ("type", "fait"), ("texte", text)];

        await anne.SubmitAsync("/runbooks", run + "/main-courante", Line("Écrans noirs"));
        await StopAsync();
        await StartAsync();
        using var again = await SignedInAsync("anne");
        using var bobAgain = await SignedInAsync("bob");
        await again.SubmitAsync("/runbooks", run + "/main-courante", Line("Écrans noirs"));
        await again.SubmitAsync("/runbooks", run + "/main-courante", Line("Écrans noirs partout"));
        await bobAgain.SubmitAsync("/runbooks", run + "/main-courante", Line("Écrans noirs"));

        (await EventsAsync(run)).OfType<EntryNoted>().Select(e => (e.Actor.Name, e.Text)).Should().Equal(("anne", "Écrans noirs"), ("anne", "Écrans noirs partout"), ("bob", "Écrans noirs"));
    }

    [Fact]
    public async Task A_page_that_started_an_exercise_does_not_start_the_crisis_and_says_so()
    {
        using var anne = await SignedInAsync("anne");
        var run = await StartRunAsync(anne);

        using var answer = await anne.SubmitAsync("/runbooks", "/runbooks/plan-blanc-numerique/demarrer", ("mode", "reel"), ("conduite", run.Split('/')[^1]), ("confirme", "oui"));

        answer.StatusCode.Should().Be(HttpStatusCode.Conflict);
        Text(await answer.Content.ReadAsStringAsync()).Should().Contain("BG3294").And.Contain("n’est pas démarrée");
        using var odd = await anne.SubmitAsync("/runbooks", "/runbooks/plan-blanc-numerique/demarrer", ("mode", "exercice"), ("conduite", "a/../b"));
        odd.StatusCode.Should().Be(HttpStatusCode.Conflict);
        Text(await odd.Content.ReadAsStringAsync()).Should().Contain("BG3204");
    }

    [Fact]
    public async Task An_ordinary_account_cannot_take_the_clocks_place_or_a_role_it_does_not_hold()
    {
        using var anne = await SignedInAsync("anne");
        using var sam = await SignedInAsync("sam");
        var run = await StartRunAsync(anne);
        await anne.SubmitAsync("/runbooks", run + "/passages/alerter", ("commande", "a"), ("motif", "Test"), ("preuve-prise-de-connaissance", "21:50"), ("role", ""));
        for (var seq = 1; seq < 12; seq++)
        {
            await sam.SubmitAsync("/runbooks", run + "/main-courante", ("commande", $"horloge:{seq + 2}"), ("type", "fait"), ("texte", $"Ligne {seq}"));
        }

        clock.Advance(TimeSpan.FromHours(3));
        await TickAsync(0);

        (await EventsAsync(run)).OfType<DeadlineMissed>().Should().NotBeEmpty();
        (await sam.SubmitAsync("/runbooks", run + "/passages/lever-doute", ("commande", "r"), ("motif", "X"), ("role", "rssi"))).StatusCode.Should().Be(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task When_the_servers_clock_steps_back_lines_keep_their_order_and_no_page_counts_below_zero()
    {
        using var anne = await SignedInAsync("anne");
        var run = await StartRunAsync(anne);
        await anne.SubmitAsync("/runbooks", run + "/passages/alerter", ("commande", "a"), ("motif", "Test"), ("preuve-prise-de-connaissance", "21:50"), ("role", ""));
        clock.Advance(TimeSpan.FromHours(-30));

        (await anne.SubmitAsync("/runbooks", run + "/main-courante", ("commande", "b"), ("type", "fait"), ("texte", "Après le saut"))).StatusCode.Should().Be(HttpStatusCode.Redirect);
        await TickAsync(0);

        (await EventsAsync(run)).Select(e => e.Seq).Should().BeInAscendingOrder();
        foreach (var page in Pages)
        {
            using var answer = await anne.GetAsync(run + page);
            answer.StatusCode.Should().Be(HttpStatusCode.OK, page);
            Text(await answer.Content.ReadAsStringAsync()).Should().NotMatchRegex(@"[-−]\s?\d+\s?(min|h|j|s)\b", page);
        }

        Fsck().IsIntact.Should().BeTrue();
    }

    [Fact]
    public async Task What_nobody_knows_is_shown_as_unknown_and_not_as_false()
    {
        using var anne = await SignedInAsync("anne");
        var run = await StartRunAsync(anne);
        await anne.SubmitAsync("/runbooks", run + "/passages/alerter", ("commande", "a"), ("motif", "Test"), ("preuve-prise-de-connaissance", "21:50"), ("role", ""));

        Text(await anne.GetStringAsync(run)).Should().Contain("Pas encore : on ne sait pas : « ");
        Text(await anne.GetStringAsync(run + "?lang=en")).Should().Contain("Not yet: not known: « ");
    }

    [Fact]
    public async Task Files_that_are_changed_or_deleted_under_a_running_crisis_change_nothing_in_it()
    {
        using var anne = await SignedInAsync("anne");
        var run = await StartRunAsync(anne);
        var before = (await JournalAsync(run)).Definition.Sha256;
        await File.WriteAllTextAsync(Path.Combine(folder, "runbooks", "plan-blanc-numerique.yaml"), "&a [*a, *a]");
        await anne.GetStringAsync("/runbooks");
        Directory.Delete(Path.Combine(folder, "runbooks"), recursive: true);

        await anne.SubmitAsync(run, run + "/passages/alerter", ("commande", "a"), ("motif", "Test"), ("preuve-prise-de-connaissance", "21:50"), ("role", ""));
        (await anne.SubmitAsync(run, run + "/modules", ("commande", "m"), ("runbook", "degrade-urgences"), ("motif", "X"))).StatusCode.Should().Be(HttpStatusCode.Conflict, "its file is gone");
        await StopAsync();
        await StartAsync();
        using var again = await SignedInAsync("anne");

        (await JournalAsync(run)).Should().BeEquivalentTo(new { Definition = new { Sha256 = before }, State = new { State = "alerte" } });
        foreach (var page in Pages)
        {
            (await again.GetAsync(run + page)).StatusCode.Should().Be(HttpStatusCode.OK, page);
        }

        Text(await again.GetStringAsync(run + "/declarations")).Should().Contain("CNIL");
        (await again.GetAsync("/runbooks")).StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Two_servers_on_one_journal_follow_each_other_and_tell_who_was_first()
    {
        using var anne = await SignedInAsync("anne");
        var run = await StartRunAsync(anne);
        await anne.SubmitAsync("/runbooks", run + "/passages/alerter", ("commande", "a"), ("motif", "Test"), ("preuve-prise-de-connaissance", "21:50"), ("role", ""));
        var first = url;
        await StartAsync(); // a second server; url is now its own
        using var bob = await SignedInAsync("bob");
        Text(await bob.GetStringAsync(run + "/main-courante")).Should().Contain("Test");

        await anne.SubmitAsync("/runbooks", run + "/etapes/choisir-salle", ("commande", "t1"), ("issue", "prendre"));
        var late = await bob.SubmitAsync("/runbooks", run + "/etapes/choisir-salle", ("commande", "t2"), ("issue", "prendre"));
        Text(await bob.GetStringAsync(late.Headers.Location!.ToString())).Should().Contain("par anne à");
        await anne.SubmitAsync("/runbooks", run + "/modules", ("commande", "m"), ("runbook", "degrade-urgences"), ("motif", "Urgences sans DPI"));
        clock.Advance(TimeSpan.FromHours(3));
        await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Task.Run(() => TickAsync(i % 2))));
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => (i % 2 == 0 ? anne : bob).SubmitAsync("/runbooks", run + "/main-courante", ("commande", $"l{i}"), ("type", "fait"), ("texte", $"Ligne {i}"))));

        first.Should().NotBe(url);
        var events = await EventsAsync(run);
        events.OfType<DeadlineMissed>().Should().NotBeEmpty().And.OnlyHaveUniqueItems(m => $"{m.Kind} {m.Subject} {m.DueAt:O} {m.Level}");
        events.OfType<EntryNoted>().Select(e => e.Text).Should().BeEquivalentTo(Enumerable.Range(0, 8).Select(i => $"Ligne {i}"));
        events.Select(e => e.Seq).Should().Equal(Enumerable.Range(1, events.Count).Select(i => (long)i));
        (await JournalAsync(run, 1)).Events.Should().HaveCount(events.Count);
        var module = (await JournalAsync(run)).State.Modules.Values.Single().Run;
        (await EventsAsync("/conduites/" + module)).OfType<RunStarted>().Should().ContainSingle();
        Fsck().IsIntact.Should().BeTrue();
    }

    [Fact]
    public async Task A_plan_too_large_for_a_signed_line_is_refused_with_its_limit()
    {
        using var anne = await SignedInAsync("anne");
        var text = await File.ReadAllTextAsync(Path.Combine(folder, "runbooks", "plan-blanc-numerique.yaml"));
        await File.WriteAllTextAsync(Path.Combine(folder, "runbooks", "plan-blanc-numerique.yaml"), text + string.Concat(Enumerable.Repeat("# " + new string('x', 1000) + "\n", 200)));
        var id = RunField().Match(await anne.GetStringAsync("/runbooks")).Groups[1].Value;

        using var answer = await anne.SubmitAsync("/runbooks", "/runbooks/plan-blanc-numerique/demarrer", ("mode", "exercice"), ("conduite", id));

        answer.StatusCode.Should().Be(HttpStatusCode.Conflict);
        Text(await answer.Content.ReadAsStringAsync()).Should().Contain("64 Kio").And.Contain("BG3291").And.Contain("Rien n’a été inscrit");
        (await anne.GetAsync("/conduites/" + id)).StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    private static readonly string[] Pages = ["", "/main-courante", "/mur", "/releve", "/degrade", "/carte", "/etapes/choisir-salle", "/declarations", "/papier", "/cartes", "/modification"];

    private protected Task TickAsync(int server) => apps[server].Services.GetRequiredService<RunClock>().TickAsync(CancellationToken.None);

    private protected async Task<JournaledRunView> JournalAsync(string run, int server = 0)
    {
        var journal = (await apps[server].Services.GetRequiredService<RunJournal>().LoadAsync(run.Split('/')[^1], CancellationToken.None))!; // the run was started
        return new(journal.Definition, journal.Events, journal.State);
    }

    private protected async Task<IReadOnlyList<RunEvent>> EventsAsync(string run) => (await JournalAsync(run)).Events;

    private protected sealed record JournaledRunView(RunDefinition Definition, IReadOnlyList<RunEvent> Events, RunState State);

    private protected static async Task<string> StartRunAsync(HttpClient browser)
    {
        var id = RunField().Match(await browser.GetStringAsync("/runbooks")).Groups[1].Value;
        var answer = await browser.SubmitAsync("/runbooks", "/runbooks/plan-blanc-numerique/demarrer", ("mode", "exercice"), ("conduite", id));
        answer.StatusCode.Should().Be(HttpStatusCode.Redirect, await answer.Content.ReadAsStringAsync());
        return answer.Headers.Location!.ToString();
    }

    private protected async Task<HttpClient> SignedInAsync(string name)
    {
        var browser = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() }) { BaseAddress = url };
        browser.DefaultRequestHeaders.AcceptLanguage.ParseAdd("fr");
        (await browser.SignInAsync(name, Password)).StatusCode.Should().Be(HttpStatusCode.Redirect);
        return browser;
    }

    private protected async Task StartAsync()
    {
        var output = new StringWriter();
        var settings = new ServerSettings(DataFolder.OpenOrCreate(Path.Combine(folder, "data")), [Listener.Parse("http://127.0.0.1:0")]) { RunbooksFolder = Path.Combine(folder, "runbooks") };
        apps.Add(await ServerApp.StartAsync(settings, clock, output, CancellationToken.None));
        url = new Uri(ListeningLine().Match(output.ToString()).Groups[1].Value);
    }

    private protected async Task StopAsync()
    {
        foreach (var app in apps)
        {
            await app.DisposeAsync();
        }

        apps.Clear();
    }

    private protected void Sql(string statement)
    {
        using var store = DatabaseEngine.Of(DataFolder.OpenOrCreate(Path.Combine(folder, "data")));
        using var connection = store.Open();
        connection.Execute(statement);
    }

    private protected FsckReport Fsck()
    {
        var data = DataFolder.OpenOrCreate(Path.Combine(folder, "data"));
        using var identity = ServerIdentity.Load(data);
        using var store = DatabaseEngine.Of(data);
        return Persistence.Fsck.Run(store, identity, clock.GetUtcNow());
    }

    private protected static string Text(string html) => WebUtility.HtmlDecode(Regex.Replace(html, "<[^>]+>", "")).Replace('\u00a0', ' ');

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

    [GeneratedRegex("name=\"__RequestVerificationToken\"[^>]*value=\"([^\"]+)\"")]
    private static partial Regex Token();

    [GeneratedRegex("action=\"/runbooks/plan-blanc-numerique/demarrer\".*?name=\"conduite\" value=\"([^\"]+)\"", RegexOptions.Singleline)]
    private static partial Regex RunField();
}
