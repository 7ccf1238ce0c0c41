using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using BackupGuard.Verification.Checks.Anomaly;
using BackupGuard.Verification.Formats.Restic;
using BackupGuard.Verification.Stores;

namespace BackupGuard.Benchmarks;

/// <summary>What the check costs on a repository that the restic binary made of 100,000 small files, one in forty of which changed, in every folder.</summary>
internal static class SignalsCost
{
    private const int Files = 100_000, PerFolder = 200, Every = 40, Changed = Files / Every;

    public static async Task PrintAsync()
    {
        var folder = Directory.CreateTempSubdirectory("backupguard-signals-").FullName;
        try
        {
            var password = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
            var (source, repository) = (Path.Combine(folder, "source"), Path.Combine(folder, "repository"));
            Write(source, 1, "first");
            await ResticAsync(folder, password, "init", "-r", repository, "--no-cache", "-q");
            await ResticAsync(folder, password, "backup", "-r", repository, "--no-cache", "-q", "--host", "h", "--time", "2026-11-01 22:00:00", source);
            Write(source, Every, "second");
            await ResticAsync(folder, password, "backup", "-r", repository, "--no-cache", "-q", "--host", "h", "--time", "2026-11-02 22:00:00", source);

            var opened = new ResticRepository(new PlainFolder(repository), System.Text.Encoding.ASCII.GetBytes(password), TimeProvider.System);
            double[] lists = new double[3], whole = new double[3];
            for (var run = 0; run < lists.Length; run++)
            {
                lists[run] = await MeasureAsync(opened, new AnomalySettings { SampleFiles = 0 });
                whole[run] = await MeasureAsync(opened, new AnomalySettings());
            }
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\n### Cost\n\nrestic repository of {Files} files in {Files / PerFolder} folders, {Changed} changed between two snapshots, some in every folder, so that no folder is equal in both; best of three, the page cache warm, opening (key, indexes) not counted:"));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"canaries, lists and baseline of the second snapshot {lists.Min():0.00} s per 100,000 files (budget 2 s); with a sample of 200 contents and their versions before {whole.Min():0.00} s (budget 60 s). Load average {Machine.Load()}."));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<double> MeasureAsync(ResticRepository repository, AnomalySettings settings)
    {
        await using var history = await repository.OpenHistoryAsync(null, CancellationToken.None) ?? throw new BenchmarkException("the repository did not open");
        var series = history.Snapshots.ToList();
        var first = new AnomalyMemory(AnomalyMemory.KeyOf(history.RepositoryId, series[0])).With(new RunRecord(series[0].Id, series[0].TakenAt, AnomalyVerdict.NoSignSeen, Files, 0, null), []);
        var watch = Stopwatch.StartNew();
        var report = await new AnomalyCheck(history, settings).RunAsync(_ => first, null, CancellationToken.None);
        var seconds = watch.Elapsed.TotalSeconds;
        if (report.Judgements is not [{ Metadata: { Files: Files, Changed: Changed } }]) throw new BenchmarkException("the check did not see what was written");
        return seconds;
    }

    private static void Write(string source, int every, string what)
    {
        for (var i = 0; i < Files; i += every)
        {
            var path = Path.Combine(source, $"{i / PerFolder:0000}", $"{i:000000}.txt");
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);    // a combined path has a folder
            File.WriteAllText(path, $"{what} {i} {new string('x', i % 4000)}\n");
        }
    }

    private static Task<string> ResticAsync(string folder, string password, params string[] arguments) => TimedProcess.RunPlainAsync(["restic", .. arguments], folder, ("RESTIC_PASSWORD", password));

    /// <summary>A folder as a store, no more than this needs.</summary>
    private sealed class PlainFolder(string root) : IBackupStore
    {
        public string Location => root;

        public async IAsyncEnumerable<StoredObject> ListAsync(string prefix, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await Task.Yield();
            var folder = Path.Combine(root, prefix);
            if (!Directory.Exists(folder)) yield break;
            foreach (var file in new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories))
                yield return new StoredObject(Path.GetRelativePath(root, file.FullName), file.Length, file.LastWriteTimeUtc);
        }

        public ValueTask<IObjectReader> OpenAsync(string name, CancellationToken cancellationToken)
        {
            try
            {
                return ValueTask.FromResult<IObjectReader>(new Reader(File.OpenHandle(Path.Combine(root, name))));
            }
            catch (IOException e)
            {
                throw new StoreException(StoreFailure.NotFound, name, e.Message, e);
            }
        }

        public IAsyncEnumerable<StoredVersion> ListVersionsAsync(string prefix, CancellationToken cancellationToken) => throw new NotSupportedException();
        public ValueTask<ObjectLock> LockAsync(string name, string version, CancellationToken cancellationToken) => ValueTask.FromResult(ObjectLock.Unknown);

        private sealed class Reader(Microsoft.Win32.SafeHandles.SafeFileHandle handle) : IObjectReader
        {
            public long LengthBytes { get; } = RandomAccess.GetLength(handle);
            public ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken) => ValueTask.FromResult(RandomAccess.Read(handle, buffer.Span, offset));

            public ValueTask DisposeAsync()
            {
                handle.Dispose();
                return ValueTask.CompletedTask;
            }
        }
    }
}
