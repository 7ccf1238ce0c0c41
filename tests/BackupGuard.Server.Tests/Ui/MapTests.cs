using System.Text.RegularExpressions;
using System.Xml.Linq;
using BackupGuard.Continuity.Definitions;
using BackupGuard.Continuity.Measures;
using BackupGuard.Continuity.Runs;
using BackupGuard.Server.Features.Runs;
using BackupGuard.Server.Ui;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Server.Tests.Ui;

/// <summary>The shelf of runbooks, one of them in peace time, and the map of a run. The files stand in the output folder, to be looked at.</summary>
public sealed class MapTests
{
    private static readonly RunbookOnDisk Unusable = new("faute.yaml", null, [new DefinitionIssue("BG3001", "faute.yaml", 1, 1, "Illisible.", "Unreadable.")]);

    private static readonly Dictionary<string, Func<PageFrame, (Type Page, object Parameters)>> Pages = new()
    {
        ["runbooks"] = f => Shelf(f, []),
        ["runbooks-en-cours"] = f => Shelf(f, [new("r-1", RunSample.Run()), new("r-2", RunSample.Run(RunMode.Exercise, "incident-limite")), new("r-9", null)]),
        ["runbooks-recherche"] = f => Shelf(f, [], "01-0"),
        ["runbooks-lecteur"] = f => Shelf(f, [], canStart: false),
        ["runbook"] = f => Book(f, "plan-blanc-numerique"),
        ["runbook-degrade"] = f => Book(f, "degrade-bloc-sterilisation"),
        ["runbook-mesure"] = Measured,
        ["conduite-retour"] = f => Crisis<RunPage>(f, Announced(f, f.At.AddMinutes(200)), ""),
        ["degrade-retour"] = f => Crisis<DegradedPage>(f, Announced(f, f.At.AddMinutes(200)), "/degrade"),
        ["degrade-sans-retour"] = f => Crisis<DegradedPage>(f, RunSample.Run(RunMode.Live, "degrade-biologie"), "/degrade"),
        ["mur-retour"] = f => Crisis<WallPage>(f, Announced(f, f.At.AddMinutes(200)), "/mur"),
        ["etape-mesuree"] = Step,
        ["carte-conduite"] = f => Map(f, RunSample.Run()),
        ["carte-conduite-exercice"] = f => Map(f, RunSample.Run(RunMode.Exercise)),
        ["carte-conduite-e3r"] = f => Map(f, RunSample.Run(RunMode.Exercise, "remediation-e3r")),
    };

    public static TheoryData<string, Language> Cases
    {
        get
        {
            var cases = new TheoryData<string, Language>();
            foreach (var page in Pages.Keys)
            {
                cases.Add(page, Language.French);
                cases.Add(page, Language.English);
            }

            return cases;
        }
    }

    private static (Type Page, object Parameters) Shelf(PageFrame frame, IReadOnlyList<RunSummary> runs, string query = "", bool canStart = true)
    {
        var number = 0;
        return (typeof(RunbooksPage), new { Frame = frame, Library = (object)(IReadOnlyList<RunbookOnDisk>)[.. RunSample.Library, Unusable], Runs = (object)runs, NewRunId = (Func<string>)(() => $"n{number++}"), Findings = (object)new Dictionary<string, int> { ["incident-limite"] = 2 }, CanStart = canStart, Query = query });
    }

    private static (Type Page, object Parameters) Book(PageFrame frame, string id) => (typeof(RunbookPage), new { Frame = frame, File = (object)RunSample.Book(id) });

    private static readonly RunbookMeasures Times = new(
        new Dictionary<string, MeasuredDuration> { ["choisir-salle"] = new(3, TimeSpan.FromMinutes(200), TimeSpan.FromHours(5), new(2026, 6, 1, 8, 0, 0, TimeSpan.Zero)) }, new Dictionary<string, MeasuredDuration>());

    /// <summary>A plan beside measures that contradict it.</summary>
    private static (Type Page, object Parameters) Measured(PageFrame frame) =>
        (typeof(RunbookPage), new { Frame = frame, File = (object)RunSample.Book("plan-blanc-numerique"), Measures = (object)Times });

