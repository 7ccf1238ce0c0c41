using BackupGuard.Verification.Drills;
using BackupGuard.Verification.Drills.Engines.MariaDb;
using BackupGuard.Verification.Drills.Engines.Postgres;
using BackupGuard.Verification.Drills.Engines.Sql;
using BackupGuard.Verification.Drills.Engines.Sqlite;

namespace BackupGuard.Agent.Config.Steps;

/// <summary>Reads the steps that start databases and ask them.</summary>
internal static class SqlSteps
{
    private const int LongestDays = 3;

    public static readonly string[] PostgresKeys = ["kind", "name", "source", "path", "wal", "tablespaces", "user", "amcheck", "databases", "timeout"];
    public static readonly string[] MariaDbKeys = ["kind", "name", "source", "path", "databases", "timeout"];
    public static readonly string[] SqliteKeys = ["kind", "name", "files", "foreignKeys", "timeout"];
    public static readonly string[] SqlKeys = ["kind", "name", "query", "expect", "in", "timeout"];
    public static readonly string[] NewestDateKeys = ["kind", "name", "query", "maxAge", "timeZone", "in", "timeout"];

    public static PostgresEngine? Postgres(Section s)
    {
        var source = StepValues.Word(s, "source", s.Required("source", "base"), ("base", PostgresSource.Base), ("dump", PostgresSource.Dump));
        var path = Path(s, "path", s.Optional("path"));
        if (source == PostgresSource.Dump)
        {
            if (s.Find("path") is null) s.RefuseWhole("the key \"path\" is missing; write for example \"path: srv/dumps/dpi.dump\"");
            foreach (var key in (string[])["wal", "tablespaces", "user", "amcheck"])
                if (s.Find(key) is not null) s.RefuseKey(key, "it belongs to source: base; a dump is loaded into a fresh cluster");
        }
        var engine = new PostgresEngine(source ?? PostgresSource.Base, path, Service(s))
        {
            Wal = Path(s, "wal", s.Optional("wal")), Tablespaces = Tablespaces(s), Databases = Names(s, "databases"),
            Amcheck = StepValues.Word(s, "amcheck", s.Optional("amcheck"), ("standard", Amcheck.Standard), ("thorough", Amcheck.Thorough), ("none", Amcheck.None)) ?? Amcheck.Standard,
        };
        if (s.Optional("user") is { } user) engine = engine with { User = user };
        return StepValues.Timeout(s, engine.Timeout, LongestDays) is { } timeout ? engine with { Timeout = timeout } : null;
    }

    public static MariaDbEngine? MariaDb(Section s)
    {
        var source = StepValues.Word(s, "source", s.Required("source", "physical"), ("physical", MariaDbSource.Physical), ("dump", MariaDbSource.Dump));
        if (source == MariaDbSource.Dump && s.Find("path") is null) s.RefuseWhole("the key \"path\" is missing; write for example \"path: srv/dumps/dpi.sql.gz\"");
        var engine = new MariaDbEngine(source ?? MariaDbSource.Physical, Path(s, "path", s.Optional("path")), Service(s)) { Databases = Names(s, "databases") };
        return StepValues.Timeout(s, engine.Timeout, LongestDays) is { } timeout ? engine with { Timeout = timeout } : null;
    }

    public static SqliteEngine? Sqlite(Section s)
    {
        if (s.Required("files", "\"**/*.sqlite\"") is not { } text) return null;
        if (!Glob.TryParse(text, out var files, out var refusal)) s.RefuseKey("files", refusal);
        var foreignKeys = StepValues.Word(s, "foreignKeys", s.Optional("foreignKeys"), ("check", true), ("ignore", false)) ?? true;
        return StepValues.Timeout(s, TimeSpan.FromHours(1), LongestDays) is { } timeout ? new SqliteEngine(files, foreignKeys, Service(s)) { Timeout = timeout } : null;
    }

    public static SqlProbe? Sql(Section s)
    {
        var (query, expect, timeout) = (Query(s), s.Required("expect", "\">= 1000\""), StepValues.Timeout(s, TimeSpan.FromMinutes(10), LongestDays));
        if (query is null || expect is null || timeout is null) return null;
        if (!SqlRelation.TryParse(expect, out var relation, out var refusal)) s.RefuseKey("expect", refusal);
        return new SqlProbe(query, relation, Place(s), timeout.Value, Label(s));
    }

