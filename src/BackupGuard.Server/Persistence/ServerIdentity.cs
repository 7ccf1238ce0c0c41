using System.Buffers.Binary;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using BackupGuard.Evidence;
using BackupGuard.Server.Hosting;

namespace BackupGuard.Server.Persistence;

/// <summary>The key with which this server signs its entries, receipts and checkpoints, and the name of its log.</summary>
internal sealed class ServerIdentity : IDisposable
{
    private const string File = "server-key.pem";

    // One receipt for each batch. The first version had one for each entry; its DER begins with 0x30.
    private const byte BatchReceipt = 2;
    private static readonly byte[] ReceiptPrefix = [.. "backupguard.receipt/v2\n"u8];
    private static readonly byte[] EntryReceiptPrefix = [.. "backupguard.receipt/v1\n"u8];

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
    /// <exception cref="UsageException">The key is missing, or is not the one that signed the log.</exception>
    public static ServerIdentity LoadOrCreate(DataFolder data, DatabaseEngine database)
    {
        using var connection = database.Open();
        if (!System.IO.File.Exists(data[File]))
        {
            if (connection.Scalar("SELECT seq FROM entries LIMIT 1") is not null)
            {
                throw new UsageException($"{data[File]} is missing, and the evidence log was signed with it. Bring the file back from the backup of the data folder; a new key would break the chain of proof.");
            }
            using var key = EvidenceKey.Generate();
            data.WriteSecret(File, Encoding.ASCII.GetBytes(key.ToPem()));
        }
        var identity = Load(data);
        if (connection.Scalar("SELECT note FROM checkpoints ORDER BY size DESC LIMIT 1") is byte[] note && !Encoding.UTF8.GetString(note).StartsWith(identity.LogKey.Name + "\n", StringComparison.Ordinal))
        {
            var name = identity.LogKey.Name;
            identity.Dispose();
            throw new UsageException($"{data[File]} belongs to the log {name}, and the log in {database.Place} is another. Servers that share a database share this key: copy the file from the server that began the log.");
        }
        return identity;
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

    /// <summary>When a batch was received: the server's word over its place, the tree after it, and the time.</summary>
    /// <param name="first">Sequence of the batch's first entry.</param>
    /// <param name="size">Size of the log after it.</param>
    public byte[] SignReceipt(long first, long size, Hash256 root, long receivedAtMs) => [BatchReceipt, .. Key.Sign(Receipt(first, size, root, receivedAtMs))];

    public static bool IsOfBatch(ReadOnlySpan<byte> receipt) => receipt.Length > 0 && receipt[0] == BatchReceipt;

    public bool IsReceipt(ReadOnlySpan<byte> receipt, long first, long size, Hash256 root, long receivedAtMs) =>
        IsOfBatch(receipt) && Key.PublicKey.Verify(Receipt(first, size, root, receivedAtMs), receipt[1..]);

    /// <summary>A receipt of the first version, over one entry.</summary>
    public bool IsEntryReceipt(ReadOnlySpan<byte> receipt, long sequence, Hash256 entry, long receivedAtMs) =>
        Key.PublicKey.Verify([.. EntryReceiptPrefix, .. BigEndian(sequence), .. BigEndian(receivedAtMs), .. entry.ToArray()], receipt);

    public void Dispose() => Key.Dispose();

    private static byte[] Receipt(long first, long size, Hash256 root, long receivedAtMs) =>
        [.. ReceiptPrefix, .. BigEndian(first), .. BigEndian(size), .. BigEndian(receivedAtMs), .. root.ToArray()];

    private static byte[] BigEndian(long number)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        return bytes;
    }
}
