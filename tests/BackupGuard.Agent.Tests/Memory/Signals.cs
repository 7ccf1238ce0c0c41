using System.CommandLine;
using System.Security.Cryptography;
using BackupGuard.Agent.Commands;
using BackupGuard.Agent.Memory;
using BackupGuard.Agent.Stores;
using BackupGuard.Verification;
using BackupGuard.Verification.Checks.Anomaly;
using BackupGuard.Verification.Formats.FileSet;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Agent.Tests.Memory;

/// <summary>The anomaly check as the agent runs it: canaries planted and rotated, memories kept, doubts answered for.</summary>
public sealed class Signals : IDisposable
{
    private readonly string work = Directory.CreateTempSubdirectory("backupguard-signals-").FullName;
    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public Signals()
    {
        for (var i = 0; i < 40; i++) Write($"d{i % 3}/f{i:00}.csv", string.Concat(Enumerable.Range(0, 300).Select(n => $"{i};{n * 7};libelle\n")));
    }

    private string Set => Path.Combine(work, "set");
    private string Register => Path.Combine(work, "canaries.json");
    private string State => Path.Combine(work, "state");
    private RepositoryAddress Address => new("files", Set);

    public void Dispose()
    {
        key.Dispose();
        Directory.Delete(work, recursive: true);
    }

    private void Write(string name, string text)
    {
        var path = Path.Combine(Set, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);    // a name below the set
        File.WriteAllText(path, text);
    }

    private static Task<int> RunAsync(params string[] arguments) =>
        new RootCommand { SignalsCommand.Create(TimeProvider.System) }.Parse(["signals", .. arguments]).InvokeAsync();

    private Task<int> PlantAsync() => RunAsync("plant", Set, "--register", Register, "--as", "/");

    private async Task<VerifyReport> SealAndVerifyAsync(bool seal = true, string? register = null)
    {
        if (seal) await new FileSetSealer(key, TimeProvider.System).SealAsync(Set, null, CancellationToken.None);
        var repository = FileSetRepository.OverFolder(new FileSystemStore(Set), new FileSetTrust([key.ExportSubjectPublicKeyInfo()]));
        return await new CopyVerification(Address, State, TimeProvider.System) { Signals = new SignalsSettings(register ?? Register) }.RunAsync(repository, null, CancellationToken.None);
    }

    private void Encrypt()
    {
        foreach (var file in Directory.EnumerateFiles(Set, "*", SearchOption.AllDirectories).Where(f => !Path.GetFileName(f).StartsWith(FileSetManifest.FileName, StringComparison.Ordinal))) File.WriteAllBytes(file, RandomNumberGenerator.GetBytes(6000));
    }

    private static IEnumerable<string> Codes(VerifyReport report) => report.Findings.Select(f => f.Code);

    [Fact]
    public async Task From_the_first_look_to_the_attack_to_the_answer_of_a_person()
    {
        (await PlantAsync()).Should().Be(0);
        Codes(await SealAndVerifyAsync()).Should().Contain("BG4207", "there is nothing to compare with yet");
        Write("d0/f00.csv", "0;0;autre\n");
        var quiet = await SealAndVerifyAsync();
        quiet.Verdict.Should().Be(Verdict.Proved);
        Codes(quiet).Should().Contain("BG4205", "the canaries are in place");

        Encrypt();
        var struck = await SealAndVerifyAsync();
        struck.Verdict.Should().Be(Verdict.Failed);
        Codes(struck).Should().Contain(["BG4201", "BG4203"]);
        Codes(await SealAndVerifyAsync(seal: false)).Should().Contain("BG4201", "what is doubted is not what the next look compares with");

        var id = struck.Snapshots[0].Id;
        (await RunAsync("accept", $"files:{Set}", id[..8], "--by", "A. Martin", "--reason", " ", "--state", State)).Should().Be(2, "a reason must say something");
        (await RunAsync("accept", $"files:{Set}", "ffffffff", "--by", "A. Martin", "--reason", "exercice", "--state", State)).Should().Be(2);
        (await RunAsync("accept", $"files:{Set}", id[..8], "--by", "A. Martin", "--reason", "exercice", "--state", State)).Should().Be(0);
        var answered = await SealAndVerifyAsync(seal: false);
        answered.Verdict.Should().Be(Verdict.Proved);
        answered.Findings.Single(f => f.Code == "BG4210").Message("fr").Should().Contain("A. Martin").And.Contain("exercice");
    }

