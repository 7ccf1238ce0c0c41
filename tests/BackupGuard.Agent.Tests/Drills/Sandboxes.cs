using BackupGuard.Agent.Config;
using BackupGuard.Agent.Drills;
using BackupGuard.Verification.Drills;
using BackupGuard.Verification.Restoring;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Agent.Tests.Drills;

[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class Sandboxes : IDisposable
{
    private readonly TestFolder _disk = new();

    public void Dispose() => _disk.Dispose();

    private DirectorySandbox Sandbox(string? parent = null, string repository = "restic:/srv/backup") =>
        new(new SandboxSettings(parent ?? _disk["sandbox"], null, OwnsFiles: false), "dpi", repository, [], folder => new PlainTarget(folder), TimeProvider.System);

    private async Task<DirectorySandbox> PreparedAsync()
    {
        var sandbox = Sandbox();
        await using var target = await sandbox.PrepareAsync(default);
        return sandbox;
    }

    [Fact]
    public async Task A_sandbox_is_fresh_private_and_gone_afterwards()
    {
        using var sandbox = await PreparedAsync();
        using var other = await PreparedAsync();
        other.Restored.Should().NotBe(sandbox.Restored);
        File.GetUnixFileMode(Path.GetDirectoryName(sandbox.Restored)!).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        (await sandbox.CleanUpAsync()).Should().BeNull();
        (await other.CleanUpAsync()).Should().BeNull();
        Directory.EnumerateFileSystemEntries(_disk["sandbox"]).Should().BeEmpty();
    }

    [Fact]
    public async Task Space_is_asked_for_before_the_first_file()
    {
        using var limited = new DirectorySandbox(new SandboxSettings(_disk["sandbox"], 10, OwnsFiles: false), "dpi", "restic:/srv/backup", [], folder => new PlainTarget(folder), TimeProvider.System);
        await using var target = await limited.PrepareAsync(default);
        target.Expect(10);
        target.Invoking(t => t.Expect(11)).Should().Throw<RestoreException>().WithMessage("*quota is 10").Which.Failure.Should().Be(RestoreFailure.NoSpace);

        using var sandbox = Sandbox();
        await using var disk = await sandbox.PrepareAsync(default);
        disk.Expect(1);
        disk.Invoking(t => t.Expect(1L << 60)).Should().Throw<RestoreException>().WithMessage("*the disk has * free").Which.Failure.Should().Be(RestoreFailure.NoSpace);
    }

    [Fact]
    public async Task What_a_killed_drill_left_is_found_and_removed_and_a_living_drill_is_left_alone()
    {
        var killed = await PreparedAsync();
        await File.WriteAllTextAsync(Path.Combine(killed.Restored, "base.dump"), "x");
        using var living = await PreparedAsync();
        killed.Dispose();    // what the kernel does with the lock of a killed process
        Directory.CreateDirectory(_disk["sandbox/drill-not-ours"]);
        await File.WriteAllTextAsync(_disk["sandbox/drill-not-ours/precious"], "x");

        var found = DirectorySandbox.RemoveLeftovers(_disk["sandbox"]);

        found.Should().ContainSingle().Which.Should().Be((Path.GetDirectoryName(killed.Restored)!, null));
        Directory.Exists(living.Restored).Should().BeTrue();
        File.Exists(_disk["sandbox/drill-not-ours/precious"]).Should().BeTrue("it carries no marker of ours");
        DirectorySandbox.RemoveLeftovers(_disk["sandbox"]).Should().BeEmpty();
    }

    [Fact]
    public async Task Removal_follows_no_link_and_copes_with_folders_without_rights_and_names_that_are_no_text()
    {
        using var sandbox = await PreparedAsync();
        Directory.CreateDirectory(_disk["outside"]);
        await File.WriteAllTextAsync(_disk["outside/precious"], "x");
        TestFolder.Shell($"""
            ln -s '{_disk["outside"]}' link; ln -s '{_disk["outside/precious"]}' filelink; mkdir -p a/b; touch a/b/c; mkfifo a/pipe
            ln -s ../../../../.. a/b/up; mkdir "$(printf 'caf\351')"; touch "$(printf 'caf\351')/$(printf '\377')"; mkdir theirs; touch theirs/file; chown -R 1000:1000 theirs; chmod 0 a/b; chmod 500 a
            """, sandbox.Restored);

        (await sandbox.CleanUpAsync()).Should().BeNull();

        File.Exists(_disk["outside/precious"]).Should().BeTrue();
        Directory.EnumerateFileSystemEntries(_disk["sandbox"]).Should().BeEmpty();
    }

    [Fact]
    public async Task A_very_deep_tree_is_listed_and_removed()
    {
        using var sandbox = await PreparedAsync();
        TestFolder.Shell("i=0; while [ $i -lt 1500 ]; do mkdir d; cd -P d; i=$((i+1)); done; touch end", sandbox.Restored);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        sandbox.Files.List().Count().Should().Be(1501);
        clock.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(5), "no path may be walked again for every folder below it");
        (await sandbox.CleanUpAsync()).Should().BeNull();
    }

    [Fact]
    public async Task The_listing_names_every_entry_once_and_follows_no_link()
    {
        using var sandbox = await PreparedAsync();
        TestFolder.Shell("""mkdir -p a; printf 12345 > a/five; ln -s a alias; ln -s a/five short; mkfifo pipe; printf 1 > "$(printf 'caf\351')"; touch -d 2026-01-02T03:04:05.5Z a/five""", sandbox.Restored);

        var entries = sandbox.Files.List().ToDictionary(e => e.Path);

        entries.Keys.Should().BeEquivalentTo("a", "a/five", "alias", "short", "pipe", "caf\uFFFD");
        entries["a/five"].Should().Be(new RestoredEntry("a/five", RestoredKind.File, 5, new DateTimeOffset(2026, 1, 2, 3, 4, 5, 500, TimeSpan.Zero)));
        entries["alias"].Kind.Should().Be(RestoredKind.Link);
        entries["pipe"].Kind.Should().Be(RestoredKind.Other);
        entries["caf\uFFFD"].LengthBytes.Should().Be(1, "a name that is no text counts like any other");
        await sandbox.CleanUpAsync();
    }

    [Fact]
    public async Task A_file_behind_a_link_is_not_read()
    {
        using var sandbox = await PreparedAsync();
        Directory.CreateDirectory(_disk["outside"]);
        await File.WriteAllTextAsync(_disk["outside/shadow"], "secret");
        TestFolder.Shell($"ln -s '{_disk["outside"]}' out; ln -s '{_disk["outside/shadow"]}' shadow; mkfifo pipe; mkdir folder; printf yes > folder/file", sandbox.Restored);

        Read("folder/file").Should().Be("yes");
        Read("folder/none").Should().Be("nothing there");
        Read("out/shadow").Should().Be("nothing there", "the way leads through a link");
        Read("shadow").Should().Contain("no regular file");
        Read("pipe").Should().Contain("no regular file", "a pipe would block for ever");
        Read("folder").Should().Contain("no regular file");

        string Read(string path)
        {
            RestoredPath.TryParse(path, out var parsed, out _).Should().BeTrue();
            try
            {
                using var stream = sandbox.Files.OpenRead(parsed);
                return stream is null ? "nothing there" : new StreamReader(stream).ReadToEnd();
            }
            catch (SandboxException e)
            {
                return e.Message;
            }
        }
    }

    [Fact]
    public async Task Folders_that_must_not_hold_restored_data_are_refused()
    {
        Directory.CreateDirectory(_disk["backup/data"]);
        Directory.CreateSymbolicLink(_disk["alias"], _disk["backup/data"]);
        Directory.CreateDirectory(_disk["theirs"]);
        TestFolder.Shell("chown 65534 theirs", _disk.Path);

        await Refused("/", "root of a disk");
        await Refused("/root", "home folder");
        await Refused("/home/anne", "home folder");
        await Refused(_disk["backup/data"], "inside the repository");
        await Refused(_disk["backup"], "inside the repository");
        await Refused(_disk["alias"], "inside the repository");
        await Refused(_disk["theirs"], "belongs to another user");
        DirectorySandbox.Refusal(_disk["backup-drills"], "restic:" + _disk["backup"]).Should().BeNull("a name that begins alike is another folder");

        async Task Refused(string folder, string because) =>
            (await FluentActions.Awaiting(() => Sandbox(folder, "restic:" + _disk["backup"]).PrepareAsync(default).AsTask()).Should().ThrowAsync<SandboxException>(folder))
                .Which.Message.Should().Contain(because);
    }

    [Fact]
    public async Task A_place_where_nothing_can_be_created_is_said()
    {
        await File.WriteAllTextAsync(_disk["file"], "");
        await FluentActions.Awaiting(() => Sandbox(_disk["file/sandbox"]).PrepareAsync(default).AsTask()).Should().ThrowAsync<SandboxException>();
        (await Sandbox(_disk["file/sandbox"]).CleanUpAsync()).Should().BeNull("there is nothing to remove");
    }
}
