using BackupGuard.Server.Features.Runs;
using BackupGuard.Server.Ui;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BackupGuard.Server.Features.Paper;

/// <summary>Cards out of the printer, and what was written on them back into the run.</summary>
internal static class PaperFeature
{
    /// <summary>Signatures that one card has room for.</summary>
    public const int MostVoices = 6;

    public static void MapPaper(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/runbooks/{runbook}/cartes", PlanAsync);
        routes.MapGet("/conduites/{run}/cartes", RunAsync);
        routes.MapGet("/conduites/{run}/papier", ReentryAsync);
        // It reads its form itself: nothing else would ask for its token.
        routes.MapPost("/conduites/{run}/papier", PaperForms.SendAsync).WithMetadata(new RequireAntiforgeryTokenAttribute()).GuardForm();
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
        return Page(view.Frame, CardsView.Asked(new(view.Runbook.Title.In(view.Language), RunUrls.Cards(run), cards) { Run = run, Mode = view.Run.Started.Mode, Voids = VoidCards.Of(view.Run, view.Frame.Reader) }, context.Request.Query));
    }

    private static async Task<IResult> ReentryAsync(HttpContext context, string run, string? carte, string? fait, PageFrames frames, RunJournal journal, TimeProvider clock)
    {
        if (await RunsFeature.ViewAsync(context, run, frames, journal, clock) is not { } view) return Results.NotFound();
        return Show(new PaperView(view) { Match = string.IsNullOrWhiteSpace(carte) ? null : PaperLookup.Find(view.Run, carte.Trim(), view.Frame.Reader), Taken = fait ?? "" });
    }

    public static RazorComponentResult<PaperPage> Show(PaperView view) => new(new { view.Model.Frame, View = view })
    {
        StatusCode = view.Problem is not null || view.Refusals.Count > 0 || view.Match?.Problem is not null ? StatusCodes.Status400BadRequest : StatusCodes.Status200OK,
    };

    private static RazorComponentResult<CardsPage> Page(PageFrame frame, CardsView view) => new(new { Frame = frame with { Live = null }, View = view });
}
