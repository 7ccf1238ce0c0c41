using BackupGuard.Evidence;
using BackupGuard.Server.Features.Access;
using BackupGuard.Server.Features.Evidence;
using BackupGuard.Server.Features.Readiness;
using BackupGuard.Server.Hosting;

namespace BackupGuard.Server.Ui;

/// <summary>Makes what surrounds a page out of a request: who reads, in which language and zone, and the head of the log.</summary>
internal sealed class PageFrames(EvidenceQueries evidence, CatalogueSource catalogue, TimeProvider clock, ILogger<PageFrames> log)
{
    public async Task<PageFrame> ForAsync(HttpContext context)
    {
        var declared = (await catalogue.RefreshAsync(context.RequestAborted)).Catalogue;
        return Frame(context, declared?.Establishment, declared?.TimeZoneId) with { Log = Head() };
    }

    /// <summary>For pages that must come out when nothing else works: it reads neither file nor database.</summary>
    public PageFrame ForError(HttpContext context) =>
        Frame(context, catalogue.Current.Catalogue?.Establishment, catalogue.Current.Catalogue?.TimeZoneId) with { Person = null };

    private PageFrame Frame(HttpContext context, string? establishment, string? zoneId)
    {
        // Until a catalogue names the hospital's zone there is none: the machine's own would be a guess.
        var zone = zoneId is not null && TimeZoneInfo.TryFindSystemTimeZoneById(zoneId, out var found) ? found : TimeZoneInfo.Utc;
        var reader = new Reader(UiFeature.LanguageOf(context.Request), zone);
        return new PageFrame(reader, establishment ?? reader.Say(Texts.LayoutTexts.NoEstablishment), clock.GetUtcNow())
        {
            Person = context.User.FindFirst(AccessFeature.DisplayNameClaim)?.Value,
            Path = HttpMethods.IsGet(context.Request.Method) ? context.Request.Path + context.Request.QueryString : Urls.Portfolio,
        };
    }

    private LogHead? Head()
    {
        try
        {
            return evidence.Head() is { } head ? new LogHead(head.Size, head.Root.ToString()) { KeyId = head.LogKey.Split('+')[1] } : new LogHead(0, "");
        }
        catch (EvidenceException e)
        {
            log.LogUnreadable(e.Problem.Code);
            return null;
        }
    }
}
