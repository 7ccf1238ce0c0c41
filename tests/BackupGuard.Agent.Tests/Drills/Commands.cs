using System.Globalization;
using BackupGuard.Agent.Drills;
using BackupGuard.Agent.Tests.Scheduling;
using BackupGuard.Verification;
using BackupGuard.Verification.Drills;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Agent.Tests.Drills;

public sealed class Commands : IDisposable
{
    private readonly TestFolder _disk = new();

    public void Dispose() => _disk.Dispose();

    private static CommandProbe Probe(string script, int exitCode = 0, string? contains = null) => new(["/bin/sh", "-c", script], exitCode, TimeSpan.FromMinutes(1), contains, OnMachine: true);

    private Task<ProbeAnswer> RunAsync(CommandProbe probe, TimeProvider? clock = null, CancellationToken token = default) =>
        new CommandProbes(_disk.Path, clock ?? TimeProvider.System).RunAsync(probe, new ProbeScene(DateTimeOffset.UnixEpoch, new RestoredFolder(_disk.Path), 1, 1), token);

    [Fact]
    public async Task The_exit_code_and_the_text_decide()
    {
        (await RunAsync(Probe("exit 0"))).Verdict.Should().Be(Verdict.Proved);
        (await RunAsync(Probe("exit 3", exitCode: 3))).Verdict.Should().Be(Verdict.Proved);
        var wrong = await RunAsync(Probe("echo patient Dupont; exit 3"));
        wrong.Verdict.Should().Be(Verdict.Failed);
        wrong.Detail.English.Should().Be("exit code 3, expected 0", "output may hold patients' data and stays here");
        (await RunAsync(Probe("echo all is well", contains: "is well"))).Verdict.Should().Be(Verdict.Proved);
        (await RunAsync(Probe("echo all is well >&2", contains: "is well"))).Verdict.Should().Be(Verdict.Failed);
    }

    [Fact]
    public async Task A_program_that_is_not_there_could_not_be_asked() =>
        await FluentActions.Awaiting(() => RunAsync(new CommandProbe(["/nowhere/program"], 0, TimeSpan.FromMinutes(1), null, OnMachine: true))).Should().ThrowAsync<SandboxException>().WithMessage("*/nowhere/program could not be started*");

    [Fact]
    public async Task It_works_in_the_restored_folder_without_the_agents_environment_shell_or_input()
    {
        await File.WriteAllTextAsync(_disk["here"], "");
        Environment.SetEnvironmentVariable("BACKUPGUARD_PASSWORD", "canary");
        (await RunAsync(Probe("test -f here"))).Verdict.Should().Be(Verdict.Proved);
        (await RunAsync(Probe("test -z \"$BACKUPGUARD_PASSWORD\""))).Verdict.Should().Be(Verdict.Proved);
        (await RunAsync(Probe("cat"))).Verdict.Should().Be(Verdict.Proved, "its input has ended");
        (await RunAsync(new CommandProbe(["/bin/echo", "$HOME", "; rm -rf *", "a b"], 0, TimeSpan.FromMinutes(1), "$HOME ; rm -rf * a b", OnMachine: true))).Verdict.Should().Be(Verdict.Proved);
        File.Exists(_disk["here"]).Should().BeTrue();
    }

    [Fact]
    public async Task Output_without_end_is_not_kept()
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        (await RunAsync(Probe("head -c 300000000 /dev/zero"))).Verdict.Should().Be(Verdict.Proved);
        (GC.GetTotalMemory(forceFullCollection: true) - before).Should().BeLessThan(50_000_000);
    }

    [Fact]
    public async Task When_the_time_is_up_the_whole_tree_is_killed_and_nothing_is_known()
    {
        var clock = new TestClock(DateTimeOffset.UnixEpoch);
        // A child, a grandchild, and one that left the session and whose parent is gone.
        var running = RunAsync(Probe("(sleep 1000 & echo $! > grandchild; wait) & (setsid sh -c 'echo $$ > detached; exec sleep 1000' &) ; echo $$ > shell; wait"), clock);
        var processes = new[] { "shell", "grandchild", "detached" }.Select(WaitForId).ToList();
        running.IsCompleted.Should().BeFalse();

        clock.Advance(TimeSpan.FromMinutes(1));
        var answer = await running.WaitAsync(TimeSpan.FromSeconds(60));

        answer.Verdict.Should().Be(Verdict.Inconclusive);
        answer.Detail.English.Should().Contain("did not end within 60 s");
        processes.Where(IsAlive).Should().BeEmpty();
    }

    [Fact]
    public async Task What_it_left_in_the_background_is_killed_when_it_ends()
    {
        (await RunAsync(Probe("setsid sh -c 'echo $$ > detached; exec sleep 1000' & while ! test -s detached; do :; done"))).Verdict.Should().Be(Verdict.Proved);
        IsAlive(WaitForId("detached")).Should().BeFalse();
    }

    [Fact]
    public async Task What_wiped_its_environment_is_found_by_its_folder()
    {
        (await RunAsync(Probe("env -i setsid sh -c 'echo $$ > detached; exec sleep 1000' & while ! test -s detached; do :; done"))).Verdict.Should().Be(Verdict.Proved);
        IsAlive(WaitForId("detached")).Should().BeFalse();
    }

    [Fact]
    public async Task What_hides_altogether_leaves_the_question_unanswered_and_the_drill_does_not_hang()
    {
        var clock = new TestClock(DateTimeOffset.UnixEpoch);
        var running = RunAsync(Probe($"here=$PWD; cd /; env -i setsid sh -c \"echo \\$\\$ > $here/hidden; exec sleep 1000\" & while ! test -s $here/hidden; do :; done"), clock);
        var hidden = WaitForId("hidden");
        SpinWait.SpinUntil(() => { clock.Advance(TimeSpan.FromMilliseconds(100)); return running.IsCompleted; }, TimeSpan.FromSeconds(60)).Should().BeTrue();
        await FluentActions.Awaiting(() => running).Should().ThrowAsync<SandboxException>().WithMessage("*left a process behind*");
        using var left = System.Diagnostics.Process.GetProcessById(hidden);
        left.Kill();
    }

    [Fact]
    public async Task A_cancelled_drill_does_not_wait_for_its_command()
    {
        using var cancel = new CancellationTokenSource();
        var running = RunAsync(Probe("echo $$ > shell; sleep 1000"), token: cancel.Token);
        var process = WaitForId("shell");
        await cancel.CancelAsync();
        await FluentActions.Awaiting(() => running.WaitAsync(TimeSpan.FromSeconds(60))).Should().ThrowAsync<OperationCanceledException>();
        IsAlive(process).Should().BeFalse();
    }

    private int WaitForId(string file)
    {
        SpinWait.SpinUntil(() => File.Exists(_disk[file]) && File.ReadAllText(_disk[file]).EndsWith('\n'), TimeSpan.FromSeconds(60)).Should().BeTrue("{0} must have begun", file);
        return int.Parse(File.ReadAllText(_disk[file]), CultureInfo.InvariantCulture);
    }

    private static bool IsAlive(int id)
    {
        try
        {
            // State Z: killed, and not yet collected by whoever adopted it.
            return !File.ReadAllText($"/proc/{id}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or IOException)
        {
            return false;
        }
    }
}
