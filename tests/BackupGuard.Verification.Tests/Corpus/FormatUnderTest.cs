using BackupGuard.Verification.Stores;

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
    ];

    public static FormatUnderTest Of(string name) => All.Single(f => f.Name == name);
}
