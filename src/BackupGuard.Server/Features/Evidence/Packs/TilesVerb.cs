using System.CommandLine;
using BackupGuard.Evidence;
using BackupGuard.Server.Hosting;
using BackupGuard.Server.Persistence;

namespace BackupGuard.Server.Features.Evidence.Packs;

internal static class TilesVerb
{
    public static Command Create()
    {
        var output = new Option<string>("--out") { Description = "Folder; what it holds already is completed.", Required = true };
        var data = CommandLine.DataOption();
        var verb = new Command("tiles", "Writes the whole log as static files that an auditor can check alone; exit 0 written, 1 the log is empty or not intact, 2 wrong usage.") { output, data };
        verb.SetAction((parsed, stop) => RunAsync(DataFolder.OpenExisting(parsed.GetRequiredValue(data)), Path.GetFullPath(parsed.GetRequiredValue(output)), stop));
        return verb;
    }

    private static async Task<int> RunAsync(DataFolder data, string folder, CancellationToken stop)
    {
        await using var services = await DatabaseServices.OpenAsync(data, stop, more => more.AddEvidencePages());
        try
        {
            if (await services.GetRequiredService<TileExport>().RunAsync(folder, stop) is not { } exported)
            {
                await Console.Error.WriteLineAsync("backupguard-server: The log is empty: there is nothing to write.");
                return 1;
            }
            Console.WriteLine($"{folder}: {exported.Head.Size} entries with the root {exported.Head.Root}; {exported.Written} files new.");
            Console.WriteLine($"To check it: backupguard-evidence verify {folder} --key {services.GetRequiredService<ServerIdentity>().LogKey}");
            return 0;
        }
        catch (Exception e) when (e is EvidenceException or LogDamagedException)
        {
            await Console.Error.WriteLineAsync($"backupguard-server: {e.Message}");
            return 1;
        }
    }
}
