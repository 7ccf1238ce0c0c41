using BackupGuard.Continuity.Runbooks;
using BackupGuard.Continuity.Runs;
using BackupGuard.Server.Ui;
using BackupGuard.Server.Ui.Errors;
using Microsoft.AspNetCore.Mvc;

namespace BackupGuard.Server.Features.Runs;

/// <summary>Turns posted forms into commands. A refusal is in the journal; the page that follows reads it there.</summary>
internal static class RunForms
{
    public static async Task<IResult> StepAsync(HttpContext context, string run, string step, [FromServices] RunJournal journal, [FromServices] PageFrames frames, [FromServices] TimeProvider clock)
    {
        var posted = await Posted.ReadAsync(context, run, journal, frames, clock);
        if (posted.Run?.Definition.Runbook.Step(step) is not { } definition)
        {
            return Results.NotFound();
        }

        var back = RunUrls.Step(run, step);
        if (!posted.Evidence(definition.Evidence, out var evidence, out var bad) || !posted.Hour(out var occurredAt, out bad))
        {
            return Back(context, posted, back, "heure=" + bad.Word);
        }

        var remark = posted.Text("remarque");
        var asDoer = new { Role = definition.Role.Id };
        RunCommand? command = posted.Text("issue") switch
        {
            "prendre" => posted.Fill(new StartStep(step) { RunId = "", CommandId = "", Actor = posted.Actor, Now = posted.Now }, asDoer.Role),
            "fait" => posted.Fill(new CompleteStep(step) { RunId = "", CommandId = "", Actor = posted.Actor, Now = posted.Now, Evidence = evidence, Note = remark }, asDoer.Role),
            "probleme" => posted.Fill(new ReportProblem(step, Or(remark, "Problème signalé sans précision.")) { RunId = "", CommandId = "", Actor = posted.Actor, Now = posted.Now }, ""),
            "aide" => posted.Fill(new AskForHelp(step, Or(remark, "Aide demandée sans précision.")) { RunId = "", CommandId = "", Actor = posted.Actor, Now = posted.Now }, ""),
            "rouvrir" => posted.Fill(new ReopenStep(step, remark) { RunId = "", CommandId = "", Actor = posted.Actor, Now = posted.Now }, ""),
            "passer" => posted.Fill(new SkipStep(step, remark) { RunId = "", CommandId = "", Actor = posted.Actor, Now = posted.Now }, ""),
            "conforme" or "non-conforme" => posted.Fill(new VerifyStep(step, posted.Text("issue") == "conforme", remark) { RunId = "", CommandId = "", Actor = posted.Actor, Now = posted.Now }, definition.Verify?.By.Id ?? ""),
            "viser" => posted.Fill(new CountersignStep(step) { RunId = "", CommandId = "", Actor = posted.Actor, Now = posted.Now }, definition.Countersign?.Id ?? ""),
            "reporter" => posted.Fill(new NoteEntry(EntryKind.Decision, (await frames.ForAsync(context)).Reader.Say(CellTexts.PostponedLine, ("title", definition.Label.Fr), ("reason", remark))) { RunId = "", CommandId = "", Actor = posted.Actor, Now = posted.Now }, ""),
            "decider" => posted.Fill(new ChooseOption(step, posted.Text("choix"), remark) { RunId = "", CommandId = "", Actor = posted.Actor, Now = posted.Now, Evidence = evidence }, posted.Text("role")),
            _ => null,
        };
        return await ExecuteAsync(context, journal, command is null ? null : command with { OccurredAt = occurredAt }, posted.Text("issue") is "fait" or "viser" ? RunUrls.Run(run) : back, back);
    }

    public static async Task<IResult> TransitionAsync(HttpContext context, string run, string transition, [FromServices] RunJournal journal, [FromServices] PageFrames frames, [FromServices] TimeProvider clock)
    {
        var posted = await Posted.ReadAsync(context, run, journal, frames, clock);
        var asked = posted.Run?.Definition.Runbook.Lifecycle.All.SelectMany(s => s.Transitions).FirstOrDefault(t => t.Id == transition)?.Evidence ?? [];
        if (!posted.Evidence(asked, out var evidence, out var bad) || !posted.Hour(out var occurredAt, out bad))
        {
            return Back(context, posted, RunUrls.Run(run), "heure=" + bad.Word);
        }

        var command = new RequestTransition(transition) { RunId = "", CommandId = "", Actor = posted.Actor, Now = posted.Now, OccurredAt = occurredAt, Reason = posted.Text("motif"), Evidence = evidence };
        return await ExecuteAsync(context, journal, posted.Fill(command, posted.Text("role")), RunUrls.Run(run), RunUrls.Run(run));
    }

