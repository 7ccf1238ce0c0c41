using System.Security.Cryptography;
using System.Text;
using BackupGuard.Continuity.Definitions;
using BackupGuard.Continuity.Runbooks;

namespace BackupGuard.Continuity.Runs;

/// <summary>A definition pinned to a run: the text, its SHA-256 and what it means.</summary>
public sealed record RunDefinition(string Text, string Sha256, RunbookDefinition Runbook)
{
    /// <summary>Line ends are made equal first, so that the same plan has the same hash on every machine.</summary>
    public static DefinitionResult<RunDefinition> Pin(string text, string fileName)
    {
        var canonical = text.TrimStart('\ufeff').Replace("\r\n", "\n", StringComparison.Ordinal);
        var parsed = RunbookFile.Parse(canonical, fileName);
        return new(parsed.Value is { } runbook ? new(canonical, Hash(canonical), runbook) : null, parsed.Issues);
    }

    /// <summary>The definition that a journal carries. A text that is not the one that was pinned is not executed.</summary>
    /// <exception cref="InvalidDataException">The journal is damaged.</exception>
    public static RunDefinition Of(RunStarted started) =>
        Hash(started.DefinitionText) == started.DefinitionSha256 && Pin(started.DefinitionText, started.RunbookId + ".yaml").Value is { } pinned && pinned.Sha256 == started.DefinitionSha256
            ? pinned
            : throw new InvalidDataException($"The definition in the journal of run {started.RunId} is not the one that was pinned.");

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
