using System.Globalization;
using BackupGuard.Verification.Tests.Stores;
using Xunit;

namespace BackupGuard.Verification.Tests.Postgres;

[CollectionDefinition(Name)]
public sealed class PostgresCluster : ICollectionFixture<PostgresFixture>
{
    public const string Name = "a PostgreSQL cluster";
}

/// <summary>One cluster a test run, with data checksums, a tablespace and WAL segments of 1 MiB, on a socket of its own; and backups of it by pg_basebackup.</summary>
public sealed class PostgresFixture : IDisposable
{
    public const int Rows = 3000;

    private readonly string folder = Directory.CreateTempSubdirectory("bg-pg-").FullName;
    private readonly string data;
    private int spaces;

    public PostgresFixture()
    {
        data = Path.Combine(folder, "data");
        Directory.CreateDirectory(Path.Combine(folder, "space"));
        PostgresTools.GiveToServer(folder);
        PostgresTools.RunAsServer("initdb", "-D", data, "-k", "-A", "trust", "-U", "postgres", "--no-sync", "--wal-segsize=1");
        Start(data);
        Query($"create tablespace ext location '{folder}/space'");
        Query($"create table t as select g, repeat('x', g % 90) as x from generate_series(1, {Rows}) g");
        Query($"create table spaced tablespace ext as select g from generate_series(1, {Rows}) g");
        Query("create table load (g int, x text)");
        Query("create table spoilt as select g, repeat('y', 50) as x from generate_series(1, 2000) g");
        Query("checkpoint");
    }

    public string Query(string statement) => QueryAt(folder, statement);

    /// <summary>A backup in plain format; its tablespace lies beside it, behind a link.</summary>
    internal string Plain(string name, params string[] options) =>
        Backup(name, ["-T", $"{folder}/space={folder}/space-{name}-{Interlocked.Increment(ref spaces)}", .. options]);

    internal string Tar(string name, params string[] options) => Backup(name, ["-Ft", .. options]);

    /// <summary>Path of a table's file in the data directory.</summary>
    public string FileOf(string table) => Query($"select pg_relation_filepath('{table}')");

    /// <summary>Changes bytes of the cluster itself, as a bad disk would.</summary>
    public void Spoil(string file, long at)
    {
        using var stream = File.Open(Path.Combine(data, file), FileMode.Open, FileAccess.ReadWrite);
        stream.Position = at;
        var old = stream.ReadByte();
        stream.Position = at;
        stream.WriteByte((byte)(old ^ 16));
    }

    /// <summary>Starts a server on a restored folder and asks it.</summary>
    internal static string AskRestored(string restored, string statement)
    {
        PostgresTools.GiveToServer(restored);
        File.SetUnixFileMode(restored, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Start(restored);
        try
        {
            return QueryAt(restored, statement);
        }
        finally
        {
            Stop(restored);
        }
    }

    internal string NewFolder()
    {
        var path = Path.Combine(folder, Guid.NewGuid().ToString("n"));
        Directory.CreateDirectory(path);
        return path;
    }

    internal static VerifyReport Verify(string backup) => Verify(MemoryStore.Of(backup));

    internal static VerifyReport Verify(MemoryStore store) =>
        new BackupGuard.Verification.Formats.Postgres.PostgresRepository(store).VerifyAsync(new VerifyOptions { Clock = TimeProvider.System, Workers = 2 }, null, CancellationToken.None).GetAwaiter().GetResult();

    public void Dispose()
    {
        Stop(data);
        Directory.Delete(folder, recursive: true);
    }

    private string Backup(string name, string[] options)
    {
        var target = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{name}-{Guid.NewGuid():n}"));
        PostgresTools.RunAsServer("pg_basebackup", ["-h", folder, "-U", "postgres", "-D", target, "-c", "fast", "--no-sync", .. options]);
        return target;
    }

    private static string QueryAt(string socket, string statement) => PostgresTools.RunAsServer("psql", "-h", socket, "-U", "postgres", "-qAt", "-v", "ON_ERROR_STOP=1", "-c", statement);

    private static void Start(string data)
    {
        var socket = Directory.Exists(Path.Combine(data, "pg_wal")) && Path.GetFileName(data) != "data" ? data : Path.GetDirectoryName(data);
        // A shell in between: the server must not keep our pipe open.
        PostgresTools.RunAsServer("pg_ctl", "-D", data, "-w", "-l", data + ".log", "-o",
            $"-c listen_addresses='' -c unix_socket_directories={socket} -c fsync=off -c autovacuum=off -c shared_buffers=16MB", "start");
    }

    private static void Stop(string data) => PostgresTools.RunAsServer("pg_ctl", "-D", data, "-w", "-m", "immediate", "stop");
}
