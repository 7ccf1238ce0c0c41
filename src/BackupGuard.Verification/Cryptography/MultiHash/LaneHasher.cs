using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace BackupGuard.Verification.Cryptography.MultiHash;

/// <summary>SHA-256 of a stream of messages, as many at once as the kernel has lanes. A lane that is done takes the next message: lanes stay full while messages come.</summary>
/// <remarks>
/// A message is written into room that this class lends (<see cref="TryReserve"/>), then handed over (<see cref="Submit"/>). Its hash comes some messages later, in a call
/// of Submit or <see cref="Flush"/>, and not in the order of submission. For one thread. Memory is bounded by what the constructor is given.
/// </remarks>
/// <typeparam name="T">What the caller wants to know again when a hash is there.</typeparam>
internal sealed unsafe class LaneHasher<T> : IDisposable
{
    /// <summary>No message may hold up the others: a lane that runs alone at the end hashes slower than the framework.</summary>
    private const int MostMessageBytes = 4 << 20;

    /// <summary>The rest of a message, its padding and its length fill one or two blocks.</summary>
    private const int TailBytes = 2 * Sha256Kernel.BlockBytes;

    public delegate void Finished(in T message, ReadOnlySpan<byte> hash);

    private struct Lane
    {
        public T Message;
        public int Start, Length, BlocksLeft;
        public bool IsBusy, IsInTail;
    }

    private readonly Sha256Kernel kernel;
    private readonly Finished finished;
    private readonly Lane[] lanes;
    private readonly int roomBytes;
    private readonly byte* room;
    private readonly byte* tails;
    private readonly uint* state;
    private readonly byte** at;
    private int busy, reservedStart, touched;

    public LaneHasher(Sha256Kernel kernel, int roomBytes, Finished finished)
    {
        (this.kernel, this.roomBytes, this.finished, lanes) = (kernel, roomBytes, finished, new Lane[kernel.Width]);
        LargestMessage = Math.Min(MostMessageBytes, roomBytes / 8);
        room = (byte*)NativeMemory.AlignedAlloc((nuint)roomBytes, Sha256Kernel.BlockBytes);
        tails = (byte*)NativeMemory.AlignedAlloc((nuint)(TailBytes * kernel.Width), Sha256Kernel.BlockBytes);
        state = (uint*)NativeMemory.AlignedAlloc((nuint)(Sha256Kernel.StateWords * kernel.Width * sizeof(uint)), Sha256Kernel.BlockBytes);
        at = (byte**)NativeMemory.Alloc((nuint)kernel.Width, (nuint)sizeof(byte*));
    }

    /// <summary>Longer ones are for the framework.</summary>
    public int LargestMessage { get; }

    /// <summary>Room for a message of that length; the one lent before, if it was not submitted, is taken back. May finish other messages to find it.</summary>
    /// <returns>False when the message is too long for the lanes.</returns>
    public bool TryReserve(long length, out Span<byte> lent)
    {
        lent = default;
        if (length > LargestMessage) return false;
        while (busy == lanes.Length || (reservedStart = FindGap((int)length)) < 0) Advance();
        touched = Math.Max(touched, reservedStart + (int)length);
        lent = new Span<byte>(room + reservedStart, (int)length);
        return true;
    }

    /// <summary>Hashes what was written into the room lent last.</summary>
    public void Submit(int length, in T message)
    {
        var free = 0;
        while (lanes[free].IsBusy) free++;
        lanes[free] = new Lane { Message = message, Start = reservedStart, Length = length, BlocksLeft = length / Sha256Kernel.BlockBytes, IsBusy = true };
        at[free] = room + reservedStart;
        for (var i = 0; i < Sha256Kernel.StateWords; i++) state[i * lanes.Length + free] = Sha256Kernel.InitialState[i];
        busy++;
        if (lanes[free].BlocksLeft == 0) BeginTail(free);
    }

    /// <summary>Finishes every message submitted.</summary>
    public void Flush()
    {
        while (busy > 0) Advance();
    }

    /// <summary>Runs all lanes until the first of them has no blocks left.</summary>
    private void Advance()
    {
        var blocks = int.MaxValue;
        for (var i = 0; i < lanes.Length; i++)
        {
            if (lanes[i].IsBusy) blocks = Math.Min(blocks, lanes[i].BlocksLeft);
            // An idle lane hashes anything that is there to be read.
            else at[i] = room;
        }
        kernel.Compress(state, at, blocks);
        for (var i = 0; i < lanes.Length; i++)
        {
            if (!lanes[i].IsBusy) continue;
            at[i] += blocks * Sha256Kernel.BlockBytes;
            if ((lanes[i].BlocksLeft -= blocks) > 0) continue;
            if (lanes[i].IsInTail) Finish(i);
            else BeginTail(i);
        }
    }

    /// <summary>FIPS 180-4, section 5.1.1: a bit of one, zeros, the length in bits.</summary>
    private void BeginTail(int index)
    {
        ref var lane = ref lanes[index];
        var rest = lane.Length % Sha256Kernel.BlockBytes;
        lane.BlocksLeft = rest < Sha256Kernel.BlockBytes - sizeof(ulong) ? 1 : 2;
        lane.IsInTail = true;
        var tail = new Span<byte>(tails + index * TailBytes, lane.BlocksLeft * Sha256Kernel.BlockBytes);
        tail.Clear();
        new ReadOnlySpan<byte>(room + lane.Start + lane.Length - rest, rest).CopyTo(tail);
        tail[rest] = 0x80;
        BinaryPrimitives.WriteUInt64BigEndian(tail[^sizeof(ulong)..], 8UL * (uint)lane.Length);
        at[index] = tails + index * TailBytes;
    }

    private void Finish(int index)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        for (var i = 0; i < Sha256Kernel.StateWords; i++) BinaryPrimitives.WriteUInt32BigEndian(hash[(4 * i)..], state[i * lanes.Length + index]);
        lanes[index].IsBusy = false;
        busy--;
        finished(in lanes[index].Message, hash);
    }

    /// <summary>First fit; with as many messages as lanes, a look at each of them is nothing beside hashing one.</summary>
    private int FindGap(int length)
    {
        for (var start = 0; start <= roomBytes - length;)
        {
            var end = start + length;
            var next = start;
            foreach (ref readonly var lane in lanes.AsSpan())
                if (lane.IsBusy && lane.Start < end && start < lane.Start + lane.Length) next = Math.Max(next, lane.Start + lane.Length);
            if (next == start) return start;
            start = (next + Sha256Kernel.BlockBytes - 1) & -Sha256Kernel.BlockBytes;
        }
        return -1;
    }

    public void Dispose()
    {
        // Only what held contents: the system has given no memory yet for the rest.
        NativeMemory.Clear(room, (nuint)touched);
        NativeMemory.AlignedFree(room);
        NativeMemory.AlignedFree(tails);
        NativeMemory.AlignedFree(state);
        NativeMemory.Free(at);
    }
}
