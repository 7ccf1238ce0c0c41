using System.Security.Cryptography;
using System.Text;
using BackupGuard.Verification.Checks;
using BackupGuard.Verification.Cryptography;
using BackupGuard.Verification.Formats;
using BackupGuard.Verification.Formats.Postgres;
using BackupGuard.Verification.Stores;
using BackupGuard.Verification.Tests.Corpus;
using BackupGuard.Verification.Tests.Coverage;
using BackupGuard.Verification.Tests.FileSet;
using BackupGuard.Verification.Tests.Stores;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Verification.Tests.Postgres;

/// <summary>What the corpus cannot show: primitives by published vectors, values on a boundary, stores that refuse.</summary>
public sealed class FormatTests
{
    /// <summary>NIST, Cryptographic Standards and Guidelines, example values, SHA-224; and FIPS 180-4's own million of 'a'.</summary>
    [Theory]
    [InlineData("", 1, "d14a028c2a3a2bc9476102bb288234c415a2b01f828ea62ac5b3e42f")]
    [InlineData("abc", 1, "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7")]
    [InlineData("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1, "75388b16512776cc5dba5da1fd890150b0c6455cb4f58b1952522525")]
    [InlineData("a", 1_000_000, "20794655980c91d8bbb4c1ea97618a4bf03f42581948b2ee4ee7ad67")]
    public void Sha224_gives_the_published_hashes(string text, int times, string expected)
    {
        var hash = new Sha224();
        var piece = Encoding.ASCII.GetBytes(text);
        for (var i = 0; i < times; i++) hash.Append(piece);
        Convert.ToHexStringLower(hash.Finish()).Should().Be(expected);
        Convert.ToHexStringLower(Sha224.HashData(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(text, times))))).Should().Be(expected);
    }

    /// <summary>RFC 3720, appendix B.4; "123456789" is the check value of the CRC catalogues.</summary>
    [Fact]
    public void Crc32C_gives_the_published_checksums_with_and_without_the_processor_s_help()
    {
        foreach (var (bytes, expected) in ((byte[], uint)[])
            [(new byte[32], 0x8A9136AA), ([.. Enumerable.Repeat((byte)255, 32)], 0x62A8AB43), ([.. Enumerable.Range(0, 32).Select(i => (byte)i)], 0x46DD794E), ("123456789"u8.ToArray(), 0xE3069283)])
        {
            Crc32C.Of(bytes).Should().Be(expected);
            (~Crc32C.AppendPortable(Crc32C.Seed, bytes)).Should().Be(expected);
        }

        var random = new byte[100_003];
        new Random(1).NextBytes(random);
        Crc32C.AppendPortable(7, random).Should().Be(Crc32C.Append(7, random));
        Crc32C.Append(Crc32C.Append(7, random.AsSpan(0, 777)), random.AsSpan(777)).Should().Be(Crc32C.Append(7, random));
    }

    [Theory]
    [InlineData(6143), InlineData(6144), InlineData(6145), InlineData(12288), InlineData(30001)]
    public void Crc32C_of_long_pieces_is_the_same_in_strands_and_without_the_processor_s_help(int length)
    {
        var random = new byte[length];
        new Random(length).NextBytes(random);
        foreach (var state in (uint[])[0, 7, Crc32C.Seed]) Crc32C.Append(state, random).Should().Be(Crc32C.AppendPortable(state, random));
    }

    [Theory]
    [InlineData("2026-11-22 01:06:12 UTC", "2026-11-22T01:06:12Z")]
    [InlineData("2026-11-22 01:06:12 CET", "2026-11-22T00:06:12Z")]
    [InlineData("2026-07-22 01:06:12 CEST", "2026-07-21T23:06:12Z")]
    [InlineData("2026-11-22 01:06:12 +04", "2026-11-21T21:06:12Z")]
    [InlineData("2026-11-22 01:06:12 -0330", "2026-11-22T04:36:12Z")]
    [InlineData("2026-11-22 01:06:12 IST", null)]
    [InlineData("2026-11-22 01:06:12", null)]
    [InlineData("2026-13-22 01:06:12 UTC", null)]
    [InlineData("0001-01-01 00:00:00 +04", null)]
    public void A_label_s_time_is_an_instant_only_where_its_zone_means_one(string text, string? expected) =>
        BackupLabel.Time(text).Should().Be(expected is null ? null : DateTimeOffset.Parse(expected, System.Globalization.CultureInfo.InvariantCulture));

