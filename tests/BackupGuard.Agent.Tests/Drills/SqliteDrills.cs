using BackupGuard.Verification;
using BackupGuard.Verification.Drills;
using BackupGuard.Verification.Drills.Engines.Sql;
using BackupGuard.Verification.Drills.Engines.Sqlite;
using FluentAssertions;
using Xunit;
using static BackupGuard.Agent.Tests.Drills.DatabaseDrills;

namespace BackupGuard.Agent.Tests.Drills;

[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class SqliteDrills : IDisposable
{
    private readonly TestFolder _disk = new();

    public SqliteDrills()
    {
        Directory.CreateDirectory(_disk["backup/app"]);
        Sqlite("app/lab.db", "create table patient (id integer primary key, name text); with recursive n(i) as (select 1 union all select i + 1 from n where i < 500) insert into patient select i, hex(randomblob(100)) from n;"
            + "create table result (id integer primary key, patient references patient, at text); insert into result select id, id, datetime('now', '-7 hours') from patient;"
            + "create trigger keep before delete on patient begin select raise(abort, 'never'); end; create table \"odd \"\"name\" (i); create virtual table words using fts5(w); insert into words values ('x')");
    }

    public void Dispose() => _disk.Dispose();

    private static SqliteEngine Engine(bool foreignKeys = true) => new(Glob.TryParse("**/*.db", out var files, out var refusal) ? files : throw new ArgumentException(refusal), foreignKeys, "sqlite");

    private void Sqlite(string file, string script)
    {
        File.WriteAllText(_disk["script"], script + ";\n");
        TestFolder.Shell($"sqlite3 -batch '{_disk["backup/" + file]}' < script >/dev/null", _disk.Path);
    }

    [Fact]
    public async Task Files_are_checked_read_and_asked_and_each_alarm_rings()
    {
        var report = await ControlledAsync(_disk["backup"], Engine(), Sql("select count(*) from patient", "between 500 and 600"),
            new NewestDateProbe("select max(at) from result", TimeSpan.FromHours(8), TimeZoneInfo.Utc, new SqlPlace("sqlite", "app/lab.db"), TimeSpan.FromMinutes(1), null));
        report.Verdict.Should().Be(Verdict.Proved, Said(report));
        report.MeasuredRpo.Should().BeCloseTo(TimeSpan.FromHours(7), TimeSpan.FromMinutes(10));
        report.AlarmProved.Should().BeTrue(Said(report));
    }

    [Fact]
    public async Task What_lies_in_a_write_ahead_log_beside_it_counts()
    {
        // Killed in the middle, as a live copy finds it: the last rows are in the log only.
        TestFolder.Shell("""(echo "pragma journal_mode=wal; pragma wal_autocheckpoint=0; insert into patient values (9999, 'in the log');"; echo ".shell cp lab.db lab.db-wal copy/"; ) > in; mkdir copy; sqlite3 -batch lab.db < in >/dev/null; rm in lab.db*; mv copy/* . ; rmdir copy""", _disk["backup/app"]);
        var report = await RunAsync(_disk["backup"], Engine(), Sql("select count(*) from patient where id = 9999", "= 1"));
        report.Verdict.Should().Be(Verdict.Proved, Said(report));
        File.Delete(_disk["backup/app/lab.db-wal"]);
        (await RunAsync(_disk["backup"], Engine(), Sql("select count(*) from patient where id = 9999", "= 1"))).Verdict.Should().Be(Verdict.Failed, "without the log the row is not there");
    }

    [Theory]
    [InlineData("a damaged page", "printf xxxxxxxxxxxxxxxxxxxx | dd of=app/lab.db bs=1 seek=8192 conv=notrunc 2>/dev/null", "faults|damaged")]
    [InlineData("half a file", "truncate -s 20000 app/lab.db", "faults|damaged")]
    [InlineData("another file's beginning", "printf x | dd of=app/lab.db conv=notrunc 2>/dev/null", "does not begin as a SQLite file")]
    [InlineData("an empty file", ": > app/more.db", "does not begin as a SQLite file")]
    [InlineData("no file", "mv app/lab.db app/lab.other", "no file matches")]
    [InlineData("no table", "rm app/lab.db; sqlite3 app/none.db 'vacuum'", "no table|does not begin")]
    [InlineData("no row", "sqlite3 app/lab.db 'drop trigger keep; delete from result; delete from patient; drop table words'", "not one row")]
    [InlineData("dangling rows", "sqlite3 app/lab.db 'insert into result values (9999, 9999, null)'", "1 rows of app/lab.db refer to rows that are not there")]
    public async Task Files_with(string damage, string change, string says)
    {
        TestFolder.Shell(change, _disk["backup"]);
        var report = await RunAsync(_disk["backup"], Engine());
        report.Verdict.Should().Be(Verdict.Failed, $"{damage}: {Said(report)}");
        report.Steps[1].Detail.English.Should().MatchRegex(says);
    }

    [Fact]
    public async Task Rows_that_refer_to_nothing_may_be_left_to_the_application()
    {
        Sqlite("app/lab.db", "insert into result values (9999, 9999, null)");
        (await RunAsync(_disk["backup"], Engine(foreignKeys: false))).Verdict.Should().Be(Verdict.Proved);
    }

    [Theory]
    [InlineData("select name from patient where id < 0", Verdict.Failed, "no row")]
    [InlineData("select null", Verdict.Failed, "NULL")]
    [InlineData("select id, name from patient", Verdict.Inconclusive, "more than one")]
    [InlineData("select count(*) from nowhere", Verdict.Failed, "not there")]
    [InlineData("selec 1", Verdict.Inconclusive, "could not be put")]
    [InlineData("delete from result", Verdict.Inconclusive, "could not be put")]
    [InlineData("select 'x'", Verdict.Inconclusive, "no number")]
    public async Task A_question_is_judged_by_what_it_gave(string query, Verdict verdict, string says)
    {
        var report = await RunAsync(_disk["backup"], Engine(), Sql(query, "= 1"));
        report.Steps[2].Verdict.Should().Be(verdict, Said(report));
        report.Steps[2].Detail.English.Should().Contain(says);
    }
}
