using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Xunit;

namespace BackupGuard.System.Tests;

/// <summary>A throw-away PostgreSQL cluster with a tablespace, backed up by pgBackRest into a folder: encrypted, bundled, zst; once full and once differential.</summary>
public sealed class PgBackRestCluster : IAsyncLifetime
{
    public const string Passphrase = "fixture-only-passphrase";
    private const int Rows = 1000;

    public static string ExpectedRows { get; } = $"{Rows + 5},{Rows}";

    public string Folder { get; } = Directory.CreateTempSubdirectory("bg-pgbackrest-").FullName;
    public string Repository => Path.Combine(Folder, "repo");
    public string PasswordFile => Path.Combine(Folder, "agent.pass");
    private string Data => Path.Combine(Folder, "data");
    private string OwnConfig => Path.Combine(Folder, "own.conf");

    public async Task InitializeAsync()
    {
        Directory.CreateDirectory(Path.Combine(Folder, "space"));
        await File.WriteAllTextAsync(OwnConfig, ConfigText(Repository) + $"repo1-cipher-pass={Passphrase}\n[demo]\npg1-path={Data}\npg1-socket-path={Folder}\n");
        await File.WriteAllTextAsync(PasswordFile, Passphrase + "\n");
        if (Environment.IsPrivilegedProcess) await Programs.MustAsync("chown", "-R", "postgres", Folder);
        await ServerAsync("initdb", "-D", Data, "-k", "-A", "trust", "-U", "postgres", "--no-sync", "--wal-segsize=1");
        await AsServerAsync("sh", "-c", $"printf '%s\\n' \"listen_addresses=''\" \"unix_socket_directories='{Folder}'\" archive_mode=on wal_level=replica fsync=off \"archive_command='pgbackrest --config={OwnConfig} --stanza=demo archive-push %p'\" > {Data}/postgresql.conf");
        await ServerAsync("pg_ctl", "-D", Data, "-l", Path.Combine(Folder, "log"), "-w", "start");
        try
        {
            await ToolAsync("stanza-create");
            await QueryAsync(Folder, $"create tablespace ext location '{Folder}/space'");
            await QueryAsync(Folder, $"create table t as select g from generate_series(1, {Rows}) g; create table spaced tablespace ext as select g from generate_series(1, {Rows}) g");
            await ToolAsync("backup", "--type=full");
            await QueryAsync(Folder, "insert into t select g from generate_series(1, 5) g");
            await ToolAsync("backup", "--type=diff");
        }
        finally
        {
            await ServerAsync("pg_ctl", "-D", Data, "-m", "fast", "-w", "stop");
        }
    }

    public async Task DisposeAsync() => await Programs.MustAsync("rm", "-rf", Folder);

    /// <summary>A copy of the repository, and a configuration that leads there and holds no secret.</summary>
    public async Task<(string Config, string Repository)> CopyAsync(string name)
    {
        var copy = Path.Combine(Folder, name);
        await Programs.MustAsync("cp", "-a", Repository, copy);
        var config = copy + ".conf";
        await File.WriteAllTextAsync(config, ConfigText(copy));
        return (config, copy);
    }

    private string ConfigText(string repository) =>
        $"[global]\nrepo1-path={repository}\nrepo1-bundle=y\nrepo1-cipher-type=aes-256-cbc\nrepo1-retention-full=9\ncompress-type=zst\nstart-fast=y\nlog-level-file=off\nlock-path={Folder}/lock\nspool-path={Folder}/spool\nlog-path={Folder}/log.d\n";

    /// <summary>Starts a server on a restored folder, asks it, and stops it.</summary>
    public async Task<string> AskRestoredAsync(string restored, string statement)
    {
        await Programs.MustAsync("chmod", "700", restored);
        if (Environment.IsPrivilegedProcess) await Programs.MustAsync("chown", "-R", "postgres", restored);
        var socket = Path.Combine(Folder, "s2");
        await AsServerAsync("mkdir", "-p", socket);
        await ServerAsync("pg_ctl", "-D", restored, "-o", $"-c unix_socket_directories={socket}", "-l", Path.Combine(socket, "log"), "-w", "start");
        try
        {
            return await QueryAsync(socket, statement);
        }
        finally
        {
            await ServerAsync("pg_ctl", "-D", restored, "-m", "fast", "-w", "stop");
        }
    }

