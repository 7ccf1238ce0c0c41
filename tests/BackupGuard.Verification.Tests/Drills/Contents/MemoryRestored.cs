using BackupGuard.Verification.Drills;

namespace BackupGuard.Verification.Tests.Drills.Contents;

/// <summary>Restored files in memory that can be damaged.</summary>
internal sealed class MemoryRestored : IRestoredFiles, IDamage
{
    public static readonly DateTimeOffset Start = new(2026, 11, 22, 2, 0, 0, TimeSpan.Zero);

    public SortedDictionary<string, byte[]> Files { get; } = new(StringComparer.Ordinal);
    public Dictionary<string, DateTimeOffset> Changed { get; } = [];

    public static MemoryRestored Of(params (string Path, byte[] Content)[] files)
    {
        var restored = new MemoryRestored();
        foreach (var (path, content) in files) restored.Files[path] = content;
        return restored;
    }

    public ProbeScene Scene => new(Start, this, Files.Count, Files.Values.Sum(f => (long)f.Length)) { Damage = this, Snapshot = new SnapshotSummary("4bba301e", Start - TimeSpan.FromHours(6), Files.Count, 1) };

    public IEnumerable<RestoredEntry> List() => Files.ToList().Select(f => new RestoredEntry(f.Key, RestoredKind.File, f.Value.Length, Changed.GetValueOrDefault(f.Key, Start - TimeSpan.FromDays(2))));
    public Stream? OpenRead(RestoredPath path) => Files.TryGetValue(path.ToString(), out var bytes) ? new MemoryStream(bytes) : null;
    public void Delete(RestoredPath path) => Files.Remove(path.ToString());
    public Stream OpenWrite(RestoredPath path) => new Written(this, path.ToString());
    public void SetModified(RestoredPath path, DateTimeOffset at) => Changed[path.ToString()] = at;

    private sealed class Written : MemoryStream
    {
        private readonly MemoryRestored _files;
        private readonly string _path;

        public Written(MemoryRestored files, string path)
        {
            (_files, _path) = (files, path);
            Write(files.Files[path]);
            Position = 0;
        }

        protected override void Dispose(bool disposing)
        {
            _files.Files[_path] = ToArray();
            base.Dispose(disposing);
        }
    }
}
