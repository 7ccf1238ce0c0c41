using System.Globalization;
using BackupGuard.Evidence;
using BackupGuard.Server.Features.Readiness;
using BackupGuard.Server.Hosting;
using BackupGuard.Server.Persistence;
using BackupGuard.Server.Ui;

namespace BackupGuard.Server.Features.CrisisPack;

/// <summary>A pack in the folder.</summary>
public sealed record KeptCrisisPack(string FileName, DateTimeOffset At);

/// <param name="Kept">The newest first.</param>
/// <param name="Failure">Why the last attempt of this process failed, or null.</param>
public sealed record CrisisPackStanding(bool IsConfigured, IReadOnlyList<KeptCrisisPack> Kept, string? Failure)
{
    /// <summary>A pack dated ahead of now is of no known age.</summary>
    public TimeSpan? Age(DateTimeOffset now) => Kept.Where(k => k.At <= now).Select(k => (TimeSpan?)(now - k.At)).FirstOrDefault();
}

/// <summary>Keeps the newest packs in a folder, one a night. What fails is said on the page and in the log, and tried again.</summary>
internal sealed class CrisisPackRounds(ServerSettings settings, IServiceScopeFactory scopes, CatalogueSource catalogue, TimeProvider clock, ILogger<CrisisPackRounds> logger) : IDisposable
{
    /// <summary>When the last of the day is entered and the first of the next not yet begun.</summary>
    private static readonly TimeSpan NightHour = TimeSpan.FromHours(2);
    private static readonly TimeSpan BetweenTries = TimeSpan.FromMinutes(30);

    private const string Prefix = "pack-crise-", Suffix = ".zip", TimeFormat = "yyyyMMdd'T'HHmmss'Z'";

    private readonly SemaphoreSlim making = new(1);

    // As far as this process knows.
    private volatile string? failure;
    private DateTimeOffset? lastFailed;

    public bool IsConfigured => settings.CrisisPackFolder is not null;

    public CrisisPackStanding Standing()
    {
        try
        {
            return new(IsConfigured, Kept(), failure);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new(IsConfigured, [], e.Message);
        }
    }

    /// <returns>Whether nothing that was due failed.</returns>
    public async Task<bool> RoundAsync(CancellationToken stop)
    {
        if (settings.CrisisPackFolder is not { } folder) return true;
        await making.WaitAsync(stop);
        try
        {
            if (clock.GetUtcNow() - lastFailed < BetweenTries || !IsDue()) return true;
            await using var scope = scopes.CreateAsyncScope();
            var made = await scope.ServiceProvider.GetRequiredService<CrisisPackMaker>().MakeAsync(Language.French, stop);
            await CrisisPackFile.WriteAsync(Path.Combine(folder, Prefix + made.AsOf.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture) + Suffix), made.Zip, stop);
            foreach (var old in Kept().Skip(settings.CrisisPacksKept)) File.Delete(Path.Combine(folder, old.FileName));
            (failure, lastFailed) = (null, null);
            return true;
        }
        catch (Exception e) when (StoreFailure.IsNoAnswer(e) || e is UnauthorizedAccessException or EvidenceException or LogDamagedException)
        {
            (failure, lastFailed) = (e.Message, clock.GetUtcNow());
            logger.PackNotKept(e.Message);
            return false;
        }
        finally
        {
            making.Release();
        }
    }

    public void Dispose() => making.Dispose();

    /// <summary>Nothing was kept since the last two o'clock of the establishment.</summary>
    private bool IsDue()
    {
        var zone = catalogue.Current.Catalogue is { } declared && TimeZoneInfo.TryFindSystemTimeZoneById(declared.TimeZoneId, out var found) ? found : TimeZoneInfo.Utc;
        var now = clock.GetUtcNow();
        var local = TimeZoneInfo.ConvertTime(now, zone);
        var night = local.Date + NightHour;
        if (night > local.DateTime) night = night.AddDays(-1);
        // Of the two, the earlier offset: a night that is repeated needs no second pack, one that is left out is made up for.
        return Standing().Age(now) is not { } age || now - age < new DateTimeOffset(night, zone.GetUtcOffset(night));
    }

    private List<KeptCrisisPack> Kept() => settings.CrisisPackFolder is not { } folder || !Directory.Exists(folder) ? [] :
        [.. Directory.EnumerateFiles(folder, Prefix + "*" + Suffix).Select(Path.GetFileName).OfType<string>().Select(Read).OfType<KeptCrisisPack>().OrderByDescending(k => k.At)];

    private static KeptCrisisPack? Read(string name) =>
        DateTimeOffset.TryParseExact(name[Prefix.Length..^Suffix.Length], TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? new(name, at) : null;
}

internal static class CrisisPackFile
{
    /// <summary>Whole under its name, or not there. Readable by its owner alone: it holds the directory.</summary>
    public static async Task WriteAsync(string output, byte[] zip, CancellationToken stop)
    {
        var unfinished = output + ".unfinished";
        try
        {
            File.Delete(unfinished);
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
            if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            await using (var file = new FileStream(unfinished, options))
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
}

internal sealed class CrisisPackWorker(CrisisPackRounds rounds, TimeProvider clock, ILogger<CrisisPackRounds> logger) : RoundsWorker(clock, logger)
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
