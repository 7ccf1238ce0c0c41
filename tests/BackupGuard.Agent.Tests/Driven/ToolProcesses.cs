using System.Globalization;
using System.Text;
using BackupGuard.Agent.Driven;
using BackupGuard.Agent.Tests.Drills;
using BackupGuard.Agent.Tests.Scheduling;
using BackupGuard.Verification.Formats.Driven;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Agent.Tests.Driven;

public sealed class ToolProcesses : IDisposable
{
    private static readonly Dictionary<string, string> None = [];

    private readonly TestFolder _disk = new();

    public void Dispose() => _disk.Dispose();

    private static ToolProcess Shell(ToolSettings? settings = null, Dictionary<string, string>? secrets = null, TimeProvider? clock = null) =>
        new("/bin/sh", settings ?? ToolSettings.Default, secrets ?? None, clock ?? TimeProvider.System);

    private static async Task<(string Output, ToolEnd End)> AskAsync(ToolProcess tool, string script, CancellationToken token = default, params string[] more)
    {
        var output = new MemoryStream();
        var end = await tool.RunAsync(new ToolQuestion(["-c", script, .. more]) { Environment = new Dictionary<string, string> { ["BACKUPGUARD_RUN"] = "r1" } }, (stream, t) => stream.CopyToAsync(output, t), token);
        return (Encoding.UTF8.GetString(output.ToArray()), end);
    }

    [Fact]
    public async Task Arguments_arrive_as_they_are_and_the_environment_holds_what_was_given()
    {
        Environment.SetEnvironmentVariable("BACKUPGUARD_PASSWORD", "canary");
        Environment.SetEnvironmentVariable("PGBACKREST_REPO1_PATH", "/somewhere/else");
        var settings = new ToolSettings { Environment = new Dictionary<string, string> { ["SITE"] = "chu" } };
        var (output, end) = await AskAsync(Shell(settings, new Dictionary<string, string> { ["KEY"] = "s3cret-word" }), "env; cat; echo \"$1\"", default, "x", "; rm -rf *");
        end.ExitCode.Should().Be(0);
        output.Should().Contain("SITE=chu\n").And.Contain("KEY=s3cret-word\n").And.Contain("BACKUPGUARD_RUN=r1\n").And.EndWith("; rm -rf *\n", "no shell of ours read it, and standard input has ended");
        output.Should().NotContain("canary").And.NotContain("/somewhere/else").And.NotContain("HOME=");
    }

    [Fact]
    public async Task An_exit_status_is_handed_on_and_the_errors_without_secrets_or_control_characters()
    {
        var (_, end) = await AskAsync(Shell(new ToolSettings { Environment = new Dictionary<string, string> { ["TOKEN"] = "tok-123456" } }, new Dictionary<string, string> { ["KEY"] = "s3cret-word" }),
            "printf 'cannot open with %s and %s\\n\\033[2Jtwo\\n' \"$KEY\" \"$TOKEN\" >&2; head -c 100000 /dev/zero | tr '\\0' x >&2; exit 7");
        end.ExitCode.Should().Be(7);
        end.Errors.Should().StartWith("cannot open with (redacted) and (redacted) / \\u001b[2Jtwo").And.NotContain("s3cret").And.NotContain("123456");
        end.Errors.Length.Should().BeLessThan(320);
    }

    [Fact]
    public async Task What_is_not_there_could_not_be_started()
    {
        var tool = new ToolProcess("/nowhere/adapter", ToolSettings.Default, None, TimeProvider.System);
        (await FluentActions.Awaiting(() => AskAsync(tool, "")).Should().ThrowAsync<ToolException>()).Which.Failure.Should().Be(ToolFailure.NotStarted);
    }

    [Fact]
    public async Task A_tool_that_answers_nothing_is_stopped_when_its_time_is_up_with_all_that_it_started()
    {
        var clock = new TestClock(DateTimeOffset.UnixEpoch);
        var running = AskAsync(Shell(new ToolSettings { Timeout = TimeSpan.FromMinutes(1) }, clock: clock), $"cd {_disk.Path}; (setsid sh -c 'echo $$ > detached; exec sleep 1000' &) ; echo $$ > shell; echo half an answer; sleep 1000");
        var processes = new[] { "shell", "detached" }.Select(WaitForId).ToList();
        clock.Advance(TimeSpan.FromMinutes(1));
        (await FluentActions.Awaiting(() => running.WaitAsync(TimeSpan.FromSeconds(60))).Should().ThrowAsync<ToolException>()).Which.Failure.Should().Be(ToolFailure.TimedOut);
        processes.Where(IsAlive).Should().BeEmpty();
    }

    [Fact]
    public async Task A_cancelled_look_leaves_nothing_running()
    {
        using var cancel = new CancellationTokenSource();
        var running = AskAsync(Shell(), $"echo $$ > {_disk["shell"]}; sleep 1000", cancel.Token);
        var process = WaitForId("shell");
        await cancel.CancelAsync();
        await FluentActions.Awaiting(() => running.WaitAsync(TimeSpan.FromSeconds(60))).Should().ThrowAsync<OperationCanceledException>();
        IsAlive(process).Should().BeFalse();
    }

    [Fact]
    public async Task What_it_left_in_the_background_is_stopped_and_the_answer_still_read()
    {
        var (output, end) = await AskAsync(Shell(), $"echo the answer; (setsid sh -c 'echo $$ > {_disk["detached"]}; exec sleep 1000' &); while ! test -s {_disk["detached"]}; do :; done").WaitAsync(TimeSpan.FromSeconds(60));
        (output, end.ExitCode).Should().Be(("the answer\n", 0));
        IsAlive(WaitForId("detached")).Should().BeFalse();
    }

    [Fact]
    public async Task A_reader_that_has_enough_stops_the_tool()
    {
        var tool = Shell();
        await FluentActions.Awaiting(() => tool.RunAsync(new ToolQuestion(["-c", $"echo $$ > {_disk["shell"]}; cat /dev/zero"]), async (stream, token) =>
        {
            await stream.ReadExactlyAsync(new byte[100], token);
            throw new InvalidDataException("enough");
        }, CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(60))).Should().ThrowAsync<InvalidDataException>();
        IsAlive(WaitForId("shell")).Should().BeFalse();
    }

    [Fact]
    public async Task A_folder_for_a_tool_is_private_and_goes_with_what_lies_in_it()
    {
        var tool = Shell(new ToolSettings { Scratch = _disk.Path });
        string path;
        await using (var folder = tool.CreateFolder())
        {
            path = folder.Path;
            folder.MakeFolder("data");
            File.GetUnixFileMode(path).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            await AskAsync(tool, $"echo x > {path}/data/a; ln -s /etc {path}/data/etc; mkdir -m 0 {path}/data/shut");
        }
        Directory.Exists(path).Should().BeFalse();
        Directory.Exists("/etc").Should().BeTrue("a link is removed, not followed");
        FluentActions.Invoking(() => Shell(new ToolSettings { Scratch = "/proc/nowhere" }).CreateFolder()).Should().Throw<ToolException>().Which.Failure.Should().Be(ToolFailure.NoFolder);
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
