using BackupGuard.Continuity.Definitions;
using BackupGuard.Continuity.Runs;
using BackupGuard.Server.Hosting;

namespace BackupGuard.Server.Features.Runs;

/// <summary>A runbook file as it lies on disk now: usable, or with the reasons why not.</summary>
internal sealed record RunbookOnDisk(string FileName, RunDefinition? Definition, IReadOnlyList<DefinitionIssue> Issues);

/// <summary>The folder of runbooks. Read again each time: a run that was started has its own copy and never comes back here.</summary>
internal sealed class RunbookLibrary(ServerSettings settings)
{
    private const int MaxBytes = 1024 * 1024;

    public IReadOnlyList<RunbookOnDisk> All()
    {
        if (settings.RunbooksFolder is not { } folder || !Directory.Exists(folder))
        {
            return [];
        }

        return [.. Directory.EnumerateFiles(folder, "*.yaml").Order(StringComparer.Ordinal).Select(Read)];
    }

    public RunbookOnDisk? Find(string id) => All().FirstOrDefault(r => r.Definition?.Runbook.Id == id);

    private static RunbookOnDisk Read(string path)
    {
        var name = Path.GetFileName(path);
        try
        {
            if (new FileInfo(path).Length > MaxBytes)
            {
                return Unreadable(name);
            }

            var pinned = RunDefinition.Pin(File.ReadAllText(path), name);
            return new(name, pinned.Value, pinned.Issues);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Unreadable(name);
        }
    }

    private static RunbookOnDisk Unreadable(string name) => new(name, null,
        [new("BG3091", name, 1, 1, "Le fichier ne peut pas être lu ou dépasse 1\u00a0Mo.", "The file cannot be read or is larger than 1 MB.")]);
}
