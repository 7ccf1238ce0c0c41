using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml;
using BackupGuard.Verification.Drills.Engines.Sql;

namespace BackupGuard.Verification.Drills.Engines.MariaDb;

/// <summary>What the answers of MariaDB's programs mean. Only error numbers, counts and names of tables leave here: messages may quote rows.</summary>
internal static partial class MariaDbJudge
{
    private const int MostNamed = 5;

    /// <summary>The question's or the machine's fault, not the data's: syntax, no right, read only, out of time, connection lost, disk, memory, engine or collation that is not built in.</summary>
    private static readonly HashSet<int> NotOfTheData = [3, 1021, 1037, 1038, 1041, 1064, 1114, 1115, 1142, 1153, 1193, 1205, 1227, 1273, 1286, 1290, 1317, 1792, 1969, 2002, 2003, 2006, 2013, 2020, 2026];

    private static readonly string[] OfTheMachine =
    [
        "Unable to lock", "No space left", "Error 28", "errno: 28", "Bind on unix socket", "Address already in use", "Cannot allocate memory", "Permission denied", "errno: 13", "OS error 13",
        "Too many open files", "Upgrade after a crash is not supported", "unsupported redo log format", "Unsupported redo log format", "was not started", "Unknown/unsupported storage engine", "unknown variable",
    ];

    public static ProbeAnswer NotStarted(string log, int exitCode)
    {
        if (log.Contains("[ERROR]", StringComparison.Ordinal) && !Array.Exists(OfTheMachine, sign => log.Contains(sign, StringComparison.Ordinal)))
            return Answer.Wrong($"the server does not come up from these data (exit code {exitCode})", $"le serveur ne démarre pas sur ces données (code {exitCode})");
        return Answer.Unknown($"the server could not be started on this machine (exit code {exitCode})", $"le serveur n’a pas pu être démarré sur cette machine (code {exitCode})");
    }

    /// <param name="state">What lies in xtrabackup_checkpoints afterwards: the program's own word is not enough.</param>
    public static ProbeAnswer? Prepared(RoomEnd end, string log, string state)
    {
        if (end.TimedOut) return Answer.Unknown("mariadb-backup --prepare did not end in time", "mariadb-backup --prepare n’a pas fini à temps");
        if (end.ExitCode == 0 && log.Contains("completed OK!", StringComparison.Ordinal) && IsPrepared(state)) return null;
        if (end.ExitCode is 137 or 143 || Array.Exists(OfTheMachine, sign => log.Contains(sign, StringComparison.Ordinal)))
            return Answer.Unknown($"mariadb-backup --prepare could not work on this machine (exit code {end.ExitCode})", $"mariadb-backup --prepare n’a pas pu travailler sur cette machine (code {end.ExitCode})");
        return Answer.Wrong($"the backup cannot be prepared (exit code {end.ExitCode})", $"la sauvegarde ne peut être préparée (code {end.ExitCode})");
    }

    public static bool IsPrepared(string checkpoints) => checkpoints.Contains("backup_type = log-applied", StringComparison.Ordinal) || checkpoints.Contains("backup_type = full-prepared", StringComparison.Ordinal);

    public static SqlAnswer Answered(RoomEnd end)
    {
        if (end.TimedOut) return SqlAnswer.Not(Verdict.Inconclusive, new("the query took too long and was ended", "la requête a pris trop de temps et a été arrêtée"));
        if (end.ExitCode == 0) return Rows(end.OutputText) is { } rows ? SqlAnswer.Of(rows) : SqlAnswer.Not(Verdict.Inconclusive, new("the answer could not be read", "la réponse n’a pas pu être lue"));
        if (ErrorOf(end.ErrorText) is not { } error) return SqlAnswer.Not(Verdict.Inconclusive, new("the server could not be asked", "le serveur n’a pas pu être interrogé"));
        return SqlAnswer.Not(NotOfTheData.Contains(error) ? Verdict.Inconclusive : Verdict.Failed, new($"the query ended with error {error}{Meaning(error).English}", $"la requête s’est terminée par l’erreur {error}{Meaning(error).French}"));
    }

