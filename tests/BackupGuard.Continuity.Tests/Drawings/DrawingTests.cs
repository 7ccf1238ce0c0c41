using System.Globalization;
using System.Text;
using System.Xml.Linq;
using BackupGuard.Continuity.Drawings;
using BackupGuard.Continuity.Runbooks;
using BackupGuard.Continuity.Runs;
using BackupGuard.Continuity.Tests.Exchange;
using BackupGuard.Continuity.Tests.Runs;
using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace BackupGuard.Continuity.Tests.Drawings;

/// <summary>Pictures of what a runbook is and where a run stands. The files stand in the output folder, to be looked at.</summary>
public sealed class DrawingTests
{
    private static readonly XNamespace Svg = "";

    public static TheoryData<string> Runbooks => Tests.Runbooks.ShippedRunbooksTests.Runbooks();

    private static RunbookDefinition Shipped(string file) => RunbookFile.Parse(RepositoryFiles.Read("runbooks/" + file), file).Value!;

    private static XElement Parse(string svg) => XDocument.Parse(svg).Root!;

    private static string[] Texts(XElement picture) => [.. picture.Descendants(Svg + "text").Select(t => t.Value)];

    private static double D(XElement element, string attribute) => double.Parse(element.Attribute(attribute)!.Value, CultureInfo.InvariantCulture);

    [Theory]
    [MemberData(nameof(Runbooks))]
    public void Every_state_and_every_transition_of_each_runbook_is_in_its_picture(string file)
    {
        var runbook = Shipped(file);
        var drawn = LifecycleDrawing.Of(runbook, "fr", "c");
        Keep($"{runbook.Id}.svg", drawn.Svg!);
        var picture = Parse(drawn.Svg!);

        var words = string.Join(' ', Texts(picture));
        runbook.Lifecycle.All.Should().OnlyContain(s => words.Contains(s.Title.Fr == "" ? s.Id : s.Title.Fr.Split(' ', StringSplitOptions.None)[0]));
        Texts(picture).Should().Contain(drawn.Transitions.Select(t => t.Number.ToString(CultureInfo.InvariantCulture)));
        drawn.Transitions.Select(t => t.Transition.Id).Should().Equal(runbook.Lifecycle.All.SelectMany(s => s.Transitions).Select(t => t.Id));
        picture.Attribute("role")!.Value.Should().Be("img");
        picture.Attribute("aria-labelledby")!.Value.Should().Be("c-t c-d");
        picture.Element(Svg + "title")!.Value.Should().Contain(runbook.Title.Fr);
        picture.Element(Svg + "desc")!.Value.Should().Contain($"{runbook.Lifecycle.All.Count} états");
        Outside(picture).Should().BeEmpty("nothing is cut off at the edge");
    }

    [Theory]
    [MemberData(nameof(Runbooks))]
    public void In_every_state_the_boxes_of_the_steps_do_not_touch_and_needs_run_from_left_to_right(string file)
    {
        var runbook = Shipped(file);
        foreach (var state in runbook.Steps.GroupBy(s => s.In.Id))
        {
            var picture = Parse(StepDrawing.Of(runbook, [.. state], "fr", "e", [])!);
            Keep($"{runbook.Id}-{state.Key}.svg", picture.ToString());

            picture.Elements(Svg + "g").Should().HaveCount(state.Count());
            Outside(picture).Should().BeEmpty();
        }
    }

    [Fact]
    public void Boxes_of_states_lie_inside_their_own_and_beside_no_other()
    {
        foreach (var file in Directory.EnumerateFiles(Path.Combine(RepositoryFiles.Root, "runbooks"), "*.yaml").Select(f => Path.GetFileName(f)!))
        {
            var runbook = Shipped(file);
            var boxes = Parse(LifecycleDrawing.Of(runbook, "fr", "c").Svg!).Elements(Svg + "g").Select(g => g.Elements(Svg + "rect").First()).Select(r => (Left: D(r, "x"), Top: D(r, "y"), Right: D(r, "x") + D(r, "width"), Bottom: D(r, "y") + D(r, "height"))).ToList();
            var states = runbook.Lifecycle.All;
            for (var a = 0; a < states.Count; a++)
            {
                for (var b = a + 1; b < states.Count; b++)
                {
                    var inside = runbook.Lifecycle.Path(states[b].Id).Any(s => s.Id == states[a].Id);
                    var (outer, inner) = (boxes[a], boxes[b]);
                    (inside ? outer.Left < inner.Left && inner.Right < outer.Right && outer.Top < inner.Top && inner.Bottom < outer.Bottom : outer.Bottom < inner.Top).Should().BeTrue("{0}: {1} and {2}", file, states[a].Id, states[b].Id);
                }
            }
        }
    }

