using System.CommandLine;
using System.Net.Mail;
using BackupGuard.Server.Hosting;
using BackupGuard.Server.Persistence;

namespace BackupGuard.Server.Features.Evidence.Mail;

internal static class MailCheckpointVerb
{
    public static Command Create()
    {
        var mail = new Option<string>("--mail") { Description = "File with the mail server and the addresses.", Required = true };
        var data = CommandLine.DataOption();
        var verb = new Command("mail-checkpoint", "Mails the newest checkpoint now; exit 0 taken by the mail server, 1 not, 2 wrong usage.") { mail, data };
        verb.SetAction((parsed, stop) => RunAsync(DataFolder.OpenExisting(parsed.GetRequiredValue(data)), MailSettings.Read(parsed.GetRequiredValue(mail)), stop));
        return verb;
    }

    private static async Task<int> RunAsync(DataFolder data, MailSettings mail, CancellationToken stop)
    {
        await using var services = await DatabaseServices.OpenAsync(data, stop, more => more.AddEvidencePages());
        try
        {
            if (await services.GetRequiredService<CheckpointMailer>().SendAsync(mail, stop) is not { } size)
            {
                await Console.Error.WriteLineAsync("backupguard-server: The log is empty: there is nothing to mail.");
                return 1;
            }
            Console.WriteLine($"{mail.Host} took the checkpoint of {size} entries for {mail.To.Count} addresses. Whether it arrived, ask there.");
            return 0;
        }
        catch (Exception e) when (e is SmtpException or TimeoutException or IOException or System.Security.Authentication.AuthenticationException)
        {
            await Console.Error.WriteLineAsync($"backupguard-server: {mail.Host} did not take the checkpoint: {(e.InnerException ?? e).Message}");
            return 1;
        }
    }
}
