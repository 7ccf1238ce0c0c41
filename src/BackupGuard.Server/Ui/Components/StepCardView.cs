using BackupGuard.Server.Ui.Texts;

namespace BackupGuard.Server.Ui.Components;

/// <summary>One step as its doer sees it. Texts are already in the reader's language: they come from the runbook.</summary>
/// <param name="Number">Such as 02-01: what people say on the telephone.</param>
/// <param name="Action">Where the form is posted; the fields are commande, ligne (repeated), issue (fait, probleme, aide) and those of <see cref="Fields"/>.</param>
/// <param name="CommandId">Makes a second click harmless.</param>
public sealed record StepCardView(string Number, string Title, string Action, string CommandId)
{
    /// <summary>Runbook and position, in words.</summary>
    public string Run { get; init; } = "";
    public string Role { get; init; } = "";
    public string Why { get; init; } = "";
    public IReadOnlyList<StepLine> Lines { get; init; } = [];
    public string Otherwise { get; init; } = "";
    public IReadOnlyList<StepField> Fields { get; init; } = [];

    /// <summary>Under the main button, for instance who countersigns.</summary>
    public string DoneNote { get; init; } = "";
    public DateTimeOffset? DueAt { get; init; }
    public bool Late { get; init; }
    public string CounterSigner { get; init; } = "";
    public int Position { get; init; }
    public IReadOnlyList<StepPlace> Progress { get; init; } = [];
    public string Next { get; init; } = "";
    public string Person { get; init; } = "";

    /// <summary>False: it can be read, and not done now.</summary>
    public bool Open { get; init; } = true;
}

public sealed record StepLine(string Text, bool Checked = false);

public sealed record StepField(string Name, string Label, bool Required, string Value = "");

public enum StepProgress { Done, Current, ToDo, Skipped }

public sealed record StepPlace(string Title, StepProgress State)
{
    public string? Css => State switch
    {
        StepProgress.Done => "done",
        StepProgress.Skipped => "skipped",
        StepProgress.Current or StepProgress.ToDo => null,
    };

    public Phrase Word => State switch
    {
        StepProgress.Done => CrisisTexts.StepDone,
        StepProgress.Current => CrisisTexts.StepCurrent,
        StepProgress.ToDo => CrisisTexts.StepToDo,
        StepProgress.Skipped => CrisisTexts.StepSkipped,
    };
}
