using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using BackupGuard.Verification.Formats.Archives;
using BackupGuard.Verification.Formats.Driven;
using BackupGuard.Verification.Globbing;
using BackupGuard.Verification.Restoring;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Verification.Formats.PgBackRest;

/// <summary>One restore: by the tool into a folder of our own, from there into the target, every byte compared with the manifest, every WAL segment with its name.</summary>
/// <remarks>
/// What comes out starts as it is: the WAL that makes it consistent lies in pg_wal, and nothing refers to the repository. archive_mode is off in it: a restored copy that
/// starts with the original's settings would write into the backup that it came from.
/// </remarks>
internal sealed class Restoration(PgBackRestTool tool, RestoreOptions options, IRestoreTarget target, FindingList findings, IProgress<WorkProgress>? progress)
{
    private const string Data = "data", TablespaceFolder = "restored_tablespaces", AutoConf = "pg_data/postgresql.auto.conf", TablespaceMap = "pg_data/tablespace_map";
    private const int FileMode = 0x180, FolderMode = 0x1C0, BufferBytes = 256 << 10;
    private static readonly byte[] NoArchiving = "\n# A restored copy must not write into the archive of the original.\narchive_mode = 'off'\n"u8.ToArray();

    private readonly List<PathGlob> globs = [.. options.Include.Select(pattern => new PathGlob(pattern))];
    private readonly HashSet<string> made = new(StringComparer.Ordinal);
    private long wantedBytes;
    private bool gaveUp;

    public long Files { get; private set; }
    public long Bytes { get; private set; }

    /// <returns>The manifest, or null when nothing could be restored.</returns>
    public async Task<StoredManifest?> RunAsync(string label, CancellationToken cancellationToken)
    {
        if (await ManifestAsync(label, cancellationToken) is not { } manifest) return null;
        // With tablespace_map a server would link to the places of the original; the tool leaves it out too.
        var selected = manifest.Files.Where(f => f.Name != TablespaceMap).Where(f => globs.Count == 0 || globs.Exists(g => g.Matches(Placed(f.Name)))).ToList();
        wantedBytes = selected.Sum(f => f.Size);
        if (!target.Fits(wantedBytes, findings)) return manifest;
        try
        {
            await using var folder = tool.CreateFolder();
            if (!await FillAsync(folder, manifest, cancellationToken)) return manifest;
            if (globs.Count == 0) foreach (var place in manifest.Folders.Order(StringComparer.Ordinal)) Attempt(place, () => MakeFolder(Placed(place)));
            // While the data directory is still whole: archive-get reads pg_control in it.
            if (globs.Count == 0) await WalAsync(folder, manifest, cancellationToken);
            foreach (var file in selected) await CopyAsync(folder, file, cancellationToken);
            if (globs.Count == 0) foreach (var id in manifest.TablespaceIds) Attempt(id, () => Link(id));
            foreach (var place in made.OrderByDescending(m => m, StringComparer.Ordinal)) Attempt(place, () => SetMode(PathOf(place), place, FolderMode, null));
        }
        catch (ToolException e)
        {
            tool.Failed("restore", e.Message);
        }
        return manifest;
    }

    private async Task<StoredManifest?> ManifestAsync(string label, CancellationToken cancellationToken)
    {
        var path = $"backup/{tool.Stanza}/{label}/backup.manifest";
        foreach (var name in (string[])[path, path + ".copy"])
        {
            var (_, bytes) = await tool.GetAsync(name, cancellationToken);
            if (bytes is null) continue;
            try
            {
                return StoredManifest.Read(bytes, label);
            }
            catch (InvalidDataException e)
            {
                findings.Add(PgBackRestFindings.InfoFileDamaged.At(name, ("reason", e.Message)));
            }
        }
        if (findings.Unfinished is null) findings.Add(PgBackRestFindings.RestoreRefused.At(label, ("reason", new Words("it has no manifest that can be read", "elle n’a pas de manifeste lisible"))));
        return null;
    }