    [Fact]
    public void The_present_state_is_marked_by_a_word_and_a_thick_frame()
    {
        var bench = RunBench.PlanBlanc();
        var runbook = bench.Pinned.Runbook;
        var picture = Parse(LifecycleDrawing.Of(runbook, "fr", "c", bench.State).Svg!);

        var here = picture.Elements(Svg + "g").Single(g => g.Attribute("class")!.Value == "here");
        here.Elements(Svg + "text").Select(t => t.Value).Should().Contain("◆ état présent").And.Contain("Veille");
        here.Element(Svg + "rect")!.Attribute("stroke-width")!.Value.Should().Be("4");
        picture.Descendants(Svg + "text").Count(t => t.Value == "◆ état présent").Should().Be(1);
        picture.Element(Svg + "desc")!.Value.Should().Contain("État présent\u00a0: Veille");
        Parse(LifecycleDrawing.Of(runbook, "en", "c", bench.State).Svg!).Element(Svg + "desc")!.Value.Should().Contain("Present state");
        Texts(Parse(LifecycleDrawing.Of(runbook, "fr", "c").Svg!)).Should().NotContain("◆ état présent", "in peace time nothing is present");
    }

    [Fact]
    public void Each_step_says_its_state_in_a_word_and_no_two_states_share_a_mark()
    {
        var runbook = Shipped("plan-blanc-numerique.yaml");
        var step = runbook.Steps[0];
        var marks = Enum.GetValues<StepState>().ToDictionary(s => s, s => Parse(StepDrawing.Of(runbook, [step], "fr", "e", [new StepView(step, s, 1, [], true, null, s == StepState.Running, null)])!));

        marks.Should().OnlyContain(m => Texts(m.Value).Any(t => t.StartsWith(StepWords.French(m.Key), StringComparison.Ordinal)));
        Texts(marks[StepState.Running]).Should().Contain("en cours ▲ en retard");
        marks.Values.Select(m => string.Concat(m.Element(Svg + "g")!.Elements(Svg + "path").Select(p => p.Attribute("d")!.Value + p.Attribute("stroke-dasharray")?.Value))).Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public void What_a_runbook_says_is_text_in_the_picture_whatever_it_says()
    {
        const string bad = "<script>alert('x')</script> & \"fin\" ]]> --> <!--";
        var runbook = Shipped("plan-blanc-numerique.yaml");
        runbook = runbook with
        {
            Title = new(bad, bad),
            Lifecycle = new(runbook.Lifecycle.Initial, [.. runbook.Lifecycle.Roots.Select(r => r with { Title = new(bad, "") })]),
            Steps = [.. runbook.Steps.Select(s => s with { Title = new(bad, "") })],
        };

        var states = LifecycleDrawing.Of(runbook, "fr", "c").Svg!;
        var steps = StepDrawing.Of(runbook, runbook.Steps, "fr", "e", [])!;

        foreach (var svg in new[] { states, steps })
        {
            svg.Should().NotContain("<script").And.NotContain("<!--");
            Parse(svg).Descendants().Select(e => e.Name.LocalName).Distinct().Should().BeSubsetOf(["svg", "title", "desc", "g", "rect", "path", "circle", "text"]);
        }

        Parse(states).Element(Svg + "title")!.Value.Should().EndWith(bad);
        SvgCanvas.Escape("a\u0000b\ud800c🏥").Should().Be("a\ufffdb\ufffdc🏥");
    }

    [Fact]
    public void Forty_steps_are_drawn_and_ten_thousand_are_left_to_the_list()
    {
        StepDrawing.Of(Wide(40), Wide(40).Steps, "fr", "e", []).Should().NotBeNull();
        var many = Wide(10_000);
        StepDrawing.Of(many, many.Steps, "fr", "e", []).Should().BeNull();
        RunDiagram.Steps(many).Split('\n').Should().HaveCountGreaterThan(10_000, "the text for other tools has them all");
    }

    [Fact]
    public void Too_many_states_are_left_to_the_list_which_has_every_transition()
    {
        var states = Enumerable.Range(0, 300).Select(i => new StateDefinition($"s{i}", "", LocalText.None, default) { Transitions = [new($"t{i}", $"s{i}", new($"s{(i + 1) % 300}", default), LocalText.None, default)] });
        var runbook = Shipped("plan-blanc-numerique.yaml") with { Lifecycle = new(new("s0", default), [.. states]) };

        var drawn = LifecycleDrawing.Of(runbook, "fr", "c");

        drawn.Svg.Should().BeNull();
        drawn.Transitions.Should().HaveCount(300);
    }

    [Fact]
    public void The_same_runbook_is_always_the_same_picture()
    {
        var runbook = Shipped("remediation-e3r.yaml");

        LifecycleDrawing.Of(Shipped("remediation-e3r.yaml"), "fr", "c").Svg.Should().Be(LifecycleDrawing.Of(runbook, "fr", "c").Svg);
        StepDrawing.Of(runbook, runbook.Steps, "fr", "e", []).Should().Be(StepDrawing.Of(Shipped("remediation-e3r.yaml"), Shipped("remediation-e3r.yaml").Steps, "fr", "e", []));
    }

    [Fact]
    public void In_any_graph_every_line_goes_forward_layer_by_layer() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(200), Prop.ForAll(
        (from count in Gen.Choose(1, 25)
         from edges in Gen.ListOf(from a in Gen.Choose(0, 24) from b in Gen.Choose(0, 24) select (a, b), 40)
         select (count, Edges: edges.Where(e => e.a < e.b && e.b < count).Distinct().Select(e => (From: e.a, To: e.b)).ToList())).ToArbitrary(), graph =>
    {
        var layers = new Layers(graph.count, graph.Edges);
        var layer = layers.Columns.Index().SelectMany(c => c.Item.Select(n => (Node: n, c.Index))).ToDictionary(n => n.Node, n => n.Index);

        layer.Keys.Where(n => n >= 0).Should().HaveCount(graph.count);
        layers.Routes.Should().HaveCount(graph.Edges.Count);
        layers.Routes.SelectMany(r => r.Zip(r.Skip(1))).Where(l => layer[l.Second] != layer[l.First] + 1).Should().BeEmpty();
        layers.Routes.Select(r => (r[0], r[^1])).Should().Equal(graph.Edges.Select(e => (e.From, e.To)));
    }));

