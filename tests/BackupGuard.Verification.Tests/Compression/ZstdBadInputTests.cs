using BackupGuard.Verification.Compression;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Verification.Tests.Compression;

/// <summary>Frames that are not good, made by hand or broken on purpose: the kind of refusal is part of the contract.</summary>
public class ZstdBadInputTests
{
    private static readonly byte[] Magic = [0x28, 0xB5, 0x2F, 0xFD];

    /// <summary>A last raw block "abc".</summary>
    private static readonly byte[] RawAbc = [0x19, 0, 0, (byte)'a', (byte)'b', (byte)'c'];

    private static ZstdResult Decode(params byte[] source) => Zstd.Decode(source, new byte[1000], out _);

    [Fact]
    public void Nothing_is_no_content() => Decode().Should().Be(ZstdResult.Truncated);

    [Fact]
    public void A_frame_of_one_raw_block_is_read()
    {
        var output = new byte[3];
        Zstd.Decode([.. Magic, 0x20, 3, .. RawAbc], output, out var written).Should().Be(ZstdResult.Ok);
        (written, output).Should().BeEquivalentTo((3, "abc"u8.ToArray()));
    }

    [Fact]
    public void A_repeated_byte_is_written_that_often()
    {
        var output = new byte[100];
        Zstd.Decode([.. Magic, 0x20, 100, 0x23, 3, 0, 0x7A], output, out var written).Should().Be(ZstdResult.Ok);
        written.Should().Be(100);
        output.Should().OnlyContain(b => b == 0x7A);
    }

    [Fact]
    public void What_does_not_begin_like_a_frame_is_corrupt() => Decode(1, 2, 3, 4, 5, 6, 7, 8).Should().Be(ZstdResult.Corrupt);

    [Fact]
    public void Bytes_behind_the_last_frame_are_corrupt() => Decode([.. Magic, 0x20, 3, .. RawAbc, 1, 2, 3, 4]).Should().Be(ZstdResult.Corrupt);

    [Fact]
    public void A_dictionary_is_refused() => Decode([.. Magic, 0x21, 7, 3, .. RawAbc]).Should().Be(ZstdResult.DictionaryRefused);

    [Fact]
    public void A_dictionary_id_of_zero_means_none() => Decode([.. Magic, 0x21, 0, 3, .. RawAbc]).Should().Be(ZstdResult.Ok);

    [Fact]
    public void The_reserved_bit_of_the_descriptor_is_refused() => Decode([.. Magic, 0x28, 3, .. RawAbc]).Should().Be(ZstdResult.Corrupt);

    [Fact]
    public void The_reserved_kind_of_block_is_refused() => Decode([.. Magic, 0x20, 3, 0x1F, 0, 0, 1, 2, 3]).Should().Be(ZstdResult.Corrupt);

