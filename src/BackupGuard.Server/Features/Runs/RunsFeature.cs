using System.Security.Claims;
using BackupGuard.Continuity.Runs;
using BackupGuard.Server.Features.Access;
using BackupGuard.Server.Ui;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BackupGuard.Server.Features.Runs;

/// <summary>Starting and following runbooks. Every post is a plain form: it decides, appends, and sends the browser back to a page.</summary>
internal static class RunsFeature
{
    public static void AddRuns(this IServiceCollection services)
    {
        services.AddSingleton<RunbookLedger>();
        services.AddSingleton<RunbookLibrary>();
        services.AddSingleton<RunJournal>();
    }

    public static void MapRuns(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Urls.Runbooks, ListAsync);
        routes.MapGet("/conduites/{run}", RunAsync);
        routes.MapGet("/conduites/{run}/etapes/{step}", StepAsync);
        routes.MapGet("/conduites/{run}/main-courante", LogAsync);

        // These read their form themselves: nothing else would ask for its token.
        var forms = routes.MapGroup("").WithMetadata(new RequireAntiforgeryTokenAttribute());
        forms.MapPost("/runbooks/{runbook}/demarrer", StartAsync);
        forms.MapPost("/conduites/{run}/etapes/{step}", RunForms.StepAsync);
        forms.MapPost("/conduites/{run}/passages/{transition}", RunForms.TransitionAsync);
        forms.MapPost("/conduites/{run}/voix", RunForms.VoteAsync);
        forms.MapPost("/conduites/{run}/faits", RunForms.FactAsync);
        forms.MapPost("/conduites/{run}/main-courante", RunForms.EntryAsync);
    }

    private static async Task<RazorComponentResult<RunbooksPage>> ListAsync(HttpContext context, PageFrames frames, RunbookLibrary library, RunJournal journal, TimeProvider clock)
    {
        var runs = new List<RunSummary>();
        foreach (var id in await journal.IdsAsync(context.RequestAborted))
        {
            runs.Add(await SummaryAsync(journal, id, context.RequestAborted));
        }

        return new(new { Frame = await frames.ForAsync(context), Library = await library.AllAsync(context.RequestAborted), Runs = runs, NewRunId = (Func<string>)(() => NewId(clock)), CanStart = RunRoles.MayAct(context.User, "") });
    }

    private static async Task<RunSummary> SummaryAsync(RunJournal journal, string id, CancellationToken stop)
    {
        try
        {
            return new(id, await journal.LoadAsync(id, stop));
        }
        // One journal that cannot be read must not hide the others; the page names it.
        catch (Exception e) when (e is InvalidDataException or System.Text.Json.JsonException or BackupGuard.Evidence.EvidenceException)
        {
            return new(id, null);
        }
    }

    private static async Task<IResult> StartAsync(HttpContext context, string runbook, RunbookLibrary library, RunJournal journal, TimeProvider clock)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var run = form["conduite"].ToString();
        var mode = form["mode"].ToString();
        if ((await library.FindAsync(runbook, context.RequestAborted))?.Definition is not { } definition || run.Length is 0 or > 64 || mode is not ("exercice" or "reel") || (mode == "reel" && form["confirme"] != "oui"))
        {
            return Results.LocalRedirect(Urls.Runbooks);
        }

        if (!RunRoles.MayAct(context.User, ""))
        {
            return Results.StatusCode(StatusCodes.Status403Forbidden);
        }

        var answer = await journal.StartAsync(definition, new StartRun(mode == "reel" ? RunMode.Live : RunMode.Exercise) { RunId = run, CommandId = run, Actor = ActorOf(context.User), Now = Now(clock) });
        return answer is RunAnswer.Done ? Results.LocalRedirect(RunUrls.Run(run)) : RunForms.Unwritten(answer);
    }

    private static async Task<IResult> RunAsync(HttpContext context, string run, PageFrames frames, RunJournal journal, TimeProvider clock) =>
        await ViewAsync(context, run, frames, journal, clock) is { } view ? new RazorComponentResult<RunPage>(new { view.Frame, View = view }) : Results.NotFound();

    private static async Task<IResult> StepAsync(HttpContext context, string run, string step, PageFrames frames, RunJournal journal, TimeProvider clock) =>
        await ViewAsync(context, run, frames, journal, clock) is { } view && view.Run.Definition.Runbook.Step(step) is { } definition
            ? new RazorComponentResult<StepPage>(new { view.Frame, View = view, Step = StepViews.Of(view.Run.Definition.Runbook, view.Run.State, definition, view.Frame.At) })
            : Results.NotFound();

    private static async Task<IResult> LogAsync(HttpContext context, string run, PageFrames frames, RunJournal journal, TimeProvider clock) =>
        await ViewAsync(context, run, frames, journal, clock) is { } view ? new RazorComponentResult<LogPage>(new { view.Frame, View = view }) : Results.NotFound();

    /// <returns>Null when there is no such run.</returns>
    public static async Task<RunView?> ViewAsync(HttpContext context, string id, PageFrames frames, RunJournal journal, TimeProvider clock)
    {
        if (await journal.LoadAsync(id, context.RequestAborted) is not { } run)
        {
            return null;
        }

        var frame = await frames.ForAsync(context);
        var refused = context.Request.Query["refus"].ToString();
        var view = new RunView(frame, run, context.User, NewId(clock)) { Refusals = run.State.Answers.GetValueOrDefault(refused, []), BadTime = context.Request.Query["heure"] == "illisible" };
        return view with { Frame = frame with { Mode = view.Band(context.Request.Path) } };
    }

    public static Actor ActorOf(ClaimsPrincipal user) => new(
        user.FindFirstValue(ClaimTypes.NameIdentifier) ?? "",
        user.FindFirstValue(AccessFeature.DisplayNameClaim) ?? user.Identity?.Name ?? "");

    /// <summary>Whole milliseconds, as entries of the log carry them.</summary>
    public static DateTimeOffset Now(TimeProvider clock) => DateTimeOffset.FromUnixTimeMilliseconds(clock.GetUtcNow().ToUnixTimeMilliseconds());

    private static string NewId(TimeProvider clock) => Guid.CreateVersion7(clock.GetUtcNow()).ToString("N");
}

/// <param name="Run">Null: its journal cannot be read.</param>
internal sealed record RunSummary(string Id, JournaledRun? Run);
