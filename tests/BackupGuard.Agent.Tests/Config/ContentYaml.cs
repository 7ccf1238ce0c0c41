using BackupGuard.Agent.Config;
using BackupGuard.Verification.Drills;
using BackupGuard.Verification.Drills.Contents;
using BackupGuard.Verification.Drills.Contents.Compare;
using BackupGuard.Verification.Drills.Programs;
using BackupGuard.Verification.Drills.Scans;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Agent.Tests.Config;

/// <summary>The steps that read formats, scan, compare, start and ask.</summary>
public sealed class ContentYaml
{
    private static IReadOnlyList<Probe> Read(string steps) => AgentConfig.Read(new StringReader($"""
        state: /var/lib/backupguard
        repositories:
          dpi:
            address: "restic:/srv/backup"
            application: dpi
        drills:
          dpi-weekly:
            repository: dpi
            timeZone: Europe/Paris
            steps:
        {string.Join('\n', steps.Split('\n').Select(s => "      " + s.Trim()))}
        """), "/etc/backupguard/agent.yaml", _ => null).Drills.Single().Plan.Probes;

    [Theory]
    [InlineData("Contents", 4)]
    [InlineData("Scans", 2)]
    [InlineData("Programs", 4)]
    public void Every_example_of_the_pages_is_read(string page, int steps)
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        while (here is not null && !File.Exists(Path.Combine(here.FullName, "BackupGuard.sln"))) here = here.Parent;
        var lines = File.ReadAllLines(Path.Combine(here!.FullName, "src/BackupGuard.Verification/Drills", page, "README.md"));
        Read(string.Join('\n', lines.Where(l => l.StartsWith("      - { kind:", StringComparison.Ordinal)))).Should().HaveCount(steps);
    }

    [Fact]
    public void What_is_left_out_is_what_is_safe()
    {
        var steps = Read("""
            - { kind: dicom, glob: "**" }
            - { kind: hl7, glob: "**" }
            - { kind: clamav }
            - { kind: compare, source: /srv/dpi/ }
            - { kind: start, service: web, run: [/restored/serve, /etc/dpi.conf], upFor: PT5S }
            """);
        ((ContentProbe)steps[0]).Timeout.Should().Be(TimeSpan.FromHours(2));
        ((BackupGuard.Verification.Drills.Contents.Hl7.Hl7Probe)steps[1]).UniqueIds.Should().BeTrue();
        steps[2].Should().Be(new ClamavScan("/var/lib/clamav", TimeSpan.FromDays(14), MayExceedLimits: false, null, TimeSpan.FromHours(6)) { MayFindDaemon = true });
        steps[3].Should().Match<CompareProbe>(c => c.Source == "/srv/dpi" && c.Below!.ToString() == "srv/dpi" && c.Count == 100 && c.AtLeast == 10);
        ((StartStep)steps[4]).Shown.Should().Equal((string[])["/etc/dpi.conf"], "what was restored is in the room anyway");
        steps.Select(s => s.MayStartRestored).Should().Equal((bool[])[false, false, false, false, true]);
    }

    [Theory]
    [InlineData("- { kind: dicom, glob: \"**\", least: { XX1: 3 } }", "\"XX1\" is not counted; counted are files, studies")]
    [InlineData("- { kind: dicom, glob: \"**\", least: { CT: many } }", "CT: write a whole number from 1")]
    [InlineData("- { kind: dicom, glob: \"**\", least: { CT: 0 } }", "CT: write a whole number from 1")]
    [InlineData("- { kind: dicom }", "the key \"glob\" is missing")]
    [InlineData("- { kind: hl7, glob: \"**\", uniqueIds: maybe }", "uniqueIds: write true or false")]
    [InlineData("- { kind: fhir, glob: \"**\", least: 5 }", "least: write a map")]
    [InlineData("- { kind: compare, source: srv }", "source: \"srv\" is not a full path")]
    [InlineData("- { kind: compare, source: /srv, below: ../x }", "below: ")]
    [InlineData("- { kind: compare, source: /srv, share: 1 }", "share: write a percentage")]
    [InlineData("- { kind: compare, source: /srv, share: 1%, count: 5 }", "share: write either count or share")]
    [InlineData("- { kind: compare, source: /srv, count: 5, atLeast: 6 }", "atLeast: it is more than count")]
    [InlineData("- { kind: clamav, overLimits: fine }", "overLimits: write inconclusive")]
    [InlineData("- { kind: clamav, maxAge: old }", "maxAge: \"old\" is not a duration")]
    [InlineData("- { kind: yara }", "the key \"rules\" is missing")]
    [InlineData("- { kind: start, service: web, run: [/bin/true] }", "write either port")]
    [InlineData("- { kind: start, service: web, run: [/bin/true], port: 80, upFor: PT5S }", "write either port")]
    [InlineData("- { kind: start, service: web, run: [serve], port: 80 }", "\"serve\" is not a full path")]
    [InlineData("- { kind: tcp }", "the key \"port\" is missing")]
    [InlineData("- { kind: http, port: 80, path: login }", "path: write it as in an address")]
    [InlineData("- { kind: http, port: 80, host: \"a b\" }", "host: ")]
    [InlineData("- { kind: page, port: 80 }", "write title or contains")]
    public void A_mistake_is_said_with_what_to_write(string step, string says) =>
        FluentActions.Invoking(() => Read(step)).Should().Throw<ConfigException>().WithMessage($"*{says}*");

    [Fact]
    public void Every_key_changes_the_definition()
    {
        string HashOf(string step) => new DrillPlan("d", "a", "r", SnapshotRule.Latest, Read(step)).DefinitionHash;
        foreach (var steps in (string[][])
            [
                ["kind: dicom, glob: a", "kind: dicom, glob: b", "kind: dicom, glob: a, least: { CT: 1 }", "kind: dicom, glob: a, least: { CT: 2 }", "kind: dicom, glob: a, timeout: PT1H", "kind: hl7, glob: a", "kind: hl7, glob: a, uniqueIds: false", "kind: fhir, glob: a", "kind: fhir, glob: a, references: true"],
                ["kind: compare, source: /a", "kind: compare, source: /b", "kind: compare, source: /a, below: b", "kind: compare, source: /a, count: 20", "kind: compare, source: /a, share: 20%", "kind: compare, source: /a, atLeast: 3", "kind: compare, source: /a, glob: b"],
                ["kind: clamav", "kind: clamav, maxAge: any", "kind: clamav, maxAge: P1D", "kind: clamav, overLimits: said", "kind: clamav, sample: /a", "kind: clamav, database: /a", "kind: yara, rules: /a", "kind: yara, rules: /b", "kind: yara, rules: /a, sample: /b"],
                ["kind: start, service: a, run: [/a], port: 1", "kind: start, service: b, run: [/a], port: 1", "kind: start, service: a, run: [/a, b], port: 1", "kind: start, service: a, run: [/a], port: 2", "kind: start, service: a, run: [/a], upFor: PT1S", "kind: start, service: a, run: [/a], upFor: PT2S"],
                ["kind: tcp, port: 1", "kind: tcp, port: 2", "kind: tcp, port: 1, service: a", "kind: http, port: 1", "kind: http, port: 1, path: /a", "kind: http, port: 1, host: a", "kind: http, port: 1, status: 302", "kind: http, port: 1, contains: a", "kind: page, port: 1, title: a", "kind: page, port: 1, contains: a", "kind: page, port: 1, title: a, path: /a"],
            ])
            steps.Select(s => HashOf($"- {{ {s} }}")).Should().OnlyHaveUniqueItems();
    }
}
