using System.Security.Claims;
using BackupGuard.Continuity.Runs;
using BackupGuard.Server.Features.Obligations;
using BackupGuard.Server.Features.Runs;
using BackupGuard.Server.Ui;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BackupGuard.Server.Features.Exercises;

/// <summary>Exercises: choosing one, playing it, looking at it, learning from it. A live run has none of these pages.</summary>
internal static class ExercisesFeature
{
    public static void AddExercises(this IServiceCollection services) => services.AddSingleton<ExerciseLibrary>().AddSingleton<WithheldExercise>();

    public static void MapExercises(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(ExerciseUrls.All, ListAsync);
        routes.MapGet("/conduites/{run}/exercice", (HttpContext context, string run, PageFrames frames, RunJournal journal, TimeProvider clock) =>
            PageAsync<FacilitatorPage>(context, run, frames, journal, clock, (user, _) => ExerciseRoles.MayFacilitate(user)));
        routes.MapGet("/conduites/{run}/exercice/observation", (HttpContext context, string run, PageFrames frames, RunJournal journal, TimeProvider clock) =>
            PageAsync<ObservationPage>(context, run, frames, journal, clock, (user, _) => ExerciseRoles.MayObserve(user)));
        routes.MapGet("/conduites/{run}/exercice/retex", (HttpContext context, string run, PageFrames frames, RunJournal journal, TimeProvider clock) =>
            PageAsync<RetexPage>(context, run, frames, journal, clock, (user, over) => over || ExerciseRoles.MayObserve(user)));
        routes.MapGet("/conduites/{run}/exercice/rapport", (HttpContext context, string run, PageFrames frames, RunJournal journal, TimeProvider clock) =>
            PageAsync<ExerciseReportPage>(context, run, frames, journal, clock, (user, over) => over || ExerciseRoles.MayObserve(user)));

        // These read their form themselves: nothing else would ask for its token.
        var forms = routes.MapGroup("").WithMetadata(new RequireAntiforgeryTokenAttribute()).GuardForm();
        forms.MapPost("/exercices/{exercise}/demarrer", StartAsync);
        forms.MapPost("/conduites/{run}/exercice", ExerciseForms.PlayAsync);
        forms.MapPost("/conduites/{run}/exercice/observation", ExerciseForms.ObserveAsync);
        forms.MapPost("/conduites/{run}/exercice/retex", ExerciseForms.RetexAsync);
        forms.MapPost("/conduites/{run}/exercice/reel", ExerciseForms.RealAsync);
    }

    private static async Task<RazorComponentResult<ExercisesPage>> ListAsync(HttpContext context, PageFrames frames, ExerciseLibrary library, TimeProvider clock) => new(new
    {
        Frame = await frames.ForAsync(context),
        Library = await library.AllAsync(context.RequestAborted),
        NewRunId = (Func<string>)(() => RunsFeature.NewId(clock)),
        CanStart = ExerciseRoles.MayFacilitate(context.User),
    });

    private static async Task<IResult> StartAsync(HttpContext context, string exercise, ExerciseLibrary library, ObligationLibrary obligations, RunJournal journal, TimeProvider clock)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var run = form["conduite"].ToString();
        if (run.Length is 0 or > 64)
        {
            return Results.LocalRedirect(ExerciseUrls.All);
        }

        if (await library.FindAsync(exercise, context.RequestAborted) is not { Runbook: { } runbook } chosen)
        {
            return new NotRecorded(RunJournal.GoneFile);
        }

        if (!ExerciseRoles.MayFacilitate(context.User))
        {
            return Results.StatusCode(StatusCodes.Status403Forbidden);
        }

        var start = new StartRun(RunMode.Exercise)
        {
            RunId = run, CommandId = run, Actor = RunsFeature.ActorOf(context.User), Role = ExerciseRoles.Facilitator, Now = RunsFeature.Now(clock), Annexes = [chosen.Annex],
        };
        var answer = await journal.StartAsync(runbook, start);
        if (answer is not RunAnswer.Done)
        {
            return RunForms.Unwritten(answer);
        }

        await obligations.PinAtStartAsync(journal, start);
        return Results.LocalRedirect(ExerciseUrls.Facilitate(run));
    }

    /// <param name="allowed">Who may see it, given whether the play is over.</param>
    private static async Task<IResult> PageAsync<TPage>(HttpContext context, string run, PageFrames frames, RunJournal journal, TimeProvider clock, Func<ClaimsPrincipal, bool, bool> allowed) where TPage : IComponent
    {
        if (await RunsFeature.ViewAsync(context, run, frames, journal, clock) is not { } view || view.Run.Started.Mode != RunMode.Exercise)
        {
            return Results.NotFound();
        }

        var exercise = new ExerciseView(view, ExerciseSheet.Of(view.Run));
        return allowed(context.User, exercise.Over)
            ? new RazorComponentResult<TPage>(new { view.Frame, View = exercise })
            : Results.StatusCode(StatusCodes.Status403Forbidden);
    }
}
