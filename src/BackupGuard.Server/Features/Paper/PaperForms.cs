using BackupGuard.Continuity.Runbooks;
using BackupGuard.Continuity.Runs;
using BackupGuard.Server.Features.Runs;
using BackupGuard.Server.Ui;
using BackupGuard.Server.Ui.Errors;
using BackupGuard.Server.Ui.Texts;
using Microsoft.AspNetCore.Mvc;

namespace BackupGuard.Server.Features.Paper;

/// <summary>Copies a card into the journal. Whoever copies answers for the copy; the name on the card is that of the doer, and both are kept.</summary>
internal static class PaperForms
{
    /// <summary>An hour alone was in the last 24: paper comes back afterwards.</summary>
    private static readonly TimeSpan HalfADay = TimeSpan.FromHours(12);

    public static async Task<IResult> SendAsync(HttpContext context, string run, [FromServices] RunJournal journal, [FromServices] PageFrames frames, [FromServices] TimeProvider clock)
    {
        if (await RunsFeature.ViewAsync(context, run, frames, journal, clock) is not { } model) return Results.NotFound();
        if (!model.MayWrite) return Results.StatusCode(StatusCodes.Status403Forbidden);
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var typed = form.Where(f => !f.Key.StartsWith("__", StringComparison.Ordinal)).ToDictionary(f => f.Key, f => f.Value.ToString().Trim() is { Length: <= FormGuard.LongestField } text ? text : "", StringComparer.Ordinal);
        var view = new PaperView(model) { Match = PaperLookup.Find(model.Run, typed.GetValueOrDefault("carte", ""), model.Frame.Reader), Typed = typed };
        if (view.Match is not { Problem: null } match) return PaperFeature.Show(view with { Written = WrittenForm.Of(context) });
        var hour = Hour(view["heure"], model);
        if (hour.At is not { } at) return PaperFeature.Show(view with { Problem = view["heure"].Length == 0 ? CardTexts.HourMissing : Problem(hour, CardTexts.HourUnreadable) });

        var id = FormGuard.CommandId(context, form);
        var bad = default(TypedHour);
        var command = match.Step is { } step ? OfStep(view, step, run, id, clock, out bad) : OfVoid(view, run, id, clock);
        if (command is null) return PaperFeature.Show(view with { Problem = Problem(bad, CardTexts.EvidenceHour) });
        var answer = await journal.ExecuteAsync(command with
        {
            OccurredAt = at,
            Role = match.Step is { } done && command is CompleteStep ? done.Role.Id : "",
            Paper = new PaperSource(match.Typed, match.Attempt, view["nom"], view["initiales"]),
        });
        return answer switch
        {
            RunAnswer.Refused { Reasons: [{ Code: "BG3292" or "BG3293" }, ..] } => RunForms.Unwritten(answer),
            RunAnswer.Done => Results.LocalRedirect($"{RunUrls.Paper(run)}?fait={Uri.EscapeDataString(command.CommandId)}"),
            RunAnswer.Refused { Reasons: var reasons } => PaperFeature.Show(view with { Refusals = reasons }),
            _ => throw new InvalidOperationException("An answer of another kind."),
        };
    }

    /// <returns>Null when an hour among the proof is not readable.</returns>
    private static RunCommand? OfStep(PaperView view, StepDefinition step, string run, string id, TimeProvider clock, out TypedHour bad)
    {
        bad = default;
        var (actor, now) = (RunsFeature.ActorOf(view.Model.User), RunsFeature.Now(clock));
        if (view["issue"] is "probleme") return new ReportProblem(step.Id, Or(view["remarque"], CardTexts.ProblemUntold)) { RunId = run, CommandId = id, Actor = actor, Now = now };
        if (view["issue"] is "aide") return new AskForHelp(step.Id, Or(view["remarque"], CardTexts.HelpUntold)) { RunId = run, CommandId = id, Actor = actor, Now = now };
        if (view["issue"] is "passee") return new SkipStep(step.Id, view["remarque"]) { RunId = run, CommandId = id, Actor = actor, Now = now };
        if (Evidence(view, step, out bad) is not { } evidence) return null;
        if (step.Kind != StepKind.Decision) return new CompleteStep(step.Id) { RunId = run, CommandId = id, Actor = actor, Now = now, Evidence = evidence, Note = Note(view) };
        var voices = Enumerable.Range(1, PaperFeature.MostVoices).Select(i => new PaperVoice(view[$"voix-nom-{i}"], view[$"voix-role-{i}"])).Where(v => v.Name.Length > 0).ToList();
        return new RecordPaperDecision(step.Id, view["choix"], view["remarque"], voices) { RunId = run, CommandId = id, Actor = actor, Now = now, Evidence = evidence };
    }

    /// <summary>The step is gone, what was done is not: it is a line of the log.</summary>
    private static NoteEntry OfVoid(PaperView view, string run, string id, TimeProvider clock) => new(EntryKind.Fact, Line(view))
    {
        RunId = run, CommandId = id, Actor = RunsFeature.ActorOf(view.Model.User), Now = RunsFeature.Now(clock), Speaker = view["nom"],
    };

    private static string Line(PaperView view) =>
        view.Model.Frame.Reader.Say(CardTexts.VoidLine, ("number", view.Match!.Void!.Number), ("title", view.Match.Void.Title), ("issue", view["issue"]), ("remark", view["remarque"]));    // a match without a step has a void card

    private static Dictionary<string, string>? Evidence(PaperView view, StepDefinition step, out TypedHour bad)
    {
        bad = default;
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var one in step.Evidence)
        {
            var text = view["preuve-" + one.Id];
            if (one.Type == "datetime" && text.Length > 0)
            {
                bad = Hour(text, view.Model);
                if (bad.At is not { } time) return null;
                text = TimeInput.Write(time);
            }

            values[one.Id] = text;
        }

        return values;
    }

    private static Phrase Problem(TypedHour hour, Phrase unreadable) => hour.Problem == HourProblem.Unreadable ? unreadable : TypedHour.Sentence(hour.Word)!; // a word of ours

    /// <summary>Somebody else wrote it, some time ago: which of two was meant only the person with the paper in hand can say.</summary>
    private static TypedHour Hour(string text, RunView model) =>
        TimeInput.Read(text, model.Frame.Reader.Zone, model.Frame.At, TimeSpan.Zero) is var nearest && nearest.At > model.Frame.At
            ? TimeInput.Read(text, model.Frame.Reader.Zone, model.Frame.At - HalfADay, TimeSpan.Zero)
            : nearest;

    private static string Note(PaperView view) => view["second"].Length == 0 ? view["remarque"]
        : view.Model.Frame.Reader.Say(CardTexts.SecondOnPaper, ("name", view["second"]), ("remark", view["remarque"])).Trim();

    private static string Or(string text, Phrase otherwise) => text.Length > 0 ? text : otherwise.Fr;
}
