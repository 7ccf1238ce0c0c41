using System.Net;
using System.Text.RegularExpressions;
using BackupGuard.Continuity.Runs;
using BackupGuard.Server.Features.Runs;
using BackupGuard.Server.Tests.Support;
using BackupGuard.Server.Tests.Ui;
using FluentAssertions;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace BackupGuard.Server.Tests.Runs;

/// <summary>Sunday 31 October 2027 in Paris has two 02:30; Sunday 28 March 2027 has none. A crisis goes on through both.</summary>
public sealed class Night_with_an_hour_twice_tests : IAsyncLifetime
{
    private static readonly DateTimeOffset First = new(2027, 10, 31, 0, 30, 0, TimeSpan.Zero), Second = First.AddHours(1);

    private RunHouse house = null!; // these three are set by InitializeAsync before every test
    private string run = "", token = "";

    public async Task InitializeAsync()
    {
        house = await RunHouse.StartAsync(Engine.Sqlite, h =>
        {
            File.WriteAllText(h.Server.CatalogueFile, "format: backupguard.catalogue/v1\nestablishment: CH de Valmont\ntimeZone: Europe/Paris\napplications:\n  - { id: dpi, name: Dossier patient, service: Soins }\n");
            h.Server.Clock.Advance(First.AddMinutes(-15) - h.Server.Clock.GetUtcNow());
        });
        run = await house.StartRunAsync();
        token = await house.TokenAsync();
    }

    public async Task DisposeAsync() => await house.DisposeAsync();

