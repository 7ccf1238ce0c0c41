using System.IO.Enumeration;

namespace BackupGuard.Verification.Formats.FileSet;

/// <summary>A pattern over a path: "?" and "*" within one part, "**" for any number of parts. What lies below a match belongs to it.</summary>
internal sealed class PathGlob(string pattern)
{
    private readonly string[] parts = pattern.Trim('/').Split('/');

    public bool Matches(string path) => Matches(parts, path.Split('/'));

    private static bool Matches(ReadOnlySpan<string> pattern, ReadOnlySpan<string> path)
    {
        if (pattern.Length == 0) return true;
        if (pattern[0] == "**")
        {
            // One "**" may stand for nothing as well; several in a row say no more than one.
            while (pattern.Length > 1 && pattern[1] == "**") pattern = pattern[1..];
            for (var skipped = 0; skipped <= path.Length; skipped++)
                if (Matches(pattern[1..], path[skipped..])) return true;
            return false;
        }

        return path.Length > 0 && FileSystemName.MatchesSimpleExpression(pattern[0], path[0], ignoreCase: false) && Matches(pattern[1..], path[1..]);
    }
}
