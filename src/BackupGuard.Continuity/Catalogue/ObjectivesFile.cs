using BackupGuard.Continuity.Definitions;

namespace BackupGuard.Continuity.Catalogue;

/// <summary>What kind of proof an objective asks for. A restore test never stands for an exercise, nor an exercise for a restore test.</summary>
public enum ProofFamily { RestoreTest, Exercise }

/// <summary>One objective of a funding programme or a policy, as the establishment copied it.</summary>
/// <param name="Families">At least one.</param>
/// <param name="Applications">Ids; empty: all.</param>
/// <param name="ToVerify">Nobody has compared this row with the official text yet, and every page that shows it says so.</param>
public sealed record Objective(string Code, string Label, string Target, IReadOnlyList<string> Pieces, IReadOnlyList<ProofFamily> Families, IReadOnlyList<string> Applications, bool ToVerify);

/// <param name="Source">The text that the rows were copied from.</param>
public sealed record ObjectiveList(string Name, string Source, IReadOnlyList<Objective> Objectives);

/// <summary>Reads <c>backupguard.objectives/v1</c>: which evidence belongs to which objective. Data that the establishment edits, never an official statement of ours.</summary>
public static class ObjectivesFile
{
    public const string Format = "backupguard.objectives/v1";
    private const string RestoreTest = "restore-test", Exercise = "exercise";

    private static readonly Shape File = new("objectives", ["format", "name", "source", "objectives"], []);
    private static readonly Shape Row = new("objective", ["code", "label", "target", "families"], ["pieces", "applications", "toVerify"]);

    /// <param name="fileName">Only for the messages: nothing is opened here.</param>
    public static DefinitionResult<ObjectiveList> Parse(string yaml, string fileName)
    {
        var issues = new IssueList(fileName);
        if (MapReader.Open(StrictYaml.Read(yaml, issues), File, issues) is not { } file) return issues.Result<ObjectiveList>(null);
        file.OneOf("format", Format);
        var list = new ObjectiveList(file.Text("name"), file.Text("source", max: 400), [.. Rows(file, issues)]);
        return issues.Result(list);
    }

    private static IEnumerable<Objective> Rows(MapReader file, IssueList issues)
    {
        var codes = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in file.Items("objectives", max: 500))
        {
            if (MapReader.Open(item, Row, issues) is not { } row) continue;
            var objective = new Objective(row.Text("code", max: 60), row.Text("label", max: 400), row.Text("target", max: 600), [.. row.Words("pieces", maxLength: 400).Select(p => p.Value)],
                [.. Families(row, issues)], [.. row.Ids("applications").Select(a => a.Value)], row.Bool("toVerify") ?? false);
            if (!codes.Add(objective.Code)) issues.Error("BG3013", row.Place("code"), $"L’objectif « {objective.Code} » est déclaré deux fois.", $"The objective “{objective.Code}” is declared twice.");
            yield return objective;
        }
    }

    private static List<ProofFamily> Families(MapReader row, IssueList issues)
    {
        var families = new List<ProofFamily>();
        foreach (var word in row.Words("families"))
        {
            if (word.Value is not (RestoreTest or Exercise))
                issues.Error("BG3009", word, $"« {word.Value} » n’est pas une famille de preuves. Choisissez : {RestoreTest}, {Exercise}.", $"“{word.Value}” is not a family of proof. Choose: {RestoreTest}, {Exercise}.");
            else families.Add(word.Value == RestoreTest ? ProofFamily.RestoreTest : ProofFamily.Exercise);
        }
        if (row.Node("families") is YamlSequence { Items.Count: 0 } empty)
            issues.Error("BG3009", empty, "Aucune famille : un objectif sans preuve possible ne répond à rien.", "No family: an objective without any possible proof answers nothing.");
        return families;
    }
}
