using System.Security.Cryptography;
using System.Text;
using BackupGuard.Agent.Spool;
using BackupGuard.Evidence;

namespace BackupGuard.Agent.Link;

/// <summary>The agent's name and key, in one file of the state folder: <c>Name:</c> and then PKCS#8 PEM (RFC 7468, 2 allows a text before it).</summary>
/// <remarks>Name and key stay together for ever: entries already signed speak in that name.</remarks>
internal sealed class AgentIdentity : IDisposable
{
    public const string FileName = "agent.key";
    private const string NameLine = "Name: ";

    private AgentIdentity(string name, EvidenceKey key)
    {
        Name = name;
        Key = key;
    }

    public string Name { get; }
    public EvidenceKey Key { get; }

    /// <summary>The origin of the agent's entries.</summary>
    public string Origin => $"agent:{Name}";

    /// <summary>Where the agent keeps its key and memory unless told otherwise.</summary>
    public static string DefaultFolder => OperatingSystem.IsWindows()
        ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.CommonApplicationData), "BackupGuard", "Agent")
        : Environment.IsPrivilegedProcess ? "/var/lib/backupguard-agent" : Path.Combine(StateHome, "backupguard-agent");

    /// <summary>XDG Base Directory Specification, XDG_STATE_HOME.</summary>
    private static string StateHome => Environment.GetEnvironmentVariable("XDG_STATE_HOME") is { Length: > 0 } set
        ? set : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state");

    /// <param name="name">Name for a new key; for an existing one it must be the same, or null.</param>
    /// <exception cref="UsageException">The name is none, or another than the key's; the file is damaged or readable by others.</exception>
    public static AgentIdentity OpenOrCreate(string folder, string? name)
    {
        if (name is not null && !EvidenceEntry.IsAgentName(name))
            throw new UsageException($"--name {name}: use lower-case letters, digits, '.', '_' and '-', at most 63, beginning with a letter or digit.");
        if (Open(folder) is not { } existing) return Create(folder, name ?? NameOf(Environment.MachineName));
        if (name is null || name == existing.Name) return existing;
        existing.Dispose();
        throw new UsageException($"--name {name}: the key in {folder} belongs to the agent '{existing.Name}' and signed in that name. Leave --name away, or use another --state folder.");
    }

    /// <returns>Null when there is no key yet.</returns>
    /// <exception cref="UsageException">The file is damaged or readable by others.</exception>
    public static AgentIdentity? Open(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (!File.Exists(path)) return null;
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite)) != 0)
            throw new UsageException($"{path} can be read by others: whoever copied it can sign in this agent's name. If nobody did, run chmod 600 on it; otherwise delete it, revoke the agent on the server and enrol again.");
        try
        {
            var text = Encoding.UTF8.GetString(new SpoolDisk().Read(path, 16 * 1024));
            var name = text.StartsWith(NameLine, StringComparison.Ordinal) ? text[NameLine.Length..].Split('\n')[0] : "";
            if (EvidenceEntry.IsAgentName(name)) return new AgentIdentity(name, EvidenceKey.FromPem(text));
        }
        catch (Exception e) when (e is CryptographicException or InvalidDataException)
        {
            throw new UsageException($"{path} is damaged ({e.Message}). Restore it from a copy; without one delete it, revoke the agent on the server and enrol again.");
        }
        throw new UsageException($"{path} is damaged (it does not begin with the agent's name). Restore it from a copy; without one delete it, revoke the agent on the server and enrol again.");
    }

    public void Dispose() => Key.Dispose();

    private static AgentIdentity Create(string folder, string name)
    {
        var key = EvidenceKey.Generate();
        StateFile.Write(folder, FileName, Encoding.UTF8.GetBytes($"{NameLine}{name}\n{key.ToPem()}\n"));
        return new AgentIdentity(name, key);
    }

    private static string NameOf(string machine)
    {
        var name = string.Concat(machine.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')).Trim('-');
        return name.Length is > 0 and <= 63 ? name : throw new UsageException($"No agent name can be made of this machine's name '{machine}'. Give one with --name.");
    }
}

/// <summary>Small files of the state folder: replaced as a whole or not at all, for their owner alone.</summary>
internal static class StateFile
{
    public static void Write(string folder, string name, ReadOnlySpan<byte> bytes)
    {
        var disk = new SpoolDisk();
        disk.CreateDirectory(folder);
        var path = Path.Combine(folder, name);
        disk.Write(path + SpoolFiles.TemporaryExtension, bytes);
        disk.Flush(path + SpoolFiles.TemporaryExtension);
        disk.Rename(path + SpoolFiles.TemporaryExtension, path);
        disk.FlushDirectory(folder);
    }
}
