using System.Globalization;
using System.Text;
using System.Text.Json;
using BackupGuard.Verification.Drills.Engines.Sql;

namespace BackupGuard.Verification.Drills.Engines.Sqlite;

/// <summary>What is given to the sqlite3 program, and what its answers mean.</summary>
internal static class SqliteJudge
{
    private static readonly string[] OfTheData = ["malformed", "not a database", "no such table", "no such column", "NULL value", "corrupt"];

    public static RoomCommand Run(string file, string script, TimeSpan timeout) => new(["sqlite3", "-batch", "-init", "/dev/null", file])
    {
        Timeout = timeout, Input = Encoding.UTF8.GetBytes(script), MostOutputBytes = 16 << 20,
    };

    /// <summary>Names in hexadecimal: they may hold anything. Virtual tables have no pages; what they keep lies in ordinary ones.</summary>
    public static string CheckScript(bool foreignKeys) => $"""
        .mode list
        .separator "\t"
        pragma trusted_schema = off;
        select 'integrity';
        pragma integrity_check(100);
        select 'foreign';
        {(foreignKeys ? "pragma foreign_key_check;" : "")}
        select 'tables';
        select hex(name) from sqlite_master where type = 'table' and rootpage > 0;
        select 'end';

        """;

    public static string CountScript(IEnumerable<string> tables) => ".mode list\n" + string.Concat(tables.Select(t => $"select count(*) from {Quote(t)};\n")) + "select 'end';\n";

    /// <summary>No trigger may hinder it.</summary>
    public static string OnEachTable(string statement, IEnumerable<string> tables) =>
        ".dbconfig enable_trigger off\npragma foreign_keys = off;\n" + string.Concat(tables.Where(t => !t.StartsWith("sqlite_", StringComparison.Ordinal)).Select(t => $"{statement} {Quote(t)};\n")) + "select 'end';\n";

    public static RoomCommand Ask(string file, string query, TimeSpan timeout) => new(["sqlite3", "-batch", "-init", "/dev/null", "-json", "-cmd", "pragma query_only = on", file, query]) { Timeout = timeout, MostOutputBytes = 1 << 16 };

    public sealed record Checked(ProbeAnswer? Wrong, IReadOnlyList<string> Tables);

    public static Checked Check(RoomEnd end, string file)
    {
        if (end.TimedOut) return new(Unasked($"{file} was not checked in time", $"{file} n’a pas été vérifié à temps"), []);
        List<string> integrity = [], tables = [];
        var (part, ended, dangling) = ("", false, 0);
        foreach (var line in end.OutputText.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if ((part, line) is ("", "integrity") or ("integrity", "foreign") or ("foreign", "tables")) part = line;
            else if (part == "tables" && line == "end") ended = true;
            else if (part == "integrity") integrity.Add(line);
            else if (part == "foreign") dangling++;
            else if (part == "tables" && line.Length % 2 == 0 && line.All(char.IsAsciiHexDigit)) tables.Add(Encoding.UTF8.GetString(Convert.FromHexString(line)));
        }
        if (integrity.Count > 0 && integrity is not ["ok"])
            return new(Answer.Wrong($"integrity_check found {integrity.Count} faults in {file}", $"integrity_check a trouvé {integrity.Count} défauts dans {file}"), tables);
        if (end.ExitCode != 0 || end.ErrorText.Length > 0 || !ended || integrity is not ["ok"]) return new(Broken(end, file), tables);
        if (dangling > 0) return new(Answer.Wrong($"{dangling} rows of {file} refer to rows that are not there", $"{dangling} lignes de {file} renvoient à des lignes absentes"), tables);
        return tables.Any(t => !t.StartsWith("sqlite_", StringComparison.Ordinal)) ? new(null, tables) : new(Answer.Wrong($"{file} holds no table", $"{file} ne contient aucune table"), tables);
    }

    /// <returns>All rows, or what is wrong.</returns>
    public static (long Rows, ProbeAnswer? Wrong) Count(RoomEnd end, int tables, string file)
    {
        if (end.TimedOut) return (0, Unasked($"{file} was not read in time", $"{file} n’a pas été lu à temps"));
        var lines = end.OutputText.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (end.ExitCode != 0 || end.ErrorText.Length > 0 || lines is not [.., "end"] || lines.Length != tables + 1) return (0, Broken(end, file));
        var rows = 0L;
        foreach (var line in lines[..^1])
            if (long.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out var count)) rows += count;
            else return (0, Unasked($"{file} was not read", $"{file} n’a pas été lu"));
        return (rows, null);
    }

    public static SqlAnswer Answered(RoomEnd end)
    {
        if (end.TimedOut) return SqlAnswer.Not(Verdict.Inconclusive, new("the query took too long and was ended", "la requête a pris trop de temps et a été arrêtée"));
        if (end.ExitCode != 0 || end.ErrorText.Length > 0)
            return IsOfTheData(end.ErrorText) ? SqlAnswer.Not(Verdict.Failed, new("the query met a table or column that is not there, or a damaged page", "la requête a rencontré une table ou une colonne absente, ou une page endommagée"))
                : SqlAnswer.Not(Verdict.Inconclusive, new("the query could not be put; its syntax may be wrong, or it writes", "la requête n’a pas pu être posée ; sa syntaxe est peut-être fausse, ou elle écrit"));
        if (end.OutputText.Trim().Length == 0) return SqlAnswer.Of([]);
        try
        {
            using var rows = JsonDocument.Parse(end.Output);
            return SqlAnswer.Of([.. rows.RootElement.EnumerateArray().Take(2).Select(row => row.EnumerateObject().Take(2).Select(f => f.Value.ValueKind switch
            {
                JsonValueKind.Null => null,
                JsonValueKind.String => f.Value.GetString(),
                _ => f.Value.GetRawText(),
            }).ToArray())]);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return SqlAnswer.Not(Verdict.Inconclusive, new("the answer is too long, or more than one", "la réponse est trop longue, ou il y en a plus d’une"));
        }
    }

    private static ProbeAnswer Broken(RoomEnd end, string file) => IsOfTheData(end.ErrorText)
        ? Answer.Wrong($"{file} is damaged", $"{file} est endommagé")
        : Unasked($"sqlite3 could not read {file} (exit code {end.ExitCode})", $"sqlite3 n’a pas pu lire {file} (code {end.ExitCode})");

    private static bool IsOfTheData(string errors) => Array.Exists(OfTheData, sign => errors.Contains(sign, StringComparison.Ordinal));
    private static string Quote(string name) => "\"" + name.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";
    private static ProbeAnswer Unasked(string english, string french) => new(Verdict.Inconclusive, new(english, french));
}
