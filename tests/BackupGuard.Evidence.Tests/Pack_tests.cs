using System.Text;
using BackupGuard.Evidence.Packs;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Evidence.Tests;

public class Pack_tests
{
    private static readonly SampleLog Log = SampleStories.Full();

    private static VerificationReport Verify(byte[] zip) => PackVerifier.Verify(() => PackArchive.Open(zip), TrustPolicy.Of(Log.LogKey));

    [Fact]
    public void A_pack_is_sound_and_names_what_is_missing_or_open()
    {
        var report = Verify(SamplePack.Of(Log, PackScope.OfApplication("pharmacie"), 0, 1).Zip());

        report.Verdict.Should().Be(EvidenceVerdict.Sound);
        report.Problems.Select(p => p.Code).Should().Equal((string[])["BG2017"], "the pharmacy's agent declared its loss");
        report.Checks.Should().OnlyContain(c => c.Kind == CheckKind.TimeStamps ? c.Outcome == CheckOutcome.NotDone : c.Outcome == CheckOutcome.Passed && (c.Count > 0 || c.Kind == CheckKind.Policy));
        report.Manifest!.Gaps.Should().ContainSingle().Which.Should().Match<PackGap>(g => g.First == 3 && g.Last == 3 && g.DeclaredBy != null);
        report.Absent.Should().BeEmpty("everything that its agent signed is here");
    }

    [Fact]
    public void How_many_entries_a_choice_leaves_out_between_its_own_is_counted_by_signer()
    {
        var report = Verify(SamplePack.Of(Log, PackScope.OfApplication("imagerie")).Zip());

        report.Absent.Should().Equal(new Dictionary<string, long> { ["server"] = 4 }, "the other agent's registration and the runs are not here");
    }

    [Fact]
    public void A_pack_holds_what_was_asked_for_and_what_is_needed_to_judge_it()
    {
        var manifest = SamplePack.Of(Log, PackScope.OfApplication("imagerie")).Manifest;

        manifest.Records.Where(r => r.Why.Contains(PackReasons.Selected)).Select(r => r.Index).Should().Equal(4, 5, 12);
        manifest.Records.Where(r => r.Why.Contains(PackReasons.Key)).Select(r => r.Index).Should().Equal((long[])[1, 13], "the key was registered, and retired later");
        manifest.OpenIntents.Should().Equal(12);
        manifest.Gaps.Should().BeEmpty("the gap is the other agent's");
    }

    [Fact]
    public void A_result_brings_its_intent_even_from_before_the_period_and_an_intent_its_result()
    {
        var scope = PackScope.OfPeriod(Log.Records.Select(r => EvidenceEntry.Parse(r.Entry).RecordedAt).ElementAt(3), Sample.Start.AddDays(1));
        var records = SamplePack.Of(Log, scope).Manifest.Records;

        records.Single(r => r.Index == 2).Why.Should().Equal((string[])[PackReasons.Received, PackReasons.Work], "its clock puts it in front of the period");
        records.Single(r => r.Index == 3).Why.Should().Contain(PackReasons.Selected);
    }

    [Fact]
    public void The_two_families_never_fill_each_others_box()
    {
        Selected(PackFamilies.RestoreTest).Should().Equal(2, 3, 4, 5, 10, 11, 12);
        Selected(PackFamilies.Exercise).Should().Equal((long[])[6, 7], "a live crisis is no exercise");
        Selected(PackFamilies.Exercise, "pharmacie").Should().Equal((long[])[6, 7], "an exercise is of the whole house");

        static IEnumerable<long> Selected(string family, params string[] applications) =>
            SamplePack.Of(Log, new PackScope(applications, [family], null, null, "D2.X")).Manifest.Records.Where(r => r.Why.Contains(PackReasons.Selected)).Select(r => r.Index);
    }

    [Fact]
    public void The_same_contents_give_the_same_bytes_but_for_the_signature()
    {
        static byte[] Fixed(ReadOnlySpan<byte> bytes) => new byte[70];
        var first = SamplePack.Bytes(Log, SamplePack.Everything, Fixed, 0);
        SamplePack.Bytes(Log, SamplePack.Everything, Fixed, 0).Should().Equal(first);
        var (one, other) = (SamplePack.Of(Log, SamplePack.Everything).Files, SamplePack.Of(Log, SamplePack.Everything).Files);
        one.Where(f => !f.Value.AsSpan().SequenceEqual(other[f.Key])).Select(f => f.Key).Should().Equal(PackNames.ManifestSignature);
    }

