using System.Text.Json;
using FluentAssertions;
using Xunit;

namespace BackupGuard.System.Tests;

/// <summary>What the agent remembers of a copy, at the shell: readings that add up, kills that cost little, a copy that went back in time.</summary>
public sealed class ResticMemoryCommandLineTests(ManyPacks made) : IClassFixture<ManyPacks>, IAsyncLifetime
{
    private readonly TemporaryFolder work = new();
    private string Repository => work.Of("repository");

    public async Task InitializeAsync() => await Programs.MustAsync("cp", "-r", made.Repository, made.Source, work.Path);

    public Task DisposeAsync()
    {
        work.Dispose();
        return Task.CompletedTask;
    }

    private Task<string> BackUpAsync() => Programs.MustAsync("restic", "-r", Repository, "--no-cache", "backup", work.Of("source"));

    private async Task<(int Exit, JsonElement Document)> VerifyAsync(params string[] more)
    {
        var ended = await Programs.AgentAsync(["verify", $"restic:{Repository}", "--state", work.Of("state"), "--format", "json", .. more]);
        ended.ExitCode.Should().BeOneOf([0, 1, 3], ended.Error);
        return (ended.ExitCode, JsonDocument.Parse(ended.Output).RootElement);
    }

    private static long NeverRead(JsonElement document) => document.GetProperty("memory").GetProperty("bytesNeverRead").GetInt64();

    [Fact]
    public async Task Ten_per_cent_twice_covers_twenty()
    {
        var (exit, first) = await VerifyAsync("--read-data", "10%");
        exit.Should().Be(3);
        var (_, second) = await VerifyAsync("--read-data", "10%");
        first.GetProperty("coverage").GetDouble().Should().BeInRange(0.1, 0.3);
        second.GetProperty("coverage").GetDouble().Should().BeInRange(0.2, 0.5);
        second.GetProperty("coverageThisRun").GetDouble().Should().BeInRange(0.1, 0.3);
    }

    [Fact]
    public async Task Killed_again_and_again_it_still_comes_to_the_end_and_is_never_proved_before()
    {
        var random = new Random();
        var left = NeverRead((await VerifyAsync("--read-data", "none")).Document);
        left.Should().BePositive();
        for (var round = 0; round < 4; round++)
        {
            using (var process = Programs.Start("dotnet", [Programs.Agent, "verify", $"restic:{Repository}", "--state", work.Of("state")]))
            {
                var drained = Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
                // Somewhere between the start and the end of a run on this machine; where exactly must not matter.
                await Task.WhenAny(process.WaitForExitAsync(), Task.Delay(random.Next(200, 2500)));
                process.Kill();
                await process.WaitForExitAsync();
                await drained;
            }
            var (exit, document) = await VerifyAsync("--read-data", "none");
            NeverRead(document).Should().BeLessThanOrEqualTo(left, "what was read stays read");
            left = NeverRead(document);
            exit.Should().Be(left == 0 ? 0 : 3);
        }
        (await VerifyAsync()).Exit.Should().Be(0);
        (await VerifyAsync("--read-data", "none")).Exit.Should().Be(0, "everything was read within the promise");
        (await VerifyAsync("--read-data", "none", "--nothing-older-than", "PT1S")).Exit.Should().Be(3, "and not within a second");
    }

    [Fact]
    public async Task An_older_copy_put_back_is_a_failure_until_somebody_says_that_it_is_wanted()
    {
        (await VerifyAsync("--read-data", "none")).Exit.Should().Be(3);
        await Programs.MustAsync("cp", "-r", Repository, work.Of("older"));
        await BackUpAsync();
        await VerifyAsync("--read-data", "none");
        Directory.Delete(Repository, recursive: true);
        Directory.Move(work.Of("older"), Repository);
        (await Programs.RunAsync("restic", ["-r", Repository, "--no-cache", "check", "--read-data"])).ExitCode.Should().Be(0, "restic itself cannot notice");

        var (exit, document) = await VerifyAsync();
        exit.Should().Be(1);
        Codes(document).Should().Contain("BG4012");
        var refused = await Programs.AgentAsync("accept", $"restic:{Repository}", "--state", work.Of("state"), "--reason", " ");
        refused.ExitCode.Should().Be(2, "why must be said");
        (await Programs.AgentAsync("accept", $"restic:{Repository}", "--state", work.Of("state"), "--reason", "volume restored after a disk failure")).ExitCode.Should().Be(0);
        (exit, document) = await VerifyAsync();
        exit.Should().Be(0);
        Codes(document).Should().Contain("BG4018");
    }

    [Fact]
    public async Task A_snapshot_removed_before_its_retention_and_a_key_that_nobody_announced_are_found()
    {
        await VerifyAsync();
        var first = JsonDocument.Parse(await Programs.MustAsync("restic", "-r", Repository, "--no-cache", "snapshots", "--json")).RootElement[0].GetProperty("id").GetString()!;    // eight were made
        await Programs.MustAsync("restic", "-r", Repository, "--no-cache", "forget", first);
        await File.WriteAllTextAsync(work.Of("new-password"), "sample-only");
        await Programs.MustAsync("restic", "-r", Repository, "--no-cache", "key", "add", "--new-password-file", work.Of("new-password"));
        var (exit, document) = await VerifyAsync("--retention", "P30D");
        exit.Should().Be(1);
        Codes(document).Should().Contain(["BG4011", "BG4016"]);
    }

    [Fact]
    public async Task A_backup_older_than_its_PDMA_is_a_failure()
    {
        var (exit, document) = await VerifyAsync("--pdma", "PT1S");
        exit.Should().Be(1);
        Codes(document).Should().Contain("BG4021");
        (await VerifyAsync("--pdma", "PT1H")).Exit.Should().Be(0);
    }

    private static List<string> Codes(JsonElement document) => [.. document.GetProperty("findings").EnumerateArray().Select(f => f.GetProperty("code").GetString()!)];    // a finding has a code
}

/// <summary>A repository of many small packs: eight backups of something new each. Made once, copied by each test.</summary>
public sealed class ManyPacks : IAsyncLifetime
{
    private readonly TemporaryFolder work = new();

    public string Repository => work.Of("repository");
    public string Source => work.Of("source");

    public async Task InitializeAsync()
    {
        await Programs.MustAsync("restic", "-r", Repository, "--no-cache", "init");
        Directory.CreateDirectory(Source);
        for (var i = 0; i < 8; i++)
        {
            var bytes = new byte[700_000];
            new Random(i).NextBytes(bytes);
            await File.WriteAllBytesAsync(Path.Combine(Source, $"f{i}"), bytes);
            await Programs.MustAsync("restic", "-r", Repository, "--no-cache", "backup", Source);
        }
    }

    public Task DisposeAsync()
    {
        work.Dispose();
        return Task.CompletedTask;
    }
}