    private static (Type Page, object Parameters) Step(PageFrame frame)
    {
        var run = RunSample.Run();
        var view = RunSample.View(frame, run, "/conduites/r-1/etapes/choisir-salle");
        var step = view.Runbook.Step("choisir-salle")!;
        return (typeof(StepPage), new { view.Frame, View = (object)view, Step = StepViews.Of(view.Runbook, run.State, step, frame.At), Time = Times.Of(view.Runbook, step) });
    }

    /// <summary>A sheet on its own whose return somebody announced, and whose threshold nobody entered.</summary>
    private static JournaledRun Announced(PageFrame frame, DateTimeOffset back)
    {
        var run = RunSample.Run(RunMode.Live, "degrade-biologie");
        var announce = new AnnounceEta(back, "") { RunId = "r-1", CommandId = "eta", Actor = new("anne", "Anne Roy"), Role = "cadre-service", Now = frame.At.AddMinutes(-8) };
        var events = run.Events.AddRange(RunEngine.Decide(run.Definition, run.State, announce).Should().BeOfType<RunDecision.Accepted>().Subject.Events);
        return run with { Events = events, State = RunState.Fold(events) };
    }

    private static (Type Page, object Parameters) Crisis<TPage>(PageFrame frame, JournaledRun run, string path)
    {
        var view = RunSample.View(frame, run, "/conduites/r-1" + path);
        return typeof(TPage) == typeof(RunPage)
            ? (typeof(RunPage), new { view.Frame, View = (object)view, Modules = (object)Array.Empty<ModuleView>(), Library = (object)Array.Empty<RunbookOnDisk>() })
            : (typeof(TPage), new { view.Frame, View = (object)view, Services = (object)DegradedService.Of(run, frame.Reader.Code, frame.At).ToArray() });
    }

    private static (Type Page, object Parameters) Map(PageFrame frame, JournaledRun run)
    {
        var view = RunSample.View(frame, run, "/conduites/r-1/carte");
        return (typeof(RunMapPage), new { view.Frame, View = (object)view });
    }

