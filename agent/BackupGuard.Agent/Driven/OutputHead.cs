using System.Buffers;

namespace BackupGuard.Agent.Driven;

/// <summary>The beginning of what a process writes, while all of it is read: a full pipe would stop the process.</summary>
internal sealed class OutputHead
{
    private readonly ArrayBufferWriter<byte> _kept = new();

    public OutputHead(Stream stream, int mostBytes) => Read = ReadAsync(stream, mostBytes);

    /// <summary>Ends with the stream, that is when whoever holds it was killed.</summary>
    public Task Read { get; }

    /// <summary>What came until now.</summary>
    public byte[] Bytes
    {
        get
        {
            lock (_kept) return _kept.WrittenSpan.ToArray();
        }
    }

    private async Task ReadAsync(Stream stream, int mostBytes)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            while (await stream.ReadAsync(buffer, CancellationToken.None) is var read and > 0)
                lock (_kept) _kept.Write(buffer.AsSpan(0, Math.Min(read, mostBytes - _kept.WrittenCount)));
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // A pipe that breaks when its writer is killed has ended all the same.
        }
    }
}
