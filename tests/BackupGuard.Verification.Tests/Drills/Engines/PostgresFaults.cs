using BackupGuard.Verification.Drills;
using BackupGuard.Verification.Drills.Engines.Postgres;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Verification.Tests.Drills.Engines;

/// <summary>PostgreSQL's programs that hang, crash, are in each other's way or lie.</summary>
public sealed class PostgresFaults
{
    private const string Control = "Database cluster state:               in production\nmax_prepared_xacts setting:           100\n";
    private const string Read = "total\u001F2\ntable\u001Fsystem\u001Fpg_catalog.pg_class\nCOPY 400\ntable\u001Fuser\u001Fpublic.patient\nCOPY 3000\nend\n";
    private const string Checked = "heap 0\nindex 0\n545/545 relations (100%), 1624/1624 pages (100%)\n";

    private readonly TestClock _clock = new(DateTimeOffset.UnixEpoch);

    private static FakeRoom Good(RoomEnd? serverEnds = null) => new FakeRoom { ServerEnds = serverEnds }
        .On("pg_controldata", Control).On("pg_is_in_recovery", "f\u001Ft\n").On("string_agg(datname", "dpi\u001F0\n").On("read.sql", Read).On("pg_available_extensions", "1\n").On("pg_amcheck", Checked);

    private static FakeFiles Base(params (string, string)[] more) => new([("db/PG_VERSION", "15\n"), ("db/backup_label", "START"), .. more]);

    private Task<ProbeAnswer> RunAsync(FakeRoom room, IRestoredFiles files, PostgresEngine? engine = null) =>
        new PostgresRunner(_clock).RunAsync(engine ?? new PostgresEngine(PostgresSource.Base, Parsed.Path("db"), "postgres"), new ProbeScene(DateTimeOffset.UnixEpoch, files, 1, 1) { Room = _ => ValueTask.FromResult<IDrillRoom>(room) }, default);

    [Fact]
    public async Task A_good_one_is_proved_with_what_was_counted()
    {
        var room = Good();
        var answer = await RunAsync(room, Base());
        answer.Verdict.Should().Be(Verdict.Proved, answer.Detail.English);
        answer.Measures.Should().BeEquivalentTo(new Dictionary<string, double> { ["databases"] = 1, ["tables"] = 1, ["rows"] = 3000, ["relationsChecked"] = 545 });
        room.Written("postgres.conf").Should().Contain("max_prepared_transactions = 100").And.Contain("listen_addresses = ''").And.Contain("archive_mode = off").And.NotContain("restore_command");
    }

    [Fact]
    public async Task A_server_that_hangs_at_its_start_says_nothing_about_the_data()
    {
        var answer = await RunAsync(Good().On("pg_isready", () =>
        {
            _clock.Advance(TimeSpan.FromHours(1));
            return FakeRoom.End("", 2);
        }), Base());
        (answer.Verdict, answer.Detail.English).Should().Be((Verdict.Inconclusive, "the server did not come up within 240 min"));
    }

    [Theory]
    [InlineData("", 139, Verdict.Inconclusive)]
    [InlineData("XX000 PANIC:  could not locate a valid checkpoint record\n", 134, Verdict.Failed)]
    [InlineData("55000 FATAL:  WAL ends before end of online backup\n", 1, Verdict.Failed)]
    [InlineData("53100 FATAL:  could not write to file: No space left on device\n", 1, Verdict.Inconclusive)]
    [InlineData("55006 FATAL:  lock file \"postmaster.pid\" already exists\n", 1, Verdict.Inconclusive)]
    [InlineData("XX000 FATAL:  could not create any Unix-domain sockets\n", 1, Verdict.Inconclusive)]
    [InlineData("58P01 FATAL:  could not access file \"$libdir/x\": No such file or directory\n", 1, Verdict.Inconclusive)]
    [InlineData("57P03 FATAL:  the database system is starting up\n", 137, Verdict.Inconclusive)]
    public async Task A_server_that_ends_at_its_start_is_judged_by_what_it_said_and_not_by_its_exit_code(string log, int exitCode, Verdict verdict)
    {
        var answer = await RunAsync(Good(FakeRoom.End("", exitCode)).With("postgres.log", log), Base());
        answer.Verdict.Should().Be(verdict, answer.Detail.English);
        answer.Detail.English.Should().NotContain("libdir").And.NotContain("lock file", "messages may quote rows");
    }

