using System.Globalization;
using System.Text;
using BackupGuard.Evidence;

namespace BackupGuard.Witness;

/// <summary>POST add-checkpoint (C2SP tlog-witness), one request at a time: the look, the store and the signature are one step.</summary>
internal sealed class WitnessEndpoint(IReadOnlyList<NoteKey> logs, WitnessMemory memory, CosignatureKey name, EvidenceKey key, TimeProvider clock, ILogger<WitnessEndpoint> logger) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);

    public async Task AnswerAsync(HttpContext http)
    {
        if (await BodyAsync(http) is not { } body)
        {
            http.Response.StatusCode = StatusCodes.Status413PayloadTooLarge;
            return;
        }
        await _turn.WaitAsync(http.RequestAborted);
        try
        {
            await AnswerAsync(http.Response, body);
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            // Not stored, so not vouched for. The reason is this machine's own matter.
            logger.Refused(e.Message);
            http.Response.StatusCode = StatusCodes.Status500InternalServerError;
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private async Task AnswerAsync(HttpResponse response, byte[] body)
    {
        WitnessedTree? last = null;
        var (answer, checkpoint, note) = WitnessRules.Judge(body, logs, origin => last = memory.Find(origin));
        response.StatusCode = answer switch
        {
            WitnessAnswer.Accepted => StatusCodes.Status200OK,
            WitnessAnswer.Malformed => StatusCodes.Status400BadRequest,
            WitnessAnswer.NotSigned => StatusCodes.Status403Forbidden,
            WitnessAnswer.UnknownLog => StatusCodes.Status404NotFound,
            WitnessAnswer.Conflict => StatusCodes.Status409Conflict,
            WitnessAnswer.Inconsistent => StatusCodes.Status422UnprocessableEntity,
        };
        if (answer is WitnessAnswer.Conflict or WitnessAnswer.Inconsistent) logger.Contradicted(answer);
        if (answer == WitnessAnswer.Conflict)
        {
            response.ContentType = "text/x.tlog.size";
            await response.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"{last?.Size ?? 0}\n"));
        }
        if (answer != WitnessAnswer.Accepted) return;
        memory.Save(checkpoint!.Origin, new WitnessedTree(checkpoint.Size, checkpoint.Root));      // accepted: all three are there
        response.ContentType = "text/plain; charset=utf-8";
        await response.WriteAsync(Cosignature.Sign(note!, name, key, clock.GetUtcNow()), Encoding.UTF8);
        logger.Vouched(checkpoint.Origin, checkpoint.Size);
    }

    /// <returns>Null when it is longer than any request is.</returns>
    private static async Task<byte[]?> BodyAsync(HttpContext http)
    {
        var body = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (await http.Request.Body.ReadAsync(buffer, http.RequestAborted) is var read and > 0)
        {
            if (body.Length + read > WitnessRequest.MaxBytes) return null;
            body.Write(buffer, 0, read);
        }
        return body.ToArray();
    }
}

internal static partial class WitnessLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "{Origin}: vouched for {Size} entries.")]
    public static partial void Vouched(this ILogger logger, string origin, long size);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A signed checkpoint was not vouched for ({Answer}): it does not grow out of the tree that was seen last. If the log's owner cannot say why, keep what was sent: it may be a second version of the log.")]
    public static partial void Contradicted(this ILogger logger, WitnessAnswer answer);

    [LoggerMessage(Level = LogLevel.Error, Message = "Nothing is vouched for: {Reason}")]
    public static partial void Refused(this ILogger logger, string reason);
}
