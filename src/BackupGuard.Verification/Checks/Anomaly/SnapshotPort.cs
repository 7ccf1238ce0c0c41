namespace BackupGuard.Verification.Checks.Anomaly;

public enum EntryKind { File, Folder, Other }

/// <summary>One name in a folder of a snapshot.</summary>
/// <param name="Name">Bytes as the source had them; not judged, perhaps not UTF-8.</param>
/// <param name="ModifiedAt">Seconds since 1970-01-01 UTC by the source's own word; 0 when it was not kept.</param>
/// <param name="Mode">Permission and set-id bits (07777); 0 when they were not kept.</param>
/// <param name="Identity">Of a file: equal when the contents are equal. Of a folder: equal when everything below is, 0 when that is not known.</param>
public readonly record struct SnapshotEntry(byte[] Name, EntryKind Kind, long Size, long ModifiedAt, int Mode, UInt128 Identity);

/// <summary>One folder of a snapshot, as listed.</summary>
public abstract class SnapshotFolder
{
    /// <summary>By the bytes of their names, ascending; no name twice.</summary>
    public abstract IReadOnlyList<SnapshotEntry> Entries { get; }

    /// <exception cref="Stores.StoreException">The folder's list cannot be read.</exception>
    public abstract ValueTask<SnapshotFolder> OpenAsync(int index, CancellationToken cancellationToken);

    /// <summary>Adds the numbers of the stored pieces that make up a file. Nothing in a format that does not cut files into pieces.</summary>
    public abstract void MarkPieces(int index, PieceSet pieces);
}

/// <summary>The snapshots of one repository, opened for looking at their files. Not for several threads.</summary>
/// <remarks>Every failure of reading is a <see cref="Stores.StoreException"/>; nothing is written.</remarks>
public interface ISnapshotHistory : IAsyncDisposable
{
    string RepositoryId { get; }

    /// <summary>By time, oldest first.</summary>
    IReadOnlyList<SnapshotSummary> Snapshots { get; }

    ValueTask<SnapshotFolder> OpenAsync(SnapshotSummary snapshot, CancellationToken cancellationToken);

    /// <summary>One more than the highest number of a piece; 0 in a format without pieces.</summary>
    int Pieces { get; }

    /// <summary>What the pieces of <paramref name="now"/> that are not in <paramref name="before"/> weigh; null in a format without pieces.</summary>
    NewData? Weigh(PieceSet now, PieceSet before);

    /// <summary>What must be kept for the next look, in a format that holds one state only; null in the others.</summary>
    ReadOnlyMemory<byte>? ToRemember { get; }

    /// <summary>Whether the contents of this snapshot's files can be read; of some only the list is left.</summary>
    bool HasContents(SnapshotSummary snapshot);

    /// <summary>Hands each of these files to <paramref name="look"/>, one after the other, in the order that is cheapest. A file that is not there is left out.</summary>
    Task ReadAsync(SnapshotSummary snapshot, IReadOnlyList<string> paths, Func<string, IFileContent, CancellationToken, Task> look, CancellationToken cancellationToken);
}

/// <summary>The content of one file of a snapshot.</summary>
public interface IFileContent
{
    long Length { get; }

    /// <summary>Reads until the buffer is full or the file ends. Offsets MUST NOT go back below an earlier call's: an archive is read once, forwards.</summary>
    ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken);
}

/// <summary>A format that can show the files of its snapshots.</summary>
public interface IHistoryRepository
{
    /// <param name="remembered">What was kept of the last look at this repository, for formats that hold one state only; null when there is nothing.</param>
    /// <returns>Null when it cannot be opened; <see cref="IBackupRepository.VerifyAsync"/> then says why.</returns>
    Task<ISnapshotHistory?> OpenHistoryAsync(ReadOnlyMemory<byte>? remembered, CancellationToken cancellationToken);
}

/// <summary>Weight of stored pieces. Lengths in bytes; <paramref name="Stored"/> without the envelope of encryption.</summary>
/// <param name="CanTellRatio">False where nothing was compressed at all: then the ratio says nothing about the contents.</param>
public readonly record struct NewData(long Plain, long Stored, bool CanTellRatio)
{
    /// <summary>How many bytes of content one stored byte holds: near 1 for what is random or compressed already. Null when it cannot be told.</summary>
    public double? Ratio => CanTellRatio && Stored > 0 ? (double)Plain / Stored : null;
}

/// <summary>A set of piece numbers: one bit each, so that ten million pieces take 1.25 MB.</summary>
public sealed class PieceSet(int pieces)
{
    private readonly ulong[] words = new ulong[pieces / 64 + 1];

    public void Add(int piece) => words[piece >> 6] |= 1UL << (piece & 63);

    public IEnumerable<int> Without(PieceSet other)
    {
        for (var w = 0; w < words.Length; w++)
            for (var bits = words[w] & ~other.words[w]; bits != 0; bits &= bits - 1) yield return (w << 6) + System.Numerics.BitOperations.TrailingZeroCount(bits);
    }
}
