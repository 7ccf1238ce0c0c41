using System.Text.Json;
using BackupGuard.Verification.Drills.Engines.Sql;

namespace BackupGuard.Verification.Drills.Engines.Sqlite;

/// <summary>Every restored SQLite file is checked and read. See README.md.</summary>
/// <param name="ForeignKeys">Whether rows that refer to nothing are wrong: SQLite does not enforce it by itself, and some applications never did.</param>
public sealed record SqliteEngine(Glob Files, bool ForeignKeys, string Service) : SqlEngine(Service)
{
    /// <summary>The longest that the check of one file may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromHours(1);

    public override string Kind => "sqlite";
    public override string Name => $"{Service} {Files}";

    internal override void WriteDefinition(Utf8JsonWriter json)
    {
        json.WriteString("files", Files.ToString());
        json.WriteBoolean("foreignKeys", ForeignKeys);
        json.WriteString("name", Service);
        json.WriteNumber("timeoutSeconds", (long)Timeout.TotalSeconds);
    }
}
