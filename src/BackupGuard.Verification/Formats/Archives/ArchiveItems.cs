using System.Runtime.CompilerServices;
using BackupGuard.Verification.Compression;

namespace BackupGuard.Verification.Formats.Archives;

/// <summary>The entries of an archive, whatever its kind, in the order of the archive.</summary>
internal static class ArchiveItems
{
    private const int BufferBytes = 1 << 20;

    private static readonly (string Suffix, Func<Stream, Stream>? Unpack)[] Tars =
    [
        (".tar", null),
        (".tar.gz", s => new WholeGzipStream(s)),
        (".tgz", s => new WholeGzipStream(s)),
        (".tar.zst", s => new ZstdStream(s)),
        (".tzst", s => new ZstdStream(s)),
    ];

    public static bool IsArchive(string name) => IsZip(name) || Tars.Any(t => name.EndsWith(t.Suffix, StringComparison.OrdinalIgnoreCase));

    /// <summary>Reads through the archive. Damage is an <see cref="InvalidDataException"/>, too much of anything a <see cref="ArchiveLimitException"/>.</summary>
    /// <param name="archive">Seekable; stays open.</param>
    public static async IAsyncEnumerable<ArchiveItem> ReadAsync(Stream archive, string name, ArchiveLimits limits, [EnumeratorCancellation] CancellationToken cancellationToken, bool paddedWithZeros = false)
    {
        archive.Position = 0;
        var items = IsZip(name) ? ZipItems.ReadAsync(archive, limits, cancellationToken) : TarItems.ReadAsync(Unpacked(archive, name, limits), paddedWithZeros, cancellationToken);
        await using var each = items.GetAsyncEnumerator(cancellationToken);
        for (var count = 0; await NextAsync(each); count++)
        {
            if (count >= limits.MostEntries) throw new ArchiveLimitException($"it has more than {limits.MostEntries} entries");
            yield return each.Current;
        }
    }

    public static bool IsTar(string name) => IsArchive(name) && !IsZip(name);

    private static bool IsZip(string name) => name.EndsWith(".zip", StringComparison.OrdinalIgnoreCase);

    private static Stream Unpacked(Stream archive, string name, ArchiveLimits limits)
    {
        var buffered = new BufferedStream(new Unclosed(archive), BufferBytes);
        var unpack = Tars.First(t => name.EndsWith(t.Suffix, StringComparison.OrdinalIgnoreCase)).Unpack;
        return unpack is null ? buffered : new BoundedStream(new BufferedStream(unpack(buffered), BufferBytes), limits.MostBytes);
    }

    private static async ValueTask<bool> NextAsync(IAsyncEnumerator<ArchiveItem> items)
    {
        try
        {
            return await items.MoveNextAsync();
        }
        catch (Exception e) when (IsDamage(e))
        {
            throw new InvalidDataException(e.Message, e);
        }
    }

    /// <summary>What the framework's readers throw at bytes that are not what they should be.</summary>
    public static bool IsDamage(Exception e) =>
        e is EndOfStreamException or FormatException or OverflowException or NotSupportedException or ArgumentException;

    private sealed class Unclosed(Stream inner) : ReadOnlyStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => inner.ReadAsync(buffer, cancellationToken);
    }
}
