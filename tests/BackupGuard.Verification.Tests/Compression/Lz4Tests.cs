using System.Buffers.Binary;
using BackupGuard.Verification.Compression;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Verification.Tests.Compression;

/// <summary>What the lz4 command writes, our decoder reads back byte for byte; what is malformed is refused.</summary>
public class Lz4Tests
{
    /// <summary>The legacy frame is the block with four bytes of magic and four of length in front: what stands behind is what Borg stores.</summary>
    private static byte[] Block(byte[] plain, string level)
    {
        var frame = Tool.Pipe("lz4", plain, "-l", level, "-c", "-");
        BinaryPrimitives.ReadUInt32LittleEndian(frame).Should().Be(0x184C2102);
        BinaryPrimitives.ReadInt32LittleEndian(frame.AsSpan(4)).Should().Be(frame.Length - 8, "one block holds all");
        return frame[8..];
    }

    public static TheoryData<string, string, int> Cases()
    {
        var cases = new TheoryData<string, string, int>();
        foreach (var shape in Samples.Shapes)
            foreach (var level in new[] { "-1", "-9", "-12" })
                foreach (var length in new[] { 1, 12, 13, 300, 65_535, 65_536, 1_000_000 }) cases.Add(shape, level, length);
        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void What_the_lz4_command_compressed_comes_back_byte_for_byte(string shape, string level, int length)
    {
        var plain = Samples.Of(shape, length);
        var block = Block(plain, level);
        byte[] buffer = [];
        Lz4.TryDecode(block, ref buffer, length, out var written).Should().BeTrue();
        buffer.AsSpan(0, written).SequenceEqual(plain).Should().BeTrue();
        Lz4.TryDecode(block, ref buffer, length - 1, out _).Should().BeFalse("one byte of room is missing");
    }

    [Theory]
    [InlineData("", "an empty block is none")]
    [InlineData("10", "the literal is missing")]
    [InlineData("104100", "half an offset")]
    [InlineData("10410000", "an offset of 0")]
    [InlineData("10410200", "an offset before the beginning")]
    [InlineData("10410100", "a block ends with literals")]
    [InlineData("F0FFFFFF", "a length that never ends")]
    [InlineData("1F410100FFFFFF", "a match length that never ends")]
    public void What_is_malformed_is_refused(string hex, string because)
    {
        byte[] buffer = [];
        Lz4.TryDecode(Convert.FromHexString(hex), ref buffer, 1000, out _).Should().BeFalse(because);
    }

    [Fact]
    public void A_bomb_stops_at_the_limit()
    {
        byte[] buffer = [];
        Lz4.TryDecode([0x1F, 0x41, 1, 0, .. Enumerable.Repeat((byte)255, 1 << 20), 0, 0x10, 0x42], ref buffer, 100_000, out _).Should().BeFalse();
        buffer.Length.Should().BeLessOrEqualTo(100_000);
    }

    [Fact]
    public void Random_damage_ends_without_exception_and_within_the_limit()
    {
        var random = new Random(20261122);
        foreach (var shape in Samples.Shapes)
        {
            var block = Block(Samples.Of(shape, 20_000), "-9");
            for (var round = 0; round < 2000; round++)
            {
                var damaged = block.ToArray();
                for (var i = random.Next(1, 4); i > 0; i--) damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
                byte[] buffer = [];
                Lz4.TryDecode(damaged.AsSpan(0, random.Next(damaged.Length) + 1), ref buffer, 40_000, out _);
                buffer.Length.Should().BeLessOrEqualTo(40_000);
            }
        }
    }
}
