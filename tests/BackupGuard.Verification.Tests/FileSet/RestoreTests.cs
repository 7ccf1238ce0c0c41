using BackupGuard.Verification.Formats.FileSet;
using BackupGuard.Verification.Restoring;
using BackupGuard.Verification.Stores;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Verification.Tests.FileSet;

public sealed class RestoreTests : IDisposable
{
    private readonly SealedSet set = SealedSet.Folder();
    private readonly MemoryTarget target = new();

    public static TheoryData<string> Endings => [.. RealFolder.Endings];

    public void Dispose() => set.Dispose();

    private async Task<Finding> OnlyFindingAsync()
    {
        var report = await set.RestoreAsync(target);
        report.Verdict.Should().Be(Verdict.Failed);
        return report.Findings.Should().ContainSingle().Subject;
    }

    [Fact]
    public async Task A_folder_comes_back_as_it_was_sealed()
    {
        var report = await set.RestoreAsync(target);
        report.Should().BeEquivalentTo(new { Verdict = Verdict.Proved, Files = 3, Bytes = 400_007 });
        report.Snapshot!.Id.Should().Be(SealedSet.Id);
        target.Files.Keys.Should().BeEquivalentTo("a.txt", "sub/b.bin", "sub/empty");
        target.Files["sub/b.bin"].Should().Equal(set.Store["sub/b.bin"]);
        target.Metadata["a.txt"].Should().BeEquivalentTo(new { Mode = 0b110_100_000, ModifiedAtNanoseconds = (Int128)1_700_000_000_123_456_789 });
        target.Metadata["sub"].Mode.Should().Be(0b111_101_000);
    }

    [Theory]
    [MemberData(nameof(Endings))]
    public async Task An_archive_comes_back_as_it_was_sealed(string ending)
    {
        using var folder = RealFolder.WithSample();
        if (ending != ".zip")
        {
            File.CreateSymbolicLink(folder["sub/link"], "../a.txt");
            RealFolder.Run("ln", [folder["a.txt"], folder["sub/same.txt"]]);
            File.SetLastWriteTimeUtc(folder["a.txt"], new DateTime(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc));
            RealFolder.Run("chmod", ["0640", folder["a.txt"]]);
        }

        using var archive = await SealedArchive.BesideAsync("x" + ending, folder.Pack(ending));
        var report = await archive.RestoreAsync(target);
        report.Findings.Should().BeEmpty();
        report.Verdict.Should().Be(Verdict.Proved);
        target.Files["sub/deep/b.bin"].Should().Equal(File.ReadAllBytes(folder["sub/deep/b.bin"]));
        target.Files["sub/empty"].Should().BeEmpty();
        if (ending == ".zip") return;
        target.SymbolicLinks.Should().Equal(new Dictionary<string, string> { ["sub/link"] = "../a.txt" });
        report.Files.Should().Be(4);
        target.HardLinks.Should().HaveCount(1);
        target.Files.Should().HaveCount(3);
        target.Files["a.txt"].Should().Equal("premier"u8.ToArray());
        target.Metadata["a.txt"].Should().BeEquivalentTo(new { Mode = 0b110_100_000, ModifiedAtNanoseconds = (Int128)981_173_106_000_000_000 });
    }

    [Fact]
    public async Task Names_that_are_not_UTF8_come_back_from_a_tar()
    {
        using var folder = RealFolder.WithSample();
        RealFolder.Run("sh", ["-c", $"printf bon > '{folder.Path}'/$(printf 'caf\\351')"]);
        using var archive = await SealedArchive.BesideAsync("x.tar", folder.Pack(".tar"));
        (await archive.RestoreAsync(target)).Verdict.Should().Be(Verdict.Proved);
        target.Files["caf\u00E9"].Should().Equal("bon"u8.ToArray(), "the test's target shows bytes as Latin-1");
    }

    [Fact]
    public async Task Bytes_that_do_not_match_the_manifest_fail_the_restore()
    {
        set.Store["sub/b.bin"][5] ^= 1;
        (await OnlyFindingAsync()).Should().BeEquivalentTo(new { Code = "BG1206", Subject = "sub/b.bin" });
    }

    [Theory]
    [InlineData(6)]
    [InlineData(8)]
    [InlineData(1_000_000)]
    public async Task Another_length_fails_the_restore_and_writes_nothing_beyond(int length)
    {
        set.Store["a.txt"] = new byte[length];
        (await OnlyFindingAsync()).Code.Should().Be("BG1206");
        target.Files["a.txt"].Should().HaveCount(7);
    }

