using System.Security.Cryptography;
using System.Text;
using BackupGuard.Verification.Cryptography;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Verification.Tests.Cryptography;

public sealed class PrimitivesTests
{
    /// <summary>RFC 7914 section 12.</summary>
    [Theory]
    [InlineData("", "", 16, 1, 1, "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906")]
    [InlineData("password", "NaCl", 1024, 8, 16, "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640")]
    [InlineData("pleaseletmein", "SodiumChloride", 16384, 8, 1, "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887")]
    public void Scrypt_gives_the_keys_of_the_RFC(string password, string salt, int n, int r, int p, string expected)
    {
        foreach (var inPairs in (bool[])[false, ScryptPair.IsSupported])
        {
            var key = new byte[64];
            Scrypt.DeriveKey(Encoding.ASCII.GetBytes(password), Encoding.ASCII.GetBytes(salt), n, r, p, key, inPairs);
            Convert.ToHexStringLower(key).Should().Be(expected);
        }
    }

    [Theory]
    [InlineData(2, 1, 2)]
    [InlineData(64, 3, 3)]
    [InlineData(128, 8, 7)]
    public void Scrypt_in_pairs_agrees_with_one_lane_at_a_time_also_when_one_is_left_over(int n, int r, int p)
    {
        byte[] single = new byte[64], pairs = new byte[64];
        Scrypt.DeriveKey("sample"u8, "of salt"u8, n, r, p, single, inPairs: false);
        Scrypt.DeriveKey("sample"u8, "of salt"u8, n, r, p, pairs, inPairs: ScryptPair.IsSupported);
        pairs.Should().Equal(single);
    }

    [Theory]
    [InlineData(0, 8, 1)]
    [InlineData(1, 8, 1)]
    [InlineData(1000, 8, 1)]
    [InlineData(1 << 30, 8, 1)]
    [InlineData(16, 0, 1)]
    [InlineData(16, 8, 65)]
    [InlineData(long.MaxValue, long.MaxValue, 1)]
    [InlineData(1 << 20, 8, 64)]
    public void Scrypt_refuses_parameters_that_cost_too_much_or_mean_nothing(long n, long r, long p) => Scrypt.Accepts(n, r, p).Should().BeFalse();

    /// <summary>RFC 8439 section 2.5.2.</summary>
    [Fact]
    public void Poly1305_gives_the_tag_of_the_RFC()
    {
        var key = Convert.FromHexString("85d6be7857556d337f4452fe42d506a80103808afb0db2fd4abff6af4149f51b");
        var tag = new byte[16];
        Poly1305.Tag(key.AsSpan(0, 16), key.AsSpan(16), "Cryptographic Forum Research Group"u8, tag);
        Convert.ToHexStringLower(tag).Should().Be("a8061dc1305136c6c22b8baf0c0127a9");
    }

    /// <summary>RFC 8439 appendix A.3, vectors 7 to 11: the places where reduction goes wrong.</summary>
    [Theory]
    [InlineData("02000000000000000000000000000000", "00000000000000000000000000000000", "ffffffffffffffffffffffffffffffff", "03000000000000000000000000000000")]
    [InlineData("02000000000000000000000000000000", "ffffffffffffffffffffffffffffffff", "02000000000000000000000000000000", "03000000000000000000000000000000")]
    [InlineData("01000000000000000000000000000000", "00000000000000000000000000000000", "fffffffffffffffffffffffffffffffff0ffffffffffffffffffffffffffffff11000000000000000000000000000000", "05000000000000000000000000000000")]
    [InlineData("01000000000000000000000000000000", "00000000000000000000000000000000", "fffffffffffffffffffffffffffffffffbfefefefefefefefefefefefefefefe01010101010101010101010101010101", "00000000000000000000000000000000")]
    [InlineData("02000000000000000000000000000000", "00000000000000000000000000000000", "fdffffffffffffffffffffffffffffff", "faffffffffffffffffffffffffffffff")]
    public void Poly1305_reduces_at_the_edges_of_the_prime(string r, string s, string message, string expected)
    {
        var tag = new byte[16];
        Poly1305.Tag(Convert.FromHexString(r), Convert.FromHexString(s), Convert.FromHexString(message), tag);
        Convert.ToHexStringLower(tag).Should().Be(expected);
    }

    [Fact]
    public void Poly1305_in_lanes_agrees_with_one_block_at_a_time_for_every_length_and_for_extreme_bytes()
    {
        var random = new Random(20261121);
        byte[] key = new byte[32], plain = new byte[16], lanes = new byte[16];
        for (var length = 0; length < 3000; length += length % 7 + 1)
        {
            var message = new byte[length];
            random.NextBytes(key);
            if (length % 3 == 0) Array.Fill(message, (byte)0xFF); else random.NextBytes(message);
            if (length % 5 == 0) Array.Fill(key, (byte)0xFF);
            Poly1305.Tag(key.AsSpan(0, 16), key.AsSpan(16), message, plain, useVectors: false);
            Poly1305.Tag(key.AsSpan(0, 16), key.AsSpan(16), message, lanes, useVectors: Poly1305Vectors.IsSupported);
            lanes.Should().Equal(plain, "length {0}", length);
        }
    }

    /// <summary>NIST SP 800-38A, F.5.5.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void AES_in_counter_mode_gives_the_ciphertext_of_NIST(bool useInstructions)
    {
        using var cipher = new AesCtr(Convert.FromHexString("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"), useInstructions && System.Runtime.Intrinsics.X86.Aes.IsSupported);
        var data = Convert.FromHexString("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710");
        cipher.Transform(Convert.FromHexString("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"), data);
        Convert.ToHexStringLower(data).Should().Be("601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c52b0930daa23de94ce87017ba2d84988ddfc9c58db67aada613c2dd08457941a6");
    }

    [Fact]
    public void AES_with_instructions_agrees_with_the_framework_for_every_length_and_when_the_counter_carries()
    {
        var key = RandomNumberGenerator.GetBytes(32);
        using var fast = new AesCtr(key, System.Runtime.Intrinsics.X86.Aes.IsSupported);
        using var plain = new AesCtr(key, useInstructions: false);
        var iv = Convert.FromHexString("00000000000000fffffffffffffffffe");
        for (var length = 0; length < 700; length++)
        {
            var a = new byte[length];
            var b = new byte[length];
            fast.Transform(iv, a);
            plain.Transform(iv, b);
            a.Should().Equal(b, "length {0}", length);
        }
    }
}
