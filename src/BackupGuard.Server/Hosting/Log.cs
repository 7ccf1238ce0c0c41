namespace BackupGuard.Server.Hosting;

/// <summary>Everything that the server logs. 1-99 hosting, 100-199 persistence, 200-299 agents, 300-399 access, 400-499 readiness. Never a token, a password or an entry's content.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Error, "A request to {Path} failed unexpectedly")]
    public static partial void RequestFailed(this ILogger log, Exception error, string path);

    [LoggerMessage(100, LogLevel.Error, "The head of the evidence log does not verify ({Code}): pages say so")]
    public static partial void LogUnreadable(this ILogger log, string code);

    [LoggerMessage(200, LogLevel.Warning, "Agent {Agent}: entry {Counter} refused with {Code}")]
    public static partial void EntryRefused(this ILogger log, string agent, long counter, string code);

    [LoggerMessage(201, LogLevel.Information, "Agent {Agent} enrolled")]
    public static partial void AgentEnrolled(this ILogger log, string agent);

    [LoggerMessage(300, LogLevel.Warning, "Sign-in refused for an account; locked: {Locked}")]
    public static partial void SignInRefused(this ILogger log, bool locked);

    [LoggerMessage(400, LogLevel.Warning, "The catalogue {File} cannot be used, the last good one stays in force: {Reason}")]
    public static partial void CatalogueRefused(this ILogger log, string file, string reason);
}
