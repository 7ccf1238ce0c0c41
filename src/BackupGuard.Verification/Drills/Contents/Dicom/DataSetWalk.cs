using System.Buffers.Binary;
using System.Globalization;

namespace BackupGuard.Verification.Drills.Contents.Dicom;

/// <summary>One walk through a data set with all its sequences, items and fragments, without recursion.</summary>
internal sealed class DataSetWalk(ByteSource source, TransferSyntax syntax, CancellationToken cancellationToken)
{
    private const int Deepest = 64;
    private const long MostElements = 20_000_000;
    private const int MostReferences = 1_000_000;
    private const int LongestKept = 128;
    private const uint PixelData = 0x7FE00010, FloatPixelData = 0x7FE00008, DoublePixelData = 0x7FE00009, PixelAddress = 0x00287FE0;

    private enum Holder { DataSet, Item, Sequence, Fragments }

    /// <param name="End">Its own, or that of the nearest around it that has one; the greatest number where none has.</param>
    /// <param name="OwnEnd">It has a length and no closing tag.</param>
    private readonly record struct Level(Holder Holder, long End, bool OwnEnd, bool IsImplicit, uint Tag);

    private readonly Stack<Level> _open = new();
    private readonly List<string> _referenced = [];
    private readonly Dictionary<uint, string> _texts = [];
    private readonly Dictionary<uint, int> _numbers = [];
    private long _elements;
    private int _fragments;
    private bool _mayStartFragment, _hasPixels;
    private long? _pixelBytes;

    public DicomFile Walk(string syntaxUid, bool isDirectory)
    {
        _open.Push(new(Holder.DataSet, source.LengthBytes ?? long.MaxValue, OwnEnd: true, syntax.IsImplicit, 0));
        while (_open.TryPeek(out var level))
        {
            if (++_elements % 4096 == 0) cancellationToken.ThrowIfCancellationRequested();
            if (_elements > MostElements) throw new BrokenContentException(new("it has more elements than can be looked at", "il a plus d’éléments qu’on ne peut en examiner"), isLimit: true);
            if (IsAtEnd(level)) _open.Pop();
            else Step(level);
        }
        // Every object in a file has one (PS3.3, SOP common module): a file cut between two elements shows by what it lost.
        if (!isDirectory && Uid(0x00080018) is null) throw ByteSource.At(source.Position, new("it does not say which object it is", "il ne dit pas quel objet il est"));
        JudgePixels();
        return new(syntaxUid, _elements)
        {
            StudyUid = Uid(0x0020000D), InstanceUid = Uid(0x00080018), Modality = _texts.GetValueOrDefault(0x00080060u), IsDirectory = isDirectory, Referenced = _referenced,
        };
    }

    private bool IsAtEnd(Level level)
    {
        if (level.Holder == Holder.DataSet && source.LengthBytes is null) return source.AtEnd;
        if (source.Position < level.End) return false;
        if (source.Position == level.End && level.OwnEnd) return true;
        throw ByteSource.Ended(source.Position);
    }

    private void Step(Level level)
    {
        var at = source.Position;
        var element = ElementHeader.Read(source, level.IsImplicit, syntax.IsBigEndian);
        if (source.Position > level.End) throw Misfit(at);
        var isBelow = level.Holder is Holder.DataSet or Holder.Item;
        if (element.Tag >> 16 == 0xFFFE) Marker(level, element, at);
        else if (isBelow) Element(level, element, at);
        else throw ByteSource.At(at, new("between the items of a sequence stands something else", "entre les éléments d’une séquence se trouve autre chose"));
    }

    private void Marker(Level level, ElementHeader element, long at)
    {
        switch (element.Tag, level.Holder)
        {
            case (ElementHeader.Item, Holder.Sequence):
                Push(Holder.Item, element.LengthBytes, level.IsImplicit, level.Tag, level.End, at);
                break;
            case (ElementHeader.Item, Holder.Fragments) when element.LengthBytes != ElementHeader.Undefined:
                Fragment(level, element.LengthBytes, at);
                break;
            case (ElementHeader.ItemEnd, Holder.Item) or (ElementHeader.SequenceEnd, Holder.Sequence or Holder.Fragments) when !level.OwnEnd && element.LengthBytes == 0:
                if (level is { Holder: Holder.Fragments, Tag: PixelData } && _fragments <= 0) throw ByteSource.At(at, new("its compressed pixels are empty", "ses pixels compressés sont vides"));
                _open.Pop();
                break;
            default:
                throw ByteSource.At(at, new("an item or a sequence begins or ends where none may", "un élément ou une séquence commence ou finit là où aucun ne le peut"));
        }
    }

    private void Element(Level level, ElementHeader element, long at)
    {
        var isTop = level.Holder == Holder.DataSet;
        _hasPixels |= isTop && element.Tag is PixelData or FloatPixelData or DoublePixelData or PixelAddress;
        if (element.LengthBytes == ElementHeader.Undefined)
        {
            // A sequence hidden in UN is written in implicit VR, whatever is around it (PS3.5 section 6.2.2).
            if (level.IsImplicit || element.Representation is ElementHeader.SQ or ElementHeader.UN)
                Push(Holder.Sequence, element.LengthBytes, level.IsImplicit || element.Representation == ElementHeader.UN, element.Tag, level.End, at);
            else if (element.Representation is ElementHeader.OB or ElementHeader.OW && syntax.IsEncapsulated) BeginFragments(level, element, at);
            else throw ByteSource.At(at, new("an element that is no sequence has no length", "un élément qui n’est pas une séquence n’a pas de longueur"));
            return;
        }
        if (element.LengthBytes > level.End - source.Position) throw Misfit(at);
        if (element.Representation == ElementHeader.SQ) Push(Holder.Sequence, element.LengthBytes, level.IsImplicit, element.Tag, level.End, at);
        else Value(element, isTop, at);
    }

