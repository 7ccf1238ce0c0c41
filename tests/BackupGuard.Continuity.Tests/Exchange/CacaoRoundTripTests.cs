using System.Text.Json.Nodes;
using BackupGuard.Continuity.Definitions;
using BackupGuard.Continuity.Exchange;
using BackupGuard.Continuity.Runbooks;
using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace BackupGuard.Continuity.Tests.Exchange;

/// <summary>Out and in again: the same definition, and a playbook that holds to the specification on the way.</summary>
public sealed class CacaoRoundTripTests
{
    internal static readonly CacaoStamp Stamp = new(new(2026, 11, 1, 8, 0, 0, TimeSpan.Zero), new(2026, 11, 22, 3, 12, 0, 120, TimeSpan.Zero));

    public static TheoryData<string> Runbooks => Tests.Runbooks.ShippedRunbooksTests.Runbooks();

    private static string Shipped(string file) => RepositoryFiles.Read("runbooks/" + file);

    internal static JsonObject Exported(string yaml)
    {
        var exported = CacaoExport.Write(yaml, "x.yaml", Stamp);
        exported.Issues.Where(i => i.Level == IssueLevel.Error).Should().BeEmpty();
        exported.Notes.Where(n => n.Level != NoteLevel.Info).Should().BeEmpty();
        return (JsonObject)JsonNode.Parse(exported.Text!)!;
    }

    [Theory]
    [MemberData(nameof(Runbooks))]
    public void Each_runbook_comes_back_as_the_very_same_definition(string file)
    {
        var before = RunbookFile.Parse(Shipped(file), file).Value!;
        var playbook = Exported(Shipped(file));
        CacaoRules.Check(playbook).Should().BeEmpty();

        var back = CacaoImport.Read(playbook.ToJsonString(), file);

        back.Ours.Should().BeTrue();
        back.Notes.Should().BeEmpty();
        CacaoSamples.Told(RunbookFile.Parse(back.Yaml!, file).Value!).Should().Be(CacaoSamples.Told(before));
    }

