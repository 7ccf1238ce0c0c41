using System.Text.RegularExpressions;
using FluentAssertions;
using Microsoft.Playwright;
using Xunit;

namespace BackupGuard.System.Tests;

/// <summary>What somebody with only the SDK sees: one command, a real backup looked at, and an answer on a page.</summary>
public sealed partial class DemoTests
{
    [Fact]
    public async Task The_demo_starts_two_processes_shows_green_and_red_and_stops_cleanly()
    {
        await using var demo = new Watched(Programs.Start("dotnet", [Programs.Demo]));
        var address = (await demo.LineAsync("/connexion?code=")).Trim();
        await demo.LineAsync("drill:laboratoire-hebdo: failed");
        demo.Text.Should().Contain("verify:archives: proved").And.Contain("drill:archives-hebdo: proved").And.Contain("drill:pharmacie-hebdo: proved").And.Contain("verify:laboratoire: failed");
        var url = new Uri(address).GetLeftPart(UriPartial.Authority);

        await using (var chromium = await Chromium.StartAsync(javaScript: false))
        {
            await chromium.SignInAsync(address);
            await WaitForFailureOnPageAsync(chromium.Page, url);
            await chromium.Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(AppContext.BaseDirectory, "portefeuille.png"), FullPage = true });
            // The picture of the README.
            await chromium.Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(AppContext.BaseDirectory, "screenshot.png"), Clip = new Clip { X = 0, Y = 0, Width = 1280, Height = 800 } });
            (await StateOfAsync(chromium.Page, "Archives et procédures")).Should().Contain("Prouvé");
            (await StateOfAsync(chromium.Page, "Pharmacie (PUI)")).Should().Contain("Prouvé");
            (await StateOfAsync(chromium.Page, "Laboratoire (SIL)")).Should().Contain("Échec");
            (await StateOfAsync(chromium.Page, "Dossier patient (DPI)")).Should().Contain("Non prouvé", "nobody ever looked");

            await EveryPageAnswersAsync(chromium.Page, url);
            await ReportFitsOneSideAsync(chromium.Page, url);
            await AnExerciseMovesFromStepToStepAsync(chromium.Page, url);
            await AnAuditorTakesAPackAwayAsync(chromium.Page, url);

            await chromium.Page.GotoAsync(address);
            await chromium.Page.Locator("form[action^='/connexion'] button").Last.ClickAsync();
            chromium.Page.Url.Should().Contain("/connexion", "the address works once");
            chromium.Strangers.Should().BeEmpty("a hospital under attack has no internet");
        }

        (await demo.SignalAsync("INT")).Should().Be(0, demo.Text);
        demo.Text.Should().NotContain("was ended", "both processes stop when asked");
        Directory.EnumerateDirectories(Path.GetTempPath(), "backupguard-demo-*").Where(d => demo.Text.Contains(d, StringComparison.Ordinal)).Should().BeEmpty();
    }

    private static async Task WaitForFailureOnPageAsync(IPage page, string url)
    {
        for (var attempt = 0; attempt < 60; attempt++)
        {
            await page.GotoAsync(url + "/tests");
            if ((await page.Locator("main").InnerTextAsync()).Contains("laboratoire-hebdo", StringComparison.Ordinal)) break;
            await Task.Delay(500);
        }
        await page.GotoAsync(url + "/");
    }

    private static async Task<string> StateOfAsync(IPage page, string application) =>
        await page.Locator("table.ledger tbody tr").Filter(new LocatorFilterOptions { Has = page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = application, Exact = true }) }).First.InnerTextAsync();

    private static async Task EveryPageAnswersAsync(IPage page, string url)
    {
        await page.GotoAsync(url + "/");
        var links = await page.Locator("a[href^='/']").EvaluateAllAsync<string[]>("links => links.map(l => l.getAttribute('href'))");
        foreach (var link in links.Distinct().Where(l => !l.StartsWith("/deconnexion", StringComparison.Ordinal)))
        {
            var answer = await page.GotoAsync(url + link);
            answer!.Status.Should().Be(200, link);
            (await page.Locator("h1").CountAsync()).Should().Be(1, link);
        }
    }

    private static async Task ReportFitsOneSideAsync(IPage page, string url)
    {
        await page.GotoAsync(url + "/rapport");
        var pdf = await page.PdfAsync(new PagePdfOptions { Format = "A4", PreferCSSPageSize = true });
        PdfPage().Count(global::System.Text.Encoding.Latin1.GetString(pdf)).Should().Be(1, "the director gets one side");
        await page.Locator("a[href^='/preuves/']").First.ClickAsync();
        (await page.Locator("main").InnerTextAsync()).Should().Contain("backupguard.evidence/v1", "each number leads to its signed entry");
    }

    private static async Task AnExerciseMovesFromStepToStepAsync(IPage page, string url)
    {
        await page.GotoAsync(url + "/runbooks");
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Démarrer un exercice (Plan blanc numérique" }).ClickAsync();
        (await page.Locator("body").InnerTextAsync()).Should().Contain("EXERCICE", "nobody may take it for the real thing");
        var run = page.Url;
        await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(AppContext.BaseDirectory, "conduite.png"), FullPage = true });

        // Out of order: a step of a later state can be looked at, and has nothing to press.
        await page.Locator("main details summary").ClickAsync();
        await page.Locator("details table a").Last.ClickAsync();
        (await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Fait" }).CountAsync()).Should().Be(0, "its time has not come");

        // The first move of the lifecycle opens the first steps.
        await page.GotoAsync(run);
        var move = page.Locator("form[action*='/passages/alerter']");
        // Left empty, the hour of the move is now.
        foreach (var field in await move.Locator("input[type=text]:not([name=heure])").AllAsync()) await field.FillAsync(await field.GetAttributeAsync("name") == "motif" ? "note de rançon" : "03:12");
        await move.Locator("button").ClickAsync();
        await page.GotoAsync(run);
        var steps = page.Locator("section[aria-labelledby=t-steps] table a");
        (await steps.CountAsync()).Should().BePositive("the alert has steps");
        var name = await steps.First.InnerTextAsync();
        await steps.First.ClickAsync();
        await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(AppContext.BaseDirectory, "etape.png"), FullPage = true });
        foreach (var field in await page.Locator("form .fields input[required]").AllAsync()) await field.FillAsync(await field.GetAttributeAsync("inputmode") == "numeric" ? "03:12" : "vu");
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Je prends cette étape" }).ClickAsync();
        await page.GotoAsync(run + "/main-courante");
        var log = await page.Locator("main").InnerTextAsync();
        log.Should().Contain(name, "the main courante lists every event");
        await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(AppContext.BaseDirectory, "main-courante.png"), FullPage = true });
    }

    private static async Task AnAuditorTakesAPackAwayAsync(IPage page, string url)
    {
        using var stick = new TemporaryFolder();
        var pack = stick.Of("dossier.zip");
        await page.GotoAsync(url + "/preuves");
        var key = await page.Locator("#cle-du-journal").InnerTextAsync();
        await page.Locator("input[name=du]").FillAsync("2000-01-01");
        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Télécharger le dossier" }).ClickAsync());
        await download.SaveAsAsync(pack);

        var first = await Programs.RunAsync("dotnet", [Programs.Evidence, "verify", pack, "--key", key, "--language", "fr"]);
        first.ExitCode.Should().Be(0, first.Output + first.Error);
        first.Output.Should().Contain("JUSTE");
        var second = await Programs.RunAsync("python3", ["-B", Programs.SecondVerifier, "--key", key, pack]);
        second.ExitCode.Should().Be(0, second.Output + second.Error);

        // From the stick, without the server: pages for people, and the exercise that was just run in its own box.
        global::System.IO.Compression.ZipFile.ExtractToDirectory(pack, stick.Of("dossier"));
        await page.GotoAsync("file://" + stick.Of("dossier", "index.html"));
        await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(AppContext.BaseDirectory, "dossier.png"), FullPage = true });
        (await page.Locator("div[lang=fr] [data-family=restore-test] tbody tr").CountAsync()).Should().BeGreaterThanOrEqualTo(3, "the demo tests three applications");
        (await page.Locator("div[lang=fr] [data-family=exercise] tbody tr").CountAsync()).Should().Be(1, "one exercise was started");
        await page.Locator("div[lang=fr] [data-family=restore-test] tbody th a").First.ClickAsync();
        await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(AppContext.BaseDirectory, "dossier-test.png"), FullPage = true });
        (await page.Locator("div[lang=en] h1").InnerTextAsync()).Should().Contain("Restore test");
        await page.GotoAsync(url + "/");
    }

    [GeneratedRegex(@"/Type\s*/Page[^s]")]
    private static partial Regex PdfPage();
}
