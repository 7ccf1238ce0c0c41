using System.CommandLine;
using BackupGuard.Agent.Link;
using BackupGuard.Verification;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Agent.Commands;

/// <summary>The options of every verb that opens a repository, and the opening.</summary>
internal sealed class RepositoryOptions
{
    private readonly Argument<string> address = new("repository") { Description = "format:location, such as restic:/srv/backup, borg:/srv/borg, files:/srv/export, restic:s3:https://host/bucket/prefix, pgbackrest:STANZA or command:/path/of/adapter" };
    private readonly Option<string?> passwordFile = new("--password-file") { Description = "file that holds the password; else BACKUPGUARD_PASSWORD is used" };
    private readonly Option<string?> keyFile = new("--key-file") { Description = "file that holds the key of a Borg repository in a keyfile mode; else BORG_KEY_FILE is used" };
    private readonly Option<string?> state = CommandLine.State();
    private readonly StoreOptions store = new();
    private readonly ToolOptions tool = new();
    private readonly Option<string[]> trustedKeys = new("--trust-key") { Description = "public key (PEM) whose seals count besides this agent's own (may be repeated)", DefaultValueFactory = _ => [] };

    public void AddTo(Command command)
    {
        command.Arguments.Insert(0, address);
        command.Options.Add(passwordFile);
        command.Options.Add(keyFile);
        command.Options.Add(state);
        command.Options.Add(trustedKeys);
        store.AddTo(command);
        tool.AddTo(command);
    }

    /// <summary>Where to remember what was read: --state, or the agent's own folder where there is one; null on a machine without.</summary>
    public string? MemoryFolder(ParseResult parsed) => parsed.GetValue(state) ?? (Directory.Exists(AgentIdentity.DefaultFolder) ? AgentIdentity.DefaultFolder : null);

    /// <exception cref="UsageException">The address is none, the location does not exist, or a secret is missing.</exception>
    public (RepositoryAddress Address, IBackupRepository Repository) Open(ParseResult parsed)
    {
        var parsedAddress = RepositoryAddress.Parse(parsed.GetRequiredValue(address));
        try
        {
            var secrets = new RepositorySecrets(parsed.GetValue(passwordFile), parsed.GetValue(state) ?? AgentIdentity.DefaultFolder, parsed.GetValue(trustedKeys) ?? []) { KeyFile = parsed.GetValue(keyFile), Store = store.Read(parsed), Tool = tool.Read(parsed) };
            return (parsedAddress, RepositoryOpener.Open(parsedAddress, secrets));
        }
        catch (StoreException e)
        {
            throw new UsageException($"{parsedAddress}: {e.Message}. Check the address.");
        }
    }
}
