using BackupGuard.Verification.Checks.Anomaly;
using BackupGuard.Verification.Formats.FileSet;
using BackupGuard.Verification.Tests.Anomaly.Simulation;
using BackupGuard.Verification.Tests.FileSet;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Verification.Tests.Anomaly;

/// <summary>Of a sealed set only the manifest of the one before is left: names, sizes, hashes.</summary>
public sealed class SealedSetHistories
{
    private readonly Dice dice = new(12);

    private static SealedSet Set(string id, DateTimeOffset at, Func<int, (string Name, byte[] Content)> file)
    {
        var set = new SealedSet();
        var entries = new List<FileSetEntry>();
        for (var i = 0; i < 60; i++)
        {
            var (name, content) = file(i);
            set.Store[name] = content;
            entries.Add(SealedSet.File(name, content));
        }
        var manifest = new FileSetManifest(id, at, set.Key.ExportSubjectPublicKeyInfo(), entries);
        set.SealBytes(manifest.ToBytes());
        return set;
    }

    private (string, byte[]) Plain(int i) => ($"a{i % 3}/b-{i % 2}/f{i}.csv", FileForge.Csv(dice, 6000));

    [Fact]
    public async Task An_encrypted_set_is_told_from_the_manifest_of_the_one_before_and_its_own_contents()
    {
        using var before = Set(new string('1', 32), SealedSet.SealedAt, Plain);
        await using var first = await before.Open().OpenHistoryAsync(null, CancellationToken.None);
        var start = await new AnomalyCheck(first!, new AnomalySettings()).RunAsync(_ => null, null, CancellationToken.None);    // a trusted key signed it
        start.Judgements.Single().Verdict.Should().Be(AnomalyVerdict.NotJudged);

        using var after = Set(new string('2', 32), SealedSet.SealedAt.AddDays(1), i => (Plain(i).Item1, dice.Bytes(6000)));
        await using var second = await after.Open().OpenHistoryAsync(first!.ToRemember, CancellationToken.None);    // as above
        var report = await new AnomalyCheck(second!, new AnomalySettings()).RunAsync(_ => start.Memories[0], null, CancellationToken.None);    // as above
        var judgement = report.Judgements[^1];
        judgement.Metadata!.Should().BeEquivalentTo(new { Files = 60L, FilesBefore = 60L, Changed = 60L, Added = 0L, Deleted = 0L });    // there is one before it
        judgement.Metadata!.Rewritten.Should().BeNull("there are no pieces and no compression to measure");
        judgement.Content!.HasBefore.Should().BeFalse();    // its lists show much
        judgement.Votes.Should().Contain(v => v.Signal == Signal.TypeLostToRandom && v.Weight == VoteWeight.Strong);
        judgement.Verdict.Should().Be(AnomalyVerdict.Infected);
        report.Memories[0].Key.Should().Be(start.Memories[0].Key, "each sealing has a new id, the place stays");
    }

    [Fact]
    public async Task The_same_files_sealed_again_differ_in_nothing()
    {
        var contents = Enumerable.Range(0, 60).Select(Plain).ToList();
        using var before = Set(new string('1', 32), SealedSet.SealedAt, i => contents[i]);
        using var after = Set(new string('2', 32), SealedSet.SealedAt.AddDays(1), i => contents[i]);
        await using var first = await before.Open().OpenHistoryAsync(null, CancellationToken.None);
        await using var second = await after.Open().OpenHistoryAsync(first!.ToRemember, CancellationToken.None);    // a trusted key signed it
        var judgement = (await new AnomalyCheck(second!, new AnomalySettings()).RunAsync(_ => null, null, CancellationToken.None)).Judgements[^1];    // likewise
        judgement.Verdict.Should().Be(AnomalyVerdict.NoSignSeen);
        judgement.Metadata!.Should().BeEquivalentTo(new { Changed = 0L, Added = 0L, Deleted = 0L, Moved = 0L });    // there is one before it
    }

    [Fact]
    public async Task A_remembered_manifest_that_is_none_counts_as_nothing()
    {
        using var set = Set(new string('1', 32), SealedSet.SealedAt, Plain);
        await using var history = await set.Open().OpenHistoryAsync("not a manifest"u8.ToArray(), CancellationToken.None);
        history!.Snapshots.Should().ContainSingle();    // a trusted key signed it
    }

    [Fact]
    public async Task A_set_that_nobody_signed_rightly_has_no_history()
    {
        using var set = Set(new string('1', 32), SealedSet.SealedAt, Plain);
        set.Store[FileSetManifest.SignatureFileName] = [1, 2, 3];
        (await set.Open().OpenHistoryAsync(null, CancellationToken.None)).Should().BeNull();
    }
}
