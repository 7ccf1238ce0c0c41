using System.Buffers.Binary;
using System.Reflection;
using System.Security.Cryptography;
using BackupGuard.Evidence;
using BackupGuard.Server.Hosting;

namespace BackupGuard.Server.Persistence;

/// <summary>The key with which this server signs its entries, receipts and checkpoints, and the name of its log.</summary>
internal sealed class ServerIdentity : IDisposable
{
    private const string File = "server-key.pem";
    private static readonly byte[] ReceiptPrefix = [.. "backupguard.receipt/v1\n"u8];

    private ServerIdentity(EvidenceKey key)
    {
        Key = key;
        LogKey = new NoteKey($"backupguard/{key.PublicKey.KeyId}", key.PublicKey);
    }

    public EvidenceKey Key { get; }

    /// <summary>What an auditor needs to check this server's checkpoints.</summary>
    public NoteKey LogKey { get; }

    public string SoftwareVersion { get; } = typeof(ServerIdentity).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    /// <summary>Reads the key; makes one only for a log that is still empty, since no other key could go on with its checkpoints.</summary>
    public static ServerIdentity LoadOrCreate(DataFolder data, SqliteFile database)
    {
        if (!System.IO.File.Exists(data[File]))
        {
            if (HasEntries(database))
            {
                throw new UsageException($"{data[File]} is missing, and the evidence log was signed with it. Bring the file back from the backup of the data folder; a new key would break the chain of proof.");
            }
            using var key = EvidenceKey.Generate();
            data.WriteSecret(File, System.Text.Encoding.ASCII.GetBytes(key.ToPem()));
        }
        return Load(data);
    }

    public static ServerIdentity Load(DataFolder data)
    {
        try
        {
            return new ServerIdentity(EvidenceKey.FromPem(System.IO.File.ReadAllText(data[File])));
        }
        catch (Exception e) when (e is CryptographicException or FileNotFoundException)
        {
            throw new UsageException($"The server's key {data[File]} cannot be read: {e.Message}", e);
        }
    }

    public byte[] SignReceipt(long sequence, Hash256 entry, long receivedAtMs) => Key.Sign(Receipt(sequence, entry, receivedAtMs));

    public bool IsReceipt(byte[] signature, long sequence, Hash256 entry, long receivedAtMs) => Key.PublicKey.Verify(Receipt(sequence, entry, receivedAtMs), signature);

    public void Dispose() => Key.Dispose();

    private static byte[] Receipt(long sequence, Hash256 entry, long receivedAtMs)
    {
        Span<byte> numbers = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(numbers, sequence);
        BinaryPrimitives.WriteInt64BigEndian(numbers[8..], receivedAtMs);
        return [.. ReceiptPrefix, .. numbers, .. entry.ToArray()];
    }

    private static bool HasEntries(SqliteFile database)
    {
        using var connection = database.Open();
        return connection.Scalar("SELECT EXISTS (SELECT 1 FROM entries)") is 1L;
    }
}
