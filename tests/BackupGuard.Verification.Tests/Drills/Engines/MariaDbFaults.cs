using BackupGuard.Verification.Drills;
using BackupGuard.Verification.Drills.Engines.MariaDb;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Verification.Tests.Drills.Engines;

/// <summary>MariaDB's programs that hang, crash, are in each other's way or lie.</summary>
public sealed class MariaDbFaults
{
    private const string Tables = "table\t647069\t70617469656E74\tInnoDB\ntable\t6D7973716C\t75736572\tAria\nend\t\t\t\n";
    private const string Good2 = "begin\t1\nmysql.user\tcheck\tstatus\tOK\nsum\t1\nmysql.user\t17\nrows\t5\nend\t0\n";
    private const string Checked = "begin\t0\ndpi.patient\tcheck\tstatus\tOK\nsum\t0\ndpi.patient\t4711\nrows\t3000\n" + Good2;
    private const string Backed = "backup_type = full-backuped\n";
    private const string Applied = "backup_type = log-applied\n";

    private readonly TestClock _clock = new(DateTimeOffset.UnixEpoch);

    private static FakeRoom Good(RoomEnd? serverEnds = null) => new FakeRoom { ServerEnds = serverEnds }
        .On("--version", "mariadbd  Ver 10.11.19-MariaDB-0+deb12u1 for debian-linux-gnu\n").On("select 1", "<resultset><row><field name=\"1\">1</field></row></resultset>")
        .On("information_schema.tables", Tables).On("checksum table", Checked).On("--prepare", "").With("mariadb.prepare", "completed OK!\n");

    /// <summary>Nothing in this room prepares, so the notes say already that it was done.</summary>
    private static FakeFiles Physical(string checkpoints = Applied) =>
        new(("db/ibdata1", "x"), ("db/xtrabackup_info", "server_version = 10.11.6-MariaDB-log\n"), ("db/xtrabackup_checkpoints", checkpoints), ("db/backup-my.cnf", "[mysqld]\ninnodb_page_size=8192\ninnodb_undo_directory=/nowhere\nplugin_load=evil.so\n"));

    private Task<ProbeAnswer> RunAsync(FakeRoom room, IRestoredFiles files, MariaDbEngine? engine = null) =>
        new MariaDbRunner(_clock).RunAsync(engine ?? new MariaDbEngine(MariaDbSource.Physical, Parsed.Path("db"), "mariadb"), new ProbeScene(DateTimeOffset.UnixEpoch, files, 1, 1) { Room = _ => ValueTask.FromResult<IDrillRoom>(room) }, default);

    [Fact]
    public async Task A_good_one_is_proved_with_what_was_counted_and_without_settings_of_production()
    {
        var room = Good();
        var answer = await RunAsync(room, Physical());
        answer.Verdict.Should().Be(Verdict.Proved, answer.Detail.English);
        answer.Measures.Should().BeEquivalentTo(new Dictionary<string, double> { ["databases"] = 1, ["tables"] = 1, ["rows"] = 3000 });
        room.Written("mariadb.cnf").Should().Contain("skip-networking").And.Contain("loose-innodb_page_size=8192").And.NotContain("nowhere").And.NotContain("evil");
        room.Written("mariadb.shape").Should().Be("[mysqld]\ninnodb_page_size=8192\n");
    }

    [Fact]
    public async Task A_prepare_that_ends_well_and_prepared_nothing_is_caught()
    {
        (await RunAsync(Good(), Physical(Backed))).Verdict.Should().Be(Verdict.Failed, "the notes still say that it was not prepared");
        (await RunAsync(Good().On("--prepare", "", 1).With("mariadb.prepare", "No space left on device"), Physical(Backed))).Verdict.Should().Be(Verdict.Inconclusive);
        (await RunAsync(Good().On("--prepare", "", timedOut: true), Physical(Backed))).Verdict.Should().Be(Verdict.Inconclusive);
        (await RunAsync(Good(), Physical("backup_type = incremental\n"))).Verdict.Should().Be(Verdict.Inconclusive);
    }

