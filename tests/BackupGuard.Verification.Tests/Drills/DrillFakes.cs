using System.Text;
using BackupGuard.Verification.Drills;
using BackupGuard.Verification.Restoring;

namespace BackupGuard.Verification.Tests.Drills;

internal sealed class TestClock(DateTimeOffset now) : TimeProvider
{
    private DateTimeOffset _now = now;
    private long _timestamp;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;
    public override DateTimeOffset GetUtcNow() => _now;
    public override long GetTimestamp() => _timestamp;

    public void Advance(TimeSpan by)
    {
        _now += by;
        _timestamp += by.Ticks;
    }

    public void StepBack(TimeSpan by) => _now -= by;
}

internal static class Parsed
{
    public static Glob Glob(string text) => Verification.Drills.Glob.TryParse(text, out var glob, out var refusal) ? glob : throw new ArgumentException(refusal);
    public static RestoredPath Path(string text) => RestoredPath.TryParse(text, out var path, out var refusal) ? path : throw new ArgumentException(refusal);
}

/// <summary>A backup of named files that takes its time to restore.</summary>
internal sealed class FakeRepository(TestClock clock, DateTimeOffset takenAt, params (string Path, string Content)[] files) : IBackupRepository
{
    public TimeSpan RestoreTakes { get; init; } = TimeSpan.FromMinutes(10);
    public List<Finding> Findings { get; } = [];
    public Words? Unfinished { get; init; }
    public bool NamesNoSnapshot { get; init; }
    public Func<CancellationToken, Task>? Meanwhile { get; init; }

    public Task<VerifyReport> VerifyAsync(VerifyOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellationToken) => throw new NotSupportedException();
    public Task<InspectReport> InspectAsync(CancellationToken cancellationToken) => Task.FromResult(new InspectReport { Format = "restic", Findings = [], Snapshots = [Snapshot] });

    /// <summary>Of the snapshot, where only a part of it is restored.</summary>
    public long? WholeBytes { get; init; }
    public string Asked { get; private set; } = "";
    private SnapshotSummary Snapshot => new("4bba301e", takenAt, files.Length, WholeBytes ?? files.Sum(f => f.Content.Length));

    public async Task<RestoreReport> RestoreAsync(RestoreOptions options, IRestoreTarget target, IProgress<WorkProgress>? progress, CancellationToken cancellationToken)
    {
        Asked = options.Snapshot;
        if (Meanwhile is not null) await Meanwhile(cancellationToken);
        foreach (var (path, content) in files)
        {
            RestorePath.Root.TryAppend(Encoding.UTF8.GetBytes(path), out var where, out _);
            using var file = target.CreateFile(where, content.Length);
            file.Write(0, Encoding.UTF8.GetBytes(content));
        }
        clock.Advance(RestoreTakes);
        return new RestoreReport
        {
            Findings = Findings, Unfinished = Unfinished, Files = files.Length, Bytes = files.Sum(f => f.Content.Length),
            Snapshot = NamesNoSnapshot ? null : Snapshot,
        };
    }
}

/// <summary>A sandbox in memory.</summary>
internal sealed class FakeSandbox(TestClock clock) : IDrillSandbox, IRestoredFiles, IDamage
{
    private readonly Dictionary<string, byte[]> _written = [];
    private readonly Dictionary<string, DateTimeOffset> _modified = [];
    private bool _committed;

    public RestoreException? WriteFails { get; init; }
    public string? LeftBehind { get; init; }
    public bool LosesFiles { get; init; }
    public int CleanedUp { get; private set; }
    public IRestoredFiles Files => this;
    public IDamage? Damage => this;
    public long? Free { get; init; }
    public long? FreeBytes => Free;
    public int Damaged { get; private set; }

    public void Delete(RestoredPath path)
    {
        Damaged++;
        _written.Remove(path.ToString());
    }

    public Stream OpenWrite(RestoredPath path)
    {
        Damaged++;
        return new MemoryStream(_written[path.ToString()]);
    }

    public void SetModified(RestoredPath path, DateTimeOffset at)
    {
        Damaged++;
        _modified[path.ToString()] = at;
    }

    public ValueTask<IRestoreTarget> PrepareAsync(CancellationToken cancellationToken) => ValueTask.FromResult<IRestoreTarget>(new Target(this));

    public ValueTask<string?> CleanUpAsync()
    {
        CleanedUp++;
        return ValueTask.FromResult(LeftBehind);
    }

    public IEnumerable<RestoredEntry> List() => _committed
        ? _written.Select(f => new RestoredEntry(f.Key, RestoredKind.File, f.Value.Length, _modified.GetValueOrDefault(f.Key, clock.GetUtcNow() - TimeSpan.FromHours(20))))
        : throw new InvalidOperationException("Listed before the commit.");

    public Stream? OpenRead(RestoredPath path) => _written.TryGetValue(path.ToString(), out var bytes) ? new MemoryStream(bytes) : null;

    private sealed class Target(FakeSandbox sandbox) : IRestoreTarget
    {
        public void CreateDirectory(RestorePath path) { }

        public IRestoredFile CreateFile(RestorePath path, long lengthBytes)
        {
            if (sandbox.WriteFails is { } failure) throw failure;
            var bytes = new byte[lengthBytes];
            if (!sandbox.LosesFiles) sandbox._written.Add(path.ToString(), bytes);
            return new OpenFile(bytes);
        }

        public void CreateSymbolicLink(RestorePath path, ReadOnlySpan<byte> target) { }
        public void CreateHardLink(RestorePath path, RestorePath existing) { }
        public bool TryCreateSpecial(RestorePath path, SpecialFile kind, ulong device) => false;
        public string? SetMetadata(RestorePath path, RestoredMetadata metadata, bool isSymbolicLink) => null;

        public ValueTask CommitAsync()
        {
            sandbox._committed = true;
            return ValueTask.CompletedTask;
        }

        public ValueTask DiscardAsync()
        {
            sandbox._written.Clear();
            return ValueTask.CompletedTask;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class OpenFile(byte[] bytes) : IRestoredFile
    {
        public void Write(long offset, ReadOnlySpan<byte> written) => written.CopyTo(bytes.AsSpan((int)offset));
        public void Dispose() { }
    }
}
