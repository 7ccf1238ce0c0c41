using BackupGuard.Server.Features.Readiness;
using BackupGuard.Server.Ui;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BackupGuard.Server.Features.Copies;

internal static class CopiesFeature
{
    public static void MapCopies(this IEndpointRouteBuilder routes) => routes.MapGet("/applications/{id}/copies", PageAsync);

    private static async Task<Results<RazorComponentResult<CopiesPage>, NotFound>> PageAsync(HttpContext context, string id, PageFrames frames, ReadinessService readiness)
    {
        var frame = await frames.ForAsync(context);
        return await readiness.CopiesAsync(id, frame.At, frame.Reader, context.RequestAborted) is { } view ? new RazorComponentResult<CopiesPage>(new { Frame = frame, View = view }) : TypedResults.NotFound();
    }
}