    [Theory]
    [InlineData("f\u001Ff\n", "28000 FATAL:  x\n", Verdict.Inconclusive)]
    [InlineData("", "22023 FATAL:  database locale is incompatible with operating system\n", Verdict.Inconclusive)]
    [InlineData("", "XX002 FATAL:  could not open critical system index 2662\n", Verdict.Failed)]
    [InlineData("", "", Verdict.Inconclusive)]
    public async Task A_server_that_is_up_and_cannot_be_asked(string said, string log, Verdict verdict) =>
        (await RunAsync(Good().On("pg_is_in_recovery", said, said.Length > 0 ? 0 : 2).With("postgres.log", log), Base())).Verdict.Should().Be(verdict);

    [Theory]
    [InlineData(Checked, 1, Verdict.Inconclusive)]
    [InlineData(Checked, 2, Verdict.Failed)]
    [InlineData("heap 3\nindex 0\n545/545 relations (100%)\n", 0, Verdict.Failed)]
    [InlineData("heap 0\nindex 0\n12/545 relations (2%)\n", 0, Verdict.Inconclusive)]
    [InlineData("heap 0\nindex 0\n0/0 relations (0%)\n", 0, Verdict.Inconclusive)]
    [InlineData("", 0, Verdict.Inconclusive)]
    public async Task An_amcheck_that_lies_about_its_exit_code_is_caught(string output, int exitCode, Verdict verdict) =>
        (await RunAsync(Good().On("pg_amcheck", output, exitCode), Base())).Verdict.Should().Be(verdict);

    [Fact]
    public async Task An_index_that_is_wrong_where_text_is_sorted_otherwise_is_not_held_against_the_backup()
    {
        var room = Good().On("pg_amcheck", "heap 0\nindex 2\n", 2);
        (await RunAsync(room.On("datcollversion", "0\n"), Base())).Verdict.Should().Be(Verdict.Failed);
        (await RunAsync(room.On("datcollversion", "1\n"), Base())).Verdict.Should().Be(Verdict.Inconclusive);
    }

    [Fact]
    public async Task Without_amcheck_nothing_is_said_to_be_good_unless_nobody_asked()
    {
        var room = Good().On("pg_available_extensions", "0\n");
        (await RunAsync(room, Base())).Verdict.Should().Be(Verdict.Inconclusive);
        var answer = await RunAsync(room, Base(), new PostgresEngine(PostgresSource.Base, Parsed.Path("db"), "postgres") { Amcheck = Amcheck.None });
        answer.Verdict.Should().Be(Verdict.Proved);
        answer.Detail.English.Should().Contain("pg_amcheck not asked");
    }

    [Theory]
    [InlineData("", "", Verdict.Inconclusive)]
    [InlineData("total\u001F2\ntable\u001Fuser\u001Fpublic.patient\nCOPY 3000\n", "", Verdict.Inconclusive)]
    [InlineData("total\u001F2\ntable\u001Fuser\u001Fpublic.patient\nCOPY 3000\nend\n", "", Verdict.Inconclusive)]
    [InlineData("total\u001F1\ntable\u001Fuser\u001Fpublic.patient\nend\n", "XX001 ERROR:  invalid page in block 3\n", Verdict.Failed)]
    [InlineData("total\u001F1\ntable\u001Fuser\u001Fpublic.patient\nend\n", "58P01 ERROR:  could not open file \"base/5/16384\"\n", Verdict.Failed)]
    [InlineData("total\u001F1\ntable\u001Fuser\u001Fpublic.patient\nend\n", "58P01 ERROR:  could not access file \"$libdir/x\"\n", Verdict.Inconclusive)]
    [InlineData("total\u001F1\ntable\u001Fuser\u001Fpublic.patient\n", "server process (PID 9) was terminated by signal 11: Segmentation fault\n", Verdict.Failed)]
    [InlineData("total\u001F1\ntable\u001Fuser\u001Fpublic.patient\n", "server process (PID 9) was terminated by signal 9: Killed\n", Verdict.Inconclusive)]
    [InlineData("total\u001F1\nshort\u001Fpublic.patient\ntable\u001Fuser\u001Fpublic.patient\nCOPY 3\nend\n", "", Verdict.Failed)]
    [InlineData("total\u001F1\ntable\u001Fuser\u001Fpublic.patient\nCOPY 0\nend\n", "", Verdict.Failed)]
    [InlineData("total\u001F0\nend\n", "", Verdict.Failed)]
    public async Task What_was_not_read_is_never_good(string output, string log, Verdict verdict) =>
        (await RunAsync(Good().On("read.sql", output).With("postgres.log", log), Base())).Verdict.Should().Be(verdict);

