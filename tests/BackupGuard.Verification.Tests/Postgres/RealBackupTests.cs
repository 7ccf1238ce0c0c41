using BackupGuard.Verification.Formats.Postgres;
using BackupGuard.Verification.Tests.FileSet;
using BackupGuard.Verification.Tests.Stores;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Verification.Tests.Postgres;

/// <summary>Backups by the real server, beside its own verifier.</summary>
[Collection(PostgresCluster.Name)]
public sealed class RealBackupTests(PostgresFixture server)
{
    [Theory]
    [InlineData("CRC32C")]
    [InlineData("SHA224")]
    [InlineData("SHA256")]
    [InlineData("SHA384")]
    [InlineData("SHA512")]
    public void A_backup_with_each_checksum_is_proved_and_a_changed_bit_is_found_as_pg_verifybackup_does(string algorithm)
    {
        var backup = server.Plain(algorithm, $"--manifest-checksums={algorithm}");
        var report = PostgresFixture.Verify(backup);
        report.Findings.Should().BeEmpty();
        report.Verdict.Should().Be(Verdict.Proved, report.Unfinished?.En);
        report.Coverage.Should().Be(1);
        PostgresTools.CallsGood(backup).Should().BeTrue();

        var table = Path.Combine(backup, server.FileOf("t"));
        var bytes = File.ReadAllBytes(table);
        bytes[^100] ^= 2;
        File.WriteAllBytes(table, bytes);
        report = PostgresFixture.Verify(backup);
        report.Findings.Should().Contain(f => f.Kind == PostgresFindings.ContentDiffers && f.Subject == server.FileOf("t"));
        report.Verdict.Should().Be(Verdict.Failed);
        PostgresTools.CallsGood(backup).Should().BeFalse();
    }

    [Fact]
    public void Without_checksums_nothing_is_proved_where_pg_verifybackup_says_verified()
    {
        var backup = server.Plain("none", "--manifest-checksums=NONE");
        var report = PostgresFixture.Verify(backup);
        report.Verdict.Should().Be(Verdict.Inconclusive);
        report.Coverage.Should().Be(0);
        report.Findings.Should().Contain(f => f.Kind == PostgresFindings.NoChecksums);
        PostgresTools.CallsGood(backup).Should().BeTrue();
    }

    [Theory]
    [InlineData("plain tar")]
    [InlineData("gzip", "-z")]
    [InlineData("zstd", "--compress=server-zstd:3")]
    [InlineData("WAL inside", "-X", "fetch")]
    public void A_backup_in_tar_format_is_proved_and_a_cut_one_is_not(string form, params string[] options)
    {
        var backup = server.Tar(form.Replace(' ', '-'), options);
        var store = MemoryStore.Of(backup);
        var report = PostgresFixture.Verify(store);
        report.Findings.Should().BeEmpty(form);
        report.Verdict.Should().Be(Verdict.Proved, report.Unfinished?.En);
        report.Coverage.Should().Be(1);

        var archive = store.Names.Single(n => n.StartsWith("base.tar", StringComparison.Ordinal));
        store[archive] = store[archive][..^1500];
        PostgresFixture.Verify(store).Findings.Should().Contain(f => f.Kind == PostgresFindings.ArchiveDamaged);
    }

    [Fact]
    public void A_compression_that_is_not_read_leaves_the_look_unfinished()
    {
        var report = PostgresFixture.Verify(server.Tar("lz4", "--compress=server-lz4"));
        report.Verdict.Should().Be(Verdict.Inconclusive);
        report.Findings.Select(f => f.Kind).Should().AllBeEquivalentTo(PostgresFindings.ArchiveNotReadable);
    }

    [Fact]
    public async Task Records_of_a_busy_server_are_followed_over_segments_and_any_changed_bit_of_them_is_found()
    {
        var load = Task.Run(() => server.Query("do $$ begin for i in 1..40 loop insert into load select g, repeat(md5(g::text), 3 + 200 * (g % 97 / 96)) from generate_series(1, 2000) g; commit; end loop; end $$"));
        var backup = server.Plain("busy", "--max-rate=30M", "--manifest-checksums=CRC32C");
        await load;
        var report = PostgresFixture.Verify(backup);
        report.Verdict.Should().Be(Verdict.Proved, $"{report.Unfinished} {string.Join(", ", report.Findings.Select(f => f.Message("en")))}");
        PostgresTools.CallsGood(backup).Should().BeTrue();

        var store = MemoryStore.Of(backup);
        var findings = new Formats.FindingList(PostgresFindings.MoreOfThem);
        var range = ManifestReader.Read(store[BackupManifest.FileName], findings)!.Ranges.Single();
        (range.End.Value - range.Start.Value).Should().BeGreaterThan(3 << 20, "the server must have been busy");
        await SegmentsInAnyOrderAsync(store, range);
        var random = new Random(5);
        for (var i = 0; i < 12; i++)
        {
            var at = range.Start.Value + (ulong)random.NextInt64((long)(range.End.Value - range.Start.Value));
            if (IsPadding(store, range, at)) continue;
            Flip(store, range, at);
            PostgresFixture.Verify(store).Findings.Should().Contain(f => f.Kind == PostgresFindings.WalDamaged, $"the bit at {new Lsn(at)} changed");
            Flip(store, range, at);
        }
    }

