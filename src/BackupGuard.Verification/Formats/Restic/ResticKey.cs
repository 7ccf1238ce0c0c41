using System.Security.Cryptography;
using BackupGuard.Verification.Cryptography;

namespace BackupGuard.Verification.Formats.Restic;

/// <summary>The key that everything in a repository is encrypted and authenticated with (restic design, "Keys, Encryption and MAC").</summary>
/// <remarks>One instance serves one thread; <see cref="Clone"/> gives another thread its own.</remarks>
internal sealed class ResticKey : IDisposable
{
    /// <summary>IV in front, tag behind.</summary>
    public const int Overhead = 16 + Poly1305.TagBytes;

    private readonly byte[] encryption;
    private readonly byte[] macK;
    private readonly byte[] macR;
    private readonly AesCtr cipher;
    private readonly Aes mac = Aes.Create();

    private ResticKey(byte[] encryption, byte[] macK, byte[] macR)
    {
        (this.encryption, this.macK, this.macR) = (encryption, macK, macR);
        cipher = new AesCtr(encryption);
        mac.SetKey(macK);
    }

    /// <summary>Null when a part has the wrong length or is all zero, which restic refuses too.</summary>
    public static ResticKey? From(ReadOnlySpan<byte> encryption, ReadOnlySpan<byte> macK, ReadOnlySpan<byte> macR)
    {
        if (encryption.Length != 32 || macK.Length != 16 || macR.Length != 16) return null;
        if (!encryption.ContainsAnyExcept((byte)0) || !macK.ContainsAnyExcept((byte)0) || !macR.ContainsAnyExcept((byte)0)) return null;
        return new ResticKey(encryption.ToArray(), macK.ToArray(), macR.ToArray());
    }

    public ResticKey Clone() => new([.. encryption], [.. macK], [.. macR]);

    /// <summary>Checks the tag over the ciphertext and only then decrypts, in place. The plaintext is what lies between IV and tag.</summary>
    /// <returns>False when the envelope is too short, its IV is zero or its tag is wrong; the bytes are then untouched.</returns>
    public bool TryOpen(Span<byte> envelope, out Span<byte> plaintext)
    {
        plaintext = [];
        if (envelope.Length < Overhead) return false;
        var iv = envelope[..16];
        if (!iv.ContainsAnyExcept((byte)0)) return false;
        var ciphertext = envelope[16..^Poly1305.TagBytes];
        Span<byte> addend = stackalloc byte[16];
        mac.EncryptEcb(iv, addend, PaddingMode.None);
        Span<byte> tag = stackalloc byte[Poly1305.TagBytes];
        Poly1305.Tag(macR, addend, ciphertext, tag);
        if (!CryptographicOperations.FixedTimeEquals(tag, envelope[^Poly1305.TagBytes..])) return false;
        cipher.Transform(iv, ciphertext);
        plaintext = ciphertext;
        return true;
    }

    /// <summary>Encrypts as restic does. Only tests and drills of our own alarms write envelopes.</summary>
    internal byte[] Seal(ReadOnlySpan<byte> plaintext, ReadOnlySpan<byte> iv)
    {
        var envelope = new byte[plaintext.Length + Overhead];
        iv.CopyTo(envelope);
        var ciphertext = envelope.AsSpan(16, plaintext.Length);
        plaintext.CopyTo(ciphertext);
        cipher.Transform(iv, ciphertext);
        Span<byte> addend = stackalloc byte[16];
        mac.EncryptEcb(iv, addend, PaddingMode.None);
        Poly1305.Tag(macR, addend, ciphertext, envelope.AsSpan(envelope.Length - Poly1305.TagBytes));
        return envelope;
    }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(encryption);
        CryptographicOperations.ZeroMemory(macK);
        CryptographicOperations.ZeroMemory(macR);
        cipher.Dispose();
        mac.Dispose();
    }
}
