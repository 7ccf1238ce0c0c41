using System.Globalization;
using BackupGuard.Continuity.Catalogue;
using BackupGuard.Evidence.Packs;
using BackupGuard.Server.Ui;
using BackupGuard.Server.Ui.Texts;

namespace BackupGuard.Server.Features.Evidence.Packs;

/// <summary>What somebody asks for, as it was typed. Days are those of the establishment.</summary>
internal sealed record PackRequest(string? Application, string? From, string? To, string? Objective);

/// <summary>A request that was understood.</summary>
/// <param name="ObjectiveRow">The row behind <see cref="PackScope.Objective"/>, or null.</param>
/// <param name="Zone">The establishment's, or UTC.</param>
internal sealed record PackOrder(PackScope Scope, HospitalCatalogue Catalogue, TimeZoneInfo Zone, Objective? ObjectiveRow, ObjectiveList? Objectives)
{
    /// <param name="catalogue">Null: none is loaded; days are then those of UTC, and no application can be checked.</param>
    /// <exception cref="PackRefusedException">It cannot be understood.</exception>
    public static PackOrder Of(PackRequest request, HospitalCatalogue? catalogue, ObjectiveList? objectives)
    {
        var (application, code) = (Given(request.Application), Given(request.Objective));
        var zone = catalogue is not null && TimeZoneInfo.TryFindSystemTimeZoneById(catalogue.TimeZoneId, out var found) ? found : TimeZoneInfo.Utc;
        var from = Day(request.From, zone, 0);
        var until = Day(request.To, zone, 1);
        if (application is null && code is null && from is null && until is null) throw Misunderstood(PackTexts.NothingAsked);
        if (application is not null && code is not null) throw Misunderstood(PackTexts.BothAsked);
        if (from >= until) throw Misunderstood(PackTexts.DaysReversed);
        // Without a catalogue the log alone knows what there is.
        if (application is not null && catalogue is { Applications.Count: > 0 } && catalogue.Applications.All(a => a.Id != application))
            throw Misunderstood(PackTexts.UnknownApplication, ("id", application));
        var row = code is null ? null : objectives?.Objectives.FirstOrDefault(o => o.Code == code) ?? throw Misunderstood(PackTexts.UnknownObjective, ("code", code));
        var scope = new PackScope(
            application is not null ? [application] : row?.Applications ?? [],
            row is null ? [] : [.. row.Families.Select(WordOf).Order(StringComparer.Ordinal)],
            from is { } f ? Text(f) : null, until is { } u ? Text(u) : null, code);
        return new PackOrder(scope, catalogue ?? new HospitalCatalogue("", "", []), zone, row, objectives);
    }

    private static string WordOf(ProofFamily family) => family switch
    {
        ProofFamily.RestoreTest => PackFamilies.RestoreTest,
        ProofFamily.Exercise => PackFamilies.Exercise,
    };

    private static string? Given(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    private static DateTimeOffset? Day(string? typed, TimeZoneInfo zone, int later)
    {
        if (Given(typed) is not { } text) return null;
        if (!DateTime.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) || day.Year is < 1970 or > 9000) throw Misunderstood(PackTexts.BadDay, ("day", text));
        var midnight = day.AddDays(later);
        // In some zones a night skips midnight: the day then begins where the skipped hour ends.
        while (zone.IsInvalidTime(midnight)) midnight = midnight.AddMinutes(1);
        return new DateTimeOffset(midnight, zone.GetUtcOffset(midnight)).ToUniversalTime();
    }

    private static string Text(DateTimeOffset time) => PackScope.OfPeriod(time, time).From!;     // a period has both ends

    private static PackRefusedException Misunderstood(Phrase reason, params (string Name, string Value)[] values) => new(new PackRefusal(
        PackRefusalKind.BadRequest, PackRefusal.Fill(PackTexts.BadRequest, language => [("reason", new Reader(language, TimeZoneInfo.Utc).Say(reason, values))]), PackTexts.BadRequestMeans, PackTexts.BadRequestToDo));
}

/// <summary>Why there is no pack. BG2120 nothing was found, BG2121 too much, BG2122 the log is not intact, BG2123 the request cannot be understood, BG2124 it holds an exercise that is still played.</summary>
public enum PackRefusalKind { Nothing = 2120, TooMany = 2121, Damaged = 2122, BadRequest = 2123, Withheld = 2124 }

public sealed record PackRefusal(PackRefusalKind Kind, Phrase Message, Phrase Means, Phrase ToDo)
{
    public string Code => string.Create(CultureInfo.InvariantCulture, $"BG{(int)Kind}");

    /// <summary>Fills a text in both languages, so that whoever shows it need not know what it was filled with.</summary>
    public static Phrase Fill(Phrase text, Func<Language, (string Name, string Value)[]> values) => new(
        new Reader(Language.French, TimeZoneInfo.Utc).Say(text, values(Language.French)), new Reader(Language.English, TimeZoneInfo.Utc).Say(text, values(Language.English)));
}

internal sealed class PackRefusedException(PackRefusal refusal) : Exception(refusal.Message.En)
{
    public PackRefusal Refusal { get; } = refusal;
}
