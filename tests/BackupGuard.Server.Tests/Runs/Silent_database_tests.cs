using System.Data.Common;
using System.Diagnostics;
using System.Net;
using BackupGuard.Continuity.Runs;
using BackupGuard.Server.Features.CrisisPack;
using BackupGuard.Server.Features.Runs;
using BackupGuard.Server.Persistence;
using BackupGuard.Server.Tests.Support;
using BackupGuard.Server.Tests.Ui;
using FluentAssertions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Xunit;

namespace BackupGuard.Server.Tests.Runs;

/// <summary>A database that another process holds, or that is gone. Nobody waits long, nobody is told that a line is kept, and what was typed is sent once it answers.</summary>
public sealed class Silent_database_tests
{
    [Fact]
    public async Task While_another_process_holds_the_file_pages_are_read_and_every_form_is_given_back_and_then_counts_once()
    {
        await using var house = await RunHouse.StartAsync(Engine.Sqlite, h => h.Server.Replace = services => services.Replace(ServiceDescriptor.Singleton<DatabaseEngine>(_ => new SqliteFile(h.Server.Data, busySeconds: 1))));
        var run = await house.StartRunAsync();
        var token = await house.TokenAsync();
        var before = (await house.EventsAsync(run)).Count;
        (string Address, (string, string)[] Fields, string Words)[] forms =
        [
            ("/main-courante", [("type", "decision"), ("texte", "On bascule sur papier"), ("qui", "Dr Roy")], "On bascule sur papier"),
            ("/etapes/a", [("issue", "probleme"), ("remarque", "Câble introuvable")], "Câble introuvable"),
            ("/faits", [("fait", "ok"), ("valeur", "true"), ("role", "chef")], "true"),
            ("/releve", [("acte", "prendre"), ("role", "chef")], ""),
            ("/papier", [("carte", "02-02"), ("heure", "21:30"), ("nom", "JEANNE MOREL"), ("issue", "aide"), ("remarque", "Il manque du monde")], "JEANNE MOREL"),
        ];
        var kept = new List<List<KeyValuePair<string, string>>>();

        using (Hold(house))
        {
            foreach (var page in new[] { run, run + "/main-courante", run + "/etapes/a", run + "/mur", run + "/papier", "/runbooks", "/", "/annuaire" })
            {
                (await house.Anne.GetAsync(page)).StatusCode.Should().Be(HttpStatusCode.OK, page);
            }

            var watch = Stopwatch.StartNew();
            var answers = await Task.WhenAll(forms.Select((f, i) => house.PostAsync(token, run + f.Address, [("commande", $"c{i}"), .. f.Fields])));
            watch.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(20), "nobody waits for ever, however many wait");
            foreach (var ((address, _, words), answer) in forms.Zip(answers))
            {
                kept.Add(await DemandSaidAsync(answer, address, words));
            }
        }

        (await house.EventsAsync(run)).Should().HaveCount(before, "nothing was recorded while nobody could record");
        foreach (var form in kept.Concat(kept))
        {
            using var again = await house.Anne.PostAsync(form.Single(f => f.Key == "action").Value, new FormUrlEncodedContent(form.Where(f => f.Key != "action")));
            again.StatusCode.Should().Be(HttpStatusCode.Redirect);
        }

