using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using BackupGuard.Server.Features.CrisisPack;
using BackupGuard.Server.Tests.Support;
using FluentAssertions;
using Xunit;
using Xunit.Abstractions;

namespace BackupGuard.Server.Tests.Runs;

/// <summary>A plan as somebody's program wrote it: ten thousand steps, the largest that a file holds, the largest that a run can be started with.</summary>
public sealed class Large_plan_tests(ITestOutputHelper output)
{
    [Fact]
    public async Task Ten_thousand_steps_are_too_large_a_file_and_the_shelf_says_what_is_wrong_with_it()
    {
        await using var house = await RunHouse.StartAsync(Engine.Sqlite, h => File.WriteAllText(Path.Combine(h.Books, "immense.yaml"), Plan("immense", 10_000)));

        var page = await TimedAsync(house, "/runbooks");

        RunHouse.Text(page).Should().Contain("immense.yaml").And.Contain("BG3091").And.Contain("1 Mo");
    }

    [Fact]
    public async Task The_largest_plan_that_a_file_holds_is_shown_by_pages_and_is_too_large_to_be_started()
    {
        var steps = 1024 * 1024 / (Encoding.UTF8.GetByteCount(Plan("grand", 2000)) / 2000) - 50;
        var text = Plan("grand", steps);
        Encoding.UTF8.GetByteCount(text).Should().BeInRange(900 * 1024, 1024 * 1024);
        await using var house = await RunHouse.StartAsync(Engine.Sqlite, h => File.WriteAllText(Path.Combine(h.Books, "grand.yaml"), text));
        output.WriteLine($"{steps} steps, {text.Length} characters");

        foreach (var page in new[] { "/runbooks", "/runbooks?q=etape 17", "/runbooks/grand", "/runbooks/grand/cartes", "/runbooks/grand/cartes?role=chef" })
        {
            await TimedAsync(house, page);
        }

        using var started = await house.PostAsync(await house.TokenAsync(), "/runbooks/grand/demarrer", ("mode", "exercice"), ("conduite", "grande"));
        started.StatusCode.Should().Be(HttpStatusCode.Conflict);
        RunHouse.Text(await started.Content.ReadAsStringAsync()).Should().Contain("64 Kio").And.Contain("BG3291");
        await PackAsync(house);
    }

    [Fact]
    public async Task The_largest_plan_that_can_be_started_is_conducted_by_pages_that_a_person_can_read()
    {
        var steps = 60 * 1024 / (Encoding.UTF8.GetByteCount(Plan("plein", 200)) / 200);
        await using var house = await RunHouse.StartAsync(Engine.Sqlite, h => File.WriteAllText(Path.Combine(h.Books, "plein.yaml"), Plan("plein", steps)));
        output.WriteLine($"{steps} steps");
        var run = await house.StartRunAsync("plein");

        foreach (var page in new[] { "", "/carte", "/etapes/s7", "/main-courante", "/mur", "/releve", "/cartes", "/cartes?toutes=1", "/papier", "/papier?carte=90-0007", "/modification", "/degrade" })
        {
            await TimedAsync(house, run + page);
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

    private static string Plan(string id, int steps)
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
            text.Append(CultureInfo.InvariantCulture, $"- {{ id: s{i}, in: s, kind: manual, role: {(i % 100 == 0 ? "chef" : "tech")}, card: 90-{i:0000}, title: {{ fr: Etape {i} }} }}\n");
        }

        return text.ToString();
    }
}
