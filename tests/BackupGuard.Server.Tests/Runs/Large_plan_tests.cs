using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using BackupGuard.Server.Features.CrisisPack;
using BackupGuard.Server.Tests.Support;
using BackupGuard.Server.Tests.Ui;
using FluentAssertions;
using Xunit;
using Xunit.Abstractions;

namespace BackupGuard.Server.Tests.Runs;

/// <summary>A plan as somebody's program wrote it: ten thousand steps, the largest that a file holds, the largest that a run can be started with.</summary>
public sealed class Large_plan_tests(ITestOutputHelper output)
{
    /// <summary>A hundred sheets with their codes take the most.</summary>
    private const int MostCharacters = 400_000;

    [Fact]
    public async Task Ten_thousand_long_steps_are_too_large_a_file_and_the_shelf_says_so()
    {
        await using var house = await RunHouse.StartAsync(Engine.Sqlite, h => File.WriteAllText(Path.Combine(h.Books, "immense.yaml"), Plan("immense", 10_000, "Débranchez le câble bleu du local technique")));

        var page = await TimedAsync(house, "/runbooks");

        RunHouse.Text(page).Should().Contain("immense.yaml").And.Contain("BG3091").And.Contain("1 Mo");
    }

    [Fact]
    public async Task Ten_thousand_short_steps_are_shown_by_pages_and_are_too_many_to_be_started()
    {
        var text = Plan("grand", 10_000);
        await using var house = await RunHouse.StartAsync(Engine.Sqlite, h => File.WriteAllText(Path.Combine(h.Books, "grand.yaml"), text));
        output.WriteLine($"10000 steps, {text.Length} characters");

        foreach (var page in new[] { "/runbooks", "/runbooks?q=etape 17", "/runbooks/grand", "/runbooks/grand?suite=9801", "/runbooks/grand/cartes", "/runbooks/grand/cartes?suite=9901", "/runbooks/grand/cartes?role=chef" })
        {
            (await TimedAsync(house, page)).Length.Should().BeLessThan(MostCharacters, page);
        }

        var last = HtmlPage.Parse(await house.Anne.GetStringAsync("/runbooks/grand?suite=9801"));
        last.All("details").Should().HaveCount(200);
        last.Text.Should().Contain("Etape 10000").And.MatchRegex(@"De 9\W801 à 10\W000 sur 10\W000");
        last.All("a").Select(a => (string?)a.Attribute("href")).Should().Contain("/runbooks/grand?suite=9601").And.NotContain("/runbooks/grand?suite=10001");
        var sheets = HtmlPage.Parse(await house.Anne.GetStringAsync("/runbooks/grand/cartes?suite=9901"));
        sheets.All("article").Should().HaveCount(100);
        sheets.Text.Should().MatchRegex(@"page 9\W901/10\W000");
        var found = HtmlPage.Parse(await house.Anne.GetStringAsync("/runbooks?q=Avant-derniere"));
        var link = found.All("a").Select(a => (string?)a.Attribute("href")).Single(h => h!.Contains('#', StringComparison.Ordinal) && h.Contains("s9999", StringComparison.Ordinal))!;
        (await house.Anne.GetStringAsync(link.Split('#')[0])).Should().Contain($"id=\"{link.Split('#')[1]}\"", "a card that was found is on the page that the link opens");

        using var started = await house.PostAsync(await house.TokenAsync(), "/runbooks/grand/demarrer", ("mode", "exercice"), ("conduite", "grande"));
        started.StatusCode.Should().Be(HttpStatusCode.Conflict);
        RunHouse.Text(await started.Content.ReadAsStringAsync()).Should().Contain("64 Kio").And.Contain("BG3291");
        await PackAsync(house);
    }

    [Fact]
    public async Task The_largest_plan_that_can_be_started_is_conducted_by_pages_that_a_person_can_read()
    {
        var steps = 56 * 1024 / (Encoding.UTF8.GetByteCount(Plan("plein", 200)) / 200);
        await using var house = await RunHouse.StartAsync(Engine.Sqlite, h => File.WriteAllText(Path.Combine(h.Books, "plein.yaml"), Plan("plein", steps)));
        output.WriteLine($"{steps} steps");
        var run = await house.StartRunAsync("plein");

        foreach (var page in new[] { "", "/carte", "/etapes/s7", "/main-courante", "/mur", "/releve", "/cartes", "/cartes?toutes=1", "/papier", "/papier?carte=s7", "/modification", "/degrade" })
        {
            (await TimedAsync(house, run + page)).Length.Should().BeLessThan(MostCharacters, page);
        }

        var rows = new List<string>();
        for (var from = 1; from <= steps; from += 200)
        {
            var seen = HtmlPage.Parse(await house.Anne.GetStringAsync($"{run}?suite={from}"));
            Accessibility.Problems(seen, "fr").Should().BeEmpty();
            rows.AddRange(seen.All("tbody").First().Elements("tr").Select(r => r.Element("th")!.Value.Trim()));
        }

        rows.Should().BeEquivalentTo(Enumerable.Range(1, steps).Select(i => $"Etape {i}"), "page after page each step comes once");
        foreach (var odd in new[] { "0", "-3", "99999999999", "zwei", "774" })
        {
            (await house.Anne.GetAsync($"{run}?suite={odd}")).StatusCode.Should().Be(HttpStatusCode.OK, odd);
        }

        await PackAsync(house);
    }

    private async Task PackAsync(RunHouse house)
    {
        var watch = Stopwatch.StartNew();
        var made = await house.Server.WithAsync<CrisisPackMaker, MadeCrisisPack>(m => m.MakeAsync(BackupGuard.Server.Ui.Language.French, CancellationToken.None));
        output.WriteLine($"{watch.ElapsedMilliseconds,6} ms  {made.Zip.Length,9} bytes  crisis pack");
    }

    private async Task<string> TimedAsync(RunHouse house, string page)
    {
        using var first = await house.Anne.GetAsync(page);
        var watch = Stopwatch.StartNew();
        using var answer = await house.Anne.GetAsync(page);
        var html = await answer.Content.ReadAsStringAsync();
        output.WriteLine($"{watch.ElapsedMilliseconds,6} ms  {html.Length,9} characters  {page}");
        answer.StatusCode.Should().Be(HttpStatusCode.OK, page);
        return html;
    }

    private static string Plan(string id, int steps, string title = "Etape")
    {
        var text = new StringBuilder($$"""
            format: backupguard.runbook/v1
            id: {{id}}
            version: 1.0.0
            title: { fr: Plan immense }
            plan: PRA
            review: { owner: dsi, reviewBy: 2027-03-31 }
            roles:
              chef: { label: { fr: Chef }, deputies: 2 }
              tech: { label: { fr: Technicien }, deputies: 2 }
            lifecycle: { initial: s, states: { s: { transitions: { finir: { to: fin } } }, fin: { final: true } } }
            steps:

            """);
        for (var i = 1; i <= steps; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"- {{ id: s{i}, in: s, kind: manual, role: {(i % 100 == 0 ? "chef" : "tech")}, title: {{ fr: {(i == 9_999 ? "Avant-derniere" : title)} {i} }} }}\n");
        }

        return text.ToString();
    }
}
