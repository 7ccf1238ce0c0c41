using System.CommandLine;
using System.Globalization;
using BackupGuard.Agent.Config;
using BackupGuard.Agent.Memory;
using BackupGuard.Contracts;
using BackupGuard.Verification;
using BackupGuard.Verification.Checks;
using BackupGuard.Verification.Coverage;

namespace BackupGuard.Agent.Commands;

internal static class VerifyCommand
{
    public static Command Create(TimeProvider clock)
    {
        var repository = new RepositoryOptions();
        var readData = new Option<string>("--read-data") { Description = "all, none, a share (5%) or a size (20G) of the data to read", DefaultValueFactory = _ => "all" };
        var format = CommandLine.Format();
        var command = new Command("verify", "Reads a backup and says whether it is what it must be.") { readData, format };
        repository.AddTo(command);
        var promise = new Option<string?>("--nothing-older-than") { Description = "with a memory (--state): good when no byte was last read longer ago than this (P31D)" };
        var retention = new Option<string?>("--retention") { Description = "a snapshot younger than this must still be there (P30D)" };
        var pdma = new Option<string?>("--pdma") { Description = "the newest snapshot must not be older than this (PT26H)" };
        command.Options.Add(promise);
        command.Options.Add(retention);
        var signals = new Option<bool>("--signals") { Description = "also ask whether what is inside is still your data: compare the snapshots, look into what changed" };
        var canaries = new Option<string?>("--canaries") { Description = "with --signals: the register that signals plant wrote" };
        command.Options.Add(pdma);
        command.Options.Add(signals);
        command.Options.Add(canaries);
        command.SetAction((parsed, cancellationToken) => CommandLine.RunAsync(async () =>
        {
            var (address, opened) = repository.Open(parsed);
            var oldest = Duration(parsed, promise) ?? VerifyOptions.DefaultPromise;
            var verification = new CopyVerification(address, repository.MemoryFolder(parsed), clock) { ReadData = CommandLine.ParseReadData(parsed.GetRequiredValue(readData)), Promise = oldest, Policy = Policy(Duration(parsed, retention), Duration(parsed, pdma)), Signals = Signals(parsed.GetValue(signals), parsed.GetValue(canaries)) };
            var startedAt = clock.GetUtcNow();
            var began = clock.GetTimestamp();
            VerifyReport report;
            using (var progress = new ProgressLine(clock)) report = await (verification with { Found = progress.Found }).RunAsync(opened, progress, cancellationToken);
            var duration = clock.GetElapsedTime(began);
            if (parsed.GetValue(format) == "json") Console.Out.WriteLine(DocumentMapping.ToJson(DocumentMapping.ToDocument(report, address.ToString(), startedAt, duration), DocumentJson.Default.VerifyDocument));
            else Print(report, duration);
            return CommandLine.ExitCode(report.Verdict);
        }));
        return command;
    }

    private static void Print(VerifyReport report, TimeSpan duration)
    {
        CommandLine.PrintFindings(report.Findings);
        foreach (var s in report.Snapshots) Console.Error.WriteLine($"{CommandLine.ShortId(s.Id)}  {s.TakenAt:u}  {s.Host}  {string.Join(' ', s.Paths)}  {s.Files} files, {CommandLine.Size(s.Bytes)}");
        var (share, read, seconds) = (Percent(report.CoverageThisRun), CommandLine.Size(report.BytesRead), duration.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture));
        CommandLine.PrintVerdict(report.Verdict, report.Unfinished, CommandLine.Language == "fr"
            ? $"{share} des données stockées lues et authentifiées{By(report, " par ")}, {read} dans {report.ObjectsRead} objets, {seconds} s"
            : $"{share} of the stored data read and authenticated{By(report, " by ")}, {read} in {report.ObjectsRead} objects, {seconds} s");
        if (report.Memory is { } m) Console.Error.WriteLine(Promise(m));
    }

    private static string By(VerifyReport report, string word) => report.DrivenBy is { } tool ? word + tool : "";

    /// <summary>Never rounded up: 100 % is said when it is 100 %.</summary>
    private static string Percent(double share) => (Math.Floor(share * 1000) / 10).ToString("0.0", CultureInfo.InvariantCulture) + " %";

    private static TimeSpan? Duration(ParseResult parsed, Option<string?> option)
    {
        if (parsed.GetValue(option) is not { } text) return null;
        return Values.TryDuration(text, out var duration) ? duration : throw new UsageException($"{option.Name} {text}: give a duration such as P31D or PT26H.");
    }

    private static SignalsSettings? Signals(bool asked, string? canaries)
    {
        if (canaries is not null && !asked) throw new UsageException("--canaries belongs to --signals; give both.");
        return asked ? new SignalsSettings(canaries is null ? null : Path.GetFullPath(canaries)) : null;
    }

    private static CopyPolicy Policy(TimeSpan? retention, TimeSpan? pdma) => new()
    {
        Retention = retention,
        Expected = pdma is null ? [] : [new ExpectedDataset(CommandLine.Language == "fr" ? "la sauvegarde" : "the backup", null, null, null, pdma, null)],
    };

    private static string Promise(CoverageSummary memory)
    {
        var days = memory.Promise.TotalDays;
        if (memory.IsKept) return CommandLine.Language == "fr" ? $"Rien n’a été lu pour la dernière fois il y a plus de {days:0.#} jours." : $"Nothing was last read more than {days:0.#} days ago.";
        var (never, old) = (CommandLine.Size(memory.BytesNeverRead), CommandLine.Size(memory.BytesTooOld));
        return CommandLine.Language == "fr"
            ? $"Au total, {Percent(memory.Share)} des données lues depuis moins de {days:0.#} jours ; {never} jamais lus, {old} lus il y a plus longtemps."
            : $"In all, {Percent(memory.Share)} of the data read within {days:0.#} days; {never} never read, {old} read longer ago.";
    }
}
