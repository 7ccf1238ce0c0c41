namespace BackupGuard.Server.Ui.Texts;

/// <summary>Around a part of a long list.</summary>
public static class WindowTexts
{
    public static readonly Phrase Range = new("De {from} à {to} sur {total}.", "From {from} to {to} of {total}.");
    public static readonly Phrase Before = new("Précédentes", "Previous");
    public static readonly Phrase After = new("Suivantes", "Next");
}