    [Fact]
    public async Task Databases_that_must_be_there_and_databases_that_let_nobody_in()
    {
        var engine = new PostgresEngine(PostgresSource.Base, Parsed.Path("db"), "postgres") { Databases = ["dpi", "parc"] };
        var answer = await RunAsync(Good(), Base(), engine);
        (answer.Verdict, answer.Detail.English).Should().Be((Verdict.Failed, "these databases are not there: parc"));
        (await RunAsync(Good().On("string_agg(datname", "dpi\u001F1\n"), Base())).Verdict.Should().Be(Verdict.Inconclusive);
        (await RunAsync(Good().On("string_agg(datname", ""), Base())).Verdict.Should().Be(Verdict.Inconclusive);
    }

    [Fact]
    public async Task A_backup_without_its_label_or_with_a_damaged_control_file_is_never_started()
    {
        var room = Good();
        (await RunAsync(room, new FakeFiles(("db/PG_VERSION", "15\n"), ("db/backup_manifest", "{}")))).Verdict.Should().Be(Verdict.Failed);
        (await RunAsync(Good().On("pg_controldata", "WARNING: Calculated CRC checksum does not match\n" + Control), Base())).Verdict.Should().Be(Verdict.Failed);
        (await RunAsync(room, new FakeFiles(("db/PG_VERSION", "9.6\n")))).Verdict.Should().Be(Verdict.Inconclusive);
        (await RunAsync(room, new FakeFiles(("db/PG_VERSION", "$(reboot)\n")))).Verdict.Should().Be(Verdict.Failed);
        room.Commands.Should().NotContain(c => c.Contains("bin/postgres", StringComparison.Ordinal));
        var cold = await RunAsync(Good(), new FakeFiles(("db/PG_VERSION", "15\n")));
        cold.Verdict.Should().Be(Verdict.Proved);
        cold.Detail.English.Should().Contain("there is no backup_label");
    }

    private const string Dumped = "\u0001state begun=1 complete=1 copying=0 broken=0 cluster=0 tables=1 rows=3000\n";
    private static FakeFiles Dump => new(("d.sql", "--\n"));
    private static PostgresEngine DumpEngine => new(PostgresSource.Dump, Parsed.Path("d.sql"), "postgres");

    private static FakeRoom GoodDump() => Good().On("awk", "SET client_encoding = 'LATIN1';\n" + Dumped).On("find /usr/lib/postgresql", "/usr/lib/postgresql/13\n/usr/lib/postgresql/15\n")
        .On("read.sql", Read).On("relkind in ('r', 'p') and n.nspname", "1\n");

