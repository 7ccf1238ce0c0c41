using System.CommandLine;
using BackupGuard.Agent.Memory;
using BackupGuard.Verification.Checks;

namespace BackupGuard.Agent.Commands;

/// <summary>accept: a person says that the snapshots and keys of a copy are as they should be. The next verification says who, when and why.</summary>
internal static class AcceptCommand
{
    public static Command Create(TimeProvider clock)
    {
        var repository = new RepositoryOptions();
        var reason = new Option<string>("--reason") { Description = "why; it stands in the evidence of the next verifications", Required = true };
        var command = new Command("accept", "Takes the snapshots and keys of a copy as they are now for right: after a planned move, a new key, a removal on purpose.") { reason };
        repository.AddTo(command);
        command.SetAction((parsed, cancellationToken) => CommandLine.RunAsync(async () =>
        {
            var why = parsed.GetRequiredValue(reason).Trim();
            if (why.Length is 0 or > 500) throw new UsageException("--reason: say in 1 to 500 characters why this is as it should be.");
            var (address, opened) = repository.Open(parsed);
            if (repository.MemoryFolder(parsed) is not { } state) throw new UsageException("--state: name the folder in which the agent remembers this copy.");
            var report = await opened.InspectAsync(cancellationToken);
            CommandLine.PrintFindings(report.Findings);
            if (report.Inventory is not { } inventory)
            {
                await Console.Error.WriteLineAsync("Its snapshots and keys could not all be listed, so nothing was accepted.");
                return CommandLine.Inconclusive;
            }
            try
            {
                using var memory = RepositoryMemory.Open(state, address);
                CopyRegister? known = null;
                try { known = RegisterFile.Load(memory.Register); }
                catch (InvalidDataException) { RegisterFile.PutAside(memory.Register); }
                RegisterFile.Save(memory.Register, RegisterCheck.Accept(known, report.RepositoryId, inventory, report.Snapshots, new Acceptance(clock.GetUtcNow(), Environment.UserName, why)));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new UsageException($"--state {state}: {e.Message}");
            }
            await Console.Error.WriteLineAsync($"{address}: {inventory.SnapshotIds.Count} snapshots and {inventory.Keys.Count} keys are accepted as they are.");
            return CommandLine.Proved;
        }));
        return command;
    }
}
