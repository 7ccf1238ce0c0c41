using System.Security.Cryptography;
using System.Text;
using BackupGuard.Agent.Driven;
using BackupGuard.Agent.Link;
using BackupGuard.Agent.Stores;
using BackupGuard.Verification;
using BackupGuard.Verification.Formats.Borg;
using BackupGuard.Verification.Formats.Driven;
using BackupGuard.Verification.Formats.FileSet;
using BackupGuard.Verification.Formats.PgBackRest;
using BackupGuard.Verification.Formats.Postgres;
using BackupGuard.Verification.Formats.Restic;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Agent;

/// <summary>What opening a repository needs besides its address.</summary>
/// <param name="PasswordFile">File that holds the password, or null for BACKUPGUARD_PASSWORD.</param>
/// <param name="StateFolder">Where the agent's own key lies; sets that it sealed are vouched for by it.</param>
/// <param name="TrustedKeys">Files with further public keys (PEM) whose seals count.</param>
public sealed record RepositorySecrets(string? PasswordFile, string StateFolder, IReadOnlyList<string> TrustedKeys)
{
    /// <summary>File that holds the key of a Borg repository, or null for BORG_KEY_FILE.</summary>
    public string? KeyFile { get; init; }
    public StoreSettings Store { get; init; } = StoreSettings.Default;
    public ToolSettings Tool { get; init; } = ToolSettings.Default;
}

/// <summary>From an address to a repository: the one place that knows which format is read by what.</summary>
public static class RepositoryOpener
{
    /// <exception cref="UsageException">A secret or a key is missing or unreadable.</exception>
    /// <exception cref="StoreException">The location cannot be used.</exception>
    public static IBackupRepository Open(RepositoryAddress address, RepositorySecrets secrets) => address.Format switch
    {
        "restic" => new ResticRepository(StoreOpener.Open(address.Location, secrets.Store), Password(secrets.PasswordFile), TimeProvider.System),
        FileSetRepository.Format => OpenFileSet(address.Location, secrets),
        PostgresRepository.Format => new PostgresRepository(StoreOpener.IsLocal(address.Location) ? new PostgresFolderStore(address.Location) : StoreOpener.Open(address.Location, secrets.Store)),
        BorgRepository.Format => new BorgRepository(StoreOpener.Open(address.Location, secrets.Store), new BorgSecrets(OptionalPassword(secrets.PasswordFile), KeyFile(secrets.KeyFile)), TimeProvider.System),
        PgBackRestRepository.Format => OpenStanza(address, secrets),
        CommandRepository.Format => OpenAdapter(address.Location, secrets),
        _ => throw new UsageException($"The format '{address.Format}' is not known."),
    };

    private static PgBackRestRepository OpenStanza(RepositoryAddress address, RepositorySecrets secrets)
    {
        var (stanza, repository) = address.Stanza;
        var hidden = new Dictionary<string, string>(StringComparer.Ordinal);
        if (OptionalPassword(secrets.PasswordFile) is { } passphrase) hidden[$"PGBACKREST_REPO{repository}_CIPHER_PASS"] = Encoding.UTF8.GetString(passphrase);
        // By the environment: every verb takes it, and one that does not know an option would refuse it as an argument.
        var settings = secrets.Tool;
        if (settings.ConfigFile is { } file)
        {
            if (!File.Exists(file)) throw new UsageException($"{address}: pgBackRest's configuration file {file} is not there or may not be read.");
            settings = settings with { Environment = new Dictionary<string, string>(settings.Environment, StringComparer.Ordinal) { ["PGBACKREST_CONFIG"] = file } };
        }
        return new PgBackRestRepository(new ToolProcess(settings.Program ?? "pgbackrest", settings, hidden, TimeProvider.System), stanza, repository);
    }

    private static CommandRepository OpenAdapter(string program, RepositorySecrets secrets)
    {
        if (!File.Exists(program)) throw new UsageException($"command:{program}: there is no such adapter, or this account may not see it.");
        // An adapter reads its password itself: the file's name is no secret, and a variable could be read by whatever else it starts.
        var environment = new Dictionary<string, string>(secrets.Tool.Environment, StringComparer.Ordinal);
        if (secrets.PasswordFile is { } file) environment["BACKUPGUARD_PASSWORD_FILE"] = Path.GetFullPath(file);
        return new CommandRepository(new ToolProcess(program, secrets.Tool with { Environment = environment }, new Dictionary<string, string>(), TimeProvider.System), Path.GetFileName(program));
    }

    private static FileSetRepository OpenFileSet(string location, RepositorySecrets secrets)
    {
        var trust = new FileSetTrust([.. secrets.TrustedKeys.Select(PublicKey), .. OwnKey(secrets.StateFolder)]);
        // A bucket has no folders that one could ask: there the name decides.
        if (!(StoreOpener.IsLocal(location) ? File.Exists(location) : FileSetRepository.IsArchive(location))) return FileSetRepository.OverFolder(StoreOpener.Open(location, secrets.Store), trust);
        if (!FileSetRepository.IsArchive(location)) throw new UsageException($"files:{location} is a file of no known archive kind (.tar, .tar.gz, .tar.zst, .zip).");
        var (store, name) = StoreOpener.OpenAround(location, secrets.Store);
        return FileSetRepository.OverArchive(store, name, trust);
    }

    private static IEnumerable<byte[]> OwnKey(string stateFolder)
    {
        using var identity = AgentIdentity.Open(stateFolder);
        return identity is null ? [] : [identity.Key.PublicKey.Spki.ToArray()];
    }

    private static byte[] PublicKey(string file)
    {
        try
        {
            using var key = ECDsa.Create();
            key.ImportFromPem(File.ReadAllText(file));
            return key.ExportSubjectPublicKeyInfo();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new UsageException($"--trust-key {file}: this is no readable public key in PEM ({e.Message.TrimEnd('.')}).");
        }
    }

    /// <summary>From the file, else from BACKUPGUARD_PASSWORD. White space around a password in a file is not part of it, as restic has it.</summary>
    private static byte[] Password(string? file) =>
        OptionalPassword(file) ?? throw new UsageException("This repository needs a password: give --password-file F, or set BACKUPGUARD_PASSWORD.");

    /// <summary>Null when none was given: not every Borg repository has one, and only its own bytes say so.</summary>
    private static byte[]? OptionalPassword(string? file)
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
        return Environment.GetEnvironmentVariable("BACKUPGUARD_PASSWORD") is { Length: > 0 } password ? Encoding.UTF8.GetBytes(password) : null;
    }

    private static byte[]? KeyFile(string? file)
    {
        file ??= Environment.GetEnvironmentVariable("BORG_KEY_FILE");
        if (string.IsNullOrEmpty(file)) return null;
        try
        {
            // A key has less than a kilobyte.
            if (new FileInfo(file).Length > 64 * 1024) throw new UsageException($"The key file {file} is too long to be one.");
            return File.ReadAllBytes(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"The key file {file} cannot be read: {e.Message}");
        }
    }
}
