using System.Text.RegularExpressions;
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using FluentAssertions;
using Microsoft.Playwright;
using Xunit;

namespace BackupGuard.System.Tests;

/// <summary>
/// Every page that can be reached by links, in a real browser: axe-core without one violation of WCAG 2.2 A and AA, no sideways scrolling
/// at 320 pixels and at 200 % zoom, every control reached by the Tab key with a focus that can be seen, and the same heading without JavaScript.
/// </summary>
public sealed partial class EveryPageAccessibilityTests : IAsyncLifetime
{
    private static readonly string[] Rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

    private readonly string folder = Directory.CreateTempSubdirectory("backupguard-pages-").FullName;
    private Watched? server;
    private string url = "";
    private IPlaywright playwright = null!;  // set by InitializeAsync before every test
    private IBrowser browser = null!;        // set by InitializeAsync before every test

    public async Task InitializeAsync()
    {
        await Programs.MustAsync("dotnet", Programs.Server, "accounts", "add", "chef", "--roles", "administrateur", "--data", folder);
        server = new Watched(Programs.Start("dotnet", [Programs.Server, "run", "--urls", "http://127.0.0.1:0", "--data", folder, "--runbooks", Path.Combine(Programs.Root, "runbooks")]));
        url = (await server.LineAsync("Listening on "))["Listening on ".Length..].Trim();
        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = "/usr/bin/chromium",
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
    }

    public async Task DisposeAsync()
    {
        await browser.DisposeAsync();
        playwright.Dispose();
        if (server is not null) await server.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Every_page_holds_by_sight_by_keyboard_narrow_enlarged_and_without_script()
    {
        var page = await SignedInAsync(script: true);
        await StartAnExerciseAsync(page);
        var plain = await SignedInAsync(script: false);
        List<string> problems = [];
        var visited = await EveryKindOfPageAsync(page);
        visited.Should().HaveCountGreaterThan(15, "the crawl finds the site");
        foreach (var path in visited)
        {
            await page.SetViewportSizeAsync(1280, 900);
            var answer = await page.GotoAsync(url + path);
            if (answer?.Status != 200 || await page.Locator("h1").CountAsync() != 1)
            {
                problems.Add($"{path}: status {answer?.Status}, {await page.Locator("h1").CountAsync()} headings of the first level");
                continue;
            }

            problems.AddRange(await AxeAsync(page, path));
            problems.AddRange(await KeyboardAsync(page, path));
            // 1280 pixels at 200 % are as wide as 640; 320 is what 400 % leaves.
            foreach (var width in new[] { 640, 320 })
            {
                await page.SetViewportSizeAsync(width, 700);
                var over = await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - document.documentElement.clientWidth");
                if (over > 0) problems.Add($"{path}: scrolls sideways by {over} pixels at {width}: {await page.EvaluateAsync<string>(Widest)}");
            }

            var heading = await page.Locator("h1").TextContentAsync();
            await plain.GotoAsync(url + path);
            if (await plain.Locator("h1").TextContentAsync() != heading) problems.Add($"{path}: another heading without script");
        }

        problems.Should().BeEmpty();
    }

    private const string Widest = "() => [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1 && !e.closest('.watermark')).slice(-1).map(e => e.outerHTML.slice(0, 120)).join()";

    private static async Task<IEnumerable<string>> AxeAsync(IPage page, string where)
    {
        var result = await page.RunAxe(new AxeRunOptions { RunOnly = new RunOnlyOptions { Type = "tag", Values = [.. Rules] } });
        return result.Violations.Select(v => $"{where}: {v.Id}, {v.Nodes.Length} times, first {v.Nodes[0].Html[..Math.Min(160, v.Nodes[0].Html.Length)]}");
    }

    /// <summary>Tab goes through all controls once, shows where it is, and comes out at the end.</summary>
    private static async Task<IEnumerable<string>> KeyboardAsync(IPage page, string where)
    {
        const string marked = "() => { const e = document.activeElement; if (!e || e === document.body) return 'out'; const s = getComputedStyle(e); e.dataset.seen = '1'; const r = e.getBoundingClientRect(); return (s.outlineStyle === 'none' && s.boxShadow === 'none' ? 'unseen ' : r.bottom < 0 || r.top > innerHeight ? 'hidden ' : 'ok ') + e.outerHTML.slice(0, 100); }";
        List<string> problems = [];
        // From the first link on, also on a page that begins with the cursor in a field.
        await page.EvaluateAsync("() => document.querySelector('a').focus()");
        var (presses, ended) = (0, false);
        for (; presses < MostPresses && !ended; presses++)
        {
            await page.Keyboard.PressAsync("Tab");
            var at = await page.EvaluateAsync<string>(marked);
            ended = at == "out";
            if (!ended && !at.StartsWith("ok ", StringComparison.Ordinal)) problems.Add($"{where}: focus {at}");
        }

        var missed = await page.EvaluateAsync<string[]>("() => [...document.querySelectorAll('main a[href], main button, main input:not([type=hidden]):not([type=radio]), main select, main textarea, main summary')].filter(e => !e.dataset.seen && e.offsetParent && !e.closest('details:not([open]) > :not(summary)')).map(e => e.outerHTML.slice(0, 100))");
        // Only a page that has more controls than that is sampled from its beginning; where Tab came out again, it must have been everywhere.
        return ended ? [.. problems, .. missed.Take(3).Select(m => $"{where}: not reached by Tab: {m}")] : problems;
    }

    private const int MostPresses = 150;

    /// <summary>One page of each kind: addresses that differ only in an id are the same page.</summary>
    private async Task<IReadOnlyList<string>> EveryKindOfPageAsync(IPage page)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        var open = new Queue<string>(["/"]);
        while (open.TryDequeue(out var path))
        {
            if (!found.TryAdd(Ids().Replace(path.Split('?', '#')[0], "/*"), path)) continue;
            var answer = await page.GotoAsync(url + path);
            answer!.Status.Should().Be(200, path);
            foreach (var link in await page.Locator("a[href^='/']").EvaluateAllAsync<string[]>("links => links.map(l => l.getAttribute('href'))"))
            {
                // What is downloaded is no page.
                if (!link.Contains("format=", StringComparison.Ordinal) && !Files().IsMatch(link)) open.Enqueue(link);
            }
        }

        return [.. found.Values];
    }

