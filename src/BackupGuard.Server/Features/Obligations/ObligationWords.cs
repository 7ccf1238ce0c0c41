using BackupGuard.Continuity.Obligations;
using BackupGuard.Continuity.Runbooks.Guards;
using BackupGuard.Server.Ui;
using BackupGuard.Server.Ui.Texts;

namespace BackupGuard.Server.Features.Obligations;

/// <summary>What the board's answers are called on the page.</summary>
internal static class ObligationWords
{
    public static Phrase Status(DutyStatus status) => status switch
    {
        DutyStatus.Off => ObligationTexts.IsOff,
        DutyStatus.Blanc => ObligationTexts.IsBlanc,
        DutyStatus.NotStarted => ObligationTexts.IsNotStarted,
        DutyStatus.Running => ObligationTexts.IsRunning,
        DutyStatus.DueSoon => ObligationTexts.IsDueSoon,
        DutyStatus.Late => ObligationTexts.IsLate,
        DutyStatus.SentOnTime => ObligationTexts.IsSentOnTime,
        DutyStatus.SentLate => ObligationTexts.IsSentLate,
        DutyStatus.Sent => ObligationTexts.IsSent,
        DutyStatus.NotApplicable => ObligationTexts.IsNotApplicable,
    };

    /// <summary>Repeats the word for those who look from afar; prints in black.</summary>
    public static string Shape(DutyStatus status) => status switch
    {
        DutyStatus.Late or DutyStatus.SentLate => "▲",
        DutyStatus.DueSoon => "◆",
        DutyStatus.SentOnTime => "✓",
        _ => "",
    };

    public static Phrase? Doubt(SendingDoubt doubt) => doubt switch
    {
        SendingDoubt.None => null,
        SendingDoubt.NoFigure => ObligationTexts.DoubtNoFigure,
        SendingDoubt.StartUnknown => ObligationTexts.DoubtStart,
        SendingDoubt.BeforeStart => ObligationTexts.DoubtBefore,
    };

    public static Phrase Certainty(Certainty certainty) => certainty switch
    {
        Continuity.Obligations.Certainty.Sourced => ObligationTexts.Sourced,
        Continuity.Obligations.Certainty.Background => ObligationTexts.Background,
        Continuity.Obligations.Certainty.Unknown => ObligationTexts.CertaintyUnknown,
    };

    /// <summary>The id stays in front: it is what people say on the telephone.</summary>
    public static string Duty(ObligationDefinition? rows, string id, string language) => rows?.Duty(id) is { } duty ? $"{id.ToUpperInvariant()} {duty.Label.In(language)}" : id;

    public static string Channel(Reader reader, string id) => ObligationTexts.Channels.TryGetValue(id, out var name) ? reader.Say(name) : id.Replace('-', ' ');

    public static string Check(Reader reader, ObligationRow row) => row.Check switch
    {
        RowCheck.Never => reader.Say(ObligationTexts.Unverified),
        RowCheck.Stale => reader.Say(ObligationTexts.Stale, ("day", Day(row))),
        RowCheck.Checked => reader.Say(ObligationTexts.Verified, ("day", Day(row)), ("name", row.Duty.CheckedBy)),
    };

    public static string Guard(Reader reader, GuardView guard) => reader.Say(
        guard.Holds switch { Ternary.True => ObligationTexts.GuardHolds, Ternary.False => ObligationTexts.GuardBroken, Ternary.Unknown => ObligationTexts.GuardUnknown }, ("text", guard.Guard.Text.In(reader.Code)));

    /// <summary>A number is never broken between two lines: it is read aloud and dialled.</summary>
    public static string Contact(DraftRecipient recipient) => Contact(recipient.Contact);

    public static string Contact(string contact) => contact.Length > 0 && char.IsAsciiDigit(contact[0]) ? contact.Replace(' ', Typography.NoBreak) : contact;

    /// <summary>Hours as the law counts them; a month is a month.</summary>
    public static string Period(Reader reader, LegalPeriod period) => period.Months > 0
        ? reader.Number(period.Months) + "\u00a0" + (reader.IsFrench ? "mois" : period.Months == 1 ? "month" : "months")
        : reader.Duration(period.Elapsed);

    private static string Day(ObligationRow row) => row.Duty.CheckedOn?.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture) ?? "";
}
