using System.Globalization;
using System.Text;

namespace BackupGuard.Server.Ui;

/// <summary>Who reads the page: the language, and the establishment's own time zone. Writes texts, numbers, durations and instants for them.</summary>
/// <remarks>Month and day names are ours: a page reads the same whatever culture data the machine has.</remarks>
public sealed record Reader(Language Language, TimeZoneInfo Zone)
{
    private static readonly string[] DaysFr = ["dim.", "lun.", "mar.", "mer.", "jeu.", "ven.", "sam."];
    private static readonly string[] DaysEn = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
    private static readonly string[] MonthsFr = ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."];
    private static readonly string[] MonthsEn = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

    public bool IsFrench => Language == Language.French;

    /// <summary>The value of a lang attribute.</summary>
    public string Code => IsFrench ? "fr" : "en";

    /// <summary>Fills a text. An argument that is missing is a bug of ours and throws; what an argument holds is never read as a template.</summary>
    public string Say(Phrase phrase, params (string Name, string Value)[] arguments)
    {
        var text = new StringBuilder();
        foreach (var part in Split(phrase))
        {
            text.Append(part.IsName ? Find(arguments, part.Text, phrase) : part.Text);
        }

        return text.ToString();
    }

    public string Count(Plural plural, long count, params (string Name, string Value)[] arguments) =>
        Say(plural.For(count, Language), [("count", Number(count)), .. arguments]);

    /// <summary>The same, with links and emphasis kept apart for the page.</summary>
    public IReadOnlyList<Piece> Pieces(Phrase phrase, params (string Name, Piece Value)[] arguments) =>
        [.. Split(phrase).Select(part => part.IsName ? Find(arguments, part.Text, phrase) : new Piece(part.Text))];

    /// <summary>Chooses between two sentences that came with both languages, as findings and reasons do.</summary>
    public string Choose(string fr, string en)
    {
        var (wanted, other) = IsFrench ? (fr, en) : (en, fr);
        return wanted.Length > 0 ? wanted : other;
    }

    public string Number(long value) =>
        value.ToString("#,0", CultureInfo.InvariantCulture).Replace(",", IsFrench ? "\u202f" : ",", StringComparison.Ordinal);

    /// <summary>A share between 0 and 1. Never rounded up to the whole: 99.97 % is not 100 %.</summary>
    public string Percent(double share)
    {
        var percent = Math.Floor(Math.Clamp(share, 0, 1) * 1000) / 10;
        return Decimal(percent) + (IsFrench ? "\u00a0%" : "%");
    }

    public string Bytes(long bytes)
    {
        string[] units = IsFrench ? ["o", "Ko", "Mo", "Go", "To", "Po"] : ["B", "KB", "MB", "GB", "TB", "PB"];
        double value = bytes;
        var unit = 0;
        while (value >= 999.95 && unit < units.Length - 1)
        {
            value /= 1000;
            unit++;
        }

        return Decimal(Math.Round(value, 1)) + "\u00a0" + units[unit];
    }

    /// <summary>A measured or promised duration: 12 s, 40 min, 3 h 20, 12 j. Rounded up, so that it never flatters.</summary>
    public string Duration(TimeSpan duration)
    {
        if (duration < TimeSpan.Zero) return "−" + Duration(-duration);
        if (duration == TimeSpan.Zero) return Unit(0, "min", "min");
        if (duration <= TimeSpan.FromSeconds(59)) return Unit((long)Math.Ceiling(duration.TotalSeconds), "s", "s");
        if (duration > TimeSpan.FromHours(96)) return Unit((long)Math.Ceiling(duration.TotalDays), "j", "d");
        return HoursAndMinutes((long)Math.Ceiling(duration.TotalMinutes));
    }

    /// <summary>How long ago or how long from now: whole units that have gone by, as people count them.</summary>
    public string Span(TimeSpan span)
    {
        var length = span.Duration();
        if (length < TimeSpan.FromMinutes(1)) return IsFrench ? "moins d’une minute" : "less than a minute";
        return length >= TimeSpan.FromHours(48) ? Unit((long)length.TotalDays, "j", "d") : HoursAndMinutes((long)length.TotalMinutes);
    }

