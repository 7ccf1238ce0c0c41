using BackupGuard.Server.Features.Readiness;
using BackupGuard.Server.Ui;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BackupGuard.Server.Features.Reports;

internal static class ReportsFeature
{
    public static void MapReports(this IEndpointRouteBuilder routes) => routes.MapGet(Urls.Report, PageAsync);

    private static async Task<RazorComponentResult<ReportPage>> PageAsync(HttpContext context, string? page, PageFrames frames, ReadinessService readiness)
    {
        var frame = await frames.ForAsync(context);
        var answer = await readiness.CurrentAsync(frame.At, context.RequestAborted);
        return new(new { Frame = frame, View = PortfolioFeature.ViewOf(answer, frame.At) with { Page = PortfolioFeature.PageOf(page) } });
    }
}
