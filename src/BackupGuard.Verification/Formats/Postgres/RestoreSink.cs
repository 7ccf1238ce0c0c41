using System.Collections.Concurrent;
using BackupGuard.Verification.Formats.Archives;
using BackupGuard.Verification.Globbing;
using BackupGuard.Verification.Restoring;

namespace BackupGuard.Verification.Formats.Postgres;

/// <summary>Where a pass writes what it checks: the data directory as a server expects to find it, empty folders included.</summary>
/// <remarks>Tablespaces are put below <see cref="TablespaceFolder"/> with a relative link to each, and tablespace_map is left out: with it, the server would link to the original's places.</remarks>
internal sealed class RestoreSink
{
    public const string TablespaceFolder = "restored_tablespaces";

    // A server refuses a data directory that others may read (PostgreSQL documentation, initdb).
    private const int FileMode = 0x180, FolderMode = 0x1C0;

    /// <summary>Folders that a server does not make anew (src/bin/initdb/initdb.c); a manifest lists files only.</summary>
    private static readonly string[] Folders =
    [
        "base", "global", "pg_commit_ts", "pg_dynshmem", "pg_logical", "pg_logical/mappings", "pg_logical/snapshots", "pg_multixact", "pg_multixact/members", "pg_multixact/offsets",
        "pg_notify", "pg_replslot", "pg_serial", "pg_snapshots", "pg_stat", "pg_stat_tmp", "pg_subtrans", "pg_tblspc", "pg_twophase", "pg_wal", "pg_wal/archive_status", "pg_xact",
    ];

    private readonly IRestoreTarget target;
    private readonly FindingList findings;
    private readonly List<PathGlob> globs;
    private readonly Dictionary<ManifestFile, RestorePath> paths = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<byte[], RestorePath> made = new(ByteOrder.Instance);
    private readonly HashSet<string> tablespaces = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> around = new(StringComparer.Ordinal);
    private long files, bytes;
    private volatile bool gaveUp;

    public RestoreSink(BackupManifest manifest, RestoreOptions options, IRestoreTarget target, FindingList findings)
    {
        (this.target, this.findings) = (target, findings);
        globs = [.. options.Include.Select(pattern => new PathGlob(pattern))];
        foreach (var entry in manifest.Files.Where(e => globs.Count == 0 || globs.Exists(g => g.Matches(e.Shown)))) Select(entry);
    }

    /// <summary>Whether nothing was left out by the caller's wish.</summary>
    public bool IsWhole => globs.Count == 0;

    /// <summary>WAL is restored all or not at all: its segments are judged together.</summary>
    public bool WantsWal => IsWhole || globs.Exists(g => g.Matches(WalCheck.Folder + "000000010000000000000001"));
    public long WantedBytes { get; private set; }
    public long Files => Interlocked.Read(ref files);
    public long Bytes => Interlocked.Read(ref bytes);

    public bool Wants(ManifestFile entry) => paths.ContainsKey(entry);

    /// <summary>Something in the backup that does not belong to it, and is not restored.</summary>
    public void LeaveOut(FindingKind kind) => around[kind.Code] = true;

    /// <summary>Makes every folder before the first file: they are written from several threads.</summary>
    public void Begin() => Attempt("", () =>
    {
        foreach (var path in paths.Values) MakeFolder(path.Parent);
        foreach (var folder in IsWhole ? Folders : WantsWal ? ["pg_wal"] : []) MakeFolder(Path(folder));
    });

    public async Task<ContentOutcome> WriteAsync(ManifestFile entry, Func<IRestoredFile?, Task<ContentOutcome>> read)
    {
        if (entry.Shown == TablespaceMap.FileName) return await read(null);
        var outcome = ContentOutcome.Good;
        await AttemptAsync(entry.Shown, async () =>
        {
            using (var file = target.CreateFile(paths[entry], entry.Size)) outcome = await read(file);
            Done(paths[entry], entry.Shown, entry.Size, entry.ModifiedAt);
        });
        return outcome;
    }

    /// <summary>WAL is not in the manifest: what reads it also judges it.</summary>
    /// <param name="neededBytes">What stands behind them was not judged, and a server would replay records that somebody put there: it is restored as zeros, with which the WAL ends.</param>
    public async Task WriteWalAsync(string path, long lengthBytes, long neededBytes, Stream content, Func<Stream, Task> read)
    {
        await AttemptAsync(path, async () =>
        {
            var to = Path(path);
            using (var file = target.CreateFile(to, lengthBytes)) await read(new TeeStream(content, file, neededBytes));
            Done(to, path, lengthBytes, null);
        });
    }

