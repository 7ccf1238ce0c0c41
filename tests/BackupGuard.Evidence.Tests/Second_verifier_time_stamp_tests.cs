using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using BackupGuard.Evidence.Packs;
using BackupGuard.Evidence.TimeStamps;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Evidence.Tests;

/// <summary>Time stamps in packs and in logs: who is believed, and that both verifiers believe the same.</summary>
public sealed class Second_verifier_time_stamp_tests : IDisposable
{
    private static readonly SampleLog Log = SampleStories.Full();
    private static readonly DateTimeOffset At = Sample.Start.AddHours(1);
    private static readonly int Last = Log.Checkpoints.Count - 1;
    private readonly SampleTsa tsa = new();

    public void Dispose() => tsa.Dispose();

    private string Policy(string quorum = "none", string? line = null) => $"log {Log.LogKey}\n{line ?? tsa.Line("heure")}quorum {quorum}\n";

    private static byte[] Stamped(int checkpoint) => TimeStamp.Stamped(Log.Checkpoints[checkpoint].Span, Log.LogKey);

    private static TimeStampName Name(int checkpoint, string authority = "heure") => PackNames.TimeStamp(Checkpoint.Verify(Log.Checkpoints[checkpoint].Span, Log.LogKey), authority);

    /// <summary>A pack of everything with the checkpoint 1 beside the head, and a time stamp of one of them.</summary>
    private static SamplePack Pack(int checkpoint, byte[] request, byte[] token)
    {
        var pack = SamplePack.Of(Log, SamplePack.Everything, 1);
        pack.Files[Name(checkpoint).Request] = request;
        pack.Files[Name(checkpoint).Token] = token;
        return pack;
    }

    private SamplePack Good(int checkpoint, DateTimeOffset? at = null)
    {
        var request = TimeStamp.Request(Stamped(checkpoint));
        return Pack(checkpoint, request, tsa.Token(request, at ?? At));
    }

    private static VerificationReport First(byte[] pack, string policy) => PackVerifier.Verify(() => PackArchive.Open(pack), TrustPolicy.Parse(Encoding.UTF8.GetBytes(policy)));

    /// <summary>Both are asked, must agree, and the answer is given.</summary>
    private static Said Both(byte[] pack, string policy, string because = "")
    {
        var first = Said.By(First(pack, policy));
        SecondVerifier.Ask(new() { ["pack"] = pack }, Encoding.UTF8.GetBytes(policy))["pack"].Should().Be(first, because);
        return first;
    }

    [Fact]
    public void A_checkpoint_is_proved_to_be_as_old_as_the_earliest_time_stamp_that_covers_it()
    {
        var pack = Good(1, At.AddMinutes(30));
        var request = TimeStamp.Request(Stamped(Last));
        (pack.Files[Name(Last).Request], pack.Files[Name(Last).Token]) = (request, tsa.Token(request, At));
        var zip = pack.ZipSigned();

        Both(zip, Policy("heure")).Should().Be(new Said(0, "BG2017"));
        First(zip, Policy()).Proven.Should().Equal(Checkpoints().Select(c => new ProvenTime(c.Size, c.Root, At, "heure")), "a later tree holds the earlier one");

        var older = First(Good(1).ZipSigned(), Policy());
        older.Proven.Select(p => p.At).Should().Equal(At, null);
    }

    private static IEnumerable<Checkpoint> Checkpoints() => new[] { 1, Last }.Select(i => Checkpoint.Verify(Log.Checkpoints[i].Span, Log.LogKey));

    [Fact]
    public void A_pack_that_is_written_with_time_stamps_brings_their_checkpoints_along()
    {
        var request = TimeStamp.Request(Stamped(1));
        var stamp = new StampedCheckpoint(Log.Checkpoints[1], "heure", request, tsa.Token(request, At));
        var archive = PackArchive.Open(SamplePack.Stamped(Log, stamp));
        archive.Names.Should().Contain([Name(1).Request, Name(1).Token, Name(1).Checkpoint, PackNames.ConsistencyOf(Name(1).Checkpoint)]);

        FluentActions.Invoking(() => SamplePack.Stamped(Log, stamp with { Note = Log.Checkpoints[2] })).Should().Throw<EvidenceException>().Which.Problem.Code.Should().Be("BG2051");
    }

