using System.Buffers.Binary;
using System.Diagnostics;
using System.IO.Compression;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using BackupGuard.Evidence.Packs;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Evidence.Tests;

/// <summary>Two verifiers that share no code say the same of the same pack: good or not, and why.</summary>
public sealed class Second_verifier_tests(SecondVerifier second) : IClassFixture<SecondVerifier>
{
    private static readonly SampleLog Log = SampleStories.Full();

    internal static NoteKey LogKey => Log.LogKey;

    private static SamplePack Good() => SamplePack.Of(Log, SamplePack.Everything, 0, 1);

    /// <summary>A log by the same server, kept by somebody who accepts everything.</summary>
    private static byte[] WithLog(Action<SampleLog> more)
    {
        var log = SampleLog.Filled(Log.Server.Key);
        more(log);
        log.Seal();
        var gaps = log.Verify().Gaps.Select(g => new PackGap(g.KeyId, g.First, g.Last, g.Before, g.After, g.DeclaredBy));
        return SamplePack.OfWhole(log, [.. gaps]).Zip();
    }

    /// <summary>Where it says "signed", somebody holds the server's own key and makes the manifest anew.</summary>
    public static readonly Dictionary<string, (string Code, Func<byte[]> Make)> Tamperings = new()
    {
        ["an entry is changed"] = ("BG2034", () => Good().Flip(PackNames.Entry(3), 40).Zip()),
        ["an entry is changed, signed"] = ("BG2027", () => Good().Flip(PackNames.Entry(3), 40).ZipSigned()),
        ["a signature is changed, signed"] = ("BG2004", () => Good().Proof(3, p => p with { Extra = Flipped(p.Extra!.Value) }).ZipSigned()),
        ["the signature is left out, signed"] = ("BG2028", () => Good().Proof(3, p => p with { Extra = null }).ZipSigned()),
        ["a hash of a proof is changed"] = ("BG2034", () => Good().Flip(PackNames.Proof(3), 140).Zip()),
        ["a proof is another entry's, signed"] = ("BG2027", () => Good().Proof(3, p => p with { Inclusion = [.. p.Inclusion.Reverse()] }).ZipSigned()),
        ["a proof is none, signed"] = ("BG2028", () => { var p = Good(); p.Files[PackNames.Proof(3)] = "proof"u8.ToArray(); return p.ZipSigned(); }),
        ["a proof leads to an older checkpoint, signed"] = ("BG2027", () => Good().Proof(1, p => p with { Inclusion = MerkleProver.Inclusion(Log.Tree, 1, 2), Checkpoint = Log.Checkpoints[0] }).ZipSigned()),
        ["the root of the checkpoint is changed"] = ("BG2021", () => Good().Flip(PackNames.Checkpoint, Sample.LogOrigin.Length + 8).Zip()),
        ["the checkpoint is cut"] = ("BG2020", () => { var p = Good(); p.Files[PackNames.Checkpoint] = p.Files[PackNames.Checkpoint][..60]; return p.Zip(); }),
        ["the checkpoint is missing"] = ("BG2035", () => { var p = Good(); p.Files.Remove(PackNames.Checkpoint); return p.Zip(); }),
        ["the manifest is changed"] = ("BG2036", () => Good().Flip(PackNames.Manifest, 300).Zip()),
        ["the signature of the manifest is changed"] = ("BG2036", () => Good().Flip(PackNames.ManifestSignature, 20).Zip()),
        ["the manifest is missing"] = ("BG2035", () => { var p = Good(); p.Files.Remove(PackNames.Manifest); return p.Zip(); }),
        ["the manifest is not canonical, signed"] = ("BG2033", () => Good() is var p ? p.ZipWith([.. p.Files[PackNames.Manifest], (byte)'\n']) : []),
        ["the manifest is of another log, signed"] = ("BG2038", () => Good().ZipSigned(m => m with { Log = "backupguard.example/other" })),
        ["entries are reordered, signed"] = ("BG2013", () => Swapped(Good(), 3, 5, proofs: true).ZipSigned()),
        ["the bytes of two entries are exchanged, signed"] = ("BG2027", () => Swapped(Good(), 3, 5, proofs: false).ZipSigned()),
        ["a result is dropped"] = ("BG2035", () => Good().Without(5).Zip()),
        ["a result is dropped, signed"] = ("BG2038", () => Good().Without(5).ZipSigned(m => m with { Records = [.. m.Records.Where(r => r.Index != 5)] })),
        ["an intent is dropped, signed"] = ("BG2015", () => Good().Without(4).ZipSigned(m => m with { Records = [.. m.Records.Where(r => r.Index != 4)] })),
        ["a registration is dropped, signed"] = ("BG2005", () => Good().Without(1).ZipSigned(m => m with { Records = [.. m.Records.Where(r => r.Index != 1)] })),
        ["an entry is there twice, signed"] = ("BG2013", Doubled),
        ["a file is added"] = ("BG2037", () => { var p = Good(); p.Files["rapports/faux.html"] = "faux"u8.ToArray(); return p.Zip(); }),
        ["a record that nobody names, signed"] = ("BG2038", () => { var p = Good(); p.Files["records/999999999999.json"] = "{}"u8.ToArray(); return p.ZipSigned(); }),
        ["an open intent is hidden, signed"] = ("BG2038", () => Good().ZipSigned(m => m with { OpenIntents = [] })),
        ["a gap is invented, signed"] = ("BG2038", () => Good().ZipSigned(m => m with { Gaps = [.. m.Gaps, m.Gaps[0] with { First = 900, Last = 901 }] })),
        ["a gap is said to be declared elsewhere, signed"] = ("BG2038", () => Good().ZipSigned(m => m with { Gaps = [m.Gaps[0] with { DeclaredBy = 3 }] })),
        ["the scope is another, signed"] = ("BG2038", () => Good().ZipSigned(m => m with { Scope = PackScope.OfApplication("imagerie") })),
        ["nothing was asked for, signed"] = ("BG2039", () => SamplePack.OfRecords(Log, (0, PackReasons.Key)).ZipSigned(m => m with { Scope = PackScope.OfApplication("dpi") })),
        ["a forked log: two checkpoints of one size"] = ("BG2026", () => WithEarlier(new Checkpoint(Sample.LogOrigin, Log.Records.Count, Hash256.Of("fork"u8)), [])),
        ["a forked log: an earlier checkpoint of another tree"] = ("BG2027", () => WithEarlier(new Checkpoint(Sample.LogOrigin, 7, Hash256.Of("fork"u8)), MerkleProver.Consistency(Log.Tree, 7, Log.Records.Count))),
        ["an earlier checkpoint is larger than the head"] = ("BG2025", () => WithEarlier(new Checkpoint(Sample.LogOrigin, 700, Hash256.Of("later"u8)), [])),
        ["the proof of an earlier checkpoint is missing, signed"] = ("BG2035", () => { var p = Good(); p.Files.Remove(p.Files.Keys.First(k => k.EndsWith(".consistency", StringComparison.Ordinal))); return p.ZipSigned(); }),
        ["a signature by a retired key"] = ("BG2006", () => WithLog(log => { log.Retire(log.Imaging); log.Drill(log.Imaging); })),
        ["two agents with one identity: one key on two machines"] = ("BG2011", () => WithLog(log => { var twin = log.Pharmacy.Twin(); log.Drill(log.Pharmacy); log.Drill(twin); })),
        ["two agents with one identity: another past"] = ("BG2012", () => WithLog(log => { var twin = log.Pharmacy.Twin(); log.Add(log.Pharmacy.Sign("agent.start", "{}")); twin.Sign("agent.start", "{}"); log.Add(twin.Sign("agent.start", "{}")); })),
        ["two agents with one identity: a name that is another's"] = ("BG2007", () => WithLog(log => log.Add(new Signer(log.Imaging.Origin, log.Pharmacy.Key).Sign("agent.start", "{}")))),
        ["a key is registered for two agents"] = ("BG2016", () => WithLog(log => log.Register(new Signer("agent:autre", log.Pharmacy.Key)))),
        ["a gap that nobody declares"] = ("BG2010", () => WithLog(log => { log.Pharmacy.Sign("agent.start", "{}"); log.Drill(log.Pharmacy); })),
        ["an entry that is not canonical"] = ("BG2002", () => WithLog(log => Raw(log, b => [.. b[..^1], (byte)' ', b[^1]]))),
        ["an entry that is none"] = ("BG2001", () => WithLog(log => Raw(log, _ => "{}"u8.ToArray()))),
        ["an entry that is too large"] = ("BG2003", () => WithLog(log => Raw(log, b => [.. b, .. new byte[EvidenceEntry.MaxBytes]]))),
        ["a pack of another log"] = ("BG2022", () => SamplePack.Of(SampleStories.Full(), SamplePack.Everything).Zip()),
        ["a checkpoint of another log by the same key"] = ("BG2023", () => { var p = Good(); p.Files[PackNames.Checkpoint] = SignedNote.Sign(new Checkpoint("backupguard.example/other", 14, Hash256.Of("x"u8)).ToText(), Sample.LogOrigin, Log.Server.Key); return p.ZipSigned(); }),
        ["a path that leads out"] = ("BG2031", () => Renamed("index.html", "../../x.md")),
        ["an absolute path"] = ("BG2031", () => Renamed("index.html", "/etc/passw")),
        ["a path with backslashes"] = ("BG2031", () => Renamed("index.html", @"..\x.html.")),
        ["a name twice"] = ("BG2031", () => { var p = Good(); p.Files["indey.html"] = p.Files["index.html"]; return Replaced(p.Zip(), "indey.html", "index.html"); }),
        ["a file that grows without end"] = ("BG2032", () => Bomb(10 * 1024 * 1024)),
        ["a file that is too large"] = ("BG2032", () => Bomb(PackLimits.FileBytes + 1)),
        ["a file that is larger than it says"] = ("BG2030", () => Lying()),
        ["an encrypted file"] = ("BG2030", () => AtCentral(Good().Zip(), 8, 1)),
        ["a file packed in an unknown way"] = ("BG2030", () => AtCentral(Good().Zip(), 10, 12)),
        ["two files in one place"] = ("BG2030", () => Overlapping(Good().Zip())),
        ["an archive with a comment"] = ("BG2030", () => [.. Good().Zip(), 1, 2, 3]),
        ["an archive that is none"] = ("BG2030", () => Encoding.UTF8.GetBytes("this is not a pack, only a text that somebody called so")),
    };

