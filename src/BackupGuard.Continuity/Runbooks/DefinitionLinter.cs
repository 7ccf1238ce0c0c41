using BackupGuard.Continuity.Definitions;

namespace BackupGuard.Continuity.Runbooks;

/// <summary>What every linter says in the same words: a name twice, a name that nothing bears.</summary>
internal abstract class DefinitionLinter(IssueList issues)
{
    protected bool HasErrors => issues.HasErrors;

    protected void Duplicates(IEnumerable<(string Id, Place At)> all, string fr, string en)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (id, at) in all.Where(x => x.Id != "" && !seen.Add(x.Id)))
        {
            Error("BG3013", at, $"{fr} « {id} » est déclaré deux fois.", $"{en} “{id}” is declared twice.");
        }
    }

    protected void Unknown(string code, Reference reference, string fr, string en, IEnumerable<string> known)
    {
        var nearest = Identifiers.Nearest(reference.Id, known);
        Error(code, reference.At,
            $"{fr} : « {reference.Id} »." + (nearest is null ? "" : $" Vouliez-vous « {nearest} » ?"),
            $"{en}: “{reference.Id}”." + (nearest is null ? "" : $" Did you mean “{nearest}”?"));
    }

    protected void Error(string code, Place at, string fr, string en) => issues.Add(code, at.Line, at.Column, fr, en, IssueLevel.Error);

    protected void Warning(string code, Place at, string fr, string en) => issues.Add(code, at.Line, at.Column, fr, en, IssueLevel.Warning);
}
