using System.CommandLine;
using BackupGuard.Agent.Commands;
using BackupGuard.Agent.Hosting;
using BackupGuard.Agent.Tests.Drills;
using BackupGuard.Agent.Tests.Scheduling;
using BackupGuard.Verification;

namespace BackupGuard.Agent.Tests.Hosting;

/// <summary>The agent's commands over a small repository and a spool in memory.</summary>
internal sealed class CommandRun : IDisposable
{
    public static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    public TestFolder Disk { get; } = new();
    public FakeSpool Spool { get; } = new();
    public TestClock Clock { get; } = new(Now);
    public bool SpoolIsHeld { get; set; }
    public Func<CancellationToken, Task> Link { get; set; } = token => Task.Delay(Timeout.Infinite, token).ContinueWith(_ => { }, TaskScheduler.Default);
    public IBackupRepository Repository { get; set; } = new SmallRepository(Now - TimeSpan.FromHours(5), ("data/base.dump", "patients"), ("index", "1"));

    public string Config(string probes = "- { kind: count, minFiles: 2 }", string more = "", string verify = "", string? location = null) => Written($$"""
        state: {{Disk["state"]}}
        repositories:
          dpi:
            address: "restic:{{location ?? Disk["backup"]}}"
            application: dpi
        {{verify}}
        drills:
          dpi-weekly:
            repository: dpi
            cron: "0 3 * * 0"
            timeZone: Europe/Paris
            sandbox: {{Disk["sandbox"]}}
            probes:
              {{probes}}
        {{more}}
        """);

    public string Written(string text)
    {
        File.WriteAllText(Disk["agent.yaml"], text);
        return Disk["agent.yaml"];
    }

    public AgentParts Parts => new()
    {
        Clock = Clock,
        AddressRefusal = address => address.StartsWith("restic:/", StringComparison.Ordinal) || address.StartsWith("restic:s3:", StringComparison.Ordinal) ? null : "the format is not known",
        OpenRepository = (_, _) => ValueTask.FromResult(Repository),
        CreateTarget = folder => new PlainTarget(folder),
        OpenSpool = _ => SpoolIsHeld ? throw new IOException("another process holds the spool") : new OpenSpool(Spool, Spool, new MemoryStream()),
        RunLink = (_, _, token) => Link(token),
        Progress = _ => null,
    };

    public async Task<(int ExitCode, string Output, string Error)> InvokeAsync(CancellationToken token, params string[] arguments)
    {
        var root = new RootCommand { DrillCommand.Create(Parts), QueueCommand.Create(Parts), CheckConfigCommand.Create(Parts), RunCommand.Create(Parts), CopiesCommand.Create(Parts), AttestCommand.Create(Parts), InstallCommand.Create(Parts), InstallCommand.CreateUninstall() };
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exitCode = await root.Parse(arguments).InvokeAsync(new InvocationConfiguration { Output = output, Error = error, ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false }, token);
        return (exitCode, output.ToString(), error.ToString());
    }

    public Task<(int ExitCode, string Output, string Error)> InvokeAsync(params string[] arguments) => InvokeAsync(CancellationToken.None, arguments);

    public void Dispose() => Disk.Dispose();
}