    public static TheoryData<string> Names => [.. Tamperings.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_tampering_is_refused_by_both_with_its_own_reason(string name)
    {
        var first = PackVerifier.Verify(() => PackArchive.Open(second.Packs[name]), TrustPolicy.Of(Log.LogKey));

        first.Problems.First(p => p.Severity == ProblemSeverity.Error).Code.Should().Be(Tamperings[name].Code);
        second.Of(name).Should().Be(Said.By(first));
        first.Verdict.Should().Be(Tamperings[name].Code is "BG2035" or "BG2039" ? EvidenceVerdict.Incomplete : EvidenceVerdict.Broken);
    }

    [Fact]
    public void Every_kind_of_tampering_has_a_reason_of_its_own_kind()
    {
        // Of the codes that a pack can give: those of receipts and of whole logs are elsewhere, BG2040, BG2043 and those of time stamps have their own tests.
        string[] elsewhere = ["BG2014", "BG2017", "BG2018", "BG2024", "BG2029", "BG2040", "BG2041", "BG2042", "BG2043", "BG2050", "BG2051", "BG2052", "BG2053", "BG2054", "BG2055", "BG2056", "BG2057"];
        Tamperings.Values.Select(t => t.Code).Distinct().Order().Should().Equal(ProblemCatalogue.All.Select(k => k.Code).Except(elsewhere));
    }

    [Fact]
    public void Good_packs_are_sound_for_both()
    {
        var packs = new Dictionary<string, byte[]>
        {
            ["everything"] = Good().Zip(),
            ["application"] = SamplePack.Of(Log, PackScope.OfApplication("imagerie"), 1, 2).Zip(),
            ["period"] = SamplePack.Of(Log, PackScope.OfPeriod(Sample.Start, Sample.Start.AddMinutes(3))).Zip(),
            ["exercises"] = SamplePack.Of(Log, new PackScope([], [PackFamilies.Exercise], null, null, "D2.X")).Zip(),
            ["restore tests"] = SamplePack.Of(Log, new PackScope(["pharmacie"], [PackFamilies.RestoreTest], null, null, null)).Zip(),
        };
        SecondVerifier.Ask(packs, Log.LogKey).Should().OnlyContain(s => s.Value.ExitCode == 0);
        foreach (var (name, said) in SecondVerifier.Ask(packs, Log.LogKey)) said.Should().Be(Said.By(PackVerifier.Verify(() => PackArchive.Open(packs[name]), TrustPolicy.Of(Log.LogKey))), name);
    }

    [Fact]
    public void A_clock_that_is_ten_years_off_is_named_and_not_refused()
    {
        var packs = new Dictionary<string, byte[]>();
        foreach (var years in new[] { -10, 10 })
        {
            packs[$"{years}"] = WithLog(log => { log.Imaging.ClockError = TimeSpan.FromDays(365 * years); log.Drill(log.Imaging); });
            packs[$"{years}, seen by the server"] = WithLog(log => { log.Imaging.ClockError = TimeSpan.FromDays(365 * years); log.Drill(log.Imaging); log.Add(log.Server.Sign("agent.seen", "{}")); });
        }
        packs["some hours"] = WithLog(log => { log.Imaging.ClockError = TimeSpan.FromHours(-20); log.Drill(log.Imaging); });
        foreach (var (name, said) in SecondVerifier.Ask(packs, Log.LogKey))
        {
            said.Should().Be(Said.By(PackVerifier.Verify(() => PackArchive.Open(packs[name]), TrustPolicy.Of(Log.LogKey))));
            said.Should().Be(new Said(0, name == "some hours" ? "" : "BG2018"), name);
        }
    }

    [Fact]
    public void Any_changed_byte_is_found_by_both_for_the_same_reason()
    {
        var packs = new Dictionary<string, byte[]>();
        foreach (var (name, content) in Good().Files)
        {
            for (var at = 0; at < content.Length; at += Math.Max(1, content.Length / 4))
            {
                packs[$"{name} at {at}"] = Good().Flip(name, at).Zip();
                if (name.StartsWith("records/", StringComparison.Ordinal) || name.StartsWith("checkpoint", StringComparison.Ordinal)) packs[$"{name} at {at}, signed"] = Good().Flip(name, at).ZipSigned();
            }
        }
        packs.Count.Should().BeGreaterThan(200);
        AllRefused(packs);
    }

    [Fact]
    public void A_pack_cut_at_any_length_is_refused_by_both()
    {
        var whole = Good().Zip();
        AllRefused(Enumerable.Range(0, 60).Select(i => whole.Length * i / 60).Append(whole.Length - 1).Distinct().ToDictionary(length => $"{length}", length => whole[..length]));
    }

    [Fact]
    public void A_policy_that_asks_for_witnesses_is_not_met_by_a_pack_without_them()
    {
        var policy = Encoding.UTF8.GetBytes($"log {Log.LogKey}\nwitness chu {new NoteKey("temoin.example", EvidenceKey.Generate().PublicKey)}\nquorum chu\n");
        var pack = Good().Zip();
        var said = SecondVerifier.Ask(new() { ["pack"] = pack }, policy)["pack"];

        said.Should().Be(new Said(3, "BG2017 BG2040")).And.Be(Said.By(PackVerifier.Verify(() => PackArchive.Open(pack), TrustPolicy.Parse(policy))));
    }

    [Fact]
    public void Both_judge_cosignatures_alike_good_missing_wrong_and_of_keys_that_nobody_judges()
    {
        using var first = EvidenceKey.Generate();
        using var second = EvidenceKey.Generate();
        var (here, there) = (new CosignatureKey("chu.example", first.PublicKey), new CosignatureKey("ght.example", second.PublicKey));
        var note = Log.Checkpoints[^1];
        var parsed = SignedNote.Parse(note.Span);
        var at = SamplePack.AsOf;
        var good = Cosignature.Sign(parsed, here, first, at);
        var damaged = good[..^12] + (good[^12] == 'A' ? 'B' : 'A') + good[^11..];
        var notes = new Dictionary<string, string[]>
        {
            ["none"] = [], ["one"] = [good], ["damaged"] = [damaged], ["both"] = [good, Cosignature.Sign(parsed, there, second, at)], ["twice"] = [good, Cosignature.Sign(parsed, here, first, at.AddDays(1))],
            ["foreign"] = [Cosignature.Sign(parsed, here, second, at)], ["stolen"] = [good.Replace("chu.example", "ght.example", StringComparison.Ordinal)], ["of another"] = [Cosignature.Sign(SignedNote.Parse(Log.Checkpoints[0].Span), here, first, at)],
        };
        var packs = notes.ToDictionary(n => n.Key, n => SamplePack.Bytes(Log, SamplePack.Everything, Log.Server.Key.Sign, Cosignature.Add(note.Span, n.Value)));
        var policies = new Dictionary<string, string>
        {
            ["here"] = "quorum here\n", ["all"] = "group both all here there\nquorum both\n", ["any"] = "group both any here there\nquorum both\n", ["none"] = "quorum none\n",
            ["unjudged"] = $"witness ed {new NoteKey("ed.example", second.PublicKey)}\ngroup g 1 ed here\nquorum g\n", ["only unjudged"] = $"witness ed {new NoteKey("ed.example", second.PublicKey)}\nquorum ed\n",
        };
        var seen = new HashSet<string>();
        foreach (var (policyName, lines) in policies)
        {
            var policy = Encoding.UTF8.GetBytes($"log {Log.LogKey}\nwitness here {here}\nwitness there {there}\n{lines}");
            foreach (var (name, said) in SecondVerifier.Ask(packs, policy))
            {
                said.Should().Be(Said.By(PackVerifier.Verify(() => PackArchive.Open(packs[name]), TrustPolicy.Parse(policy))), "{0} under {1}", name, policyName);
                seen.Add($"{policyName}/{name}: {said.ExitCode}");
            }
        }
        seen.Should().Contain(["here/one: 0", "here/none: 3", "all/one: 3", "all/both: 0", "any/one: 0", "here/twice: 0", "here/damaged: 1", "none/damaged: 1", "here/foreign: 1", "here/of another: 1", "here/stolen: 3", "unjudged/one: 0", "only unjudged/both: 3", "none/none: 0"]);
    }

    [Fact]
    public void Damage_anywhere_in_the_archive_and_in_a_signed_manifest_is_judged_alike()
    {
        var (random, packs) = (new Random(2026), new Dictionary<string, byte[]>());
        var zip = Good().Zip();
        for (var i = 0; i < 150; i++)
        {
            var bytes = zip.ToArray();
            // Half of it where the directory is: there a reader can be led astray.
            var at = i % 2 == 0 ? random.Next(bytes.Length) : random.Next(Directory(bytes), bytes.Length);
            if (i % 5 == 0) bytes = [.. bytes[..at], .. bytes[Math.Min(bytes.Length, at + random.Next(1, 60))..]];
            else bytes[at] = (byte)random.Next(256);
            packs[$"archive {i}"] = bytes;
        }
        for (var i = 0; i < 150; i++)
        {
            var pack = Good();
            packs[$"manifest {i}"] = pack.ZipWith(Scribbled(pack.Files[PackNames.Manifest], random));
        }
        foreach (var (name, said) in SecondVerifier.Ask(packs, Log.LogKey))
            said.Should().Be(Said.By(PackVerifier.Verify(() => PackArchive.Open(packs[name]), TrustPolicy.Of(Log.LogKey))), name);
    }

    [Fact]
    public void Entries_changed_at_random_and_signed_again_are_judged_alike()
    {
        const string payload = """{"a":[1,2.5e-7,1e+21,-0.1,0,9007199254740991,"é\u0001\"\\/",null,true,{"b":""}],"missing":[1,2],"publicKey":"AA=="}""";
        var (random, log) = (new Random(2026), SampleLog.Filled(Log.Server.Key));
        string[] types = ["agent.start", "spool.damage", "drill.intent", "key.register"];
        for (var i = 0; i < 400; i++)
        {
            // The server too may write anything into its own log.
            var signer = i % 4 == 3 ? log.Server : log.Pharmacy;
            var bytes = signer.Twin().Sign(types[i % 4], payload).Bytes.ToArray();
            // Left to chance, too few would still be an entry with another key's name.
            if (i % 20 == 0) OtherDigit(bytes, bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(signer.Key.PublicKey.KeyId)) + random.Next(8));
            else Scribbled(bytes, random);
            log.AddRaw(bytes, signer.Key.Sign(bytes));
        }
        log.Seal();
        var pack = SamplePack.OfWhole(log).Zip();
        var said = SecondVerifier.Ask(new() { ["pack"] = pack }, Log.LogKey)["pack"];

        said.Should().Be(Said.By(PackVerifier.Verify(() => PackArchive.Open(pack), TrustPolicy.Of(Log.LogKey))));
        said.Codes.Split(' ').Distinct().Should().Contain(["BG2001", "BG2002", "BG2005", "BG2011"], "otherwise nothing much was tried");
    }

