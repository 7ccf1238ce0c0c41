using System.Globalization;

namespace BackupGuard.Verification.Checks.Immutability;

/// <summary>The store's clock beside ours: whoever moves it forward ends every lock at once.</summary>
internal sealed class ProbeClock(TimeProvider clock)
{
    /// <summary>Seconds of an HTTP date, and of a store that rounds.</summary>
    public static readonly TimeSpan Granularity = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan MostApart = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan MostMovedInARun = TimeSpan.FromMinutes(1);

    /// <summary>Small steps of a time service and the slow drift of a week; a jump that ends a lock is larger by far.</summary>
    private static readonly TimeSpan MostMovedBetweenRuns = TimeSpan.FromMinutes(3);

    private TimeSpan? least, most;

    /// <summary>The store's clock minus ours, by its last answer; null when it never said.</summary>
    public TimeSpan? ServerAhead { get; private set; }

    public DateTimeOffset ServerNow => clock.GetUtcNow() + (ServerAhead ?? TimeSpan.Zero);

    public void Note(DateTimeOffset? serverDate)
    {
        if (serverDate is not { } date) return;
        var ahead = date - clock.GetUtcNow();
        ServerAhead = ahead;
        if (least is null || ahead < least) least = ahead;
        if (most is null || ahead > most) most = ahead;
    }

    /// <returns>Why the dates of locks cannot be relied on, or null.</returns>
    public Words? Suspicion(TimeSpan? lastTime)
    {
        if (ServerAhead is not { } ahead || least is not { } from || most is not { } to) return new("the store never said what time it has", "le stockage n’a jamais donné son heure");
        if (to - from > MostMovedInARun) return new($"it moved by {Seconds(to - from)} s against ours during the probe", $"elle s’est déplacée de {Seconds(to - from)} s par rapport à la nôtre pendant l’essai");
        if (ahead.Duration() > MostApart) return new($"it is {Seconds(ahead)} s ahead of ours", $"elle est en avance de {Seconds(ahead)} s sur la nôtre");
        if (lastTime is { } last && (ahead - last).Duration() > MostMovedBetweenRuns) return new($"since the last probe it moved by {Seconds(ahead - last)} s against ours", $"depuis le dernier essai elle s’est déplacée de {Seconds(ahead - last)} s par rapport à la nôtre");
        return null;
    }

    private static string Seconds(TimeSpan span) => span.TotalSeconds.ToString("0", CultureInfo.InvariantCulture);
}
