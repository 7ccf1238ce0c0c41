using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Azure.Core;
using Azure.Core.Pipeline;

namespace BackupGuard.Agent.Stores.Azure;

/// <summary>Signs each attempt with the account key. Source: "Authorize with Shared Key", Azure Storage REST reference, versions from 2015-02-21 on.</summary>
internal sealed class SharedKeyPolicy(string account, byte[] key, TimeProvider clock) : HttpPipelineSynchronousPolicy
{
    private static readonly string[] Standard =
        ["Content-Encoding", "Content-Language", "Content-Length", "Content-MD5", "Content-Type", "Date", "If-Modified-Since", "If-Match", "If-None-Match", "If-Unmodified-Since", "Range"];

    public override void OnSendingRequest(HttpMessage message)
    {
        var request = message.Request;
        request.Headers.SetValue("x-ms-date", clock.GetUtcNow().ToString("R", CultureInfo.InvariantCulture));
        if (request.Content is { } content && content.TryComputeLength(out var length)) request.Headers.SetValue("Content-Length", length.ToString(CultureInfo.InvariantCulture));
        var headers = request.Headers.ToDictionary(h => h.Name, h => h.Value, StringComparer.OrdinalIgnoreCase);
        request.Headers.SetValue("Authorization", $"SharedKey {account}:{Sign(StringToSign(request.Method.Method, request.Uri.ToUri(), headers, account), key)}");
    }

    public static string Sign(string text, byte[] key) => Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)));

    /// <param name="headers">Compared without case.</param>
    public static string StringToSign(string method, Uri uri, IReadOnlyDictionary<string, string> headers, string account)
    {
        var text = new StringBuilder(method).Append('\n');
        foreach (var name in Standard)
        {
            var value = headers.GetValueOrDefault(name, "");
            // x-ms-date stands for Date, and an empty body has no length.
            text.Append(name == "Date" || name == "Content-Length" && value == "0" ? "" : value).Append('\n');
        }
        foreach (var (name, value) in headers.Select(h => (h.Key.ToLowerInvariant(), h.Value)).Where(h => h.Item1.StartsWith("x-ms-", StringComparison.Ordinal)).OrderBy(h => h.Item1, StringComparer.Ordinal))
            text.Append(name).Append(':').Append(value.Trim()).Append('\n');
        text.Append('/').Append(account).Append(uri.AbsolutePath);
        var query = uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries).Select(p => p.Split('=', 2)).Select(p => (Name: Uri.UnescapeDataString(p[0]).ToLowerInvariant(), Value: p.Length > 1 ? Uri.UnescapeDataString(p[1]) : ""));
        foreach (var parameter in query.GroupBy(p => p.Name, p => p.Value, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal))
            text.Append('\n').Append(parameter.Key).Append(':').AppendJoin(',', parameter.Order(StringComparer.Ordinal));
        return text.ToString();
    }
}