    /// <summary>One to three bytes are others, of those that mean something in JSON.</summary>
    private static byte[] Scribbled(byte[] bytes, Random random)
    {
        var meaning = "{}[],:\"\\ 0123456789eE+-.nulltruefalse/\u0001"u8;
        for (var n = random.Next(1, 4); n > 0; n--) bytes[random.Next(bytes.Length)] = meaning[random.Next(meaning.Length)];
        return bytes;
    }

    private static void OtherDigit(byte[] bytes, int at) => bytes[at] = bytes[at] == (byte)'0' ? (byte)'1' : (byte)'0';

    private static void AllRefused(Dictionary<string, byte[]> packs)
    {
        foreach (var (name, said) in SecondVerifier.Ask(packs, Log.LogKey))
        {
            said.ExitCode.Should().BeOneOf([1, 2], name);
            said.Should().Be(Said.By(PackVerifier.Verify(() => PackArchive.Open(packs[name]), TrustPolicy.Of(Log.LogKey))), name);
        }
    }

    private static ReadOnlyMemory<byte> Flipped(ReadOnlyMemory<byte> bytes)
    {
        var copy = bytes.ToArray();
        copy[^1] ^= 1;
        return copy;
    }

    private static SamplePack Swapped(SamplePack pack, long one, long other, bool proofs)
    {
        Func<long, string>[] names = proofs ? [PackNames.Entry, PackNames.Proof] : [PackNames.Entry];
        foreach (var name in names) (pack.Files[name(one)], pack.Files[name(other)]) = (pack.Files[name(other)], pack.Files[name(one)]);
        return pack;
    }

