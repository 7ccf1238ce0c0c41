using System.Formats.Asn1;
using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace BackupGuard.Evidence.TimeStamps;

/// <summary>A time-stamp authority as the policy names it (FORMAT.md, section 12).</summary>
/// <param name="Roots">Certificates that its tokens must lead to. They come with the policy: what a pack brings along vouches for nothing.</param>
/// <param name="Url">Where it answers, or null: an auditor needs none.</param>
public sealed record TimeStampAuthority(string Name, IReadOnlyList<X509Certificate2> Roots, string? Url)
{
    public const int MaxNameLength = 32;

    /// <summary>It is a part of file names.</summary>
    public static bool IsName(string name) => name.Length is > 0 and <= MaxNameLength && name.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-' or '_') && char.IsAsciiLetterOrDigit(name[0]);
}

/// <summary>RFC 3161 time stamps of signed checkpoints (FORMAT.md, section 14).</summary>
public static class TimeStamp
{
    /// <summary>Of a request, a token, or an answer.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>What two honest clocks may differ by: as for entries (section 2).</summary>
    public static readonly TimeSpan Tolerance = ClockChecks.Tolerance;

    // Of a signer: which signature algorithms go with its digest (RFC 3370, RFC 5754). SHA-1 is gone.
    private const string RsaEncryption = "1.2.840.113549.1.1.1", RsaPss = "1.2.840.113549.1.1.10";
    private static readonly Dictionary<string, string[]> Algorithms = new(StringComparer.Ordinal)
    {
        [Sha256] = [RsaEncryption, RsaPss, "1.2.840.113549.1.1.11", "1.2.840.10045.4.3.2"],
        ["2.16.840.1.101.3.4.2.2"] = [RsaEncryption, RsaPss, "1.2.840.113549.1.1.12", "1.2.840.10045.4.3.3"],
        ["2.16.840.1.101.3.4.2.3"] = [RsaEncryption, RsaPss, "1.2.840.113549.1.1.13", "1.2.840.10045.4.3.4"],
    };
    private const string Sha256 = "2.16.840.1.101.3.4.2.1", SignedData = "1.2.840.113549.1.7.2";
    private const int NonceBytes = 16;
    private const string TimeStamping = "1.3.6.1.5.5.7.3.8";
    private const X509KeyUsageFlags SigningOnly = X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.NonRepudiation;

    // Of a request without its length, up to the imprint: version 1, SHA-256 with its NULL, 32 bytes.
    private static readonly byte[] Head = Convert.FromHexString("0201013031300d060960864801650304020105000420");
    private static readonly byte[] WithCertificate = [0x01, 0x01, 0xff];

    /// <summary>What is stamped: the note as the log signed it, without the lines of witnesses, which come later.</summary>
    /// <exception cref="EvidenceException">BG2020 to BG2022.</exception>
    public static byte[] Stamped(ReadOnlySpan<byte> note, NoteKey logKey)
    {
        var parsed = SignedNote.Parse(note);
        var text = parsed.Verify(logKey, "The checkpoint");
        var own = parsed.Signatures.First(s => s.KeyName == logKey.Name && s.KeyId == logKey.Key.KeyId);
        return Encoding.UTF8.GetBytes($"{text}\n{SignedNote.Line(own.KeyName, [.. Convert.FromHexString(own.KeyId), .. own.Bytes.Span])}");
    }

    /// <summary>Asks for a time stamp of SHA-256 of these bytes, with a nonce and the authority's certificate in the answer.</summary>
    public static byte[] Request(ReadOnlySpan<byte> stamped) =>
        Rfc3161TimestampRequest.CreateFromHash(SHA256.HashData(stamped), HashAlgorithmName.SHA256, requestedPolicyId: null, Nonce(), requestSignerCertificates: true).Encode();

    /// <summary>The token in an authority's answer (RFC 3161, section 2.4.2); nothing of it is judged yet.</summary>
    /// <exception cref="EvidenceException">BG2052: it is none, or a refusal.</exception>
    public static byte[] TokenOf(ReadOnlyMemory<byte> answer, string subject)
    {
        try
        {
            var outer = new AsnReader(answer, AsnEncodingRules.BER);
            var response = outer.ReadSequence();
            outer.ThrowIfNotEmpty();
            var status = response.ReadSequence().ReadInteger();
            // 0 granted, 1 granted with changes, which the token shows.
            if (status > 1 || status < 0) throw Untrusted(subject, $"the authority refuses, with the status {status.ToString(CultureInfo.InvariantCulture)}");
            var token = response.ReadEncodedValue();
            response.ThrowIfNotEmpty();
            // Some authorities write lengths in other ways than DER; nothing that is signed changes here.
            return Rfc3161TimestampToken.TryDecode(token, out var decoded, out _) ? decoded.AsSignedCms().Encode() : throw Untrusted(subject, "it holds no token");
        }
        catch (Exception e) when (e is AsnContentException or CryptographicException)
        {
            throw Untrusted(subject, "it is not an answer of RFC 3161");
        }
    }

    /// <summary>When the authority says that the bytes existed, if request and token are of these bytes and its certificate leads to a root of the policy.</summary>
    /// <param name="authority">Null: the signature is held against the certificate in the token alone, which shows damage and proves nothing.</param>
    /// <param name="subject">What the time stamp is, for the sentence.</param>
    /// <exception cref="EvidenceException">BG2050 to BG2052.</exception>
    public static DateTimeOffset Verify(ReadOnlyMemory<byte> request, ReadOnlyMemory<byte> token, ReadOnlySpan<byte> stamped, TimeStampAuthority? authority, string subject)
    {
        var (imprint, nonce) = ReadRequest(request.Span, subject);
        if (!imprint.SequenceEqual(SHA256.HashData(stamped))) throw Other(subject, "the request is for something else");
        var info = Signed(token, authority, subject);
        if (info.HashAlgorithmId.Value != Sha256 || !info.GetMessageHash().Span.SequenceEqual(imprint)) throw Other(subject, "it was given for something else");
        if (info.GetNonce() is not { } answered || new BigInteger(answered.Span, isBigEndian: true) != nonce) throw Other(subject, "it answers another request: the nonce differs");
        return info.Timestamp;
    }

