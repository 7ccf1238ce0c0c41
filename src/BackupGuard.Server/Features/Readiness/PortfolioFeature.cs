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

    private static async Task<RazorComponentResult<PortfolioPage>> PageAsync(HttpContext context, string? tri, PageFrames frames, ReadinessService readiness, CrisisPack.CrisisPackRounds packs)
    {
        var frame = await frames.ForAsync(context);
        var answer = await readiness.CurrentAsync(frame.At, context.RequestAborted);
        return new(new { Frame = frame, View = ViewOf(answer, frame.At, Sort(tri)) with { Pack = packs.Standing() } });
    }

    private static PortfolioSort Sort(string? tri) => tri switch
    {
        "application" => PortfolioSort.Application,
        "service" => PortfolioSort.Service,
        "age" => PortfolioSort.Age,
        "reprise" => PortfolioSort.Recovery,
        "perte" => PortfolioSort.Loss,
        "expire" => PortfolioSort.Expiry,
        _ => PortfolioSort.State,
    };
}
