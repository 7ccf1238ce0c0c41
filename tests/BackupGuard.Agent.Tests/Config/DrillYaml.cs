using BackupGuard.Agent.Config;
using BackupGuard.Agent.Scheduling;
using BackupGuard.Verification.Drills;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Agent.Tests.Config;

public sealed class DrillYaml
{
    private static DrillSettings Read(string drill) => Settings(drill).Drills.Single();

    private static AgentSettings Settings(string drill) => AgentConfig.Read(new StringReader($"""
        state: /var/lib/backupguard
        repositories:
          dpi:
            address: "restic:/srv/backup"
            application: dpi
        drills:
          dpi-weekly:
            repository: dpi
            timeZone: Europe/Paris
        {drill}
        """), "/etc/backupguard/agent.yaml", _ => null);

    [Fact]
    public void A_drill_is_a_program_of_source_sandbox_steps_and_objectives()
    {
        var drill = Read("""
                snapshot: { age: P7D }
                include: ["srv/dpi/**"]
                sandbox: { folder: /srv/drills, quota: 200GiB }
                objectives: { rto: PT4H, rpo: PT26H }
                steps:
                  - { kind: count, minFiles: 1 }
                  - { kind: command, run: [/bin/true], where: machine }
                  - { kind: command, run: [/bin/true] }
            """);
        (drill.Plan.Snapshot.Text, drill.Plan.LongestRto, drill.Plan.LongestRpo).Should().Be(("age P7D", TimeSpan.FromHours(4), TimeSpan.FromHours(26)));
        drill.Plan.Include.Should().Equal("srv/dpi/**");
        drill.Sandbox.Should().Be(new SandboxSettings("/srv/drills", 200L << 30, OwnsFiles: true));
        drill.Plan.Probes.OfType<CommandProbe>().Select(c => c.OnMachine).Should().Equal((bool[])[true, false], "without network unless the definition says otherwise");
    }

    [Theory]
    [InlineData("    snapshot: { random: P30D }", "random P30D")]
    [InlineData("    snapshot: { before: 2026-11-01 }", "before 2026-11-01T00:00:00Z")]
    [InlineData("    snapshot: { before: 2026-11-01T18:30:00Z }", "before 2026-11-01T18:30:00Z")]
    [InlineData("    snapshot: 4bba301e", "4bba301e")]
    [InlineData("", "latest")]
    public void The_rule_for_the_snapshot_is_read(string line, string rule) => Read(line).Plan.Snapshot.Text.Should().Be(rule);

    [Fact]
    public void Files_keep_their_owners_where_nothing_is_started() => Read("    probes: [{ kind: count, minFiles: 1 }]").Sandbox.OwnsFiles.Should().BeFalse();

    [Fact]
    public void A_machine_that_only_opens_the_sealed_envelope_needs_no_repository()
    {
        static AgentSettings Settings(string drills) => AgentConfig.Read(new StringReader("state: /var/lib/backupguard\ndrills:" + drills), "/etc/backupguard/agent.yaml", _ => null);
        Settings("""

              kit:
                envelope: /srv/kit/envelope.yaml
                sandbox: { folder: /srv/drills }
                application: socle
                timeZone: Europe/Paris
                steps: [{ kind: exists, glob: "**/catalogue.yaml" }]
            """).Drills.Single().Repository.Address.Should().Be("envelope:/srv/kit/envelope.yaml");
        FluentActions.Invoking(() => Settings(" {}")).Should().Throw<ConfigException>().WithMessage("*no repository is named*");
    }

    private static AgentSettings WithBlackouts(string lines) => Settings("blackouts:\n" + lines);

    [Fact]
    public void Blackouts_are_hours_of_days_or_periods()
    {
        var all = WithBlackouts("""
            - { days: [mon, fri], from: "07:00", until: "19:00", timeZone: Europe/Paris, reason: consultations }
            - { from: "22:00", until: "02:00", timeZone: Europe/Paris, reason: night batch }
            - { from: 2026-12-20T00:00:00+01:00, until: 2027-01-04T00:00:00+01:00, reason: migration }
            """).Blackouts;
        all.Select(b => b.Reason).Should().Equal("consultations", "night batch", "migration");
        ((WeeklyBlackout)all[0]).Days.Should().BeEquivalentTo([DayOfWeek.Monday, DayOfWeek.Friday]);
        ((WeeklyBlackout)all[1]).Days.Should().HaveCount(7);
        ((PeriodBlackout)all[2]).From.Should().Be(new DateTimeOffset(2026, 12, 20, 0, 0, 0, TimeSpan.FromHours(1)));
    }

    [Theory]
    [InlineData("- { from: \"07:00\", until: \"07:00\", timeZone: Europe/Paris, reason: r }", "it is the same time as from")]
    [InlineData("- { from: \"7\", until: \"19:00\", timeZone: Europe/Paris, reason: r }", "\"7\" is no time of day")]
    [InlineData("- { from: \"07:00\", until: \"19:00\", reason: r }", "the key \"timeZone\" is missing")]
    [InlineData("- { from: \"07:00\", until: \"19:00\", timeZone: Europe/Paris }", "the key \"reason\" is missing")]
    [InlineData("- { days: [lundi], from: \"07:00\", until: \"19:00\", timeZone: Europe/Paris, reason: r }", "days: write a list of mon, tue")]
    [InlineData("- { from: 2026-12-20T00:00:00, until: 2027-01-04T00:00:00Z, reason: r }", "is no instant; write date, time and offset")]
    [InlineData("- { from: 2026-12-20T00:00:00Z, until: 2026-12-19T00:00:00Z, reason: r }", "it is not after from")]
    [InlineData("  nights: true", "blackouts: must be a list")]
    public void A_blackout_that_cannot_be_meant_is_refused(string lines, string says) =>
        FluentActions.Invoking(() => WithBlackouts(lines)).Should().Throw<ConfigException>().WithMessage($"*{says}*");

    [Theory]
    [InlineData("    snapshot: { age: 7 }", ":10:22: age: \"7\" is not a duration")]
    [InlineData("    snapshot: { age: P7D, random: P30D }", ":10:15: snapshot of dpi-weekly: write exactly one of age, random and before")]
    [InlineData("    snapshot: {}", "write exactly one of age, random and before")]
    [InlineData("    snapshot: { before: yesterday }", "\"yesterday\" is not a date")]
    [InlineData("    snapshot: { oldest: P7D }", "snapshot of dpi-weekly has no key \"oldest\"")]
    [InlineData("    include: srv/dpi", ":10:14: include: write a list of patterns")]
    [InlineData("    include: []", "remove the line to restore everything")]
    [InlineData("    sandbox: { folder: /srv, quota: 0 }", "quota: \"0\" is not a size")]
    [InlineData("    sandbox: { folder: /srv, quota: lots }", "quota: \"lots\" is not a size")]
    [InlineData("    objectives: { rto: soon }", ":10:24: rto: \"soon\" is not a duration")]
    [InlineData("    objectives: { dmia: PT4H }", "objectives of dpi-weekly has no key \"dmia\"")]
    [InlineData("    steps: []\n    probes: []", ":11:13: probes: steps and probes are the same list")]
    [InlineData("    steps: none", "steps must be a list")]
    [InlineData("    steps:\n      - { kind: command, run: [/bin/true], where: production }", ":11:51: where: write room")]
    public void A_mistake_is_said_with_its_line_and_what_to_write(string lines, string says) =>
        FluentActions.Invoking(() => Read(lines)).Should().Throw<ConfigException>().WithMessage($"*{says}*");
}
