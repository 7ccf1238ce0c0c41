using System.Diagnostics;
using System.Text;
using BackupGuard.Verification.Checks.Anomaly;
using BackupGuard.Verification.Formats.Restic;
using BackupGuard.Verification.Stores;
using BackupGuard.Verification.Tests.Anomaly.Simulation;
using BackupGuard.Verification.Tests.Restic;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Verification.Tests.Anomaly;

/// <summary>A generated hospital on disk, backed up by the restic binary on four evenings; every attack then starts from a copy of that repository and tree.</summary>
public sealed class BackedUpHospital : IAsyncLifetime
{
    public const int Evenings = 4;
    private readonly string folder = Directory.CreateTempSubdirectory("bg-signals-repo-").FullName;
    private DiskTree disk = null!;    // xunit initializes before the first test

    internal Trial Trial { get; private set; } = null!;    // likewise
    internal MemoryTree Tree { get; private set; } = null!;    // likewise
    internal AnomalyReport Base { get; private set; } = null!;    // likewise

    public async Task InitializeAsync()
    {
        Trial = await Trial.StartAsync(seed: 8001, new HospitalSize(0.2), days: 1);
        Tree = Trial.Tree.Copy();
        disk = DiskTree.Generate(Tree);
        Restic("init", "--repository-version", "2");
        var dice = new Dice(8002);
        for (var day = 0; day < Evenings; day++)
        {
            if (day > 0) Work(dice, day);
            BackUp(day);
        }
        Base = await JudgeAsync(null);
    }

    private void Work(Dice dice, int day)
    {
        var before = Tree.Copy();
        Trial.Work(Tree, dice, day);
        Sync(before, Tree);
    }

    private void Sync(MemoryTree was, MemoryTree now)
    {
        foreach (var (path, file) in now.Files) if (!was.Files.TryGetValue(path, out var old) || !ReferenceEquals(old, file)) disk.Write(path, file.Content, file.ModifiedAt);
        foreach (var path in was.Paths) if (!now.Files.ContainsKey(path)) disk.Delete(path);
    }

    private void BackUp(int day) => Restic("backup", "srv", "--host", "h", "--time", Hospital.FirstDay.AddDays(day).UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture));

    private void Restic(string verb, params string[] arguments)
    {
        var start = new ProcessStartInfo("restic", [verb, .. arguments, "-q", "-r", folder, "--no-cache"]) { WorkingDirectory = disk.Folder, RedirectStandardError = true };
        start.Environment["RESTIC_PASSWORD"] = RepositoryCopy.Password;
        start.Environment["TZ"] = "UTC";
        using var process = Process.Start(start) ?? throw new InvalidOperationException("restic did not start");
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, error);
    }

    private async Task<AnomalyReport> JudgeAsync(AnomalyMemory? memory)
    {
        await using var history = await new ResticRepository(RepositoryCopy.Of(folder), Encoding.UTF8.GetBytes(RepositoryCopy.Password), TimeProvider.System).OpenHistoryAsync(null, CancellationToken.None);
        return await new AnomalyCheck(history!, Trial.Settings).RunAsync(_ => memory, null, CancellationToken.None);    // the password is right
    }

    /// <summary>Strikes on disk, backs up, judges, and puts tree and repository back.</summary>
    internal async Task<SnapshotJudgement> StrikeAsync(Attack attack)
    {
        var kept = RepositoryCopy.Of(folder);
        var plan = new AttackPlan(new Dice(9000 + (ulong)attack.Number), Hospital.FirstDay.AddDays(Evenings).AddMinutes(-30));
        attack.Strike(disk, plan, 0);
        BackUp(Evenings);
        var report = await JudgeAsync(Base.Memories[0]);
        foreach (var path in disk.Paths) if (!Tree.Files.ContainsKey(path)) disk.Delete(path);
        foreach (var (path, file) in Tree.Files) disk.Write(path, file.Content, file.ModifiedAt);
        Directory.Delete(folder, recursive: true);
        kept.WriteTo(folder);
        return report.Judgements[^1];
    }

    public Task DisposeAsync()
    {
        disk.Remove();
        Directory.Delete(folder, recursive: true);
        return Task.CompletedTask;
    }
}

