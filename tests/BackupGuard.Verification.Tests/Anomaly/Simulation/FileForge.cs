using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace BackupGuard.Verification.Tests.Anomaly.Simulation;

/// <summary>Files as hospitals have them, invented: real containers around invented text; no person is in them.</summary>
internal static class FileForge
{
    private static readonly string[] Words =
        ("le la les du des un une et pour avec sans sur dans par patient service dossier urgences pharmacie laboratoire imagerie consultation hospitalisation prescription examen resultat compte rendu " +
         "traitement ordonnance medecin infirmier chambre lit sortie entree transfert bloc anesthesie chirurgie cardiologie pediatrie geriatrie maternite reanimation stock commande livraison facture " +
         "budget planning garde astreinte reunion procedure protocole hygiene qualite certification formation materiel maintenance informatique reseau sauvegarde restauration serveur application").Split(' ');

    public static byte[] Text(Dice dice, int length)
    {
        var text = new StringBuilder(length + 16);
        while (text.Length < length)
        {
            text.Append(Words[dice.Below(Words.Length)]);
            text.Append(dice.Below(14) switch { 0 => ".\n", 1 => ", ", 2 => $" {dice.Below(10000)} ", _ => " " });
        }
        return Encoding.ASCII.GetBytes(text.ToString(0, length));
    }

    public static byte[] Log(Dice dice, int length, int day)
    {
        var text = new StringBuilder(length + 128);
        while (text.Length < length)
            text.Append(CultureInfo.InvariantCulture, $"2026-{1 + day / 30 % 12:00}-{1 + day % 28:00} {dice.Below(24):00}:{dice.Below(60):00}:{dice.Below(60):00} INFO {Words[dice.Below(Words.Length)]}.{Words[dice.Below(Words.Length)]} id={dice.Below(1000000)} ms={dice.Below(900)}\n");
        return Encoding.ASCII.GetBytes(text.ToString(0, length));
    }

    public static byte[] Csv(Dice dice, int length)
    {
        var text = new StringBuilder("code;libelle;quantite;date\n", length + 64);
        while (text.Length < length) text.Append(CultureInfo.InvariantCulture, $"{dice.Below(99999):00000};{Words[dice.Below(Words.Length)]} {Words[dice.Below(Words.Length)]};{dice.Below(500)};2026-{dice.Between(1, 12):00}-{dice.Between(1, 28):00}\n");
        return Encoding.ASCII.GetBytes(text.ToString());
    }

    public static byte[] Xml(Dice dice, int length)
    {
        var text = new StringBuilder("<?xml version=\"1.0\"?>\n<ClinicalDocument>\n", length + 64);
        while (text.Length < length) text.Append(CultureInfo.InvariantCulture, $"  <{Words[dice.Below(Words.Length)]} code=\"{dice.Below(9999)}\">{Words[dice.Below(Words.Length)]} {Words[dice.Below(Words.Length)]}</section>\n");
        return Encoding.ASCII.GetBytes(text.Append("</ClinicalDocument>\n").ToString());
    }

    public static byte[] Hl7(Dice dice)
    {
        var text = new StringBuilder($"MSH|^~\\&|LABO|SITE|DPI|SITE|20261101{dice.Below(240000):000000}||ORU^R01|{dice.Below(99999999)}|P|2.5\rPID|1||{dice.Below(999999)}^^^TEST||EXEMPLE^TEST\r");
        for (var i = dice.Between(4, 60); i > 0; i--) text.Append(CultureInfo.InvariantCulture, $"OBX|{i}|NM|{dice.Below(9999)}^{Words[dice.Below(Words.Length)]}||{dice.Below(500)}.{dice.Below(10)}|mmol/L|||||F\r");
        return Encoding.ASCII.GetBytes(text.ToString());
    }

    public static byte[] Office(Dice dice, int textLength, bool isSheet)
    {
        using var memory = new MemoryStream();
        using (var zip = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            Put(zip, "[Content_Types].xml", "<?xml version=\"1.0\"?><Types/>"u8.ToArray());
            Put(zip, isSheet ? "xl/workbook.xml" : "word/document.xml", Xml(dice, textLength));
            if (dice.Below(4) == 0) Put(zip, isSheet ? "xl/media/image1.jpeg" : "word/media/image1.jpeg", Jpeg(dice, dice.Between(4000, 40000)));
        }
        return memory.ToArray();

        static void Put(ZipArchive zip, string name, byte[] content)
        {
            var entry = zip.CreateEntry(name, CompressionLevel.Fastest);
            entry.LastWriteTime = new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
            using var stream = entry.Open();
            stream.Write(content);
        }
    }

