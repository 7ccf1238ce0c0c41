using System.Globalization;
using BackupGuard.Continuity.Definitions;

namespace BackupGuard.Continuity.Runbooks.Guards;

/// <summary>What a fact, a piece of evidence or a literal may be. Values of different kinds do not compare: the answer is then unknown.</summary>
public abstract record GuardValue
{
    public sealed record Truth(bool Value) : GuardValue;

    public sealed record Number(decimal Value) : GuardValue;

    public sealed record Duration(TimeSpan Value) : GuardValue;

    public sealed record Instant(DateTimeOffset Value) : GuardValue;

    public sealed record Text(string Value) : GuardValue;

    /// <summary>Reads what a person typed or a file says: the most precise kind that fits.</summary>
    public static GuardValue Of(string text)
    {
        if (text is "true" or "false")
        {
            return new Truth(text == "true");
        }

        if (decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
        {
            return new Number(number);
        }

        if (Iso8601.Duration(text) is { } duration)
        {
            return new Duration(duration);
        }

        return IsInstant(text, out var instant) ? new Instant(instant) : new Text(text);
    }

    /// <summary>Dates carry their zone: 02:30 exists twice in the night of the autumn change.</summary>
    public static bool IsInstant(string text, out DateTimeOffset instant) => DateTimeOffset.TryParseExact(text,
        ["yyyy-MM-dd'T'HH:mm'Z'", "yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mmzzz", "yyyy-MM-dd'T'HH:mm:sszzz"],
        CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out instant);

    /// <summary>Null when the two cannot be compared.</summary>
    public static int? Compare(GuardValue a, GuardValue b) => (a, b) switch
    {
        (Truth x, Truth y) => x.Value.CompareTo(y.Value),
        (Number x, Number y) => x.Value.CompareTo(y.Value),
        (Duration x, Duration y) => x.Value.CompareTo(y.Value),
        (Instant x, Instant y) => x.Value.CompareTo(y.Value),
        (Text x, Text y) => string.CompareOrdinal(x.Value, y.Value),
        _ => null,
    };
}
