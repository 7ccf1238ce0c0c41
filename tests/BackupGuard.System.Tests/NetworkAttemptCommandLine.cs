using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Xunit;

namespace BackupGuard.System.Tests;

/// <summary>A restored application that tries to reach the network, in a drill at the shell: it fails, and nobody outside sees it.</summary>
[Trait("Needs", "room")]
public sealed class NetworkAttemptCommandLine : IAsyncLifetime, IDisposable
{
    private readonly TemporaryFolder work = new();
    private readonly TcpListener production = new(IPAddress.Any, 0);

    private int Port => ((IPEndPoint)production.LocalEndpoint).Port;

    private static string Address => Dns.GetHostAddresses(Dns.GetHostName()).FirstOrDefault(a => a.AddressFamily == AddressFamily.InterNetwork)?.ToString() ?? "127.0.0.1";

    public async Task InitializeAsync()
    {
        production.Start();
        Directory.CreateDirectory(work.Of("source"));
        await File.WriteAllTextAsync(work.Of("source", "interface.sh"), $$"""
            # An interface engine that sends its queue as soon as it runs, as it does in production.
            for address in {{Address}} 127.0.0.1; do
              exec 3<>/dev/tcp/$address/{{Port}} && echo sent >&3 && echo sent && exit 0
            done
            exit 7

            """);
        await Programs.MustAsync("restic", "-r", work.Of("repository"), "--no-cache", "init");
        await Programs.MustAsync("bash", "-c", $"cd '{work.Path}' && restic -r repository --no-cache backup source");
        await File.WriteAllTextAsync(work.Of("password"), Programs.Password);
        await Programs.MustAsync("chmod", "600", work.Of("password"));
        await File.WriteAllTextAsync(work.Of("agent.yaml"), $$"""
            state: {{work.Of("state")}}
            repositories:
              eai: { address: "restic:{{work.Of("repository")}}", passwordFile: {{work.Of("password")}}, application: eai }
            drills:
              eai-weekly:
                repository: eai
                timeZone: Europe/Paris
                steps:
                  - { kind: exists, glob: "source/interface.sh" }
                  - { kind: start, service: interface, run: [/bin/bash, /restored/source/interface.sh], upFor: PT5S }
                  - { kind: command, run: [/bin/bash, /restored/source/interface.sh], timeout: PT1M }
            """);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose()
    {
        production.Dispose();
        work.Dispose();
    }

    [Fact]
    public async Task A_restored_application_that_tries_to_reach_the_network_fails_and_nobody_outside_sees_it()
    {
        // From this machine the same program gets through: the test could not fail otherwise.
        await Programs.MustAsync("bash", work.Of("source", "interface.sh"));
        using (await production.AcceptTcpClientAsync()) { }

        var drill = await Programs.AgentAsync("drill", "eai-weekly", "--config", work.Of("agent.yaml"), "--format", "json");

        Assert.True(drill.ExitCode == 1, drill.Output + drill.Error);
        var steps = JsonDocument.Parse(drill.Output).RootElement.GetProperty("steps").EnumerateArray()
            .Select(s => $"{s.GetProperty("kind")} {s.GetProperty("verdict")}: {s.GetProperty("detail")}").ToList();
        Assert.Equal("probe proved: source/interface.sh is there", steps[1]);
        Assert.Equal("engine failed: it ended with exit code 7 instead of staying up", steps[2]);
        Assert.Equal("probe failed: exit code 7, expected 0", steps[3]);
        Assert.False(production.Pending(), "somebody knocked");
    }
}