    [Fact]
    public void Generated_runbooks_are_drawn_without_a_fault() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(60), Prop.ForAll(GeneratedRunbooks.All.ToArbitrary(), book =>
    {
        var runbook = RunbookFile.Parse(Continuity.Exchange.DefinitionTree.Yaml(book), "x.yaml").Value!;
        Outside(Parse(LifecycleDrawing.Of(runbook, "fr", "c").Svg!)).Should().BeEmpty();
        Outside(Parse(StepDrawing.Of(runbook, runbook.Steps, "en", "e", [])!)).Should().BeEmpty();
    }));

    private static RunbookDefinition Wide(int count)
    {
        var steps = Enumerable.Range(0, count).Select(i => new StepDefinition($"e{i}", new("veille", default), StepKind.Manual, new("dsi", default), default) { Title = new($"Étape {i}", ""), Needs = i < 8 ? [] : [new($"e{i - 8}", default), new($"e{i - 3}", default)] });
        return Shipped("plan-blanc-numerique.yaml") with { Steps = [.. steps] };
    }

    private static IEnumerable<string> Outside(XElement picture)
    {
        var (width, height) = (D(picture, "width"), D(picture, "height"));
        return picture.Descendants().Where(e => e.Attribute("x") is not null && (D(e, "x") < 0 || D(e, "y") < 0 || D(e, "x") + (e.Attribute("width") is null ? 0 : D(e, "width")) > width || D(e, "y") + (e.Attribute("height") is null ? 0 : D(e, "height")) > height)).Select(e => e.ToString());
    }

    private static void Keep(string name, string svg) => File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "drawings")).FullName, name), svg.Replace("<svg ", "<svg xmlns=\"http://www.w3.org/2000/svg\" ", StringComparison.Ordinal), Encoding.UTF8);
}
