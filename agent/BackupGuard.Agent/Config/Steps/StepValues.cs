using System.Globalization;
using BackupGuard.Verification;
using BackupGuard.Verification.Drills;

namespace BackupGuard.Agent.Config.Steps;

/// <summary>What the steps of several families write alike.</summary>
internal static class StepValues
{
    /// <param name="otherwise">Where nothing is written.</param>
    public static TimeSpan? Timeout(Section s, TimeSpan otherwise, int mostDays = 1)
    {
        if (s.Find("timeout") is null) return otherwise;
        var timeout = ProbeReader.Duration(s, "timeout", s.Optional("timeout"));
        if (timeout > TimeSpan.FromDays(mostDays)) s.RefuseKey("timeout", $"a step may take at most P{mostDays}D");
        return timeout;
    }

    /// <summary>The glob below that key.</summary>
    public static Glob? Pattern(Section s, string key, string example, string? otherwise = null)
    {
        if ((otherwise is null ? s.Required(key, example) : s.Optional(key) ?? otherwise) is not { } text) return null;
        if (Glob.TryParse(text, out var glob, out var refusal)) return glob;
        s.RefuseKey(key, refusal);
        return null;
    }

    /// <summary>One of the words, and what it stands for.</summary>
    /// <param name="text">What is written; null: nothing is.</param>
    public static T? Word<T>(Section s, string key, string? text, params ReadOnlySpan<(string Word, T Value)> words) where T : struct
    {
        if (text is null) return null;
        foreach (var (word, value) in words)
            if (word == text) return value;
        var known = new List<string>();
        foreach (var (word, _) in words) known.Add(word);
        s.RefuseKey(key, $"write one of {string.Join(", ", known)}");
        return null;
    }

    public static bool Flag(Section s, string key, bool otherwise)
    {
        if (s.Optional(key) is not { } text) return otherwise;
        if (text is not ("true" or "false")) s.RefuseKey(key, "write true or false");
        return text == "true";
    }

    /// <summary>A map from what is counted to the least number.</summary>
    /// <param name="isCounted">Whether that is counted at all: what is not would never be reached, or never be missed.</param>
    public static SortedDictionary<string, long> Least(Section s, string what, Func<string, bool> isCounted)
    {
        var least = new SortedDictionary<string, long>(StringComparer.Ordinal);
        if (s.Find("least") is not { } value) return least;
        if (value is not YamlMap map)
        {
            s.RefuseKey("least", $"write a map from what is counted to a number, as in {{files: 100}}; counted are {what}");
            return least;
        }
        foreach (var (key, number) in map.Entries)
            if (!isCounted(key.Value)) s.Refuse(key, $"\"{Printable.Of(key.Value)}\" is not counted; counted are {what}");
            else if (number is YamlText text && long.TryParse(text.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var least1) && least1 > 0) least[key.Value] = least1;
            else s.Refuse(number, $"{Printable.Of(key.Value)}: write a whole number from 1");
        return least;
    }

    public static string? FullPath(Section s, string key, string? text)
    {
        if (text is null || Path.IsPathFullyQualified(text)) return text;
        s.RefuseKey(key, $"\"{Printable.Of(text)}\" is not a full path");
        return null;
    }
}
