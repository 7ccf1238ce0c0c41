using BackupGuard.Continuity.Paper;
using BackupGuard.Continuity.Runbooks;
using BackupGuard.Continuity.Runs;
using BackupGuard.Server.Features.Runs;
using BackupGuard.Server.Ui;
using BackupGuard.Server.Ui.Texts;

namespace BackupGuard.Server.Features.Paper;

/// <summary>What the card says of its place in a run.</summary>
public enum CardStanding { Open, Done, Void }

/// <summary>A field to fill in by hand.</summary>
/// <param name="Choices">To tick; empty: a line to write on.</param>
public sealed record PaperField(string Label, IReadOnlyList<string> Choices);

/// <param name="Consequence">What the choice changes, or "".</param>
public sealed record PaperOption(string Label, string Consequence);

/// <summary>One sheet of A4: a step or a decision for somebody without a screen.</summary>
public sealed record PaperCardView(string Number, CardCode Code, string Title)
{
    public required string Establishment { get; init; }
    public required string Plan { get; init; }
    public required string Version { get; init; }

    /// <summary>0: as it was started.</summary>
    public int Amendment { get; init; }

    /// <summary>Null: of the plan, to be used in either.</summary>
    public RunMode? Mode { get; init; }
    public CardStanding Standing { get; init; }
    public string Role { get; init; } = "";
    public string RoleId { get; init; } = "";
    public string Deputy { get; init; } = "";
    public string Why { get; init; } = "";
    public bool IsDecision { get; init; }
    public bool ReadDo { get; init; }
    public TimeSpan? Duration { get; init; }

    /// <summary>How long after its beginning, where the hour is not known.</summary>
    public TimeSpan? Within { get; init; }
    public DateTimeOffset? DueAt { get; init; }
    public IReadOnlyList<string> Lines { get; init; } = [];
    public string Otherwise { get; init; } = "";
    public IReadOnlyList<PaperField> Fields { get; init; } = [];
    public IReadOnlyList<PaperOption> Options { get; init; } = [];
    public bool ReasonRequired { get; init; }

    /// <summary>Voices that the decision needs; 0: its own role decides.</summary>
    public int Quorum { get; init; }

    /// <summary>Who votes, by name of the role.</summary>
    public IReadOnlyList<string> Voters { get; init; } = [];

    /// <summary>Who verifies and who signs after the doer; "": nobody.</summary>
    public string Verifier { get; init; } = "";
    public string CounterSigner { get; init; } = "";

    /// <summary>First eight digits of the SHA-256 of the text it was printed from.</summary>
    public string HashPrefix { get; init; } = "";
    public QrPicture Qr => QrPicture.Of(Code.ToString());

    /// <summary>So much text that it needs a smaller letter to stay on one page; never below 12 points.</summary>
    public bool Dense => Height > 245;

    /// <summary>In millimetres, at full size, judged by the number of letters. A page leaves 271.</summary>
    private int Height
    {
        get
        {
            var top = 14 + Math.Max(58, 12 + (12 * Rows(Title, 26)) + (6 * Rows(Why, 52)) + 12);
            var lines = Lines.Sum(l => Math.Max(13, 7 * Rows(l, 50))) + Options.Sum(o => Math.Max(13, (7 * Rows(o.Label, 55)) + (5 * Rows(o.Consequence, 80)))) + (Options.Count > 0 ? 13 : 0);
            var otherwise = Otherwise.Length == 0 ? 0 : 12 + (6 * Rows(Otherwise, 72));
            var signatures = 1 + (IsDecision ? VoterRows : 0) + (Verifier.Length + CounterSigner.Length > 0 ? 1 : 0);
            return top + lines + otherwise + (22 * signatures) + (14 * ((Fields.Count + 1) / 2)) + 12 + 12;
        }
    }

    /// <summary>A line for each voice that is needed, and one to spare where more may vote.</summary>
    public int VoterRows => Math.Max(1, Quorum) + (Voters.Count > Quorum && Quorum > 0 ? 1 : 0);

    private static int Rows(string text, int letters) => (text.Length + letters - 1) / letters;
}

