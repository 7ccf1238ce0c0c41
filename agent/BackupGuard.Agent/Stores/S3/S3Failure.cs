using System.Globalization;
using System.Net;
using System.Security.Authentication;
using System.Text.RegularExpressions;
using System.Xml;
using Amazon.Runtime;
using Amazon.S3;
using BackupGuard.Verification;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Agent.Stores.S3;

/// <summary>From what the SDK and the network throw to the closed kinds of the port, each with a sentence for people.</summary>
internal static partial class S3Failure
{
    /// <param name="name">The object, or "" for the store itself.</param>
    public static async ValueTask<T> AskAsync<T>(string name, Func<Task<T>> ask, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            return await ask();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
#pragma warning disable CA1031 // The SDK documents no closed set of exceptions; the port has one.
        catch (Exception e)
#pragma warning restore CA1031
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw Of(e, name);
        }
    }

    /// <summary>The store's own error code, or "".</summary>
    public static string CodeOf(StoreException e) => (e.InnerException as AmazonS3Exception)?.ErrorCode ?? "";

    public static StoreException Of(Exception e, string name)
    {
        for (var inner = e; inner is not null; inner = inner.InnerException)
            if (inner is StoreException own) return new StoreException(own.Failure, name, own.Message, e);
        var (failure, message) = e switch
        {
            AmazonS3Exception s => OfAnswer(s),
            AmazonServiceException s when s.InnerException is null => (StoreFailure.Corrupt, $"the store's answer was not understood ({Printable.Of(s.Message)})"),
            _ => OfNetwork(e),
        };
        return new StoreException(failure, name, message, e);
    }

    /// <summary>Error codes of the S3 API reference, "Error responses". A HEAD has no body and hence no code: the status stands for it.</summary>
    private static (StoreFailure, string) OfAnswer(AmazonS3Exception e) => e.ErrorCode switch
    {
        "NoSuchBucket" => (StoreFailure.Misconfigured, "there is no such bucket"),
        "NoSuchKey" or "NoSuchVersion" or "NotFound" => (StoreFailure.NotFound, "it is not there"),
        "InvalidAccessKeyId" => (StoreFailure.Denied, "the store does not know this access key"),
        "SignatureDoesNotMatch" => (StoreFailure.Denied, "the store refuses the signature: the secret key is not the one of this access key"),
        "ExpiredToken" or "InvalidToken" or "TokenRefreshRequired" => (StoreFailure.Denied, "the session token is not valid, or not any more"),
        "RequestTimeTooSkewed" or "RequestExpired" => (StoreFailure.Misconfigured, "the clock of this machine and that of the store are too far apart: set this machine's clock by a time server"),
        "AuthorizationHeaderMalformed" or "PermanentRedirect" or "TemporaryRedirect" or "IllegalLocationConstraintException" => (StoreFailure.Misconfigured, S3Transport.Elsewhere(null, RegionIn(e.ResponseBody)).Message),
        "InvalidBucketName" => (StoreFailure.Misconfigured, "the store does not accept the name of this bucket"),
        "InvalidObjectState" => (StoreFailure.Denied, "it lies in an archive class: have the store bring it back first"),
        "SlowDown" or "Throttling" or "TooManyRequests" or "RequestTimeout" or "InternalError" or "ServiceUnavailable" or "Busy" => (StoreFailure.Transient, $"the store is busy or failing ({Said(e)})"),
        "NotImplemented" => (StoreFailure.Misconfigured, $"the store does not know this request ({Said(e)})"),
        // The answer to a read without key of an object that somebody encrypted with a key of his own.
        "InvalidRequest" or "InvalidArgument" when e.Message.Contains("encryption", StringComparison.OrdinalIgnoreCase) => (StoreFailure.Denied, $"it is encrypted with a key that the store was not given ({Said(e)})"),
        _ => e.StatusCode switch
        {
            HttpStatusCode.NotFound => (StoreFailure.NotFound, "it is not there"),
            HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized => (StoreFailure.Denied, $"this identity may not do it ({Said(e)})"),
            HttpStatusCode.ProxyAuthenticationRequired => (StoreFailure.Denied, "the proxy refuses this agent"),
            HttpStatusCode.PreconditionFailed => (StoreFailure.Transient, "it was written again while it was being read"),
            HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout or >= HttpStatusCode.InternalServerError => (StoreFailure.Transient, $"the store is busy or failing ({Said(e)})"),
            _ => e.InnerException is null || e.StatusCode != 0 ? (StoreFailure.Corrupt, $"the store gave an answer that was not expected ({Said(e)})") : OfNetwork(e),
        },
    };

    private static string? RegionIn(string? body) => body is not null && Region().Match(body) is { Success: true } found ? found.Groups[1].Value : null;

    [GeneratedRegex("<Region>([a-z0-9-]{1,40})</Region>", RegexOptions.CultureInvariant)]
    private static partial Regex Region();

    private static string Said(AmazonS3Exception e) => Printable.Of(string.Create(CultureInfo.InvariantCulture, $"{(string.IsNullOrEmpty(e.ErrorCode) ? e.StatusCode.ToString() : e.ErrorCode)}, {(int)e.StatusCode}"));

    private static (StoreFailure, string) OfNetwork(Exception e)
    {
        for (var inner = e; inner is not null; inner = inner.InnerException)
        {
            switch (inner)
            {
                case AuthenticationException:
                    return (StoreFailure.Misconfigured, $"its TLS certificate is not trusted ({Printable.Of(inner.Message.TrimEnd('.'))}): give the authority's certificate as CA file, or correct the address");
                case HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError }:
                    return (StoreFailure.Transient, "the name of the endpoint cannot be resolved");
                case XmlException or FormatException:
                    return (StoreFailure.Corrupt, "the store's answer was not understood");
                case TimeoutException or OperationCanceledException:
                    return (StoreFailure.Transient, inner is TimeoutException && inner.InnerException is null ? inner.Message.TrimEnd('.') : "the store did not answer in time");
            }
        }
        return (StoreFailure.Transient, $"the store cannot be reached ({Printable.Of(Innermost(e).Message.TrimEnd('.'))})");
    }

    private static Exception Innermost(Exception e) => e.InnerException is { } inner ? Innermost(inner) : e;
}
