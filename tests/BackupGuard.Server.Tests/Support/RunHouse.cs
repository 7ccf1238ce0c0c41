using System.Net;
using System.Text.RegularExpressions;
using BackupGuard.Continuity.Runs;
using BackupGuard.Server.Features.Runs;
using FluentAssertions;
using Microsoft.Extensions.DependencyInjection;

namespace BackupGuard.Server.Tests.Support;

/// <summary>A server with a small plan that is quickly begun and quickly closed, a second plan beside it, the rows of the law, and anne who may do everything.</summary>
internal sealed partial class RunHouse : IAsyncDisposable
{
    public const string Password = "trois chevaux bleus";

    public const string Plan = """
        format: backupguard.runbook/v1
        id: essai
        version: 1.0.0
        title: { fr: Essai, en: Trial }
        plan: PRA
        review: { owner: dsi, reviewBy: 2027-03-31 }
        roles:
          chef: { label: { fr: Chef de salle }, deputy: { fr: Adjoint }, deputies: 2 }
          tech: { label: { fr: Technicien }, deputies: 2 }
          dir: { label: { fr: Directeur }, deputies: 2 }
        facts:
          ok: { label: { fr: Prêt }, type: truth, setBy: [chef] }
        lifecycle:
          initial: s1
          states:
            s1: { transitions: { finir: { to: fin }, voter: { to: fin, approvals: { quorum: 2, roles: [chef, dir] } } } }
            fin: { final: true }
        degraded:
          - { id: papier-urgences, service: urgences, replaces: [dpi], do: ["Ouvrez la mallette."], reentry: { owner: tech, perHour: 12 } }
        steps:
          - { id: a, in: s1, kind: manual, role: tech, card: 02-01, title: { fr: Coupez le lien }, do: ["Débranchez le câble bleu."], deadline: { from: lifecycle.s1.entered, within: PT2H }, evidence: [{ id: heure, type: datetime, required: true, label: { fr: Heure de coupure } }] }
          - { id: b, in: s1, kind: manual, role: tech, card: 02-02, title: { fr: Notez }, countersign: { by: dir } }
          - { id: m, in: s1, kind: subRunbook, role: tech, card: 02-04, title: { fr: Suivez l’autre fiche }, ref: { id: autre } }
          - id: d
            in: s1
            kind: decision
            role: chef
            card: 02-03
            question: { fr: On coupe ? }
            options: [{ id: oui, label: { fr: Oui }, sets: { ok: true } }, { id: non, label: { fr: Non }, sets: { ok: false } }]
            rationale: required
            approvals: { quorum: 2, roles: [chef, dir] }
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("backupguard-house-").FullName;

    private RunHouse(Engine engine) => Server = TestServer.Prepare(engine);

    public TestServer Server { get; }

    public string Books => Path.Combine(folder, "runbooks");

    public HttpClient Anne { get; private set; } = new(); // the signed-in one from StartAsync on

    public RunJournal Journal => Server.Services.GetRequiredService<RunJournal>();

    /// <param name="prepare">What else lies in the folders, or is set before the server starts.</param>
    public static async Task<RunHouse> StartAsync(Engine engine, Action<RunHouse>? prepare = null)
    {
        var house = new RunHouse(engine);
        Directory.CreateDirectory(Path.Combine(house.Books, "legal"));
        await File.WriteAllTextAsync(Path.Combine(house.Books, "essai.yaml"), Plan);
        await File.WriteAllTextAsync(Path.Combine(house.Books, "autre.yaml"), Plan.Replace("id: essai", "id: autre", StringComparison.Ordinal).Replace("{ fr: Essai, en: Trial }", "{ fr: Autre fiche }", StringComparison.Ordinal)
            .Replace("card: 02-", "card: 03-", StringComparison.Ordinal).Replace("ref: { id: autre }", "ref: { id: essai }", StringComparison.Ordinal));
        house.Ship("legal/declarations.yaml");
        prepare?.Invoke(house);
        house.Server.Runbooks = house.Books;
        await house.Server.StartAgainAsync();
        await house.Server.AddPersonAsync("anne", Password, "administrateur");
        house.Anne = await house.SignedInAsync("anne");
        return house;
    }

    /// <summary>A file of the product's own runbooks.</summary>
    public void Ship(string name)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(Books, name))!);
        File.Copy(Path.Combine(TestFiles.Root, "runbooks", name), Path.Combine(Books, name));
    }

    public async Task<HttpClient> SignedInAsync(string name)
    {
        var browser = Server.Browser();
        browser.DefaultRequestHeaders.AcceptLanguage.ParseAdd("fr");
        (await browser.SignInAsync(name, Password)).StatusCode.Should().Be(HttpStatusCode.Redirect);
        return browser;
    }

    /// <summary>After a jump of the clock that outlives a session.</summary>
    public async Task SignInAgainAsync()
    {
        Anne.Dispose();
        Anne = await SignedInAsync("anne");
    }

    /// <returns>Its address.</returns>
    public async Task<string> StartRunAsync(string runbook = "essai")
    {
        using var started = await Anne.SubmitAsync("/runbooks", $"/runbooks/{runbook}/demarrer", ("mode", "exercice"), ("conduite", Guid.NewGuid().ToString("n")));
        started.StatusCode.Should().Be(HttpStatusCode.Redirect);
        return started.Headers.Location!.ToString();
    }

    public async Task<JournaledRun> RunAsync(string run) => (await Journal.LoadAsync(run.Split('/')[^1], CancellationToken.None))!; // the run was started

    public async Task<IReadOnlyList<RunEvent>> EventsAsync(string run) => (await RunAsync(run)).Events;

    /// <summary>The token of any page stands for every form of this person.</summary>
    public async Task<string> TokenAsync() => WebUtility.HtmlDecode(TokenField().Match(await Anne.GetStringAsync("/runbooks")).Groups[1].Value);

    public Task<HttpResponseMessage> PostAsync(string token, string address, params (string Name, string Value)[] fields) =>
        Anne.PostAsync(address, new FormUrlEncodedContent([new("__RequestVerificationToken", token), .. fields.Select(f => KeyValuePair.Create(f.Name, f.Value))]));

    /// <summary>The page that a person sees in the end: the answer, or where it leads.</summary>
    public async Task<string> SeenAsync(HttpResponseMessage answer) =>
        answer.StatusCode == HttpStatusCode.Redirect ? await Anne.GetStringAsync(answer.Headers.Location) : await answer.Content.ReadAsStringAsync();

    public static string Text(string html) => WebUtility.HtmlDecode(Regex.Replace(html, "<[^>]+>", "")).Replace('\u00a0', ' ');

    public async ValueTask DisposeAsync()
    {
        Anne.Dispose();
        await Server.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\"[^>]*value=\"([^\"]+)\"")]
    private static partial Regex TokenField();
}
