using System.CommandLine;
using BackupGuard.Agent.Commands;

var clock = TimeProvider.System;
var root = new RootCommand("BackupGuard agent: proves that backups can be restored.")
{
    VerifyCommand.Create(clock),
    InspectCommand.Create(),
    RestoreCommand.Create(clock),
};
var parsed = root.Parse(args);
if (parsed.Errors.Count == 0) return await parsed.InvokeAsync();
foreach (var error in parsed.Errors) Console.Error.WriteLine($"backupguard-agent: {error.Message}");
Console.Error.WriteLine("See backupguard-agent --help.");
return CommandLine.Usage;
