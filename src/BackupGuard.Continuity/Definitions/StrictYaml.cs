using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace BackupGuard.Continuity.Definitions;

/// <summary>
/// The part of YAML that a person can check by eye: mappings, sequences, scalars. Anchors, aliases, tags, merge keys,
/// duplicate keys and second documents are refused; size, depth and number of values are bounded.
/// </summary>
internal sealed class StrictYaml
{
    private const int MaxCharacters = 4 * 1024 * 1024;
    private const int MaxDepth = 24;
    private const int MaxNodes = 400_000;

    private readonly Parser parser;
    private int nodes;

    private StrictYaml(string text) => parser = new Parser(new StringReader(text));

    /// <returns>Null when an issue was added.</returns>
    public static YamlMapping? Read(string text, IssueList issues)
    {
        if (text.Length > MaxCharacters)
        {
            issues.Add("BG3002", 1, 1, "Le fichier dépasse 4 Mio : découpez-le.", "The file is larger than 4 MiB: split it.", IssueLevel.Error);
            return null;
        }

        // YamlDotNet takes a NUL for the end of the text: what follows it would be in the file and not in the plan.
        if (text.IndexOf('\0', StringComparison.Ordinal) is >= 0 and var zero)
        {
            issues.Add("BG3001", text.AsSpan(0, zero).Count('\n') + 1, zero - text.LastIndexOf('\n', zero), "Le fichier contient un octet nul ici : ce n’est pas du texte. Enregistrez-le de nouveau en UTF-8.", "The file has a zero byte here: that is not text. Save it again as UTF-8.", IssueLevel.Error);
            return null;
        }

        var yaml = new StrictYaml(text);
        try
        {
            return yaml.Document();
        }
        catch (Refused refused)
        {
            issues.Add(refused.Code, refused.Line, refused.Column, refused.Fr, refused.Message, IssueLevel.Error);
        }
        catch (YamlException broken)
        {
            issues.Add("BG3001", Place(broken.Start.Line), Place(broken.Start.Column),
                $"Ce n’est pas du YAML lisible ici : {broken.Message} Vérifiez l’alignement et les guillemets.",
                $"This is not readable YAML here: {broken.Message} Check indentation and quotes.", IssueLevel.Error);
        }

        // YamlDotNet 16.3's scanner answers some broken text with these instead of its own exception.
        catch (Exception broken) when (broken is InvalidOperationException or ArgumentException or IndexOutOfRangeException)
        {
            var at = yaml.parser.Current?.End ?? Mark.Empty;
            issues.Add("BG3001", Place(at.Line), Place(at.Column), "Ce n’est pas du YAML lisible après cet endroit.", "This is not readable YAML after this place.", IssueLevel.Error);
        }

        return null;
    }

    private YamlMapping Document()
    {
        parser.Consume<StreamStart>();
        if (parser.Accept<StreamEnd>(out var end))
        {
            throw new Refused("BG3001", end.Start, "Le fichier est vide.", "The file is empty.");
        }

        parser.Consume<DocumentStart>();
        var root = Node(depth: 1);
        parser.Consume<DocumentEnd>();
        if (!parser.Accept<StreamEnd>(out _))
        {
            throw new Refused("BG3003", parser.Current!.Start, "Un seul document par fichier : supprimez « --- » et ce qui suit.", "One document per file: remove “---” and what follows.");
        }

        return root as YamlMapping
            ?? throw new Refused("BG3004", root.Line, root.Column, "Le fichier doit être une liste de clés « clé : valeur ».", "The file must be a list of “key: value”.");
    }

    private YamlNode Node(int depth)
    {
        var at = parser.Current!.Start;
        if (++nodes > MaxNodes || depth > MaxDepth)
        {
            throw new Refused("BG3002", at, $"Trop de valeurs ({MaxNodes}) ou d’imbrications ({MaxDepth}).", $"Too many values ({MaxNodes}) or levels ({MaxDepth}).");
        }

        if (parser.Accept<AnchorAlias>(out _) || (parser.Current is NodeEvent node && (!node.Anchor.IsEmpty || !node.Tag.IsEmpty)))
        {
            throw new Refused("BG3003", at, "Ancres (&), renvois (*) et étiquettes (!) sont refusés : écrivez la valeur en entier.", "Anchors (&), aliases (*) and tags (!) are refused: write the value in full.");
        }

        return parser.Current switch
        {
            Scalar => ReadScalar(),
            SequenceStart => ReadSequence(depth),
            MappingStart => ReadMapping(depth),
            _ => throw new Refused("BG3001", at, "Valeur attendue ici.", "A value is expected here."),
        };
    }

    private YamlScalar ReadScalar()
    {
        var scalar = parser.Consume<Scalar>();
        return new(scalar.Value, scalar.Style != ScalarStyle.Plain, Place(scalar.Start.Line), Place(scalar.Start.Column));
    }

    private YamlSequence ReadSequence(int depth)
    {
        var start = parser.Consume<SequenceStart>().Start;
        var items = new List<YamlNode>();
        while (!parser.TryConsume<SequenceEnd>(out _))
        {
            items.Add(Node(depth + 1));
        }

        return new(items, Place(start.Line), Place(start.Column));
    }

    private YamlMapping ReadMapping(int depth)
    {
        var start = parser.Consume<MappingStart>().Start;
        var entries = new List<YamlEntry>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            var at = parser.Current!.Start;
            if (Node(depth + 1) is not YamlScalar key)
            {
                throw new Refused("BG3004", at, "Une clé doit être un mot.", "A key must be a word.");
            }

            if (key.Value == "<<")
            {
                throw new Refused("BG3003", at, "La fusion « << » est refusée : écrivez les clés en entier.", "The merge key “<<” is refused: write the keys in full.");
            }

            if (!seen.Add(key.Value))
            {
                throw new Refused("BG3005", at, $"La clé « {key.Value} » est écrite deux fois : laquelle est la bonne ?", $"The key “{key.Value}” is written twice: which one is right?");
            }

            entries.Add(new(key, Node(depth + 1)));
        }

        return new(entries, Place(start.Line), Place(start.Column));
    }

    private static int Place(long oneBased) => (int)Math.Clamp(oneBased, 1, int.MaxValue);

    private sealed class Refused(string code, int line, int column, string fr, string en) : Exception(en)
    {
        public Refused(string code, Mark at, string fr, string en)
            : this(code, Place(at.Line), Place(at.Column), fr, en)
        {
        }

        public string Code { get; } = code;
        public int Line { get; } = line;
        public int Column { get; } = column;
        public string Fr { get; } = fr;
    }
}
