using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using FluentAssertions;
using Microsoft.Playwright;
using Xunit;

namespace BackupGuard.System.Tests;

/// <summary>
/// The plan blanc numérique played as an exercise in a real browser by six people, half of them without JavaScript, from the first
/// call to the debrief. The server is killed three times; a shift changes; an interval is on paper; a deadline is missed; a quorum is held.
/// Server and browser live on an island: loopback and nothing else, no mail, no name, no directory, no internet.
/// </summary>
public sealed partial class PlanBlancExerciseTests : IAsyncLifetime
{
    private const string Exercise = "debutant-decouverte-de-nuit";

    /// <summary>Six people, six roles of the cell; the smaller roles are spread over them as in a small hospital at night.</summary>
    private static readonly (string Name, string Roles, bool Script)[] People =
    [
        ("garde", "administrateur-garde,communication", true),
        ("directeur", "directeur-crise", false),
        ("rssi", "rssi,dsi,services-techniques", true),
        ("soins", "direction-soins,directeur-medical,identitovigilance,qualite,secretaire", false),
        ("secretaire", "secretaire,situation,logistique,liaison-ars-ght,rh-paie", true),
        ("animateur", "animateur,observateur", false),
    ];

    private readonly string folder = Directory.CreateTempSubdirectory("backupguard-exercise-").FullName;
    private readonly Dictionary<string, IPage> pages = [];
    private readonly List<string> strangers = [];
    private readonly string url = "http://127.0.0.1:" + FreePort();
    private IPlaywright playwright = null!;  // set by InitializeAsync before every test
    private IBrowser browser = null!;        // set by InitializeAsync before every test
    private Process? server;
    private Process? island;
    private string run = "";

    public async Task InitializeAsync()
    {
        foreach (var (name, roles, _) in People)
        {
            await Programs.MustAsync("dotnet", Programs.Server, "accounts", "add", name, "--roles", roles, "--data", folder);
        }

        island = await IslandAsync();
        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Browser(),
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
    }

    public async Task DisposeAsync()
    {
        await browser.DisposeAsync();
        playwright.Dispose();
        await KillAsync();
        if (island is not null)
        {
            island.Kill();
            await island.WaitForExitAsync();
            island.Dispose();
        }

        Directory.Delete(folder, recursive: true);
    }

    /// <summary>A network of its own with loopback alone; null only where tests/run.sh has said that this machine allows none.</summary>
    private static async Task<Process?> IslandAsync()
    {
        if (Environment.GetEnvironmentVariable("BACKUPGUARD_NO_ISLAND") == "1")
        {
            return null;
        }

        var island = Programs.Start("unshare", ["-n", "sh", "-c", "ip link set lo up && echo up && exec sleep 86400"]);
        (await island.StandardOutput.ReadLineAsync()).Should().Be("up");
        (await Programs.MustAsync("nsenter", "-t", $"{island.Id}", "-n", "ip", "-o", "link")).Trim().Split('\n').Should().ContainSingle("only loopback is there").Which.Should().Contain("lo:");
        (await Programs.MustAsync("nsenter", "-t", $"{island.Id}", "-n", "ip", "route")).Should().BeEmpty("nothing leads out");
        return island;
    }

    /// <summary>The browser itself, or a script that starts it on the island.</summary>
    private string Browser()
    {
        if (island is null || OperatingSystem.IsWindows())
        {
            return "/usr/bin/chromium";
        }

        var script = Path.Combine(folder, "chromium");
        File.WriteAllText(script, $"#!/bin/sh\nexec nsenter -t {island.Id} -n -- /usr/bin/chromium \"$@\"\n");
        File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return script;
    }

    [Fact]
    public async Task The_plan_is_played_from_the_first_call_to_the_debrief()
    {
        await StartAsync();
        foreach (var (name, _, script) in People)
        {
            await SignInAsync(name, script);
        }

        await BeginAsync();
        await AlertAsync();
        await ALineIsNotLostWhenTheServerDiesAsync();
        await AQuorumIsHeldAsync();
        await ActivateAsync();
        await AShiftChangesAsync();
        await APaperIntervalIsCopiedAsync();
        await ToTheEndAsync();
        await DebriefAsync();
        await TheRecordHoldsAsync();
        strangers.Should().BeEmpty("a hospital under attack has no internet");
    }

