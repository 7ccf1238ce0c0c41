using System.Globalization;
using System.Net.Mail;
using System.Net.Mime;
using System.Text;
using BackupGuard.Evidence;
using BackupGuard.Server.Persistence;

namespace BackupGuard.Server.Features.Evidence.Mail;

/// <summary>Mails the newest signed checkpoint to people outside: whoever keeps the mail can show later that the past was rewritten.</summary>
internal sealed class CheckpointMailer(EvidenceQueries queries, DatabaseEngine database, TimeProvider clock)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <returns>Size of the checkpoint; null while the log is empty.</returns>
    /// <exception cref="SmtpException">The server did not take it for every address.</exception>
    /// <exception cref="TimeoutException">It took too long.</exception>
    public async Task<long?> SendAsync(MailSettings mail, CancellationToken stop)
    {
        if (queries.Head() is not { } head) return null;
        using var message = Compose(mail, head);
        using var client = new SmtpClient(mail.Host, mail.Port) { EnableSsl = mail.StartTls, Credentials = mail.Credential };
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(Patience);
        try
        {
            await client.SendMailAsync(message, patience.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new TimeoutException(string.Create(CultureInfo.InvariantCulture, $"{mail.Host} did not take the mail within {Patience.TotalSeconds} seconds"));
        }
        using var connection = database.Open();
        connection.Execute("INSERT INTO mailed_checkpoints (size, sent_at) VALUES (@size, @at) ON CONFLICT (size) DO UPDATE SET sent_at = excluded.sent_at",
            ("@size", head.Size), ("@at", clock.GetUtcNow().ToUnixTimeMilliseconds()));
        return head.Size;
    }

    /// <summary>The newest that was taken by the mail server.</summary>
    public (long Size, DateTimeOffset At)? Last()
    {
        using var connection = database.Open();
        using var command = connection.Command("SELECT size, sent_at FROM mailed_checkpoints ORDER BY sent_at DESC LIMIT 1");
        using var row = command.ExecuteReader();
        return row.Read() ? (row.GetInt64(0), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(1))) : null;
    }

    private static MailMessage Compose(MailSettings mail, CheckpointHead head)
    {
        var size = head.Size.ToString(CultureInfo.InvariantCulture);
        var message = new MailMessage
        {
            From = mail.From,
            Subject = $"BackupGuard: {head.LogKey.Split('+')[0]} {size}",
            SubjectEncoding = Encoding.UTF8,
            BodyEncoding = Encoding.UTF8,
            // Not changed on any way, and read by people who look at the source.
            BodyTransferEncoding = TransferEncoding.QuotedPrintable,
            Body = Text(head, size).ReplaceLineEndings("\r\n"),
        };
        // Automatic (RFC 3834): no answer from a holiday.
        message.Headers.Add("Auto-Submitted", "auto-generated");
        foreach (var to in mail.To) message.To.Add(to);
        return message;
    }

    private static string Text(CheckpointHead head, string size) => $"""
        Gardez ce message. Il fixe le journal de preuves à {size} entrées : qui le réécrirait plus tard ne pourrait plus
        produire ce point de contrôle signé. Il ne contient aucune donnée de patient.

        Keep this mail. It pins the evidence log at {size} entries: whoever rewrote it later could no longer produce this
        signed checkpoint. It holds no patient data.

        {KeptCheckpoint.Begin}
        {head.Note.TrimEnd('\n')}
        {KeptCheckpoint.End}

        Pour le comparer à un dossier de preuves, ou au journal exporté (enregistrez ce message dans un fichier) :
        To compare it with an evidence pack, or with the exported log (save this mail to a file):

        backupguard-evidence verify dossier.zip --key {head.LogKey} --note message.eml

        """;
}
