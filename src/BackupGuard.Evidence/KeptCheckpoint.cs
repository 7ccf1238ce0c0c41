using System.Text;

namespace BackupGuard.Evidence;

/// <summary>A checkpoint that somebody kept outside: the signed note itself, or a mail with it between two lines.</summary>
public static class KeptCheckpoint
{
    public const string Begin = "-----BEGIN CHECKPOINT-----";
    public const string End = "-----END CHECKPOINT-----";

    /// <summary>Of a file that is looked at.</summary>
    public const int MaxBytes = 1024 * 1024;

    /// <summary>The bytes of the note; whether it is one, and whose, is not judged here.</summary>
    /// <param name="kept">A note, the text of a mail, or a mail as it was received (RFC 5322, one part, any transfer encoding of RFC 2045).</param>
    /// <exception cref="EvidenceException">BG2020: larger than a mail with a note is.</exception>
    public static byte[] Read(ReadOnlySpan<byte> kept)
    {
        if (kept.Length > MaxBytes) throw new EvidenceException(EvidenceProblems.CheckpointMalformed.At("The kept checkpoint", ("reason", $"its file has more than {MaxBytes} bytes")));
        // Octets, not characters: what is signed are bytes.
        var text = Lines(Decoded(Lines(Encoding.Latin1.GetString(kept))));
        var begin = text.IndexOf(Begin + "\n", StringComparison.Ordinal);
        var end = text.IndexOf("\n" + End, StringComparison.Ordinal);
        return begin < 0 || end <= begin + Begin.Length ? kept.ToArray() : Encoding.Latin1.GetBytes(text[(begin + Begin.Length + 1)..(end + 1)]);
    }

    private static string Lines(string text) => text.Replace("\r\n", "\n", StringComparison.Ordinal);

    private static string Decoded(string mail)
    {
        const string header = "Content-Transfer-Encoding:";
        var parts = mail.Split("\n\n", 2);
        var encoding = parts[0].Split('\n').FirstOrDefault(l => l.StartsWith(header, StringComparison.OrdinalIgnoreCase))?[header.Length..].Trim();
        return (parts, encoding?.ToUpperInvariant()) switch
        {
            ([_, var body], "QUOTED-PRINTABLE") => QuotedPrintable(body),
            ([_, var body], "BASE64") => Base64Text(body),
            _ => mail,
        };
    }

    private static string Base64Text(string body)
    {
        try
        {
            return Encoding.Latin1.GetString(Convert.FromBase64String(body));
        }
        catch (FormatException)
        {
            return body;
        }
    }

    private static string QuotedPrintable(string body)
    {
        var text = new StringBuilder(body.Length);
        for (var i = 0; i < body.Length; i++)
        {
            var rest = body.AsSpan(i + 1);
            if (body[i] != '=') text.Append(body[i]);
            else if (rest is ['\n', ..]) i++;       // a line that only the mail broke
            else if (rest is [var high, var low, ..] && char.IsAsciiHexDigit(high) && char.IsAsciiHexDigit(low))
            {
                text.Append((char)Convert.ToByte(rest[..2].ToString(), 16));
                i += 2;
            }
            else text.Append('=');
        }
        return text.ToString();
    }
}