    private async Task BeginAsync()
    {
        var page = pages["animateur"];
        await page.GotoAsync(url + "/exercices");
        await page.Locator($"form[action$='/exercices/{Exercise}/demarrer'] button").ClickAsync();
        await page.Locator("input[name=stimulus][value=debex]").First.WaitForAsync(new() { State = WaitForSelectorState.Attached });
        run = RunPath().Match(page.Url).Value;
        await page.Locator("form:has(input[name=stimulus][value=debex]) button").First.ClickAsync();
        await page.Locator("input[name=stimulus][value=s-01]").First.WaitForAsync(new() { State = WaitForSelectorState.Attached });
        await page.Locator("form:has(input[name=stimulus][value=s-01]) button").First.ClickAsync();
    }

    /// <summary>The call came three hours ago: what is late at once is said by the clock, on a wall that nobody touches.</summary>
    private async Task AlertAsync()
    {
        var wall = await browser.NewPageAsync(new BrowserNewPageOptions { Locale = "fr-FR" });
        await SignInAsync(wall, "directeur");
        var garde = pages["garde"];
        await garde.GotoAsync(url + run);
        (await garde.Locator(".mode .word").InnerTextAsync()).Should().Contain("EXERCICE");
        var form = garde.Locator("form[action$='/passages/alerter']");
        var earlier = DateTime.UtcNow.AddHours(-3).ToString("HH:mm", global::System.Globalization.CultureInfo.InvariantCulture);
        await form.Locator("[name='preuve-prise-de-connaissance']").FillAsync(earlier);
        await form.Locator("[name=heure]").FillAsync(earlier);
        await form.Locator("[name=motif]").FillAsync("EXERCICE, le laboratoire n’a plus d’écran");
        await form.Locator("button").ClickAsync();
        await ExpectAsync(garde, "État : Alerte");

        await wall.GotoAsync(url + run + "/mur");
        await wall.GetByText("ÉCHÉANCE DÉPASSÉE").First.WaitForAsync();
        (await wall.Locator("main").InnerTextAsync()).Should().Contain("en retard");
        await wall.CloseAsync();
        await ExpectAsync(await GoAsync("directeur", run), "État : Alerte");
    }

    private async Task ALineIsNotLostWhenTheServerDiesAsync()
    {
        // Open before the server dies, sent after it came back: the form is still good, and a second click is the same line.
        var secretary = await GoAsync("secretaire", run + "/main-courante");
        await secretary.Locator(".direct").GetByText("En direct").WaitForAsync();
        await secretary.Locator("form.entry [name=texte]").FillAsync("EXERCICE, note de rançon sur l’imprimante du troisième étage");
        await KillAsync();
        await secretary.Locator(".direct").GetByText("Pas en direct depuis").WaitForAsync();
        await StartAsync();
        await secretary.Locator("form.entry button").ClickAsync();
        await secretary.GetByText("note de rançon sur l’imprimante").WaitForAsync();
        (await secretary.GetByText("note de rançon sur l’imprimante").CountAsync()).Should().Be(1);
    }

    /// <summary>One voice of two changes nothing, however long nobody gives the other; a refusal closes the request.</summary>
    private async Task AQuorumIsHeldAsync()
    {
        var rssi = await GoAsync("rssi", run);
        var form = rssi.Locator("form[action$='/passages/lever-doute']");
        await form.Locator("[name=motif]").FillAsync("EXERCICE, une panne d’imprimante");
        await form.Locator("button").ClickAsync();
        await ExpectAsync(rssi, "1 sur 2");
        await ExpectAsync(rssi, "État : Alerte");
        var director = await GoAsync("directeur", run);
        await director.Locator("button[name=voix][value=contre]").First.ClickAsync();
        await ExpectAsync(director, "État : Alerte");
        (await director.Locator("button[name=voix]").CountAsync()).Should().Be(0, "the request is closed");
    }

    private async Task ActivateAsync()
    {
        await StepAsync("garde", "convoquer-cellule");
        await StepAsync("secretaire", "choisir-salle");
        await StepAsync("secretaire", "verifier-joignables");
        await StepAsync("secretaire", "premier-point");
        await DecideAsync("directeur", "choisir-niveau");
        await PassAsync("directeur", "activer", "État : Activation");
        await StepsOfStateAsync();
        await KillAsync();
        await StartAsync();
        await PassAsync("garde", "degrader", "État : Mode dégradé");
    }

    private async Task AShiftChangesAsync()
    {
        var outgoing = await GoAsync("secretaire", run + "/releve");
        await RoleForm(outgoing, "secretaire").Locator("button[value=prendre]").ClickAsync();
        await RoleForm(outgoing, "secretaire").Locator("[name=remarque]").FillAsync("Deux cartes papier restent à saisir");
        await RoleForm(outgoing, "secretaire").Locator("button[value=remettre]").ClickAsync();
        var incoming = await GoAsync("soins", run + "/releve");
        await ExpectAsync(incoming, "Deux cartes papier restent à saisir");
        await RoleForm(incoming, "secretaire").Locator("button[value=accepter]").ClickAsync();
        await ExpectAsync(incoming, "de secretaire à soins");
    }

