using BackupGuard.Verification.Stores;

namespace BackupGuard.Verification.Formats.Postgres;

/// <summary>Compares the names and sizes of a plain backup with the manifest, before anything is read: what is missing is known in seconds.</summary>
internal static class FolderPresence
{
    private const string Tablespaces = "pg_tblspc/";

    public static Words NotFollowed { get; } = new("it leads out of the folder", "il mène hors du dossier");

    public static Words Sizes(long wanted, long found) => new($"it has {found} bytes, {wanted} were backed up", $"il compte {found} octets, {wanted} ont été sauvegardés");

    /// <returns>Names that were reported and need not be read.</returns>
    public static async Task<IReadOnlySet<string>> CompareAsync(BackupManifest manifest, BackupListing listing, BackupSource source, FindingList findings, RestoreSink? sink, CancellationToken cancellationToken)
    {
        var reported = new HashSet<string>(StringComparer.Ordinal);
        var listed = new HashSet<string>(StringComparer.Ordinal);
        var links = await LinksAsync(listing, source, cancellationToken);
        var tablespaces = listing.Names.Select(OidOf).OfType<string>().ToHashSet(StringComparer.Ordinal);
        foreach (var entry in manifest.Files)
        {
            listed.Add(entry.Shown);
            if (LeftOut.Is(entry.Shown) || sink?.Wants(entry) == false) continue;
            if (entry.PathText is not { } path)
            {
                findings.Add(PostgresFindings.NameNotReadable.AtPath(entry.Shown));
                findings.LeaveUnfinished(new("a name that is not valid UTF-8 could not be looked at", "un nom qui n’est pas de l’UTF-8 valide n’a pas pu être examiné"));
            }
            else if (!listing.Objects.TryGetValue(path, out var found))
            {
                if (OidOf(path) is not { } oid || tablespaces.Contains(oid)) findings.Add(PostgresFindings.FileMissing.AtPath(path));
                else if (reported.Add(Tablespaces + oid)) ReportTablespace(oid, links, findings);
            }
            // A length of 0 may be that of a link: opening it tells.
            else if (found.LengthBytes != entry.Size && found.LengthBytes != 0)
            {
                findings.Add(PostgresFindings.SizeDiffers.AtPath(path, ("reason", Sizes(entry.Size, found.LengthBytes))));
                reported.Add(path);
            }
        }

        foreach (var name in listing.Names.Where(n => !listed.Contains(n) && !LeftOut.IsWal(n) && !links.Contains(n)))
        {
            var kind = LeftOut.Settings.Contains(name) ? PostgresFindings.SettingsChanged : PostgresFindings.FileExtra;
            if (sink is null) findings.Add(kind.AtPath(name));
            else sink.LeaveOut(kind);
        }

        return reported;
    }

    private static void ReportTablespace(string oid, HashSet<string> links, FindingList findings)
    {
        if (links.Contains(Tablespaces + oid))
        {
            findings.Add(PostgresFindings.TablespaceUnreadable.AtPath(Tablespaces + oid, ("reason", NotFollowed)));
            findings.LeaveUnfinished(new("a tablespace lies behind a link that was not followed", "un tablespace se trouve derrière un lien qui n’a pas été suivi"));
        }
        else
        {
            findings.Add(PostgresFindings.TablespaceMissing.AtPath(oid, ("reason", new Words("nothing of it lies in pg_tblspc", "rien de lui ne se trouve dans pg_tblspc"))));
        }
    }

    /// <summary>The oid in pg_tblspc/16384/PG_15_…/5/16385.</summary>
    private static string? OidOf(string path) => path.Split('/', 3) is ["pg_tblspc", var oid, _] && oid.AsSpan().ContainsOnlyDigits() ? oid : null;

    /// <summary>Links to tablespaces: a store shows a link only by refusing to open it.</summary>
    private static async Task<HashSet<string>> LinksAsync(BackupListing listing, BackupSource source, CancellationToken cancellationToken)
    {
        var links = new HashSet<string>(StringComparer.Ordinal);
        foreach (var link in listing.Objects.Values.Where(o => o.LengthBytes == 0 && o.Name.StartsWith(Tablespaces, StringComparison.Ordinal) && o.Name.AsSpan(Tablespaces.Length).ContainsOnlyDigits()))
        {
            try
            {
                await source.ReadAsync(link, (_, _) => ValueTask.FromResult(false), cancellationToken);
            }
            catch (StoreException e) when (e.Failure == StoreFailure.Denied)
            {
                links.Add(link.Name);
            }
            catch (StoreException)
            {
                // Whatever it is, it is no link that is known: it is reported as not belonging here.
            }
        }

        return links;
    }
}