    [Fact]
    public void An_end_on_a_boundary_belongs_to_the_segment_before_it()
    {
        var range = new WalRange(1, new Lsn(0x2000028), new Lsn(0x3000000));
        WalSegments.First(range, 16 << 20).Should().Be(2);
        WalSegments.Last(range, 16 << 20).Should().Be(2);
        WalSegments.Last(range with { End = new Lsn(0x3000001) }, 16 << 20).Should().Be(3);
        WalSegments.Name(3, 0x1_23, 16 << 20).Should().Be("000000030000000100000023");
        WalSegments.Name(3, 0x1_23, 1 << 20).Should().Be("000000030000000000000123");
        WalSegments.TryParse("000000030000000100000023", 16 << 20, out var timeline, out var segment).Should().BeTrue();
        (timeline, segment).Should().Be((3u, 0x123ul));
        WalSegments.TryParse("000000030000000000000100", 16 << 20, out _, out _).Should().BeFalse("a log has 256 segments of 16 MiB");
    }

    [Fact]
    public void A_history_names_ancestors_in_ascending_order()
    {
        TimelineHistory.Parse("1\t0/3000000\tno recovery target specified\n\n2\t0/5000000\tx\n"u8, 3, out _)!.Ancestors.Should().Equal((1u, new Lsn(0x3000000)), (2u, new Lsn(0x5000000)));
        foreach (var text in (string[])["", "x", "3\t0/1\n", "2\t0/5\n1\t0/6\n", "1\t0/5\n2\t0/4\n", "1 0\n"])
            TimelineHistory.Parse(Encoding.ASCII.GetBytes(text), 3, out var refusal).Should().BeNull(text + refusal);
    }

    [Fact]
    public void A_path_in_the_map_of_tablespaces_may_hold_a_line_break()
    {
        TablespaceMap.Parse("16384 /srv/a b\n16385 /srv/c\\\nd\\\\e\n"u8, out _).Should().Equal(("16384", "/srv/a b"), ("16385", "/srv/c\nd\\e"));
        TablespaceMap.Parse("x /srv\n"u8, out _).Should().BeNull();
    }

    [Theory]
    [InlineData("base/5/1259", 0)]
    [InlineData("base/5/1259.2", 262144)]
    [InlineData("global/1262_vm", 0)]
    [InlineData("pg_tblspc/16384/PG_15_202209061/5/16390.1", 131072)]
    [InlineData("base/5/16390_init", 0)]
    [InlineData("base/5/PG_VERSION", null)]
    [InlineData("base/5/pg_filenode.map", null)]
    [InlineData("global/pg_control", null)]
    [InlineData("base/5/1259_old", null)]
    [InlineData("base/5/1259.99999999999", null)]
    [InlineData("pg_xact/0000", null)]
    public void Only_files_of_relations_have_blocks_with_checksums(string path, int? firstBlock) => RelationFile.FirstBlock(path).Should().Be((uint?)firstBlock);

    /// <summary>A link in a plain backup leads out of what the store may show: nothing is known of the tablespace, so nothing is called good.</summary>
    [Fact]
    public async Task A_tablespace_behind_a_link_that_is_not_followed_leaves_the_look_unfinished()
    {
        var store = Base();
        var oid = store.Names.First(n => n.StartsWith("pg_tblspc/", StringComparison.Ordinal)).Split('/')[1];
        foreach (var name in store.Names.Where(n => n.StartsWith("pg_tblspc/", StringComparison.Ordinal)).ToList()) store.Remove(name);
        store[$"pg_tblspc/{oid}"] = [];
        store.Fail($"pg_tblspc/{oid}", StoreFailure.Denied);
        var report = await CorpusTests.VerifyAsync("postgres", store);
        report.Findings.Select(f => f.Kind).Should().Equal(PostgresFindings.TablespaceUnreadable);
        report.Verdict.Should().Be(Verdict.Inconclusive);
    }

    [Theory]
    [InlineData(StoreFailure.Denied)]
    [InlineData(StoreFailure.Transient)]
    public async Task What_the_store_refuses_is_unknown_and_never_good(StoreFailure failure)
    {
        foreach (var name in Base().Names.Where(n => n != "postgresql.auto.conf"))
        {
            var store = Base();
            store.Fail(name, failure);
            var report = await CorpusTests.VerifyAsync("postgres", store);
            report.Verdict.Should().NotBe(Verdict.Proved, name);
            report.Findings.Should().Contain(f => f.Kind == CommonFindings.ObjectUnreadable, name);
            report.Unfinished.Should().NotBeNull(name);
        }
    }

