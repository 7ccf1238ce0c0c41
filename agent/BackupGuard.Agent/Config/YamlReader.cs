using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace BackupGuard.Agent.Config;

/// <summary>A value with its place in the file; lines and columns count from 1.</summary>
internal abstract record YamlValue(long Line, long Column);
internal sealed record YamlText(string Value, long Line, long Column) : YamlValue(Line, Column);
internal sealed record YamlList(IReadOnlyList<YamlValue> Items, long Line, long Column) : YamlValue(Line, Column);
internal sealed record YamlMap(IReadOnlyList<(YamlText Key, YamlValue Value)> Entries, long Line, long Column) : YamlValue(Line, Column);

/// <summary>The plain part of YAML: maps, lists and text. What could make two readers see two different files is refused.</summary>
/// <remarks>Refused: anchors and aliases (expansion), tags, merge keys, duplicate keys, several documents, and anything beyond the limits below.</remarks>
internal sealed class YamlReader
{
    public const int LargestBytes = 1024 * 1024;
    private const int Deepest = 12;
    private const int MostValues = 20_000;

    private readonly Parser _parser;
    private int _values;

    private YamlReader(TextReader text) => _parser = new Parser(new Scanner(text, skipComments: true));

    /// <exception cref="ConfigException">The text is not such a file; says where and what to write instead.</exception>
    public static YamlValue Read(TextReader text, string file)
    {
        var reader = new YamlReader(text);
        try
        {
            reader._parser.Consume<StreamStart>();
            if (reader._parser.Accept<StreamEnd>(out var end))
                throw new ConfigException(end.Start.Line, end.Start.Column, "the file is empty; write at least \"state:\" and \"repositories:\"");
            reader._parser.Consume<DocumentStart>();
            var value = reader.Value(depth: 0);
            reader._parser.Consume<DocumentEnd>();
            if (reader._parser.Accept<DocumentStart>(out var second))
                throw new ConfigException(second.Start.Line, second.Start.Column, "a second document begins here; keep everything in one, without \"---\"");
            return value;
        }
        catch (YamlException e)
        {
            throw new ConfigException([new ConfigProblem(e.Start.Line, e.Start.Column, "this is not valid YAML: " + e.Message)], file);
        }
        catch (InvalidOperationException)
        {
            // YamlDotNet 16.3 throws this, without a place, for an empty plain scalar inside braces.
            var near = reader._parser.Current?.End ?? default;
            throw new ConfigException([new ConfigProblem(Math.Max(1, near.Line), Math.Max(1, near.Column), "this is not valid YAML after this place")], file);
        }
        catch (ConfigException e)
        {
            throw new ConfigException(e.Problems, file);
        }
    }

    private YamlValue Value(int depth)
    {
        var next = _parser.Consume<ParsingEvent>();
        var (line, column) = (next.Start.Line, next.Start.Column);
        if (++_values > MostValues) throw new ConfigException(line, column, $"more than {MostValues} values in one file");
        if (depth > Deepest) throw new ConfigException(line, column, $"nested more than {Deepest} levels deep");
        if (next is AnchorAlias) throw new ConfigException(line, column, "aliases (*name) are not read here; write the value out");
        if (next is NodeEvent { Anchor.IsEmpty: false }) throw new ConfigException(line, column, "anchors (&name) are not read here; write the value out");
        if (next is NodeEvent { Tag.IsEmpty: false }) throw new ConfigException(line, column, "tags (!name) are not read here; write the plain value");
        return next switch
        {
            Scalar scalar => new YamlText(scalar.Value, line, column),
            SequenceStart => List(line, column, depth),
            MappingStart => Map(line, column, depth),
            _ => throw new ConfigException(line, column, "a value is missing here"),
        };
    }

    private YamlList List(long line, long column, int depth)
    {
        var items = new List<YamlValue>();
        while (!_parser.TryConsume<SequenceEnd>(out _)) items.Add(Value(depth + 1));
        return new YamlList(items, line, column);
    }

    private YamlMap Map(long line, long column, int depth)
    {
        var entries = new List<(YamlText, YamlValue)>();
        var seen = new Dictionary<string, long>(StringComparer.Ordinal);
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            if (Value(depth + 1) is not YamlText key) throw new ConfigException(line, column, "a key must be plain text");
            if (!seen.TryAdd(key.Value, key.Line))
                throw new ConfigException(key.Line, key.Column, $"the key \"{key.Value}\" is here for the second time, first in line {seen[key.Value]}; keep one of them");
            entries.Add((key, Value(depth + 1)));
        }
        return new YamlMap(entries, line, column);
    }
}
