using System.Text;
using BackupGuard.Verification.Stores;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Verification.Tests.FileSet;

/// <summary>Archives made by real programs, one defect a test.</summary>
public sealed class ArchiveVerifyTests : IDisposable
{
    private readonly RealFolder folder = RealFolder.WithSample();

    public static TheoryData<string> Endings => [.. RealFolder.Endings];

    public void Dispose() => folder.Dispose();

    private Task<SealedSet> SealedAsync(string ending) => SealedArchive.BesideAsync("export" + ending, folder.Pack(ending));

    [Theory]
    [MemberData(nameof(Endings))]
    public async Task An_archive_sealed_beside_is_proved(string ending)
    {
        using var set = await SealedAsync(ending);
        var report = await set.VerifyAsync();
        report.Findings.Should().BeEmpty();
        report.Verdict.Should().Be(Verdict.Proved);
        report.Coverage.Should().Be(1);
        report.Snapshots[0].Should().BeEquivalentTo(new { Files = 3, Bytes = 400_007 });
    }

    [Theory]
    [InlineData(".tar", ".")]
    [InlineData(".tar.gz", "with its folder")]
    [InlineData(".tar.zst", ".")]
    [InlineData(".tar.zst", "with its folder")]
    [InlineData(".zip", ".")]
    [InlineData(".zip", "with its folder")]
    public async Task An_archive_made_of_a_sealed_folder_is_proved(string ending, string root)
    {
        using var set = new SealedSet { Archive = "export" + ending };
        SealedArchive.SealInPlace(folder, set.Key);
        set.Store[set.Archive] = folder.Pack(ending, root);
        (await set.VerifyAsync()).Should().BeEquivalentTo(new { Verdict = Verdict.Proved, Findings = Array.Empty<Finding>(), RepositoryId = SealedSet.Id });

        folder.Write("new", [1]);
        set.Store[set.Archive] = folder.Pack(ending, root);
        (await set.VerifyAsync()).Findings.Should().ContainSingle().Which.Code.Should().Be("BG1208");
        File.Delete(folder["new"]);

        folder.Write("a.txt", "dernier"u8.ToArray());
        set.Store[set.Archive] = folder.Pack(ending, root);
        (await set.VerifyAsync()).Findings.Should().ContainSingle().Which.Code.Should().Be("BG1206");
    }

    [Theory]
    [MemberData(nameof(Endings))]
    public async Task What_changed_vanished_and_appeared_is_named(string ending)
    {
        using var set = await SealedAsync(ending);
        folder.Write("a.txt", "dernier"u8.ToArray());
        File.Delete(folder["sub/empty"]);
        folder.Write("sub/new", [1, 2]);
        set.Store[set.Archive!] = folder.Pack(ending);
        (await set.VerifyAsync()).Findings.Select(f => (f.Code, f.Subject)).Should().Equal(("BG1206", "a.txt"), ("BG1207", "sub/empty"), ("BG1208", "sub/new"));
    }

    [Theory]
    [MemberData(nameof(Endings))]
    public async Task A_file_longer_than_sealed_is_not_read_to_its_end(string ending)
    {
        using var set = await SealedAsync(ending);
        folder.Write("a.txt", new byte[1_000_000]);
        set.Store[set.Archive!] = folder.Pack(ending);
        var report = await set.VerifyAsync();
        report.Findings.Should().ContainSingle().Which.Message("en").Should().Contain("longer than the 7 bytes");
        report.BytesRead.Should().BeLessThan(500_000);
    }

    [Theory]
    [MemberData(nameof(Endings))]
    public async Task An_archive_cut_anywhere_is_never_proved(string ending)
    {
        using var set = await SealedAsync(ending);
        var whole = set.Store[set.Archive!];
        // Behind its two empty blocks, tar fills up with more of them, which carry nothing.
        var needed = ending == ".tar" ? ((whole.AsSpan().LastIndexOfAnyExcept((byte)0) / 512) + 3) * 512 : whole.Length;
        for (var i = 1; i < 60; i++)
        {
            var length = i < 10 ? needed - i : (int)((long)needed * i / 60);
            set.Store[set.Archive!] = whole[..length];
            var report = await set.VerifyAsync();
            report.Verdict.Should().Be(Verdict.Failed, "{0} of {1} bytes of the {2} are left", length, needed, ending);
            report.Findings.Should().Contain(f => f.Code == "BG1210");
        }

        set.Store[set.Archive!] = whole[..needed];
        (await set.VerifyAsync()).Verdict.Should().Be(Verdict.Proved);
    }

