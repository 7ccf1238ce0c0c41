using BackupGuard.Continuity.Catalogue;
using BackupGuard.Continuity.Readiness;
using BackupGuard.Contracts;
using BackupGuard.Server.Features.Applications;
using BackupGuard.Server.Features.Drills;
using BackupGuard.Server.Features.Evidence;
using BackupGuard.Server.Features.Readiness;
using BackupGuard.Server.Features.Reports;
using BackupGuard.Server.Ui;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Server.Tests.Ui;

/// <summary>What a page says when there is nothing to say, too much to say, or somebody wants it to say something else.</summary>
public sealed class DarkCornerTests
{
    private static readonly HospitalReadiness Nothing = new(Valmont.Now, []);

    public static TheoryData<string> HostileNames => new("<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='x", "{application}", "</title></head>", "&lt;b&gt;", new string('w', 300), "photo\u202egpj.exe");

    [Theory]
    [MemberData(nameof(HostileNames))]
    public async Task A_hostile_name_stays_text_on_every_page(string name)
    {
        var catalogue = new HospitalCatalogue(name, "Europe/Paris", [Valmont.App(name, name, name, vital: true, hours: 1, lossMinutes: 1, dependsOn: [name], owner: name)]);
        var fact = new ProofFact(1, name, ProofKind.Drill, Outcome.Failed, Valmont.Now.AddHours(-1)) { Name = name, Agent = name, ReasonFr = name, ReasonEn = name, MeasuredRecoveryTime = TimeSpan.FromHours(2) };
        var readiness = new HospitalReadiness(Valmont.Now, [new ApplicationReadiness(name, ReadinessState.Failed, [new Reason("RD01", name, name, 1)], null, null) { History = [fact, fact with { Kind = ProofKind.Verification }] }]);
        var frame = Valmont.Frame(Readers.French) with { Person = name, Establishment = name, Path = name };
        var entry = new EvidenceEntryView(Valmont.Item(1) with { Signer = name, Subject = name }, name, Valmont.Root, Valmont.Head, []) { ApplicationId = name, Findings = [new FindingDocument(name, name, name, name, name) { MessageFr = name }], Steps = [new DrillStepDocument(name, name, double.MaxValue, name, name)] };
        HtmlPage[] pages =
        [
            await Rendering.PageAsync<PortfolioPage>(new { Frame = frame, View = PortfolioView.From(readiness, catalogue) }),
            await Rendering.PageAsync<ApplicationPage>(new { Frame = frame, View = ApplicationView.From(readiness, catalogue, name)! }),
            await Rendering.PageAsync<TestsPage>(new { Frame = frame, Calendar = Valmont.Calendar, View = TestsView.From([fact, fact with { ApplicationId = name + "?" }], catalogue) }),
            await Rendering.PageAsync<ReportPage>(new { Frame = frame, View = PortfolioView.From(readiness, catalogue) }),
            await Rendering.PageAsync<EvidenceEntryPage>(new { Frame = frame, View = entry }),
        ];

        pages.SelectMany(p => Accessibility.Problems(p, "fr")).Should().BeEmpty();
        pages.Should().OnlyContain(p => p.Text.Contains(name) || p.Text.Contains(SafeText.Visible(name)));
    }

    [Fact]
    public async Task A_hospital_without_applications_is_told_that_nobody_can_tell()
    {
        var view = PortfolioView.From(Nothing, new HospitalCatalogue("CH de Valmont", "Europe/Paris", []));
        var page = await Rendering.PageAsync<PortfolioPage>(new { Frame = Valmont.Frame(Readers.French), View = view });

        page.Text.Should().Contain("Personne ne peut le dire.").And.Contain("le catalogue de l’établissement est vide");
        page.Text.Should().NotContain("Oui");
        Marks(page).Should().BeEmpty("there is nothing to put a state on");
        (await Rendering.PageAsync<ReportPage>(new { Frame = Valmont.Frame(Readers.French), View = view })).Text.Should().Contain("Personne ne peut le dire.");
    }

