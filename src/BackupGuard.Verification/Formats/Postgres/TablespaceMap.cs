using System.Text;

namespace BackupGuard.Verification.Formats.Postgres;

/// <summary>tablespace_map: which tablespaces there were, and where (PostgreSQL documentation, pg_backup_stop; src/backend/access/transam/xlogrecovery.c, read_tablespace_map).</summary>
internal static class TablespaceMap
{
    public const string FileName = "tablespace_map";
    private const int MostTablespaces = 10_000;

    /// <returns>Oid and path of each; or null and why the file cannot be used.</returns>
    public static IReadOnlyList<(string Oid, string Path)>? Parse(ReadOnlySpan<byte> bytes, out Words refusal)
    {
        var spaces = new List<(string Oid, string Path)>();
        foreach (var line in Lines(Encoding.UTF8.GetString(bytes)))
        {
            var blank = line.IndexOf(' ');
            refusal = blank < 1 || !line.AsSpan(0, blank).ContainsOnlyDigits() || blank == line.Length - 1 ? new Words("a line of it is malformed", "une de ses lignes est mal formée")
                : spaces.Count >= MostTablespaces ? new Words("it has too many lines", "il a trop de lignes")
                : default;
            if (refusal != default) return null;
            spaces.Add((line[..blank], line[(blank + 1)..]));
        }

        refusal = default;
        return spaces;
    }

    /// <summary>A backslash takes the next character as it is, a line break too.</summary>
    private static IEnumerable<string> Lines(string text)
    {
        var line = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 1 < text.Length) line.Append(text[++i]);
            else if (text[i] is not ('\n' or '\r')) line.Append(text[i]);
            else if (line.Length > 0)
            {
                yield return line.ToString();
                line.Clear();
            }
        }

        if (line.Length > 0) yield return line.ToString();
    }
}