    public static async Task<IResult> VoteAsync(HttpContext context, string run, [FromServices] RunJournal journal, [FromServices] PageFrames frames, [FromServices] TimeProvider clock)
    {
        var posted = await Posted.ReadAsync(context, run, journal, frames, clock);
        var command = new CastVote(posted.Text("demande"), posted.Text("voix") == "pour") { RunId = "", CommandId = "", Actor = posted.Actor, Now = posted.Now, Comment = posted.Text("motif") };
        return await ExecuteAsync(context, journal, posted.Text("voix") is "pour" or "contre" ? posted.Fill(command, posted.Text("role")) : null, RunUrls.Run(run), RunUrls.Run(run));
    }

    public static async Task<IResult> FactAsync(HttpContext context, string run, [FromServices] RunJournal journal, [FromServices] PageFrames frames, [FromServices] TimeProvider clock)
    {
        var posted = await Posted.ReadAsync(context, run, journal, frames, clock);
        var command = new SetFact(posted.Text("fait"), posted.Text("valeur")) { RunId = "", CommandId = "", Actor = posted.Actor, Now = posted.Now };
        return await ExecuteAsync(context, journal, posted.Fill(command, posted.Text("role")), RunUrls.Run(run), RunUrls.Run(run));
    }

    public static async Task<IResult> EntryAsync(HttpContext context, string run, [FromServices] RunJournal journal, [FromServices] PageFrames frames, [FromServices] TimeProvider clock)
    {
        var posted = await Posted.ReadAsync(context, run, journal, frames, clock);
        if (!posted.Hour(out var occurredAt, out var bad))
        {
            return Back(context, posted, RunUrls.Log(run), "heure=" + bad.Word);
        }

        var kind = posted.Text("type") switch { "decision" => EntryKind.Decision, "action" => EntryKind.Action, "message" => EntryKind.Message, _ => EntryKind.Fact };
        var command = new NoteEntry(kind, posted.Text("texte")) { RunId = "", CommandId = "", Actor = posted.Actor, Now = posted.Now, Speaker = posted.Text("qui") };
        return await ExecuteAsync(context, journal, posted.Fill(command, "") with { OccurredAt = occurredAt }, RunUrls.Log(run), RunUrls.Log(run));
    }

