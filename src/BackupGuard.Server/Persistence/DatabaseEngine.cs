using System.Data.Common;
using BackupGuard.Server.Hosting;

namespace BackupGuard.Server.Persistence;

/// <summary>What SQLite and PostgreSQL do each in their own way. The statements themselves are the same text for both (see <see cref="Sql"/>).</summary>
internal abstract class DatabaseEngine : IDisposable
{
    /// <summary>Where the data are, for people; never a secret.</summary>
    public abstract string Place { get; }

    /// <summary>The one that the data folder names: PostgreSQL where it holds a <see cref="DatabaseSettings.File"/>, else the file beside it.</summary>
    public static DatabaseEngine Of(DataFolder data) => DatabaseSettings.Read(data) is { } settings ? new PostgresEngine(settings) : new SqliteFile(data);

    /// <summary>Makes what must be there before the first migration, and refuses a database that could not keep an acknowledged entry.</summary>
    /// <exception cref="UsageException">The database's own settings would lose or change what is stored.</exception>
    public abstract void Prepare();

    /// <summary>Holds off every other process that starts on this database: migrations, the server's key and the first account are made once.</summary>
    public abstract Task<IAsyncDisposable> LockStartAsync(CancellationToken stop);

    /// <summary>A connection on which a commit is durable when it returns.</summary>
    public abstract DbConnection Open();

    /// <summary>Begins a transaction that MUST hold off every other appender, in whatever process, until it ends; it sees all that they committed.</summary>
    public abstract DbTransaction BeginAppend(DbConnection connection);

    /// <summary>Begins a transaction whose reads all see one state, and that keeps no writer waiting.</summary>
    public abstract DbTransaction BeginSnapshot(DbConnection connection);

    /// <returns>What the engine itself finds damaged, or null. An engine without such a question answers null: damage then shows when rows are read.</returns>
    public abstract string? FindDamage(DbConnection connection);

    /// <summary>Whether a read failed because stored bytes are damaged.</summary>
    public abstract bool IsDamage(DbException error);

    /// <summary>EF Core's side of the same database, with this engine's own migrations.</summary>
    public abstract void AddContext(IServiceCollection services);

    public virtual void Dispose()
    {
    }
}
