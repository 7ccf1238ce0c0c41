using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using BackupGuard.Evidence;
using BackupGuard.Evidence.TimeStamps;
using BackupGuard.Server.Hosting;
using BackupGuard.Server.Persistence;

namespace BackupGuard.Server.Features.Evidence.TimeStamps;

/// <summary>What an authority last stamped.</summary>
/// <param name="Size">Null: nothing yet.</param>
/// <param name="Problem">Why there is no newer one, or null where nothing is late.</param>
public sealed record TimeStampStanding(string Name, long? Size, DateTimeOffset? At, EvidenceProblem? Problem);

/// <summary>Has the newest checkpoint stamped by every authority of the policy that has an address (RFC 3161 over HTTP; FORMAT.md, section 14).</summary>
/// <remarks>An authority that does not answer, or answers wrongly, stops nothing: it is said on the page of evidence, and asked again.</remarks>
internal sealed class TimeStampRounds(
    EvidenceQueries queries, StoredTimeStamps stored, ServerIdentity identity, ServerSettings settings, IHttpClientFactory clients, TimeProvider clock, ILogger<TimeStampRounds> logger)
{
    public const string ClientName = "tsa";

    /// <summary>What this server's clock and an authority's may differ by.</summary>
    public static readonly TimeSpan LargestDistance = TimeSpan.FromMinutes(5);

    /// <summary>Whoever asks for packs again and again does not become a burden to the authority.</summary>
    private static readonly TimeSpan LeastInterval = TimeSpan.FromMinutes(1);

    /// <summary>An answer that is late by less is not yet news.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromHours(1);

    // As far as this process knows: what was tried last and did not work.
    private readonly ConcurrentDictionary<string, EvidenceProblem> _failures = new(StringComparer.Ordinal);

    public IReadOnlyList<TimeStampAuthority> Asked { get; } = [.. (settings.Policy?.Authorities ?? []).Where(a => a.Url is not null)];

    /// <param name="atOnce">Somebody asked for a pack: what came since the last time stamp is stamped although its time has not come.</param>
    /// <returns>Whether nothing that was due failed.</returns>
    public async Task<bool> RoundAsync(bool atOnce, CancellationToken stop)
    {
        if (queries.Head() is not { } head) return true;
        var all = true;
        foreach (var authority in Asked)
            if (IsDue(stored.Newest(authority.Name), head.Size, atOnce ? LeastInterval : settings.StampEvery)) all &= await TryAsync(authority, head, stop);
        return all;
    }

    public IReadOnlyList<TimeStampStanding> Standing()
    {
        var size = queries.Head()?.Size ?? 0;
        return [.. Asked.Select(authority =>
        {
            var newest = stored.Newest(authority.Name);
            var problem = _failures.GetValueOrDefault(authority.Name) ?? (IsDue(newest, size, settings.StampEvery + Patience) && newest is not null ? Late(authority, "nothing has been asked of it since") : null);
            return new TimeStampStanding(authority.Name, newest?.Size, newest?.At, problem);
        })];
    }

    // A log that did not grow is covered as it is.
    private bool IsDue((long Size, DateTimeOffset At)? newest, long size, TimeSpan interval) => size > 0 && (newest is not { } last || size > last.Size && clock.GetUtcNow() - last.At >= interval);

    private async Task<bool> TryAsync(TimeStampAuthority authority, CheckpointHead head, CancellationToken stop)
    {
        try
        {
            await StampAsync(authority, head, stop);
            _failures.TryRemove(authority.Name, out _);
            return true;
        }
        catch (EvidenceException e)
        {
            Failed(authority, e.Problem.Kind == EvidenceProblems.TimeStampFarOff ? e.Problem : Late(authority, e.Problem.Message("en")));
        }
        catch (Exception e) when (e is HttpRequestException || e is OperationCanceledException && !stop.IsCancellationRequested)
        {
            Failed(authority, Late(authority, e.Message));
        }
        return false;
    }

    private async Task StampAsync(TimeStampAuthority authority, CheckpointHead head, CancellationToken stop)
    {
        var stamped = TimeStamp.Stamped(Encoding.UTF8.GetBytes(head.Note), identity.LogKey);
        var request = TimeStamp.Request(stamped);
        var subject = $"the answer of {authority.Name}";
        var token = TimeStamp.TokenOf(await PostAsync(authority, request, stop), subject);
        var at = TimeStamp.Verify(request, token, stamped, authority, subject);
        var now = clock.GetUtcNow();
        if ((at - now).Duration() > LargestDistance)
            throw new EvidenceException(EvidenceProblems.TimeStampFarOff.At(authority.Name, ("at", Text(at)), ("now", Text(now)), ("limit", LargestDistance)));
        stored.Add(head.Size, authority.Name, request, token, at);
    }

    private async Task<byte[]> PostAsync(TimeStampAuthority authority, byte[] request, CancellationToken stop)
    {
        using var content = new ByteArrayContent(request);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/timestamp-query");
        using var answer = await clients.CreateClient(ClientName).PostAsync(new Uri(authority.Url!), content, stop);     // asked only where it has one
        return answer.StatusCode == HttpStatusCode.OK
            ? await answer.Content.ReadAsByteArrayAsync(stop)
            : throw new HttpRequestException(string.Create(CultureInfo.InvariantCulture, $"its address answers {(int)answer.StatusCode}, not 200 (redirections are not followed)"));
    }

    private void Failed(TimeStampAuthority authority, EvidenceProblem problem)
    {
        _failures[authority.Name] = problem;
        logger.NotStamped(problem.Code, problem.Message("en"), problem.Remedy("en"));
    }

    private EvidenceProblem Late(TimeStampAuthority authority, string reason) =>
        EvidenceProblems.TimeStampLate.At(authority.Name, ("since", stored.Newest(authority.Name) is { } newest ? Text(newest.At) : "-"), ("reason", reason.TrimEnd('.')));

    private static string Text(DateTimeOffset at) => at.ToString("u", CultureInfo.InvariantCulture);
}

/// <summary>Asks when it is time, and when somebody asked for a pack.</summary>
internal sealed class TimeStampWorker(TimeStampRounds rounds, TimeProvider clock, ILogger<TimeStampRounds> logger) : RoundsWorker(clock, logger)
{
    private readonly SemaphoreSlim _asked = new(0);
    private bool _atOnce;

    /// <summary>Returns at once.</summary>
    public void Ask() => _asked.Release();

    public override void Dispose()
    {
        _asked.Dispose();
        base.Dispose();
    }

    protected override bool IsNeeded => rounds.Asked.Count > 0;

    protected override TimeSpan PauseAfterFault => TimeSpan.FromMinutes(5);

    protected override async Task<TimeSpan> RoundAsync(CancellationToken stop)
    {
        await rounds.RoundAsync(_atOnce, stop);
        return PauseAfterFault;
    }

    protected override async Task WaitAsync(TimeSpan pause, CancellationToken stop)
    {
        try
        {
            _atOnce = await _asked.WaitAsync(pause, stop);
            while (await _asked.WaitAsync(0, stop)) { }    // many who asked are one round
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }
}

internal static partial class TimeStampLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "{Code} {Sentence} {Remedy}")]
    public static partial void NotStamped(this ILogger logger, string code, string sentence, string remedy);
}

internal static class TimeStampServices
{
    public static void AddTimeStamps(this IServiceCollection services)
    {
        services.AddOutsideClient(TimeStampRounds.ClientName, TimeStamp.MaxBytes);
        services.AddSingleton<TimeStampRounds>().AddSingleton<TimeStampWorker>().AddHostedService(p => p.GetRequiredService<TimeStampWorker>());
    }
}