    public static async Task<IResult> CorrectionAsync(HttpContext context, string run, [FromServices] RunJournal journal, [FromServices] PageFrames frames, [FromServices] TimeProvider clock)
    {
        var posted = await Posted.ReadAsync(context, run, journal, frames, clock);
        var line = long.TryParse(posted.Text("ligne"), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : 0;
        return await ExecuteAsync(context, journal, posted.Fill(new CorrectEntry(line, posted.Text("texte")) { RunId = "", CommandId = "", Actor = posted.Actor, Now = posted.Now }, ""), RunUrls.Log(run), RunUrls.Log(run));
    }

    public static async Task<IResult> ConfirmAsync(HttpContext context, string run, [FromServices] RunJournal journal, [FromServices] PageFrames frames, [FromServices] TimeProvider clock)
    {
        var posted = await Posted.ReadAsync(context, run, journal, frames, clock);
        return await ExecuteAsync(context, journal, posted.Fill(new ConfirmStart { RunId = "", CommandId = "", Actor = posted.Actor, Now = posted.Now }, ""), RunUrls.Run(run), RunUrls.Run(run));
    }

    public static async Task<IResult> ModuleAsync(
        HttpContext context, string run, [FromServices] RunJournal journal, [FromServices] RunbookLibrary library, [FromServices] RunClock runs, [FromServices] PageFrames frames, [FromServices] TimeProvider clock)
    {
        var posted = await Posted.ReadAsync(context, run, journal, frames, clock);
        if ((await library.FindAsync(posted.Text("runbook"), context.RequestAborted))?.Definition is not { } definition)
        {
            return new NotRecorded(RunJournal.GoneFile);
        }

        var step = posted.Text("etape");
        var role = posted.Run?.Definition.Runbook.Step(step)?.Role.Id ?? "";
        var command = new AddModule(posted.CommandId, definition.Runbook.Id, definition.Runbook.Version, definition.Sha256, step, posted.Text("motif")) { RunId = "", CommandId = "", Actor = posted.Actor, Now = posted.Now };
        var answer = await ExecuteAsync(context, journal, posted.Fill(command, role), RunUrls.Run(run), step == "" ? RunUrls.Run(run) : RunUrls.Step(run, step));
        if (await journal.LoadAsync(run, CancellationToken.None) is { } now)
        {
            await runs.TickAsync(now, CancellationToken.None);
        }

        return answer;
    }

    public static async Task<IResult> HandoverAsync(HttpContext context, string run, [FromServices] RunJournal journal, [FromServices] PageFrames frames, [FromServices] TimeProvider clock)
    {
        var posted = await Posted.ReadAsync(context, run, journal, frames, clock);
        var (role, offer, remark) = (posted.Text("role"), posted.Text("demande"), posted.Text("remarque"));
        RunCommand? command = posted.Text("acte") switch
        {
            "prendre" => posted.Fill(new TakeRole(role) { RunId = "", CommandId = "", Actor = posted.Actor, Now = posted.Now }, role),
            "remettre" => posted.Fill(new OfferHandover(role, remark) { RunId = "", CommandId = "", Actor = posted.Actor, Now = posted.Now }, role),
            "accepter" => posted.Fill(new AcceptHandover(offer) { RunId = "", CommandId = "", Actor = posted.Actor, Now = posted.Now }, role),
            "refuser" => posted.Fill(new DeclineHandover(offer, remark) { RunId = "", CommandId = "", Actor = posted.Actor, Now = posted.Now }, role),
            _ => null,
        };
        return await ExecuteAsync(context, journal, command, RunUrls.Handover(run), RunUrls.Handover(run));
    }

    public static async Task<IResult> BacklogAsync(HttpContext context, string run, [FromServices] RunJournal journal, [FromServices] PageFrames frames, [FromServices] TimeProvider clock)
    {
        var posted = await Posted.ReadAsync(context, run, journal, frames, clock);
        // The procedure may belong to a runbook that this run follows: its own journal keeps the count.
        var owner = posted.Text("conduite") is { Length: > 0 } child && posted.Run?.State.Modules.ContainsKey(child) == true ? child : run;
        var command = posted.Fill(new CountBacklog(posted.Text("procedure"), Whole(posted.Text("papier")), Whole(posted.Text("ressaisis"))) { RunId = "", CommandId = "", Actor = posted.Actor, Now = posted.Now }, "") with { RunId = owner };
        return await ExecuteAsync(context, journal, command, RunUrls.Degraded(run), RunUrls.Degraded(owner));

        static int Whole(string text) => int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var value) ? value : -1;
    }

    public static async Task<IResult> EtaAsync(HttpContext context, string run, [FromServices] RunJournal journal, [FromServices] RunClock runs, [FromServices] PageFrames frames, [FromServices] TimeProvider clock)
    {
        var posted = await Posted.ReadAsync(context, run, journal, frames, clock);
        var page = posted.Text("page") == "degrade" ? RunUrls.Degraded(run) : RunUrls.Run(run);
        var act = posted.Text("acte");
        var back = act == "heure" ? TimeInput.Ahead(posted.Text("retour"), posted.Zone, posted.Now) : default;
        if (back.Problem != HourProblem.None)
        {
            return Back(context, posted, page, "heure=" + back.Word);
        }

        var command = new AnnounceEta(back.At, posted.Text("motif")) { RunId = "", CommandId = "", Actor = posted.Actor, Now = posted.Now };
        var answer = await ExecuteAsync(context, journal, act is "heure" or "inconnue" ? posted.Fill(command, posted.Text("role")) : null, page, page);
        if (await journal.LoadAsync(run, CancellationToken.None) is { } now)
        {
            await runs.TickAsync(now, CancellationToken.None);
        }

        return answer;
    }

    public static async Task<IResult> AmendmentAsync(HttpContext context, string run, [FromServices] RunJournal journal, [FromServices] PageFrames frames, [FromServices] TimeProvider clock)
    {
        var posted = await Posted.ReadAsync(context, run, journal, frames, clock);
        var removed = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in posted.Form["retirees"].ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var parts = line.Split('=', 2, StringSplitOptions.TrimEntries);
            removed[parts[0]] = parts.Length == 2 ? parts[1] : "";
        }

