using BackupGuard.Continuity.Runs;
using BackupGuard.Server.Ui;

namespace BackupGuard.Server.Features.Paper;

/// <summary>What is printed at once.</summary>
public sealed record CardsView(string Plan, string Address, IReadOnlyList<PaperCardView> All)
{
    private const int MostSheets = 50;
    private const int MostCards = 100;

    public RunMode? Mode { get; init; }

    /// <summary>Id of the run, or "" for a plan.</summary>
    public string Run { get; init; } = "";

    /// <summary>Number of one card, or "".</summary>
    public string Card { get; init; } = "";

    /// <summary>Cards that nobody may follow any more.</summary>
    public IReadOnlyList<VoidCard> Voids { get; init; } = [];

    /// <summary>Their list is printed instead of cards.</summary>
    public bool VoidList { get; init; }

    /// <summary>Id of one role, or "".</summary>
    public string Role { get; init; } = "";

    /// <summary>Also what is done or void.</summary>
    public bool Settled { get; init; }

    /// <summary>First and last number of blank log sheets, printed instead of cards; null: none were asked for.</summary>
    public (int First, int Last)? Sheets { get; init; }

    /// <summary>Where the sheets begin, from 1. A hundred are a stack that one person can sort.</summary>
    public int From { get; init; } = 1;

    internal Window<PaperCardView> Shown => Window.Of(Cards, From, MostCards);

    /// <summary>The page with its choices.</summary>
    public string Here => Role.Length > 0 ? $"{Address}?role={Uri.EscapeDataString(Role)}" : Settled ? Address + "?toutes=1" : Address;

    public IReadOnlyList<PaperCardView> Cards => Sheets is not null || VoidList ? [] :
        [.. All.Where(c => (Settled || Card.Length > 0 || c.Standing == CardStanding.Open) && (Card.Length == 0 || c.Number == Card) && (Role.Length == 0 || c.RoleId == Role))];

    public IEnumerable<(string Id, string Name)> Roles => All.Select(c => (c.RoleId, c.Role)).Distinct().OrderBy(r => r.Item2, StringComparer.InvariantCultureIgnoreCase);

    public static CardsView Asked(CardsView view, IQueryCollection query) => view with
    {
        From = Window.From(query),
        Card = query["carte"].ToString(),
        Role = query["role"].ToString(),
        Settled = query["toutes"] == "1",
        VoidList = query["nulles"] == "1",
        Sheets = int.TryParse(query["feuilles"], out var count) && count is > 0 and <= MostSheets
            ? int.TryParse(query["de"], out var first) && first is > 0 and <= 9999 ? (first, first + count - 1) : (1, count)
            : null,
    };
}
