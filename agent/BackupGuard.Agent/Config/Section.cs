using System.Globalization;

namespace BackupGuard.Agent.Config;

/// <summary>One map of the file, being read: every key that nobody asked for is a problem, and problems are gathered.</summary>
internal sealed class Section
{
    private readonly Dictionary<string, YamlValue> _values = new(StringComparer.Ordinal);
    private readonly YamlValue _place;
    private readonly string _what;

    public Section(YamlValue value, string what, IReadOnlyList<string> keys, List<ConfigProblem> problems)
    {
        (_place, _what, Problems) = (value, what, problems);
        if (value is not YamlMap map)
        {
            Refuse(value, $"{what} must be a map with the keys {string.Join(", ", keys)}");
            IsBroken = true;
            return;
        }
        foreach (var (key, entry) in map.Entries)
        {
            if (keys.Contains(key.Value)) { _values.Add(key.Value, entry); continue; }
            var meant = Values.Closest(key.Value, keys);
            Refuse(key, $"{what} has no key \"{Shown(key.Value)}\"; " + (meant is null ? $"write one of {string.Join(", ", keys)}" : $"did you mean \"{meant}\"?"));
        }
    }

    public List<ConfigProblem> Problems { get; }

    /// <summary>It was no map at all: what is missing in it need not be said.</summary>
    public bool IsBroken { get; }

    public void Refuse(YamlValue at, string message) => Problems.Add(new ConfigProblem(at.Line, at.Column, message));
    public void RefuseKey(string key, string message) => Refuse(_values.GetValueOrDefault(key) ?? _place, $"{key}: {message}");
    public void RefuseWhole(string message) => Refuse(_place, $"{_what}: {message}");

    public YamlValue? Find(string key) => _values.GetValueOrDefault(key);

    public string? Optional(string key)
    {
        if (!_values.TryGetValue(key, out var value)) return null;
        if (value is YamlText { Value.Length: > 0 } text) return text.Value;
        Refuse(value, value is YamlText ? $"{key} is empty; write a value or remove the line" : $"{key} must be a single value");
        return null;
    }

    public string? Required(string key, string example)
    {
        if (!_values.ContainsKey(key) && !IsBroken) RefuseWhole($"the key \"{key}\" is missing; write for example \"{key}: {example}\"");
        return Optional(key);
    }

    public long? Number(string key, long min, long max)
    {
        if (Optional(key) is not { } text) return null;
        var negative = text.StartsWith('-');
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max && (!negative || min < 0)) return number;
        RefuseKey(key, string.Create(CultureInfo.InvariantCulture, $"\"{Shown(text)}\" is not a whole number from {min} to {max}"));
        return null;
    }

    public IEnumerable<(YamlText Key, YamlValue Value)> Named(string key)
    {
        if (Find(key) is not { } value) yield break;
        // "drills:" with nothing behind it is an empty map to everybody who writes it.
        if (value is YamlText { Value: "" }) yield break;
        if (value is not YamlMap map) { RefuseKey(key, "must be a map from names to settings"); yield break; }
        foreach (var (name, entry) in map.Entries)
        {
            if (Values.IsName(name.Value)) yield return (name, entry);
            else Refuse(name, $"\"{Shown(name.Value)}\" cannot be a name; use a-z, 0-9, \".\", \"_\" and \"-\", at most 63, beginning with a letter or digit");
        }
    }

    private static string Shown(string text) => Verification.Printable.Of(text.Length > 60 ? text[..60] + "…" : text);
}
