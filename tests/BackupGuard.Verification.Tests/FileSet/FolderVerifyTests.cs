using System.Security.Cryptography;
using System.Text;
using BackupGuard.Verification.Formats.FileSet;
using BackupGuard.Verification.Stores;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Verification.Tests.FileSet;

/// <summary>One defect a test, on a sealed folder of three files.</summary>
public sealed class FolderVerifyTests : IDisposable
{
    private readonly SealedSet set = SealedSet.Folder();

    public void Dispose() => set.Dispose();

    private async Task<Finding> OnlyFindingAsync(Verdict verdict = Verdict.Failed)
    {
        var report = await set.VerifyAsync();
        report.Verdict.Should().Be(verdict);
        return report.Findings.Should().ContainSingle().Subject;
    }

    [Fact]
    public async Task An_untouched_folder_is_proved()
    {
        var report = await set.VerifyAsync();
        report.Findings.Should().BeEmpty();
        report.Verdict.Should().Be(Verdict.Proved);
        report.Coverage.Should().Be(1);
        report.RepositoryId.Should().Be(SealedSet.Id);
        report.BytesRead.Should().Be(400_007);
        report.ObjectsRead.Should().Be(3);
        report.Snapshots.Should().ContainSingle().Which.Should().BeEquivalentTo(new { SealedSet.Id, TakenAt = SealedSet.SealedAt, Files = 3, Bytes = 400_007 });
    }

    [Fact]
    public async Task A_changed_byte_is_found()
    {
        set.Store["sub/b.bin"][399_999] ^= 1;
        (await OnlyFindingAsync()).Should().BeEquivalentTo(new { Code = "BG1206", Subject = "sub/b.bin" });
    }

    [Theory]
    [InlineData("premie")]
    [InlineData("premiers")]
    [InlineData("")]
    public async Task A_changed_length_is_found(string content)
    {
        set.Store["a.txt"] = Encoding.UTF8.GetBytes(content);
        (await OnlyFindingAsync()).Code.Should().Be("BG1206");
    }

    [Theory]
    [InlineData("a.txt")]
    [InlineData("sub/empty")]
    public async Task A_file_that_vanished_is_found(string name)
    {
        set.Store.Remove(name);
        (await OnlyFindingAsync()).Should().BeEquivalentTo(new { Code = "BG1207", Subject = name });
    }

    [Theory]
    [InlineData("new")]
    [InlineData("sub/backupguard.manifest.json")]
    [InlineData("other/x")]
    public async Task A_file_that_appeared_is_found(string name)
    {
        set.Store[name] = [1];
        (await OnlyFindingAsync()).Should().BeEquivalentTo(new { Code = "BG1208", Subject = name });
    }

    [Fact]
    public async Task A_renamed_file_has_vanished_and_appeared()
    {
        set.Store["b.txt"] = set.Store["a.txt"];
        set.Store.Remove("a.txt");
        (await set.VerifyAsync()).Findings.Select(f => f.Code).Should().Equal("BG1207", "BG1208");
    }

    [Fact]
    public async Task A_folder_that_became_a_file_is_found()
    {
        set.Store.Remove("sub/b.bin");
        set.Store.Remove("sub/empty");
        set.Store["sub"] = [1];
        (await set.VerifyAsync()).Findings.Select(f => (f.Code, f.Subject)).Should().Equal(("BG1206", "sub"), ("BG1207", "sub/b.bin"), ("BG1207", "sub/empty"));
    }

    [Fact]
    public async Task A_link_is_looked_for_and_a_file_in_its_place_is_found()
    {
        using var linked = SealedSet.Folder(new FileSetEntry("l"u8.ToArray(), FileSetKind.SymbolicLink) { Target = "a.txt"u8.ToArray() });
        (await linked.VerifyAsync()).Findings.Should().ContainSingle().Which.Code.Should().Be("BG1207", "it is not there");
        linked.Store.Fail("l", StoreFailure.Denied);
        (await linked.VerifyAsync()).Verdict.Should().Be(Verdict.Proved, "a store denies a link that is there");
        linked.Store.Heal("l");
        linked.Store["l"] = "premier"u8.ToArray();
        (await linked.VerifyAsync()).Findings.Should().ContainSingle().Which.Code.Should().Be("BG1206");
    }

