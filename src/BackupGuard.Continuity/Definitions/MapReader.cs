namespace BackupGuard.Continuity.Definitions;

/// <summary>
/// Reads one mapping against its shape. A key that nobody knows and a key that is missing are issues: a misspelt line in a
/// crisis plan must be found in peace time.
/// </summary>
internal sealed class MapReader
{
    private readonly YamlMapping map;
    private readonly IssueList issues;

    private MapReader(YamlMapping map, IssueList issues) => (this.map, this.issues) = (map, issues);

    public YamlNode At => map;

    public static MapReader? Open(YamlNode? node, Shape shape, IssueList issues)
    {
        if (node is null)
        {
            return null;
        }

        if (node is not YamlMapping map)
        {
            issues.Error("BG3004", node, "Ici il faut des clés « clé : valeur ».", "“key: value” lines are expected here.");
            return null;
        }

        foreach (var entry in map.Entries.Where(e => !shape.Knows(e.Key.Value)))
        {
            var nearest = Identifiers.Nearest(entry.Key.Value, shape.Keys);
            issues.Error("BG3006", entry.Key,
                $"Clé inconnue « {entry.Key.Value} »." + (nearest is null ? $" Clés possibles : {string.Join(", ", shape.Keys)}." : $" Vouliez-vous « {nearest} » ?"),
                $"Unknown key “{entry.Key.Value}”." + (nearest is null ? $" Possible keys: {string.Join(", ", shape.Keys)}." : $" Did you mean “{nearest}”?"));
        }

        foreach (var missing in shape.Required.Where(k => map.Entries.All(e => e.Key.Value != k)))
        {
            issues.Error("BG3007", map, $"Il manque la clé « {missing} ».", $"The key “{missing}” is missing.");
        }

        return new(map, issues);
    }

    /// <summary>The entries of a mapping whose keys are ids of the author's own.</summary>
    public static IEnumerable<YamlEntry> Named(YamlNode? node, IssueList issues, Func<string, bool> isName)
    {
        if (node is null)
        {
            yield break;
        }

        if (node is not YamlMapping map)
        {
            issues.Error("BG3004", node, "Ici il faut des clés « nom : … ».", "“name: …” lines are expected here.");
            yield break;
        }

        foreach (var entry in map.Entries)
        {
            if (isName(entry.Key.Value))
            {
                yield return entry;
            }
            else
            {
                issues.Error("BG3010", entry.Key, $"« {Short(entry.Key.Value)} » n’est pas un identifiant : {Identifiers.Rule}.", $"“{Short(entry.Key.Value)}” is not an id: {Identifiers.RuleEn}.");
            }
        }
    }

    public YamlNode? Node(string key) => map.Entries.FirstOrDefault(e => e.Key.Value == key)?.Value;

    /// <summary>Where to point for this key: its value, else the whole mapping.</summary>
    public YamlNode Place(string key) => Node(key) ?? map;

    public bool Has(string key) => Node(key) is not null;

    public string Text(string key, int max = 200) => Node(key) is { } node ? Scalar(node, key, max) ?? "" : "";

    /// <summary>For what is delivered empty on purpose, to be filled by the establishment: "" then says that nobody has.</summary>
    public string TextOrEmpty(string key, int max = 200) => Node(key) is YamlScalar { Value.Length: 0 } ? "" : Text(key, max);

    public string Id(string key)
    {
        var text = Text(key);
        if (text != "" && !Identifiers.IsKebab(text))
        {
            issues.Error("BG3010", Place(key), $"« {Short(text)} » n’est pas un identifiant : {Identifiers.Rule}.", $"“{Short(text)}” is not an id: {Identifiers.RuleEn}.");
            return "";
        }

        return text;
    }

    public TimeSpan? Duration(string key, bool zeroAllowed = false)
    {
        if (Node(key) is not { } node || Scalar(node, key, 40) is not { } text)
        {
            return null;
        }

        var duration = Iso8601.Duration(text);
        if (duration is null)
        {
            issues.Error("BG3008", node, $"« {Short(text)} » n’est pas une durée. Écrivez par exemple PT30M, PT8H ou P1DT12H.", $"“{Short(text)}” is not a duration. Write for example PT30M, PT8H or P1DT12H.");
            return null;
        }

        if (duration <= TimeSpan.Zero && !zeroAllowed)
        {
            issues.Error("BG3008", node, "Une durée doit être plus longue que zéro.", "A duration must be longer than zero.");
            return null;
        }

        return duration;
    }

