using System.Globalization;
using System.Text;

namespace BackupGuard.Server.Ui;

/// <summary>Foreign text made visible: file names and messages come out of backups, and an attacker may have named them.</summary>
public static class SafeText
{
    /// <summary>Control and format characters (among them the ones that reverse the reading direction) are written as \uXXXX. Line feeds and tabs stay.</summary>
    public static string Visible(string text)
    {
        if (!text.Any(IsHidden)) return text;
        var visible = new StringBuilder(text.Length + 16);
        foreach (var c in text)
        {
            if (IsHidden(c)) visible.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else visible.Append(c);
        }

        return visible.ToString();
    }

    private static bool IsHidden(char c) =>
        c is not ('\n' or '\t') && char.GetUnicodeCategory(c) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse;
}
