using System.Diagnostics;
using BackupGuard.Agent.Commands;
using BackupGuard.Agent.Stores;
using BackupGuard.Verification;
using BackupGuard.Verification.Stores;
using BackupGuard.Verification.Stores.Contract;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Agent.Tests.Stores;

/// <summary>A backup in a real folder.</summary>
public sealed class FolderStores : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("bg-store-").FullName;

    public static TheoryData<string> Rules() => [.. StoreContract.Rules.Select(r => r.Sentence)];

    [Theory]
    [MemberData(nameof(Rules))]
    public async Task A_folder_keeps_the_contract(string rule)
    {
        var found = await StoreContract.TryAsync(StoreContract.Rules.Single(r => r.Sentence == rule), new FileSystemStore(folder), new FolderScratch(folder, new ScratchPrefix("run1")), CancellationToken.None);
        found.Should().BeNull();
    }

    [Fact]
    public async Task Store_test_leaves_the_folder_as_it_was()
    {
        File.WriteAllText(Path.Combine(folder, "backup"), "theirs");
        var verdict = await StoreTestCommand.RunAsync(new FileSystemStore(folder), new FolderScratch(folder, new ScratchPrefix("run1")), TextWriter.Null, CancellationToken.None);
        verdict.Should().Be(Verdict.Proved);
        Directory.EnumerateFileSystemEntries(folder).Should().Equal(Path.Combine(folder, "backup"));
    }

    [Fact]
    public async Task Store_test_that_cannot_write_says_nothing_about_the_store()
    {
        File.WriteAllText(Path.Combine(folder, ".backupguard"), "a file where the corner should be");
        using var output = new StringWriter();
        (await StoreTestCommand.RunAsync(new FileSystemStore(folder), new FolderScratch(folder, new ScratchPrefix("run1")), output, CancellationToken.None)).Should().Be(Verdict.Inconclusive);
        output.ToString().Should().Contain("was not tried");
    }

    [Fact]
    public async Task A_link_out_of_the_folder_is_not_followed()
    {
        File.CreateSymbolicLink(Path.Combine(folder, "out"), "/etc/hostname");
        var opening = async () => await new FileSystemStore(folder).OpenAsync("out", CancellationToken.None);
        (await opening.Should().ThrowAsync<StoreException>()).Which.Failure.Should().Be(StoreFailure.Denied);
    }

    [Fact]
    public async Task A_linked_folder_is_not_entered()
    {
        Directory.CreateSymbolicLink(Path.Combine(folder, "out"), "/etc");
        var store = new FileSystemStore(folder);
        var listed = new List<string>();
        await foreach (var item in store.ListAsync("", CancellationToken.None)) listed.Add(item.Name);
        listed.Should().Equal("out");
        var opening = async () => await store.OpenAsync("out/hostname", CancellationToken.None);
        (await opening.Should().ThrowAsync<StoreException>()).Which.Failure.Should().Be(StoreFailure.Denied);
        listed.Clear();
        await foreach (var item in store.ListAsync("out/", CancellationToken.None)) listed.Add(item.Name);
        listed.Should().BeEmpty();
    }

    [Fact]
    public async Task A_pipe_is_denied_and_nobody_waits_for_it()
    {
        Run("mkfifo", Path.Combine(folder, "pipe")).Should().Be(0);
        var store = new FileSystemStore(folder);
        var opening = async () => await store.OpenAsync("pipe", CancellationToken.None);
        (await opening.Should().ThrowAsync<StoreException>()).Which.Failure.Should().Be(StoreFailure.Denied);
        (await store.LockAsync("pipe", "", CancellationToken.None)).Mode.Should().Be(LockMode.Unknown);
    }

    [Theory]
    [InlineData("pipe")]
    [InlineData("link")]
    [InlineData("out/hostname")]
    public void Where_the_kernel_cannot_be_asked_the_path_is_looked_at_before(string name)
    {
        Run("mkfifo", Path.Combine(folder, "pipe")).Should().Be(0);
        File.WriteAllText(Path.Combine(folder, "file"), "bytes");
        File.CreateSymbolicLink(Path.Combine(folder, "link"), "file");
        Directory.CreateSymbolicLink(Path.Combine(folder, "out"), "/etc");
        FileBeneath.OpenAfterLooking(folder, "file").Dispose();
        ((Action)(() => FileBeneath.OpenAfterLooking(folder, name).Dispose())).Should().Throw<StoreException>().Which.Failure.Should().Be(StoreFailure.Denied);
    }

    [Fact]
    public async Task The_immutable_attribute_is_seen_and_goes_when_it_is_lifted()
    {
        var path = Path.Combine(folder, "held");
        File.WriteAllText(path, "bytes");
        var store = new FileSystemStore(folder);
        var before = await store.LockAsync("held", "", CancellationToken.None);
        // Not every file system keeps attributes, and not every account may set them: then the answer is that nobody knows.
        if (Run("chattr", "+i", path) != 0)
        {
            before.Mode.Should().BeOneOf(LockMode.Unknown, LockMode.None);
            return;
        }
        before.Should().Be(ObjectLock.None);
        try
        {
            (await store.LockAsync("held", "", CancellationToken.None)).Should().Be(new ObjectLock(LockMode.Attribute, null, false));
        }
        finally
        {
            Run("chattr", "-i", path).Should().Be(0);
        }
        (await store.LockAsync("held", "", CancellationToken.None)).Should().Be(ObjectLock.None);
    }

    [Fact]
    public async Task A_file_system_without_attributes_is_unknown_never_unlocked()
    {
        // /proc answers no attribute request.
        (await new FileSystemStore("/proc/self").LockAsync("status", "", CancellationToken.None)).Mode.Should().Be(LockMode.Unknown);
    }

    private static int Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode;
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
