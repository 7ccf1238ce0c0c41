using Microsoft.Playwright;

namespace BackupGuard.System.Tests;

/// <summary>A real browser with JavaScript switched off: every page must do without.</summary>
internal sealed class Chromium : IAsyncDisposable
{
    private readonly IPlaywright playwright;
    private readonly IBrowser browser;

    private Chromium(IPlaywright playwright, IBrowser browser, IPage page) => (this.playwright, this.browser, Page) = (playwright, browser, page);

    public IPage Page { get; }

    /// <summary>Requests that left this machine; there must be none.</summary>
    public List<string> Strangers { get; } = [];

    public static async Task<Chromium> StartAsync(bool javaScript, string locale = "fr-FR")
    {
        var playwright = await Playwright.CreateAsync();
        var browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = "/usr/bin/chromium",
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
        var context = await browser.NewContextAsync(new BrowserNewContextOptions { JavaScriptEnabled = javaScript, Locale = locale, ViewportSize = new ViewportSize { Width = 1280, Height = 900 } });
        // A machine that builds and tests at once is slow, not wrong.
        context.SetDefaultTimeout(90_000);
        var chromium = new Chromium(playwright, browser, await context.NewPageAsync());
        chromium.Page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith("http://127.0.0.1:", StringComparison.Ordinal) && !request.Url.StartsWith("data:", StringComparison.Ordinal) && !request.Url.StartsWith("file:", StringComparison.Ordinal)) chromium.Strangers.Add(request.Url);
        };
        return chromium;
    }

    /// <summary>The one-time address shows a page with a button; only pressing it uses the code up.</summary>
    public async Task SignInAsync(string address)
    {
        await Page.GotoAsync(address);
        await Page.Locator("form[action^='/connexion'] button").Last.ClickAsync();
        // Not WaitForURLAsync: without JavaScript its wait for the load event can miss one that has already come, and then waits for ever.
        await Page.Locator("nav a[href='/tests']").WaitForAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await browser.DisposeAsync();
        playwright.Dispose();
    }
}
