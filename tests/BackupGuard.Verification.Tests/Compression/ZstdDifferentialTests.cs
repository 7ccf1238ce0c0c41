using BackupGuard.Verification.Compression;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Verification.Tests.Compression;

/// <summary>What the zstd command writes, our decoder reads back byte for byte.</summary>
public class ZstdDifferentialTests
{
    public static TheoryData<string, string, int> Cases()
    {
        var cases = new TheoryData<string, string, int>();
        foreach (var shape in Samples.Shapes)
        {
            foreach (var length in new[] { 0, 1, 2, 7, 30, 100, 255, 256, 1000, 65_535, 131_072, 131_073, 300_000 })
            {
                cases.Add(shape, "-3", length);
                cases.Add(shape, "-1 --no-check", length);
            }

            foreach (var length in new[] { 500, 20_000, 200_000 })
            {
                cases.Add(shape, "-9", length);
                cases.Add(shape, "-19 --no-check", length);
                cases.Add(shape, "--ultra -22", length);
                cases.Add(shape, "--fast=5", length);
            }

            cases.Add(shape, "-1", 3 << 20);
            cases.Add(shape, "-6 --no-check", 3 << 20);
            cases.Add(shape, "-19", 1 << 20);
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void What_the_zstd_command_compressed_comes_back_byte_for_byte(string shape, string options, int length)
    {
        var plain = Samples.Of(shape, length);
        foreach (var frame in new[] { ZstdTool.Compress(plain, options.Split(' ')), ZstdTool.CompressSized(plain, options.Split(' ')) })
        {
            var exact = new byte[length];
            Zstd.Decode(frame, exact, out var written).Should().Be(ZstdResult.Ok);
            written.Should().Be(length);
            exact.AsSpan().SequenceEqual(plain).Should().BeTrue("the exact buffer holds the content");

            Zstd.DecodeBounded(frame, length, out var bounded).Should().Be(ZstdResult.Ok);
            bounded.AsSpan().SequenceEqual(plain).Should().BeTrue("the growing buffer holds the content");

            using var stream = new ZstdStream(new DribblingStream(frame));
            var streamed = new MemoryStream();
            stream.CopyTo(streamed, 1 + (length / 7));
            streamed.ToArray().AsSpan().SequenceEqual(plain).Should().BeTrue("the stream gives the content");

            if (length == 0) continue;
            Zstd.Decode(frame, exact.AsSpan(0, length - 1), out _).Should().Be(ZstdResult.TooLong, "one byte of room is missing");
        }
    }

    [Fact]
    public void A_match_far_back_is_found_through_a_large_window()
    {
        var plain = Samples.Of("far", 20 << 20);
        var frame = ZstdTool.Compress(plain, "-3", "--long=25");
        frame.Length.Should().BeLessThan(12 << 20, "otherwise the far half was not found and nothing is tested");
        var exact = new byte[plain.Length];
        Zstd.Decode(frame, exact, out _).Should().Be(ZstdResult.Ok);
        exact.AsSpan().SequenceEqual(plain).Should().BeTrue();
    }

    [Fact]
    public async Task A_stream_longer_than_its_window_slides_along()
    {
        var plain = Samples.Of("structured", 12 << 20);
        await using var stream = new ZstdStream(new MemoryStream(ZstdTool.Compress(plain, "-1", "--zstd=wlog=16")));
        var streamed = new MemoryStream();
        await stream.CopyToAsync(streamed);
        streamed.ToArray().AsSpan().SequenceEqual(plain).Should().BeTrue();
    }

    [Fact]
    public void Several_frames_and_skippable_ones_are_read_as_one_content()
    {
        var (first, second) = (Samples.Of("text", 5000), Samples.Of("random", 300));
        byte[] skippable = [0x5A, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 1, 2, 3];
        byte[] all = [.. skippable, .. ZstdTool.Compress(first), .. skippable, .. ZstdTool.Compress(second, "--no-check")];
        byte[] content = [.. first, .. second];

        Zstd.DecodeBounded(all, 1 << 20, out var plain).Should().Be(ZstdResult.Ok);
        plain.Should().Equal(content);
        using var stream = new ZstdStream(new DribblingStream(all));
        var streamed = new MemoryStream();
        stream.CopyTo(streamed);
        streamed.ToArray().Should().Equal(content);
    }

    [Fact]
    public void Decoding_again_and_again_makes_no_buffer_anew()
    {
        var frames = Samples.Shapes.Select(shape => ZstdTool.Compress(Samples.Of(shape, 100_000), "-9")).ToArray();
        var exact = new byte[100_000];
        var decoder = new ZstdDecoder();
        foreach (var frame in frames) decoder.Decode(frame, exact, out _);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 50; i++)
            foreach (var frame in frames) decoder.Decode(frame, exact, out _);
        // In an optimised build it is 0; in a debug build the runtime boxes a few words.
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(50 * frames.Length * 500, "the smallest table has 512 bytes");
    }
}
