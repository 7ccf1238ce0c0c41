using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml;
using BackupGuard.Verification;

namespace BackupGuard.Agent.Config;

/// <summary>How single values are written in agent.yaml and on the command line.</summary>
public static partial class Values
{
    /// <summary>all, none, a percentage (5%), a size (500MB, 10GiB; K, M, G and T alone are powers of 1024) or a time (PT45M).</summary>
    public static bool TryReadData(string text, out ReadData readData)
    {
        readData = ReadData.All;
        if (text == "all") return true;
        if (text == "none") { readData = ReadData.None; return true; }
        if (text.EndsWith('%'))
        {
            if (!decimal.TryParse(text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent) || percent is <= 0 or > 100) return false;
            readData = new ReadData((double)(percent / 100), null);
            return true;
        }
        if (TryDuration(text, out var time))
        {
            readData = new ReadData(1, null, time);
            return true;
        }
        if (!TryBytes(text is [.., 'K' or 'M' or 'G' or 'T'] ? text + "iB" : text, out var bytes) || bytes == 0) return false;
        readData = new ReadData(1, bytes);
        return true;
    }

    /// <summary>A number of bytes, with kB, MB, GB, TB or KiB, MiB, GiB, TiB behind it.</summary>
    public static bool TryBytes(string text, out long bytes)
    {
        bytes = 0;
        var match = Size().Match(text);
        if (!match.Success || !long.TryParse(match.Groups["number"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return false;
        var unit = match.Groups["unit"].Value;
        var power = unit is "" ? 0 : "kMGT".IndexOf(unit[0] == 'K' ? 'k' : unit[0], StringComparison.Ordinal) + 1;
        var factor = (Int128)(unit.Contains('i', StringComparison.Ordinal) ? 1024 : 1000);
        Int128 product = number;
        for (; power > 0; power--) product *= factor;
        if (product > long.MaxValue) return false;
        bytes = (long)product;
        return true;
    }

    /// <summary>ISO 8601 with days, hours, minutes, seconds: PT26H, P2D. Months and years have no fixed length and are refused.</summary>
    public static bool TryDuration(string text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        if (!Duration().IsMatch(text)) return false;
        try
        {
            duration = XmlConvert.ToTimeSpan(text);
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            return false;
        }
        return duration > TimeSpan.Zero && duration <= TimeSpan.FromDays(3660);
    }

    /// <summary>Date, time and offset: without an offset nobody knows which hour is meant.</summary>
    public static bool TryInstant(string text, out DateTimeOffset instant) =>
        DateTimeOffset.TryParseExact(text, ["yyyy-MM-dd'T'HH:mm:sszzz", "yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mmzzz", "yyyy-MM-dd'T'HH:mm'Z'"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out instant);

    public static string NoInstant(string text) => $"\"{Printable.Of(text)}\" is no instant; write date, time and offset, such as 2026-11-22T20:00:00+01:00";

    public static bool IsName(string text) => Name().IsMatch(text);

    /// <summary>Once a week in the night from Saturday 22:00 to Sunday 06:00, at a minute that depends on the name only: drills spread themselves.</summary>
    public static string DefaultDrillCron(string name)
    {
        var minute = 22 * 60 + BitConverter.ToUInt16(SHA256.HashData(Encoding.UTF8.GetBytes(name))) % (8 * 60);
        return string.Create(CultureInfo.InvariantCulture, $"{minute % 60} {minute / 60 % 24} * * {(minute < 24 * 60 ? 6 : 0)}");
    }

    /// <summary>The known word that was probably meant, or null.</summary>
    public static string? Closest(string word, IEnumerable<string> known) =>
        known.Select(k => (Word: k, Distance: Distance(word.ToUpperInvariant(), k.ToUpperInvariant())))
            .Where(k => k.Distance <= Math.Max(1, (k.Word.Length + 1) / 3)).OrderBy(k => k.Distance).Select(k => k.Word).FirstOrDefault();

    // Levenshtein's edit distance, one row at a time.
    private static int Distance(string a, string b)
    {
        if (a.Length > 64) return int.MaxValue;
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)));
        }
        return row[^1];
    }

    [GeneratedRegex(@"^(?<number>[0-9]{1,18})(?<unit>|[kMGT]B|[KMGT]iB)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Size();

    [GeneratedRegex(@"^P(?=.)([0-9]{1,4}D)?(T(?=.)([0-9]{1,6}H)?([0-9]{1,6}M)?([0-9]{1,8}S)?)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Duration();

    [GeneratedRegex(@"^[a-z0-9][a-z0-9._-]{0,62}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