    private static byte[] Doubled()
    {
        var pack = SamplePack.Of(Log, PackScope.OfApplication("pharmacie"));
        foreach (var name in new Func<long, string>[] { PackNames.Entry, PackNames.Proof }) pack.Files[name(4)] = pack.Files[name(2)];
        return pack.ZipSigned(m => m with { Records = [.. m.Records.Append(new PackRecord(4, [PackReasons.Selected])).OrderBy(r => r.Index)] });
    }

    private static byte[] WithEarlier(Checkpoint checkpoint, IEnumerable<Hash256> proof)
    {
        var (pack, name) = (Good(), PackNames.EarlierCheckpoint(checkpoint));
        pack.Files[name] = checkpoint.Sign(Log.Server.Key);
        pack.Files[PackNames.ConsistencyOf(name)] = HashLines.ToBytes(proof);
        return pack.ZipSigned();
    }

    private static void Raw(SampleLog log, Func<byte[], byte[]> change)
    {
        var entry = log.Pharmacy.Sign("agent.start", "{}");
        log.AddRaw(change(entry.Bytes.ToArray()), entry.Signature);
    }

    /// <summary>Names of one length, exchanged wherever they stand.</summary>
    private static byte[] Replaced(byte[] zip, string old, string now) => Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(zip).Replace(old, now, StringComparison.Ordinal));

    private static byte[] Renamed(string old, string now) => Replaced(Good().Zip(), old, now);

    private static byte[] Bomb(int size)
    {
        var output = new MemoryStream();
        using (var zip = new ZipArchive(output, ZipArchiveMode.Create, leaveOpen: true))
        {
            using var entry = zip.CreateEntry("index.html", CompressionLevel.SmallestSize).Open();
            entry.Write(new byte[size]);
        }
        return output.ToArray();
    }

    private static byte[] Lying()
    {
        var (output, content) = (new MemoryStream(), new byte[64 * 1024]);
        new Random(1).NextBytes(content);
        using (var zip = new ZipArchive(output, ZipArchiveMode.Create, leaveOpen: true))
        {
            using var entry = zip.CreateEntry("index.html", CompressionLevel.Fastest).Open();
            entry.Write(content);
        }
        return AtCentral(AtCentral(output.ToArray(), 24, 32), 26, 0);
    }

    private static int Directory(byte[] zip) => BinaryPrimitives.ReadInt32LittleEndian(zip.AsSpan(zip.Length - 6));

    private static byte[] AtCentral(byte[] zip, int at, ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(zip.AsSpan(Directory(zip) + at), value);
        return zip;
    }

    /// <summary>The second file begins where the first does: two files out of the same bytes, as archives do that unfold without end.</summary>
    private static byte[] Overlapping(byte[] zip)
    {
        var next = Directory(zip) + 46 + BinaryPrimitives.ReadUInt16LittleEndian(zip.AsSpan(Directory(zip) + 28));
        zip.AsSpan(next + 42, 4).Clear();
        return zip;
    }
}