    /// <summary>The third kill. While nothing answers, two cards are filled by hand; the secretary copies them afterwards, both hours are kept.</summary>
    private async Task APaperIntervalIsCopiedAsync()
    {
        await KillAsync();
        var hour = DateTime.UtcNow.AddMinutes(-1).ToString("HH:mm", global::System.Globalization.CultureInfo.InvariantCulture);
        await StartAsync();
        foreach (var (step, performer) in new[] { ("suivre-indicateurs", "Jeanne Morel"), ("repos-soutien", "Paul Roux") })
        {
            var page = await GoAsync("soins", $"{run}/etapes/{step}");
            var number = (await page.Locator(".number").First.InnerTextAsync()).Trim();
            await page.GotoAsync(url + run + "/papier");
            await page.Locator("form[method=get] [name=carte]").FillAsync(number);
            await page.Locator("form[method=get] button").ClickAsync();
            await page.Locator("[name=nom]").FillAsync(performer);
            await page.Locator("form[method=post] [name=heure]").FillAsync(hour);
            await page.Locator("[name=initiales]").FillAsync("XX");
            foreach (var proof in await page.Locator("form[method=post] input[name^='preuve-']").AllAsync())
            {
                await proof.FillAsync("feuille 4");
            }

            await page.Locator("form[method=post]:has([name=nom]) button").First.ClickAsync();
            await ExpectAsync(page, performer);
        }

        await ExpectAsync(await GoAsync("directeur", run + "/main-courante"), "sur papier, copié par soins");
    }

    private async Task ToTheEndAsync()
    {
        await StepsOfStateAsync();
        await FactAsync("rssi", "scenario-remediation", "2");
        await FactAsync("rssi", "coeur-de-confiance", "ouvert");
        await FactAsync("rssi", "sauvegardes", "prete-a-restaurer");
        await PassAsync("rssi", "reprendre", null);
        await VoteAsync("directeur", "État : Reprise par vagues");
        await StepsOfStateAsync();
        await FactAsync("rssi", "vagues-v0-v2-rendues", "true");
        await PassAsync("directeur", "normaliser", "État : Retour à la normale");
        await StepsOfStateAsync();
        await FactAsync("rssi", "reconnexion", "calendrier-accepte");
        await FactAsync("soins", "ressaisie-planifiee", "true");
        await PassAsync("rssi", "lever", null);
        await VoteAsync("directeur", null);
        await VoteAsync("soins", "État : Levée");
        await StepsOfStateAsync();
        await PassAsync("garde", "ouvrir-retex", "État : Retour d’expérience");
        await StepsOfStateAsync();
        await PassAsync("directeur", "clore", null);
        await ExpectAsync(await GoAsync("garde", run), "État : ");
    }

    private async Task DebriefAsync()
    {
        var page = await GoAsync("animateur", run + "/exercice/observation");
        var seen = page.Locator("form:has(input[name=stimulus][value=s-01])");
        await seen.Locator("select[name=reaction]").SelectOptionAsync("attendue");
        await seen.Locator("button").ClickAsync();
        page = await GoAsync("animateur", run + "/exercice/retex");
        var hot = page.Locator("form:has(input[name=acte][value=chaud])");
        await hot.Locator("[name=texte]").FillAsync("EXERCICE, l’annuaire papier était au coffre");
        await hot.Locator("button").ClickAsync();
        var action = page.Locator("form:has(input[name=acte][value=action])");
        await action.Locator("[name=texte]").FillAsync("Ranger un annuaire papier au poste de garde");
        await action.Locator("[name=pilote]").FillAsync("DSI");
        await action.Locator("[name=echeance]").FillAsync("2027-03-31");
        await action.Locator("button").ClickAsync();
        await ExpectAsync(page, "Ranger un annuaire papier");
        var report = await GoAsync("animateur", run + "/exercice/rapport");
        await ExpectAsync(report, "Ranger un annuaire papier");
        await ExpectAsync(report, "l’annuaire papier était au coffre");
        await ExpectAsync(report, "non observé");
    }

