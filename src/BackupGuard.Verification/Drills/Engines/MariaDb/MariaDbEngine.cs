using System.Text.Json;
using BackupGuard.Verification.Drills.Engines.Sql;

namespace BackupGuard.Verification.Drills.Engines.MariaDb;

public enum MariaDbSource { Physical, Dump }

/// <summary>A throw-away MariaDB server from a folder of mariadb-backup or from a dump. See README.md.</summary>
public sealed record MariaDbEngine(MariaDbSource Source, RestoredPath? Path, string Service) : SqlEngine(Service)
{
    /// <summary>Databases that must be there and hold rows.</summary>
    public IReadOnlyList<string> Databases { get; init; } = [];

    /// <summary>The longest that preparing, starting, loading or checking may take, each.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromHours(4);

    public override string Kind => "mariadb";
    public override string Name => $"{Service} {(Source == MariaDbSource.Physical ? "physical" : "dump")} {Path?.ToString() ?? "."}";

    internal override void WriteDefinition(Utf8JsonWriter json)
    {
        json.WriteString("source", Source == MariaDbSource.Physical ? "physical" : "dump");
        if (Path is not null) json.WriteString("path", Path.ToString());
        json.WriteString("name", Service);
        if (Databases.Count > 0) DrillPlan.WriteAll(json, "databases", Databases);
        json.WriteNumber("timeoutSeconds", (long)Timeout.TotalSeconds);
    }
}