    [Fact]
    public void An_ordinary_zip_reader_sees_the_same_files()
    {
        var pack = SamplePack.Of(Log, SamplePack.Everything);
        using var zip = new System.IO.Compression.ZipArchive(new MemoryStream(pack.Zip()));
        zip.Entries.ToDictionary(e => e.FullName, e => { using var s = e.Open(); using var m = new MemoryStream(); s.CopyTo(m); return Convert.ToHexString(m.ToArray()); })
            .Should().BeEquivalentTo(pack.Files.ToDictionary(f => f.Key, f => Convert.ToHexString(f.Value)));
    }

    [Fact]
    public void A_pack_that_an_ordinary_tool_packed_again_is_sound()
    {
        var (files, output) = (SamplePack.Of(Log, SamplePack.Everything).Files, new MemoryStream());
        using (var zip = new System.IO.Compression.ZipArchive(output, System.IO.Compression.ZipArchiveMode.Create, leaveOpen: true))
            foreach (var (name, content) in files) using (var entry = zip.CreateEntry(name, System.IO.Compression.CompressionLevel.SmallestSize).Open()) entry.Write(content);

        Verify(output.ToArray()).Verdict.Should().Be(EvidenceVerdict.Sound);
    }

    [Fact]
    public void Earlier_checkpoints_come_with_the_proof_that_the_log_only_grew()
    {
        var pack = SamplePack.Of(Log, SamplePack.Everything, 0, 1, 2, 3);
        pack.Files.Keys.Where(PackNames.IsEarlierCheckpoint).Should().HaveCount(3, "the last one is the head itself");
        Verify(pack.Zip()).Checks.Single(c => c.Kind == CheckKind.History).Should().Match<CheckResult>(c => c.Count == 3 && c.Outcome == CheckOutcome.Passed);
    }

    [Fact]
    public void A_pack_is_not_made_from_a_tree_that_the_head_was_not_signed_for()
    {
        var other = SampleStories.Full();
        var contents = new PackContents
        {
            Scope = SamplePack.Everything, Selection = new PackSelection([new PackRecord(0, [PackReasons.Selected])], [], []), AsOf = SamplePack.AsOf,
            Head = Log.Checkpoints[^1], Tree = other.Tree, Record = i => Log.Records[(int)i],
        };
        FluentActions.Invoking(() => EvidencePack.Write(contents, Log.Server.Key, Sample.LogOrigin)).Should().Throw<EvidenceException>().Which.Problem.Code.Should().Be("BG2027");
    }

    [Fact]
    public void A_manifest_is_refused_in_any_other_form()
    {
        var good = Encoding.UTF8.GetString(SamplePack.Of(Log, PackScope.OfApplication("pharmacie")).Files[PackNames.Manifest]);
        PackManifest.Parse(Encoding.UTF8.GetBytes(good)).Scope.Applications.Should().Equal("pharmacie");
        string[] bad =
        [
            "null", "[]", good + " ", good.Replace("\"size\":", "\"size2\":", StringComparison.Ordinal), good.Replace("pack/v1", "pack/v2", StringComparison.Ordinal),
            good.Replace("\"asOf\":\"2026", "\"asOf\":\"26", StringComparison.Ordinal), good.Replace("\"selected\"", "\"chosen\"", StringComparison.Ordinal),
            good.Replace("\"families\":[]", "\"families\":[\"both\"]", StringComparison.Ordinal), good.Replace("\"openIntents\":[]", "\"openIntents\":[2,2]", StringComparison.Ordinal),
            good.Replace("\"openIntents\":[]", "\"openIntents\":null", StringComparison.Ordinal), good.Replace("\"first\":3", "\"first\":0", StringComparison.Ordinal),
        ];
        foreach (var text in bad)
        {
            text.Should().NotBe(good);
            FluentActions.Invoking(() => PackManifest.Parse(Encoding.UTF8.GetBytes(text))).Should().Throw<EvidenceException>(text[..Math.Min(80, text.Length)]).Which.Problem.Code.Should().Be("BG2033");
        }
    }
}