    [Theory]
    [InlineData(1, 100, "Applications 1 à 100 sur 250")]
    [InlineData(3, 50, "Applications 201 à 250 sur 250")]
    [InlineData(9, 50, "Applications 201 à 250 sur 250")]
    [InlineData(0, 250, "Applications 1 à 250 sur 250")]
    public async Task A_large_hospital_is_shown_by_the_hundred_and_the_page_says_so(int number, int rows, string sentence)
    {
        var catalogue = new HospitalCatalogue("CHU", "Europe/Paris", [.. Enumerable.Range(0, 250).Select(i => Valmont.App($"app-{i}", $"App {i}", $"App {i}", vital: false, hours: 1, lossMinutes: 1, dependsOn: [], owner: "DSI"))]);
        var view = PortfolioView.From(ReadinessRules.Evaluate(catalogue, [], Valmont.Now), catalogue) with { Page = number };

        var report = await Rendering.PageAsync<ReportPage>(new { Frame = Valmont.Frame(Readers.French), View = view });
        var portfolio = await Rendering.PageAsync<PortfolioPage>(new { Frame = Valmont.Frame(Readers.French), View = view });

        report.All("tbody").First().Elements("tr").Should().HaveCount(rows);
        report.Text.Should().Contain(sentence);
        portfolio.All("a").Select(a => (string?)a.Attribute("href")).Where(h => h?.StartsWith("/applications/", StringComparison.Ordinal) == true).Distinct().Should().HaveCountGreaterThanOrEqualTo(rows);
        foreach (var page in new[] { report, portfolio })
        {
            page.All("a").Select(a => (string?)a.Attribute("href")).Should().Contain("?page=3").And.Contain("?page=toutes").And.NotContain("?page=4");
            Accessibility.Problems(page, "fr").Should().BeEmpty();
        }
    }

    [Fact]
    public async Task Applications_that_no_rule_has_judged_are_unknown_and_never_green()
    {
        var page = await Rendering.PageAsync<PortfolioPage>(new { Frame = Valmont.Frame(Readers.French), View = PortfolioView.From(Nothing, Valmont.Catalogue) });

        page.Text.Should().Contain("Personne ne le sait.").And.Contain("Aucune des 12 applications n’a jamais été prouvée");
        page.Text.Should().Contain("inconnu").And.Contain("jamais testé");
        Marks(page).Count(m => m == "Prouvé").Should().Be(1, "only the tally may name that state, with a zero behind it");
    }

    [Fact]
    public void Yes_is_said_only_when_every_application_is_proved()
    {
        var proved = Valmont.Readiness with { Applications = [.. Valmont.Readiness.Applications.Select(a => a with { State = ReadinessState.Proved, Reasons = [], ProvedAt = Valmont.Now.AddDays(-1), ExpiresAt = Valmont.Now.AddDays(89) })] };
        Answer(proved).Should().StartWith("Oui, aujourd’hui. Les 12 applications sont prouvées");

        foreach (var state in Enum.GetValues<ReadinessState>().Where(s => s != ReadinessState.Proved))
        {
            var one = proved with { Applications = [.. proved.Applications.Select((a, i) => i == 5 ? a with { State = state } : a)] };
            Answer(one).Should().StartWith("Pas encore.").And.Contain("1 application sur 12 n’est pas prouvée.");
        }
    }

    [Fact]
    public void An_application_missing_from_the_readiness_is_listed_as_unproven()
    {
        var view = PortfolioView.From(Valmont.Readiness with { Applications = [.. Valmont.Readiness.Applications.Skip(1)] }, Valmont.Catalogue);

        view.Lines.Should().HaveCount(12);
        view.Lines.Single(l => l.Application.Id == "dpi").State.Should().Be(ReadinessState.Unproven);
    }

    [Fact]
    public async Task Of_many_applications_the_worst_hundred_come_first_and_none_is_lost()
    {
        var catalogue = new HospitalCatalogue("CH de Valmont", "Europe/Paris", [.. Enumerable.Range(0, 250).Select(i => new Application($"a{i:000}", $"Application {i:000}") { Service = "Tous" })]);
        var proved = Enumerable.Range(0, 120).Select(i => new ApplicationReadiness($"a{i:000}", ReadinessState.Proved, [], Valmont.Now.AddDays(-1), Valmont.Now.AddDays(30)));
        var view = PortfolioView.From(new HospitalReadiness(Valmont.Now, [.. proved]), catalogue);

        view.Pages.Should().Be(3);
        view.Shown.Should().HaveCount(100).And.OnlyContain(l => l.State == ReadinessState.Unproven);
        Enumerable.Range(1, 3).SelectMany(p => (view with { Page = p }).Shown).Should().Equal(view.Lines);
        (view with { Page = 99 }).Shown.Should().Equal((view with { Page = 3 }).Shown);
        (view with { Page = 0 }).Shown.Should().HaveCount(250);
        var html = await Rendering.PageAsync<PortfolioPage>(new { Frame = Valmont.Frame(Readers.French), View = view with { Page = 2 } });
        html.Text.Should().Contain("Page 2 sur 3").And.Contain("130", "a group says how many it holds on all pages");
        Accessibility.Problems(html, "fr").Should().BeEmpty();
    }

