using System.Globalization;
using BackupGuard.Continuity.Exercises;
using BackupGuard.Continuity.Runs;
using BackupGuard.Server.Features.Obligations;
using BackupGuard.Server.Features.Runs;
using BackupGuard.Server.Ui;
using BackupGuard.Server.Ui.Texts;
using Microsoft.AspNetCore.Mvc;

namespace BackupGuard.Server.Features.Exercises;

/// <summary>Turns the forms around an exercise into commands. None of them reaches a live run.</summary>
internal static class ExerciseForms
{
    public static async Task<IResult> PlayAsync(HttpContext context, string run, [FromServices] RunJournal journal, [FromServices] PageFrames frames, [FromServices] TimeProvider clock)
    {
        var posted = await RunForms.Posted.ReadAsync(context, run, journal, frames, clock);
        if (Sheet(posted) is not { } sheet)
        {
            return Results.NotFound();
        }

        var inject = posted.Text("stimulus");
        var known = inject is Chronogramme.Debex or Chronogramme.Finex || sheet.Exercise.Inject(inject) is not null;
        var command = new PlayInject(inject, posted.Text("remarque")) { RunId = "", CommandId = "", Actor = posted.Actor, Now = posted.Now };
        var page = ExerciseUrls.Facilitate(run);
        return await RunForms.ExecuteAsync(context, journal, known ? posted.Fill(command, ExerciseRoles.Facilitator) : null, page, page);
    }

    public static async Task<IResult> ObserveAsync(HttpContext context, string run, [FromServices] RunJournal journal, [FromServices] PageFrames frames, [FromServices] TimeProvider clock)
    {
        var posted = await RunForms.Posted.ReadAsync(context, run, journal, frames, clock);
        if (Sheet(posted) is not { } sheet)
        {
            return Results.NotFound();
        }

        var note = posted.Text("remarque");
        RunCommand? command = (posted.Text("stimulus"), posted.Text("critere")) switch
        {
            (var inject, "") when sheet.Exercise.Inject(inject) is not null && ReactionOf(posted.Text("reaction")) is { } reaction =>
                new ObserveInject(inject, reaction, note) { RunId = "", CommandId = "", Actor = posted.Actor, Now = posted.Now },
            ("", var criterion) when sheet.Exercise.Criteria.Any(c => c.Id == criterion) && int.TryParse(posted.Text("note"), NumberStyles.None, CultureInfo.InvariantCulture, out var score) =>
                new ScoreCriterion(criterion, score, note) { RunId = "", CommandId = "", Actor = posted.Actor, Now = posted.Now },
            _ => null,
        };
        var page = ExerciseUrls.Observe(run);
        return await RunForms.ExecuteAsync(context, journal, command is null ? null : posted.Fill(command, ExerciseRoles.Observing(context.User)), page, page);
    }

    public static async Task<IResult> RetexAsync(HttpContext context, string run, [FromServices] RunJournal journal, [FromServices] PageFrames frames, [FromServices] TimeProvider clock)
    {
        var posted = await RunForms.Posted.ReadAsync(context, run, journal, frames, clock);
        if (Sheet(posted) is not { } sheet)
        {
            return Results.NotFound();
        }

        var note = posted.Text("remarque");
        RunCommand? command = posted.Text("acte") switch
        {
            "chaud" => new NoteLesson(LessonStage.Hot, posted.Text("texte")) { RunId = "", CommandId = "", Actor = posted.Actor, Now = posted.Now },
            "froid" => new NoteLesson(LessonStage.Cold, posted.Text("texte")) { RunId = "", CommandId = "", Actor = posted.Actor, Now = posted.Now },
            // The form's own id names the action: the same form sent again is the same action.
            "action" => new AgreeAction(posted.Text("commande"), posted.Text("texte"), posted.Text("pilote"), posted.Text("echeance")) { RunId = "", CommandId = "", Actor = posted.Actor, Now = posted.Now },
            "clore" => new CloseAction(posted.Text("action"), note) { RunId = "", CommandId = "", Actor = posted.Actor, Now = posted.Now },
            "cocher" when sheet.Exercise.Reminders.Any(r => r.Id == posted.Text("rappel")) => new TickItem(posted.Text("rappel"), note) { RunId = "", CommandId = "", Actor = posted.Actor, Now = posted.Now },
            _ => null,
        };
        var page = ExerciseUrls.Retex(run);
        return await RunForms.ExecuteAsync(context, journal, command is null ? null : posted.Fill(command, ExerciseRoles.Debriefing(context.User)), page, page);
    }

    /// <summary>An exercise never becomes real: another run is started, and each log tells of the other.</summary>
    public static async Task<IResult> RealAsync(HttpContext context, string run, [FromServices] RunJournal journal, [FromServices] ObligationLibrary obligations, [FromServices] PageFrames frames, [FromServices] TimeProvider clock)
    {
        var posted = await RunForms.Posted.ReadAsync(context, run, journal, frames, clock);
        if (Sheet(posted) is null)
        {
            return Results.NotFound();
        }

        var live = posted.Text("conduite");
        if (live.Length is 0 or > 64 || live == run || posted.Text("confirme") != "oui")
        {
            return Results.LocalRedirect(ExerciseUrls.Facilitate(run));
        }

        if (!RunRoles.MayAct(context.User, ""))
        {
            return Results.StatusCode(StatusCodes.Status403Forbidden);
        }

        var start = new StartRun(RunMode.Live) { RunId = live, CommandId = live, Actor = posted.Actor, Now = posted.Now };
        var started = await journal.StartAsync(posted.Run!.Definition, start);
        if (started is not RunAnswer.Done)
        {
            return RunForms.Unwritten(started);
        }

        await obligations.PinAtStartAsync(journal, start);
        await NoteAsync(journal, posted, live, ExerciseTexts.RealTo, RunUrls.Run(run));
        await NoteAsync(journal, posted, run, ExerciseTexts.RealFrom, RunUrls.Run(live));
        return Results.LocalRedirect(RunUrls.Run(live));
    }

    private static Task<RunAnswer> NoteAsync(RunJournal journal, RunForms.Posted posted, string run, Phrase text, string address) =>
        journal.ExecuteAsync(new NoteEntry(EntryKind.Action, text.Fr.Replace("{address}", address, StringComparison.Ordinal))
        {
            RunId = run, CommandId = posted.Text("conduite") + "-lien", Actor = posted.Actor, Now = posted.Now,
        });

    private static ExerciseSheet? Sheet(RunForms.Posted posted) => posted.Run is { } run && run.Started.Mode == RunMode.Exercise ? ExerciseSheet.Of(run) : null;

    private static Reaction? ReactionOf(string word) => word switch
    {
        "attendue" => Reaction.Expected,
        "partielle" => Reaction.Partial,
        "autre" => Reaction.Other,
        "aucune" => Reaction.None,
        _ => null,
    };
}
