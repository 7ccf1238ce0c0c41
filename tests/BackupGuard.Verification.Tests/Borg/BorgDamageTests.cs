using BackupGuard.Verification.Formats.Borg;
using BackupGuard.Verification.Stores;
using BackupGuard.Verification.Tests.Corpus;
using BackupGuard.Verification.Tests.FileSet;
using BackupGuard.Verification.Tests.Stores;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Verification.Tests.Borg;

/// <summary>Damage at every place, stores that fail, reading in part, and the rules of restoring.</summary>
public sealed class BorgDamageTests
{
    private static Task<VerifyReport> VerifyAsync(IBackupStore store, ReadData? readData = null) =>
        BorgForge.Open(store).VerifyAsync(new VerifyOptions { Clock = TimeProvider.System, Workers = 2, ReadData = readData ?? ReadData.All }, null, CancellationToken.None);

    private static async Task<(RestoreReport Report, MemoryTarget Target)> RestoreAsync(IBackupStore store, string snapshot = "latest", params string[] include)
    {
        var target = new MemoryTarget();
        return (await BorgForge.Open(store).RestoreAsync(new RestoreOptions { Snapshot = snapshot, Include = include, Clock = TimeProvider.System, Workers = 2 }, target, null, CancellationToken.None), target);
    }

    private static BorgForge Two()
    {
        var forge = new BorgForge();
        forge.Archive("first", [forge.FileOf("a", "content of a")], time: "2024-01-01T00:00:00.000000");
        forge.BeginSegment(1);
        forge.Archive("second", [forge.FileOf("d/b", "content of b"), forge.FileOf("c", "content of c")], time: "2024-01-02T00:00:00.000000");
        return forge;
    }

    [Fact]
    public async Task The_archive_is_told_whole_also_when_a_part_is_restored()
    {
        var (report, _) = await RestoreAsync(BorgForge.Store(Two().Finish()), "latest", "c");
        (report.Files, report.Bytes).Should().Be((1, 12));
        (report.Snapshot!.Files, report.Snapshot.Bytes).Should().Be((2, 24), "what a part took is scaled by it");
    }

    [Fact]
    public async Task One_flipped_bit_at_any_byte_of_any_segment_is_found()
    {
        var store = BorgForge.Store(Two().Finish());
        var missed = new List<string>();
        foreach (var name in store.Names.Where(n => n.StartsWith("data/", StringComparison.Ordinal)).ToList())
        {
            for (var at = 0; at < store[name].Length; at++)
            {
                store[name][at] ^= (byte)(1 << (at % 8));
                if ((await VerifyAsync(store)).Verdict == Verdict.Proved) missed.Add($"{name} at {at}");
                store[name][at] ^= (byte)(1 << (at % 8));
            }
        }
        missed.Should().BeEmpty();
        (await VerifyAsync(store)).Verdict.Should().Be(Verdict.Proved, "every bit was put back");
    }

    [Theory]
    [InlineData("small")]
    [InlineData("plain")]
    [InlineData("blake2")]
    [InlineData("authenticated")]
    public async Task One_flipped_bit_in_a_repository_of_borg_is_found(string basis)
    {
        var store = MemoryStore.Of(Vector.BaseFolder(BorgRepository.Format, basis));
        var missed = new List<string>();
        foreach (var name in store.Names.Where(n => n.StartsWith("data/", StringComparison.Ordinal)).ToList())
        {
            for (var at = 0; at < store[name].Length; at += 97)
            {
                store[name][at] ^= 4;
                if ((await VerifyAsync(store)).Verdict == Verdict.Proved) missed.Add($"{name} at {at}");
                store[name][at] ^= 4;
            }
        }
        missed.Should().BeEmpty();
    }

    /// <summary>The id and the key; the rest of the config is authenticated by nobody.</summary>
    [Fact]
    public async Task One_flipped_bit_in_the_id_or_the_key_is_found()
    {
        var store = BorgForge.Store(Two().Finish());
        var config = store["config"];
        var from = config.AsSpan().IndexOf("id = "u8) + 5;
        var missed = new List<int>();
        for (var at = from; at < config.Length; at++)
        {
            if (config[at] is (byte)'\n' or (byte)'\t' or (byte)' ' or (byte)'=' || config.AsSpan(at - 1).StartsWith("\nkey"u8) || config.AsSpan(at - 2).StartsWith("\nkey"u8) || config.AsSpan(at - 3).StartsWith("\nkey"u8)) continue;
            config[at] ^= 2;
            if ((await VerifyAsync(store)).Verdict == Verdict.Proved) missed.Add(at);
            config[at] ^= 2;
        }
        missed.Should().BeEmpty();
    }