    /// <summary>Links to tablespaces, and the modes of folders. Links come last, so that nothing is ever written through one.</summary>
    public void Finish(IReadOnlyList<(string Oid, string Path)> map)
    {
        if (IsWhole) tablespaces.UnionWith(map.Select(m => m.Oid));
        foreach (var oid in tablespaces)
        {
            Attempt(oid, () =>
            {
                MakeFolder(Path($"{TablespaceFolder}/{oid}"));
                MakeFolder(Path("pg_tblspc"));
                target.CreateSymbolicLink(Path($"pg_tblspc/{oid}"), System.Text.Encoding.ASCII.GetBytes($"../{TablespaceFolder}/{oid}"));
                findings.Add(PostgresFindings.TablespaceMoved.At(oid, ("folder", TablespaceFolder)));
            });
        }

        foreach (var folder in made.Values) Attempt(folder.ToString(), () => SetMode(folder, folder.ToString(), FolderMode, null));
        if (!around.IsEmpty) findings.Add(CommonFindings.RepositoryNotWhole.At(string.Join(", ", around.Keys.Order(StringComparer.Ordinal))));
    }

    private void Select(ManifestFile entry)
    {
        var name = entry.Path;
        if (entry.Shown.Split('/', 3) is ["pg_tblspc", var oid, _] && oid.AsSpan().ContainsOnlyDigits())
        {
            tablespaces.Add(oid);
            name = [.. System.Text.Encoding.ASCII.GetBytes(TablespaceFolder), .. entry.Path.AsSpan("pg_tblspc".Length)];
        }

        paths[entry] = Path(name);
        WantedBytes += entry.Size;
    }

    private static RestorePath Path(string path) => Path(System.Text.Encoding.UTF8.GetBytes(path));

    /// <summary>Paths were judged when the manifest was read, names of WAL files when they were recognised.</summary>
    private static RestorePath Path(ReadOnlySpan<byte> path)
    {
        var safe = RestorePath.Root;
        foreach (var part in path.Split((byte)'/'))
            if (path[part].Length > 0 && !safe.TryAppend(path[part], out safe, out var refusal)) throw new RestoreException(RestoreFailure.NameRefused, System.Text.Encoding.UTF8.GetString(path), refusal);
        return safe;
    }

    private void MakeFolder(RestorePath? folder)
    {
        var missing = new Stack<RestorePath>();
        for (var path = folder; path?.Parent is not null && !made.ContainsKey(path.ToBytes()); path = path.Parent) missing.Push(path);
        foreach (var path in missing)
        {
            target.CreateDirectory(path);
            made.Add(path.ToBytes(), path);
        }
    }

    private void Done(RestorePath path, string shown, long length, DateTimeOffset? modified)
    {
        Interlocked.Increment(ref files);
        Interlocked.Add(ref bytes, length);
        SetMode(path, shown, FileMode, modified);
    }

    private void SetMode(RestorePath path, string shown, int mode, DateTimeOffset? modified)
    {
        var nanoseconds = modified is { } time ? (Int128)(time - DateTimeOffset.UnixEpoch).Ticks * 100 : (Int128?)null;
        if (target.SetMetadata(path, new RestoredMetadata(mode, nanoseconds, null, null, null), isSymbolicLink: false) is { } notSet)
            findings.Add(CommonFindings.MetadataNotSet.AtPath(shown, ("reason", notSet)));
    }

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

    private async Task AttemptAsync(string name, Func<Task> work)
    {
        if (gaveUp) return;
        try
        {
            await work();
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
        findings.Add(kind.AtPath(name.Length > 0 ? name : e.Path, ("reason", e.Message)));
        if (e.Failure is RestoreFailure.NoSpace or RestoreFailure.Misconfigured) gaveUp = true;
    }

    /// <summary>Hands on what is read, and writes it.</summary>
    private sealed class TeeStream(Stream content, IRestoredFile file, long neededBytes) : ReadOnlyStream
    {
        private long written;

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = await content.ReadAsync(buffer, cancellationToken);
            // The reader has its bytes as they are.
            var needed = (int)Math.Clamp(neededBytes - written, 0, count);
            file.Write(written, buffer.Span[..needed]);
            file.Write(written + needed, new byte[count - needed]);
            written += count;
            return count;
        }
    }
}