    private void Value(ElementHeader element, bool isTop, long at)
    {
        if (isTop && element.Tag == PixelData)
        {
            if (syntax.IsEncapsulated) throw ByteSource.At(at, new("its transfer syntax says that the pixels are compressed, and they are not", "sa syntaxe de transfert dit les pixels compressés, et ils ne le sont pas"));
            _pixelBytes = element.LengthBytes;
        }
        var isShort = element.LengthBytes is > 0 and <= LongestKept;
        if (isShort && isTop && element.Tag is 0x0020000D or 0x00080018 or 0x00080060 or 0x00280008 or 0x00280004)
            _texts[element.Tag] = DicomReader.TextOf(source, (int)element.LengthBytes);
        else if (isTop && element is { LengthBytes: 2, Tag: 0x00280002 or 0x00280010 or 0x00280011 or 0x00280100 }) _numbers[element.Tag] = Number();
        else if (!isTop && element.Tag == 0x00041500 && element.LengthBytes <= 1024) Reference((int)element.LengthBytes);
        else source.Skip(element.LengthBytes);
    }

    private int Number()
    {
        Span<byte> bytes = stackalloc byte[2];
        source.ReadExactly(bytes);
        return syntax.IsBigEndian ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes);
    }

    private void Reference(int length)
    {
        var text = DicomReader.TextOf(source, length);
        if (text.Length == 0) return;
        if (_referenced.Count == MostReferences) throw new BrokenContentException(new("it names more files than can be looked for", "il nomme plus de fichiers qu’on ne peut en chercher"), isLimit: true);
        _referenced.Add(string.Join('/', text.Split('\\').Select(p => p.Trim(' '))));
    }

    private void Push(Holder holder, uint length, bool isImplicit, uint tag, long around, long at)
    {
        if (_open.Count == Deepest) throw new BrokenContentException(new("its sequences are nested deeper than can be looked at", "ses séquences sont imbriquées au-delà de ce qui peut être examiné"), isLimit: true);
        var hasEnd = length != ElementHeader.Undefined;
        if (hasEnd && length > around - source.Position) throw Misfit(at);
        _open.Push(new(holder, hasEnd ? source.Position + length : around, hasEnd, isImplicit, tag));
    }

    private void BeginFragments(Level level, ElementHeader element, long at)
    {
        (_fragments, _mayStartFragment) = (-1, element.Tag == PixelData);    // the first item is the offset table, not pixels
        Push(Holder.Fragments, element.LengthBytes, isImplicit: false, element.Tag, level.End, at);
    }

    private void Fragment(Level level, uint length, long at)
    {
        if (length > level.End - source.Position) throw Misfit(at);
        if (++_fragments == 0 || !_mayStartFragment || length < 2)
        {
            source.Skip(length);
            return;
        }
        _mayStartFragment = false;
        Span<byte> first = stackalloc byte[2];
        source.ReadExactly(first);
        var begins = BinaryPrimitives.ReadUInt16BigEndian(first);
        // A JPEG 2000 file's own box (0000 000C…) is not allowed there, and common.
        if (syntax.Codestream == Codestream.Jpeg && begins != 0xFFD8 || syntax.Codestream == Codestream.Jpeg2000 && begins is not (0xFF4F or 0x0000))
            throw ByteSource.At(at, new("its pixels are not compressed as its transfer syntax says", "ses pixels ne sont pas compressés comme le dit sa syntaxe de transfert"));
        source.Skip(length - 2);
    }

    /// <summary>Uncompressed pixels fill rows × columns × samples × frames × bits, at least (PS3.5 section 8.1.1).</summary>
    private void JudgePixels()
    {
        if (!_numbers.TryGetValue(0x00280010, out var rows) || !_numbers.TryGetValue(0x00280011, out var columns)) return;
        if (!_hasPixels) throw ByteSource.At(source.Position, new("it has the size of an image and no pixels", "il a la taille d’une image et aucun pixel"));
        if (_pixelBytes is not { } actual || !_numbers.TryGetValue(0x00280100, out var bits)) return;
        var frames = _texts.TryGetValue(0x00280008, out var text) && int.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var many) ? many : 1;
        var samples = _numbers.GetValueOrDefault(0x00280002u, 1);
        // Half of the colour values are left out: two samples a pixel, or one and a half.
        var halves = _texts.GetValueOrDefault(0x00280004u) switch { "YBR_FULL_422" or "YBR_PARTIAL_422" => 4, "YBR_PARTIAL_420" => 3, _ => samples * 2 };
        var needed = ((Int128)rows * columns * frames * bits * halves / 2 + 7) / 8;
        if (actual < needed) throw ByteSource.At(source.Position, new("its pixels are fewer than rows × columns × bits", "ses pixels sont moins nombreux que lignes × colonnes × bits"));
    }

    private string? Uid(uint tag)
    {
        if (!_texts.TryGetValue(tag, out var uid)) return null;
        return TransferSyntax.IsUid(uid) ? uid : throw new BrokenContentException(new("a UID in it is none", "un UID qu’il contient n’en est pas un"));
    }

    private static BrokenContentException Misfit(long at) => ByteSource.At(at, new("an element is longer than what holds it", "un élément est plus long que ce qui le contient"));
}
