using System.Diagnostics;
using BackupGuard.Verification;
using BackupGuard.Verification.Drills;
using BackupGuard.Verification.Drills.Engines.MariaDb;
using BackupGuard.Verification.Drills.Engines.Sql;
using FluentAssertions;
using Xunit;
using static BackupGuard.Agent.Tests.Drills.DatabaseDrills;

namespace BackupGuard.Agent.Tests.Drills;

/// <summary>One production server on a socket of its own, a physical backup of it and its dumps.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class MariaDbProduction : IDisposable
{
    private readonly TestFolder _disk = new();
    private Process _server;

    public MariaDbProduction()
    {
        // Any ordinary account will do; this one is on every Debian.
        TestFolder.Shell("if [ $(id -u) = 0 ]; then chown -R nobody:nogroup . ; fi", _disk.Path);
        Nobody("mariadb-install-db", "--no-defaults", "--datadir=" + _disk["data"], "--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve");
        _server = Start();
        Query("create database dpi; create database `odd name`; use dpi; create table patient (id int primary key, name varchar(90), admitted datetime, key (name)) engine=InnoDB;"
            + "insert into patient select seq, repeat('x', seq % 90), utc_timestamp() - interval 7 hour from seq_1_to_3000; create table `a' b` (i int) engine=Aria; insert into `a' b` values (1), (2);"
            + "create table result (id int primary key, patient int, content longblob, foreign key (patient) references patient (id)); insert into result select seq, seq, repeat('y', 40000) from seq_1_to_20; create view older as select * from patient");
        // What is in the redo log would be put back over a damaged page when the backup is prepared: an old table is in its file only.
        Stop();
        _server = Start();
        Nobody("mariadb-backup", "--no-defaults", "--backup", "--socket=" + Socket, "--user=root", "--target-dir=" + _disk["physical"], "--datadir=" + _disk["data"]);
    }

    private string Socket => _disk["sock"];

    private Process Start()
    {
        string[] run = ["mariadbd", "--no-defaults", "--datadir=" + _disk["data"], "--socket=" + Socket, "--pid-file=" + _disk["pid"], "--skip-networking", "--innodb-flush-log-at-trx-commit=0"];
        run = Environment.UserName == "root" ? ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", .. run] : run;
        var server = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", $"exec \"$@\" > '{_disk["log"]}' 2>&1", "sh", .. run]))!;
        SpinWait.SpinUntil(() => File.Exists(_disk["sock"]) && Answers(), TimeSpan.FromSeconds(60)).Should().BeTrue("production must have begun");
        return server;
    }

    private void Stop()
    {
        Nobody("mariadb-admin", "--no-defaults", "--socket=" + Socket, "--user=root", "shutdown");
        _server.WaitForExit(TimeSpan.FromSeconds(60)).Should().BeTrue();
        _server.Dispose();
    }

    public string CopyOfPhysical(string change = "true") => Copy("cp -a physical", change);

    public string Dump(string change, params string[] options)
    {
        var dump = Nobody(["mariadb-dump", "--no-defaults", "--socket=" + Socket, "--user=root", .. options]);
        File.WriteAllText(_disk["dump.sql"], dump);
        return Copy("cp dump.sql", change, "/dpi.sql");
    }

    private string Copy(string copy, string change, string to = "/db")
    {
        var folder = _disk[Guid.NewGuid().ToString("n")];
        Directory.CreateDirectory(folder);
        TestFolder.Shell($"{copy} '{folder}{to}'", _disk.Path);
        TestFolder.Shell(change, to == "/db" ? folder + to : folder);
        return folder;
    }

    private void Query(string script) => Nobody("mariadb", "--no-defaults", "--socket=" + Socket, "--user=root", "-e", script);

    private bool Answers()
    {
        try
        {
            Query("select 1");
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static string Nobody(params string[] run) => Server("nobody:nogroup", run);

    public void Dispose()
    {
        Stop();
        _disk.Dispose();
    }
}

[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class MariaDbDrills(MariaDbProduction production) : IClassFixture<MariaDbProduction>
{
    private static MariaDbEngine Physical { get; } = new(MariaDbSource.Physical, At("db"), "mariadb") { Databases = ["dpi"], Timeout = TimeSpan.FromMinutes(2) };
    private static MariaDbEngine Dump { get; } = new(MariaDbSource.Dump, At("dpi.sql"), "mariadb") { Timeout = TimeSpan.FromMinutes(2) };
    private static RestoredPath At(string path) => RestoredPath.TryParse(path, out var parsed, out var refusal) ? parsed : throw new ArgumentException(refusal);

    [Fact]
    public async Task A_physical_backup_is_prepared_started_checked_and_asked_and_each_alarm_rings()
    {
        var report = await ControlledAsync(production.CopyOfPhysical(), Physical,
            Sql("select count(*) from patient", "= 3000"),
            Sql("select count(*) from patient where id < 0", "= 0", "mariadb/dpi"),
            new NewestDateProbe("select max(admitted) from patient", TimeSpan.FromHours(8), TimeZoneInfo.Utc, new SqlPlace(null, null), TimeSpan.FromMinutes(1), null));

        report.Verdict.Should().Be(Verdict.Proved, Said(report));
        (report.Steps[1].Measures["tables"], report.Steps[1].Measures["rows"]).Should().Be((3, 3022));
        report.MeasuredRpo.Should().BeCloseTo(TimeSpan.FromHours(7), TimeSpan.FromMinutes(30));
        report.AlarmProved.Should().BeTrue(Said(report));
    }

    [Theory]
    [InlineData("a table's page", "dd if=/dev/urandom of=dpi/patient.ibd bs=16384 seek=5 count=2 conv=notrunc 2>/dev/null", ".")]
    [InlineData("a table's file", "rm dpi/patient.ibd", ".")]
    [InlineData("the system tablespace", "truncate -s 1M ibdata1", ".")]
    [InlineData("an Aria table", "truncate -s 10 dpi/a@0027@0020b.MAD", ".")]
    [InlineData("the redo log", "dd if=/dev/urandom of=ib_logfile0 bs=4096 count=8 conv=notrunc 2>/dev/null", ".")]
    [InlineData("its notes", "rm xtrabackup_checkpoints", "xtrabackup_checkpoints is missing")]
    [InlineData("its database", "rm -r dpi", "dpi")]
    public async Task A_physical_backup_without(string what, string change, string says)
    {
        var report = await RunAsync(production.CopyOfPhysical(change), Physical);
        report.Verdict.Should().Be(Verdict.Failed, $"{what}: {Said(report)}");
        report.Steps[1].Detail.English.Should().MatchRegex(says);
    }

    [Fact]
    public async Task A_backup_by_another_release_is_not_judged()
    {
        var report = await RunAsync(production.CopyOfPhysical("sed -i 's/^server_version = .*/server_version = 10.4.1-MariaDB/' xtrabackup_info"), Physical);
        report.Verdict.Should().Be(Verdict.Inconclusive, Said(report));
    }

    [Fact]
    public async Task Settings_of_production_are_not_obeyed()
    {
        var report = await RunAsync(production.CopyOfPhysical("echo 'plugin_load=no_such_plugin.so\ninnodb_undo_directory=/nowhere\ninit_file=/etc/passwd' >> backup-my.cnf; printf '[mariadbd]\\nport=3306\\nno-such-option\\n' > my.cnf"), Physical,
            Sql("select count(*) from information_schema.system_variables where variable_name in ('skip_networking') and global_value = 'ON'", "= 1", "mariadb/dpi"));
        report.Verdict.Should().Be(Verdict.Proved, Said(report));
    }

    [Theory]
    [InlineData("one database", "true", "dpi")]
    [InlineData("named databases", "true", "--databases", "dpi")]
    [InlineData("everything, in gzip", "gzip dpi.sql; mv dpi.sql.gz dpi.sql", "--all-databases")]
    [InlineData("in zstd", "zstd -q --rm dpi.sql; mv dpi.sql.zst dpi.sql", "dpi")]
    public async Task A_dump_is_loaded_and_checked_and_its_alarm_rings(string form, string change, params string[] options)
    {
        var report = await ControlledAsync(production.Dump(change, options), Dump, Sql("select count(*) from patient", "= 3000", "mariadb/dpi"));
        report.Verdict.Should().Be(Verdict.Proved, $"{form}: {Said(report)}");
        report.Steps[1].Measures["rows"].Should().Be(3022);
        report.AlarmProved.Should().BeTrue($"{form}: {Said(report)}");
    }

    [Theory]
    [InlineData("cut off", "sed -i '$d' dpi.sql", Verdict.Failed, "cut off", "dpi")]
    [InlineData("a damaged line", "sed -i 's/^INSERT INTO `patient` VALUES/INSERT INTO `patient` VALUS/' dpi.sql", Verdict.Failed, "error 1064", "dpi")]
    [InlineData("a broken archive", "gzip dpi.sql; truncate -s 3000 dpi.sql.gz; mv dpi.sql.gz dpi.sql", Verdict.Failed, "unpacked", "dpi")]
    [InlineData("no row", "true", Verdict.Failed, "not one row", "--no-data", "dpi")]
    [InlineData("no table", "true", Verdict.Failed, "no table", "--databases", "odd name")]
    [InlineData("no mark of its end", "true", Verdict.Inconclusive, "--skip-comments", "--skip-comments", "dpi")]
    public async Task A_dump_with(string damage, string change, Verdict verdict, string says, params string[] options)
    {
        var report = await RunAsync(production.Dump(change, options), Dump);
        report.Verdict.Should().Be(verdict, $"{damage}: {Said(report)}");
        report.Steps[1].Detail.English.Should().Contain(says);
    }
}
