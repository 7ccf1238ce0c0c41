using BackupGuard.Continuity.Paper;
using BackupGuard.Continuity.Runbooks;
using BackupGuard.Server.Features.Runs;
using BackupGuard.Server.Ui;
using BackupGuard.Server.Ui.Texts;

namespace BackupGuard.Server.Features.Paper;

/// <summary>What a number or a code that somebody typed stands for in a run.</summary>
/// <param name="Typed">As it was typed: it goes into the journal.</param>
public sealed record PaperMatch(string Typed)
{
    public StepDefinition? Step { get; init; }

    /// <summary>Of a step that is no more; its card is kept as a fact.</summary>
    public VoidCard? Void { get; init; }

    /// <summary>The attempt it was printed for; 0: not known, or printed before the run.</summary>
    public int Attempt { get; init; }

    /// <summary>Why nothing was found.</summary>
    public Phrase? Problem { get; init; }

    /// <summary>Id of the run of this crisis that the card belongs to, where that is not this one; "" otherwise.</summary>
    public string Elsewhere { get; init; } = "";

    /// <summary>What the person at the keyboard should know of the card.</summary>
    public Phrase? Notice { get; init; }
}

internal static class PaperLookup
{
    private const int LongestInput = 64;

    public static PaperMatch Find(JournaledRun run, string typed, Reader reader)
    {
        var match = new PaperMatch(typed.Length <= LongestInput ? typed : typed[..LongestInput]);
        var book = run.Definition.Runbook;
        if (book.Steps.FirstOrDefault(s => IsNumber(s.Card.Length > 0 ? s.Card : s.Id, match.Typed)) is { } step) return match with { Step = step };
        if (VoidCards.Of(run, reader).LastOrDefault(v => book.Step(v.StepId) is null && IsNumber(v.Number, match.Typed)) is { } dead) return match with { Void = dead };
        return CardCode.Parse(match.Typed) is { } code ? OfCode(run, match, code, reader) : match with { Problem = CardTexts.NoSuchCard };
    }

    private static PaperMatch OfCode(JournaledRun run, PaperMatch match, CardCode code, Reader reader)
    {
        var book = run.Definition.Runbook;
        var ofPlan = code.Scope == CardCode.PlanScope(book.Id) && code.Attempt == 0;
        if (!ofPlan && code.Scope != CardCode.RunScope(run.Started.RunId)) return match with { Problem = CardTexts.CardOfOtherRun, Elsewhere = Relatives(run).FirstOrDefault(id => Of(code, id), "") };
        StepDefinition[] steps = [.. book.Steps.Where(s => CardCode.StepPart(s.Id) == code.Step)];
        if (steps is [var step])
        {
            var older = code.Version != CardCode.VersionPart(run.Definition.Sha256);
            return match with { Step = step, Attempt = code.Attempt, Notice = older ? CardTexts.OlderText : null };
        }

        return VoidCards.Of(run, reader).LastOrDefault(v => book.Step(v.StepId) is null && CardCode.StepPart(v.StepId) == code.Step) is { } dead
            ? match with { Void = dead, Attempt = code.Attempt }
            : match with { Problem = CardTexts.NoSuchCard };
    }

    /// <summary>The runs of one crisis lie on one table, and so do their cards.</summary>
    private static IEnumerable<string> Relatives(JournaledRun run) => run.Started.Parent is { Length: > 0 } parent ? [.. run.State.Modules.Keys, parent] : run.State.Modules.Keys;

    private static bool Of(CardCode code, string run) => code.Scope == CardCode.RunScope(run);

    private static bool IsNumber(string number, string typed) => string.Equals(number, typed.Trim(), StringComparison.OrdinalIgnoreCase);
}
