using System.Data.Common;
using BackupGuard.Server.Hosting;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace BackupGuard.Server.Persistence;

/// <summary>The database as one file in the data folder: the same durability for every connection, whoever opens it.</summary>
/// <param name="busySeconds">How long a statement waits for another process. A person waits for it, and paper is faster than half a minute.</param>
internal sealed class SqliteFile(DataFolder data, int busySeconds = 10) : DatabaseEngine
{
    private const int StartSeconds = 60;

    // FULL makes an acknowledged entry survive a power cut. Both are settings of a connection, unlike the journal's mode.
    private const string Pragmas = "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;";

    private readonly string connectionString = new SqliteConnectionStringBuilder
    {
        DataSource = data.DatabaseFile,
        ForeignKeys = true,
        DefaultTimeout = busySeconds,
    }.ToString();

    public override string Place => data.DatabaseFile;

    /// <summary>Makes the file if there is none. WAL, which the file remembers, lets fsck and pages read while an agent writes.</summary>
    public override void Prepare()
    {
        data.CreateDatabaseFile();
        using var connection = Open();
        connection.Execute("PRAGMA journal_mode = WAL");
        // EF Core's own lock is a row that outlives a killed process. Whoever is here holds the lock of LockStartAsync: that row is a dead one's.
        if (connection.Scalar("SELECT 1 FROM sqlite_master WHERE name = '__EFMigrationsLock'") is not null)
        {
            connection.Execute("DELETE FROM \"__EFMigrationsLock\"");
        }
    }

    public override async Task<IAsyncDisposable> LockStartAsync(CancellationToken stop)
    {
        // The system gives this lock up with the process, however it ends.
        for (var second = 0; ; second++)
        {
            try
            {
                return data.HoldFile("start.lock");
            }
            catch (IOException) when (second < StartSeconds)
            {
                await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, stop);
            }
            catch (IOException e)
            {
                throw new UsageException($"Another process has been starting on {data.Path} for {StartSeconds} seconds. Look what it waits for, then start this one again.", e);
            }
        }
    }

    public override DbConnection Open()
    {
        var connection = new SqliteConnection(connectionString);
        try
        {
            connection.Open();
            Pragma(connection);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    // BEGIN IMMEDIATE: the write lock is taken now, not at the first write, when what was read may be old.
    public override DbTransaction BeginAppend(DbConnection connection) => ((SqliteConnection)connection).BeginTransaction(deferred: false);

    // Deferred: the first read takes the snapshot.
    public override DbTransaction BeginSnapshot(DbConnection connection) => ((SqliteConnection)connection).BeginTransaction(deferred: true);

    public override string? FindDamage(DbConnection connection) => connection.Scalar("PRAGMA integrity_check(1)") is not "ok" and { } damage ? damage.ToString() : null;

    // SQLITE_CORRUPT and SQLITE_NOTADB (sqlite.org/rescode.html).
    public override bool IsDamage(DbException error) => error is SqliteException { SqliteErrorCode: 11 or 26 };

    public override void AddContext(IServiceCollection services) =>
        services.AddDbContext<ServerDatabase, SqliteDatabase>(options => options.UseSqlite(connectionString).AddInterceptors(new Pragmatic()));

    private static void Pragma(DbConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = Pragmas;
        command.ExecuteNonQuery();
    }

    private sealed class Pragmatic : DbConnectionInterceptor
    {
        public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData) => Pragma(connection);

        public override Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
        {
            Pragma(connection);
            return Task.CompletedTask;
        }
    }
}
