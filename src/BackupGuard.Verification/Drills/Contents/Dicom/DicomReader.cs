using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace BackupGuard.Verification.Drills.Contents.Dicom;

/// <summary>Reads a DICOM file (PS3.10) from its first byte to its last: every element and item must fit into what holds it, and the last one ends with the file.</summary>
/// <remarks>
/// Lenient where readers are: the order of elements, odd lengths and padding behind the pixels are not judged, nor are values that nobody here counts.
/// In implicit VR a sequence with a length is not looked into: without a dictionary it cannot be told from other bytes.
/// </remarks>
public static class DicomReader
{
    private const int PreambleBytes = 128;
    private const long MostInflatedBytes = 4L << 30;
    private const string DirectoryClass = "1.2.840.10008.1.3.10";

    /// <param name="stream">Seekable.</param>
    /// <exception cref="BrokenContentException">With the reason and the byte.</exception>
    /// <exception cref="IOException"/>
    public static DicomFile Read(Stream stream, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var source = new ByteSource(stream, stream.Length);
        var head = new byte[PreambleBytes + 4];
        if (stream.Length < head.Length) throw NoMagic();
        source.ReadExactly(head);
        if (!head.AsSpan(PreambleBytes).SequenceEqual("DICM"u8)) throw NoMagic();
        var meta = ReadMeta(source);
        var syntax = TransferSyntax.Of(meta.SyntaxUid) ?? throw UnknownSyntax(meta.SyntaxUid);
        if (!syntax.IsDeflated) return new DataSetWalk(source, syntax, cancellationToken).Walk(meta.SyntaxUid, meta.IsDirectory);
        // The source has read ahead.
        stream.Position = source.Position;
        using var compressed = new AskedBeyond(stream);
        using var inflated = new DeflateStream(compressed, CompressionMode.Decompress, leaveOpen: true);
        try
        {
            var file = new DataSetWalk(new ByteSource(inflated, null, MostInflatedBytes), syntax, cancellationToken).Walk(meta.SyntaxUid, meta.IsDirectory);
            return !compressed.WasAsked ? file : throw ByteSource.At(stream.Length, new("its compressed data set is not closed", "son jeu de données compressé n’est pas fermé"));
        }
        catch (InvalidDataException)
        {
            throw ByteSource.At(source.Position, new("its compressed data set cannot be unfolded", "son jeu de données compressé ne se déplie pas"));
        }
    }

    /// <summary>Group 0002, always explicit little endian. Its length is an element of its own and must be right: readers go by it.</summary>
    private static (string SyntaxUid, bool IsDirectory) ReadMeta(ByteSource source)
    {
        if (source.LengthBytes - source.Position < 12) throw ByteSource.Ended(source.Position);
        var header = new byte[12];
        source.ReadExactly(header);
        if (!header.AsSpan(0, 8).SequenceEqual((ReadOnlySpan<byte>)[2, 0, 0, 0, (byte)'U', (byte)'L', 4, 0]))
            throw ByteSource.At(source.Position - 12, new("its file meta information has no length", "ses métadonnées de fichier n’ont pas de longueur"));
        var end = source.Position + BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(8));
        if (end > source.LengthBytes) throw ByteSource.Ended(source.Position);
        var (syntax, isDirectory) = ("", false);
        while (source.Position < end)
        {
            var at = source.Position;
            var element = ElementHeader.Read(source, isImplicit: false, isBigEndian: false);
            if (element.Tag >> 16 != 2 || element.LengthBytes > end - source.Position)
                throw ByteSource.At(at, new("its file meta information does not fit its length", "ses métadonnées de fichier ne tiennent pas dans leur longueur"));
            if (element.Tag is 0x00020010 && element.LengthBytes <= 128) syntax = TextOf(source, (int)element.LengthBytes);
            else if (element.Tag is 0x00020002 && element.LengthBytes <= 128) isDirectory = TextOf(source, (int)element.LengthBytes) == DirectoryClass;
            else source.Skip(element.LengthBytes);
        }
        if (syntax.Length == 0) throw ByteSource.At(end, new("it names no transfer syntax", "il ne nomme pas de syntaxe de transfert"));
        return (syntax, isDirectory);
    }

    internal static string TextOf(ByteSource source, int length)
    {
        var bytes = new byte[length];
        source.ReadExactly(bytes);
        return Encoding.Latin1.GetString(bytes).TrimEnd('\0', ' ');
    }

    private static BrokenContentException NoMagic() => new(new("it does not begin like a DICOM file (PS3.10)", "il ne commence pas comme un fichier DICOM (PS3.10)"));

    private static BrokenContentException UnknownSyntax(string uid) => TransferSyntax.MayBePrivate(uid)
        ? new(new("its transfer syntax is a manufacturer's own", "sa syntaxe de transfert est propre à un fabricant"), isLimit: true)
        : new(new("its transfer syntax is none that DICOM defines", "sa syntaxe de transfert n’est pas définie par DICOM"));

    /// <summary>Notes whether anybody asked for more than there is. The framework takes a cut stream for a whole one; but of a whole one it does not ask beyond the end.</summary>
    private sealed class AskedBeyond(Stream inner) : Stream
    {
        public bool WasAsked { get; private set; }

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(Span<byte> buffer)
        {
            var read = inner.Read(buffer);
            WasAsked |= read == 0 && buffer.Length > 0;
            return read;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));
        public override void Flush() { }
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
