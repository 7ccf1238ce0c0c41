using System.Text;
using System.Text.Json.Nodes;
using BackupGuard.Verification.Formats.Restic;
using BackupGuard.Verification.Restoring;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Verification.Tests.Restic;

/// <summary>Restoring from forged repositories into memory: nothing leaves the target, and a part is never a success.</summary>
public sealed class RestorationTests
{
    /// <summary>Keeps what is restored by path; fails on command.</summary>
    private sealed class MemoryTarget : IRestoreTarget
    {
        public SortedDictionary<string, string> Items { get; } = new(StringComparer.Ordinal);
        public long RoomBytes { get; init; } = long.MaxValue;
        public string? NotSet { get; init; }
        public long? Expected { get; private set; }
        public void Expect(long totalBytes) => Expected = totalBytes;
        private long used;

        private void Put(RestorePath path, string what)
        {
            lock (Items)
            {
                if (!Items.TryAdd(path.ToString(), what)) throw new RestoreException(RestoreFailure.Exists, path.ToString(), "something of that name was restored already");
            }
        }

        public void CreateDirectory(RestorePath path) => Put(path, "folder");
        public void CreateSymbolicLink(RestorePath path, ReadOnlySpan<byte> target) => Put(path, "link to " + Encoding.UTF8.GetString(target));
        public void CreateHardLink(RestorePath path, RestorePath existing) => Put(path, "hard link to " + existing);
        public bool TryCreateSpecial(RestorePath path, SpecialFile kind, ulong device) => false;
        public string? SetMetadata(RestorePath path, RestoredMetadata metadata, bool isSymbolicLink) => NotSet;
        public ValueTask CommitAsync() => ValueTask.CompletedTask;
        public ValueTask DiscardAsync() => ValueTask.CompletedTask;
        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        public IRestoredFile CreateFile(RestorePath path, long lengthBytes)
        {
            Put(path, "");
            return new MemoryFile(this, path.ToString(), new byte[lengthBytes]);
        }

        private sealed class MemoryFile(MemoryTarget target, string path, byte[] content) : IRestoredFile
        {
            public void Write(long offset, ReadOnlySpan<byte> bytes)
            {
                if (Interlocked.Add(ref target.used, bytes.Length) > target.RoomBytes) throw new RestoreException(RestoreFailure.NoSpace, path, "the disk is full");
                bytes.CopyTo(content.AsSpan((int)offset));
            }

            public void Dispose()
            {
                lock (target.Items) target.Items[path] = Encoding.UTF8.GetString(content);
            }
        }
    }

    private static async Task<(RestoreReport Report, MemoryTarget Target)> RestoreAsync(RepositoryCopy repository, string snapshot = "latest", long room = long.MaxValue, params string[] include)
    {
        var target = new MemoryTarget { RoomBytes = room };
        var report = await new ResticRepository(repository, Encoding.UTF8.GetBytes(RepositoryCopy.Password), TimeProvider.System)
            .RestoreAsync(new RestoreOptions { Snapshot = snapshot, Include = include, Clock = TimeProvider.System, Workers = 2 }, target, null, CancellationToken.None);
        return (report, target);
    }

    [Theory]
    [InlineData(7ul, "", 7L)]
    [InlineData(7ul, "f", null)]    // a part: nobody counted that
    [InlineData(null, "", null)]    // before restic 0.17
    [InlineData(ulong.MaxValue, "", null)]
    public async Task The_target_is_told_what_the_snapshot_says_of_its_size(ulong? totalBytes, string include, long? expected)
    {
        var forge = new Forge();
        forge.AddPack([Forge.Data("abc"u8.ToArray())]);
        var root = Forge.Tree(Forge.File("f", Abc));
        forge.AddPack([root]);
        var (report, target) = await RestoreAsync(forge.Finish(root.Id, totalBytes: totalBytes), include: include.Length == 0 ? [] : [include]);
        report.Verdict.Should().Be(Verdict.Proved);
        target.Expected.Should().Be(expected);
    }

    [Fact]
    public async Task The_snapshot_is_told_whole_also_when_a_part_is_restored()
    {
        var (report, _) = await RestoreAsync(With(Forge.File("a", Abc), Forge.File("b", Abc, Defg), Forge.File("c", Defg)), include: ["a"]);
        (report.Files, report.Bytes).Should().Be((1, 3));
        (report.Snapshot!.Files, report.Snapshot.Bytes).Should().Be((3, 14), "what a part took is scaled by it");
    }