    [Fact]
    public async Task Several_members_of_gzip_are_one_archive_and_nothing_may_follow_them()
    {
        using var set = await SealedAsync(".tar.gz");
        var tar = folder.Pack(".tar");
        var packed = new MemoryStream();
        foreach (var part in tar.Chunk(100_000))
        {
            using var gzip = new System.IO.Compression.GZipStream(packed, System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true);
            gzip.Write(part);
        }

        set.Store[set.Archive!] = packed.ToArray();
        (await set.VerifyAsync()).Verdict.Should().Be(Verdict.Proved);
        set.Store[set.Archive!] = [.. packed.ToArray(), 1];
        (await set.VerifyAsync()).Findings.Should().ContainSingle().Which.Code.Should().Be("BG1210");
    }

    [Theory]
    [InlineData(".tar.gz")]
    [InlineData(".tar.zst")]
    public async Task A_flipped_bit_of_compressed_data_is_never_proved(string ending)
    {
        using var set = await SealedAsync(ending);
        var whole = set.Store[set.Archive!];
        var random = new Random(1201);
        for (var i = 0; i < 200; i++)
        {
            // The first ten bytes of gzip hold a time and a system that say nothing of the content.
            var at = random.Next(10, whole.Length);
            set.Store[set.Archive!] = [.. whole[..at], (byte)(whole[at] ^ (1 << random.Next(8))), .. whole[(at + 1)..]];
            (await set.VerifyAsync()).Verdict.Should().Be(Verdict.Failed, "byte {0} of {1}", at, whole.Length);
        }
    }

    [Theory]
    [InlineData(".tar")]
    [InlineData(".zip")]
    public async Task Random_damage_never_crashes_the_reader(string ending)
    {
        using var set = await SealedAsync(ending);
        var whole = set.Store[set.Archive!];
        var random = new Random(1202);
        for (var i = 0; i < 300; i++)
        {
            var damaged = whole.ToArray();
            for (var n = random.Next(1, 20); n > 0; n--)
            {
                // Half of it among the headers and directories at the two ends.
                var at = random.Next(2) == 0 ? random.Next(damaged.Length) : random.Next(2) == 0 ? random.Next(600) : damaged.Length - 1 - random.Next(600);
                damaged[at] = (byte)random.Next(256);
            }

            set.Store[set.Archive!] = damaged;
            (await set.VerifyAsync()).Unfinished.Should().BeNull("damage is a finding");
        }
    }

    [Fact]
    public async Task A_path_twice_is_found()
    {
        using var set = await SealedAsync(".tar");
        using var work = new RealFolder();
        File.WriteAllBytes(work["x.tar"], set.Store[set.Archive!]);
        RealFolder.Run("tar", ["-C", folder.Path, "-rf", work["x.tar"], "./a.txt"]);
        set.Store[set.Archive!] = File.ReadAllBytes(work["x.tar"]);
        (await set.VerifyAsync()).Findings.Should().ContainSingle().Which.Should().BeEquivalentTo(new { Code = "BG1209", Subject = "a.txt" });
        var sealing = () => SealedArchive.EntriesAsync("x.tar", set.Store[set.Archive!]);
        await sealing.Should().ThrowAsync<InvalidDataException>().WithMessage("*twice*");
    }

    [Fact]
    public async Task Links_are_sealed_and_a_link_turned_elsewhere_is_found()
    {
        File.CreateSymbolicLink(folder["link"], "a.txt");
        RealFolder.Run("ln", [folder["a.txt"], folder["same.txt"]]);
        using var set = await SealedAsync(".tar");
        (await set.VerifyAsync()).Verdict.Should().Be(Verdict.Proved);

        File.Delete(folder["link"]);
        File.CreateSymbolicLink(folder["link"], "/etc/passwd");
        set.Store[set.Archive!] = folder.Pack(".tar");
        (await set.VerifyAsync()).Findings.Should().ContainSingle().Which.Should().BeEquivalentTo(new { Code = "BG1206", Subject = "link" });

        File.Delete(folder["link"]);
        folder.Write("link", [1]);
        set.Store[set.Archive!] = folder.Pack(".tar");
        (await set.VerifyAsync()).Findings.Should().ContainSingle().Which.Message("en").Should().Contain("was a symbolic link and is a file");
    }

    [Theory]
    [InlineData("--format=gnu")]
    [InlineData("--format=pax")]
    [InlineData("--format=posix")]
    public async Task Long_names_are_read_in_every_dialect_of_tar(string format)
    {
        var name = string.Join('/', Enumerable.Repeat(new string('n', 90), 4)) + "/é";
        folder.Write(name, [1, 2, 3]);
        var entries = await SealedArchive.EntriesAsync("x.tar", folder.Pack(".tar", ".", format));
        entries.Should().Contain(e => e.PathText == name).Which.Size.Should().Be(3);
    }