    [Theory]
    [InlineData(0x88, ZstdResult.Ok)]             // 2^27 = 128 MiB
    [InlineData(0x89, ZstdResult.WindowTooLarge)]
    [InlineData(0xFF, ZstdResult.WindowTooLarge)] // the largest there is, 3.75 TiB
    public void A_window_above_128_MiB_is_refused(byte descriptor, ZstdResult expected)
    {
        byte[] frame = [.. Magic, 0x00, descriptor, .. RawAbc];
        Decode(frame).Should().Be(expected);
        var reading = () => new ZstdStream(new MemoryStream(frame)).ReadExactly(new byte[3]);
        if (expected == ZstdResult.Ok) reading.Should().NotThrow();
        else reading.Should().Throw<InvalidDataException>().WithMessage("*window*");
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void Content_of_another_length_than_announced_is_noticed(byte announced)
    {
        // A window of its own: in a single segment the announced size would also bound the block.
        byte[] frame = [.. Magic, 0x80, 0x00, announced, 0, 0, 0, .. RawAbc];
        Decode(frame).Should().Be(ZstdResult.ContentSizeMismatch);
        var reading = () => new ZstdStream(new MemoryStream(frame)).CopyTo(Stream.Null);
        reading.Should().Throw<InvalidDataException>().WithMessage("*announced*");
    }

    [Fact]
    public void A_block_larger_than_the_window_is_refused() => Decode([.. Magic, 0x20, 2, .. RawAbc]).Should().Be(ZstdResult.Corrupt);

    [Fact]
    public void A_wrong_checksum_is_noticed()
    {
        var frame = ZstdTool.Compress(Samples.Of("text", 5000));
        frame[^1] ^= 1;
        Zstd.Decode(frame, new byte[5000], out _).Should().Be(ZstdResult.ChecksumMismatch);
        var reading = () => new ZstdStream(new MemoryStream(frame)).CopyTo(Stream.Null);
        reading.Should().Throw<InvalidDataException>().WithMessage("*checksum*");
    }

    [Theory]
    [InlineData("text")]
    [InlineData("random")]
    [InlineData("repetitive")]
    public void A_frame_cut_anywhere_is_truncated(string shape)
    {
        var frame = ZstdTool.Compress(Samples.Of(shape, 700));
        for (var length = 0; length < frame.Length; length++)
        {
            Zstd.Decode(frame.AsSpan(0, length), new byte[700], out _).Should().Be(ZstdResult.Truncated, "{0} of {1} bytes are there", length, frame.Length);
            var reading = () => new ZstdStream(new MemoryStream(frame, 0, length)).CopyTo(Stream.Null);
            reading.Should().Throw<InvalidDataException>();
        }
    }

    /// <summary>Bit streams are read backwards: a byte slipped in at a stream's beginning changes no content, and only the check on its end sees it.</summary>
    [Theory]
    [InlineData("text", 700, 0)]          // sequences
    [InlineData("skewed", 250, 1 << 14)]  // one Huffman stream; its stored size stands at bit 14 of the block
    public void A_bit_stream_with_something_left_over_is_corrupt(string shape, int length, int storedSizeStep)
    {
        var plain = Samples.Of(shape, length);
        var frame = ZstdTool.Compress(plain, "-19", "--no-check");
        const int header = 6, content = header + 3; // magic, descriptor, window; then the block's header
        Zstd.Decode(frame, new byte[length], out _).Should().Be(ZstdResult.Ok);
        (frame[header] & 7).Should().Be(5, "this is about one last, compressed block");
        for (var at = content + 3; at < frame.Length; at++)
        {
            byte[] longer = [.. frame[..at], 0, .. frame[at..]];
            Add(longer, header, 1 << 3);
            Add(longer, content, storedSizeStep);
            var output = new byte[length];
            var result = Zstd.Decode(longer, output, out var written);
            (result == ZstdResult.Ok && output.AsSpan(0, written).SequenceEqual(plain)).Should().BeFalse("a byte too many stands at {0}", at);
        }

        static void Add(byte[] bytes, int at, int step)
        {
            var value = bytes[at] + (bytes[at + 1] << 8) + (bytes[at + 2] << 16) + step;
            (bytes[at], bytes[at + 1], bytes[at + 2]) = ((byte)(value & 255), (byte)((value >> 8) & 255), (byte)((value >> 16) & 255));
        }
    }

    [Fact]
    public void A_bomb_stops_at_the_limit_and_costs_no_memory()
    {
        var bomb = ZstdTool.Compress(new byte[200 << 20], "-1");
        bomb.Length.Should().BeLessThan(1 << 20);
        var decoder = new ZstdDecoder();
        var before = GC.GetAllocatedBytesForCurrentThread();
        decoder.DecodeBounded(bomb, 1 << 20, out var plain).Should().Be(ZstdResult.TooLong);
        plain.Should().BeEmpty();
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(4 << 20);
    }

    [Fact]
    public void A_claimed_size_alone_allocates_nothing()
    {
        byte[] frame = [.. Magic, 0xC0, 0x00, 0, 0, 0, 0x40, 0, 0, 0, 0, .. RawAbc]; // 1 GiB announced, three bytes there
        var decoder = new ZstdDecoder();
        var before = GC.GetAllocatedBytesForCurrentThread();
        decoder.DecodeBounded(frame, int.MaxValue, out _).Should().Be(ZstdResult.ContentSizeMismatch);
        (GC.GetAllocatedBytesForCurrentThread() - before).Should().BeLessThan(1 << 20);
    }

    /// <summary>Changes frames at random (fixed seed) between forbidden pages: whatever comes of it, no byte outside is touched, and what a checksum guards is right or refused.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Mutated_frames_never_harm_and_never_lie(bool withChecksum)
    {
        var options = withChecksum ? "--check" : "--no-check";
        using var source = new GuardedMemory(1 << 17);
        using var target = new GuardedMemory(1 << 17);
        var random = new Random(8878);
        foreach (var shape in Samples.Shapes)
        {
            foreach (var (length, level) in new[] { (60, "-3"), (1_500, "-19"), (40_000, "-3"), (100_000, "-9") })
            {
                var plain = Samples.Of(shape, length);
                var good = ZstdTool.Compress(plain, level, options);
                for (var i = 0; i < 400; i++)
                {
                    var bad = Mutate(random, good);
                    var input = i % 2 == 0 ? source.AtEnd(bad.Length) : source.AtStart(bad.Length);
                    var output = i % 2 == 0 ? target.AtEnd(length) : target.AtStart(length);
                    bad.CopyTo(input);
                    var result = Zstd.Decode(input, output, out var written);
                    written.Should().BeInRange(0, length);
                    if (withChecksum && result == ZstdResult.Ok && !bad.AsSpan().SequenceEqual(good))
                        output[..written].SequenceEqual(plain).Should().BeTrue("{0} of {1} bytes, mutation {2}, passed its checksum", shape, length, i);
                    StreamAgrees(bad, result, output[..written].ToArray());
                }
            }
        }
    }

    private static void StreamAgrees(byte[] frame, ZstdResult result, byte[] plain)
    {
        var streamed = new MemoryStream();
        try
        {
            using var stream = new ZstdStream(new MemoryStream(frame));
            var piece = new byte[50_000];
            for (int count; streamed.Length <= 200_000 && (count = stream.Read(piece)) > 0;) streamed.Write(piece.AsSpan(0, count));
            if (streamed.Length > 200_000) return;
            (result is ZstdResult.Ok or ZstdResult.TooLong).Should().BeTrue("the stream took it, so one-shot does too, unless it is too long, and not {0}", result);
            if (result == ZstdResult.Ok) streamed.ToArray().AsSpan().SequenceEqual(plain).Should().BeTrue();
        }
        catch (InvalidDataException)
        {
            result.Should().NotBe(ZstdResult.Ok);
        }
    }

    private static byte[] Mutate(Random random, byte[] good)
    {
        var bytes = good.ToArray();
        for (var changes = random.Next(1, 4); changes > 0; changes--)
        {
            // Half of the changes go to the beginning, where the headers and tables are.
            var at = random.Next(2) == 0 ? random.Next(bytes.Length) : random.Next(Math.Min(bytes.Length, 80));
            switch (random.Next(5))
            {
                case 0: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 1: bytes[at] = (byte)random.Next(256); break;
                case 2: bytes[at] = random.Next(2) == 0 ? (byte)0 : (byte)255; break;
                case 3: bytes = bytes[..at]; break;
                default: bytes = [.. bytes[..at], .. bytes[Math.Min(at + random.Next(1, 4), bytes.Length)..]]; break;
            }

            if (bytes.Length == 0) return bytes;
        }

        return bytes;
    }
}
