using System.Text;
using System.Text.Json.Nodes;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Verification.Tests.Restic;

/// <summary>What somebody with the key, or a broken writer, could put into a repository: all authentic, each a lie of one kind.</summary>
public sealed class ForgedTests
{
    [Fact]
    public async Task The_forge_itself_makes_a_repository_without_findings()
    {
        var report = await Forge.Honest().VerifyAsync();
        report.Findings.Should().BeEmpty();
        report.Verdict.Should().Be(Verdict.Proved);
    }

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
    public async Task Authentic_content_under_a_wrong_name_is_found()
    {
        var forge = new Forge();
        var lie = Forge.Data("abc"u8.ToArray()) with { Stored = "abd"u8.ToArray() };
        forge.AddPack([lie]);
        MustFail(await WithTree(Forge.File("f", lie.Id), forge), "BG1134");
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
    public async Task A_zstd_bomb_stops_at_the_length_that_the_index_promises()
    {
        var forge = new Forge();
        // RLE blocks of 128 KiB each: 3 + 1 bytes make 131072.
        byte[] frame = [0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x58, .. Enumerable.Range(0, 5000).SelectMany(i => (byte[])[(byte)(i == 4999 ? 3 : 2), 0, 0x10, 0])];
        var bomb = Forge.Data("abc"u8.ToArray()) with { Stored = frame, Plain = 1000 };
        forge.AddPack([bomb]);
        MustFail(await WithTree(Forge.File("f", bomb.Id), forge), "BG1132");
    }

    [Fact]
    public async Task An_index_that_lies_about_lengths_is_found()
    {
        var forge = new Forge();
        var content = Forge.Data("abc"u8.ToArray());
        forge.AddPack([content], bendIndex: p => p["blobs"]![0]!["length"] = 34);
        var report = await WithTree(Forge.File("f", content.Id), forge);
        MustFail(report, "BG1131");
        MustFail(report, "BG1125");
    }

    [Theory]
    [InlineData(4294967295L)]
    [InlineData(99999999999L)]
    [InlineData(-1L)]
    public async Task An_index_with_an_impossible_length_is_found(long length)
    {
        var forge = new Forge();
        var content = Forge.Data("abc"u8.ToArray());
        forge.AddPack([content], bendIndex: p => p["blobs"]![0]!["length"] = length);
        (await WithTree(Forge.File("f", content.Id), forge)).Verdict.Should().Be(Verdict.Failed);
    }

    [Fact]
    public async Task Header_and_index_that_name_different_blobs_are_found()
    {
        var forge = new Forge();
        var content = Forge.Data("abc"u8.ToArray());
        forge.AddPack([content], bendHeader: h => { h[^1] ^= 1; return h; });
        MustFail(await WithTree(Forge.File("f", content.Id), forge), "BG1125");
    }

    [Fact]
    public async Task Two_indexes_that_contradict_each_other_are_found()
    {
        var forge = new Forge();
        var content = Forge.Data("abc"u8.ToArray());
        var id = forge.AddPack([content]);
        forge.AddNamed("index/", forge.Seal(Forge.Text(new JsonObject { ["packs"] = new JsonArray(new JsonObject { ["id"] = id, ["blobs"] = new JsonArray() }) })));
        MustFail(await WithTree(Forge.File("f", content.Id), forge), "BG1113");
    }

    [Fact]
    public async Task A_snapshot_that_refers_to_nothing_is_found() => MustFail(await new Forge().Finish(new string('7', 64)).VerifyAsync(), "BG1135");

    [Fact]
    public async Task A_file_that_needs_a_blob_nobody_has_is_found_with_its_path()
    {
        var report = await WithTree(Forge.File("perdu.txt", new string('5', 64)));
        MustFail(report, "BG1135");
        report.Findings.Single(f => f.Code == "BG1135").Paths.Should().ContainSingle().Which.Should().EndWith(":/perdu.txt");
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("/etc/passwd")]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a\\x00b")]
    public async Task A_name_that_would_leave_the_target_is_found(string name) => MustFail(await WithTree(Forge.File(name)), "BG1153");

    [Fact]
    public async Task A_name_of_64_KiB_is_found() => MustFail(await WithTree(Forge.File(new string('n', 65536))), "BG1153");

    [Fact]
    public async Task A_name_with_an_escape_that_go_does_not_write_makes_the_folder_unreadable() => MustFail(await WithTree(Forge.File("a\\qb")), "BG1151");

    [Fact]
    public async Task The_same_name_twice_in_a_folder_is_found()
    {
        var forge = new Forge();
        var root = Forge.Tree(Forge.File("a"), Forge.File("a"));
        forge.AddPack([root]);
        MustFail(await forge.Finish(root.Id).VerifyAsync(), "BG1153");
    }

    [Theory]
    [InlineData("""{"nodes":[{"name":"a","type":"file","content":["zz"]}]}""")]
    [InlineData("""{"nodes":"x"}""")]
    [InlineData("""{"nodes":[1]}""")]
    [InlineData("""[]""")]
    [InlineData("""{"nodes":[{"name":"a","type":"dir"}]}""")]
    [InlineData("""{"nodes":[]}{"nodes":[]}""")]
    [InlineData("")]
    public async Task A_folder_list_that_is_none_is_found(string json)
    {
        var forge = new Forge();
        var root = Forge.Tree(Encoding.UTF8.GetBytes(json));
        forge.AddPack([root]);
        MustFail(await forge.Finish(root.Id).VerifyAsync(), "BG1151");
    }

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
    public async Task A_repository_of_a_newer_version_leaves_the_verdict_open()
    {
        var report = await new Forge(version: 3).Finish(new string('7', 64)).VerifyAsync();
        report.Verdict.Should().Be(Verdict.Inconclusive);
        report.Findings.Should().ContainSingle().Which.Code.Should().Be("BG1104");
    }

    [Fact]
    public async Task A_pack_that_no_index_names_is_read_all_the_same()
    {
        var forge = new Forge();
        var content = Forge.Data("abc"u8.ToArray());
        forge.AddPack([content], indexed: false);
        var report = await WithTree(Forge.File("f"), forge);
        report.Findings.Should().ContainSingle().Which.Code.Should().Be("BG1126");
        report.Verdict.Should().Be(Verdict.Proved);

        var damaged = new Forge();
        damaged.AddPack([content with { Stored = "abd"u8.ToArray() }], indexed: false);
        MustFail(await WithTree(Forge.File("f"), damaged), "BG1134");
    }

    [Fact]
    public async Task A_snapshot_from_the_future_is_told()
    {
        var forge = new Forge();
        var root = Forge.Tree(Forge.File("f"));
        forge.AddPack([root]);
        (await forge.Finish(root.Id, "2199-01-01T00:00:00+02:00").VerifyAsync()).Findings.Select(f => f.Code).Should().Contain("BG1143");
    }

    [Fact]
    public async Task Data_and_trees_in_one_pack_are_told_in_version_2_and_allowed_in_version_1()
    {
        foreach (var (version, expected) in ((int, bool)[])[(1, false), (2, true)])
        {
            var forge = new Forge(version);
            var content = Forge.Data("abc"u8.ToArray());
            var root = Forge.Tree(Forge.File("f", content.Id));
            forge.AddPack([content, root]);
            (await forge.Finish(root.Id).VerifyAsync()).Findings.Any(f => f.Code == "BG1127").Should().Be(expected);
        }
    }

    [Fact]
    public async Task A_blob_that_lies_in_two_packs_survives_the_loss_of_one()
    {
        var forge = new Forge();
        var content = Forge.Data("abc"u8.ToArray());
        var first = forge.AddPack([content]);
        forge.AddPack([content]);
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
