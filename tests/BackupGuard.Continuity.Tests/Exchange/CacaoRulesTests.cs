using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using BackupGuard.Continuity.Exchange;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Continuity.Tests.Exchange;

/// <summary>A sound playbook of ours, bent in one place at a time: each rule of the specification speaks, at that place.</summary>
public sealed class CacaoRulesTests
{
    private static readonly string Sound = CacaoExport.Write(RepositoryFiles.Read("runbooks/plan-blanc-numerique.yaml"), "x.yaml", CacaoRoundTripTests.Stamp).Text!;

    private static readonly Dictionary<string, (Action<JsonObject> Bend, string Says)> Bends = new()
    {
        ["no name"] = (p => p.Remove("name"), "“name” is missing"),
        ["no workflow"] = (p => p.Remove("workflow"), "“workflow” is missing"),
        ["an identifier of version 7"] = (p => p["id"] = "playbook--0192f3aa-7c1e-7b2a-9d11-3f5b6c7d8e90", "playbook--UUID"),
        ["an identifier of another type"] = (p => p["id"] = "identity--" + Guid.NewGuid(), "playbook--UUID"),
        ["created by nobody"] = (p => p["created_by"] = "me", "identity--UUID"),
        ["two decimals"] = (p => p["modified"] = "2026-11-22T03:12:00.12Z", "exactly three decimals"),
        ["modified before created"] = (p => p["modified"] = "2020-01-01T00:00:00.000Z", "before “created”"),
        ["valid until before valid from"] = (p => (p["valid_from"], p["valid_until"]) = ("2027-01-01T00:00:00.000Z", "2026-01-01T00:00:00.000Z"), "not after"),
        ["a priority of 101"] = (p => p["priority"] = 101, "0 to 100"),
        ["a start that is an end"] = (p => p["workflow_start"] = First(p, "end").Id, "names no start step"),
        ["an exception that leads nowhere"] = (p => p["workflow_exception"] = "action--x", "names no step"),
        ["no start"] = (p => Workflow(p).Remove(First(p, "start").Id), "No “start” step"),
        ["a step whose key is not its type"] = (p => First(p, "action").Step["type"] = "end", "identifier of a step is its type"),
        ["completion and success at once"] = (p => First(p, "action").Step["on_success"] = First(p, "end").Id, "excludes"),
        ["an end that goes on"] = (p => First(p, "end").Step["on_completion"] = First(p, "action").Id, "leads nowhere"),
        ["a start with a failure"] = (p => First(p, "start").Step["on_failure"] = First(p, "end").Id, "has only “on_completion”"),
        ["an action that says nothing of what follows"] = (p => First(p, "action").Step.Remove("on_completion"), "does not say what follows"),
        ["a pointer to no step"] = (p => First(p, "action").Step["on_completion"] = "end--11111111-1111-4111-8111-111111111111", "is no step of this playbook"),
        ["a parallel of one"] = (p => First(p, "parallel").Step["next_steps"] = new JsonArray(First(p, "end").Id), "at least two branches"),
        ["a parallel of the same twice"] = (p => First(p, "parallel").Step["next_steps"] = new JsonArray(First(p, "end").Id, First(p, "end").Id), "at least two branches"),
        ["a switch without cases"] = (p => First(p, "switch-condition").Step["cases"] = new JsonObject(), "at least one case"),
        ["an action without commands"] = (p => First(p, "action").Step["commands"] = new JsonArray(), "at least one command"),
        ["a command without a type"] = (p => First(p, "action").Step["commands"]![0]!.AsObject().Remove("type"), "command has a type"),
        ["an empty command"] = (p => First(p, "action").Step["commands"]![0]!.AsObject().Remove("command"), "command is empty"),
        ["an agent that is not declared"] = (p => First(p, "action").Step["agent"] = "group--11111111-1111-4111-8111-111111111111", "agent is not declared"),
        ["an action without an agent"] = (p => First(p, "action").Step.Remove("agent"), "“agent” is missing"),
        ["a target that is not declared"] = (p => First(p, "action").Step["targets"] = new JsonArray("ssh--x"), "target is not declared"),
        ["a negative delay"] = (p => First(p, "action").Step["delay"] = -1, "milliseconds"),
        ["an argument that is not declared"] = (p => First(p, "action").Step["out_args"] = new JsonArray("__x__"), "is not declared"),
        ["a variable without underscores"] = (p => p["playbook_variables"] = new JsonObject { ["x"] = new JsonObject { ["type"] = "string" } }, "written __name__"),
        ["a variable without a type"] = (p => p["playbook_variables"]!.AsObject().First().Value!.AsObject().Remove("type"), "variable has a type"),
        ["two objects with one UUID"] = (p => p["agent_definitions"]!["group--" + First(p, "action").Id.Split("--")[1]] = new JsonObject { ["type"] = "group", ["name"] = "x" }, "same UUID"),
        ["an agent of another type than its key"] = (p => p["agent_definitions"]!.AsObject().First().Value!["type"] = "ssh", "identifier is the object’s type"),
        ["two branches with one end"] = (SharedEnd, "Two branches reach the same"),
        ["a branch without an end"] = (p => InParallel(p).Step["on_completion"] = InParallel(p).Id, "reaches no “end” step"),
        ["a step that nothing reaches"] = (p => Workflow(p)["end--11111111-1111-4111-8111-111111111111"] = new JsonObject { ["type"] = "end" }, "No path leads"),
        ["an extension that is not declared"] = (p => p.Remove("extension_definitions"), "extension is not declared"),
        ["an extension without a schema"] = (p => p["extension_definitions"]![CacaoIds.Extension]!.AsObject().Remove("schema"), "“schema” is missing"),
        ["a member of an extension in capitals"] = (p => p["playbook_extensions"]![CacaoIds.Extension]!["RunBook"] = 1, "lower-case letters"),
        ["a marking that is not declared"] = (p => p["markings"] = new JsonArray("marking-tlp--x"), "is not declared"),
        ["an activity that no step carries"] = (p => p["playbook_activities"]!.AsArray().Add("scan-system"), "No step carries"),
        ["a type without an activity"] = (p => p.Remove("playbook_activities"), "at least one activity"),
    };

