using BackupGuard.Continuity.Runbooks.Guards;
using BackupGuard.Continuity.Runs;

namespace BackupGuard.Continuity.Obligations;

/// <summary>Where one duty stands. Only <see cref="SentOnTime"/> is good news.</summary>
public enum DutyStatus
{
    /// <summary>The row or its profile is switched off.</summary>
    Off,

    /// <summary>Computed for training: nothing is due.</summary>
    Blanc,

    /// <summary>Nobody has declared the event that starts its clock.</summary>
    NotStarted,
    Running,

    /// <summary>A reminder has passed, the limit has not.</summary>
    DueSoon,
    Late,
    SentOnTime,
    SentLate,

    /// <summary>It left, but whether in time cannot be said; <see cref="ObligationRow.Doubt"/> says why.</summary>
    Sent,

    /// <summary>Set aside by a person, with a motive.</summary>
    NotApplicable,
}

/// <summary>Why a sending is not called on time.</summary>
public enum SendingDoubt { None, NoFigure, StartUnknown, BeforeStart }

public sealed record GuardView(DutyGuard Guard, Ternary Holds);

/// <summary>One duty at one instant.</summary>
/// <param name="Clock">What the clock alone says; differs from <paramref name="Status"/> for a row that is off or blanc.</param>
public sealed record ObligationRow(Duty Duty, DutyStatus Status, DutyStatus Clock, ObligationProfile Profile)
{
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>The legal limit; null while nothing started it, or when the text gives no figure.</summary>
    public DateTimeOffset? DueAt { get; init; }
    public DateTimeOffset? TargetAt { get; init; }

    /// <summary>The internal aim has passed without a sending. Not a breach of the law, but nothing to be quiet about.</summary>
    public bool TargetPassed { get; init; }
    public DateTimeOffset? NextReminder { get; init; }
    public Notification? Sent { get; init; }
    public NotApplicable? SetAside { get; init; }

    /// <summary>It was set aside before its event was declared, or declared anew: the motive no longer answers, and the clock runs.</summary>
    public bool SetAsideBefore { get; init; }
    public SendingDoubt Doubt { get; init; }

    /// <summary>Late, and nobody has written why.</summary>
    public bool LateReasonMissing { get; init; }

    /// <summary>Duties to be settled first that are not.</summary>
    public IReadOnlyList<string> WaitsFor { get; init; } = [];
    public IReadOnlyList<GuardView> Guards { get; init; } = [];

    /// <summary>Duties whose clock its sending starts.</summary>
    public IReadOnlyList<string> Starts { get; init; } = [];
    public RowCheck Check { get; init; }

    /// <summary>Something is still to be done.</summary>
    public bool Open => Status is DutyStatus.NotStarted or DutyStatus.Running or DutyStatus.DueSoon or DutyStatus.Late;

    /// <summary>What to look at first: the law's hour, else the establishment's own.</summary>
    public DateTimeOffset? Next => DueAt ?? TargetAt;
}

/// <param name="Proposed">The hour offered as default; null when none is known. Nobody has declared it.</param>
public sealed record StartEventView(StartEvent Event, Awareness? Declared, DateTimeOffset? Proposed);

/// <summary>Which notification is due, by when, since what: a pure function of the pinned rows, what people declared, and the clock.</summary>
/// <remarks>Time passing never closes a row, never accepts it and never makes one better.</remarks>
public sealed record ObligationBoard(RunMode Mode, DateTimeOffset At, IReadOnlyList<ObligationRow> Rows, IReadOnlyList<StartEventView> Events)
{
    /// <param name="context">What guards ask; without it each guard is unknown.</param>
    /// <returns>Rows in the order in which to look at them.</returns>
    public static ObligationBoard Of(ObligationDefinition definition, ObligationFacts facts, RunMode mode, DateTimeOffset now, IGuardContext? context = null)
    {
        var rows = definition.Duties.Select(d => new RowMaker(definition, facts, d, now, context ?? Nothing.Known).Make()).ToList();
        var settled = rows.Where(r => !r.Open).Select(r => r.Duty.Id).ToHashSet(StringComparer.Ordinal);
        return new(mode, now,
            [.. rows.Select(r => r with { WaitsFor = r.Open ? [.. r.Duty.SequenceAfter.Select(s => s.Id).Where(s => !settled.Contains(s))] : [] }).OrderBy(Rank).ThenBy(r => r.Next ?? DateTimeOffset.MaxValue)],
            [.. definition.Events.Select(e => new StartEventView(e, RowMaker.Start(facts, e), RowMaker.Start(facts, e) is null ? Proposed(definition, facts, e, context ?? Nothing.Known) : null))]);
    }

    public ObligationRow? Row(string duty) => Rows.FirstOrDefault(r => r.Duty.Id == duty);

    /// <summary>What a step or a transition noted as its hour, else the hour of another event.</summary>
    private static DateTimeOffset? Proposed(ObligationDefinition definition, ObligationFacts facts, StartEvent one, IGuardContext context)
    {
        if (one.ProposedEvidence.Length > 0 && context.Find(new("evidence", one.ProposedEvidence, "", 0)) is GuardValue.Instant noted)
        {
            return noted.Value;
        }

        return one.Proposed is not { } from || definition.Event(from.Id) is not { } other || other.Id == one.Id ? null
            : RowMaker.Start(facts, other)?.At ?? Proposed(definition, facts, other with { Proposed = null }, context);
    }

