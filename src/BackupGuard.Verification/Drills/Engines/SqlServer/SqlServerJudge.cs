using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using BackupGuard.Verification.Drills.Engines.Sql;

namespace BackupGuard.Verification.Drills.Engines.SqlServer;

/// <summary>What sqlcmd printed for one statement.</summary>
/// <param name="Lines">Between our two marks; without them all there is.</param>
/// <param name="Error">What the server held for the last error when the statement had ended, 0 for none; null where the second mark never came.</param>
/// <param name="Rows">What the last of the statement's parts counted.</param>
/// <param name="Messages">Numbers of errors, in their order, and the line after each.</param>
internal sealed record SqlServerReply(IReadOnlyList<string> Lines, bool Begun, int? Error, long Rows, IReadOnlyList<(int Number, string Text)> Messages, RoomEnd End)
{
    /// <summary>Three witnesses agree that the statement ended well: the server's error number, what it printed, and the program's exit code.</summary>
    public bool IsClean => Begun && Error == 0 && Messages is [] && End.Succeeded;

    /// <summary>The one line that begins with this word, without it.</summary>
    public string? Of(string word) => Lines.Where(l => l.StartsWith(word + " ", StringComparison.Ordinal)).Take(2).ToList() is [var only] ? only[(word.Length + 1)..] : null;
}

/// <summary>What the answers of SQL Server through sqlcmd mean. Only numbers of errors, counts and names of tables leave here: messages may quote rows.</summary>
internal static partial class SqlServerJudge
{
    private const int MostNamed = 5;

    /// <summary>Errors below this severity are told for information.</summary>
    private const int LeastSeverity = 11;

    /// <summary>
    /// What only damaged bytes bring about: a page that fails its check (605, 824, 829), a page header that is none (5172), a log that cannot be replayed (3313, 3314, 3316, 3414, 3456, 9003), a backup that is damaged,
    /// cut off or none (3183, 3189, 3241, 3242, 3243, 3256, 3266, 3270, 3287). Everything else may be the machine's, the rights' or the question's fault, and says nothing.
    /// </summary>
    private static readonly HashSet<int> Damage = [605, 824, 829, 3183, 3189, 3241, 3242, 3243, 3256, 3266, 3270, 3287, 3313, 3314, 3316, 3414, 3456, 5172, 9003];

    /// <summary>Numbers among those of the checks that say that the check could not be made: no right, no snapshot, no space, broken off.</summary>
    private static readonly HashSet<int> NotChecked = [2571, 7928, 7929, 8921, 8967];

    public static SqlServerReply Read(RoomEnd end, string mark)
    {
        // Who prints the replacement character had bytes that are not of the encoding that is read.
        var lines = end.OutputText.Split('\n').Select(l => l.TrimEnd('\r')).ToList();
        var (begin, last) = (lines.IndexOf(mark + " begin"), lines.FindLastIndex(l => l.StartsWith(mark + " end ", StringComparison.Ordinal)));
        var ended = last > begin && begin >= 0 && EndLine().Match(lines[last][mark.Length..]) is { Success: true } match ? match : null;
        var between = begin < 0 ? lines : lines[(begin + 1)..(ended is null ? lines.Count : last)];
        return new SqlServerReply(between, begin >= 0, ended is null ? null : int.Parse(ended.Groups[1].ValueSpan, CultureInfo.InvariantCulture),
            ended is null ? 0 : long.Parse(ended.Groups[2].ValueSpan, CultureInfo.InvariantCulture), [.. Errors(lines), .. Errors([.. end.ErrorText.Split('\n').Select(l => l.TrimEnd('\r'))])], end);
    }

    /// <summary>
    /// "Msg 824, Level 24, State 2, Server X, Line 1", in whatever language: the words differ, the numbers and their order do not. The text follows in the next line.
    /// </summary>
    private static IEnumerable<(int, string)> Errors(List<string> lines)
    {
        for (var i = 0; i < lines.Count; i++)
            if (MessageLine().Match(lines[i]) is { Success: true } line && int.TryParse(line.Groups["level"].ValueSpan, out var level) && level >= LeastSeverity && int.TryParse(line.Groups["number"].ValueSpan, out var number))
                yield return (number, i + 1 < lines.Count ? lines[i + 1] : "");
    }

