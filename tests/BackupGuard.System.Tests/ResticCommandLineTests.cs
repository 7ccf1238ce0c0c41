using System.Text.Json;
using FluentAssertions;
using Xunit;

namespace BackupGuard.System.Tests;

/// <summary>The administrator at the shell, with repositories that the binary just made: nothing here is in the tree.</summary>
public sealed class ResticCommandLineTests : IAsyncLifetime
{
    private readonly TemporaryFolder work = new();
    private string Repository => work.Of("repository");
    private string Source => work.Of("source");

    public async Task InitializeAsync()
    {
        Directory.CreateDirectory(work.Of("source", "docs", "vide"));
        // Names and kinds that hospitals have: spaces, accents, quotes, bytes that are no UTF-8, hard links, links to nowhere, pipes, sparse times.
        await Programs.MustAsync("bash", "-c", $$"""
            cd '{{Source}}' && for i in $(seq 1 40); do seq 1 $((i*97)) > "docs/n$i.txt"; done
            head -c 3000000 /dev/urandom > alea.bin; head -c 9000000 /dev/zero > zeros.bin; : > empty; printf x > one
            printf q > 'été "guil" \ barre.txt'; printf l > $'lat\xe91.txt'; printf 'n' > $'new\nline'
            ln -s docs/n1.txt lien; ln -s 'nulle part' lien-mort; ln one deux; mkfifo tube
            chmod 4755 one; chmod 0500 docs/vide; touch -d '1999-12-31 23:59:59.123456789' docs/n5.txt; touch -h -d '2001-02-03' lien
            """);
    }

    public Task DisposeAsync()
    {
        work.Dispose();
        return Task.CompletedTask;
    }

    private async Task BackUpAsync(string version = "2", params string[] extra)
    {
        await Programs.MustAsync("restic", "-r", Repository, "--no-cache", "init", "--repository-version", version);
        await Programs.MustAsync("bash", ["-c", $"cd '{work.Path}' && restic -r '{Repository}' --no-cache backup source {string.Join(' ', extra)}"]);
        await Programs.MustAsync("bash", ["-c", $"cd '{work.Path}' && echo plus >> source/docs/n2.txt && restic -r '{Repository}' --no-cache backup source {string.Join(' ', extra)}"]);
    }

    [Theory]
    [InlineData("1", "")]
    [InlineData("2", "")]
    [InlineData("2", "--compression max")]
    [InlineData("2", "--compression off")]
    public async Task What_the_binary_backed_up_verifies_and_comes_back_byte_for_byte(string version, string compression)
    {
        await BackUpAsync(version, compression);
        var verified = await Programs.AgentAsync("verify", $"restic:{Repository}", "--format", "json");
        verified.ExitCode.Should().Be(0, verified.Output + verified.Error);
        using (var document = JsonDocument.Parse(verified.Output))
        {
            document.RootElement.GetProperty("schema").GetString().Should().Be("backupguard.verify/v1");
            document.RootElement.GetProperty("verdict").GetString().Should().Be("proved");
            document.RootElement.GetProperty("coverage").GetDouble().Should().Be(1);
            document.RootElement.GetProperty("snapshots").GetArrayLength().Should().Be(2);
        }

        var restored = await Programs.AgentAsync("restore", $"restic:{Repository}", "latest", "--to", work.Of("restored"), "--format", "json");
        restored.ExitCode.Should().Be(0, restored.Output + restored.Error);
        await SameTreesAsync(Source, work.Of("restored", "source"));
    }

    /// <summary>Contents by diff -r (pipes compared by kind only), then names, kinds, modes, owners, links and times to the nanosecond.</summary>
    private static async Task SameTreesAsync(string left, string right)
    {
        await Programs.MustAsync("diff", "-r", "--no-dereference", "--exclude=tube", left, right);
        const string list = "cd \"$0\" && find . -printf '%P|%y|%m|%T@|%U|%G|%l|%n\\n' | LC_ALL=C sort";
        var expected = await Programs.MustAsync("bash", "-c", list, left);
        (await Programs.MustAsync("bash", "-c", list, right)).Should().Be(expected);
    }

