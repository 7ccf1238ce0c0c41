using System.Text;
using BackupGuard.Verification.Formats.Borg;
using BackupGuard.Verification.Tests.FileSet;
using BackupGuard.Verification.Tests.Stores;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Verification.Tests.Borg;

/// <summary>Repositories of the real borg, in every mode and compression: proved, restored, and the same as what borg extracts.</summary>
public sealed class BorgToolTests : IDisposable
{
    private static readonly string[] Compressions = ["none", "lz4", "zstd,3", "zlib,6", "lzma,3", "auto,zstd,3", "obfuscate,110,lz4"];
    private readonly string folder = Directory.CreateTempSubdirectory("bg-borg-").FullName;
    private readonly BorgTool borg = new();

    private string Repository => Path.Combine(folder, "repository");

    private BorgRepository Open() => BorgForge.Open(MemoryStore.Of(Repository), keyFile: borg.KeyFile);

    private Task<VerifyReport> VerifyAsync() => Open().VerifyAsync(new VerifyOptions { Clock = TimeProvider.System, Workers = 2 }, null, CancellationToken.None);

    private static byte[] Content(int seed, int length, bool random)
    {
        var bytes = new byte[length];
        if (random) new Random(seed).NextBytes(bytes);
        else for (var i = 0; i < length; i++) bytes[i] = (byte)"0123456789\nabcdef"[(i * 7 + i / 97 + seed) % 17];
        return bytes;
    }