    private Task<string> ToolAsync(params string[] verb) => AsServerAsync("pgbackrest", [$"--config={OwnConfig}", "--stanza=demo", .. verb]);

    private static async Task<string> QueryAsync(string socket, string statement) => (await ServerAsync("psql", "-qAt", "-h", socket, "-U", "postgres", "-c", statement, "postgres")).Trim();

    private static Task<string> ServerAsync(string program, params string[] arguments)
    {
        var bin = Directory.Exists("/usr/lib/postgresql") ? Directory.EnumerateDirectories("/usr/lib/postgresql").Select(d => Path.Combine(d, "bin")).Where(d => File.Exists(Path.Combine(d, "initdb"))).Order(StringComparer.Ordinal).LastOrDefault() : null;
        return AsServerAsync(bin is null ? program : Path.Combine(bin, program), arguments);
    }

    private static Task<string> AsServerAsync(string program, params string[] arguments) =>
        Environment.IsPrivilegedProcess ? Programs.MustAsync("runuser", ["-u", "postgres", "--", program, .. arguments]) : Programs.MustAsync(program, arguments);
}

/// <summary>The agent, the real pgBackRest, and a real server started on what came back.</summary>
public sealed class RealPgBackRest(PgBackRestCluster cluster) : IClassFixture<PgBackRestCluster>
{
    private Task<Programs.Ended> AgentAsync(string verb, string config, params string[] more) =>
        Programs.AgentAsync([verb, "pgbackrest:demo", .. more, "--tool-config", config, "--password-file", cluster.PasswordFile, "--state", Path.Combine(cluster.Folder, "state"), "--format", "json"]);

    private static string[] Codes(string json) => [.. JsonDocument.Parse(json).RootElement.GetProperty("findings").EnumerateArray().Select(f => f.GetProperty("code").GetString()!)];

