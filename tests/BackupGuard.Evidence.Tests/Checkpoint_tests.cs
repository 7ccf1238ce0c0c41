using System.Text;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Evidence.Tests;

public class Checkpoint_tests
{
    private readonly EvidenceKey key = EvidenceKey.Generate();
    private NoteKey LogKey => new(Sample.LogOrigin, key.PublicKey);
    private static Checkpoint Signed => new(Sample.LogOrigin, 17, MerkleTree.HashLeaf("x"u8));

    private static string CodeOf(Action act) => act.Should().Throw<EvidenceException>().Which.Problem.Code;

    [Fact]
    public void A_checkpoint_reads_back() => Checkpoint.Verify(Signed.Sign(key), LogKey).Should().Be(Signed);

    [Fact]
    public void A_checkpoint_is_the_note_that_the_specification_describes()
    {
        var lines = Encoding.UTF8.GetString(Signed.Sign(key)).Split('\n');
        lines.Should().HaveCount(6);
        lines[..4].Should().Equal(Sample.LogOrigin, "17", Convert.ToBase64String(Signed.Root.ToArray()), "");
        lines[4].Should().StartWith($"\u2014 {Sample.LogOrigin} ");
        Convert.FromBase64String(lines[4].Split(' ')[2])[..4].Should().Equal(System.Security.Cryptography.SHA256.HashData(key.PublicKey.Spki.Span)[..4], "type 0x02 takes the id from the key alone");
        lines[5].Should().BeEmpty();
    }

    [Fact]
    public void Any_byte_of_a_checkpoint_changed_is_found()
    {
        var note = Signed.Sign(key);
        for (var i = 0; i < note.Length; i++)
        foreach (var mask in new byte[] { 0x01, 0x04, 0x20, 0x80 })
        {
            var changed = note.ToArray();
            changed[i] ^= mask;
            var act = () => Checkpoint.Verify(changed, LogKey);
            act.Should().Throw<EvidenceException>("byte {0} was changed", i);
        }
    }

    [Fact]
    public void A_checkpoint_cut_at_any_length_is_found()
    {
        var note = Signed.Sign(key);
        for (var length = 0; length < note.Length; length++)
        {
            var act = () => Checkpoint.Verify(note.AsSpan(0, length), LogKey);
            act.Should().Throw<EvidenceException>("it was cut at {0}", length);
        }
    }

    [Fact]
    public void Signatures_by_strangers_are_left_alone_and_a_bad_one_by_the_log_spoils_the_note()
    {
        var good = Encoding.UTF8.GetString(Signed.Sign(key));
        var stranger = $"\u2014 witness.example {Convert.ToBase64String([1, 2, 3, 4, 5, 6])}\n";
        var many = string.Concat(Enumerable.Repeat(stranger, 20));
        Checkpoint.Verify(Encoding.UTF8.GetBytes(good + many), LogKey).Should().Be(Signed);

        var forged = $"\u2014 {Sample.LogOrigin} {Convert.ToBase64String([.. Convert.FromHexString(key.PublicKey.KeyId), .. key.Sign("other"u8)])}\n";
        CodeOf(() => Checkpoint.Verify(Encoding.UTF8.GetBytes(good + forged), LogKey)).Should().Be("BG2021");
        CodeOf(() => Checkpoint.Verify(Encoding.UTF8.GetBytes(good + string.Concat(Enumerable.Repeat(stranger, 64))), LogKey)).Should().Be("BG2020");
    }

    [Fact]
    public void A_checkpoint_by_another_key_or_of_another_log_is_refused()
    {
        using var other = EvidenceKey.Generate();
        CodeOf(() => Checkpoint.Verify(Signed.Sign(other), LogKey)).Should().Be("BG2022");
        var elsewhere = SignedNote.Sign((Signed with { Origin = "another.example/log" }).ToText(), Sample.LogOrigin, key);
        CodeOf(() => Checkpoint.Verify(elsewhere, LogKey)).Should().Be("BG2023");
    }

    [Theory]
    [InlineData("backupguard.example/log\n017\n{0}\n")]
    [InlineData("backupguard.example/log\n-1\n{0}\n")]
    [InlineData("backupguard.example/log\n17\n{0}\nextension\n")]
    [InlineData("backupguard.example/log\n17\n")]
    [InlineData("backupguard.example/log\n17\nAAAA\n")]
    [InlineData("\n17\n{0}\n")]
    [InlineData("backupguard.example/log\n99999999999999999999\n{0}\n")]
    public void A_well_signed_note_that_is_no_checkpoint_is_refused(string text)
    {
        var note = SignedNote.Sign(text.Replace("{0}", Convert.ToBase64String(Signed.Root.ToArray()), StringComparison.Ordinal), Sample.LogOrigin, key);
        CodeOf(() => Checkpoint.Verify(note, LogKey)).Should().Be("BG2020");
    }

    [Fact]
    public void A_note_whose_text_holds_blank_lines_is_split_at_the_last_one()
    {
        var note = SignedNote.Sign("a\n\nb\n", "k", key);
        SignedNote.Parse(note).Verify(new NoteKey("k", key.PublicKey), "The note").Should().Be("a\n\nb\n");
    }

    [Fact]
    public void The_text_of_a_key_reads_back_and_a_wrong_id_is_refused()
    {
        NoteKey.Parse(LogKey.ToString()).Should().Be(LogKey);
        var wrong = LogKey.ToString().Replace($"+{key.PublicKey.KeyId}+", "+00000000+", StringComparison.Ordinal);
        var act = () => NoteKey.Parse(wrong);
        act.Should().Throw<EvidenceException>();
        var spaced = () => new NoteKey("a b", key.PublicKey);
        spaced.Should().Throw<ArgumentException>();
    }
}
