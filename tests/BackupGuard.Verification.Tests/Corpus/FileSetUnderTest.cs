using System.Diagnostics;
using System.Security.Cryptography;
using BackupGuard.Verification.Formats.FileSet;
using BackupGuard.Verification.Stores;
using BackupGuard.Verification.Tests.Stores;

namespace BackupGuard.Verification.Tests.Corpus;

/// <summary>
/// Sealed file sets in the corpus. No other program reads the seal; what people ask about an archive is tar, gzip, zstd and unzip, whose test modes see a broken archive and nothing
/// else: a whole archive with other content is what they miss. A plain folder has no tool at all.
/// </summary>
internal static partial class FileSetUnderTest
{
    private const string ManifestEnding = "." + FileSetManifest.FileName;

    /// <summary>A key that is public on purpose: it seals the bases and vouches for nothing else.</summary>
    public static ECDsa SampleKey { get; } = Key("sample-key.pem");
    public static ECDsa StrangersKey { get; } = Key("sample-key-of-a-stranger.pem");

    public static IBackupRepository Open(IBackupStore store)
    {
        var trust = new FileSetTrust([SampleKey.ExportSubjectPublicKeyInfo()]);
        return ArchiveIn(((MemoryStore)store).Names) is { } archive ? FileSetRepository.OverArchive(store, archive, trust) : FileSetRepository.OverFolder(store, trust);
    }

    /// <summary>The archive that is there, or the one that the manifest beside it was made for.</summary>
    public static string? ArchiveIn(IEnumerable<string> names) => names
        .Select(n => n.EndsWith(ManifestEnding, StringComparison.Ordinal) ? n[..^ManifestEnding.Length] : n)
        .FirstOrDefault(n => !n.Contains('/', StringComparison.Ordinal) && FileSetRepository.IsArchive(n));

    public static bool Check(string folder)
    {
        var name = ArchiveIn(Directory.EnumerateFiles(folder).Select(f => Path.GetFileName(f))) ?? throw new InvalidOperationException("a folder has no tool: the vector says not-asked");
        var archive = Path.Combine(folder, name);
        if (name.EndsWith(".zip", StringComparison.Ordinal)) return Succeeds("unzip", "-tqq", archive);
        if (name.EndsWith(".gz", StringComparison.Ordinal) && !Succeeds("gzip", "-t", archive)) return false;
        if (name.EndsWith(".zst", StringComparison.Ordinal) && !Succeeds("zstd", "-tq", archive)) return false;
        return Succeeds("tar", "-tf", archive);
    }

    private static bool Succeeds(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true, RedirectStandardInput = true })
            ?? throw new InvalidOperationException($"{program} did not start: these tests need it.");
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync();
        process.StandardOutput.ReadToEnd();
        error.GetAwaiter().GetResult();
        process.WaitForExit();
        return process.ExitCode == 0;
    }

    private static ECDsa Key(string file)
    {
        var key = ECDsa.Create();
        key.ImportFromPem(File.ReadAllText(Path.Combine(Vector.Root(), FileSetRepository.Format, file)));
        return key;
    }

    public static IReadOnlyList<ShapedDamage> Shaped { get; } = [];
}