    /// <param name="what">What was tried, in both languages, as in "the backup's header could not be read".</param>
    /// <returns>Null when it ended well.</returns>
    public static ProbeAnswer? NotClean(SqlServerReply reply, Said what)
    {
        if (reply.IsClean) return null;
        var damage = reply.Messages.Where(m => IsDamage(m)).Select(m => m.Number).Distinct().ToList();
        if (damage.Count > 0) return Answer.Wrong($"{what.English}: error {Numbers(damage)}{Meaning(damage[0]).English}", $"{what.French} : erreur {Numbers(damage)}{Meaning(damage[0]).French}");
        return Answer.Unknown($"{what.English}: {Why(reply).English}", $"{what.French} : {Why(reply).French}");
    }

    /// <summary>Why a statement did not end well, where that says nothing about the data.</summary>
    public static Said Why(SqlServerReply reply)
    {
        if (reply.Messages is [var first, ..]) return new($"error {first.Number}{Meaning(first.Number).English}", $"erreur {first.Number}{Meaning(first.Number).French}");
        if (reply.End.TimedOut) return new("it did not end in time", "cela n’a pas fini à temps");
        if (!reply.Begun) return new($"the instance could not be asked (exit code {reply.End.ExitCode})", $"l’instance n’a pas pu être interrogée (code {reply.End.ExitCode})");
        if (reply.Error is null) return new($"the answer broke off (exit code {reply.End.ExitCode})", $"la réponse s’est interrompue (code {reply.End.ExitCode})");
        if (reply.Error != 0) return new($"error {reply.Error}{Meaning(reply.Error.Value).English}", $"erreur {reply.Error}{Meaning(reply.Error.Value).French}");
        return new($"sqlcmd ended with exit code {reply.End.ExitCode} and named no error", $"sqlcmd s’est terminé avec le code {reply.End.ExitCode} sans nommer d’erreur");
    }

    /// <param name="error">A page that cannot be read may be the drive's fault (823); a file that ends too early is the backup's.</param>
    private static bool IsDamage((int Number, string Text) error) => Damage.Contains(error.Number) || (error.Number is 3203 or 3271 && error.Text.Contains("38(", StringComparison.Ordinal));

    private static Said Meaning(int error) => error switch
    {
        3203 or 3271 => new(": the backup could not be read to its end", " : la sauvegarde n’a pas pu être lue jusqu’au bout"),
        3183 or 3189 or 3242 or 3243 or 3270 or 3287 => new(": the backup is damaged", " : la sauvegarde est endommagée"),
        3241 => new(": this is no backup of SQL Server, or its beginning is damaged, or a much newer release made it", " : ce n’est pas une sauvegarde SQL Server, ou son début est endommagé, ou une version bien plus récente l’a faite"),
        3256 or 3266 => new(": the backup was never finished", " : la sauvegarde n’a jamais été terminée"),
        3169 => new(": a newer release made the backup", " : une version plus récente a fait la sauvegarde"),
        3201 => new(": the server may not open the copy in the exchange folder, or has another name for that folder", " : le serveur ne peut ouvrir la copie dans le dossier d’échange, ou nomme ce dossier autrement"),
        3257 or 1105 or 9002 => new(": the server lacks space", " : le serveur manque d’espace"),
        33111 => new(": it is encrypted, and the instance lacks the certificate", " : elle est chiffrée, et l’instance n’a pas le certificat"),
        229 or 262 or 297 or 300 or 916 or 2571 or 15247 => new(": the login lacks a right", " : il manque un droit à la connexion"),
        18456 => new(": the login is refused", " : la connexion est refusée"),
        102 or 156 => new(": its syntax is wrong", " : sa syntaxe est fausse"),
        207 => new(": a column is not there", " : une colonne est absente"),
        208 => new(": a table is not there", " : une table est absente"),
        3906 => new(": it writes, and a question must only read", " : elle écrit, or une question ne doit que lire"),
        605 or 824 or 829 => new(": a page is damaged", " : une page est endommagée"),
        _ => new("", ""),
    };