    private static async Task<HtmlPage> PageAsync(string name, Reader? reader = null)
    {
        var (type, parameters) = Pages[name](Valmont.Frame(reader ?? Readers.French));
        return HtmlPage.Parse(await Rendering.RenderAsync(type, parameters));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Every_page_is_well_formed_and_reachable_without_sight_script_or_colour(string name, Language language)
    {
        var reader = language == Language.French ? Readers.French : Readers.English;
        var (type, parameters) = Pages[name](Valmont.Frame(reader));
        var html = await Rendering.RenderAsync(type, parameters);
        Keep($"{name}.{reader.Code}.html", html);

        var page = HtmlPage.Parse(html);

        Accessibility.Problems(page, reader.Code).Should().BeEmpty();
        page.Text.Should().NotContainAny("{", "System.", "Microsoft.", "BackupGuard.Server.");
        html.Length.Should().BeLessThan(300_000, "a page must open on an old computer over a bad line");
    }

    [Fact]
    public async Task Measured_durations_stand_beside_typed_ones_and_what_they_contradict_above_the_cards()
    {
        var page = await PageAsync("runbook-mesure");
        var text = page.Text.Replace('\u00a0', ' ');

        text.Should().Contain("3 h 20 une fois sur deux, 5 h neuf fois sur dix ; 3 mesures, la plus récente il y a").And.Contain("jamais mesurée", "of the other steps");
        var finding = page.All("li").Single(l => l.Value.Contains("BG3049", StringComparison.Ordinal));
        finding.Value.Should().StartWith("▲").And.Contain("PT3H20M");
        page.All("h2").Select(h => h.Value.Trim()).Should().ContainInOrder("À revoir dans ce plan", "Cartes");
        (await PageAsync("runbooks")).All("a").Single(a => a.Attribute("href")!.Value.EndsWith("#t-findings", StringComparison.Ordinal)).Value.Replace('\u00a0', ' ').Should().StartWith("▲ 2 points à revoir");
        (await PageAsync("runbook")).Text.Should().NotContain("À revoir", "nothing measured, nothing said");
        (await PageAsync("etape-mesuree")).Text.Replace('\u00a0', ' ').Should().Contain("Durée mesurée : 3 h 20 une fois sur deux");
    }

    [Fact]
    public async Task The_announced_return_is_said_with_who_and_when_and_a_form_that_needs_no_script()
    {
        foreach (var name in new[] { "conduite-retour", "degrade-retour" })
        {
            var page = await PageAsync(name);
            page.Text.Replace('\u00a0', ' ').Should().MatchRegex("Retour annoncé : .*, dans 3 h 20, par Anne Roy à [0-9]{2}:[0-9]{2}\\.");
            var form = page.All("form").Single(f => f.Attribute("action")!.Value == "/conduites/r-1/retour");
            form.Descendants("button").Select(b => b.Attribute("value")!.Value).Should().Equal("heure", "inconnue");
            form.Descendants("option").Select(o => o.Attribute("value")!.Value).Should().Contain("cadre-service");
        }
    }

    [Fact]
    public async Task A_sheet_says_whether_it_proposes_to_start_and_what_is_missing_to_know()
    {
        (await PageAsync("mur-retour")).Text.Replace('\u00a0', ' ').Should().MatchRegex("retour annoncé : [0-9]{2}:[0-9]{2}");
        (await PageAsync("degrade-sans-retour")).Text.Replace('\u00a0', ' ').Should().Contain("▲ Proposé.").And.Contain("Le service décide.").And.Contain("Personne n’a annoncé d’heure");
        (await PageAsync("degrade-retour")).Text.Replace('\u00a0', ' ').Should().NotContain("Proposé.").And.Contain("On ne sait pas : il manque « Seuil de déclenchement écrit par le service »");
    }

    [Fact]
    public async Task The_shelf_is_in_the_order_of_the_hand_that_looks_for_it()
    {
        var page = await PageAsync("runbooks");

        var titles = page.All("p").Where(p => p.Attribute("class")?.Value == "shelf-title").Select(p => p.Value.Trim()).ToList();
        var numbers = titles.Select(t => Regex.Match(t, "^RB-([0-9]{2})").Groups[1].Value).ToList();
        numbers.Where(n => n != "08").Should().BeInAscendingOrder().And.HaveCount(20);
        numbers.TakeLast(15).Should().OnlyContain(n => n == "08", "the degraded modes stand together at the end");
        page.All("h3").Select(h => h.Value.Trim()).Should().Contain(["Par numéro", "Modes dégradés, par service", "À corriger"]).And.NotContain("En cours");
    }

    [Fact]
    public async Task There_is_one_primary_action_and_it_is_to_start_the_parent_or_to_go_on()
    {
        var quiet = Primary(await PageAsync("runbooks"));
        quiet.Should().ContainSingle().Which.Should().StartWith("Démarrer la crise réelle").And.Contain("Plan blanc numérique");

        var going = Primary(await PageAsync("runbooks-en-cours"));
        going.Should().ContainSingle().Which.Should().StartWith("Reprendre").And.Contain("Plan blanc numérique").And.EndWith("CRISE RÉELLE", "a live crisis comes before an exercise");
        Primary(await PageAsync("runbooks-lecteur")).Should().BeEmpty("a reader starts nothing");
    }

    [Fact]
    public async Task What_is_going_on_stands_first_on_the_shelf_and_in_the_list()
    {
        var page = await PageAsync("runbooks-en-cours");

        page.All("h3").First().Value.Trim().Should().Be("En cours");
        page.All("p").Where(p => p.Attribute("class")?.Value == "shelf-title").Take(2).Select(p => p.Value.Trim()[..5]).Should().Equal("RB-01", "RB-17");
        page.All("tbody").First().Elements("tr").Select(r => r.Value.Contains("CRISE RÉELLE", StringComparison.Ordinal)).Should().Equal(true, false, false);
    }

    [Theory]
    [InlineData("01-03", "plan-blanc-numerique", 1)]
    [InlineData("identite vigilance", "", 0)]
    [InlineData("RANCON", "", 0)]
    [InlineData("reanimation", "degrade-reanimation-monitoring", 15)]
    [InlineData("rb-17", "incident-limite", 1)]
    [InlineData("bouton rouge", "endiguement-bouton-rouge", 3)]
    [InlineData("Œuvre", "", 0)]
    [InlineData("<script>", "", 0)]
    public void A_search_takes_words_without_accents_or_the_number_of_a_card(string query, string expected, int most)
    {
        var shelf = RunbookShelf.Of(RunSample.Library, new HashSet<string>(), query);

        var found = shelf.Groups.SelectMany(g => g.Entries).Select(e => e.Definition.Runbook.Id).ToList();
        found.Should().HaveCountLessThanOrEqualTo(Math.Max(most, expected == "" ? 35 : most));
        if (expected != "") found.Should().Contain(expected);
    }

    [Fact]
    public void A_card_that_was_searched_for_is_named_under_its_runbook()
    {
        var entry = RunbookShelf.Of(RunSample.Library, new HashSet<string>(), "01-03").Groups.Single().Entries.Single();

        entry.Cards.Select(c => c.Card).Should().Equal("01-03");
        RunbookShelf.Of([.. RunSample.Library, Unusable], new HashSet<string>(), "01-03").Broken.Should().ContainSingle("a file that cannot be used is never hidden by a search");
    }

    [Fact]
    public async Task A_search_leads_to_the_card_itself()
    {
        var links = (await PageAsync("runbooks-recherche")).All("a").Select(a => a.Attribute("href")!.Value).ToList();

        links.Should().Contain("/runbooks/plan-blanc-numerique#carte-01-01");
        (await PageAsync("runbook")).Root.Descendants().Attributes("id").Select(a => a.Value).Should().Contain("carte-01-01");
    }

    [Fact]
    public async Task A_runbook_in_peace_time_shows_every_card_role_and_source_and_starts_nothing()
    {
        var book = RunSample.Book("plan-blanc-numerique").Definition!.Runbook;
        var page = await PageAsync("runbook");
        var text = page.Text.Replace('\u00a0', ' ');

        text.Should().ContainAll(book.Steps.Select(s => s.Card)).And.ContainAll(book.Steps.SelectMany(s => s.Do).Select(l => l.Text.Replace('\u00a0', ' ')));
        text.Should().ContainAll(book.Roles.Select(r => r.Label.Fr.Replace('\u00a0', ' '))).And.ContainAll(book.Sources.Select(s => s.Replace('\u00a0', ' ')));
        page.All("main").Single().Descendants("form").Should().BeEmpty();
        page.All("svg").Where(s => s.Attribute("class")?.Value == "drawing").Should().HaveCountGreaterThan(1);
        page.All("a").Select(a => a.Attribute("href")!.Value).Should().Contain("/runbooks/plan-blanc-numerique?format=mermaid");
    }

    [Fact]
    public async Task The_map_says_in_words_what_its_pictures_show_and_leads_to_the_steps()
    {
        var page = await PageAsync("carte-conduite");
        var sections = page.All("section").ToList();

        var steps = sections.Single(s => s.Attribute("aria-labelledby")!.Value == "t-steps");
        steps.Descendants("a").Select(a => a.Attribute("href")!.Value).Should().Contain(["/conduites/r-1/etapes/choisir-salle", "/conduites/r-1/etapes/convoquer-cellule"]);
        steps.Descendants("tr").Select(r => r.Value).Should().Contain(r => r.Contains("faite", StringComparison.Ordinal)).And.Contain(r => r.Contains("en cours", StringComparison.Ordinal));
        steps.Elements().Select(e => e.Name.LocalName).Should().ContainInOrder("table", "figure");
        var cycle = sections.Single(s => s.Attribute("aria-labelledby")!.Value == "t-cycle");
        cycle.Descendants("li").Single(l => l.Value.Contains('◆') && l.Elements("ul").FirstOrDefault() is null).Value.Trim().Should().StartWith("Alerte");
        cycle.Descendants("tr").Where(r => r.Value.Contains("possible ici", StringComparison.Ordinal)).Should().NotBeEmpty();
        page.All("figure").Descendants("a").Should().BeEmpty("a picture is one thing for those who hear it: its links stand in the list");
        page.All("nav").First().Descendants("a").Single(a => a.Attribute("aria-current") is not null).Value.Should().Be("Carte de la conduite");
    }

    private static List<string> Primary(HtmlPage page) => [.. page.All("main").Single().Descendants().Where(e => e.Attribute("class")?.Value.Contains("btn-main", StringComparison.Ordinal) == true).Select(e => e.Value.Trim())];

    private static void Keep(string name, string html)
    {
        var folder = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "pages"));
        File.WriteAllText(Path.Combine(folder.FullName, name), html);
    }
}
