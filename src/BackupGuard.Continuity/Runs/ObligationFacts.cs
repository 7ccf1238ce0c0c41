using System.Collections.Immutable;

namespace BackupGuard.Continuity.Runs;

public sealed record Awareness(DateTimeOffset At, string Motive, Actor By, DateTimeOffset RecordedAt);

/// <param name="At">The hour it left.</param>
public sealed record Notification(DateTimeOffset At, string Channel, string Proof, string Contact, string LateReason, Actor By);

public sealed record NotApplicable(string Motive, Actor By, DateTimeOffset At);

/// <summary>What people said of legal duties during a run. The last word on each counts; all of them stay in the journal.</summary>
public sealed record ObligationFacts
{
    public static ObligationFacts None { get; } = new();

    /// <summary>By start event.</summary>
    public ImmutableDictionary<string, Awareness> Awareness { get; init; } = ImmutableDictionary<string, Awareness>.Empty;

    /// <summary>By duty.</summary>
    public ImmutableDictionary<string, Notification> Sent { get; init; } = ImmutableDictionary<string, Notification>.Empty;

    /// <summary>By duty.</summary>
    public ImmutableDictionary<string, NotApplicable> NotApplicable { get; init; } = ImmutableDictionary<string, NotApplicable>.Empty;

    internal ObligationFacts With(RunEvent one) => one switch
    {
        AwarenessDeclared e => this with { Awareness = Awareness.SetItem(e.Event, new(e.At, e.Motive, e.Actor, e.RecordedAt)) },
        NotificationSent e => this with { Sent = Sent.SetItem(e.Duty, new(e.OccurredAt, e.Channel, e.Proof, e.Contact, e.LateReason, e.Actor)), NotApplicable = NotApplicable.Remove(e.Duty) },
        NotificationNotApplicable e => this with { NotApplicable = NotApplicable.SetItem(e.Duty, new(e.Motive, e.Actor, e.OccurredAt)) },
        _ => this,
    };
}
