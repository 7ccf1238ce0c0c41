using System.CommandLine;
using System.Text.Json;
using BackupGuard.Continuity.Definitions;
using BackupGuard.Continuity.Exchange;
using BackupGuard.Continuity.Runbooks;
using BackupGuard.Server.Hosting;

namespace BackupGuard.Server.Features.Definitions;

/// <summary>Gives a runbook to the tools of a CERT, and takes theirs as a draft. Reads two files and writes one: no server, no network.</summary>
internal static class CacaoVerb
{
    private const int MaxBytes = 16 * 1024 * 1024;

    public static Command Create() => new("cacao", "Exchanges runbooks as CACAO v2.0 playbooks.") { Export(), Import() };

    private static Command Export()
    {
        var runbook = new Argument<string>("runbook") { Description = "Runbook (.yaml)." };
        var output = new Option<string>("--out") { Description = "Playbook to write (JSON). An earlier export of the same runbook is replaced, and keeps its date of creation.", Required = true };
        var marking = new Option<string>("--tlp") { Description = "How far it may be passed on: clear, green, amber, amber+strict or red.", DefaultValueFactory = _ => "amber" };
        marking.AcceptOnlyFromAmong([.. CacaoExport.Markings.Select(m => m["TLP:".Length..].ToLowerInvariant())]);
        var verb = new Command("export", "Writes a runbook as a playbook; exit 0 written, 1 the runbook has an error, 2 wrong usage.") { runbook, output, marking };
        verb.SetAction(parsed => RunExport(parsed.GetRequiredValue(runbook), parsed.GetRequiredValue(output), "TLP:" + parsed.GetRequiredValue(marking).ToUpperInvariant(), Console.Error, TimeProvider.System));
        return verb;
    }

    private static Command Import()
    {
        var playbook = new Argument<string>("playbook") { Description = "Playbook (JSON)." };
        var output = new Option<string>("--out") { Description = "Runbook to write (.yaml). One that is there already is not replaced.", Required = true };
        var verb = new Command("import", "Writes a playbook as a draft runbook and says what is left for people to decide; exit 0 usable as it is, 1 written or refused with errors, 2 wrong usage.") { playbook, output };
        verb.SetAction(parsed => RunImport(parsed.GetRequiredValue(playbook), parsed.GetRequiredValue(output), Console.Error));
        return verb;
    }

    internal static int RunExport(string runbook, string output, string marking, TextWriter report, TimeProvider clock)
    {
        // Whole milliseconds, as a playbook writes them.
        var now = DateTimeOffset.FromUnixTimeMilliseconds(clock.GetUtcNow().ToUnixTimeMilliseconds());
        var yaml = Read(runbook);
        var exported = CacaoExport.Write(yaml, runbook, new(now, now, marking));
        if (exported.Text is { } first && File.Exists(output))
        {
            exported = CacaoExport.Write(yaml, runbook, new(CreatedBefore(output, first), now, marking));
        }

        Tell(exported.Issues, report);
        Tell(output, exported.Notes, report);
        if (exported.Text is not { } text)
        {
            return 1;
        }

        File.WriteAllText(output, text);
        return 0;
    }

    internal static int RunImport(string playbook, string output, TextWriter report)
    {
        if (File.Exists(output)) throw new UsageException($"{output} is there already; a runbook that somebody may have edited is never written over. Name another file.");
        var imported = CacaoImport.Read(Read(playbook), output);
        Tell(playbook, imported.Notes, report);
        if (imported.Yaml is not { } yaml)
        {
            return 1;
        }

        File.WriteAllText(output, yaml);
        var issues = RunbookFile.Parse(yaml, output).Issues;
        Tell(issues, report);
        return issues.Any(i => i.Level == IssueLevel.Error) || imported.Notes.Any(n => n.Level == NoteLevel.Error) ? 1 : 0;
    }

    /// <summary>A playbook keeps its date of creation through all its versions. Any other file is somebody's own, and stays.</summary>
    private static DateTimeOffset CreatedBefore(string output, string text)
    {
        try
        {
            using var earlier = JsonDocument.Parse(Read(output));
            using var now = JsonDocument.Parse(text);
            if (earlier.RootElement.GetProperty("id").GetString() == now.RootElement.GetProperty("id").GetString())
            {
                return earlier.RootElement.GetProperty("created").GetDateTimeOffset();
            }
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            // Not a playbook of ours: said below.
        }

        throw new UsageException($"{output} is there already and is no earlier export of this runbook; it is not written over. Name another file.");
    }

    private static string Read(string file) => !File.Exists(file) ? throw new UsageException($"{file} does not exist.")
        : new FileInfo(file).Length <= MaxBytes ? File.ReadAllText(file)
        : throw new UsageException($"{file} is larger than 16 MiB; neither a runbook nor a playbook ever is.");

    private static void Tell(IEnumerable<DefinitionIssue> issues, TextWriter report) => issues.ToList().ForEach(i => report.WriteLine(LintVerb.Line(i)));

    private static void Tell(string file, IEnumerable<ExchangeNote> notes, TextWriter report)
    {
        foreach (var note in notes)
        {
            var level = note.Level switch { NoteLevel.Info => " (information)", NoteLevel.Warning => " (avertissement)", NoteLevel.Error => "" };
            report.WriteLine($"{file}#{note.At}: {note.Code}{level} {note.Fr}");
        }
    }
}
