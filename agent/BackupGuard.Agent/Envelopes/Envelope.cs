using System.Text;
using BackupGuard.Agent.Config;
using BackupGuard.Agent.Stores;
using BackupGuard.Agent.Stores.Azure;

namespace BackupGuard.Agent.Envelopes;

/// <summary>What lies in the safe: everything that opening one backup needs, and nothing that is kept elsewhere. Secrets; never written to a log.</summary>
/// <param name="SealedOn">As written on it.</param>
/// <param name="Credentials">Keys of the store, as its credentials file has them.</param>
internal sealed record Envelope(string Repository, string SealedOn, string? Password, string? KeyFile, string? Credentials, string? CaFile, string? Region)
{
    public const string FormatId = "backupguard.envelope/v1";

    /// <exception cref="UsageException">It is no envelope. The message names a line, never what stands there.</exception>
    public static Envelope Read(string file)
    {
        try
        {
            if (new FileInfo(file).Length > YamlReader.LargestBytes) throw new UsageException($"The envelope {file} is too long to be one.");
            using var text = new StreamReader(file, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true));
            var problems = new List<ConfigProblem>();
            var s = new Section(YamlReader.Read(text, file), "the envelope", ["format", "repository", "sealedOn", "password", "keyFile", "credentials", "caFile", "region"], problems);
            var envelope = new Envelope(s.Required("repository", "restic:/srv/backup") ?? "", s.Required("sealedOn", "2026-11-22") ?? "", s.Optional("password"), s.Optional("keyFile"), s.Optional("credentials"), s.Optional("caFile"), s.Optional("region"));
            if (s.Required("format", FormatId) is { } format && format != FormatId) s.RefuseKey("format", $"write {FormatId}");
            if (problems.Count > 0) throw new UsageException($"The envelope {file} cannot be used: line {string.Join(", ", problems.Select(p => p.Line))}. It has the keys format, repository, sealedOn, password, keyFile, credentials, caFile, region.");
            return envelope;
        }
        catch (ConfigException e)
        {
            throw new UsageException($"The envelope {file} is not valid YAML near line {e.Problems[0].Line}.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or DecoderFallbackException)
        {
            throw new UsageException($"The envelope {file} cannot be read: {e.Message}");
        }
    }
}

/// <summary>The contents of an envelope as files that only this account can read, in memory where the machine has such a folder; gone when disposed.</summary>
internal sealed class OpenedEnvelope : IDisposable
{
    /// <summary>Whatever else could open a backup without the envelope: it must not help.</summary>
    private static readonly string[] Helpers = ["BACKUPGUARD_PASSWORD", "BORG_KEY_FILE", "BORG_PASSPHRASE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION", .. AzureSettingsFile.Variables.Values];

    private readonly string folder;
    private readonly Dictionary<string, string?> _aside = new(StringComparer.Ordinal);

    public OpenedEnvelope(Envelope envelope)
    {
        var memory = "/dev/shm";
        folder = Path.Combine(Directory.Exists(memory) ? memory : Path.GetTempPath(), "backupguard-envelope-" + Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(12)));
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
        else Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        foreach (var name in Helpers)
        {
            _aside[name] = Environment.GetEnvironmentVariable(name);
            Environment.SetEnvironmentVariable(name, null);
        }
        Secrets = new RepositorySecrets(Write("password", envelope.Password), folder, [])
        {
            KeyFile = Write("key", envelope.KeyFile),
            Store = new StoreSettings { CredentialsFile = Write("credentials", envelope.Credentials), CaFile = Write("ca.pem", envelope.CaFile), Region = envelope.Region },
        };
    }

    public RepositorySecrets Secrets { get; }

    private string? Write(string name, string? content)
    {
        if (content is null) return null;
        var path = Path.Combine(folder, name);
        File.WriteAllText(path, content);
        return path;
    }

    /// <summary>The service's other repositories may need what was put aside.</summary>
    public void Dispose()
    {
        foreach (var (name, value) in _aside) Environment.SetEnvironmentVariable(name, value);
        Directory.Delete(folder, recursive: true);
    }
}
