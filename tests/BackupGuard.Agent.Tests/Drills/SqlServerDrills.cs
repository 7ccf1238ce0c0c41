using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using BackupGuard.Agent.Config;
using BackupGuard.Agent.Drills;
using BackupGuard.Agent.Drills.SqlServer;
using BackupGuard.Agent.Tests.Hosting;
using BackupGuard.Verification;
using BackupGuard.Verification.Drills;
using BackupGuard.Verification.Drills.Engines.Sql;
using BackupGuard.Verification.Drills.Engines.SqlServer;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Agent.Tests.Drills;

/// <summary>A drill on a SQL Server of the hospital. There is none here: tests/servers/sqlcmd.py plays sqlcmd and the server behind it, with what both are documented to print.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class SqlServerDrills : IDisposable
{
    private const string Password = "geheim-8241";
    private readonly TestFolder _disk = new();

    public SqlServerDrills()
    {
        foreach (var folder in (string[])["backup/dumps", "exchange", "bin/world/databases", "state"]) Directory.CreateDirectory(_disk[folder]);
        // A link: a program that was just written may be refused as busy while another test starts one.
        File.CreateSymbolicLink(_disk["bin/sqlcmd"], StandIn());
        File.WriteAllText(_disk["password"], Password + "\n");
        World();
        Backup();
    }

    public void Dispose() => _disk.Dispose();

    private static string StandIn([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../servers/sqlcmd.py"));    // this file has a folder

    private SqlServerEngine Engine => new("sqlserver", "srv-test\\DRILL", PathOf("dumps/dpi.bak"), _disk["exchange"], _disk["exchange"], "D:\\BackupGuard")
    {
        User = "backupguard", PasswordFile = _disk["password"], Program = _disk["bin/sqlcmd"], Timeout = TimeSpan.FromMinutes(1),
    };

    private static RestoredPath PathOf(string text) => RestoredPath.TryParse(text, out var path, out var refusal) ? path : throw new ArgumentException(refusal);

    private void World(params (string Name, JsonNode Value)[] rules)
    {
        var world = new JsonObject { ["password"] = Password };
        foreach (var (name, value) in rules) world[name] = value;
        File.WriteAllText(_disk["bin/world/world.json"], world.ToJsonString());
    }

    /// <summary>What the stand-in takes for a backup: see its own heading.</summary>
    private void Backup(JsonObject? head = null, string rows = """{"patient": 120, "stay": 40}""")
    {
        var body = Encoding.UTF8.GetBytes(rows + "\n" + new string('.', 200_000));
        var heading = head ?? [];
        heading["length"] = body.Length;
        heading["sha256"] = Convert.ToHexStringLower(SHA256.HashData(body));
        File.WriteAllBytes(_disk["backup/dumps/dpi.bak"], [.. Encoding.UTF8.GetBytes("TAPEMSSQ" + heading.ToJsonString().PadRight(504)), .. body]);
    }

    private Task<DrillReport> RunAsync(params Probe[] steps) => RunAsync(withControl: false, steps);

    private async Task<DrillReport> RunAsync(bool withControl, params Probe[] steps)
    {
        using var sandbox = new DirectorySandbox(new SandboxSettings(_disk["sandbox"], null, OwnsFiles: true), "sql", "files:/nowhere", [], folder => new PlainTarget(folder), TimeProvider.System);
        var runner = new DrillRunner(DrillSteps.Runners(sandbox.Restored, TimeProvider.System, _disk["state"]), TimeProvider.System) { WithControl = withControl };
        return await runner.RunAsync(new DrillPlan("sql", "dpi", "files:/nowhere", SnapshotRule.Latest, steps),
            _ => ValueTask.FromResult<IBackupRepository>(new FolderRepository(_disk["backup"], TimeProvider.System)), sandbox, null, CancellationToken.None);
    }

    private IEnumerable<string> Databases => Directory.EnumerateFiles(_disk["bin/world/databases"]).Select(Path.GetFileName)!;
    private string Statements => File.ReadAllText(_disk["bin/world/statements"]);

    private void NothingIsLeft()
    {
        Databases.Should().BeEmpty();
        Directory.EnumerateFileSystemEntries(_disk["exchange"]).Should().BeEmpty();
        Directory.EnumerateFileSystemEntries(_disk["state/drills/sqlserver"]).Should().BeEmpty();
    }

    [Theory]
    [InlineData("odbc", "18.4.0001.1")]
    [InlineData("go", "1.8.2")]
    public async Task A_good_backup_is_restored_checked_asked_dropped_and_its_alarm_rings(string kind, string version)
    {
        World(("kind", kind), ("newest", "2026-01-05 10:00:00.000"));
        var report = await RunAsync(withControl: true, Engine, DatabaseDrills.Sql("select count(*) from patient", "= 120", "sqlserver/DPI"),
            new NewestDateProbe("select max(admitted) from stay", TimeSpan.FromDays(36500), TimeZoneInfo.Utc, new SqlPlace(null, null), TimeSpan.FromMinutes(1), null));
        report.Verdict.Should().Be(Verdict.Proved, DatabaseDrills.Said(report));
        report.AlarmProved.Should().BeTrue(DatabaseDrills.Said(report));
        report.Steps[1].Detail.English.Should().Be($"restored on SQL Server 16.0.4165.4 of the hospital, driven by sqlcmd {version}, not in a room; 160 rows of 2 tables read, DBCC CHECKDB found nothing");
        report.Findings.Should().Contain(f => f.Code == "BG1470" && f.Message("en").Contains("srv-test\\DRILL"));
        report.Control!.Single(c => c.Name == "sqlserver dumps/dpi.bak").Detail.English.Should().Be("RESTORE VERIFYONLY refuses the backup: error 3189: the backup is damaged");
        report.CleanedUp.Should().BeTrue();
        NothingIsLeft();
        Statements.Should().NotContain("REPLACE").And.Contain("WITH FILE = 1, MOVE N'DPI' TO N'D:\\BackupGuard\\BackupGuardDrill_").And.Contain("CHECKSUM, RESTRICTED_USER");
    }

    [Fact]
    public async Task The_password_is_in_the_environment_and_nowhere_else_and_nothing_of_ours_is_beside_it()
    {
        Environment.SetEnvironmentVariable("BACKUPGUARD_TEST_SECRET", "of the agent");
        var report = await RunAsync(Engine);
        report.Verdict.Should().Be(Verdict.Proved, DatabaseDrills.Said(report));
        var calls = File.ReadAllLines(_disk["bin/world/log"]).Select(l => JsonDocument.Parse(l).RootElement).ToList();
        calls.Should().OnlyContain(c => c.GetProperty("environment").GetProperty("SQLCMDPASSWORD").GetString() == Password);
        calls.Should().OnlyContain(c => !c.GetProperty("arguments").GetRawText().Contains(Password) && !c.GetProperty("environment").GetRawText().Contains("of the agent"));
        (DatabaseDrills.Said(report) + string.Join('\n', report.Findings.Select(f => f.Message("en")))).Should().NotContain(Password);
    }

    [Fact]
    public async Task Names_from_the_backup_are_quoted_and_those_that_could_give_orders_are_refused()
    {
        Backup(new JsonObject { ["logical"] = "x'; DROP DATABASE [prod]--" });
        (await RunAsync(Engine)).Verdict.Should().Be(Verdict.Proved);
        Statements.Should().Contain("MOVE N'x''; DROP DATABASE [prod]--' TO");
        Backup(new JsonObject { ["logical"] = "x\u2028GO" });
        var report = await RunAsync(Engine);
        report.Steps[1].Should().Match<DrillStep>(s => s.Verdict == Verdict.Inconclusive && s.Detail.English.Contains("cannot be written safely"));
        NothingIsLeft();
    }

    [Theory]
    [InlineData("SRV-DPI", "refused", Verdict.Inconclusive)]
    [InlineData("srv-dpi", "refused", Verdict.Inconclusive)]
    [InlineData("SRV-DPI", "allowed", Verdict.Proved)]
    [InlineData("SRV-OTHER", "refused", Verdict.Proved)]
    public async Task Nothing_is_restored_beside_the_instance_that_made_the_backup(string server, string source, Verdict expected)
    {
        World(("server", server));
        var report = await RunAsync(Engine with { MayBeSource = source == "allowed" });
        report.Verdict.Should().Be(expected, DatabaseDrills.Said(report));
        if (expected == Verdict.Inconclusive) Statements.Should().NotContain("RESTORE DATABASE");
        NothingIsLeft();
    }

    [Fact]
    public async Task A_backup_that_does_not_say_where_it_was_made_is_not_restored()
    {
        Backup(new JsonObject { ["server"] = "" });
        var report = await RunAsync(Engine);
        report.Steps[1].Detail.English.Should().StartWith("the backup does not say which instance made it");
        Statements.Should().NotContain("RESTORE DATABASE");
    }

    /// <summary>What a damaged backup and a damaged database look like, with a program that lies about its exit code and one that speaks French.</summary>
    [Theory]
    [InlineData("""{"fault": "checkdb"}""", "DBCC CHECKDB names at least 2 errors: 8928, 8939")]
    [InlineData("""{"fault": "checkdb", "kind": "go"}""", "DBCC CHECKDB names at least 1 errors: 8928")]
    [InlineData("""{"fault": "checkdb", "language": "fr"}""", "DBCC CHECKDB names at least 2 errors: 8928, 8939")]
    [InlineData("""{"fault": "checkdb", "on": "CHECKDB", "exit": 0}""", "DBCC CHECKDB names at least 2 errors: 8928, 8939")]
    [InlineData("""{"unreadable": "stay"}""", "1 tables could not be read: [dbo].[stay] (824)")]
    [InlineData("""{"state": "SUSPECT"}""", "the restored database is in the state SUSPECT")]
    public async Task Damage_in_the_database_fails(string world, string said)
    {
        World([.. JsonNode.Parse(world)!.AsObject().Select(p => (p.Key, p.Value!.DeepClone()))]);
        var report = await RunAsync(Engine);
        report.Steps[1].Should().Match<DrillStep>(s => s.Verdict == Verdict.Failed && s.Detail.English == said, DatabaseDrills.Said(report));
        JsonSerializer.Serialize(report.Steps).Should().NotContain("DUPONT");
        NothingIsLeft();
    }

    /// <summary>Everything that a program can do instead of answering.</summary>
    [Theory]
    [InlineData("""{"fault": "down"}""", "the test instance does not answer: the instance could not be asked (exit code 1)")]
    [InlineData("""{"fault": "silent", "on": "VERIFYONLY"}""", "RESTORE VERIFYONLY refuses the backup: the instance could not be asked (exit code 0)")]
    [InlineData("""{"fault": "silent", "on": "DBCC"}""", "DBCC CHECKDB could not check the database: the instance could not be asked (exit code 0)")]
    [InlineData("""{"fault": "half", "on": "RESTORE DATABASE"}""", "the backup cannot be restored: the answer broke off (exit code 0)")]
    [InlineData("""{"exit": 1, "on": "DBCC"}""", "DBCC CHECKDB could not check the database: sqlcmd ended with exit code 1 and named no error")]
    [InlineData("""{"fault": "no-database"}""", "RESTORE named no error, and no database is there afterwards")]
    [InlineData("""{"fault": "no-snapshot"}""", "DBCC CHECKDB could not check the database: error 7928")]
    [InlineData("""{"noted": "no"}""", "DBCC CHECKDB named no error, but the server itself does not hold that a check went well")]
    [InlineData("""{"state": "RECOVERY_PENDING"}""", "the restored database is in the state RECOVERY_PENDING")]
    public async Task Where_the_program_does_not_say_clearly_that_it_went_well_nothing_is_known(string world, string said)
    {
        World([.. JsonNode.Parse(world)!.AsObject().Select(p => (p.Key, p.Value!.DeepClone()))]);
        var report = await RunAsync(Engine);
        report.Steps[1].Should().Match<DrillStep>(s => s.Verdict == Verdict.Inconclusive && s.Detail.English == said, DatabaseDrills.Said(report));
    }

    [Fact]
    public async Task A_restore_that_hangs_is_ended_and_its_database_dropped()
    {
        World(("fault", "hang"), ("on", "RESTORE DATABASE"));
        var (clock, engine) = (new HastyClock(), Engine);
        var client = new SqlcmdClient(engine, _disk["state"], clock);
        var report = await RunWithAsync(client, engine);
        report.Steps[1].Should().Match<DrillStep>(s => s.Verdict == Verdict.Inconclusive && s.Detail.English == "the backup cannot be restored: it did not end in time");
        report.CleanedUp.Should().BeTrue();
        NothingIsLeft();
    }

    private async Task<DrillReport> RunWithAsync(SqlcmdClient client, params Probe[] steps)
    {
        using var sandbox = new DirectorySandbox(new SandboxSettings(_disk["sandbox"], null, OwnsFiles: true), "sql", "files:/nowhere", [], folder => new PlainTarget(folder), TimeProvider.System);
        return await new DrillRunner([new SqlServerRunner(_ => client)], TimeProvider.System).RunAsync(new DrillPlan("sql", "dpi", "files:/nowhere", SnapshotRule.Latest, steps),
            _ => ValueTask.FromResult<IBackupRepository>(new FolderRepository(_disk["backup"], TimeProvider.System)), sandbox, null, CancellationToken.None);
    }

    /// <summary>A minute and a half, which is what the engine above gives a statement, pass in six seconds.</summary>
    private sealed class HastyClock : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => base.CreateTimer(callback, state, dueTime == TimeSpan.FromSeconds(90) ? TimeSpan.FromSeconds(6) : dueTime, period);
    }

    [Theory]
    [InlineData("""{"damaged": 1}""", Verdict.Failed, "the backup's header says that it was made from damaged data")]
    [InlineData("""{"type": 2}""", Verdict.Inconclusive, "the file holds no backup of a whole database: logs and differences cannot be restored by themselves")]
    [InlineData("""{"type": null}""", Verdict.Failed, "the backup was never finished")]
    public async Task The_header_of_the_backup_decides_whether_it_can_be_restored(string set, Verdict verdict, string said)
    {
        Backup(new JsonObject { ["sets"] = new JsonArray(JsonNode.Parse(set)) });
        var report = await RunAsync(Engine);
        report.Steps[1].Should().Match<DrillStep>(s => s.Verdict == verdict && s.Detail.English == said, DatabaseDrills.Said(report));
    }

    [Fact]
    public async Task Of_several_backups_in_one_file_the_last_whole_one_is_restored()
    {
        Backup(new JsonObject { ["sets"] = new JsonArray(new JsonObject(), new JsonObject(), new JsonObject { ["type"] = 2 }) });
        (await RunAsync(Engine)).Verdict.Should().Be(Verdict.Proved);
        Statements.Should().Contain("WITH FILE = 2, MOVE");
    }

    [Fact]
    public async Task A_backup_that_is_cut_off_or_none_or_empty_fails()
    {
        var whole = await File.ReadAllBytesAsync(_disk["backup/dumps/dpi.bak"]);
        await File.WriteAllBytesAsync(_disk["backup/dumps/dpi.bak"], whole[..100_000]);
        (await RunAsync(Engine)).Steps[1].Should().Match<DrillStep>(s => s.Verdict == Verdict.Failed && s.Detail.English.Contains("error 3203"));
        await File.WriteAllBytesAsync(_disk["backup/dumps/dpi.bak"], whole[100..]);
        (await RunAsync(Engine)).Steps[1].Should().Match<DrillStep>(s => s.Verdict == Verdict.Failed && s.Detail.English.Contains("error 3241"));
        Backup(rows: """{"patient": 0}""");
        (await RunAsync(Engine)).Steps[1].Should().Match<DrillStep>(s => s.Verdict == Verdict.Failed && s.Detail.English == "1 tables, and not one row");
        NothingIsLeft();
    }

    [Fact]
    public async Task Questions_read_only_and_a_missing_table_is_no_answer_but_a_fault_of_the_data()
    {
        var report = await RunAsync(Engine, DatabaseDrills.Sql("select count(*) from gone", "> 0"), DatabaseDrills.Sql("update patient set name = ''", "= 1"), DatabaseDrills.Sql("select count(*) from stay", "= 40", "sqlserver/OTHER"));
        report.Steps.Skip(2).Take(3).Select(s => (s.Verdict, s.Detail.English)).Should().Equal(
            (Verdict.Failed, "the query was not answered: error 208: a table is not there"),
            (Verdict.Inconclusive, "the query was not answered: error 3906: it writes, and a question must only read"),
            (Verdict.Failed, "the backup holds no database of that name"));
    }

    [Fact]
    public async Task A_database_that_cannot_be_dropped_is_told_and_dropped_by_the_next_start()
    {
        World(("fault", "undroppable"));
        var report = await RunAsync(Engine);
        report.CleanedUp.Should().BeFalse();
        report.Findings.Single(f => f.Code == "BG1406").Message("en").Should().Contain("is still on the test instance: error 3702");
        var left = Databases.Should().ContainSingle().Subject;

        World();
        (await RestoredDatabases.RemoveLeftoversAsync(Settings(Engine), TimeProvider.System, default)).Should().Equal((left, "srv-test\\DRILL", (string?)null));
        NothingIsLeft();
        (await RestoredDatabases.RemoveLeftoversAsync(Settings(Engine), TimeProvider.System, default)).Should().BeEmpty();
    }

    [Fact]
    public async Task Only_what_a_dead_drill_noted_under_a_name_of_ours_is_dropped()
    {
        await File.WriteAllTextAsync(_disk["bin/world/databases/DPI"], "{}");
        var client = new SqlcmdClient(Engine, _disk["state"], TimeProvider.System);
        using (client.Remember("DPI", "DPI.bak")) { }
        var alive = SqlServerName('a');
        await File.WriteAllTextAsync(_disk["bin/world/databases/" + alive], "{}");
        using var held = client.Remember(alive, alive + ".bak");
        var found = await RestoredDatabases.RemoveLeftoversAsync(Settings(Engine), TimeProvider.System, default);
        found.Should().Equal(("DPI", "srv-test\\DRILL", "DPI is no database that this agent made, and was not touched"));
        Databases.Should().BeEquivalentTo("DPI", alive);
    }

    [Fact]
    public async Task A_database_whose_instance_is_no_longer_named_stays_and_is_told_at_each_start()
    {
        var name = SqlServerName('b');
        using (new SqlcmdClient(Engine, _disk["state"], TimeProvider.System).Remember(name, name + ".bak")) { }
        var settings = Settings(Engine with { Instance = "another" });
        for (var start = 0; start < 2; start++) (await RestoredDatabases.RemoveLeftoversAsync(settings, TimeProvider.System, default)).Should().ContainSingle().Which.Left.Should().Contain("no step of agent.yaml names the instance");
    }

    [Fact]
    public async Task Without_a_state_folder_that_remembers_no_database_is_made()
    {
        var report = await RunWithAsync(new SqlcmdClient(Engine, "", TimeProvider.System), Engine);
        report.Steps[1].Should().Match<DrillStep>(s => s.Verdict == Verdict.Inconclusive && s.Detail.English.Contains("would be forgotten"));
        Statements.Should().NotContain("RESTORE");
    }

    private static string SqlServerName(char digit) => "BackupGuardDrill_" + new string(digit, 32);

    private AgentSettings Settings(SqlServerEngine engine)
    {
        var repository = new RepositorySettings("dpi", "files:/nowhere", null, "dpi", null);
        var drill = new DrillSettings(repository, new DrillPlan("sql", "dpi", "files:/nowhere", SnapshotRule.Latest, [engine]), null!, new SandboxSettings(_disk["sandbox"], null, true));
        return new AgentSettings { File = _disk["agent.yaml"], StateFolder = _disk["state"], Repositories = [repository], Drills = [drill] };
    }

    [Fact]
    public async Task The_service_drops_what_a_killed_drill_left_and_says_so_in_evidence()
    {
        using var agent = new CommandRun();
        var name = SqlServerName('c');
        await File.WriteAllTextAsync(_disk["bin/world/databases/" + name], "{}");
        Directory.CreateDirectory(agent.Disk["state"]);
        using (new SqlcmdClient(Engine, agent.Disk["state"], TimeProvider.System).Remember(name, name + ".bak")) { }
        var config = agent.Config($"- {{ kind: sqlserver, path: dpi.bak, instance: 'srv-test\\DRILL', exchange: {_disk["exchange"]}, data: 'D:\\BackupGuard', user: backupguard, passwordFile: {_disk["password"]}, program: {_disk["bin/sqlcmd"]} }}");
        using var stop = new CancellationTokenSource();
        var service = Task.Run(() => agent.InvokeAsync(stop.Token, "run", "--config", config));
        SpinWait.SpinUntil(() => { lock (agent.Spool.Entries) return service.IsCompleted || agent.Spool.Entries.Any(e => e.Type == "drill.cleanup"); }, TimeSpan.FromSeconds(60)).Should().BeTrue();
        await stop.CancelAsync();
        await service.WaitAsync(TimeSpan.FromSeconds(60));
        agent.Spool.Entries.Single(e => e.Type == "drill.cleanup").Payload.Should().Contain(name).And.Contain("\"removed\":true");
        Databases.Should().BeEmpty();
    }
}
