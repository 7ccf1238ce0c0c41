namespace BackupGuard.Continuity.Runbooks;

/// <summary>Which of our formats a file names. Only to choose its reader, which then reads the line itself and strictly.</summary>
public static class DefinitionFormat
{
    /// <returns>A file that names none is taken for a runbook: its reader then says what is missing.</returns>
    public static string Of(string yaml) => yaml.Split('\n')
        .Where(l => l.StartsWith("format:", StringComparison.Ordinal))
        .Select(l => l["format:".Length..].Split('#')[0].Trim(' ', '"', '\'', '\r'))
        .FirstOrDefault(RunbookFile.Format);
}