    /// <summary>Longer than the parts in which segments are given to threads.</summary>
    [Fact]
    public async Task A_large_segment_is_read_to_its_last_byte()
    {
        var forge = new BorgForge();
        const int length = 11 << 20;
        forge.Archive("large", Enumerable.Range(1, 4).Select(i => (object?)BorgForge.File($"{i}", (forge.Put([.. Enumerable.Repeat((byte)i, length)]), length))));
        var store = BorgForge.Store(forge.Finish());
        var report = await VerifyAsync(store);
        report.Verdict.Should().Be(Verdict.Proved);
        report.Coverage.Should().Be(1);
        foreach (var at in (int[])[60, 2 * length, 3 * length + 500, store["data/0/0"].Length - 100])
        {
            store["data/0/0"][at] ^= 1;
            (await VerifyAsync(store)).Findings.Should().Contain(f => f.Code == "BG1712", $"at {at}");
            store["data/0/0"][at] ^= 1;
        }
    }

    [Fact]
    public async Task Reading_nothing_or_a_part_is_never_proved()
    {
        var store = BorgForge.Store(Two().Finish());
        var none = await VerifyAsync(store, ReadData.None);
        none.Verdict.Should().Be(Verdict.Inconclusive);
        none.Coverage.Should().Be(0);
        none.Snapshots.Should().HaveCount(2).And.OnlyContain(s => s.Files > 0, "the lists of files are read all the same");
        var part = await VerifyAsync(store, new ReadData(0.3, null));
        part.Verdict.Should().Be(Verdict.Inconclusive);
        part.Coverage.Should().BeInRange(0.001, 0.999);
    }

    [Theory]
    [InlineData("data/0/0", StoreFailure.Denied)]
    [InlineData("data/0/0", StoreFailure.Transient)]
    [InlineData("data/0/1", StoreFailure.NotFound)]
    [InlineData("config", StoreFailure.Denied)]
    public async Task A_store_that_does_not_give_an_object_leaves_the_look_unfinished(string name, StoreFailure failure)
    {
        var store = BorgForge.Store(Two().Finish());
        store.Fail(name, failure);
        var report = await VerifyAsync(store);
        report.Verdict.Should().Be(Verdict.Inconclusive, string.Join("; ", report.Findings.Select(f => f.Message("en"))));
        report.Findings.Should().Contain(f => f.Code == "BG1002");
    }

    [Fact]
    public async Task Damage_names_archives_and_paths()
    {
        var store = BorgForge.Store(Two().Finish());
        store["data/0/1"][60] ^= 1;
        var finding = (await VerifyAsync(store)).Findings.Single(f => f.Code == "BG1712");
        finding.Data["affected"].Should().Be("second");
        finding.Paths.Should().Equal("d/b");
    }

    [Theory]
    [InlineData("wrong")]
    [InlineData(null)]
    public async Task A_passphrase_that_is_wrong_or_missing_opens_nothing(string? passphrase)
    {
        var report = await BorgForge.Open(BorgForge.Store(Two().Finish()), passphrase).VerifyAsync(new VerifyOptions { Clock = TimeProvider.System }, null, CancellationToken.None);
        report.Verdict.Should().Be(Verdict.Failed);
        report.Findings.Should().ContainSingle().Which.Code.Should().Be("BG1701");
    }

    [Fact]
    public async Task An_exported_key_opens_a_repository_whose_config_lost_its_own()
    {
        var files = Two().Finish();
        var config = System.Text.Encoding.ASCII.GetString(files["config"]);
        var id = config[(config.IndexOf("id = ", StringComparison.Ordinal) + 5)..][..64];
        files["config"] = System.Text.Encoding.ASCII.GetBytes(config[..config.IndexOf("key = ", StringComparison.Ordinal)]);
        (await VerifyAsync(BorgForge.Store(files))).Findings.Should().Contain(f => f.Code == "BG1702");
        var exported = System.Text.Encoding.ASCII.GetBytes($"BORG_KEY {id}\n{BorgForge.KeyText().Replace("\t", "", StringComparison.Ordinal)}\n");
        (await BorgForge.Open(BorgForge.Store(files), keyFile: exported).VerifyAsync(new VerifyOptions { Clock = TimeProvider.System }, null, CancellationToken.None)).Verdict.Should().Be(Verdict.Proved);
        var foreign = System.Text.Encoding.ASCII.GetBytes($"BORG_KEY {new string('0', 64)}\n{BorgForge.KeyText()}\n");
        (await BorgForge.Open(BorgForge.Store(files), keyFile: foreign).VerifyAsync(new VerifyOptions { Clock = TimeProvider.System }, null, CancellationToken.None)).Findings.Should().Contain(f => f.Code == "BG1702");
    }

