using System.CommandLine;
using BackupGuard.Continuity.Catalogue;
using BackupGuard.Server.Hosting;
using BackupGuard.Server.Persistence;

namespace BackupGuard.Server.Features.Evidence.Packs;

internal static class EvidencePackVerb
{
    private const int Refused = 1;
    private const int MaxCatalogueBytes = 4 * 1024 * 1024;

    public static Command Create()
    {
        var application = new Option<string?>("--application") { Description = "Id of an application." };
        var from = new Option<string?>("--from") { Description = "First day, such as 2026-11-01, in the establishment's time zone (UTC without a catalogue)." };
        var to = new Option<string?>("--to") { Description = "Last day, included." };
        var objective = new Option<string?>("--objective") { Description = "Code of an objective in the list given by --objectives." };
        var objectives = new Option<string?>("--objectives") { Description = "List of objectives (YAML), such as runbooks/legal/care-d2.yaml.", DefaultValueFactory = _ => CommandLine.FromEnvironment("BACKUPGUARD_OBJECTIVES") };
        var catalogue = new Option<string?>("--catalogue") { Description = "The hospital's catalogue (YAML): names, objectives, time zone.", DefaultValueFactory = _ => CommandLine.FromEnvironment("BACKUPGUARD_CATALOGUE") };
        var output = new Option<string>("--out") { Description = "File to write (zip). One that is there already is not replaced.", Required = true };
        var data = CommandLine.DataOption();
        var verb = new Command("evidence-pack", "Writes an evidence pack that an auditor can check alone; exit 0 written, 1 nothing to write or the log is not intact, 2 wrong usage.")
        {
            application, from, to, objective, objectives, catalogue, output, data,
        };
        verb.SetAction((parsed, stop) => RunAsync(
            DataFolder.OpenExisting(parsed.GetRequiredValue(data)),
            new PackRequest(parsed.GetValue(application), parsed.GetValue(from), parsed.GetValue(to), parsed.GetValue(objective)),
            Catalogue(parsed.GetValue(catalogue)), ObjectivesSource.Read(parsed.GetValue(objectives)), parsed.GetRequiredValue(output), stop));
        return verb;
    }

    private static async Task<int> RunAsync(DataFolder data, PackRequest request, HospitalCatalogue? catalogue, ObjectiveList? objectives, string output, CancellationToken stop)
    {
        if (File.Exists(output)) throw new UsageException($"{output} is there already; evidence is never written over. Name another file.");
        await using var services = await DatabaseServices.OpenAsync(data, stop, more => more.AddEvidencePages());
        try
        {
            var made = await services.GetRequiredService<PackMaker>().MakeAsync(PackOrder.Of(request, catalogue, objectives), stop);
            await WriteAsync(output, made.Zip, stop);
            Console.WriteLine($"{output}: {made.Records} entries, proved against the checkpoint of {made.Head.Size} entries with the root {made.Head.Root}.");
            Console.WriteLine($"To check it: backupguard-evidence verify {output} --key {made.LogKey}");
            return 0;
        }
        catch (PackRefusedException e)
        {
            Console.Error.WriteLine($"backupguard-server: {e.Refusal.Code} {e.Refusal.Message.En} {e.Refusal.Means.En} {e.Refusal.ToDo.En}");
            return e.Refusal.Kind == PackRefusalKind.BadRequest ? CommandLine.WrongUsage : Refused;
        }
    }

    /// <summary>Whole under its name, or not there: half a pack would be taken for a forged one.</summary>
    private static async Task WriteAsync(string output, byte[] zip, CancellationToken stop)
    {
        var unfinished = output + ".unfinished";
        try
        {
            await using (var file = new FileStream(unfinished, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                await file.WriteAsync(zip, stop);
                file.Flush(flushToDisk: true);
            }
            File.Move(unfinished, output, overwrite: false);
        }
        finally
        {
            File.Delete(unfinished);
        }
    }

    private static HospitalCatalogue? Catalogue(string? file)
    {
        if (file is null) return null;
        if (new FileInfo(file) is not { Exists: true, Length: <= MaxCatalogueBytes }) throw new UsageException($"--catalogue {file} does not exist, or is larger than 4 MiB.");
        var parsed = CatalogueFile.Parse(File.ReadAllText(file), Path.GetFileName(file));
        return parsed.Value ?? throw new UsageException(parsed.Issues[0].ToString());
    }
}
