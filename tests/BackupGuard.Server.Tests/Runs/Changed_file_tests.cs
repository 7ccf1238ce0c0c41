using System.IO.Compression;
using System.Net;
using BackupGuard.Continuity.Runs;
using BackupGuard.Server.Features.CrisisPack;
using BackupGuard.Server.Features.Readiness;
using BackupGuard.Server.Features.Runs;
using BackupGuard.Server.Tests.Exercises;
using BackupGuard.Server.Tests.Support;
using BackupGuard.Server.Tests.Ui;
using FluentAssertions;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace BackupGuard.Server.Tests.Runs;

/// <summary>Files that are deleted, cut, overwritten or locked away under a crisis. The run goes on with what it pinned; every page says what is wrong with the file.</summary>
public sealed class Changed_file_tests : IAsyncLifetime
{
    private const string Catalogue = """
        format: backupguard.catalogue/v1
        establishment: CH de Valmont
        timeZone: Europe/Paris
        applications:
          - { id: dpi, name: Dossier patient, service: Soins, vital: true, dmia: PT8H }
        """;

    private static readonly Dictionary<string, Action<string>> Damages = new(StringComparer.Ordinal)
    {
        ["deleted"] = File.Delete,
        ["cut in the middle"] = path => File.WriteAllText(path, File.ReadAllText(path)[..(int)(new FileInfo(path).Length / 3)]),
        ["garbage"] = path => File.WriteAllBytes(path, [.. Enumerable.Range(0, 5000).Select(i => (byte)(i * 37 % 251))]),
        ["another format"] = path => File.WriteAllText(path, "format: backupguard.scenario/v1\nid: rien\n"),
        ["a folder in its place"] = path => { File.Delete(path); Directory.CreateDirectory(path); },
        ["a link to itself"] = path => { File.Delete(path); File.CreateSymbolicLink(path, path); },
        ["a pipe that nobody writes to"] = path => { File.Delete(path); using var made = System.Diagnostics.Process.Start("mkfifo", [path]); made.WaitForExit(); },
        ["five megabytes"] = path => File.WriteAllText(path, "# " + new string('x', 5 * 1024 * 1024)),
    };

    private RunHouse house = null!; // these two are set by InitializeAsync before every test
    private string run = "";

    private string Packs => Path.Combine(house.Server.Data.Path, "packs");

    private string[] Pages =>
    [
        run, run + "/carte", run + "/etapes/choisir-salle", run + "/main-courante", run + "/ma-carte", run + "/mur", run + "/releve", run + "/degrade", run + "/modification", run + "/declarations",
        run + "/declarations/n5", run + "/cartes", run + "/papier", run + "/exercice", run + "/exercice/observation", run + "/exercice/retex", run + "/exercice/rapport",
        "/runbooks", "/exercices", "/", "/applications/dpi", "/tests", "/rapport", "/annuaire", "/pack-de-crise", "/preuves",
    ];

    public async Task InitializeAsync()
    {
        house = await RunHouse.StartAsync(Engine.Sqlite, h =>
        {
            foreach (var file in new[] { "plan-blanc-numerique.yaml", "exercice-de-crise.yaml", $"exercises/{ExerciseServer.Beginner}.yaml", "scenarios/rancongiciel-total.yaml" }) h.Ship(file);
            File.WriteAllText(h.Server.CatalogueFile, Catalogue);
            h.Server.CrisisPacks = Path.Combine(h.Server.Data.Path, "packs");
            Directory.CreateDirectory(h.Server.CrisisPacks);
        });
        using var started = await house.Anne.SubmitAsync("/exercices", $"/exercices/{ExerciseServer.Beginner}/demarrer", ("conduite", Guid.NewGuid().ToString("n")));
        run = started.Headers.Location!.ToString().Replace("/exercice", "", StringComparison.Ordinal);
    }

    public async Task DisposeAsync() => await house.DisposeAsync();

    [Fact]
    public async Task Whatever_becomes_of_a_file_every_page_answers_and_the_run_goes_on()
    {
        var books = (string[])[$"exercises/{ExerciseServer.Beginner}.yaml", "legal/declarations.yaml", "plan-blanc-numerique.yaml"];
        var (pinned, number) = ((await house.RunAsync(run)).Definition.Sha256, 0);
        foreach (var path in books.Select(b => Path.Combine(house.Books, b)).Append(house.Server.CatalogueFile))
        {
            var whole = await File.ReadAllTextAsync(path);
            foreach (var (damage, act) in Damages)
            {
                act(path);
                var why = $"{Path.GetFileName(path)}: {damage}";
                await DemandAllAnswerAsync(why, number++ % Damages.Count == 0 ? Pages : [run, Pages[number % Pages.Length]]);
                await DemandRunGoesOnAsync(why, number);

                if (path == house.Server.CatalogueFile)
                {
                    RunHouse.Text(await house.Anne.GetStringAsync("/")).Should().Contain("hopital.yaml", why).And.Contain("Dossier patient", why);
                }
                else if (damage is not ("deleted" or "a folder in its place" or "another format"))
                {
                    RunHouse.Text(await house.Anne.GetStringAsync("/runbooks") + await house.Anne.GetStringAsync("/exercices")).Should().MatchRegex($@"{Path.GetFileName(path)}[^.]*:\d|{Path.GetFileName(path)}.*(BG\d{{4}}|ne peut pas être lu)", "{0}: somebody is told what cannot be used", why);
                }

                if (Directory.Exists(path)) Directory.Delete(path);
                File.Delete(path);
                await File.WriteAllTextAsync(path, whole);
            }
        }

        (await house.RunAsync(run)).Definition.Sha256.Should().Be(pinned);
        RunHouse.Text(await house.Anne.GetStringAsync("/")).Should().NotContain("Catalogue refusé").And.Contain("Dossier patient");
        house.Server.Fsck().IsIntact.Should().BeTrue();
    }

