using System.Numerics;
using System.Runtime.InteropServices;

namespace BackupGuard.Verification.Formats.Restic;

internal enum BlobKind : byte { Data, Tree }

/// <summary>Where one blob lies. 48 bytes: an index of ten million of them has to fit beside everything else.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
internal readonly struct BlobEntry(BlobId id, BlobKind kind, int pack, uint offset, uint length, uint plainLength)
{
    public readonly BlobId Id = id;
    private readonly uint packAndKind = ((uint)pack << 1) | (uint)kind;
    public readonly uint Offset = offset;

    /// <summary>Stored length, envelope included.</summary>
    public readonly uint Length = length;

    /// <summary>Length of the content when it is compressed; 0 when it is stored plain.</summary>
    public readonly uint CompressedPlainLength = plainLength;

    public int Pack => (int)(packAndKind >> 1);
    public BlobKind Kind => (BlobKind)(packAndKind & 1);
    public bool IsCompressed => CompressedPlainLength != 0;
    public long PlainLength => IsCompressed ? CompressedPlainLength : Math.Max(0L, (long)Length - ResticKey.Overhead);
}

/// <summary>A pack as the indexes tell it: its blobs are the entries [First, First + Count).</summary>
internal readonly record struct IndexedPack(BlobId Id, int First, int Count, long BlobBytes);

/// <summary>All blobs of a repository by (kind, id), every location kept. Filled once, then frozen, then read by all threads.</summary>
/// <remarks>48 bytes an entry in chunks (growing copies nothing), and a table of 4-byte slots at most two thirds full: 54 to 60 bytes a blob in all.</remarks>
internal sealed class BlobIndex
{
    private const int ChunkBits = 16;
    private const int ChunkSize = 1 << ChunkBits;
    private readonly List<BlobEntry[]> chunks = [];
    private readonly Dictionary<BlobId, int> packOrdinals = [];
    private readonly List<IndexedPack> packs = [];
    private int[] slots = [];

    public int Count { get; private set; }
    public IReadOnlyList<IndexedPack> Packs => packs;

    public ref readonly BlobEntry this[int entry] => ref chunks[entry >> ChunkBits][entry & (ChunkSize - 1)];

    public bool TryGetPack(BlobId id, out IndexedPack pack)
    {
        var known = packOrdinals.TryGetValue(id, out var ordinal);
        pack = known ? packs[ordinal] : default;
        return known;
    }

    public int NextPack => packs.Count;

    public void Add(in BlobEntry entry)
    {
        if (Count >> ChunkBits == chunks.Count) chunks.Add(GC.AllocateUninitializedArray<BlobEntry>(ChunkSize));
        chunks[^1][Count & (ChunkSize - 1)] = entry;
        Count++;
    }

    /// <summary>Closes a pack whose entries were added since <paramref name="first"/>. Blobs are sorted by their place in the pack.</summary>
    public void ClosePack(BlobId id, int first)
    {
        long bytes = 0;
        for (var i = first; i < Count; i++) bytes += this[i].Length;
        packOrdinals.Add(id, packs.Count);
        packs.Add(new IndexedPack(id, first, Count - first, bytes));
    }

    /// <summary>Forgets the entries added since <paramref name="first"/>.</summary>
    public void Drop(int first)
    {
        while (chunks.Count > 0 && (chunks.Count - 1) << ChunkBits >= Math.Max(first, 1)) chunks.RemoveAt(chunks.Count - 1);
        Count = first;
    }

    /// <summary>Builds the table. No entry may be added afterwards.</summary>
    public void Freeze()
    {
        slots = new int[BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, Count + (Count >> 1)))];
        var mask = (uint)slots.Length - 1;
        for (var i = 0; i < Count; i++)
        {
            var slot = this[i].Id.Hash32 & mask;
            while (slots[slot] != 0) slot = (slot + 1) & mask;
            slots[slot] = i + 1;
        }
    }

    /// <summary>The first place of a blob, or -1.</summary>
    public int Find(BlobKind kind, BlobId id)
    {
        var places = Places(kind, id);
        return places.MoveNext() ? places.Current : -1;
    }

    /// <summary>Every place of a blob.</summary>
    public PlaceEnumerator Places(BlobKind kind, BlobId id) => new(this, kind, id);

    internal struct PlaceEnumerator(BlobIndex index, BlobKind kind, BlobId id)
    {
        private uint slot = id.Hash32;

        public int Current { get; private set; }

        public bool MoveNext()
        {
            var mask = (uint)index.slots.Length - 1;
            while (index.slots[slot & mask] is var occupant and not 0)
            {
                unchecked { slot++; }
                ref readonly var entry = ref index[occupant - 1];
                if (!entry.Id.Equals(id) || entry.Kind != kind) continue;
                Current = occupant - 1;
                return true;
            }
            return false;
        }
    }
}
