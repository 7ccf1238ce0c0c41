using FluentAssertions;
using Xunit;

namespace BackupGuard.Evidence.Tests;

public class Log_verifier_tests
{
    private readonly SampleLog log = SampleLog.Filled();

    private static StoredRecord[] Renumbered(IEnumerable<StoredRecord> records) => [.. records.Select((r, i) => r with { Index = i })];

    [Fact]
    public void A_log_as_it_was_written_is_intact()
    {
        var seen = new List<long>();
        var report = LogVerifier.Verify(log.Records, log.Checkpoints, log.Trust, (index, _) => seen.Add(index));
        report.Problems.Should().BeEmpty();
        report.Should().Match<LogReport>(r => r.IsIntact && r.Size == 18 && r.CheckpointSize == 18 && r.OpenIntents.Count == 0);
        seen.Should().Equal(Enumerable.Range(0, 18).Select(i => (long)i));
    }

    [Fact]
    public void An_empty_log_is_intact_and_says_that_it_is_empty() =>
        LogVerifier.Verify([], [], log.Trust, verified: null).Should().Match<LogReport>(r => r.IsIntact && r.Size == 0 && r.Root == MerkleTree.EmptyRoot);

    [Fact]
    public void Every_record_changed_in_any_byte_is_found()
    {
        // One byte of each record in turn, moving through the record with the index; all bytes of one entry are tried in the entry tests.
        for (var i = 0; i < log.Records.Count; i++)
        for (var step = 0; step < 8; step++)
        {
            var entry = log.Records[i].Entry.ToArray();
            entry[(i * 37 + step * 101) % entry.Length] ^= 1;
            var report = log.Verify(log.Records.Select(r => r.Index == i ? r with { Entry = entry } : r));
            report.IsIntact.Should().BeFalse();
            report.Problems.Should().Contain(p => p.Code == "BG2024", "the root no longer matches the checkpoints");
        }
    }

    [Fact]
    public void A_signature_changed_is_found_and_named()
    {
        var signature = log.Records[5].Signature.ToArray();
        signature[^1] ^= 1;
        var report = log.Verify(log.Records.Select(r => r.Index == 5 ? r with { Signature = signature } : r));
        report.Problems.Should().Contain(p => p.Code == "BG2004" && p.Subject == "Record 5");
    }

    [Fact]
    public void A_record_dropped_anywhere_is_found()
    {
        for (var i = 0; i < log.Records.Count; i++)
        {
            var report = log.Verify(Renumbered(log.Records.Where((_, n) => n != i)));
            report.IsIntact.Should().BeFalse("record {0} was dropped", i);
            report.Problems.Should().Contain(p => p.Code == "BG2025", "the last checkpoint covers one entry more");
        }
    }

    [Fact]
    public void Two_records_exchanged_anywhere_are_found()
    {
        for (var i = 0; i + 1 < log.Records.Count; i++)
        {
            var records = log.Records.ToList();
            (records[i], records[i + 1]) = (records[i + 1], records[i]);
            log.Verify(Renumbered(records)).IsIntact.Should().BeFalse("records {0} and the next were exchanged", i);
            log.Verify(records).Problems.Should().Contain(p => p.Code == "BG2013");
        }
    }

    [Fact]
    public void A_record_repeated_anywhere_is_found()
    {
        for (var i = 0; i < log.Records.Count; i++)
        {
            var records = log.Records.ToList();
            records.Insert(i + 1, records[i]);
            log.Verify(Renumbered(records)).Problems.Should().Contain(p => p.Code == "BG2011", "record {0} stands there twice", i);
        }
    }

    [Fact]
    public void A_lost_end_is_found_at_every_length()
    {
        for (var kept = 0; kept < log.Records.Count; kept++)
            log.Verify(log.Records.Take(kept)).Problems.Should().Contain(p => p.Code == "BG2025", "only {0} records are left", kept);
    }

    [Fact]
    public void An_agents_entry_withheld_shows_as_a_gap_even_without_checkpoints()
    {
        var report = LogVerifier.Verify(Renumbered(log.Records.Where(r => r.Index != 6)), [], log.Trust, verified: null);
        report.Problems.Should().Contain(p => p.Code == "BG2010" && p.Message("en").Contains("agent:pharmacie", StringComparison.Ordinal));
    }

    [Fact]
    public void An_entry_of_a_key_that_nobody_registered_is_found()
    {
        log.Add(new Signer("agent:inconnu", EvidenceKey.Generate()).Sign("agent.start", "{}"));
        log.Verify().Codes().Should().Be("BG2005");
    }

