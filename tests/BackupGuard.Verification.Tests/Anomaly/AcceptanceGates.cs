using BackupGuard.Verification.Checks.Anomaly;
using BackupGuard.Verification.Tests.Anomaly.Simulation;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Verification.Tests.Anomaly;

/// <summary>One generated hospital of reduced size, trained once for all gates.</summary>
public sealed class TrainedHospital : IAsyncLifetime
{
    internal Trial Trial { get; private set; } = null!;    // xunit initializes before the first test

    public async Task InitializeAsync() => Trial = await Trial.StartAsync(seed: 7001, HospitalSize.Reduced, days: 30);
    public Task DisposeAsync() => Task.CompletedTask;
}

/// <summary>What the specification asks of the check, held on a corpus small enough for every run of the tests. The published figures come from larger ones.</summary>
public sealed class AcceptanceGates(TrainedHospital hospital) : IClassFixture<TrainedHospital>
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(7)]
    [InlineData(9)]
    public async Task Attacks_that_strike_at_once_are_found_in_the_first_snapshot_even_without_canaries(int number)
    {
        var outcome = await hospital.Trial.AttackAsync(Attacks.All.Single(a => a.Number == number), mostDays: 1);
        outcome.IsFoundBy(v => v.Stage != AnomalyStage.Canary, withinDays: 1).Should().BeTrue(Trial.Describe(outcome.Judged[0]));
        outcome.CleanPoint.Should().StartWith($"day{hospital.Trial.Days - 1:0000}", "the snapshot of the evening before is the one to start from");
    }

    [Fact]
    public async Task A_slow_attack_is_found_within_seven_days_without_canaries()
    {
        var outcome = await hospital.Trial.AttackAsync(Attacks.All.Single(a => a.Number == 6), mostDays: 7);
        outcome.IsFoundBy(v => v.Stage != AnomalyStage.Canary, withinDays: 7).Should().BeTrue();
        outcome.ShareHarmed.Should().BeLessThan(0.1);
    }

    [Theory]
    [InlineData(8)]
    [InlineData(10)]
    public async Task What_hides_from_randomness_is_found_by_looking_into_the_files(int number)
    {
        var outcome = await hospital.Trial.AttackAsync(Attacks.All.Single(a => a.Number == number), mostDays: 1);
        outcome.IsFoundBy(v => v.Stage == AnomalyStage.Content, withinDays: 1).Should().BeTrue(Trial.Describe(outcome.Judged[0]));
    }

    [Fact]
    public async Task Harmless_events_raise_no_more_than_one_alarm_in_a_hundred_snapshots_and_never_a_canary()
    {
        var (snapshots, alarms) = (hospital.Trial.QuietSnapshots, hospital.Trial.QuietAlarms.ToList());
        foreach (var happening in Harmless.All)
        {
            var outcome = await hospital.Trial.HappenAsync(happening, announced: true, quietDays: 3);
            snapshots += outcome.Judged.Count;
            alarms.AddRange(outcome.Alarms.Select(a => $"{happening.Name}: {Trial.Describe(a)}"));
            outcome.AnyCanary.Should().BeFalse(happening.Name);
        }
        snapshots.Should().BeGreaterThan(60);
        (100.0 * alarms.Count / snapshots).Should().BeLessThanOrEqualTo(1, string.Join('\n', alarms));
    }

    [Fact]
    public async Task An_unannounced_migration_of_the_image_archive_is_not_overlooked()
    {
        var outcome = await hospital.Trial.HappenAsync(Harmless.All.Single(h => h.Name == "DICOM migration"), announced: false, quietDays: 0);
        outcome.Alarms.Should().ContainSingle().Which.Votes.Should().Contain(v => v.Signal == Signal.ArchiveChanged && v.Weight == VoteWeight.Strong);
    }

    [Fact]
    public async Task An_announcement_is_written_down_and_mutes_neither_canaries_nor_contents()
    {
        var outcome = await hospital.Trial.HappenAsync(Harmless.All.Single(h => h.Name == "DICOM migration"), announced: true, quietDays: 0);
        outcome.Judged[0].Metadata!.Announced.Should().ContainKey("DICOM migration").WhoseValue.Should().BeGreaterThan(50);    // judged with a snapshot before it
        var encrypting = new HarmlessEvent("DICOM migration", true, "srv/pacs/**", (tree, _, dice, at) =>
        {
            foreach (var path in tree.Paths.Where(p => p.Contains("/pacs/", StringComparison.Ordinal))) tree.Write(path, dice.Bytes(tree.Read(path).Length), at);
        });
        var hidden = await hospital.Trial.HappenAsync(encrypting, announced: true, quietDays: 0);
        hidden.Judged[0].Verdict.Should().Be(AnomalyVerdict.Infected);
        hidden.Judged[0].Votes.Select(v => v.Signal).Should().Contain([Signal.Canary, Signal.TypeLostToRandom]);
    }
}
