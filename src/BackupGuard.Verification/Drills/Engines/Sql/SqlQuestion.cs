using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace BackupGuard.Verification.Drills.Engines.Sql;

/// <summary>A question to a database that an engine before it has started. It must answer with one row of one column.</summary>
/// <param name="Query">One statement that reads.</param>
/// <param name="Place">Which engine, which database.</param>
/// <param name="Label">What people call it; null for the beginning of the query.</param>
public abstract record SqlQuestion(string Query, SqlPlace Place, TimeSpan Timeout, string? Label) : Probe
{
    private const int LongestShown = 60;

    public override bool NeedsRoom => true;
    public override string Name => $"{Kind} {Label ?? Beginning()}{Place.Suffix}";

    internal override void WriteDefinition(Utf8JsonWriter json)
    {
        json.WriteString("query", Query);
        if (Place.Engine is not null) json.WriteString("engine", Place.Engine);
        if (Place.Database is not null) json.WriteString("database", Place.Database);
        if (Label is not null) json.WriteString("name", Label);
        json.WriteNumber("timeoutSeconds", (long)Timeout.TotalSeconds);
    }

    /// <summary>What is counted is remembered under the step's name: two long questions must not share one.</summary>
    private string Beginning()
    {
        var text = Printable.Of(string.Join(' ', Query.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
        return text.Length <= LongestShown ? text : $"{text[..LongestShown]}… #{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Query)))[..8]}";
    }
}

/// <param name="Engine">Name of the step that started it; null for the last one started.</param>
/// <param name="Database">Null for the only one that holds tables.</param>
public sealed record SqlPlace(string? Engine, string? Database)
{
    public string Suffix => (Engine, Database) switch
    {
        (null, _) => "",
        (_, null) => " in " + Engine,
        _ => $" in {Engine}/{Printable.Of(Database)}",
    };
}

/// <summary>A number from the restored data stands in the expected relation.</summary>
public sealed record SqlProbe(string Query, SqlRelation Expect, SqlPlace Place, TimeSpan Timeout, string? Label) : SqlQuestion(Query, Place, Timeout, Label)
{
    public override string Kind => "sql";

    internal override void WriteDefinition(Utf8JsonWriter json)
    {
        base.WriteDefinition(json);
        json.WriteString("expect", Expect.ToString());
    }
}

/// <summary>The newest business date in the restored data is at most <paramref name="MaxAge"/> before the drill began.</summary>
/// <param name="Zone">In which dates without an offset are read; null where none may come.</param>
public sealed record NewestDateProbe(string Query, TimeSpan MaxAge, TimeZoneInfo? Zone, SqlPlace Place, TimeSpan Timeout, string? Label) : SqlQuestion(Query, Place, Timeout, Label)
{
    public override string Kind => "newest-date";
    public override string Name => string.Create(CultureInfo.InvariantCulture, $"{base.Name} within {MaxAge.TotalHours:0.##} h");

    internal override void WriteDefinition(Utf8JsonWriter json)
    {
        base.WriteDefinition(json);
        json.WriteNumber("maxAgeSeconds", (long)MaxAge.TotalSeconds);
        if (Zone is not null) json.WriteString("timeZone", Zone.Id);
    }
}
