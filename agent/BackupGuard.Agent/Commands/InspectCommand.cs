using System.CommandLine;
using BackupGuard.Agent.Drills;
using BackupGuard.Contracts;
using BackupGuard.Verification;
using BackupGuard.Verification.Checks.Immutability;

namespace BackupGuard.Agent.Commands;

internal static class InspectCommand
{
    public static Command Create()
    {
        var repository = new RepositoryOptions();
        var format = CommandLine.Format();
        var locks = new Option<bool>("--locks") { Description = "also until when each snapshot cannot be destroyed: reads the lock of every object" };
        var command = new Command("inspect", "Lists what a backup holds, without reading its data. Says nothing about whether it is good.") { locks, format };
        repository.AddTo(command);
        command.SetAction((parsed, cancellationToken) => CommandLine.RunAsync(async () =>
        {
            var (address, opened) = repository.Open(parsed);
            var report = await opened.InspectAsync(cancellationToken);
            var horizons = parsed.GetValue(locks) ? await HorizonsAsync(opened, address, cancellationToken) : null;
            // What inspect saw, the horizons' own walk may have seen again.
            if (horizons is not null) report = report with { Findings = [.. report.Findings.UnionBy(horizons.Findings, f => (f.Code, f.Subject))], Unfinished = report.Unfinished ?? horizons.Unfinished };
            if (parsed.GetValue(format) == "json")
            {
                var document = DocumentMapping.ToDocument(report, address.ToString()) with { Horizons = [.. (horizons?.Snapshots ?? []).Select(ProbeDocuments.Of)] };
                Console.Out.WriteLine(DocumentMapping.ToJson(document, DocumentJson.Default.InspectDocument));
            }
            else
            {
                Console.Error.WriteLine($"{report.Format} {report.RepositoryId}");
                foreach (var (label, value) in report.Facts) Console.Error.WriteLine($"  {label}: {value}");
                foreach (var s in report.Snapshots) Console.Error.WriteLine($"{CommandLine.ShortId(s.Id)}  {s.TakenAt:u}  {s.Host}  {string.Join(' ', s.Paths)}  {string.Join(' ', s.Tags)}");
                foreach (var h in horizons?.Snapshots ?? []) Console.Error.WriteLine(ProbeText.Of(ProbeDocuments.Of(h)));
                CommandLine.PrintFindings(report.Findings);
                if (report.Unfinished is { } reason) Console.Error.WriteLine(reason.In(CommandLine.Language));
            }
            return CommandLine.ExitCode(report.Verdict);
        }));
        return command;
    }

    /// <summary>Locks of every kind count here: whose permissions could bypass them is the probe's question.</summary>
    private static Task<HorizonReport> HorizonsAsync(IBackupRepository opened, RepositoryAddress address, CancellationToken cancellationToken) =>
        opened is ILockHorizons format ? format.HorizonsAsync(new HorizonPolicy(GovernanceCounts: true, HorizonPolicy.DefaultWanted), cancellationToken)
            : throw new UsageException($"{address}: --locks is for formats whose snapshots share objects (restic, borg).");
}
