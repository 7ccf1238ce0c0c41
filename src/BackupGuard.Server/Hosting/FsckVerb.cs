using System.CommandLine;
using BackupGuard.Continuity.Catalogue;
using BackupGuard.Server.Features.Evidence.Witnesses;
using BackupGuard.Server.Persistence;

namespace BackupGuard.Server.Hosting;

internal static class FsckVerb
{
    public static Command Create()
    {
        var data = CommandLine.DataOption();
        var catalogue = CommandLine.CatalogueOption();
        var policy = new Option<string?>("--policy") { Description = "Policy for auditors: time stamps are held against the roots of its authorities.", DefaultValueFactory = _ => CommandLine.FromEnvironment("BACKUPGUARD_POLICY") };
        var verb = new Command("fsck", "Derives tree, facts, agents and, with a catalogue, readiness again from the signed entries; exit 0 when all agree, 1 when not.") { data, catalogue, policy };
        verb.SetAction(parsed => Run(DataFolder.OpenExisting(parsed.GetRequiredValue(data)), parsed.GetValue(catalogue), parsed.GetValue(policy)));
        return verb;
    }

    private static int Run(DataFolder data, string? catalogueFile, string? policyFile)
    {
        var catalogue = catalogueFile is null ? null : Read(catalogueFile);
        using var identity = ServerIdentity.Load(data);
        using var database = DatabaseEngine.Of(data);
        var report = Fsck.Run(database, identity, TimeProvider.System.GetUtcNow(), catalogue, policyFile is null ? null : PolicyFile.Read(policyFile));
        foreach (var finding in report.Findings)
        {
            Console.WriteLine($"{finding.Code} {(finding.IsError ? "error" : "warning")}: {finding.Message}");
        }
        if (catalogue is null)
        {
            Console.WriteLine("Readiness was not derived again: name the catalogue with --catalogue.");
        }
        Console.WriteLine(report.IsIntact
            ? $"The evidence log is intact: {report.Entries} entries, root {report.Root}."
            : $"The evidence log is NOT intact: {report.Findings.Count(f => f.IsError)} differences over {report.Entries} entries.");
        return report.IsIntact ? 0 : 1;
    }

    private static HospitalCatalogue Read(string file)
    {
        var parsed = CatalogueFile.Parse(File.ReadAllText(file), Path.GetFileName(file));
        return parsed.Value ?? throw new UsageException($"The catalogue {file} cannot be used: {(parsed.Issues.Count > 0 ? parsed.Issues[0] : "it is empty")}");
    }
}
