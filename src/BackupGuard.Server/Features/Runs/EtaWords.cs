using BackupGuard.Continuity.Runs;
using BackupGuard.Server.Ui;

namespace BackupGuard.Server.Features.Runs;

/// <summary>What was announced about the return of the applications, in the same words on every screen.</summary>
internal static class EtaWords
{
    public static string Of(Reader reader, EtaAnnouncement? eta, DateTimeOffset now)
    {
        if (eta is null)
        {
            return reader.Say(CellTexts.EtaNone);
        }

        var text = eta switch
        {
            { Back: null } => CellTexts.EtaUnknown,
            _ when eta.Left(now) is null => CellTexts.EtaPassed,
            _ => CellTexts.EtaAt,
        };
        var said = reader.Say(text, ("back", eta.Back is { } hour ? Hour(reader, hour, now) : ""), ("left", reader.Span(eta.Left(now) ?? TimeSpan.Zero)), ("name", eta.By.Name), ("time", Hour(reader, eta.At, now)));
        return eta.Run == "" ? said : $"{said} {reader.Say(CellTexts.EtaFromParent)}";
    }

    /// <summary>Of another day an hour alone would be another hour.</summary>
    public static string Hour(Reader reader, DateTimeOffset instant, DateTimeOffset now) => reader.Local(instant).Date == reader.Local(now).Date ? reader.TimeOfDay(instant) : reader.Instant(instant);
}
