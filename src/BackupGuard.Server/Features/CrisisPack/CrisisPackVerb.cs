using System.CommandLine;
using BackupGuard.Evidence;
using BackupGuard.Evidence.Packs;
using BackupGuard.Server.Features.Contacts;
using BackupGuard.Server.Features.Evidence;
using BackupGuard.Server.Features.Readiness;
using BackupGuard.Server.Features.Runs;
using BackupGuard.Server.Hosting;
using BackupGuard.Server.Persistence;
using BackupGuard.Server.Ui;

namespace BackupGuard.Server.Features.CrisisPack;

internal static class CrisisPackVerb
{
    private const int Broken = 1;

    public static Command Create()
    {
        var output = new Option<string?>("--out") { Description = "File to write (zip). One that is there already is not replaced." };
        var verify = new Option<string?>("--verify") { Description = "Checks a pack instead of making one." };
        var key = new Option<string?>("--key") { Description = "Key of the log that a pack is checked with, as the server prints it; without it, that of the data folder." };
        var runbooks = new Option<string?>("--runbooks") { Description = "Folder of crisis runbooks (YAML).", DefaultValueFactory = _ => CommandLine.FromEnvironment("BACKUPGUARD_RUNBOOKS") };
        var language = new Option<string>("--language") { Description = "fr or en.", DefaultValueFactory = _ => "fr" };
        var catalogue = CommandLine.CatalogueOption();
        var data = CommandLine.DataOption();
        var verb = new Command("pack", "Writes the offline crisis pack, or checks one with --verify; exit 0 written or sound, 1 a part is missing or the pack is broken, 2 wrong usage.")
        {
            output, verify, key, runbooks, language, catalogue, data,
        };
        verb.SetAction((parsed, stop) => (parsed.GetValue(output), parsed.GetValue(verify)) switch
        {
            ({ } file, null) => WriteAsync(DataFolder.OpenExisting(parsed.GetRequiredValue(data)), file, Existing(parsed.GetValue(catalogue), "--catalogue", File.Exists), Existing(parsed.GetValue(runbooks), "--runbooks", Directory.Exists),
                parsed.GetRequiredValue(language) switch { "fr" => Language.French, "en" => Language.English, var other => throw new UsageException($"--language {other} is neither fr nor en.") }, stop),
            (null, { } file) => Task.FromResult(Verify(file, parsed.GetValue(key) is { } text ? KeyOf(text) : DataKey(parsed.GetRequiredValue(data)))),
            _ => throw new UsageException("Write either --out FILE.zip, to make a pack, or --verify FILE.zip, to check one."),
        });
        return verb;
    }

    private static async Task<int> WriteAsync(DataFolder data, string output, string? catalogue, string? runbooks, Language language, CancellationToken stop)
    {
        if (File.Exists(output)) throw new UsageException($"{output} is there already; a pack is never written over. Name another file.");
        var settings = new ServerSettings(data, []) { CatalogueFile = catalogue, RunbooksFolder = runbooks };
        await using var services = await DatabaseServices.OpenAsync(data, stop, more =>
        {
            more.AddSingleton(settings);
            more.AddEvidencePages();
            more.AddReadiness();
            more.AddRuns();
            more.AddContacts();
            more.AddCrisisPack();
        });
        await using var scope = services.CreateAsyncScope();
        var made = await scope.ServiceProvider.GetRequiredService<CrisisPackMaker>().MakeAsync(language, stop);
        await CrisisPackFile.WriteAsync(output, made.Zip, stop);
        Console.WriteLine($"{output}: {made.Runbooks} runbooks, {made.Unusable} that cannot be used, {made.Zip.Length} bytes.");
        Console.WriteLine($"To check it: backupguard-server pack --verify {output} --key {scope.ServiceProvider.GetRequiredService<ServerIdentity>().LogKey}");
        foreach (var phrase in made.Incomplete) await Console.Error.WriteLineAsync($"backupguard-server: {phrase.In(language)}");
        // Written all the same, and the pack says it too: in a crisis half is better than nothing, but a script must not take it for whole.
        return made.Incomplete.Count == 0 ? 0 : Broken;
    }

    private static int Verify(string file, NoteKey key)
    {
        if (new FileInfo(file) is not { Exists: true } info) throw new UsageException($"{file} does not exist.");
        if (info.Length > PackLimits.ArchiveBytes)
        {
            Console.WriteLine($"{file} is larger than {PackLimits.ArchiveBytes} bytes: it is no crisis pack.");
            return Broken;
        }

        var (manifest, problems) = CrisisPackManifest.Check(File.ReadAllBytes(file), key);
        foreach (var problem in problems) Console.WriteLine($"{problem.Code} {problem.Message("en")} {problem.Remedy("en")}");
        Console.WriteLine(manifest is null || problems.Count > 0
            ? $"{file} is NOT the pack that was signed."
            : $"{file} is sound: {manifest.Files.Count} files, made {manifest.AsOf} at {manifest.Size} entries of {manifest.Log}, signed by {key.Name}+{key.Key.KeyId}.");
        return manifest is null || problems.Count > 0 ? Broken : 0;
    }

    private static NoteKey DataKey(string data)
    {
        using var identity = ServerIdentity.Load(DataFolder.OpenExisting(data));
        return identity.LogKey;
    }

    private static NoteKey KeyOf(string text)
    {
        try
        {
            return NoteKey.Parse(text);
        }
        catch (EvidenceException e)
        {
            throw new UsageException($"--key is not the key of a log: {e.Problem.Message("en")}", e);
        }
    }

    private static string? Existing(string? path, string option, Func<string, bool> exists) => path is null || exists(path) ? path : throw new UsageException($"{option} {path} does not exist.");
}