    [Fact]
    public async Task A_file_that_vanished_fails_the_restore()
    {
        set.Store.Remove("a.txt");
        (await OnlyFindingAsync()).Code.Should().Be("BG1207");
        using var archive = await SealedArchive.BesideAsync("x.tar", Sample(f => { }));
        archive.Store["x.tar"] = Sample(f => File.Delete(f["a.txt"]));
        (await archive.RestoreAsync(new MemoryTarget())).Findings.Should().ContainSingle().Which.Code.Should().Be("BG1207");
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_leaves_the_restore_unfinished()
    {
        set.Store.Fail("a.txt", StoreFailure.Transient);
        (await set.RestoreAsync(target)).Verdict.Should().Be(Verdict.Inconclusive);
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("/etc/passwd")]
    [InlineData("sub/../../x")]
    [InlineData("sub//x")]
    [InlineData("./x")]
    [InlineData("nul\0")]
    public async Task A_name_that_would_leave_the_target_is_refused(string name)
    {
        using var evil = SealedSet.Folder(SealedSet.File(name, [1]));
        evil.Store[name] = [1];
        var report = await evil.RestoreAsync(target);
        report.Findings.Should().ContainSingle().Which.Code.Should().Be("BG1302");
        report.Verdict.Should().Be(Verdict.Failed);
        target.Files.Should().HaveCount(3);
    }

    [Fact]
    public async Task A_name_of_300_bytes_is_refused()
    {
        var name = new string('n', 300);
        using var evil = SealedSet.Folder(SealedSet.File(name, [1]));
        evil.Store[name] = [1];
        (await evil.RestoreAsync(target)).Findings.Should().ContainSingle().Which.Code.Should().Be("BG1302");
    }

    [Theory]
    [InlineData("a.txt", new[] { "a.txt" })]
    [InlineData("sub", new[] { "sub/b.bin", "sub/empty" })]
    [InlineData("**/*.bin", new[] { "sub/b.bin" })]
    [InlineData("*.txt", new[] { "a.txt" })]
    [InlineData("/sub/?mpty", new[] { "sub/empty" })]
    [InlineData("**", new[] { "a.txt", "sub/b.bin", "sub/empty" })]
    public async Task Only_what_is_asked_for_is_restored(string glob, string[] expected)
    {
        (await set.RestoreAsync(target, glob)).Verdict.Should().Be(Verdict.Proved);
        target.Files.Keys.Should().BeEquivalentTo(expected);
        if (glob == "**/*.bin") target.Metadata.Should().ContainKey("sub", "the folder above keeps its mode");
    }

    [Fact]
    public async Task A_restore_of_nothing_is_a_failure()
    {
        var report = await set.RestoreAsync(target, "no such thing");
        report.Verdict.Should().Be(Verdict.Failed);
        report.Findings.Should().ContainSingle().Which.Code.Should().Be("BG1306");
    }

    [Theory]
    [InlineData("0123", true)]
    [InlineData(SealedSet.Id, true)]
    [InlineData("012", false)]
    [InlineData("ffff", false)]
    public async Task A_snapshot_is_asked_for_by_the_beginning_of_its_id(string id, bool found)
    {
        var report = await set.Open().RestoreAsync(new RestoreOptions { Snapshot = id, Clock = TimeProvider.System }, target, null, CancellationToken.None);
        report.Findings.Select(f => f.Code).Should().Equal(found ? [] : ["BG1301"]);
        target.Files.Should().HaveCount(found ? 3 : 0);
    }

    [Fact]
    public async Task A_full_disk_ends_the_restore_with_one_finding()
    {
        target.Fails = ("a.txt", RestoreFailure.NoSpace);
        var report = await set.Open().RestoreAsync(new RestoreOptions { Snapshot = "latest", Workers = 1, Clock = TimeProvider.System }, target, null, CancellationToken.None);
        report.Findings.Select(f => f.Code).Should().Equal("BG1303", "BG1306");
        report.Verdict.Should().Be(Verdict.Failed);
    }

    [Fact]
    public async Task A_set_of_an_unknown_signer_is_restored_but_not_proved()
    {
        var report = await set.Open(FileSetTrust.Nobody).RestoreAsync(new RestoreOptions { Snapshot = "latest", Clock = TimeProvider.System }, target, null, CancellationToken.None);
        report.Verdict.Should().Be(Verdict.Inconclusive);
        target.Files.Should().HaveCount(3);
    }

    [Fact]
    public async Task A_damaged_archive_fails_the_restore()
    {
        using var archive = await SealedArchive.BesideAsync("x.tar", Sample(_ => { }));
        archive.Store["x.tar"] = archive.Store["x.tar"][..100_000];
        var report = await archive.RestoreAsync(target);
        report.Verdict.Should().Be(Verdict.Failed);
        report.Findings.Select(f => f.Code).Should().Contain("BG1210");
    }

    private static byte[] Sample(Action<RealFolder> change)
    {
        using var folder = RealFolder.WithSample();
        change(folder);
        return folder.Pack(".tar");
    }
}
