using BackupGuard.Server.Features.Runs;
using BackupGuard.Server.Ui;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BackupGuard.Server.Features.Paper;

/// <summary>Cards out of the printer, and what was written on them back into the run.</summary>
internal static class PaperFeature
{
    public static void MapPaper(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/runbooks/{runbook}/cartes", PlanAsync);
        routes.MapGet("/conduites/{run}/cartes", RunAsync);
    }

    private static async Task<IResult> PlanAsync(HttpContext context, string runbook, PageFrames frames, RunbookLibrary library)
    {
        if ((await library.FindAsync(runbook, context.RequestAborted))?.Definition is not { } definition) return Results.NotFound();
        var frame = await frames.ForAsync(context);
        return Page(frame, CardsView.Asked(new(definition.Runbook.Title.In(frame.Reader.Code), Urls.PlanCards(runbook), PaperCards.OfPlan(definition, frame.Establishment, frame.Reader)), context.Request.Query));
    }

    private static async Task<IResult> RunAsync(HttpContext context, string run, PageFrames frames, RunJournal journal, TimeProvider clock)
    {
        if (await RunsFeature.ViewAsync(context, run, frames, journal, clock) is not { } view) return Results.NotFound();
        var cards = PaperCards.OfRun(view.Run, view.Frame.Establishment, view.Frame.At, view.Frame.Reader);
        return Page(view.Frame, CardsView.Asked(new(view.Runbook.Title.In(view.Language), RunUrls.Cards(run), cards) { Run = run, Mode = view.Run.Started.Mode }, context.Request.Query));
    }

    private static RazorComponentResult<CardsPage> Page(PageFrame frame, CardsView view) => new(new { Frame = frame, View = view });
}