    /// <summary>Every line of the main courante is an entry of the signed log, and what is printed can be read.</summary>
    private async Task TheRecordHoldsAsync()
    {
        var log = await GoAsync("directeur", run + "/main-courante");
        var lines = int.Parse(Digits().Match(await log.Locator("#t-log").InnerTextAsync()).Value, global::System.Globalization.CultureInfo.InvariantCulture);
        lines.Should().BeGreaterThan(100);
        await log.GotoAsync(url + run + "/cartes?toutes=1");
        var cards = await log.Locator("article.slip").CountAsync();
        var pdf = global::System.Text.Encoding.Latin1.GetString(await log.PdfAsync(new PagePdfOptions { Format = "A4", PreferCSSPageSize = true }));
        PdfPage().Count(pdf).Should().Be(cards, "one card is one page");
        var smallest = await log.EvaluateAsync<double>("() => Math.min(...[...document.querySelectorAll('article.slip .do, article.slip .do *')].map(e => parseFloat(getComputedStyle(e).fontSize)))");
        smallest.Should().BeGreaterThanOrEqualTo(16, "12 points are read by tired people");

        await KillAsync();
        var fsck = await Programs.RunAsync("dotnet", [Programs.Server, "fsck", "--data", folder]);
        fsck.ExitCode.Should().Be(0, fsck.Output + fsck.Error);
        var pack = Path.Combine(folder, "pack.zip");
        // Exit code 1: it is written, and says that nobody filled the directory and that no catalogue was given.
        var packed = await Programs.RunAsync("dotnet", [Programs.Server, "pack", "--out", pack, "--data", folder, "--runbooks", Path.Combine(Programs.Root, "runbooks")]);
        (packed.ExitCode, packed.Error.Contains("annuaire est vide", StringComparison.Ordinal)).Should().Be((1, true), packed.Output + packed.Error);
        await Programs.MustAsync("dotnet", Programs.Server, "pack", "--verify", pack, "--key", PackKey().Match(packed.Output).Groups[1].Value);
    }

    // ---- what a person does ----

    private async Task StepsOfStateAsync()
    {
        for (var rounds = 0; rounds < 6; rounds++)
        {
            var page = await GoAsync("garde", run);
            var open = await page.Locator("section:has(#t-steps) tbody tr").EvaluateAllAsync<string[]>(
                "rows => rows.filter(r => ['à faire', 'en cours', 'à contrôler', 'à viser'].includes(r.children[2].innerText.trim())).map(r => r.querySelector('a').getAttribute('href') + '|' + r.children[3].innerText.trim() + '|' + r.children[2].innerText.trim())");
            if (open.Length == 0)
            {
                return;
            }

            foreach (var one in open.Select(o => o.Split('|')))
            {
                await FinishAsync(one[0]);
            }
        }
    }

    /// <summary>Whoever of the six may do something with the step does it; one who may not sees no button, or is refused.</summary>
    private async Task FinishAsync(string path)
    {
        foreach (var (name, _, _) in People.Where(p => p.Name != "animateur"))
        {
            var page = pages[name];
            await page.GotoAsync(url + path);
            if (await page.Locator("fieldset.choices").CountAsync() > 0)
            {
                if (await page.Locator("form:has(fieldset.choices) [name=role]").CountAsync() == 0) continue;
                await FillProofsAsync(page);
                await page.Locator("fieldset.choices input").First.CheckAsync();
                await page.Locator("form:has(fieldset.choices) [name=remarque]").FillAsync("EXERCICE, parce que");
                await page.Locator("button[value=decider]").ClickAsync();
            }
            else if (await page.Locator("button[name=voix][value=pour]").CountAsync() > 0)
            {
                await page.Locator("button[name=voix][value=pour]").ClickAsync();
            }
            else if (await page.Locator("button[value=conforme]").CountAsync() > 0)
            {
                await page.Locator("button[value=conforme]").ClickAsync();
            }
            else if (await page.Locator("button[value=viser]").CountAsync() > 0)
            {
                await page.Locator("button[value=viser]").ClickAsync();
            }
            else if (await page.Locator("button[value=fait]").CountAsync() > 0)
            {
                await FillProofsAsync(page);
                await page.Locator("button[value=fait]").ClickAsync();
            }
        }
    }

    private async Task StepAsync(string name, string step)
    {
        var page = await GoAsync(name, $"{run}/etapes/{step}");
        await FillProofsAsync(page);
        await page.Locator("button[value=fait]").ClickAsync();
        await page.Locator("#t-steps").WaitForAsync();
        foreach (var (other, _, _) in People.Where(p => p.Name is not "animateur"))
        {
            if (other == name) continue;
            page = await GoAsync(other, $"{run}/etapes/{step}");
            foreach (var sign in new[] { "conforme", "viser" })
            {
                if (await page.Locator($"button[value={sign}]").CountAsync() > 0) await page.Locator($"button[value={sign}]").ClickAsync();
            }
        }
    }

