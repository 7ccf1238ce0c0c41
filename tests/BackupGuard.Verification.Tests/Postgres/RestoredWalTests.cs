using BackupGuard.Verification.Tests.Corpus;
using BackupGuard.Verification.Tests.FileSet;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Verification.Tests.Postgres;

public sealed class RestoredWalTests
{
    [Fact]
    public async Task What_somebody_put_behind_the_wal_that_the_backup_needs_is_not_restored()
    {
        var honest = CorpusTests.Store(Vector.Load("postgres", "standby-signal"));
        var bent = CorpusTests.Store(Vector.Load("postgres", "standby-signal"));
        var segment = bent.Names.Where(n => n.StartsWith("pg_wal/", StringComparison.Ordinal) && bent[n].Length >= 1 << 20).Order(StringComparer.Ordinal).Last();
        byte[] bytes = [.. bent[segment]];
        "records that a server would replay"u8.CopyTo(bytes.AsSpan(bytes.Length - 4096));
        bent[segment] = bytes;

        (await CorpusTests.VerifyAsync("postgres", bent)).Verdict.Should().Be(Verdict.Proved, "as pg_verifybackup, this does not look there");
        var (expected, restored) = (new MemoryTarget(), new MemoryTarget());
        (await CorpusTests.RestoreAsync("postgres", honest, expected)).Verdict.Should().Be(Verdict.Proved);
        (await CorpusTests.RestoreAsync("postgres", bent, restored)).Verdict.Should().Be(Verdict.Proved);
        restored.Files[segment].SequenceEqual(expected.Files[segment]).Should().BeTrue();
        restored.Files[segment].AsSpan(bytes.Length - 4096).ContainsAnyExcept((byte)0).Should().BeFalse();
        restored.Files[segment].AsSpan(0, 4096).ContainsAnyExcept((byte)0).Should().BeTrue("what is needed is there");
    }
}
