using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace BackupGuard.Evidence;

/// <summary>The one signature algorithm of version 1: ECDSA on P-256 with SHA-256, signatures in DER (RFC 3279).</summary>
public static class EvidenceAlgorithm
{
    public const string Id = "ecdsa-p256-sha256";

    // 1.2.840.10045.3.1.7, NIST P-256 (RFC 5480, 2.1.1.1).
    internal const string CurveOid = "1.2.840.10045.3.1.7";

    /// <summary>SEQUENCE of two INTEGERs of 33 bytes at most.</summary>
    internal const int MaxSignatureBytes = 72;
}

/// <summary>A private key that signs entries or checkpoints. Whoever saves it makes the file readable by its owner only.</summary>
public sealed class EvidenceKey : IDisposable
{
    private readonly ECDsa ecdsa;
    private readonly Lock signing = new();

    private EvidenceKey(ECDsa ecdsa)
    {
        this.ecdsa = ecdsa;
        PublicKey = EvidencePublicKey.FromSpki(ecdsa.ExportSubjectPublicKeyInfo());
    }

    public EvidencePublicKey PublicKey { get; }

    public static EvidenceKey Generate() => new(ECDsa.Create(ECCurve.NamedCurves.nistP256));

    /// <summary>Reads a PKCS#8 PEM ("BEGIN PRIVATE KEY").</summary>
    /// <exception cref="CryptographicException">No key, or not on P-256.</exception>
    public static EvidenceKey FromPem(string pem)
    {
        var ecdsa = ECDsa.Create();
        try
        {
            ecdsa.ImportFromPem(pem);
            return new EvidenceKey(ecdsa);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or EvidenceException)
        {
            ecdsa.Dispose();
            throw new CryptographicException("This is not an ECDSA P-256 private key in PKCS#8 PEM.", e);
        }
    }

    public string ToPem() => ecdsa.ExportPkcs8PrivateKeyPem();

    /// <summary>Signs SHA-256 of <paramref name="bytes"/>.</summary>
    public byte[] Sign(ReadOnlySpan<byte> bytes)
    {
        lock (signing) return ecdsa.SignData(bytes, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
    }

    /// <summary>A copy of the key for a certificate around it; the caller disposes it.</summary>
    public ECDsa ToECDsa()
    {
        var copy = ECDsa.Create();
        copy.ImportPkcs8PrivateKey(ecdsa.ExportPkcs8PrivateKey(), out _);
        return copy;
    }

    public void Dispose() => ecdsa.Dispose();
}

/// <summary>A public key that checks signatures. Safe for use by several threads.</summary>
public sealed class EvidencePublicKey : IEquatable<EvidencePublicKey>
{
    private readonly byte[] spki;

    // Instances of ECDsa are not promised to be safe for concurrent use, and importing one costs as much as a verification.
    private readonly ConcurrentBag<ECDsa> idle = [];

    private EvidencePublicKey(byte[] spki)
    {
        this.spki = spki;
        KeyId = Convert.ToHexStringLower(SHA256.HashData(spki).AsSpan(0, 4));
    }

    /// <summary>First four bytes of SHA-256(SPKI) as hexadecimal: the key id of a C2SP signed note of type 0x02.</summary>
    public string KeyId { get; }

    /// <summary>DER SubjectPublicKeyInfo.</summary>
    public ReadOnlyMemory<byte> Spki => spki;

    /// <summary>SHA-256 of the whole SPKI: what people compare.</summary>
    public Hash256 Fingerprint => Hash256.Of(spki);

    /// <summary>Reads a DER SubjectPublicKeyInfo of a P-256 key: the named curve, an uncompressed point, nothing after it.</summary>
    /// <exception cref="EvidenceException">Anything else.</exception>
    public static EvidencePublicKey FromSpki(ReadOnlySpan<byte> spki)
    {
        var bytes = spki.ToArray();
        var key = new EvidencePublicKey(bytes);
        try
        {
            var ecdsa = key.Import();
            var curve = ecdsa.ExportParameters(includePrivateParameters: false).Curve;
            if (!curve.IsNamed || curve.Oid.Value != EvidenceAlgorithm.CurveOid || !ecdsa.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(bytes))
                throw new CryptographicException("not the plain encoding of a P-256 key");
            key.idle.Add(ecdsa);
            return key;
        }
        catch (CryptographicException e)
        {
            throw new EvidenceException(EvidenceProblems.Malformed.At("The public key", ("reason", "it is not a DER SubjectPublicKeyInfo of an ECDSA P-256 key")), e);
        }
    }

    public bool Verify(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> signature)
    {
        if (signature.Length > EvidenceAlgorithm.MaxSignatureBytes) return false;
        if (!idle.TryTake(out var ecdsa)) ecdsa = Import();
        try
        {
            return ecdsa.VerifyData(bytes, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        }
        catch (CryptographicException)
        {
            // Some platforms throw for a signature that is no DER sequence.
            return false;
        }
        finally
        {
            idle.Add(ecdsa);
        }
    }

    public bool Equals(EvidencePublicKey? other) => other is not null && spki.AsSpan().SequenceEqual(other.spki);
    public override bool Equals(object? obj) => Equals(obj as EvidencePublicKey);
    public override int GetHashCode() => Fingerprint.GetHashCode();
    public override string ToString() => KeyId;

    private ECDsa Import()
    {
        var ecdsa = ECDsa.Create();
        ecdsa.ImportSubjectPublicKeyInfo(spki, out var read);
        return read == spki.Length ? ecdsa : throw new CryptographicException("bytes after the key");
    }
}