    [Fact]
    public void What_is_stamped_does_not_change_when_witnesses_cosign_later()
    {
        using var key = EvidenceKey.Generate();
        var cosigned = Cosignature.Add(Log.Checkpoints[1].Span, [Cosignature.Sign(SignedNote.Parse(Log.Checkpoints[1].Span), new CosignatureKey("temoin.example", key.PublicKey), key, At)]);
        TimeStamp.Stamped(cosigned, Log.LogKey).Should().Equal(Log.Checkpoints[1].ToArray()).And.NotEqual(cosigned);

        var pack = Good(1);
        pack.Files[Name(1).Checkpoint] = cosigned;
        Both(pack.ZipSigned(), Policy()).ExitCode.Should().Be(0);
    }

    [Fact]
    public void A_demanded_time_stamp_must_cover_every_entry_that_the_pack_shows()
    {
        var (covering, short_) = (Good(Last).ZipSigned(), Good(1).ZipSigned());
        var without = SamplePack.Of(Log, SamplePack.Everything, 1).Zip();
        Both(covering, Policy("heure")).ExitCode.Should().Be(0);
        Both(short_, Policy("heure")).Should().Be(new Said(3, "BG2017 BG2040"));
        Both(without, Policy("heure")).Should().Be(new Said(3, "BG2017 BG2040"));
        Both(without, Policy()).ExitCode.Should().Be(0, "nobody demands one");

    }

    [Fact]
    public void A_demanded_time_stamp_need_not_cover_what_the_pack_does_not_show()
    {
        // Its second checkpoint covers the entries of the first minute, and the log went on.
        var log = SampleLog.Filled();
        var part = SamplePack.Of(log, PackScope.OfPeriod(Sample.Start, Sample.Start.AddMinutes(1)), 1);
        var covering = Checkpoint.Verify(log.Checkpoints[1].Span, log.LogKey);
        part.Manifest.Records[^1].Index.Should().BeLessThan(covering.Size).And.BeLessThan(log.Records.Count - 1);
        var name = PackNames.TimeStamp(covering, "heure");
        part.Files[name.Request] = TimeStamp.Request(TimeStamp.Stamped(log.Checkpoints[1].Span, log.LogKey));
        part.Files[name.Token] = tsa.Token(part.Files[name.Request], At);
        Both(part.ZipSigned(), $"log {log.LogKey}\n{tsa.Line("heure")}quorum heure\n").Should().Be(new Said(0, ""));
    }

    [Fact]
    public void A_time_stamp_of_an_authority_that_nobody_named_is_said_and_not_counted()
    {
        var pack = Good(Last).ZipSigned();
        var bare = $"log {Log.LogKey}\nquorum none\n";
        Both(pack, bare).Should().Be(new Said(0, "BG2017 BG2054"));
        var report = First(pack, bare);
        report.Checks.Single(c => c.Kind == CheckKind.TimeStamps).Outcome.Should().Be(CheckOutcome.NotDone, "what was not judged is not right");
        report.Proven.Should().OnlyContain(p => p.At == null);
        First(SamplePack.Of(Log, SamplePack.Everything, 1).Zip(), Policy()).Checks.Single(c => c.Kind == CheckKind.TimeStamps).Outcome.Should().Be(CheckOutcome.NotDone, "there is none");
    }