    public static TheoryData<string> Cases => [.. Bends.Keys];

    [Fact]
    public void The_sound_one_breaks_none() => CacaoRules.Check((JsonObject)JsonNode.Parse(Sound)!).Should().BeEmpty();

    [Theory]
    [MemberData(nameof(Cases))]
    public void Bent_in_one_place_it_is_told_there(string what)
    {
        var playbook = (JsonObject)JsonNode.Parse(Sound)!;
        Bends[what].Bend(playbook);

        var breaches = CacaoRules.Check(playbook);

        breaches.Should().Contain(b => b.En.Contains(Bends[what].Says), "{0}", string.Join('\n', breaches));
        breaches.Should().OnlyContain(b => b.At.StartsWith('/') && b.Fr.EndsWith('.') && b.En.EndsWith('.'));
    }

    [Fact]
    public void Every_code_stands_in_the_guide_and_every_code_of_the_guide_in_the_source()
    {
        static string[] Codes(string text) => [.. Regex.Matches(text, "BG31[5-7][0-9]").Select(m => m.Value).Distinct().Order(StringComparer.Ordinal)];
        var folder = Path.Combine(RepositoryFiles.Root, "src", "BackupGuard.Continuity", "Exchange");

        Codes(File.ReadAllText(Path.Combine(folder, "README.md"))).Should().Equal(Codes(string.Concat(Directory.EnumerateFiles(folder, "*.cs").Select(File.ReadAllText))));
    }

    private static JsonObject Workflow(JsonObject playbook) => playbook["workflow"]!.AsObject();

    private static (string Id, JsonObject Step) First(JsonObject playbook, string type) => Workflow(playbook).Where(s => CacaoRules.Type(s.Key) == type).Select(s => (s.Key, s.Value!.AsObject())).First();

    private static (string Id, JsonObject Step) InParallel(JsonObject playbook)
    {
        var id = First(playbook, "parallel").Step["next_steps"]!.AsArray().Select(n => n!.GetValue<string>()).First(n => n.StartsWith("action", StringComparison.Ordinal) && Workflow(playbook)[n]!["on_completion"] is not null);
        return (id, Workflow(playbook)[id]!.AsObject());
    }

    private static void SharedEnd(JsonObject playbook)
    {
        var branches = First(playbook, "parallel").Step["next_steps"]!.AsArray().Select(n => Workflow(playbook)[n!.GetValue<string>()]!.AsObject()).Where(b => b["on_completion"]?.GetValue<string>().StartsWith("end", StringComparison.Ordinal) == true).Take(2).ToList();
        branches[0]["on_completion"] = branches[1]["on_completion"]!.GetValue<string>();
    }
}
