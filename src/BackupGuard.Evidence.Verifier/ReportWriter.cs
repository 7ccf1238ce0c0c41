using System.Globalization;
using System.Text.Json;
using BackupGuard.Evidence.Packs;
using BackupGuard.Evidence.TimeStamps;

namespace BackupGuard.Evidence.Verifier;

/// <summary>Writes what was found: one line a check, or one JSON document.</summary>
internal static class ReportWriter
{
    public static void Text(VerificationReport report, bool french, TextWriter output)
    {
        if (report.Head is { } head)
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(french ? "Journal" : "Log")} {head.Origin}, {head.Size} {(french ? "entrées, racine" : "entries, root")} {head.Root}"));
        if (report.Manifest is { } manifest) output.WriteLine($"{(french ? "Dossier établi le" : "Pack made")} {manifest.AsOf}");
        foreach (var check in report.Checks)
        {
            output.WriteLine($"[{VerifierWords.Of(check.Outcome).In(french)}] {VerifierWords.Of(check.Kind, check.Count).In(french)}");
            foreach (var problem in check.Problems)
            {
                output.WriteLine($"    {problem.Code} {problem.Message(Language(french))}");
                output.WriteLine($"           {problem.Remedy(Language(french))}");
            }
        }
        output.WriteLine();
        // Without any there is one sentence below, not one for each checkpoint.
        if (report.Proven.Any(p => p.At is not null))
        {
            foreach (var proven in report.Proven) output.WriteLine(VerifierWords.Proven(proven).In(french));
            output.WriteLine();
        }
        foreach (var (origin, count) in report.Absent) output.WriteLine(VerifierWords.Absent(origin, count).In(french));
        output.WriteLine(french ? "Ce que ceci ne prouve pas\u00a0:" : "What this does not prove:");
        foreach (var words in VerifierWords.CannotProve(report)) output.WriteLine($"  - {words.In(french)}");
        output.WriteLine();
        output.WriteLine(VerifierWords.Of(report.Verdict).In(french));
    }

    public static void Json(VerificationReport report, Stream output)
    {
        using var writer = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true });
        writer.WriteStartObject();
        writer.WriteString("schema", "backupguard.evidence-verification/v1");
        writer.WriteString("verdict", VerifierWords.Name(report.Verdict));
        writer.WriteNumber("exitCode", (int)report.Verdict);
        writer.WriteString("log", report.Head?.Origin);
        if (report.Head is { } head) writer.WriteNumber("size", head.Size); else writer.WriteNull("size");
        writer.WriteString("root", report.Head?.Root.ToString());
        writer.WriteString("asOf", report.Manifest?.AsOf);
        writer.WriteStartArray("checks");
        foreach (var check in report.Checks) Json(check, writer);
        writer.WriteEndArray();
        writer.WriteStartObject("absent");
        foreach (var (origin, count) in report.Absent) writer.WriteNumber(origin, count);
        writer.WriteEndObject();
        writer.WriteStartArray("checkpoints");
        foreach (var proven in report.Proven) Json(proven, writer);
        writer.WriteEndArray();
        writer.WriteStartArray("cannotProve");
        foreach (var words in VerifierWords.CannotProve(report)) Json(words, writer);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void Json(CheckResult check, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("check", VerifierWords.Name(check.Kind));
        writer.WriteString("outcome", VerifierWords.Name(check.Outcome));
        writer.WriteNumber("count", check.Count);
        writer.WriteStartArray("problems");
        foreach (var problem in check.Problems)
        {
            writer.WriteStartObject();
            writer.WriteString("code", problem.Code);
            writer.WriteString("severity", problem.Severity == ProblemSeverity.Error ? "error" : "warning");
            writer.WriteString("subject", problem.Subject);
            writer.WriteString("message", problem.Message("en"));
            writer.WriteString("messageFr", problem.Message("fr"));
            writer.WriteString("remedy", problem.Remedy("en"));
            writer.WriteString("remedyFr", problem.Remedy("fr"));
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>"existedBy": null where no authority of the policy says anything.</summary>
    private static void Json(ProvenTime proven, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteNumber("size", proven.Size);
        writer.WriteString("root", proven.Root.ToString());
        writer.WriteString("existedBy", proven.At?.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture));
        writer.WriteString("authority", proven.Authority);
        writer.WriteEndObject();
    }

    private static void Json(Words words, Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("fr", words.Fr);
        writer.WriteString("en", words.En);
        writer.WriteEndObject();
    }

    private static string Language(bool french) => french ? "fr" : "en";
}
