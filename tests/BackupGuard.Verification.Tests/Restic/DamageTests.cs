using BackupGuard.Verification.Formats.Restic;
using BackupGuard.Verification.Stores;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Verification.Tests.Restic;

/// <summary>Real repositories, each with one damage. Where the binary says no, we must never say good; every place of every file counts.</summary>
public sealed class DamageTests(ResticFixture fixture) : IClassFixture<ResticFixture>
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_repository_made_by_restic_is_proved_and_fully_covered(int version)
    {
        var report = await fixture.Of(version).VerifyAsync();
        report.Findings.Should().BeEmpty();
        report.Verdict.Should().Be(Verdict.Proved);
        report.Coverage.Should().Be(1);
        report.Snapshots.Should().HaveCount(2).And.OnlyContain(s => s.Files == 45 && s.Host == "fixture");
        fixture.Check(fixture.Of(version)).Should().Be(0, "the binary agrees");
    }

    [Fact]
    public async Task A_repository_without_compression_is_proved() => (await fixture.Uncompressed.VerifyAsync()).Verdict.Should().Be(Verdict.Proved);

    [Fact]
    public async Task The_sum_of_the_bytes_is_that_of_the_source()
    {
        var files = new DirectoryInfo(fixture.Source).EnumerateFiles("*", SearchOption.AllDirectories).Where(f => f.LinkTarget is null).ToList();
        var newest = (await fixture.Uncompressed.VerifyAsync()).Snapshots.MaxBy(s => s.TakenAt);
        newest!.Bytes.Should().Be(files.Sum(f => f.Length));
    }

    /// <summary>IV, ciphertext, tag, header, header length, JSON of the key: whatever lies at these distances from both ends of every file.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task One_flipped_bit_at_any_kind_of_place_of_any_file_is_found(int version)
    {
        var clean = fixture.Of(version);
        var missed = new List<string>();
        foreach (var (name, bytes) in clean.Files)
        {
            int[] fromStart = [0, 1, 7, 15, 16, 17, 40, bytes.Length / 3, bytes.Length / 2];
            int[] fromEnd = [1, 2, 3, 4, 5, 12, 20, 21, 36, 37, 50, 60];
            foreach (var place in fromStart.Concat(fromEnd.Select(e => bytes.Length - e)).Where(p => p >= 0 && p < bytes.Length).Distinct())
            {
                bytes[place] ^= (byte)(1 << (place % 8));
                if ((await clean.VerifyAsync()).Verdict == Verdict.Proved) missed.Add($"{name} at {place}");
                bytes[place] ^= (byte)(1 << (place % 8));
            }
        }
        missed.Should().BeEmpty();
        (await clean.VerifyAsync()).Verdict.Should().Be(Verdict.Proved, "every bit was put back");
    }

    [Fact]
    public async Task A_lost_pack_names_the_snapshots_and_paths_that_need_it()
    {
        var copy = fixture.Version2.Clone();
        copy.Files.Remove(copy.Files.Where(f => f.Key.StartsWith("data/", StringComparison.Ordinal)).MaxBy(f => f.Value.Length).Key);
        var lost = (await copy.VerifyAsync()).Findings.Single(f => f.Code == "BG1121");
        lost.Paths.Should().NotBeEmpty().And.Contain(p => p.EndsWith("a.bin", StringComparison.Ordinal) || p.Contains("docs", StringComparison.Ordinal));
        lost.Message("en").Should().NotContain("Needed by: –");
        lost.WithoutPaths().Paths.Should().BeEmpty("file names stay at the machine");
    }

    [Fact]
    public async Task A_wrong_password_is_said_and_nothing_is_proved()
    {
        var report = await fixture.Version2.VerifyAsync("not the password");
        report.Verdict.Should().Be(Verdict.Failed);
        report.Findings.Should().ContainSingle().Which.Code.Should().Be("BG1101");
    }

    [Fact]
    public async Task A_malformed_key_file_beside_the_good_one_is_reported_and_does_not_keep_it_from_opening()
    {
        var copy = fixture.Version2.Clone();
        var bad = System.Text.Encoding.UTF8.GetBytes("""{"kdf":"scrypt","N":100,"r":8,"p":1,"salt":"AAAAAAAAAAAAAAAA","data":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}""");
        copy.Files["keys/" + Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bad))] = bad;
        var report = await copy.VerifyAsync();
        report.Findings.Should().ContainSingle().Which.Code.Should().Be("BG1103");
        report.Verdict.Should().Be(Verdict.Failed, "the binary itself may refuse to open the repository");
        report.Coverage.Should().Be(1, "everything else was looked at all the same");
    }

    [Fact]
    public async Task What_the_store_denies_leaves_the_verdict_open_and_is_named()
    {
        var copy = fixture.Version2.Clone();
        var pack = copy.One("data/");
        copy.BeforeOpen = (name, _) => { if (name == pack) throw new StoreException(StoreFailure.Denied, name, "this account may not read it"); };
        var report = await copy.VerifyAsync();
        report.Verdict.Should().NotBe(Verdict.Proved);
        report.Findings.Should().Contain(f => f.Code == "BG1002" && f.Subject == pack);
        report.Unfinished?.En.Should().Contain(pack);
    }

    [Fact]
    public async Task A_read_that_works_only_at_the_second_attempt_stays_visible()
    {
        var copy = fixture.Version2.Clone();
        var pack = copy.Files.Where(f => f.Key.StartsWith("data/", StringComparison.Ordinal)).MaxBy(f => f.Value.Length).Key;
        copy.BeforeOpen = (name, before) => { if (name == pack && before == 0) throw new StoreException(StoreFailure.Transient, name, "timed out"); };
        var report = await copy.VerifyAsync();
        report.Verdict.Should().Be(Verdict.Proved);
        report.Findings.Should().ContainSingle().Which.Code.Should().Be("BG1003");
    }

    [Theory]
    [InlineData(0, long.MaxValue)]
    [InlineData(1, 1)]
    public async Task A_look_at_a_part_is_never_a_proof_of_the_whole(double share, long limitBytes)
    {
        var report = await new ResticRepository(fixture.Version2, "fixture-only"u8.ToArray(), TimeProvider.System)
            .VerifyAsync(new VerifyOptions { Clock = TimeProvider.System, ReadData = new ReadData(share, limitBytes) }, null, CancellationToken.None);
        report.Verdict.Should().Be(Verdict.Inconclusive);
        report.Coverage.Should().BeLessThan(1);
    }

    [Fact]
    public async Task Nothing_is_written_and_no_lock_is_taken()
    {
        var before = fixture.Version2.Clone();
        await fixture.Version2.VerifyAsync();
        fixture.Version2.Files.Keys.Should().BeEquivalentTo(before.Files.Keys);
        fixture.Version2.Files.Where(f => !f.Value.AsSpan().SequenceEqual(before.Files[f.Key])).Select(f => f.Key).Should().BeEmpty("no byte was changed");
    }

    /// <summary>Random damage of every size: never an exception, never a green verdict.</summary>
    [Fact]
    public async Task Random_damage_never_crashes_and_never_passes()
    {
        var random = new Random(4711);
        for (var round = 0; round < 150; round++)
        {
            var copy = fixture.Version2.Clone();
            var name = copy.Files.Keys.ElementAt(random.Next(copy.Files.Count));
            var bytes = copy.Files[name];
            switch (random.Next(4))
            {
                case 0: copy.Files[name] = bytes[..random.Next(bytes.Length)]; break;
                case 1: copy.Files[name] = [.. bytes, .. new byte[random.Next(1, 5000)]]; break;
                case 2: for (var i = random.Next(1, 50); i > 0; i--) bytes[random.Next(bytes.Length)] ^= (byte)random.Next(1, 256); break;
                default: random.NextBytes(bytes); break;
            }
            (await copy.VerifyAsync()).Verdict.Should().NotBe(Verdict.Proved, "round {0} damaged {1}", round, name);
        }
    }
}
