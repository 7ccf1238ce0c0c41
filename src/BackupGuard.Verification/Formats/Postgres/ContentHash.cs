using System.Buffers.Binary;
using System.Security.Cryptography;
using BackupGuard.Verification.Cryptography;

namespace BackupGuard.Verification.Formats.Postgres;

/// <summary>What a manifest may say of a file's content (PostgreSQL documentation, pg_basebackup, --manifest-checksums).</summary>
internal enum ChecksumAlgorithm { None, Crc32C, Sha224, Sha256, Sha384, Sha512 }

/// <summary>Computes one file's checksum, piece by piece.</summary>
internal abstract class ContentHash : IDisposable
{
    public static ContentHash Of(ChecksumAlgorithm algorithm) => algorithm switch
    {
        ChecksumAlgorithm.None => new Nothing(),
        ChecksumAlgorithm.Crc32C => new Crc(),
        ChecksumAlgorithm.Sha224 => new Short(),
        ChecksumAlgorithm.Sha256 => new Framework(HashAlgorithmName.SHA256),
        ChecksumAlgorithm.Sha384 => new Framework(HashAlgorithmName.SHA384),
        ChecksumAlgorithm.Sha512 => new Framework(HashAlgorithmName.SHA512),
    };

    public static int LengthOf(ChecksumAlgorithm algorithm) => algorithm switch
    {
        ChecksumAlgorithm.None => 0,
        ChecksumAlgorithm.Crc32C => 4,
        ChecksumAlgorithm.Sha224 => Sha224.HashBytes,
        ChecksumAlgorithm.Sha256 => 32,
        ChecksumAlgorithm.Sha384 => 48,
        ChecksumAlgorithm.Sha512 => 64,
    };

    /// <summary>As the manifest writes it.</summary>
    public static string NameOf(ChecksumAlgorithm algorithm) => algorithm.ToString().ToUpperInvariant();

    public static ChecksumAlgorithm? Parse(string name) => name switch
    {
        "NONE" => ChecksumAlgorithm.None,
        "CRC32C" => ChecksumAlgorithm.Crc32C,
        "SHA224" => ChecksumAlgorithm.Sha224,
        "SHA256" => ChecksumAlgorithm.Sha256,
        "SHA384" => ChecksumAlgorithm.Sha384,
        "SHA512" => ChecksumAlgorithm.Sha512,
        _ => null,
    };

    public abstract void Append(ReadOnlySpan<byte> bytes);
    public abstract byte[] Finish();
    public virtual void Dispose() => GC.SuppressFinalize(this);

    private sealed class Nothing : ContentHash
    {
        public override void Append(ReadOnlySpan<byte> bytes) { }
        public override byte[] Finish() => [];
    }

    /// <summary>Its four bytes stand in the manifest as the server had them in memory: least significant first (src/common/checksum_helper.c, pg_checksum_final).</summary>
    private sealed class Crc : ContentHash
    {
        private uint state = Crc32C.Seed;

        public override void Append(ReadOnlySpan<byte> bytes) => state = Crc32C.Append(state, bytes);

        public override byte[] Finish()
        {
            var bytes = new byte[4];
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, ~state);
            return bytes;
        }
    }

    private sealed class Short : ContentHash
    {
        private readonly Sha224 hash = new();
        public override void Append(ReadOnlySpan<byte> bytes) => hash.Append(bytes);
        public override byte[] Finish() => hash.Finish();
    }

    private sealed class Framework(HashAlgorithmName name) : ContentHash
    {
        private readonly IncrementalHash hash = IncrementalHash.CreateHash(name);
        public override void Append(ReadOnlySpan<byte> bytes) => hash.AppendData(bytes);
        public override byte[] Finish() => hash.GetHashAndReset();
        
        public override void Dispose()
        {
            hash.Dispose();
            base.Dispose();
        }
    }
}