    [Fact]
    public async Task A_short_path_is_read_from_the_prefix_of_ustar()
    {
        var name = $"{new string('p', 80)}/{new string('n', 80)}";
        folder.Write(name, [1]);
        (await SealedArchive.EntriesAsync("x.tar", folder.Pack(".tar", ".", "--format=ustar"))).Should().Contain(e => e.PathText == name);
    }

    [Fact]
    public async Task An_extended_header_of_gigabytes_is_not_read()
    {
        var tar = folder.Pack(".tar", ".", "--format=pax");
        var pax = tar.AsSpan().IndexOf("ustar"u8) - 257;
        while (tar[pax + 156] != 'x') pax += 512;
        Encoding.ASCII.GetBytes("17777777777\0").CopyTo(tar, pax + 124);
        FixCheckSum(tar.AsSpan(pax, 512));
        var reading = () => SealedArchive.EntriesAsync("x.tar", tar);
        await reading.Should().ThrowAsync<InvalidDataException>().WithMessage("*extended header of 2147483647 bytes*");
    }

    [Fact]
    public async Task A_zip_that_lies_about_its_directory_is_not_read()
    {
        var noise = new byte[200_000];
        new Random(1).NextBytes(noise);
        folder.Write("noise", noise);
        using var set = await SealedAsync(".zip");
        var zip = set.Store[set.Archive!];
        var end = zip.AsSpan().LastIndexOf("PK\x05\x06"u8);
        zip.AsSpan(end + 16, 4).Clear(); // the directory begins with the data: its room is then far too large
        var report = await set.VerifyAsync();
        report.Findings.Should().ContainSingle().Which.Code.Should().Be("BG1211");
    }

    [Fact]
    public async Task What_cannot_be_restored_is_not_sealed()
    {
        RealFolder.Run("mkfifo", [folder["pipe"]]);
        var special = () => SealedArchive.EntriesAsync("x.tar", folder.Pack(".tar"));
        await special.Should().ThrowAsync<InvalidDataException>().WithMessage("pipe*special*");
        File.Delete(folder["pipe"]);

        var outside = () => SealedArchive.EntriesAsync("x.tar", folder.Pack(".tar", ".", "--transform=s,a.txt,../a.txt,"));
        await outside.Should().ThrowAsync<InvalidDataException>().WithMessage("*not a name*");
    }

    [Fact]
    public async Task A_zip_entry_with_another_checksum_is_not_sealed()
    {
        var zip = folder.Pack(".zip");
        var central = zip.AsSpan().IndexOf("PK\x01\x02"u8);
        zip[central + 16] ^= 1;
        var sealing = () => SealedArchive.EntriesAsync("x.zip", zip);
        await sealing.Should().ThrowAsync<InvalidDataException>();
    }

    [Fact]
    public async Task A_truncated_archive_is_not_sealed()
    {
        foreach (var ending in RealFolder.Endings)
        {
            var archive = folder.Pack(ending);
            var cut = archive[..(archive.Length / 2)];
            var sealing = () => SealedArchive.EntriesAsync("x" + ending, cut);
            await sealing.Should().ThrowAsync<InvalidDataException>(ending);
        }
    }

    [Fact]
    public async Task An_archive_that_is_not_there_is_no_repository()
    {
        using var set = new SealedSet { Archive = "gone.zip" };
        (await set.VerifyAsync()).Findings.Should().ContainSingle().Which.Code.Should().Be("BG1001");
    }

    [Fact]
    public async Task An_archive_that_cannot_be_read_leaves_the_look_unfinished()
    {
        using var set = await SealedAsync(".zip");
        set.Store.Fail(set.Archive!, StoreFailure.Transient);
        (await set.VerifyAsync()).Verdict.Should().Be(Verdict.Inconclusive);
    }

    [Fact]
    public async Task An_archive_without_any_manifest_is_not_proved()
    {
        using var set = new SealedSet { Archive = "x.tar.gz" };
        set.Store[set.Archive] = folder.Pack(".tar.gz");
        (await set.VerifyAsync()).Findings.Should().ContainSingle().Which.Code.Should().Be("BG1201");
    }

    private static void FixCheckSum(Span<byte> header)
    {
        header.Slice(148, 8).Fill((byte)' ');
        var sum = 0;
        foreach (var value in header) sum += value;
        Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ").CopyTo(header[148..]);
    }
}