    /// <summary>The data directory, by the tool. Whatever its configuration says of links, tablespaces and recovery is overruled: it must not reach out of the folder.</summary>
    private async Task<bool> FillAsync(IToolFolder folder, StoredManifest manifest, CancellationToken cancellationToken)
    {
        foreach (var place in (string[])[Data, "lock", "tablespaces", .. manifest.TablespaceIds.Select(id => $"tablespaces/{id}")]) folder.MakeFolder(place);
        string[] arguments =
        [
            "restore", tool.Repo, $"--set={manifest.Label}", $"--pg1-path={folder.Path}/{Data}", $"--lock-path={folder.Path}/lock", "--type=none", "--no-delta", "--no-link-all",
            "--reset-link-map", "--reset-tablespace-map-all", "--reset-recovery-option", "--reset-db-include", "--reset-db-exclude", "--reset-pg1-host",
            .. manifest.TablespaceIds.Select(id => $"--tablespace-map={id}={folder.Path}/tablespaces/{id}"),
        ];
        progress?.Report(new WorkProgress("restore by the tool", 0, manifest.Bytes, 0, manifest.Files.Count, findings.Count));
        if (await tool.WorkAsync(arguments, cancellationToken) is not { } end) return false;
        if (end.ExitCode == 0) return true;
        findings.Add(PgBackRestFindings.RestoreRefused.At(manifest.Label, ("reason", string.Create(CultureInfo.InvariantCulture, $"exit status {end.ExitCode}, {end.Errors}"))));
        return false;
    }

    private Task CopyAsync(IToolFolder folder, StoredFile file, CancellationToken cancellationToken) =>
        CopyAsync(folder, InFolder(file.Name), Placed(file.Name), file.Size, file.Sha1, file.ModifiedAt, file.Name == AutoConf, cancellationToken);

    private async Task CopyAsync(IToolFolder folder, string from, string to, long size, string? sha1, long? modifiedAt, bool isAutoConf, CancellationToken cancellationToken)
    {
        if (gaveUp) return;
        try
        {
            await using (var reader = await folder.Content.OpenAsync(from, cancellationToken))
            {
                MakeFolder(to.Contains('/') ? to[..to.LastIndexOf('/')] : "");
                var path = PathOf(to);
                using (var file = target.CreateFile(path, size + (isAutoConf ? NoArchiving.Length : 0)))
                {
                    var found = await WriteAsync(new ObjectStream(reader), file, size, cancellationToken);
                    if (found.Length != size) Differs(to, new Words($"{found.Length} bytes instead of {size}", $"{found.Length} octets au lieu de {size}"));
                    else if (sha1 is not null && found.Sha1 != sha1) Differs(to, new Words("its content is another (SHA-1)", "son contenu est autre (SHA-1)"));
                    if (isAutoConf) file.Write(size, NoArchiving);
                }
                SetMode(path, to, FileMode, modifiedAt);
            }
            if (isAutoConf) findings.Add(PgBackRestFindings.ArchivingOff.At(to));
            Files++;
            Bytes += size;
            progress?.Report(new WorkProgress("restore", Bytes, wantedBytes, Files, 0, findings.Count));
            folder.Remove(from);
        }
        catch (StoreException e) when (e.Failure == StoreFailure.NotFound)
        {
            Differs(to, new Words("the tool did not restore it", "l’outil ne l’a pas restauré"));
        }
        catch (StoreException e)
        {
            findings.Add(CommonFindings.ObjectUnreadable.AtPath(to, ("reason", e.Message)));
            findings.LeaveUnfinished(new("what the tool restored could not be read", "ce que l’outil a restauré n’a pas pu être lu"));
        }
        catch (RestoreException e)
        {
            Report(to, e);
        }
    }

