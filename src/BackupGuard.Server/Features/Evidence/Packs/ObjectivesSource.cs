using BackupGuard.Continuity.Catalogue;
using BackupGuard.Continuity.Definitions;
using BackupGuard.Server.Hosting;

namespace BackupGuard.Server.Features.Evidence.Packs;

/// <summary>The establishment's list of objectives, read again each time: it decides nothing, it only says which evidence to gather.</summary>
internal static class ObjectivesSource
{
    private const int MaxBytes = 1024 * 1024;

    /// <param name="file">Null: none was given.</param>
    /// <returns>Null without a file.</returns>
    /// <exception cref="UsageException">It cannot be read, or has an error.</exception>
    public static ObjectiveList? Read(string? file)
    {
        if (file is null) return null;
        try
        {
            if (new FileInfo(file).Length > MaxBytes) throw new UsageException($"{file} is larger than 1 MiB; a list of objectives never is.");
            var parsed = ObjectivesFile.Parse(File.ReadAllText(file), Path.GetFileName(file));
            return parsed.Value ?? throw new UsageException(Sentence(parsed.Issues));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{file} cannot be read: {e.Message}", e);
        }
    }

    private static string Sentence(IReadOnlyList<DefinitionIssue> issues) => issues.Count > 0 ? issues[0].ToString() : "the list of objectives holds nothing";
}
