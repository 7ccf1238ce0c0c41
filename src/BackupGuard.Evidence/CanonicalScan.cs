using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace BackupGuard.Evidence;

/// <summary>Tells of most canonical documents that they are canonical, in one pass that builds nothing. Every entry of a log goes through here, and again at each fsck.</summary>
/// <remarks>True is certain. False says nothing: <see cref="CanonicalJson"/>, which alone knows the reasons, decides.</remarks>
internal ref struct CanonicalScan
{
    // A double holds every integer of so many digits (IEEE 754).
    private const int ExactDigits = 15;

    // What ends a run of characters that stand for themselves: the quote, the backslash, and control characters, which must be escaped.
    private static readonly SearchValues<byte> Special = SearchValues.Create([.. Enumerable.Range(0, 0x20).Select(c => (byte)c), (byte)'"', (byte)'\\']);

    private readonly ReadOnlySpan<byte> json;
    private int at;

    private CanonicalScan(ReadOnlySpan<byte> json) => this.json = json;

    public static bool IsCanonical(ReadOnlySpan<byte> json)
    {
        if (json.Length > CanonicalJson.MaxBytes || !Utf8.IsValid(json)) return false;
        var scan = new CanonicalScan(json);
        return scan.Value(0) && scan.at == json.Length;
    }

    private bool Value(int depth)
    {
        if (at == json.Length) return false;
        return json[at] switch
        {
            (byte)'{' => depth < CanonicalJson.MaxDepth && Object(depth + 1),
            (byte)'[' => depth < CanonicalJson.MaxDepth && Array(depth + 1),
            (byte)'"' => Text(),
            (byte)'t' => Word("true"u8),
            (byte)'f' => Word("false"u8),
            (byte)'n' => Word("null"u8),
            _ => Number(),
        };
    }

    private bool Object(int depth)
    {
        at++;
        if (Is((byte)'}')) return true;
        var previous = ReadOnlySpan<byte>.Empty;
        for (var first = true; ; first = false)
        {
            var from = at;
            if (!Text()) return false;
            var name = json[(from + 1)..(at - 1)];
            // Plain ASCII sorts by bytes as by UTF-16 units; any other name is left to the slow way. Rising names are no duplicates.
            if (name.Contains((byte)'\\') || !Ascii.IsValid(name) || !first && name.SequenceCompareTo(previous) <= 0) return false;
            previous = name;
            if (!Is((byte)':') || !Value(depth)) return false;
            if (Is((byte)'}')) return true;
            if (!Is((byte)',')) return false;
        }
    }

    private bool Array(int depth)
    {
        at++;
        if (Is((byte)']')) return true;
        while (Value(depth))
        {
            if (Is((byte)']')) return true;
            if (!Is((byte)',')) return false;
        }
        return false;
    }

    private bool Text()
    {
        if (!Is((byte)'"')) return false;
        while (true)
        {
            var run = json[at..].IndexOfAny(Special);
            if (run < 0) return false;
            at += run;
            if (Is((byte)'"')) return true;
            if (!Is((byte)'\\') || !Escape()) return false;
        }
    }

    /// <summary>RFC 8785, 3.2.2.2: the short form where there is one, lower-case hexadecimal for other control characters, and nothing else is escaped.</summary>
    private bool Escape()
    {
        if (at == json.Length) return false;
        var kind = json[at++];
        if (kind is (byte)'"' or (byte)'\\' or (byte)'b' or (byte)'t' or (byte)'n' or (byte)'f' or (byte)'r') return true;
        if (kind != 'u' || json.Length - at < 4 || !json.Slice(at, 3).SequenceEqual("000"u8) && !json.Slice(at, 3).SequenceEqual("001"u8)) return false;
        var low = json[at + 3];
        var first = json[at + 2] == '0';
        at += 4;
        return first ? low is (>= (byte)'0' and <= (byte)'7') or (byte)'b' or (byte)'e' or (byte)'f' : low is (>= (byte)'0' and <= (byte)'9') or (>= (byte)'a' and <= (byte)'f');
    }

    private bool Number()
    {
        var from = at;
        _ = Is((byte)'-');
        var whole = Digits();
        if (whole == 0 || whole > 1 && json[at - whole] == '0') return false;
        if (at == json.Length || json[at] is not ((byte)'.' or (byte)'e' or (byte)'E')) return whole <= ExactDigits && !json[from..at].SequenceEqual("-0"u8);
        if (!Is((byte)'.') || Digits() == 0 || at < json.Length && json[at] is (byte)'e' or (byte)'E') return false;
        var literal = Encoding.ASCII.GetString(json[from..at]);
        return double.TryParse(literal, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
            && double.IsFinite(value) && CanonicalJson.EcmaScriptNumber(value) == literal;
    }

    private int Digits()
    {
        var from = at;
        while (at < json.Length && json[at] is >= (byte)'0' and <= (byte)'9') at++;
        return at - from;
    }

    private bool Word(ReadOnlySpan<byte> word)
    {
        if (!json[at..].StartsWith(word)) return false;
        at += word.Length;
        return true;
    }

    private bool Is(byte expected)
    {
        if (at == json.Length || json[at] != expected) return false;
        at++;
        return true;
    }
}