    [Fact]
    public async Task Without_the_folder_of_runbooks_nothing_new_starts_and_the_sentence_says_why()
    {
        var token = await house.TokenAsync();
        Directory.Delete(house.Books, recursive: true);

        await DemandAllAnswerAsync("no folder", Pages);
        await DemandRunGoesOnAsync("no folder", 0);
        RunHouse.Text(await house.Anne.GetStringAsync("/runbooks")).Should().Contain("Aucun runbook");
        (string Address, (string, string)[] Fields)[] starts =
        [
            ("/runbooks/essai/demarrer", [("mode", "exercice"), ("conduite", "nouvelle")]),
            ($"/exercices/{ExerciseServer.Beginner}/demarrer", [("conduite", "nouvelle")]),
            (run + "/modules", [("runbook", "autre"), ("motif", "mot-module")]),
            (run + "/declarations/lignes", [("fichier", "legal/declarations.yaml"), ("role", "dpo")]),
        ];
        foreach (var (address, fields) in starts)
        {
            using var answer = await house.PostAsync(token, address, [("commande", "m"), .. fields]);
            answer.StatusCode.Should().Be(HttpStatusCode.Conflict, address);
            RunHouse.Text(await answer.Content.ReadAsStringAsync()).Should().Contain("BG3296").And.Contain("Rien n’a démarré", address);
        }

        (await house.Anne.GetAsync("/conduites/nouvelle")).StatusCode.Should().Be(HttpStatusCode.NotFound);
        house.Server.Clock.Advance(TimeSpan.FromDays(2));
        (await house.Server.Services.GetRequiredService<CrisisPackRounds>().RoundAsync(CancellationToken.None)).Should().BeTrue();
        (await PackedAsync("index.html")).Should().Contain("Aucun runbook");
    }

    [Fact]
    public async Task A_folder_that_leads_back_into_itself_and_a_link_to_nothing_hide_no_runbook()
    {
        Directory.CreateSymbolicLink(Path.Combine(house.Books, "boucle"), house.Books);
        File.CreateSymbolicLink(Path.Combine(house.Books, "perdu.yaml"), "/nulle/part.yaml");
        var library = house.Server.Services.GetRequiredService<RunbookLibrary>();

        var all = library.Look();

        all.Count(b => b.Definition?.Runbook.Id == "essai").Should().Be(1);
        all.Where(b => b.Definition is null).Should().ContainSingle().Which.FileName.Should().Be("perdu.yaml");
        (await house.Anne.GetAsync("/exercices")).StatusCode.Should().Be(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_catalogue_that_changes_while_the_log_cannot_be_written_stays_the_one_that_was_recorded()
    {
        await house.Anne.GetStringAsync("/");
        house.Server.Sql("CREATE TRIGGER plein BEFORE INSERT ON checkpoints BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END");
        await File.WriteAllTextAsync(house.Server.CatalogueFile, Catalogue.Replace("PT8H", "P30D", StringComparison.Ordinal).Replace("Dossier patient", "Dossier assoupli", StringComparison.Ordinal));
        await File.AppendAllTextAsync(Path.Combine(house.Books, "essai.yaml"), "# autre\n");

        await DemandAllAnswerAsync("a full disk", Pages);
        RunHouse.Text(await house.Anne.GetStringAsync("/")).Should().Contain("Dossier patient").And.Contain("BG3094").And.Contain("n’est pas inscrit");

        house.Server.Sql("DROP TRIGGER plein");
        house.Server.Clock.Advance(TimeSpan.FromMinutes(2));
        RunHouse.Text(await house.Anne.GetStringAsync("/")).Should().Contain("Dossier assoupli").And.NotContain("BG3094");
        house.Server.Services.GetRequiredService<CatalogueSource>().Current.Issues.Should().BeEmpty();
        house.Server.Fsck().IsIntact.Should().BeTrue();
    }

    private async Task DemandAllAnswerAsync(string why, IEnumerable<string> pages)
    {
        foreach (var page in pages)
        {
            using var answer = await house.Anne.GetAsync(page);
            answer.StatusCode.Should().BeOneOf([HttpStatusCode.OK, HttpStatusCode.Redirect], "{0}, {1}: {2}", why, page, answer.StatusCode is HttpStatusCode.OK ? "" : RunHouse.Text(await answer.Content.ReadAsStringAsync()));
            if (answer.StatusCode == HttpStatusCode.OK) HtmlPage.Parse(await answer.Content.ReadAsStringAsync());
        }
    }

    private async Task DemandRunGoesOnAsync(string why, int number)
    {
        using var answer = await house.Anne.SubmitAsync(run + "/main-courante", run + "/main-courante", ("commande", $"apres-{number}"), ("type", "fait"), ("texte", $"Après {why}"));
        answer.StatusCode.Should().Be(HttpStatusCode.Redirect, why);
        (await house.EventsAsync(run)).OfType<EntryNoted>().Last().Text.Should().Be($"Après {why}");
        await house.Server.Services.GetRequiredService<RunClock>().TickAsync(CancellationToken.None);
    }

    private async Task<string> PackedAsync(string name)
    {
        await using var zip = await ZipFile.OpenReadAsync(Directory.EnumerateFiles(Packs, "*.zip").Order(StringComparer.Ordinal).Last());
        using var reader = new StreamReader(await zip.GetEntry(name)!.OpenAsync());
        return RunHouse.Text(await reader.ReadToEndAsync());
    }
}
