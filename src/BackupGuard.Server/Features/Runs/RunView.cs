using System.Security.Claims;
using BackupGuard.Continuity.Runbooks;
using BackupGuard.Continuity.Runbooks.Guards;
using BackupGuard.Continuity.Runs;
using BackupGuard.Server.Features.Exercises;
using BackupGuard.Server.Ui;
using BackupGuard.Server.Ui.Texts;

namespace BackupGuard.Server.Features.Runs;

/// <summary>A run for one reader at one instant.</summary>
/// <param name="CommandId">For the forms of this page: sent twice, it is done once.</param>
internal sealed record RunView(PageFrame Frame, JournaledRun Run, ClaimsPrincipal User, string CommandId)
{
    public IReadOnlyList<Refusal> Refusals { get; init; } = [];

    /// <summary>Why an hour was not taken; null: none was refused.</summary>
    public Phrase? BadTime { get; init; }

    /// <summary>Where the long lists of the page begin, from 1.</summary>
    public int From { get; init; } = 1;

    /// <summary>The refused form, where it had words in it.</summary>
    public Ui.Errors.WrittenForm? Written { get; init; }

    public string Id => Run.Started.RunId;
    public RunbookDefinition Runbook => Run.Definition.Runbook;
    public string Language => Frame.Reader.Code;
    public bool Closed => Runbook.Lifecycle.Find(Run.State.State)?.Final == true;

    private (JournaledRun Run, DateTimeOffset At, IReadOnlyList<StepView> Views)? steps;

    /// <summary>Computed once for this run and instant: a page asks many times.</summary>
    public IReadOnlyList<StepView> Steps
    {
        get
        {
            if (steps is not { } known || !ReferenceEquals(known.Run, Run) || known.At != Frame.At)
            {
                steps = known = (Run, Frame.At, StepViews.All(Runbook, Run.State, Frame.At));
            }

            return known.Views;
        }
    }

    public string StateName(string id) => Runbook.Lifecycle.Find(id)?.Title.In(Language) is { Length: > 0 } title ? title : id;

    public string RoleName(string id) => Runbook.Role(id)?.Label.In(Language) ?? id;

    public string StepName(string id) => Runbook.Step(id) is { } step ? $"{step.Card} {step.Label.In(Language)}".Trim() : id;

    /// <summary>Of the roles that may do it, those this person may act in.</summary>
    public IReadOnlyList<string> Mine(IEnumerable<string> roles) => [.. roles.Where(r => RunRoles.MayAct(User, r))];

    public bool MayWrite => RunRoles.MayAct(User, "");

    /// <summary>Open steps of this person's own roles, the most pressing first; an administrator, who may stand in anywhere, sees all.</summary>
    public IReadOnlyList<StepView> Mine() =>
    [
        .. Steps.Where(s => s is { Active: true, Settled: false } && !Closed)
            .Where(s => s.State switch
            {
                StepState.Ready or StepState.Running or StepState.Failed => RunRoles.MayAct(User, s.Definition.Role.Id) || s.Definition.Approvals?.Roles.Any(r => RunRoles.MayAct(User, r.Id)) == true,
                StepState.ToVerify => s.Definition.Verify is { } verify && RunRoles.MayAct(User, verify.By.Id),
                StepState.ToCountersign => s.Definition.Countersign is { } by && RunRoles.MayAct(User, by.Id),
                _ => false,
            })
            .OrderByDescending(s => s.Record?.StartedBy?.Id == Me && s.State == StepState.Running).ThenByDescending(s => s.Overdue).ThenBy(s => s.DueAt ?? DateTimeOffset.MaxValue),
    ];

    public string Me => RunsFeature.ActorOf(User).Id;

    /// <summary>Lines of the log from a number on, worded for this reader; oldest first.</summary>
    public IReadOnlyList<LogLine> Worded(Func<RunEvent, bool> wanted) => MainCourante.Lines(Run.Events, Runbook, Language, Frame.Reader.Instant, wanted, new PinnedNames(this).Of);

    public IEnumerable<TransitionDefinition> Transitions => Closed ? [] : Runbook.Lifecycle.TransitionsFrom(Run.State.State);