    [Fact]
    public void Each_tampering_with_a_time_stamp_is_refused_by_both_with_its_own_reason()
    {
        using var other = new SampleTsa();
        using var expired = new SampleTsa((Sample.Start.AddYears(-2), Sample.Start.AddYears(-1)));
        using var wrongUse = new SampleTsa(null, SampleTsa.CodeSigning);
        using var twoUses = new SampleTsa(null, SampleTsa.TimeStamping, SampleTsa.CodeSigning);
        var request = TimeStamp.Request(Stamped(Last));
        var earlier = TimeStamp.Request(Stamped(1));
        byte[] With(byte[] token, byte[]? asked = null) => Pack(Last, asked ?? request, token).ZipSigned();
        byte[] Without(Func<TimeStampName, string> file)
        {
            var pack = Good(Last);
            pack.Files.Remove(file(Name(Last)));
            return pack.ZipSigned();
        }
        byte[] Misnamed(string name)
        {
            var pack = Good(Last);
            pack.Files[name] = [1];
            return pack.ZipSigned();
        }
        byte[] WithoutCheckpoint()
        {
            var pack = Good(1);
            pack.Files.Remove(Name(1).Checkpoint);
            pack.Files.Remove(PackNames.ConsistencyOf(Name(1).Checkpoint));
            return pack.ZipSigned();
        }
        var cases = new (string Name, string Code, byte[] Pack, string? Line)[]
        {
            ("the token of another checkpoint", "BG2051", With(tsa.Token(earlier, At)), null),
            ("request and token of another checkpoint", "BG2051", With(tsa.Token(earlier, At), earlier), null),
            ("a token for another imprint", "BG2051", With(tsa.Token(request, At, (i, n) => (SHA256.HashData(i), n))), null),
            ("a token for a shorter imprint", "BG2051", With(tsa.Token(request, At, (i, n) => (i[..16], n))), null),
            ("a token with another nonce", "BG2051", With(tsa.Token(request, At, (i, n) => (i, n + 1))), null),
            ("a token without a nonce", "BG2051", With(tsa.Token(request, At, (i, _) => (i, null))), null),
            ("a request that is none", "BG2050", With(tsa.Token(request, At), [.. request, 0]), null),
            ("a request with a negative nonce", "BG2050", With(tsa.Token(request, At), Negative(request)), null),
            ("the root of somebody else", "BG2052", With(other.Token(request, At)), null),
            ("a root that had expired", "BG2052", With(expired.Token(request, At)), expired.Line("heure")),
            ("a certificate for something else", "BG2052", With(wrongUse.Token(request, At)), wrongUse.Line("heure")),
            ("a certificate for something else as well", "BG2052", With(twoUses.Token(request, At)), twoUses.Line("heure")),
            ("no token at all", "BG2052", With("jeton"u8.ToArray()), null),
            ("bytes after the token", "BG2052", With([.. tsa.Token(request, At), 0]), null),
            ("ten years before the entries that it covers", "BG2053", With(tsa.Token(request, At.AddYears(-10))), null),
            ("ten years after the pack", "BG2053", With(tsa.Token(request, At.AddYears(10))), null),
            ("the token is missing", "BG2035", Without(n => n.Token), null),
            ("the request is missing", "BG2035", Without(n => n.Request), null),
            ("the checkpoint is missing", "BG2035", WithoutCheckpoint(), null),
            ("a name that is none", "BG2031", Misnamed("timestamps/heure.tst"), null),
            ("a name with another end", "BG2031", Misnamed(Name(Last).Token.Replace(".tst", ".txt", StringComparison.Ordinal)), null),
        };
        foreach (var policy in cases.GroupBy(c => Policy("heure", c.Line)))
        {
            var theirs = SecondVerifier.Ask(policy.ToDictionary(c => c.Name, c => c.Pack), Encoding.UTF8.GetBytes(policy.Key));
            foreach (var (name, code, pack, _) in policy)
            {
                var said = Said.By(First(pack, policy.Key));
                theirs[name].Should().Be(said, name);
                said.Codes.Split(' ').First(c => c != "BG2017").Should().Be(code, name);
                said.ExitCode.Should().Be(code == "BG2035" ? 2 : 1, name);
            }
        }
    }

    private static byte[] Negative(byte[] request)
    {
        var copy = request.ToArray();
        copy[58] |= 0x80;
        return copy;
    }

    [Fact]
    public void Any_changed_byte_of_a_time_stamp_is_found_by_both_for_the_same_reason()
    {
        // Each of them was tried once, about 800; here a choice that takes seconds.
        var (packs, policy) = (new Dictionary<string, byte[]>(), Encoding.UTF8.GetBytes(Policy()));
        var good = Good(Last);
        foreach (var name in new[] { Name(Last).Request, Name(Last).Token })
        {
            var content = good.Files[name];
            for (var at = 0; at < content.Length; at += content.Length / 24) packs[$"{name} at {at}"] = Changed(good, name, at).ZipSigned();
        }
        // What no signature covers: versions, the digest, the signature's algorithm.
        foreach (var at in new[] { 25, 36 }) packs[$"{at}"] = Changed(good, Name(Last).Token, at).ZipSigned();
        packs.Count.Should().BeGreaterThan(45);
        foreach (var (name, said) in SecondVerifier.Ask(packs, policy))
        {
            said.Should().Be(Said.By(PackVerifier.Verify(() => PackArchive.Open(packs[name]), TrustPolicy.Parse(policy))), name);
            said.ExitCode.Should().Be(1, name);
        }
    }

    private static SamplePack Changed(SamplePack good, string name, int at)
    {
        var pack = Pack(Last, good.Files[Name(Last).Request].ToArray(), good.Files[Name(Last).Token].ToArray());
        return pack.Flip(name, at);
    }

