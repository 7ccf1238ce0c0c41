using System.Net;
using System.Text.RegularExpressions;
using BackupGuard.Server.Features.Readiness;
using BackupGuard.Server.Features.Runs;
using BackupGuard.Server.Tests.Support;
using FluentAssertions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace BackupGuard.Server.Tests.Runs;

/// <summary>Durations that were measured, from the log to the pages. What databases do differently is tried elsewhere.</summary>
public sealed class Measured_tests : IDisposable
{
    private const string Book = """
        format: backupguard.runbook/v1
        id: reprise-dpi
        version: 1.0.0
        title: { fr: Reprise du dossier patient }
        plan: PRA
        review: { owner: dsi, reviewBy: 2027-03-31 }
        targets: { application: dpi }
        roles:
          tech: { label: { fr: Technicien }, deputies: 2 }
        lifecycle:
          initial: reprise
          states:
            reprise: { transitions: { finir: { to: clos, reason: required } } }
            clos: { final: true }
        steps:
          - { id: couper, in: reprise, kind: manual, role: tech, card: 1, title: { fr: Couper }, do: ["Coupez"], duration: { likely: PT10M }, evidence: [{ id: heure, type: text, required: true }], deadline: { from: lifecycle.reprise.entered, within: PT20M } }
          - { id: restaurer, in: reprise, kind: manual, role: tech, card: 2, title: { fr: Restaurer }, do: ["Restaurez"], duration: { from: drills }, evidence: [{ id: fin, type: text, required: true }] }
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("backupguard-measured-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task What_was_measured_stands_beside_what_somebody_thought_with_its_count_and_age()
    {
        await File.WriteAllTextAsync(Path.Combine(folder, "reprise-dpi.yaml"), Book);
        await using var server = TestServer.Prepare(Engine.Sqlite);
        server.Runbooks = folder;
        await server.StartAgainAsync();
        await server.AddPersonAsync("anne", "trois chevaux bleus", "administrateur");
        using var anne = server.Browser();
        anne.DefaultRequestHeaders.AcceptLanguage.ParseAdd("fr");
        await anne.SignInAsync("anne", "trois chevaux bleus");
        var before = await PageAsync(anne, "/runbooks/reprise-dpi");
        before.Should().Contain("jamais mesurée").And.Contain("aucun test de restauration prouvé de « dpi » n’en a mesuré").And.NotContain("BG3049").And.NotContain("seule mesure");

        (await PageAsync(anne, "/runbooks")).Should().Contain("▲ 1 point à revoir");

        using var agent = new TestAgent("agent-1");
        await agent.EnrolAsync(server, anne);
        await agent.SendAsync(anne, agent.Next("drill.result", "dpi", TestAgent.Drill("failed")), agent.Next("drill.result", "dpi", TestAgent.Drill()));
        (await PageAsync(anne, "/runbooks")).Should().NotContain("à revoir", "a test has measured it now, and no deadline is too short");
        var run = await StartAsync(anne);
        (await PageAsync(anne, run + "/etapes/couper")).Should().Contain("Durée estimée, jamais mesurée : 10 min");
        (await PageAsync(anne, run + "/etapes/restaurer")).Should().Contain("Durée mesurée : 10 min ; 1 seule mesure", "a proved drill took 600 seconds");
        await DoAsync(anne, run, "couper", ("issue", "prendre"));
        server.Clock.Advance(TimeSpan.FromMinutes(25));
        await DoAsync(anne, run, "couper", ("issue", "fait"), ("preuve-heure", "03:12"));
        await server.Services.GetRequiredService<RunClock>().TickAsync(CancellationToken.None);
        server.Clock.Advance(TimeSpan.FromDays(12));
        await anne.SignInAsync("anne", "trois chevaux bleus");

        var page = await PageAsync(anne, "/runbooks/reprise-dpi");
        page.Should().Contain("25 min ; 1 seule mesure, il y a 12 j").And.Contain("Délai (PT20M) plus court que la durée mesurée une fois sur deux (PT25M ; 1 mesure en conduite)").And.NotContain("BG3058");
        (await PageAsync(anne, await StartAsync(anne) + "/etapes/couper")).Should().Contain("Durée mesurée : 25 min ; 1 seule mesure, il y a 12 j");

        await server.StopAsync();
        await server.StartAgainAsync();
        using var again = server.Browser();
        again.DefaultRequestHeaders.AcceptLanguage.ParseAdd("fr");
        await again.SignInAsync("anne", "trois chevaux bleus");
        (await PageAsync(again, "/runbooks/reprise-dpi")).Should().Contain("25 min ; 1 seule mesure", "it comes from the log, not from a memory of its own");

        // As it is before the clock's first round, whichever of the two was faster above.
        var unread = new RunJournal(server.Log, new RunFeed(), NullLogger<RunJournal>.Instance);
        var book = (await server.Services.GetRequiredService<RunJournal>().LoadAsync(run.Split('/')[^1], CancellationToken.None))!.Definition.Runbook; // the run was started
        (await new MeasureBook(unread, server.Services.GetRequiredService<FactLedger>(), server.Clock).OfAsync(book, null, CancellationToken.None)).Steps.Should().ContainKey("couper", "nothing is called never measured without having looked");
    }

    private static async Task<string> PageAsync(HttpClient browser, string path) => Regex.Replace(WebUtility.HtmlDecode(Regex.Replace(await browser.GetStringAsync(path), "<[^>]+>", " ")).Replace('\u00a0', ' '), @"\s+", " ");

    private static async Task<string> StartAsync(HttpClient browser)
    {
        var id = Regex.Match(await browser.GetStringAsync("/runbooks"), "name=\"conduite\" value=\"([^\"]+)\"").Groups[1].Value;
        var answer = await browser.SubmitAsync("/runbooks", "/runbooks/reprise-dpi/demarrer", ("mode", "exercice"), ("conduite", id));
        return answer.Headers.Location!.ToString();
    }

    private static async Task DoAsync(HttpClient browser, string run, string step, params (string, string)[] fields)
    {
        var answer = await browser.SubmitAsync($"{run}/etapes/{step}", $"{run}/etapes/{step}", [("commande", fields[0].Item2), .. fields]);
        answer.Headers.Location!.ToString().Should().NotContain("refus=");
    }
}