    [Theory]
    [InlineData(FileSetKind.File)]
    [InlineData(FileSetKind.SymbolicLink)]
    public async Task A_sealed_name_that_no_store_can_have_is_not_asked_for(FileSetKind kind)
    {
        var file = SealedSet.File("../x", [1]);
        using var evil = SealedSet.Folder(kind == FileSetKind.File ? file : new FileSetEntry(file.Path, kind) { Target = [1] });
        (await evil.VerifyAsync()).Findings.Should().BeEquivalentTo([new { Code = "BG1207", Subject = "../x", SubjectIsPath = true }, new { Code = "BG1214", Subject = "../x", SubjectIsPath = true }]);
    }

    [Fact]
    public async Task A_folder_without_a_manifest_is_not_proved()
    {
        set.Store.Remove(FileSetManifest.FileName);
        (await OnlyFindingAsync()).Code.Should().Be("BG1201");
    }

    [Fact]
    public async Task A_manifest_without_signature_is_not_proved()
    {
        set.Store.Remove(FileSetManifest.SignatureFileName);
        (await OnlyFindingAsync()).Code.Should().Be("BG1203");
    }

    [Fact]
    public async Task An_edited_manifest_no_longer_has_its_signature()
    {
        var text = Encoding.UTF8.GetString(set.Store[FileSetManifest.FileName]);
        set.Store[FileSetManifest.FileName] = Encoding.UTF8.GetBytes(text.Replace("\"size\":7", "\"size\":8", StringComparison.Ordinal));
        (await OnlyFindingAsync()).Code.Should().Be("BG1204");
    }

    [Fact]
    public async Task Every_changed_byte_of_the_signature_is_found()
    {
        var good = set.Store[FileSetManifest.SignatureFileName];
        for (var i = 0; i < good.Length; i++)
        {
            set.Store[FileSetManifest.SignatureFileName] = [.. good[..i], (byte)(good[i] ^ 0x04), .. good[(i + 1)..]];
            (await OnlyFindingAsync()).Code.Should().Be("BG1204");
        }
    }

    [Fact]
    public async Task A_signature_in_the_name_of_a_trusted_key_must_be_made_by_it()
    {
        using var stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        set.Store[FileSetManifest.SignatureFileName] = FileSetManifest.Sign(set.Store[FileSetManifest.FileName], stranger);
        (await OnlyFindingAsync()).Code.Should().Be("BG1204");
    }

