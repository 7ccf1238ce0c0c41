using System.CommandLine;
using BackupGuard.Contracts;

namespace BackupGuard.Agent.Commands;

internal static class InspectCommand
{
    public static Command Create()
    {
        var repository = new RepositoryOptions();
        var format = CommandLine.Format();
        var command = new Command("inspect", "Lists what a backup holds, without reading its data. Says nothing about whether it is good.") { format };
        repository.AddTo(command);
        command.SetAction((parsed, cancellationToken) => CommandLine.RunAsync(async () =>
        {
            var (address, opened) = repository.Open(parsed);
            var report = await opened.InspectAsync(cancellationToken);
            if (parsed.GetValue(format) == "json") Console.Out.WriteLine(DocumentMapping.ToJson(DocumentMapping.ToDocument(report, address.ToString()), DocumentJson.Default.InspectDocument));
            else
            {
                Console.Error.WriteLine($"{report.Format} {report.RepositoryId}");
                foreach (var (label, value) in report.Facts) Console.Error.WriteLine($"  {label}: {value}");
                foreach (var s in report.Snapshots) Console.Error.WriteLine($"{s.Id[..Math.Min(8, s.Id.Length)]}  {s.TakenAt:u}  {s.Host}  {string.Join(' ', s.Paths)}  {string.Join(' ', s.Tags)}");
                CommandLine.PrintFindings(report.Findings);
                if (report.Unfinished is { } reason) Console.Error.WriteLine(reason);
            }
            return CommandLine.ExitCode(report.Verdict);
        }));
        return command;
    }
}