    [Fact]
    public void Whatever_a_runbook_says_it_comes_back_with_every_word() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(60), Prop.ForAll(GeneratedRunbooks.All.ToArbitrary(), book =>
    {
        var yaml = DefinitionTree.Yaml(book);
        var before = RunbookFile.Parse(yaml, "x.yaml");
        before.Issues.Where(i => i.Level == IssueLevel.Error).Should().BeEmpty("the generator makes sound runbooks: {0}", yaml);
        if (before.Value!.Steps.All(s => s.Compensation)) return;

        var playbook = Exported(yaml);
        CacaoRules.Check(playbook).Should().BeEmpty();
        var back = CacaoImport.Read(playbook.ToJsonString(), "x.yaml");

        back.Notes.Should().BeEmpty();
        CacaoSamples.Told(RunbookFile.Parse(back.Yaml!, "x.yaml").Value!).Should().Be(CacaoSamples.Told(before.Value));
    }));

    [Theory]
    [MemberData(nameof(Runbooks))]
    public void Each_of_its_steps_is_an_action_whose_text_is_on_the_card(string file)
    {
        var runbook = RunbookFile.Parse(Shipped(file), file).Value!;
        var steps = CacaoRules.Map(Exported(Shipped(file)), "workflow").Select(s => (JsonObject)s.Value!).ToList();

        foreach (var step in runbook.Steps.Where(s => s.Kind != StepKind.SubRunbook))
        {
            var action = steps.Single(s => s["step_extensions"]?[CacaoIds.Extension]?["runbook_step"]?["id"]?.GetValue<string>() == step.Id);
            var command = action["commands"]![0]!["command"]!.GetValue<string>();
            step.Do.Select(l => l.Text).Should().OnlyContain(l => command.Contains(l, StringComparison.Ordinal));
            action["name"]!.GetValue<string>().Should().Contain(step.Label.Fr);
        }
    }

    [Fact]
    public void The_same_runbook_is_the_same_playbook_and_a_new_version_keeps_its_identifier()
    {
        var yaml = Shipped("plan-blanc-numerique.yaml");
        var newer = yaml.Replace("Plan blanc numérique", "Plan blanc cyber", StringComparison.Ordinal);

        CacaoExport.Write(yaml, "x.yaml", Stamp).Text.Should().Be(CacaoExport.Write(yaml, "x.yaml", Stamp).Text);
        newer.Should().NotBe(yaml);
        Exported(newer)["id"]!.GetValue<string>().Should().Be(Exported(yaml)["id"]!.GetValue<string>()).And.MatchRegex("^playbook--[0-9a-f]{8}-[0-9a-f]{4}-5");
    }

    [Fact]
    public void Steps_that_wait_for_nothing_run_side_by_side_and_those_that_need_them_come_after()
    {
        var runbook = RunbookFile.Parse(Shipped("plan-blanc-numerique.yaml"), "x.yaml").Value!;
        var workflow = CacaoRules.Map(Exported(Shipped("plan-blanc-numerique.yaml")), "workflow");
        var place = new Dictionary<string, int>(StringComparer.Ordinal);
        var next = workflow.Single(s => CacaoRules.Type(s.Key) == "start").Value!["on_completion"]!.GetValue<string>();
        for (var level = 0; CacaoRules.Type(next) != "end"; level++)
        {
            var step = (JsonObject)workflow[next]!;
            foreach (var id in CacaoRules.Texts(step["next_steps"]).DefaultIfEmpty(next))
            {
                if (workflow[id]!["step_extensions"]?[CacaoIds.Extension]?["runbook_step"]?["id"]?.GetValue<string>() is { } own) place[own] = level;
            }

            next = CacaoRules.Main(step)!;
        }

        place.Should().HaveCountGreaterThan(20);
        runbook.Steps.SelectMany(s => s.Needs.Select(n => (Before: n.Id, After: s.Id))).Should().OnlyContain(p => place[p.Before] < place[p.After]);
    }

    [Fact]
    public void What_another_tool_changed_is_named_and_the_definition_stays_ours()
    {
        var yaml = Shipped("incident-limite.yaml");
        var playbook = Exported(yaml);
        playbook["name"] = "Something else";
        var action = CacaoRules.Map(playbook, "workflow").First(s => CacaoRules.Type(s.Key) == "action");
        action.Value!["commands"]![0]!["command"] = "rm -rf /";

        var back = CacaoImport.Read(playbook.ToJsonString(), "x.yaml");

        back.Notes.Where(n => n.Code == "BG3165").Select(n => n.At).Should().BeEquivalentTo(["/name", "/workflow/" + action.Key]);
        back.Yaml.Should().NotContain("rm -rf");
        CacaoSamples.Told(RunbookFile.Parse(back.Yaml!, "x.yaml").Value!).Should().Be(CacaoSamples.Told(RunbookFile.Parse(yaml, "x.yaml").Value!));
    }

    [Fact]
    public void An_extension_that_was_edited_says_so()
    {
        var playbook = Exported(Shipped("incident-limite.yaml"));
        playbook["playbook_extensions"]![CacaoIds.Extension]!["runbook"]!["version"] = "9.9.9";

        CacaoImport.Read(playbook.ToJsonString(), "x.yaml").Notes.Select(n => n.Code).Should().Contain("BG3166");
    }

    [Fact]
    public void A_step_taken_out_makes_it_a_playbook_of_another_tool()
    {
        var playbook = Exported(Shipped("incident-limite.yaml"));
        CacaoRules.Map(playbook, "workflow").First(s => CacaoRules.Type(s.Key) == "action").Value!.AsObject().Remove("step_extensions");

        var back = CacaoImport.Read(playbook.ToJsonString(), "x.yaml");

        back.Ours.Should().BeFalse();
        back.Notes.Select(n => n.Code).Should().Contain("BG3167");
        back.Yaml.Should().Contain("steps:");
    }

    [Fact]
    public void A_runbook_without_a_step_to_do_is_not_written()
    {
        const string empty = """
            format: backupguard.runbook/v1
            id: rien
            version: 1.0.0
            title: { fr: "Rien" }
            plan: PCA
            review: { owner: dsi, reviewBy: 2027-03-31 }
            roles: { dsi: { label: { fr: "DSI" }, deputies: 1 } }
            lifecycle: { initial: a, states: { a: { transitions: { fin: { to: z } } }, z: { final: true } } }
            steps: []
            """;

        var exported = CacaoExport.Write(empty, "x.yaml", Stamp);

        exported.Text.Should().BeNull();
        exported.Notes.Should().ContainSingle().Which.Code.Should().Be("BG3168");
    }

    [Fact]
    public void A_runbook_with_an_error_is_not_written_and_the_line_is_told()
    {
        var exported = CacaoExport.Write("id: x\n", "x.yaml", Stamp);

        exported.Text.Should().BeNull();
        exported.Issues.Should().Contain(i => i.Code == "BG3007" && i.Line == 1);
    }
}
