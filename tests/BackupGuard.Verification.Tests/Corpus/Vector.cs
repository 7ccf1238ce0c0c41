using System.Runtime.CompilerServices;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace BackupGuard.Verification.Tests.Corpus;

/// <summary>What the format's own binary says about the same bytes.</summary>
internal enum ToolSays
{
    /// <summary>It and we call the backup good, or it and we do not.</summary>
    Agrees,

    /// <summary>It calls good what we do not.</summary>
    Misses,

    /// <summary>It refuses what we accept; the vector says why we may.</summary>
    Stricter,

    /// <summary>It cannot be asked about this; the vector says why.</summary>
    NotAsked,
}

/// <summary>One defect of one backup: tests/corpus/&lt;format&gt;/&lt;defect&gt;/vector.yaml. The file's format stands in tests/corpus/README.md.</summary>
internal sealed class Vector
{
    private const string FileName = "vector.yaml";
    private static readonly string[] Keys = ["about", "base", "damage", "expect", "restore", "verdict", "tool", "because"];

    private readonly string folder;
    private readonly string? basis;
    private readonly List<Damage> damage = [];

    private Vector(string format, string folder)
    {
        this.folder = folder;
        Format = format;
        Name = Path.GetFileName(folder);
        var yaml = new YamlStream();
        using (var reader = File.OpenText(Path.Combine(folder, FileName))) yaml.Load(reader);
        var root = (YamlMappingNode)yaml.Documents.Single().RootNode;
        foreach (var key in root.Children.Keys) if (!Keys.Contains(Scalar(key))) throw Wrong(key, $"the key '{key}' is not known");
        About = Scalar(Need(root, "about"));
        basis = Find(root, "base") is { } b ? Scalar(b) : null;
        if (Find(root, "damage") is YamlSequenceNode steps) damage.AddRange(steps.Select(ReadDamage));
        Expect = [.. ((YamlSequenceNode)Need(root, "expect")).Select(Scalar)];
        if (Find(root, "restore") is YamlSequenceNode codes) Restore = [.. codes.Select(Scalar)];
        Verdict = Enum.Parse<Verdict>(Scalar(Need(root, "verdict")), ignoreCase: true);
        Tool = Scalar(Need(root, "tool")) switch { "agrees" => ToolSays.Agrees, "misses" => ToolSays.Misses, "stricter" => ToolSays.Stricter, "not-asked" => ToolSays.NotAsked, var other => throw Wrong(root, $"tool: {other}") };
        Because = Find(root, "because") is { } why ? Scalar(why) : "";
        if (Tool is ToolSays.Stricter or ToolSays.NotAsked && Because.Length == 0) throw Wrong(root, "where the tool does not agree, because: says why");
    }

    public string Format { get; }
    public string Name { get; }
    public string About { get; }
    public IReadOnlyList<string> Expect { get; }

    /// <summary>Codes that a restore of the latest snapshot must find.</summary>
    public IReadOnlyList<string> Restore { get; } = [];
    public Verdict Verdict { get; }
    public ToolSays Tool { get; }
    public string Because { get; }

    /// <summary>Whether the bytes are those of its base: such a vector shows what undamaged looks like.</summary>
    public bool IsUndamaged => basis is not null && damage.Count == 0 && !Directory.Exists(Path.Combine(folder, "files"));
    public string? Base => basis;

    public override string ToString() => $"{Format}/{Name}";

    public static string Root([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "corpus"));

    public static string BaseFolder(string format, string name) => Path.Combine(Root(), format, "_base", name);

    public static IEnumerable<string> Formats() => Directory.EnumerateDirectories(Root()).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal);

    public static IEnumerable<Vector> Of(string format) =>
        Directory.EnumerateDirectories(Path.Combine(Root(), format)).Where(f => !Path.GetFileName(f).StartsWith('_')).Order(StringComparer.Ordinal).Select(f => new Vector(format, f));

    public static Vector Load(string format, string name) => new(format, Path.Combine(Root(), format, name));

    /// <summary>Writes the damaged backup into an empty folder.</summary>
    public void WriteTo(string target)
    {
        if (basis is not null) CopyTree(BaseFolder(Format, basis), target);
        var files = Path.Combine(folder, "files");
        if (Directory.Exists(files)) CopyTree(files, target);
        foreach (var step in damage) step.Apply(folder, target);
    }

    private static void CopyTree(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var directory in Directory.EnumerateDirectories(from, "*", SearchOption.AllDirectories)) Directory.CreateDirectory(Path.Combine(to, Path.GetRelativePath(from, directory)));
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories).Where(f => Path.GetFileName(f) != ".gitkeep"))
        {
            var copy = Path.Combine(to, Path.GetRelativePath(from, file));
            if (new FileInfo(file).LinkTarget is { } target) File.CreateSymbolicLink(copy, target);
            else File.Copy(file, copy, overwrite: true);
        }
    }

    private Damage ReadDamage(YamlNode node)
    {
        var (verb, arguments) = ((YamlMappingNode)node).Children.Single();
        var of = arguments as YamlMappingNode;
        string Text(string key) => of is not null && Find(of, key) is { } value ? Scalar(value) : throw Wrong(node, $"{verb} needs '{key}'");
        long Number(string key) => long.Parse(Text(key), System.Globalization.CultureInfo.InvariantCulture);
        return Scalar(verb) switch
        {
            "flip" => new Damage.Flip(Text("file"), Number("at"), (byte)Number("mask")),
            "truncate" => new Damage.Truncate(Text("file"), Number("to")),
            "delete" => new Damage.Delete(Scalar(arguments)),
            "append" => new Damage.Append(Text("file"), Convert.FromHexString(Text("hex"))),
            "put" => new Damage.Put(Text("file"), Text("from")),
            "copy" => new Damage.Copy(Text("from"), Text("to")),
            "move" => new Damage.Move(Text("from"), Text("to")),
            var other => throw Wrong(node, $"'{other}' is no known damage"),
        };
    }

    private static YamlNode? Find(YamlMappingNode of, string key) => of.Children.TryGetValue(new YamlScalarNode(key), out var value) ? value : null;
    private YamlNode Need(YamlMappingNode of, string key) => Find(of, key) ?? throw Wrong(of, $"'{key}' is missing");
    private static string Scalar(YamlNode node) => ((YamlScalarNode)node).Value ?? "";
    private YamlException Wrong(YamlNode at, string what) => new(at.Start, at.End, $"{folder}: {what}");
}
