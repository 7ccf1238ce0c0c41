using System.Collections.Frozen;
using System.Globalization;
using System.Reflection;
using System.Text;

namespace BackupGuard.Evidence;

public enum ProblemSeverity
{
    /// <summary>The log is intact, and somebody should look.</summary>
    Warning,

    /// <summary>The log, or a part of it, must be treated as absent.</summary>
    Error,
}

/// <summary>What happened and what to do now, in one language, with <c>{placeholders}</c>.</summary>
public sealed record ProblemText(string Message, string Remedy);

/// <summary>One kind of thing that can be wrong with evidence. Codes (BG20xx) are stable for ever.</summary>
public sealed record ProblemKind(string Code, ProblemSeverity Severity, ProblemText English, ProblemText French)
{
    /// <param name="subject">What it is about: an entry by its index or counter, a checkpoint by its size.</param>
    /// <param name="data">A value for every other placeholder of the texts.</param>
    public EvidenceProblem At(string subject, params ReadOnlySpan<(string Name, object Value)> data)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal) { ["subject"] = Safe(subject) };
        foreach (var (name, value) in data)
            values[name] = Safe(Convert.ToString(value, CultureInfo.InvariantCulture) ?? "");
        return new EvidenceProblem(this, values["subject"], values.ToFrozenDictionary(StringComparer.Ordinal));
    }

    // Parts of foreign bytes end up in sentences that go to terminals and pages.
    private static string Safe(string text)
    {
        var kept = text.Length > 300 ? string.Concat(text.AsSpan(0, 300), "…") : text;
        return string.Concat(kept.Select(c => char.IsControl(c) || char.IsSurrogate(c) || char.GetUnicodeCategory(c) == UnicodeCategory.Format ? '?' : c));
    }
}

/// <summary>Something wrong with evidence: which kind, where, and what to do now.</summary>
public sealed record EvidenceProblem(ProblemKind Kind, string Subject, IReadOnlyDictionary<string, string> Data)
{
    public string Code => Kind.Code;
    public ProblemSeverity Severity => Kind.Severity;

    /// <param name="language">"fr" or "en".</param>
    public string Message(string language) => Fill(TextIn(language).Message);
    public string Remedy(string language) => Fill(TextIn(language).Remedy);

    private ProblemText TextIn(string language) => language == "fr" ? Kind.French : Kind.English;

    private string Fill(string template)
    {
        var text = new StringBuilder(template);
        foreach (var (name, value) in Data) text.Replace($"{{{name}}}", value);
        return text.ToString();
    }
}

/// <summary>Bytes that are not the evidence they claim to be. Nothing of their content may be used.</summary>
public sealed class EvidenceException(EvidenceProblem problem, Exception? inner = null)
    : Exception($"{problem.Code} {problem.Message("en")} {problem.Remedy("en")}", inner)
{
    public EvidenceProblem Problem { get; } = problem;
}

/// <summary>Every kind there is, for tests and documentation.</summary>
public static class ProblemCatalogue
{
    public static IReadOnlyList<ProblemKind> All { get; } =
    [
        .. typeof(EvidenceProblems).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Where(f => f.FieldType == typeof(ProblemKind))
            .Select(f => (ProblemKind)f.GetValue(null)!)    // a static readonly field of a kind is never null
            .OrderBy(k => k.Code, StringComparer.Ordinal),
    ];
}
