using System.Text;
using BackupGuard.Agent.Spool;
using BackupGuard.Evidence;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Agent.Tests.Spool;

public sealed class Durable_spool_tests : IDisposable
{
    private const string Folder = "/spool";
    private static readonly byte[] Payload = """{"verdict":"proved"}"""u8.ToArray();

    private readonly EvidenceKey key = EvidenceKey.Generate();
    private readonly TestClock clock = new(new DateTimeOffset(2026, 11, 21, 22, 0, 0, TimeSpan.Zero));
    private readonly string realFolder = Directory.CreateTempSubdirectory("spool").FullName;

    public void Dispose()
    {
        key.Dispose();
        Directory.Delete(realFolder, recursive: true);
    }

    private DurableSpool Open(ISpoolFileSystem disk) => DurableSpool.Open(disk, Folder, key, "agent:pharmacie", "1.0.0", clock);
    private DurableSpool OpenReal() => DurableSpool.Open(Path.Combine(realFolder, "s"), key, "agent:pharmacie", "1.0.0", clock);

    private VerifiedEntry[] Entries(DurableSpool spool) =>
        [.. spool.PendingCounters().Select(c => spool.Read(c)!).Select(e => UnverifiedEntry.Parse(e.Bytes, e.Signature).Verify(key.PublicKey))];

    private static void ConfirmAll(DurableSpool spool) => spool.Confirm([.. spool.PendingCounters().Select(c => spool.Read(c)!)]);

    [Fact]
    public void Entries_on_a_real_disk_survive_the_process_in_one_chain()
    {
        using (var spool = OpenReal())
        {
            spool.Record("verify.intent", "pharmacie", Payload, null).Should().Be(1);
            spool.Record("verify.result", "pharmacie", Payload, 1).Should().Be(2);
        }
        using var again = OpenReal();
        again.Findings.Should().BeEmpty();
        again.Record("agent.start", "", "{}"u8.ToArray(), null).Should().Be(3);
        var entries = Entries(again);
        entries.Select(e => e.Entry.Previous).Should().Equal(null, entries[0].Hash, entries[1].Hash);
        entries[1].Entry.Should().Match<EvidenceEntry>(e => e.Intent == 1 && e.Origin == "agent:pharmacie" && e.Type == "verify.result" && e.RecordedAt == clock.Now);
    }