    /// <summary>jeu. 12 nov. 2026, 08:40 (UTC+1). The offset is always said: one night a year has two 02:30.</summary>
    public string Instant(DateTimeOffset instant)
    {
        var local = Local(instant);
        return $"{WeekDay(instant)}, {Clock(local)}{Typography.NoBreak}({Offset(local.Offset)})";
    }

    public string Day(DateTimeOffset instant) => Date(Local(instant)).Replace(' ', Typography.NoBreak);

    public string WeekDay(DateTimeOffset instant)
    {
        var local = Local(instant);
        return $"{DayName(local)} {Date(local)}".Replace(' ', Typography.NoBreak);
    }

    /// <summary>08:40; with its offset in the hour that a night has twice.</summary>
    public string TimeOfDay(DateTimeOffset instant)
    {
        var local = Local(instant);
        return Zone.IsAmbiguousTime(local.DateTime) ? $"{Clock(local)}{Typography.NoBreak}({Offset(local.Offset)})" : Clock(local);
    }

    /// <summary>08:40, for where the offset stands beside it anyway.</summary>
    public string ClockOnly(DateTimeOffset instant) => Clock(Local(instant));

    public string MonthName(DateTimeOffset instant, bool withYear)
    {
        var local = Local(instant);
        var month = (IsFrench ? MonthsFr : MonthsEn)[local.Month - 1];
        return withYear ? $"{month}\u00a0{local.Year.ToString(CultureInfo.InvariantCulture)}" : month;
    }

    public DateTimeOffset Local(DateTimeOffset instant) => TimeZoneInfo.ConvertTime(instant, Zone);

    public static string Offset(TimeSpan offset)
    {
        if (offset == TimeSpan.Zero) return "UTC";
        var minutes = offset.Minutes == 0 ? "" : ":" + Math.Abs(offset.Minutes).ToString("00", CultureInfo.InvariantCulture);
        return $"UTC{(offset < TimeSpan.Zero ? "−" : "+")}{Math.Abs(offset.Hours).ToString(CultureInfo.InvariantCulture)}{minutes}";
    }

    private string HoursAndMinutes(long minutes)
    {
        if (minutes < 60) return Unit(minutes, "min", "min");
        var hours = Unit(minutes / 60, "h", "h");
        if (minutes % 60 == 0) return hours;
        var rest = (minutes % 60).ToString("00", CultureInfo.InvariantCulture);
        return IsFrench ? $"{hours}\u00a0{rest}" : $"{hours}\u00a0{rest}\u00a0min";
    }

    private string Unit(long value, string fr, string en) => $"{Number(value)}\u00a0{(IsFrench ? fr : en)}";

    private string Decimal(double value) =>
        value.ToString("0.#", CultureInfo.InvariantCulture).Replace(".", IsFrench ? "," : ".", StringComparison.Ordinal);

    private string DayName(DateTimeOffset local) => (IsFrench ? DaysFr : DaysEn)[(int)local.DayOfWeek];

    private string Date(DateTimeOffset local)
    {
        var day = IsFrench && local.Day == 1 ? "1er" : local.Day.ToString(CultureInfo.InvariantCulture);
        return $"{day} {(IsFrench ? MonthsFr : MonthsEn)[local.Month - 1]} {local.Year.ToString("0000", CultureInfo.InvariantCulture)}";
    }

    private static string Clock(DateTimeOffset local) => local.ToString("HH':'mm", CultureInfo.InvariantCulture);

    private static T Find<T>((string Name, T Value)[] arguments, string name, Phrase phrase)
    {
        foreach (var argument in arguments)
        {
            if (argument.Name == name) return argument.Value;
        }

        throw new InvalidOperationException($"The text “{phrase.En}” has no value for {{{name}}}.");
    }

    private IEnumerable<(bool IsName, string Text)> Split(Phrase phrase)
    {
        var text = phrase.In(Language);
        var from = 0;
        while (from < text.Length)
        {
            var open = text.IndexOf('{', from);
            if (open < 0) break;
            if (open > from) yield return (false, text[from..open]);
            var close = text.IndexOf('}', open);
            yield return (true, text[(open + 1)..close]);
            from = close + 1;
        }

        if (from < text.Length) yield return (false, text[from..]);
    }
}