    private async Task DecideAsync(string name, string step)
    {
        var page = await GoAsync(name, $"{run}/etapes/{step}");
        await FillProofsAsync(page);
        await page.Locator("fieldset.choices input").First.CheckAsync();
        await page.Locator("form:has(fieldset.choices) [name=remarque]").FillAsync("EXERCICE, les soins sont touchés");
        await page.Locator("button[value=decider]").ClickAsync();
    }

    private async Task PassAsync(string name, string transition, string? then)
    {
        var page = await GoAsync(name, run);
        var form = page.Locator($"form[action$='/passages/{transition}']");
        await form.Locator("[name=motif]").FillAsync("EXERCICE, décidé en cellule");
        await form.Locator("button").ClickAsync();
        if (then is not null) await ExpectAsync(page, then);
    }

    private async Task VoteAsync(string name, string? then)
    {
        var page = await GoAsync(name, run);
        await page.Locator("button[name=voix][value=pour]").First.ClickAsync();
        if (then is not null) await ExpectAsync(page, then);
    }

    private async Task FactAsync(string name, string fact, string value)
    {
        var page = await GoAsync(name, run);
        var form = page.Locator($"form:has(input[name=fait][value='{fact}'])");
        await form.Locator("[name=valeur]").SelectOptionAsync(value);
        await form.Locator("button").ClickAsync();
        await page.Locator("#t-facts").WaitForAsync();
    }

    private static async Task FillProofsAsync(IPage page)
    {
        foreach (var proof in await page.Locator("main input[name^='preuve-']").AllAsync())
        {
            var hint = await proof.EvaluateAsync<string>("e => e.closest('label').innerText");
            await proof.FillAsync(hint.Contains("03:12", StringComparison.Ordinal) ? DateTime.UtcNow.ToString("HH:mm", global::System.Globalization.CultureInfo.InvariantCulture) : "12");
        }
    }

    private static ILocator RoleForm(IPage page, string role) => page.Locator($"form:has(input[name=role][value='{role}'])");

    private async Task<IPage> GoAsync(string name, string path)
    {
        await pages[name].GotoAsync(url + path);
        return pages[name];
    }

    private static async Task ExpectAsync(IPage page, string text)
    {
        await page.Locator("main, header").GetByText(text).First.WaitForAsync();
    }

    private async Task SignInAsync(string name, bool script)
    {
        var context = await browser.NewContextAsync(new BrowserNewContextOptions { JavaScriptEnabled = script, Locale = "fr-FR", ViewportSize = new ViewportSize { Width = 1280, Height = 900 } });
        context.SetDefaultTimeout(90_000);
        pages[name] = await context.NewPageAsync();
        pages[name].Request += (_, request) =>
        {
            if (!request.Url.StartsWith(url, StringComparison.Ordinal) && !request.Url.StartsWith("data:", StringComparison.Ordinal)) strangers.Add(request.Url);
        };
        await SignInAsync(pages[name], name);
    }

    private async Task SignInAsync(IPage page, string name)
    {
        page.SetDefaultTimeout(90_000);
        await page.GotoAsync(url + "/connexion");
        await page.Locator("[name=name]").FillAsync(name);
        await page.Locator("[name=password]").FillAsync(Programs.Password);
        await page.Locator("form:has([name=password]) button").ClickAsync();
        await page.Locator("nav a[href='/tests']").WaitForAsync();
    }

    private async Task StartAsync()
    {
        string[] command = ["dotnet", Programs.Server, "run", "--urls", url, "--data", folder, "--runbooks", Path.Combine(Programs.Root, "runbooks")];
        // nsenter becomes the server: the process that is killed is the server's own.
        server = island is null ? Programs.Start(command[0], command[1..]) : Programs.Start("nsenter", ["-t", $"{island.Id}", "-n", "--", .. command]);
        while (await server.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("Listening on ", StringComparison.Ordinal))
            {
                _ = server.StandardOutput.ReadToEndAsync();
                _ = server.StandardError.ReadToEndAsync();
                return;
            }
        }

        throw new InvalidOperationException("The server did not start: " + await server.StandardError.ReadToEndAsync());
    }

    /// <summary>SIGKILL: no handler runs, nothing is flushed.</summary>
    private async Task KillAsync()
    {
        if (server is null) return;
        server.Kill();
        await server.WaitForExitAsync();
        server.Dispose();
        server = null;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    [GeneratedRegex("/conduites/[^/?]+")]
    private static partial Regex RunPath();

    [GeneratedRegex(@"--key (\S+)")]
    private static partial Regex PackKey();

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Digits();

    [GeneratedRegex(@"/Type\s*/Page\b")]
    private static partial Regex PdfPage();
}
