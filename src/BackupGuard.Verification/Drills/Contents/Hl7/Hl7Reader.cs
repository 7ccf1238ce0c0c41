using System.Globalization;
using System.Text;

namespace BackupGuard.Verification.Drills.Contents.Hl7;

/// <param name="Type">MSH-9, as in ADT^A01.</param>
/// <param name="Sender">MSH-3, MSH-4 and MSH-10 as they stand there: who sent it under which control id. To be hashed before it is kept.</param>
public sealed record Hl7Message(string Type, string Sender);

/// <summary>Reads a file of HL7 v2 messages in ER7 form: one or several, bare, in a batch (FHS, BHS … BTS, FTS) or in the frames of MLLP.</summary>
/// <remarks>
/// The first end of a line decides: after a carriage return, a line feed alone belongs to the text. Only the beginning of each segment is kept; a segment may be as
/// long as its document. Source: HL7 v2.5.1 chapter 2 (delimiters, 2.10.3 batches); MLLP release 1 (0B, message, 1C 0D).
/// </remarks>
public sealed class Hl7Reader
{
    private const int MostKept = 4096;
    private const byte StartBlock = 0x0B, EndBlock = 0x1C, Return = 0x0D, Feed = 0x0A;

    private readonly ByteSource _source;
    private readonly Action<Hl7Message> _found;
    private readonly byte[] _kept = new byte[MostKept];
    private long _line, _messages, _batches, _inBatch;
    private int _segments;    // of the message that is being read; 0 before the first
    private bool _framed, _inFrame, _batchOpen, _fileOpen;
    private byte? _end;

    private Hl7Reader(ByteSource source, Action<Hl7Message> found) => (_source, _found) = (source, found);

    /// <returns>How many messages.</returns>
    /// <exception cref="BrokenContentException">With the reason and the line.</exception>
    /// <exception cref="IOException"/>
    public static long Read(Stream stream, Action<Hl7Message> found, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var reader = new Hl7Reader(new ByteSource(stream, stream.Length), found);
        while (reader.Segment())
            if (reader._line % 1024 == 0) cancellationToken.ThrowIfCancellationRequested();
        reader.End();
        return reader._messages;
    }

    /// <summary>One segment, or the end of a frame.</summary>
    private bool Segment()
    {
        var length = 0L;
        for (int next; (next = _source.Next()) >= 0;)
        {
            var b = (byte)next;
            if (length == 0 && b == StartBlock) { BeginFrame(); continue; }
            if (_inFrame && b == EndBlock)
            {
                if (length > 0) Take(length);
                EndFrame();
                return true;
            }
            if (b == (_end ?? b) && b is Return or Feed)
            {
                _end ??= b;
                _line++;
                if (length > 0) Take(length);
                return true;
            }
            if (b == Feed && length == 0) continue;    // of a carriage return before it
            if (b == 0) throw Broken(new("a byte of it is zero", "un de ses octets est nul"));
            if (length < MostKept) _kept[length] = b;
            length++;
        }
        if (length > 0) Take(length);
        return false;
    }

    private void BeginFrame()
    {
        if (_inFrame || _messages > 0 && !_framed) throw Broken(new("a frame begins inside another", "une trame commence dans une autre"));
        (_framed, _inFrame) = (true, true);
    }

    private void EndFrame()
    {
        Close();
        _inFrame = false;
        if (_source.Next() != Return) throw Broken(new("a frame is not closed as MLLP asks", "une trame n’est pas fermée comme MLLP le demande"));
    }

    private void End()
    {
        if (_inFrame) throw Broken(new("the last frame is not closed", "la dernière trame n’est pas fermée"));
        Close();
        if (_batchOpen || _fileOpen) throw Broken(new("the batch is not closed", "le lot n’est pas fermé"));
        if (_messages == 0) throw Broken(new("there is no message in it", "il ne contient aucun message"));
    }

    /// <summary>A message consists of more than its header.</summary>
    private void Close()
    {
        if (_segments == 1) throw Broken(new("a message ends after its header", "un message finit après son en-tête"));
        _segments = 0;
    }

