using BackupGuard.Verification.Formats.Restic;
using BackupGuard.Verification.Stores;
using BackupGuard.Verification.Tests.FileSet;
using BackupGuard.Verification.Tests.Restic;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Verification.Tests.Coverage;

/// <summary>Partial readings that remember each other, on real repositories of the restic binary and on sealed sets.</summary>
public sealed class RememberedReadingTests(ResticFixture fixture) : IClassFixture<ResticFixture>
{
    private readonly MemoryLedger memory = new();
    private readonly SetClock clock = new(new DateTimeOffset(2026, 11, 22, 3, 0, 0, TimeSpan.Zero));

    private Task<VerifyReport> VerifyAsync(IBackupStore store, ReadData readData, bool remember = true) =>
        new ResticRepository(store, System.Text.Encoding.UTF8.GetBytes(RepositoryCopy.Password), clock)
            .VerifyAsync(new VerifyOptions { Clock = clock, Workers = 2, ReadData = readData, Memory = remember ? memory : null }, null, CancellationToken.None);

    private static long Packs(RepositoryCopy copy) => copy.Files.Where(f => f.Key.StartsWith("data/", StringComparison.Ordinal)).Sum(f => (long)f.Value.Length);

    [Fact]
    public async Task A_share_day_after_day_adds_up_until_the_backup_is_proved()
    {
        var coverage = 0.0;
        var verdicts = new List<Verdict>();
        var packs = fixture.Version2.Files.Keys.Count(n => n.StartsWith("data/", StringComparison.Ordinal));
        for (var day = 0; day < packs; day++, clock.Now = clock.Now.AddDays(1))
        {
            var report = await VerifyAsync(fixture.Version2, new ReadData(1, 1));
            report.ObjectsRead.Should().Be(1, "the smallest budget is one pack");
            report.Coverage.Should().BeGreaterThan(coverage, "what was read yesterday is not read again while others wait");
            coverage = report.Coverage;
            verdicts.Add(report.Verdict);
        }
        coverage.Should().Be(1);
        verdicts.Should().OnlyContain(v => v == Verdict.Inconclusive || v == Verdict.Proved);
        verdicts.SkipLast(1).Should().OnlyContain(v => v == Verdict.Inconclusive);
        verdicts[^1].Should().Be(Verdict.Proved);
    }

    [Fact]
    public async Task Without_a_memory_a_share_never_adds_up()
    {
        for (var day = 0; day < 12; day++, clock.Now = clock.Now.AddDays(1))
            (await VerifyAsync(fixture.Version2, new ReadData(1, 1), remember: false)).Verdict.Should().Be(Verdict.Inconclusive);
    }

    [Fact]
    public async Task The_proof_runs_out_when_the_promise_does()
    {
        (await VerifyAsync(fixture.Version2, ReadData.All)).Verdict.Should().Be(Verdict.Proved);
        clock.Now = clock.Now.AddDays(31);
        (await VerifyAsync(fixture.Version2, ReadData.None)).Verdict.Should().Be(Verdict.Proved, "nothing is older than was promised");
        clock.Now = clock.Now.AddHours(1);
        var late = await VerifyAsync(fixture.Version2, ReadData.None);
        late.Verdict.Should().Be(Verdict.Inconclusive);
        late.Memory!.BytesTooOld.Should().Be(Packs(fixture.Version2));
    }

    [Fact]
    public async Task Damage_is_not_forgotten_by_a_run_that_would_have_read_something_else()
    {
        var copy = fixture.Version2.Clone();
        (await VerifyAsync(copy, ReadData.All)).Verdict.Should().Be(Verdict.Proved);
        // The largest pack holds contents; one of trees would be read by every run.
        var victim = copy.Files.Where(f => f.Key.StartsWith("data/", StringComparison.Ordinal)).MaxBy(f => f.Value.Length).Key;
        copy.Files[victim][10] ^= 1;
        clock.Now = clock.Now.AddDays(1);
        (await VerifyAsync(copy, ReadData.All)).Verdict.Should().Be(Verdict.Failed);
        for (var day = 0; day < 3; day++, clock.Now = clock.Now.AddDays(1))
            (await VerifyAsync(copy, new ReadData(1, 1))).Verdict.Should().Be(Verdict.Failed, "the damaged pack is read first, for it counts as never read");
        (await VerifyAsync(copy, ReadData.None)).Verdict.Should().Be(Verdict.Inconclusive, "nobody looked");
    }

    [Fact]
    public async Task An_index_that_says_something_else_about_a_pack_makes_it_unread()
    {
        (await VerifyAsync(fixture.Version2, ReadData.All)).Verdict.Should().Be(Verdict.Proved);
        var copy = fixture.Version2.Clone();
        copy.Files.Remove(copy.One("index/"));
        var report = await VerifyAsync(copy, ReadData.None);
        report.Memory!.BytesNeverRead.Should().BePositive("nobody checked these packs against this index");
    }

    [Fact]
    public async Task A_budget_of_time_ends_the_reading_between_two_packs()
    {
        var report = await VerifyAsync(fixture.Version2, new ReadData(1, null, TimeSpan.Zero));
        report.ObjectsRead.Should().Be(0);
        report.Verdict.Should().Be(Verdict.Inconclusive);
    }

    [Fact]
    public async Task A_sealed_folder_remembers_file_by_file()
    {
        using var set = SealedSet.Folder();
        Task<VerifyReport> Look(ReadData readData) => set.Open().VerifyAsync(new VerifyOptions { Clock = clock, ReadData = readData, Memory = memory }, null, CancellationToken.None);
        var first = await Look(new ReadData(1, 1));
        first.Verdict.Should().Be(Verdict.Inconclusive);
        (await Look(new ReadData(1, 1_000_000))).Verdict.Should().Be(Verdict.Proved, "the rest was read");
        (await Look(ReadData.None)).Verdict.Should().Be(Verdict.Proved);
        set.Store["a.txt"] = "Premier"u8.ToArray();
        (await Look(ReadData.None)).Verdict.Should().Be(Verdict.Proved, "same length, same time: only reading shows it, and the promise says when");
        (await Look(ReadData.All)).Verdict.Should().Be(Verdict.Failed);
        (await Look(new ReadData(1, 1))).Verdict.Should().Be(Verdict.Failed);
    }

    [Fact]
    public async Task A_partial_reading_of_a_sealed_set_is_not_proved()
    {
        using var set = SealedSet.Folder();
        (await set.VerifyAsync(ReadData.None)).Verdict.Should().Be(Verdict.Inconclusive);
        (await set.VerifyAsync(new ReadData(1, 1))).Verdict.Should().Be(Verdict.Inconclusive);
    }

    [Fact]
    public async Task An_empty_file_that_nobody_opened_keeps_the_whole_from_being_proved()
    {
        using var set = new SealedSet();
        set.Store["a"] = [];
        set.Seal(set.FilesOf("a"));
        (await set.VerifyAsync(ReadData.None)).Verdict.Should().Be(Verdict.Inconclusive);
        (await set.VerifyAsync()).Verdict.Should().Be(Verdict.Proved);
    }
}