    public static NewestDateProbe? NewestDate(Section s)
    {
        var (query, maxAge, timeout) = (Query(s), ProbeReader.Duration(s, "maxAge", s.Required("maxAge", "PT26H")), StepValues.Timeout(s, TimeSpan.FromMinutes(10), LongestDays));
        TimeZoneInfo? zone = null;
        if (s.Optional("timeZone") is { } name && !TimeZoneInfo.TryFindSystemTimeZoneById(name, out zone)) s.RefuseKey("timeZone", "this machine knows no such time zone; write for example Europe/Paris, or UTC");
        return query is null || maxAge is null || timeout is null ? null : new NewestDateProbe(query, maxAge.Value, zone, Place(s), timeout.Value, Label(s));
    }

    /// <summary>Two engines of one name, and a question to an engine that is not started before it, are mistakes that a weekly drill would find out at night.</summary>
    public static void CheckPlace(Probe probe, IReadOnlyList<Probe> before, YamlValue at, List<ConfigProblem> problems)
    {
        var engines = before.OfType<SqlEngine>().Select(e => e.Service).ToList();
        if (probe is SqlEngine engine && engines.Contains(engine.Service))
            problems.Add(new ConfigProblem(at.Line, at.Column, $"two databases are named \"{engine.Service}\"; give one of them a name of its own"));
        if (probe is not SqlQuestion question) return;
        if (engines is [])
            problems.Add(new ConfigProblem(at.Line, at.Column, $"the probe {question.Kind} asks a database, and no step before it starts one; write for example \"- kind: postgres\" first"));
        else if (question.Place.Engine is { } name && !engines.Contains(name))
            problems.Add(new ConfigProblem(at.Line, at.Column, $"in: no step before it starts a database named \"{name}\"; " + (Values.Closest(name, engines) is { } meant ? $"did you mean \"{meant}\"?" : $"write one of {string.Join(", ", engines)}")));
    }

    private static string Service(Section s)
    {
        var name = s.Optional("name") ?? s.Optional("kind")!;
        // It becomes the name of folders and of a socket, whose path has to stay short.
        if (!Values.IsName(name) || name.Length > 40) s.RefuseKey("name", "a name has a-z, 0-9, \".\", \"_\" and \"-\" only, at most 40, beginning with a letter or digit");
        return name;
    }

    private static string? Label(Section s)
    {
        var label = s.Optional("name");
        if (label is { Length: > 80 }) s.RefuseKey("name", "write at most 80 characters");
        return label;
    }

    private static string? Query(Section s)
    {
        var query = s.Required("query", "select count(*) from patient");
        if (query is { Length: > 16_384 }) s.RefuseKey("query", "write at most 16384 characters");
        return query;
    }

    private static SqlPlace Place(Section s)
    {
        if (s.Optional("in") is not { } text) return new SqlPlace(null, null);
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash == 0 || slash == text.Length - 1) s.RefuseKey("in", "write the engine's name, or ENGINE/DATABASE");
        return slash < 0 ? new SqlPlace(text, null) : new SqlPlace(text[..slash], text[(slash + 1)..]);
    }

    private static Dictionary<string, RestoredPath> Tablespaces(Section s)
    {
        var spaces = new Dictionary<string, RestoredPath>(StringComparer.Ordinal);
        if (s.Find("tablespaces") is not { } value) return spaces;
        if (value is not YamlMap map || map.Entries.Any(e => e.Value is not YamlText || e.Key.Value.Length is 0 or > 10 || !e.Key.Value.All(char.IsAsciiDigit)))
        {
            s.RefuseKey("tablespaces", "write a map from the number of the tablespace to its folder below the restored one, as in {16385: srv/fast}; the numbers are the names in pg_tblspc");
            return spaces;
        }
        foreach (var (oid, folder) in map.Entries)
            if (Path(s, "tablespaces", ((YamlText)folder).Value) is { } path) spaces[oid.Value] = path;
        return spaces;
    }

    private static List<string> Names(Section s, string key)
    {
        if (s.Find(key) is not { } value) return [];
        if (value is YamlList { Items.Count: > 0 } list && list.Items.All(i => i is YamlText { Value.Length: > 0 })) return [.. list.Items.Select(i => ((YamlText)i).Value)];
        s.RefuseKey(key, "write a list of names, as in [dpi]");
        return [];
    }

    private static RestoredPath? Path(Section s, string key, string? text)
    {
        if (text is null) return null;
        if (RestoredPath.TryParse(text, out var path, out var refusal)) return path;
        s.RefuseKey(key, refusal);
        return null;
    }
}