    private static int Rank(ObligationRow row) => row.Status switch
    {
        DutyStatus.Late => 0,
        DutyStatus.DueSoon or DutyStatus.Running => 1,
        DutyStatus.NotStarted => 2,
        DutyStatus.Sent or DutyStatus.SentLate or DutyStatus.SentOnTime => 3,
        DutyStatus.NotApplicable => 4,
        DutyStatus.Blanc => 5,
        DutyStatus.Off => 6,
    };

    private sealed class Nothing : IGuardContext
    {
        public static readonly Nothing Known = new();

        public GuardValue? Find(GuardName name) => null;
    }
}

internal sealed class RowMaker(ObligationDefinition definition, ObligationFacts facts, Duty duty, DateTimeOffset now, IGuardContext context)
{
    private readonly ObligationProfile profile = definition.Profile(duty.Profile.Id)!; // the linter refuses an unknown one
    private readonly Awareness? start = definition.Event(duty.StartEvent.Id) is { } one ? Start(facts, one) : null;
    private readonly Notification? sent = facts.Sent.GetValueOrDefault(duty.Id);
    private readonly NotApplicable? setAside = facts.NotApplicable.GetValueOrDefault(duty.Id);

    /// <summary>The last word on an event; the sending of a row says its own hour.</summary>
    public static Awareness? Start(ObligationFacts facts, StartEvent one) => one.OnSending is not { } first ? facts.Awareness.GetValueOrDefault(one.Id)
        : facts.Sent.TryGetValue(first.Id, out var sent) ? new(sent.At, sent.Proof, sent.By, sent.At) : null;

    private DateTimeOffset? DueAt => start is null ? null : duty.Due?.After(start.At, definition.Zone);
    private DateTimeOffset? TargetAt => start is null ? null : duty.Target?.After(start.At, definition.Zone);
    private bool SetAsideBefore => setAside is not null && start is not null && setAside.At < start.RecordedAt;

    public ObligationRow Make()
    {
        var clock = Clock();
        return new(duty, Switched(clock), clock, profile)
        {
            StartedAt = start?.At,
            DueAt = DueAt,
            TargetAt = TargetAt,
            TargetPassed = clock is DutyStatus.Running or DutyStatus.DueSoon or DutyStatus.Late && TargetAt < now,
            NextReminder = clock is DutyStatus.Running or DutyStatus.DueSoon ? Reminders().Where(r => r > now).Select(r => (DateTimeOffset?)r).FirstOrDefault() : null,
            Sent = sent,
            SetAside = setAside,
            SetAsideBefore = SetAsideBefore,
            Doubt = clock == DutyStatus.Sent ? Doubt() : SendingDoubt.None,
            LateReasonMissing = clock == DutyStatus.Late || (clock == DutyStatus.SentLate && string.IsNullOrWhiteSpace(sent!.LateReason)),
            Guards = [.. duty.Guards.Select(g => new GuardView(g, g.Condition is { } condition ? GuardEvaluator.Evaluate(condition.Guard, context).Truth : Ternary.Unknown))],
            Starts = [.. definition.Duties.Where(d => definition.Event(d.StartEvent.Id)?.OnSending?.Id == duty.Id).Select(d => d.Id)],
            Check = duty.CheckOn(Today),
        };
    }

    private DateOnly Today => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, definition.Zone).DateTime);

    private DutyStatus Switched(DutyStatus clock) => (duty.Enabled, profile.Mode) switch
    {
        (false, _) or (_, ProfileMode.Off) => DutyStatus.Off,
        (_, ProfileMode.Blanc) => DutyStatus.Blanc,
        _ => profile.InForceFrom > Today ? DutyStatus.Blanc : clock,
    };

    private DutyStatus Clock()
    {
        if (setAside is not null && !SetAsideBefore)
        {
            return DutyStatus.NotApplicable;
        }

        if (sent is not null)
        {
            return Doubt() != SendingDoubt.None ? DutyStatus.Sent : sent.At <= DueAt ? DutyStatus.SentOnTime : DutyStatus.SentLate;
        }

        if (start is null)
        {
            return DutyStatus.NotStarted;
        }

        return DueAt < now ? DutyStatus.Late : Reminders().Any(r => r <= now) ? DutyStatus.DueSoon : DutyStatus.Running;
    }

    private SendingDoubt Doubt() => start is null ? SendingDoubt.StartUnknown
        : sent!.At < start.At ? SendingDoubt.BeforeStart
        : DueAt is null ? SendingDoubt.NoFigure
        : SendingDoubt.None;

    /// <summary>Parts of the time to the limit; of the internal aim where the law gives no figure.</summary>
    private IEnumerable<DateTimeOffset> Reminders() => start is null || (DueAt ?? TargetAt) is not { } end ? [] : duty.Reminders.Select(percent => start.At + (end - start.At) * percent / 100);
}
