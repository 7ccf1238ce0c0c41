using System.Globalization;
using BackupGuard.Verification.Formats.Archives;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Verification.Formats.Postgres;

/// <summary>What a backup says of itself: the small files only. Of an archive, the beginning, where the server puts them; nothing is read to its end.</summary>
internal sealed class BackupInspection
{
    private const int MostEntries = 2_000;
    private const long MostBytes = 32 << 20;

    public BackupStructure Structure { get; } = new();
    public ulong? SystemIdentifier { get; private set; }
    public int? WalMajor { get; private set; }

    public static async Task<BackupInspection> ReadAsync(BackupManifest manifest, BackupListing listing, BackupSource source, FindingList findings, CancellationToken cancellationToken)
    {
        var inspection = new BackupInspection { SystemIdentifier = manifest.SystemIdentifier };
        if (!source.AreArchives) await FolderPresence.CompareAsync(manifest, listing, source, findings, null, cancellationToken);
        foreach (var part in source.Objects.Where(o => source.AreArchives ? TarBackup.KindOf(o.Name)?.Archive is TarBackup.Base or TarBackup.Wal : BackupStructure.Names.Contains(o.Name)))
            await inspection.ReadAsync(part, findings, source, cancellationToken);
        if (!source.AreArchives && source.Objects.FirstOrDefault(o => LeftOut.IsWal(o.Name) && WalSegments.IsName(o.Name[(o.Name.LastIndexOf('/') + 1)..])) is { Name.Length: > 0 } segment)
            await inspection.ReadAsync(segment, findings, source, cancellationToken);
        return inspection;
    }

    public IReadOnlyList<(string Label, string Value)> Facts(BackupManifest manifest, BackupListing listing, BackupSource source)
    {
        var facts = new List<(string, string)>
        {
            ("form", source.Form),
            ("PostgreSQL", (Structure.Major ?? WalMajor)?.ToString(CultureInfo.InvariantCulture) ?? "not known"),
            ("manifest version", manifest.Version.ToString(CultureInfo.InvariantCulture)),
            ("checksums", manifest.Algorithms),
            ("stored bytes", listing.Objects.Values.Sum(o => o.LengthBytes).ToString(CultureInfo.InvariantCulture)),
        };
        facts.AddRange(manifest.Ranges.Select(r => ("WAL", r.ToString())));
        if ((SystemIdentifier ?? Structure.Control?.SystemIdentifier) is { } identifier) facts.Add(("system identifier", identifier.ToString(CultureInfo.InvariantCulture)));
        if (Structure.Control is { } control) facts.Add(("data checksums", control.HasPageChecksums ? "on" : "off"));
        if (Structure.Label is { } label) facts.AddRange([("label", label.Label), ("taken from", label.From)]);
        facts.AddRange(Structure.Tablespaces.Select(t => ("tablespace", $"{t.Oid} {t.Path}")));
        return facts;
    }

    private async Task ReadAsync(BackupObject part, FindingList findings, BackupSource source, CancellationToken cancellationToken)
    {
        var (entries, bytes) = (0, 0L);
        try
        {
            await source.ReadAsync(part, async (file, token) =>
            {
                bytes += file.Size;
                if (Structure.Wants(file.Shown, file.Size)) Structure.Keep(file.Shown, await WholeAsync(file, token));
                else if (WalMajor is null && LeftOut.IsWal(file.Shown) && WalSegments.IsName(file.Shown[(file.Shown.LastIndexOf('/') + 1)..])) await TakeSegmentAsync(file, token);
                return ++entries < MostEntries && bytes < MostBytes && !IsEnough(part);
            }, cancellationToken);
        }
        catch (InvalidDataException e)
        {
            findings.Add(PostgresFindings.ArchiveDamaged.AtPath(part.Name, ("reason", e.Message)));
        }
        catch (ArchiveLimitException e)
        {
            findings.Add(PostgresFindings.LimitExceeded.AtPath(part.Name, ("reason", e.Message)));
        }
        catch (StoreException e)
        {
            findings.Add(CommonFindings.ObjectUnreadable.AtPath(part.Name, ("reason", e.Message)));
            findings.LeaveUnfinished(new("some files could not be read", "des fichiers n’ont pas pu être lus"));
        }
    }

    private bool IsEnough(BackupObject part) =>
        TarBackup.KindOf(part.Name)?.Archive == TarBackup.Wal ? WalMajor is not null : BackupStructure.Names.All(n => Structure[n] is not null);

    private static async Task<byte[]> WholeAsync(BackupFile file, CancellationToken cancellationToken)
    {
        var bytes = new byte[file.Size];
        var count = await file.Content.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
        return bytes[..count];
    }

    private async Task TakeSegmentAsync(BackupFile file, CancellationToken cancellationToken)
    {
        var first = new byte[WalPage.LongBytes];
        if (await file.Content.ReadAtLeastAsync(first, first.Length, throwOnEndOfStream: false, cancellationToken) < first.Length) return;
        var page = WalPage.Read(first);
        if (page.Major is null || !page.IsLong) return;
        WalMajor = page.Major;
        SystemIdentifier ??= WalSegmentHeader.Read(first).SystemIdentifier;
    }
}