public sealed class ResticSnapshots(BackedUpHospital hospital) : IClassFixture<BackedUpHospital>
{
    [Fact]
    public void Evenings_of_work_are_read_from_the_repository_without_an_alarm()
    {
        hospital.Base.Unfinished.Should().BeNull();
        hospital.Base.Judgements.Should().HaveCount(BackedUpHospital.Evenings).And.NotContain(j => Trial.IsAlarm(j));
        var last = hospital.Base.Judgements[^1];
        last.Verdict.Should().Be(AnomalyVerdict.Clean, "its canaries are in place");
        last.Metadata!.Files.Should().Be(hospital.Tree.Files.Count);    // judged against the evening before
        last.Metadata.Bytes.Should().Be(hospital.Tree.Bytes);
        last.Metadata.Changed.Should().BePositive();
        last.Metadata.Rewritten!.Value.Ratio.Should().BeInRange(1.2, 20, "text and tables were compressed by restic");    // restic has blobs
        last.Content!.HasBefore.Should().BeTrue();    // the newest is looked into
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(10)]
    public async Task Every_attack_that_was_really_backed_up_leaves_its_votes(int number)
    {
        var attack = Attacks.All.Single(a => a.Number == number);
        var judgement = await hospital.StrikeAsync(attack);
        var votes = judgement.Votes.Where(v => v.Signal != Signal.Canary).ToList();
        votes.Should().NotBeEmpty(attack.Name);
        // One file in a hundred of a small tree is three files: the day after finds what the first day only marks.
        if (number != 6) VerdictRules.Suspicion(votes).Should().NotBe(AnomalyVerdict.NoSignSeen, Trial.Describe(judgement));
        judgement.ComparedWith.Should().Be(hospital.Base.Judgements[^1].Snapshot.Id);
        if (number == 2) judgement.Metadata!.Rewritten!.Value.Ratio.Should().BeLessThan(1.1, "what a cipher wrote does not compress");    // restic has blobs
    }
}

public sealed class ResticWithoutCompression(ResticFixture fixture) : IClassFixture<ResticFixture>
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_compression_ratio_is_not_available_in_version_1_and_with_compression_off(bool isVersion2)
    {
        var store = isVersion2 ? fixture.Uncompressed : fixture.Version1;
        await using var history = await new ResticRepository(store, Encoding.UTF8.GetBytes(RepositoryCopy.Password), TimeProvider.System).OpenHistoryAsync(null, CancellationToken.None);
        var judgement = (await new AnomalyCheck(history!, new AnomalySettings()).RunAsync(_ => null, null, CancellationToken.None)).Judgements[^1];    // the password is right
        judgement.Metadata!.Rewritten!.Value.Ratio.Should().BeNull();    // there is a snapshot before it, and restic has blobs
        judgement.Metadata.Changed.Should().Be(1);
        judgement.Stages.Single(s => s.Stage == AnomalyStage.Metadata).Why!.Value.En.Should().Contain("not available");    // it is said
    }

    [Fact]
    public async Task A_folder_list_that_cannot_be_read_leaves_the_look_unfinished_and_nothing_is_called_clean()
    {
        var damaged = fixture.Version2.Clone();
        foreach (var name in damaged.Files.Keys.Where(n => n.StartsWith("data/", StringComparison.Ordinal)).ToList())
            for (var i = 0; i < damaged.Files[name].Length; i += 40) damaged.Files[name][i] ^= 1;
        await using var history = await new ResticRepository(damaged, Encoding.UTF8.GetBytes(RepositoryCopy.Password), TimeProvider.System).OpenHistoryAsync(null, CancellationToken.None);
        var report = await new AnomalyCheck(history!, new AnomalySettings()).RunAsync(_ => null, null, CancellationToken.None);    // keys and indexes are whole
        report.Unfinished.Should().NotBeNull();
        report.Judgements.Should().OnlyContain(j => j.Verdict == AnomalyVerdict.NotJudged);
        report.Findings.Should().Contain(f => f.Code == "BG4207");
        report.Memories[0].Records.Should().BeEmpty("what was not seen is judged again next time");
    }

    [Fact]
    public async Task A_tree_that_names_itself_into_billions_of_folders_ends_and_is_not_judged()
    {
        var forge = new Forge();
        var level = Forge.Tree();
        var blobs = new List<Forge.Blob> { level };
        // Each level names the one below twice: forty levels are a million million folders.
        for (var i = 0; i < 40; i++) blobs.Add(level = Forge.Tree(Forge.Folder("a", level.Id), Forge.Folder("b", level.Id)));
        forge.AddPack(blobs);
        var store = forge.Finish(level.Id);
        await using var history = await new ResticRepository(store, Encoding.UTF8.GetBytes(RepositoryCopy.Password), TimeProvider.System).OpenHistoryAsync(null, CancellationToken.None);
        var report = await new AnomalyCheck(history!, new AnomalySettings()).RunAsync(_ => null, null, CancellationToken.None);    // every envelope is authentic
        report.Unfinished?.En.Should().Contain("folders lie in it");
        report.Judgements.Single().Verdict.Should().Be(AnomalyVerdict.NotJudged);
    }

    [Fact]
    public async Task A_store_that_refuses_leaves_the_look_unfinished()
    {
        var store = fixture.Version2.Clone();
        store.BeforeOpen = (name, _) =>
        {
            if (name.StartsWith("data/", StringComparison.Ordinal)) throw new StoreException(StoreFailure.Denied, name, "told to");
        };
        await using var history = await new ResticRepository(store, Encoding.UTF8.GetBytes(RepositoryCopy.Password), TimeProvider.System).OpenHistoryAsync(null, CancellationToken.None);
        (await new AnomalyCheck(history!, new AnomalySettings()).RunAsync(_ => null, null, CancellationToken.None)).Unfinished?.En.Should().Contain("told to");    // it opens
    }
}