    /// <summary>In a dump, which a program wrote, wrong syntax is damage.</summary>
    public static ProbeAnswer NotLoaded(RoomEnd loaded) => ErrorOf(loaded.ErrorText) switch
    {
        { } error when error == 1064 || !NotOfTheData.Contains(error) => Answer.Wrong($"the dump does not load: error {error}", $"la sauvegarde ne se charge pas : erreur {error}"),
        { } error => Answer.Unknown($"this machine cannot load the dump: error {error}", $"cette machine ne peut charger la sauvegarde : erreur {error}"),
        null => Answer.Unknown($"the loading ended with exit code {loaded.ExitCode} and said nothing about the data", $"le chargement s’est terminé avec le code {loaded.ExitCode} sans rien dire des données"),
    };

    private static Said Meaning(int error) => error switch
    {
        1146 or 1932 => new(": a table is not there", " : une table est absente"),
        1054 => new(": a column is not there", " : une colonne est absente"),
        1049 => new(": the database is not there", " : la base est absente"),
        1792 => new(": it writes, and a question must only read", " : elle écrit, or une question ne doit que lire"),
        1064 => new(": its syntax is wrong", " : sa syntaxe est fausse"),
        1969 => new(": it took too long", " : elle a pris trop de temps"),
        _ => new("", ""),
    };