    private async Task StartAnExerciseAsync(IPage page)
    {
        await page.GotoAsync(url + "/exercices");
        await page.Locator("form[action$='/demarrer'] button").First.ClickAsync();
        await page.WaitForURLAsync("**/conduites/**");
        await page.GotoAsync(Regex.Match(page.Url, ".*/conduites/[^/?]+").Value);
        var form = page.Locator("form[action$='/passages/alerter']");
        await form.Locator("[name='preuve-prise-de-connaissance']").FillAsync(DateTime.UtcNow.ToString("HH:mm", global::System.Globalization.CultureInfo.InvariantCulture));
        await form.Locator("[name=motif]").FillAsync("EXERCICE, écrans noirs");
        await form.Locator("button").ClickAsync();
        await page.Locator("#t-steps").WaitForAsync();
    }

    private async Task<IPage> SignedInAsync(bool script)
    {
        var context = await browser.NewContextAsync(new BrowserNewContextOptions { JavaScriptEnabled = script, BypassCSP = true, Locale = "fr-FR", ViewportSize = new ViewportSize { Width = 1280, Height = 900 } });
        context.SetDefaultTimeout(90_000);
        var page = await context.NewPageAsync();
        await page.GotoAsync(url + "/connexion");
        await page.Locator("[name=name]").FillAsync("chef");
        await page.Locator("[name=password]").FillAsync(Programs.Password);
        await page.Locator("form:has([name=password]) button").ClickAsync();
        await page.Locator("nav a[href='/tests']").WaitForAsync();
        return page;
    }

    [GeneratedRegex("/(?:[0-9a-f]{32}|[0-9]+|(?<=etapes/|runbooks/|declarations/|applications/)[^/?]+)")]
    private static partial Regex Ids();

    [GeneratedRegex(@"\.(zip|csv|pdf|json)\b|/octets|/inclusion|telecharger|/langue|/deconnexion")]
    private static partial Regex Files();
}
