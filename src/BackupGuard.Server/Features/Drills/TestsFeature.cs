using BackupGuard.Continuity.Catalogue;
using BackupGuard.Server.Features.Readiness;
using BackupGuard.Server.Ui;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BackupGuard.Server.Features.Drills;

internal static class TestsFeature
{
    public static void MapTests(this IEndpointRouteBuilder routes) => routes.MapGet(Urls.Tests, PageAsync);

    private static async Task<RazorComponentResult<TestsPage>> PageAsync(HttpContext context, string? montrer, string? page, PageFrames frames, CatalogueSource catalogue, ReadinessService readiness)
    {
        var frame = await frames.ForAsync(context);
        var facts = await readiness.HistoryAsync(null, context.RequestAborted);
        var declared = catalogue.Current.Catalogue ?? new HospitalCatalogue("", "", []);
        return new(new { Frame = frame, View = TestsView.From(facts, declared, Filter(montrer), int.TryParse(page, out var number) ? number : 1) });
    }

    private static TestFilter Filter(string? montrer) => montrer switch
    {
        "tests" => TestFilter.Drills,
        "verifications" => TestFilter.Verifications,
        "echecs" => TestFilter.NotPassed,
        _ => TestFilter.All,
    };
}