        var command = new ProposeAmendment(posted.Form["texte"].ToString(), removed, posted.Text("motif")) { RunId = "", CommandId = "", Actor = posted.Actor, Now = posted.Now };
        return await ExecuteAsync(context, journal, posted.Fill(command, posted.Text("role")), RunUrls.Run(run), RunUrls.Amendment(run));
    }

    public static IResult Unwritten(RunAnswer answer) => answer is RunAnswer.Refused { Reasons: [var first, ..] }
        ? new NotRecorded(first)
        : Results.NotFound();

    public static async Task<IResult> ExecuteAsync(HttpContext context, RunJournal journal, RunCommand? command, string next, string onRefusal)
    {
        if (command is null)
        {
            return Results.BadRequest();
        }

        if (!RunRoles.MayAct(context.User, command.Role))
        {
            return Results.StatusCode(StatusCodes.Status403Forbidden);
        }

        var answer = await journal.ExecuteAsync(command);
        return answer switch
        {
            RunAnswer.Done => Results.LocalRedirect(next),
            RunAnswer.Refused { Reasons: [{ Code: "BG3203" or "BG3204" or "BG3290" or "BG3291" or "BG3292" or "BG3293" }, ..] or [] } => Unwritten(answer),
            _ => Back(context, command.Actor, command.CommandId, onRefusal),
        };
    }

    private static IResult Back(HttpContext context, Posted posted, string page, string why) => Back(context, posted.Actor, posted.CommandId, page, why);

    /// <summary>To the page that the form came from, which says why it was not taken and holds what was written.</summary>
    public static IResult Back(HttpContext context, Actor actor, string command, string page, string why = "")
    {
        context.RequestServices.GetRequiredService<WrittenForms>().Keep(command, actor.Id, WrittenForm.Of(context));
        return Results.LocalRedirect($"{page}?refus={Uri.EscapeDataString(command)}{(why == "" ? "" : "&" + why)}");
    }

    private static string Or(string text, string otherwise) => text == "" ? otherwise : text;

    /// <summary>What a form brought, and who sent it when.</summary>
    internal sealed record Posted(IFormCollection Form, string CommandId, JournaledRun? Run, string RunId, Actor Actor, DateTimeOffset Now, TimeZoneInfo Zone)
    {
        public static async Task<Posted> ReadAsync(HttpContext context, string run, RunJournal journal, PageFrames frames, TimeProvider clock) => new(
            await context.Request.ReadFormAsync(context.RequestAborted),
            FormGuard.CommandId(context, await context.Request.ReadFormAsync(context.RequestAborted)),
            await journal.LoadAsync(run, context.RequestAborted),
            run,
            RunsFeature.ActorOf(context.User),
            RunsFeature.Now(clock),
            (await frames.ForAsync(context)).Reader.Zone);

        public string Text(string name) => Form[name].ToString().Trim() is { Length: <= FormGuard.LongestField } text ? text : "";

        public TypedHour Time(string text) => TimeInput.Read(text, Zone, Now, TimeInput.Live);

        /// <summary>The hour of the fact: null where the field was left empty, which means now.</summary>
        /// <returns>False when something was typed that is no hour.</returns>
        public bool Hour(out DateTimeOffset? hour, out TypedHour read)
        {
            var text = Text("heure");
            read = text == "" ? default : Time(text);
            hour = read.At;
            return read.Problem == HourProblem.None;
        }

        public T Fill<T>(T command, string role) where T : RunCommand => command with { RunId = RunId, CommandId = CommandId, Role = role };

        /// <returns>False when an hour cannot be taken; <paramref name="read"/> says why.</returns>
        public bool Evidence(IReadOnlyList<EvidenceDefinition> asked, out Dictionary<string, string> values, out TypedHour read)
        {
            (values, read) = (new(StringComparer.Ordinal), default);
            foreach (var one in asked)
            {
                var text = Text("preuve-" + one.Id);
                if (one.Type == "datetime" && text != "")
                {
                    read = Time(text);
                    if (read.At is not { } time)
                    {
                        return false;
                    }

                    text = TimeInput.Write(time);
                }

                values[one.Id] = text;
            }

            return true;
        }
    }
}