    [Fact]
    public void An_entry_of_a_retired_key_is_found()
    {
        log.Retire(log.Imaging);
        log.Add(log.Imaging.Sign("agent.start", "{}"));
        log.Verify().Codes().Should().Be("BG2006");
    }

    [Fact]
    public void An_agent_that_speaks_for_another_is_found()
    {
        var thief = new Signer("agent:pharmacie", EvidenceKey.Generate());
        log.Register(new Signer("agent:voleur", thief.Key));
        log.Add(thief.Sign("agent.start", "{}"));
        log.Verify().Codes().Should().Be("BG2007");
    }

    [Fact]
    public void Two_machines_with_one_key_are_found()
    {
        var twin = new Signer(log.Imaging.Origin, log.Imaging.Key);
        log.Add(twin.Sign("agent.start", "{}"));
        log.Verify().Codes().Should().Be("BG2011");
    }

    [Fact]
    public void An_entry_that_follows_another_past_is_found()
    {
        var other = new Signer(log.Imaging.Origin, log.Imaging.Key);
        for (var i = 0; i < 8; i++) other.Sign("agent.start", "{}");
        log.Add(other.Sign("agent.start", "{}"));
        log.Verify().Codes().Should().Be("BG2012");
    }

    [Fact]
    public void An_open_intent_is_listed_and_reported_once_it_is_old()
    {
        var intent = log.Add(log.Pharmacy.Sign("drill.intent", "{}"));
        var fresh = log.Verify();
        fresh.OpenIntents.Should().ContainSingle().Which.Counter.Should().Be(intent.Entry.Counter);
        fresh.Problems.Should().BeEmpty();
        var old = LogVerifier.Verify(log.Records, log.Checkpoints, log.Trust with { Now = Sample.Start.AddDays(3) }, verified: null);
        old.Codes().Should().Be("BG2014");
        old.IsIntact.Should().BeTrue("an unfinished drill says nothing against the log");
    }

    [Fact]
    public void A_result_without_intent_or_closing_one_twice_is_found_and_not_shown_to_readers()
    {
        var intent = log.Add(log.Pharmacy.Sign("drill.intent", "{}")).Entry.Counter;
        log.Add(log.Pharmacy.Sign("drill.result", "{}", intent));
        log.Add(log.Pharmacy.Sign("drill.result", """{"verdict":"proved"}""", intent));
        var seen = 0;
        LogVerifier.Verify(log.Records, log.Checkpoints, log.Trust, (_, _) => seen++).Codes().Should().Be("BG2015");
        seen.Should().Be(log.Records.Count - 1);
    }

    [Fact]
    public void Two_checkpoints_of_one_size_and_different_roots_are_a_fork()
    {
        log.Checkpoints.Add(new Checkpoint(Sample.LogOrigin, 18, MerkleTree.EmptyRoot).Sign(log.Server.Key));
        log.Verify().Codes().Should().Be("BG2026 BG2024");
    }

    [Fact]
    public void A_checkpoint_of_no_use_is_found()
    {
        var changed = log.Checkpoints[2].ToArray();
        changed[^3] ^= 1;
        log.Checkpoints[2] = changed;
        log.Checkpoints[3] = "nonsense"u8.ToArray();
        log.Verify().Problems.Should().HaveCount(2).And.OnlyContain(p => p.Severity == ProblemSeverity.Error);
    }

    [Fact]
    public void A_registration_that_takes_a_used_key_or_is_unreadable_is_found()
    {
        log.Register(new Signer("agent:autre", log.Imaging.Key));
        log.Add(log.Server.Sign("key.register", """{"origin":"agent:x"}"""));
        log.Add(log.Server.Sign("key.retire", System.Text.Encoding.UTF8.GetString(new Signer("agent:y", EvidenceKey.Generate()).Registration.ToPayload())));
        log.Verify().Codes().Should().Be("BG2016 BG2016 BG2016");
    }

    [Fact]
    public void Only_the_server_registers_keys()
    {
        var accomplice = new Signer("agent:complice", EvidenceKey.Generate());
        log.Add(log.Pharmacy.Sign("key.register", System.Text.Encoding.UTF8.GetString(accomplice.Registration.ToPayload())));
        log.Add(accomplice.Sign("agent.start", "{}"));
        log.Verify().Codes().Should().Be("BG2005");
    }

    [Fact]
    public void A_key_registered_in_the_batch_in_which_it_signs_is_known_in_later_batches_too()
    {
        for (var i = 0; i < 1500; i++) log.Add(log.Imaging.Sign("agent.start", "{}"));
        log.Seal();
        log.Verify().Should().Match<LogReport>(r => r.IsIntact && r.Size == 1518 && r.CheckpointSize == 1518);
    }
}
