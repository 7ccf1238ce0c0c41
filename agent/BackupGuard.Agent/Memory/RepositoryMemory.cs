using System.Security.Cryptography;
using System.Text;
using BackupGuard.Verification.Coverage;

namespace BackupGuard.Agent.Memory;

/// <summary>What the agent remembers of one repository at one place: a folder below its state folder. Nothing of it lies in the backup.</summary>
internal sealed class RepositoryMemory : ICoverageMemory, IDisposable
{
    private readonly string folder;
    private readonly List<CoverageFile> open = [];
    private string? problem;

    private RepositoryMemory(string folder) => this.folder = folder;

    /// <summary>Opens the memory of the repository at that address.</summary>
    /// <exception cref="IOException">The folder cannot be made or used.</exception>
    /// <exception cref="UnauthorizedAccessException">This account may not.</exception>
    public static RepositoryMemory Open(string stateFolder, RepositoryAddress address)
    {
        var folder = Path.Combine(stateFolder, "memory", Short(address.ToString()));
        Directory.CreateDirectory(folder);
        // For the person who looks in here: the address holds no secret.
        File.WriteAllText(Path.Combine(folder, "address"), address + "\n");
        return new RepositoryMemory(folder);
    }

    /// <summary>The file of what was ever seen of this copy: one for the place, so that another repository put there is noticed.</summary>
    public string Register => Path.Combine(folder, "register.json");

    /// <summary>The file of what probes left behind.</summary>
    public string Probe => Path.Combine(folder, "probe.json");

    /// <summary>The files of the last word of each kind about this copy.</summary>
    public string LastWord(LastWordKind kind) => Path.Combine(folder, kind switch { LastWordKind.Verified => "last-verified.json", LastWordKind.Probed => "last-probed.json", LastWordKind.SeenOffline => "seen-offline.json" });

    /// <summary>What the anomaly check remembers.</summary>
    public AnomalyFiles Signals => new(folder);

    /// <summary>A memory of its own for each repository id: another repository put in the same place is known by nothing.</summary>
    public ICoverageLedger Open(string repositoryId)
    {
        try
        {
            var file = CoverageFile.Open(Path.Combine(folder, $"coverage-{Short(repositoryId)}"));
            open.Add(file);
            return file;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problem = e.Message;
            return new Nothing();
        }
    }

    /// <summary>Why this run is not remembered, or null when it is.</summary>
    public string? Problem => problem ?? open.Select(f => f.Problem).FirstOrDefault(p => p is not null);

    private sealed class Nothing : ICoverageLedger
    {
        public DateTimeOffset? LastAuthenticated(CoverageKey key) => null;
        public void Record(CoverageKey key, DateTimeOffset at) { }
        public void Forget(CoverageKey key) { }
    }

    private static string Short(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 12));

    public void Dispose() => open.ForEach(f => f.Dispose());
}