    private static RepositoryCopy With(params JsonObject[] nodes)
    {
        var forge = new Forge();
        forge.AddPack([Forge.Data("abc"u8.ToArray()), Forge.Data("defg"u8.ToArray())]);
        var root = Forge.Tree(nodes);
        forge.AddPack([root]);
        return forge.Finish(root.Id);
    }

    private static readonly string Abc = Forge.Data("abc"u8.ToArray()).Id;
    private static readonly string Defg = Forge.Data("defg"u8.ToArray()).Id;

    [Fact]
    public async Task A_file_of_several_blobs_comes_back_in_order()
    {
        var (report, target) = await RestoreAsync(With(Forge.File("f", Abc, Defg, Abc)));
        report.Verdict.Should().Be(Verdict.Proved);
        (report.Files, report.Bytes).Should().Be((1, 10));
        target.Items.Should().Contain("f", "abcdefgabc");
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("/etc/passwd")]
    [InlineData("..")]
    [InlineData("")]
    [InlineData("a\\x00b")]
    public async Task A_name_that_would_leave_the_target_is_refused_and_the_restore_fails(string name)
    {
        var (report, target) = await RestoreAsync(With(Forge.File(name, Abc), Forge.File("zz", Abc)));
        report.Verdict.Should().Be(Verdict.Failed);
        report.Findings.Should().Contain(f => f.Code == "BG1302");
        target.Items.Keys.Should().Equal("zz");
    }

    [Fact]
    public async Task What_cannot_be_set_on_a_restored_file_is_told_and_the_file_stays()
    {
        var target = new MemoryTarget { NotSet = "its owner is not known here" };
        var report = await new ResticRepository(With(Forge.File("a", Abc)), Encoding.UTF8.GetBytes(RepositoryCopy.Password), TimeProvider.System)
            .RestoreAsync(new RestoreOptions { Snapshot = "latest", Clock = TimeProvider.System }, target, null, CancellationToken.None);
        report.Findings.Should().ContainSingle().Which.Code.Should().Be("BG1304");
        report.Verdict.Should().Be(Verdict.Proved);
        target.Items.Should().Contain("a", "abc");
    }

    [Fact]
    public async Task Files_of_one_number_are_one_file_only_when_their_content_is_the_same()
    {
        var (report, target) = await RestoreAsync(With(Linked("a", Abc), Linked("b", Abc), Linked("c", Defg)));
        report.Verdict.Should().Be(Verdict.Proved);
        target.Items.Should().Equal(new Dictionary<string, string> { ["a"] = "abc", ["b"] = "hard link to a", ["c"] = "defg" });
    }

    private static JsonObject Linked(string name, string content)
    {
        var node = Forge.File(name, content);
        (node["links"], node["inode"], node["device_id"]) = (3, 77, 1);
        return node;
    }

    [Fact]
    public async Task A_name_of_64_KiB_is_refused() => (await RestoreAsync(With(Forge.File(new string('n', 65536), Abc)))).Report.Findings.Should().Contain(f => f.Code == "BG1302");

    [Fact]
    public async Task A_folder_beside_a_link_of_the_same_name_cannot_write_through_the_link()
    {
        var forge = new Forge();
        forge.AddPack([Forge.Data("abc"u8.ToArray())]);
        var inner = Forge.Tree(Forge.File("passwd", Abc));
        var root = Forge.Tree(new JsonObject { ["name"] = "a", ["type"] = "symlink", ["mode"] = 134218239, ["linktarget"] = "/etc" }, Forge.Folder("a", inner.Id));
        forge.AddPack([inner, root]);
        var (report, target) = await RestoreAsync(forge.Finish(root.Id));
        report.Verdict.Should().Be(Verdict.Failed);
        target.Items.Should().NotContainKey("a/passwd");
    }

    [Fact]
    public async Task A_disk_that_fills_ends_the_restore_as_failed()
    {
        var (report, _) = await RestoreAsync(With(Forge.File("a", Abc, Defg), Forge.File("b", Abc)), room: 5);
        report.Verdict.Should().Be(Verdict.Failed);
        report.Findings.Should().Contain(f => f.Code == "BG1303");
    }