    public string TransitionName(string id) =>
        Runbook.Lifecycle.All.SelectMany(s => s.Transitions).FirstOrDefault(t => t.Id == id)?.Title.In(Language) is { Length: > 0 } title ? title : id;

    public IReadOnlyList<(string Id, string Name)> Named(IEnumerable<string> roles) => [.. roles.Select(r => (r, RoleName(r)))];

    /// <summary>Roles in which this person may still give a voice; null: none, or it was given.</summary>
    public IReadOnlyList<string>? VotingRoles(PendingRequest request)
    {
        var mine = Mine(request.Quorum.Roles);
        var given = request.Votes.Any(v => v.Actor.Id == Me) || (request.OneOtherPerson && request.By.Id == Me);
        return given || (request.Quorum.Roles.Count > 0 ? mine.Count == 0 : !MayWrite) ? null : mine;
    }

    public bool CanBeDone(StepView step) => step.Active && !Closed && (step.State is StepState.Ready or StepState.Running || (step.State == StepState.Done && step.Definition.Repeat is not null));

    /// <summary>What keeps a transition from being made, in names of the runbook; empty when nothing does.</summary>
    public IReadOnlyList<string> Blocks(TransitionDefinition transition) => Blocks(transition.Guard);

    public IReadOnlyList<string> Blocks(Condition? condition)
    {
        if (condition is null)
        {
            return [];
        }

        var answer = GuardEvaluator.Evaluate(condition.Guard, new RunFacts(Runbook, Run.State, Frame.At));
        return answer.Truth == Ternary.True ? [] : [.. answer.Missing.Select(n => Frame.Reader.Say(RunTexts.BlockedUnknown, ("name", Readable(n)))), .. answer.Unmet.Select(n => Frame.Reader.Say(IsUnknown(n) ? RunTexts.BlockedUnknown : RunTexts.BlockedUnmet, ("name", Readable(n))))];
    }

    /// <summary>A guard that asks for a fact to be known, which it is not.</summary>
    private bool IsUnknown(string name) => name.Split('.') is ["facts", var id, "unknown"] && !Run.State.Facts.ContainsKey(id);

    public string RequestName(PendingRequest request) => request.Kind switch
    {
        RequestKind.Transition => TransitionName(request.Subject),
        RequestKind.Skip => $"{Frame.Reader.Say(RunTexts.Skip)} : {StepName(request.Subject)}",
        RequestKind.Decision or RequestKind.PaperDecision => $"{StepName(request.Subject)} {Runbook.Step(request.Subject)?.Options.FirstOrDefault(o => o.Id == request.Option)?.Label.In(Language)}",
        RequestKind.Amendment => Frame.Reader.Say(RunTexts.AmendmentOf, ("version", request.Amendment!.Version)),
    };

    public ModeBandView Band(string path) => new(Run.Started.Mode == RunMode.Exercise)
    {
        Links = path == RunUrls.Wall(Id) ? [Link(RunTexts.RunPage, RunUrls.Run(Id), path)] :
        [
            Link(CellTexts.MyCard, RunUrls.MyCard(Id), path),
            Link(RunTexts.RunPage, RunUrls.Run(Id), path),
            Link(RunTexts.Log, RunUrls.Log(Id), path),
            Link(ObligationTexts.Title, Obligations.ObligationUrls.Board(Id), path),
            .. ExerciseLinks(path),
        ],
        More = path == RunUrls.Wall(Id) ? [] :
        [
            Group(CellTexts.CareAndShifts, Link(CellTexts.Degraded, RunUrls.Degraded(Id), path), Link(CellTexts.Handover, RunUrls.Handover(Id), path)),
            Group(CellTexts.Paper, Link(RunTexts.Cards, RunUrls.Cards(Id), path), Link(Ui.Texts.CardTexts.Reentry, RunUrls.Paper(Id), path), Link(Ui.Texts.LayoutTexts.Contacts, Urls.Contacts, path)),
            Group(CellTexts.ToSee, Link(CellTexts.Wall, RunUrls.Wall(Id), path), Link(MapTexts.Map, RunUrls.Map(Id), path), Link(RunTexts.AllRuns, Urls.Runbooks, path)),
        ],
        Clocks =
        [
            new(Frame.Reader.Say(RunTexts.Since), Frame.Reader.Duration(Frame.At - Run.Started.OccurredAt)),
            new(StateName(Run.State.State), Frame.Reader.TimeOfDay(Frame.At)),
        ],
    };

