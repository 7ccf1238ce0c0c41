using System.Security.Claims;
using BackupGuard.Continuity.Runbooks;
using BackupGuard.Continuity.Runbooks.Guards;
using BackupGuard.Continuity.Runs;
using BackupGuard.Server.Ui;

namespace BackupGuard.Server.Features.Runs;

/// <summary>A run for one reader at one instant.</summary>
/// <param name="CommandId">For the forms of this page: sent twice, it is done once.</param>
internal sealed record RunView(PageFrame Frame, JournaledRun Run, ClaimsPrincipal User, string CommandId)
{
    public IReadOnlyList<Refusal> Refusals { get; init; } = [];
    public bool BadTime { get; init; }

    public string Id => Run.Started.RunId;
    public RunbookDefinition Runbook => Run.Definition.Runbook;
    public string Language => Frame.Reader.Code;
    public bool Closed => Runbook.Lifecycle.Find(Run.State.State)?.Final == true;

    public IReadOnlyList<StepView> Steps => StepViews.All(Runbook, Run.State, Frame.At);

    public string StateName(string id) => Runbook.Lifecycle.Find(id)?.Title.In(Language) is { Length: > 0 } title ? title : id;

    public string RoleName(string id) => Runbook.Role(id)?.Label.In(Language) ?? id;

    public string StepName(string id) => Runbook.Step(id) is { } step ? $"{step.Card} {step.Label.In(Language)}".Trim() : id;

    /// <summary>Of the roles that may do it, those this person may act in.</summary>
    public IReadOnlyList<string> Mine(IEnumerable<string> roles) => [.. roles.Where(r => RunRoles.MayAct(User, r))];

    public bool MayWrite => RunRoles.MayAct(User, "");

    public IEnumerable<TransitionDefinition> Transitions => Closed ? [] : Runbook.Lifecycle.TransitionsFrom(Run.State.State);

    public string TransitionName(string id) =>
        Runbook.Lifecycle.All.SelectMany(s => s.Transitions).FirstOrDefault(t => t.Id == id)?.Title.In(Language) is { Length: > 0 } title ? title : id;

    /// <summary>What keeps a transition from being made, in names of the runbook; empty when nothing does.</summary>
    public IReadOnlyList<string> Blocks(TransitionDefinition transition)
    {
        if (transition.Guard is null)
        {
            return [];
        }

        var answer = GuardEvaluator.Evaluate(transition.Guard.Guard, new RunFacts(Runbook, Run.State, Frame.At));
        return answer.Truth == Ternary.True ? [] : [.. answer.Missing.Concat(answer.Unmet).Select(Readable)];
    }

    public string RequestName(PendingRequest request) => request.Kind switch
    {
        RequestKind.Transition => TransitionName(request.Subject),
        RequestKind.Skip => $"{Frame.Reader.Say(RunTexts.Skip)} : {StepName(request.Subject)}",
        RequestKind.Decision or RequestKind.PaperDecision => $"{StepName(request.Subject)} {Runbook.Step(request.Subject)?.Options.FirstOrDefault(o => o.Id == request.Option)?.Label.In(Language)}",
        RequestKind.Amendment => Frame.Reader.Say(RunTexts.AmendmentOf, ("version", request.Amendment!.Version)),
    };

    public ModeBandView Band(string path) => new(Run.Started.Mode == RunMode.Exercise)
    {
        Links =
        [
            new(Frame.Reader.Say(RunTexts.RunPage), RunUrls.Run(Id), path == RunUrls.Run(Id)),
            new(Frame.Reader.Say(RunTexts.Log), RunUrls.Log(Id), path == RunUrls.Log(Id)),
            new(Frame.Reader.Say(RunTexts.Cards), RunUrls.Cards(Id), path == RunUrls.Cards(Id)),
            new(Frame.Reader.Say(Ui.Texts.CardTexts.ReentryTitle), RunUrls.Paper(Id), path == RunUrls.Paper(Id)),
            new(Frame.Reader.Say(Ui.Texts.LayoutTexts.Contacts), Urls.Contacts),
            new(Frame.Reader.Say(RunTexts.AllRuns), Urls.Runbooks),
        ],
        Clocks =
        [
            new(Frame.Reader.Say(RunTexts.Since), Frame.Reader.Duration(Frame.At - Run.Started.OccurredAt)),
            new(StateName(Run.State.State), Frame.Reader.TimeOfDay(Frame.At)),
        ],
    };

    /// <summary>Newest first.</summary>
    public IReadOnlyList<Ui.Components.LogLine> LogLines =>
        [.. MainCourante.Lines(Run.Events, Runbook, Language, Frame.Reader.Instant).Reverse().Select(l => new Ui.Components.LogLine(l.Number, l.OccurredAt, l.RecordedAt, KindOf(l.Kind), l.Who, l.What))];

    private static Ui.Components.LogLineKind KindOf(LineKind kind) => kind switch
    {
        LineKind.Fact => Ui.Components.LogLineKind.Fact,
        LineKind.Decision => Ui.Components.LogLineKind.Decision,
        LineKind.Action => Ui.Components.LogLineKind.Action,
        LineKind.Message => Ui.Components.LogLineKind.Message,
        LineKind.Step or LineKind.State or LineKind.Refused => Ui.Components.LogLineKind.Step,
    };

    private string Readable(string name) => name.Split('.') switch
    {
        ["steps", var id, ..] => $"« {StepName(id)} »",
        ["facts", var id, ..] => $"« {Runbook.Fact(id)?.Label.In(Language) ?? id} »",
        _ => name,
    };
}
