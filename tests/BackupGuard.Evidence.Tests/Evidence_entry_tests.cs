using System.Text;
using System.Text.RegularExpressions;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Evidence.Tests;

public class Evidence_entry_tests
{
    private readonly Signer agent = new("agent:pharmacie", EvidenceKey.Generate());

    private VerifiedEntry Second()
    {
        agent.Sign("agent.start", "{}");
        return agent.Sign("verify.result", """{"verdict":"proved","bytesRead":12,"coverage":1.0}""");
    }

    [Fact]
    public void A_signed_entry_reads_back_as_it_was_written()
    {
        var signed = Second();
        var read = UnverifiedEntry.Parse(signed.Bytes, signed.Signature).Verify(agent.Key.PublicKey);
        read.Entry.Should().BeEquivalentTo(signed.Entry, o => o.Excluding(e => e.Payload));
        Encoding.UTF8.GetString(read.Entry.Payload.Span).Should().Be("""{"bytesRead":12,"coverage":1,"verdict":"proved"}""", "the payload is canonical after signing");
        read.Hash.Should().Be(signed.Hash);
    }

    [Fact]
    public void Any_byte_of_an_entry_changed_is_found()
    {
        var signed = Second();
        for (var i = 0; i < signed.Bytes.Length; i++)
        {
            var changed = signed.Bytes.ToArray();
            foreach (var mask in new byte[] { 0x01, 0x20, 0x80 })
            {
                changed[i] ^= mask;
                IsRefused(changed, signed.Signature).Should().BeTrue("byte {0} was changed with {1}", i, mask);
                changed[i] ^= mask;
            }
        }
    }

    [Fact]
    public void Any_byte_of_a_signature_changed_is_found()
    {
        var signed = Second();
        for (var i = 0; i < signed.Signature.Length; i++)
        for (var bit = 0; bit < 8; bit++)
        {
            var changed = signed.Signature.ToArray();
            changed[i] ^= (byte)(1 << bit);
            IsRefused(signed.Bytes, changed).Should().BeTrue("bit {1} of byte {0} was changed", i, bit);
        }
    }

    [Fact]
    public void An_entry_or_signature_cut_at_any_length_or_prolonged_is_found()
    {
        var signed = Second();
        for (var length = 0; length < signed.Bytes.Length; length++) IsRefused(signed.Bytes[..length], signed.Signature).Should().BeTrue();
        for (var length = 0; length < signed.Signature.Length; length++) IsRefused(signed.Bytes, signed.Signature[..length]).Should().BeTrue();
        IsRefused((byte[])[.. signed.Bytes.Span, (byte)'\n'], signed.Signature).Should().BeTrue();
        IsRefused(signed.Bytes, (byte[])[.. signed.Signature.Span, 0]).Should().BeTrue();
    }

    [Fact]
    public void Another_key_is_refused_even_when_it_is_valid()
    {
        using var other = EvidenceKey.Generate();
        var signed = Second();
        var act = () => UnverifiedEntry.Parse(signed.Bytes, signed.Signature).Verify(other.PublicKey);
        act.Should().Throw<EvidenceException>().Which.Problem.Code.Should().Be("BG2005");
    }

