using System.Security.Cryptography;
using System.Text;
using BackupGuard.Agent.Restoring;
using BackupGuard.Verification;
using BackupGuard.Verification.Formats.FileSet;

namespace BackupGuard.Agent.Commands;

/// <summary>Seals a folder, or an archive with its manifest beside it, in the name of a P-256 key.</summary>
public sealed class FileSetSealer(ECDsa key, TimeProvider clock)
{
    private static readonly UTF8Encoding Utf8 = new(false);

    /// <exception cref="SealRefusedException">There is something that must not or cannot be sealed; nothing was written.</exception>
    /// <exception cref="UsageException">There is no such folder or archive.</exception>
    public async Task<SealedFileSet> SealAsync(string path, IProgress<WorkProgress>? progress, CancellationToken cancellationToken)
    {
        path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        var isFolder = Directory.Exists(path);
        if (!isFolder && !File.Exists(path)) throw new UsageException($"There is no folder or archive {path}.");
        if (!isFolder && !FileSetRepository.IsArchive(path)) throw new UsageException($"{path} is neither a folder nor an archive (.tar, .tar.gz, .tgz, .tar.zst, .tzst, .zip). Put the file into a folder and seal that.");
        try
        {
            var entries = isFolder ? await new FolderToSeal(path, progress).ReadAsync(cancellationToken) : await ReadArchiveAsync(path, cancellationToken);
            var manifest = new FileSetManifest(Guid.CreateVersion7(clock.GetUtcNow()).ToString("N"), clock.GetUtcNow(), key.ExportSubjectPublicKeyInfo(), entries);
            if (manifest.Files == 0) throw new SealRefusedException($"{path} holds no file: a seal on nothing protects nobody.");
            if (manifest.Entries.Count > FileSetManifest.MostEntries) throw new SealRefusedException($"{path} holds more than {FileSetManifest.MostEntries} files and folders. Seal its parts one by one.");
            var bytes = manifest.ToBytes();
            if (bytes.Length > FileSetManifest.LargestBytes) throw new SealRefusedException($"The manifest of {path} would be larger than {FileSetManifest.LargestBytes >> 20} MiB. Seal its parts one by one.");

            var name = isFolder ? Path.Combine(path, FileSetManifest.FileName) : $"{path}.{FileSetManifest.FileName}";
            var signatureName = isFolder ? Path.Combine(path, FileSetManifest.SignatureFileName) : $"{path}.{FileSetManifest.SignatureFileName}";
            Write((signatureName, FileSetManifest.Sign(bytes, key)), (name, bytes));
            return new SealedFileSet(path, manifest, name, signatureName);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SealRefusedException($"{path} was not sealed: {e.Message}");
        }
    }

    private static async Task<IReadOnlyList<FileSetEntry>> ReadArchiveAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            await using var archive = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.Asynchronous);
            return await FileSetArchive.ReadEntriesAsync(archive, path, cancellationToken);
        }
        catch (InvalidDataException e)
        {
            throw new SealRefusedException($"{path} was not sealed: {e.Message}");
        }
    }

    /// <summary>Both are on the disk before either gets its name: a power cut leaves the old seal, the new one, or two files that do not match, never half a file.</summary>
    private static void Write(params (string Path, byte[] Bytes)[] files)
    {
        try
        {
            foreach (var (path, bytes) in files)
            {
                using var file = new FileStream(path + ".tmp", FileMode.Create, FileAccess.Write, FileShare.None);
                file.Write(bytes);
                file.Flush(flushToDisk: true);
            }

            foreach (var (path, _) in files) File.Move(path + ".tmp", path, overwrite: true);
        }
        catch (IOException)
        {
            foreach (var (path, _) in files) File.Delete(path + ".tmp");
            throw;
        }

        if (!OperatingSystem.IsLinux()) return;
        var folder = Path.GetDirectoryName(files[0].Path) ?? "/";
        var error = Posix.SyncFolder([.. Utf8.GetBytes(folder), 0]);
        if (error != 0) throw new IOException($"the folder could not be made durable ({Posix.Message(error)})");
    }
}

/// <summary>What was sealed, and where the two files of the seal lie.</summary>
public sealed record SealedFileSet(string Path, FileSetManifest Manifest, string ManifestPath, string SignaturePath);

/// <summary>Something must not, or could not, be sealed. Nothing was written.</summary>
public sealed class SealRefusedException(string message) : Exception(message);
