using System.Text;
using BackupGuard.Evidence;
using BackupGuard.Server.Ui;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BackupGuard.Server.Features.Evidence;

internal static class EvidenceFeature
{
    public static void AddEvidencePages(this IServiceCollection services) => services.AddSingleton<EvidenceQueries>();

    public static void MapEvidencePages(this IEndpointRouteBuilder routes)
    {
        var evidence = routes.MapGroup(Urls.EvidenceList);
        evidence.MapGet("", ListAsync);
        evidence.MapGet("/{sequence:long}", EntryAsync);
        evidence.MapGet("/{sequence:long}/octets", (long sequence, EvidenceQueries queries, CancellationToken stop) =>
            DownloadAsync(sequence, queries, "application/json", d => d.Logged.Verified.Bytes.ToArray(), stop));
        evidence.MapGet("/{sequence:long}/inclusion", (long sequence, EvidenceQueries queries, CancellationToken stop) =>
            DownloadAsync(sequence, queries, "text/plain; charset=utf-8", d => Encoding.UTF8.GetBytes(d.ProofFile), stop));
    }

    private static async Task<Results<RazorComponentResult<EvidenceListPage>, RazorComponentResult<EvidenceRefusedPage>>> ListAsync(
        HttpContext context, long? avant, PageFrames frames, EvidenceQueries queries)
    {
        var frame = await frames.ForAsync(context);
        try
        {
            var entries = await queries.PageAsync(avant, EvidenceListView.PageSize, context.RequestAborted);
            return new RazorComponentResult<EvidenceListPage>(new
            {
                Frame = frame,
                View = new EvidenceListView([.. entries.Select(EvidenceReading.Item)], frame.Log ?? new LogHead(0, "")),
            });
        }
        catch (EvidenceException e)
        {
            return Refused(frame, null, e.Problem);
        }
    }

    private static async Task<Results<RazorComponentResult<EvidenceEntryPage>, RazorComponentResult<EvidenceRefusedPage>, NotFound>> EntryAsync(
        HttpContext context, long sequence, PageFrames frames, EvidenceQueries queries)
    {
        var frame = await frames.ForAsync(context);
        try
        {
            return await queries.FindAsync(sequence, context.RequestAborted) is { } detail
                ? new RazorComponentResult<EvidenceEntryPage>(new { Frame = frame, View = EvidenceReading.Entry(detail) })
                : TypedResults.NotFound();
        }
        catch (EvidenceException e)
        {
            return Refused(frame, sequence, e.Problem);
        }
    }

    // What does not verify is not handed out either.
    private static async Task<Results<FileContentHttpResult, NotFound>> DownloadAsync(
        long sequence, EvidenceQueries queries, string type, Func<EvidenceDetail, byte[]> content, CancellationToken stop)
    {
        try
        {
            return await queries.FindAsync(sequence, stop) is { } detail ? TypedResults.File(content(detail), type) : TypedResults.NotFound();
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