    public bool? Bool(string key)
    {
        switch (Node(key))
        {
            case null:
                return null;
            case YamlScalar { Quoted: false, Value: "true" }:
                return true;
            case YamlScalar { Quoted: false, Value: "false" }:
                return false;
            case var node:
                issues.Error("BG3009", node, $"« {key} » vaut true ou false, sans guillemets.", $"“{key}” is true or false, without quotes.");
                return null;
        }
    }

    public int? Number(string key, int min, int max)
    {
        switch (Node(key))
        {
            case null:
                return null;
            case YamlScalar { Quoted: false } scalar when IsNumber(scalar.Value, out var value) && value >= min && value <= max:
                return value;
            case var node:
                issues.Error("BG3009", node, $"« {key} » est un nombre entier de {min} à {max}.", $"“{key}” is a whole number from {min} to {max}.");
                return null;
        }
    }

    public string? OneOf(string key, params IReadOnlyList<string> words)
    {
        if (Node(key) is not { } node || Scalar(node, key, 200) is not { } text)
        {
            return null;
        }

        if (words.Contains(text))
        {
            return text;
        }

        issues.Error("BG3009", node, $"« {Short(text)} » n’est pas possible pour « {key} ». Choisissez : {string.Join(", ", words)}.", $"“{Short(text)}” is not possible for “{key}”. Choose: {string.Join(", ", words)}.");
        return null;
    }

    public IReadOnlyList<YamlNode> Items(string key, int max = int.MaxValue)
    {
        switch (Node(key))
        {
            case null:
                return [];
            case YamlSequence sequence when sequence.Items.Count <= max:
                return sequence.Items;
            case YamlSequence sequence:
                issues.Error("BG3009", sequence, $"« {key} » : {max} éléments au plus, il y en a {sequence.Items.Count}.", $"“{key}”: at most {max} items, there are {sequence.Items.Count}.");
                return [];
            case var node:
                issues.Error("BG3004", node, $"« {key} » est une liste : [a, b] ou une ligne « - » par élément.", $"“{key}” is a list: [a, b] or one “- ” line per item.");
                return [];
        }
    }

    /// <summary>A list of single words or lines, each with its place.</summary>
    public IReadOnlyList<YamlScalar> Words(string key, int maxLength = 200)
    {
        var words = new List<YamlScalar>();
        foreach (var item in Items(key))
        {
            if (Scalar(item, key, maxLength) is not null)
            {
                words.Add((YamlScalar)item);
            }
        }

        return words;
    }

    /// <summary>A list of ids without repetition.</summary>
    public IReadOnlyList<YamlScalar> Ids(string key)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var ids = new List<YamlScalar>();
        foreach (var word in Words(key))
        {
            if (!Identifiers.IsKebab(word.Value))
            {
                issues.Error("BG3010", word, $"« {Short(word.Value)} » n’est pas un identifiant : {Identifiers.Rule}.", $"“{Short(word.Value)}” is not an id: {Identifiers.RuleEn}.");
            }
            else if (!seen.Add(word.Value))
            {
                issues.Error("BG3005", word, $"« {word.Value} » est écrit deux fois dans la liste.", $"“{word.Value}” is written twice in the list.");
            }
            else
            {
                ids.Add(word);
            }
        }

        return ids;
    }

    private string? Scalar(YamlNode node, string key, int max)
    {
        if (node is not YamlScalar scalar)
        {
            issues.Error("BG3004", node, $"« {key} » est un texte d’une ligne.", $"“{key}” is a text of one line.");
            return null;
        }

        if (string.IsNullOrWhiteSpace(scalar.Value) || scalar is { Quoted: false, Value: "~" or "null" })
        {
            issues.Error("BG3009", node, $"« {key} » est vide : écrivez la valeur ou retirez la clé.", $"“{key}” is empty: write the value or remove the key.");
            return null;
        }

        if (scalar.Value.Any(char.IsControl))
        {
            issues.Error("BG3009", node, $"« {key} » tient sur une ligne, sans caractère de contrôle.", $"“{key}” is one line without control characters.");
            return null;
        }

        if (scalar.Value.Length > max)
        {
            issues.Error("BG3011", node, $"Texte trop long : {scalar.Value.Length} caractères, {max} au plus.", $"Text too long: {scalar.Value.Length} characters, {max} at most.");
            return null;
        }

        return scalar.Value;
    }

    private static bool IsNumber(string text, out int value) =>
        int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out value);

    private static string Short(string text) => text.Length <= 60 ? text : text[..60] + "…";
}
