using BackupGuard.Verification.Formats.Borg;
using BackupGuard.Verification.Tests.Corpus;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Verification.Tests.Borg;

/// <summary>The vectors of tests/corpus/borg that no tool writes: each is what the forge makes of it, byte for byte. BACKUPGUARD_WRITE_CORPUS=1 writes them anew.</summary>
public sealed class ForgedVectors
{
    private static readonly Dictionary<string, Func<BorgForge, SortedDictionary<string, byte[]>>> Forged = new()
    {
        ["forged-undamaged"] = f => Sample(f).Finish(),
        ["rolled-back"] = f =>
        {
            f.Extra["hints.9"] = [0x80];
            return Sample(f).Finish();
        },
        ["object-tampered"] = f =>
        {
            f.Archive("sample", [BorgForge.File("a", (BorgForge.Name("abc"u8), 3))]);
            var stored = f.Seal([0, 0, .. "abc"u8]);
            stored[^1] ^= 1;
            f.Put(BorgForge.Name("abc"u8), stored);
            return f.Finish();
        },
        ["object-compression"] = f =>
        {
            f.Archive("sample", [BorgForge.File("a", (BorgForge.Name("abc"u8), 3))]);
            f.Put(BorgForge.Name("abc"u8), f.Seal([1, 0, 0xF0, 0, 0]));
            return f.Finish();
        },
        ["object-swapped"] = f =>
        {
            f.Archive("sample", [BorgForge.File("a", (BorgForge.Name("abc"u8), 3)), BorgForge.File("b", (BorgForge.Name("xyz"u8), 3))]);
            f.Put(BorgForge.Name("abc"u8), f.Seal([0, 0, .. "xyz"u8]));
            f.Put(BorgForge.Name("xyz"u8), f.Seal([0, 0, .. "abc"u8]));
            return f.Finish();
        },
        ["object-in-plain"] = f =>
        {
            f.Archive("sample", [BorgForge.File("a", (BorgForge.Name(new byte[60]), 60))]);
            f.Put(BorgForge.Name(new byte[60]), [(byte)BorgMode.None, 0, 0, .. new byte[60]]);
            return f.Finish();
        },
        ["object-deleted"] = f =>
        {
            Sample(f).Manifest();
            f.Delete(BorgForge.Name("content of a"u8));
            return f.Finish(manifest: false);
        },
        ["object-size"] = f =>
        {
            f.Archive("sample", [BorgForge.File("a", (f.Put("abc"u8.ToArray()), 4))]);
            return f.Finish();
        },
        ["object-size-conflict"] = f =>
        {
            var chunk = f.Put("abc"u8.ToArray());
            f.Archive("sample", [BorgForge.File("a", (chunk, 3)), BorgForge.File("b", (chunk, 5))]);
            return f.Finish();
        },
        ["object-unused"] = f =>
        {
            f.Put("nobody needs this"u8.ToArray());
            return Sample(f).Finish();
        },
        ["manifest-missing"] = f =>
        {
            Sample(f).Manifest();
            f.Delete(ObjectDecoder.Manifest);
            return f.Finish(manifest: false);
        },
        ["manifest-malformed"] = f =>
        {
            f.ManifestContent = "this is no manifest"u8.ToArray();
            return Sample(f).Finish();
        },
        ["manifest-without-tag"] = f =>
        {
            f.ManifestTag = BorgForge.Tag.None;
            return Sample(f).Finish();
        },
        ["manifest-tag-wrong"] = f =>
        {
            f.ManifestTag = BorgForge.Tag.Wrong;
            return Sample(f).Finish();
        },
        ["manifest-in-future"] = f =>
        {
            f.ManifestTime = "2124-02-03T04:05:06.000000";
            return Sample(f).Finish();
        },
        ["nothing-there"] = f => f.Finish(),
        ["archive-missing"] = f =>
        {
            f.List("gone", BorgForge.Name("gone"u8), "2024-02-03T04:05:06.000000");
            return Sample(f).Finish();
        },
        ["archive-malformed"] = f =>
        {
            f.List("none", f.Put("this is no archive"u8.ToArray()), "2024-02-03T04:05:06.000000");
            return Sample(f).Finish();
        },
        ["archive-without-tag"] = f =>
        {
            f.Archive("untagged", [f.FileOf("a", "content of a")], BorgForge.Tag.None);
            return f.Finish();
        },
        ["archive-tag-wrong"] = f =>
        {
            f.Archive("slipped in", [f.FileOf("a", "content of a")], BorgForge.Tag.Wrong);
            return f.Finish();
        },
        ["archive-in-future"] = f =>
        {
            f.Archive("tomorrow", [f.FileOf("a", "content of a")], time: "2124-02-03T04:05:06.000000");
            return f.Finish();
        },
        ["archive-other-name"] = f =>
        {
            f.Archive("listed", [f.FileOf("a", "content of a")], edit: a => a["name"] = "own");
            return f.Finish();
        },
        ["archive-checkpoint"] = f =>
        {
            f.Archive("night.checkpoint", [f.FileOf("a", "content of a")]);
            return Sample(f).Finish();
        },
        ["items-malformed"] = f =>
        {
            f.ArchiveOf("sample", [.. Pack.Of(f.FileOf("a", "content of a")), 0xC1, 0xC1]);
            return f.Finish();
        },
        ["items-cut"] = f =>
        {
            f.ArchiveOf("sample", [.. Pack.Of(f.FileOf("a", "content of a")), .. Pack.Of(f.FileOf("b", "content of b"))[..^5]]);
            return f.Finish();
        },
        ["item-path-outside"] = f =>
        {
            f.Archive("sample", [f.FileOf("a", "content of a"), f.FileOf("../../etc/cron.d/x", "* * * * * root evil")]);
            return f.Finish();
        },
        ["item-repaired"] = f =>
        {
            var zeros = f.Put(new byte[12]);
            var file = BorgForge.File("a", (zeros, 12));
            file["chunks_healthy"] = new object?[] { new object?[] { BorgForge.Name("content of a"u8).AsBytes().ToArray(), 12, 12 } };
            f.Archive("sample", [file]);
            return f.Finish();
        },
        ["item-size"] = f =>
        {
            var file = f.FileOf("a", "content of a");
            file["size"] = 99;
            f.Archive("sample", [file]);
            return f.Finish();
        },
        ["item-link-target-missing"] = f =>
        {
            var master = f.FileOf("a", "content of a");
            master["hardlink_master"] = true;
            var link = BorgForge.File("b");
            link.Remove("chunks");
            link["source"] = "nowhere";
            f.Archive("sample", [master, link]);
            return f.Finish();
        },
    };

