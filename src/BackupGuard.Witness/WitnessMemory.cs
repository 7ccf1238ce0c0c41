using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using BackupGuard.Evidence;

namespace BackupGuard.Witness;

/// <summary>What this witness has vouched for, one file a log: size and root, each on a line. Everything rests on it never going back.</summary>
/// <remarks>
/// A file that cannot be read is not "nothing seen": the witness vouches for that log no more until a person has looked. One process holds the folder at a time.
/// A replaced file is on the disk, name and content, before the method returns.
/// </remarks>
internal sealed class WitnessMemory : IDisposable
{
    private readonly string _folder;
    private readonly FileStream _lock;

    private WitnessMemory(string folder, FileStream held) => (_folder, _lock) = (folder, held);

    /// <exception cref="IOException">Another process holds it, or the disk refuses.</exception>
    public static WitnessMemory Open(string folder)
    {
        PrivateFiles.CreateFolder(folder);
        var path = Path.Combine(folder, "lock");
        try
        {
            return new WitnessMemory(folder, new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None));
        }
        catch (IOException e) when (File.Exists(path))
        {
            throw new IOException($"Another witness already works in {folder}. Two of one name could contradict each other; end that one first.", e);
        }
    }

    /// <returns>Null when nothing was vouched for yet.</returns>
    /// <exception cref="InvalidDataException">Something was, and it cannot be read.</exception>
    public WitnessedTree? Find(string origin)
    {
        var path = PathOf(origin);
        if (!File.Exists(path)) return null;
        if (new FileInfo(path).Length > 4096) throw Damaged(path);
        return File.ReadAllText(path).Split('\n') is [var name, var size, var root, ""] && name == origin
            && long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && Hash256.TryParse(root, out var hash)
            ? new WitnessedTree(number, hash)
            : throw Damaged(path);
    }

    public void Save(string origin, WitnessedTree tree) =>
        PrivateFiles.Replace(PathOf(origin), Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{origin}\n{tree.Size}\n{tree.Root}\n")));

    public void Dispose() => _lock.Dispose();

    // An origin is a URL: its hash is a file name on every system.
    private string PathOf(string origin) => Path.Combine(_folder, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(origin)))[..32] + ".seen");

    private static InvalidDataException Damaged(string path) => new($"{path} cannot be read. Nothing is vouched for until somebody has compared it with the log's own copies.");
}