    /// <summary>For those who lead or watch an exercise; players are shown none of it.</summary>
    private IEnumerable<NavLink> ExerciseLinks(string path) => Run.Started.Mode != RunMode.Exercise ? []
        : ExerciseRoles.MayFacilitate(User) ? [Link(ExerciseTexts.Facilitate, ExerciseUrls.Facilitate(Id), path)]
        : ExerciseRoles.MayObserve(User) ? [Link(ExerciseTexts.Observe, ExerciseUrls.Observe(Id), path)]
        : [];

    private NavGroup Group(Phrase title, params NavLink[] links) => new(Frame.Reader.Say(title), links);

    private NavLink Link(Phrase text, string url, string path) => new(Frame.Reader.Say(text), url, path == url);

    /// <summary>One page of the log, newest first, and the number before which the next page begins; null: there is none.</summary>
    public (IReadOnlyList<Ui.Components.LogLine> Lines, long? Older, int Total) LogPage(LogChoice asked)
    {
        var wanted = Run.Events.Where(e => Shown(e, asked.Show)).ToList();
        // By the hour of the fact a late line stands where it happened; the number says when it was written.
        var ordered = (asked.ByRecord ? wanted.OrderByDescending(e => e.Seq) : wanted.OrderByDescending(e => e.OccurredAt).ThenByDescending(e => e.Seq)).ToList();
        var from = asked.Before is { } before && ordered.FindIndex(e => e.Seq == before) is >= 0 and var at ? at : 0;
        var page = ordered.Skip(from).Take(LogChoice.PageSize).Select(e => e.Seq).ToList();
        var chosen = page.ToHashSet();
        var worded = Worded(e => chosen.Contains(e.Seq)).ToDictionary(l => l.Number);
        var corrections = Run.Events.OfType<EntryCorrected>().GroupBy(c => c.Entry).ToDictionary(g => g.Key, g => g.Last().Seq);
        return (
            [.. page.Select(n => worded[n]).Select(l => new Ui.Components.LogLine(l.Number, l.OccurredAt, l.RecordedAt, KindOf(l.Kind), l.Who, l.What) { Next = Follow(l, corrections) })],
            from + page.Count < ordered.Count ? ordered[from + page.Count].Seq : null,
            ordered.Count);
    }

    private string Follow(LogLine line, Dictionary<long, long> corrections) => string.Join(" ",
        new[]
        {
            corrections.TryGetValue(line.Number, out var correction) ? Frame.Reader.Say(CellTexts.Corrected, ("line", Frame.Reader.Number(correction))) : "",
            line.Paper is null ? "" : Frame.Reader.Say(CellTexts.FromPaper),
        }.Where(t => t != ""));

    private bool Shown(RunEvent one, string show) => show switch
    {
        "decisions" => one is DecisionMade or DecisionProposed or TransitionCompleted or TransitionRequested or VoteCast or RequestRejected or StepSkipped or DefinitionAmended or AmendmentRequested or EtaAnnounced or HandoverAccepted or StartConfirmed or PaperDecisionRecorded
            or EntryNoted { Kind: EntryKind.Decision },
        "actions" => one is EntryNoted { Kind: EntryKind.Action } or NotificationSent or ActionAgreed or ActionClosed,
        "main" => one is EntryNoted or EntryCorrected or PaperFactNoted or DecisionMade or TransitionCompleted or DeadlineMissed,
        "moi" => one.Actor.Id == Me,
        "papier" => one.Paper is not null,
        _ => true,
    };

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
        ["eta", ..] => Frame.Reader.Say(CellTexts.EtaName),
        ["facts", var id, ..] => $"« {Runbook.Fact(id)?.Label.In(Language) ?? id} »",
        _ => name,
    };
}
