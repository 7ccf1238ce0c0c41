using System.Globalization;

namespace BackupGuard.Verification.Drills.Contents.Dicom;

/// <summary>How the data set behind the file meta information is written. Source: DICOM PS3.5 section 10 and annex A, PS3.6 annex A.</summary>
internal readonly record struct TransferSyntax(bool IsImplicit, bool IsBigEndian, bool IsDeflated, bool IsEncapsulated, Codestream Codestream)
{
    private const string Root = "1.2.840.10008.";
    private const string Prefix = Root + "1.2";

    /// <summary>Null for one that DICOM does not define.</summary>
    public static TransferSyntax? Of(string uid)
    {
        if (!uid.StartsWith(Prefix, StringComparison.Ordinal)) return null;
        return uid[Prefix.Length..] switch
        {
            "" => new(true, false, false, false, Codestream.None),
            ".1" => new(false, false, false, false, Codestream.None),
            ".1.98" => new(false, false, false, true, Codestream.Any),
            ".1.99" => new(false, false, true, false, Codestream.None),
            ".2" => new(false, true, false, false, Codestream.None),
            ".5" or ".8.1" => new(false, false, false, true, Codestream.Any),
            // JPIP: the pixels are on a server, the file names its address.
            ".4.94" or ".4.204" => new(false, false, false, false, Codestream.None),
            ".4.95" or ".4.205" => new(false, false, true, false, Codestream.None),
            var other when other.StartsWith(".4.", StringComparison.Ordinal) && int.TryParse(other.AsSpan(3), NumberStyles.None, CultureInfo.InvariantCulture, out var number) => Compressed(number),
            _ => null,
        };
    }

    /// <summary>Whether somebody else than DICOM could have defined it: what is written in it is unknown, and not known to be wrong.</summary>
    public static bool MayBePrivate(string uid) => !uid.StartsWith(Root, StringComparison.Ordinal) && IsUid(uid);

    /// <summary>PS3.5 section 9.</summary>
    public static bool IsUid(string text) => text.Length is > 0 and <= 64 && text[0] != '.' && text[^1] != '.' && !text.Contains("..", StringComparison.Ordinal) && text.All(c => char.IsAsciiDigit(c) || c == '.');

    private static TransferSyntax? Compressed(int number) => number switch
    {
        >= 50 and <= 66 or 70 or 80 or 81 => new(false, false, false, true, Codestream.Jpeg),
        >= 90 and <= 93 or >= 201 and <= 203 => new(false, false, false, true, Codestream.Jpeg2000),
        >= 100 and <= 108 or >= 110 and <= 112 => new(false, false, false, true, Codestream.Any),
        _ => null,
    };
}

/// <summary>What the first bytes of compressed pixels must be.</summary>
internal enum Codestream { None, Any, Jpeg, Jpeg2000 }