    [Fact]
    public void What_is_not_proved_comes_first_and_what_is_vital_before_the_rest()
    {
        var view = PortfolioView.From(Valmont.Readiness, Valmont.Catalogue);

        view.Lines.Select(l => ReadinessOrder.Rank(l.State)).Should().BeInAscendingOrder();
        view.Lines.Take(4).Select(l => l.Application.Id).Should().Equal("dpi", "ris-pacs", "anesthesie", "chimio");
        view.Tally.Sum(t => t.Count).Should().Be(12);
        view.NextToExpire!.Application.Id.Should().Be("urgences", "an old proof that counts no more cannot be the next to expire");
    }

    [Theory]
    [InlineData(PortfolioSort.Age)]
    [InlineData(PortfolioSort.Recovery)]
    [InlineData(PortfolioSort.Loss)]
    [InlineData(PortfolioSort.Expiry)]
    public void What_is_unknown_sorts_before_every_known_value(PortfolioSort sort) =>
        PortfolioView.From(Valmont.Readiness, Valmont.Catalogue, sort).Lines.Take(4).Select(l => l.Application.Id).Should().Contain("anesthesie");

    [Fact]
    public async Task A_proof_dated_in_the_future_has_no_age()
    {
        var readiness = new HospitalReadiness(Valmont.Now, [new ApplicationReadiness("dpi", ReadinessState.Inconclusive, [], Valmont.Now.AddHours(1), Valmont.Now.AddDays(90))]);
        var page = await Rendering.PageAsync<PortfolioPage>(new { Frame = Valmont.Frame(Readers.French), View = PortfolioView.From(readiness, Valmont.Catalogue) });

        page.Text.Should().Contain("daté du futur");
    }

    [Fact]
    public void An_absolute_limit_that_is_not_set_is_never_filled_from_the_objective()
    {
        ApplicationView.From(Valmont.Readiness, Valmont.Catalogue, "sil")!.Limit(Readers.French).Should().Be("limite non définie");
        ApplicationView.From(Valmont.Readiness, Valmont.Catalogue, "dpi")!.Limit(Readers.French).Should().Contain("tenue par le dernier test");
    }

    [Fact]
    public void A_cycle_of_dependencies_ends()
    {
        var catalogue = new HospitalCatalogue("H", "Europe/Paris", [new Application("a", "A") { DependsOn = ["b", "a"] }, new Application("b", "B") { DependsOn = ["a", "absent"] }]);
        var view = ApplicationView.From(Nothing, catalogue, "a")!;

        view.DependsOn.Select(l => (l.Id, l.Through)).Should().Equal(("b", null), ("absent", "b"));
        view.AwaitedBy.Select(l => l.Id).Should().Equal("b");
    }

    [Fact]
    public void An_application_that_is_not_declared_has_no_page() => ApplicationView.From(Valmont.Readiness, Valmont.Catalogue, "dpi2").Should().BeNull();

    [Fact]
    public void A_page_of_tests_beyond_the_last_is_the_last()
    {
        var facts = Enumerable.Range(0, 250).Select(i => new ProofFact(i, "dpi", ProofKind.Drill, Outcome.Proved, Valmont.Now.AddMinutes(-i)));
        var view = TestsView.From(facts, Valmont.Catalogue, page: 99);

        (view.Page, view.Pages, view.Facts.Count).Should().Be((3, 3, 50));
        TestsView.From(Valmont.Facts, Valmont.Catalogue, TestFilter.NotPassed).Facts.Should().OnlyContain(f => f.Outcome != Outcome.Proved);
    }

    [Fact]
    public async Task An_entry_that_does_not_verify_shows_nothing_of_itself()
    {
        var refusal = new EvidenceRefusal(7, "BG2003", new Phrase("La signature est fausse.", "The signature is wrong."), new Phrase("Gardez tout.", "Keep everything."));
        var page = await Rendering.PageAsync<EvidenceRefusedPage>(new { Frame = Valmont.Frame(Readers.French), Refusal = refusal });

        page.Text.Should().Contain("ne vous y fiez pas").And.Contain("BG2003").And.Contain("Gardez tout.").And.NotContain("authentique");
        Marks(page).Should().BeEmpty();
    }