    private static async Task<(long Length, string Sha1)> WriteAsync(Stream content, IRestoredFile file, long most, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
        var buffer = new byte[BufferBytes];
        var at = 0L;
        while (await content.ReadAsync(buffer, cancellationToken) is var count and > 0)
        {
            hash.AppendData(buffer.AsSpan(0, count));
            if (at + count <= most) file.Write(at, buffer.AsSpan(0, count));
            at += count;
        }
        return (at, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    private async Task WalAsync(IToolFolder folder, StoredManifest manifest, CancellationToken cancellationToken)
    {
        if (WalArchive.NeededBy(manifest) is not { } needed)
        {
            findings.Add(PgBackRestFindings.Contradiction.At(manifest.Label, ("reason", new Words("which WAL it needs cannot be told from its manifest", "son manifeste ne dit pas quels WAL il lui faut"))));
            findings.LeaveUnfinished(new("which WAL the backup needs is not known", "on ne sait pas de quel WAL la sauvegarde a besoin"));
            return;
        }
        if (await tool.ListAsync("archive", cancellationToken) is not { } listed) return;
        var archive = WalArchive.Of(listed);
        foreach (var segment in needed.TakeWhile(_ => !gaveUp))
        {
            if (archive.Find(manifest.ArchiveId, segment) is not { } stored)
            {
                findings.Add(PgBackRestFindings.WalMissing.At(segment, ("backup", manifest.Label)));
                continue;
            }
            // Relative to the restored cluster: that of the original may be running on this machine.
            string[] arguments = ["archive-get", tool.Repo, $"--pg1-path={folder.Path}/{Data}", $"--lock-path={folder.Path}/lock", "--no-archive-async", "--reset-pg1-host", segment, $"{folder.Path}/{Data}/pg_wal/{segment}"];
            if (await tool.WorkAsync(arguments, cancellationToken) is not { } end) return;
            if (end.ExitCode != 0)
            {
                findings.Add(PgBackRestFindings.RestoreRefused.At(segment, ("reason", string.Create(CultureInfo.InvariantCulture, $"exit status {end.ExitCode}, {end.Errors}"))));
                continue;
            }
            var from = $"{Data}/pg_wal/{segment}";
            await CopyAsync(folder, from, $"pg_wal/{segment}", await LengthAsync(folder, from, cancellationToken), stored.Sha1, null, false, cancellationToken);
        }
    }

    private static async Task<long> LengthAsync(IToolFolder folder, string name, CancellationToken cancellationToken)
    {
        try
        {
            await using var reader = await folder.Content.OpenAsync(name, cancellationToken);
            return reader.LengthBytes;
        }
        catch (StoreException)
        {
            return 0;   // the copy that follows says what is wrong with it
        }
    }

    private void Link(string id)
    {
        MakeFolder($"{TablespaceFolder}/{id}");
        MakeFolder("pg_tblspc");
        target.CreateSymbolicLink(PathOf($"pg_tblspc/{id}"), Encoding.ASCII.GetBytes($"../{TablespaceFolder}/{id}"));
        findings.Add(PgBackRestFindings.TablespaceMoved.At(id, ("folder", TablespaceFolder)));
    }

    /// <summary>pg_data/x is x; a tablespace's folder has its own place, so that nothing is written through a link.</summary>
    private static string Placed(string name) => name switch
    {
        "pg_data" or "pg_tblspc" => "",
        _ when name.StartsWith("pg_data/", StringComparison.Ordinal) => name["pg_data/".Length..],
        _ => TablespaceFolder + name["pg_tblspc".Length..],
    };

    private static string InFolder(string name) =>
        name.StartsWith("pg_data/", StringComparison.Ordinal) ? $"{Data}/{name["pg_data/".Length..]}" : $"tablespaces{name["pg_tblspc".Length..]}";

    private static RestorePath PathOf(string path)
    {
        var safe = RestorePath.Root;
        foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
            if (!safe.TryAppend(Encoding.UTF8.GetBytes(part), out safe, out var refusal)) throw new RestoreException(RestoreFailure.NameRefused, path, refusal.En);
        return safe;
    }

    private void MakeFolder(string path)
    {
        for (var end = path.IndexOf('/'); path.Length > 0; end = path.IndexOf('/', end + 1))
        {
            var folder = end < 0 ? path : path[..end];
            if (made.Add(folder)) target.CreateDirectory(PathOf(folder));
            if (end < 0) return;
        }
    }

    private void SetMode(RestorePath path, string shown, int mode, long? modifiedAt)
    {
        var metadata = new RestoredMetadata(mode, modifiedAt is { } seconds ? (Int128)seconds * 1_000_000_000 : null, null, null, null);
        if (target.SetMetadata(path, metadata, isSymbolicLink: false) is { } notSet) findings.Add(CommonFindings.MetadataNotSet.AtPath(shown, ("reason", notSet)));
    }

    private void Differs(string path, Words reason) => findings.Add(PgBackRestFindings.RestoredDiffers.AtPath(path, ("reason", reason)));

    private void Attempt(string name, Action work)
    {
        if (gaveUp) return;
        try
        {
            work();
        }
        catch (RestoreException e)
        {
            Report(name, e);
        }
    }

    /// <summary>Where there is no room, or no right, for one thing, there is none for the next.</summary>
    private void Report(string name, RestoreException e)
    {
        var kind = e.Failure == RestoreFailure.NameRefused ? CommonFindings.NameRefused : CommonFindings.RestoreWriteFailed;
        findings.Add(kind.AtPath(name, ("reason", e.Message)));
        if (e.Failure is RestoreFailure.NoSpace or RestoreFailure.Misconfigured) gaveUp = true;
    }
}
