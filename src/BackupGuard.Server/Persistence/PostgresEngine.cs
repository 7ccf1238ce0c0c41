using System.Data;
using System.Data.Common;
using BackupGuard.Server.Hosting;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace BackupGuard.Server.Persistence;

/// <summary>A database of a PostgreSQL server, which several of our processes may share.</summary>
internal sealed class PostgresEngine(DatabaseSettings settings) : DatabaseEngine
{
    private const int OldestMajor = 14;
    private const int StartSeconds = 60;

    // Advisory locks are numbers agreed among programs, and count within one database (PostgreSQL manual, 13.3.5). Ours spell "bkgd".
    private const long AppendLock = 0x626b6764_00000001;
    private const long StartLock = 0x626b6764_00000002;

    private readonly NpgsqlDataSource source = NpgsqlDataSource.Create(settings.ConnectionString);

    public override string Place => settings.Place;

    public override void Prepare()
    {
        using var connection = Open();
        if (Setting(connection, "server_version_num") is var version && int.Parse(version, System.Globalization.CultureInfo.InvariantCulture) / 10000 < OldestMajor)
        {
            throw new UsageException($"{Place} runs PostgreSQL {Setting(connection, "server_version")}; BackupGuard needs {OldestMajor} or newer.");
        }
        Demand(connection, "server_encoding", "UTF8", "it could not keep names and reasons as they were written; create the database with ENCODING 'UTF8'");
        Demand(connection, "fsync", "on", "a power cut could take entries that were acknowledged; turn it on");
        Demand(connection, "full_page_writes", "on", "a power cut could damage pages that were being written; turn it on");
        Demand(connection, "synchronous_commit", settings.SynchronousCommit, "an acknowledgement could come before the disk has the entry; take that setting out of the connection");
    }

    public override async Task<IAsyncDisposable> LockStartAsync(CancellationToken stop)
    {
        var connection = await source.OpenConnectionAsync(stop);
        try
        {
            await using var take = new NpgsqlCommand($"SELECT pg_advisory_lock({StartLock})", connection) { CommandTimeout = StartSeconds };
            await take.ExecuteNonQueryAsync(stop);
            return new SessionLock(connection);
        }
        catch (NpgsqlException e) when (e.InnerException is TimeoutException)
        {
            await connection.DisposeAsync();
            throw new UsageException($"Another process has been starting on the {Place} for {StartSeconds} seconds. Look what it waits for, then start this one again.", e);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public override DbConnection Open() => source.OpenConnection();

    /// <remarks>Read committed: each statement after the lock sees what the holder before it committed, since a commit is visible before its locks are released.</remarks>
    public override DbTransaction BeginAppend(DbConnection connection)
    {
        var transaction = connection.BeginTransaction(IsolationLevel.ReadCommitted);
        try
        {
            connection.Execute($"SELECT pg_advisory_xact_lock({AppendLock})");
            return transaction;
        }
        catch
        {
            transaction.Dispose();
            throw;
        }
    }

    public override DbTransaction BeginSnapshot(DbConnection connection) => connection.BeginTransaction(IsolationLevel.RepeatableRead);

    public override string? FindDamage(DbConnection connection) => null;

    // Class XX: data_corrupted and index_corrupted (PostgreSQL manual, appendix A).
    public override bool IsDamage(DbException error) => error is PostgresException { SqlState: PostgresErrorCodes.DataCorrupted or PostgresErrorCodes.IndexCorrupted };

    public override void AddContext(IServiceCollection services) => services.AddDbContext<ServerDatabase, PostgresDatabase>(options => options.UseNpgsql(source));

    public override void Dispose()
    {
        source.Dispose();
        base.Dispose();
    }

    private void Demand(DbConnection connection, string name, string wanted, string otherwise)
    {
        var found = Setting(connection, name);
        if (found != wanted)
        {
            throw new UsageException($"{Place} runs with {name} = {found}: {otherwise}, and start again.");
        }
    }

    private static string Setting(DbConnection connection, string name) => (string)connection.Scalar("SELECT current_setting(@name)", ("@name", name))!; // an unknown name is an error, never NULL

    private sealed class SessionLock(NpgsqlConnection connection) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            // Said, since the pool resets a connection only when it is used next.
            await using (connection)
            {
                await using var give = new NpgsqlCommand($"SELECT pg_advisory_unlock({StartLock})", connection);
                await give.ExecuteNonQueryAsync();
            }
        }
    }
}
