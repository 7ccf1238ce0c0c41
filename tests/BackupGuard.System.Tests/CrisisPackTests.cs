using System.IO.Compression;
using System.Text.RegularExpressions;
using FluentAssertions;
using Microsoft.Playwright;
using Xunit;

namespace BackupGuard.System.Tests;

/// <summary>The offline crisis pack as the cell would use it: unpacked on a stick, opened from there without a network or a script, printed, and scanned back.</summary>
public sealed partial class CrisisPackTests : IDisposable
{
    private readonly TemporaryFolder work = new();

    private string Stick => work.Of("stick");

    public void Dispose() => work.Dispose();

    [Fact]
    public async Task All_runbooks_open_from_a_stick_print_one_card_a_page_and_their_codes_are_read_by_another_program()
    {
        var key = await PackAsync();
        (await Programs.RunAsync("dotnet", [Programs.Server, "pack", "--verify", work.Of("pack.zip"), "--key", key])).Should().Match<Programs.Ended>(e => e.ExitCode == 0 && e.Output.Contains("is sound"));
        (await Programs.RunAsync("dotnet", [Programs.Server, "pack", "--verify", work.Of("pack.zip"), "--out", "x"])).ExitCode.Should().Be(2);
        await ADamagedPackIsNamedAsync(key);
        ZipFile.ExtractToDirectory(work.Of("pack.zip"), Stick);

        await using var chromium = await Chromium.StartAsync(javaScript: false);
        await EveryLinkLeadsToAPageAsync(chromium.Page);
        await EveryCardIsOnePageAsync(chromium.Page);
        await NothingIsWiderThanAPhoneAsync(chromium.Page);
        await AnotherProgramReadsTheCodeAsync(chromium.Page);
        chromium.Strangers.Should().BeEmpty("a stick has no internet");
    }

    /// <returns>The key that the verb says.</returns>
    private async Task<string> PackAsync()
    {
        File.WriteAllText(work.Of("catalogue.yaml"), """
            format: backupguard.catalogue/v1
            establishment: CH d'essai
            timeZone: Europe/Paris
            applications:
              - { id: dpi, name: DPI, service: Soins, vital: true, dmia: PT8H, mtpd: P1D, pdma: PT4H }
            """);
        await Programs.MustAsync("dotnet", Programs.Server, "accounts", "add", "paule", "--roles", "secretaire", "--data", work.Of("data"));
        var made = await Programs.RunAsync("dotnet", [Programs.Server, "pack", "--out", work.Of("pack.zip"), "--data", work.Of("data"), "--catalogue", work.Of("catalogue.yaml"), "--runbooks", Path.Combine(Programs.Root, "runbooks")]);
        made.ExitCode.Should().Be(1, "the directory is empty, and a script must not take the pack for whole");
        made.Error.Should().Contain("L’annuaire est vide");
        return KeyLine().Match(made.Output).Groups[1].Value;
    }

    private async Task ADamagedPackIsNamedAsync(string key)
    {
        var bytes = await File.ReadAllBytesAsync(work.Of("pack.zip"));
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(work.Of("damaged.zip"), bytes);
        var ended = await Programs.RunAsync("dotnet", [Programs.Server, "pack", "--verify", work.Of("damaged.zip"), "--key", key]);
        (ended.ExitCode, ended.Output).Should().Match<(int Code, string Text)>(e => e.Code == 1 && e.Text.Contains("BG2034") && e.Text.Contains("NOT the pack"));
    }

    private async Task EveryLinkLeadsToAPageAsync(IPage page)
    {
        var (open, seen) = (new Queue<string>([Address("index.html")]), new HashSet<string>());
        while (open.TryDequeue(out var address))
        {
            if (!seen.Add(address)) continue;
            File.Exists(new Uri(address).LocalPath).Should().BeTrue(address);
            if (!address.EndsWith(".html", StringComparison.Ordinal)) continue;
            await page.GotoAsync(address);
            (await page.Locator("h1").CountAsync()).Should().Be(1, address);
            (await page.Locator("header.pack-date").InnerTextAsync()).Should().Contain("Périmé après le", address);
            foreach (var link in Links().Matches(await page.ContentAsync()).Select(m => m.Groups[1].Value)) open.Enqueue(new Uri(new Uri(address), link).GetLeftPart(UriPartial.Path));
        }
        seen.Where(s => s.Contains("/cartes/", StringComparison.Ordinal)).Should().HaveCount(Directory.GetFiles(Path.Combine(Stick, "runbooks")).Length);
        seen.Should().HaveCount(Directory.GetFiles(Stick, "*", SearchOption.AllDirectories).Count(f => Path.GetFileName(f) is not ("manifest.json" or "manifest.sig" or "lisez-moi.txt" or "site.css")), "what no link leads to, nobody finds");
    }

    /// <summary>The cards of all runbooks that we ship, in one document.</summary>
    private async Task EveryCardIsOnePageAsync(IPage page)
    {
        var articles = Directory.GetFiles(Path.Combine(Stick, "cartes")).Order(StringComparer.Ordinal).SelectMany(f => Articles().Matches(File.ReadAllText(f)).Select(m => m.Value)).ToArray();
        articles.Should().HaveCountGreaterThan(300);
        var around = File.ReadAllText(Directory.GetFiles(Path.Combine(Stick, "cartes"))[0]);
        await File.WriteAllTextAsync(Path.Combine(Stick, "cartes", "toutes.html"), around[..around.IndexOf("<article", StringComparison.Ordinal)] + string.Concat(articles) + "</main></body></html>");
        await page.GotoAsync(Address("cartes/toutes.html"));
        var pdf = await page.PdfAsync(new PagePdfOptions { PreferCSSPageSize = true });
        PdfPage().Count(global::System.Text.Encoding.Latin1.GetString(pdf)).Should().Be(articles.Length, "one card, one page");
    }

    private async Task NothingIsWiderThanAPhoneAsync(IPage page)
    {
        await page.SetViewportSizeAsync(320, 640);
        foreach (var name in new[] { "index.html", "contacts.html", "runbooks/endiguement-bouton-rouge.html", "cartes/endiguement-bouton-rouge.html" })
        {
            await page.GotoAsync(Address(name));
            var body = (await page.Locator("body").BoundingBoxAsync())!;
            (await page.Locator("main").BoundingBoxAsync())!.Width.Should().BeLessThanOrEqualTo(320, name);
            body.Width.Should().BeLessThanOrEqualTo(320, name);
        }
        await page.SetViewportSizeAsync(1280, 900);
    }

    private async Task AnotherProgramReadsTheCodeAsync(IPage page)
    {
        await page.GotoAsync(Address("cartes/endiguement-bouton-rouge.html"));
        var card = page.Locator("article").First;
        await card.Locator("svg").ScreenshotAsync(new LocatorScreenshotOptions { Path = work.Of("code.png") });
        (await Programs.MustAsync("zbarimg", "--quiet", "--raw", work.Of("code.png"))).Trim().Should().Be((await card.Locator("p.code").InnerTextAsync()).Trim());
    }

    private string Address(string name) => new Uri(Path.Combine(Stick, name)).AbsoluteUri;

    [GeneratedRegex("--key (\\S+)")]
    private static partial Regex KeyLine();

    [GeneratedRegex("<a [^>]*href=\"([^\"]+)\"")]
    private static partial Regex Links();

    [GeneratedRegex("<article class=\"sheet slip.*?</article>", RegexOptions.Singleline)]
    private static partial Regex Articles();

    [GeneratedRegex(@"/Type\s*/Page\b")]
    private static partial Regex PdfPage();
}
