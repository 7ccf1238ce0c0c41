using System.Text.RegularExpressions;

namespace BackupGuard.Continuity.Obligations;

/// <summary>Takes out of an exercise's paper all that somebody could write to or call: a sheet of an exercise that is found later must reach nobody outside.</summary>
/// <remarks>Extensions of three or four digits stay: they cannot be told from other figures, and reach only the house.</remarks>
internal static partial class Neutral
{
    public static string Text(string text, string instead) => Telephone().Replace(Address().Replace(text, instead), instead);

    /// <summary>Mail addresses, web addresses and bare host names.</summary>
    [GeneratedRegex(@"(?:[a-z][a-z0-9+.\-]*://\S+)|(?:[\w.+\-]+@[\w\-]+(?:\.[\w\-]+)+)|(?:\b(?:[a-z0-9](?:[a-z0-9\-]*[a-z0-9])?\.)+(?:fr|eu|com|org|net|gouv|info|re|gp|mq|gf|yt|nc|pf|santé|sante)\b(?:/\S*)?)", RegexOptions.IgnoreCase | RegexOptions.NonBacktracking)]
    private static partial Regex Address();

    /// <summary>French numbers of ten digits however they are spaced, and international ones.</summary>
    [GeneratedRegex(@"(?:(?:\+|\b00)[0-9]{1,3}[\s.\-]?(?:\(0\))?[\s.\-]?[0-9](?:[\s.\-]?[0-9]){6,11})|(?:\b0[1-9](?:[\s.\-]?[0-9]{2}){4}\b)", RegexOptions.NonBacktracking)]
    private static partial Regex Telephone();
}
