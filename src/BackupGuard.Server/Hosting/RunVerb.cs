using System.CommandLine;
using System.Xml;
using BackupGuard.Server.Features.Evidence.Mail;
using BackupGuard.Server.Features.Evidence.Witnesses;

namespace BackupGuard.Server.Hosting;

internal static class RunVerb
{
    public static Command Create()
    {
        var urls = new Option<string[]>("--urls")
        {
            Description = "Addresses to listen on, separated by spaces or semicolons. Port 0 takes a free one.",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [Environment.GetEnvironmentVariable("BACKUPGUARD_URLS") is { Length: > 0 } set ? set : ServerSettings.DefaultUrl],
        };
        var data = CommandLine.DataOption();
        var catalogue = CommandLine.CatalogueOption();
        var runbooks = new Option<string?>("--runbooks") { Description = "Folder of crisis runbooks (YAML).", DefaultValueFactory = _ => CommandLine.FromEnvironment("BACKUPGUARD_RUNBOOKS") };
        var packs = new Option<string?>("--crisis-packs") { Description = "Existing folder, better on another machine, where the offline crisis pack is written each night.", DefaultValueFactory = _ => CommandLine.FromEnvironment("BACKUPGUARD_CRISIS_PACKS") };
        var packsKept = new Option<int>("--crisis-packs-kept") { Description = "How many of them are kept, the newest, from 1 to 1000.", DefaultValueFactory = _ => 14 };
        var objectives = new Option<string?>("--objectives") { Description = "List of objectives that evidence packs are made for (YAML).", DefaultValueFactory = _ => CommandLine.FromEnvironment("BACKUPGUARD_OBJECTIVES") };
        var policy = new Option<string?>("--policy") { Description = "Policy for auditors (C2SP tlog-policy): its witnesses with an address are asked to cosign each checkpoint, its time-stamp authorities to stamp one.", DefaultValueFactory = _ => CommandLine.FromEnvironment("BACKUPGUARD_POLICY") };
        var stampEvery = new Option<string>("--stamp-every") { Description = "How often the policy's time-stamp authorities are asked, such as P1D or PT6H.", DefaultValueFactory = _ => CommandLine.FromEnvironment("BACKUPGUARD_STAMP_EVERY") ?? "P1D" };
        var mail = new Option<string?>("--mail") { Description = "File with a mail server and addresses outside the hospital: a checkpoint is mailed there once a day.", DefaultValueFactory = _ => CommandLine.FromEnvironment("BACKUPGUARD_MAIL") };
        var certificate = new Option<string?>("--certificate") { Description = "Certificate for https (PEM). Without one the server makes its own." };
        var certificateKey = new Option<string?>("--certificate-key") { Description = "Key of that certificate (PEM)." };
        var verb = new Command("run", "Runs the server until SIGTERM or Ctrl-C.") { urls, data, catalogue, runbooks, packs, packsKept, objectives, policy, stampEvery, mail, certificate, certificateKey };
        verb.SetAction((parsed, stop) => RunAsync(
            new ServerSettings(DataFolder.OpenOrCreate(parsed.GetRequiredValue(data)), ParseUrls(parsed.GetRequiredValue(urls)))
            {
                CatalogueFile = Existing(parsed.GetValue(catalogue), "--catalogue", File.Exists),
                RunbooksFolder = Existing(parsed.GetValue(runbooks), "--runbooks", Directory.Exists),
                CrisisPackFolder = Existing(parsed.GetValue(packs), "--crisis-packs", Directory.Exists),
                CrisisPacksKept = parsed.GetValue(packsKept) is var kept and >= 1 and <= 1000 ? kept : throw new UsageException("--crisis-packs-kept is a number from 1 to 1000."),
                ObjectivesFile = Existing(parsed.GetValue(objectives), "--objectives", File.Exists),
                Policy = parsed.GetValue(policy) is { } file ? PolicyFile.Read(file) : null,
                StampEvery = Interval(parsed.GetRequiredValue(stampEvery), "--stamp-every"),
                Mail = parsed.GetValue(mail) is { } mailFile ? MailSettings.Read(mailFile) : null,
                CertificateFile = Existing(parsed.GetValue(certificate), "--certificate", File.Exists),
                CertificateKeyFile = Existing(parsed.GetValue(certificateKey), "--certificate-key", File.Exists),
            },
            stop));
        return verb;
    }

    private static async Task<int> RunAsync(ServerSettings settings, CancellationToken stop)
    {
        await using var app = await ServerApp.StartAsync(settings, TimeProvider.System, Console.Out, stop);
        await app.WaitForShutdownAsync(stop);
        return 0;
    }

    internal static IReadOnlyList<Listener> ParseUrls(IEnumerable<string> urls)
    {
        Listener[] listeners = [.. urls.SelectMany(u => u.Split([';', ' '], StringSplitOptions.RemoveEmptyEntries)).Select(Listener.Parse)];
        return listeners.Length > 0 ? listeners : throw new UsageException("--urls names no address to listen on.");
    }

    /// <exception cref="UsageException">Not a duration of ISO 8601 from a minute to a month.</exception>
    internal static TimeSpan Interval(string text, string option)
    {
        try
        {
            if (XmlConvert.ToTimeSpan(text) is var interval && interval >= TimeSpan.FromMinutes(1) && interval <= TimeSpan.FromDays(31)) return interval;
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            // Told below.
        }
        throw new UsageException($"{option} {text} is not a duration from PT1M to P31D; write for example P1D or PT6H.");
    }

    private static string? Existing(string? path, string option, Func<string, bool> exists) => path is null || exists(path)
        ? path
        : throw new UsageException($"{option} {path} does not exist.");
}
