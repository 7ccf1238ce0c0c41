using BackupGuard.Continuity.Catalogue;
using BackupGuard.Continuity.Definitions;
using BackupGuard.Server.Features.Applications;
using BackupGuard.Server.Features.Copies;
using BackupGuard.Server.Features.Drills;
using BackupGuard.Server.Features.Evidence;
using BackupGuard.Server.Features.Readiness;
using BackupGuard.Server.Features.Reports;
using BackupGuard.Server.Ui;
using BackupGuard.Server.Ui.Errors;
using BackupGuard.Server.Ui.SignIn;
using BackupGuard.Server.Ui.Texts;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Server.Tests.Ui;

/// <summary>Every page in both languages, with data in every state. The files stand in the output folder, to be looked at.</summary>
public sealed class PageTests
{
    private static readonly Dictionary<string, Func<PageFrame, (Type Page, object Parameters)>> Pages = new()
    {
        ["portefeuille"] = f => (typeof(PortfolioPage), new { Frame = f, View = PortfolioView.From(Valmont.Readiness, Valmont.Catalogue) }),
        ["portefeuille-par-age"] = f => (typeof(PortfolioPage), new { Frame = f, View = PortfolioView.From(Valmont.Readiness, Valmont.Catalogue, PortfolioSort.Age) }),
        ["portefeuille-catalogue-refuse"] = f => (typeof(PortfolioPage), new { Frame = f, View = PortfolioView.From(Valmont.Readiness, Valmont.Catalogue) with { Undeclared = ["x", "y"], CatalogueIssues = [new DefinitionIssue("BG3002", "hopital.yaml", 3, 5, "Membre inconnu.", "Unknown member.")] } }),
        ["application"] = f => (typeof(ApplicationPage), new { Frame = f, View = ApplicationView.From(Valmont.Readiness, Valmont.Catalogue, "dpi", Valmont.Facts) }),
        ["application-jamais-testee"] = f => (typeof(ApplicationPage), new { Frame = f, View = ApplicationView.From(Valmont.Readiness, Valmont.Catalogue, "anesthesie", Valmont.Facts) }),
        ["application-sans-objectif"] = f => (typeof(ApplicationPage), new { Frame = f, View = ApplicationView.From(Valmont.Readiness, Valmont.Catalogue, "paie") }),
        ["copies"] = f => (typeof(CopiesPage), new { Frame = f, View = CopiesSample.Full }),
        ["copies-jamais"] = f => (typeof(CopiesPage), new { Frame = f, View = CopiesSample.Never }),
        ["copies-journal-faux"] = f => (typeof(CopiesPage), new { Frame = f with { Log = null }, View = CopiesSample.Unsound }),
        ["tests"] = f => (typeof(TestsPage), new { Frame = f, Calendar = Valmont.Calendar, View = TestsView.From(Valmont.Facts, Valmont.Catalogue) }),
        ["tests-aucun"] = f => (typeof(TestsPage), new { Frame = f, Calendar = Valmont.Calendar, View = TestsView.From([], Valmont.Catalogue, TestFilter.Drills) }),
        ["calendrier"] = f => (typeof(CalendarPage), new { Frame = f, View = Valmont.Calendar, Applications = Valmont.Catalogue.Applications.ToDictionary(a => a.Id) }),
        ["calendrier-inconnu"] = f => (typeof(CalendarPage), new { Frame = f, View = CalendarView.From(new(true, []), Valmont.Now), Applications = new Dictionary<string, Application>() }),
        ["calendrier-journal-faux"] = f => (typeof(CalendarPage), new { Frame = f with { Log = null }, View = CalendarView.From(new(false, []), Valmont.Now), Applications = new Dictionary<string, Application>() }),
        ["preuves"] = f => (typeof(EvidenceListPage), new { Frame = f, View = new EvidenceListView([Valmont.Item(41790), Valmont.Item(41789, EntryKind.Intent)], Valmont.Head) }),
        ["preuves-aucune"] = f => (typeof(EvidenceListPage), new { Frame = f with { Log = new LogHead(0, "") }, View = new EvidenceListView([], new LogHead(0, "")) }),
        ["preuves-illisibles"] = f => (typeof(EvidenceRefusedPage), new { Frame = f with { Log = null }, Refusal = Refusal(null) }),
        ["preuve"] = f => (typeof(EvidenceEntryPage), new { Frame = f, View = Valmont.Entry }),
        ["preuve-fausse"] = f => (typeof(EvidenceRefusedPage), new { Frame = f, Refusal = Refusal(41790) }),
        ["rapport"] = f => (typeof(ReportPage), new { Frame = f, View = PortfolioView.From(Valmont.Readiness, Valmont.Catalogue) }),
        ["rapport-quinze"] = f => (typeof(ReportPage), new { Frame = f, View = PortfolioView.From(Valmont.Fifteen().Readiness, Valmont.Fifteen().Catalogue) }),
        ["connexion"] = f => (typeof(SignInPage), new { Frame = f with { Person = null }, Problem = SignInTexts.Refused }),
        ["connexion-par-lien"] = f => (typeof(SignInPage), new { Frame = f with { Person = null }, Code = "K7Q2" }),
        ["erreur-404"] = f => (typeof(ErrorPage), new { Frame = f, Kind = ErrorKind.NotFound }),
        ["erreur-403"] = f => (typeof(ErrorPage), new { Frame = f, Kind = ErrorKind.Forbidden }),
        ["erreur-401"] = f => (typeof(ErrorPage), new { Frame = f with { Person = null }, Kind = ErrorKind.SignedOut, Written = new WrittenForm("/conduites/r-1/main-courante", [("texte", "Le lit 12 est libre"), ("heure", "03:12")]) }),
        ["erreur-400"] = f => (typeof(ErrorPage), new { Frame = f, Kind = ErrorKind.Refused }),
        ["erreur-500"] = f => (typeof(ErrorPage), new { Frame = f with { Log = null, Person = null }, Kind = ErrorKind.Failure, Reference = "019a-7f" }),
        ["carte"] = f => (typeof(CrisisSample), new { Frame = f, Exercise = false, Log = false }),
        ["carte-exercice"] = f => (typeof(CrisisSample), new { Frame = f, Exercise = true, Log = false }),
        ["main-courante"] = f => (typeof(CrisisSample), new { Frame = f, Exercise = false, Log = true }),
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
        // The signed bytes are JSON; nowhere else may an unfilled text or a type name show.
        page.All("pre").ToList().ForEach(pre => pre.Remove());
        page.Text.Should().NotContainAny("{", "System.", "Microsoft.", "BackupGuard.Server.");
        html.Length.Should().BeLessThan(300_000, "a page must open on an old computer over a bad line");
    }