    // Each is signed correctly over bytes that the format does not allow: the form itself must refuse them.
    [Theory]
    [InlineData("\"type\":", "\"typo\":")]
    [InlineData("\"type\":\"verify.result\"", "\"type\":\"verify.result\",\"type2\":1")]
    [InlineData("\"type\":\"verify.result\"", "\"type\":\"Verify.result\"")]
    [InlineData("\"type\":\"verify.result\"", "\"type\":\"verify..result\"")]
    [InlineData("\"type\":\"verify.result\"", "\"type\":null")]
    [InlineData("\"counter\":2", "\"counter\":0")]
    [InlineData("\"counter\":2", "\"counter\":2.5")]
    [InlineData("\"counter\":2", "\"counter\":\"2\"")]
    [InlineData("\"counter\":2", "\"counter\":1")]
    [InlineData("\"counter\":2", "\"counter\":9007199254740992")]
    [InlineData("\"intent\":null", "\"intent\":2")]
    [InlineData("\"intent\":null", "\"intent\":0")]
    [InlineData("\"algorithm\":\"ecdsa-p256-sha256\"", "\"algorithm\":\"none\"")]
    [InlineData("\"schema\":\"backupguard.evidence/v1\"", "\"schema\":\"backupguard.evidence/v2\"")]
    [InlineData("\"origin\":\"agent:pharmacie\"", "\"origin\":\"pharmacie\"")]
    [InlineData("\"origin\":\"agent:pharmacie\"", "\"origin\":\"agent:../x\"")]
    [InlineData("\"occurredAt\":null", "\"occurredAt\":\"2026-11-21\"")]
    [InlineData("\"recordedAt\":\"2026-11-21T08:01:00.000Z\"", "\"recordedAt\":\"2026-11-21T08:01:00Z\"")]
    [InlineData("\"recordedAt\":\"2026-11-21T08:01:00.000Z\"", "\"recordedAt\":\"2026-13-21T08:01:00.000Z\"")]
    [InlineData("\"softwareVersion\":\"1.0.0\"", "\"softwareVersion\":\"\"")]
    [InlineData("\"application\":\"pharmacie\"", "\"application\":\"a\\u0007b\"")]
    public void A_field_outside_its_form_is_refused_although_the_signature_is_right(string from, string to)
    {
        var bytes = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(Second().Bytes.Span).Replace(from, to, StringComparison.Ordinal));
        var act = () => UnverifiedEntry.Parse(bytes, agent.Key.Sign(bytes)).Verify(agent.Key.PublicKey);
        act.Should().Throw<EvidenceException>().Which.Problem.Code.Should().BeOneOf("BG2001", "BG2002");
    }

    [Fact]
    public void A_second_spelling_of_the_same_content_is_refused()
    {
        var bytes = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(Second().Bytes.Span).Replace("\"counter\":2", "\"counter\": 2", StringComparison.Ordinal));
        var act = () => UnverifiedEntry.Parse(bytes, agent.Key.Sign(bytes));
        act.Should().Throw<EvidenceException>().Which.Problem.Code.Should().Be("BG2002");
    }

    [Fact]
    public void A_repeated_member_is_refused()
    {
        var act = () => agent.Sign("verify.result", """{"verdict":"failed","verdict":"proved"}""");
        act.Should().Throw<EvidenceException>().Which.Problem.Code.Should().Be("BG2001");
    }

    [Fact]
    public void An_entry_of_64_KiB_is_taken_and_one_byte_more_is_refused()
    {
        var empty = agent.Draft("verify.result", """{"x":""}""", intent: null).ToBytes().Length;
        var room = EvidenceEntry.MaxBytes - empty;
        var tooLarge = () => agent.Sign("verify.result", $$"""{"x":"{{new string('a', room + 1)}}"}""");
        tooLarge.Should().Throw<EvidenceException>().Which.Problem.Code.Should().Be("BG2003");
        agent.Sign("verify.result", $$"""{"x":"{{new string('a', room)}}"}""").Bytes.Length.Should().Be(EvidenceEntry.MaxBytes);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("1")]
    [InlineData("null")]
    public void A_payload_that_is_no_object_is_refused(string payload)
    {
        var act = () => agent.Sign("verify.result", payload);
        act.Should().Throw<EvidenceException>();
    }

    [Fact]
    public void A_key_survives_its_PEM_and_one_on_another_curve_is_refused()
    {
        using var again = EvidenceKey.FromPem(agent.Key.ToPem());
        again.PublicKey.Should().Be(agent.Key.PublicKey);
        again.PublicKey.Verify("x"u8, agent.Key.Sign("x"u8)).Should().BeTrue();

        using var p384 = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP384);
        var asPrivate = () => EvidenceKey.FromPem(p384.ExportPkcs8PrivateKeyPem());
        var asPublic = () => EvidencePublicKey.FromSpki(p384.ExportSubjectPublicKeyInfo());
        var nonsense = () => EvidenceKey.FromPem("not a key");
        var prolonged = () => EvidencePublicKey.FromSpki([.. agent.Key.PublicKey.Spki.Span, 0]);
        asPrivate.Should().Throw<System.Security.Cryptography.CryptographicException>();
        nonsense.Should().Throw<System.Security.Cryptography.CryptographicException>();
        asPublic.Should().Throw<EvidenceException>();
        prolonged.Should().Throw<EvidenceException>();
    }

    [Fact]
    public void Every_problem_speaks_two_languages_and_fills_its_placeholders()
    {
        ProblemCatalogue.All.Should().OnlyHaveUniqueItems(k => k.Code).And.HaveCountGreaterThan(15);
        foreach (var kind in ProblemCatalogue.All)
        {
            kind.Code.Should().MatchRegex("^BG20[0-9]{2}$");
            var (en, fr) = (Placeholders(kind.English.Message), Placeholders(kind.French.Message));
            fr.Should().BeEquivalentTo(en, "both sentences of {0} name the same things", kind.Code);
            (kind.English.Remedy.Length, kind.French.Remedy.Length).Should().Match<(int, int)>(l => l.Item1 > 20 && l.Item2 > 20);
            (kind.French.Message + kind.French.Remedy).Should().NotMatchRegex("[^\u00a0][:;?!](?!\\d)", "French puts a non-breaking space before it ({0})", kind.Code);
        }

        static string[] Placeholders(string text) => [.. Regex.Matches(text, "{[a-z]+}").Select(m => m.Value).Distinct().Order()];
    }

    private bool IsRefused(ReadOnlyMemory<byte> bytes, ReadOnlyMemory<byte> signature)
    {
        try
        {
            UnverifiedEntry.Parse(bytes, signature).Verify(agent.Key.PublicKey);
            return false;
        }
        catch (EvidenceException)
        {
            return true;
        }
    }
}
