using System.Security.Cryptography;
using System.Text;

namespace BackupGuard.Verification.Tests.Anomaly.Simulation;

/// <summary>One way in which files are encrypted or destroyed.</summary>
/// <param name="Strike">One day of it: which share of the files it reaches by then depends on its pace.</param>
internal sealed record Attack(int Number, string Name, Action<ISourceTree, AttackPlan, int> Strike);

/// <summary>What an attacker decides before starting; drawn from the seed.</summary>
internal sealed class AttackPlan
{
    private readonly Aes aes = Aes.Create();

    public AttackPlan(Dice dice, DateTimeOffset at)
    {
        Dice = dice;
        At = at;
        aes.Key = dice.Bytes(32);
        Extension = dice.Below(2) == 0 ? dice.Of((string[])["locked", "crypt", "encrypted", "akira", "lockbit"]) : string.Concat(Enumerable.Range(0, 5 + dice.Below(4)).Select(_ => (char)('a' + dice.Below(26))));
        Share = dice.Of((double[])[0.03, 0.15, 0.3, 0.6, 1]);
        KeepsTimes = dice.Below(3) == 0;
    }

    public Dice Dice { get; }
    public DateTimeOffset At { get; }
    public string Extension { get; }

    /// <summary>Of the files, reached before the backup of the first evening.</summary>
    public double Share { get; }
    public bool KeepsTimes { get; }

    public byte[] Encrypt(ReadOnlySpan<byte> plain) => aes.EncryptCbc(plain, Dice.Bytes(16), PaddingMode.PKCS7);

    /// <summary>Encrypts a part where it lies; what does not fill a block stays.</summary>
    public void EncryptInPlace(Span<byte> part)
    {
        var whole = part[..(part.Length & ~15)];
        if (whole.Length > 0) aes.EncryptCbc(whole, Dice.Bytes(16), PaddingMode.None).CopyTo(whole);
    }

    public DateTimeOffset TimeOf(ISourceTree tree, string path, int day) => KeepsTimes ? tree.ModifiedAt(path) : At.AddDays(day).AddMinutes(-Dice.Below(35));
}

/// <summary>The ten of the specification. They know nothing of what looks for them.</summary>
internal static class Attacks
{
    private const int Stripe = 16 << 10;

    public static IReadOnlyList<Attack> All { get; } =
    [
        new(1, "full encryption, new extension", (tree, plan, day) => Each(tree, plan, day, (path, content) => Replace(tree, plan, day, path, $"{path}.{plan.Extension}", plan.Encrypt(content)))),
        new(2, "full encryption, same name", (tree, plan, day) => Each(tree, plan, day, (path, content) => Replace(tree, plan, day, path, path, plan.Encrypt(content)))),
        new(3, "header only, first 64 KiB", (tree, plan, day) => Each(tree, plan, day, (path, content) => Replace(tree, plan, day, path, path, Parts(plan, content, 0, 64 << 10, long.MaxValue)))),
        new(4, "intermittent, stripes of 16 KiB", StrikeStripes),
        new(5, "intermittent, 1 MiB of each 10 MiB", (tree, plan, day) => Each(tree, plan, day, (path, content) => Replace(tree, plan, day, path, path, Parts(plan, content, 0, 1 << 20, 10 << 20)))),
        new(6, "slow, 1 % of the files a day, in place", (tree, plan, day) => Some(tree, plan, Math.Max(1, tree.Paths.Count / 100), (path, content) => Replace(tree, plan, day, path, path, plan.Encrypt(content)))),
        new(7, "compressed, then encrypted", (tree, plan, day) => Each(tree, plan, day, (path, content) => Replace(tree, plan, day, path, plan.Share > 0.5 ? $"{path}.{plan.Extension}" : path, plan.Encrypt(FileForge.Gzip(content))))),
        new(8, "encrypted, then written in base64", (tree, plan, day) => Each(tree, plan, day, (path, content) =>
            Replace(tree, plan, day, path, path, Encoding.ASCII.GetBytes(Convert.ToBase64String(plan.Encrypt(content), Base64FormattingOptions.InsertLineBreaks))))),
        new(9, "deleted, notes left", StrikeDeleting),
        new(10, "pages of databases encrypted", StrikeDatabases),
    ];

