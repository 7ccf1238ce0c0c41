using System.CommandLine;
using System.Security.Cryptography;
using BackupGuard.Agent.Stores;
using BackupGuard.Verification;
using BackupGuard.Verification.Stores;
using BackupGuard.Verification.Stores.Contract;

namespace BackupGuard.Agent.Commands;

/// <summary>Tries the contract of stores on a hospital's own store, under a prefix of its own that is removed afterwards.</summary>
internal static class StoreTestCommand
{
    public static Command Create()
    {
        var address = new Argument<string>("repository") { Description = "format:location; only the location matters. Writes below .backupguard/store-test/ there, and nowhere else." };
        var options = new StoreOptions();
        var command = new Command("store-test", "Tries on your own storage what every store must do. Writes a few MiB under a prefix of its own and removes them.") { address };
        options.AddTo(command);
        command.SetAction((parsed, cancellationToken) => CommandLine.RunAsync(async () =>
        {
            var repository = RepositoryAddress.Parse(parsed.GetRequiredValue(address));
            if (RepositoryAddress.IsDriven(repository.ToString())) throw new UsageException($"{repository}: its tool knows where it lies, this agent does not. Give the folder or bucket with a format that is read here, such as files:/srv/backup.");
            var prefix = new ScratchPrefix(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)));
            IBackupStore store;
            IStoreScratch scratch;
            try
            {
                (store, scratch) = StoreOpener.OpenWithScratch(repository.Location, options.Read(parsed), prefix);
            }
            catch (StoreException e)
            {
                throw new UsageException($"{repository}: {e.Message}. Check the address.");
            }
            return CommandLine.ExitCode(await RunAsync(store, scratch, Console.Error, cancellationToken));
        }));
        return command;
    }

    /// <summary>Proved when every rule is kept; Failed when one is not; Inconclusive when the store would not let us write at all.</summary>
    public static async Task<Verdict> RunAsync(IBackupStore store, IStoreScratch scratch, TextWriter output, CancellationToken cancellationToken)
    {
        await output.WriteLineAsync($"{store.Location}: {StoreContract.Rules.Count} rules, below {scratch.Prefix}");
        var broken = 0;
        try
        {
            await scratch.PutAsync(scratch.Prefix.Name("first"), new byte[] { 1 }, cancellationToken);
            foreach (var rule in StoreContract.Rules)
            {
                var found = await StoreContract.TryAsync(rule, store, scratch, cancellationToken);
                if (found is not null) broken++;
                await output.WriteLineAsync(found is null ? $"  kept    {rule.Sentence}" : $"  BROKEN  {rule.Sentence}: {found}");
            }
        }
        catch (StoreException e)
        {
            await output.WriteLineAsync($"Nothing could be written below {scratch.Prefix} ({e.Failure}: {e.Message}): the store was not tried. Give an account that may write there, or try another prefix.");
            return Verdict.Inconclusive;
        }
        finally
        {
            // Also when stopped: what is ours does not stay.
            try
            {
                await scratch.ClearAsync(CancellationToken.None);
            }
            catch (StoreException e)
            {
                await output.WriteLineAsync($"What lies below {scratch.Prefix} could not be removed ({e.Message}); remove it by hand.");
            }
        }
        await output.WriteLineAsync(broken == 0 ? "Every rule is kept: this store can be verified from." : $"{broken} rules are broken: what is said about backups in this store cannot be relied on.");
        return broken == 0 ? Verdict.Proved : Verdict.Failed;
    }
}
