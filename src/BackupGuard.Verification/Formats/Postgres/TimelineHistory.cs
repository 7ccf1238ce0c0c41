using System.Globalization;
using System.Text;

namespace BackupGuard.Verification.Formats.Postgres;

/// <summary>A timeline's history file: where each of its ancestors was left (PostgreSQL documentation, "Timelines"; src/backend/access/transam/timeline.c).</summary>
internal sealed record TimelineHistory(IReadOnlyList<(uint Timeline, Lsn LeftAt)> Ancestors)
{
    private const int MostAncestors = 100_000;

    public static TimelineHistory? Parse(ReadOnlySpan<byte> bytes, uint timeline, out Words refusal)
    {
        var ancestors = new List<(uint Timeline, Lsn LeftAt)>();
        refusal = default;
        foreach (var line in Encoding.UTF8.GetString(bytes).Split('\n'))
        {
            var text = line.Trim();
            if (text.Length == 0 || text[0] == '#') continue;
            var fields = text.Split((char[])[' ', '\t'], 3, StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length < 2 || !uint.TryParse(fields[0], NumberStyles.None, CultureInfo.InvariantCulture, out var ancestor) || !Lsn.TryParse(fields[1], out var leftAt))
                refusal = new("a line of it is malformed", "une de ses lignes est mal formée");
            else if (ancestor >= timeline || (ancestors.Count > 0 && (ancestor <= ancestors[^1].Timeline || leftAt < ancestors[^1].LeftAt)))
                refusal = new("its timelines do not ascend", "ses timelines ne sont pas croissantes");
            else if (ancestors.Count >= MostAncestors)
                refusal = new("it has too many lines", "il a trop de lignes");
            else
                ancestors.Add((ancestor, leftAt));
            if (refusal != default) return null;
        }

        if (ancestors.Count > 0) return new TimelineHistory(ancestors);
        refusal = new("it names no ancestor", "il ne nomme aucun ancêtre");
        return null;
    }
}
