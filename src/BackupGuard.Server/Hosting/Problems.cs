using BackupGuard.Contracts;

namespace BackupGuard.Server.Hosting;

/// <summary>Answers of the API that are not what was asked for: RFC 9457 with our code. Codes BG20xx are refused entries, BG21xx refused requests.</summary>
internal static class Problems
{
    /// <summary>Whether a program asked: it gets a problem document where a person gets a page.</summary>
    public static bool IsApi(PathString path) => path.StartsWithSegments("/api");

    public static IResult Of(int status, string code, string title, string detail) =>
        Results.Json(new Problem($"urn:backupguard:{code}", title, status, detail, code), WireJson.Default.Problem, "application/problem+json", status);
}
