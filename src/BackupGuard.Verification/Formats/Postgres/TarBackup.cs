using System.Globalization;
using System.Text;
using BackupGuard.Verification.Formats.Archives;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Verification.Formats.Postgres;

/// <summary>A backup in tar format: base.tar, one archive a tablespace named by its oid, and pg_wal.tar unless the WAL lies in the base archive. Streamed, never unpacked.</summary>
internal sealed class TarBackup : BackupSource
{
    public const string Base = "base", Wal = "pg_wal";

    /// <summary>Files of an archive: entries beside them are folders, of which a cluster has few.</summary>
    private static readonly int MostEntries = BackupManifest.MostFiles + 200_000;

    private long? mostBytes;

    private TarBackup(IBackupStore store, IReadOnlyList<BackupObject> objects) : base(store, objects) { }

    public override string Form => $"tar ({string.Join(", ", Objects.Select(o => KindOf(o.Name)?.Ending ?? "").Distinct().Order(StringComparer.Ordinal))})";
    public override bool AreArchives => true;

    /// <summary>Bounds what an archive may unpack to, once it is known what it should hold. WAL is not in the manifest, and may lie in the base archive.</summary>
    public void Expect(BackupManifest manifest, long walBytes) =>
        mostBytes = (long)Int128.Min((Int128)long.MaxValue, (Int128)manifest.Bytes + walBytes + ArchiveLimits.Slack + (2048L * manifest.Files.Count));

    public static TarBackup Of(IBackupStore store, BackupListing listing, FindingList findings)
    {
        var objects = new List<BackupObject>();
        var archives = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, archive) in listing.Objects.OrderBy(n => n.Key, StringComparer.Ordinal))
        {
            if (KindOf(name) is not { } kind)
            {
                if (LeftOut.Settings.Contains(name)) findings.Add(PostgresFindings.SettingsChanged.AtPath(name));
                else findings.Add(PostgresFindings.FileExtra.AtPath(name));
            }
            else if (!archives.Add(kind.Archive))
            {
                findings.Add(PostgresFindings.PathTwice.At(name));
            }
            else if (ArchiveItems.IsTar(name))
            {
                objects.Add(archive);
            }
            else
            {
                findings.Add(PostgresFindings.ArchiveNotReadable.At(name, ("reason", kind.Ending)));
                findings.LeaveUnfinished(new($"{name} is compressed in a way that is not read here", $"{name} est compressé d’une façon qui n’est pas lue ici"));
            }
        }

        return new TarBackup(store, objects);
    }

    /// <summary>"base", "pg_wal" or an oid, and how it is packed; null for any other name.</summary>
    public static (string Archive, string Ending)? KindOf(string name)
    {
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        if (dot < 1) return null;
        var (archive, ending) = (name[..dot], name[(dot + 1)..]);
        if (ending is not ("tar" or "tgz" or "tar.gz" or "tar.zst" or "tar.lz4" or "tar.bz2" or "tar.xz")) return null;
        return archive is Base or Wal || uint.TryParse(archive, NumberStyles.None, CultureInfo.InvariantCulture, out _) ? (archive, ending) : null;
    }

    public override string? HolderOf(string path)
    {
        var parts = path.Split('/', 3);
        var wanted = parts is ["pg_tblspc", var oid, _] && oid.AsSpan().ContainsOnlyDigits() ? oid : Base;
        foreach (var candidate in Objects)
            if (KindOf(candidate.Name)?.Archive == wanted) return candidate.Name;
        return null;
    }

    public override async Task ReadAsync(BackupObject @object, Func<BackupFile, CancellationToken, ValueTask<bool>> visit, CancellationToken cancellationToken)
    {
        var prefix = KindOf(@object.Name)?.Archive switch { Base => "", Wal => WalCheck.Folder, var oid => $"pg_tblspc/{oid}/" };
        await using var reader = await Store.OpenAsync(@object.Name, cancellationToken);
        var stream = new ObjectStream(reader);
        var limits = mostBytes is { } bytes && prefix != WalCheck.Folder ? new ArchiveLimits(MostEntries, bytes) : ArchiveLimits.ByRatio(stream.Length, MostEntries);
        try
        {
            await foreach (var item in ArchiveItems.ReadAsync(stream, @object.Name, limits, cancellationToken, paddedWithZeros: true))
            {
                if (item.Kind == ArchiveItemKind.Directory || (item.Kind == ArchiveItemKind.SymbolicLink && IsTablespaceLink(item.Path))) continue;
                byte[] path = [.. Encoding.ASCII.GetBytes(prefix), .. item.Path];
                if (item.Kind != ArchiveItemKind.File) throw new InvalidDataException($"{Printable.Of(Encoding.UTF8.GetString(path))} in it is no regular file");
                if (!await visit(new BackupFile(path, item.Size, item.Content), cancellationToken)) return;
            }
        }
        catch (Exception e) when (ArchiveItems.IsDamage(e))
        {
            throw new InvalidDataException(e.Message, e);
        }
    }

    private static bool IsTablespaceLink(byte[] path) => path.AsSpan().StartsWith("pg_tblspc/"u8) || path.AsSpan().SequenceEqual("pg_wal"u8);
}