    [Fact]
    public void What_openssl_s_own_authority_answers_is_believed_by_both()
    {
        using var authority = new OpenSslTsa();
        var log = new SampleLog();
        // Its clock is this machine's, so the entries must be of today.
        var now = DateTimeOffset.UtcNow;
        (log.Server.ClockError, log.Pharmacy.ClockError) = (now - Sample.Start, now - Sample.Start);
        log.Register(log.Pharmacy);
        log.Drill(log.Pharmacy);
        log.Seal();
        var request = TimeStamp.Request(TimeStamp.Stamped(log.Checkpoints[^1].Span, log.LogKey));
        var token = TimeStamp.TokenOf(authority.Answer(request), "answer");
        var pack = SamplePack.Of(log, SamplePack.Everything);
        var name = PackNames.TimeStamp(Checkpoint.Verify(log.Checkpoints[^1].Span, log.LogKey), "openssl");
        (pack.Files[name.Request], pack.Files[name.Token]) = (request, token);
        var zip = pack.ZipSigned(m => m with { AsOf = EvidenceEntry.TextOf(now.AddMinutes(5)) });
        var policy = $"log {log.LogKey}\n{authority.Line("openssl")}quorum openssl\n";

        Both(zip, policy).Should().Be(new Said(0, ""));
        First(zip, policy).Proven.Single().At!.Value.Should().BeCloseTo(now, TimeSpan.FromMinutes(5));
        Both(zip, $"log {log.LogKey}\n{tsa.Line("openssl")}quorum openssl\n").Should().Be(new Said(1, "BG2052 BG2040"), "the other root is not its own");
    }

    [Fact]
    public void An_answer_that_grants_nothing_is_no_token()
    {
        // TimeStampResp with the status 2, rejection.
        byte[] rejection = [0x30, 0x05, 0x30, 0x03, 0x02, 0x01, 0x02];
        foreach (var answer in new[] { rejection, [], "<html>"u8.ToArray(), [0x30, 0x80] })
            FluentActions.Invoking(() => TimeStamp.TokenOf(answer, "answer")).Should().Throw<EvidenceException>().Which.Problem.Code.Should().Be("BG2052");
    }

    [Fact]
    public void A_policy_takes_roots_that_sign_themselves_and_names_that_are_parts_of_file_names()
    {
        using var second = new SampleTsa();
        var both = $"tsa heure {Convert.ToBase64String(tsa.Root.RawData)},{Convert.ToBase64String(second.Root.RawData)} http://heure.example/\n";
        var policy = TrustPolicy.Parse(Encoding.UTF8.GetBytes(Policy("heure", both)));
        policy.Authorities.Single().Should().Match<TimeStampAuthority>(a => a.Name == "heure" && a.Roots.Count == 2 && a.Url == "http://heure.example/");
        var request = TimeStamp.Request(Stamped(Last));
        foreach (var authority in new[] { tsa, second }) Both(Pack(Last, request, authority.Token(request, At)).ZipSigned(), Policy("heure", both)).ExitCode.Should().Be(0, "an authority may change its root");

        var pem = Convert.ToBase64String(Encoding.ASCII.GetBytes(tsa.Root.ExportCertificatePem()));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var issued = new CertificateRequest("CN=Feuille", key, HashAlgorithmName.SHA256).Create(tsa.Root, Sample.Start, Sample.Start.AddYears(1), [9]);
        var good = Convert.ToBase64String(tsa.Root.RawData);
        var pack = Good(Last).ZipSigned();
        foreach (var line in new[] { $"tsa Heure {good}\n", $"tsa heure {pem}\n", $"tsa heure {good},\n", $"tsa heure {Convert.ToBase64String(issued.RawData)}\n", $"tsa heure {Convert.ToBase64String([.. tsa.Root.RawData, 0])}\n",
            $"tsa heure {good}\ntsa heure {good}\n", "tsa heure\n", $"tsa none {good}\n", $"tsa -heure {good}\n" })
        {
            FluentActions.Invoking(() => TrustPolicy.Parse(Encoding.UTF8.GetBytes(Policy("none", line)))).Should().Throw<EvidenceException>().Which.Problem.Code.Should().Be("BG2029", line);
            FluentActions.Invoking(() => SecondVerifier.Ask(new() { ["pack"] = pack }, Encoding.UTF8.GetBytes(Policy("none", line)))).Should().Throw<KeyNotFoundException>(line);
        }
    }
}
