using System.CommandLine;
using BackupGuard.Contracts;
using BackupGuard.Verification;

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
        command.SetAction((parsed, cancellationToken) => CommandLine.RunAsync(async () =>
        {
            var (address, opened) = repository.Open(parsed);
            var share = CommandLine.ParseReadData(parsed.GetRequiredValue(readData));
            var startedAt = clock.GetUtcNow();
            var began = clock.GetTimestamp();
            VerifyReport report;
            using (var progress = new ProgressLine(clock)) report = await opened.VerifyAsync(new VerifyOptions { ReadData = share, Clock = clock }, progress, cancellationToken);
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
        foreach (var s in report.Snapshots) Console.Error.WriteLine($"{s.Id[..Math.Min(8, s.Id.Length)]}  {s.TakenAt:u}  {s.Host}  {string.Join(' ', s.Paths)}  {s.Files} files, {CommandLine.Size(s.Bytes)}");
        CommandLine.PrintVerdict(report.Verdict, report.Unfinished,
            $"{report.Coverage:P1} of the stored data read and authenticated, {CommandLine.Size(report.BytesRead)} in {report.ObjectsRead} objects, {duration.TotalSeconds:0.0} s");
    }
}
