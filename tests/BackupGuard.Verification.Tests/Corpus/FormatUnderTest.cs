using BackupGuard.Verification.Stores;
using BackupGuard.Verification.Tests.Borg;

namespace BackupGuard.Verification.Tests.Corpus;

/// <summary>How the vectors of one format are opened, and how its own binary is asked. A format joins the corpus by one line in <see cref="All"/>.</summary>
/// <param name="Name">The folder below tests/corpus, and the word before the colon in an address.</param>
/// <param name="Open">Opens what lies in the store; <c>folder</c> is the same on disk, for formats that need a file beside it.</param>
internal sealed record FormatUnderTest(string Name, Func<IBackupStore, IBackupRepository> Open)
{
    /// <summary>Whether the format's own binary calls the backup in this folder good. Null where there is no such binary. May write into the folder, which is a copy.</summary>
    public Func<string, bool>? AskTool { get; init; }

    /// <summary>Objects whose bytes prove nothing (locks, hints): changing them may leave the verdict good.</summary>
    public Func<string, bool> IsImmaterial { get; init; } = _ => false;

    public override string ToString() => Name;

    public static IReadOnlyList<FormatUnderTest> All { get; } =
    [
        new("borg", store => BorgForge.Open(store)) { AskTool = BorgTool.CallsGood, IsImmaterial = IsImmaterialToBorg },
    ];

    /// <summary>Borg authenticates neither its config (but for the key in it, which has tests of its own) nor its caches; segments from 900 on lie behind the last commit, by our own convention.</summary>
    private static bool IsImmaterialToBorg(string name) =>
        name is "config" or "README" or "nonce" || name.StartsWith("hints.", StringComparison.Ordinal) || name.StartsWith("data/0/9", StringComparison.Ordinal) && name.Length == 10 || name.EndsWith(".txt", StringComparison.Ordinal);

    public static FormatUnderTest Of(string name) => All.Single(f => f.Name == name);
}
