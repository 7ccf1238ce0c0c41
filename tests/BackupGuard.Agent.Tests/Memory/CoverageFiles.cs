using BackupGuard.Agent.Memory;
using BackupGuard.Verification.Coverage;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Agent.Tests.Memory;

public sealed class CoverageFiles : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 3, 0, 0, TimeSpan.Zero);
    private readonly string folder = Directory.CreateTempSubdirectory("bg-memory-").FullName;

    private string Ledger => Path.Combine(folder, "coverage");

    private static CoverageKey Key(int i, byte state = 0) => CoverageKey.Of("t/1", $"data/{i}", i, Now, [state]);

    [Fact]
    public void What_was_recorded_is_there_after_opening_again()
    {
        using (var file = CoverageFile.Open(Ledger))
        {
            for (var i = 0; i < 100; i++) file.Record(Key(i), Now.AddSeconds(i));
            file.Forget(Key(7));
        }
        using var again = CoverageFile.Open(Ledger);
        again.LastAuthenticated(Key(99)).Should().Be(Now.AddSeconds(99));
        again.LastAuthenticated(Key(7)).Should().BeNull();
        again.LastAuthenticated(Key(99, state: 1)).Should().BeNull("it was read in another state");
    }

    [Fact]
    public void What_was_seen_in_an_object_is_said_of_its_later_states_too_until_it_is_read_clean_also_after_the_file_was_shortened()
    {
        using (var file = CoverageFile.Open(Ledger))
        {
            file.Record(Key(1), Now, 5);
            for (var i = 0; i < 10_000; i++) file.Record(Key(2), Now.AddSeconds(i), 1);
        }
        using (var again = CoverageFile.Open(Ledger))
        {
            (again.Marks(Key(1)), again.Marks(Key(1, state: 9)), again.Marks(Key(3))).Should().Be(((byte)5, (byte)5, (byte)0));
            again.LastAuthenticated(Key(1)).Should().Be(Now);
            again.Record(Key(1), Now);
            again.Marks(Key(1)).Should().Be(0);
        }
        new FileInfo(Ledger).Length.Should().BeLessThan(100 * CoverageRecord.Bytes);
    }

    [Fact]
    public void A_torn_tail_costs_one_record_and_the_next_one_is_written_in_its_place()
    {
        using (var file = CoverageFile.Open(Ledger)) for (var i = 0; i < 10; i++) file.Record(Key(i), Now);
        for (var cut = 1; cut < CoverageRecord.Bytes; cut++)
        {
            var torn = Path.Combine(folder, $"torn{cut}");
            File.WriteAllBytes(torn, File.ReadAllBytes(Ledger)[..^cut]);
            using (var file = CoverageFile.Open(torn))
            {
                file.LastAuthenticated(Key(8)).Should().Be(Now);
                file.LastAuthenticated(Key(9)).Should().BeNull();
                file.Record(Key(9), Now);
            }
            using var again = CoverageFile.Open(torn);
            again.LastAuthenticated(Key(9)).Should().Be(Now);
        }
    }

    [Fact]
    public void A_damaged_record_counts_as_never_read()
    {
        using (var file = CoverageFile.Open(Ledger)) for (var i = 0; i < 10; i++) file.Record(Key(i), Now);
        var bytes = File.ReadAllBytes(Ledger);
        bytes[16 + 4 * CoverageRecord.Bytes + 3] ^= 1;
        File.WriteAllBytes(Ledger, bytes);
        using var again = CoverageFile.Open(Ledger);
        again.LastAuthenticated(Key(4)).Should().BeNull();
        again.LastAuthenticated(Key(5)).Should().Be(Now);
    }

    [Fact]
    public void A_file_of_somebody_else_is_begun_anew()
    {
        File.WriteAllText(Ledger, "this is no ledger, but it is longer than a head and a record together");
        using (var file = CoverageFile.Open(Ledger)) file.Record(Key(1), Now);
        using var again = CoverageFile.Open(Ledger);
        again.LastAuthenticated(Key(1)).Should().Be(Now);
    }

    [Fact]
    public void A_ledger_full_of_old_records_is_rewritten_with_the_last_of_each()
    {
        using (var file = CoverageFile.Open(Ledger))
            for (var round = 0; round < 50; round++)
                for (var i = 0; i < 100; i++) file.Record(Key(i), Now.AddDays(round));
        var before = new FileInfo(Ledger).Length;
        using (var again = CoverageFile.Open(Ledger)) again.LastAuthenticated(Key(50)).Should().Be(Now.AddDays(49));
        new FileInfo(Ledger).Length.Should().BeLessThan(before / 10);
    }

    [Fact]
    public void Two_processes_do_not_write_over_each_other()
    {
        using var first = CoverageFile.Open(Ledger);
        ((Action)(() => CoverageFile.Open(Ledger).Dispose())).Should().Throw<IOException>();
        using var memory = RepositoryMemory.Open(folder, new RepositoryAddress("restic", "/srv/backup"));
        using var second = RepositoryMemory.Open(folder, new RepositoryAddress("restic", "/srv/backup"));
        memory.Open("id").Record(Key(1), Now);
        var ledger = second.Open("id");
        second.Problem.Should().NotBeNull();
        ledger.LastAuthenticated(Key(1)).Should().BeNull("a memory that is in use remembers nothing for the second");
    }

    [Fact]
    public void Another_repository_in_the_same_place_is_known_by_nothing()
    {
        using var memory = RepositoryMemory.Open(folder, new RepositoryAddress("restic", "/srv/backup"));
        memory.Open("one").Record(Key(1), Now);
        memory.Open("two").LastAuthenticated(Key(1)).Should().BeNull();
        using var elsewhere = RepositoryMemory.Open(folder, new RepositoryAddress("restic", "/srv/copy"));
        elsewhere.Open("one").LastAuthenticated(Key(1)).Should().BeNull();
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
