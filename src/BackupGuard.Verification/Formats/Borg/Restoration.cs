using System.Text;
using System.Threading.Channels;
using BackupGuard.Verification.Formats.Restic;
using BackupGuard.Verification.Globbing;
using BackupGuard.Verification.Restoring;

namespace BackupGuard.Verification.Formats.Borg;

/// <summary>Restores one archive: one thread reads its items and creates what is there, the others fill the files.</summary>
/// <param name="around">What opening the repository found. It does not judge the restore: the damage of another archive must not throw away good data.</param>
/// <remarks>Large files are cut into runs of chunks so that all cores work on one database dump too. Work waits in a bounded queue.</remarks>
internal sealed class Restoration(OpenRepository repository, RestoreOptions options, IRestoreTarget target, FindingSink around, IProgress<WorkProgress>? progress)
{
    private const int ChunksPerRun = 32;

    /// <summary>Bound on the chunks remembered of files that were not asked for but of which a later hard link may be.</summary>
    private const int MostKeptChunks = 4_000_000;

    private readonly FindingSink sink = BorgRepository.NewSink();
    private readonly int workers = options.Workers > 0 ? options.Workers : Environment.ProcessorCount;
    private readonly List<PathGlob> include = [.. options.Include.Select(p => new PathGlob(p))];
    private readonly HashSet<string> created = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ChunkReference[]> leftOut = new(StringComparer.Ordinal);
    private readonly Dictionary<string, RestorePath> insteadOf = new(StringComparer.Ordinal);
    private readonly Stack<(string Key, RestoredMetadata Metadata)> above = [];
    private long files, bytes;
    private long leftOutFiles, leftOutBytes;
    private int others, keptChunks;

    /// <summary>One file on its way: closed and given its metadata by whoever finishes the last run.</summary>
    private sealed class FileWork(RestorePath path, RestoredMetadata metadata, IRestoredFile file, int runs)
    {
        public RestorePath Path => path;
        public RestoredMetadata Metadata => metadata;
        public IRestoredFile File => file;
        public int RunsLeft = runs;
    }

    private readonly record struct Run(FileWork Work, ChunkReference[] Chunks, long Offset);

    public async Task<RestoreReport> RunAsync(CancellationToken cancellationToken)
    {
        await repository.LoadArchivesAsync(options.Clock, cancellationToken);
        if (options.Snapshot == "latest" && (around.Unfinished is not null || around.ToList().Any(ConcernsArchives)))
        {
            sink.LeaveUnfinished(new("an archive or the manifest cannot be read or trusted, so nobody knows which archive is the latest; name one", "une archive ou le manifeste ne peut être lu ou n’est pas fiable, nul ne sait donc quelle archive est la plus récente ; nommez-en une"));
            return Report(null);
        }
        if (Find(out var why) is not { } archive)
        {
            if (sink.Unfinished is null) sink.Add(CommonFindings.SnapshotUnknown.At(options.Snapshot, ("reason", why)));
            return Report(null);
        }
        foreach (var finding in around.ToList().Where(f => f.Subject == archive.Name)) sink.Add(finding);
        try
        {
            await RestoreAsync(archive, cancellationToken);
        }
        catch (RestoreException e)
        {
            sink.Add(CommonFindings.RestoreWriteFailed.AtPath(e.Path, ("reason", e.Message)));
        }
        // Warnings do not make up for it: what could not be restored here is not restored.
        if (files + others == 0 && IsGood) sink.Add(CommonFindings.NothingRestored.At(archive.Name));
        return Report(archive);
    }

    private bool IsGood => Verdicts.Judge(sink.ToList(), sink.Unfinished) == Verdict.Proved;

    private static bool ConcernsArchives(Finding finding) => finding.Kind == BorgFindings.ArchiveDamaged || finding.Kind == BorgFindings.ManifestDamaged
        || finding.Kind == BorgFindings.ManifestUnauthenticated || finding.Kind == BorgFindings.ManifestMissing || finding.Kind == BorgFindings.RolledBack;

