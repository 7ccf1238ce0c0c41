using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace BackupGuard.Evidence.Packs;

/// <summary>The zip file of a pack: written with the same bytes everywhere, read in one strict way so that two readers never see two contents (FORMAT.md, section 11).</summary>
public sealed class PackArchive : IEvidenceFiles
{
    private const string Subject = "The archive";
    private const int LocalHeader = 30, CentralHeader = 46, EndRecord = 22;
    private const uint LocalMark = 0x04034b50, CentralMark = 0x02014b50, EndMark = 0x06054b50;
    private const ushort Stored = 0, Deflated = 8;

    // Options of the compressor (1, 2), sizes after the data (3), names in UTF-8 (11): none changes what is read here. Everything else does, encryption (0) first.
    private const ushort HarmlessFlags = 1 << 1 | 1 << 2 | 1 << 3 | 1 << 11;

    private readonly Dictionary<string, ReadOnlyMemory<byte>> files = new(StringComparer.Ordinal);

    private PackArchive()
    {
    }

    public IReadOnlyCollection<string> Names => files.Keys;

    public ReadOnlyMemory<byte> Read(string name) => files[name];

    /// <summary>Takes the whole archive apart; nothing of it is believed before all of it was found in order.</summary>
    /// <exception cref="EvidenceException">BG2030 to BG2032.</exception>
    public static PackArchive Open(ReadOnlyMemory<byte> bytes)
    {
        Limit("its size in bytes", bytes.Length, PackLimits.ArchiveBytes);
        var archive = new PackArchive();
        foreach (var part in Data(bytes.Span, Directory(bytes.Span))) archive.files.Add(part.Name, Unpack(bytes.Slice(part.Start, part.Packed), part));
        return archive;
    }

