using System.Globalization;
using System.Text.RegularExpressions;
using BackupGuard.Verification.Drills.Engines.Sql;

namespace BackupGuard.Verification.Drills.Engines.Postgres;

/// <summary>What the answers of PostgreSQL's programs mean. Only SQLSTATEs, counts and names of tables leave here: messages may quote rows.</summary>
internal static partial class PostgresJudge
{
    private const int MostNamed = 5;

    /// <summary>Errors in the server's log, oldest first; those that only say "not yet" or "told to stop" left out.</summary>
    public static List<(string State, string Level, string Text)> Errors(string log) =>
        [.. LogLine().Matches(log).Select(m => (State: m.Groups[1].Value, m.Groups[2].Value, m.Groups[3].Value)).Where(e => e.State is not ("57P01" or "57P02" or "57P03"))];

    /// <summary>The machine's or the question's fault, not the data's (PostgreSQL documentation, Appendix A).</summary>
    public static bool IsOfTheMachine(string state, string text) =>
        state is "42501" or "55006" or "58030" || state.StartsWith("53", StringComparison.Ordinal) || state.StartsWith("57", StringComparison.Ordinal)
        || text.Contains("Unix-domain socket", StringComparison.Ordinal) || text.Contains("could not access file", StringComparison.Ordinal) || text.Contains("shared memory", StringComparison.Ordinal)
        || text.Contains("incompatible with", StringComparison.Ordinal) || text.Contains("could not load library", StringComparison.Ordinal);

    /// <summary>A server that ended before it was ready.</summary>
    public static ProbeAnswer NotStarted(string log, int exitCode)
    {
        var fatal = Errors(log).Where(e => e.Level is "FATAL" or "PANIC").ToList();
        if (fatal.Find(e => !IsOfTheMachine(e.State, e.Text)) is { State: { } state })
            return Answer.Wrong($"the server does not come up from these data (SQLSTATE {state})", $"le serveur ne démarre pas sur ces données (SQLSTATE {state})");
        return new ProbeAnswer(Verdict.Inconclusive, fatal is [var first, ..]
            ? new($"the server could not be started on this machine (SQLSTATE {first.State})", $"le serveur n’a pas pu être démarré sur cette machine (SQLSTATE {first.State})")
            : new($"the server ended with exit code {exitCode} and said nothing about the data", $"le serveur s’est terminé avec le code {exitCode} sans rien dire des données"));
    }

    /// <summary>A server that is up and refuses its first question.</summary>
    public static ProbeAnswer NotAsked(string log, string user)
    {
        var fatal = Errors(log).LastOrDefault(e => e.Level is "FATAL" or "PANIC");
        if (fatal.State is null)
            return Answer.Unknown("the server is up and answers nothing", "le serveur est démarré et ne répond rien");
        if (fatal.State.StartsWith("28", StringComparison.Ordinal) || fatal.State == "42501")
            return Answer.Unknown($"{Printable.Of(user)} is no superuser of the restored cluster; write user and the name of one", $"{Printable.Of(user)} n’est pas superutilisateur de la base restaurée ; écrivez user et le nom d’un superutilisateur");
        if (fatal.Text.Contains("locale", StringComparison.Ordinal))
            return Answer.Unknown("this machine lacks a locale that a restored database was made with; install it", "il manque à cette machine une locale avec laquelle une base restaurée a été créée ; installez-la");
        return new ProbeAnswer(IsOfTheMachine(fatal.State, fatal.Text) ? Verdict.Inconclusive : Verdict.Failed,
            new($"a restored database cannot be opened (SQLSTATE {fatal.State})", $"une base restaurée ne s’ouvre pas (SQLSTATE {fatal.State})"));
    }