/// <summary>Makes the cards of a plan, or of a run as it stands.</summary>
internal static class PaperCards
{
    public static IReadOnlyList<PaperCardView> OfPlan(RunDefinition definition, string establishment, Reader reader) =>
        [.. definition.Runbook.Steps.Select(s => Card(definition, s, CardCode.OfPlan(definition.Runbook.Id, s.Id, definition.Sha256), establishment, reader))];

    public static IReadOnlyList<PaperCardView> OfRun(JournaledRun run, string establishment, DateTimeOffset now, Reader reader) =>
        [.. StepViews.All(run.Definition.Runbook, run.State, now).Select(v => Card(run.Definition, v.Definition, CodeOf(run, v), establishment, reader) with
        {
            Mode = run.Started.Mode,
            Amendment = run.State.Amendments,
            DueAt = v.Settled ? null : v.DueAt,
            Standing = v.State switch
            {
                StepState.Done or StepState.Skipped => CardStanding.Done,
                StepState.Cancelled => CardStanding.Void,
                _ => CardStanding.Open,
            },
        })];

    public static Phrase ModeOf(RunMode? mode) => mode switch
    {
        RunMode.Exercise => CardTexts.ModeExercise,
        RunMode.Live => CardTexts.ModeLive,
        _ => CardTexts.ModePlan,
    };

    private static CardCode CodeOf(JournaledRun run, StepView step) =>
        CardCode.OfRun(run.Started.RunId, step.Definition.Id, Math.Clamp(step.Attempt, 1, CardCode.MaxAttempt), run.Definition.Sha256);

    private static PaperCardView Card(RunDefinition definition, StepDefinition step, CardCode code, string establishment, Reader reader)
    {
        var (book, language) = (definition.Runbook, reader.Code);
        var role = book.Role(step.Role.Id);
        return new(step.Card.Length > 0 ? step.Card : step.Id, code, step.Label.In(language))
        {
            Establishment = establishment,
            Plan = book.Title.In(language),
            Version = book.Version,
            Role = role?.Label.In(language) ?? step.Role.Id,
            RoleId = step.Role.Id,
            Deputy = role?.Deputy.In(language) ?? "",
            Why = step.Why.In(language),
            IsDecision = step.Kind == StepKind.Decision,
            ReadDo = step.ReadDo,
            Duration = step.Duration?.Likely,
            Within = step.Deadline?.Within,
            // What a machine would have done, people do on paper.
            Lines = [.. (step.Do.Count > 0 ? step.Do : step.ManualFallback).Select(l => l.Text)],
            Otherwise = step.Otherwise.In(language),
            Fields = [.. step.Evidence.Select(e => Field(e, reader))],
            Options = [.. step.Options.Select(o => new PaperOption(o.Label.In(language), Consequence(book, o, reader)))],
            ReasonRequired = step.RationaleRequired,
            Quorum = step.Approvals?.Quorum ?? 0,
            Voters = [.. step.Approvals?.Roles.Select(r => book.Role(r.Id)?.Label.In(language) ?? r.Id) ?? []],
            Verifier = step.Verify is { } verify ? book.Role(verify.By.Id)?.Label.In(language) ?? verify.By.Id : "",
            CounterSigner = step.Countersign is { } signer ? book.Role(signer.Id)?.Label.In(language) ?? signer.Id : "",
            HashPrefix = $"{definition.Sha256[..4]} {definition.Sha256[4..8]}",
        };
    }

    private static PaperField Field(EvidenceDefinition evidence, Reader reader)
    {
        var label = evidence.Label.In(reader.Code) is { Length: > 0 } text ? text : evidence.Id;
        var hint = evidence.Type switch
        {
            "datetime" => CardTexts.HintTime,
            "photo" => CardTexts.HintPhoto,
            "file" => CardTexts.HintFile,
            "number" => CardTexts.HintNumber,
            "signature" => CardTexts.HintSignature,
            _ => null,
        };
        return new(label + (hint is null ? "" : $" ({reader.Say(hint)})") + (evidence.Required ? " *" : ""), evidence.Type == "choice" ? evidence.Values : []);
    }

    private static string Consequence(RunbookDefinition book, DecisionOption option, Reader reader) => string.Join(", ", option.Sets.Select(s =>
        $"{book.Fact(s.Key)?.Label.In(reader.Code) ?? s.Key} = {s.Value switch { "true" => reader.Say(RunTexts.Yes), "false" => reader.Say(RunTexts.No), var value => value }}"));
}
