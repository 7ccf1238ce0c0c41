using Microsoft.Extensions.Logging;

namespace BackupGuard.Agent.Hosting;

/// <summary>What the service tells its operator. Evidence is for auditors and goes to the spool. Event ids 1000 to 1099.</summary>
internal static partial class Log
{
    [LoggerMessage(1000, LogLevel.Information, "{Jobs} jobs on the calendar, next: {Next}.")]
    public static partial void Started(this ILogger logger, int jobs, string next);

    [LoggerMessage(1001, LogLevel.Warning, "A killed drill had left {Folder}: {Outcome}.")]
    public static partial void Leftover(this ILogger logger, string folder, string outcome);

    [LoggerMessage(1002, LogLevel.Warning, "The calendar's memory was damaged and was moved to {File}: what was missed meanwhile is not made up for.")]
    public static partial void MemorySetAside(this ILogger logger, string file);

    [LoggerMessage(1003, LogLevel.Error, "Sending evidence stopped on a fault of the agent itself ({Type}); it begins again in a minute, nothing is lost.")]
    public static partial void LinkFailed(this ILogger logger, string type);

    [LoggerMessage(1004, LogLevel.Critical, "The evidence cannot be written, so nothing may be claimed and the service stops: {Reason}")]
    public static partial void EvidenceRefused(this ILogger logger, string reason);

    [LoggerMessage(1006, LogLevel.Error, "What a command left for the service cannot be recorded now: {Reason}")]
    public static partial void InboxRefused(this ILogger logger, string reason);

    [LoggerMessage(1007, LogLevel.Error, "What killed drills may have left on test instances could not be looked for; the next start tries again: {Reason}")]
    public static partial void LeftoversUnknown(this ILogger logger, string reason);

    [LoggerMessage(1005, LogLevel.Information, "{Job}: {Verdict}.")]
    public static partial void JobFinished(this ILogger logger, string job, string verdict);
}
