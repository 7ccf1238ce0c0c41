using System.Globalization;
using BackupGuard.Verification.Drills;
using BackupGuard.Verification.Drills.Contents.Compare;
using BackupGuard.Verification.Drills.Contents.Dicom;
using BackupGuard.Verification.Drills.Contents.Fhir;
using BackupGuard.Verification.Drills.Contents.Hl7;

namespace BackupGuard.Agent.Config.Steps;

/// <summary>Steps that read the restored files themselves: dicom, hl7, fhir, compare.</summary>
internal static class ContentSteps
{
    private static readonly TimeSpan Long = TimeSpan.FromHours(2);

    public static Probe? Dicom(Section s)
    {
        var least = StepValues.Least(s, "files, studies, instances and modalities by their code, such as CT", k => k is "files" or "studies" or "instances" || (k.Length is 2 or 3 || k.Length <= 8 && k.StartsWith("RT", StringComparison.Ordinal)) && k.All(char.IsAsciiLetterUpper));
        var (glob, timeout) = (StepValues.Pattern(s, "glob", "\"srv/pacs/**/*.dcm\""), StepValues.Timeout(s, Long));
        return glob is null || timeout is null ? null : new DicomProbe(glob, least, timeout.Value);
    }

    public static Probe? Hl7(Section s)
    {
        var least = StepValues.Least(s, "files, messages and messages by their type, such as ADT or ADT^A01", k => k is "files" or "messages" || k.Split('^') is var parts && parts.Length <= 2 && parts.All(p => p.Length == 3 && p.All(c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c))));
        var (glob, timeout, unique) = (StepValues.Pattern(s, "glob", "\"srv/eai/**/*.hl7\""), StepValues.Timeout(s, Long), StepValues.Flag(s, "uniqueIds", true));
        return glob is null || timeout is null ? null : new Hl7Probe(glob, least, timeout.Value, unique);
    }

    public static Probe? Fhir(Section s)
    {
        var least = StepValues.Least(s, "files, resources and resources by their type, such as Patient", k => k is "files" or "resources" || k.Length is > 1 and <= 64 && char.IsAsciiLetterUpper(k[0]) && k.All(char.IsAsciiLetter));
        var (glob, timeout, references) = (StepValues.Pattern(s, "glob", "\"srv/fhir/**/*.ndjson\""), StepValues.Timeout(s, Long), StepValues.Flag(s, "references", false));
        return glob is null || timeout is null ? null : new FhirProbe(glob, least, timeout.Value, references);
    }

    public static Probe? Compare(Section s)
    {
        var source = StepValues.FullPath(s, "source", s.Required("source", "/srv/dpi"));
        var (glob, timeout) = (StepValues.Pattern(s, "glob", "\"**\"", "**"), StepValues.Timeout(s, Long));
        if (s.Find("count") is not null && s.Find("share") is not null) s.RefuseKey("share", "write either count or share");
        var count = s.Number("count", 1, 100_000) ?? 100;
        var share = Share(s);
        var atLeast = s.Number("atLeast", 1, 100_000) ?? Math.Min(count, 10);
        if (share is null && atLeast > count) s.RefuseKey("atLeast", "it is more than count, nothing could pass");
        // As restic, Borg and tar keep it: the whole path, without its first slash.
        var below = s.Optional("below") ?? source?.Trim('/');
        if (source is null || glob is null || timeout is null) return null;
        RestoredPath? restored = null;
        if (below is not (null or "" or ".") && !RestoredPath.TryParse(below, out restored, out var refusal)) s.RefuseKey("below", refusal);
        return new CompareProbe(source.Length > 1 ? source.TrimEnd('/') : source, restored, glob, (int)count, share, (int)atLeast, timeout.Value);
    }

    private static double? Share(Section s)
    {
        if (s.Optional("share") is not { } text) return null;
        if (text.EndsWith('%') && double.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent) && percent is > 0 and <= 100) return percent / 100;
        s.RefuseKey("share", "write a percentage above 0, such as 1%");
        return null;
    }
}
