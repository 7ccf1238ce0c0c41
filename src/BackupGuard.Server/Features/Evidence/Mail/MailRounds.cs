using System.Globalization;
using System.Net.Mail;
using BackupGuard.Evidence;
using BackupGuard.Server.Hosting;

namespace BackupGuard.Server.Features.Evidence.Mail;

/// <summary>What was mailed last.</summary>
/// <param name="Size">Null: nothing yet.</param>
/// <param name="Problem">Why nothing newer went out, or null where nothing is late.</param>
public sealed record MailStanding(int Addresses, long? Size, DateTimeOffset? At, EvidenceProblem? Problem);

/// <summary>Mails a checkpoint once a day. What fails is said on the page of evidence and tried again; nothing waits for it.</summary>
internal sealed class MailRounds(CheckpointMailer mailer, EvidenceQueries queries, ServerSettings settings, TimeProvider clock, ILogger<MailRounds> logger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromHours(1);

    // As far as this process knows.
    private volatile EvidenceProblem? _failure;

    public bool IsConfigured => settings.Mail is not null;

    /// <returns>Whether nothing that was due failed.</returns>
    public async Task<bool> RoundAsync(CancellationToken stop)
    {
        if (settings.Mail is not { } mail || !IsDue(mail.Every)) return true;
        try
        {
            await mailer.SendAsync(mail, stop);
            _failure = null;
            return true;
        }
        catch (Exception e) when (e is SmtpException or TimeoutException or IOException || e is System.Security.Authentication.AuthenticationException)
        {
            _failure = Late((e.InnerException ?? e).Message);
            logger.NotMailed(_failure.Code, _failure.Message("en"), _failure.Remedy("en"));
            return false;
        }
    }

    /// <returns>Null where no mail is configured.</returns>
    public MailStanding? Standing()
    {
        if (settings.Mail is not { } mail) return null;
        var last = mailer.Last();
        return new MailStanding(mail.To.Count, last?.Size, last?.At, _failure ?? (last is not null && IsDue(mail.Every + Patience) ? Late("nothing has been tried since") : null));
    }

    // Although the log may not have grown: a day without mail is what somebody outside notices.
    private bool IsDue(TimeSpan interval) => queries.Head() is not null && (mailer.Last() is not { } last || clock.GetUtcNow() - last.At >= interval);

    private EvidenceProblem Late(string reason) => EvidenceProblems.CheckpointNotMailed.At("The newest checkpoint",
        ("since", mailer.Last() is { } last ? last.At.ToString("u", CultureInfo.InvariantCulture) : "-"), ("reason", reason.TrimEnd('.')));
}

internal sealed class MailWorker(MailRounds rounds, TimeProvider clock, ILogger<MailRounds> logger) : RoundsWorker(clock, logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(5);

    protected override bool IsNeeded => rounds.IsConfigured;

    protected override TimeSpan PauseAfterFault => Pause;

    protected override async Task<TimeSpan> RoundAsync(CancellationToken stop)
    {
        await rounds.RoundAsync(stop);
        return Pause;
    }
}

internal static partial class MailLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "{Code} {Sentence} {Remedy}")]
    public static partial void NotMailed(this ILogger logger, string code, string sentence, string remedy);
}

internal static class MailServices
{
    public static void AddCheckpointMail(this IServiceCollection services) => services.AddSingleton<MailRounds>().AddHostedService<MailWorker>();
}
