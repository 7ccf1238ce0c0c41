using System.Security.Claims;
using BackupGuard.Continuity.Runs;
using BackupGuard.Server.Features.Access;
using BackupGuard.Server.Features.Obligations;
using BackupGuard.Server.Ui;
using BackupGuard.Server.Ui.Errors;
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
        services.AddSingleton<WrittenForms>();
        services.AddSingleton<RunFeed>();
        services.AddSingleton<RunJournal>();
        services.AddSingleton<RunClock>();
        services.AddSingleton<MeasureBook>();
        services.AddHostedService<RunClockWorker>();
    }

    public static void MapRuns(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Urls.Runbooks, ListAsync);
        routes.MapGet("/runbooks/{runbook}", RunMaps.RunbookAsync);
        routes.MapGet("/conduites/{run}/carte", RunMaps.MapAsync);
        routes.MapGet("/conduites/{run}", RunAsync);
        routes.MapGet("/conduites/{run}/etapes/{step}", StepAsync);
        routes.MapGet("/conduites/{run}/main-courante", LogAsync);
        routes.MapGet("/conduites/{run}/ma-carte", MyCardAsync);
        routes.MapGet("/conduites/{run}/mur", WallAsync);
        routes.MapGet("/conduites/{run}/releve", HandoverAsync);
        routes.MapGet("/conduites/{run}/degrade", DegradedAsync);
        routes.MapGet("/conduites/{run}/modification", AmendmentAsync);
        routes.MapGet("/conduites/{run}/flux", RunStream.ServeAsync);

        // These read their form themselves: nothing else would ask for its token.
        var forms = routes.MapGroup("").WithMetadata(new RequireAntiforgeryTokenAttribute()).GuardForm();
        forms.MapPost("/runbooks/{runbook}/demarrer", StartAsync);
        forms.MapPost("/conduites/{run}/etapes/{step}", RunForms.StepAsync);
        forms.MapPost("/conduites/{run}/passages/{transition}", RunForms.TransitionAsync);
        forms.MapPost("/conduites/{run}/voix", RunForms.VoteAsync);
        forms.MapPost("/conduites/{run}/faits", RunForms.FactAsync);
        forms.MapPost("/conduites/{run}/main-courante", RunForms.EntryAsync);
        forms.MapPost("/conduites/{run}/main-courante/corrections", RunForms.CorrectionAsync);
        forms.MapPost("/conduites/{run}/confirmer", RunForms.ConfirmAsync);
        forms.MapPost("/conduites/{run}/modules", RunForms.ModuleAsync);
        forms.MapPost("/conduites/{run}/releve", RunForms.HandoverAsync);
        forms.MapPost("/conduites/{run}/degrade", RunForms.BacklogAsync);
        forms.MapPost("/conduites/{run}/retour", RunForms.EtaAsync);
        routes.MapPost("/conduites/{run}/modification", RunForms.AmendmentAsync).WithMetadata(new RequireAntiforgeryTokenAttribute()).GuardForm(plans: true);
    }

    private static async Task<RazorComponentResult<RunbooksPage>> ListAsync(HttpContext context, PageFrames frames, RunbookLibrary library, ObligationLibrary obligations, RunJournal journal, MeasureBook measures, TimeProvider clock)
    {
        var runs = new List<RunSummary>();
        foreach (var id in await journal.IdsAsync(context.RequestAborted))
        {
            runs.Add(await SummaryAsync(journal, id, context.RequestAborted));
        }

        var books = await library.AllAsync(context.RequestAborted);
        // In peace time nobody opens a board: rows of the law that a crisis would start without are told here.
        RunbookOnDisk[] files = [.. books, .. obligations.All().Where(f => f.Annex is null).Select(f => new RunbookOnDisk(f.FileName, null, f.Issues))];
        return new(new { Frame = await frames.ForAsync(context), Library = files, Findings = await measures.CountsAsync(books, context.RequestAborted), Runs = runs, NewRunId = (Func<string>)(() => NewId(clock)), CanStart = RunRoles.MayAct(context.User, ""), Query = context.Request.Query["q"].ToString() is { Length: <= 100 } query ? query.Trim() : "" });
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

    private static async Task<IResult> StartAsync(HttpContext context, string runbook, RunbookLibrary library, ObligationLibrary obligations, RunJournal journal, TimeProvider clock)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var run = form["conduite"].ToString();
        var mode = form["mode"].ToString();
        if (run.Length == 0 || mode is not ("exercice" or "reel") || (mode == "reel" && form["confirme"] != "oui"))
        {
            return Results.LocalRedirect(Urls.Runbooks);
        }

        if ((await library.FindAsync(runbook, context.RequestAborted))?.Definition is not { } definition)
        {
            return new NotRecorded(RunJournal.GoneFile);
        }

        if (!RunRoles.MayAct(context.User, ""))
        {
            return Results.StatusCode(StatusCodes.Status403Forbidden);
        }

        var start = new StartRun(mode == "reel" ? RunMode.Live : RunMode.Exercise) { RunId = run, CommandId = run, Actor = ActorOf(context.User), Now = Now(clock) };
        var answer = await journal.StartAsync(definition, start);
        if (answer is not RunAnswer.Done)
        {
            return RunForms.Unwritten(answer);
        }

        await obligations.PinAtStartAsync(journal, start);
        return Results.LocalRedirect(RunUrls.Run(run));
    }

    private static async Task<IResult> RunAsync(HttpContext context, string run, PageFrames frames, RunJournal journal, RunbookLibrary library, TimeProvider clock)
    {
        if (await ViewAsync(context, run, frames, journal, clock) is not { } view)
        {
            return Results.NotFound();
        }

        RunbookOnDisk[] books = view.Closed || !view.MayWrite ? [] : [.. await library.AllAsync(context.RequestAborted)];
        return new RazorComponentResult<RunPage>(new { view.Frame, View = view, Modules = await ModulesAsync(view.Run, journal, context.RequestAborted), Library = books });
    }

    private static async Task<IResult> StepAsync(HttpContext context, string run, string step, PageFrames frames, RunJournal journal, MeasureBook measures, TimeProvider clock)
    {
        if (await ViewAsync(context, run, frames, journal, clock) is not { } view || view.Runbook.Step(step) is not { } definition)
        {
            return Results.NotFound();
        }

        var now = StepViews.Of(view.Runbook, view.Run.State, definition, view.Frame.At);
        var time = (await measures.OfAsync(view.Runbook, definition, context.RequestAborted)).Of(view.Runbook, definition);
        return definition.Kind == BackupGuard.Continuity.Runbooks.StepKind.Decision
            ? new RazorComponentResult<DecisionPage>(new { view.Frame, View = view, Step = now, Time = time })
            : new RazorComponentResult<StepPage>(new { view.Frame, View = view, Step = now, Time = time });
    }

    private static async Task<IResult> LogAsync(HttpContext context, string run, PageFrames frames, RunJournal journal, TimeProvider clock) =>
        await ViewAsync(context, run, frames, journal, clock) is { } view ? new RazorComponentResult<LogPage>(new { view.Frame, View = view, Asked = LogChoice.Of(context.Request.Query) }) : Results.NotFound();

    /// <summary>The most pressing step of this person's roles; where there is none the page says so.</summary>
    private static async Task<IResult> MyCardAsync(HttpContext context, string run, PageFrames frames, RunJournal journal, TimeProvider clock) =>
        await ViewAsync(context, run, frames, journal, clock) is not { } view ? Results.NotFound()
            : view.Mine() is [var next, ..] ? Results.LocalRedirect(RunUrls.Step(run, next.Definition.Id))
            : new RazorComponentResult<IdlePage>(new { view.Frame, View = view });

    private static async Task<IResult> WallAsync(HttpContext context, string run, PageFrames frames, RunJournal journal, TimeProvider clock) =>
        await ViewAsync(context, run, frames, journal, clock, reloads: true) is { } view
            ? new RazorComponentResult<WallPage>(new { view.Frame, View = view, Services = await ServicesAsync(view, journal, context.RequestAborted) }) : Results.NotFound();

    private static async Task<IResult> HandoverAsync(HttpContext context, string run, PageFrames frames, RunJournal journal, TimeProvider clock) =>
        await ViewAsync(context, run, frames, journal, clock) is { } view ? new RazorComponentResult<HandoverPage>(new { view.Frame, View = view, Modules = await ModulesAsync(view.Run, journal, context.RequestAborted) }) : Results.NotFound();

    private static async Task<IResult> DegradedAsync(HttpContext context, string run, PageFrames frames, RunJournal journal, TimeProvider clock) =>
        await ViewAsync(context, run, frames, journal, clock) is { } view
            ? new RazorComponentResult<DegradedPage>(new { view.Frame, View = view, Services = await ServicesAsync(view, journal, context.RequestAborted) }) : Results.NotFound();

    private static async Task<IResult> AmendmentAsync(HttpContext context, string run, PageFrames frames, RunJournal journal, TimeProvider clock) =>
        await ViewAsync(context, run, frames, journal, clock) is { } view ? new RazorComponentResult<AmendmentPage>(new { view.Frame, View = view }) : Results.NotFound();

    private static async Task<IReadOnlyList<ModuleView>> ModulesAsync(JournaledRun run, RunJournal journal, CancellationToken stop)
    {
        var modules = new List<ModuleView>();
        foreach (var module in run.State.Modules.Values.OrderBy(m => m.At))
        {
            modules.Add(new(module, (await SummaryAsync(journal, module.Run, stop)).Run));
        }

        return modules;
    }

    /// <summary>Degraded procedures of this run and of the runbooks it follows.</summary>
    public static async Task<IReadOnlyList<DegradedService>> ServicesAsync(RunView view, RunJournal journal, CancellationToken stop)
    {
        JournaledRun[] runs = [view.Run, .. (await ModulesAsync(view.Run, journal, stop)).Select(m => m.Run).OfType<JournaledRun>()];
        return [.. runs.SelectMany(r => DegradedService.Of(r, view.Language, view.Frame.At))];
    }

    /// <returns>Null when there is no such run.</returns>
    public static async Task<RunView?> ViewAsync(HttpContext context, string id, PageFrames frames, RunJournal journal, TimeProvider clock, bool reloads = false)
    {
        if (await journal.LoadAsync(id, context.RequestAborted) is not { } run)
        {
            return null;
        }

        var frame = await frames.ForAsync(context);
        var refused = context.Request.Query["refus"].ToString();
        var view = new RunView(frame, run, context.User, NewId(clock)) { Refusals = run.State.Answers.GetValueOrDefault(refused, []), From = Window.From(context.Request.Query), BadTime = TypedHour.Sentence(context.Request.Query["heure"].ToString()), Written = context.RequestServices.GetRequiredService<WrittenForms>().Find(refused, ActorOf(context.User).Id) };
        return view with { Frame = frame with { Mode = view.Band(context.Request.Path), Live = new(RunUrls.Feed(id), run.State.Seq, reloads) } };
    }

    public static Actor ActorOf(ClaimsPrincipal user) => new(
        user.FindFirstValue(ClaimTypes.NameIdentifier) ?? "",
        user.FindFirstValue(AccessFeature.DisplayNameClaim) ?? user.Identity?.Name ?? "");

    /// <summary>Whole milliseconds, as entries of the log carry them.</summary>
    public static DateTimeOffset Now(TimeProvider clock) => DateTimeOffset.FromUnixTimeMilliseconds(clock.GetUtcNow().ToUnixTimeMilliseconds());

    public static string NewId(TimeProvider clock) => Guid.CreateVersion7(clock.GetUtcNow()).ToString("N");
}

/// <param name="Run">Null: its journal cannot be read.</param>
internal sealed record RunSummary(string Id, JournaledRun? Run);
