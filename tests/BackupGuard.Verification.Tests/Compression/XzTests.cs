using BackupGuard.Verification.Compression;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Verification.Tests.Compression;

/// <summary>What the xz command writes, our decoder reads back byte for byte; what is damaged is refused.</summary>
public class XzTests
{
    public static TheoryData<string, string> Cases()
    {
        var cases = new TheoryData<string, string>();
        foreach (var shape in Samples.Shapes)
            foreach (var options in new[] { "-0 --check=none", "-6 --check=crc32", "-9e --check=crc64", "-6 --check=sha256", "--lzma2=preset=6,lc=0,lp=4,pb=0 --check=none", "--lzma2=preset=1,lc=4,pb=4,dict=4KiB --check=none", "-1 --block-size=50000" })
                cases.Add(shape, options);
        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void What_the_xz_command_compressed_comes_back_byte_for_byte(string shape, string options)
    {
        var decoder = new Xz();
        byte[] buffer = [];
        foreach (var length in new[] { 0, 1, 17, 4095, 70_000, 700_000 })
        {
            var plain = Samples.Of(shape, length);
            var packed = Tool.Pipe("xz", plain, ["-c", "-T1", .. options.Split(' ')]);
            decoder.TryDecode(packed, ref buffer, 1 << 20, out var written).Should().BeTrue($"{length} bytes");
            buffer.AsSpan(0, written).SequenceEqual(plain).Should().BeTrue($"{length} bytes");
            if (length > 0) decoder.TryDecode(packed, ref buffer, length - 1, out _).Should().BeFalse("one byte of room is missing");
        }
    }

    /// <summary>Every header, the padding, the index and the content have a checksum or a fixed value: not one bit is free.</summary>
    [Fact]
    public void Any_flipped_bit_is_refused()
    {
        var decoder = new Xz();
        byte[] buffer = [];
        var packed = Tool.Pipe("xz", Samples.Of("text", 3000), "-c", "--check=crc64");
        for (var bit = 0; bit < packed.Length * 8; bit++)
        {
            packed[bit / 8] ^= (byte)(1 << (bit % 8));
            decoder.TryDecode(packed, ref buffer, 1 << 20, out _).Should().BeFalse($"bit {bit}");
            packed[bit / 8] ^= (byte)(1 << (bit % 8));
        }
        decoder.TryDecode(packed, ref buffer, 1 << 20, out _).Should().BeTrue("every bit was put back");
        for (var length = 0; length < packed.Length; length++) decoder.TryDecode(packed.AsSpan(0, length), ref buffer, 1 << 20, out _).Should().BeFalse($"cut at {length}");
        decoder.TryDecode([.. packed, 0], ref buffer, 1 << 20, out _).Should().BeFalse("something follows");
    }

    [Fact]
    public void Random_damage_ends_without_exception_and_within_the_limit()
    {
        var random = new Random(20261122);
        var decoder = new Xz();
        foreach (var shape in Samples.Shapes)
        {
            var packed = Tool.Pipe("xz", Samples.Of(shape, 20_000), "-c", "--check=none");
            for (var round = 0; round < 1500; round++)
            {
                var damaged = packed.ToArray();
                // Behind the block header, so that the LZMA2 decoder sees it.
                for (var i = random.Next(1, 4); i > 0; i--) damaged[random.Next(24, damaged.Length)] ^= (byte)(1 << random.Next(8));
                byte[] buffer = [];
                decoder.TryDecode(damaged, ref buffer, 40_000, out var written);
                buffer.Length.Should().BeLessOrEqualTo(40_000);
                written.Should().BeLessOrEqualTo(40_000);
            }
        }
    }
}
