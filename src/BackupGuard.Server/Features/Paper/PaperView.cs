using BackupGuard.Continuity.Runs;
using BackupGuard.Server.Features.Runs;
using BackupGuard.Server.Ui;

namespace BackupGuard.Server.Features.Paper;

/// <summary>The re-entry page: the card that is open, what was typed so far, and what went in last.</summary>
public sealed record PaperView
{
    private const int LastShown = 10;

    internal PaperView(RunView model) => Model = model;

    internal RunView Model { get; }
    public PaperMatch? Match { get; init; }

    /// <summary>What the form brought, where it could not be taken: nothing typed is lost.</summary>
    public IReadOnlyDictionary<string, string> Typed { get; init; } = new Dictionary<string, string>();
    /// <summary>The form without a card to show it in: its number was wrong, and the rest of it is right.</summary>
    public Ui.Errors.WrittenForm? Written { get; init; }
    public Phrase? Problem { get; init; }
    public IReadOnlyList<Refusal> Refusals { get; init; } = [];

    /// <summary>Id of the command that was just taken, or "".</summary>
    public string Taken { get; init; } = "";

    public string this[string field] => Typed.GetValueOrDefault(field, "");

    internal IReadOnlyList<RunEvent> TakenEvents => Taken.Length == 0 ? [] : [.. Model.Run.Events.Where(e => e.CommandId == Taken)];

    public IReadOnlyList<Ui.Components.LogLine> Last => [.. Model.LogPage(new LogChoice("papier", ByRecord: true, Before: null)).Lines.Take(LastShown)];

    internal IEnumerable<PendingRequest> ToConfirm => Model.Run.State.Requests.Values.Where(r => r.Kind is RequestKind.PaperDecision or RequestKind.Skip);

    public int Copied => Model.Run.Events.Where(e => e.Paper is not null).Select(e => e.CommandId).Distinct().Count();
}
