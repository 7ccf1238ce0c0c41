using System.Text.RegularExpressions;
using BackupGuard.Continuity.Definitions;
using BackupGuard.Continuity.Exchange;
using BackupGuard.Continuity.Runbooks;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Continuity.Tests.Exchange;

/// <summary>Playbooks of other tools: a draft that a person can finish, nothing executed, nothing guessed, nothing lost in silence.</summary>
public sealed class CacaoForeignTests
{
    internal static readonly string[] Names = ["suspicious-mail", "ransom-note", "data-breach", "firewall-block", "coupure-internet"];

    public static TheoryData<string> All => new(Names);

    private static CacaoImported Read(string name) => CacaoImport.Read(CacaoSamples.Playbook(name), name + ".yaml");

    private static string[] Codes(string name) => [.. Read(name).Notes.Select(n => n.Code)];

    /// <summary>The draft's steps, each from its id to the next one.</summary>
    private static Dictionary<string, string> Steps(string yaml) =>
        Regex.Matches(yaml, @"^  - (?:\{ )?id: (?<id>[a-z0-9-]+)(?<rest>.*?)(?=^  - |\z)", RegexOptions.Multiline | RegexOptions.Singleline).ToDictionary(m => m.Groups["id"].Value, m => m.Value, StringComparer.Ordinal);