/// <summary>What a verifier says: the exit code, and every code in the order in which it was found.</summary>
internal sealed record Said(int ExitCode, string Codes)
{
    public static Said By(VerificationReport report) => new((int)report.Verdict, string.Join(' ', report.Problems.Select(p => p.Code)));
}

/// <summary>The verifier in the other language, asked once about many packs.</summary>
public sealed class SecondVerifier
{
    private static readonly string Script = Path.Combine(Path.GetDirectoryName(Here())!, "../second-verifier/verify_pack.py");   // this file has a folder
    private readonly Lazy<Dictionary<string, Said>> answers;

    public SecondVerifier()
    {
        Packs = Second_verifier_tests.Tamperings.ToDictionary(t => t.Key, t => t.Value.Make());
        answers = new(() => Ask(Packs, Second_verifier_tests.LogKey));
    }

    internal Dictionary<string, byte[]> Packs { get; }

    internal Said Of(string name) => answers.Value[name];

    private static string Here([CallerFilePath] string path = "") => path;

    internal static Dictionary<string, Said> Ask(Dictionary<string, byte[]> packs, NoteKey key) => Ask(packs, Encoding.UTF8.GetBytes($"log {key}\nquorum none\n"));

    internal static Dictionary<string, Said> Ask(Dictionary<string, byte[]> packs, byte[] policy) => InFolder(policy, folder => packs.ToDictionary(p => p.Key, p =>
    {
        var path = Path.Combine(folder, Guid.NewGuid().ToString("N"));
        File.WriteAllBytes(path, p.Value);
        return path;
    }));

