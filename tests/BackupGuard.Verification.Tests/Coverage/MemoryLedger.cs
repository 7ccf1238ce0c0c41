using System.Collections.Concurrent;
using BackupGuard.Verification.Coverage;

namespace BackupGuard.Verification.Tests.Coverage;

/// <summary>A memory without a disk.</summary>
internal sealed class MemoryLedger : ICoverageMemory, ICoverageLedger
{
    public ConcurrentDictionary<UInt128, (ulong State, DateTimeOffset At)> Known { get; } = new();

    private readonly ConcurrentDictionary<UInt128, byte> marksOf = new();

    public ICoverageLedger Open(string repositoryId) => this;
    public DateTimeOffset? LastAuthenticated(CoverageKey key) => Known.TryGetValue(key.Name, out var known) && known.State == key.State ? known.At : null;
    public void Record(CoverageKey key, DateTimeOffset at, byte marks = 0) => (Known[key.Name], marksOf[key.Name]) = ((key.State, at), marks);
    public byte Marks(CoverageKey key) => marksOf.GetValueOrDefault(key.Name);
    public void Forget(CoverageKey key)
    {
        Known.TryRemove(key.Name, out _);
        marksOf.TryRemove(key.Name, out _);
    }
}

/// <summary>A clock that goes where it is told.</summary>
internal sealed class SetClock(DateTimeOffset now) : TimeProvider
{
    public DateTimeOffset Now { get; set; } = now;
    public override DateTimeOffset GetUtcNow() => Now;
}
