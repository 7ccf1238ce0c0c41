using System.Buffers.Binary;
using System.IO.Compression;
using BackupGuard.Verification.Compression;

namespace BackupGuard.Verification.Checks.Anomaly;

/// <summary>Whether what lies behind the first bytes is what they announce. Looks at the beginning and the end only; says no only where it is sure.</summary>
internal static class StructureLook
{
    /// <param name="head">The beginning, at most 64 KiB.</param>
    /// <param name="tail">The end, at most 64 KiB; all of a shorter file.</param>
    public static bool IsBroken(FileKind kind, ReadOnlyMemory<byte> head, ReadOnlySpan<byte> tail, long length) => kind switch
    {
        // A zip ends with its directory's end record, 22 bytes and a comment of at most 64 KiB (APPNOTE 4.3.16).
        FileKind.Zip => tail.LastIndexOf("PK\u0005\u0006"u8) < 0,
        FileKind.Pdf => tail.LastIndexOf("%%EOF"u8) < 0,
        FileKind.Jpeg => length > 4 && !HasJpegSegments(head.Span),
        FileKind.Dicom => !HasDicomElements(head.Span),
        FileKind.Gzip => Unpack(kind, head, head.Length == length) is null,
        FileKind.Zstd => Unpack(kind, head, head.Length == length) is null,
        _ => false,
    };

    /// <summary>The beginning of what is packed; null when the packed data are damaged within what was given.</summary>
    public static byte[]? Unpack(FileKind kind, ReadOnlyMemory<byte> packed, bool isWhole)
    {
        const int most = 64 << 10;
        using var input = new MemoryStream(packed.ToArray(), writable: false);
        using Stream unpacker = kind == FileKind.Gzip ? new GZipStream(input, CompressionMode.Decompress, leaveOpen: true) : new ZstdStream(input, leaveOpen: true);
        var plain = new byte[most];
        var count = 0;
        try
        {
            for (int read; count < most && (read = unpacker.Read(plain, count, most - count)) > 0;) count += read;
        }
        catch (InvalidDataException)
        {
            // Cut where we stopped reading, it fails only once everything given was taken in.
            if (isWhole || input.Position < input.Length) return null;
        }
        return plain[..count];
    }

    /// <summary>Marker segments up to the scan (ITU T.81, annex B).</summary>
    private static bool HasJpegSegments(ReadOnlySpan<byte> head)
    {
        var at = 2;
        for (var n = 0; n < 64 && at + 4 <= head.Length; n++)
        {
            if (head[at] != 0xFF) return false;
            var marker = head[at + 1];
            if (marker == 0xFF) { at++; continue; }
            if (marker is 0xDA or 0xD9) return true;
            if (marker is 0xD8 or 1 or (>= 0xD0 and <= 0xD7)) { at += 2; continue; }
            if (marker < 0xC0) return false;
            at += 2 + BinaryPrimitives.ReadUInt16BigEndian(head[(at + 2)..]);
        }
        return true;
    }

    /// <summary>Preamble, mark, then data elements with ascending tags and known forms up to the pixel data (DICOM PS3.10 section 7, PS3.5 section 7).</summary>
    private static bool HasDicomElements(ReadOnlySpan<byte> head)
    {
        var at = 132;
        var elements = 0;
        uint before = 0;
        while (at + 8 <= head.Length && elements < 200)
        {
            var tag = ((uint)BinaryPrimitives.ReadUInt16LittleEndian(head[at..]) << 16) | BinaryPrimitives.ReadUInt16LittleEndian(head[(at + 2)..]);
            if (tag <= before) return false;
            before = tag;
            // Behind the file's own group the transfer syntax may leave the forms out or pack everything: then the order of the tags is all there is to see.
            var isExplicit = head[at + 4] is >= (byte)'A' and <= (byte)'Z' && head[at + 5] is >= (byte)'A' and <= (byte)'Z';
            if (!isExplicit) return tag >> 16 != 2 && elements >= 3;
            long length;
            var form = (head[at + 4] << 8) | head[at + 5];
            if (IsLongForm(form))
            {
                if (at + 12 > head.Length) break;
                length = BinaryPrimitives.ReadUInt32LittleEndian(head[(at + 8)..]);
                at += 12;
            }
            else
            {
                length = BinaryPrimitives.ReadUInt16LittleEndian(head[(at + 6)..]);
                at += 8;
            }
            elements++;
            if (tag == 0x7FE00010) return elements >= 4 && HasFragments(head[at..], length);
            // Sequences of open length would have to be walked; what came before them was right.
            if (length == uint.MaxValue || length > head.Length - at) return elements >= 3;
            at += (int)length;
        }
        return elements >= 3;
    }

    private static bool IsLongForm(int form) => form is ('O' << 8 | 'B') or ('O' << 8 | 'W') or ('O' << 8 | 'F') or ('O' << 8 | 'D') or ('O' << 8 | 'L') or ('O' << 8 | 'V') or ('S' << 8 | 'Q')
        or ('U' << 8 | 'T') or ('U' << 8 | 'N') or ('U' << 8 | 'C') or ('U' << 8 | 'R') or ('S' << 8 | 'V') or ('U' << 8 | 'V');

    /// <summary>Encapsulated pixels begin with an item (PS3.5 annex A.4).</summary>
    private static bool HasFragments(ReadOnlySpan<byte> pixels, long length) =>
        length != uint.MaxValue || pixels.Length < 8 || pixels.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF, 0x00, 0xE0]);
}