        var events = (await house.EventsAsync(run)).Skip(before).ToList();
        events.OfType<EntryNoted>().Should().ContainSingle().Which.Speaker.Should().Be("Dr Roy");
        events.OfType<StepFailed>().Should().ContainSingle();
        events.OfType<FactSet>().Should().ContainSingle();
        events.OfType<RoleTaken>().Should().ContainSingle();
        events.OfType<HelpRequested>().Should().ContainSingle().Which.Paper!.Performer.Should().Be("JEANNE MOREL");
        house.Server.Fsck().IsIntact.Should().BeTrue();
    }

    [Fact]
    public async Task Files_that_change_while_the_database_is_held_do_not_keep_the_pages_waiting()
    {
        await using var house = await RunHouse.StartAsync(Engine.Sqlite, h => h.Server.Replace = services => services.Replace(ServiceDescriptor.Singleton<DatabaseEngine>(_ => new SqliteFile(h.Server.Data, busySeconds: 1))));
        var run = await house.StartRunAsync();
        await File.AppendAllTextAsync(Path.Combine(house.Books, "essai.yaml"), "# changé\n");

        using (Hold(house))
        {
            (await house.Anne.GetAsync("/runbooks")).StatusCode.Should().Be(HttpStatusCode.OK);
            var watch = Stopwatch.StartNew();
            for (var i = 0; i < 5; i++) (await house.Anne.GetAsync(run)).StatusCode.Should().Be(HttpStatusCode.OK);
            watch.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(4), "each page would wait a second for a line that none of them needs");
        }

        house.Server.Clock.Advance(TimeSpan.FromMinutes(2));
        await house.Anne.GetAsync("/runbooks");
        (await house.Server.Log.ReadAsync(0, ["runbook.changed"], CancellationToken.None).ToListAsync()).Should().HaveCount(4, "three files, and the change is written when it can be");
    }

    [Fact]
    public async Task While_postgres_is_away_everything_says_so_at_once_and_when_it_is_back_the_same_form_counts_once()
    {
        using var cluster = new PostgresCluster();
        await using var house = await RunHouse.StartAsync(Engine.Sqlite, h => cluster.Configure(h.Server.Data.Path, cluster.CreateDatabase(withSchema: false)));
        var run = await house.StartRunAsync();
        var token = await house.TokenAsync();
        var before = (await house.EventsAsync(run)).Count;
        cluster.Stop();

        foreach (var page in new[] { run, run + "/main-courante", run + "/etapes/a", run + "/mur", run + "/releve", run + "/papier", run + "/declarations", "/runbooks", "/exercices", "/", "/tests", "/annuaire", "/preuves", "/rapport", "/conduites/rien" })
        {
            var watch = Stopwatch.StartNew();
            using var answer = await house.Anne.GetAsync(page);
            answer.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable, page);
            var html = HtmlPage.Parse(await answer.Content.ReadAsStringAsync());
            html.Text.Should().Contain("Le journal ne répond pas").And.Contain("Que faire maintenant").And.NotContain("Npgsql").And.NotContain("   at ", page);
            watch.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(4), page);
        }

        (await house.Anne.GetAsync("/healthz")).StatusCode.Should().Be(HttpStatusCode.OK, "the process itself is well");
        (await house.Anne.GetAsync("/readyz")).StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        (await house.Anne.GetAsync("/connexion")).StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        using var refused = await house.PostAsync(token, run + "/main-courante", ("commande", "c1"), ("type", "fait"), ("texte", "Base perdue"));
        var form = await DemandSaidAsync(refused, "/main-courante", "Base perdue");
        var clock = house.Server.Services.GetRequiredService<RunClock>();
        (await FluentActions.Awaiting(() => clock.TickAsync(CancellationToken.None)).Should().ThrowAsync<Exception>()).Which.Should().BeAssignableTo<DbException>("the worker around it goes on after that");

        cluster.StartAgain();
        (await house.Anne.GetAsync(run + "/main-courante")).StatusCode.Should().Be(HttpStatusCode.OK);
        for (var i = 0; i < 2; i++)
        {
            using var again = await house.Anne.PostAsync(run + "/main-courante", new FormUrlEncodedContent(form.Where(f => f.Key != "action")));
            again.StatusCode.Should().Be(HttpStatusCode.Redirect);
        }

        house.Server.Clock.Advance(TimeSpan.FromHours(3));
        await clock.TickAsync(CancellationToken.None);
        var events = (await house.EventsAsync(run)).Skip(before).ToList();
        events.OfType<EntryNoted>().Should().ContainSingle().Which.Text.Should().Be("Base perdue");
        events.OfType<DeadlineMissed>().Should().NotBeEmpty("time is watched again");
        house.Server.Fsck().IsIntact.Should().BeTrue();
    }

    [Fact]
    public async Task A_pack_is_made_without_a_database_and_says_what_is_missing()
    {
        using var cluster = new PostgresCluster();
        await using var house = await RunHouse.StartAsync(Engine.Sqlite, h => cluster.Configure(h.Server.Data.Path, cluster.CreateDatabase(withSchema: false)));
        cluster.Stop();

        var made = await house.Server.WithAsync<CrisisPackMaker, MadeCrisisPack>(m => m.MakeAsync(BackupGuard.Server.Ui.Language.French, CancellationToken.None));

        made.Runbooks.Should().Be(2);
        made.Incomplete.Select(p => p.Fr).Should().Contain(t => t.Contains("annuaire", StringComparison.OrdinalIgnoreCase)).And.Contain(t => t.Contains("journal", StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>As another process would: a connection of its own, with the write lock, until it is disposed of.</summary>
    private static Microsoft.Data.Sqlite.SqliteConnection Hold(RunHouse house)
    {
        var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={house.Server.Data.DatabaseFile};Pooling=false");
        connection.Open();
        connection.Execute("BEGIN EXCLUSIVE");
        return connection;
    }

    /// <returns>The form on the page, with its address under "action".</returns>
    private static async Task<List<KeyValuePair<string, string>>> DemandSaidAsync(HttpResponseMessage answer, string address, string words)
    {
        answer.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable, address);
        var page = HtmlPage.Parse(await answer.Content.ReadAsStringAsync());
        page.Text.Replace('\u00a0', ' ').Should().Contain("BG3292").And.Contain("Rien n’est confirmé").And.Contain("papier").And.Contain("Que faire maintenant");
        Accessibility.Problems(page, "fr").Should().BeEmpty(address);
        var form = page.All("form").Single(f => ((string?)f.Attribute("action") ?? "").EndsWith(address, StringComparison.Ordinal));
        List<KeyValuePair<string, string>> fields =
        [
            new("action", (string)form.Attribute("action")!),
            .. form.Descendants().Where(e => e.Name.LocalName is "input" or "textarea" && e.Attribute("name") is not null).Select(e => KeyValuePair.Create((string)e.Attribute("name")!, (string?)e.Attribute("value") ?? e.Value)),
        ];
        fields.Should().Contain(f => f.Value.Contains(words, StringComparison.Ordinal), address);
        return fields;
    }
}
