using BackupGuard.Verification.Coverage;
using BackupGuard.Verification.Formats.Archives;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Verification.Formats.FileSet;

/// <summary>One archive, with its manifest beside it, or inside when a sealed folder was put into the archive.</summary>
internal sealed class ArchiveSource(IBackupStore store, string archive) : FileSetSource(store)
{
    /// <summary>The folder of the archive in which the sealed set lies, with a slash at the end; null while the manifest lies beside the archive.</summary>
    private byte[]? inside;

    public override string Subject => archive;

    public override async Task<StoredSeal> ReadSealAsync(CancellationToken cancellationToken)
    {
        var (name, signatureName) = ($"{archive}.{FileSetManifest.FileName}", $"{archive}.{FileSetManifest.SignatureFileName}");
        var manifest = await ReadWholeAsync(name, FileSetManifest.LargestBytes, cancellationToken);
        if (manifest is null) return await ReadInsideAsync(cancellationToken);
        return new StoredSeal(name, manifest, signatureName, await ReadWholeAsync(signatureName, FileSetManifest.LargestSignature, cancellationToken));
    }

    /// <summary>An archive is read from its beginning to its end or not at all: it is one object.</summary>
    public override async Task CheckAsync(FileSetManifest manifest, FileSetCheck check, CancellationToken cancellationToken)
    {
        var stored = await StatAsync(cancellationToken);
        var coverage = check.Begin([new CoverageItem(archive, stored.LengthBytes, stored.ModifiedAt, System.Text.Encoding.UTF8.GetBytes(manifest.Id))]);
        if (coverage.Chosen.Count == 0) return;
        var isGood = false;
        try
        {
            isGood = await CompareAsync(manifest, check, cancellationToken);
        }
        catch (InvalidDataException)
        {
            coverage.Bad(0);
            throw;
        }
        if (isGood) coverage.Good(0);
        else coverage.Bad(0);
    }

    private async ValueTask<StoredObject> StatAsync(CancellationToken cancellationToken)
    {
        await foreach (var item in Store.ListAsync(archive, cancellationToken))
            if (item.Name == archive) return item;
        throw new StoreException(StoreFailure.NotFound, archive, "it is not there");
    }

    private async Task<bool> CompareAsync(FileSetManifest manifest, FileSetCheck check, CancellationToken cancellationToken)
    {
        var errorsBefore = check.Findings.Errors;
        var comparison = new ArchiveComparison(manifest, check);
        await PassAsync(FileSetLimits.ByManifest(manifest), async item =>
        {
            if (WithinSet(item) is { } path) await comparison.TakeAsync(item with { Path = path, Target = item.Kind == ArchiveItemKind.HardLink ? Within(item.Target) ?? [] : item.Target }, cancellationToken);
            else if (!IsAboveSet(item)) check.Findings.Add(FileSetFindings.Appeared.AtPath(Shown(item)));
            return true;
        }, cancellationToken);
        comparison.Finish();
        return check.Findings.Errors == errorsBefore;
    }

    public override async Task ReadAsync(IReadOnlyList<FileSetEntry> files, FileSetManifest manifest, int workers, FindingList findings, Func<FileSetEntry, Stream, CancellationToken, Task> read, CancellationToken cancellationToken)
    {
        // Of a file with several names, the archive holds the content under whichever came first.
        var groups = files.Where(f => f.LinkGroup is not null).ToDictionary(f => f.LinkGroup!.Value);
        var wanted = files.ToDictionary(f => f.Path, ByteOrder.Instance);
        foreach (var entry in manifest.Entries)
            if (entry.LinkGroup is { } group && groups.TryGetValue(group, out var chosen)) wanted[entry.Path] = chosen;

        var done = new HashSet<FileSetEntry>(ReferenceEqualityComparer.Instance);
        await PassAsync(FileSetLimits.ByManifest(manifest), async item =>
        {
            if (item.Kind != ArchiveItemKind.File || WithinSet(item) is not { } path || !wanted.TryGetValue(path, out var entry)) return true;
            if (done.Add(entry)) await read(entry, item.Content, cancellationToken);
            else if (entry.LinkGroup is null) findings.Add(FileSetFindings.PathTwice.AtPath(Shown(item)));
            return true;
        }, cancellationToken);
        foreach (var entry in files.Where(f => !done.Contains(f))) findings.Add(FileSetFindings.Vanished.AtPath(entry.Shown));
    }

