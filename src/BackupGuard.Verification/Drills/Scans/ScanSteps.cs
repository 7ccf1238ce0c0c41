using System.Text.Json;

namespace BackupGuard.Verification.Drills.Scans;

/// <summary>ClamAV over every restored file: by clamscan in the room, or by the machine's clamd, to which this agent streams them through its socket.</summary>
/// <param name="Database">Full path of the folder with the signatures.</param>
/// <param name="MaxAge">The official signatures may be this old; null where nobody cares, as with signatures of one's own.</param>
/// <param name="MayExceedLimits">What the scanner's limits kept it from looking at is told, and not held against the answer.</param>
/// <param name="Sample">A file that must be recognised, for the negative control; null for the test file of the antivirus industry.</param>
public sealed record ClamavScan(string Database, TimeSpan? MaxAge, bool MayExceedLimits, string? Sample, TimeSpan Timeout) : Scan
{
    /// <summary>Full path of clamd's socket: then nothing else is used. Null where none was named.</summary>
    public string? Socket { get; init; }

    /// <summary>A clamd that is found and fit may be used instead of clamscan.</summary>
    public bool MayFindDaemon { get; init; }

    public override string Kind => "clamav";
    public override string Name => "clamav";
    public override bool NeedsRoom => Socket is null;
    public override string Where => Socket is null ? base.Where : $"by clamd at {Socket}, outside of the room";
    public override IReadOnlyList<string> Shown => Sample is null ? [Database] : [Database, Sample];

    internal override void WriteDefinition(Utf8JsonWriter json)
    {
        json.WriteString("database", Database);
        if (MaxAge is { } age) json.WriteNumber("maxAgeSeconds", (long)age.TotalSeconds);
        json.WriteBoolean("mayExceedLimits", MayExceedLimits);
        if (Socket is not null) json.WriteString("socket", Socket);
        if (Sample is not null) json.WriteString("sample", Sample);
        json.WriteNumber("timeoutSeconds", (long)Timeout.TotalSeconds);
    }
}

/// <summary>YARA rules over every restored file, in the room.</summary>
/// <param name="Rules">Full path of one file of rules in source form; it can include no other.</param>
/// <param name="Sample">A file that the rules must match, for the negative control; null when there is none: the alarm is then never proved.</param>
public sealed record YaraScan(string Rules, string? Sample, TimeSpan Timeout) : Scan
{
    public override string Kind => "yara";
    public override string Name => $"yara {Rules}";
    public override IReadOnlyList<string> Shown => Sample is null ? [Rules] : [Rules, Sample];

    internal override void WriteDefinition(Utf8JsonWriter json)
    {
        json.WriteString("rules", Rules);
        if (Sample is not null) json.WriteString("sample", Sample);
        json.WriteNumber("timeoutSeconds", (long)Timeout.TotalSeconds);
    }
}
