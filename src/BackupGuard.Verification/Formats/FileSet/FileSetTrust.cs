using System.Security.Cryptography;

namespace BackupGuard.Verification.Formats.FileSet;

public enum FileSetVoucher
{
    /// <summary>Signed by a key that the caller trusts.</summary>
    Trusted,

    /// <summary>Rightly signed, but by a key that nobody vouches for. Anybody can seal a folder anew: this proves nothing.</summary>
    Unknown,

    /// <summary>The signature does not belong to these bytes and that key.</summary>
    Bad,
}

/// <summary>The keys whose word about a sealed set counts.</summary>
/// <param name="publicKeys">DER SubjectPublicKeyInfo each. An empty list trusts nobody.</param>
public sealed class FileSetTrust(IReadOnlyList<byte[]> publicKeys)
{
    public static FileSetTrust Nobody { get; } = new([]);

    public FileSetVoucher Judge(FileSetManifest manifest, ReadOnlySpan<byte> storedBytes, ReadOnlySpan<byte> signature)
    {
        if (!IsSigned(manifest.PublicKey, storedBytes, signature)) return FileSetVoucher.Bad;
        return publicKeys.Any(known => known.AsSpan().SequenceEqual(manifest.PublicKey)) ? FileSetVoucher.Trusted : FileSetVoucher.Unknown;
    }

    private static bool IsSigned(byte[] publicKey, ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> signature)
    {
        try
        {
            using var key = ECDsa.Create();
            key.ImportSubjectPublicKeyInfo(publicKey, out var used);
            return used == publicKey.Length
                && key.ExportParameters(false).Curve.Oid.Value == ECCurve.NamedCurves.nistP256.Oid.Value
                && key.VerifyData(bytes, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        }
        // A curve that this machine does not have is told in other ways than a key that is none.
        catch (Exception e) when (e is CryptographicException or PlatformNotSupportedException or ArgumentException)
        {
            return false;
        }
    }
}