    /// <summary>Programs are left alone: a machine that no longer starts shows no note.</summary>
    private static List<string> Victims(ISourceTree tree) => [.. tree.Paths.Where(p => !p.EndsWith(".dll", StringComparison.Ordinal))];

    private static void Each(ISourceTree tree, AttackPlan plan, int day, Action<string, byte[]> strike)
    {
        var victims = Victims(tree);
        if (day == 0) victims = victims[..(int)(victims.Count * plan.Share)];
        foreach (var path in victims) if (!path.EndsWith("." + plan.Extension, StringComparison.Ordinal)) strike(path, tree.Read(path));
    }

    private static void Some(ISourceTree tree, AttackPlan plan, int count, Action<string, byte[]> strike)
    {
        foreach (var path in plan.Dice.Shuffled(Victims(tree)).Take(count)) strike(path, tree.Read(path));
    }

    private static void Replace(ISourceTree tree, AttackPlan plan, int day, string path, string name, byte[] content)
    {
        var at = plan.TimeOf(tree, path, day);
        tree.Write(name, content, at);
        if (name != path) tree.Delete(path);
    }

    /// <summary>A part of <paramref name="length"/> at each <paramref name="period"/>; a file shorter than one part is reached whole.</summary>
    private static byte[] Parts(AttackPlan plan, byte[] content, long first, int length, long period)
    {
        var struck = content.ToArray();
        for (var at = first < struck.Length ? first : 0; at < struck.Length; at = period == long.MaxValue ? long.MaxValue : at + period)
            plan.EncryptInPlace(struck.AsSpan((int)at, (int)Math.Min(length, struck.Length - at)));
        return struck;
    }

    private static void StrikeStripes(ISourceTree tree, AttackPlan plan, int day)
    {
        var period = Stripe * plan.Dice.Of((int[])[2, 5, 10]);
        // Some begin behind the header, so that files still open.
        var first = plan.Dice.Below(2) * Stripe;
        Each(tree, plan, day, (path, content) => Replace(tree, plan, day, path, path, Parts(plan, content, first, Stripe, period)));
    }

    private static void StrikeDeleting(ISourceTree tree, AttackPlan plan, int day)
    {
        var name = plan.Dice.Of((string[])["HOW_TO_DECRYPT.txt", "RECOVER-YOUR-FILES.html", "!!!README_TO_RESTORE!!!.txt", "contact-us.txt", "akira_readme.txt", "IMPORTANT.txt"]);
        var victims = Victims(tree);
        var struck = victims[..(int)(victims.Count * Math.Max(0.4, plan.Share))];
        foreach (var path in struck) tree.Delete(path);
        var note = FileForge.Text(plan.Dice, 900);
        foreach (var folder in struck.Select(p => p[..p.LastIndexOf('/')]).Distinct(StringComparer.Ordinal)) tree.Write($"{folder}/{name}", note, plan.At.AddDays(day));
    }

    private static void StrikeDatabases(ISourceTree tree, AttackPlan plan, int day)
    {
        var every = plan.Dice.Of((int[])[2, 3, 5]);
        foreach (var path in tree.Paths.Where(p => p.EndsWith(".mdf", StringComparison.Ordinal) && !p.Contains("/tde/", StringComparison.Ordinal)))
        {
            var struck = tree.Read(path).ToArray();
            // Page 0 stays: the file opens until one of the others is read.
            for (var page = 1 + plan.Dice.Below(every); page < struck.Length / FileForge.Page; page += every) plan.EncryptInPlace(struck.AsSpan(page * FileForge.Page, FileForge.Page));
            tree.Write(path, struck, plan.TimeOf(tree, path, day));
        }
    }
}
