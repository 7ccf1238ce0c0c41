using System.Globalization;
using BackupGuard.Server.Ui;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Server.Tests.Ui;

/// <summary>Numbers, durations and instants as people read them. Non-breaking spaces are written _ here.</summary>
public sealed class FormatTests
{
    [Theory]
    [InlineData(0, "0_min", "0_min")]
    [InlineData(0.2, "1_s", "1_s")]
    [InlineData(12, "12_s", "12_s")]
    [InlineData(59.5, "1_min", "1_min")]
    [InlineData(2400, "40_min", "40_min")]
    [InlineData(3600, "1_h", "1_h")]
    [InlineData(12000, "3_h_20", "3_h_20_min")]
    [InlineData(28801, "8_h_01", "8_h_01_min")]
    [InlineData(259200, "72_h", "72_h")]
    [InlineData(1036800, "12_j", "12_d")]
    public void A_measured_duration_is_never_shown_shorter_than_it_was(double seconds, string fr, string en)
    {
        Plain(Readers.French.Duration(TimeSpan.FromSeconds(seconds))).Should().Be(fr);
        Plain(Readers.English.Duration(TimeSpan.FromSeconds(seconds))).Should().Be(en);
    }

    [Theory]
    [InlineData(30, "moins d’une minute")]
    [InlineData(3599, "59_min")]
    [InlineData(12060, "3_h_21")]
    [InlineData(172799, "47_h_59")]
    [InlineData(863999, "9_j")]
    [InlineData(-863999, "9_j")]
    public void A_span_counts_what_has_gone_by(double seconds, string fr) => Plain(Readers.French.Span(TimeSpan.FromSeconds(seconds))).Should().Be(fr);

    [Theory]
    [InlineData(0, "0_o", "0_B")]
    [InlineData(999, "999_o", "999_B")]
    [InlineData(2_400_000_000, "2,4_Go", "2.4_GB")]
    [InlineData(999_999, "1_Mo", "1_MB")]
    [InlineData(long.MaxValue, "9223,4_Po", "9223.4_PB")]
    public void Bytes_have_the_unit_of_the_language(long bytes, string fr, string en)
    {
        Plain(Readers.French.Bytes(bytes)).Should().Be(fr);
        Plain(Readers.English.Bytes(bytes)).Should().Be(en);
    }

    [Theory]
    [InlineData(1, "100_%")]
    [InlineData(0.9999, "99,9_%")]
    [InlineData(0.605, "60,5_%")]
    [InlineData(0, "0_%")]
    public void A_share_is_the_whole_only_when_it_is_the_whole(double share, string fr) => Plain(Readers.French.Percent(share)).Should().Be(fr);

    [Theory]
    [InlineData("2026-11-12T07:40:00Z", "jeu._12_nov._2026, 08:40_(UTC+1)", "Thu_12_Nov_2026, 08:40_(UTC+1)")]
    [InlineData("2026-07-01T10:05:00Z", "mer._1er_juil._2026, 12:05_(UTC+2)", "Wed_1_Jul_2026, 12:05_(UTC+2)")]
    // The night of the autumn change has two 02:30: the offset tells them apart.
    [InlineData("2026-10-25T00:30:00Z", "dim._25_oct._2026, 02:30_(UTC+2)", "Sun_25_Oct_2026, 02:30_(UTC+2)")]
    [InlineData("2026-10-25T01:30:00Z", "dim._25_oct._2026, 02:30_(UTC+1)", "Sun_25_Oct_2026, 02:30_(UTC+1)")]
    public void An_instant_is_told_in_the_hospitals_own_zone(string utc, string fr, string en)
    {
        var instant = DateTimeOffset.Parse(utc, CultureInfo.InvariantCulture);
        Plain(Readers.French.Instant(instant)).Should().Be(fr);
        Plain(Readers.English.Instant(instant)).Should().Be(en);
    }

    [Theory]
    [InlineData("Indian/Reunion", "(UTC+4)")]
    [InlineData("America/Cayenne", "(UTC−3)")]
    [InlineData("Asia/Kolkata", "(UTC+5:30)")]
    [InlineData("Pacific/Marquesas", "(UTC−9:30)")]
    [InlineData("Etc/UTC", "(UTC)")]
    public void Every_offset_can_be_written(string zone, string offset) =>
        new Reader(Language.French, TimeZoneInfo.FindSystemTimeZoneById(zone)).Instant(Valmont.Now).Should().EndWith(offset);

    [Fact]
    public void Formats_do_not_depend_on_the_machine()
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("ar-SA");
            Plain(Readers.French.Instant(Valmont.Now)).Should().Be("jeu._12_nov._2026, 08:40_(UTC+1)");
            Plain(Readers.French.Number(41826)).Should().Be("41_826");
            Svg.N(2.5).Should().Be("2.5");
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Theory]
    [InlineData("/tests?page=2", true)]
    [InlineData("/", true)]
    [InlineData("//ailleurs.example", false)]
    [InlineData("/\\ailleurs.example", false)]
    [InlineData("https://ailleurs.example", false)]
    [InlineData("/a\r\nb", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void Only_pages_of_this_site_are_gone_back_to(string? url, bool local) => Urls.IsLocal(url).Should().Be(local);

    [Theory]
    [InlineData("photo\u202egpj.exe", "photo\\u202egpj.exe")]
    [InlineData("a\u0000b\u001b[31m", "a\\u0000b\\u001b[31m")]
    [InlineData("ligne\nsuite", "ligne\nsuite")]
    public void Hidden_characters_are_written_out(string text, string visible) => SafeText.Visible(text).Should().Be(visible);

    private static string Plain(string text) => text.Replace('\u00a0', '_').Replace('\u202f', '_');
}