    private string Source(string name, int seed)
    {
        var source = Directory.CreateDirectory(Path.Combine(folder, name)).FullName;
        Directory.CreateDirectory(Path.Combine(source, "dir", "empty folder"));
        File.WriteAllBytes(Path.Combine(source, "dir", "text"), Content(seed, 300_000, random: false));
        File.WriteAllBytes(Path.Combine(source, "dir", "random"), Content(seed, 70_000, random: true));
        File.WriteAllBytes(Path.Combine(source, "empty"), []);
        File.WriteAllText(Path.Combine(source, "dir", "été"), "accents " + seed);
        File.CreateSymbolicLink(Path.Combine(source, "link"), "dir/text");
        File.SetUnixFileMode(Path.Combine(source, "dir", "random"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        File.SetLastWriteTimeUtc(Path.Combine(source, "dir", "text"), new DateTime(2023, 5, 6, 7, 8, 9, DateTimeKind.Utc).AddTicks(1234567));
        return source;
    }

    [Theory]
    [InlineData("none")]
    [InlineData("authenticated")]
    [InlineData("authenticated-blake2")]
    [InlineData("repokey")]
    [InlineData("keyfile")]
    [InlineData("repokey-blake2")]
    [InlineData("keyfile-blake2")]
    public async Task Every_compression_in_this_mode_is_proved_and_restored(string mode)
    {
        borg.Must(folder, "init", "-e", mode, Repository);
        for (var i = 0; i < Compressions.Length; i++) borg.Must(Source($"source{i}", i + 1), "create", "--compression", Compressions[i], $"{Repository}::archive{i}", ".");

        var report = await VerifyAsync();
        report.Verdict.Should().Be(Verdict.Proved, string.Join("; ", report.Findings.Select(f => f.Message("en"))) + report.Unfinished);
        report.Findings.Select(f => f.Code).Distinct().Should().BeEquivalentTo(mode is "none" or "authenticated" or "authenticated-blake2" ? ["BG1706"] : Array.Empty<string>());
        report.Coverage.Should().Be(1);
        report.Snapshots.Should().HaveCount(Compressions.Length).And.OnlyContain(s => s.Files == 4 && s.Host.Length > 0 && s.TakenAt > DateTimeOffset.UtcNow.AddHours(-1) && s.TakenAt < DateTimeOffset.UtcNow.AddMinutes(1));

        for (var i = 0; i < Compressions.Length; i++)
        {
            var target = new MemoryTarget();
            var restored = await Open().RestoreAsync(new RestoreOptions { Snapshot = $"archive{i}", Clock = TimeProvider.System }, target, null, CancellationToken.None);
            restored.Verdict.Should().Be(Verdict.Proved, Compressions[i]);
            SameAs(Path.Combine(folder, $"source{i}"), target);
        }

        var extracted = Directory.CreateDirectory(Path.Combine(folder, "extracted")).FullName;
        borg.Must(extracted, "extract", $"{Repository}::archive1");
        var again = new MemoryTarget();
        await Open().RestoreAsync(new RestoreOptions { Snapshot = "archive1", Clock = TimeProvider.System }, again, null, CancellationToken.None);
        SameAs(extracted, again);
    }

    /// <summary>Content, links, permissions, owners and times to the nanosecond's hundred, of everything and of nothing more.</summary>
    private static void SameAs(string source, MemoryTarget target)
    {
        var all = new DirectoryInfo(source).EnumerateFileSystemInfos("*", SearchOption.AllDirectories).ToList();
        string Name(FileSystemInfo f) => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(Path.GetRelativePath(source, f.FullName)));
        target.Files.Keys.Concat(target.HardLinks.Keys).Should().BeEquivalentTo(all.OfType<FileInfo>().Where(f => f.LinkTarget is null).Select(Name));
        target.SymbolicLinks.Should().BeEquivalentTo(all.Where(f => f.LinkTarget is not null).ToDictionary(Name, f => f.LinkTarget!));
        target.Folders.Should().BeEquivalentTo(all.OfType<DirectoryInfo>().Where(f => f.LinkTarget is null).Select(Name));
        foreach (var info in all.Where(f => f.LinkTarget is null && !target.HardLinks.ContainsKey(Name(f))))
        {
            var metadata = target.Metadata[Name(info)];
            metadata.Mode.Should().Be((int)info.UnixFileMode, info.FullName);
            ((long)(metadata.ModifiedAtNanoseconds!.Value / 100)).Should().Be((info.LastWriteTimeUtc - DateTime.UnixEpoch).Ticks, info.FullName);
            metadata.UserId.Should().NotBeNull();
            if (info is FileInfo) target.Files[Name(info)].AsSpan().SequenceEqual(File.ReadAllBytes(info.FullName)).Should().BeTrue(info.FullName);
        }
    }

    [Fact]
    public async Task Hard_links_are_restored_as_links_and_alone_with_their_content()
    {
        var source = Source("source", 1);
        using (var ln = System.Diagnostics.Process.Start("ln", [Path.Combine(source, "dir", "text"), Path.Combine(source, "zz-same")])!) await ln.WaitForExitAsync();
        borg.Must(folder, "init", "-e", "repokey", Repository);
        borg.Must(source, "create", $"{Repository}::a", ".");
        (await VerifyAsync()).Verdict.Should().Be(Verdict.Proved);

        var whole = new MemoryTarget();
        await Open().RestoreAsync(new RestoreOptions { Snapshot = "latest", Clock = TimeProvider.System }, whole, null, CancellationToken.None);
        whole.HardLinks.Should().HaveCount(1);
        SameAs(source, whole);

        var other = whole.HardLinks.Single().Key;
        var alone = new MemoryTarget();
        var report = await Open().RestoreAsync(new RestoreOptions { Snapshot = "latest", Include = ["/" + other], Clock = TimeProvider.System }, alone, null, CancellationToken.None);
        report.Verdict.Should().Be(Verdict.Proved);
        alone.Files.Should().ContainSingle().Which.Value.Should().Equal(Content(1, 300_000, random: false));
    }

    [Fact]
    public async Task A_file_that_check_repaired_with_zeros_is_lost_for_us_and_good_for_borg()
    {
        borg.Must(folder, "init", "-e", "repokey", Repository);
        borg.Must(Source("source", 1), "create", $"{Repository}::first", "dir/random");
        borg.Must(Source("other", 2), "create", $"{Repository}::second", "dir/text");
        // The segment with the first archive's data; its metadata follow in the same one, so the middle of the data is hit, not the file deleted.
        var segment = Directory.EnumerateFiles(Path.Combine(Repository, "data", "0")).OrderByDescending(f => new FileInfo(f).Length).First();
        using (var file = File.Open(segment, FileMode.Open))
        {
            file.Position = 30_000;
            var value = file.ReadByte();
            file.Position--;
            file.WriteByte((byte)(value ^ 1));
        }
        (await VerifyAsync()).Findings.Should().Contain(f => f.Code == "BG1712" && f.Paths.Contains("dir/random"), "the damaged file is named");
        borg.Run(folder, "check", "--repair", Repository);

        borg.Run(folder, "check", "--verify-data", Repository).Exit.Should().Be(0, "borg calls what it repaired good");
        var report = await VerifyAsync();
        report.Verdict.Should().Be(Verdict.Failed);
        report.Findings.Should().Contain(f => f.Code == "BG1753" && f.Subject == "dir/random");
    }

    [Fact]
    public async Task Deleting_and_compacting_leave_a_proved_repository()
    {
        borg.Must(folder, "init", "-e", "repokey-blake2", Repository);
        foreach (var i in (int[])[1, 2, 3]) borg.Must(Source($"source{i}", i), "create", $"{Repository}::a{i}", ".");
        borg.Must(folder, "delete", $"{Repository}::a2");
        (await VerifyAsync()).Verdict.Should().Be(Verdict.Proved, "what was deleted lies in the segments still");
        borg.Must(folder, "compact", Repository);
        var report = await VerifyAsync();
        report.Verdict.Should().Be(Verdict.Proved);
        report.Findings.Should().BeEmpty();
        report.Snapshots.Should().HaveCount(2);
    }

    public void Dispose()
    {
        borg.Dispose();
        Directory.Delete(folder, recursive: true);
    }
}