    [Fact]
    public async Task Rotating_takes_the_old_canaries_away_and_leaves_what_is_no_longer_one()
    {
        await PlantAsync();
        var first = CanaryRegister.Parse(File.ReadAllBytes(Register), out _)!.Sets.Single();    // it was just written
        first.Files.Should().HaveCountGreaterThanOrEqualTo(4).And.OnlyContain(f => File.Exists(Set + f.Path));
        File.AppendAllText(Set + first.Files[0].Path, "changed");
        (await PlantAsync()).Should().Be(1, "one was not as it had been planted");
        var register = CanaryRegister.Parse(File.ReadAllBytes(Register), out _)!;    // likewise
        register.Sets.Should().HaveCount(2);
        register.Sets[0].RetiredAt.Should().Be(register.Sets[1].PlantedAt);
        File.Exists(Set + first.Files[0].Path).Should().BeTrue("nothing is deleted that is not exactly what was planted");
        first.Files.Skip(1).Should().OnlyContain(f => !File.Exists(Set + f.Path));
    }

    [Fact]
    public async Task The_register_may_not_lie_in_the_source_and_a_broken_one_is_never_replaced()
    {
        (await RunAsync("plant", Set, "--register", Path.Combine(Set, "d0", "canaries.json"))).Should().Be(2);
        File.WriteAllText(Register, "{}");
        (await PlantAsync()).Should().Be(2);
        File.ReadAllText(Register).Should().Be("{}");
        Directory.EnumerateFiles(Set, "*", SearchOption.AllDirectories).Should().HaveCount(40, "nothing was planted");
    }

    [Fact]
    public async Task A_register_that_is_gone_leaves_the_look_unfinished()
    {
        await SealAndVerifyAsync();
        var report = await SealAndVerifyAsync(register: Path.Combine(work, "nowhere.json"));
        report.Verdict.Should().Be(Verdict.Inconclusive);
        Codes(report).Should().Contain("BG4212");
    }

    [Fact]
    public async Task A_memory_that_was_tampered_with_is_said_and_learnt_anew()
    {
        await SealAndVerifyAsync();
        foreach (var file in Directory.EnumerateFiles(State, "signals-*.json", SearchOption.AllDirectories)) File.WriteAllText(file, "{}");
        Codes(await SealAndVerifyAsync()).Should().Contain("BG4211");
        Codes(await SealAndVerifyAsync()).Should().NotContain("BG4211");
    }

    [Fact]
    public void A_memory_that_is_no_such_memory_or_of_another_series_is_put_aside()
    {
        var files = new AnomalyFiles(work);
        files.Keep(new AnomalyMemory("a"));
        files.Recall("a", out var lost)!.Key.Should().Be("a");    // it was just kept
        lost.Should().BeNull();
        File.Copy(Path.Combine(work, "signals-a.json"), Path.Combine(work, "signals-b.json"));
        files.Recall("b", out lost).Should().BeNull();
        lost.Should().NotBeNull();
        File.WriteAllText(Path.Combine(work, "signals-c.json"), "[");
        files.Recall("c", out lost).Should().BeNull();
        lost.Should().NotBeNull();
        File.Exists(Path.Combine(work, "signals-c.json.unreadable")).Should().BeTrue();
        files.Recall("d", out lost).Should().BeNull();
        lost.Should().BeNull("there never was one");
    }

    [Fact]
    public void A_drill_marks_its_snapshot_in_every_series_that_knows_it()
    {
        var files = new AnomalyFiles(work);
        files.Keep(new AnomalyMemory("a").With(new RunRecord("s1", DateTimeOffset.UnixEpoch, AnomalyVerdict.NoSignSeen, 1, 1, null), []));
        files.MarkDrilled("s1");
        files.MarkDrilled("s2");
        files.All().Single().Find("s1")!.Drilled.Should().BeTrue();    // it was just kept
    }
}
