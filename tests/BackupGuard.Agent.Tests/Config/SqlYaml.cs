using BackupGuard.Agent.Config;
using BackupGuard.Verification.Drills;
using BackupGuard.Verification.Drills.Engines.MariaDb;
using BackupGuard.Verification.Drills.Engines.Postgres;
using BackupGuard.Verification.Drills.Engines.Sql;
using BackupGuard.Verification.Drills.Engines.Sqlite;
using BackupGuard.Verification.Drills.Engines.SqlServer;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Agent.Tests.Config;

public sealed class SqlYaml
{
    private const string Good = """
        state: /var/lib/backupguard
        repositories:
          dpi: { address: "restic:/srv/backup", application: dpi }
        drills:
          dpi-weekly:
            repository: dpi
            timeZone: Europe/Paris
            steps:
              - kind: postgres
                source: base
                path: srv/base
                wal: srv/wal
                tablespaces: { 16385: srv/fast }
                user: admin
                amcheck: thorough
                databases: [dpi, "odd name"]
                timeout: PT6H
              - { kind: postgres, name: dump, source: dump, path: srv/dpi.dump }
              - { kind: mariadb, source: physical, path: srv/maria, databases: [lab] }
              - { kind: sqlite, files: "**/*.db", foreignKeys: ignore }
              - { kind: sql, name: patients, query: "select count(*) from patient", expect: "within 2 % of the last proved drill", in: postgres/dpi, timeout: PT1M }
              - { kind: newest-date, query: "select max(at) from stay", maxAge: PT26H, timeZone: Europe/Paris, in: sqlite }
        """;

    private static IReadOnlyList<Probe> Steps(string text) => AgentConfig.Read(new StringReader(text), "/etc/backupguard/agent.yaml", _ => null).Drills.Single().Plan.Probes;
    private static RestoredPath At(string path) => RestoredPath.TryParse(path, out var parsed, out var refusal) ? parsed : throw new ArgumentException(refusal);

    [Fact]
    public void Steps_of_databases_are_read_whole()
    {
        var steps = Steps(Good);
        var postgres = steps[0].Should().BeOfType<PostgresEngine>().Subject;
        (postgres.Source, postgres.Path, postgres.Wal, postgres.User, postgres.Amcheck, postgres.Timeout, postgres.Service).Should().Be((PostgresSource.Base, At("srv/base"), At("srv/wal"), "admin", Amcheck.Thorough, TimeSpan.FromHours(6), "postgres"));
        postgres.Tablespaces.Should().BeEquivalentTo(new Dictionary<string, RestoredPath> { ["16385"] = At("srv/fast") });
        postgres.Databases.Should().Equal((string[])["dpi", "odd name"], "names may hold blanks");
        steps[1].Should().BeOfType<PostgresEngine>().Which.Service.Should().Be("dump");
        steps[2].Should().BeOfType<MariaDbEngine>().Which.Databases.Should().Equal("lab");
        steps[3].Should().BeOfType<SqliteEngine>().Which.ForeignKeys.Should().BeFalse();
        var sql = steps[4].Should().BeOfType<SqlProbe>().Subject;
        (sql.Expect.ToString(), sql.Place, sql.Timeout, sql.Label).Should().Be(("within 2 % of the last proved drill", new SqlPlace("postgres", "dpi"), TimeSpan.FromMinutes(1), "patients"));
        var newest = steps[5].Should().BeOfType<NewestDateProbe>().Subject;
        (newest.MaxAge, newest.Zone!.Id, newest.Place).Should().Be((TimeSpan.FromHours(26), "Europe/Paris", new SqlPlace("sqlite", null)));
        steps.Should().OnlyContain(s => s.NeedsRoom);
    }

