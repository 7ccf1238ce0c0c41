using System.Globalization;
using System.Text;
using BackupGuard.Server.Ui;
using BackupGuard.Server.Ui.Texts;

namespace BackupGuard.Server.Features.Contacts;

/// <summary>A line of a file that cannot be taken, and why.</summary>
/// <param name="Line">From 1, as an editor counts; 0: the file as a whole.</param>
public sealed record CsvProblem(int Line, Phrase Reason);

/// <summary>The directory as a table that spreadsheets of this country open: semicolons, UTF-8 with its mark, RFC 4180 quotes.</summary>
public static class ContactsCsv
{
    public const int MaxBytes = 1024 * 1024;
    public const int MaxContacts = 5000;

    private const int MostProblems = 50;
    private const string PhoneSeparator = "|";

    private static readonly string[] Header = ["type", "nom", "fonction", "roles", "telephones", "autre-canal", "joignable", "contrat", "note", "teste-le", "teste-par"];
    private static readonly (ContactKind Kind, string Word)[] Kinds = [(ContactKind.Person, "personne"), (ContactKind.Supplier, "fournisseur"), (ContactKind.Authority, "autorite")];

    public static string WordOf(ContactKind kind) => Kinds.First(k => k.Kind == kind).Word;

    /// <returns>Null for any other word.</returns>
    public static ContactKind? KindOf(string word) => Kinds.Where(k => k.Word == word).Select(k => (ContactKind?)k.Kind).FirstOrDefault();

    public static byte[] Write(IEnumerable<Contact> contacts)
    {
        var text = new StringBuilder();
        Line(text, Header);
        foreach (var c in contacts)
        {
            Line(text, [WordOf(c.Kind), c.Name, c.Function, string.Join(' ', c.Roles), string.Join($" {PhoneSeparator} ", c.Phones), c.OtherChannel, c.Reachable, c.Contract, c.Note,
                c.TestedAt is { } at ? at.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : "", c.TestedBy]);
        }

        return [.. Encoding.UTF8.GetPreamble(), .. Encoding.UTF8.GetBytes(text.ToString())];
    }

    /// <returns>All contacts of the file, without ids, or what is wrong with it: one bad line and none is taken.</returns>
    public static (IReadOnlyList<Contact> Contacts, IReadOnlyList<CsvProblem> Problems) Read(ReadOnlySpan<byte> bytes, DateTimeOffset now)
    {
        if (bytes.Length > MaxBytes) return ([], [new(0, ContactTexts.FileTooLarge)]);
        string text;
        try
        {
            text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes.StartsWith(Encoding.UTF8.Preamble) ? bytes[Encoding.UTF8.Preamble.Length..] : bytes);
        }
        catch (DecoderFallbackException)
        {
            return ([], [new(0, ContactTexts.NotUtf8)]);
        }

        var (contacts, problems, seen) = (new List<Contact>(), new List<CsvProblem>(), new HashSet<(ContactKind, string)>());
        var header = false;
        foreach (var (line, cells) in Records(text))
        {
            if (problems.Count == MostProblems) break;
            if (cells is null)
            {
                problems.Add(new(line, ContactTexts.BadQuotes));
                break;
            }

            if (!header)
            {
                header = cells.SequenceEqual(Header);
                if (!header) return ([], [new(line, ContactTexts.BadHeader)]);
                continue;
            }

            if (cells is [""]) continue;
            var (contact, problem) = Contact(cells, now);
            if (problem is null && !seen.Add((contact!.Kind, contact.Name))) problem = ContactTexts.Twice;      // without a problem there is a contact
            if (problem is null && contacts.Count == MaxContacts) problem = ContactTexts.TooManyContacts;
            if (problem is null) contacts.Add(contact!);
            else problems.Add(new(line, problem));
        }

        if (!header && problems.Count == 0) problems.Add(new(0, ContactTexts.BadHeader));
        if (problems.Count == 0 && contacts.Count == 0) problems.Add(new(0, ContactTexts.FileEmpty));
        return problems.Count > 0 ? ([], problems) : (contacts, []);
    }

    private static (Contact? Contact, Phrase? Problem) Contact(IReadOnlyList<string> raw, DateTimeOffset now)
    {
        if (raw.Count != Header.Length) return (null, ContactTexts.BadColumns);
        string[] cells = [.. raw.Select(c => Armed(c.Trim()))];
        if (KindOf(cells[0]) is not { } kind) return (null, ContactTexts.BadKind);
        DateTimeOffset? tested = null;
        if (cells[9].Length > 0 || cells[10].Length > 0)
        {
            if (!DateTime.TryParseExact(cells[9], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var day) || day > now || cells[10].Length == 0)
            {
                return (null, ContactTexts.BadTest);
            }

            tested = new DateTimeOffset(day, TimeSpan.Zero);
        }

        var contact = new Contact("", kind, cells[1])
        {
            Function = cells[2], Roles = Parts(cells[3], ' '), Phones = Parts(cells[4], PhoneSeparator[0]), OtherChannel = cells[5], Reachable = cells[6], Contract = cells[7], Note = cells[8],
            TestedAt = tested, TestedBy = tested is null ? "" : cells[10],
        };
        return contact.Problem() is { } problem ? (null, problem) : (contact, null);
    }

    private static string[] Parts(string text, char separator) => text.Split(separator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static void Line(StringBuilder text, IEnumerable<string> cells) => text.AppendJoin(';', cells.Select(Cell)).Append("\r\n");

    /// <summary>A spreadsheet runs what begins like a formula, and a phone number begins with a plus: an apostrophe in front makes it text.</summary>
    private static string Cell(string text)
    {
        var safe = text is ['=' or '+' or '-' or '@' or '\t' or '\r' or '\'', ..] ? "'" + text : text;
        return safe.AsSpan().IndexOfAny("\";\r\n") >= 0 ? $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : safe;
    }

    /// <summary>Takes the apostrophe of <see cref="Cell"/> off again.</summary>
    private static string Armed(string cell) => cell is ['\'', '=' or '+' or '-' or '@' or '\t' or '\r' or '\'', ..] ? cell[1..] : cell;

    /// <returns>Records with the line they begin on; null in place of the last one where a quote is not closed, or stands where none may.</returns>
    private static IEnumerable<(int Line, IReadOnlyList<string>? Cells)> Records(string text)
    {
        var (at, line) = (0, 1);
        while (at < text.Length)
        {
            var (cells, cell, begun) = (new List<string>(), new StringBuilder(), line);
            var quoted = false;
            for (var wasQuoted = false; ; at++)
            {
                if (at == text.Length)
                {
                    if (quoted)
                    {
                        yield return (begun, null);
                        yield break;
                    }

                    break;
                }

                var c = text[at];
                if (c == '\n') line++;
                if (quoted && c == '"' && at + 1 < text.Length && text[at + 1] == '"')
                {
                    cell.Append('"');
                    at++;
                }
                else if (quoted && c == '"') (quoted, wasQuoted) = (false, true);
                else if (quoted) cell.Append(c);
                else if (c == '"' && cell.Length == 0 && !wasQuoted) quoted = true;
                else if (c == ';')
                {
                    cells.Add(cell.ToString());
                    cell.Clear();
                    wasQuoted = false;
                }
                else if (c == '\n')
                {
                    at++;
                    break;
                }
                else if (c == '"' || (wasQuoted && c != '\r'))
                {
                    yield return (begun, null);
                    yield break;
                }
                else if (c != '\r') cell.Append(c);
            }

            cells.Add(cell.ToString());
            yield return (begun, cells);
        }
    }
}
