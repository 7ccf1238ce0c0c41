using BackupGuard.Continuity.Obligations;
using BackupGuard.Continuity.Runs;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace BackupGuard.Continuity.Tests.Obligations;

/// <summary>The laws of the legal board, on random crises. A failure prints the seed to replay.</summary>
public class ObligationPropertyTests
{
    private static readonly Desk Delivered = Desk.Nis2On;
    private static readonly string[] Events = [.. Delivered.Rows.Events.Where(e => e.OnSending is null).Select(e => e.Id)];
    private static readonly string[] Duties = [.. Delivered.Rows.Duties.Select(d => d.Id)];

    private sealed record Crisis(Desk Desk, DateTimeOffset Now, TimeSpan Later, string Event, DateTimeOffset Correction);

    private static Gen<DateTimeOffset> Hour => Gen.Choose(-60 * 24 * 40, 60 * 24 * 40).Select(m => Desk.Monday.AddMinutes(m));

    private static Gen<Desk> Said(Desk desk) =>
        from kind in Gen.Choose(0, 2)
        from one in Gen.Elements(Events)
        from duty in Gen.Elements(Duties)
        from at in Hour
        from recorded in Hour
        select kind switch { 0 => desk.Aware(one, at, recorded), 1 => desk.Sent(duty, at), _ => desk.SetAside(duty, at) };

    private static readonly Gen<Crisis> Crises =
        from count in Gen.Choose(0, 25)
        from desk in Enumerable.Range(0, count).Aggregate(Gen.Constant(Delivered), (all, _) => all.SelectMany(Said))
        from now in Hour
        from later in Gen.Choose(0, 60 * 24 * 60)
        from one in Gen.Elements(Events)
        from correction in Hour
        select new Crisis(desk, now, TimeSpan.FromMinutes(later), one, correction);

    private static void Holds(Func<Crisis, bool> law) => Check.One(Config.QuickThrowOnFailure.WithMaxTest(400), Prop.ForAll(Arb.From(Crises), law));

    [Fact]
    public void Nothing_makes_a_late_row_green() => Holds(c => c.Desk.Board(c.Now).Rows.All(r =>
        r.Status != DutyStatus.SentOnTime || (r.Sent is { } sent && r.StartedAt <= sent.At && sent.At <= r.DueAt)));

    [Fact]
    public void A_row_past_its_hour_without_a_sending_is_late_or_set_aside_or_switched_off() => Holds(c => c.Desk.Board(c.Now).Rows.All(r =>
        r.DueAt is not { } due || due >= c.Now || r.Sent is not null || r.Status is DutyStatus.Late or DutyStatus.NotApplicable or DutyStatus.Off or DutyStatus.Blanc));

    [Fact]
    public void Time_passing_closes_nothing_and_never_makes_a_row_better() => Holds(c =>
    {
        var after = c.Desk.Board(c.Now + c.Later);
        return c.Desk.Board(c.Now).Rows.All(before => Urgency(after.Row(before.Duty.Id)!.Clock) >= Urgency(before.Clock) && after.Row(before.Duty.Id)!.Open == before.Open);
    });

    [Fact]
    public void An_earlier_hour_of_awareness_never_gives_more_time() => Holds(c =>
    {
        if (c.Desk.Facts.Awareness.GetValueOrDefault(c.Event) is not { } known || known.At <= c.Correction)
        {
            return true;
        }

        var corrected = c.Desk.Aware(c.Event, c.Correction, known.RecordedAt).Board(c.Now);
        return c.Desk.Board(c.Now).Rows.Where(r => r.Duty.StartEvent.Id == c.Event).All(r => r.DueAt is null || corrected.Row(r.Duty.Id)!.DueAt <= r.DueAt);
    });

    [Fact]
    public void An_exercise_computes_the_same_clocks_as_a_crisis() => Holds(c =>
        c.Desk.Board(c.Now).Rows.Select(r => (r.Duty.Id, r.Status, r.DueAt)).SequenceEqual(c.Desk.Board(c.Now, RunMode.Exercise).Rows.Select(r => (r.Duty.Id, r.Status, r.DueAt))));

    private static int Urgency(DutyStatus status) => status switch { DutyStatus.Running => 1, DutyStatus.DueSoon => 2, DutyStatus.Late => 3, _ => 0 };
}
