using BackupGuard.Continuity.Definitions;

namespace BackupGuard.Continuity.Exchange;

public enum NoteLevel { Info, Warning, Error }

/// <summary>One thing that whoever exchanges a runbook must know: refused, left out, changed, or asked.</summary>
/// <param name="Code">Stable: BG315x to BG317x.</param>
/// <param name="At">JSON pointer into the playbook, or line:column where it is not readable.</param>
public sealed record ExchangeNote(string Code, NoteLevel Level, string At, string Fr, string En);

/// <summary>Notes of one exchange. The same thing said of many places is said once, with its first place and how often: a report of thousands of lines is not read.</summary>
internal sealed class NoteList
{
    private const int Most = 300;

    private readonly List<(string Key, ExchangeNote Note)> notes = [];
    private readonly Dictionary<string, int> counts = new(StringComparer.Ordinal);
    private int unsaid;

    public void Add(string code, NoteLevel level, string at, string fr, string en)
    {
        var key = code + " " + fr;
        counts[key] = counts.GetValueOrDefault(key) + 1;
        if (counts[key] > 1) return;
        if (notes.Count < Most) notes.Add((key, new(code, level, at, FrenchText.Set(fr), en)));
        else unsaid++;
    }

    public IReadOnlyList<ExchangeNote> All =>
    [
        .. notes.Select(n => counts[n.Key] == 1 ? n.Note : n.Note with
        {
            Fr = FrenchText.Set($"{n.Note.Fr} ({counts[n.Key]} fois, d’abord ici)"),
            En = $"{n.Note.En} ({counts[n.Key]} times, first here)",
        }),
        .. unsaid == 0 ? (ExchangeNote[])[] : [new("BG3151", NoteLevel.Warning, "", FrenchText.Set($"Et {unsaid} autres remarques : corrigez celles-ci d’abord."), $"And {unsaid} other remarks: correct these first.")],
    ];
}

/// <summary>The file is refused as a whole.</summary>
internal sealed class ExchangeRefused(string code, string at, string fr, string en) : Exception(en)
{
    public ExchangeNote Note { get; } = new(code, NoteLevel.Error, at, FrenchText.Set(fr), en);
}