    [Fact]
    public void Files_of_a_real_spool_are_for_their_owner_alone()
    {
        using var spool = OpenReal();
        spool.Record("agent.start", "", "{}"u8.ToArray(), null);
        if (OperatingSystem.IsWindows()) return;
        foreach (var file in Directory.GetFiles(Path.Combine(realFolder, "s"))) File.GetUnixFileMode(file).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite, file);
        File.GetUnixFileMode(Path.Combine(realFolder, "s")).Should().Be(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    [Fact]
    public void Delivered_entries_go_and_the_counter_and_the_chain_stay()
    {
        Hash256 last;
        using (var spool = OpenReal())
        {
            for (var i = 0; i < 3; i++) spool.Record("agent.start", "", "{}"u8.ToArray(), null);
            last = Entries(spool)[2].Hash;
            ConfirmAll(spool);
            spool.PendingCount.Should().Be(0);
            Directory.GetFiles(Path.Combine(realFolder, "s"), "*.entry").Should().BeEmpty();
        }
        using var again = OpenReal();
        again.Findings.Should().BeEmpty();
        again.Record("agent.start", "", "{}"u8.ToArray(), null).Should().Be(4);
        Entries(again).Single().Entry.Previous.Should().Be(last);
    }

    [Fact]
    public void What_was_done_last_is_known_after_a_restart_whether_it_was_delivered_or_not()
    {
        var disk = new MemoryDisk();
        using (var spool = Open(disk))
        {
            spool.Record("drill.intent", "pharmacie", """{"run":"a"}"""u8.ToArray(), null);
            spool.Record("drill.result", "pharmacie", """{"run":"a"}"""u8.ToArray(), 1);
            spool.Record("drill.intent", "pharmacie", """{"run":"b"}"""u8.ToArray(), null);
            ConfirmAll(spool);
            spool.Record("drill.intent", "pharmacie", """{"run":"c"}"""u8.ToArray(), null);
        }
        using var again = Open(disk);
        new[] { "a", "b", "c", "d" }.Select(r => again.FindIntent("drill.intent", r)).Should().Equal(1, 3, 4, null);
        again.FindIntent("verify.intent", "a").Should().BeNull();
        new long[] { 1, 3, 4 }.Select(again.HasResult).Should().Equal(true, false, false);
        again.PendingCounters().Should().Equal(4L);
    }

    [Fact]
    public void Only_the_newest_delivered_entries_are_kept()
    {
        var disk = new MemoryDisk();
        using var spool = Open(disk);
        for (var i = 0; i < DurableSpool.KeptSent + 5; i++) spool.Record("agent.start", "", "{}"u8.ToArray(), null);
        ConfirmAll(spool);
        disk.Names.Where(n => n.EndsWith(".sent", StringComparison.Ordinal)).Should().HaveCount(DurableSpool.KeptSent).And.NotContain("000000000005.sent").And.Contain("000000000006.sent");
    }

    [Fact]
    public void A_damaged_delivered_entry_is_no_gap()
    {
        var disk = new MemoryDisk();
        using (var spool = Open(disk))
        {
            spool.Record("agent.start", "", "{}"u8.ToArray(), null);
            ConfirmAll(spool);
        }
        disk.Damage($"{Folder}/000000000001.sent", b => b[..^9]);
        using var again = Open(disk);
        again.Findings.Should().ContainSingle().Which.Code.Should().Be("BG1580");
        Entries(again).Single().Entry.Counter.Should().Be(2);
    }

    [Fact]
    public void A_second_process_on_the_same_spool_is_refused()
    {
        using var first = OpenReal();
        var second = OpenReal;
        second.Should().Throw<IOException>().WithMessage("*in use by another process*--state*");
    }

    [Fact]
    public void A_spool_of_another_key_is_refused()
    {
        using (var spool = OpenReal())
        {
            spool.Record("agent.start", "", "{}"u8.ToArray(), null);
            ConfirmAll(spool);
        }
        using var other = EvidenceKey.Generate();
        var act = () => DurableSpool.Open(Path.Combine(realFolder, "s"), other, "agent:pharmacie", "1.0.0", clock);
        act.Should().Throw<IOException>().WithMessage($"*belongs to the key {key.PublicKey.KeyId}*");
    }

    [Fact]
    public void Whatever_step_fails_nothing_acknowledged_is_lost_and_no_counter_is_used_twice()
    {
        var failures = 0;
        foreach (var once in new[] { true, false })
        foreach (var restart in new Func<MemoryDisk, MemoryDisk>[] { d => d.AfterKill(), d => d.AfterPowerCut(namesSurvive: false), d => d.AfterPowerCut(namesSurvive: true) })
        {
            for (var n = 1; ; n++)
            {
                var disk = new MemoryDisk { FailAt = n, FailsOnce = once };
                var server = new Dictionary<long, string>();
                var acknowledged = Work(disk, server);
                if (!disk.WasHit) break;
                failures++;
                using var spool = Open(restart(disk));
                spool.Record("agent.start", "", "{}"u8.ToArray(), null);
                Receive(spool, server);
                server.Keys.Order().Should().Equal(Enumerable.Range(1, server.Count).Select(i => (long)i), "counters have no gap after a failure at step {0}", n);
                acknowledged.Should().NotContain(a => server.GetValueOrDefault(a.Counter) != a.Marker, "what was acknowledged before step {0} failed is there", n);
                spool.Findings.Should().BeEmpty("a crash is no damage (step {0})", n);
            }
        }
        failures.Should().BeGreaterThan(100, "every durable step was hit in turn");
    }

    /// <summary>Records, delivers, restarts and records again, whatever fails; returns what Record promised.</summary>
    private List<(long Counter, string Marker)> Work(MemoryDisk disk, Dictionary<long, string> server)
    {
        var acknowledged = new List<(long, string)>();
        for (var round = 0; round < 3; round++)
        {
            DurableSpool? spool = null;
            try
            {
                spool = Open(disk);
                for (var i = 0; i < 3; i++)
                {
                    var marker = $"{round}.{i}";
                    acknowledged.Add((Try(() => spool.Record("test.entry", marker, "{}"u8.ToArray(), null)), marker));
                }
                Receive(spool, server);
            }
            catch (IOException) { }
            spool?.Dispose();
        }
        acknowledged.RemoveAll(a => a.Item1 == 0);
        return acknowledged;

        static long Try(Func<long> record)
        {
            try { return record(); }
            catch (IOException) { return 0; }
        }
    }

    /// <summary>What the server does: a counter that it has is a duplicate only if the bytes are the same.</summary>
    private void Receive(DurableSpool spool, Dictionary<long, string> server)
    {
        foreach (var entry in Entries(spool))
        {
            if (server.TryGetValue(entry.Entry.Counter, out var known)) known.Should().Be(entry.Entry.Application, "counter {0} was sent before", entry.Entry.Counter);
            server[entry.Entry.Counter] = entry.Entry.Application;
        }
        ConfirmAll(spool);
    }

    [Fact]
    public void A_full_disk_is_told_in_a_clear_sentence_and_the_next_entry_takes_the_counter()
    {
        var disk = new MemoryDisk { FailsOnce = true };
        using var spool = Open(disk);
        disk.FailAt = 2;
        var act = () => spool.Record("agent.start", "", "{}"u8.ToArray(), null);
        act.Should().Throw<IOException>().WithMessage("The spool /spool cannot be written (No space left on device)*Free space*");
        spool.Record("agent.start", "", "{}"u8.ToArray(), null).Should().Be(1);
    }

    [Fact]
    public void A_clock_that_steps_back_is_written_down_once_and_the_time_told_stays_true()
    {
        using var spool = Open(new MemoryDisk());
        spool.Record("agent.start", "", "{}"u8.ToArray(), null);
        clock.Now -= TimeSpan.FromSeconds(1);
        spool.Record("agent.start", "", "{}"u8.ToArray(), null);
        clock.Now -= TimeSpan.FromHours(1);
        spool.Record("agent.start", "", "{}"u8.ToArray(), null).Should().Be(4);
        spool.Record("agent.start", "", "{}"u8.ToArray(), null).Should().Be(5);
        var entries = Entries(spool);
        entries.Select(e => e.Entry.Type).Should().Equal("agent.start", "agent.start", "clock.jump", "agent.start", "agent.start");
        entries[2].Entry.RecordedAt.Should().Be(clock.Now);
        Encoding.UTF8.GetString(entries[2].Entry.Payload.Span).Should().Be("""{"from":"2026-11-21T21:59:59Z","seconds":-3600,"to":"2026-11-21T20:59:59Z"}""");
    }

    [Fact]
    public void A_clock_that_stepped_back_while_everything_was_delivered_is_still_noticed()
    {
        var disk = new MemoryDisk();
        using (var spool = Open(disk))
        {
            spool.Record("agent.start", "", "{}"u8.ToArray(), null);
            ConfirmAll(spool);
        }
        clock.Now -= TimeSpan.FromDays(3650);
        using var again = Open(disk);
        again.Record("agent.start", "", "{}"u8.ToArray(), null).Should().Be(3);
        Entries(again)[0].Entry.Type.Should().Be("clock.jump");
    }

    [Theory]
    [InlineData("cut")]
    [InlineData("flipped")]
    [InlineData("empty")]
    [InlineData("exchanged")]
    public void A_damaged_entry_is_set_aside_with_a_finding_and_an_entry_of_its_own(string damage)
    {
        var disk = new MemoryDisk();
        using (var spool = Open(disk))
            for (var i = 0; i < 3; i++) spool.Record("agent.start", "", "{}"u8.ToArray(), null);
        var third = disk.Read($"{Folder}/000000000003.entry", int.MaxValue);
        disk.Damage($"{Folder}/000000000002.entry", bytes => damage switch
        {
            "cut" => bytes[..^1],
            "flipped" => [.. bytes[..100], (byte)(bytes[100] ^ 1), .. bytes[101..]],
            "exchanged" => third,
            _ => [],
        });
        using var again = Open(disk);
        again.Findings.Select(f => f.Code).Should().Equal("BG1580", "BG1581");
        again.PendingCounters().Should().Equal(1, 3, 4);
        Entries(again)[2].Entry.Type.Should().Be("spool.damage");
        Encoding.UTF8.GetString(Entries(again)[2].Entry.Payload.Span).Should().Contain("\"missing\":[2]");
        disk.Names.Should().Contain(n => n.EndsWith("-000000000002.entry", StringComparison.Ordinal), "the file is kept aside");
    }

    [Fact]
    public void The_counter_of_a_damaged_last_entry_is_never_used_again_even_after_two_crashes()
    {
        var disk = new MemoryDisk();
        using (var spool = Open(disk))
            for (var i = 0; i < 3; i++) spool.Record("agent.start", "", "{}"u8.ToArray(), null);
        disk.Damage($"{Folder}/000000000003.entry", _ => [1, 2, 3]);
        foreach (var namesSurvive in new[] { true, false })
        for (var n = 1; ; n++)
        {
            var failing = disk.AfterPowerCut(namesSurvive: true);
            failing.FailAt = n;
            Swallow(() => Open(failing).Dispose());
            using var again = Open(failing.AfterPowerCut(namesSurvive));
            again.Record("agent.start", "", "{}"u8.ToArray(), null);
            again.PendingCounters().Should().NotContain(3).And.Contain(4, "the damage was recorded (step {0})", n);
            if (!failing.WasHit) break;
        }

        static void Swallow(Action act)
        {
            try { act(); }
            catch (IOException) { }
        }
    }

    [Fact]
    public void A_foreign_file_is_set_aside_and_opens_no_gap()
    {
        var disk = new MemoryDisk();
        disk.Put($"{Folder}/notes.txt", [1, 2, 3]);
        disk.Put($"{Folder}/999999999999.entry", [1, 2, 3]);
        using var spool = Open(disk);
        spool.Findings.Select(f => f.Code).Should().Equal("BG1580", "BG1580");
        spool.PendingCounters().Should().Equal(1L);
        using var again = Open(disk.AfterKill());
        again.Findings.Should().BeEmpty("both were moved away");
    }

    [Fact]
    public void Foreign_files_of_any_size_and_name_do_not_stop_the_agent()
    {
        var spoolFolder = Path.Combine(realFolder, "s");
        using (var spool = OpenReal()) spool.Record("agent.start", "", "{}"u8.ToArray(), null);
        File.WriteAllBytes(Path.Combine(spoolFolder, "000000000002.entry"), new byte[1024 * 1024]);
        File.WriteAllText(Path.Combine(spoolFolder, "head.1"), "");
        for (var i = 0; i < 300; i++) File.WriteAllText(Path.Combine(spoolFolder, $"{i}{new string('\u0007', 200)}"), "");
        Directory.CreateDirectory(Path.Combine(spoolFolder, "000000000004.entry"));
        using var again = OpenReal();
        again.Findings.Should().HaveCount(303, "302 files were set aside, and one of them held a counter");
        again.PendingCounters().Should().Equal(1, 3);
        Directory.GetFiles(Path.Combine(spoolFolder, "aside")).Should().HaveCount(302);
    }

    [Fact]
    public void An_entry_that_vanished_is_reported()
    {
        var disk = new MemoryDisk();
        using (var spool = Open(disk))
            for (var i = 0; i < 3; i++) spool.Record("agent.start", "", "{}"u8.ToArray(), null);
        disk.Remove($"{Folder}/000000000002.entry");
        using var again = Open(disk);
        again.Findings.Should().ContainSingle().Which.Should().Match<BackupGuard.Verification.Finding>(f => f.Code == "BG1581" && f.Subject == "2");
    }

    [Fact]
    public void Damaged_heads_are_made_good_by_what_else_is_there_and_refused_when_nothing_is()
    {
        var disk = new MemoryDisk();
        using (var spool = Open(disk))
        {
            spool.Record("agent.start", "", "{}"u8.ToArray(), null);
            ConfirmAll(spool);
        }
        var both = disk.AfterKill();
        disk.Damage($"{Folder}/head.2", b => b[..10]);
        using (var spool = Open(disk))
        {
            spool.Findings.Should().ContainSingle().Which.Code.Should().Be("BG1580");
            spool.PendingCounters().Should().Equal(2);
        }
        both.Damage($"{Folder}/head.1", b => b[..10]);
        both.Damage($"{Folder}/head.2", b => b[..10]);
        using (var spool = Open(both.AfterKill())) spool.PendingCounters().Should().Equal(2L);
        both.Remove($"{Folder}/000000000001.sent");
        var act = () => Open(both);
        act.Should().Throw<IOException>().WithMessage("*no longer knows its counter*");
    }

    [Fact]
    public void An_entry_damaged_after_the_start_is_not_sent_and_reported()
    {
        var disk = new MemoryDisk();
        using var spool = Open(disk);
        spool.Record("agent.start", "", "{}"u8.ToArray(), null);
        disk.Damage($"{Folder}/000000000001.entry", b => b[..^5]);
        spool.Read(1).Should().BeNull();
        spool.Findings.Should().ContainSingle().Which.Code.Should().Be("BG1580");
    }

    [Fact]
    public void Threads_that_record_together_get_one_counter_each()
    {
        using var spool = Open(new MemoryDisk());
        var counters = new System.Collections.Concurrent.ConcurrentBag<long>();
        Parallel.For(0, 60, _ => counters.Add(spool.Record("agent.start", "", "{}"u8.ToArray(), null)));
        counters.Order().Should().Equal(Enumerable.Range(1, 60).Select(i => (long)i));
        var entries = Entries(spool);
        entries.Skip(1).Zip(entries).Should().OnlyContain(p => p.First.Entry.Previous == p.Second.Hash);
    }
}
