using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using BackupGuard.Continuity.Exchange;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Continuity.Tests.Exchange;

/// <summary>Files that nobody should have sent: a clear sentence each time, and never the memory or the minutes of the server.</summary>
public sealed class CacaoGarbageTests
{
    private const string Head = """{"type":"playbook","spec_version":"cacao-2.0","name":"x","workflow_start":"start--11111111-1111-4111-8111-111111111111","workflow":{""";

    private static string Id(string type, int number) => $"{type}--{number:x8}-1111-4111-8111-111111111111";

    private static string Playbook(IEnumerable<(string Id, string Body)> steps) => Head + string.Join(',', steps.Select(s => $"\"{s.Id}\":{s.Body}")) + "}}";

    private static string Action(string next) => $$"""{"type":"action","name":"a","on_completion":"{{next}}","commands":[{"type":"manual","command":"x"}],"agent":"group--1"}""";

    public static TheoryData<string, string> Refusals => new()
    {
        { "", "BG3150" },
        { "{", "BG3150" },
        { "{\"type\": \"playbook\", }", "BG3150" },
        { "\u0000\u0001\u0002", "BG3150" },
        { "<?xml version=\"1.0\"?><playbook/>", "BG3150" },
        { "{\"name\":\"\\ud800\"}", "BG3150" },
        { "format: backupguard.runbook/v1\n", "BG3150" },
        { "[]", "BG3153" },
        { "\"playbook\"", "BG3153" },
        { "{}", "BG3153" },
        { "{\"type\":\"playbook\",\"spec_version\":\"1.1\",\"workflow\":{}}", "BG3153" },
        { "{\"type\":\"playbook\",\"spec_version\":\"cacao-2.0\"}", "BG3153" },
        { "{\"type\":\"playbook\",\"spec_version\":\"cacao-2.0\",\"workflow\":[]}", "BG3153" },
        { "{\"type\":\"playbook\",\"spec_version\":\"cacao-2.0\",\"workflow\":{}}", "BG3153" },
        { "{\"type\":\"playbook\",\n \"type\":\"playbook\"}", "BG3152" },
        { "{\"workflow\":{\"a\":{\"x\":1,\"\\u0078\":2}}}", "BG3152" },
        { new string('[', 5000), "BG3151" },
        { string.Concat(Enumerable.Repeat("{\"a\":", 60)) + "1" + new string('}', 60), "BG3151" },
        { "[" + string.Join(',', Enumerable.Repeat("1", 600_000)) + "]", "BG3151" },
        { "\"" + new string('x', StrictJson.MaxCharacters) + "\"", "BG3151" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void Each_is_refused_with_its_code_a_place_and_a_sentence_in_both_languages(string text, string code)
    {
        var imported = CacaoImport.Read(text, "x.yaml");

        imported.Yaml.Should().BeNull();
        var note = imported.Notes.Should().ContainSingle().Subject;
        (note.Code, note.Level).Should().Be((code, NoteLevel.Error));
        note.At.Should().NotBeEmpty();
        note.Fr.Should().MatchRegex("[.?]$").And.NotBe(note.En);
        note.En.Should().MatchRegex("[.?]$");
    }

    [Fact]
    public void A_key_written_twice_is_named_with_its_line() =>
        CacaoImport.Read("{\"type\":\"playbook\",\n \"type\":\"playbook\"}", "x.yaml").Notes.Single().Should().BeEquivalentTo(new { At = "2:2", Fr = "La clé «\u00a0type\u00a0» est écrite deux fois\u00a0: laquelle est la bonne\u00a0?" });

    [Fact]
    public void Five_thousand_actions_in_a_row_are_read_in_seconds()
    {
        var steps = Enumerable.Range(0, 5000).Select(i => (Id("action", i), Action(Id(i == 4999 ? "end" : "action", i + 1))))
            .Prepend((Id("start", 0x11111111), $$"""{"type":"start","on_completion":"{{Id("action", 0)}}"}""")).Append((Id("end", 5000), """{"type":"end"}"""));
        var watch = Stopwatch.StartNew();

        var imported = CacaoImport.Read(Playbook(steps), "x.yaml");

        imported.Yaml.Should().Contain("id: a-5000").And.Contain("needs: [a-4999]");
        watch.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public void More_steps_than_anybody_reviews_are_refused()
    {
        var imported = CacaoImport.Read(Playbook(Enumerable.Range(0, 10_001).Select(i => (Id("end", i), "{}"))), "x.yaml");

        imported.Yaml.Should().BeNull();
        imported.Notes.Single().Code.Should().Be("BG3151");
    }

    [Fact]
    public void Two_crowds_of_a_thousand_branches_one_after_the_other_are_refused_before_they_are_multiplied()
    {
        List<(string, string)> steps = [(Id("start", 0x11111111), $$"""{"type":"start","on_completion":"{{Id("parallel", 1)}}"}""")];
        foreach (var (parallel, first) in new[] { (1, 1000), (2, 3000) })
        {
            var branches = Enumerable.Range(first, 1000).ToList();
            steps.Add((Id("parallel", parallel), $$"""{"type":"parallel","on_completion":"{{Id("parallel", parallel + 1)}}","next_steps":[{{string.Join(',', branches.Select(b => $"\"{Id("action", b)}\""))}}]}"""));
            steps.AddRange(branches.Select(b => (Id("action", b), Action(Id("end", b)))));
        }

        CacaoImport.Read(Playbook(steps), "x.yaml").Notes.Single().Should().BeEquivalentTo(new { Code = "BG3151", At = "/workflow" });
    }

    [Fact]
    public void Parallels_that_lead_to_each_other_over_and_over_are_walked_once()
    {
        List<(string, string)> steps = [(Id("start", 0x11111111), $$"""{"type":"start","on_completion":"{{Id("parallel", 0)}}"}""")];
        for (var i = 0; i < 40; i += 2)
        {
            foreach (var one in new[] { i, i + 1 }) steps.Add((Id("parallel", one), $$"""{"type":"parallel","next_steps":["{{Id("parallel", i + 2)}}","{{Id("parallel", i + 3)}}"]}"""));
        }

        var watch = Stopwatch.StartNew();
        CacaoImport.Read(Playbook(steps), "x.yaml").Notes.Should().NotBeEmpty();
        watch.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void Conditions_inside_conditions_beyond_reading_are_refused()
    {
        var steps = Enumerable.Range(0, 40).Select(i => (Id("if-condition", i), $$"""{"type":"if-condition","condition":"x","on_true":"{{Id("if-condition", i + 1)}}"}"""))
            .Prepend((Id("start", 0x11111111), $$"""{"type":"start","on_completion":"{{Id("if-condition", 0)}}"}"""));

        CacaoImport.Read(Playbook(steps), "x.yaml").Notes.Single().Code.Should().Be("BG3151");
    }

    [Fact]
    public void A_step_that_follows_itself_is_told_and_read_once()
    {
        var imported = CacaoImport.Read(Playbook([(Id("start", 0x11111111), $$"""{"type":"start","on_completion":"{{Id("action", 1)}}"}"""), (Id("action", 1), Action(Id("action", 1)))]), "x.yaml");

        imported.Notes.Should().Contain(n => n.Code == "BG3160");
        imported.Yaml.Should().Contain("id: a,").And.NotContain("needs");
    }

    [Fact]
    public void Wherever_a_good_playbook_is_cut_or_bent_the_answer_is_a_draft_or_a_sentence()
    {
        var random = new Random(20261122);
        foreach (var name in CacaoForeignTests.Names)
        {
            var text = CacaoSamples.Playbook(name);
            for (var i = 0; i < 150; i++)
            {
                var bent = new StringBuilder(text);
                if (i % 3 == 0) bent.Length = random.Next(text.Length);
                else if (i % 3 == 1) bent[random.Next(text.Length)] = "{}[]\",:\\\u0000é0"[random.Next(11)];
                else bent.Remove(random.Next(text.Length - 40), random.Next(1, 40));

                var imported = CacaoImport.Read(bent.ToString(), "x.yaml");

                (imported.Yaml is not null || imported.Notes.Count == 1).Should().BeTrue("seed 20261122, {0}, {1}", name, i);
            }
        }
    }

    [Fact]
    public void Whatever_stands_where_a_text_an_object_or_a_list_should_be_nothing_breaks()
    {
        JsonNode?[] strange = [null, true, 12, 1.5, "", "x", new JsonArray(), new JsonArray(1, null, "x"), new JsonObject(), new JsonObject { ["x"] = null }];
        var turn = 0;
        foreach (var name in CacaoForeignTests.Names)
        {
            foreach (var path in Paths(JsonNode.Parse(CacaoSamples.Playbook(name))!, []).Where(p => p.Count <= 4))
            {
                // Each place gets three of them, the next place the next three.
                foreach (var other in Enumerable.Range(0, 3).Select(_ => strange[turn++ % strange.Length]))
                {
                    var playbook = JsonNode.Parse(CacaoSamples.Playbook(name))!;
                    var parent = path.Take(path.Count - 1).Aggregate(playbook, (node, key) => key is int index ? node[index]! : node[(string)key]!);
                    if (path[^1] is int at) parent[at] = other?.DeepClone();
                    else parent[(string)path[^1]] = other?.DeepClone();

                    var act = () => CacaoImport.Read(playbook.ToJsonString(), "x.yaml");

                    act.Should().NotThrow("{0} at {1} with {2}", name, string.Join('/', path), other?.ToJsonString());
                }
            }
        }
    }

    private static IEnumerable<IReadOnlyList<object>> Paths(JsonNode node, IReadOnlyList<object> to) => node switch
    {
        JsonObject map => map.SelectMany(m => Paths(m.Value!, [.. to, m.Key]).Prepend([.. to, m.Key])),
        JsonArray list => list.Index().SelectMany(i => Paths(i.Item!, [.. to, i.Index]).Prepend([.. to, i.Index])),
        _ => [],
    };
}
