using System.Buffers.Binary;
using System.Text.Json;

namespace BackupGuard.Verification.Drills.Engines.Machines;

/// <summary>What qemu-img says of an image, and what it means.</summary>
internal static class DiskImageJudge
{
    private const int NotSupported = 63;

    /// <summary>Files that the image needs beside itself, as it names them.</summary>
    /// <param name="BackingFormat">Null where the image does not say.</param>
    public sealed record Info(long VirtualBytes, string? Backing, string? BackingFormat, IReadOnlyList<string> Parts);

    public static ProbeAnswer? Judge(RoomEnd end, string format, out Info info)
    {
        info = new Info(0, null, null, []);
        if (end.TimedOut) return Answer.Unknown("qemu-img info took too long", "qemu-img info a pris trop de temps");
        if (end.ExitCode != 0)
        {
            var said = end.ErrorText;
            if (Answer.WasKilled(end) || said.Contains("Unknown driver", StringComparison.Ordinal)) return Answer.Unknown($"qemu-img on this machine cannot read {format} (exit code {end.ExitCode})", $"le qemu-img de cette machine ne sait pas lire {format} (code de sortie {end.ExitCode})");
            if (said.Contains("needs to be replayed", StringComparison.Ordinal))
                return Answer.Unknown("the image was copied while its machine was running: its log has to be replayed first", "l’image a été copiée pendant que sa machine tournait : son journal doit d’abord être rejoué");
            return Answer.Wrong($"qemu-img cannot open the image as {format} (exit code {end.ExitCode})", $"qemu-img ne peut ouvrir l’image en {format} (code de sortie {end.ExitCode})");
        }
        try
        {
            using var document = JsonDocument.Parse(end.Output);
            var root = document.RootElement;
            var data = root.TryGetProperty("format-specific", out var specific) && specific.TryGetProperty("data", out var d) && d.ValueKind == JsonValueKind.Object ? d : default;
            var parts = new List<string>();
            if (Text(data, "data-file") is { } dataFile) parts.Add(dataFile);
            // A VMDK whose description is a file of its own names the files that hold the data.
            if (data.ValueKind == JsonValueKind.Object && data.TryGetProperty("extents", out var extents) && extents.ValueKind == JsonValueKind.Array)
                parts.AddRange(extents.EnumerateArray().Select(e => Text(e, "filename")).OfType<string>());
            info = new Info(root.GetProperty("virtual-size").GetInt64(), Text(root, "full-backing-filename") ?? Text(root, "backing-filename"), Text(root, "backing-filename-format"), parts);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return Answer.Unknown("the answer of qemu-img info cannot be read", "la réponse de qemu-img info est illisible");
        }
        return info.VirtualBytes > 0 ? null : Answer.Wrong("the image holds a disk of no size", "l’image contient un disque de taille nulle");
    }

    /// <param name="fileBytes">Length of the file that was checked.</param>
    public static ProbeAnswer? JudgeCheck(RoomEnd end, long fileBytes)
    {
        if (end.TimedOut) return Answer.Unknown("qemu-img check took too long", "qemu-img check a pris trop de temps");
        // raw and vpc have nothing that could be checked.
        if (end.ExitCode == NotSupported) return null;
        if (Answer.WasKilled(end)) return Answer.Unknown($"qemu-img check was killed (exit code {end.ExitCode})", $"qemu-img check a été tué (code de sortie {end.ExitCode})");
        try
        {
            using var document = JsonDocument.Parse(end.Output);
            var (corrupt, errors) = (Number(document.RootElement, "corruptions"), Number(document.RootElement, "check-errors"));
            if (corrupt > 0 || errors > 0) return Answer.Wrong($"qemu-img check found {corrupt} corruptions and {errors} errors", $"qemu-img check a trouvé {corrupt} corruptions et {errors} erreurs");
            // The last cluster may be written in part; what lies a cluster or more beyond the end is gone.
            if (Number(document.RootElement, "image-end-offset") is > 0 and var expected && expected - fileBytes >= 65536)
                return Answer.Wrong($"the image is cut: its data reach to byte {expected}, the file has {fileBytes}", $"l’image est coupée : ses données vont jusqu’à l’octet {expected}, le fichier en a {fileBytes}");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return Answer.Wrong($"qemu-img check breaks off on the image (exit code {end.ExitCode})", $"qemu-img check s’interrompt sur l’image (code de sortie {end.ExitCode})");
        }
        // 3: leaks, which waste space and harm nothing.
        return end.ExitCode is 0 or 3 ? null : Answer.Wrong($"qemu-img check refuses the image (exit code {end.ExitCode})", $"qemu-img check refuse l’image (code de sortie {end.ExitCode})");
    }

    /// <summary>Whether the disk is as large as its own partition table says.</summary>
    /// <param name="head">The disk's first sectors.</param>
    public static ProbeAnswer? JudgePartitions(ReadOnlySpan<byte> head, long diskBytes)
    {
        const int Sector = 512;
        if (head.Length < Sector || head[510] != 0x55 || head[511] != 0xAA || IsFileSystem(head)) return null;
        ulong last = 0;
        for (var i = 0; i < 4; i++)
        {
            var entry = head.Slice(446 + 16 * i, 16);
            // Anything else is code, and the sector no partition table.
            if (entry[0] is not (0 or 0x80)) return null;
            if (entry[4] is 0 or 0xEE) continue;
            last = Math.Max(last, BinaryPrimitives.ReadUInt32LittleEndian(entry[8..]) + (ulong)BinaryPrimitives.ReadUInt32LittleEndian(entry[12..]));
        }
        if (head.Length >= 2 * Sector && head.Slice(Sector, 8).SequenceEqual("EFI PART"u8))
            last = Math.Max(last, BinaryPrimitives.ReadUInt64LittleEndian(head[(Sector + 32)..]) is var backup and < ulong.MaxValue ? backup + 1 : 0);
        return last <= (ulong)(diskBytes / Sector) ? null
            : Answer.Wrong($"the disk is cut: its partition table speaks of {last} sectors, it has {diskBytes / Sector}", $"le disque est coupé : sa table des partitions parle de {last} secteurs, il en a {diskBytes / Sector}");
    }

    /// <summary>A disk without partitions: what looks like a table is code of the file system's boot sector.</summary>
    private static bool IsFileSystem(ReadOnlySpan<byte> head) =>
        head.Slice(3, 4).SequenceEqual("NTFS"u8) || head.Slice(54, 3).SequenceEqual("FAT"u8) || head.Slice(82, 3).SequenceEqual("FAT"u8);

    private static string? Text(JsonElement of, string name) => of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static long Number(JsonElement of, string name) => of.TryGetProperty(name, out var value) ? value.GetInt64() : 0;
}