    /// <summary>CHECKDB itself. Nothing said is good only where the statement's end was seen and the server does not deny that the check went well.</summary>
    public static ProbeAnswer? Checked(SqlServerReply reply)
    {
        var found = reply.Messages.Where(m => IsDamage(m) || (m.Number is (>= 2500 and < 2600) or (>= 7900 and < 8000) or (>= 8900 and < 9000) && !NotChecked.Contains(m.Number))).Select(m => m.Number).ToList();
        if (found.Count > 0) return Answer.Wrong($"DBCC CHECKDB names at least {found.Count} errors: {Numbers([.. found.Distinct()])}", $"DBCC CHECKDB nomme au moins {found.Count} erreurs : {Numbers([.. found.Distinct()])}");
        if (NotClean(reply, new("DBCC CHECKDB could not check the database", "DBCC CHECKDB n’a pas pu vérifier la base")) is { } not) return not;
        return reply.Of("good") is "yes" or "unknown" ? null
            : Answer.Unknown("DBCC CHECKDB named no error, but the server itself does not hold that a check went well", "DBCC CHECKDB n’a nommé aucune erreur, mais le serveur lui-même ne retient pas qu’une vérification ait réussi");
    }

    /// <returns>Null when it is not what RESTORE HEADERONLY prints.</returns>
    public static List<BackupSet>? Sets(SqlServerReply reply)
    {
        if (Table(reply, "Position", "BackupType", "ServerName", "DatabaseName", "HasBackupChecksums", "IsDamaged") is not { Count: > 0 } rows) return null;
        var sets = new List<BackupSet>();
        foreach (var row in rows)
        {
            if (!int.TryParse(row[0], NumberStyles.None, CultureInfo.InvariantCulture, out var position) || position < 1) return null;
            sets.Add(new BackupSet(position, int.TryParse(row[1], NumberStyles.None, CultureInfo.InvariantCulture, out var type) ? type : null, row[2], row[3], row[4] == "1", row[5] == "1"));
        }
        return sets;
    }

    /// <returns>Null when it is not what RESTORE FILELISTONLY prints.</returns>
    public static List<BackupFile>? Files(SqlServerReply reply)
    {
        if (Table(reply, "LogicalName", "Type") is not { Count: > 0 } rows || rows.Any(r => r[0].Length == 0 || r[1] is not ("D" or "L" or "S" or "F"))) return null;
        var first = rows.FindIndex(r => r[1] == "D");
        return first < 0 ? null : [.. rows.Select((r, i) => new BackupFile(r[0], r[1], i == first))];
    }

    /// <summary>The columns of these names, from a heading, a line of dashes and rows of as many fields. Which columns there are depends on the release.</summary>
    private static List<string[]>? Table(SqlServerReply reply, params string[] columns)
    {
        var lines = reply.Lines.Where(l => l.Length > 0).ToList();
        var head = lines.FindIndex(l => columns.All(c => l.Split('\t').Contains(c)));
        if (head < 0) return null;
        var names = lines[head].Split('\t');
        var at = columns.Select(c => Array.IndexOf(names, c)).ToArray();
        var rows = new List<string[]>();
        foreach (var line in lines.Skip(head + 1))
        {
            var fields = line.Split('\t');
            // The heading of our own second mark has one field.
            if (fields.Length == 1) continue;
            if (fields.Length != names.Length) return null;
            if (Array.TrueForAll(fields, f => f.Length > 0 && f.All(c => c == '-'))) continue;
            rows.Add([.. at.Select(i => fields[i])]);
        }
        return rows;
    }

    /// <param name="Bad">Tables that could not be read, with the error.</param>
    internal sealed record Counted(IReadOnlyDictionary<string, long> Rows, IReadOnlyList<(string Table, int Error)> Bad);

