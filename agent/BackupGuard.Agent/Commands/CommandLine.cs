using System.CommandLine;
using System.Globalization;
using BackupGuard.Agent.Config;
using BackupGuard.Verification;

namespace BackupGuard.Agent.Commands;

/// <summary>What the verbs share: options, exit codes, printing. Documents go to standard output, everything for people to standard error.</summary>
internal static class CommandLine
{
    public const int Proved = 0, Failed = 1, Usage = 2, Inconclusive = 3;

    public static int ExitCode(Verdict verdict) => verdict switch { Verdict.Proved => Proved, Verdict.Failed => Failed, Verdict.Inconclusive => Inconclusive };

    public static Option<string?> State() => new("--state") { Description = "folder of the agent's key and memory" };

    public static Option<string> Format()
    {
        var option = new Option<string>("--format") { Description = "text or json", DefaultValueFactory = _ => "text" };
        option.AcceptOnlyFromAmong("text", "json");
        return option;
    }

    /// <summary>French when the machine speaks French, English otherwise.</summary>
    public static string Language => CultureInfo.CurrentUICulture.TwoLetterISOLanguageName == "fr" ? "fr" : "en";

    /// <summary>Turns what can go wrong with a command into one sentence and an exit code.</summary>
    public static async Task<int> RunAsync(Func<Task<int>> act)
    {
        try
        {
            return await act();
        }
        catch (UsageException e)
        {
            await Console.Error.WriteLineAsync($"backupguard-agent: {e.Message}");
            return Usage;
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("backupguard-agent: stopped before the end; nothing can be said about what was not looked at.");
            return Inconclusive;
        }
#pragma warning disable CA1031 // The border of the process: a bug of ours must not look like a verdict, nor print what it was working on.
        catch (Exception e)
#pragma warning restore CA1031
        {
            await Console.Error.WriteLineAsync($"backupguard-agent: internal error ({e.GetType().Name} in {e.TargetSite?.DeclaringType?.Name}.{e.TargetSite?.Name}). Nothing can be said about this backup; please report this line.");
            if (Environment.GetEnvironmentVariable("BACKUPGUARD_TRACE") == "1") await Console.Error.WriteLineAsync(e.ToString());
            return Inconclusive;
        }
    }

    public static ReadData ParseReadData(string text)
    {
        if (Values.TryReadData(text, out var readData)) return readData;
        throw new UsageException($"--read-data {text}: give all, none, a share such as 5%, a size such as 20G or a time such as PT45M.");
    }

    /// <summary>The beginning of a hash says enough; a name is shown whole.</summary>
    public static string ShortId(string id) => id.Length > 8 && id.All(char.IsAsciiHexDigit) ? id[..8] : id;

    public static string Size(long bytes)
    {
        string[] units = ["B", "KiB", "MiB", "GiB", "TiB"];
        double value = bytes;
        var unit = 0;
        for (; value >= 1024 && unit < units.Length - 1; unit++) value /= 1024;
        return string.Create(CultureInfo.InvariantCulture, $"{value:0.#} {units[unit]}");
    }

    public static void PrintFindings(IReadOnlyList<Finding> findings) => PrintFindings(findings, Console.Error);

    public static void PrintFindings(IReadOnlyList<Finding> findings, TextWriter to)
    {
        foreach (var finding in findings)
        {
            PrintFinding(finding, to);
            foreach (var path in finding.Paths) to.WriteLine($"    {path}");
            to.WriteLine($"    → {finding.Remedy(Language)}");
        }
    }

    public static void PrintFinding(Finding finding) => PrintFinding(finding, Console.Error);

    private static void PrintFinding(Finding finding, TextWriter to)
    {
        var (error, warning, info) = Language == "fr" ? ("ERREUR", "attention", "note") : ("ERROR", "warning", "note");
        var word = finding.Severity switch { Severity.Error => error, Severity.Warning => warning, Severity.Info => info };
        to.WriteLine($"{finding.Code} {word}: {finding.Message(Language)}");
    }

    public static void PrintVerdict(Verdict verdict, Words? unfinished, string detail)
    {
        var word = (verdict, Language) switch
        {
            (Verdict.Proved, "fr") => "PROUVÉ",
            (Verdict.Failed, "fr") => "ÉCHEC",
            (Verdict.Inconclusive, "fr") => "NON CONCLUANT",
            (Verdict.Proved, _) => "PROVED",
            (Verdict.Failed, _) => "FAILED",
            (Verdict.Inconclusive, _) => "INCONCLUSIVE",
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        Console.Error.WriteLine($"{word}: {detail}{(unfinished is { } why ? $" — {why.In(Language)}" : "")}");
    }
}
