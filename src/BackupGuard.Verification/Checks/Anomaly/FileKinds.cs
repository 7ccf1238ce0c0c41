using System.Collections.Frozen;

namespace BackupGuard.Verification.Checks.Anomaly;

/// <summary>What the first bytes of a file say it is.</summary>
internal enum FileKind { Unknown, Empty, Zip, Ole, Rtf, Pdf, Jpeg, Png, Gif, Tiff, Bmp, Dicom, Gzip, Zstd, Xz, Bzip2, SevenZip, Rar, Sqlite, Elf, Pe, Media, Woff, Encrypted }

/// <summary>What the text of a file must look like.</summary>
internal enum TextForm { Any, Hl7, Xml, Json, Table, Sql }

/// <summary>What a file of some extension must be; extensions that are used for everything have no expectation.</summary>
internal sealed record Expectation(IReadOnlyList<FileKind> Kinds, TextForm? Text);

internal static class FileKinds
{
    private static readonly (byte[] Magic, int At, FileKind Kind)[] Magics =
    [
        ([0x50, 0x4B, 3, 4], 0, FileKind.Zip), ([0x50, 0x4B, 5, 6], 0, FileKind.Zip), ([0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1], 0, FileKind.Ole), ("{\\rtf"u8.ToArray(), 0, FileKind.Rtf),
        ([0xFF, 0xD8, 0xFF], 0, FileKind.Jpeg), ([0x89, 0x50, 0x4E, 0x47, 13, 10, 26, 10], 0, FileKind.Png), ("GIF8"u8.ToArray(), 0, FileKind.Gif),
        ([0x49, 0x49, 0x2A, 0], 0, FileKind.Tiff), ([0x4D, 0x4D, 0, 0x2A], 0, FileKind.Tiff), ("DICM"u8.ToArray(), 128, FileKind.Dicom), ([0x1F, 0x8B, 8], 0, FileKind.Gzip),
        ([0x28, 0xB5, 0x2F, 0xFD], 0, FileKind.Zstd), ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0], 0, FileKind.Xz), ("BZh"u8.ToArray(), 0, FileKind.Bzip2), ([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], 0, FileKind.SevenZip),
        ("Rar!\u001a\u0007"u8.ToArray(), 0, FileKind.Rar), ("SQLite format 3\0"u8.ToArray(), 0, FileKind.Sqlite), ([0x7F, 0x45, 0x4C, 0x46], 0, FileKind.Elf), ("MZ"u8.ToArray(), 0, FileKind.Pe),
        ("ftyp"u8.ToArray(), 4, FileKind.Media), ("RIFF"u8.ToArray(), 0, FileKind.Media), ("ID3"u8.ToArray(), 0, FileKind.Media), ("OggS"u8.ToArray(), 0, FileKind.Media),
        ("wOF2"u8.ToArray(), 0, FileKind.Woff), ("wOFF"u8.ToArray(), 0, FileKind.Woff),
        ("age-encryption.org/"u8.ToArray(), 0, FileKind.Encrypted), ("LUKS"u8.ToArray(), 0, FileKind.Encrypted), ("Salted__"u8.ToArray(), 0, FileKind.Encrypted), ("-----BEGIN PGP"u8.ToArray(), 0, FileKind.Encrypted),
    ];

    private static readonly FrozenDictionary<FileExtension, Expectation> Expectations = Table();

    public static FileKind Of(ReadOnlySpan<byte> head)
    {
        if (head.IsEmpty) return FileKind.Empty;
        foreach (var (magic, at, kind) in Magics)
            if (head.Length >= at + magic.Length && head.Slice(at, magic.Length).SequenceEqual(magic)) return kind;
        // Readers accept the mark anywhere in the first kilobyte (ISO 32000-1, implementation note 13).
        return head[..Math.Min(1024, head.Length)].IndexOf("%PDF-"u8) >= 0 ? FileKind.Pdf : FileKind.Unknown;
    }

    public static Expectation? ExpectedOf(FileExtension extension) => Expectations.GetValueOrDefault(extension);

    /// <summary>Kinds whose parts are compressed as they please: that some windows of theirs become random says nothing.</summary>
    public static bool IsContainer(FileKind kind) => kind is FileKind.Zip or FileKind.Ole or FileKind.Pdf or FileKind.Gzip or FileKind.Zstd or FileKind.Xz or FileKind.Bzip2 or FileKind.SevenZip
        or FileKind.Rar or FileKind.Media or FileKind.Woff or FileKind.Encrypted or FileKind.Jpeg or FileKind.Png or FileKind.Gif or FileKind.Tiff;

    private static FrozenDictionary<FileExtension, Expectation> Table()
    {
        var table = new Dictionary<FileExtension, Expectation>();
        // A password turns the new office formats into the old container; some programs save one under the name of the other.
        Add("docx docm xlsx xlsm pptx pptm dotx", [FileKind.Zip, FileKind.Ole]);
        Add("odt ods odp jar zip epub", [FileKind.Zip]);
        Add("doc xls ppt msg msi", [FileKind.Ole, FileKind.Zip, FileKind.Rtf]);
        Add("pdf", [FileKind.Pdf]);
        Add("jpg jpeg", [FileKind.Jpeg, FileKind.Png]);
        Add("png", [FileKind.Png, FileKind.Jpeg]);
        Add("gif", [FileKind.Gif]);
        Add("tif tiff", [FileKind.Tiff]);
        Add("dcm", [FileKind.Dicom]);
        Add("gz tgz", [FileKind.Gzip]);
        Add("zst", [FileKind.Zstd]);
        Add("xz", [FileKind.Xz]);
        Add("bz2", [FileKind.Bzip2]);
        Add("7z", [FileKind.SevenZip]);
        Add("rar", [FileKind.Rar]);
        Add("sqlite sqlite3", [FileKind.Sqlite]);
        Add("exe dll sys", [FileKind.Pe]);
        Add("woff2 woff", [FileKind.Woff]);
        Add("txt log ini conf cfg md eml", [], TextForm.Any);
        Add("hl7", [], TextForm.Hl7);
        Add("xml xsd html htm svg", [], TextForm.Xml);
        Add("json", [], TextForm.Json);
        Add("csv tsv", [], TextForm.Table);
        Add("sql", [], TextForm.Sql);
        return table.ToFrozenDictionary();

        void Add(string extensions, FileKind[] kinds, TextForm? text = null)
        {
            foreach (var extension in extensions.Split(' ')) table.Add(FileExtension.Parse(extension), new Expectation(kinds, text));
        }
    }
}
