using System.Globalization;
using System.Text;

namespace BackupGuard.Evidence;

/// <summary>A clock that stepped back, written down by whoever goes by it, in front of its next entry: FORMAT.md, section 2.</summary>
public static class ClockJump
{
    public const string Type = "clock.jump";

    private static readonly TimeSpan Tolerated = TimeSpan.FromSeconds(2);

    /// <param name="last">The latest time that was written.</param>
    public static bool Happened(DateTimeOffset last, DateTimeOffset now) => last - now > Tolerated;

    /// <returns>{"from": the time before, "to": the time after, "seconds": how far, negative}</returns>
    public static byte[] Payload(DateTimeOffset from, DateTimeOffset to) => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
        $$"""{"from":"{{Text(from)}}","to":"{{Text(to)}}","seconds":{{Math.Round((to - from).TotalSeconds, 3)}}}"""));

    // As agents have always written it.
    private static string Text(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);
}
