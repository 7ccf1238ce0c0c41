using System.Data.Common;
using BackupGuard.Server.Hosting;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace BackupGuard.Server.Persistence;

/// <summary>How the database file is opened: the same durability for every connection, whoever opens it.</summary>
internal sealed class SqliteFile(DataFolder data) : DbConnectionInterceptor
{
    private const int BusySeconds = 30;

    // FULL makes an acknowledged entry survive a power cut. Both are settings of a connection, unlike the journal's mode.
    private const string Pragmas = "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;";

    public string ConnectionString { get; } = new SqliteConnectionStringBuilder
    {
        DataSource = data.DatabaseFile,
        ForeignKeys = true,
        DefaultTimeout = BusySeconds,
    }.ToString();

    /// <summary>Makes the file if there is none. WAL, which the file remembers, lets fsck and pages read while an agent writes.</summary>
    public void Create()
    {
        data.CreateDatabaseFile();
        using var connection = Open();
        connection.Execute("PRAGMA journal_mode = WAL");
    }

    public SqliteConnection Open()
    {
        var connection = new SqliteConnection(ConnectionString);
        try
        {
            connection.Open();
            Prepare(connection);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData) => Prepare(connection);

    public override Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        Prepare(connection);
        return Task.CompletedTask;
    }

    private static void Prepare(DbConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = Pragmas;
        command.ExecuteNonQuery();
    }
}