    [Fact]
    public async Task A_blob_that_nobody_has_makes_the_restore_fail_and_the_rest_is_still_tried()
    {
        var (report, target) = await RestoreAsync(With(Forge.File("a", new string('5', 64)), Forge.File("b", Abc)));
        report.Verdict.Should().Be(Verdict.Failed);
        report.Findings.Should().ContainSingle(f => f.Code == "BG1135");
        target.Items.Should().Contain("b", "abc");
    }

    [Theory]
    [InlineData("ffff", "BG1301")]
    [InlineData("ab", "BG1301")]
    [InlineData("../x", "BG1301")]
    public async Task A_snapshot_that_is_not_there_is_said(string snapshot, string code)
    {
        var (report, _) = await RestoreAsync(With(Forge.File("a", Abc)), snapshot);
        report.Verdict.Should().Be(Verdict.Failed);
        report.Findings.Should().ContainSingle().Which.Code.Should().Be(code);
    }

    [Fact]
    public async Task A_snapshot_of_empty_folders_restores_nothing_and_that_is_a_failure()
    {
        var forge = new Forge();
        var empty = Forge.Tree();
        var root = Forge.Tree(Forge.Folder("d", empty.Id));
        forge.AddPack([empty, root]);
        var (report, _) = await RestoreAsync(forge.Finish(root.Id));
        report.Findings.Should().ContainSingle().Which.Code.Should().Be("BG1306");
    }

    [Fact]
    public async Task Only_matching_paths_come_back_with_the_folders_above_them()
    {
        var forge = new Forge();
        forge.AddPack([Forge.Data("abc"u8.ToArray())]);
        var inner = Forge.Tree(Forge.File("x.txt", Abc), Forge.File("y.doc", Abc));
        var root = Forge.Tree(Forge.Folder("d", inner.Id), Forge.File("x.txt", Abc));
        forge.AddPack([inner, root]);
        var (report, target) = await RestoreAsync(forge.Finish(root.Id), include: "d/*.txt");
        report.Verdict.Should().Be(Verdict.Proved);
        target.Items.Keys.Should().Equal("d", "d/x.txt");
    }

    [Fact]
    public async Task A_stray_key_file_does_not_throw_away_what_was_restored_and_is_told()
    {
        var repository = With(Forge.File("a", Abc));
        var stray = Encoding.UTF8.GetBytes("{}");
        repository.Files["keys/" + Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(stray))] = stray;
        var (report, target) = await RestoreAsync(repository);
        report.Verdict.Should().Be(Verdict.Proved);
        report.Findings.Should().ContainSingle().Which.Code.Should().Be("BG1307");
        target.Items.Should().Contain("a", "abc");
        (await repository.VerifyAsync()).Verdict.Should().Be(Verdict.Failed, "verifying judges the repository, restoring judges what came out");
    }

    [Fact]
    public async Task With_another_snapshot_damaged_one_can_be_restored_by_its_id_but_nobody_knows_the_latest()
    {
        var repository = With(Forge.File("a", Abc));
        var id = repository.One("snapshots/")["snapshots/".Length..];
        repository.Files["snapshots/" + new string('0', 64)] = [1, 2, 3];
        (await RestoreAsync(repository, id)).Report.Verdict.Should().Be(Verdict.Proved);
        var (latest, target) = await RestoreAsync(repository);
        latest.Verdict.Should().Be(Verdict.Failed, "the damaged one may be the newer");
        latest.Unfinished?.En.Should().Contain("latest");
        target.Items.Should().BeEmpty();
    }

    [Fact]
    public async Task A_snapshot_whose_own_file_was_changed_is_never_restored_as_good()
    {
        var repository = With(Forge.File("a", Abc));
        var name = repository.One("snapshots/");
        repository.Files["snapshots/" + new string('0', 64)] = repository.Files[name];
        repository.Files.Remove(name);
        (await RestoreAsync(repository, new string('0', 64))).Report.Verdict.Should().Be(Verdict.Failed);
    }

    [Fact]
    public async Task A_snapshot_of_which_nothing_can_be_restored_here_is_a_failure_whatever_the_warnings()
    {
        var (report, _) = await RestoreAsync(With(new JsonObject { ["name"] = "s", ["type"] = "socket", ["mode"] = 420 }));
        report.Findings.Select(f => f.Code).Should().BeEquivalentTo("BG1305", "BG1306");
        report.Verdict.Should().Be(Verdict.Failed);
    }
}
