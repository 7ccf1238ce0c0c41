using BackupGuard.Evidence;
using BackupGuard.Evidence.Packs;
using BackupGuard.Evidence.Tiles;
using BackupGuard.Server.Features.Evidence.TimeStamps;
using BackupGuard.Server.Hosting;
using BackupGuard.Server.Persistence;

namespace BackupGuard.Server.Features.Evidence.Packs;

/// <param name="Written">Files that were not there yet.</param>
internal sealed record ExportedLog(Checkpoint Head, int Written);

/// <summary>Writes the log as static files (FORMAT.md, section 10) into a folder that may be copied anywhere. What is there and complete is left alone, so that the folder can lie under a lock.</summary>
internal sealed class TileExport(DatabaseEngine database, IEvidenceLog log, EvidenceQueries queries, StoredTimeStamps timeStamps, ServerIdentity identity)
{
    /// <returns>Null while the log is empty.</returns>
    /// <exception cref="UsageException">The folder holds another log, or a later or other state of this one.</exception>
    public async Task<ExportedLog?> RunAsync(string folder, CancellationToken stop)
    {
        if (queries.Head() is not { } head) return null;
        using var connection = database.Open();
        var tree = new StoredTree(connection);
        KeepOldHead(folder, tree, head.Size);
        var written = 0;
        foreach (var tile in Tile.Of(head.Size))
        {
            // Signatures are written with their entries.
            if (tile.Kind == TileKind.Signatures || (IsThere(folder, tile) && (tile.Kind == TileKind.Hashes || IsThere(folder, tile with { Kind = TileKind.Signatures })))) continue;
            if (tile.Kind == TileKind.Hashes) Write(folder, tile.Path, TileContent.Hashes(tree, tile));
            else await WriteBundlesAsync(folder, tile, tree, stop);
            written++;
        }
        WriteTimeStamps(folder, head.Size);
        var note = System.Text.Encoding.UTF8.GetBytes(head.Note);
        // Last: a reader who sees the new head finds all that it covers.
        Write(folder, PackNames.Checkpoint, note);
        return new ExportedLog(Checkpoint.Verify(note, identity.LogKey), written);
    }

    private async Task WriteBundlesAsync(string folder, Tile tile, StoredTree tree, CancellationToken stop)
    {
        var records = new List<LoggedEntry>(tile.Width);
        await foreach (var entry in log.ReadAsync(tile.First, stop))
        {
            if (MerkleTree.HashLeaf(entry.Verified.Bytes.Span) != tree.Read(0, entry.Sequence)) throw new LogDamagedException($"entry {entry.Sequence} is not the one that its hash was stored for.");
            records.Add(entry);
            if (records.Count == tile.Width) break;
        }
        if (records.Count < tile.Width || records[0].Sequence != tile.First || records[^1].Sequence != tile.First + tile.Width - 1) throw new LogDamagedException($"entries from {tile.First} on are missing.");
        Write(folder, tile.Path, TileContent.Bundle(records.Select(r => r.Verified.Bytes)));
        Write(folder, (tile with { Kind = TileKind.Signatures }).Path, TileContent.Bundle(records.Select(r => r.Verified.Signature)));
    }

    private void WriteTimeStamps(string folder, long size)
    {
        foreach (var stamp in timeStamps.UpTo(size))
        {
            var checkpoint = Checkpoint.Verify(stamp.Note.Span, identity.LogKey);
            var name = PackNames.TimeStamp(checkpoint, stamp.Authority);
            if (File.Exists(Path.Combine(folder, name.Token))) continue;
            Write(folder, PackNames.EarlierCheckpoint(checkpoint), stamp.Note.ToArray());
            Write(folder, name.Request, stamp.Request.ToArray());
            Write(folder, name.Token, stamp.Token.ToArray());
        }
    }

    /// <summary>The head that the folder had stays beside the new one; a folder whose head this log never had is not written to.</summary>
    private void KeepOldHead(string folder, StoredTree tree, long size)
    {
        var file = Path.Combine(folder, PackNames.Checkpoint);
        if (!File.Exists(file)) return;
        if (new FileInfo(file).Length > SignedNote.MaxBytes) throw Foreign(folder, "its checkpoint is none");
        var note = File.ReadAllBytes(file);
        try
        {
            var old = Checkpoint.Verify(note, identity.LogKey);
            if (old.Size > size || MerkleTree.Root(tree, old.Size) != old.Root) throw Foreign(folder, $"its checkpoint of {old.Size} entries is no beginning of this log");
            Write(folder, PackNames.EarlierCheckpoint(old), note);
        }
        catch (EvidenceException e)
        {
            throw Foreign(folder, e.Problem.Message("en"));
        }
    }

    private static UsageException Foreign(string folder, string why) => new($"{folder} holds another log, or another state of this one: {why} Nothing was written. Keep it, and name another folder.");

    private static bool IsThere(string folder, Tile tile) => File.Exists(Path.Combine(folder, tile.Path));

    private static void Write(string folder, string name, byte[] content)
    {
        var file = Path.Combine(folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);    // a file in a folder
        var unfinished = Path.Combine(folder, ".unfinished");
        using (var stream = new FileStream(unfinished, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            stream.Write(content);
            stream.Flush(flushToDisk: true);
        }
        File.Move(unfinished, file, overwrite: true);
    }
}
