using System.Globalization;
using System.Security.Authentication;
using System.Xml;
using Azure;
using Azure.Identity;
using BackupGuard.Verification;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Agent.Stores.Azure;

/// <summary>An answer that is no success, as the store gave it.</summary>
/// <param name="code">The store's own error code, or "".</param>
internal sealed class AzureRefusal(int status, string code, string requestId, DateTimeOffset? date) : Exception($"{code} {status}")
{
    public int Status => status;
    public string Code => code;
    public string RequestId => requestId;
    public DateTimeOffset? Date => date;
}

/// <summary>From what the store answers and what the pipeline and the network throw to the closed kinds of the port, each with a sentence for people.</summary>
internal static class AzureFailure
{
    public static AzureRefusal? RefusalIn(StoreException e) => e.InnerException as AzureRefusal;

    /// <summary>The store's own error code, or "".</summary>
    public static string CodeOf(StoreException e) => RefusalIn(e)?.Code ?? "";

    public static StoreException OfAnswer(Response response, string name)
    {
        var code = response.Headers.TryGetValue("x-ms-error-code", out var said) ? said : "";
        var refusal = new AzureRefusal(response.Status, Printable.Of(code), Printable.Of(response.Headers.RequestId ?? ""), response.Headers.Date);
        var (failure, message) = Meaning(refusal);
        return new StoreException(failure, name, message, refusal);
    }

    /// <summary>Error codes of the Azure Storage REST reference, "Common REST API error codes" and "Blob Storage error codes".</summary>
    private static (StoreFailure, string) Meaning(AzureRefusal e) => e.Code switch
    {
        "ContainerNotFound" or "ContainerBeingDeleted" or "ContainerDisabled" => (StoreFailure.Misconfigured, "there is no such container"),
        "AccountIsDisabled" => (StoreFailure.Misconfigured, "the storage account is disabled"),
        "InvalidResourceName" => (StoreFailure.Misconfigured, "the store does not accept this name"),
        "BlobNotFound" or "ResourceNotFound" => (StoreFailure.NotFound, "it is not there"),
        "AuthenticationFailed" => (StoreFailure.Denied, "the store refuses the account key, the SAS or the token: it is wrong or has expired, or the clock of this machine is off"),
        "KeyBasedAuthenticationNotPermitted" => (StoreFailure.Denied, "the account does not allow account keys: use an identity of Entra ID"),
        "AuthorizationPermissionMismatch" or "InsufficientAccountPermissions" or "AuthorizationServiceMismatch" or "AuthorizationResourceTypeMismatch" => (StoreFailure.Denied, $"this identity may not do it ({Said(e)}): give it the role or the SAS permission"),
        "AuthorizationFailure" => (StoreFailure.Denied, $"this identity may not do it, or not from here ({Said(e)}): look at the key or the SAS, and at the account's firewall"),
        "AuthorizationSourceIPMismatch" => (StoreFailure.Denied, $"this identity may not do it from here ({Said(e)}): the SAS names other addresses"),
        "BlobArchived" or "BlobBeingRehydrated" => (StoreFailure.Denied, "it lies in the archive tier: have the store bring it back first"),
        "BlobUsesCustomerSpecifiedEncryption" => (StoreFailure.Denied, $"it is encrypted with a key that the store was not given ({Said(e)})"),
        "ConditionNotMet" or "TargetConditionNotMet" => (StoreFailure.Transient, "it was written again while it was being read"),
        "ServerBusy" or "OperationTimedOut" or "InternalError" => (StoreFailure.Transient, $"the store is busy or failing ({Said(e)})"),
        "BlobImmutableDueToPolicy" or "BlobImmutableDueToLegalHold" => (StoreFailure.Denied, $"the store holds it ({Said(e)})"),
        _ => e.Status switch
        {
            401 or 403 => (StoreFailure.Denied, $"this identity may not do it ({Said(e)})"),
            404 => (StoreFailure.NotFound, "it is not there"),
            407 => (StoreFailure.Denied, "the proxy refuses this agent"),
            412 => (StoreFailure.Transient, "it was written again while it was being read"),
            408 or 429 or (>= 500 and not 501 and not 505) => (StoreFailure.Transient, $"the store is busy or failing ({Said(e)})"),
            501 or 505 => (StoreFailure.Misconfigured, $"the store does not know this request ({Said(e)})"),
            // A lease, a copy under way: another moment may do.
            409 => (StoreFailure.Transient, $"the state of it does not allow that now ({Said(e)})"),
            400 when e.Code is "UnsupportedHeader" or "UnsupportedQueryParameter" or "InvalidHeaderValue" or "FeatureVersionMismatch" => (StoreFailure.Misconfigured, $"the store does not know this request ({Said(e)})"),
            _ => (StoreFailure.Corrupt, $"the store gave an answer that was not expected ({Said(e)})"),
        },
    };

    private static string Said(AzureRefusal e) => string.Create(CultureInfo.InvariantCulture, $"{(e.Code.Length > 0 ? e.Code + ", " : "")}{e.Status}");

    public static StoreException Of(Exception e, string name)
    {
        for (var inner = e; inner is not null; inner = inner.InnerException)
            if (inner is StoreException own) return new StoreException(own.Failure, name, own.Message, own.InnerException ?? e);
        var (failure, message) = OfNetwork(e);
        return new StoreException(failure, name, message, e);
    }

    private static (StoreFailure, string) OfNetwork(Exception e)
    {
        var token = e as AuthenticationFailedException;
        var isNetwork = false;
        for (var inner = e; inner is not null; inner = inner.InnerException)
        {
            token ??= inner as AuthenticationFailedException;
            switch (inner)
            {
                case AuthenticationException:
                    return (StoreFailure.Misconfigured, $"its TLS certificate is not trusted ({Printable.Of(inner.Message.TrimEnd('.'))}): give the authority's certificate as CA file, or correct the address");
                case HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError }:
                    return (StoreFailure.Transient, "the name of the endpoint cannot be resolved");
                case XmlException or FormatException or OverflowException:
                    return (StoreFailure.Corrupt, "the store's answer was not understood");
                case TimeoutException or OperationCanceledException:
                    return (StoreFailure.Transient, inner is TimeoutException && inner.InnerException is null ? inner.Message.TrimEnd('.') : "the store did not answer in time");
            }
            isNetwork |= inner is HttpRequestException or IOException;
        }
        if (token is not null && !isNetwork) return (StoreFailure.Denied, $"Entra ID gave no token ({Printable.Of(FirstLine(Innermost(token).Message))})");
        return (StoreFailure.Transient, $"{(token is null ? "the store" : "Entra ID")} cannot be reached ({Printable.Of(FirstLine(Innermost(e).Message))})");
    }

    private static string FirstLine(string text)
    {
        var line = text.AsSpan().Trim();
        var end = line.IndexOfAny('\r', '\n');
        return (end < 0 ? line : line[..end]).ToString().TrimEnd('.');
    }

    private static Exception Innermost(Exception e) => e.InnerException is { } inner ? Innermost(inner) : e;
}
