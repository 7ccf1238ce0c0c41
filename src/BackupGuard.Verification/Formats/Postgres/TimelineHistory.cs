using System.Globalization;
using System.Text;

namespace BackupGuard.Verification.Formats.Postgres;

/// <summary>A timeline's history file: where each of its ancestors was left (PostgreSQL documentation, "Timelines"; src/backend/access/transam/timeline.c).</summary>
internal sealed record TimelineHistory(IReadOnlyList<(uint Timeline, Lsn LeftAt)> Ancestors)
{
    private const int MostAncestors = 100_000;

    public static TimelineHistory? Parse(ReadOnlySpan<byte> bytes, uint timeline, out string refusal)
    {
        var ancestors = new List<(uint Timeline, Lsn LeftAt)>();
        refusal = "";
        foreach (var line in Encoding.UTF8.GetString(bytes).Split('\n'))
        {
            var text = line.Trim();
            if (text.Length == 0 || text[0] == '#') continue;
            var fields = text.Split((char[])[' ', '\t'], 3, StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length < 2 || !uint.TryParse(fields[0], NumberStyles.None, CultureInfo.InvariantCulture, out var ancestor) || !Lsn.TryParse(fields[1], out var leftAt))
                refusal = "a line of it is malformed";
            else if (ancestor >= timeline || (ancestors.Count > 0 && (ancestor <= ancestors[^1].Timeline || leftAt < ancestors[^1].LeftAt)))
                refusal = "its timelines do not ascend";
            else if (ancestors.Count >= MostAncestors)
                refusal = "it has too many lines";
            else
                ancestors.Add((ancestor, leftAt));
            if (refusal.Length > 0) return null;
        }

        if (ancestors.Count > 0) return new TimelineHistory(ancestors);
        refusal = "it names no ancestor";
        return null;
    }
}