    /// <summary>One form only, so that two readers never see two requests in the same bytes.</summary>
    private static (byte[] Imprint, BigInteger Nonce) ReadRequest(ReadOnlySpan<byte> request, string subject)
    {
        var imprint = 2 + Head.Length;
        var nonce = imprint + SHA256.HashSizeInBytes + 2;
        var length = request.Length - nonce - WithCertificate.Length;
        if (length is >= 1 and <= NonceBytes && request[0] == 0x30 && request[1] == request.Length - 2 && request[2..].StartsWith(Head)
            && request[nonce - 2] == 0x02 && request[nonce - 1] == length && request[nonce] is > 0 and < 0x80 && request.EndsWith(WithCertificate))
            return (request.Slice(imprint, SHA256.HashSizeInBytes).ToArray(), new BigInteger(request.Slice(nonce, length), isBigEndian: true));
        throw new EvidenceException(EvidenceProblems.TimeStampRequestMalformed.At(subject));
    }

    private static Rfc3161TimestampTokenInfo Signed(ReadOnlyMemory<byte> bytes, TimeStampAuthority? authority, string subject)
    {
        try
        {
            // Refuses more than one signer, and a signer that does not name its certificate (RFC 5035).
            if (bytes.Length > MaxBytes || !Rfc3161TimestampToken.TryDecode(bytes, out var token, out var read) || read != bytes.Length) throw Untrusted(subject, "it is not a token of RFC 3161");
            DemandForm(bytes, token.AsSignedCms().SignerInfos[0], subject);
            var info = token.TokenInfo;
            if (!token.VerifySignatureForHash(info.GetMessageHash().Span, info.HashAlgorithmId, out var signer)) throw Untrusted(subject, "its signature, or the certificate of the one who signed, is wrong");
            var usage = signer.Extensions.OfType<X509EnhancedKeyUsageExtension>().SingleOrDefault();
            if (usage is not { Critical: true, EnhancedKeyUsages.Count: 1 } || usage.EnhancedKeyUsages[0].Value != TimeStamping
                || signer.Extensions.OfType<X509KeyUsageExtension>().Any(k => (k.KeyUsages & ~SigningOnly) != 0))
                throw Untrusted(subject, "the certificate of the one who signed is not for time stamps alone");
            if (authority is not null) DemandRoot(signer, token.AsSignedCms().Certificates, authority, info.Timestamp, subject);
            return info;
        }
        catch (Exception e) when (e is AsnContentException or CryptographicException)
        {
            throw Untrusted(subject, "it is not a token of RFC 3161");
        }
    }

    /// <summary>What no signature covers has one form only, so that no byte can be changed unseen and no two readers read it differently.</summary>
    private static void DemandForm(ReadOnlyMemory<byte> bytes, SignerInfo signer, string subject)
    {
        var explicitly = new Asn1Tag(TagClass.ContextSpecific, 0);
        var content = new AsnReader(bytes, AsnEncodingRules.DER).ReadSequence();
        var signed = content.ReadObjectIdentifier() == SignedData ? content.ReadSequence(explicitly).ReadSequence() : throw Untrusted(subject, "it is not signed data");
        var version = signed.ReadInteger();
        var digests = signed.ReadSetOf();
        var digest = digests.ReadSequence().ReadObjectIdentifier();
        digests.ThrowIfNotEmpty();
        var versionOfSigner = signer.SignerIdentifier.Type == SubjectIdentifierType.IssuerAndSerialNumber ? 1 : 3;
        if (version != 3 || signer.Version != versionOfSigner || digest != signer.DigestAlgorithm.Value || !Algorithms.TryGetValue(digest, out var fitting) || !fitting.Contains(signer.SignatureAlgorithm.Value))
            throw Untrusted(subject, "its algorithms or versions do not fit each other");
    }

    /// <remarks>At the time of the stamp: a root that expired since does not make it untrue, one that had expired by then does. Revocation is not asked: no network.</remarks>
    private static void DemandRoot(X509Certificate2 signer, X509Certificate2Collection others, TimeStampAuthority authority, DateTimeOffset at, string subject)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        foreach (var root in authority.Roots) chain.ChainPolicy.CustomTrustStore.Add(root);
        chain.ChainPolicy.ExtraStore.AddRange(others);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(TimeStamping));
        chain.ChainPolicy.VerificationTime = at.UtcDateTime;
        if (!chain.Build(signer)) throw Untrusted(subject, $"its certificate does not lead to a root of {authority.Name} that was valid then ({string.Join(", ", chain.ChainStatus.Select(s => s.Status).Distinct())})");
    }

    private static byte[] Nonce()
    {
        var nonce = RandomNumberGenerator.GetBytes(NonceBytes);
        // Neither negative nor with zeros in front: the same bytes in every encoding.
        nonce[0] = (byte)(nonce[0] & 0x7f | 0x40);
        return nonce;
    }

    private static EvidenceException Other(string subject, string reason) => new(EvidenceProblems.TimeStampOfAnother.At(subject, ("reason", reason)));

    private static EvidenceException Untrusted(string subject, string reason) => new(EvidenceProblems.TimeStampUntrusted.At(subject, ("reason", reason)));
}