    /// <summary>An archive may hold its segments in any order: those that come too early are asked for again, and nothing is called missing that came.</summary>
    private static async Task SegmentsInAnyOrderAsync(MemoryStore store, WalRange range)
    {
        var findings = new Formats.FindingList(PostgresFindings.MoreOfThem);
        using var wal = new WalCheck([range], null, findings);
        var names = store.Names.Where(n => n.StartsWith("pg_wal/0", StringComparison.Ordinal)).OrderDescending(StringComparer.Ordinal).ToList();
        var passes = 0;
        do
        {
            wal.BeginPass();
            foreach (var name in names) await wal.TakeAsync(name["pg_wal/".Length..], store[name].Length, new MemoryStream(store[name]), CancellationToken.None);
        }
        while (wal.NeedsAnotherPass && ++passes < 100);
        wal.Finish();
        findings.ToList().Should().BeEmpty();
        passes.Should().BeGreaterThan(1);
        wal.SegmentsRead.Should().BeGreaterThan(3);
    }

    /// <summary>Records begin at multiples of eight: what lies between two of them, always zero, belongs to none. So do the last bytes of a page's header.</summary>
    private static bool IsPadding(MemoryStore store, WalRange range, ulong at) => at % 8192 < 40 || Segment(store, range, at)[(int)(at % (1 << 20))] == 0;

    private static byte[] Segment(MemoryStore store, WalRange range, ulong at) => store["pg_wal/" + WalSegments.Name(range.Timeline, at >> 20, 1 << 20)];

    private static void Flip(MemoryStore store, WalRange range, ulong at) => Segment(store, range, at)[(int)(at % (1 << 20))] ^= 64;

    [Fact]
    public void Damage_that_the_server_had_before_the_backup_is_found_where_pg_verifybackup_sees_a_faithful_copy()
    {
        var file = server.FileOf("spoilt");
        server.Spoil(file, 8192 + 4000);
        try
        {
            var backup = server.Plain("spoilt", "--no-verify-checksums");
            PostgresTools.CallsGood(backup).Should().BeTrue();
            var report = PostgresFixture.Verify(backup);
            report.Verdict.Should().Be(Verdict.Failed);
            var finding = report.Findings.Single();
            finding.Kind.Should().Be(PostgresFindings.PageDamaged);
            finding.Subject.Should().Be(file);
            finding.Data["block"].Should().Be("1");
        }
        finally
        {
            server.Spoil(file, 8192 + 4000);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_restored_backup_starts_and_has_its_rows_tablespaces_included(bool tar)
    {
        var backup = tar ? server.Tar("restore", "-z") : server.Plain("restore");
        var target = new MemoryTarget();
        var report = await new PostgresRepository(MemoryStore.Of(backup)).RestoreAsync(new RestoreOptions { Snapshot = "latest", Clock = TimeProvider.System }, target, null, CancellationToken.None);
        report.Verdict.Should().Be(Verdict.Proved, $"{report.Unfinished} {string.Join(", ", report.Findings.Select(f => f.Message("en")))}");
        report.Findings.Select(f => f.Kind).Should().Equal(PostgresFindings.TablespaceMoved);
        target.Metadata.Values.Should().OnlyContain(m => (m.Mode & 63) == 0, "a server refuses what others may read");

        var folder = server.NewFolder();
        foreach (var name in target.Folders) Directory.CreateDirectory(Path.Combine(folder, name));
        foreach (var (name, bytes) in target.Files) File.WriteAllBytes(Path.Combine(folder, name), bytes);
        foreach (var (name, to) in target.SymbolicLinks) File.CreateSymbolicLink(Path.Combine(folder, name), to);
        PostgresFixture.AskRestored(folder, "select (select count(*) from t) || ' ' || (select sum(g) from spaced)").Should().Be($"{PostgresFixture.Rows} {PostgresFixture.Rows * (PostgresFixture.Rows + 1) / 2}");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Inspect_says_what_the_backup_is_and_when_its_data_were_read(bool tar)
    {
        var before = DateTimeOffset.UtcNow.AddSeconds(-2);
        var backup = tar ? server.Tar("inspect", "-z", "-l", "nightly run") : server.Plain("inspect", "-l", "nightly run");
        var report = await new PostgresRepository(MemoryStore.Of(backup)).InspectAsync(CancellationToken.None);
        report.Verdict.Should().Be(Verdict.Proved, report.Unfinished?.En);
        var identifier = server.Query("select system_identifier from pg_control_system()");
        report.RepositoryId.Should().Be(identifier);
        report.Facts.Should().Contain(("system identifier", identifier)).And.Contain(("label", "nightly run")).And.Contain(("checksums", "CRC32C")).And.Contain(("manifest version", "1"));
        report.Facts.Single(f => f.Label == "PostgreSQL").Value.Should().Be(server.Query("select current_setting('server_version_num')::int / 10000"));
        report.Snapshots.Single().TakenAt.Should().BeAfter(before).And.BeBefore(DateTimeOffset.UtcNow.AddSeconds(2));
        report.Snapshots.Single().Tags.Should().Equal("nightly run");
    }
}
