using System.Text;
using BackupGuard.Continuity.Runs;
using BackupGuard.Server.Ui;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BackupGuard.Server.Features.Runs;

/// <summary>Pages that only show: where a run stands in its plan, and a runbook in peace time.</summary>
internal static class RunMaps
{
    public static async Task<IResult> MapAsync(HttpContext context, string run, PageFrames frames, RunJournal journal, TimeProvider clock)
    {
        if (await RunsFeature.ViewAsync(context, run, frames, journal, clock) is not { } view)
        {
            return Results.NotFound();
        }

        return IsMermaid(context) ? Mermaid($"{view.Runbook.Id}-{run}", RunDiagram.Lifecycle(view.Runbook, view.Run.State), RunDiagram.Steps(view.Runbook, view.Steps))
            : new RazorComponentResult<RunMapPage>(new { view.Frame, View = view });
    }

    public static async Task<IResult> RunbookAsync(HttpContext context, string runbook, PageFrames frames, RunbookLibrary library, MeasureBook measures)
    {
        if (await library.FindAsync(runbook, context.RequestAborted) is not { Definition: { } definition } file)
        {
            return Results.NotFound();
        }

        return IsMermaid(context) ? Mermaid(definition.Runbook.Id, RunDiagram.Lifecycle(definition.Runbook), RunDiagram.Steps(definition.Runbook))
            : new RazorComponentResult<RunbookPage>(new { Frame = await frames.ForAsync(context), File = file, From = Window.From(context.Request.Query), Measures = await measures.OfAsync(definition.Runbook, null, context.RequestAborted) });
    }

    private static bool IsMermaid(HttpContext context) => context.Request.Query["format"] == "mermaid";

    /// <summary>Two diagrams in one file that most tools with Mermaid show as they are.</summary>
    private static FileContentHttpResult Mermaid(string name, string lifecycle, string steps) =>
        TypedResults.File(Encoding.UTF8.GetBytes($"# {name}\n\n```mermaid\n{lifecycle}```\n\n```mermaid\n{steps}```\n"), "text/markdown; charset=utf-8", name + ".md");
}
