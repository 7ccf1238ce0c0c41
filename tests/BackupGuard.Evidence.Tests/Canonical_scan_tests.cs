using System.Globalization;
using System.Text;
using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace BackupGuard.Evidence.Tests;

/// <summary>The fast look at canonical form may say "not sure"; it must never call canonical what the slow one would write in another way.</summary>
public class Canonical_scan_tests
{
    private const int Documents = 20_000;

    [Theory]
    [InlineData("""{"a":1,"b":[true,false,null,{}],"c":{"d":"é\n\u0007\u001f\"\\"}}""")]
    [InlineData("""{"coverage":0.75,"zero":0,"minus":-12.5,"big":123456789012345}""", false)]
    [InlineData("""{"big":123456789012345,"coverage":0.75,"minus":-12.5,"zero":0}""")]
    [InlineData("\"text\"")]
    [InlineData("[]")]
    public void What_entries_are_made_of_is_called_canonical(string json, bool expected = true) =>
        CanonicalScan.IsCanonical(Encoding.UTF8.GetBytes(json)).Should().Be(expected);

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{} ")]
    [InlineData(" {}")]
    [InlineData("""{"a":1,}""")]
    [InlineData("""{"a": 1}""")]
    [InlineData("""{"b":1,"a":1}""")]
    [InlineData("""{"a":1,"a":1}""")]
    [InlineData("""{"a":01}""")]
    [InlineData("""{"a":-0}""")]
    [InlineData("""{"a":1.0}""")]
    [InlineData("""{"a":0.50}""")]
    [InlineData("""{"a":1e3}""")]
    [InlineData("""{"a":1.}""")]
    [InlineData("""{"a":.5}""")]
    [InlineData("""{"a":+1}""")]
    [InlineData("""{"a":NaN}""")]
    [InlineData("""{"a":12345678901234567890}""")]
    [InlineData("""{"a":"\u0041"}""")]
    [InlineData("""{"a":"\u000A"}""")]
    [InlineData("""{"a":"\u000a"}""")]
    [InlineData("""{"a":"\u0008"}""")]
    [InlineData("""{"a":"\u001F"}""")]
    [InlineData("""{"a":"\u0020"}""")]
    [InlineData("""{"a":"\/"}""")]
    [InlineData("""{"a":"\ud800"}""")]
    [InlineData("""{"\u0061":1}""")]
    [InlineData("{\"a\":\"\u0001\"}")]
    [InlineData("""{"a":tru}""")]
    [InlineData("""{"a":1}{"b":1}""")]
    [InlineData("""{"a" 1}""")]
    [InlineData("""["a","b",]""")]
    [InlineData("""["a""")]
    public void What_is_not_canonical_is_not_called_so(string json) => CanonicalScan.IsCanonical(Encoding.UTF8.GetBytes(json)).Should().BeFalse();

    [Fact]
    public void Bytes_that_are_no_text_and_nesting_beyond_the_limit_are_not_called_canonical()
    {
        CanonicalScan.IsCanonical([(byte)'"', 0xC3, (byte)'"']).Should().BeFalse();
        CanonicalScan.IsCanonical([(byte)'"', 0xED, 0xA0, 0x80, (byte)'"']).Should().BeFalse("half of a surrogate pair is no UTF-8");
        CanonicalScan.IsCanonical(Encoding.UTF8.GetBytes(Nested(CanonicalJson.MaxDepth))).Should().BeTrue();
        CanonicalJson.IsCanonical(Encoding.UTF8.GetBytes(Nested(CanonicalJson.MaxDepth))).Should().BeTrue();
        CanonicalScan.IsCanonical(Encoding.UTF8.GetBytes(Nested(CanonicalJson.MaxDepth + 1))).Should().BeFalse();

        static string Nested(int depth) => new string('[', depth) + new string(']', depth);
    }

    [Fact]
    public void It_never_calls_canonical_what_the_slow_way_writes_otherwise()
    {
        var random = new Random(8785);
        var (sure, changed) = (0, 0);
        for (var i = 0; i < Documents; i++)
        {
            var canonical = CanonicalJson.Canonicalise(Encoding.UTF8.GetBytes(Value(random, 0)));
            var bytes = Mutated(canonical, random);
            changed += bytes.AsSpan().SequenceEqual(canonical) ? 0 : 1;
            if (CanonicalScan.IsCanonical(bytes))
            {
                sure++;
                CanonicalJson.IsCanonical(bytes).Should().BeTrue(Encoding.UTF8.GetString(bytes));
            }
        }
        sure.Should().BeInRange(Documents / 4, Documents * 9 / 10, "both answers must be common, or this shows nothing");
        changed.Should().BeGreaterThan(Documents / 4);
    }

    [Fact]
    public void Whatever_string_is_written_canonically_is_known_as_a_value() =>
        Prop.ForAll<string>(text => text is null || !text.IsNormalizedUtf16() || CanonicalScan.IsCanonical(CanonicalJson.Canonicalise(Quoted(text)))).QuickCheckThrowOnFailure();

    private static byte[] Quoted(string text) => System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(text);

    private static byte[] Mutated(byte[] canonical, Random random)
    {
        var bytes = canonical.ToArray();
        switch (random.Next(4))
        {
            case 0:
                bytes[random.Next(bytes.Length)] = (byte)"0123456789-.eE\"\\,:{}[] aAzu\u0001"[random.Next(28)];
                return bytes;
            case 1:
                return [.. bytes[..random.Next(bytes.Length + 1)], (byte)" 0,\"\\}"[random.Next(6)], .. bytes[random.Next(bytes.Length)..]];
            default:
                return bytes;
        }
    }

    private static string Value(Random random, int depth) => random.Next(depth > 3 ? 5 : 7) switch
    {
        0 => "null",
        1 => random.Next(2) == 0 ? "true" : "false",
        2 => random.NextInt64(-1_000_000_000_000_000, 1_000_000_000_000_000).ToString(CultureInfo.InvariantCulture),
        3 => (random.NextDouble() * Math.Pow(10, random.Next(-8, 24))).ToString("R", CultureInfo.InvariantCulture).Replace("E+", "e+", StringComparison.Ordinal),
        4 => Encoding.UTF8.GetString(Quoted(Text(random))),
        5 => "[" + string.Join(",", Enumerable.Range(0, random.Next(4)).Select(_ => Value(random, depth + 1))) + "]",
        _ => "{" + string.Join(",", Enumerable.Range(0, random.Next(4)).Select(i => $"\"{(random.Next(8) == 0 ? "é" : "")}k{random.Next(1000)}-{i}\":{Value(random, depth + 1)}")) + "}",
    };

    private static string Text(Random random) => string.Concat(Enumerable.Range(0, random.Next(8)).Select(_ => "ab\"\\/\n\r\t\b\f\u0001\u001f\u007fé€"[random.Next(15)]));
}

internal static class Utf16
{
    /// <summary>Whether every surrogate has its other half: JSON text cannot hold the others.</summary>
    public static bool IsNormalizedUtf16(this string text) => !text.Any(char.IsSurrogate);
}
