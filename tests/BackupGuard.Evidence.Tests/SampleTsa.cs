using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;

namespace BackupGuard.Evidence.Tests;

/// <summary>A time-stamp authority whose clock a test sets. What openssl's own authority answers is in the tests beside it.</summary>
internal sealed class SampleTsa : IDisposable
{
    public const string TimeStamping = "1.3.6.1.5.5.7.3.8", CodeSigning = "1.3.6.1.5.5.7.3.3";
    private static int made;
    private readonly ECDsa rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256), signerKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 signer;

    /// <param name="valid">When root and signer begin and cease to be valid; null: ten years about the sample.</param>
    /// <param name="purposes">Of the signer.</param>
    public SampleTsa((DateTimeOffset From, DateTimeOffset Until)? valid = null, params string[] purposes)
    {
        var (from, until) = valid ?? (Sample.Start.AddYears(-20), Sample.Start.AddYears(20));
        var root = new CertificateRequest($"CN=Racine d'horodatage {Interlocked.Increment(ref made)}", rootKey, HashAlgorithmName.SHA256);
        root.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        root.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(root.PublicKey, critical: false));
        Root = root.CreateSelfSigned(from, until);
        var request = new CertificateRequest("CN=Horodatage", signerKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([.. (purposes.Length == 0 ? [TimeStamping] : purposes).Select(p => new Oid(p))], critical: true));
        using var certificate = request.Create(Root, from, until, [1, 2, 3]);
        signer = certificate.CopyWithPrivateKey(signerKey);
    }

    public X509Certificate2 Root { get; }

    /// <summary>A line of the policy.</summary>
    public string Line(string name) => $"tsa {name} {Convert.ToBase64String(Root.RawData)}\n";

    /// <param name="change">What a dishonest or broken authority puts into the token: imprint and nonce.</param>
    public byte[] Token(ReadOnlyMemory<byte> request, DateTimeOffset at, Func<byte[], BigInteger, (byte[], BigInteger?)>? change = null)
    {
        Rfc3161TimestampRequest.TryDecode(request, out var asked, out _);
        var (imprint, nonce) = (asked!.GetMessageHash().ToArray(), (BigInteger?)new BigInteger(asked.GetNonce()!.Value.Span, isBigEndian: true));
        if (change is not null) (imprint, nonce) = change(imprint, nonce.Value);
        var cms = new SignedCms(new ContentInfo(new Oid("1.2.840.113549.1.9.16.1.4"), Info(imprint, nonce, at)));
        var by = new CmsSigner(SubjectIdentifierType.IssuerAndSerialNumber, signer) { DigestAlgorithm = new Oid("2.16.840.1.101.3.4.2.1"), IncludeOption = X509IncludeOption.EndCertOnly };
        by.SignedAttributes.Add(new AsnEncodedData(new Oid("1.2.840.113549.1.9.16.2.47"), Certificate()));
        cms.ComputeSignature(by);
        return cms.Encode();
    }

    public void Dispose()
    {
        signer.Dispose();
        Root.Dispose();
        rootKey.Dispose();
        signerKey.Dispose();
    }

    private static byte[] Info(byte[] imprint, BigInteger? nonce, DateTimeOffset at)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(1);
            writer.WriteObjectIdentifier("1.2.3.4.1");
            using (writer.PushSequence())
            {
                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier("2.16.840.1.101.3.4.2.1");
                    writer.WriteNull();
                }
                writer.WriteOctetString(imprint);
            }
            writer.WriteInteger(7);
            writer.WriteGeneralizedTime(at, omitFractionalSeconds: at.Millisecond == 0);
            if (nonce is { } number) writer.WriteInteger(number);
        }
        return writer.Encode();
    }

    /// <summary>SigningCertificateV2 (RFC 5035): which certificate signs.</summary>
    private byte[] Certificate()
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        using (writer.PushSequence())
        using (writer.PushSequence())
            writer.WriteOctetString(SHA256.HashData(signer.RawData));
        return writer.Encode();
    }
}
