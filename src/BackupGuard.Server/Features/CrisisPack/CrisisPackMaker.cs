using System.Text;
using BackupGuard.Continuity.Definitions;
using BackupGuard.Continuity.Obligations;
using BackupGuard.Continuity.Runbooks;
using BackupGuard.Evidence;
using BackupGuard.Server.Features.Contacts;
using BackupGuard.Server.Features.Evidence;
using BackupGuard.Server.Features.Readiness;
using BackupGuard.Server.Features.Runs;
using BackupGuard.Server.Hosting;
using BackupGuard.Server.Persistence;
using BackupGuard.Server.Ui;
using BackupGuard.Server.Ui.Texts;

namespace BackupGuard.Server.Features.CrisisPack;

/// <summary>A pack that was made.</summary>
/// <param name="Incomplete">What could not be read, in words: the pack says it too.</param>
internal sealed record MadeCrisisPack(byte[] Zip, DateTimeOffset AsOf, int Runbooks, int Unusable, IReadOnlyList<Phrase> Incomplete);

/// <summary>
/// Gathers what a cell needs without this server. In the middle of a crisis half of it may be unreadable: the rest is packed all the same, and each page says what is
/// missing instead of leaving it out.
/// </summary>
internal sealed class CrisisPackMaker(RunbookLibrary library, ReadinessService readiness, CatalogueSource catalogue, ContactDirectory contacts, EvidenceQueries queries, ServerIdentity identity,
    ServerSettings settings, TimeProvider clock, ILogger<CrisisPackMaker> logger)
{
    private const int MaxLegalBytes = 1024 * 1024;

    public async Task<MadeCrisisPack> MakeAsync(Language language, CancellationToken stop)
    {
        var now = DateTimeOffset.FromUnixTimeMilliseconds(clock.GetUtcNow().ToUnixTimeMilliseconds());
        // It writes a change into the log, which may be the very thing that is damaged; what was read before still counts.
        var declared = (await TryAsync(async Task<CatalogueState?> () => await catalogue.RefreshAsync(stop)) ?? catalogue.Current).Catalogue;
        var zone = declared is not null && TimeZoneInfo.TryFindSystemTimeZoneById(declared.TimeZoneId, out var found) ? found : TimeZoneInfo.Utc;
        var reader = new Reader(language, zone);
        // Read, and then of a log that may still be empty.
        var read = await TryAsync(() => Task.FromResult<CheckpointHead?[]?>([queries.Head()]));
        var head = read?[0];
        var answer = await TryAsync(async Task<ReadinessAnswer?> () => await readiness.CurrentAsync(now, stop));
        var view = new CrisisPackView
        {
            Reader = reader,
            AsOf = now,
            Establishment = declared?.Establishment ?? reader.Say(LayoutTexts.NoEstablishment),
            Runbooks = library.Look(),
            LegalFiles = LegalFiles(),
            Contacts = await TryAsync(async Task<IReadOnlyList<Contact>?> () => await contacts.AllAsync(stop)),
            Catalogue = declared,
            Readiness = answer?.Hospital is null ? null : PortfolioFeature.ViewOf(answer, now),
            Head = read is null ? null : new LogHead(head?.Size ?? 0, head?.Root.ToString() ?? ""),
            LogKey = identity.LogKey.ToString(),
        };
        var files = await CrisisPackPages.RenderAsync(view);
        if (head is not null) files["checkpoint.txt"] = Encoding.UTF8.GetBytes(head.Note);
        var zip = CrisisPackManifest.Seal(files, now, new LogHeadOf(identity.LogKey.Name, head?.Size ?? 0, head?.Root.ToString() ?? ""), identity.Key);
        return new MadeCrisisPack(zip, now, view.Usable.Count(), view.Unusable.Count(), [.. CrisisPackPages.Missing(view)]);
    }

    private List<LegalFile> LegalFiles()
    {
        if (settings.RunbooksFolder is not { } folder) return [];
        var files = new List<LegalFile>();
        foreach (var path in DefinitionFolder.Look(folder).Files)
        {
            var name = Path.GetRelativePath(folder, path).Replace('\\', '/');
            try
            {
                if (new FileInfo(path).Length <= MaxLegalBytes && File.ReadAllText(path) is var text && DefinitionFormat.Of(text) == ObligationFile.Format)
                {
                    var parsed = ObligationFile.Parse(text, name);
                    files.Add(new(name, text, parsed.Value, parsed.Issues.FirstOrDefault(i => i.Level == IssueLevel.Error)));
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Whether it is one of these nobody can tell: it is named as a file that cannot be read.
                files.Add(new(name, "", null, null));
            }
        }

        return files;
    }

    private async Task<T?> TryAsync<T>(Func<Task<T?>> read)
        where T : class
    {
        try
        {
            return await read();
        }
        catch (Exception e) when (StoreFailure.IsNoAnswer(e) || e is EvidenceException or LogDamagedException)
        {
            logger.PartMissing(e.Message);
            return null;
        }
    }
}

internal static partial class CrisisPackLog
{
    [LoggerMessage(Level = LogLevel.Error, Message = "The crisis pack is made without a part that cannot be read: {Reason}")]
    public static partial void PartMissing(this ILogger logger, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "No crisis pack could be made or kept: {Reason}")]
    public static partial void PackNotKept(this ILogger logger, string reason);
}
