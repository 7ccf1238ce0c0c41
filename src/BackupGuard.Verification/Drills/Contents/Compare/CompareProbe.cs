using System.Text.Json;

namespace BackupGuard.Verification.Drills.Contents.Compare;

/// <summary>Some files of the live source that have not changed since the snapshot, byte for byte beside what was restored of them (a spot check).</summary>
/// <param name="Source">Full path of a folder on the agent's machine. It is only read.</param>
/// <param name="Below">Where that folder lies in the restored files; null when it is all of them.</param>
/// <param name="Glob">Over the paths below the source.</param>
/// <param name="Count">How many files are compared.</param>
/// <param name="Share">Instead of a number: the part of the files, 0 to 1.</param>
/// <param name="AtLeast">With fewer that can be compared nothing is known.</param>
public sealed record CompareProbe(string Source, RestoredPath? Below, Glob Glob, int Count, double? Share, int AtLeast, TimeSpan Timeout) : Probe
{
    public override string Kind => "compare";
    public override string Name => $"compare {Source}";

    internal override void WriteDefinition(Utf8JsonWriter json)
    {
        json.WriteString("source", Source);
        json.WriteString("below", Below?.ToString() ?? "");
        json.WriteString("glob", Glob.ToString());
        if (Share is { } share) json.WriteNumber("share", share);
        else json.WriteNumber("count", Count);
        json.WriteNumber("atLeast", AtLeast);
        json.WriteNumber("timeoutSeconds", (long)Timeout.TotalSeconds);
    }
}
