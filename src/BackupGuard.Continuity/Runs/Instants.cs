namespace BackupGuard.Continuity.Runs;

internal static class Instants
{
    /// <summary>The sum, or the last instant there is: an hour that somebody typed must not make a run unreadable.</summary>
    public static DateTimeOffset Plus(this DateTimeOffset at, TimeSpan span) => span > DateTimeOffset.MaxValue - at ? DateTimeOffset.MaxValue : at + span;
}
