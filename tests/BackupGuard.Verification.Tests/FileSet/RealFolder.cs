using System.Diagnostics;
using System.IO.Compression;
using System.Security.Cryptography;
using BackupGuard.Verification.Formats.FileSet;

namespace BackupGuard.Verification.Tests.FileSet;

/// <summary>A real folder in the temporary directory and the archives that the machine's own programs make of it.</summary>
internal sealed class RealFolder : IDisposable
{
    public static readonly string[] Endings = [".tar", ".tar.gz", ".tar.zst", ".zip"];

    public string Path { get; } = Directory.CreateTempSubdirectory("backupguard-fileset-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>Two files, a folder in a folder, an empty file.</summary>
    public static RealFolder WithSample()
    {
        var folder = new RealFolder();
        folder.Write("a.txt", "premier"u8.ToArray());
        folder.Write("sub/deep/b.bin", [.. Enumerable.Range(0, 400_000).Select(i => (byte)(i * (i >> 7) % 251))]);
        folder.Write("sub/empty", []);
        return folder;
    }

    public void Write(string name, byte[] content)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(this[name])!);
        File.WriteAllBytes(this[name], content);
    }

    /// <summary>The bytes of an archive of this folder, made by tar, gzip and zstd, or by the framework for zip.</summary>
    /// <param name="root">"." for the content of the folder; the folder's name to have everything below it.</param>
    public byte[] Pack(string ending, string root = ".", params string[] options)
    {
        using var packed = new RealFolder();
        var tar = packed["x.tar"];
        if (ending == ".zip")
        {
            ZipFile.CreateFromDirectory(Path, packed["x.zip"], CompressionLevel.Optimal, includeBaseDirectory: root != ".");
            return File.ReadAllBytes(packed["x.zip"]);
        }

        var (from, what) = root == "." ? (Path, ".") : (System.IO.Path.GetDirectoryName(Path)!, System.IO.Path.GetFileName(Path));
        Run("tar", [.. options, "-C", from, "-cf", tar, what]);
        if (ending == ".tar.gz") Run("gzip", ["-n", tar]);
        if (ending == ".tar.zst") Run("zstd", ["-q", tar]);
        return File.ReadAllBytes(packed["x" + ending]);
    }

    /// <summary>Names that are not UTF-8 are beyond the framework.</summary>
    public void Dispose() => Run("rm", ["-rf", Path]);

    public static void Run(string program, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })
            ?? throw new InvalidOperationException($"{program} did not start: these tests need it.");
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {error}");
    }
}

internal static class SealedArchive
{
    /// <summary>An archive with its manifest beside it, as the verb seal leaves it.</summary>
    public static async Task<SealedSet> BesideAsync(string name, byte[] archive)
    {
        var set = new SealedSet { Archive = name };
        set.Store[name] = archive;
        set.Seal(await EntriesAsync(name, archive));
        return set;
    }

    public static Task<IReadOnlyList<FileSetEntry>> EntriesAsync(string name, byte[] archive) =>
        FileSetArchive.ReadEntriesAsync(new MemoryStream(archive), name, CancellationToken.None);

    /// <summary>Seals a real folder in place.</summary>
    public static void SealInPlace(RealFolder folder, ECDsa key)
    {
        var files = Directory.EnumerateFiles(folder.Path, "*", SearchOption.AllDirectories)
            .Select(f => SealedSet.File(Path.GetRelativePath(folder.Path, f), File.ReadAllBytes(f)));
        var folders = Directory.EnumerateDirectories(folder.Path, "*", SearchOption.AllDirectories)
            .Select(f => new FileSetEntry(System.Text.Encoding.UTF8.GetBytes(Path.GetRelativePath(folder.Path, f)), FileSetKind.Directory));
        FileSetEntry[] entries = [.. files, .. folders];
        var manifest = new FileSetManifest(SealedSet.Id, SealedSet.SealedAt, key.ExportSubjectPublicKeyInfo(), entries).ToBytes();
        folder.Write(FileSetManifest.FileName, manifest);
        folder.Write(FileSetManifest.SignatureFileName, FileSetManifest.Sign(manifest, key));
    }
}