    private void Take(long length)
    {
        var segment = _kept.AsSpan(0, (int)Math.Min(length, MostKept));
        if (_framed && !_inFrame) throw Broken(new("between two frames stands something else", "entre deux trames se trouve autre chose"));
        if (segment.Length < 3 || !IsName(segment[..3]) || segment.Length > 3 && char.IsAsciiLetterOrDigit((char)segment[3]))
            throw Broken(new("a line does not begin with a segment's name", "une ligne ne commence pas par un nom de segment"));
        if (segment.StartsWith("MSH"u8)) Header(segment);
        else if (segment.StartsWith("FHS"u8)) Open(ref _fileOpen);
        else if (segment.StartsWith("BHS"u8)) Open(ref _batchOpen);
        else if (segment.StartsWith("BTS"u8)) CloseBatch(ref _batchOpen, segment, _inBatch, batches: 1);
        else if (segment.StartsWith("FTS"u8)) CloseBatch(ref _fileOpen, segment, _batches, batches: 0);
        else if (_segments++ == 0) throw Broken(new("a segment stands before any message header", "un segment précède tout en-tête de message"));
    }

    private void Open(ref bool open)
    {
        Close();
        if (open) throw Broken(new("a batch begins inside another", "un lot commence dans un autre"));
        open = true;
        _inBatch = 0;
    }

    /// <summary>BTS-1 counts the messages and FTS-1 the batches; both may be left out.</summary>
    private void CloseBatch(ref bool open, ReadOnlySpan<byte> segment, long counted, int batches)
    {
        Close();
        if (!open) throw Broken(new("a batch ends that did not begin", "un lot finit sans avoir commencé"));
        open = false;
        _batches += batches;
        if (segment.Length < 5) return;
        var text = Encoding.Latin1.GetString(segment[4..]).Split((char)segment[3])[0];
        if (text.Length > 0 && (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var said) || said != counted))
            throw Broken(new($"a batch says that it holds another number than the {counted} that are there", $"un lot annonce un autre nombre que les {counted} qui s’y trouvent"));
    }

    private void Header(ReadOnlySpan<byte> segment)
    {
        Close();
        _segments = 1;
        _messages++;
        _inBatch++;
        if (segment.Length < 8 || segment[3] < 0x20) throw BadHeader();
        var fields = Encoding.Latin1.GetString(segment).Split((char)segment[3]);
        // fields[n] is MSH-(n+1): the separator itself is MSH-1.
        if (fields.Length < 12 || !AreDelimiters(fields[1], fields[0].Length > 0 ? (char)segment[3] : ' ')) throw BadHeader();
        var type = fields[8].Split(fields[1][0]);
        if (!IsCode(type[0]) || type.Length > 1 && type[1].Length > 0 && !IsCode(type[1])) throw Broken(new("a message has no type", "un message n’a pas de type"));
        if (fields[9].Length == 0) throw Broken(new("a message has no control id", "un message n’a pas d’identifiant"));
        if (!fields[11].StartsWith('2')) throw Broken(new("a message is of another version than 2", "un message est d’une autre version que 2"));
        _found(new Hl7Message(type.Length > 1 && type[1].Length > 0 ? $"{type[0]}^{type[1]}" : type[0], string.Join('\0', fields[2], fields[3], fields[9])));
    }

    private static bool AreDelimiters(string text, char separator) =>
        text.Length is > 0 and <= 5 && text.All(c => c > ' ' && c != separator && !char.IsAsciiLetterOrDigit(c)) && text.Distinct().Count() == text.Length;

    private static bool IsName(ReadOnlySpan<byte> name) => char.IsAsciiLetterUpper((char)name[0]) && IsCode(Encoding.Latin1.GetString(name));

    private static bool IsCode(string text) => text.Length == 3 && text.All(c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c));

    private BrokenContentException BadHeader() => Broken(new("a message header is not whole", "un en-tête de message n’est pas entier"));

    private BrokenContentException Broken(Words reason) => ByteSource.At(_source.Position, new($"line {_line + 1}: {reason.En}", $"ligne {_line + 1}\u00a0: {reason.Fr}"));
}