    /// <summary>The same files give the same bytes: names in order, no compression, no dates.</summary>
    public static byte[] Write(IEnumerable<KeyValuePair<string, ReadOnlyMemory<byte>>> files)
    {
        var (output, directory, count) = (new MemoryStream(), new MemoryStream(), 0);
        foreach (var (name, content) in files.OrderBy(f => f.Key, StringComparer.Ordinal))
        {
            if (!PackLimits.IsName(name)) throw new ArgumentException($"A pack cannot hold a file called '{name}'.", nameof(files));
            var (start, ascii, crc) = ((uint)output.Length, Encoding.ASCII.GetBytes(name), Crc32.Of(content.Span));
            output.Write(Header(LocalHeader, LocalMark, 4, ascii.Length, crc, content.Length));
            output.Write(ascii);
            output.Write(content.Span);
            var central = Header(CentralHeader, CentralMark, 6, ascii.Length, crc, content.Length);
            BinaryPrimitives.WriteUInt16LittleEndian(central.AsSpan(4), 20);
            BinaryPrimitives.WriteUInt32LittleEndian(central.AsSpan(42), start);
            directory.Write(central);
            directory.Write(ascii);
            count++;
        }
        Span<byte> end = stackalloc byte[EndRecord];
        end.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(end, EndMark);
        BinaryPrimitives.WriteUInt16LittleEndian(end[8..], checked((ushort)count));
        BinaryPrimitives.WriteUInt16LittleEndian(end[10..], checked((ushort)count));
        BinaryPrimitives.WriteUInt32LittleEndian(end[12..], (uint)directory.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(end[16..], checked((uint)output.Length));
        output.Write(directory.ToArray());
        output.Write(end);
        return output.ToArray();
    }

    /// <param name="at">Where "version needed" stands: from there on both headers have the same fields.</param>
    private static byte[] Header(int length, uint mark, int at, int name, uint crc, int size)
    {
        var header = new byte[length];
        BinaryPrimitives.WriteUInt32LittleEndian(header, mark);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(at), 20);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(at + 8), 0x0021);   // 1 January 1980, the zero of the format
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(at + 10), crc);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(at + 14), (uint)size);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(at + 18), (uint)size);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(at + 22), (ushort)name);
        return header;
    }

    private sealed record Part(string Name, ushort Method, int Packed, int Unpacked, int Header)
    {
        public int Start { get; init; }
    }

    private static List<Part> Directory(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.Length - EndRecord;
        Require(end >= 0 && U32(bytes, end) == EndMark && U16(bytes, end + 20) == 0, "it does not end with the record that ends an archive without a comment");
        var (count, size, start) = (U16(bytes, end + 10), (long)U32(bytes, end + 12), (long)U32(bytes, end + 16));
        Require(U16(bytes, end + 4) == 0 && U16(bytes, end + 6) == 0 && U16(bytes, end + 8) == count && start + size == end, "its directory is not where it says");
        Limit("the number of its files", count, PackLimits.Files);
        var (parts, names, at, total) = (new List<Part>(count), new HashSet<string>(StringComparer.Ordinal), (int)start, 0L);
        for (var i = 0; i < count; i++)
        {
            Require(at + CentralHeader <= end && U32(bytes, at) == CentralMark, "its directory is cut off");
            var (name, extra, comment) = (U16(bytes, at + 28), U16(bytes, at + 30), U16(bytes, at + 32));
            Require(at + CentralHeader + name + extra + comment <= end, "its directory is cut off");
            var part = PartAt(bytes, at, Encoding.Latin1.GetString(bytes.Slice(at + CentralHeader, name)));
            if (!names.Add(part.Name)) throw NameRefused(part.Name, "it stands there twice");
            Limit("the size of all files in bytes", total += part.Unpacked, PackLimits.UnpackedBytes);
            parts.Add(part);
            at += CentralHeader + name + extra + comment;
        }
        Require(at == end, "bytes follow its directory");
        return parts;
    }

    private static Part PartAt(ReadOnlySpan<byte> bytes, int at, string name)
    {
        if (!PackLimits.IsName(name)) throw NameRefused(name, "a name has lower-case letters, digits, dots, hyphens and underscores, and leads nowhere else");
        var (method, packed, unpacked, header) = (U16(bytes, at + 10), U32(bytes, at + 20), U32(bytes, at + 24), U32(bytes, at + 42));
        Require((U16(bytes, at + 8) & ~HarmlessFlags) == 0, "a file in it is encrypted or of a kind that is not read here");
        Require(method is Stored or Deflated, "a file in it is packed in a way that is not read here");
        Limit($"the size of {name} in bytes", unpacked, PackLimits.FileBytes);
        Require(packed <= bytes.Length && header <= bytes.Length, "a file in it lies outside");
        Require(method != Stored || packed == unpacked, "a file in it has two sizes");
        Limit($"the growth of {name}", packed == 0 ? unpacked : unpacked / packed, PackLimits.Ratio);
        return new Part(name, method, (int)packed, (int)unpacked, (int)header);
    }

    /// <summary>Where the contents lie: one after the other, none inside another.</summary>
    private static List<Part> Data(ReadOnlySpan<byte> bytes, List<Part> parts)
    {
        var directory = (int)U32(bytes, bytes.Length - EndRecord + 16);
        var placed = new List<Part>(parts.Count);
        var free = 0;
        foreach (var part in parts.OrderBy(p => p.Header))
        {
            var at = part.Header;
            Require(at >= free && at + LocalHeader <= directory && U32(bytes, at) == LocalMark, "a file in it begins where another lies");
            var (name, extra) = (U16(bytes, at + 26), U16(bytes, at + 28));
            var start = at + LocalHeader + name + extra;
            Require((long)start + part.Packed <= directory, "a file in it is cut off");
            Require(Encoding.Latin1.GetString(bytes.Slice(at + LocalHeader, name)) == part.Name, "a file in it has two names");
            free = start + part.Packed;
            placed.Add(part with { Start = start });
        }
        return placed;
    }

    private static ReadOnlyMemory<byte> Unpack(ReadOnlyMemory<byte> packed, Part part)
    {
        if (part.Method == Stored) return packed;
        using var deflate = new DeflateStream(new MemoryStream(packed.ToArray()), CompressionMode.Decompress);
        var content = new byte[part.Unpacked];
        try
        {
            Require(deflate.ReadAtLeast(content, content.Length, throwOnEndOfStream: false) == content.Length, "a file in it is shorter than it says");
            Require(deflate.ReadByte() < 0, "a file in it is longer than it says");
            return content;
        }
        catch (InvalidDataException)
        {
            throw Unreadable("a file in it cannot be unpacked");
        }
    }

    private static ushort U16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private static uint U32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private static void Require(bool holds, string otherwise)
    {
        if (!holds) throw Unreadable(otherwise);
    }

    private static void Limit(string what, long found, long limit)
    {
        if (found > limit) throw new EvidenceException(EvidenceProblems.PackTooLarge.At(Subject, ("what", what), ("found", found), ("limit", limit)));
    }

    private static EvidenceException Unreadable(string reason) => new(EvidenceProblems.PackUnreadable.At(Subject, ("reason", reason)));

    private static EvidenceException NameRefused(string name, string reason) => new(EvidenceProblems.PackNameRefused.At(Subject, ("name", name), ("reason", reason)));
}

/// <summary>The checksum that a zip file wants; it guards nothing here.</summary>
internal static class Crc32
{
    private static readonly uint[] Table = [.. Enumerable.Range(0, 256).Select(i => Entry((uint)i))];

    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes) crc = Table[(crc ^ b) & 0xff] ^ crc >> 8;
        return ~crc;
    }

    private static uint Entry(uint value)
    {
        for (var bit = 0; bit < 8; bit++) value = (value & 1) == 1 ? 0xedb88320 ^ value >> 1 : value >> 1;
        return value;
    }
}
