using System.Security.Cryptography;
using System.Text;
using BackupGuard.Continuity.Catalogue;
using BackupGuard.Continuity.Definitions;
using BackupGuard.Continuity.Exercises;
using BackupGuard.Continuity.Obligations;
using BackupGuard.Continuity.Runbooks;
using BackupGuard.Continuity.Runs;
using BackupGuard.Server.Hosting;

namespace BackupGuard.Server.Features.Runs;

/// <summary>A runbook file as it lies on disk now: usable, or with the reasons why not.</summary>
internal sealed record RunbookOnDisk(string FileName, RunDefinition? Definition, IReadOnlyList<DefinitionIssue> Issues)
{
    /// <summary>Of the file, hexadecimal; "" when it is gone or cannot be read.</summary>
    public string Sha256 { get; init; } = "";

    /// <summary>Format of a file that is no runbook (duties, exercise, scenario, ...), or "". Its changes are recorded too; no page of runbooks shows it.</summary>
    public string OtherFormat { get; init; } = "";

    /// <summary>As it is on disk, where it cannot be used: a person may still read it. "" where nobody can.</summary>
    public string Text { get; init; } = "";
}

/// <summary>The folder of runbooks. Read again each time, and each change is in the evidence log; a run that was started has its own copy and never comes back here.</summary>
internal sealed class RunbookLibrary(ServerSettings settings, RunbookLedger ledger)
{

    // Of the last reading: what did not change is not parsed again.
    private volatile IReadOnlyDictionary<(string Name, string Sha256), RunbookOnDisk> parsed = new Dictionary<(string, string), RunbookOnDisk>();

    public async Task<IReadOnlyList<RunbookOnDisk>> AllAsync(CancellationToken stop)
    {
        if (settings.RunbooksFolder is null)
        {
            return [];
        }
        var all = Files();
        await ledger.RecordAsync(all, stop);
        return Runbooks(all);
    }

    /// <summary>The same without a word in the log: for what may run beside the server, with another folder.</summary>
    public IReadOnlyList<RunbookOnDisk> Look() => Runbooks(Files());

    public async Task<RunbookOnDisk?> FindAsync(string id, CancellationToken stop) => (await AllAsync(stop)).FirstOrDefault(r => r.Definition?.Runbook.Id == id);

    private List<RunbookOnDisk> Files() => settings.RunbooksFolder is { } folder ? ReadAll(folder) : [];

    private static List<RunbookOnDisk> Runbooks(List<RunbookOnDisk> files) => files.FindAll(f => f.OtherFormat == "");

    private List<RunbookOnDisk> ReadAll(string folder)
    {
        var all = new List<RunbookOnDisk>();
        var read = new Dictionary<(string, string), RunbookOnDisk>();
        var found = DefinitionFolder.Look(folder);
        all.AddRange(found.Unreadable.Select(below => UnreadableFolder(Path.GetRelativePath(folder, below).Replace('\\', '/'))));
        foreach (var path in found.Files)
        {
            var file = Read(path, Path.GetRelativePath(folder, path).Replace('\\', '/'));
            read[(file.FileName, file.Sha256)] = file;
            // Which of two would be started nobody could tell from the page.
            var twin = file.Definition is { } definition ? all.Find(f => f.Definition?.Runbook.Id == definition.Runbook.Id) : null;
            all.Add(twin is null ? file : file with { Definition = null, Text = file.Definition!.Text, Issues = [.. file.Issues, Twin(file.FileName, twin.FileName)] });
        }
        parsed = read;
        return all;
    }

    /// <returns>A file that names none of our formats, or an unknown one, is a runbook that cannot be used, and says why.</returns>
    private RunbookOnDisk Read(string path, string name)
    {
        try
        {
            if (!DefinitionFolder.MayRead(path))
            {
                return Unreadable(name);
            }

            var bytes = File.ReadAllBytes(path);
            var hash = Convert.ToHexStringLower(SHA256.HashData(bytes));
            if (parsed.GetValueOrDefault((name, hash)) is { } known)
            {
                return known;
            }

            var text = Encoding.UTF8.GetString(bytes);
            if (DefinitionFormat.Of(text) is (ScenarioFile.Format or ObjectivesFile.Format or CatalogueFile.Format or ExerciseFile.Format or ObligationFile.Format) and var other)
            {
                return new(name, null, []) { Sha256 = hash, OtherFormat = other };
            }

            var pinned = RunDefinition.Pin(text, name);
            return new(name, pinned.Value, pinned.Issues) { Sha256 = hash, Text = pinned.Value is null ? text : "" };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Unreadable(name);
        }
    }

    private static DefinitionIssue Twin(string name, string first) => new("BG3092", name, 1, 1,
        $"Ce runbook a le même identifiant que {first}. Celui-ci n’est pas proposé ; changez l’un des deux.", $"This runbook has the same id as {first}. This one is not offered; change one of them.");

    private static RunbookOnDisk UnreadableFolder(string name) => new(name, null,
        [new("BG3091", name, 1, 1, "Ce dossier ne peut pas être lu\u00a0: ses runbooks manquent ici.", "This folder cannot be read: its runbooks are missing here.")]);

    private static RunbookOnDisk Unreadable(string name) => new(name, null,
        [new("BG3091", name, 1, 1, "Le fichier ne peut pas être lu, est vide ou dépasse 1\u00a0Mo.", "The file cannot be read, is empty, or is larger than 1 MB.")]);
}