    /// <returns>Null when the list broke off.</returns>
    public static Counted? Tables(SqlServerReply reply)
    {
        var rows = new Dictionary<string, long>(StringComparer.Ordinal);
        var bad = new List<(string, int)>();
        foreach (var line in reply.Lines)
            switch (line.Split(' '))
            {
                case ["table", var name, var count] when long.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var number): rows[Unhex(name)] = number; break;
                case ["bad", var name, var error] when int.TryParse(error, NumberStyles.None, CultureInfo.InvariantCulture, out var number): bad.Add((Printable.Of(Unhex(name)), number)); break;
            }
        return reply.IsClean && int.TryParse(reply.Of("tables"), NumberStyles.None, CultureInfo.InvariantCulture, out var tables) && tables == rows.Count + bad.Count ? new Counted(rows, bad) : null;
    }

    public static ProbeAnswer? Judge(Counted counted)
    {
        if (counted.Bad is [])
            return counted.Rows.Count == 0 ? Answer.Wrong("the restored database holds no table", "la base restaurée ne contient aucune table")
                : counted.Rows.Values.Sum() == 0 ? Answer.Wrong($"{counted.Rows.Count} tables, and not one row", $"{counted.Rows.Count} tables, et pas une ligne") : null;
        var named = string.Join(", ", counted.Bad.Take(MostNamed).Select(b => $"{b.Table} ({b.Error})")) + (counted.Bad.Count > MostNamed ? ", …" : "");
        return new ProbeAnswer(counted.Bad.Any(b => Damage.Contains(b.Error)) ? Verdict.Failed : Verdict.Inconclusive, new($"{counted.Bad.Count} tables could not be read: {named}", $"{counted.Bad.Count} tables n’ont pas pu être lues : {named}"));
    }

    /// <summary>Which of the instance's own names is the one that made the backup; null where it is another instance.</summary>
    public static string? SameInstance(SqlServerReply identity, BackupSet set) =>
        identity.Lines.Where(l => l.StartsWith("name ", StringComparison.Ordinal)).Select(l => Unhex(l[5..])).FirstOrDefault(n => n.Length > 0 && n.Equals(set.Server, StringComparison.OrdinalIgnoreCase));

    /// <summary>A question's rows: how many the server counted, and what was printed.</summary>
    public static SqlAnswer Rows(SqlServerReply reply)
    {
        if (!reply.IsClean)
        {
            var bad = reply.Messages.Any(m => IsDamage(m) || m.Number is 207 or 208);
            return SqlAnswer.Not(bad ? Verdict.Failed : Verdict.Inconclusive, new($"the query was not answered: {Why(reply).English}", $"la requête est sans réponse : {Why(reply).French}"));
        }
        var printed = reply.Lines.Where(l => l.Length > 0).ToList();
        return (reply.Rows, printed) switch
        {
            (0, []) => SqlAnswer.Of([]),
            (1, [var line]) => SqlAnswer.Of([[.. line.Split('\t').Take(2).Select(f => f == "NULL" ? null : f)]]),
            (1, []) => SqlAnswer.Of([[""]]),
            (1, _) => SqlAnswer.Of([[string.Join('\n', printed)]]),
            ( > 1, { Count: > 0 }) => SqlAnswer.Of([[printed[0]], [printed[^1]]]),
            _ => SqlAnswer.Not(Verdict.Inconclusive, new("the answer could not be read", "la réponse n’a pas pu être lue")),
        };
    }

    private static string Numbers(List<int> numbers) => string.Join(", ", numbers.Take(MostNamed)) + (numbers.Count > MostNamed ? ", …" : "");

    public static string Unhex(string digits) => digits.Length % 4 == 0 && digits.All(char.IsAsciiHexDigit) ? Encoding.Unicode.GetString(Convert.FromHexString(digits)) : "";

    [GeneratedRegex(@"^ end (-?[0-9]{1,10}) ([0-9]{1,18})$", RegexOptions.CultureInvariant)]
    private static partial Regex EndLine();

    [GeneratedRegex(@"^\D{1,24}(?<number>[0-9]{1,9})\s?[,，、]\D{1,24}(?<level>[0-9]{1,2})\s?[,，、]\D{1,24}[0-9]{1,3}\s?[,，、]", RegexOptions.CultureInvariant)]
    private static partial Regex MessageLine();
}
