namespace BackupGuard.Server.Tests.Support;

/// <summary>On which database a test runs. Test classes that touch one are abstract, with a class for each.</summary>
public enum Engine
{
    Sqlite,
    Postgres,
}

internal static class Engines
{
    /// <summary>Makes a data folder use this engine; on PostgreSQL with a new database, which costs less time with the schema in it already.</summary>
    /// <returns>What takes that database away again.</returns>
    public static IDisposable Prepare(this Engine engine, string dataFolder, bool withSchema = true)
    {
        if (engine == Engine.Sqlite)
        {
            return new Nothing();
        }
        var database = PostgresCluster.Shared.CreateDatabase(withSchema);
        Directory.CreateDirectory(dataFolder);
        PostgresCluster.Shared.Configure(dataFolder, database);
        return new Dropped(database);
    }

    private sealed class Nothing : IDisposable
    {
        public void Dispose() => Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
    }

    private sealed class Dropped(string database) : IDisposable
    {
        public void Dispose() => PostgresCluster.Shared.Execute($"DROP DATABASE {database} WITH (FORCE)");
    }
}