    [Fact]
    public async Task A_dump_is_loaded_in_its_own_encoding_by_the_newest_release()
    {
        var room = GoodDump();
        (await RunAsync(room, Dump, DumpEngine)).Verdict.Should().Be(Verdict.Proved);
        room.Commands.Should().Contain(c => c.Contains("/15/bin/createdb -T template0 -E LATIN1 --locale=C -- restored", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_load_that_ends_well_and_brought_nothing_is_caught()
    {
        (await RunAsync(GoodDump().On("read.sql", "total\u001F1\ntable\u001Fsystem\u001Fpg_catalog.pg_class\nCOPY 400\nend\n"), Dump, DumpEngine)).Verdict.Should().Be(Verdict.Failed);
        (await RunAsync(GoodDump().On("relkind in ('r', 'p') and n.nspname", "0\n"), Dump, DumpEngine)).Verdict.Should().Be(Verdict.Failed);
        var few = await RunAsync(GoodDump().On("awk", Dumped.Replace("rows=3000", "rows=3001", StringComparison.Ordinal)), Dump, DumpEngine);
        (few.Verdict, few.Detail.English).Should().Be((Verdict.Failed, "3000 of the dump's 3001 rows are there after loading"));
    }

    [Theory]
    [InlineData("23505 ERROR:  duplicate key\n", 3, Verdict.Failed)]
    [InlineData("53100 ERROR:  could not extend file: No space left on device\n", 3, Verdict.Inconclusive)]
    [InlineData("42704 ERROR:  role \"x\" does not exist\n", 3, Verdict.Inconclusive)]
    [InlineData("57014 ERROR:  COPY from stdin failed: x\n", 1, Verdict.Failed)]
    [InlineData("", 1, Verdict.Failed)]
    [InlineData("", 137, Verdict.Inconclusive)]
    public async Task A_load_that_stops_is_judged_by_what_stopped_it(string log, int exitCode, Verdict verdict) =>
        (await RunAsync(GoodDump().On("ON_ERROR_STOP=1 -v VERBOSITY=sqlstate -o /dev/null", "", exitCode).With("postgres.log", log), Dump, DumpEngine)).Verdict.Should().Be(verdict);

    [Theory]
    [InlineData("begun=0 complete=0 copying=0 broken=0", Verdict.Failed)]
    [InlineData("begun=1 complete=0 copying=0 broken=0", Verdict.Failed)]
    [InlineData("begun=1 complete=1 copying=1 broken=0", Verdict.Failed)]
    [InlineData("begun=1 complete=1 copying=0 broken=1", Verdict.Failed)]
    public async Task A_dump_that_is_not_whole_is_never_loaded(string state, Verdict verdict)
    {
        var room = GoodDump().On("awk", $"\u0001state {state} cluster=0 tables=1 rows=0\n");
        (await RunAsync(room, Dump, DumpEngine)).Verdict.Should().Be(verdict);
        room.Commands.Should().NotContain(c => c.Contains("initdb", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_dump_by_a_later_release_is_not_judged()
    {
        var answer = await RunAsync(GoodDump().On("awk", "-- Dumped by pg_dump version 17.2\n" + Dumped), Dump, DumpEngine);
        (answer.Verdict, answer.Detail.English).Should().Be((Verdict.Inconclusive, "the dump was made by PostgreSQL 17; this machine has 15"));
    }

    [Fact]
    public void Roles_extensions_and_tablespaces_that_a_dump_needs_are_found_in_its_schema()
    {
        var look = DumpLook.Of(null, "ALTER TABLE public.t OWNER TO dpi_app;\nGRANT SELECT ON TABLE public.t TO \"Odd \"\"Role\"\"\";\nREVOKE ALL ON SCHEMA public FROM PUBLIC;\nCREATE POLICY p ON public.t TO a, b USING (true);\n"
            + "ALTER DEFAULT PRIVILEGES FOR ROLE c IN SCHEMA public GRANT SELECT ON TABLES TO d;\nCREATE EXTENSION IF NOT EXISTS \"uuid-ossp\" WITH SCHEMA public;\nSET default_tablespace = fast;\nSET default_tablespace = '';\n" + Dumped)!;
        look.Roles.Should().BeEquivalentTo("dpi_app", "Odd \"Role\"", "a", "b", "c");
        look.Extensions.Should().Equal("uuid-ossp");
        look.Tablespaces.Should().Equal("fast");
        DumpLook.Of(null, "anything").Should().BeNull();
    }

    [Theory]
    [InlineData("ERROR:  42P01", 1, Verdict.Failed)]
    [InlineData("ERROR:  42703", 1, Verdict.Failed)]
    [InlineData("ERROR:  XX001", 1, Verdict.Failed)]
    [InlineData("ERROR:  42601", 1, Verdict.Inconclusive)]
    [InlineData("ERROR:  25006", 1, Verdict.Inconclusive)]
    [InlineData("ERROR:  57014", 1, Verdict.Inconclusive)]
    [InlineData("psql: error: connection failed: FATAL:  database \"x\" does not exist", 2, Verdict.Failed)]
    [InlineData("psql: error: connection refused", 2, Verdict.Inconclusive)]
    public void A_query_that_fails_is_the_datas_fault_or_its_own(string errors, int exitCode, Verdict verdict) =>
        PostgresJudge.Answered(FakeRoom.End("", exitCode, errors), "x").Verdict.Should().Be(verdict);

    [Fact]
    public void NULL_an_empty_text_and_no_row_are_three_answers()
    {
        Shown(PostgresJudge.Rows("")).Should().BeEmpty();
        Shown(PostgresJudge.Rows("\n")).Should().Equal("[]");
        Shown(PostgresJudge.Rows(PostgresCommands.Null + "\n")).Should().Equal("[NULL]");
        Shown(PostgresJudge.Rows("1\u001F2\u001F3\u001E4\u001E5\n")).Should().Equal((string[])["[1][2]", "[4]"], "two of each are enough to see that there are more");
    }

    internal static IEnumerable<string> Shown(IEnumerable<IReadOnlyList<string?>> rows) => rows.Select(r => string.Concat(r.Select(f => $"[{f ?? "NULL"}]")));
}
