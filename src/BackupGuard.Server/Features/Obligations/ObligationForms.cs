using BackupGuard.Continuity.Obligations;
using BackupGuard.Continuity.Runs;
using BackupGuard.Server.Features.Runs;
using BackupGuard.Server.Ui;
using Microsoft.AspNetCore.Mvc;

namespace BackupGuard.Server.Features.Obligations;

/// <summary>What people say of legal duties. The engine does not read the rows, so that rows, events and roles are checked here.</summary>
internal static class ObligationForms
{
    public static async Task<IResult> PinAsync(HttpContext context, string run, [FromServices] RunJournal journal, [FromServices] ObligationLibrary library, [FromServices] PageFrames frames, [FromServices] TimeProvider clock)
    {
        var posted = await Posted.ReadAsync(context, run, journal, frames, clock);
        if (posted.Run is null)
        {
            return Results.NotFound();
        }

        var annex = library.All().FirstOrDefault(f => f.FileName == posted.Text("fichier"))?.Annex;
        return annex is null ? new NotRecorded(RunJournal.GoneFile)
            : await ExecuteAsync(context, journal, posted, new PinAnnex(annex) { RunId = run, CommandId = posted.CommandId, Actor = posted.Actor, Role = posted.Text("role"), Now = posted.Now },
                posted.Rows is { } rows ? ObligationView.Correctors(rows) : [""], ObligationUrls.Board(run));
    }

    public static async Task<IResult> AwarenessAsync(HttpContext context, string run, [FromServices] RunJournal journal, [FromServices] PageFrames frames, [FromServices] TimeProvider clock)
    {
        var posted = await Posted.ReadAsync(context, run, journal, frames, clock);
        if (posted.Rows?.Event(posted.Text("evenement")) is not { OnSending: null } one)
        {
            return Results.NotFound();
        }

        var read = posted.Time("heure");
        if (read.At is not { } at)
        {
            return RunForms.Back(context, posted.Actor, posted.CommandId, ObligationUrls.Board(run), "heure=" + read.Word);
        }

        var command = new DeclareAwareness(one.Id, at, posted.Text("motif")) { RunId = run, CommandId = posted.CommandId, Actor = posted.Actor, Role = posted.Text("role"), Now = posted.Now };
        return await ExecuteAsync(context, journal, posted, command, one.SetBy.Select(r => r.Id), ObligationUrls.Board(run));
    }

    public static async Task<IResult> SendingAsync(HttpContext context, string run, string duty, [FromServices] RunJournal journal, [FromServices] PageFrames frames, [FromServices] TimeProvider clock)
    {
        var posted = await Posted.ReadAsync(context, run, journal, frames, clock);
        if (posted.Rows?.Duty(duty) is not { } row)
        {
            return Results.NotFound();
        }

        var left = posted.Text("heure") == "" ? new TypedHour(posted.Now, HourProblem.None) : posted.Time("heure");
        if (left.At is not { } at)
        {
            return RunForms.Back(context, posted.Actor, posted.CommandId, ObligationUrls.Duty(run, duty), "heure=" + left.Word);
        }

        if (row.LateReasonRequired && posted.Text("retard") == "" && ObligationBoard.Of(posted.Rows, posted.Run!.State.Obligations, posted.Run.Started.Mode, posted.Now).Row(duty)!.DueAt < at) // rows come with a run
        {
            return RunForms.Back(context, posted.Actor, posted.CommandId, ObligationUrls.Duty(run, duty), "manque=motif");
        }

        var command = new RecordNotification(duty, posted.Text("canal"), posted.Text("preuve"), posted.Text("interlocuteur"), posted.Text("retard"))
        {
            RunId = run, CommandId = posted.CommandId, Actor = posted.Actor, Role = posted.Text("role"), Now = posted.Now, OccurredAt = posted.Text("heure") == "" ? null : at,
        };
        return await ExecuteAsync(context, journal, posted, command, ObligationView.Senders(row), ObligationUrls.Duty(run, duty));
    }

    /// <summary>Only whoever validates a row may say that it does not apply: a named person decides that nobody is told.</summary>
    public static async Task<IResult> SettingAsideAsync(HttpContext context, string run, string duty, [FromServices] RunJournal journal, [FromServices] PageFrames frames, [FromServices] TimeProvider clock)
    {
        var posted = await Posted.ReadAsync(context, run, journal, frames, clock);
        if (posted.Rows?.Duty(duty) is not { } row)
        {
            return Results.NotFound();
        }

        var command = new DeclareNotApplicable(duty, posted.Text("motif")) { RunId = run, CommandId = posted.CommandId, Actor = posted.Actor, Role = posted.Text("role"), Now = posted.Now };
        return await ExecuteAsync(context, journal, posted, command, [row.ValidatorRole.Id], ObligationUrls.Duty(run, duty));
    }

    private static async Task<IResult> ExecuteAsync(HttpContext context, RunJournal journal, Posted posted, RunCommand command, IEnumerable<string> roles, string page)
    {
        if (!roles.Contains(command.Role) || !RunRoles.MayAct(context.User, command.Role))
        {
            return Results.StatusCode(StatusCodes.Status403Forbidden);
        }

        var answer = await journal.ExecuteAsync(command);
        return answer switch
        {
            RunAnswer.Done => Results.LocalRedirect(page),
            RunAnswer.Refused { Reasons: [{ Code: "BG3203" or "BG3204" or "BG3290" or "BG3291" or "BG3292" or "BG3293" }, ..] or [] } => RunForms.Unwritten(answer),
            _ => RunForms.Back(context, command.Actor, command.CommandId, page),
        };
    }

    /// <summary>What a form brought, and who sent it when.</summary>
    private sealed record Posted(IFormCollection Form, string CommandId, JournaledRun? Run, Actor Actor, DateTimeOffset Now, TimeZoneInfo Zone)
    {
        public ObligationDefinition? Rows => Run is null ? null : ObligationLibrary.Pinned(Run.State);

        public static async Task<Posted> ReadAsync(HttpContext context, string run, RunJournal journal, PageFrames frames, TimeProvider clock) => new(
            await context.Request.ReadFormAsync(context.RequestAborted), FormGuard.CommandId(context, await context.Request.ReadFormAsync(context.RequestAborted)), await journal.LoadAsync(run, context.RequestAborted), RunsFeature.ActorOf(context.User), RunsFeature.Now(clock), (await frames.ForAsync(context)).Reader.Zone);

        public string Text(string name) => Form[name].ToString().Trim() is { Length: <= FormGuard.LongestField } text ? text : "";

        public TypedHour Time(string name) => TimeInput.Read(Text(name), Zone, Now, TimeInput.Live);
    }
}
