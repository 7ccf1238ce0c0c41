namespace BackupGuard.Verification.Drills.Engines;

/// <summary>The two answers that end an engine's step early, and what engines ask of the restored files.</summary>
internal static class Answer
{
    /// <summary>The data gave a wrong answer.</summary>
    public static ProbeAnswer Wrong(string english, string french) => new(Verdict.Failed, new(english, french));

    /// <summary>The question could not be put.</summary>
    public static ProbeAnswer Unknown(string english, string french) => new(Verdict.Inconclusive, new(english, french));

    /// <summary>Ended by a signal, which says nothing about the data. Some tools end with 255 of themselves.</summary>
    public static bool WasKilled(RoomEnd end) => end.ExitCode is > 128 and <= 128 + 64;

    /// <summary>The newest regular file that matches; of two of the same moment the last by name.</summary>
    public static RestoredEntry? NewestMatch(ProbeScene scene, Glob glob, CancellationToken cancellationToken)
    {
        RestoredEntry? newest = null;
        foreach (var entry in scene.Restored.List())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (entry.Kind != RestoredKind.File || !glob.Matches(entry.Path)) continue;
            if (newest is not { } so || entry.ModifiedAt > so.ModifiedAt || (entry.ModifiedAt == so.ModifiedAt && string.CompareOrdinal(entry.Path, so.Path) > 0)) newest = entry;
        }
        return newest;
    }

    public static RestoredPath PathOf(RestoredEntry entry) =>
        RestoredPath.TryParse(entry.Path, out var path, out var refusal) ? path : throw new SandboxException($"{Printable.Of(entry.Path)} cannot be opened: {refusal}");
}
