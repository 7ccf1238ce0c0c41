using System.Text;
using BackupGuard.Agent.Stores;
using BackupGuard.Verification;
using BackupGuard.Verification.Formats.Restic;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Agent;

/// <summary>From an address to a repository: the one place that knows which format is read by what.</summary>
public static class RepositoryOpener
{
    /// <param name="stateFolder">Where the agent's own key lies, or null for the default.</param>
    /// <exception cref="UsageException">The location does not exist, or a secret is missing or unreadable.</exception>
    public static IBackupRepository Open(RepositoryAddress address, string? passwordFile, string? stateFolder)
    {
        try
        {
            return address.Format switch
            {
                "restic" => new ResticRepository(new FileSystemStore(address.Location), Password(passwordFile)),
                _ => throw new UsageException($"The format '{address.Format}' is not known (state {stateFolder})."),
            };
        }
        catch (StoreException e) when (e.Failure == StoreFailure.Misconfigured)
        {
            throw new UsageException($"{address}: {e.Message}. Check the address.");
        }
    }

    /// <summary>From the file, else from BACKUPGUARD_PASSWORD. White space around a password in a file is not part of it, as restic has it.</summary>
    private static byte[] Password(string? file)
    {
        if (file is not null)
        {
            try
            {
                var text = File.ReadAllText(file).Trim();
                return text.Length > 0 ? Encoding.UTF8.GetBytes(text) : throw new UsageException($"The password file {file} is empty.");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new UsageException($"The password file {file} cannot be read: {e.Message}");
            }
        }
        return Environment.GetEnvironmentVariable("BACKUPGUARD_PASSWORD") is { Length: > 0 } password
            ? Encoding.UTF8.GetBytes(password)
            : throw new UsageException("This repository needs a password: give --password-file F, or set BACKUPGUARD_PASSWORD.");
    }
}
