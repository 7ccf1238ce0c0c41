using FluentAssertions;
using Xunit;

namespace BackupGuard.System.Tests;

/// <summary>Server and witness as processes, and an auditor who believes neither alone.</summary>
public sealed class WitnessTests : IAsyncLifetime
{
    private readonly TemporaryFolder work = new();
    private readonly List<Watched> running = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var process in running) await process.DisposeAsync();
        work.Dispose();
    }

    private string Data => work.Of("server");

    private async Task<Watched> StartAsync(string says, string program, params string[] arguments)
    {
        var started = new Watched(Programs.Start("dotnet", [program, .. arguments]));
        running.Add(started);
        await started.LineAsync(says);
        return started;
    }

    private Task<Watched> ServerAsync(params string[] more) => StartAsync("Listening on ", Programs.Server, ["run", "--urls", "http://127.0.0.1:0", "--data", Data, .. more]);

    private async Task EnrolAsync(Watched server, string name)
    {
        var url = (await server.LineAsync("Listening on "))["Listening on ".Length..].TrimEnd('/');
        var token = (await Programs.MustAsync("dotnet", Programs.Server, "agents", "token", "--data", Data)).Trim();
        (await Programs.RunAsync("dotnet", [Programs.Agent, "enroll", "--server", url, "--name", name, "--state", work.Of(name)], ("BACKUPGUARD_ENROL_TOKEN", token))).ExitCode.Should().Be(0);
    }

    private async Task<int> VerifiedAsync()
    {
        File.Delete(work.Of("pack.zip"));
        await Programs.MustAsync("dotnet", Programs.Server, "evidence-pack", "--from", "2020-01-01", "--data", Data, "--out", work.Of("pack.zip"));
        var ours = (await Programs.RunAsync("dotnet", [Programs.Evidence, "verify", work.Of("pack.zip"), "--policy", work.Of("policy")])).ExitCode;
        (await Programs.RunAsync("python3", [Programs.SecondVerifier, "--policy", work.Of("policy"), work.Of("pack.zip")])).ExitCode.Should().Be(ours, "two verifiers, one verdict");
        return ours;
    }

    private async Task<int> CosignedWithinAsync(TimeSpan patience)
    {
        var until = DateTime.UtcNow + patience;
        int code;
        while ((code = await VerifiedAsync()) == 3 && DateTime.UtcNow < until) await Task.Delay(500);
        return code;
    }

    [Fact]
    public async Task What_a_witness_has_seen_can_neither_be_left_out_nor_taken_back()
    {
        var server = await ServerAsync();
        await EnrolAsync(server, "premier");
        var named = await Programs.MustAsync("dotnet", Programs.Server, "evidence-pack", "--from", "2020-01-01", "--data", Data, "--out", work.Of("pack.zip"));
        var log = named.Split("--key ")[1].Trim();
        var key = (await Programs.MustAsync("dotnet", Programs.Witness, "keygen", "--data", work.Of("witness"), "--name", "temoin.example")).Trim();
        (await Programs.RunAsync("dotnet", [Programs.Witness, "keygen", "--data", work.Of("witness"), "--name", "temoin.example"])).ExitCode.Should().Be(2, "another key is another witness");
        var witness = await StartAsync(" listens on ", Programs.Witness, "run", "--data", work.Of("witness"), "--urls", "http://127.0.0.1:0", "--log", log);
        var url = (await witness.LineAsync(" listens on ")).Split(" listens on ")[1];
        await File.WriteAllTextAsync(work.Of("policy"), $"log {log}\nwitness voisin {key} {url}\nquorum voisin\n");
        (await VerifiedAsync()).Should().Be(3, "nobody cosigned yet");

        await server.SignalAsync("KILL");
        server = await ServerAsync("--policy", work.Of("policy"));
        (await CosignedWithinAsync(TimeSpan.FromMinutes(1))).Should().Be(0);
        await server.SignalAsync("KILL");
        await Programs.MustAsync("cp", "-r", Data, work.Of("older"));

        server = await ServerAsync("--policy", work.Of("policy"));
        await EnrolAsync(server, "second");
        (await CosignedWithinAsync(TimeSpan.FromMinutes(2))).Should().Be(0);
        await server.SignalAsync("KILL");
        await witness.SignalAsync("KILL");
        await StartAsync(" listens on ", Programs.Witness, "run", "--data", work.Of("witness"), "--urls", url, "--log", log);

        Directory.Delete(Data, recursive: true);
        Directory.Move(work.Of("older"), Data);
        var refused = await Programs.RunAsync("dotnet", [Programs.Server, "run", "--urls", "http://127.0.0.1:0", "--data", Data, "--policy", work.Of("policy")]);
        refused.ExitCode.Should().Be(2, refused.Output);
        refused.Error.Should().Contain("an older state was restored", "its own checkpoint is signed and cosigned; only the witness knows that there was more");
    }
}