    [Fact]
    public async Task A_proof_whose_chain_is_broken_says_that_it_is_void_and_not_that_there_is_none()
    {
        var readiness = new HospitalReadiness(Valmont.Now, [new ApplicationReadiness("gam", ReadinessState.Unproven, [], Valmont.Now.AddDays(-2), null)]);
        var page = await Rendering.PageAsync<PortfolioPage>(new { Frame = Valmont.Frame(Readers.French), View = PortfolioView.From(readiness, Valmont.Catalogue) });

        page.Text.Should().Contain("sans effet");
    }

    [Fact]
    public void Where_several_tests_are_kept_the_worst_measure_is_shown()
    {
        ProofFact Drill(string name, int hoursAgo, int? minutes) => new(1, "dpi", ProofKind.Drill, Outcome.Proved, Valmont.Now.AddHours(-hoursAgo)) { Name = name, MeasuredRecoveryTime = minutes is { } m ? TimeSpan.FromMinutes(m) : null };
        TimeSpan? Recovery(params ProofFact[] drills) => new ApplicationLine(Valmont.Catalogue.Applications[0], new ApplicationReadiness("dpi", ReadinessState.Failed, [], null, null) { History = drills }, Valmont.Now).Recovery;

        Recovery(Drill("court", 1, 10), Drill("long", 2, 700), Drill("court", 9, 900)).Should().Be(TimeSpan.FromMinutes(700), "the older run of the same test is superseded");
        Recovery(Drill("court", 1, null), Drill("court", 2, 10)).Should().BeNull("the newest test measured nothing");
        Recovery(Drill("court", -2, 10)).Should().BeNull("a test dated in the future is not believed");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(40)]
    [InlineData(60 * 24 * 3)]
    [InlineData(60 * 24 * 900)]
    public void The_drawing_of_tests_keeps_inside_its_frame_whatever_the_span(int minutesApart)
    {
        var drills = Enumerable.Range(0, 30).Select(i => new ProofFact(i, "dpi", ProofKind.Drill, Outcome.Proved, Valmont.Now.AddMinutes(-minutesApart * i)) { MeasuredRecoveryTime = TimeSpan.FromSeconds(3 + (i * 500)) }).ToArray();
        var timeline = DrillTimeline.From(drills, TimeSpan.FromHours(8), Valmont.Now, Readers.French);

        timeline.Bars.Should().HaveCount(DrillTimeline.Shown);
        timeline.Bars.Should().OnlyContain(b => b.X >= DrillTimeline.Left && b.X <= DrillTimeline.Right && b.Top >= DrillTimeline.Top && b.Top <= DrillTimeline.Bottom);
        timeline.Dates.Should().NotBeEmpty().And.OnlyContain(t => t.Position >= DrillTimeline.Left && t.Position <= DrillTimeline.Right);
        timeline.Dates.Zip(timeline.Dates.Skip(1)).Should().OnlyContain(pair => pair.Second.Position - pair.First.Position > 70, "labels must not cover each other");
        timeline.Bars[^1].Label.Should().NotBeNull("the newest test keeps its words");
    }

    [Fact]
    public void A_single_test_a_moment_ago_can_be_drawn_across_the_change_of_hour()
    {
        foreach (var at in new[] { new DateTimeOffset(2026, 10, 25, 0, 59, 0, TimeSpan.Zero), new DateTimeOffset(2026, 3, 29, 1, 1, 0, TimeSpan.Zero) })
        {
            var drill = new ProofFact(1, "dpi", ProofKind.Drill, Outcome.Inconclusive, at.AddSeconds(-20));
            var timeline = DrillTimeline.From([drill, drill with { At = at.AddDays(-3) }], null, at, Readers.French);
            timeline.Dates.Select(t => t.Position).Should().BeInAscendingOrder();
            DrillTimeline.From([drill], null, at, Readers.French).Bars.Should().ContainSingle(b => !b.Measured);
        }
    }

    private static string[] Marks(HtmlPage page) =>
        [.. page.All("span").Where(s => s.Attribute("class")?.Value.StartsWith("state ", StringComparison.Ordinal) == true).Select(s => s.Value)];

    private static string Answer(HospitalReadiness readiness) =>
        string.Concat(PortfolioView.From(readiness, Valmont.Catalogue).Answer(Readers.French).Select(p => p.Text));
}