    [Fact]
    public async Task A_server_that_hangs_at_its_start_says_nothing_about_the_data()
    {
        var answer = await RunAsync(Good().On("ping", () =>
        {
            _clock.Advance(TimeSpan.FromHours(1));
            return FakeRoom.End("", 1);
        }), Physical());
        (answer.Verdict, answer.Detail.English).Should().Be((Verdict.Inconclusive, "the server did not come up within 240 min"));
    }

    [Theory]
    [InlineData("", 139, Verdict.Inconclusive)]
    [InlineData("[ERROR] InnoDB: Missing FILE_CHECKPOINT\n", 1, Verdict.Failed)]
    [InlineData("[ERROR] InnoDB: Unable to lock ./ibdata1 error: 11\n", 1, Verdict.Inconclusive)]
    [InlineData("[ERROR] Can't start server : Bind on unix socket: Address already in use\n", 1, Verdict.Inconclusive)]
    [InlineData("[ERROR] InnoDB: Write to file failed: No space left on device\n", 1, Verdict.Inconclusive)]
    public async Task A_server_that_ends_at_its_start_is_judged_by_what_it_said(string log, int exitCode, Verdict verdict) =>
        (await RunAsync(Good(FakeRoom.End("", exitCode)).With("mariadb.log", log), Physical())).Verdict.Should().Be(verdict);

    [Theory]
    [InlineData("begin\t0\ndpi.patient\tcheck\tWarning\tInnoDB: index\ndpi.patient\tcheck\terror\tCorrupt\nsum\t0\ndpi.patient\t4711\nrows\t3000\n" + Good2, Verdict.Failed)]
    [InlineData("begin\t0\ndpi.patient\tcheck\tstatus\tOK\nsum\t0\ndpi.patient\tNULL\nrows\t3000\n" + Good2, Verdict.Failed)]
    [InlineData("begin\t0\ndpi.patient\tcheck\tstatus\tOK\nsum\t0\ndpi.patient\t4711\n" + Good2, Verdict.Failed)]
    [InlineData("begin\t0\n" + Good2, Verdict.Failed)]
    [InlineData("begin\t0\ndpi.patient\tcheck\tstatus\tOK\nsum\t0\ndpi.patient\t0\nrows\t0\n" + Good2, Verdict.Failed)]
    [InlineData("begin\t0\ndpi.patient\tcheck\tError\tUnknown storage engine 'ROCKSDB'\ndpi.patient\tcheck\terror\tCorrupt\nsum\t0\ndpi.patient\tNULL\n" + Good2, Verdict.Inconclusive)]
    [InlineData("begin\t0\ndpi.patient\tcheck\tstatus\tOK\nsum\t0\ndpi.patient\t4711\nrows\t3000\n", Verdict.Inconclusive)]
    [InlineData(Good2, Verdict.Inconclusive)]
    [InlineData("", Verdict.Inconclusive)]
    public async Task What_was_not_checked_and_read_is_never_good(string output, Verdict verdict) =>
        (await RunAsync(Good().On("checksum table", output), Physical())).Verdict.Should().Be(verdict);

    [Fact]
    public async Task A_server_that_breaks_down_over_a_table_has_answered()
    {
        (await RunAsync(Good().On("checksum table", "begin\t0\n", 1, "ERROR 2013 (HY000) at line 2: Lost connection").With("mariadb.log", "mariadbd got signal 6 ;"), Physical())).Verdict.Should().Be(Verdict.Failed);
        (await RunAsync(Good().On("checksum table", "begin\t0\n", 1, "ERROR 2013 (HY000) at line 2: Lost connection"), Physical())).Verdict.Should().Be(Verdict.Inconclusive);
    }

    private static FakeRoom GoodDump(string state = "begun=1 complete=1 broken=0 uses=0 tables=1") => Good().On("awk", $"-- Host: localhost    Database: dpi\n\u0001state {state}\n");
    private static MariaDbEngine DumpEngine => new(MariaDbSource.Dump, Parsed.Path("d.sql"), "mariadb");

