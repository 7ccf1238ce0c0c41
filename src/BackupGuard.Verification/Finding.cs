using System.Collections.Frozen;
using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace BackupGuard.Verification;

public enum Severity
{
    /// <summary>Worth knowing; says nothing against the backup.</summary>
    Info,

    /// <summary>Needs somebody's attention; the data that was read is still good.</summary>
    Warning,

    /// <summary>The backup, or a part of it, is not what it must be. One error makes the verdict Failed.</summary>
    Error,
}

/// <summary>A sentence with <c>{placeholders}</c> and what to do about it, in one language.</summary>
public sealed record FindingText(string Message, string Remedy);

/// <summary>A value that reads differently in the two languages, such as a reason.</summary>
public readonly record struct Words(string En, string Fr)
{
    /// <summary>For what has no language: a name, or the words of a system or a library, which are English everywhere.</summary>
    public static Words Same(string text) => new(text, text);

    /// <param name="language">"fr" or "en".</param>
    public string In(string language) => language == "fr" ? Fr : En;

    /// <summary>The first few different ones as one sentence, or null when there are none.</summary>
    public static Words? Joined(IEnumerable<Words> several)
    {
        var few = several.Distinct().Take(5).ToList();
        return few.Count == 0 ? null : new Words(string.Join("; ", few.Select(w => w.En)), string.Join("\u00a0; ", few.Select(w => w.Fr)));
    }
}

/// <summary>One kind of fact about a backup. Codes are stable for ever: scripts, evidence and auditors rely on them.</summary>
/// <param name="Code">BG and four digits. 10xx opening and stores, 11xx restic, 12xx file sets, 13xx restoring, 14xx drills, 15xx the agent itself.</param>
public sealed record FindingKind(string Code, Severity Severity, FindingText English, FindingText French)
{
    /// <summary>A finding of this kind.</summary>
    /// <param name="subject">What it is about: the name of an object in the store, a snapshot, a path. Never file contents.</param>
    /// <param name="data">A value for every placeholder of the texts.</param>
    public Finding At(string subject, params ReadOnlySpan<(string Name, object Value)> data)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in data)
        {
            values[name] = Printable.Of(value is Words words ? words.En ?? "" : Convert.ToString(value, CultureInfo.InvariantCulture) ?? "");
            if (value is Words { Fr: var french }) values[name + ".fr"] = Printable.Of(french ?? "");
        }
        return new Finding(this, Printable.Of(subject), values.ToFrozenDictionary(StringComparer.Ordinal));
    }

    /// <summary>As <see cref="At"/>, about a path inside the backup: a file's name can be a patient's name, so it stays out of evidence.</summary>
    public Finding AtPath(string path, params ReadOnlySpan<(string Name, object Value)> data) => At(path, data) with { SubjectIsPath = true };
}

/// <summary>A fact about a backup: what is wrong, where, and what to do now.</summary>
public sealed record Finding(FindingKind Kind, string Subject, IReadOnlyDictionary<string, string> Data)
{
    public string Code => Kind.Code;
    public Severity Severity => Kind.Severity;

    /// <summary>Whether the subject is a path inside the backup.</summary>
    public bool SubjectIsPath { get; init; }

    /// <summary>Some of the paths inside the backup that this touches, for the people at the machine; never sent anywhere.</summary>
    public IReadOnlyList<string> Paths { get; init; } = [];

    /// <summary>The same finding for evidence: a path is replaced by the beginning of its hash.</summary>
    public Finding WithoutPaths() => this with
    {
        Subject = SubjectIsPath ? $"path sha256:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Subject)).AsSpan(0, 8))}" : Subject,
        Paths = [],
    };

    /// <param name="language">"fr" or "en".</param>
    public string Message(string language) => Fill(TextIn(language).Message, language);
    public string Remedy(string language) => Fill(TextIn(language).Remedy, language);

    private FindingText TextIn(string language) => language == "fr" ? Kind.French : Kind.English;

    private string Fill(string template, string language)
    {
        var text = new StringBuilder(template.Length + 64);
        for (var i = 0; i < template.Length; i++)
        {
            var end = template[i] == '{' ? template.IndexOf('}', i) : -1;
            if (end < 0) { text.Append(template[i]); continue; }
            var name = template[(i + 1)..end];
            text.Append(name == "subject" ? Subject : Value(name, language));
            i = end;
        }
        return text.ToString();
    }

    private string Value(string name, string language) =>
        language == "fr" && Data.TryGetValue(name + ".fr", out var french) ? french : Data.TryGetValue(name, out var value) ? value : "?";
}

/// <summary>Foreign names made safe to print: no control characters, no line breaks, no unbounded length.</summary>
public static class Printable
{
    private const int Longest = 300;

    public static string Of(string text)
    {
        var kept = text.Length > Longest ? string.Concat(text.AsSpan(0, Longest), "…") : text;
        if (!kept.Any(c => char.IsControl(c) || char.IsSurrogate(c) || c is '\u2028' or '\u2029' || char.GetUnicodeCategory(c) == UnicodeCategory.Format)) return kept;
        return string.Concat(kept.Select(c =>
            char.IsControl(c) || c is '\u2028' or '\u2029' || char.GetUnicodeCategory(c) == UnicodeCategory.Format ? $"\\u{(int)c:x4}" : c.ToString()));
    }
}

/// <summary>All kinds there are, found by reflection once; used by tests and by the documentation.</summary>
public static class FindingCatalogue
{
    public static IReadOnlyList<FindingKind> All { get; } =
    [
        .. typeof(FindingCatalogue).Assembly.GetExportedTypes()
            .Where(t => t is { IsAbstract: true, IsSealed: true })
            .SelectMany(t => t.GetFields(BindingFlags.Public | BindingFlags.Static))
            .Where(f => f.FieldType == typeof(FindingKind))
            .Select(f => (FindingKind)f.GetValue(null)!)    // a static readonly field of a kind is never null
            .OrderBy(k => k.Code, StringComparer.Ordinal),
    ];
}
