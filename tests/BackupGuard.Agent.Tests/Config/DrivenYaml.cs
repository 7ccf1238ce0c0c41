using BackupGuard.Agent.Config;
using BackupGuard.Agent.Driven;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Agent.Tests.Config;

public sealed class DrivenYaml
{
    private const string Good = """
        state: /var/lib/backupguard
        repositories:
          dpi:
            address: "pgbackrest:dpi/2"
            application: dpi
            passwordFile: dpi.pass
            tool:
              config: pgbackrest.conf
              program: /opt/pgbackrest/bin/pgbackrest
              timeout: PT6H
              scratch: /srv/scratch
              environment: { TZ: Europe/Paris }
          images:
            address: "command:/usr/local/lib/backupguard/adapter"
            application: pacs
            tool:
              arguments: ["--vault", "images", "--mode", "a b"]
        drills:
          dpi-weekly:
            repository: dpi
            snapshot: 20240115-020000F
            timeZone: Europe/Paris
            probes:
              - { kind: count, minFiles: 2 }
        """;

    private static AgentSettings Read(string text) => AgentConfig.Read(new StringReader(text), "/etc/backupguard/agent.yaml", address =>
    {
        try
        {
            RepositoryAddress.Parse(address);
            return null;
        }
        catch (UsageException e)
        {
            return e.Message;
        }
    });

    [Fact]
    public void A_tool_section_is_read()
    {
        var settings = Read(Good);
        var tool = settings.Repositories[0].Tool;
        tool.Should().BeEquivalentTo(new ToolSettings
        {
            Program = "/opt/pgbackrest/bin/pgbackrest", ConfigFile = "/etc/backupguard/pgbackrest.conf", Timeout = TimeSpan.FromHours(6), Scratch = "/srv/scratch",
            Environment = new Dictionary<string, string> { ["TZ"] = "Europe/Paris" },
        });
        settings.Repositories[1].Tool.Arguments.Should().Equal((string[])["--vault", "images", "--mode", "a b"], "no shell reads them");
        settings.Drills.Single().Plan.Snapshot.Text.Should().Be("20240115-020000F");
        RepositoryAddress.Parse("pgbackrest:dpi/2").Stanza.Should().Be(("dpi", 2));
        RepositoryAddress.Parse("pgbackrest:dpi").Stanza.Should().Be(("dpi", 1));
    }

    [Theory]
    [InlineData("timeout: PT6H", "timeout: 6", "agent.yaml:10:", "timeout: \"6\" is not a duration")]
    [InlineData("config: pgbackrest.conf", "conf: x", "agent.yaml:8:", "has no key \"conf\"; did you mean \"config\"?")]
    [InlineData("scratch: /srv/scratch", "arguments: [x]", "agent.yaml:11:", "arguments: pgBackRest gets its settings from its own configuration file")]
    [InlineData("{ TZ: Europe/Paris }", "[TZ]", "agent.yaml:12:", "environment: must be a map")]
    [InlineData("{ TZ: Europe/Paris }", "{ BACKUPGUARD_RUN: x }", "agent.yaml:12:", "names that begin with BACKUPGUARD_ are the agent's own")]
    [InlineData("{ TZ: Europe/Paris }", "{ \"A=B\": x }", "agent.yaml:12:", "a variable's name has")]
    [InlineData("arguments: [\"--vault\", \"images\", \"--mode\", \"a b\"]", "program: /bin/x", "agent.yaml:17:", "the adapter stands in the address")]
    [InlineData("arguments: [\"--vault\", \"images\", \"--mode\", \"a b\"]", "arguments: [[x]]", "agent.yaml:17:", "an argument is one text")]
    [InlineData("pgbackrest:dpi/2", "pgbackrest:dpi;x", "agent.yaml:4:", "write pgbackrest: and the stanza's name")]
    [InlineData("pgbackrest:dpi/2", "restic:/srv/backup", "agent.yaml:8:", "only repositories of pgbackrest: and command: are read by a tool")]
    [InlineData("command:/usr/local", "command:usr/local", "agent.yaml:14:", "the full path of the adapter")]
    [InlineData("snapshot: 20240115-020000F", "snapshot: --rm-all", "agent.yaml:21:", "at least the first 4 characters of the backup's name")]
    public void A_mistake_is_said_with_its_place(string right, string wrong, string place, string says)
    {
        var refused = FluentActions.Invoking(() => Read(Good.Replace(right, wrong, StringComparison.Ordinal))).Should().Throw<ConfigException>().Which.Message;
        refused.Should().Contain(says).And.Contain(place);
    }
}