    public static SqlAnswer Answered(RoomEnd end, string database)
    {
        if (end.TimedOut) return SqlAnswer.Not(Verdict.Inconclusive, new("the query took too long and was ended", "la requête a pris trop de temps et a été arrêtée"));
        if (end.ExitCode == 0) return SqlAnswer.Of(Rows(end.OutputText));
        if (ErrorState().Match(end.ErrorText) is { Success: true } error)
        {
            var state = error.Groups[1].Value;
            var badlyPut = state is "42601" or "25006" or "42501" || state[..2] is "0A" or "08" or "53" or "57" or "58" or "54";
            return SqlAnswer.Not(badlyPut ? Verdict.Inconclusive : Verdict.Failed, new($"the query ended with SQLSTATE {state}{Meaning(state).English}", $"la requête s’est terminée par SQLSTATE {state}{Meaning(state).French}"));
        }
        return end.ErrorText.Contains("database \"", StringComparison.Ordinal) && end.ErrorText.Contains("does not exist", StringComparison.Ordinal)
            ? SqlAnswer.Not(Verdict.Failed, new($"there is no database {Printable.Of(database)}", $"il n’y a pas de base {Printable.Of(database)}"))
            : SqlAnswer.Not(Verdict.Inconclusive, new("the server could not be asked", "le serveur n’a pas pu être interrogé"));
    }

    private static Said Meaning(string state) => state switch
    {
        "42P01" => new(": a table is not there", " : une table est absente"),
        "42703" => new(": a column is not there", " : une colonne est absente"),
        "3F000" => new(": a schema is not there", " : un schéma est absent"),
        "25006" => new(": it writes, and a question must only read", " : elle écrit, or une question ne doit que lire"),
        "42601" => new(": its syntax is wrong", " : sa syntaxe est fausse"),
        "57014" => new(": it took too long", " : elle a pris trop de temps"),
        _ => new("", ""),
    };

    /// <summary>At most two rows of at most two fields. psql ends the last row with a line break.</summary>
    public static List<IReadOnlyList<string?>> Rows(string output)
    {
        if (output.Length == 0) return [];
        var text = output.EndsWith('\n') ? output[..^1] : output;
        return [.. text.Split(PostgresCommands.Row, 3).Take(2).Select(row => row.Split(PostgresCommands.Field, 3).Take(2).Select(f => f == PostgresCommands.Null ? null : f).ToArray())];
    }

    /// <param name="Ended">Whether it came to the script's end.</param>
    /// <param name="Total">How many tables there were to read; null where not even that was told.</param>
    internal sealed record Reading(bool Ended, int? Total, int Tables, int UserTables, int UserTablesWithRows, long Rows, IReadOnlyList<string> Unread, IReadOnlyList<string> Short);

    /// <summary>What <see cref="PostgresCommands.ReadScript"/> printed: after each table's line, how many rows were read, or nothing.</summary>
    public static Reading Read(string output)
    {
        int? total = null;
        var (ended, tables, users, filled, rows) = (false, 0, 0, 0, 0L);
        List<string> unread = [], shorter = [];
        (string Kind, string Name)? open = null;
        foreach (var line in output.Split('\n', PostgresCommands.Row))
        {
            var fields = line.Split(PostgresCommands.Field);
            if (open is { } table && line.StartsWith("COPY ", StringComparison.Ordinal) && long.TryParse(line.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out var read))
            {
                tables++;
                if (table.Kind == "user")
                {
                    users++;
                    rows += read;
                    if (read > 0) filled++;
                }
                open = null;
                continue;
            }
            if (fields is not (["total", _] or ["short", _] or ["table", _, _]) && line != "end") continue;
            if (open is { } failed) unread.Add(failed.Name);
            open = null;
            if (line == "end") ended = true;
            else if (fields is ["total", var count] && int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) total = number;
            else if (fields is ["short", var name]) shorter.Add(name);
            else if (fields is ["table", var kind, var named]) open = (kind, named);
        }
        if (open is { } last) unread.Add(last.Name);
        return new Reading(ended, total, tables, users, filled, rows, unread, shorter);
    }

