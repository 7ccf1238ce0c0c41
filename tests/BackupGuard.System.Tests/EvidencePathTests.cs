using System.Text.Json;
using FluentAssertions;
using Xunit;

namespace BackupGuard.System.Tests;

/// <summary>From the drill on the agent to the page on the server, with either process killed on the way.</summary>
public sealed class EvidencePathTests : IAsyncLifetime
{
    private readonly TemporaryFolder work = new();
    private Watched? server;
    private Watched? agent;
    private string url = "";

    private string Config => work.Of("agent.yaml");
    private string ServerData => work.Of("server");

    public async Task InitializeAsync()
    {
        await Programs.MustAsync("bash", "-c", $"mkdir -p '{work.Path}/src' && cd '{work.Path}' && for i in $(seq 1 30); do seq 1 $((i*50)) > src/f$i.txt; done && restic -r repo --no-cache init && restic -r repo --no-cache backup src");
        File.WriteAllText(work.Of("password"), Programs.Password);
        File.WriteAllText(work.Of("catalogue.yaml"), """
            format: backupguard.catalogue/v1
            establishment: CH d'essai
            timeZone: Europe/Paris
            applications:
              - { id: dpi, name: DPI, service: Soins, vital: true, dmia: PT8H, mtpd: P1D, pdma: PT4H }
            """);
        // The last probe takes its time, so that there is a middle to be killed in.
        File.WriteAllText(Config, $$"""
            state: {{work.Path}}/state
            repositories:
              dpi: { address: "restic:{{work.Path}}/repo", passwordFile: "{{work.Path}}/password", application: dpi, verify: { cron: "0 3 * * *", timeZone: Europe/Paris } }
            drills:
              dpi-hebdo:
                repository: dpi
                timeZone: Europe/Paris
                probes:
                  - { kind: count, minFiles: 30 }
                  - { kind: command, run: [/bin/sleep, "2"], timeout: PT1M }
            """);
    }

    public async Task DisposeAsync()
    {
        if (agent is not null) await agent.DisposeAsync();
        if (server is not null) await server.DisposeAsync();
        work.Dispose();
    }

    private async Task StartServerAsync(int port = 0)
    {
        server = new Watched(Programs.Start("dotnet", [Programs.Server, "run", "--urls", $"http://127.0.0.1:{port}", "--data", ServerData, "--catalogue", work.Of("catalogue.yaml")]));
        url = (await server.LineAsync("Listening on "))["Listening on ".Length..].TrimEnd('/');
    }

    private async Task EnrolAsync()
    {
        var token = (await Programs.MustAsync("dotnet", Programs.Server, "agents", "token", "--data", ServerData)).Trim();
        var enrolled = await Programs.RunAsync("dotnet", [Programs.Agent, "enroll", "--server", url, "--name", "essai", "--state", work.Of("state")], ("BACKUPGUARD_ENROL_TOKEN", token));
        enrolled.ExitCode.Should().Be(0, enrolled.Error);
        enrolled.Error.Should().NotContain(token);
    }

    private Watched StartAgent(params string[] extra) => agent = new Watched(Programs.Start("dotnet", [Programs.Agent, "run", "--config", Config, .. extra]));

    private static async Task KillAsync(Watched process) => await process.SignalAsync("KILL");

    private string[] Waiting => Directory.Exists(work.Of("state", "spool")) ? Directory.GetFiles(work.Of("state", "spool"), "*.entry") : [];

    private async Task UntilAsync(Func<bool> reached, string what)
    {
        for (var i = 0; i < 600; i++)
        {
            if (reached()) return;
            await Task.Delay(100);
        }
        throw new TimeoutException($"never: {what}\nagent: {agent?.Text}\nserver: {server?.Text}");
    }

    private async Task<string> FsckAsync()
    {
        var fsck = await Programs.RunAsync("dotnet", [Programs.Server, "fsck", "--data", ServerData]);
        fsck.ExitCode.Should().Be(0, fsck.Output + fsck.Error);
        return fsck.Output + fsck.Error;
    }

    [Fact]
    public async Task A_drill_killed_in_the_middle_is_repeated_after_the_start_and_stands_on_the_readiness_page()
    {
        await StartServerAsync();
        await EnrolAsync();
        var first = StartAgent("--now");
        await first.LineAsync("verify:dpi: proved");
        var sandbox = work.Of("state", "sandbox");
        await UntilAsync(() => Directory.Exists(sandbox) && Directory.EnumerateFiles(sandbox, "f30.txt", SearchOption.AllDirectories).Any(), "the drill restored");
        await KillAsync(first);
        Directory.EnumerateDirectories(sandbox).Should().NotBeEmpty("the kill left the restored files behind");

        var second = StartAgent();
        await second.LineAsync("drill:dpi-hebdo: proved");
        Directory.EnumerateDirectories(sandbox).Should().BeEmpty("the next start removed what was left");
        await UntilAsync(() => Waiting.Length == 0, "everything was sent");

        await using var chromium = await Chromium.StartAsync(javaScript: false);
        var login = (await Programs.MustAsync("dotnet", Programs.Server, "accounts", "one-time-login", "--data", ServerData)).Trim().Split('\n')[^1].Trim();
        await chromium.SignInAsync(login.StartsWith("http", StringComparison.Ordinal) ? login : $"{url}/connexion?code={login[(login.LastIndexOf('=') + 1)..]}");
        await chromium.Page.GotoAsync(url + "/");
        (await chromium.Page.Locator("table.ledger tbody tr").Filter(new() { HasText = "DPI" }).First.InnerTextAsync()).Should().Contain("Prouvé");
        await chromium.Page.GotoAsync(url + "/tests");
        var tests = await chromium.Page.Locator("main").InnerTextAsync();
        tests.Should().Contain("Non concluant", "the interrupted drill is not forgotten").And.Contain("Réussi");
        (await second.SignalAsync("TERM")).Should().Be(0);
        await FsckAsync();
    }

    [Fact]
    public async Task Killing_either_process_again_and_again_loses_nothing_and_duplicates_nothing()
    {
        var random = new Random(20261121);
        await StartServerAsync();
        await EnrolAsync();
        var port = new Uri(url).Port;
        for (var round = 0; round < 6; round++)
        {
            var running = StartAgent("--now");
            await Task.Delay(random.Next(300, 4000));
            if (round % 2 == 1)
            {
                await KillAsync(server!);
                await Task.Delay(random.Next(0, 500));
                await StartServerAsync(port);
            }
            await KillAsync(running);
        }
        var last = StartAgent("--now");
        await last.LineAsync("drill:dpi-hebdo: proved");
        await UntilAsync(() => Waiting.Length == 0, "everything was sent");
        (await last.SignalAsync("TERM")).Should().Be(0);
        (await server!.SignalAsync("TERM")).Should().Be(0);

        // fsck demands of every agent: counters without gap, each entry chained to the one before, each signature good, each announced work closed or open once.
        await FsckAsync();
        var head = JsonDocument.Parse(File.ReadAllText(work.Of("state", "spool", "head.1"))).RootElement.GetProperty("counter").GetInt64();
        head.Should().BeGreaterThan(12, "every start and every run left its entries");
        // The log holds exactly as many entries of this agent as the agent counted.
        var count = await Programs.MustAsync("python3", "-c", "import sqlite3,sys; print(sqlite3.connect(sys.argv[1]).execute(\"select count(*), count(distinct counter), max(counter) from entries where origin='agent:essai'\").fetchone())", Directory.GetFiles(ServerData, "*.db").Single());
        count.Trim().Should().Be($"({head}, {head}, {head})");
    }
}
