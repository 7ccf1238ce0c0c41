using System.Globalization;
using BackupGuard.Continuity.Catalogue;
using BackupGuard.Continuity.Definitions;
using BackupGuard.Continuity.Obligations;
using BackupGuard.Server.Features.Contacts;
using BackupGuard.Server.Features.Readiness;
using BackupGuard.Server.Features.Runs;
using BackupGuard.Server.Ui;

namespace BackupGuard.Server.Features.CrisisPack;

/// <summary>A file of legal duties.</summary>
/// <param name="Text">Empty: the file itself could not be read.</param>
/// <param name="Rows">Null: the text has faults, and no table is made of it.</param>
/// <param name="Fault">The first of them; null without any.</param>
public sealed record LegalFile(string FileName, string Text, ObligationDefinition? Rows, DefinitionIssue? Fault);

/// <summary>Everything that the pages of a pack show. What could not be read is null, and the pages say so.</summary>
public sealed class CrisisPackView
{
    /// <summary>After that nobody may take it for today's.</summary>
    public static readonly TimeSpan GoodFor = TimeSpan.FromDays(7);

    public required Reader Reader { get; init; }
    public required DateTimeOffset AsOf { get; init; }
    public required string Establishment { get; init; }
    internal IReadOnlyList<RunbookOnDisk> Runbooks { get; init; } = [];
    public IReadOnlyList<LegalFile> LegalFiles { get; init; } = [];

    /// <summary>Null: the directory could not be read.</summary>
    public IReadOnlyList<Contact>? Contacts { get; init; }

    /// <summary>Null: no catalogue is loaded.</summary>
    public HospitalCatalogue? Catalogue { get; init; }

    /// <summary>Null: readiness could not be computed.</summary>
    public PortfolioView? Readiness { get; init; }

    /// <summary>Null: the log could not be read, or is not intact.</summary>
    public LogHead? Head { get; init; }
    public required string LogKey { get; init; }

    public DateTimeOffset StaleAfter => AsOf + GoodFor;

    internal IEnumerable<RunbookOnDisk> Usable => Runbooks.Where(r => r.Definition is not null);

    internal IEnumerable<RunbookOnDisk> Unusable => Runbooks.Where(r => r.Definition is null);

    internal static string PageOf(RunbookOnDisk book) => $"runbooks/{book.Definition!.Runbook.Id}.html";

    internal static string CardsOf(RunbookOnDisk book) => $"cartes/{book.Definition!.Runbook.Id}.html";

    internal static string TextOf(RunbookOnDisk book) => $"textes/{book.Definition!.Runbook.Id}.txt";

    /// <summary>File names on disk may hold anything: one that cannot be used is numbered.</summary>
    internal string PageOfUnusable(RunbookOnDisk book) => string.Create(CultureInfo.InvariantCulture, $"inutilisables/{Unusable.Index().First(u => ReferenceEquals(u.Item, book)).Index + 1:000}.html");
}
