namespace BackupGuard.Server.Ui;

/// <summary>A part of a sentence: plain, strong, or a link. Sentences with links in them stay one translatable text.</summary>
public readonly record struct Piece(string Text, string? Href = null, bool Strong = false)
{
    public static Piece Link(string text, string href) => new(text, href);

    public static Piece Bold(string text) => new(text, Strong: true);
}
