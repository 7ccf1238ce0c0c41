using System.Data.Common;

namespace BackupGuard.Server.Persistence;

/// <summary>Whether the database did not answer, whatever wraps that: EF Core hides a lost connection in an exception of its own.</summary>
internal static class StoreFailure
{
    public static bool IsNoAnswer(Exception error) => error is DbException or (IOException and not BadHttpRequestException) || (error.InnerException is { } inner && IsNoAnswer(inner));
}
