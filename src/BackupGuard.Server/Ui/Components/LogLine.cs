using BackupGuard.Server.Ui.Texts;

namespace BackupGuard.Server.Ui.Components;

public enum LogLineKind { Fact, Decision, Action, Message, Step }

/// <summary>One line of the main courante.</summary>
/// <param name="FactAt">When it happened.</param>
/// <param name="RecordedAt">When it was written down: shown when later.</param>
public sealed record LogLine(long Number, DateTimeOffset FactAt, DateTimeOffset RecordedAt, LogLineKind Kind, string Who, string What)
{
    public string Next { get; init; } = "";

    public string Mark => Kind switch
    {
        LogLineKind.Fact => "●",
        LogLineKind.Decision => "◆",
        LogLineKind.Action => "▸",
        LogLineKind.Message => "○",
        LogLineKind.Step => "✓",
    };

    public Phrase Word => Kind switch
    {
        LogLineKind.Fact => CrisisTexts.KindFact,
        LogLineKind.Decision => CrisisTexts.KindDecision,
        LogLineKind.Action => CrisisTexts.KindAction,
        LogLineKind.Message => CrisisTexts.KindMessage,
        LogLineKind.Step => CrisisTexts.KindStep,
    };

    public string? Css => Kind switch
    {
        LogLineKind.Decision => "decision",
        LogLineKind.Step => "auto",
        LogLineKind.Fact or LogLineKind.Action or LogLineKind.Message => null,
    };
}
