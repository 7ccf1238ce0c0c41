using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace BackupGuard.Server.Hosting;

/// <summary>The certificate of https. Agents pin its public key, so the one of our own is made once and kept.</summary>
internal static class TlsCertificate
{
    private const string File = "tls.pem";

    public static X509Certificate2 Load(ServerSettings settings, TimeProvider clock)
    {
        try
        {
            return settings.CertificateFile is { } file
                ? WithStoredKey(X509Certificate2.CreateFromPemFile(file, settings.CertificateKeyFile ?? file))
                : LoadOrCreateOwn(settings.Data, clock);
        }
        catch (CryptographicException e)
        {
            throw new UsageException($"The certificate {settings.CertificateFile ?? settings.Data[File]} cannot be used: {e.Message}", e);
        }
    }

    /// <summary>SHA-256 of the SubjectPublicKeyInfo: it survives a renewal with the same key.</summary>
    public static string Pin(X509Certificate2 certificate) =>
        "sha256:" + Convert.ToHexStringLower(SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()));

    private static X509Certificate2 LoadOrCreateOwn(DataFolder data, TimeProvider clock)
    {
        if (!System.IO.File.Exists(data[File]))
        {
            data.WriteSecret(File, System.Text.Encoding.ASCII.GetBytes(CreateOwn(clock)));
        }
        return WithStoredKey(X509Certificate2.CreateFromPemFile(data[File]));
    }

    private static string CreateOwn(TimeProvider clock)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=backupguard-server", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], critical: false));
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddDnsName(Dns.GetHostName());
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        request.CertificateExtensions.Add(names.Build());
        var now = clock.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddYears(10));
        return certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem() + "\n";
    }

    // Schannel refuses a key that lives in memory only: the round trip through PKCS#12 gives it a handle it accepts.
    private static X509Certificate2 WithStoredKey(X509Certificate2 certificate)
    {
        using (certificate)
        {
            return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
        }
    }
}
