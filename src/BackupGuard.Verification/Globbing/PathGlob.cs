using System.Text;
using System.Text.RegularExpressions;

namespace BackupGuard.Verification.Globbing;

/// <summary>A pattern over paths with '/': "*" and "?" stay within a part, "**" crosses parts. A pattern without '/' matches the last part anywhere.</summary>
public sealed class PathGlob
{
    private readonly Regex regex;

    /// <summary>Whether something below a matched folder belongs to the match too: "etc" takes in "etc/hosts".</summary>
    private readonly bool anywhere;

    public PathGlob(string pattern)
    {
        Pattern = pattern;
        var trimmed = pattern.Trim('/');
        anywhere = !trimmed.Contains('/');
        var text = new StringBuilder("^");
        if (anywhere) text.Append("(?:.*/)?");
        for (var i = 0; i < trimmed.Length; i++)
        {
            if (trimmed[i] == '*' && i + 1 < trimmed.Length && trimmed[i + 1] == '*')
            {
                i++;
                if (i + 1 < trimmed.Length && trimmed[i + 1] == '/') { text.Append("(?:.*/)?"); i++; }
                else text.Append(".*");
            }
            else if (trimmed[i] == '*') text.Append("[^/]*");
            else if (trimmed[i] == '?') text.Append("[^/]");
            else text.Append(Regex.Escape(trimmed[i].ToString()));
        }
        text.Append("(?:/.*)?$");
        // NonBacktracking: a pattern is configuration, the paths are foreign; no input may cost more than linear time.
        regex = new Regex(text.ToString(), RegexOptions.NonBacktracking | RegexOptions.Singleline | RegexOptions.CultureInvariant);
    }

    public string Pattern { get; }

    public bool Matches(string path) => regex.IsMatch(path.TrimStart('/'));

    public override string ToString() => Pattern;
}
