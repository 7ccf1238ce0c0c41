using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace BackupGuard.Evidence;

/// <summary>JSON Canonicalization Scheme (RFC 8785): one content, one sequence of bytes.</summary>
/// <remarks>
/// Stricter than the RFC where a reader could be led to sign something else than was written: duplicate names, lone surrogates, numbers outside
/// IEEE 754 double, and integers whose digits a double cannot hold are refused.
/// </remarks>
public static class CanonicalJson
{
    public const int MaxDepth = 32;

    /// <summary>The largest document this library takes; entries have a smaller limit of their own.</summary>
    public const int MaxBytes = 1024 * 1024;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = MaxDepth, AllowDuplicateProperties = false };

    /// <exception cref="EvidenceException">The bytes are not one strict JSON document within the limits.</exception>
    /// <param name="maxBytes">Another limit than <see cref="MaxBytes"/>, where the format says one.</param>
    public static byte[] Canonicalise(ReadOnlyMemory<byte> json, int maxBytes = MaxBytes)
    {
        using var document = Parse(json, "The document", maxBytes);
        return Write(document.RootElement, "The document");
    }

    public static bool IsCanonical(ReadOnlyMemory<byte> json)
    {
        try
        {
            return Canonicalise(json).AsSpan().SequenceEqual(json.Span);
        }
        catch (EvidenceException)
        {
            return false;
        }
    }

    internal static JsonDocument Parse(ReadOnlyMemory<byte> json, string subject, int maxBytes = MaxBytes)
    {
        if (json.Length > maxBytes) throw new EvidenceException(EvidenceProblems.TooLarge.At(subject, ("bytes", json.Length), ("limit", maxBytes)));
        if (!Utf8.IsValid(json.Span)) throw Malformed(subject, "the text is not UTF-8");
        try
        {
            return JsonDocument.Parse(json, Strict);
        }
        catch (JsonException e)
        {
            throw Malformed(subject, $"line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1} is not strict JSON, or repeats a name, or nests deeper than {MaxDepth}", e);
        }
        catch (InvalidOperationException e)
        {
            // What the parser throws for a name with a lone surrogate when it looks for duplicates.
            throw Malformed(subject, "a name is not valid Unicode", e);
        }
    }

    internal static byte[] Write(JsonElement element, string subject)
    {
        var output = new ArrayBufferWriter<byte>(512);
        Write(element, output, subject);
        return output.WrittenSpan.ToArray();
    }

    private static void Write(JsonElement element, ArrayBufferWriter<byte> output, string subject)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object: WriteObject(element, output, subject); break;
            case JsonValueKind.Array: WriteArray(element, output, subject); break;
            case JsonValueKind.String: WriteString(StringOf(element, subject), output); break;
            case JsonValueKind.Number: output.Write(Encoding.ASCII.GetBytes(NumberOf(element.GetRawText(), subject))); break;
            case JsonValueKind.True: output.Write("true"u8); break;
            case JsonValueKind.False: output.Write("false"u8); break;
            default: output.Write("null"u8); break;
        }
    }

    private static void WriteObject(JsonElement element, ArrayBufferWriter<byte> output, string subject)
    {
        var members = element.EnumerateObject().Select(p => (p.Name, p.Value)).ToArray();
        // RFC 8785, 3.2.3: by UTF-16 code units, which is what an ordinal comparison does.
        Array.Sort(members, (x, y) => string.CompareOrdinal(x.Name, y.Name));
        output.Write("{"u8);
        for (var i = 0; i < members.Length; i++)
        {
            if (i > 0) output.Write(","u8);
            WriteString(members[i].Name, output);
            output.Write(":"u8);
            Write(members[i].Value, output, subject);
        }
        output.Write("}"u8);
    }

    private static void WriteArray(JsonElement element, ArrayBufferWriter<byte> output, string subject)
    {
        output.Write("["u8);
        var first = true;
        foreach (var item in element.EnumerateArray())
        {
            if (!first) output.Write(","u8);
            first = false;
            Write(item, output, subject);
        }
        output.Write("]"u8);
    }

    private static string StringOf(JsonElement element, string subject)
    {
        try
        {
            return element.GetString() ?? "";
        }
        catch (InvalidOperationException e)
        {
            throw Malformed(subject, "a string holds half of a surrogate pair", e);
        }
    }

    /// <summary>RFC 8785, 3.2.2.2.</summary>
    private static void WriteString(string text, ArrayBufferWriter<byte> output)
    {
        output.Write("\""u8);
        var from = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c >= ' ' && c is not ('"' or '\\')) continue;
            Encoding.UTF8.GetBytes(text.AsSpan(from, i - from), output);
            Encoding.UTF8.GetBytes(Escape(c), output);
            from = i + 1;
        }
        Encoding.UTF8.GetBytes(text.AsSpan(from), output);
        output.Write("\""u8);
    }

    private static string Escape(char c) => c switch
    {
        '\b' => @"\b",
        '\t' => @"\t",
        '\n' => @"\n",
        '\f' => @"\f",
        '\r' => @"\r",
        '"' => "\\\"",
        '\\' => @"\\",
        _ => $"\\u{(int)c:x4}",
    };

    private static string NumberOf(string literal, string subject)
    {
        var value = double.Parse(literal, NumberStyles.Float, CultureInfo.InvariantCulture);
        if (!double.IsFinite(value)) throw Malformed(subject, $"the number {literal} is too large");
        var text = EcmaScriptNumber(value);
        var isInteger = literal.AsSpan().IndexOfAny('.', 'e', 'E') < 0;
        if (isInteger && text != literal && value != 0) throw Malformed(subject, $"the integer {literal} has more digits than can be kept; write it as a string");
        return text;
    }

    /// <summary>ECMA-262, Number::toString in base 10, which RFC 8785, 3.2.2.3 prescribes.</summary>
    internal static string EcmaScriptNumber(double value)
    {
        if (value == 0) return "0";
        // The default format of .NET holds the shortest digits that read back as the same double; only their layout differs.
        var shortest = Math.Abs(value).ToString(CultureInfo.InvariantCulture);
        var mark = shortest.IndexOf('E', StringComparison.Ordinal);
        var mantissa = mark < 0 ? shortest : shortest[..mark];
        var digits = mantissa.Replace(".", "", StringComparison.Ordinal).Trim('0');
        var point = PointOf(mantissa) + (mark < 0 ? 0 : int.Parse(shortest.AsSpan(mark + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture));
        var sign = value < 0 ? "-" : "";
        return sign + Layout(digits, point);
    }

    /// <summary>Position of the decimal point relative to the first digit that is not zero.</summary>
    private static int PointOf(string mantissa)
    {
        var dot = mantissa.IndexOf('.', StringComparison.Ordinal);
        var whole = dot < 0 ? mantissa : mantissa[..dot];
        if (whole.TrimStart('0').Length > 0) return whole.TrimStart('0').Length;
        var fraction = mantissa[(dot + 1)..];
        return -(fraction.Length - fraction.TrimStart('0').Length);
    }

    private static string Layout(string digits, int point)
    {
        var count = digits.Length;
        if (count <= point && point <= 21) return digits + new string('0', point - count);
        if (point is > 0 and <= 21) return $"{digits[..point]}.{digits[point..]}";
        if (point is > -6 and <= 0) return $"0.{new string('0', -point)}{digits}";
        var exponent = point - 1;
        var mantissa = count == 1 ? digits : $"{digits[..1]}.{digits[1..]}";
        return $"{mantissa}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent).ToString(CultureInfo.InvariantCulture)}";
    }

    private static EvidenceException Malformed(string subject, string reason, Exception? inner = null) =>
        new(EvidenceProblems.Malformed.At(subject, ("reason", reason)), inner);
}