    private async Task<StoredSeal> ReadInsideAsync(CancellationToken cancellationToken)
    {
        byte[]? manifest = null, signature = null;
        await PassAsync(null, async item =>
        {
            var slash = item.Path.AsSpan().IndexOf((byte)'/');
            var (folder, name) = (item.Path[..(slash + 1)], item.Path[(slash + 1)..]);
            if (item.Kind != ArchiveItemKind.File || (inside is not null && !inside.AsSpan().SequenceEqual(folder))) return true;
            var isManifest = name.AsSpan().SequenceEqual(FileSetText.Bytes(FileSetManifest.FileName));
            if (!isManifest && !name.AsSpan().SequenceEqual(FileSetText.Bytes(FileSetManifest.SignatureFileName))) return true;
            inside = folder;
            if (isManifest) manifest ??= await ReadSmallAsync(item, FileSetManifest.LargestBytes, cancellationToken);
            else signature ??= await ReadSmallAsync(item, FileSetManifest.LargestSignature, cancellationToken);
            return manifest is null || signature is null;
        }, cancellationToken);
        var shown = System.Text.Encoding.UTF8.GetString(inside ?? []);
        return new StoredSeal($"{archive}: {shown}{FileSetManifest.FileName}", manifest, $"{archive}: {shown}{FileSetManifest.SignatureFileName}", signature);
    }

    private static async Task<byte[]> ReadSmallAsync(ArchiveItem item, int limitBytes, CancellationToken cancellationToken)
    {
        if (item.Size > limitBytes) throw new ArchiveLimitException($"the manifest or signature in it has {item.Size} bytes, {limitBytes} are allowed");
        var bytes = new byte[item.Size];
        await item.Content.ReadExactlyAsync(bytes, cancellationToken);
        return bytes;
    }

    /// <param name="limits">Null while nothing is known of the content.</param>
    /// <param name="visit">False ends the pass.</param>
    private async Task PassAsync(ArchiveLimits? limits, Func<ArchiveItem, Task<bool>> visit, CancellationToken cancellationToken)
    {
        await using var reader = await Store.OpenAsync(archive, cancellationToken);
        var stream = new ObjectStream(reader);
        try
        {
            await foreach (var item in ArchiveItems.ReadAsync(stream, archive, limits ?? FileSetLimits.ByRatio(stream.Length), cancellationToken))
                if (!await visit(item)) return;
        }
        catch (Exception e) when (ArchiveItems.IsDamage(e))
        {
            throw new InvalidDataException(e.Message, e);
        }
    }

    /// <summary>The path as the manifest has it, or null for what does not belong to the sealed set.</summary>
    private byte[]? WithinSet(ArchiveItem item) => Within(item.Path);

    private byte[]? Within(byte[] path)
    {
        if (inside is null) return path.Length == 0 ? null : path;
        if (!path.AsSpan().StartsWith(inside) || path.Length == inside.Length) return null;
        var rest = path[inside.Length..];
        return rest.AsSpan().SequenceEqual(FileSetText.Bytes(FileSetManifest.FileName)) || rest.AsSpan().SequenceEqual(FileSetText.Bytes(FileSetManifest.SignatureFileName)) ? null : rest;
    }

    /// <summary>The root, the folder in which the set lies, the manifest and its signature.</summary>
    private bool IsAboveSet(ArchiveItem item) =>
        item.Path.Length == 0 || (inside is not null && (item.Path.AsSpan().StartsWith(inside) || inside.AsSpan().SequenceEqual([.. item.Path, (byte)'/'])));

    private static string Shown(ArchiveItem item) => System.Text.Encoding.UTF8.GetString(item.Path);
}
