using BackupGuard.Continuity.Readiness;
using BackupGuard.Server.Ui.Texts;

namespace BackupGuard.Server.Ui;

/// <summary>Shape, word and colour of a state, in that order of trust.</summary>
/// <param name="Css">Class that carries the colour; the mark's symbol is m- and the same word.</param>
public readonly record struct Look(string Css, Phrase Word)
{
    public string Symbol => "#m-" + Css;

    public static Look Of(ReadinessState state) => state switch
    {
        ReadinessState.Failed => new("failed", StateTexts.Failed),
        ReadinessState.Unproven => new("unproven", StateTexts.Unproven),
        ReadinessState.Expired => new("expired", StateTexts.Expired),
        ReadinessState.Inconclusive => new("inconclusive", StateTexts.Inconclusive),
        ReadinessState.Proved => new("proven", StateTexts.Proved),
    };

    public static Look Of(Outcome outcome) => outcome switch
    {
        Outcome.Proved => new("proven", StateTexts.Passed),
        Outcome.Failed => new("failed", StateTexts.TestFailed),
        Outcome.Inconclusive => new("inconclusive", StateTexts.Inconclusive),
    };
}
