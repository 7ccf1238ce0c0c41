using System.CommandLine;
using BackupGuard.Agent.Commands;
using BackupGuard.Agent.Hosting;
using BackupGuard.Agent.Link;

var clock = TimeProvider.System;
var parts = AgentComposition.Parts(clock);
var root = new RootCommand("BackupGuard agent: proves that backups can be restored.")
{
    VerifyCommand.Create(clock),
    InspectCommand.Create(),
    StoreTestCommand.Create(),
    AcceptCommand.Create(clock),
    EnvelopeTestCommand.Create(),
    RestoreCommand.Create(clock),
    SignalsCommand.Create(clock),
    SealCommand.Create(clock, state =>
    {
        using var identity = AgentIdentity.OpenOrCreate(state ?? AgentIdentity.DefaultFolder, name: null);
        return identity.Key.ToECDsa();
    }),
    DrillCommand.Create(parts),
    QueueCommand.Create(parts),
    ProbeCommand.Create(parts),
    CopiesCommand.Create(parts),
    AttestCommand.Create(parts),
    CheckConfigCommand.Create(parts),
    EnrolCommand.Create(clock),
    RunCommand.Create(parts),
    InstallCommand.Create(parts),
    InstallCommand.CreateUninstall(),
};
var parsed = root.Parse(args);
// No time limit on stopping: a cancelled drill removes what it restored before the process ends.
if (parsed.Errors.Count == 0) return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
foreach (var error in parsed.Errors) Console.Error.WriteLine($"backupguard-agent: {error.Message}");
Console.Error.WriteLine("See backupguard-agent --help.");
return CommandLine.Usage;
