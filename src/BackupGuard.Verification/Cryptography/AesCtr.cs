using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;
using AesInstructions = System.Runtime.Intrinsics.X86.Aes;

namespace BackupGuard.Verification.Cryptography;

/// <summary>AES-256 in counter mode (NIST SP 800-38A section 6.5): a 16-byte big-endian counter that starts at the IV. One instance serves one thread.</summary>
public sealed class AesCtr : IDisposable
{
    private const int Rounds = 14;      // AES-256, FIPS 197 section 5
    private readonly System.Security.Cryptography.Aes aes = System.Security.Cryptography.Aes.Create();
    private readonly Vector128<byte>[] schedule = [];
    private readonly byte[] counters = [];
    private readonly byte[] keystream = [];

    /// <param name="key">32 bytes.</param>
    public AesCtr(ReadOnlySpan<byte> key) : this(key, useInstructions: AesInstructions.IsSupported && Sse2.IsSupported)
    {
    }

    internal AesCtr(ReadOnlySpan<byte> key, bool useInstructions)
    {
        if (key.Length != 32) throw new ArgumentException("AES-256 takes a key of 32 bytes.", nameof(key));
        aes.SetKey(key);
        if (useInstructions) schedule = ExpandKey(key);
        else (counters, keystream) = (new byte[64 * 1024], new byte[64 * 1024]);
    }

    /// <summary>Encrypts or decrypts in place: the two are the same in counter mode.</summary>
    public void Transform(ReadOnlySpan<byte> iv, Span<byte> data)
    {
        var high = BinaryPrimitives.ReadUInt64BigEndian(iv);
        var low = BinaryPrimitives.ReadUInt64BigEndian(iv[8..]);
        if (schedule.Length > 0) WithInstructions(high, low, data);
        else WithFramework(high, low, data);
    }

    private void WithFramework(ulong high, ulong low, Span<byte> data)
    {
        while (data.Length > 0)
        {
            var part = data[..Math.Min(data.Length, keystream.Length)];
            var whole = (part.Length + 15) & ~15;
            for (var at = 0; at < whole; at += 16) WriteCounter(counters.AsSpan(at, 16), ref high, ref low);
            aes.EncryptEcb(counters.AsSpan(0, whole), keystream, PaddingMode.None);
            for (var i = 0; i < part.Length; i++) part[i] ^= keystream[i];
            data = data[part.Length..];
        }
    }

    private static void WriteCounter(Span<byte> block, ref ulong high, ref ulong low)
    {
        BinaryPrimitives.WriteUInt64BigEndian(block, high);
        BinaryPrimitives.WriteUInt64BigEndian(block[8..], low);
        unchecked { if (++low == 0) high++; }
    }

    /// <summary>Eight blocks in flight hide the latency of the round instruction.</summary>
    private void WithInstructions(ulong high, ulong low, Span<byte> data)
    {
        ref var keys = ref MemoryMarshal.GetArrayDataReference(schedule);
        ref var bytes = ref MemoryMarshal.GetReference(data);
        nuint at = 0, length = (nuint)data.Length;
        for (; at + 128 <= length; at += 128)
        {
            Vector128<byte> b0 = Next(ref high, ref low) ^ keys, b1 = Next(ref high, ref low) ^ keys, b2 = Next(ref high, ref low) ^ keys, b3 = Next(ref high, ref low) ^ keys;
            Vector128<byte> b4 = Next(ref high, ref low) ^ keys, b5 = Next(ref high, ref low) ^ keys, b6 = Next(ref high, ref low) ^ keys, b7 = Next(ref high, ref low) ^ keys;
            for (var round = 1; round < Rounds; round++)
            {
                var k = Unsafe.Add(ref keys, round);
                b0 = AesInstructions.Encrypt(b0, k); b1 = AesInstructions.Encrypt(b1, k); b2 = AesInstructions.Encrypt(b2, k); b3 = AesInstructions.Encrypt(b3, k);
                b4 = AesInstructions.Encrypt(b4, k); b5 = AesInstructions.Encrypt(b5, k); b6 = AesInstructions.Encrypt(b6, k); b7 = AesInstructions.Encrypt(b7, k);
            }
            var last = Unsafe.Add(ref keys, Rounds);
            Apply(ref bytes, at, AesInstructions.EncryptLast(b0, last)); Apply(ref bytes, at + 16, AesInstructions.EncryptLast(b1, last));
            Apply(ref bytes, at + 32, AesInstructions.EncryptLast(b2, last)); Apply(ref bytes, at + 48, AesInstructions.EncryptLast(b3, last));
            Apply(ref bytes, at + 64, AesInstructions.EncryptLast(b4, last)); Apply(ref bytes, at + 80, AesInstructions.EncryptLast(b5, last));
            Apply(ref bytes, at + 96, AesInstructions.EncryptLast(b6, last)); Apply(ref bytes, at + 112, AesInstructions.EncryptLast(b7, last));
        }
        Span<byte> tail = stackalloc byte[16];
        for (; at < length; at += 16)
        {
            var block = Next(ref high, ref low) ^ keys;
            for (var round = 1; round < Rounds; round++) block = AesInstructions.Encrypt(block, Unsafe.Add(ref keys, round));
            block = AesInstructions.EncryptLast(block, Unsafe.Add(ref keys, Rounds));
            if (length - at >= 16) { Apply(ref bytes, at, block); continue; }
            block.CopyTo(tail);
            var rest = data[(int)at..];
            for (var i = 0; i < rest.Length; i++) rest[i] ^= tail[i];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Apply(ref byte bytes, nuint at, Vector128<byte> key) => (Vector128.LoadUnsafe(ref bytes, at) ^ key).StoreUnsafe(ref bytes, at);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Next(ref ulong high, ref ulong low)
    {
        var block = Vector128.Create(BinaryPrimitives.ReverseEndianness(high), BinaryPrimitives.ReverseEndianness(low)).AsByte();
        unchecked { if (++low == 0) high++; }
        return block;
    }

    /// <summary>FIPS 197 section 5.2, key length 256.</summary>
    private static Vector128<byte>[] ExpandKey(ReadOnlySpan<byte> key)
    {
        var words = new uint[4 * (Rounds + 1)];
        MemoryMarshal.Cast<byte, uint>(key).CopyTo(words);
        uint constant = 1;
        for (var i = 8; i < words.Length; i++)
        {
            var word = words[i - 1];
            if (i % 8 == 0)
            {
                word = BitRotate(Substitute(word)) ^ constant;
                constant <<= 1;
            }
            else if (i % 8 == 4) word = Substitute(word);
            words[i] = words[i - 8] ^ word;
        }
        var schedule = MemoryMarshal.Cast<uint, Vector128<byte>>(words).ToArray();
        Array.Clear(words);
        return schedule;

        // Little-endian words: RotWord is a rotation to the right by one byte.
        static uint BitRotate(uint word) => (word >> 8) | (word << 24);
        static uint Substitute(uint word) => AesInstructions.KeygenAssist(Vector128.Create(0u, word, 0, 0).AsByte(), 0).AsUInt32().GetElement(0);
    }

    public void Dispose()
    {
        aes.Dispose();
        Array.Clear(schedule);
        CryptographicOperations.ZeroMemory(keystream);
    }
}
