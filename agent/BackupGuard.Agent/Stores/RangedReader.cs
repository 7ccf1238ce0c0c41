using BackupGuard.Verification.Stores;

namespace BackupGuard.Agent.Stores;

/// <summary>A store that gives an object in pieces.</summary>
internal interface IRangedSource
{
    TimeProvider Clock { get; }
    StoreLimits Limits { get; }

    /// <summary>How a reader was used: a guess for the next one.</summary>
    void Remember(bool atRandom);

    /// <summary>The bytes from <paramref name="offset"/> up to <paramref name="end"/> of the object that was opened, or a failure: nothing else passes for them.</summary>
    ValueTask<RangedBody> GetAsync(string name, long offset, long end, long length, string? etag, CancellationToken cancellationToken);

    StoreException FailureOf(Exception e, string name);
}

/// <summary>An answer that is being read.</summary>
/// <param name="Answer">Ends with the reading.</param>
internal sealed record RangedBody(Stream Stream, IDisposable Answer) : IDisposable
{
    public void Dispose() => Answer.Dispose();
}

/// <summary>One object of a bucket. Reading on is one answer read on; a jump asks for a piece, and the pieces grow while reading goes on from there.</summary>
/// <remarks>Every piece is of the object that was opened: If-Match on its ETag. One read at a time; others wait.</remarks>
internal sealed class RangedReader : IObjectReader
{
    /// <summary>Bytes that are cheaper to read over than to ask anew for.</summary>
    private const int SmallGap = 128 * 1024;

    private const long FirstPiece = 256 * 1024, LargestPiece = 16 << 20;

    private readonly IRangedSource store;
    private readonly string name;
    private readonly string? etag;
    private readonly SemaphoreSlim gate = new(1, 1);
    private RangedBody? body;
    private long position, bodyEnd, piece;
    private long lastRead;
    private bool wasRead;

    public RangedReader(IRangedSource store, string name, long lengthBytes, string? etag, RangedBody? whole)
    {
        (this.store, this.name, this.etag, LengthBytes, body) = (store, name, etag, lengthBytes, whole);
        bodyEnd = lengthBytes;
        lastRead = store.Clock.GetTimestamp();
    }

    public long LengthBytes { get; }

    public async ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        cancellationToken.ThrowIfCancellationRequested();
        if (offset >= LengthBytes || buffer.Length == 0) return 0;
        var wanted = buffer[..(int)Math.Min(buffer.Length, LengthBytes - offset)];
        await gate.WaitAsync(cancellationToken);
        try
        {
            await GoToAsync(offset, cancellationToken);
            for (var filled = 0; filled < wanted.Length;)
            {
                body ??= await AskAsync(wanted.Length - filled, cancellationToken);
                filled += await ReadBodyAsync(wanted[filled..(int)Math.Min(wanted.Length, filled + bodyEnd - position)], cancellationToken);
            }
            lastRead = store.Clock.GetTimestamp();
            return wanted.Length;
        }
        catch
        {
            // What the answer gives after a failure belongs to no known place.
            Drop();
            throw;
        }
        finally
        {
            gate.Release();
        }
    }

    private async ValueTask GoToAsync(long offset, CancellationToken cancellationToken)
    {
        if (!wasRead) store.Remember(atRandom: offset != 0);
        if (body is not null && store.Clock.GetElapsedTime(lastRead) > store.Limits.Idle) Drop();
        var gap = offset - position;
        if (body is not null && gap is > 0 and <= SmallGap && offset < bodyEnd)
        {
            var skipped = new byte[(int)gap];
            for (var done = 0; done < skipped.Length;) done += await ReadBodyAsync(skipped.AsMemory(done), cancellationToken);
        }
        else if (gap != 0)
        {
            Drop();
            (position, piece) = (offset, 0);
        }
        wasRead = true;
    }

    private async ValueTask<RangedBody> AskAsync(int wanted, CancellationToken cancellationToken)
    {
        // Whoever has read on through the largest piece gets the rest as one.
        piece = piece switch { 0 => FirstPiece, >= LargestPiece => long.MaxValue / 2, _ => piece * 4 };
        var end = Math.Min(LengthBytes, position + Math.Max(piece, wanted));
        var answer = await store.GetAsync(name, position, end, LengthBytes, etag, cancellationToken);
        bodyEnd = end;
        return answer;
    }

    private async ValueTask<int> ReadBodyAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        int count;
        try
        {
            count = await body!.Stream.ReadAsync(buffer, cancellationToken);    // both callers have one
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
#pragma warning disable CA1031 // Streams of the network stack throw what they like; the port has one exception.
        catch (Exception e)
#pragma warning restore CA1031
        {
            throw Broken(store.FailureOf(e, name).Message, e);
        }
        if (count == 0) throw Broken("the answer ended early", null);
        position += count;
        if (position == bodyEnd) Drop();
        return count;
    }

    private StoreException Broken(string reason, Exception? inner) => new(StoreFailure.Transient, name, $"after {position} of {LengthBytes} bytes: {reason}", inner);

    private void Drop()
    {
        body?.Dispose();
        body = null;
    }

    public ValueTask DisposeAsync()
    {
        Drop();
        gate.Dispose();
        return ValueTask.CompletedTask;
    }
}
