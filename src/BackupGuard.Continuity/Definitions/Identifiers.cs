using System.Text.RegularExpressions;

namespace BackupGuard.Continuity.Definitions;

internal static partial class Identifiers
{
    public const string Rule = "minuscules sans accent, chiffres et tirets, commençant par une lettre, 63 caractères au plus";
    public const string RuleEn = "lower-case letters, digits and hyphens, starting with a letter, 63 characters at most";

    public static bool IsKebab(string text) => Kebab().IsMatch(text);

    /// <summary>Facts and evidence may also carry an underscore, as guards write them.</summary>
    public static bool IsName(string text) => Name().IsMatch(text);

    [GeneratedRegex(@"^(?=.{1,63}\z)[a-z][a-z0-9]*(-[a-z0-9]+)*\z")]
    private static partial Regex Kebab();

    [GeneratedRegex(@"^(?=.{1,63}\z)[a-z][a-z0-9]*([-_][a-z0-9]+)*\z")]
    private static partial Regex Name();

    /// <summary>The known word nearest to a misspelt one, or null when none is near.</summary>
    public static string? Nearest(string word, IEnumerable<string> known)
    {
        if (word.Length > 64)
        {
            return null;
        }

        return known.Select(k => (Word: k, Distance: Distance(word, k)))
            .Where(c => c.Distance <= Math.Max(1, word.Length / 4))
            .OrderBy(c => c.Distance).ThenBy(c => c.Word, StringComparer.Ordinal)
            .Select(c => c.Word).FirstOrDefault();
    }

    private static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = Math.Min(Math.Min(row[j] + 1, row[j - 1] + 1), diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = row[j];
                row[j] = cost;
            }
        }

        return row[b.Length];
    }
}
