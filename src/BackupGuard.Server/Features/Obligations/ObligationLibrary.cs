using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using BackupGuard.Continuity.Definitions;
using BackupGuard.Continuity.Obligations;
using BackupGuard.Continuity.Runbooks;
using BackupGuard.Continuity.Runs;
using BackupGuard.Server.Features.Runs;
using BackupGuard.Server.Hosting;

namespace BackupGuard.Server.Features.Obligations;

/// <param name="Annex">Null: it has errors, or does not fit into one line of the signed log.</param>
internal sealed record ObligationsOnDisk(string FileName, Annex? Annex, IReadOnlyList<DefinitionIssue> Issues);

/// <summary>The rows of legal duties in the folder of runbooks. A run gets a copy of its own and never comes back here.</summary>
internal sealed class ObligationLibrary(ServerSettings settings)
{
    public const string AnnexKind = "obligations";

    /// <summary>Beside the text the line of the log carries names, hours and escapes: an entry is refused from 64 KiB on.</summary>
    private const int MostPinned = 60 * 1024;
    private const int MostRemembered = 64;

    private static readonly ConcurrentDictionary<string, ObligationDefinition> Parsed = new(StringComparer.Ordinal);

    public IReadOnlyList<ObligationsOnDisk> All() => settings.RunbooksFolder is { } folder
        ? [.. DefinitionFolder.Look(folder).Files.Select(p => Read(p, Path.GetRelativePath(folder, p).Replace('\\', '/'))).OfType<ObligationsOnDisk>()]
        : [];

    /// <summary>What a run starts with: of two files nobody could say which is meant, so a person chooses on the page.</summary>
    public Annex? ForStart() => All() is [{ Annex: { } only }] ? only : null;

    /// <summary>The rows pinned to a run.</summary>
    /// <returns>Null without any, or when what is pinned is not what was signed or cannot be read.</returns>
    public static ObligationDefinition? Pinned(RunState run)
    {
        if (!run.Annexes.TryGetValue(AnnexKind, out var annex))
        {
            return null;
        }

        if (Parsed.TryGetValue(annex.Sha256, out var known))
        {
            return known;
        }

        var definition = Hash(annex.Text) == annex.Sha256 ? ObligationFile.Parse(annex.Text, annex.Id + ".yaml").Value : null;
        if (definition is not null)
        {
            if (Parsed.Count >= MostRemembered) Parsed.Clear();
            Parsed[annex.Sha256] = definition;
        }

        return definition;
    }

    private static ObligationsOnDisk? Read(string path, string name)
    {
        try
        {
            if (!DefinitionFolder.MayRead(path))
            {
                return null;
            }

            var text = File.ReadAllText(path).TrimStart('\ufeff').Replace("\r\n", "\n", StringComparison.Ordinal);
            if (DefinitionFormat.Of(text) != ObligationFile.Format)
            {
                return null;
            }

            var parsed = ObligationFile.Parse(text, name);
            var annex = parsed.Value is { } rows ? new Annex(AnnexKind, rows.Id, Hash(text), text) : null;
            return annex is not null && RunJson.Write(new AnnexPinned(annex.Kind, annex.Id, annex.Sha256, annex.Text)).Length > MostPinned
                ? new(name, null, [.. parsed.Issues, TooLarge(name)])
                : new(name, annex, parsed.Issues);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static DefinitionIssue TooLarge(string name) => new("BG3093", name, 1, 1,
        "Ce fichier ne tient pas dans une ligne du journal signé (64\u00a0Kio)\u00a0: retirez les lignes fermées ou raccourcissez les textes.", "This file does not fit into one line of the signed log (64 KiB): remove rows that are off or shorten the texts.");
}
