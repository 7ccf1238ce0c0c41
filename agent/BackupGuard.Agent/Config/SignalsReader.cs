using BackupGuard.Verification.Checks.Anomaly;
using BackupGuard.Verification.Globbing;

namespace BackupGuard.Agent.Config;

/// <summary>Reads the section <c>signals</c> of a repository. Every exception carries its reason.</summary>
internal static class SignalsReader
{
    private static readonly Dictionary<string, ProfileKind> Kinds = new(StringComparer.Ordinal)
    {
        ["alwaysRandom"] = ProfileKind.AlwaysRandom, ["dump"] = ProfileKind.Dump, ["archive"] = ProfileKind.Archive, ["volatile"] = ProfileKind.Volatile,
    };

    public static SignalsSettings? Read(YamlValue? value, string what, string folder, List<ConfigProblem> problems)
    {
        if (value is null) return null;
        if (value is YamlText { Value: "" }) return new SignalsSettings((string?)null);
        var s = new Section(value, $"signals of {what}", ["canaries", "sampleFiles", "profiles", "windows"], problems);
        var register = s.Optional("canaries") is { } file ? Path.GetFullPath(file, folder) : null;
        var settings = new SignalsSettings(register) { Profiles = Items(s, "profiles", Profile), Windows = Items(s, "windows", Window) };
        return s.Number("sampleFiles", 0, 10_000) is { } files ? settings with { SampleFiles = (int)files } : settings;
    }

    private static List<T> Items<T>(Section s, string key, Func<YamlValue, List<ConfigProblem>, T?> read) where T : class
    {
        var items = new List<T>();
        if (s.Find(key) is not { } value || value is YamlText { Value: "" }) return items;
        if (value is not YamlList list)
        {
            s.RefuseKey(key, "must be a list, each item beginning with \"- paths: …\"");
            return items;
        }
        foreach (var item in list.Items)
            if (read(item, s.Problems) is { } one) items.Add(one);
        return items;
    }

    private static PathProfile? Profile(YamlValue item, List<ConfigProblem> problems)
    {
        var s = new Section(item, "a profile", ["paths", "kind", "reason"], problems);
        var (paths, word, reason) = (s.Required("paths", "\"srv/bases/tde/**\""), s.Required("kind", "dump"), s.Required("reason", "nightly dumps of the laboratory"));
        if (word is not null && !Kinds.ContainsKey(word))
            s.RefuseKey("kind", Values.Closest(word, Kinds.Keys) is { } meant ? $"did you mean \"{meant}\"?" : $"write one of {string.Join(", ", Kinds.Keys)}");
        return paths is null || word is null || reason is null || !Kinds.TryGetValue(word, out var kind) ? null : new PathProfile(new PathGlob(paths), kind, reason);
    }

    private static ChangeWindow? Window(YamlValue item, List<ConfigProblem> problems)
    {
        var s = new Section(item, "a window", ["paths", "from", "until", "reason"], problems);
        var (paths, from, until, reason) = (s.Required("paths", "\"srv/pacs/**\""), Instant(s, "from"), Instant(s, "until"), s.Required("reason", "migration of the image archive"));
        if (from is not { } begin || until is not { } end) return null;
        if (end <= begin) s.RefuseKey("until", "it is not after from");
        else if (end - begin > ChangeWindow.Longest) s.RefuseKey("until", $"a window lasts at most {ChangeWindow.Longest.TotalDays:0} days; announce the next part when it begins");
        else if (paths is not null && reason is not null) return new ChangeWindow(new PathGlob(paths), begin, end, reason);
        return null;
    }

    private static DateTimeOffset? Instant(Section s, string key)
    {
        if (s.Required(key, "2026-11-22T20:00:00+01:00") is not { } text) return null;
        if (Values.TryInstant(text, out var instant)) return instant;
        s.RefuseKey(key, Values.NoInstant(text));
        return null;
    }
}