    [Theory]
    [MemberData(nameof(All))]
    public void The_draft_is_readable_and_the_linter_asks_for_what_was_not_guessed(string name)
    {
        var imported = Read(name);

        imported.Ours.Should().BeFalse();
        var issues = RunbookFile.Parse(imported.Yaml!, name + ".yaml").Issues;
        issues.Select(i => i.Code).Distinct().Should().Equal((string[])["BG3007"], "the draft lacks what only people know, and has no other fault");
        issues.Select(i => i.Fr).Should().Contain(["Il manque la clé «\u00a0plan\u00a0».", "Il manque la clé «\u00a0lifecycle\u00a0».", "Il manque la clé «\u00a0review\u00a0».", "Il manque la clé «\u00a0in\u00a0»."]);
        imported.Yaml.Should().NotContainAny("verify:", "manualFallback", "kind: auto", "run:", "lifecycle:", " in:");
        imported.Notes.Should().Contain(n => n.Code == "BG3163" && n.At == "");
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Every_sentence_of_the_report_comes_in_both_languages(string name)
    {
        foreach (var note in Read(name).Notes)
        {
            note.Code.Should().MatchRegex("^BG31[5-7][0-9]$");
            note.Fr.Should().MatchRegex(@"[.)]$").And.NotMatchRegex(@" [:;!?»]|« ");
            note.En.Should().MatchRegex(@"[.)]$").And.NotBe(note.Fr);
        }
    }

    [Fact]
    public void Commands_of_machines_become_text_to_review_and_people_become_roles()
    {
        var imported = Read("suspicious-mail");
        var steps = Steps(imported.Yaml!);

        steps.Keys.Should().Equal("ask-the-mail-gateway-about-the-sender", "is-it-hostile", "block-the-sender", "reset-the-reader-s-password", "thank-the-reporter");
        steps["ask-the-mail-gateway-about-the-sender"].Should().Contain("kind: manual").And.Contain("À relire avant tout usage, commande «\u00a0http-api\u00a0»\u00a0:").And.Contain("POST /v1/reputation HTTP/1.1").And.NotContain("role:", "a machine is not on call");
        steps["block-the-sender"].Should().Contain("""{\"sender\": \"__sender__:value\"}""", "what was encoded is shown");
        steps["reset-the-reader-s-password"].Should().Contain("role: help-desk-on-duty").And.Contain("Call the reader on the phone.");
        imported.Notes.Where(n => n.Code == "BG3157").Should().ContainSingle().Which.Fr.Should().EndWith("(2 fois, d’abord ici)");
    }

    [Fact]
    public void What_serves_to_authenticate_is_nowhere_in_the_draft_or_the_report()
    {
        var imported = Read("suspicious-mail");

        (imported.Yaml + string.Join('\n', imported.Notes)).Should().NotContainAny("hunter2", "correct horse", "gw-reader");
        imported.Yaml.Should().Contain("En-têtes\u00a0: Authorization, Content-Type");
        imported.Notes.Where(n => n.Code == "BG3162").Should().NotBeEmpty();
    }

    [Fact]
    public void A_pattern_becomes_a_decision_that_quotes_it_and_both_answers_lead_on()
    {
        var steps = Steps(Read("suspicious-mail").Yaml!);

        steps["is-it-hostile"].Should().Contain("kind: decision").And.Contain("[x-mail:score > 80] AND [email-message:from_ref.value MATCHES '.*@bad.example']").And.Contain("Vraie").And.Contain("Fausse").And.Contain("needs: [ask-the-mail-gateway-about-the-sender]");
        steps["block-the-sender"].Should().Contain("needs: [is-it-hostile]").And.Contain("Seulement si la décision «\u00a0is-it-hostile\u00a0» est\u00a0: Vraie");
        steps["thank-the-reporter"].Should().Contain("needs: [is-it-hostile]").And.Contain("est\u00a0: Fausse");
        Codes("suspicious-mail").Should().Contain(["BG3158", "BG3159"]);
    }

    [Fact]
    public void A_line_of_actions_after_a_failure_becomes_the_rollback()
    {
        var imported = Read("ransom-note");
        var steps = Steps(imported.Yaml!);

        steps["isolate-the-workstation"].Should().Contain("onFailure: { rollback: [unplug-the-network-cable, tell-the-ward] }").And.Contain("Set-NetFirewallProfile").And.Contain("sudo ip link set dev eth0 down").And.Contain("→ The workstation (ssh)");
        steps["unplug-the-network-cable"].Should().Contain("compensation: true").And.NotContain("needs:");
        steps["look-at-the-state-of-the-image"].Should().Contain("needs: [until-the-disk-image-is-there]");
        steps["analyse-the-image"].Should().Contain("needs: [look-at-the-state-of-the-image, until-the-disk-image-is-there]");
        imported.Notes.Should().Contain(n => n.Code == "BG3156" && n.At.EndsWith("/delay", StringComparison.Ordinal)).And.Contain(n => n.Code == "BG3156" && n.At.EndsWith("content_b64", StringComparison.Ordinal));
    }

    [Fact]
    public void A_switch_keeps_its_cases_another_playbook_is_named_and_a_lost_step_is_kept()
    {
        var imported = Read("data-breach");
        var steps = Steps(imported.Yaml!);

        steps["how-bad-is-it"].Should().Contain("__risk__:value").And.Contain("id: high-risk").And.Contain("id: low").And.Contain("id: none");
        steps["preserve-evidence"].Should().Contain("Playbook\u00a0: playbook--").And.Contain("needs: [tell-the-persons, tell-the-authority, how-bad-is-it]");
        steps["draft-the-press-note"].Should().NotContain("needs:");
        imported.Notes.Should().Contain(n => n.Code == "BG3161").And.Contain(n => n.Code == "BG3155" && n.At == "/x_vendor_score").And.Contain(n => n.Code == "BG3155" && n.Fr.Contains("priority"));
    }

    [Fact]
    public void A_playbook_that_breaks_the_specification_is_read_and_each_breach_is_named()
    {
        var imported = Read("firewall-block");
        var steps = Steps(imported.Yaml!);

        imported.Notes.Where(n => n.Code == "BG3154").Select(n => n.En).Should().Contain(n => n.Contains("version 1 to 5")).And.Contain(n => n.Contains("exactly three decimals")).And.Contain(n => n.Contains("Two branches reach") || n.Contains("reaches no"))
            .And.Contain(n => n.Contains("agent is not declared")).And.Contain(n => n.Contains("No path leads"));
        imported.Notes.Should().Contain(n => n.Code == "BG3160" && n.Level == NoteLevel.Error);
        steps.Keys.Should().Equal("read-the-alert", "condition", "block", "read-the-alert-2", "once-more-from-the-top", "watch");
        steps["read-the-alert-2"].Should().Contain("needs: [block, watch]", "where two branches meet, both are waited for");
        steps["block"].Should().Contain("Seulement si");
        steps["read-the-alert-2"].Should().NotContain("Seulement si", "both answers lead there");
        steps["once-more-from-the-top"].Should().NotContain("Seulement si");
        steps["read-the-alert"].Should().NotContain("needs:", "the way back is cut and told");
    }

    [Fact]
    public void Hidden_characters_are_shown_long_lines_are_wrapped_and_equal_names_are_told_apart()
    {
        var imported = Read("coupure-internet");
        var steps = Steps(imported.Yaml!);

        steps.Keys.Should().Equal("fermer-les-acces-distants-des-prestataires", "fermer-les-acces-distants-des-prestataires-2", "uvrer-a-l-ete");
        steps["fermer-les-acces-distants-des-prestataires-2"].Should().Contain("\ufffdgnal trofi\ufffd");
        Regex.Count(steps["uvrer-a-l-ete"], "longue").Should().Be(60, "nothing of a long text is lost");
        imported.Yaml.Should().NotContainAny("\u202e", "\u202c", "\u0007");
        Codes("coupure-internet").Should().Contain("BG3170");
    }

    [Fact]
    public void A_draft_that_a_person_finished_is_a_runbook()
    {
        var yaml = Read("coupure-internet").Yaml!;
        yaml = Regex.Replace(yaml, "\\{ en: ", "{ fr: ");
        yaml = yaml.Replace("version: \"0.1.0\"\n", "version: 1.0.0\nplan: PRA\nreview: { owner: dsi, reviewBy: 2027-03-31 }\nlifecycle: { initial: ouvert, states: { ouvert: { transitions: { fermer: { to: fini } } }, fini: { final: true } } }\n", StringComparison.Ordinal);
        yaml = Regex.Replace(yaml, "^    kind: manual", "    in: ouvert\n    kind: manual", RegexOptions.Multiline).Replace("kind: manual\n    role", "kind: manual\n    role", StringComparison.Ordinal);

        RunbookFile.Parse(yaml, "x.yaml").Issues.Where(i => i.Level == IssueLevel.Error).Should().BeEmpty();
    }
}
