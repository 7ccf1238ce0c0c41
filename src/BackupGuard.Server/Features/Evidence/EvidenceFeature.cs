using System.Text;
using BackupGuard.Continuity.Catalogue;
using BackupGuard.Evidence;
using BackupGuard.Server.Features.Evidence.Mail;
using BackupGuard.Server.Features.Evidence.Packs;
using BackupGuard.Server.Features.Evidence.TimeStamps;
using BackupGuard.Server.Features.Exercises;
using BackupGuard.Server.Features.Readiness;
using BackupGuard.Server.Hosting;
using BackupGuard.Server.Ui;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BackupGuard.Server.Features.Evidence;

internal static class EvidenceFeature
{
    public static void AddEvidencePages(this IServiceCollection services) => services.AddSingleton<EvidenceQueries>().AddSingleton<StoredCheckpoints>().AddSingleton<StoredTimeStamps>().AddSingleton<CheckpointMailer>().AddSingleton<PackMaker>().AddSingleton<TileExport>();

    public static void MapEvidencePages(this IEndpointRouteBuilder routes)
    {
        var evidence = routes.MapGroup(Urls.EvidenceList);
        evidence.MapGet("", ListAsync);
        evidence.MapGet("/dossier", PackAsync);
        evidence.MapGet("/{sequence:long}", EntryAsync);
        evidence.MapGet("/{sequence:long}/octets", (HttpContext context, long sequence, EvidenceQueries queries, WithheldExercise withheld) =>
            DownloadAsync(sequence, queries, "application/json", async d => await withheld.IsFromAsync(d.Logged.Entry, context.User, context.RequestAborted) ? null : d.Logged.Verified.Bytes.ToArray(), context.RequestAborted));
        evidence.MapGet("/{sequence:long}/inclusion", (long sequence, EvidenceQueries queries, CancellationToken stop) =>
            DownloadAsync(sequence, queries, "text/plain; charset=utf-8", d => Task.FromResult<byte[]?>(Encoding.UTF8.GetBytes(d.ProofFile)), stop));
    }

    private static async Task<Results<RazorComponentResult<EvidenceListPage>, RazorComponentResult<EvidenceRefusedPage>>> ListAsync(
        HttpContext context, long? avant, PageFrames frames, EvidenceQueries queries, CatalogueSource catalogue, ServerSettings settings, Witnesses.Cosignatures cosignatures, TimeStampRounds timeStamps, MailRounds mail, TimeProvider clock)
    {
        var frame = await frames.ForAsync(context);
        try
        {
            var entries = await queries.PageAsync(avant, EvidenceListView.PageSize, context.RequestAborted);
            return new RazorComponentResult<EvidenceListPage>(new
            {
                Frame = frame,
                View = new EvidenceListView([.. entries.Select(EvidenceReading.Item)], frame.Log ?? new LogHead(0, ""))
                {
                    Applications = catalogue.Current.Catalogue?.Applications ?? [],
                    Objectives = ObjectivesOrNone(settings),
                    LogKey = queries.Head()?.LogKey ?? "",
                    Witnesses = cosignatures.Standing(),
                    TimeStamps = timeStamps.Standing(),
                    Mail = mail.Standing(),
                    Now = clock.GetUtcNow(),
                },
            });
        }
        catch (EvidenceException e)
        {
            return Refused(frame, null, e.Problem);
        }
    }

    private static async Task<Results<RazorComponentResult<EvidenceEntryPage>, RazorComponentResult<EvidenceRefusedPage>, NotFound>> EntryAsync(
        HttpContext context, long sequence, PageFrames frames, EvidenceQueries queries, WithheldExercise withheld)
    {
        var frame = await frames.ForAsync(context);
        try
        {
            return await queries.FindAsync(sequence, context.RequestAborted) is { } detail
                ? new RazorComponentResult<EvidenceEntryPage>(new { Frame = frame, View = EvidenceReading.Entry(detail, await withheld.IsFromAsync(detail.Logged.Entry, context.User, context.RequestAborted)) })
                : TypedResults.NotFound();
        }
        catch (EvidenceException e)
        {
            return Refused(frame, sequence, e.Problem);
        }
    }

    // Whoever may read the evidence may carry it away: it holds nothing that the pages do not show, or will not show once an exercise is over.
    private static async Task<Results<FileContentHttpResult, RazorComponentResult<PackRefusedPage>>> PackAsync(
        HttpContext context, string? application, string? du, string? au, string? objectif, PageFrames frames, CatalogueSource catalogue, ServerSettings settings, PackMaker maker, WithheldExercise withheld, TimeStampWorker timeStamps)
    {
        var frame = await frames.ForAsync(context);
        try
        {
            var order = PackOrder.Of(new PackRequest(application, du, au, objectif), catalogue.Current.Catalogue, ObjectivesOrNull(settings));
            var made = await maker.MakeAsync(order, context.RequestAborted, entry => withheld.IsFromAsync(entry, context.User, context.RequestAborted));
            // What it shows is worth a date of its own; whoever asks again gets it along.
            timeStamps.Ask();
            return TypedResults.File(made.Zip, "application/zip", "dossier-de-preuves.zip");
        }
        catch (PackRefusedException e)
        {
            return new RazorComponentResult<PackRefusedPage>(new { Frame = frame, e.Refusal })
            {
                StatusCode = e.Refusal.Kind switch
                {
                    PackRefusalKind.Nothing => StatusCodes.Status404NotFound,
                    PackRefusalKind.TooMany or PackRefusalKind.BadRequest => StatusCodes.Status400BadRequest,
                    PackRefusalKind.Withheld => StatusCodes.Status403Forbidden,
                    PackRefusalKind.Damaged => StatusCodes.Status409Conflict,
                },
            };
        }
    }

    // A list with a mistake in it is found by lint; the rest of the page does not hang on it.
    private static ObjectiveList? ObjectivesOrNull(ServerSettings settings)
    {
        try
        {
            return ObjectivesSource.Read(settings.ObjectivesFile);
        }
        catch (UsageException)
        {
            return null;
        }
    }

    private static IReadOnlyList<Objective> ObjectivesOrNone(ServerSettings settings) => ObjectivesOrNull(settings)?.Objectives ?? [];

    // What does not verify is not handed out either.
    private static async Task<Results<FileContentHttpResult, ForbidHttpResult, NotFound>> DownloadAsync(
        long sequence, EvidenceQueries queries, string type, Func<EvidenceDetail, Task<byte[]?>> content, CancellationToken stop)
    {
        try
        {
            if (await queries.FindAsync(sequence, stop) is not { } detail) return TypedResults.NotFound();
            return await content(detail) is { } bytes ? TypedResults.File(bytes, type) : TypedResults.Forbid();
        }
        catch (EvidenceException)
        {
            return TypedResults.NotFound();
        }
    }

    private static RazorComponentResult<EvidenceRefusedPage> Refused(PageFrame frame, long? sequence, EvidenceProblem problem) => new(new
    {
        Frame = frame,
        Refusal = new EvidenceRefusal(sequence, problem.Code, new Phrase(problem.Message("fr"), problem.Message("en")), new Phrase(problem.Remedy("fr"), problem.Remedy("en"))),
    });
}