    private RestoreReport Report(LoadedArchive? archive)
    {
        var beside = around.ToList().Where(f => f.Severity != Severity.Info && f.Subject != archive?.Name).ToList();
        var whole = IsGood;
        // Of a good restore the surroundings are a warning; of a bad one they may be the reason.
        if (whole && beside.Count > 0) sink.Add(CommonFindings.RepositoryNotWhole.At(string.Join(", ", beside.Take(5).Select(f => $"{f.Code} {f.Subject}"))));
        else if (!whole) beside.ForEach(sink.Add);
        return new RestoreReport { Findings = sink.ToList(), Unfinished = sink.Unfinished, Snapshot = archive is null ? null : archive.Summary with { Files = files + leftOutFiles, Bytes = bytes + leftOutBytes }, Files = files, Bytes = bytes };
    }

    /// <summary>By "latest" (interrupted backups left aside), by name, or by the beginning of the id.</summary>
    private LoadedArchive? Find(out Words why)
    {
        why = new("there is none", "il n’y en a aucune");
        if (options.Snapshot == "latest") return repository.Archives.LastOrDefault(a => !a.IsCheckpoint);
        if (repository.Archives.FirstOrDefault(a => a.Name == options.Snapshot) is { } named) return named;
        if (options.Snapshot.Length < 4)
        {
            why = new("no archive has this name, and an id needs at least 4 digits", "aucune archive ne porte ce nom, et un identifiant demande au moins 4 chiffres");
            return null;
        }
        var matching = repository.Archives.Where(a => a.Id.ToString().StartsWith(options.Snapshot, StringComparison.Ordinal)).ToList();
        why = matching.Count == 0 ? new("no name is so, and no id begins so", "aucun nom n’est tel, et aucun identifiant ne commence ainsi") : new($"{matching.Count} ids begin so", $"{matching.Count} identifiants commencent ainsi");
        return matching.Count == 1 ? matching[0] : null;
    }

