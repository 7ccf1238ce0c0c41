using BackupGuard.Verification.Checks.Anomaly;
using BackupGuard.Verification.Globbing;

namespace BackupGuard.Verification.Tests.Anomaly.Simulation;

/// <summary>Something that changes much and harms nothing.</summary>
/// <param name="IsPlanned">Work that is planned and so could have been announced.</param>
/// <param name="Paths">What an announcement would name.</param>
/// <param name="Happen">Of the files it is told which people may touch: canaries are nobody's.</param>
internal sealed record HarmlessEvent(string Name, bool IsPlanned, string Paths, Action<MemoryTree, Func<string, bool>, Dice, DateTimeOffset> Happen)
{
    /// <summary>What the hospital declares besides, for good; null for most.</summary>
    public PathProfile? Profile { get; init; }
}

/// <summary>The negative sets of the specification. Daily work is the first; it does nothing beyond what <see cref="Hospital.Work"/> does.</summary>
internal static class Harmless
{
    public static IReadOnlyList<HarmlessEvent> All { get; } =
    [
        new("daily work", false, "", (_, _, _, _) => { }),
        new("mass photo import", false, "", (tree, _, dice, at) =>
        {
            for (var i = 0; i < tree.Files.Count / 5; i++) tree.Write($"{Hospital.Root}/photos/import-{i / 100}/IMG_{i:00000}.jpg", FileForge.Jpeg(dice, dice.Between(30000, 120000)), at.AddSeconds(-i));
        }),
        new("Windows feature update", true, "srv/windows/**", UpdateWindows),
        new("DICOM migration", true, "srv/pacs/**", (tree, _, dice, at) =>
        {
            foreach (var path in Of(tree, "/pacs/")) tree.Write(path, WithNote(tree.Read(path)), at.AddSeconds(-dice.Below(3000)));
        }),
        new("SQL index rebuild", true, "srv/bases/**", (tree, _, dice, at) =>
        {
            foreach (var path in Of(tree, "/bases/").Where(p => !p.Contains("/tde/", StringComparison.Ordinal))) tree.Write(path, Rebuilt(dice, tree.Read(path)), at.AddMinutes(-20));
        }),
        new("log storm", false, "", (tree, _, dice, at) =>
        {
            foreach (var path in Of(tree, "/logs/")) tree.Write(path, [.. tree.Read(path), .. FileForge.Log(dice, 400_000, 1)], at.AddMinutes(-3));
            for (var i = 0; i < 60; i++) tree.Write($"{Hospital.Root}/logs/trace-{i:00}.log", FileForge.Log(dice, 60_000, 1), at.AddSeconds(-i * 4));
        }),
        new("TDE switched on", true, "srv/bases/gestion*.mdf", (tree, _, dice, at) =>
        {
            foreach (var path in Of(tree, "/bases/gestion")) tree.Write(path, FileForge.EncryptedDatabase(dice, tree.Read(path).Length / FileForge.Page), at.AddMinutes(-40));
        }) { Profile = new PathProfile(new PathGlob("srv/bases/gestion*.mdf"), ProfileKind.AlwaysRandom, "transparent encryption was switched on") },
        new("file-server re-organisation", true, "srv/bureautique/**", (tree, may, dice, at) =>
        {
            foreach (var path in Of(tree, "/bureautique/").Where(may)) if (dice.Below(10) < 6) tree.Rename(path, path.Replace("/bureautique/", $"/bureautique/pole-{dice.Below(4)}/", StringComparison.Ordinal));
        }),
        new("new compressed dump format", true, "srv/dumps/**", (tree, _, dice, at) =>
        {
            foreach (var path in Of(tree, "/dumps/"))
            {
                tree.Write(path.Replace(".sql.gz", ".sql.xz", StringComparison.Ordinal), FileForge.Xz(dice, tree.Read(path).Length * 2 / 3), at.AddMinutes(-60));
                tree.Delete(path);
            }
        }),
        new("quarantine", false, "", (tree, may, dice, at) =>
        {
            foreach (var path in dice.Shuffled(tree.Paths.Where(may).Where(p => p.EndsWith(".docx", StringComparison.Ordinal) || p.EndsWith(".dll", StringComparison.Ordinal))).Take(12))
            {
                // Antivirus programs scramble what they lock away.
                var content = tree.Read(path).ToArray();
                for (var i = 0; i < content.Length; i++) content[i] ^= 0x5A;
                tree.Write($"{Hospital.Root}/quarantaine/{Path.GetFileName(path)}.vir", content, at.AddMinutes(-dice.Below(300)));
                tree.Delete(path);
            }
        }),
    ];

    private static List<string> Of(MemoryTree tree, string below) => [.. tree.Paths.Where(p => p.Contains(below, StringComparison.Ordinal))];

    private static void UpdateWindows(MemoryTree tree, Func<string, bool> may, Dice dice, DateTimeOffset at)
    {
        foreach (var path in Of(tree, "/windows/").Where(may))
        {
            if (dice.Below(10) < 7) tree.Write(path, FileForge.Program(dice, dice.Between(8000, 60000)), at.AddSeconds(-dice.Below(1500)));
            else if (dice.Below(3) == 0) tree.Delete(path);
        }
        for (var i = 0; i < 60; i++) tree.Write($"{Hospital.Root}/windows/system32/neu{i:000}.dll", FileForge.Program(dice, dice.Between(8000, 60000)), at.AddSeconds(-i));
    }

    /// <summary>An institution name put into every header: the pixels stay, all else moves by forty bytes.</summary>
    private static byte[] WithNote(byte[] dicom)
    {
        var at = dicom.AsSpan().IndexOf((ReadOnlySpan<byte>)[0x10, 0x00, 0x10, 0x00, (byte)'P', (byte)'N']);
        return at < 0 ? dicom : [.. dicom[..at], 0x08, 0x00, 0x80, 0x00, (byte)'L', (byte)'O', 32, 0, .. "NOUVEL ENTREPOT IMAGERIE        "u8, .. dicom[at..]];
    }

    /// <summary>The same pages in another order, and some more.</summary>
    private static byte[] Rebuilt(Dice dice, byte[] database)
    {
        var pages = Enumerable.Range(1, database.Length / FileForge.Page - 1).ToList();
        var rebuilt = new byte[database.Length + 6 * FileForge.Page];
        database.AsSpan(0, FileForge.Page).CopyTo(rebuilt);
        var order = dice.Shuffled(pages);
        for (var i = 0; i < order.Count; i++) database.AsSpan(order[i] * FileForge.Page, FileForge.Page).CopyTo(rebuilt.AsSpan((i + 1) * FileForge.Page));
        return rebuilt;
    }
}
