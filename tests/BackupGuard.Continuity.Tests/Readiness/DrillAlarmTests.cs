using BackupGuard.Continuity.Readiness;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Continuity.Tests.Readiness;

public sealed class DrillAlarmTests
{
    private static ProofFact Drill(long sequence, bool? rang, string hash = "aa", string name = "dpi-hebdo", Outcome outcome = Outcome.Proved) =>
        new(sequence, "dpi", ProofKind.Drill, outcome, DateTimeOffset.UnixEpoch.AddDays(sequence)) { Name = name, DefinitionHash = hash, AlarmRang = rang };

    [Fact]
    public void A_drill_that_never_failed_on_purpose_has_no_proved_alarm() =>
        DrillAlarm.Of([Drill(1, null), Drill(2, null)]).Should().Equal((DrillAlarm[])[new DrillAlarm("dpi-hebdo", false, null)], "it was not tried");

    [Fact]
    public void Once_it_rang_it_counts_for_later_runs_of_the_same_definition() =>
        DrillAlarm.Of([Drill(1, true), Drill(2, null)]).Should().Equal((DrillAlarm[])[new DrillAlarm("dpi-hebdo", true, 1)], "the first run showed it");

    [Fact]
    public void An_edit_resets_it() =>
        DrillAlarm.Of([Drill(1, true), Drill(2, null, hash: "bb")]).Single().Proved.Should().BeFalse();

    [Fact]
    public void A_later_control_that_stayed_green_takes_it_back() =>
        DrillAlarm.Of([Drill(1, true), Drill(2, false), Drill(3, null)]).Should().Equal((DrillAlarm[])[new DrillAlarm("dpi-hebdo", false, 2)], "the second run showed that it does not ring");

    [Fact]
    public void A_drill_that_was_never_proved_has_nothing_to_doubt_yet() =>
        DrillAlarm.Of([Drill(1, null, outcome: Outcome.Failed)]).Should().BeEmpty();

    [Fact]
    public void Each_drill_stands_for_itself() =>
        DrillAlarm.Of([Drill(1, true, name: "b"), Drill(2, null, name: "a")]).Select(a => (a.Drill, a.Proved)).Should().Equal(("a", false), ("b", true));
}
