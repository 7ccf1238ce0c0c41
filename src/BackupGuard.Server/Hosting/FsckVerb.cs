using System.CommandLine;
using BackupGuard.Server.Persistence;

namespace BackupGuard.Server.Hosting;

internal static class FsckVerb
{
    public static Command Create()
    {
        var data = CommandLine.DataOption();
        var verb = new Command("fsck", "Derives tree, facts and agents again from the signed entries; exit 0 when all agree, 1 when not.") { data };
        verb.SetAction(parsed => Run(DataFolder.OpenExisting(parsed.GetRequiredValue(data))));
        return verb;
    }

    private static int Run(DataFolder data)
    {
        using var identity = ServerIdentity.Load(data);
        var report = Fsck.Run(new SqliteFile(data), identity, TimeProvider.System.GetUtcNow());
        foreach (var finding in report.Findings)
        {
            Console.WriteLine($"{finding.Code} {(finding.IsError ? "error" : "warning")}: {finding.Message}");
        }
        Console.WriteLine(report.IsIntact
            ? $"The evidence log is intact: {report.Entries} entries, root {report.Root}."
            : $"The evidence log is NOT intact: {report.Findings.Count(f => f.IsError)} differences over {report.Entries} entries.");
        return report.IsIntact ? 0 : 1;
    }
}