    [Fact]
    public async Task Lines_of_both_stand_in_their_order_each_with_its_offset_also_where_a_page_ends_between_them()
    {
        await AtAsync(First, "Ligne première");
        for (var i = 0; i < 120; i++) await AtAsync(First.AddSeconds(i + 1), $"Été {i}");
        await AtAsync(Second, "Ligne seconde");
        for (var i = 0; i < 110; i++) await AtAsync(Second.AddSeconds(i + 1), $"Hiver {i}");

        foreach (var order in new[] { "", "?tri=inscription" })
        {
            var (lines, page) = (new List<string>(), run + "/main-courante" + order);
            while (page is not null)
            {
                var html = HtmlPage.Parse(await house.Anne.GetStringAsync(page));
                lines.AddRange(html.All("tbody").Single().Elements("tr").Select(r => Regex.Replace(r.Value.Replace('\u00a0', ' '), @"\s+", " ")));
                page = html.All("a").Where(a => a.Value.Contains("Lignes plus anciennes", StringComparison.Ordinal)).Select(a => run + "/main-courante" + (string?)a.Attribute("href")).SingleOrDefault();
            }

            lines.Should().HaveCount(234, "no line is lost or shown twice at the seam");
            var (summer, winter) = (lines.FindIndex(l => l.Contains("Ligne première", StringComparison.Ordinal)), lines.FindIndex(l => l.Contains("Ligne seconde", StringComparison.Ordinal)));
            winter.Should().BeLessThan(summer, "newest first");
            lines[summer].Should().Contain("02:30 dim. 31 oct. 2027 (UTC+2)");
            lines[winter].Should().Contain("02:30 dim. 31 oct. 2027 (UTC+1)");
            lines.Take(winter).Should().OnlyContain(l => l.Contains("Hiver", StringComparison.Ordinal));
            lines.Skip(winter + 1).Take(120).Should().OnlyContain(l => l.Contains("Été", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Whoever_types_the_hour_afterwards_is_asked_which_one_and_loses_no_word()
    {
        house.Server.Clock.Advance(Second.AddHours(5) - house.Server.Clock.GetUtcNow());

        using var unclear = await house.PostAsync(token, run + "/main-courante", ("commande", "c1"), ("type", "fait"), ("heure", "02:30"), ("texte", "Le câble est coupé"));
        var page = await house.SeenAsync(unclear);
        RunHouse.Text(page).Should().Contain("cette heure est venue deux fois").And.Contain("02:30+2");
        page.Should().Contain("value=\"02:30\"").And.Contain("Le c");
        await house.PostAsync(token, run + "/main-courante", ("commande", "c1"), ("type", "fait"), ("heure", "02:30+2"), ("texte", "Le câble est coupé"));

        (string, string)[] card = [("carte", "02-01"), ("nom", "JEANNE MOREL"), ("issue", "fait")];
        using var paper = await house.PostAsync(token, run + "/papier", [("commande", "p"), .. card, ("heure", "02:45"), ("preuve-heure", "02:30")]);
        RunHouse.Text(await house.SeenAsync(paper)).Should().Contain("cette heure est venue deux fois");
        using var proof = await house.PostAsync(token, run + "/papier", [("commande", "p"), .. card, ("heure", "02:45+1"), ("preuve-heure", "02:30")]);
        RunHouse.Text(await house.SeenAsync(proof)).Should().Contain("cette heure est venue deux fois");
        (await house.EventsAsync(run)).Should().NotContain(e => e.Paper != null);
        await house.PostAsync(token, run + "/papier", [("commande", "p"), .. card, ("heure", "02:45+1"), ("preuve-heure", "02:30+2")]);

        var events = await house.EventsAsync(run);
        events.OfType<EntryNoted>().Should().ContainSingle().Which.OccurredAt.Should().Be(First);
        var done = events.OfType<StepCompleted>().Should().ContainSingle().Subject;
        (done.OccurredAt, done.Evidence["heure"]).Should().Be((Second.AddMinutes(15), "2027-10-31T00:30Z"));
        var log = Regex.Replace(RunHouse.Text(await house.Anne.GetStringAsync(run + "/main-courante")), @"\s+", " ");
        log.Should().Contain("02:30 dim. 31 oct. 2027 (UTC+2)").And.Contain("02:45 dim. 31 oct. 2027 (UTC+1)");
    }

    [Fact]
    public async Task In_the_middle_of_that_night_what_has_not_been_yet_is_not_meant_and_the_nearer_one_is()
    {
        await AtAsync(Second.AddMinutes(-20), "Entre les deux", "02:30");
        await AtAsync(Second.AddMinutes(10), "Juste après", "02:30");

        (await house.EventsAsync(run)).OfType<EntryNoted>().Select(e => e.OccurredAt).Should().Equal(First, Second);
    }

    [Fact]
    public async Task A_deadline_and_a_hand_over_across_it_last_as_long_as_they_say_and_the_wall_tells_both_hours_apart()
    {
        await house.Server.AddPersonAsync("bob", RunHouse.Password, "administrateur");
        using var bob = await house.SignedInAsync("bob");
        RunHouse.Text(await house.Anne.GetStringAsync(run + "/etapes/a")).Should().Contain("03:15", "two hours after 02:15 in summer time, with one turned back");
        var clock = house.Server.Services.GetRequiredService<RunClock>();
        house.Server.Clock.Advance(First - house.Server.Clock.GetUtcNow());
        await house.PostAsync(token, run + "/releve", ("commande", "t"), ("acte", "prendre"), ("role", "chef"));
        await house.PostAsync(token, run + "/releve", ("commande", "o"), ("acte", "remettre"), ("role", "chef"), ("remarque", "Rien à signaler"));
        house.Server.Clock.Advance(TimeSpan.FromHours(1));
        var offer = (await house.RunAsync(run)).State.Shifts.Offers.Keys.Single();
        (await bob.SubmitAsync(run + "/releve", run + "/releve", ("commande", "a"), ("acte", "accepter"), ("role", "chef"), ("demande", offer))).StatusCode.Should().Be(HttpStatusCode.Redirect);
        await clock.TickAsync(CancellationToken.None);

        (await house.EventsAsync(run)).OfType<DeadlineMissed>().Should().BeEmpty("an hour is left");
        var handover = RunHouse.Text(await house.Anne.GetStringAsync(run + "/releve"));
        handover.Should().Contain("02:30 (UTC+1), Chef de salle : de anne à bob").And.Contain("bob, depuis dim. 31 oct. 2027, 02:30 (UTC+1)");
        var wall = RunHouse.Text(await house.Anne.GetStringAsync(run + "/mur"));
        wall.Should().Contain("02:30 (UTC+1)").And.Contain("03:15");
        house.Server.Clock.Advance(TimeSpan.FromMinutes(46));
        await clock.TickAsync(CancellationToken.None);

        (await house.EventsAsync(run)).OfType<DeadlineMissed>().Should().Contain(m => m.Subject == "a" && m.DueAt == First.AddMinutes(105));
        RunHouse.Text(await house.Anne.GetStringAsync(run + "/mur")).Should().Contain("1 étape en retard");
    }

    [Fact]
    public async Task An_hour_that_the_spring_leaves_out_is_not_taken_for_that_of_another_night()
    {
        house.Server.Clock.Advance(new DateTimeOffset(2028, 3, 26, 6, 0, 0, TimeSpan.Zero) - house.Server.Clock.GetUtcNow());
        await house.SignInAgainAsync();
        token = await house.TokenAsync();

        using var entry = await house.PostAsync(token, run + "/main-courante", ("commande", "c1"), ("type", "fait"), ("heure", "02:30"), ("texte", "mot-printemps"));
        var page = await house.SeenAsync(entry);
        RunHouse.Text(page).Should().Contain("cette heure n’a pas existé");
        page.Should().Contain("value=\"mot-printemps\"");
        using var paper = await house.PostAsync(token, run + "/papier", ("commande", "p"), ("carte", "02-02"), ("nom", "JEANNE MOREL"), ("issue", "fait"), ("heure", "2h30"));
        RunHouse.Text(await house.SeenAsync(paper)).Should().Contain("cette heure n’a pas existé");
        await AtAsync(house.Server.Clock.GetUtcNow(), "Après le saut", "03:10");

        (await house.EventsAsync(run)).OfType<EntryNoted>().Should().ContainSingle().Which.OccurredAt.Should().Be(new DateTimeOffset(2028, 3, 26, 1, 10, 0, TimeSpan.Zero));
    }

    private async Task AtAsync(DateTimeOffset now, string text, string hour = "")
    {
        house.Server.Clock.Advance(now - house.Server.Clock.GetUtcNow());
        using var answer = await house.PostAsync(token, run + "/main-courante", ("commande", text), ("type", "fait"), ("heure", hour), ("texte", text));
        answer.StatusCode.Should().Be(HttpStatusCode.Redirect);
        answer.Headers.Location!.ToString().Should().NotContain("refus=", text);
    }
}