    private async Task RestoreAsync(LoadedArchive archive, CancellationToken cancellationToken)
    {
        if (include.Count == 0) target.Expect(archive.Summary.Bytes);
        var queue = Channel.CreateBounded<Run>(new BoundedChannelOptions(workers * 8) { SingleWriter = true });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var filling = Enumerable.Range(0, workers).Select(_ => Task.Run(() => FillAsync(queue.Reader, stop), CancellationToken.None)).ToList();
        try
        {
            await WalkAsync(archive, queue.Writer, stop.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // A worker stopped everything; its own exception comes out of WhenAll below.
        }
        catch
        {
            await stop.CancelAsync();
            throw;
        }
        finally
        {
            queue.Writer.Complete();
            await Task.WhenAll(filling).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        await Task.WhenAll(filling);
        cancellationToken.ThrowIfCancellationRequested();
    }

    private async Task WalkAsync(LoadedArchive archive, ChannelWriter<Run> queue, CancellationToken cancellationToken)
    {
        await using var loader = new ObjectLoader(repository, sink);
        var stream = new ItemStream(repository, archive, loader);
        while (await stream.MoveNextAsync(cancellationToken))
        {
            cancellationToken.ThrowIfCancellationRequested();
            // Parts of files whose backup was interrupted; the whole file follows.
            if (!stream.Current.IsPart) await RestoreItemAsync(stream.Current, queue, cancellationToken);
        }
        if (stream.Wrong is not { } wrong) return;
        if (stream.NotLookedAt) sink.LeaveUnfinished(new($"the list of files of the archive {archive.Name} could not be read: {wrong.En}", $"la liste des fichiers de l’archive {archive.Name} n’a pas pu être lue : {wrong.Fr}"));
        else sink.Add(BorgFindings.ItemsDamaged.At(archive.Name, ("item", stream.Count + 1), ("reason", wrong)));
    }

    private async ValueTask RestoreItemAsync(Item item, ChannelWriter<Run> queue, CancellationToken cancellationToken)
    {
        var text = "/" + ItemWalk.Text(item.Path);
        if (!ItemPaths.TryParse(item.Path, out var path, out var refusal))
        {
            sink.Add(CommonFindings.NameRefused.AtPath(text, ("reason", refusal)));
            return;
        }
        if (path.Parent is null) return;
        if (item.Replaced > 0) sink.Add(BorgFindings.ItemRepaired.AtPath(text, ("chunks", item.Replaced), ("archive", options.Snapshot)));
        var wanted = include.Count == 0 || include.Any(g => g.Matches(text));
        var key = Key(item.Path);
        while (above.TryPeek(out var last) && !key.StartsWith(last.Key + "/", StringComparison.Ordinal)) above.Pop();
        if (item.Kind == ItemKind.Directory)
        {
            above.Push((key, item.Metadata));
            if (wanted) Create(path);
            return;
        }
        if (!wanted)
        {
            LeaveOut(item);
            return;
        }
        Create(path.Parent);
        if (item.IsHardLink && TryLink(item, path)) return;
        switch (item.Kind)
        {
            case ItemKind.File:
                await QueueFileAsync(item, ChunksOf(item, path), path, queue, cancellationToken);
                break;
            case ItemKind.SymbolicLink:
                target.CreateSymbolicLink(path, item.Source ?? []);
                SetMetadata(path, item.Metadata, isSymbolicLink: true);
                others++;
                break;
            default:
                RestoreSpecial(item, path, text);
                break;
        }
        if (item.HasAcl || item.HasFlags)
            sink.Add(CommonFindings.MetadataNotSet.AtPath(text, ("reason", new Words("its access control list or file flags were not", "sa liste de contrôle d’accès ou ses attributs de fichier ne l’ont pas été"))));
    }

    /// <summary>A path as a text that loses none of its bytes.</summary>
    private static string Key(ReadOnlySpan<byte> path) => Encoding.Latin1.GetString(path);

    /// <summary>Files that were not asked for count into the whole, and may be the first of several hard links that are asked for.</summary>
    private void LeaveOut(Item item)
    {
        if (item.Kind == ItemKind.File)
        {
            leftOutFiles++;
            leftOutBytes += item.Chunks.Sum(c => (long)c.Size);
        }
        if (item.Kind != ItemKind.File || !item.IsHardLinkMaster || keptChunks > MostKeptChunks) return;
        keptChunks += item.Chunks.Count;
        leftOut[Key(item.Path)] = [.. item.Chunks];
    }

    /// <returns>False when the first link was not restored: then this one gets the content.</returns>
    private bool TryLink(Item item, RestorePath path)
    {
        var source = Key(item.Source);
        if (insteadOf.TryGetValue(source, out var existing)) target.CreateHardLink(path, existing);
        else if (leftOut.ContainsKey(source)) return false;
        else if (!ItemPaths.TryParse(item.Source, out existing, out var refusal))
        {
            sink.Add(CommonFindings.NameRefused.AtPath(ItemWalk.Text(item.Source), ("reason", refusal)));
            return true;
        }
        else target.CreateHardLink(path, existing);
        if (item.Kind == ItemKind.File) Interlocked.Increment(ref files);
        else others++;
        return true;
    }

    private IReadOnlyList<ChunkReference> ChunksOf(Item item, RestorePath path)
    {
        if (!item.IsHardLink) return item.Chunks;
        var source = Key(item.Source);
        insteadOf[source] = path;
        leftOut.Remove(source, out var chunks);
        return chunks ?? [];
    }

    /// <summary>Creates a folder and those above it once, with the metadata that their items gave.</summary>
    private void Create(RestorePath path)
    {
        var key = Key(path.ToBytes());
        if (path.Parent is null || !created.Add(key)) return;
        Create(path.Parent);
        target.CreateDirectory(path);
        foreach (var (folder, metadata) in above)
            if (folder == key) SetMetadata(path, metadata, isSymbolicLink: false);
    }

    private void RestoreSpecial(Item item, RestorePath path, string text)
    {
        SpecialFile? kind = item.Kind switch
        {
            ItemKind.NamedPipe => SpecialFile.NamedPipe,
            ItemKind.Socket => SpecialFile.Socket,
            ItemKind.CharacterDevice => SpecialFile.CharacterDevice,
            ItemKind.BlockDevice => SpecialFile.BlockDevice,
            _ => null,
        };
        if (kind is not null && target.TryCreateSpecial(path, kind.Value, item.Device))
        {
            SetMetadata(path, item.Metadata, isSymbolicLink: false);
            others++;
        }
        else sink.Add(CommonFindings.SpecialNotRestored.AtPath(text, ("kind", item.Kind)));
    }

    private async ValueTask QueueFileAsync(Item item, IReadOnlyList<ChunkReference> chunks, RestorePath path, ChannelWriter<Run> queue, CancellationToken cancellationToken)
    {
        var length = chunks.Sum(c => (long)c.Size);
        var runs = Math.Max(1, (chunks.Count + ChunksPerRun - 1) / ChunksPerRun);
        var work = new FileWork(path, item.Metadata, target.CreateFile(path, length), runs);
        long offset = 0;
        for (var run = 0; run < runs; run++)
        {
            var part = new ChunkReference[Math.Min(ChunksPerRun, chunks.Count - run * ChunksPerRun)];
            for (var i = 0; i < part.Length; i++) part[i] = chunks[run * ChunksPerRun + i];
            await queue.WriteAsync(new Run(work, part, offset), cancellationToken);
            offset += part.Sum(c => (long)c.Size);
        }
    }

    private async Task FillAsync(ChannelReader<Run> queue, CancellationTokenSource stop)
    {
        await using var loader = new ObjectLoader(repository, sink);
        try
        {
            await foreach (var run in queue.ReadAllAsync(stop.Token))
            {
                var place = new Place { File = run.Work.File, Offset = run.Offset };
                foreach (var chunk in run.Chunks)
                {
                    place.Wanted = chunk.Size;
                    if (!await loader.TryLoadAsync(chunk.Id, place, static (p, content) => p.Write(content), stop.Token)) Lost(chunk, loader.Reason, run.Work, loader.NotLookedAt);
                    else if (!place.Fits) Lost(chunk, new("it does not have the size that the file counts on", "il n’a pas la taille que le fichier attend"), run.Work, notLookedAt: false);
                    place.Offset += chunk.Size;
                }
                Interlocked.Add(ref bytes, place.Written);
                if (Interlocked.Decrement(ref run.Work.RunsLeft) == 0) Finish(run.Work);
            }
        }
        catch (RestoreException)
        {
            await stop.CancelAsync();
            throw;
        }
    }

    private void Lost(ChunkReference chunk, Words reason, FileWork work, bool notLookedAt)
    {
        if (notLookedAt) sink.LeaveUnfinished(new($"the object {chunk.Id.Short} could not be read: {reason.En}", $"l’objet {chunk.Id.Short} n’a pas pu être lu : {reason.Fr}"));
        else sink.Add(BorgFindings.ObjectLost.At(chunk.Id.ToString(), ("reason", reason)) with { Paths = [Printable.Of(work.Path.ToString())] });
    }

    private sealed class Place
    {
        public required IRestoredFile File { get; init; }
        public long Offset, Written;
        public uint Wanted;
        public bool Fits;

        public void Write(ReadOnlySpan<byte> content)
        {
            Fits = content.Length == Wanted;
            if (!Fits) return;
            File.Write(Offset, content);
            Written += content.Length;
        }
    }

    private void Finish(FileWork work)
    {
        work.File.Dispose();
        SetMetadata(work.Path, work.Metadata, isSymbolicLink: false);
        var done = Interlocked.Increment(ref files);
        if (done % 64 == 0) progress?.Report(new WorkProgress("restore", Volatile.Read(ref bytes), 0, done, 0, sink.Count));
    }

    private void SetMetadata(RestorePath path, RestoredMetadata metadata, bool isSymbolicLink)
    {
        if (target.SetMetadata(path, metadata, isSymbolicLink) is { } problem) sink.Add(CommonFindings.MetadataNotSet.AtPath(path.ToString(), ("reason", problem)));
    }
}