    [Fact]
    public async Task Only_what_is_asked_for_is_restored()
    {
        await BackUpAsync();
        (await Programs.AgentAsync("restore", $"restic:{Repository}", "latest", "--to", work.Of("part"), "--include", "**/docs/n3*.txt")).ExitCode.Should().Be(0);
        Directory.EnumerateFiles(work.Of("part"), "*", SearchOption.AllDirectories).Should().HaveCount(11).And.OnlyContain(f => Path.GetFileName(f).StartsWith("n3"));
        var nothing = await Programs.AgentAsync("restore", $"restic:{Repository}", "latest", "--to", work.Of("none"), "--include", "*.docx");
        nothing.ExitCode.Should().Be(1, "an empty success is a failure");
        Directory.Exists(work.Of("none")).Should().BeFalse("a failed restore leaves nothing");
    }

    [Fact]
    public async Task One_flipped_byte_in_each_kind_of_file_is_found_where_the_binary_finds_it_and_where_it_does_not()
    {
        await BackUpAsync();
        foreach (var kind in (string[])["config", "keys", "snapshots", "index", "data"])
        {
            var file = kind == "config" ? work.Of("repository", "config") : Directory.EnumerateFiles(work.Of("repository", kind), "*", SearchOption.AllDirectories).MaxBy(f => new FileInfo(f).Length)!;
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            var length = new FileInfo(file).Length;
            foreach (var place in (long[])[0, length / 2, length - 1])
            {
                TemporaryFolder.Flip(file, place);
                var verified = await Programs.AgentAsync("verify", $"restic:{Repository}");
                verified.ExitCode.Should().Be(1, $"{kind} at {place} of {length}: {verified.Error}");
                verified.Error.Should().NotContain("   at ", "nobody reads a stack trace at night");
                TemporaryFolder.Flip(file, place);
            }
        }
        (await Programs.AgentAsync("verify", $"restic:{Repository}")).ExitCode.Should().Be(0, "every byte was put back");
    }

    [Fact]
    public async Task Verifying_changes_nothing_and_leaves_no_lock()
    {
        await BackUpAsync();
        const string list = "cd \"$0\" && find . -printf '%p %s %m %T@ %C@\\n' | sort && find . -type f -exec sha256sum {} + | sort";
        var before = await Programs.MustAsync("bash", "-c", list, Repository);
        await Programs.AgentAsync("verify", $"restic:{Repository}");
        await Programs.AgentAsync("inspect", $"restic:{Repository}");
        (await Programs.MustAsync("bash", "-c", list, Repository)).Should().Be(before);
    }

    [Theory]
    [InlineData("restic:/does/not/exist", 2)]
    [InlineData("restic", 2)]
    [InlineData("zip:/tmp", 2)]
    [InlineData("restic:s3:https://example.invalid", 2)]
    [InlineData("restic:s3:https://me:secret@example.invalid/bucket", 2)]
    [InlineData("restic:azure:container:/backup", 2)]
    public async Task A_wrong_address_is_said_in_one_sentence(string address, int exit)
    {
        var ended = await Programs.AgentAsync("verify", address);
        ended.ExitCode.Should().Be(exit);
        ended.Error.Trim().Split('\n').Should().ContainSingle().Which.Should().StartWith("backupguard-agent: ");
        ended.Output.Should().BeEmpty();
    }

