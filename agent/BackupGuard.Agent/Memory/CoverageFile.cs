using BackupGuard.Verification.Coverage;
using Microsoft.Win32.SafeHandles;

namespace BackupGuard.Agent.Memory;

/// <summary>A coverage ledger as a file: a head of 16 bytes, then one record after the other, only ever appended while it is open.</summary>
/// <remarks>
/// A record is written by one call straight to the system: killing the process loses at most the objects that were being read. After a power cut the tail may be torn or empty: its
/// check values do not fit and it counts for nothing. The file is rewritten when it is opened and most of it is superseded.
/// </remarks>
internal sealed class CoverageFile : ICoverageLedger, IDisposable
{
    private static ReadOnlySpan<byte> Head => "BG coverage v1\r\n"u8;
    private const int FewestToRewrite = 4096;

    private readonly Dictionary<UInt128, (ulong State, DateTimeOffset At, byte Marks)> latest = [];
    private readonly Lock gate = new();
    private readonly SafeFileHandle file;
    private long end;

    private CoverageFile(SafeFileHandle file) => this.file = file;

    /// <summary>Why nothing is written down any more, or null.</summary>
    public string? Problem { get; private set; }

    /// <exception cref="IOException">The file cannot be used, or another process holds it.</exception>
    public static CoverageFile Open(string path)
    {
        var opened = OpenAsIs(path, out var records);
        if (records < FewestToRewrite || records < 2 * opened.latest.Count) return opened;
        var shorter = path + ".tmp";
        File.Delete(shorter);
        using (var copy = OpenAsIs(shorter, out _))
            foreach (var (id, known) in opened.latest) copy.Append(new CoverageRecord(new CoverageKey(id, known.State), known.At, known.Marks));
        opened.Dispose();
        File.Move(shorter, path, overwrite: true);
        return OpenAsIs(path, out _);
    }

    private static CoverageFile OpenAsIs(string path, out long records)
    {
        // FileShare.None takes a lock: two writers would write over each other.
        var opened = new CoverageFile(File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        try
        {
            records = opened.Load();
            return opened;
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    private long Load()
    {
        var length = RandomAccess.GetLength(file);
        var head = new byte[Head.Length];
        if (length < Head.Length || RandomAccess.Read(file, head, 0) != head.Length || !head.AsSpan().SequenceEqual(Head))
        {
            RandomAccess.SetLength(file, 0);
            RandomAccess.Write(file, Head, 0);
            end = Head.Length;
            return 0;
        }
        var records = (length - Head.Length) / CoverageRecord.Bytes;
        end = Head.Length + records * CoverageRecord.Bytes;
        foreach (var record in Records(file, end)) Apply(record);
        return records;
    }

    private static IEnumerable<CoverageRecord> Records(SafeFileHandle file, long end)
    {
        var buffer = new byte[CoverageRecord.Bytes * 16 * 1024];
        for (long at = Head.Length; at < end;)
        {
            var read = RandomAccess.Read(file, buffer.AsSpan(0, (int)Math.Min(buffer.Length, end - at)), at);
            if (read < CoverageRecord.Bytes) yield break;
            for (var i = 0; i + CoverageRecord.Bytes <= read; i += CoverageRecord.Bytes)
                if (CoverageRecord.Read(buffer.AsSpan(i, CoverageRecord.Bytes)) is { } record) yield return record;
            at += read / CoverageRecord.Bytes * CoverageRecord.Bytes;
        }
    }

    private void Apply(CoverageRecord record)
    {
        if (record.At is { } at) latest[record.Key.Name] = (record.Key.State, at, record.Marks);
        else latest.Remove(record.Key.Name);
    }

    public DateTimeOffset? LastAuthenticated(CoverageKey key)
    {
        lock (gate) return latest.TryGetValue(key.Name, out var known) && known.State == key.State ? known.At : null;
    }

    public byte Marks(CoverageKey key)
    {
        lock (gate) return latest.TryGetValue(key.Name, out var known) ? known.Marks : (byte)0;
    }

    public void Record(CoverageKey key, DateTimeOffset at, byte marks = 0) => Append(new CoverageRecord(key, at, marks));

    public void Forget(CoverageKey key) => Append(new CoverageRecord(key, null));

    private void Append(CoverageRecord record)
    {
        Span<byte> bytes = stackalloc byte[CoverageRecord.Bytes];
        record.Write(bytes);
        lock (gate)
        {
            if (Problem is not null) return;
            try
            {
                RandomAccess.Write(file, bytes, end);
            }
            catch (IOException e)
            {
                // What is not written down is read again another day; the run itself goes on.
                Problem = e.Message;
                return;
            }
            end += bytes.Length;
            Apply(record);
        }
    }

    public void Dispose()
    {
        if (file.IsClosed) return;
        RandomAccess.FlushToDisk(file);
        file.Dispose();
    }
}
