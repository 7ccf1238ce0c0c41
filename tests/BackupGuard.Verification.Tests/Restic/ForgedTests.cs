using System.Text.Json.Nodes;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Verification.Tests.Restic;

/// <summary>What somebody with the key, or a broken writer, could put into a repository, where more than code and verdict counts; the rest are vectors of the corpus.</summary>
public sealed class ForgedTests
{
    private static async Task<VerifyReport> WithTree(JsonObject node, Forge? forge = null)
    {
        forge ??= new Forge();
        var root = Forge.Tree(node);
        forge.AddPack([root]);
        return await forge.Finish(root.Id).VerifyAsync();
    }

    private static void MustFail(VerifyReport report, string code)
    {
        report.Verdict.Should().NotBe(Verdict.Proved);
        report.Findings.Select(f => f.Code).Should().Contain(code);
    }

    [Fact]
    public async Task A_header_that_claims_four_gigabytes_is_refused_before_anything_is_allocated()
    {
        var forge = new Forge();
        var bomb = Forge.Data("abc"u8.ToArray()) with { Stored = [0x28, 0xB5, 0x2F, 0xFD, 0x20, 3, 0x19, 0, 0, (byte)'a', (byte)'b', (byte)'c'], Plain = uint.MaxValue };
        forge.AddPack([bomb]);
        var before = GC.GetTotalAllocatedBytes();
        MustFail(await WithTree(Forge.File("f", bomb.Id), forge), "BG1133");
        (GC.GetTotalAllocatedBytes() - before).Should().BeLessThan(256L << 20);
    }

    [Fact]
    public async Task A_file_that_needs_a_blob_nobody_has_is_found_with_its_path()
    {
        var report = await WithTree(Forge.File("perdu.txt", new string('5', 64)));
        MustFail(report, "BG1135");
        report.Findings.Single(f => f.Code == "BG1135").Paths.Should().ContainSingle().Which.Should().EndWith(":/perdu.txt");
    }

    [Fact]
    public async Task A_name_of_64_KiB_is_found() => MustFail(await WithTree(Forge.File(new string('n', 65536))), "BG1153");

    [Fact]
    public async Task A_folder_five_thousand_levels_deep_is_walked_without_harm()
    {
        var forge = new Forge();
        var trees = new List<Forge.Blob> { Forge.Tree(Forge.File("f", new string('5', 64))) };
        for (var i = 0; i < 5000; i++) trees.Add(Forge.Tree(Forge.Folder("d", trees[^1].Id)));
        forge.AddPack(trees);
        MustFail(await forge.Finish(trees[^1].Id).VerifyAsync(), "BG1135");
    }

    [Fact]
    public async Task A_blob_that_lies_in_two_packs_survives_the_loss_of_one()
    {
        var forge = new Forge();
        var content = Forge.Data("abc"u8.ToArray());
        var first = forge.AddPack([content]);
        forge.AddPack([content, Forge.Data("x"u8.ToArray())]);
        var root = Forge.Tree(Forge.File("f", content.Id));
        forge.AddPack([root]);
        var repository = forge.Finish(root.Id);
        repository.Files.Remove($"data/{first[..2]}/{first}");
        var report = await repository.VerifyAsync();
        report.Verdict.Should().Be(Verdict.Failed, "a pack that the index names is gone");
        report.Findings.Single(f => f.Code == "BG1121").Message("en").Should().Contain("Needed by: –", "nothing is lost with it");
    }

    [Fact]
    public async Task A_thousand_harmless_notes_do_not_make_a_good_repository_fail()
    {
        var forge = new Forge();
        var content = Forge.Data("abc"u8.ToArray());
        forge.AddPack([content]);
        var root = Forge.Tree([.. Enumerable.Range(0, 1200).Select(i => Forge.File($"f{i:00000}", content.Id))]);
        forge.AddPack([root]);
        var report = await forge.Finish(root.Id).VerifyAsync();
        report.Verdict.Should().Be(Verdict.Proved);
        report.Findings.Should().HaveCountLessThan(1100).And.Contain(f => f.Code == "BG1198");
    }
}
