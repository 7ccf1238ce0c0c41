using System.Text.RegularExpressions;

namespace BackupGuard.Continuity.Definitions;

/// <summary>French typography: a sentence is never broken before its punctuation.</summary>
internal static partial class FrenchText
{
    public static string Set(string text) => AfterOpening().Replace(BeforeMark().Replace(text, "\u00a0"), "\u00a0");

    [GeneratedRegex(" (?=[:;?!»])")]
    private static partial Regex BeforeMark();

    [GeneratedRegex("(?<=«) ")]
    private static partial Regex AfterOpening();
}
