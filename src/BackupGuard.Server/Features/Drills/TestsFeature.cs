using BackupGuard.Continuity.Catalogue;
using BackupGuard.Server.Features.Readiness;
using BackupGuard.Server.Ui;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BackupGuard.Server.Features.Drills;

internal static class TestsFeature
{
    public static void AddTests(this IServiceCollection services) => services.AddSingleton<CalendarLedger>();

    public static void MapTests(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Urls.Tests, PageAsync);
        routes.MapGet(Urls.Calendar, CalendarAsync);
    }

    private static async Task<RazorComponentResult<TestsPage>> PageAsync(HttpContext context, string? montrer, string? page, PageFrames frames, CatalogueSource catalogue, ReadinessService readiness, CalendarLedger calendar)
    {
        var frame = await frames.ForAsync(context);
        var facts = await readiness.HistoryAsync(null, context.RequestAborted);
        var declared = catalogue.Current.Catalogue ?? new HospitalCatalogue("", "", []);
        return new(new
        {
            Frame = frame, View = TestsView.From(facts, declared, Filter(montrer), int.TryParse(page, out var number) ? number : 1),
            Calendar = CalendarView.From(await calendar.ReadAsync(context.RequestAborted), frame.At),
        });
    }

    private static async Task<RazorComponentResult<CalendarPage>> CalendarAsync(HttpContext context, PageFrames frames, CatalogueSource catalogue, CalendarLedger calendar)
    {
        var frame = await frames.ForAsync(context);
        var applications = (catalogue.Current.Catalogue?.Applications ?? []).ToDictionary(a => a.Id, StringComparer.Ordinal);
        return new(new { Frame = frame, View = CalendarView.From(await calendar.ReadAsync(context.RequestAborted), frame.At), Applications = applications });
    }

    private static TestFilter Filter(string? montrer) => montrer switch
    {
        "tests" => TestFilter.Drills,
        "verifications" => TestFilter.Verifications,
        "echecs" => TestFilter.NotPassed,
        _ => TestFilter.All,
    };
}
