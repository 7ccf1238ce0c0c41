using System.Text.Json;

namespace BackupGuard.Verification.Drills.Contents;

/// <summary>Every file of a pattern is whole in its own format, and there are enough of them.</summary>
/// <param name="Least">What is counted, and how much of it there must be at least; in the order of the keys.</param>
public abstract record ContentProbe(Glob Glob, SortedDictionary<string, long> Least, TimeSpan Timeout) : Probe
{
    public override string Name => $"{Kind} {Glob}";

    internal override void WriteDefinition(Utf8JsonWriter json)
    {
        json.WriteString("glob", Glob.ToString());
        json.WriteNumber("timeoutSeconds", (long)Timeout.TotalSeconds);
        json.WriteStartObject("least");
        foreach (var (what, number) in Least) json.WriteNumber(what, number);
        json.WriteEndObject();
    }

    /// <summary>What there is less of than there must be, or null.</summary>
    internal Said? TooFew(IReadOnlyDictionary<string, double> counted)
    {
        foreach (var (what, least) in Least)
            if (counted.GetValueOrDefault(what) is var found && found < least)
                return new(FormattableString.Invariant($"{found} {what}, at least {least} expected"), FormattableString.Invariant($"{found} {French(what)}, au moins {least} attendus"));
        return null;
    }

    /// <summary>The first few counts as people read them.</summary>
    internal static Said Listed(IReadOnlyDictionary<string, double> counted)
    {
        var first = counted.Take(8).ToList();
        return new(string.Join(", ", first.Select(c => FormattableString.Invariant($"{c.Value} {c.Key}"))), string.Join(", ", first.Select(c => FormattableString.Invariant($"{c.Value} {French(c.Key)}"))));
    }

    /// <summary>Codes of a format are the same in every language.</summary>
    private static string French(string what) => what switch { "files" => "fichiers", "studies" => "examens", "other" => "autres", "repeated" => "répétés", "resources" => "ressources", _ => what };
}
