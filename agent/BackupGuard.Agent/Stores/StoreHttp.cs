using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Agent.Stores;

/// <summary>What every store that is reached over HTTP has in common.</summary>
internal static class StoreHttp
{
    /// <summary>Follows nothing, keeps no cookie, unpacks nothing, and opens as many connections as there are readers.</summary>
    /// <exception cref="UsageException">The CA file cannot be used.</exception>
    public static SocketsHttpHandler Sockets(string? caFile, StoreLimits limits)
    {
        // Proxies come from HTTPS_PROXY, HTTP_PROXY and NO_PROXY, or from the system on Windows.
        var sockets = new SocketsHttpHandler
        {
            AllowAutoRedirect = false, AutomaticDecompression = DecompressionMethods.None, UseCookies = false,
            ConnectTimeout = limits.Connect, MaxResponseDrainSize = 256 * 1024, PooledConnectionLifetime = TimeSpan.FromMinutes(15),
        };
        if (caFile is not null) sockets.SslOptions.CertificateChainPolicy = OnlyFrom(caFile);
        return sockets;
    }

    private static X509ChainPolicy OnlyFrom(string caFile)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        try
        {
            policy.CustomTrustStore.ImportFromPemFile(caFile);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new UsageException($"The CA file {caFile} cannot be read: {e.Message}");
        }
        return policy.CustomTrustStore.Count > 0 ? policy : throw new UsageException($"The CA file {caFile} holds no certificate in PEM.");
    }

    /// <summary>The content, that gives up when it is longer than <paramref name="largest"/> bytes or when nothing of it comes for <paramref name="stall"/>.</summary>
    public static async Task<HttpContent> GuardAsync(HttpContent content, long largest, TimeSpan stall, CancellationToken cancellationToken)
    {
        var guarded = new StreamContent(new GuardedStream(await content.ReadAsStreamAsync(cancellationToken), largest, stall));
        foreach (var (name, values) in content.Headers) guarded.Headers.TryAddWithoutValidation(name, values);
        return guarded;
    }
}

/// <summary>Gives up when nothing comes for too long, or when there is more than can be.</summary>
internal sealed class GuardedStream(Stream inner, long largest, TimeSpan stall) : Stream
{
    private readonly CancellationTokenSource timer = new();
    private long given;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await using var _ = cancellationToken.UnsafeRegister(static t => ((CancellationTokenSource)t!).Cancel(), timer);    // the state given behind it
        timer.CancelAfter(stall);
        try
        {
            var count = await inner.ReadAsync(buffer, timer.Token);
            if ((given += count) > largest) throw new StoreException(StoreFailure.Corrupt, "", $"its answer is longer than {largest} bytes, which no such answer is");
            return count;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"the store sent nothing for {stall.TotalSeconds:0.#} s in the middle of an answer");
        }
        finally
        {
            timer.CancelAfter(Timeout.InfiniteTimeSpan);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>The SDK's reader of XML comes here.</summary>
    public override int Read(byte[] buffer, int offset, int count) => ReadAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();
    public override void Flush() { }
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
            timer.Dispose();
        }
        base.Dispose(disposing);
    }
}
