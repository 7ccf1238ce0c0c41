using System.Security.Cryptography;
using System.Text;
using BackupGuard.Continuity.Definitions;
using BackupGuard.Continuity.Runs;
using BackupGuard.Server.Hosting;

namespace BackupGuard.Server.Features.Runs;

/// <summary>A runbook file as it lies on disk now: usable, or with the reasons why not.</summary>
internal sealed record RunbookOnDisk(string FileName, RunDefinition? Definition, IReadOnlyList<DefinitionIssue> Issues)
{
    /// <summary>Of the file, hexadecimal; "" when it is gone or cannot be read.</summary>
    public string Sha256 { get; init; } = "";
}

/// <summary>The folder of runbooks. Read again each time, and each change is in the evidence log; a run that was started has its own copy and never comes back here.</summary>
internal sealed class RunbookLibrary(ServerSettings settings, RunbookLedger ledger)
{
    private const int MaxBytes = 1024 * 1024;

    public async Task<IReadOnlyList<RunbookOnDisk>> AllAsync(CancellationToken stop)
    {
        if (settings.RunbooksFolder is not { } folder)
        {
            return [];
        }
        IReadOnlyList<RunbookOnDisk> all = Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, "*.yaml").Order(StringComparer.Ordinal).Select(Read)] : [];
        await ledger.RecordAsync(all, stop);
        return all;
    }

    public async Task<RunbookOnDisk?> FindAsync(string id, CancellationToken stop) => (await AllAsync(stop)).FirstOrDefault(r => r.Definition?.Runbook.Id == id);

    private static RunbookOnDisk Read(string path)
    {
        var name = Path.GetFileName(path);
        try
        {
            if (new FileInfo(path).Length > MaxBytes)
            {
                return Unreadable(name);
            }

            var bytes = File.ReadAllBytes(path);
            var pinned = RunDefinition.Pin(Encoding.UTF8.GetString(bytes), name);
            return new(name, pinned.Value, pinned.Issues) { Sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes)) };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Unreadable(name);
        }
    }

    private static RunbookOnDisk Unreadable(string name) => new(name, null,
        [new("BG3091", name, 1, 1, "Le fichier ne peut pas être lu ou dépasse 1\u00a0Mo.", "The file cannot be read or is larger than 1 MB.")]);
}
