using BackupGuard.Verification;
using BackupGuard.Verification.Drills;
using BackupGuard.Verification.Drills.Engines.Postgres;
using BackupGuard.Verification.Drills.Engines.Sql;
using FluentAssertions;
using Xunit;
using static BackupGuard.Agent.Tests.Drills.DatabaseDrills;

namespace BackupGuard.Agent.Tests.Drills;

/// <summary>One production server on a socket of its own, its base backup, its WAL archive and its dumps.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class PostgresProduction : IDisposable
{
    public const int Patients = 3000;

    /// <summary>This fixture's production has settings that hinder whoever obeys them.</summary>
    private const string Unhindered = "PGOPTIONS=-c session_preload_libraries= -c statement_timeout=0";

    private readonly TestFolder _disk = new();
    private readonly string _bin = Directory.GetDirectories("/usr/lib/postgresql").Order(StringComparer.Ordinal).Last() + "/bin/";

    public PostgresProduction()
    {
        Directory.CreateDirectory(_disk["space"]);
        Directory.CreateDirectory(_disk["archive"]);
        TestFolder.Shell("if [ $(id -u) = 0 ]; then chown -R postgres . ; fi", _disk.Path);
        Server("postgres", _bin + "initdb", "-D", _disk["data"], "-k", "-A", "trust", "-U", "postgres", "--no-sync", "--wal-segsize=1", "--locale=C.UTF-8", "-E", "UTF8");
        File.AppendAllText(_disk["data/postgresql.conf"], $"archive_mode = on\narchive_command = 'cp %p {_disk["archive"]}/%f'\nlisten_addresses = ''\nunix_socket_directories = '{_disk.Path}'\nfsync = off\nautovacuum = off\nmax_prepared_transactions = 100\n");
        Server("postgres", _bin + "pg_ctl", "-D", _disk["data"], "-w", "-s", "-l", _disk["log"], "start");
        Query("postgres", "create role dpi_app; create role \"Odd \"\"Role\"\"\"", $"create tablespace fast location '{_disk["space"]}'", "create database dpi owner dpi_app", "create database \"pa rc\"");
        Query("dpi", $"create table patient (id int primary key, name text, admitted timestamptz); insert into patient select g, repeat('x', g % 90), now() - interval '7 hours' from generate_series(1, {Patients}) g",
            "create schema lab; create table lab.\"odd \"\"name\"\"\" (id int references patient, result bytea) tablespace fast; insert into lab.\"odd \"\"name\"\"\" select g, decode(repeat('ab', 4000), 'hex') from generate_series(1, 50) g",
            "create view older as select * from patient; create materialized view counted as select count(*) as n from patient", "alter table patient owner to dpi_app; grant select on patient to \"Odd \"\"Role\"\"\"", "vacuum analyze",
            // What production was told to do must not be done here.
            "alter system set archive_command = 'touch /restored/ran'", "alter system set shared_preload_libraries = 'no_such_library'", "alter system set primary_conninfo = 'host=production'",
            "alter database dpi set session_preload_libraries = 'no_such_library'", "alter role postgres set zero_damaged_pages = on", "alter role postgres set statement_timeout = '1ms'");
        Base = Backup("base");
        Query("dpi", $"insert into patient select g, 'later', now() - interval '6 hours' from generate_series({Patients + 1}, {Patients + 500}) g");
        for (var i = 0; i < 3; i++) Query("dpi", $"insert into patient values ({100_000 + i}, 'x', now() - interval '6 hours')", "select pg_switch_wal()");
        SpinWait.SpinUntil(() => Archived.Count >= 5, TimeSpan.FromSeconds(30)).Should().BeTrue("the archive must have been written");
    }

    public string Base { get; }

    public List<string> Archived => [.. Directory.GetFiles(_disk["archive"]).Select(f => Path.GetFileName(f)!).Where(n => n.Length == 24).Order(StringComparer.Ordinal)];

    public void Query(string database, params string[] statements) =>
        Server("postgres", ["env", Unhindered, _bin + "psql", "-X", "-q", "-h", _disk.Path, "-U", "postgres", "-d", database, "-v", "ON_ERROR_STOP=1", .. statements.SelectMany(s => (string[])["-c", s])]);

    public string FileOf(string table) => Server("postgres", "env", Unhindered, _bin + "psql", "-X", "-q", "-At", "-h", _disk.Path, "-U", "postgres", "-d", "dpi", "-c", $"select pg_relation_filepath('{table}')").Trim();

    /// <summary>A copy of the base backup, its tablespace at its own place below, as a backup of whole folders has it.</summary>
    public string CopyOfBase(string name, string change = "true")
    {
        var folder = _disk[Guid.NewGuid().ToString("n") + "-" + name];
        TestFolder.Shell($"mkdir -p '{folder}/srv' && cp -a '{Base}' '{folder}/srv/base' && mkdir -p '{folder}{Path.GetDirectoryName(_disk["space"])}' && cp -a '{_disk["space-copy"]}' '{folder}{_disk["space-copy"]}' && cd '{folder}/srv/base' && {change}", _disk.Path);
        return folder;
    }

    public string CopyOfArchive(string change = "true")
    {
        var folder = CopyOfBase("wal");
        TestFolder.Shell($"cp -a archive '{folder}/srv/wal' && cd '{folder}/srv/wal' && {change}", _disk.Path);
        return folder;
    }

    public string Dump(string change, params string[] options)
    {
        var folder = _disk[Guid.NewGuid().ToString("n") + "-dump"];
        TestFolder.Shell($"mkdir '{folder}' && chmod 777 '{folder}'", _disk.Path);
        var all = options is ["all"];
        Server("postgres", ["env", Unhindered, _bin + (all ? "pg_dumpall" : "pg_dump"), "-h", _disk.Path, "-U", "postgres", "-f", folder + "/dpi.dump", .. all ? (string[])["-l", "postgres", "--no-tablespaces"] : [.. options, "dpi"]]);
        TestFolder.Shell(change, folder);
        return folder;
    }

    private string Backup(string name)
    {
        Server("postgres", _bin + "pg_basebackup", "-h", _disk.Path, "-U", "postgres", "-D", _disk[name], "-c", "fast", "--no-sync", "-T", $"{_disk["space"]}={_disk["space-copy"]}");
        return _disk[name];
    }

    public void Dispose()
    {
        Server("postgres", _bin + "pg_ctl", "-D", _disk["data"], "-w", "-s", "-m", "immediate", "stop");
        _disk.Dispose();
    }
}

