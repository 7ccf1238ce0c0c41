using System.Text;

namespace BackupGuard.Server.Ui;

public enum Language { French, English }

/// <summary>One text in both languages. {names} in braces are filled by <see cref="Reader.Say"/>; a sentence is never put together from parts.</summary>
/// <remarks>Sources are typed with plain spaces: the French non-breaking ones are set here, once, so that none is forgotten.</remarks>
public sealed record Phrase
{
    public Phrase(string fr, string en)
    {
        Fr = Typography.French(fr);
        En = en;
    }

    public string Fr { get; }
    public string En { get; }

    public string In(Language language) => language switch
    {
        Language.French => Fr,
        Language.English => En,
    };
}

/// <summary>A text with a count in it. French counts 0 and 1 as one, English only 1.</summary>
public sealed record Plural(Phrase One, Phrase Many)
{
    public Phrase For(long count, Language language) => language switch
    {
        Language.French => count is 0 or 1 or -1 ? One : Many,
        Language.English => count is 1 or -1 ? One : Many,
    };
}

public static class Typography
{
    /// <summary>No line may break here. U+00A0.</summary>
    public const char NoBreak = '\u00a0';

    /// <summary>Non-breaking spaces before high punctuation, inside guillemets, and between a number or n° and what it counts.</summary>
    public static string French(string text)
    {
        var result = new StringBuilder(text);
        for (var i = 0; i < result.Length; i++)
        {
            if (result[i] != ' ') continue;
            var before = i > 0 ? result[i - 1] : ' ';
            var after = i + 1 < result.Length ? result[i + 1] : ' ';
            if (after is ':' or ';' or '?' or '!' or '»' or '%' || before is '«' or '°') result[i] = NoBreak;
        }

        return result.ToString();
    }
}