    [Fact]
    public async Task A_folder_that_is_no_repository_and_a_wrong_password_fail_and_say_why()
    {
        var none = await Programs.AgentAsync("verify", $"restic:{Source}");
        none.ExitCode.Should().Be(1);
        none.Error.Should().Contain("BG1001");
        await BackUpAsync();
        var wrong = await Programs.RunAsync("dotnet", [Programs.Agent, "verify", $"restic:{Repository}"], ("BACKUPGUARD_PASSWORD", "something else"));
        wrong.ExitCode.Should().Be(1);
        wrong.Error.Should().Contain("BG1101").And.NotContain("something else");
        var absent = await Programs.RunAsync("dotnet", [Programs.Agent, "verify", $"restic:{Repository}"], ("BACKUPGUARD_PASSWORD", null));
        absent.ExitCode.Should().Be(2, "no password was given");
    }

    [Fact]
    public async Task A_target_that_is_not_empty_is_refused_and_untouched()
    {
        await BackUpAsync();
        Directory.CreateDirectory(work.Of("full"));
        File.WriteAllText(work.Of("full", "mine.txt"), "mine");
        (await Programs.AgentAsync("restore", $"restic:{Repository}", "latest", "--to", work.Of("full"))).ExitCode.Should().Be(2);
        File.ReadAllText(work.Of("full", "mine.txt")).Should().Be("mine");
    }

    [Fact]
    public async Task A_restore_of_a_damaged_snapshot_leaves_the_target_as_empty_as_it_was()
    {
        await BackUpAsync();
        var pack = Directory.EnumerateFiles(work.Of("repository", "data"), "*", SearchOption.AllDirectories).MaxBy(f => new FileInfo(f).Length)!;
        File.SetUnixFileMode(pack, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        TemporaryFolder.Flip(pack, new FileInfo(pack).Length / 2);
        Directory.CreateDirectory(work.Of("target"));
        var restored = await Programs.AgentAsync("restore", $"restic:{Repository}", "latest", "--to", work.Of("target"));
        restored.ExitCode.Should().Be(1);
        Directory.EnumerateFileSystemEntries(work.Of("target")).Should().BeEmpty();
    }

    /// <summary>Needs root for the small file system.</summary>
    [Fact, Trait("Needs", "root")]
    public async Task A_disk_that_fills_ends_the_restore_with_a_sentence_and_an_empty_folder()
    {
        await BackUpAsync();
        Directory.CreateDirectory(work.Of("small"));
        await Programs.MustAsync("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", work.Of("small"));
        try
        {
            var restored = await Programs.AgentAsync("restore", $"restic:{Repository}", "latest", "--to", work.Of("small"));
            restored.ExitCode.Should().Be(1);
            restored.Error.Should().Contain("BG1303").And.Contain("full");
            Directory.EnumerateFileSystemEntries(work.Of("small")).Should().BeEmpty();
        }
        finally
        {
            await Programs.MustAsync("umount", work.Of("small"));
        }
    }

    [Fact]
    public async Task A_restore_that_is_killed_leaves_nothing_that_looks_finished()
    {
        await Programs.MustAsync("bash", "-c", $"head -c 200000000 /dev/urandom > '{work.Of("source", "large.bin")}'");
        await BackUpAsync();
        var left = 0;
        foreach (var delay in (int[])[500, 700, 900, 1200])
        {
            var target = work.Of($"killed{delay}");
            using var process = Programs.Start("dotnet", [Programs.Agent, "restore", $"restic:{Repository}", "latest", "--to", target]);
            if (!process.WaitForExit(delay)) process.Kill();
            await process.WaitForExitAsync();
            if (process.ExitCode == 0) continue;
            left++;
            if (!Directory.Exists(target) || !Directory.EnumerateFileSystemEntries(target).Any()) continue;
            Directory.EnumerateFileSystemEntries(target).Select(Path.GetFileName).Should().Contain(".backupguard-unfinished");
            (await Programs.AgentAsync("restore", $"restic:{Repository}", "latest", "--to", target)).ExitCode.Should().Be(2, "an interrupted restore is not taken for an empty folder");
        }
        left.Should().BePositive("at least one kill came before the end");
    }
}