    [Fact]
    public async Task A_key_of_another_curve_is_not_accepted()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        set.Seal(set.FilesOf("a.txt"), other);
        (await OnlyFindingAsync()).Code.Should().Be("BG1204");
    }

    [Fact]
    public async Task A_set_sealed_anew_by_a_stranger_proves_nothing()
    {
        using var stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        set.Store["a.txt"] = "dernier"u8.ToArray();
        set.Seal(set.FilesOf("a.txt", "sub/b.bin", "sub/empty"), stranger);
        var finding = await OnlyFindingAsync(Verdict.Inconclusive);
        finding.Code.Should().Be("BG1205");
        finding.Data["key"].Should().Be(FileSetRepository.Fingerprint(stranger.ExportSubjectPublicKeyInfo()));
    }

    [Fact]
    public async Task Without_any_trusted_key_nothing_is_proved()
    {
        var report = await set.Open(FileSetTrust.Nobody).VerifyAsync(new VerifyOptions { Clock = TimeProvider.System }, null, CancellationToken.None);
        report.Verdict.Should().Be(Verdict.Inconclusive);
        report.Unfinished.Should().Be(new Words("nobody we trust vouches for this manifest", "personne de confiance ne se porte garant de ce manifeste"));
    }

    [Fact]
    public async Task Damage_outweighs_an_unknown_signer()
    {
        set.Store.Remove("a.txt");
        var report = await set.Open(FileSetTrust.Nobody).VerifyAsync(new VerifyOptions { Clock = TimeProvider.System }, null, CancellationToken.None);
        report.Verdict.Should().Be(Verdict.Failed);
    }

    [Fact]
    public async Task A_set_without_files_protects_nobody()
    {
        using var empty = new SealedSet();
        empty.Seal([new FileSetEntry("sub"u8.ToArray(), FileSetKind.Directory)]);
        (await empty.VerifyAsync()).Findings.Should().ContainSingle().Which.Code.Should().Be("BG1005");
    }

    [Theory]
    [InlineData(StoreFailure.Denied)]
    [InlineData(StoreFailure.Transient)]
    public async Task A_file_that_cannot_be_read_leaves_the_look_unfinished(StoreFailure failure)
    {
        set.Store.Fail("sub/b.bin", failure);
        (await OnlyFindingAsync(Verdict.Inconclusive)).Should().BeEquivalentTo(new { Code = "BG1002", Subject = "sub/b.bin" });
    }

    [Fact]
    public async Task A_manifest_that_cannot_be_read_leaves_the_look_unfinished()
    {
        set.Store.Fail(FileSetManifest.FileName, StoreFailure.Transient);
        (await OnlyFindingAsync(Verdict.Inconclusive)).Code.Should().Be("BG1002");
    }

    [Fact]
    public async Task A_name_that_is_not_UTF8_is_not_passed_over()
    {
        using var latin = SealedSet.Folder(SealedSet.File("x", [1]) with { Path = [0x6E, 0xE9] });
        latin.Store["n\uFFFD"] = [1];
        var report = await latin.VerifyAsync();
        report.Findings.Should().ContainSingle().Which.Code.Should().Be("BG1212");
        report.Verdict.Should().Be(Verdict.Inconclusive);
    }

    [Fact]
    public async Task A_sample_reads_a_part_and_says_so()
    {
        using var many = new SealedSet();
        var names = Enumerable.Range(0, 100).Select(i => $"f{i}").ToArray();
        foreach (var name in names) many.Store[name] = new byte[1000];
        many.Seal(many.FilesOf(names));
        var report = await many.VerifyAsync(new ReadData(0.3, null));
        report.Coverage.Should().Be(0.3);
        report.BytesRead.Should().Be(30_000);
        (await many.VerifyAsync(new ReadData(1, 5_500))).BytesRead.Should().Be(6_000, "the file with which the budget runs out is still read");
        (await many.VerifyAsync(ReadData.None)).Coverage.Should().Be(0);
    }

    [Fact]
    public async Task A_flood_of_findings_is_bounded()
    {
        using var flood = SealedSet.Folder();
        for (var i = 0; i < 2_000; i++) flood.Store[$"new{i}"] = [];
        var report = await flood.VerifyAsync();
        report.Findings.Should().HaveCount(501);
        report.Findings[^1].Should().BeEquivalentTo(new { Code = "BG1213", Subject = "BG1208" });
        report.Findings[^1].Message("en").Should().StartWith("1500 more");
    }

    [Fact]
    public async Task Looking_only_reads_the_manifest()
    {
        var before = set.Store.BytesRead;
        var report = await set.Open().InspectAsync(CancellationToken.None);
        report.Verdict.Should().Be(Verdict.Proved);
        report.Snapshots.Should().ContainSingle().Which.Files.Should().Be(3);
        report.Facts.Should().Contain(("sealed by", FileSetRepository.Fingerprint(set.Key.ExportSubjectPublicKeyInfo())));
        (set.Store.BytesRead - before).Should().BeLessThan(5_000);
    }

    [Fact]
    public async Task A_cancelled_verification_says_so()
    {
        var verifying = () => set.Open().VerifyAsync(new VerifyOptions { Clock = TimeProvider.System }, null, new CancellationToken(true));
        await verifying.Should().ThrowAsync<OperationCanceledException>();
    }
}