    [Fact]
    public async Task A_part_of_the_data_is_not_the_whole_and_structure_is_read_even_then()
    {
        var options = new VerifyOptions { Clock = TimeProvider.System, ReadData = ReadData.None };
        var report = await new PostgresRepository(Base()).VerifyAsync(options, null, CancellationToken.None);
        report.Verdict.Should().Be(Verdict.Inconclusive);
        report.Coverage.Should().BeLessThan(0.5);
        report.RepositoryId.Should().NotBeEmpty();
        var store = Base();
        store["PG_VERSION"] = "14\n"u8.ToArray();
        (await new PostgresRepository(store).VerifyAsync(options, null, CancellationToken.None)).Verdict.Should().Be(Verdict.Failed);
    }

    [Theory]
    [InlineData("small", 40)]
    [InlineData("tar", 4)]
    public async Task A_part_each_day_adds_up_to_a_proof_and_damage_in_it_is_looked_at_again(string name, int days)
    {
        var store = MemoryStore.Of(Vector.BaseFolder("postgres", name));
        var memory = new MemoryLedger();
        var clock = new SetClock(new DateTimeOffset(2026, 11, 22, 3, 0, 0, TimeSpan.Zero));
        var report = await LookAsync();
        report.Verdict.Should().Be(Verdict.Inconclusive, "a part is not the whole");
        for (var day = 0; day < days && report.Verdict == Verdict.Inconclusive; day++) report = await LookAsync();
        report.Verdict.Should().Be(Verdict.Proved, report.Unfinished);
        report.Coverage.Should().Be(1);
        clock.Now = clock.Now.AddDays(40);
        (await LookAsync()).Verdict.Should().Be(Verdict.Inconclusive, "every proof runs out");

        var victim = name == "tar" ? "base.tar.zst" : "global/1262";
        store[victim][store[victim].Length / 2] ^= 1;
        var failures = 0;
        for (var day = 0; day < days; day++) failures += (await LookAsync()).Verdict == Verdict.Failed ? 1 : 0;
        failures.Should().BeGreaterThan(1, "once found, it is looked at first");

        Task<VerifyReport> LookAsync()
        {
            clock.Now = clock.Now.AddDays(1);
            var options = new VerifyOptions { Clock = clock, Memory = memory, ReadData = new ReadData(1, name == "tar" ? 1 : 60_000), Promise = TimeSpan.FromDays(30) };
            return new PostgresRepository(store).VerifyAsync(options, null, CancellationToken.None);
        }
    }

    [Fact]
    public async Task A_run_that_is_cut_off_keeps_the_files_that_it_had_finished()
    {
        var memory = new MemoryLedger();
        using var stop = new CancellationTokenSource();
        var options = new VerifyOptions { Clock = TimeProvider.System, Memory = memory, Workers = 1 };
        var cut = () => new PostgresRepository(Base()).VerifyAsync(options, new StopAfter(150_000, stop), stop.Token);
        await cut.Should().ThrowAsync<OperationCanceledException>();
        memory.Known.Should().NotBeEmpty("the largest file was read and judged before the end came");
    }

    private sealed class StopAfter(long bytes, CancellationTokenSource stop) : IProgress<WorkProgress>
    {
        public void Report(WorkProgress value)
        {
            if (value.DoneBytes >= bytes) stop.Cancel();
        }
    }

    [Fact]
    public async Task A_private_key_beside_the_data_is_said()
    {
        var store = Base();
        var key = "-----BEGIN PRIVATE KEY-----\nsample, no key\n-----END PRIVATE KEY-----\n"u8.ToArray();
        store["postgresql.auto.conf"] = key;
        var body = Encoding.UTF8.GetString(store[BackupManifest.FileName]);
        body = body[..body.IndexOf("\"Manifest-Checksum\"", StringComparison.Ordinal)];
        var at = body.IndexOf("\"postgresql.auto.conf\"", StringComparison.Ordinal);
        var end = body.IndexOf('}', at);
        body = $"{body[..at]}\"postgresql.auto.conf\", \"Size\": {key.Length}, \"Checksum-Algorithm\": \"SHA256\", \"Checksum\": \"{Convert.ToHexStringLower(SHA256.HashData(key))}\" {body[end..]}";
        store[BackupManifest.FileName] = Encoding.UTF8.GetBytes($"{body}\"Manifest-Checksum\": \"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(body)))}\"}}\n");
        var report = await CorpusTests.VerifyAsync("postgres", store);
        report.Findings.Select(f => f.Kind).Should().Equal(EncryptionFindings.SecretReadable);
        report.Verdict.Should().Be(Verdict.Proved);
    }

