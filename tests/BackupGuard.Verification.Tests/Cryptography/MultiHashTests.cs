using System.Security.Cryptography;
using System.Text;
using BackupGuard.Verification.Cryptography.MultiHash;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Verification.Tests.Cryptography;

/// <summary>Every kernel that this processor runs, whichever is the fastest; where it runs none (no AVX2) the tests hold vacuously, and so does the product.</summary>
public sealed class MultiHashTests
{
    private const int Room = 1 << 20;

    private static Dictionary<int, string> HashAll(Sha256Kernel kernel, IEnumerable<byte[]> messages, int room = Room)
    {
        var hashes = new Dictionary<int, string>();
        using var hasher = new LaneHasher<int>(kernel, room, (in int number, ReadOnlySpan<byte> hash) => hashes.Add(number, Convert.ToHexStringLower(hash)));
        var number = 0;
        foreach (var message in messages)
        {
            hasher.TryReserve(message.Length, out var lent).Should().BeTrue();
            message.CopyTo(lent);
            hasher.Submit(message.Length, number++);
        }
        hasher.Flush();
        hashes.Should().HaveCount(number, "each message is finished, and once");
        return hashes;
    }

    private static string Reference(byte[] message) => Convert.ToHexStringLower(SHA256.HashData(message));

    private static byte[] Message(Random random, int length)
    {
        var message = new byte[length];
        random.NextBytes(message);
        return message;
    }

    /// <summary>NIST CSRC, "Examples with intermediate values": no block, one block, two blocks.</summary>
    [Theory]
    [InlineData("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    [InlineData("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")]
    public void Each_lane_gives_the_hashes_of_NIST(string message, string expected)
    {
        foreach (var kernel in Sha256Kernel.Supported)
            HashAll(kernel, Enumerable.Repeat(Encoding.ASCII.GetBytes(message), 2 * kernel.Width + 1)).Values.Should().AllBe(expected);
    }

    [Fact]
    public void Every_length_up_to_300_bytes_and_around_larger_blocks_agrees_with_the_framework()
    {
        var random = new Random(20261122);
        int[] boundaries = [.. Enumerable.Range(5, 12).SelectMany(power => Enumerable.Range((1 << power) - 9, 19))];
        var messages = Enumerable.Range(0, 301).Concat(boundaries).Select(length => Message(random, length)).ToList();
        foreach (var kernel in Sha256Kernel.Supported)
            HashAll(kernel, messages).Should().BeEquivalentTo(messages.Select((m, i) => (m, i)).ToDictionary(x => x.i, x => Reference(x.m)));
    }

    /// <summary>Long beside short, more messages than lanes, a room that is always too small: lanes end one after the other and room comes back in pieces.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_stream_of_messages_of_all_sizes_agrees_with_the_framework(int seed)
    {
        var random = new Random(seed);
        var messages = Enumerable.Range(0, 400).Select(_ => Message(random, random.Next(4) == 0 ? random.Next(8192) : random.Next(200))).ToList();
        foreach (var kernel in Sha256Kernel.Supported)
            HashAll(kernel, messages, room: 64 << 10).Should().BeEquivalentTo(messages.Select((m, i) => (m, i)).ToDictionary(x => x.i, x => Reference(x.m)));
    }

    [Fact]
    public unsafe void Messages_at_any_alignment_are_read_as_they_are()
    {
        const int blocks = 3;
        var bytes = Message(new Random(5), 64 * (blocks + 1) * 16 + 64);
        var at = stackalloc byte*[16];
        foreach (var kernel in Sha256Kernel.Supported)
            for (var shift = 0; shift < 64; shift++)
            {
                var state = new uint[Sha256Kernel.StateWords * kernel.Width];
                for (var i = 0; i < state.Length; i++) state[i] = Sha256Kernel.InitialState[i / kernel.Width];
                fixed (byte* start = bytes)
                fixed (uint* together = state)
                {
                    for (var lane = 0; lane < kernel.Width; lane++) at[lane] = start + shift + lane * 64 * blocks;
                    kernel.Compress(together, at, blocks);
                    for (var lane = 0; lane < kernel.Width; lane++)
                        StateOf(bytes.AsSpan(shift + lane * 64 * blocks, 64 * blocks)).Should().Equal(Enumerable.Range(0, 8).Select(i => state[i * kernel.Width + lane]), "lane {0}, shift {1}", lane, shift);
                }
            }
    }

    [Fact]
    public void A_message_too_long_for_the_lanes_is_refused_and_the_others_are_not_disturbed()
    {
        foreach (var kernel in Sha256Kernel.Supported)
        {
            var hashes = new List<string>();
            using var hasher = new LaneHasher<int>(kernel, Room, (in int _, ReadOnlySpan<byte> hash) => hashes.Add(Convert.ToHexStringLower(hash)));
            hasher.TryReserve(3, out var lent).Should().BeTrue();
            "abc"u8.CopyTo(lent);
            hasher.Submit(3, 0);
            hasher.TryReserve(hasher.LargestMessage + 1L, out _).Should().BeFalse();
            hasher.TryReserve(long.MaxValue, out _).Should().BeFalse();
            hasher.TryReserve(hasher.LargestMessage, out var abandoned).Should().BeTrue();
            abandoned.Fill(0xFF);
            hasher.Flush();
            hashes.Should().Equal("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        }
    }

    /// <summary>An independent, plain compression function (FIPS 180-4, section 6.2.2).</summary>
    private static uint[] StateOf(ReadOnlySpan<byte> blocks)
    {
        unchecked
        {
            var h = Sha256Kernel.InitialState.ToArray();
            var w = new uint[64];
            for (; blocks.Length > 0; blocks = blocks[64..])
            {
                for (var i = 0; i < 16; i++) w[i] = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(blocks[(4 * i)..]);
                for (var i = 16; i < 64; i++)
                    w[i] = w[i - 16] + w[i - 7] + (uint.RotateRight(w[i - 15], 7) ^ uint.RotateRight(w[i - 15], 18) ^ (w[i - 15] >> 3)) + (uint.RotateRight(w[i - 2], 17) ^ uint.RotateRight(w[i - 2], 19) ^ (w[i - 2] >> 10));
                var v = h.ToArray();
                for (var i = 0; i < 64; i++)
                {
                    var t1 = v[7] + (uint.RotateRight(v[4], 6) ^ uint.RotateRight(v[4], 11) ^ uint.RotateRight(v[4], 25)) + ((v[4] & v[5]) ^ (~v[4] & v[6])) + Sha256Kernel.RoundConstants[i] + w[i];
                    var t2 = (uint.RotateRight(v[0], 2) ^ uint.RotateRight(v[0], 13) ^ uint.RotateRight(v[0], 22)) + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
                    (v[7], v[6], v[5], v[4], v[3], v[2], v[1], v[0]) = (v[6], v[5], v[4], v[3] + t1, v[2], v[1], v[0], t1 + t2);
                }
                for (var i = 0; i < 8; i++) h[i] += v[i];
            }
            return h;
        }
    }
}