    public static byte[] Pdf(Dice dice, int size)
    {
        using var memory = new MemoryStream();
        memory.Write("%PDF-1.7\n"u8);
        for (var n = 1; memory.Length < size; n++)
        {
            var content = dice.Below(3) == 0 ? Jpeg(dice, dice.Between(4000, 20000)) : Zlib(Text(dice, dice.Between(4000, 30000)));
            memory.Write(Encoding.ASCII.GetBytes($"{n} 0 obj\n<< /Length {content.Length} >>\nstream\n"));
            memory.Write(content);
            memory.Write("\nendstream\nendobj\n"u8);
        }
        memory.Write("trailer\n<< /Root 1 0 R >>\nstartxref\n9\n%%EOF\n"u8);
        return memory.ToArray();
    }

    private static byte[] Zlib(byte[] plain)
    {
        using var memory = new MemoryStream();
        using (var zlib = new ZLibStream(memory, CompressionLevel.Fastest, leaveOpen: true)) zlib.Write(plain);
        return memory.ToArray();
    }

    public static byte[] Gzip(byte[] plain)
    {
        using var memory = new MemoryStream();
        using (var gzip = new GZipStream(memory, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(plain);
        return memory.ToArray();
    }

    public static byte[] SqlDump(Dice dice, int plainLength)
    {
        var text = new StringBuilder("-- dump\nCREATE TABLE actes (id int, libelle text);\n", plainLength + 128);
        while (text.Length < plainLength) text.Append(CultureInfo.InvariantCulture, $"INSERT INTO actes VALUES ({dice.Below(9999999)}, '{Words[dice.Below(Words.Length)]} {Words[dice.Below(Words.Length)]}', {dice.Below(99999)});\n");
        return Gzip(Encoding.ASCII.GetBytes(text.ToString()));
    }

    /// <summary>Real segments; the scan has about the measured unevenness of such data: chi-square of about 2,850 in 64 KiB.</summary>
    public static byte[] Jpeg(Dice dice, int size)
    {
        byte[] head = [0xFF, 0xD8, 0xFF, 0xE0, 0, 16, 0x4A, 0x46, 0x49, 0x46, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0, 0xFF, 0xC0, 0, 11, 8, 2, 0, 2, 0, 1, 1, 0x11, 0, 0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 0x3F, 0];
        var bytes = new byte[Math.Max(size, head.Length + 4)];
        dice.Fill(bytes);
        head.CopyTo(bytes, 0);
        for (var i = head.Length; i < bytes.Length - 2; i++)
        {
            // One in thirteen drawn from a few values; after 0xFF a zero, as the standard has it.
            if (bytes[i - 1] == 0xFF) bytes[i] = 0;
            else if (bytes[i] % 13 == 0 && (dice.Next() & 1) == 0) bytes[i] &= 0x1F;
        }
        (bytes[^2], bytes[^1]) = (0xFF, 0xD9);
        return bytes;
    }

    /// <summary>A DICOM file (PS3.10): explicit little endian, pixels as one JPEG fragment or as plain 16-bit samples.</summary>
    public static byte[] Dicom(Dice dice, int pixels, bool isCompressed, string note = "")
    {
        using var m = new MemoryStream();
        m.Write(new byte[128]);
        m.Write("DICM"u8);
        Element(m, 0x0002, 0x0000, "UL", [150, 0, 0, 0]);
        Element(m, 0x0002, 0x0001, "OB", [0, 1]);
        Element(m, 0x0002, 0x0002, "UI", "1.2.840.10008.5.1.4.1.1.1.1\0"u8.ToArray());
        Element(m, 0x0002, 0x0010, "UI", isCompressed ? "1.2.840.10008.1.2.4.50"u8.ToArray() : "1.2.840.10008.1.2.1\0"u8.ToArray());
        Element(m, 0x0008, 0x0018, "UI", Encoding.ASCII.GetBytes($"1.2.826.0.{dice.Below(9000000) + 1000000}.{dice.Below(9000) + 1000}\0"));
        Element(m, 0x0008, 0x0060, "CS", "CT"u8.ToArray());
        if (note.Length > 0) Element(m, 0x0008, 0x0080, "LO", Encoding.ASCII.GetBytes(note.PadRight(32)));
        Element(m, 0x0010, 0x0010, "PN", "EXEMPLE^TEST"u8.ToArray());
        Element(m, 0x0028, 0x0010, "US", [0, 2]);
        Element(m, 0x0028, 0x0011, "US", [0, 2]);
        if (isCompressed)
        {
            var jpeg = Jpeg(dice, pixels & ~1);
            m.Write((ReadOnlySpan<byte>)[0xE0, 0x7F, 0x10, 0x00, (byte)'O', (byte)'B', 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE, 0xFF, 0x00, 0xE0, 0, 0, 0, 0, 0xFE, 0xFF, 0x00, 0xE0]);
            Write32(m, jpeg.Length);
            m.Write(jpeg);
            m.Write((ReadOnlySpan<byte>)[0xFE, 0xFF, 0xDD, 0xE0, 0, 0, 0, 0]);
        }
        else
        {
            m.Write((ReadOnlySpan<byte>)[0xE0, 0x7F, 0x10, 0x00, (byte)'O', (byte)'W', 0, 0]);
            Write32(m, pixels & ~1);
            var samples = new byte[pixels & ~1];
            for (var i = 0; i + 1 < samples.Length; i += 2) BinaryPrimitives.WriteUInt16LittleEndian(samples.AsSpan(i), (ushort)(800 + i / 64 % 400 + dice.Below(24)));
            m.Write(samples);
        }
        return m.ToArray();
    }

    private static void Element(MemoryStream m, int group, int element, string form, byte[] value)
    {
        Span<byte> head = stackalloc byte[12];
        BinaryPrimitives.WriteUInt16LittleEndian(head, (ushort)group);
        BinaryPrimitives.WriteUInt16LittleEndian(head[2..], (ushort)element);
        (head[4], head[5]) = ((byte)form[0], (byte)form[1]);
        if (form == "OB")
        {
            BinaryPrimitives.WriteInt32LittleEndian(head[8..], value.Length);
            m.Write(head);
        }
        else
        {
            BinaryPrimitives.WriteUInt16LittleEndian(head[6..], (ushort)value.Length);
            m.Write(head[..8]);
        }
        m.Write(value);
    }

    private static void Write32(MemoryStream m, int value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        m.Write(bytes);
    }

    public const int Page = 8192;

    /// <summary>A database file: pages with a header, rows, and free space; one page in ten holds compressed objects.</summary>
    public static byte[] Database(Dice dice, int pages)
    {
        var bytes = new byte[pages * Page];
        for (var p = 0; p < pages; p++) DatabasePage(dice, bytes.AsSpan(p * Page, Page), p);
        return bytes;
    }

    public static void DatabasePage(Dice dice, Span<byte> page, int number)
    {
        page.Clear();
        (page[0], page[1]) = (1, (byte)(number == 0 ? 15 : 1));
        BinaryPrimitives.WriteInt32LittleEndian(page[32..], number);
        if (number % 10 == 9) dice.Fill(page[96..]);
        else Text(dice, dice.Between(3000, 7900)).CopyTo(page[96..]);
    }

    /// <summary>As a database with transparent encryption lies on disk: a readable first page, then cipher.</summary>
    public static byte[] EncryptedDatabase(Dice dice, int pages)
    {
        var bytes = dice.Bytes(pages * Page);
        DatabasePage(dice, bytes.AsSpan(0, Page), 0);
        return bytes;
    }

    /// <summary>The form of a program: mark, then bytes as code has them.</summary>
    public static byte[] Program(Dice dice, int size)
    {
        var bytes = dice.Bytes(size);
        for (var i = 0; i < bytes.Length; i++) if (bytes[i] % 3 != 0) bytes[i] = (byte)(bytes[i] % 3 == 1 ? 0 : bytes[i] & 0x8F);
        "MZ"u8.CopyTo(bytes);
        return bytes;
    }

    /// <summary>LZMA streams cannot be told from random bytes: xz by its mark, the rest as measured.</summary>
    public static byte[] Xz(Dice dice, int size)
    {
        var bytes = dice.Bytes(size);
        ((byte[])[0xFD, 0x37, 0x7A, 0x58, 0x5A, 0, 0, 4]).CopyTo(bytes, 0);
        return bytes;
    }

    /// <summary>A zip whose entry is encrypted: header and directory are plain.</summary>
    public static byte[] LockedZip(Dice dice, int size)
    {
        var bytes = dice.Bytes(size);
        ((byte[])[0x50, 0x4B, 3, 4, 20, 0, 1, 0, 8, 0]).CopyTo(bytes, 0);
        ((byte[])[0x50, 0x4B, 5, 6, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]).CopyTo(bytes, bytes.Length - 22);
        return bytes;
    }
}