    private static BorgForge Sample(BorgForge forge)
    {
        forge.Archive("sample", [forge.FileOf("a", "content of a"), forge.FileOf("b", "content of b")]);
        return forge;
    }

    public static TheoryData<string> Names() => [.. Forged.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_forged_vector_is_what_the_forge_writes(string name)
    {
        var files = Forged[name](new BorgForge());
        var folder = Path.Combine(Vector.Root(), BorgRepository.Format, name, "files");
        if (Environment.GetEnvironmentVariable("BACKUPGUARD_WRITE_CORPUS") == "1") Write(folder, files);
        var there = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).ToDictionary(f => Path.GetRelativePath(folder, f).Replace('\\', '/'), File.ReadAllBytes);
        there.Keys.Should().BeEquivalentTo(files.Keys);
        foreach (var (path, bytes) in files) there[path].Should().Equal(bytes, path);
    }

    [Fact]
    public void Every_vector_without_a_base_is_forged_here() =>
        Vector.Of(BorgRepository.Format).Where(v => v.Base is null).Select(v => v.Name).Should().BeEquivalentTo(Forged.Keys);

    /// <summary>Every code has a vector that produces it, but for those of restoring and of counting, which have tests of their own.</summary>
    [Fact]
    public void Every_code_has_a_vector()
    {
        var codes = Vector.Of(BorgRepository.Format).SelectMany(v => v.Expect).ToHashSet();
        FindingCatalogue.All.Select(k => k.Code).Where(c => c.StartsWith("BG17", StringComparison.Ordinal) && !codes.Contains(c)).Should().BeEquivalentTo("BG1728", "BG1798", "BG1799");
    }

    private static void Write(string folder, SortedDictionary<string, byte[]> files)
    {
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        foreach (var (name, bytes) in files)
        {
            var path = Path.Combine(folder, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, bytes);
        }
    }
}
