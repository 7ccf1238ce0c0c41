using System.Globalization;
using BackupGuard.Continuity.Catalogue;
using BackupGuard.Continuity.Readiness;
using BackupGuard.Server.Ui;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BackupGuard.Server.Features.Readiness;

internal static class PortfolioFeature
{
    private static readonly HospitalCatalogue Undeclared = new("", "", []);

    public static void MapPortfolio(this IEndpointRouteBuilder routes) => routes.MapGet(Urls.Portfolio, PageAsync);

    public static PortfolioView ViewOf(ReadinessAnswer answer, DateTimeOffset now, PortfolioSort sort = PortfolioSort.State) =>
        PortfolioView.From(answer.Hospital ?? new HospitalReadiness(now, []), answer.Catalogue.Catalogue ?? Undeclared, sort) with { CatalogueIssues = answer.Catalogue.Issues };

    private static async Task<RazorComponentResult<PortfolioPage>> PageAsync(HttpContext context, string? tri, string? page, PageFrames frames, ReadinessService readiness, CrisisPack.CrisisPackRounds packs)
    {
        var frame = await frames.ForAsync(context);
        var answer = await readiness.CurrentAsync(frame.At, context.RequestAborted);
        return new(new { Frame = frame, View = ViewOf(answer, frame.At, Sort(tri)) with { Pack = packs.Standing(), Page = PageOf(page) } });
    }

    /// <returns>From 1; 0: all of them.</returns>
    public static int PageOf(string? page) => page == "toutes" ? 0 : int.TryParse(page, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? Math.Clamp(number, 1, 10_000) : 1;

    private static readonly Dictionary<string, PortfolioSort> Words = new(StringComparer.Ordinal)
    {
        ["etat"] = PortfolioSort.State, ["application"] = PortfolioSort.Application, ["service"] = PortfolioSort.Service, ["age"] = PortfolioSort.Age,
        ["reprise"] = PortfolioSort.Recovery, ["perte"] = PortfolioSort.Loss, ["expire"] = PortfolioSort.Expiry,
    };

    public static string WordOf(PortfolioSort sort) => Words.First(w => w.Value == sort).Key;

    private static PortfolioSort Sort(string? tri) => Words.GetValueOrDefault(tri ?? "", PortfolioSort.State);
}
