using System.Globalization;
using System.Text;
using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace BackupGuard.Evidence.Tests;

public class Canonical_json_tests
{
    private static string Canonical(string json) => Encoding.UTF8.GetString(CanonicalJson.Canonicalise(Encoding.UTF8.GetBytes(json)));

    // RFC 8785, appendix B: IEEE 754 bits and their text.
    [Theory]
    [InlineData("0000000000000000", "0")]
    [InlineData("8000000000000000", "0")]
    [InlineData("0000000000000001", "5e-324")]
    [InlineData("8000000000000001", "-5e-324")]
    [InlineData("7fefffffffffffff", "1.7976931348623157e+308")]
    [InlineData("ffefffffffffffff", "-1.7976931348623157e+308")]
    [InlineData("4340000000000000", "9007199254740992")]
    [InlineData("c340000000000000", "-9007199254740992")]
    [InlineData("4430000000000000", "295147905179352830000")]
    [InlineData("44b52d02c7e14af5", "9.999999999999997e+22")]
    [InlineData("44b52d02c7e14af6", "1e+23")]
    [InlineData("44b52d02c7e14af7", "1.0000000000000001e+23")]
    [InlineData("444b1ae4d6e2ef4e", "999999999999999700000")]
    [InlineData("444b1ae4d6e2ef4f", "999999999999999900000")]
    [InlineData("444b1ae4d6e2ef50", "1e+21")]
    [InlineData("3eb0c6f7a0b5ed8c", "9.999999999999997e-7")]
    [InlineData("3eb0c6f7a0b5ed8d", "0.000001")]
    [InlineData("41b3de4355555553", "333333333.3333332")]
    [InlineData("41b3de4355555554", "333333333.33333325")]
    [InlineData("41b3de4355555555", "333333333.3333333")]
    [InlineData("41b3de4355555556", "333333333.3333334")]
    [InlineData("41b3de4355555557", "333333333.33333343")]
    [InlineData("becbf647612f3696", "-0.0000033333333333333333")]
    [InlineData("43143ff3c1cb0959", "1424953923781206.2")]
    public void Numbers_are_written_as_the_RFC_lists_them(string bits, string expected) =>
        CanonicalJson.EcmaScriptNumber(BitConverter.UInt64BitsToDouble(ulong.Parse(bits, NumberStyles.HexNumber, CultureInfo.InvariantCulture))).Should().Be(expected);

    [Fact]
    public void The_example_of_the_RFC_has_its_canonical_form()
    {
        // RFC 8785, 3.2.2 and 3.2.3.
        const string input = """
            {
              "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
              "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
              "literals": [null, true, false]
            }
            """;
        Canonical(input).Should().Be("""{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}""");
    }

    [Fact]
    public void Names_are_ordered_by_UTF_16_code_units()
    {
        // RFC 8785, 3.2.3.
        const string input = """{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One","\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}""";
        var positions = new[] { "Carriage Return", "One", "Control", "Latin", "Euro", "Emoji", "Hebrew" }.Select(v => Canonical(input).IndexOf(v, StringComparison.Ordinal));
        positions.Should().BeInAscendingOrder().And.NotContain(-1);
    }

    [Theory]
    [InlineData("""{"result":"fail","result":"pass"}""")]
    [InlineData("""{"a":{"b":1,"\u0062":2}}""")]
    [InlineData("""{"a":1}x""")]
    [InlineData("""{"a":1,}""")]
    [InlineData("{'a':1}")]
    [InlineData("/* a */ 1")]
    [InlineData("""{"a":01}""")]
    [InlineData("""{"a":1e400}""")]
    [InlineData("""{"a":9007199254740993}""")]
    [InlineData("""{"a":"\ud800"}""")]
    [InlineData("""{"\udc00":1}""")]
    [InlineData("NaN")]
    [InlineData("")]
    [InlineData("\ufeff{}")]
    [InlineData("{\"a\":\"\n\"}")]
    public void What_could_be_read_in_two_ways_is_refused(string json)
    {
        var act = () => Canonical(json);
        act.Should().Throw<EvidenceException>();
        CanonicalJson.IsCanonical(Encoding.UTF8.GetBytes(json)).Should().BeFalse();
    }

    [Fact]
    public void Bytes_that_are_not_UTF_8_are_refused()
    {
        var act = () => CanonicalJson.Canonicalise("{\"a\":\"\xff\"}"u8.ToArray().Select(b => b == 0xc3 ? (byte)0xff : b).ToArray());
        act.Should().Throw<EvidenceException>().Which.Problem.Code.Should().Be("BG2001");
    }

    [Fact]
    public void Nesting_and_size_have_limits()
    {
        var tooDeep = () => Canonical(new string('[', CanonicalJson.MaxDepth + 1) + new string(']', CanonicalJson.MaxDepth + 1));
        var tooLarge = () => Canonical($"\"{new string('a', CanonicalJson.MaxBytes)}\"");
        tooDeep.Should().Throw<EvidenceException>();
        tooLarge.Should().Throw<EvidenceException>().Which.Problem.Code.Should().Be("BG2003");
        Canonical(new string('[', CanonicalJson.MaxDepth) + new string(']', CanonicalJson.MaxDepth)).Should().HaveLength(2 * CanonicalJson.MaxDepth);
    }

    [Theory]
    [InlineData("""{"a":1}""", true)]
    [InlineData("""{"a": 1}""", false)]
    [InlineData("""{"b":1,"a":2}""", false)]
    [InlineData("""{"a":1.0}""", false)]
    [InlineData("""{"a":-0}""", false)]
    [InlineData("""{"a":"\u00e9"}""", false)]
    [InlineData("""{"a":"é"}""", true)]
    public void Only_the_one_form_is_canonical(string json, bool expected) => CanonicalJson.IsCanonical(Encoding.UTF8.GetBytes(json)).Should().Be(expected);

    [Fact]
    public void Every_double_reads_back_as_itself_and_is_a_fixed_point()
    {
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(5000), Prop.ForAll<long>(bits =>
        {
            var value = BitConverter.Int64BitsToDouble(bits * 2654435761 ^ bits << 40);
            if (!double.IsFinite(value)) return true;
            var text = CanonicalJson.EcmaScriptNumber(value);
            return double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture).Equals(value == 0 ? 0 : value) && Canonical(text) == text;
        }));
    }
}
