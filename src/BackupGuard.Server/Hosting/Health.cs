using BackupGuard.Server.Persistence;

namespace BackupGuard.Server.Hosting;

internal static class Health
{
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/healthz", () => Results.Text("ok")).AllowAnonymous();
        // Ready means: the database answers. A server that cannot read its log must not be sent evidence.
        routes.MapGet("/readyz", async (ServerDatabase database, CancellationToken stop) =>
            await database.Database.CanConnectAsync(stop) ? Results.Text("ready") : Results.Text("database unreachable", statusCode: 503)).AllowAnonymous();
    }
}
