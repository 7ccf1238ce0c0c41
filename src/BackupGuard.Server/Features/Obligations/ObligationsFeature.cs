using BackupGuard.Continuity.Runs;
using BackupGuard.Server.Features.Readiness;
using BackupGuard.Server.Features.Runs;
using BackupGuard.Server.Ui;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BackupGuard.Server.Features.Obligations;

/// <summary>The legal board of a run: what is due, its drafts, and what people say of it. Nothing here sends anything to anybody.</summary>
internal static class ObligationsFeature
{
    public static void AddObligations(this IServiceCollection services)
    {
        services.AddSingleton<ObligationLibrary>();
        services.AddSingleton<IDeadlineSource, ObligationDeadlineSource>();
    }

    public static void MapObligations(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/conduites/{run}/declarations", BoardAsync);
        routes.MapGet("/conduites/{run}/declarations/{duty}", DutyAsync);

        // These read their form themselves: nothing else would ask for its token.
        var forms = routes.MapGroup("").WithMetadata(new RequireAntiforgeryTokenAttribute()).GuardForm();
        forms.MapPost("/conduites/{run}/declarations/lignes", ObligationForms.PinAsync);
        forms.MapPost("/conduites/{run}/declarations/connaissance", ObligationForms.AwarenessAsync);
        forms.MapPost("/conduites/{run}/declarations/{duty}/envoi", ObligationForms.SendingAsync);
        forms.MapPost("/conduites/{run}/declarations/{duty}/sans-objet", ObligationForms.SettingAsideAsync);
    }

    /// <summary>A run begins with the rows of the folder, when there is one file of them. Without them it begins all the same.</summary>
    public static async Task PinAtStartAsync(this ObligationLibrary library, RunJournal journal, StartRun started)
    {
        if (started.Parent == "" && library.ForStart() is { } annex)
        {
            await journal.ExecuteAsync(new PinAnnex(annex) { RunId = started.RunId, CommandId = started.CommandId + "-declarations", Actor = started.Actor, Now = started.Now });
        }
    }

    private static async Task<IResult> BoardAsync(HttpContext context, string run, PageFrames frames, RunJournal journal, ObligationLibrary library, CatalogueSource catalogue, TimeProvider clock)
    {
        if (await ViewAsync(context, run, frames, journal, library, catalogue, clock) is not { } view)
        {
            return Results.NotFound();
        }

        // One crisis has one board: a runbook that joined it looks at its parent's.
        return view.Run.Run.Started.Parent is { Length: > 0 } parent ? Results.LocalRedirect(ObligationUrls.Board(parent)) : new RazorComponentResult<ObligationBoardPage>(new { view.Run.Frame, View = view });
    }

    private static async Task<IResult> DutyAsync(HttpContext context, string run, string duty, PageFrames frames, RunJournal journal, ObligationLibrary library, CatalogueSource catalogue, TimeProvider clock) =>
        await ViewAsync(context, run, frames, journal, library, catalogue, clock) is { Rows: { } rows } view && rows.Duty(duty) is not null
            ? new RazorComponentResult<ObligationDutyPage>(new { view.Run.Frame, View = view, Row = view.Board.Row(duty)! })
            : Results.NotFound();

    private static async Task<ObligationView?> ViewAsync(HttpContext context, string run, PageFrames frames, RunJournal journal, ObligationLibrary library, CatalogueSource catalogue, TimeProvider clock) =>
        await RunsFeature.ViewAsync(context, run, frames, journal, clock) is { } view
            ? new(view, ObligationLibrary.Pinned(view.Run.State), library.All(), catalogue.Current.Catalogue?.Establishment ?? "")
            {
                Services = await RunsFeature.ServicesAsync(view, journal, context.RequestAborted), ReasonMissing = context.Request.Query["manque"] == "motif",
            }
            : null;
}