    [Fact]
    public async Task More_findings_of_one_kind_than_can_be_listed_are_counted()
    {
        var forge = new BorgForge();
        var items = Enumerable.Range(0, 1001).Select(i =>
        {
            var file = BorgForge.File($"../{i}");
            file["size"] = 5;
            return (object?)file;
        }).Concat(Enumerable.Range(0, 1001).Select(i =>
        {
            var file = BorgForge.File($"{i}");
            file["size"] = 5;
            return (object?)file;
        }));
        forge.Archive("many", items);
        var findings = (await VerifyAsync(BorgForge.Store(forge.Finish()))).Findings;
        findings.Should().Contain(f => f.Code == "BG1799" && f.Subject == "BG1752" && f.Data["count"] == "1");
        findings.Should().Contain(f => f.Code == "BG1798" && f.Subject == "BG1754");
    }

    [Theory]
    [InlineData("latest", "second")]
    [InlineData("first", "first")]
    [InlineData("second", "second")]
    public async Task An_archive_is_found_by_latest_and_by_name(string wanted, string name)
    {
        var (report, target) = await RestoreAsync(BorgForge.Store(Two().Finish()), wanted);
        report.Verdict.Should().Be(Verdict.Proved);
        report.Snapshot!.Tags.Should().Equal(name);
        target.Files.Should().HaveCount(name == "first" ? 1 : 2);
    }

    [Fact]
    public async Task An_archive_is_found_by_the_beginning_of_its_id_and_not_by_less_than_four_digits()
    {
        var store = BorgForge.Store(Two().Finish());
        var id = (await VerifyAsync(store)).Snapshots[0].Id;
        (await RestoreAsync(store, id[..8])).Report.Snapshot!.Id.Should().Be(id);
        (await RestoreAsync(store, id[..3])).Report.Findings.Should().ContainSingle(f => f.Code == "BG1301");
        (await RestoreAsync(store, "nothing")).Report.Verdict.Should().Be(Verdict.Failed);
    }

    [Fact]
    public async Task The_latest_is_never_an_interrupted_backup()
    {
        var forge = Two();
        forge.Archive("third.checkpoint", [forge.FileOf("x", "half")], time: "2024-01-03T00:00:00.000000");
        (await RestoreAsync(BorgForge.Store(forge.Finish()))).Report.Snapshot!.Tags.Should().Equal("second");
    }

    [Fact]
    public async Task The_latest_of_a_list_that_cannot_be_trusted_is_not_guessed()
    {
        var forge = Two();
        forge.ManifestTag = BorgForge.Tag.Wrong;
        var store = BorgForge.Store(forge.Finish());
        (await RestoreAsync(store)).Report.Verdict.Should().NotBe(Verdict.Proved);
        (await RestoreAsync(store)).Target.Files.Should().BeEmpty();
    }

    [Fact]
    public async Task A_chunk_that_does_not_come_makes_the_restore_fail()
    {
        var forge = Two();
        forge.Delete(BorgForge.Name("content of c"u8));
        var (report, _) = await RestoreAsync(BorgForge.Store(forge.Finish()));
        report.Verdict.Should().Be(Verdict.Failed);
        report.Findings.Should().Contain(f => f.Code == "BG1728" && f.Paths.Contains("c"));
    }

    [Fact]
    public async Task Only_what_is_asked_for_is_restored_with_the_folders_above_it()
    {
        var (report, target) = await RestoreAsync(BorgForge.Store(Two().Finish()), "second", "d/b");
        report.Verdict.Should().Be(Verdict.Proved);
        target.Files.Keys.Should().Equal("d/b");
        target.Folders.Should().Equal("d");
        (await RestoreAsync(BorgForge.Store(Two().Finish()), "second", "no-such-file")).Report.Findings.Should().Contain(f => f.Code == "BG1306");
    }

    [Fact]
    public async Task A_path_that_leads_outside_is_not_restored()
    {
        var forge = new BorgForge();
        forge.Archive("evil", [forge.FileOf("../../x", "evil"), forge.FileOf("/etc/y", "evil"), forge.FileOf("good", "good")]);
        var (report, target) = await RestoreAsync(BorgForge.Store(forge.Finish()));
        report.Verdict.Should().Be(Verdict.Failed);
        report.Findings.Count(f => f.Code == "BG1302").Should().Be(2);
        target.Files.Keys.Should().Equal("good");
    }
}
