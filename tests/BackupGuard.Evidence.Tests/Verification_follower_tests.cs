using FluentAssertions;
using Xunit;

namespace BackupGuard.Evidence.Tests;

/// <summary>Records are read ahead and examined by several threads at once; who follows must see none of it.</summary>
public class Verification_follower_tests
{
    // Some more than two of the verifier's batches.
    private const int Size = 2500, Damaged = 1300;

    private readonly SampleLog log = Long();

    [Fact]
    public void A_follower_is_told_of_each_record_in_the_order_of_the_log()
    {
        var records = log.Records.Select(r => r.Index == Damaged ? r with { Signature = log.Records[0].Signature } : r);
        var follower = new Follower();

        LogVerifier.Verify(records, log.Checkpoints, log.Trust, follower).Problems.Should().Contain(p => p.Code == "BG2004").Which.Subject.Should().Be($"Record {Damaged}");

        follower.Told.Should().Equal(Enumerable.Range(0, Size).SelectMany(i => i == Damaged ? (string[])[$"next {i}", $"grown {i}"] : [$"next {i}", $"verified {i}", $"grown {i}"]));
        var tree = new MerkleFrontier();
        follower.Completed.Should().Equal(log.Records.SelectMany(r => tree.Append(MerkleTree.HashLeaf(r.Entry.Span))));
    }

    [Fact]
    public void A_reader_that_fails_in_the_middle_ends_the_verification_with_its_own_error_and_what_was_told_is_a_beginning_of_the_log()
    {
        var follower = new Follower();

        var verify = () => LogVerifier.Verify(Failing(), log.Checkpoints, log.Trust, follower);

        verify.Should().Throw<IOException>().WithMessage("torn page");
        follower.Told.Should().NotBeEmpty();
        follower.Told.Where(t => t.StartsWith("grown", StringComparison.Ordinal)).Should().Equal(Enumerable.Range(0, follower.Told.Count / 3).Select(i => $"grown {i}"));

        IEnumerable<StoredRecord> Failing()
        {
            foreach (var record in log.Records) yield return record.Index < 2200 ? record : throw new IOException("torn page");
        }
    }

    private static SampleLog Long()
    {
        var log = new SampleLog();
        log.Register(log.Pharmacy);
        while (log.Records.Count < Size) log.Add(log.Pharmacy.Sign("agent.start", "{}"));
        log.Seal();
        return log;
    }

    private sealed class Follower : IVerificationFollower
    {
        private long current = -1;

        public List<string> Told { get; } = [];
        public List<TreeNode> Completed { get; } = [];

        public void Next(StoredRecord record, MerkleFrontier before)
        {
            before.Size.Should().Be(record.Index);
            current = record.Index;
            Told.Add($"next {current}");
        }

        public void Verified(long position, VerifiedEntry entry)
        {
            position.Should().Be(current);
            Told.Add($"verified {position}");
        }

        public void Grown(IReadOnlyList<TreeNode> completed)
        {
            Completed.AddRange(completed);
            Told.Add($"grown {current}");
        }
    }
}