[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class PostgresDrills(PostgresProduction production) : IClassFixture<PostgresProduction>
{
    private static PostgresEngine BaseOf(string? wal = null) => new(PostgresSource.Base, At("srv/base"), "postgres") { Wal = wal is null ? null : At(wal), Databases = ["dpi"], Timeout = TimeSpan.FromMinutes(2) };
    private static PostgresEngine Dump { get; } = new(PostgresSource.Dump, At("dpi.dump"), "postgres") { Timeout = TimeSpan.FromMinutes(2) };
    private static RestoredPath At(string path) => RestoredPath.TryParse(path, out var parsed, out var refusal) ? parsed : throw new ArgumentException(refusal);

    [Fact]
    public async Task A_base_backup_is_recovered_read_checked_and_asked_and_each_alarm_rings()
    {
        var report = await ControlledAsync(production.CopyOfBase("good"), BaseOf() with { Amcheck = Amcheck.Thorough },
            Sql("select count(*) from patient", "= 3000"),
            Sql("select count(*) from patient where id < 0", "= 0", "postgres/dpi"),
            new NewestDateProbe("select max(admitted) from patient", TimeSpan.FromHours(8), null, new SqlPlace(null, null), TimeSpan.FromMinutes(1), null));

        report.Verdict.Should().Be(Verdict.Proved, Said(report));
        report.Steps[1].Measures["rows"].Should().Be(PostgresProduction.Patients + 50 + 1, "the materialized view counts too");
        report.Steps[1].Measures["tables"].Should().Be(3);
        report.RpoFromData.Should().BeTrue();
        report.MeasuredRpo.Should().BeCloseTo(TimeSpan.FromHours(7), TimeSpan.FromMinutes(30));
        report.AlarmProved.Should().BeTrue(Said(report));
        report.Control!.Select(c => c.Damage!.Value.English).Should().HaveElementAt(1, "every table dropped", "0 rows below 0 are right in an empty table too").And.HaveElementAt(2, "every table emptied");
        report.CleanedUp.Should().BeTrue();
    }

    [Fact]
    public async Task Settings_of_production_are_not_obeyed()
    {
        var report = await RunAsync(production.CopyOfBase("settings", "touch standby.signal; echo \"include_dir '/etc'\" >> postgresql.conf; echo garbage >> pg_hba.conf; echo 1 > postmaster.pid"), BaseOf(),
            Sql("select count(*) from pg_settings where setting ~ 'touch|no_such_library|host=production'", "= 0", "postgres/dpi"),
            Sql("select count(*) from pg_settings where name = 'zero_damaged_pages' and setting = 'off' and not pg_is_in_recovery()", "= 1", "postgres/dpi"));
        report.Verdict.Should().Be(Verdict.Proved, Said(report));
    }

    [Theory]
    [InlineData("a table's block", "printf x | dd of=$(PATIENT) bs=1 seek=12345 conv=notrunc 2>/dev/null", "cannot be read")]
    [InlineData("a table's file", "rm $(PATIENT)", "cannot be read")]
    [InlineData("the end of a table", "truncate -s 8192 $(PATIENT)", "shorter than its catalogue says")]
    [InlineData("an index", "dd if=/dev/zero of=$(INDEX) bs=8192 seek=1 count=1 conv=notrunc 2>/dev/null", "pg_amcheck found damage")]
    [InlineData("the label", "rm backup_label", "backup_label")]
    [InlineData("pg_control", "printf x | dd of=global/pg_control bs=1 seek=100 conv=notrunc 2>/dev/null", "pg_control")]
    [InlineData("the WAL", "rm pg_wal/0*", "does not come up")]
    [InlineData("the tablespace", "rm -r ../../tmp", "tablespace")]
    [InlineData("everything", "rm -r *", "no data directory")]
    public async Task A_base_backup_without(string what, string change, string says)
    {
        var report = await RunAsync(production.CopyOfBase("bad", change.Replace("$(PATIENT)", production.FileOf("patient"), StringComparison.Ordinal).Replace("$(INDEX)", production.FileOf("patient_pkey"), StringComparison.Ordinal)), BaseOf());
        report.Verdict.Should().Be(Verdict.Failed, $"{what}: {Said(report)}");
        report.Steps[1].Detail.English.Should().Contain(says);
        report.Findings.Should().Contain(f => f.Kind == DrillFindings.ProbeFailed);
    }

    [Theory]
    [InlineData("as it is", "true")]
    [InlineData("compressed", "gzip 0*[024]; zstd -q --rm 0*[13]")]
    public async Task Archived_WAL_is_replayed_to_its_end(string form, string change)
    {
        var report = await RunAsync(production.CopyOfArchive(change), BaseOf("srv/wal"), Sql("select count(*) from patient", "= 3503"));
        report.Verdict.Should().Be(Verdict.Proved, $"{form}: {Said(report)}");
    }

    [Theory]
    [InlineData("a segment is missing", "rm $(ls 0* | grep -v backup | tail -n 2 | head -n 1)", "could not be reached")]
    [InlineData("a segment is damaged", "f=$(ls 0* | grep -v backup | tail -n 2 | head -n 1); head -c 1048576 /dev/urandom > $f", "could not be reached")]
    [InlineData("a compressed segment is cut", "f=$(ls 0* | grep -v backup | tail -n 2 | head -n 1); gzip $f; truncate -s 500 $f.gz", "does not come up")]
    public async Task A_hole_in_the_archive_is_found(string hole, string change, string says)
    {
        var report = await RunAsync(production.CopyOfArchive(change), BaseOf("srv/wal"));
        report.Verdict.Should().Be(Verdict.Failed, $"{hole}: {Said(report)}");
        report.Steps[1].Detail.English.Should().Contain(says);
    }

    [Theory]
    [InlineData("custom", "true", "-Fc")]
    [InlineData("folder", "true", "-Fd")]
    [InlineData("plain", "true", "-Fp")]
    [InlineData("plain with its database", "true", "-Fp", "-C")]
    [InlineData("plain in gzip", "gzip dpi.dump; mv dpi.dump.gz dpi.dump", "-Fp")]
    [InlineData("plain in zstd", "zstd -q --rm dpi.dump; mv dpi.dump.zst dpi.dump", "-Fp")]
    [InlineData("whole cluster", "true", "all")]
    public async Task A_dump_is_loaded_and_read_and_its_alarm_rings(string form, string change, params string[] options)
    {
        var report = await ControlledAsync(production.Dump(change, options), Dump, Sql("select count(*) from patient", "= 3503"));
        report.Verdict.Should().Be(Verdict.Proved, $"{form}: {Said(report)}");
        report.Steps[1].Measures["rows"].Should().Be(3503 + 50 + 1);
        report.AlarmProved.Should().BeTrue($"{form}: {Said(report)}");
    }

    [Theory]
    [InlineData("cut in the middle", "truncate -s 40000 dpi.dump", "cut off", "-Fp")]
    [InlineData("cut at the end of a statement", "sed -i '/^ALTER TABLE ONLY/,$d' dpi.dump", "cut off", "-Fp")]
    [InlineData("a damaged row", "sed -i '0,/^17\\t/s//x17\\t/' dpi.dump", "SQLSTATE 22", "-Fp")]
    [InlineData("a damaged archive", "truncate -s 12000 dpi.dump", "pg_restore|read to its end|SQLSTATE", "-Fc")]
    [InlineData("a lost part", "rm dpi.dump/[0-9]*.dat.gz", "read to its end", "-Fd")]
    [InlineData("no table", "true", "no table", "-Fc", "-n", "public", "-T", "*")]
    [InlineData("no row", "true", "not one row", "-Fc", "-s", "-T", "counted")]
    [InlineData("no dump", "mv dpi.dump other", "no dump", "-Fc")]
    public async Task A_dump_with(string damage, string change, string says, params string[] options)
    {
        var report = await RunAsync(production.Dump(change, options), Dump);
        report.Verdict.Should().Be(Verdict.Failed, $"{damage}: {Said(report)}");
        report.Steps[1].Detail.English.Should().MatchRegex(says);
    }

    [Fact]
    public async Task A_dump_that_wants_an_extension_that_this_machine_lacks_is_not_judged()
    {
        var report = await RunAsync(production.Dump("sed -i '0,/^CREATE SCHEMA/s//CREATE EXTENSION IF NOT EXISTS no_such_extension WITH SCHEMA public;\\nCREATE SCHEMA/' dpi.dump", "-Fp"), Dump);
        report.Verdict.Should().Be(Verdict.Inconclusive, Said(report));
        report.Steps[1].Detail.English.Should().Contain("extension no_such_extension is not installed");
    }
}
