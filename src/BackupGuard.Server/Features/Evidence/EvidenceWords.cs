using BackupGuard.Continuity.Readiness;
using BackupGuard.Server.Ui;
using BackupGuard.Server.Ui.Texts;

namespace BackupGuard.Server.Features.Evidence;

internal static class EvidenceWords
{
    public const string FsckCommand = "backupguard-server fsck";

    public static Phrase Of(EntryKind kind) => kind switch
    {
        EntryKind.Verification => EvidenceTexts.KindVerification,
        EntryKind.Drill => EvidenceTexts.KindDrill,
        EntryKind.Intent => EvidenceTexts.KindIntent,
        EntryKind.Run => EvidenceTexts.KindRun,
        EntryKind.Probe => EvidenceTexts.KindProbe,
        EntryKind.Copies => EvidenceTexts.KindCopies,
        EntryKind.Attested => EvidenceTexts.KindAttested,
        EntryKind.Other => EvidenceTexts.KindOther,
    };

    /// <summary>A word that this version does not know is shown as it came.</summary>
    public static string Severity(Reader reader, string severity) => severity switch
    {
        "error" => reader.Say(EvidenceTexts.SeverityError),
        "warning" => reader.Say(EvidenceTexts.SeverityWarning),
        "info" => reader.Say(EvidenceTexts.SeverityInfo),
        _ => SafeText.Visible(severity),
    };

    public static string Step(Reader reader, string kind) => kind switch
    {
        "restore" => reader.Say(EvidenceTexts.StepRestore),
        "probe" => reader.Say(EvidenceTexts.StepProbe),
        "cleanup" => reader.Say(EvidenceTexts.StepCleanup),
        _ => SafeText.Visible(kind),
    };

    /// <summary>A verdict that this version does not know is not good news.</summary>
    public static Outcome Verdict(string verdict) => verdict switch
    {
        "proved" => Outcome.Proved,
        "failed" => Outcome.Failed,
        _ => Outcome.Inconclusive,
    };
}
