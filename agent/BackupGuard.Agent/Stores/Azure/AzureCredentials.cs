using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;

namespace BackupGuard.Agent.Stores.Azure;

/// <summary>Who asks: an account key, a SAS, or an identity of Entra ID. Exactly one of them.</summary>
/// <param name="Name">For people and evidence, without secrets.</param>
/// <param name="Key">The account key, or null.</param>
/// <param name="Sas">The SAS without a leading '?', or null.</param>
/// <param name="Token">Makes the source of tokens over that transport, or null.</param>
internal sealed record AzureCredentials(string Name, string? Account, string? EndpointSuffix, byte[]? Key, string? Sas, Func<HttpPipelineTransport, StoreLimits, TokenCredential>? Token)
{
    private const string None = "This store needs keys: give --credentials-file F (credentialsFile under store in agent.yaml) with account_key, sas, tenant_id with client_id and one of client_secret, client_certificate, "
        + "federated_token_file, or managed_identity; or set AZURE_ACCOUNT_KEY, AZURE_ACCOUNT_SAS or AZURE_TENANT_ID and its like.";

    /// <exception cref="UsageException">There are none, or they cannot be used.</exception>
    public static AzureCredentials Load(string? file)
    {
        var from = file is null ? "the environment" : $"the credentials file {file}";
        var values = AzureSettingsFile.Read(file);
        string? Of(string key) => values.GetValueOrDefault(key);
        var isClient = Of("tenant_id") is not null || Of("client_secret") is not null || Of("client_certificate") is not null || Of("federated_token_file") is not null;
        // AZURE_CLIENT_ID alone may be there for another program.
        var kinds = new[] { Of("account_key") is not null, Of("sas") is not null, isClient, Of(AzureSettingsFile.ManagedIdentity) is not null }.Count(k => k);
        if (kinds == 0) throw new UsageException(None);
        if (kinds > 1) throw new UsageException($"More than one identity is named in {from}: keep the account key, the SAS, the client or the managed identity.");
        var plain = new AzureCredentials("", Of("account_name"), Of("endpoint_suffix"), null, null, null);
        if (Of("account_key") is { } key) return plain with { Name = $"account key {Of("account_name")}".TrimEnd(), Key = Decoded(key, from) };
        if (Of("sas") is { } sas) return plain with { Name = NameOf(sas, from), Sas = sas.TrimStart('?') };
        if (Of(AzureSettingsFile.ManagedIdentity) is { } managed) return plain with { Name = $"managed identity {managed}", Token = (transport, limits) => Managed(managed, transport, limits) };
        return Client(plain, Of, from);
    }

    private static byte[] Decoded(string key, string from)
    {
        var bytes = new byte[key.Length];
        return Convert.TryFromBase64String(key, bytes, out var count) && count > 0 ? bytes[..count] : throw new UsageException($"The account key in {from} is not one: it is base64, as the portal shows it.");
    }

    /// <summary>What may be shown of a SAS: its permissions and a fingerprint, which tells two of them apart and leads back to neither.</summary>
    private static string NameOf(string sas, string from)
    {
        var fields = sas.TrimStart('?').Split('&').Select(p => p.Split('=', 2)).Where(p => p.Length == 2).ToLookup(p => p[0], p => p[1], StringComparer.Ordinal);
        if (fields["sig"].FirstOrDefault() is not { Length: > 0 } signature || sas.AsSpan().IndexOfAny(" \t#") >= 0) throw new UsageException($"The SAS in {from} is not one: it is what stands behind the '?', and sig= is in it.");
        var permissions = new string([.. (fields["sp"].FirstOrDefault() ?? "").Where(char.IsAsciiLetter).Take(20)]);
        return $"SAS {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(signature)))[..8]} ({(permissions.Length > 0 ? permissions : "by a stored policy")})";
    }

    private static AzureCredentials Client(AzureCredentials plain, Func<string, string?> of, string from)
    {
        if (of("tenant_id") is not { } tenant || of("client_id") is not { } client) throw new UsageException($"An identity of Entra ID needs tenant_id and client_id; {from} does not name both.");
        var proofs = new[] { of("client_secret"), of("client_certificate"), of("federated_token_file") };
        if (proofs.Count(p => p is not null) != 1) throw new UsageException($"An identity of Entra ID needs exactly one of client_secret, client_certificate and federated_token_file; {from} has {proofs.Count(p => p is not null)}.");
        if (!tenant.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.')) throw new UsageException($"The tenant_id in {from} is not one: it is a UUID or a domain.");
        Uri? authority = null;
        if (of("authority") is { } text && !(Uri.TryCreate(text, UriKind.Absolute, out authority) && authority.Scheme == "https")) throw new UsageException($"The authority in {from} is not one: write https://login.microsoftonline.com or that of your cloud.");
        return plain with
        {
            Name = $"client {Verification.Printable.Of(client)}",
            Token = (transport, limits) => (of("client_secret"), of("client_certificate")) switch
            {
                ({ } secret, _) => new ClientSecretCredential(tenant, client, secret, With(new ClientSecretCredentialOptions { DisableInstanceDiscovery = authority is not null }, authority, transport, limits)),
                (_, { } certificate) => Certified(tenant, client, Readable(certificate), of("client_certificate_password"), With(new ClientCertificateCredentialOptions { DisableInstanceDiscovery = authority is not null }, authority, transport, limits)),
                _ => new WorkloadIdentityCredential(With(new WorkloadIdentityCredentialOptions { TenantId = tenant, ClientId = client, TokenFilePath = Readable(of("federated_token_file")!), DisableInstanceDiscovery = authority is not null }, authority, transport, limits)),    // the one of three that is left
            },
        };
    }

    private static ClientCertificateCredential Certified(string tenant, string client, string file, string? password, ClientCertificateCredentialOptions options)
    {
        if (password is null) return new ClientCertificateCredential(tenant, client, file, options);
        try
        {
            return new ClientCertificateCredential(tenant, client, X509CertificateLoader.LoadPkcs12FromFile(file, password), options);
        }
        catch (CryptographicException e)
        {
            throw new UsageException($"The certificate {file} cannot be opened with its password: {e.Message}");
        }
    }

    private static string Readable(string file) => File.Exists(file) ? file : throw new UsageException($"The file {file} of the Entra ID identity is not there or may not be read.");

    private static ManagedIdentityCredential Managed(string which, HttpPipelineTransport transport, StoreLimits limits)
    {
        var id = which == "system" ? ManagedIdentityId.SystemAssigned : ManagedIdentityId.FromUserAssignedClientId(which);
        return new ManagedIdentityCredential(With(new ManagedIdentityCredentialOptions(id), null, transport, limits));
    }

    private static T With<T>(T options, Uri? authority, HttpPipelineTransport transport, StoreLimits limits) where T : TokenCredentialOptions
    {
        if (authority is not null) options.AuthorityHost = authority;
        AzurePipeline.Configure(options, transport, limits);
        return options;
    }
}
