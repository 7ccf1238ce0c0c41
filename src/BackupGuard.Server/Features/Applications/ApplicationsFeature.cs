using BackupGuard.Server.Features.Readiness;
using BackupGuard.Server.Ui;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BackupGuard.Server.Features.Applications;

internal static class ApplicationsFeature
{
    public static void MapApplications(this IEndpointRouteBuilder routes) => routes.MapGet("/applications/{id}", PageAsync);

    private static async Task<Results<RazorComponentResult<ApplicationPage>, NotFound>> PageAsync(HttpContext context, string id, PageFrames frames, ReadinessService readiness)
    {
        var frame = await frames.ForAsync(context);
        var answer = await readiness.CurrentAsync(frame.At, context.RequestAborted);
        if (answer is not { Hospital: { } hospital, Catalogue.Catalogue: { } catalogue }) return TypedResults.NotFound();
        var facts = await readiness.HistoryAsync(id, context.RequestAborted);
        var copies = await readiness.CopiesAsync(id, frame.At, frame.Reader, context.RequestAborted);
        return ApplicationView.From(hospital, catalogue, id, facts) is { } view
            ? new RazorComponentResult<ApplicationPage>(new { Frame = frame, View = view with { Copies = copies?.Summary ?? view.Copies } })
            : TypedResults.NotFound();
    }
}