    /// <summary>The same for folders of files.</summary>
    internal static Dictionary<string, Said> AskFolders(Dictionary<string, Dictionary<string, ReadOnlyMemory<byte>>> logs, NoteKey key, string at) =>
        InFolder(Encoding.UTF8.GetBytes($"log {key}\nquorum none\n"), folder => logs.ToDictionary(l => l.Key, l =>
        {
            var path = Path.Combine(folder, Guid.NewGuid().ToString("N"));
            foreach (var (name, content) in l.Value)
            {
                System.IO.Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(path, name))!);      // a file of a folder
                File.WriteAllBytes(Path.Combine(path, name), content.ToArray());
            }
            return path;
        }), "--at", at);

    private static Dictionary<string, Said> InFolder(byte[] policy, Func<string, Dictionary<string, string>> write, params string[] more)
    {
        var folder = System.IO.Directory.CreateTempSubdirectory("backupguard-packs-").FullName;
        try
        {
            var policyFile = Path.Combine(folder, "policy");
            File.WriteAllBytes(policyFile, policy);
            var paths = write(folder);
            using var python = Process.Start(new ProcessStartInfo("python3", ["-B", Script, "--policy", policyFile, "--format", "json", .. more, .. paths.Values]) { RedirectStandardOutput = true })!;  // starts or throws
            var lines = python.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement)
                .ToDictionary(l => l.GetProperty("path").GetString()!, l => new Said(l.GetProperty("exitCode").GetInt32(), string.Join(' ', l.GetProperty("codes").EnumerateArray().Select(c => c.GetString()))));
            python.WaitForExit();
            return paths.ToDictionary(p => p.Key, p => lines[p.Value]);
        }
        finally
        {
            System.IO.Directory.Delete(folder, recursive: true);
        }
    }
}