    [Fact]
    public async Task A_dump_goes_into_the_database_that_it_names()
    {
        var room = GoodDump();
        (await RunAsync(room, new FakeFiles(("d.sql", "--")), DumpEngine)).Verdict.Should().Be(Verdict.Proved);
        room.Commands.Should().Contain(c => c.Contains("create database if not exists `dpi`", StringComparison.Ordinal));
        room.Commands.Should().Contain(c => c.Contains("--database=dpi >", StringComparison.Ordinal) || c.EndsWith("--database=dpi", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("begun=0 complete=1 broken=0 uses=0 tables=1", Verdict.Inconclusive)]
    [InlineData("begun=1 complete=0 broken=0 uses=0 tables=1", Verdict.Failed)]
    [InlineData("begun=1 complete=1 broken=1 uses=0 tables=1", Verdict.Failed)]
    [InlineData("begun=1 complete=1 broken=0 uses=0 tables=0", Verdict.Failed)]
    [InlineData("begun=1 complete=1 broken=0 uses=0 tables=2", Verdict.Failed)]
    public async Task A_dump_that_is_not_whole_or_brought_too_little_is_never_good(string state, Verdict verdict) =>
        (await RunAsync(GoodDump(state), new FakeFiles(("d.sql", "--")), DumpEngine)).Verdict.Should().Be(verdict);

    [Theory]
    [InlineData("ERROR 1064 (42000) at line 9: x", Verdict.Failed)]
    [InlineData("ERROR 1062 (23000) at line 9: x", Verdict.Failed)]
    [InlineData("ERROR 1286 (42000) at line 9: x", Verdict.Inconclusive)]
    [InlineData("ERROR 1114 (HY000) at line 9: x", Verdict.Inconclusive)]
    [InlineData("", Verdict.Inconclusive)]
    public void A_load_that_stops_is_judged_by_what_stopped_it(string errors, Verdict verdict) => MariaDbJudge.NotLoaded(FakeRoom.End("", 1, errors)).Verdict.Should().Be(verdict);

    [Theory]
    [InlineData("ERROR 1146 (42S02) at line 3: Table 'dpi.nix' doesn't exist", Verdict.Failed)]
    [InlineData("ERROR 1054 (42S22) at line 3: x", Verdict.Failed)]
    [InlineData("ERROR 1792 (25006) at line 3: x", Verdict.Inconclusive)]
    [InlineData("ERROR 1969 (70100) at line 3: x", Verdict.Inconclusive)]
    [InlineData("ERROR 2013 (HY000): Lost connection", Verdict.Inconclusive)]
    public void A_query_that_fails_is_the_datas_fault_or_its_own(string errors, Verdict verdict) => MariaDbJudge.Answered(FakeRoom.End("", 1, errors)).Verdict.Should().Be(verdict);

    [Fact]
    public void NULL_an_empty_text_no_row_and_two_answers_are_told_apart()
    {
        const string Head = "<?xml version=\"1.0\"?>\n\n<resultset statement=\"s\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">";
        static IEnumerable<string> Shown(string output) => PostgresFaults.Shown(MariaDbJudge.Rows(output)!);
        static string Row(string fields) => "\n  <row>\n\t" + fields + "\n  </row>\n";
        Shown(Head + "</resultset>\n").Should().BeEmpty();
        Shown(Head + Row("<field name=\"n\" xsi:nil=\"true\" />") + "</resultset>\n").Should().Equal("[NULL]");
        Shown(Head + Row("<field name=\"n\"></field>") + "</resultset>\n").Should().Equal("[]");
        Shown(Head + Row("<field name=\"a\">1</field>\n\t<field name=\"b\">2</field>") + "</resultset>\n").Should().Equal("[1][2]");
        MariaDbJudge.Rows(Head + Row("<field name=\"a\">1</field>") + "</resultset>\n" + Head + "</resultset>\n").Should().HaveCount(2);
        MariaDbJudge.Rows("oops").Should().BeNull();
    }
}
