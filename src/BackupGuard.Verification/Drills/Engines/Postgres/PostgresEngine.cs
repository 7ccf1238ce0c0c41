using System.Text.Json;
using BackupGuard.Verification.Drills.Engines.Sql;

namespace BackupGuard.Verification.Drills.Engines.Postgres;

public enum PostgresSource { Base, Dump }

/// <summary>How far pg_amcheck looks. Thorough also asks whether every row is in every index, and takes several times as long.</summary>
public enum Amcheck { Standard, Thorough, None }

/// <summary>A throw-away PostgreSQL cluster from a restored base backup or dump. See README.md.</summary>
/// <param name="Path">Data directory, dump file or dump directory; null for all that was restored (a base backup only).</param>
public sealed record PostgresEngine(PostgresSource Source, RestoredPath? Path, string Service) : SqlEngine(Service)
{
    /// <summary>Folder of archived WAL; recovery then goes to its end.</summary>
    public RestoredPath? Wal { get; init; }

    /// <summary>Where tablespaces lie, by oid, when not at their own path below the restored folder.</summary>
    public IReadOnlyDictionary<string, RestoredPath> Tablespaces { get; init; } = new Dictionary<string, RestoredPath>();

    /// <summary>A superuser of the restored cluster.</summary>
    public string User { get; init; } = "postgres";
    public Amcheck Amcheck { get; init; } = Amcheck.Standard;

    /// <summary>Databases that must be there and hold rows.</summary>
    public IReadOnlyList<string> Databases { get; init; } = [];

    /// <summary>The longest that recovery, loading, reading or checking may take, each.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromHours(4);

    public override string Kind => "postgres";
    public override string Name => $"{Service} {(Source == PostgresSource.Base ? "base" : "dump")} {Path?.ToString() ?? "."}";

    internal override void WriteDefinition(Utf8JsonWriter json)
    {
        json.WriteString("source", Source == PostgresSource.Base ? "base" : "dump");
        if (Path is not null) json.WriteString("path", Path.ToString());
        json.WriteString("name", Service);
        if (Wal is not null) json.WriteString("wal", Wal.ToString());
        foreach (var (oid, path) in Tablespaces.OrderBy(t => t.Key, StringComparer.Ordinal)) json.WriteString("tablespace " + oid, path.ToString());
        if (Source == PostgresSource.Base)
        {
            json.WriteString("user", User);
            json.WriteString("amcheck", Amcheck.ToString());
        }
        if (Databases.Count > 0) DrillPlan.WriteAll(json, "databases", Databases);
        json.WriteNumber("timeoutSeconds", (long)Timeout.TotalSeconds);
    }
}
