namespace BackupGuard.Verification.Drills;

/// <summary>A pattern over a path: "*" and "?" stay within one part, "**" as a whole part stands for any number of parts, none included.</summary>
/// <remarks>Upper and lower case differ. Time is bounded by pattern length × path length, whatever the pattern.</remarks>
public sealed class Glob
{
    private readonly string _text;
    private readonly string[] _parts;

    private Glob(string text)
    {
        _text = text;
        _parts = text.Split('/');
    }

    public static bool TryParse(string text, out Glob glob, out string refusal)
    {
        glob = new Glob(text);
        if (!RestoredPath.TryParse(text, out _, out refusal)) return false;
        if (glob._parts.Any(p => p != "**" && p.Contains("**", StringComparison.Ordinal)))
            refusal = "\"**\" must be a whole part, as in \"**/name\"";
        return refusal.Length == 0;
    }

    public bool Matches(string path)
    {
        var parts = path.Split('/');
        // reached[j]: the pattern's parts up to here match the first j parts of the path.
        var reached = new bool[parts.Length + 1];
        reached[0] = true;
        foreach (var pattern in _parts)
        {
            var next = new bool[parts.Length + 1];
            for (var j = 0; j <= parts.Length; j++)
                next[j] = pattern == "**"
                    ? reached[j] || (j > 0 && next[j - 1])
                    : j > 0 && reached[j - 1] && PartMatches(pattern, parts[j - 1]);
            reached = next;
        }
        return reached[^1];
    }

    private static bool PartMatches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name)
    {
        int p = 0, n = 0, star = -1, starredFrom = 0;
        while (n < name.Length)
        {
            if (p < pattern.Length && pattern[p] == '*') { star = p++; starredFrom = n; }
            else if (p < pattern.Length && (pattern[p] == '?' || pattern[p] == name[n])) { p++; n++; }
            else if (star >= 0) { p = star + 1; n = ++starredFrom; }
            else return false;
        }
        return pattern[p..].Trim('*').IsEmpty;
    }

    public override string ToString() => _text;
    public override bool Equals(object? obj) => obj is Glob other && other._text == _text;
    public override int GetHashCode() => string.GetHashCode(_text, StringComparison.Ordinal);
}