    [Theory]
    [InlineData("source: base", "source: bse", "source: write one of base, dump")]
    [InlineData("amcheck: thorough", "amcheck: yes", "amcheck: write one of standard, thorough, none")]
    [InlineData("path: srv/base", "path: ../base", "path: a part of the path")]
    [InlineData("{ 16385: srv/fast }", "{ fast: srv/fast }", "tablespaces: write a map")]
    [InlineData("timeout: PT6H", "timeout: P9D", "timeout: a step may take at most P3D")]
    [InlineData("databases: [dpi, \"odd name\"]", "databases: dpi", "databases: write a list of names")]
    [InlineData("source: dump, path: srv/dpi.dump", "source: dump", "the key \"path\" is missing")]
    [InlineData("source: dump, path", "source: dump, amcheck: none, path", "amcheck: it belongs to source: base")]
    [InlineData("name: dump, ", "", "two databases are named \"postgres\"")]
    [InlineData("expect: \"within 2 % of the last proved drill\"", "expect: many", "expect: \"many\" is no relation")]
    [InlineData("in: postgres/dpi", "in: postgress/dpi", "no step before it starts a database named \"postgress\"; did you mean \"postgres\"?")]
    [InlineData("in: postgres/dpi", "in: postgres/", "in: write the engine's name")]
    [InlineData("timeZone: Europe/Paris, in: sqlite", "timeZone: Europe/Lutece, in: sqlite", "timeZone: this machine knows no such time zone")]
    [InlineData("foreignKeys: ignore", "foreignKeys: maybe", "foreignKeys: write one of check, ignore")]
    [InlineData("kind: mariadb, source: physical", "kind: mariadb, source: base", "source: write one of physical, dump")]
    public void A_mistake_is_said(string right, string wrong, string says)
    {
        Good.Should().Contain(right, "a test that changes nothing tests nothing");
        FluentActions.Invoking(() => Steps(Good.Replace(right, wrong, StringComparison.Ordinal))).Should().Throw<ConfigException>().Which.Problems.Should().Contain(p => p.Message.Contains(says, StringComparison.Ordinal));
    }

    [Fact]
    public void A_question_before_any_database_is_a_mistake() =>
        FluentActions.Invoking(() => Steps(Good[..Good.IndexOf("      - kind: postgres", StringComparison.Ordinal)] + "      - { kind: sql, query: select 1, expect: \"= 1\" }\n"))
            .Should().Throw<ConfigException>().Which.Problems.Should().ContainSingle(p => p.Message.Contains("no step before it starts one", StringComparison.Ordinal));

    private static string SqlServer(string more) => Good[..Good.IndexOf("      - kind: postgres", StringComparison.Ordinal)] + $$"""
              - { kind: sqlserver, path: srv/dpi.bak, instance: 'srv-test\DRILL', exchange: /srv/exchange, data: 'D:\Drills'{{more}} }
        """;

    [Fact]
    public void A_step_on_a_test_instance_refuses_its_own_source_unless_somebody_wrote_that_it_may()
    {
        var plain = new SqlServerEngine("sqlserver", "srv-test\\DRILL", At("srv/dpi.bak"), "/srv/exchange", "/srv/exchange", "D:\\Drills");
        Steps(SqlServer("")).Should().Equal((Probe[])[plain], "it has no keys but those that it needs");
        var whole = Steps(SqlServer(@", name: dpi, exchangeAtServer: '\\agent\drills', user: backupguard, passwordFile: /etc/backupguard/sql.password, program: /opt/mssql-tools18/bin/sqlcmd, trustCertificate: true, sourceInstance: allowed, timeout: PT8H"));
        whole.Should().Equal((Probe[])[plain with
        {
            Service = "dpi", ExchangeAtServer = @"\\agent\drills", User = "backupguard", PasswordFile = "/etc/backupguard/sql.password", Program = "/opt/mssql-tools18/bin/sqlcmd", TrustCertificate = true, MayBeSource = true, Timeout = TimeSpan.FromHours(8),
        }], "each key is read");
    }

    [Fact]
    public void Where_the_answer_comes_from_and_what_refuses_the_source_is_part_of_the_definition_and_how_one_gets_in_is_not()
    {
        string Hash(string more) => new DrillPlan("d", "dpi", "restic:/srv", SnapshotRule.Latest, Steps(SqlServer(more))).DefinitionHash;
        Hash(", sourceInstance: allowed").Should().NotBe(Hash(""));
        Hash(", user: a, passwordFile: /etc/p").Should().Be(Hash(""));
    }

    [Theory]
    [InlineData(", passwordFile: /etc/p", "a password belongs to a login")]
    [InlineData(", program: sqlcmd", "\"sqlcmd\" is not a full path")]
    [InlineData(", exchangeAtServer: drills", "as the server calls it")]
    [InlineData(", sourceInstance: yes", "write one of refused, allowed")]
    [InlineData(", user: -X", "write the name of a login")]
    [InlineData(", password: x", "has no key \"password\"")]
    public void What_would_go_wrong_at_night_on_a_test_instance_is_refused(string more, string said) =>
        FluentActions.Invoking(() => Steps(SqlServer(more))).Should().Throw<ConfigException>().Which.Message.Should().Contain(said);
}