    /// <summary>Names, lengths, modes, times and bytes.</summary>
    private static string Fingerprint(string folder)
    {
        var text = new StringBuilder();
        foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos("*", SearchOption.AllDirectories).OrderBy(e => e.FullName, StringComparer.Ordinal))
            text.Append(entry.FullName).Append(entry.LastWriteTimeUtc.Ticks).Append(entry.UnixFileMode).Append(entry is FileInfo { LinkTarget: null } ? Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(entry.FullName))) : entry.LinkTarget).Append('\n');
        return text.ToString();
    }

    [Fact]
    public async Task A_backup_with_a_tablespace_is_proved_restored_and_starts()
    {
        var (config, repository) = await cluster.CopyAsync("whole");
        var before = Fingerprint(repository);
        var verified = await AgentAsync("verify", config);
        Assert.True(verified.ExitCode == 0, verified.Output + verified.Error);
        var document = JsonDocument.Parse(verified.Output).RootElement;
        Assert.Equal("pgBackRest", document.GetProperty("drivenBy").GetProperty("tool").GetString());
        Assert.Equal(2, document.GetProperty("snapshots").GetArrayLength());
        Assert.DoesNotContain(PgBackRestCluster.Passphrase, verified.Output + verified.Error, StringComparison.Ordinal);

        var to = Path.Combine(cluster.Folder, "restored");
        var restored = await AgentAsync("restore", config, "latest", "--to", to, "--scratch", cluster.Folder);
        Assert.True(restored.ExitCode == 0, restored.Output + restored.Error);
        Assert.Contains("BG1824", Codes(restored.Output));
        Assert.Contains("BG1825", Codes(restored.Output));
        Assert.Equal(before, Fingerprint(repository));

        var answer = await cluster.AskRestoredAsync(to, "select (select count(*) from t) || ',' || (select count(*) from spaced) || ' ' || current_setting('archive_mode')");
        Assert.Equal(PgBackRestCluster.ExpectedRows + " off", answer);
    }

    [Theory]
    [InlineData("bundle-cut", "truncate -s -40 backup/demo/*F/bundle/1", "BG1815", false)]
    [InlineData("bundle-gone", "rm backup/demo/*F/bundle/2", "BG1814", false)]
    [InlineData("bundle-flipped", "printf '\\377\\0\\377' | dd of=$(echo backup/demo/*F/bundle/1) bs=1 seek=5000 conv=notrunc status=none", "BG1804", false)]
    [InlineData("wal-gone", "rm $(ls archive/demo/*/*/*.zst | tail -1)", "BG1816", true)]
    [InlineData("manifest-edited", "printf x | dd of=$(echo backup/demo/*D/backup.manifest) bs=1 seek=500 conv=notrunc status=none", "BG1810", true)]
    [InlineData("info-edited", "printf x | dd of=backup/demo/backup.info bs=1 seek=100 conv=notrunc status=none", "BG1810", true)]
    [InlineData("info-copy-gone", "rm backup/demo/backup.info.copy", "BG1810", true)]
    [InlineData("manifest-copy-gone", "rm backup/demo/*D/backup.manifest.copy", "BG1810", true)]
    [InlineData("full-gone", "rm -r backup/demo/*F", "BG1812", false)]
    [InlineData("all-gone", "rm -r backup/demo/2*", "BG1821", true)]
    public async Task Damage_is_found_and_pgbackrest_verify_ends_with_status_0_all_the_same(string name, string damage, string code, bool toolSaysOk)
    {
        var (config, repository) = await cluster.CopyAsync(name);
        await Programs.MustAsync("sh", "-c", $"cd {repository} && {damage}");
        var verified = await AgentAsync("verify", config);
        Assert.True(verified.ExitCode == 1, verified.Output + verified.Error);
        Assert.Contains(code, Codes(verified.Output));

        var theirs = await Programs.RunAsync("pgbackrest", ["verify", "--stanza=demo", "--output=text", "--verbose", "--log-level-file=off", "--log-level-console=off"], ("PGBACKREST_CONFIG", config), ("PGBACKREST_REPO1_CIPHER_PASS", PgBackRestCluster.Passphrase));
        Assert.Equal(0, theirs.ExitCode);
        Assert.Equal(toolSaysOk, theirs.Output.Contains("status: ok", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_or_with_a_wrong_passphrase_nothing_is_known()
    {
        var (config, _) = await cluster.CopyAsync("locked");
        var without = await Programs.RunAsync("dotnet", [Programs.Agent, "verify", "pgbackrest:demo", "--tool-config", config], ("BACKUPGUARD_PASSWORD", null));
        Assert.True(without.ExitCode == 3, without.Error);
        Assert.Contains("BG1801", without.Error, StringComparison.Ordinal);
        var wrong = await Programs.AgentAsync("verify", "pgbackrest:demo", "--tool-config", config);
        Assert.NotEqual(0, wrong.ExitCode);
        Assert.DoesNotContain(Programs.Password, wrong.Output + wrong.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_drill_restores_it_and_asks_the_restored_files()
    {
        var (config, _) = await cluster.CopyAsync("drilled");
        var yaml = Path.Combine(cluster.Folder, "agent.yaml");
        await File.WriteAllTextAsync(yaml, $$"""
            state: {{cluster.Folder}}/drill-state
            repositories:
              dpi:
                address: "pgbackrest:demo"
                application: dpi
                passwordFile: {{cluster.PasswordFile}}
                tool: { config: {{config}}, scratch: {{cluster.Folder}}, timeout: PT5M }
            drills:
              dpi-weekly:
                repository: dpi
                timeZone: Europe/Paris
                sandbox: {{cluster.Folder}}/sandbox
                probes:
                  - { kind: count, minFiles: 500 }
                  - { kind: exists, glob: "pg_wal/0000*" }
            """);
        var checkedConfig = await Programs.AgentAsync("check-config", "--config", yaml);
        Assert.True(checkedConfig.ExitCode == 0, checkedConfig.Error);
        var drilled = await Programs.AgentAsync("drill", "dpi-weekly", "--config", yaml, "--format", "json");
        Assert.True(drilled.ExitCode == 0, drilled.Output + drilled.Error);
        var document = JsonDocument.Parse(drilled.Output).RootElement;
        Assert.Equal("proved", document.GetProperty("verdict").GetString());
        Assert.Equal("pgBackRest", document.GetProperty("drivenBy").GetProperty("tool").GetString());
    }
}
