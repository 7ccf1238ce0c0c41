using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using BackupGuard.Verification.Drills;
using BackupGuard.Verification.Drills.Scans;

namespace BackupGuard.Agent.Drills;

/// <summary>clamd over its local socket, by its own protocol (clamd(8)): one connection a command, each ended by a NUL.</summary>
internal sealed class ClamdSockets(TimeProvider clock) : IClamdSockets
{
    private const int ChunkBytes = 256 << 10, LongestAnswer = 4096;

    /// <summary>A daemon that neither takes nor gives anything for this long has stopped. It answers only when it has looked at all of a file.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private static readonly string[] Known = ["/run/clamav/clamd.ctl", "/run/clamd.scan/clamd.sock"];

    public async Task<string?> FindAsync(CancellationToken cancellationToken)
    {
        foreach (var socket in Known.Where(File.Exists))
            try
            {
                if (await AskAsync(socket, "PING", cancellationToken) == "PONG") return socket;
            }
            catch (SandboxException)
            {
                // It does not answer: as if there were none.
            }
        return null;
    }

    public Task<string> AskAsync(string socket, string command, CancellationToken cancellationToken) => TalkAsync(socket, command, content: null, cancellationToken);

    public Task<string> ScanAsync(string socket, Stream content, CancellationToken cancellationToken) => TalkAsync(socket, "INSTREAM", content, cancellationToken);

    public Stream OpenSample(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SandboxException($"the sample {path} cannot be read: {e.Message}", e);
        }
    }

    private async Task<string> TalkAsync(string path, string command, Stream? content, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), either.Token);
            await SendAsync(socket, Encoding.ASCII.GetBytes($"z{command}\0"), either.Token);
            if (content is not null) await SendContentAsync(socket, content, patience, either.Token);
            return await AnswerAsync(socket, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SandboxException($"clamd at {path} stopped answering");
        }
        catch (Exception e) when (e is SocketException or IOException or ArgumentException)
        {
            throw new SandboxException($"clamd at {path} could not be asked: {e.Message}", e);
        }
    }

    /// <summary>Chunks with their length before them, and one of no length. Over its limit clamd answers and closes while we still send: the answer counts.</summary>
    private static async Task SendContentAsync(Socket socket, Stream content, CancellationTokenSource patience, CancellationToken cancellationToken)
    {
        var chunk = new byte[4 + ChunkBytes];
        int read;
        do
        {
            read = await content.ReadAtLeastAsync(chunk.AsMemory(4), ChunkBytes, throwOnEndOfStream: false, cancellationToken);
            BinaryPrimitives.WriteInt32BigEndian(chunk, read);
            try
            {
                await SendAsync(socket, chunk.AsMemory(0, 4 + read), cancellationToken);
            }
            catch (SocketException)
            {
                return;
            }
            patience.CancelAfter(Patience);
        }
        while (read > 0);
    }

    private static async Task SendAsync(Socket socket, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (bytes.Length > 0) bytes = bytes[await socket.SendAsync(bytes, SocketFlags.None, cancellationToken)..];
    }

    private static async Task<string> AnswerAsync(Socket socket, CancellationToken cancellationToken)
    {
        var answer = new byte[LongestAnswer];
        var length = 0;
        while (length < answer.Length && await socket.ReceiveAsync(answer.AsMemory(length), SocketFlags.None, cancellationToken) is var read and > 0)
        {
            length += read;
            if (answer.AsSpan(0, length).IndexOf((byte)0) is var end and >= 0) return Encoding.UTF8.GetString(answer, 0, end);
        }
        throw new IOException("its answer broke off");
    }
}