    public static int? ErrorOf(string errors) => ErrorLine().Match(errors) is { Success: true } line ? int.Parse(line.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : null;

    /// <summary>At most two rows of at most two fields; null when it is not what the client writes.</summary>
    public static List<IReadOnlyList<string?>>? Rows(string output)
    {
        var rows = new List<IReadOnlyList<string?>>();
        var text = output.TrimStart();
        if (text.Length == 0) return rows;
        try
        {
            using var reader = XmlReader.Create(new StringReader(text), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
            List<string?>? row = null;
            while (reader.Read())
            {
                if (reader is { NodeType: XmlNodeType.Element, Name: "row" })
                {
                    if (rows.Count == 2) break;
                    rows.Add(row = []);
                }
                // Reading the content moves on to what follows the element, and that may be the next field.
                while (reader is { NodeType: XmlNodeType.Element, Name: "field" } && row is not null)
                {
                    var isNull = reader.GetAttribute("xsi:nil") == "true";
                    var content = reader.ReadElementContentAsString();
                    if (row.Count < 2) row.Add(isNull ? null : content);
                }
            }
            return rows;
        }
        catch (XmlException)
        {
            // A second result begins a second document: more than one value.
            return rows.Count > 0 && text.IndexOf("<?xml", 1, StringComparison.Ordinal) > 0 ? [rows[0], []] : null;
        }
    }

    /// <returns>Null when the list broke off.</returns>
    public static List<MariaDbTable>? Tables(string output)
    {
        var tables = new List<MariaDbTable>();
        var ended = false;
        foreach (var line in output.Split('\n'))
            switch (line.Split('\t'))
            {
                case ["table", var database, var name, var engine]: tables.Add(new MariaDbTable(Unhex(database), Unhex(name), engine)); break;
                case ["end", ..]: ended = true; break;
            }
        return ended ? tables : null;
    }

    /// <param name="Bad">Corrupt, or unreadable.</param>
    /// <param name="Foreign">Of a storage engine that this server lacks.</param>
    internal sealed record Checked(bool Ended, int Tables, int UserTables, IReadOnlyDictionary<string, long> Rows, IReadOnlyList<string> Bad, IReadOnlyList<string> Foreign);

    /// <summary>What <see cref="MariaDbCommands.CheckScript"/> printed.</summary>
    public static Checked Read(string output, IReadOnlyList<MariaDbTable> tables)
    {
        var (ended, good, users) = (false, 0, 0);
        var rows = new Dictionary<string, long>(StringComparer.Ordinal);
        List<string> bad = [], foreign = [];
        (MariaDbTable Table, bool Status, bool Error, bool Foreign, bool Sum)? open = null;
        void Close()
        {
            if (open is not { } table) return;
            (table.Foreign ? foreign : bad).Add(table.Table.Shown);
            open = null;
        }
        foreach (var line in output.Split('\n'))
            switch (line.Split('\t'))
            {
                case ["begin", var at]:
                    Close();
                    if (int.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < tables.Count) open = (tables[index], false, false, false, false);
                    break;
                case [_, "check", var kind, var text] when open is { } table:
                    // The last line is the verdict; an engine that cannot check itself says so in a note, and its rows are read all the same.
                    open = table with
                    {
                        Status = table.Status || (kind == "status" && text is "OK" or "Table is already up to date") || (kind == "note" && text.Contains("doesn't support check", StringComparison.Ordinal)),
                        Error = table.Error || kind is "error" or "Error" || (kind == "status" && text is not ("OK" or "Table is already up to date")),
                        Foreign = table.Foreign || text.Contains("Unknown storage engine", StringComparison.Ordinal),
                    };
                    break;
                case ["rows", var count] when open is { } table && long.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var number):
                    if (!table.Status || table.Error || !table.Sum)
                    {
                        Close();
                        break;
                    }
                    good++;
                    if (!table.Table.IsSystem)
                    {
                        users++;
                        rows[table.Table.Database] = rows.GetValueOrDefault(table.Table.Database) + number;
                    }
                    open = null;
                    break;
                case [_, var sum] when open is { } table && sum.Length > 0 && sum.All(char.IsAsciiDigit) && line.Contains('.', StringComparison.Ordinal):
                    open = table with { Sum = true };
                    break;
                case ["end", "0"]:
                    Close();
                    ended = true;
                    break;
            }
        return new Checked(ended, good, users, rows, bad, foreign);
    }

    /// <param name="crashed">The server ended by itself meanwhile, by a fault of its own, or said that a page is corrupt.</param>
    public static ProbeAnswer? Judge(Checked read, int tables, RoomEnd end, bool crashed)
    {
        if (end.TimedOut) return Answer.Unknown("the tables were not checked in time", "les tables n’ont pas été vérifiées à temps");
        if (crashed) return Answer.Wrong("the server broke down over a damaged table", "le serveur s’est effondré sur une table endommagée");
        if (!read.Ended || ErrorOf(end.ErrorText) is 2002 or 2006 or 2013) return Answer.Unknown("the check of the tables broke off", "la vérification des tables s’est interrompue");
        if (read.Bad.Count > 0) return Answer.Wrong($"{read.Bad.Count} tables are corrupt or cannot be read: {Named(read.Bad)}", $"{read.Bad.Count} tables sont corrompues ou illisibles : {Named(read.Bad)}");
        if (read.Foreign.Count > 0) return Answer.Unknown($"{read.Foreign.Count} tables belong to a storage engine that this machine lacks: {Named(read.Foreign)}", $"{read.Foreign.Count} tables dépendent d’un moteur de stockage absent de cette machine : {Named(read.Foreign)}");
        return read.Tables == tables ? null : Answer.Unknown($"{read.Tables} of {tables} tables were checked", $"{read.Tables} tables sur {tables} ont été vérifiées");
    }

    /// <summary>Signals that a program gets for its own fault; killed from outside is none.</summary>
    public static bool BrokeDown(string log) => Signal().IsMatch(log);

    public static string Named(IReadOnlyList<string> names) => string.Join(", ", names.Take(MostNamed)) + (names.Count > MostNamed ? ", …" : "");

    private static string Unhex(string digits) => digits.Length % 2 == 0 && digits.All(char.IsAsciiHexDigit) ? Encoding.UTF8.GetString(Convert.FromHexString(digits)) : "";

    [GeneratedRegex(@"^ERROR ([0-9]{1,5})(?: \([0-9A-Z]{5}\))?", RegexOptions.CultureInvariant | RegexOptions.Multiline)]
    private static partial Regex ErrorLine();

    [GeneratedRegex(@"got signal (4|6|7|8|11)\b", RegexOptions.CultureInvariant)]
    private static partial Regex Signal();
}
