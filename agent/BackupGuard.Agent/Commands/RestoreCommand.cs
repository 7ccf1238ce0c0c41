using System.CommandLine;
using BackupGuard.Agent.Restoring;
using BackupGuard.Contracts;
using BackupGuard.Verification;
using BackupGuard.Verification.Restoring;

namespace BackupGuard.Agent.Commands;

internal static class RestoreCommand
{
    public static Command Create(TimeProvider clock)
    {
        var repository = new RepositoryOptions();
        var snapshot = new Argument<string>("snapshot") { Description = "an id, its beginning, or latest" };
        var to = new Option<string>("--to") { Description = "an empty folder", Required = true };
        var include = new Option<string[]>("--include") { Description = "restore only what matches this glob (may be repeated)", DefaultValueFactory = _ => [] };
        var format = CommandLine.Format();
        var command = new Command("restore", "Restores a snapshot into an empty folder; whatever fails leaves the folder as it was.") { snapshot, to, include, format };
        repository.AddTo(command);
        command.SetAction((parsed, cancellationToken) => CommandLine.RunAsync(async () =>
        {
            var (address, opened) = repository.Open(parsed);
            var began = clock.GetTimestamp();
            var folder = Path.GetFullPath(parsed.GetRequiredValue(to));
            var options = new RestoreOptions { Snapshot = parsed.GetRequiredValue(snapshot), Include = parsed.GetValue(include) ?? [], Clock = clock };
            RestoreReport report;
            using (var progress = new ProgressLine(clock)) report = await RestoreAsync(opened, options, folder, progress, cancellationToken);
            var duration = clock.GetElapsedTime(began);
            if (parsed.GetValue(format) == "json") Console.Out.WriteLine(DocumentMapping.ToJson(DocumentMapping.ToDocument(report, address.ToString(), folder, duration), DocumentJson.Default.RestoreDocument));
            else
            {
                CommandLine.PrintFindings(report.Findings);
                CommandLine.PrintVerdict(report.Verdict, report.Unfinished, report.Verdict == Verdict.Proved
                    ? $"{report.Files} files, {CommandLine.Size(report.Bytes)} restored to {folder} in {duration.TotalSeconds:0.0} s"
                    : $"nothing was left in {folder}");
            }
            return CommandLine.ExitCode(report.Verdict);
        }));
        return command;
    }

    /// <summary>Keeps what was restored only when all of it was.</summary>
    private static async Task<RestoreReport> RestoreAsync(IBackupRepository repository, RestoreOptions options, string folder, IProgress<WorkProgress> progress, CancellationToken cancellationToken)
    {
        IRestoreTarget target;
        try
        {
            target = DirectoryRestoreTarget.Create(folder);
        }
        catch (RestoreException e)
        {
            throw new UsageException($"--to {folder}: {e.Message}.");
        }
        await using (target)
        {
            var report = await repository.RestoreAsync(options, target, progress, cancellationToken);
            if (report.Verdict != Verdict.Proved) { await target.DiscardAsync(); return report; }
            try
            {
                await target.CommitAsync();
                return report;
            }
            catch (RestoreException e)
            {
                await target.DiscardAsync();
                return report with { Findings = [.. report.Findings, CommonFindings.RestoreWriteFailed.AtPath(e.Path, ("reason", e.Message))] };
            }
        }
    }
}
