using System.Buffers.Binary;
using System.Text;
using BackupGuard.Verification.Drills;
using BackupGuard.Verification.Drills.Contents;
using BackupGuard.Verification.Drills.Contents.Dicom;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Verification.Tests.Drills.Contents;

/// <summary>What is judged of a DICOM file, on files written here byte by byte (explicit VR, little endian).</summary>
public sealed class DicomFiles
{
    private const string ExplicitLittle = "1.2.840.10008.1.2.1";
    private const string Jpeg = "1.2.840.10008.1.2.4.50";

    private static byte[] Element(uint tag, string vr, ReadOnlySpan<byte> value, uint? length = null)
    {
        var isLong = vr is "OB" or "OW" or "SQ" or "UN" or "UT";
        var bytes = new byte[(isLong ? 12 : 8) + value.Length];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)(tag >> 16));
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(2), (ushort)(tag & 0xFFFF));
        Encoding.ASCII.GetBytes(vr, bytes.AsSpan(4));
        if (isLong) BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), length ?? (uint)value.Length);
        else BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(6), (ushort)(length ?? (uint)value.Length));
        value.CopyTo(bytes.AsSpan(isLong ? 12 : 8));
        return bytes;
    }

    private static byte[] Mark(uint tag, uint length) => [.. BitConverter.GetBytes((ushort)(tag >> 16)), .. BitConverter.GetBytes((ushort)(tag & 0xFFFF)), .. BitConverter.GetBytes(length)];
    private static byte[] Text(uint tag, string vr, string text) => Element(tag, vr, Encoding.ASCII.GetBytes(text.Length % 2 == 0 ? text : text + "\0"));
    private static byte[] Number(uint tag, ushort number) => Element(tag, "US", BitConverter.GetBytes(number));

    private static byte[] File(string syntax, params ReadOnlySpan<byte[]> elements)
    {
        var meta = Text(0x00020010, "UI", syntax);
        byte[] whole = [.. new byte[128], .. "DICM"u8, .. Element(0x00020000, "UL", [(byte)meta.Length, 0, 0, 0]), .. meta];
        foreach (var element in elements) whole = [.. whole, .. element];
        return whole;
    }

    private static readonly byte[] Instance = Text(0x00080018, "UI", "1.2.3.1");
    private static readonly byte[] Study = Text(0x0020000D, "UI", "1.2.3");
    private static readonly byte[] Ct = Text(0x00080060, "CS", "CT");

    private static byte[] Image(int pixelBytes, string photometric = "MONOCHROME2", ushort samples = 1, string? frames = null) => File(ExplicitLittle, Instance, Ct, Study, Number(0x00280002, samples),
        Text(0x00280004, "CS", photometric), frames is null ? [] : Text(0x00280008, "IS", frames), Number(0x00280010, 2), Number(0x00280011, 3), Number(0x00280100, 8), Element(0x7FE00010, "OW", new byte[pixelBytes]));

    private static string Broken(byte[] file)
    {
        try
        {
            DicomReader.Read(new MemoryStream(file), default);
            return "whole";
        }
        catch (BrokenContentException e)
        {
            e.Reason.Fr.Should().NotBeEmpty().And.NotBe(e.Reason.En);
            return (e.IsLimit ? "limit: " : "") + e.Reason.En;
        }
    }

    [Fact]
    public void A_minimal_object_is_whole_and_what_is_not_dicom_is_not()
    {
        Broken(File(ExplicitLittle, Instance)).Should().Be("whole");
        Broken(File(ExplicitLittle)).Should().Contain("does not say which object it is");
        Broken([]).Should().Contain("does not begin like");
        Broken(new byte[500]).Should().Contain("does not begin like");
        Broken([.. new byte[128], .. "DICM"u8]).Should().Contain("ends too early");
        Broken([.. new byte[128], .. "DICM"u8, .. Text(0x00020010, "UI", ExplicitLittle)]).Should().Contain("has no length");
    }

    [Fact]
    public void The_transfer_syntax_must_be_one_of_dicoms_and_a_manufacturers_own_leaves_it_unknown()
    {
        Broken(File("1.2.840.10008.1.2.4.999", Instance)).Should().Contain("none that DICOM defines");
        Broken(File("1.2.840.10009.x", Instance)).Should().Contain("none that DICOM defines");
        Broken(File("1.2.840.113619.5.2", Instance)).Should().StartWith("limit: ").And.Contain("manufacturer's own");
    }

    [Fact]
    public void Pixels_fill_rows_times_columns_times_bits()
    {
        Broken(Image(6)).Should().Be("whole");
        Broken(Image(8)).Should().Be("whole", "padding behind them is common");
        Broken(Image(5)).Should().Contain("fewer than rows");
        Broken(Image(16, frames: "3")).Should().Contain("fewer than rows");
        Broken(Image(18, frames: "3")).Should().Be("whole");
        Broken(Image(17, "RGB", 3)).Should().Contain("fewer than rows");
        Broken(Image(12, "YBR_FULL_422", 3)).Should().Be("whole");
        Broken(Image(8, "YBR_PARTIAL_420", 3)).Should().Contain("fewer than rows");
        Broken(File(ExplicitLittle, Instance, Number(0x00280010, 2), Number(0x00280011, 3))).Should().Contain("no pixels");
    }

    [Fact]
    public void Compressed_pixels_begin_as_their_syntax_says_and_are_closed()
    {
        var begin = Element(0x7FE00010, "OB", [], uint.MaxValue);
        byte[] table = Mark(0xFFFEE000, 0), end = Mark(0xFFFEE0DD, 0);
        Broken(File(Jpeg, Instance, begin, table, [.. Mark(0xFFFEE000, 4), 0xFF, 0xD8, 1, 2], end)).Should().Be("whole");
        Broken(File(Jpeg, Instance, begin, table, [.. Mark(0xFFFEE000, 4), 0x93, 0xD8, 1, 2], end)).Should().Contain("not compressed as its transfer syntax says");
        Broken(File(Jpeg, Instance, begin, table, end)).Should().Contain("pixels are empty");
        Broken(File(Jpeg, Instance, begin, end)).Should().Contain("pixels are empty");
        Broken(File(Jpeg, Instance, begin, table, [.. Mark(0xFFFEE000, 4), 0xFF, 0xD8, 1, 2])).Should().Contain("ends too early");
        Broken(File(Jpeg, Instance, begin, table, [.. Mark(0xFFFEE000, 400), 0xFF, 0xD8, 1, 2], end)).Should().Contain("longer than what holds it");
        Broken(File(Jpeg, Instance, Element(0x7FE00010, "OB", [1, 2]))).Should().Contain("and they are not");
        Broken(File(ExplicitLittle, Instance, begin, table, [.. Mark(0xFFFEE000, 4), 0xFF, 0xD8, 1, 2], end)).Should().Contain("is no sequence has no length");
    }

    [Fact]
    public void Sequences_and_items_fit_into_what_holds_them()
    {
        byte[] item = [.. Mark(0xFFFEE000, (uint)Ct.Length), .. Ct];
        Broken(File(ExplicitLittle, Instance, Element(0x00081140, "SQ", item))).Should().Be("whole");
        Broken(File(ExplicitLittle, Instance, Element(0x00081140, "SQ", [.. Mark(0xFFFEE000, (uint)Ct.Length + 2), .. Ct]))).Should().Contain("longer than what holds it");
        Broken(File(ExplicitLittle, Instance, Element(0x00081140, "SQ", [.. Mark(0xFFFEE000, (uint)Ct.Length - 2), .. Ct]))).Should().Contain("longer than what holds it");
        Broken(File(ExplicitLittle, Instance, Element(0x00081140, "SQ", Ct))).Should().Contain("between the items");
        Broken(File(ExplicitLittle, Instance, Element(0x00081140, "SQ", [], uint.MaxValue), [.. Mark(0xFFFEE000, uint.MaxValue), .. Ct], Mark(0xFFFEE00D, 0), Mark(0xFFFEE0DD, 0))).Should().Be("whole");
        Broken(File(ExplicitLittle, Instance, Element(0x00081140, "SQ", [], uint.MaxValue), [.. Mark(0xFFFEE000, uint.MaxValue), .. Ct], Mark(0xFFFEE0DD, 0))).Should().Contain("where none may");
        Broken(File(ExplicitLittle, Instance, Mark(0xFFFEE00D, 0))).Should().Contain("where none may");
        // A sequence hidden in UN is implicit inside: tag and four bytes of length.
        Broken(File(ExplicitLittle, Instance, Element(0x00091001, "UN", [], uint.MaxValue), [.. Mark(0xFFFEE000, 10), 9, 0, 2, 16, 2, 0, 0, 0, 1, 2], Mark(0xFFFEE0DD, 0))).Should().Be("whole");
        Broken(File(ExplicitLittle, Instance, Text(0x00100010, "zz", "Example"))).Should().Contain("no value representation");
        Broken(File(ExplicitLittle, Instance, [0, 0, 0])).Should().Contain("ends too early");
        Broken(File(ExplicitLittle, Text(0x00080018, "UI", "Example"))).Should().Contain("UID in it is none");
    }

    [Fact]
    public void Nesting_without_end_is_given_up_and_a_bomb_is_not_unfolded()
    {
        byte[] level = [.. Element(0x00081140, "SQ", [], uint.MaxValue), .. Mark(0xFFFEE000, uint.MaxValue)];
        Broken(File(ExplicitLittle, [Instance, .. Enumerable.Repeat(level, 10_000)])).Should().StartWith("limit: ").And.Contain("deeper");
        using var bomb = new MemoryStream();
        using (var deflate = new System.IO.Compression.DeflateStream(bomb, System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true))
        {
            deflate.Write([.. Instance, .. Element(0x00420011, "OB", [], 0xFFFFFFF0)]);
            var zeros = new byte[1 << 20];
            for (var i = 0; i < 32; i++) deflate.Write(zeros);
        }
        var before = GC.GetAllocatedBytesForCurrentThread();
        Broken(File("1.2.840.10008.1.2.1.99", bomb.ToArray())).Should().Contain("ends too early");
        // RFC 1951: a stored block (0, length, its complement, bytes) that is not the last, then an empty one that is.
        var stored = (ushort)Instance.Length;
        byte[] block = [0, .. BitConverter.GetBytes(stored), .. BitConverter.GetBytes((ushort)(ushort.MaxValue - stored)), .. Instance];
        Broken(File("1.2.840.10008.1.2.1.99", block, [1, 0, 0, 0xFF, 0xFF])).Should().Be("whole");
        Broken(File("1.2.840.10008.1.2.1.99", block)).Should().Contain("is not closed");
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(4 << 20);
    }

    private static DicomProbe Probe(params (string What, long Least)[] least) => new(Parsed.Glob("**"), new(least.ToDictionary(l => l.What, l => l.Least), StringComparer.Ordinal), TimeSpan.FromHours(1));
    private static Task<ProbeAnswer> AskAsync(DicomProbe probe, MemoryRestored restored) => new DicomProbes(TimeProvider.System).RunAsync(probe, restored.Scene, default);

    [Fact]
    public async Task Studies_instances_and_modalities_are_counted_and_no_uid_is_told()
    {
        var other = File(ExplicitLittle, Text(0x00080018, "UI", "1.2.3.2"), Text(0x00080060, "CS", "EXAMPLE^PATIENT"), Text(0x0020000D, "UI", "1.2.4"));
        var restored = MemoryRestored.Of(("a", Image(6)), ("b", Image(6)), ("c", other));
        var answer = await AskAsync(Probe(("studies", 2), ("instances", 2), ("CT", 2)), restored);
        answer.Verdict.Should().Be(Verdict.Proved, answer.Detail.English);
        answer.Measures.Should().Contain("files", 3).And.Contain("studies", 2).And.Contain("instances", 2).And.Contain("CT", 2).And.Contain("other", 1);
        string.Join(' ', answer.Measures.Keys.Append(answer.Detail.English).Append(answer.Detail.French)).Should().NotContain("1.2.3").And.NotContain("EXAMPLE");
        answer.Measures.Keys.Count(k => k.StartsWith("study ", StringComparison.Ordinal)).Should().Be(2);
        answer.Detail.Should().Be(new Said("3 files, 2 studies, 2 instances, 2 CT, 1 other", "3 fichiers, 2 examens, 2 instances, 2 CT, 1 autres"));
        var few = await AskAsync(Probe(("CT", 3)), restored);
        (few.Verdict, few.Detail.English).Should().Be((Verdict.Failed, "2 CT, at least 3 expected"));
    }

    [Fact]
    public async Task One_broken_file_fails_a_foreign_one_leaves_it_open_and_none_fails()
    {
        var broken = await AskAsync(Probe(), MemoryRestored.Of(("a", Image(6)), ("p/Example^Synthetic", Image(5)), ("z", File("1.2.840.113619.5.2", Instance))));
        broken.Verdict.Should().Be(Verdict.Failed);
        broken.Detail.English.Should().StartWith("1 of 3 files are broken").And.NotContain("Example");
        broken.Findings.Single().WithoutPaths().Subject.Should().StartWith("path sha256:");
        (await AskAsync(Probe(), MemoryRestored.Of(("a", Image(6)), ("z", File("1.2.840.113619.5.2", Instance))))).Verdict.Should().Be(Verdict.Inconclusive);
        (await AskAsync(Probe(), new MemoryRestored())).Verdict.Should().Be(Verdict.Failed);
    }

    [Fact]
    public async Task A_directory_without_its_files_is_broken()
    {
        var directory = File(ExplicitLittle, Element(0x00041220, "SQ", [.. Mark(0xFFFEE000, 18), .. Text(0x00041500, "CS", "IMG\\IMAGE1")]));
        // The class of a DICOMDIR in the meta information.
        var kind = Text(0x00020002, "UI", "1.2.840.10008.1.3.10");
        var meta = Text(0x00020010, "UI", ExplicitLittle);
        byte[] file = [.. directory[..132], .. Element(0x00020000, "UL", [(byte)(kind.Length + meta.Length), 0, 0, 0]), .. kind, .. meta, .. directory[(132 + 12 + meta.Length)..]];
        (await AskAsync(Probe(), MemoryRestored.Of(("cd/DICOMDIR", file), ("cd/IMG/IMAGE1", Image(6))))).Verdict.Should().Be(Verdict.Proved);
        var answer = await AskAsync(Probe(), MemoryRestored.Of(("cd/DICOMDIR", file), ("IMG/IMAGE1", Image(6))));
        (answer.Verdict, answer.Detail.English).Should().Be((Verdict.Failed, "1 of 2 files are broken; the first: 1 of the 1 files that it lists are not there"));
    }

    [Fact]
    public async Task The_negative_control_goes_red()
    {
        var restored = MemoryRestored.Of(("a", Image(6)), ("b", File(ExplicitLittle, Instance)));
        (await new DicomProbes(TimeProvider.System).SpoilAsync(Probe(), restored.Scene, default)).Should().NotBeNull();
        (await AskAsync(Probe(), restored)).Verdict.Should().Be(Verdict.Failed);
    }
}
