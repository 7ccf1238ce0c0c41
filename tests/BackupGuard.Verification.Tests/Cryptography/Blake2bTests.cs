using System.Text;
using BackupGuard.Verification.Compression;
using BackupGuard.Verification.Cryptography;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Verification.Tests.Cryptography;

public sealed class Blake2bTests
{
    private static byte[] Digest(int bytes, byte[] data, byte[] key, int step = int.MaxValue)
    {
        using var hash = new Blake2b(bytes, key);
        for (var at = 0; at < data.Length; at += Math.Min(step, data.Length - at)) hash.Append(data.AsSpan(at, Math.Min(step, data.Length - at)));
        var digest = new byte[bytes];
        hash.Finish(digest);
        return digest;
    }

    /// <summary>RFC 7693 appendix A.</summary>
    [Fact]
    public void Abc_has_the_digest_of_the_rfc() => Convert.ToHexStringLower(Digest(64, Encoding.ASCII.GetBytes("abc"), [])).Should().Be(
        "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923");

    /// <summary>RFC 7693 appendix E: a digest over the digests of many lengths, with and without key.</summary>
    [Fact]
    public void The_self_test_of_the_rfc_gives_its_grand_digest()
    {
        using var all = new Blake2b(32);
        foreach (var bytes in (int[])[20, 32, 48, 64])
        {
            foreach (var length in (int[])[0, 3, 128, 129, 255, 1024])
            {
                var data = Sequence(length);
                all.Append(Digest(bytes, data, []));
                all.Append(Digest(bytes, data, Sequence(bytes)));
            }
        }
        var digest = new byte[32];
        all.Finish(digest);
        Convert.ToHexStringLower(digest).Should().Be("c23a7800d98123bd10f506c61e29da5603d763b8bbad2e737f5e765a7bccd475");
    }

    private static byte[] Sequence(int length)
    {
        unchecked
        {
            var (a, b) = (0xDEAD4BADu * (uint)length, 1u);
            var bytes = new byte[length];
            for (var i = 0; i < length; i++)
            {
                (a, b) = (b, a + b);
                bytes[i] = (byte)(b >> 24);
            }
            return bytes;
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(129)]
    [InlineData(400)]
    public void How_the_data_are_cut_makes_no_difference(int step)
    {
        var data = Sequence(1500);
        Digest(32, data, [], step).Should().Equal(Digest(32, data, []));
    }

    [Fact]
    public void Crc32_has_the_check_value_of_its_catalogue_and_both_ways_agree()
    {
        Crc32.Of("123456789"u8).Should().Be(0xCBF43926);
        var data = Sequence(700);
        for (var length = 0; length <= data.Length; length++)
        {
            var expected = Crc32.WithTables(0, data.AsSpan(0, length));
            Crc32.Of(data.AsSpan(0, length)).Should().Be(expected, $"{length} bytes");
            Crc32.Append(Crc32.Of(data.AsSpan(0, length / 3)), data.AsSpan(length / 3, length - length / 3)).Should().Be(expected, "in two parts");
        }
    }
}
