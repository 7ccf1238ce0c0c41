using System.Runtime.InteropServices;
using BackupGuard.Verification.Formats.Restic;

namespace BackupGuard.Verification.Formats.Borg;

/// <summary>Where one object lies. 48 bytes: an index of ten million of them has to fit beside everything else.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal struct ObjectEntry
{
    public const uint NotClaimed = 0, SizeUnknown = uint.MaxValue;

    public BlobId Id;
    public uint Segment, Offset;

    /// <summary>Of the whole segment entry, its header included; 0 for an object that was deleted.</summary>
    public uint Length;

    /// <summary>What archives say of it: nothing, that they need it, or its plain size plus one. Set by all threads at once.</summary>
    public uint Claim;

    public readonly bool Exists => Length != 0;
}

/// <summary>Which objects a repository holds now, by id. Filled by replaying the segments in order: the last PUT of an id wins.</summary>
/// <remarks>48 bytes an entry in chunks (growing copies nothing), and slots of 4 bytes at most two thirds full: 54 to 60 bytes an object. Deleted ones keep their entry.</remarks>
internal sealed class ObjectIndex
{
    private const int ChunkBits = 16;
    private const int ChunkSize = 1 << ChunkBits;
    private readonly List<ObjectEntry[]> chunks = [];
    private int[] slots = new int[1024];
    private int used;

    /// <summary>Objects there now.</summary>
    public int Count { get; private set; }

    /// <summary>Entries, deleted ones too.</summary>
    public int Entries => used;

    public ref ObjectEntry this[int entry] => ref chunks[entry >> ChunkBits][entry & (ChunkSize - 1)];

    public void Put(BlobId id, uint segment, uint offset, uint length)
    {
        var at = Locate(id, out var slot);
        if (at < 0)
        {
            if (used >> ChunkBits == chunks.Count) chunks.Add(new ObjectEntry[ChunkSize]);
            at = used++;
            this[at].Id = id;
            slots[slot] = at + 1;
            if (used > slots.Length / 3 * 2) Grow();
        }
        ref var entry = ref this[at];
        if (!entry.Exists) Count++;
        (entry.Segment, entry.Offset, entry.Length) = (segment, offset, length);
    }

    public void Delete(BlobId id)
    {
        var at = Locate(id, out _);
        if (at < 0 || !this[at].Exists) return;
        this[at].Length = 0;
        Count--;
    }

    /// <summary>The object's entry, or -1 when there is none now.</summary>
    public int Find(BlobId id) => Locate(id, out _) is var at and >= 0 && this[at].Exists ? at : -1;

    /// <summary>Notes that an archive needs the object, and how long it says it is.</summary>
    /// <returns>False when another archive said another size.</returns>
    public bool Claim(int entry, uint claim)
    {
        ref var place = ref this[entry].Claim;
        while (true)
        {
            var now = Volatile.Read(ref place);
            if (now == claim || claim == ObjectEntry.SizeUnknown && now != ObjectEntry.NotClaimed) return true;
            if (now is not (ObjectEntry.NotClaimed or ObjectEntry.SizeUnknown)) return false;
            if (Interlocked.CompareExchange(ref place, claim, now) == now) return true;
        }
    }

    private int Locate(BlobId id, out uint slot)
    {
        var mask = (uint)slots.Length - 1;
        for (slot = id.Hash32 & mask; slots[slot] is var occupant and not 0; slot = (slot + 1) & mask)
            if (this[occupant - 1].Id.Equals(id)) return occupant - 1;
        return -1;
    }

    private void Grow()
    {
        slots = new int[checked(slots.Length * 2)];
        var mask = (uint)slots.Length - 1;
        for (var i = 0; i < used; i++)
        {
            var slot = this[i].Id.Hash32 & mask;
            while (slots[slot] != 0) slot = (slot + 1) & mask;
            slots[slot] = i + 1;
        }
    }
}
