using System.Globalization;
using System.Text;
using BackupGuard.Continuity.Runbooks;
using BackupGuard.Continuity.Runs;
using BackupGuard.Server.Ui;

namespace BackupGuard.Server.Features.Runs;

/// <param name="Number">First part of its cards' numbers, as people call it (01 for RB-01), or "".</param>
/// <param name="Cards">Those that were searched for.</param>
internal sealed record ShelfEntry(RunbookOnDisk File, RunDefinition Definition, string Number, IReadOnlyList<StepDefinition> Cards);

internal sealed record ShelfGroup(Phrase Title, IReadOnlyList<ShelfEntry> Entries);

/// <summary>Runbooks in the order in which a hand looks for them at night: what is going on, then by number, then the degraded modes by service.</summary>
internal sealed record RunbookShelf(IReadOnlyList<ShelfGroup> Groups, IReadOnlyList<RunbookOnDisk> Broken)
{
    /// <summary>The one that starts and follows the others.</summary>
    public const string Parent = "plan-blanc-numerique";

    public const int MostCards = 12;

    public int Count => Groups.Sum(g => g.Entries.Count);

    /// <param name="open">Ids of runbooks with a run that is not closed.</param>
    /// <param name="query">All of these words, in the title or in one card, or the beginning of a card's number; "": everything.</param>
    public static RunbookShelf Of(IReadOnlyList<RunbookOnDisk> known, IReadOnlySet<string> open, string query)
    {
        string[] words = [.. Folded(query).Split(' ', StringSplitOptions.RemoveEmptyEntries)];
        var all = known.Where(b => b.Definition is not null).Select(b => Entry(b, b.Definition!, words)).OfType<ShelfEntry>()
            .OrderBy(e => e.Number == "").ThenBy(e => e.Number, StringComparer.Ordinal).ThenBy(e => e.Definition.Runbook.Id, StringComparer.Ordinal).ToList();
        var going = all.Where(e => open.Contains(e.Definition.Runbook.Id)).ToList();
        var rest = all.Except(going).ToLookup(IsDegraded);
        var services = rest[true].OrderBy(e => Service(e.Definition.Runbook), StringComparer.Ordinal).ThenBy(e => e.Definition.Runbook.Id, StringComparer.Ordinal);
        ShelfGroup[] groups = [new(MapTexts.Open, going), new(MapTexts.InOrder, [.. rest[false]]), new(MapTexts.ByService, [.. services])];
        return new([.. groups.Where(g => g.Entries.Count > 0)], [.. known.Where(b => b.Definition is null)]);
    }

    public static string Service(RunbookDefinition runbook) => runbook.Degraded.Select(d => d.Service).FirstOrDefault("");

    private static bool IsDegraded(ShelfEntry entry) => entry.Number == "08" || entry.Definition.Runbook.Id.StartsWith("degrade-", StringComparison.Ordinal);

    private static ShelfEntry? Entry(RunbookOnDisk file, RunDefinition definition, string[] words)
    {
        var runbook = definition.Runbook;
        var number = runbook.Steps.Where(s => s.Card.Contains('-', StringComparison.Ordinal)).Select(s => s.Card.Split('-')[0]).Min(StringComparer.Ordinal) ?? "";
        if (words.Length == 0)
        {
            return new(file, definition, number, []);
        }

        var title = Folded($"RB-{number} {runbook.Id} {runbook.Title.Fr} {runbook.Title.En} {Service(runbook)}");
        var cards = runbook.Steps.Where(s => Array.TrueForAll(words, w => IsNumber(w) ? s.Card.StartsWith(w, StringComparison.Ordinal) : Folded($"{s.Label.Fr} {s.Label.En}").Contains(w, StringComparison.Ordinal))).ToList();
        return cards.Count > 0 || Array.TrueForAll(words, w => title.Contains(w, StringComparison.Ordinal)) ? new(file, definition, number, cards) : null;
    }

    private static bool IsNumber(string word) => word.All(c => char.IsAsciiDigit(c) || c == '-');

    /// <summary>As people type it at night: without accents or capitals.</summary>
    private static string Folded(string text)
    {
        var folded = new StringBuilder(text.Length);
        foreach (var c in text.Normalize(NormalizationForm.FormD))
        {
            if (char.GetUnicodeCategory(c) == UnicodeCategory.NonSpacingMark) continue;
            folded.Append(c switch { '’' => '\'', 'œ' or 'Œ' => 'o', _ when char.IsWhiteSpace(c) => ' ', _ => char.ToLowerInvariant(c) });
            if (c is 'œ' or 'Œ') folded.Append('e');
        }

        return folded.ToString();
    }
}