    /// <returns>What is wrong with the reading of one database, or null.</returns>
    public static ProbeAnswer? Judge(Reading reading, RoomEnd end, string database, string log)
    {
        var place = Printable.Of(database);
        if (end.TimedOut) return Answer.Unknown($"the tables of {place} were not read in time", $"les tables de {place} n’ont pas été lues à temps");
        var errors = Errors(log);
        if (reading.Unread.Count > 0 || reading.Total is null || !reading.Ended)
        {
            var state = errors.Find(e => !IsOfTheMachine(e.State, e.Text)).State ?? (CrashLine().IsMatch(log) ? "crash" : null);
            if (state is not null)
                return Answer.Wrong($"{reading.Unread.Count} tables of {place} cannot be read ({state}): {Named(reading.Unread)}", $"{reading.Unread.Count} tables de {place} ne peuvent être lues ({state}) : {Named(reading.Unread)}");
            return new ProbeAnswer(Verdict.Inconclusive, errors is [.., var last]
                ? new($"the tables of {place} could not all be read on this machine (SQLSTATE {last.State})", $"les tables de {place} n’ont pas toutes pu être lues sur cette machine (SQLSTATE {last.State})")
                : new($"the reading of {place} broke off", $"la lecture de {place} s’est interrompue"));
        }
        if (reading.Tables != reading.Total)
            return Answer.Unknown($"{reading.Tables} of the {reading.Total} tables of {place} were read", $"{reading.Tables} des {reading.Total} tables de {place} ont été lues");
        if (reading.Short.Count > 0)
            return Answer.Wrong($"{reading.Short.Count} tables of {place} are shorter than its catalogue says: {Named(reading.Short)}", $"{reading.Short.Count} tables de {place} sont plus courtes que ne le dit son catalogue : {Named(reading.Short)}");
        return null;
    }

    /// <summary>pg_amcheck's exit code (2: it found something), its complaints counted, and its own last line of progress: an exit code alone is not believed.</summary>
    public static (ProbeAnswer? Wrong, int Relations, bool IndexesOnly) Amcheck(RoomEnd end)
    {
        if (end.TimedOut) return (Answer.Unknown("pg_amcheck did not end in time", "pg_amcheck n’a pas fini à temps"), 0, false);
        var text = end.OutputText;
        var found = FoundLines().Match(text);
        var (heaps, indexes) = found.Success ? (Number(found.Groups[1]), Number(found.Groups[2])) : (0, 0);
        if (heaps + indexes > 0 || end.ExitCode == 2)
            return (Answer.Wrong($"pg_amcheck found damage: {heaps} times in tables, {indexes} times in indexes", $"pg_amcheck a trouvé des dommages : {heaps} fois dans des tables, {indexes} fois dans des index"), 0, heaps == 0 && indexes > 0);
        var progress = ProgressLine().Match(text);
        var (done, all) = progress.Success ? (Number(progress.Groups[1]), Number(progress.Groups[2])) : (0, 0);
        if (end.ExitCode != 0 || all == 0 || done != all)
            return (Answer.Unknown($"pg_amcheck looked at {done} of {all} relations and ended with exit code {end.ExitCode}", $"pg_amcheck a examiné {done} relations sur {all} et s’est terminé avec le code {end.ExitCode}"), done, false);
        return (null, done, false);
    }

    public static string Named(IReadOnlyList<string> names) => string.Join(", ", names.Take(MostNamed).Select(Printable.Of)) + (names.Count > MostNamed ? ", …" : "");

    private static int Number(Group digits) => int.TryParse(digits.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    [GeneratedRegex(@"^([0-9A-Z]{5}) (ERROR|FATAL|PANIC): +(.*)$", RegexOptions.CultureInvariant | RegexOptions.Multiline)]
    private static partial Regex LogLine();

    /// <summary>Signals that a program gets for its own fault: abort, bus error, arithmetic, segmentation. Killed from outside (9, 15) is none.</summary>
    [GeneratedRegex(@"was terminated by signal (4|6|7|8|11)\b", RegexOptions.CultureInvariant)]
    private static partial Regex CrashLine();

    [GeneratedRegex(@"(?:ERROR|FATAL|PANIC): +([0-9A-Z]{5})\b", RegexOptions.CultureInvariant)]
    private static partial Regex ErrorState();

    [GeneratedRegex(@"^heap ([0-9]{1,9})\nindex ([0-9]{1,9})$", RegexOptions.CultureInvariant | RegexOptions.Multiline)]
    private static partial Regex FoundLines();

    [GeneratedRegex(@"([0-9]{1,9})/([0-9]{1,9}) relations", RegexOptions.CultureInvariant)]
    private static partial Regex ProgressLine();
}
