using System.Text;
using BackupGuard.Verification.Formats.FileSet;
using BackupGuard.Verification.Formats.Postgres;
using BackupGuard.Verification.Formats.Restic;
using BackupGuard.Verification.Stores;
using BackupGuard.Verification.Tests.Borg;
using BackupGuard.Verification.Tests.PgBackRest;
using BackupGuard.Verification.Tests.Postgres;
using BackupGuard.Verification.Tests.Restic;

namespace BackupGuard.Verification.Tests.Corpus;

/// <summary>How the vectors of one format are opened, and how its own binary is asked. A format joins the corpus by one line in <see cref="All"/>.</summary>
/// <param name="Name">The folder below tests/corpus, and the word before the colon in an address.</param>
/// <param name="Open">Opens what lies in the store.</param>
internal sealed record FormatUnderTest(string Name, Func<IBackupStore, IBackupRepository> Open)
{
    /// <summary>Whether the format's own binary calls the backup in this folder good. Null where there is no such binary. May write into the folder, which is a copy.</summary>
    public Func<string, bool>? AskTool { get; init; }

    /// <summary>Objects with bytes that say nothing (hints, the padding of an archive): changing them may leave the verdict good, and what is restored must still be the same.</summary>
    public Func<string, bool> IsImmaterial { get; init; } = _ => false;

    /// <summary>Whether the loss of any one object must be noticed. Where objects only add up (snapshots, packs no index names), only a register of what was there can.</summary>
    public bool NoticesEveryLoss { get; init; }

    /// <summary>Files with words for people that no program reads: they may come back as they are in the store.</summary>
    public Func<string, bool> HasFreeText { get; init; } = _ => false;

    /// <summary>Findings of a good backup that say that something in it is not restored: the restore of all the rest is then inconclusive.</summary>
    public IReadOnlyList<string> RestoredInPart { get; init; } = [];

    /// <summary>Damage that knows the format: authentic, with all checksums right. See <see cref="FuzzTests"/>.</summary>
    public IReadOnlyList<ShapedDamage> Shaped { get; init; } = [];

    /// <summary>Whether it can be tried on this machine: a driven format is nothing without its tool. tests/run.sh says what is left out.</summary>
    public bool IsHere { get; init; } = true;

    public override string ToString() => Name;

    public static IEnumerable<FormatUnderTest> Here => All.Where(f => f.IsHere);

    public static IReadOnlyList<FormatUnderTest> All { get; } =
    [
        new("postgres", store => new PostgresRepository(store))
        {
            AskTool = PostgresTools.CallsGood,
            // The WAL outside the range that recovery needs proves nothing; settings may be written after the backup.
            IsImmaterial = name => name.StartsWith("pg_wal", StringComparison.Ordinal) || name is "postgresql.auto.conf" or "standby.signal",
            RestoredInPart = ["BG1630"],
            HasFreeText = name => name.EndsWith(".history", StringComparison.Ordinal),
        },
        new("restic", store => new ResticRepository(store, Encoding.UTF8.GetBytes(RepositoryCopy.Password), TimeProvider.System))
        {
            AskTool = ResticUnderTest.Check,
            IsImmaterial = ResticUnderTest.IsStray,
            Shaped = ResticUnderTest.Shaped,
        },
        new("files", FileSetUnderTest.Open)
        {
            AskTool = FileSetUnderTest.Check,
            IsImmaterial = FileSetRepository.IsArchive,
            NoticesEveryLoss = true,
            Shaped = FileSetUnderTest.Shaped,
        },
        new("pgbackrest", PgBackRestUnderTest.Open)
        {
            AskTool = PgBackRestUnderTest.CallsGood,
            // What compresses a WAL segment may differ and give the same segment; its SHA-1 stands in its name. Segments that no backup needs prove nothing.
            IsImmaterial = name => name.StartsWith("archive/demo/15-1", StringComparison.Ordinal),
            IsHere = PgBackRestUnderTest.IsInstalled,
        },
        new("borg", store => BorgForge.Open(store)) { AskTool = BorgTool.CallsGood, IsImmaterial = IsImmaterialToBorg },
    ];

    /// <summary>Borg authenticates neither its config (but for the key in it, which has tests of its own) nor its caches; segments from 900 on lie behind the last commit, by our own convention.</summary>
    private static bool IsImmaterialToBorg(string name) =>
        name is "config" or "README" or "nonce" || name.StartsWith("hints.", StringComparison.Ordinal) || name.StartsWith("data/0/9", StringComparison.Ordinal) && name.Length == 10 || name.EndsWith(".txt", StringComparison.Ordinal);

    public static FormatUnderTest Of(string name) => All.Single(f => f.Name == name);
}
