using System.Globalization;

namespace BackupGuard.Server.Features.Runs;

/// <summary>Which lines of the main courante a reader asked for.</summary>
/// <param name="Show">tout, decisions, actions, main (without steps) or moi.</param>
/// <param name="Before">Only lines with a smaller number; null: from the newest on.</param>
internal sealed record LogChoice(string Show, bool ByRecord, long? Before)
{
    public const int PageSize = 200;

    private static readonly string[] Known = ["tout", "decisions", "actions", "main", "moi"];

    public static LogChoice Of(IQueryCollection query) => new(
        Known.Contains(query["montrer"].ToString()) ? query["montrer"].ToString() : Known[0],
        query["tri"] == "inscription",
        long.TryParse(query["avant"], NumberStyles.None, CultureInfo.InvariantCulture, out var before) && before > 0 ? before : null);

    public string Query => $"?montrer={Show}{(ByRecord ? "&tri=inscription" : "")}{(Before is { } before ? string.Create(CultureInfo.InvariantCulture, $"&avant={before}") : "")}";
}
