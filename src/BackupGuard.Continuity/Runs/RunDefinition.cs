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

    /// <summary>The definition that a journal carries, with the last amendment that was signed. A text that is not the one that was pinned is not executed.</summary>
    /// <exception cref="InvalidDataException">The journal is damaged.</exception>
    public static RunDefinition Of(IEnumerable<RunEvent> events)
    {
        RunStarted? started = null;
        var (text, hash, asked) = ("", "", new Dictionary<string, AmendmentRequested>(StringComparer.Ordinal));
        foreach (var one in events)
        {
            switch (one)
            {
                case RunStarted e:
                    (started, text, hash) = (e, e.DefinitionText, e.DefinitionSha256);
                    break;
                case AmendmentRequested e:
                    asked[e.CommandId] = e;
                    break;
                case DefinitionAmended e when asked.TryGetValue(e.Request, out var request) && request.ToSha256 == e.ToSha256:
                    (text, hash) = (request.Text, e.ToSha256);
                    break;
                case DefinitionAmended e:
                    throw new InvalidDataException($"The journal of run {e.RunId} amends its plan with a text that it does not carry.");
            }
        }

        return started is not null && Hash(text) == hash && Pin(text, started.RunbookId + ".yaml").Value is { } pinned && pinned.Sha256 == hash
            ? pinned
            : throw new InvalidDataException($"The definition in the journal of run {started?.RunId} is not the one that was pinned.");
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
