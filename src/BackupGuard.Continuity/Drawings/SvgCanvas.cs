using System.Globalization;
using System.Text;

namespace BackupGuard.Continuity.Drawings;

/// <summary>Writes one picture. Whatever comes from a runbook goes through <see cref="Escape"/>: a title stays a title. Only attributes, no style: pages forbid it, and a saved file must read alike.</summary>
internal sealed class SvgCanvas
{
    private readonly StringBuilder body = new();

    public static string Escape(string text)
    {
        var safe = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            safe.Append(rune.Value switch
            {
                '&' => "&amp;",
                '<' => "&lt;",
                '>' => "&gt;",
                '"' => "&quot;",
                '\'' => "&#39;",
                // XML has no way to write these, not even by number.
                < 0x20 or 0xfffe or 0xffff => "\ufffd",
                _ => rune.ToString(),
            });
        }

        return safe.ToString();
    }

    public static string N(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);

    public void Open(string css) => body.Append("<g class=\"").Append(css).Append("\">");

    public void Close() => body.Append("</g>");

    public void Rectangle(double x, double y, double width, double height, double stroke, string? dash = null, double round = 3) =>
        body.Append(CultureInfo.InvariantCulture, $"<rect x=\"{N(x)}\" y=\"{N(y)}\" width=\"{N(width)}\" height=\"{N(height)}\" rx=\"{N(round)}\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"{N(stroke)}\"{Dash(dash)}/>");

    /// <param name="path">In the language of the d attribute; made of numbers of ours only.</param>
    public void Path(string path, double stroke, string? dash = null, bool filled = false) =>
        body.Append(CultureInfo.InvariantCulture, $"<path d=\"{path}\" fill=\"{(filled ? "currentColor" : "none")}\" stroke=\"currentColor\" stroke-width=\"{N(stroke)}\"{Dash(dash)}/>");

    public void Dot(double x, double y, double radius) => body.Append(CultureInfo.InvariantCulture, $"<circle cx=\"{N(x)}\" cy=\"{N(y)}\" r=\"{N(radius)}\" fill=\"currentColor\"/>");

    public void Text(double x, double y, string text, int size = 14, bool bold = false, string anchor = "start") =>
        body.Append(CultureInfo.InvariantCulture, $"<text x=\"{N(x)}\" y=\"{N(y)}\" font-size=\"{size}\" text-anchor=\"{anchor}\"{(bold ? " font-weight=\"700\"" : "")}>{Escape(text)}</text>");

    /// <summary>A triangle whose point is at x, y.</summary>
    public void Arrow(double x, double y, int direction) => Path($"M{N(x)} {N(y)}l{N(-8 * direction)} -4.5v9z", 0, filled: true);

    /// <summary>For a page of HTML, which knows the elements by itself.</summary>
    /// <param name="id">Makes the ids of this picture its own on a page with several.</param>
    public string Picture(string id, double width, double height, string title, string description) =>
        $"<svg class=\"drawing\" role=\"img\" aria-labelledby=\"{id}-t {id}-d\" width=\"{N(width)}\" height=\"{N(height)}\" viewBox=\"0 0 {N(width)} {N(height)}\" font-family=\"sans-serif\">"
        + $"<title id=\"{id}-t\">{Escape(title)}</title><desc id=\"{id}-d\">{Escape(description)}</desc>{body}</svg>";

    /// <summary>Lines of about this many characters; what does not fit ends in an ellipsis, and stands whole in the list beside the picture.</summary>
    public static IReadOnlyList<string> Wrap(string text, int longest, int most)
    {
        var lines = new List<string>();
        var rest = text.Trim();
        while (rest.Length > 0)
        {
            if (lines.Count == most)
            {
                lines[^1] = Cut(lines[^1], longest - 1).TrimEnd() + "…";
                break;
            }

            var space = rest.Length <= longest ? rest.Length : rest.LastIndexOf(' ', longest);
            var line = space > 0 ? rest[..space] : Cut(rest, longest);
            lines.Add(line);
            rest = rest[line.Length..].TrimStart();
        }

        return lines;
    }

    private static string Cut(string text, int most) => text.Length <= most ? text : text[..(char.IsHighSurrogate(text[most - 1]) ? most - 1 : most)];

    private static string Dash(string? dash) => dash is null ? "" : $" stroke-dasharray=\"{dash}\"";
}
