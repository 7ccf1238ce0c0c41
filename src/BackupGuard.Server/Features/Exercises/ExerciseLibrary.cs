using System.Security.Cryptography;
using System.Text;
using BackupGuard.Continuity.Definitions;
using BackupGuard.Continuity.Exercises;
using BackupGuard.Continuity.Runbooks;
using BackupGuard.Continuity.Runs;
using BackupGuard.Server.Features.Runs;
using BackupGuard.Server.Hosting;

namespace BackupGuard.Server.Features.Exercises;

/// <summary>An exercise file as it lies on disk now: playable, or with the reasons why not.</summary>
/// <param name="Runbook">The runbook it plays, or null when it is not usable here.</param>
internal sealed record ExerciseOnDisk(string FileName, ExerciseDefinition? Exercise, RunDefinition? Runbook, string Text, IReadOnlyList<DefinitionIssue> Issues)
{
    public const string AnnexKind = "exercise";

    public Annex Annex => new(AnnexKind, Exercise!.Id, ExerciseSheet.Hash(Text), Text);
}

/// <summary>The exercises beside the runbooks. Read again each time; one that was started has its own copy in its journal.</summary>
internal sealed class ExerciseLibrary(ServerSettings settings, RunbookLibrary runbooks)
{
    private const int MostFiles = 500;

    public async Task<IReadOnlyList<ExerciseOnDisk>> AllAsync(CancellationToken stop)
    {
        if (settings.RunbooksFolder is not { } folder || !Directory.Exists(folder))
        {
            return [];
        }

        var known = (await runbooks.AllAsync(stop)).Select(r => r.Definition).OfType<RunDefinition>().ToDictionary(r => r.Runbook.Id, StringComparer.Ordinal);
        var texts = new List<(string Name, string Text)>();
        foreach (var path in DefinitionFolder.Look(folder).Files.Take(MostFiles))
        {
            if (await ReadAsync(path, stop) is { } text)
            {
                texts.Add((Path.GetRelativePath(folder, path).Replace('\\', '/'), text));
            }
        }

        var scenarios = texts.Where(t => DefinitionFormat.Of(t.Text) == ScenarioFile.Format).Select(t => ScenarioFile.Parse(t.Text, t.Name).Value).OfType<ScenarioDefinition>()
            .DistinctBy(s => s.Id).ToDictionary(s => s.Id, StringComparer.Ordinal);
        // Of two with one id the first counts, as with runbooks.
        return [.. texts.Where(t => DefinitionFormat.Of(t.Text) == ExerciseFile.Format).Select(t => Judge(t.Name, t.Text, known, scenarios)).DistinctBy(e => e.Exercise?.Id ?? e.FileName).OrderBy(e => e.Exercise?.Level)];
    }

    public async Task<ExerciseOnDisk?> FindAsync(string id, CancellationToken stop) => (await AllAsync(stop)).FirstOrDefault(e => e.Exercise?.Id == id);

    private static ExerciseOnDisk Judge(string name, string text, Dictionary<string, RunDefinition> runbooks, Dictionary<string, ScenarioDefinition> scenarios)
    {
        // Read first on its own: only then are its runbook and its scenario known.
        var alone = ExerciseFile.Parse(text, name);
        if (alone.Value is not { } exercise || runbooks.GetValueOrDefault(exercise.Runbook.Id) is not { } runbook)
        {
            return new(name, alone.Value, null, text, alone.Issues);
        }

        var result = ExerciseFile.Parse(text, name, runbook.Runbook, scenarios.GetValueOrDefault(exercise.Scenario));
        return new(name, result.Value, runbook, text, result.Issues);
    }

    private static async Task<string?> ReadAsync(string path, CancellationToken stop)
    {
        try
        {
            return !DefinitionFolder.MayRead(path) ? null : ExerciseSheet.Canonical(Encoding.UTF8.GetString(await File.ReadAllBytesAsync(path, stop)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

/// <summary>What a run in exercise mode plays: the file pinned at its start, or the few injects of its runbook.</summary>
/// <param name="Sha256">Of the pinned text; "" without a file.</param>
internal sealed record ExerciseSheet(ExerciseDefinition Exercise, string Sha256)
{
    /// <exception cref="InvalidDataException">The pinned text is not the one that was pinned.</exception>
    public static ExerciseSheet Of(JournaledRun run)
    {
        if (run.State.Annexes.GetValueOrDefault(ExerciseOnDisk.AnnexKind) is not { } annex)
        {
            return new(ExerciseDefinition.FromRunbook(run.Definition.Runbook), "");
        }

        return Hash(annex.Text) == annex.Sha256 && ExerciseFile.Parse(annex.Text, annex.Id + ".yaml").Value is { } exercise
            ? new(exercise, annex.Sha256)
            : throw new InvalidDataException($"The exercise in the journal of run {run.Started.RunId} is not the one that was pinned.");
    }

    /// <summary>Line ends are made equal first, so that the same file has the same hash on every machine.</summary>
    public static string Canonical(string text) => text.TrimStart('\ufeff').Replace("\r\n", "\n", StringComparison.Ordinal);

    public static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