    [Fact]
    public async Task A_static_file_offers_nothing_that_needs_a_server()
    {
        var page = await Rendering.PageAsync<PortfolioPage>(new { Frame = Valmont.Frame(Readers.French) with { Served = false }, View = PortfolioView.From(Valmont.Readiness, Valmont.Catalogue) });

        page.All("form").Should().BeEmpty();
        page.All("button").Should().BeEmpty();
    }

    [Fact]
    public async Task The_page_of_the_current_section_is_marked_and_no_other()
    {
        var page = await Rendering.PageAsync<TestsPage>(new { Frame = Valmont.Frame(Readers.French), Calendar = Valmont.Calendar, View = TestsView.From(Valmont.Facts, Valmont.Catalogue) });

        page.All("nav").First().Descendants("a").Where(a => a.Attribute("aria-current") is not null).Select(a => a.Value).Should().Equal("Tests");
    }

    [Fact]
    public async Task The_foot_names_the_hour_with_its_zone_and_the_log()
    {
        var page = await Rendering.PageAsync<TestsPage>(new { Frame = Valmont.Frame(Readers.French), Calendar = Valmont.Calendar, View = TestsView.From([], Valmont.Catalogue) });

        var foot = page.All("footer").Single().Value;
        foot.Should().Contain("jeu.\u00a012\u00a0nov.\u00a02026, 08:40\u00a0(UTC+1)").And.Contain("Europe/Paris").And.Contain("41\u202f826").And.Contain("9f3c 71aa");
    }

    [Fact]
    public async Task A_log_that_cannot_be_read_is_said_on_every_page()
    {
        var page = await Rendering.PageAsync<TestsPage>(new { Frame = Valmont.Frame(Readers.English) with { Log = null }, Calendar = Valmont.Calendar, View = TestsView.From([], Valmont.Catalogue) });

        page.All("footer").Single().Value.Should().Contain("not readable").And.Contain("Nothing on this page can be verified");
    }

    private static EvidenceRefusal Refusal(long? sequence) =>
        new(sequence, "BG2003", new Phrase("L’entrée 41790 ne correspond pas à sa signature.", "Entry 41790 does not match its signature."), new Phrase("Gardez le journal en l’état.", "Leave the log as it is."));

    private static void Keep(string name, string html)
    {
        var folder = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "pages"));
        File.WriteAllText(Path.Combine(folder.FullName, name), html);
        lock (Pages) File.WriteAllBytes(Path.Combine(folder.FullName, "site.css"), SiteFile.Style.Bytes.ToArray());
    }
}
