namespace BackupGuard.Verification.Checks.Anomaly;

/// <summary>Whether bytes are text, and text of the form that their name promises. What was encrypted and then written in base64 is text, but of no form.</summary>
internal static class TextLook
{
    public static bool IsText(ReadOnlySpan<byte> head)
    {
        if (head is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..]) return true;    // UTF-16 with its mark
        if (head.IsEmpty) return true;
        var control = 0;
        foreach (var b in head) if (b < 32 && b is not (9 or 10 or 12 or 13 or 11 or 28 or 27) || b == 127) control++;
        return control * 100 <= head.Length;
    }

    public static bool HasForm(ReadOnlySpan<byte> head, TextForm form)
    {
        if (!IsText(head)) return false;
        if (head is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..]) return true;
        if (head is [0xEF, 0xBB, 0xBF, .. var behindMark]) head = behindMark;
        var text = head.TrimStart(" \t\r\n\v"u8);
        return form switch
        {
            // Minimal lower layer protocol puts 0x0B in front, batch files a header of their own (HL7 2.x, chapter 2).
            TextForm.Hl7 => text.StartsWith("MSH|"u8) || text.StartsWith("FHS|"u8) || text.StartsWith("BHS|"u8),
            TextForm.Xml => text.IsEmpty || text[0] == '<',
            TextForm.Json => text.IsEmpty || text[0] is (byte)'{' or (byte)'[' or (byte)'"' or (>= (byte)'0' and <= (byte)'9'),
            TextForm.Table => LinesWith(text, ",;\t|"u8) * 2 >= Lines(text),
            TextForm.Sql or TextForm.Any => text.Length < 256 || Breaks(text) * 100 >= text.Length * 4,
        };
    }

    private static int Lines(ReadOnlySpan<byte> text)
    {
        var lines = 0;
        foreach (var range in text.Split((byte)'\n')) if (!text[range].Trim("\r "u8).IsEmpty) lines++;
        return lines;
    }

    private static int LinesWith(ReadOnlySpan<byte> text, ReadOnlySpan<byte> any)
    {
        var lines = 0;
        foreach (var range in text.Split((byte)'\n')) if (text[range].ContainsAny(any)) lines++;
        return lines;
    }

    /// <summary>White space and punctuation: words have ends; base64 has one line break in 77.</summary>
    private static int Breaks(ReadOnlySpan<byte> text)
    {
        var breaks = 0;
        foreach (var b in text) if (b is 32 or 9 or 10 or 13 or (byte)',' or (byte)';' or (byte)'.' or (byte)':' or (byte)'=' or (byte)'-' or (byte)'_' or (byte)'"') breaks++;
        return breaks;
    }
}
