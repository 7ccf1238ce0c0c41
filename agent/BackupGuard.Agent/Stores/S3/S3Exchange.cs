using System.Text;
using System.Text.RegularExpressions;

namespace BackupGuard.Agent.Stores.S3;

/// <summary>What the last answer of a call said beside its content: the SDK shows neither the server's date nor, of an error, all of the rest.</summary>
internal sealed partial class S3Exchange
{
    private static readonly AsyncLocal<S3Exchange?> Flow = new();

    /// <summary>The one that the running call is noted in, or null.</summary>
    public static S3Exchange? Current => Flow.Value;

    /// <summary>From here on, in this flow, calls are noted in a new one.</summary>
    public static S3Exchange Begin(bool keepsBody = false) => Flow.Value = new S3Exchange { KeepsBody = keepsBody };

    public bool KeepsBody { get; private init; }

    /// <summary>0 when nothing was answered.</summary>
    public int Status { get; private set; }
    public string RequestId { get; private set; } = "";
    public DateTimeOffset? Date { get; private set; }

    /// <summary>The text of the answer, without the white space between elements.</summary>
    public string Body { get; private set; } = "";

    public void Note(HttpResponseMessage response)
    {
        (Status, Date) = ((int)response.StatusCode, response.Headers.Date);
        RequestId = response.Headers.TryGetValues("x-amz-request-id", out var ids) ? Verification.Printable.Of(ids.FirstOrDefault() ?? "") : "";
    }

    public async Task<HttpContent> KeepAsync(HttpContent content, CancellationToken cancellationToken)
    {
        var bytes = await content.ReadAsByteArrayAsync(cancellationToken);
        Body = BetweenElements().Replace(Encoding.UTF8.GetString(bytes).Trim(), "><");
        var kept = new ByteArrayContent(bytes);
        foreach (var (name, values) in content.Headers)
            if (!string.Equals(name, "Content-Length", StringComparison.OrdinalIgnoreCase)) kept.Headers.TryAddWithoutValidation(name, values);
        return kept;
    }

    [GeneratedRegex(@">\s+<", RegexOptions.CultureInvariant)]
    private static partial Regex BetweenElements();
}