    [Fact]
    public async Task Restoring_a_part_restores_that_and_judges_that()
    {
        var store = Base();
        store["global/1262"][100] ^= 1;
        var target = new MemoryTarget();
        var options = new RestoreOptions { Snapshot = "latest", Clock = TimeProvider.System, Include = ["base"] };
        var report = await new PostgresRepository(store).RestoreAsync(options, target, null, CancellationToken.None);
        report.Verdict.Should().Be(Verdict.Proved, string.Join(", ", report.Findings.Select(f => f.Message("en"))));
        target.Files.Keys.Should().OnlyContain(n => n.StartsWith("base/", StringComparison.Ordinal)).And.NotBeEmpty();
        (await new PostgresRepository(store).RestoreAsync(options with { Include = [] }, new MemoryTarget(), null, CancellationToken.None)).Verdict.Should().Be(Verdict.Failed);
    }

    /// <summary>standby.signal and changed settings make a restored server do what nobody backed up.</summary>
    [Fact]
    public async Task Settings_written_after_the_backup_are_not_restored()
    {
        var store = Base();
        store["standby.signal"] = [];
        store["postgresql.auto.conf"] = [.. store["postgresql.auto.conf"], .. "restore_command = 'evil'\n"u8];
        var target = new MemoryTarget();
        var report = await CorpusTests.RestoreAsync("postgres", store, target);
        target.Files.Keys.Should().NotContain("standby.signal").And.NotContain("postgresql.auto.conf").And.Contain("backup_label");
        report.Verdict.Should().Be(Verdict.Inconclusive);
        report.Findings.Select(f => f.Kind).Should().Contain(PostgresFindings.SettingsChanged).And.Contain(CommonFindings.RepositoryNotWhole);
    }

    [Fact]
    public async Task A_full_target_ends_the_restore_as_failed()
    {
        var target = new MemoryTarget { Fails = ("base/5/PG_VERSION", Restoring.RestoreFailure.NoSpace) };
        var report = await CorpusTests.RestoreAsync("postgres", Base(), target);
        report.Verdict.Should().Be(Verdict.Failed);
        report.Findings.Should().Contain(f => f.Kind == CommonFindings.RestoreWriteFailed);
    }

    [Fact]
    public void Every_finding_has_a_vector_that_produces_it_or_a_test_here()
    {
        // Not to be had as files of a folder: a link that a store refuses, and what only a restore says.
        string[] elsewhere = [PostgresFindings.TablespaceUnreadable.Code, PostgresFindings.TablespaceMoved.Code];
        var produced = Vector.Of("postgres").SelectMany(v => v.Expect).ToHashSet();
        FindingCatalogue.All.Select(k => k.Code).Where(c => c.StartsWith("BG16", StringComparison.Ordinal)).Except(elsewhere).Should().BeSubsetOf(produced);
    }

    [Fact]
    public void A_manifest_nested_or_endless_is_refused_without_being_followed()
    {
        foreach (var body in (string[])
        [
            "{ \"PostgreSQL-Backup-Manifest-Version\": 1,\n\"Files\": " + new string('[', 100_000) + "\n",
            "{ \"PostgreSQL-Backup-Manifest-Version\": 1,\n\"Files\": [{\"Path\": {\"a\":{\"b\":{}}}}],\n",
            "{ \"Files\": [],\n",
            "{ \"PostgreSQL-Backup-Manifest-Version\": \"1\",\n\"Files\": [],\n\"WAL-Ranges\": [],\n",
            "{ \"PostgreSQL-Backup-Manifest-Version\": 1,\n\"Files\": [{ \"Path\": \"\\uD800\", \"Size\": 1 }],\n\"WAL-Ranges\": [],\n",
            "{ \"PostgreSQL-Backup-Manifest-Version\": 1,\n\"Files\": [{ \"Path\": \"a\", \"Size\": 9223372036854775807 }, { \"Path\": \"b\", \"Size\": 1 }],\n\"WAL-Ranges\": [],\n",
            "{ \"PostgreSQL-Backup-Manifest-Version\": 1,\n\"Files\": [{ \"Path\": \"a\", \"Size\": 1e3 }],\n\"WAL-Ranges\": [],\n",
        ])
        {
            var bytes = Encoding.UTF8.GetBytes(body);
            byte[] whole = [.. bytes, .. Encoding.ASCII.GetBytes($"\"Manifest-Checksum\": \"{Convert.ToHexStringLower(SHA256.HashData(bytes))}\"}}\n")];
            var findings = new FindingList(PostgresFindings.MoreOfThem);
            ManifestReader.Read(whole, findings).Should().BeNull(body[..Math.Min(100, body.Length)]);
            findings.ToList().Single().Kind.Should().Be(PostgresFindings.ManifestMalformed);
        }
    }

    private static MemoryStore Base() => MemoryStore.Of(Vector.BaseFolder("postgres", "small"));
}
