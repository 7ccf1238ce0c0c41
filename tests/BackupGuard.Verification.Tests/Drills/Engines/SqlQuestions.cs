using BackupGuard.Verification.Drills;
using BackupGuard.Verification.Drills.Engines.Sql;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Verification.Tests.Drills.Engines;

public sealed class SqlQuestions
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 2, 0, 0, TimeSpan.Zero);
    private static readonly TimeZoneInfo Paris = TimeZoneInfo.FindSystemTimeZoneById("Europe/Paris");

    private static SqlRelation Relation(string text) => SqlRelation.TryParse(text, out var relation, out var refusal) ? relation : throw new ArgumentException(refusal);
    private static SqlProbe Probe(string expect) => new("select count(*) from patient", Relation(expect), new SqlPlace(null, null), TimeSpan.FromMinutes(1), null);
    private static NewestDateProbe Newest(TimeZoneInfo? zone = null) => new("select max(at) from stay", TimeSpan.FromHours(26), zone, new SqlPlace(null, null), TimeSpan.FromMinutes(1), null);

    private static async Task<ProbeAnswer> AskAsync(SqlQuestion probe, FakeService? service, double? last = null)
    {
        var scene = new ProbeScene(Now, new FakeFiles(), 1, 1) { LastProved = (name, measure) => (name, measure) == (probe.Name, SqlProbes.Value) ? last : null };
        if (service is not null) scene.Services.Add("postgres", service, () => ValueTask.CompletedTask);
        return await new SqlProbes().RunAsync(probe, scene, default);
    }

    private static Task<ProbeAnswer> AskAsync(SqlQuestion probe, string? value, double? last = null) => AskAsync(probe, new FakeService(SqlAnswer.Of([[value]])), last);

    [Theory]
    [InlineData("= 5", "5", true)]
    [InlineData("= 5", "5.0", true)]
    [InlineData("= 5", "6", false)]
    [InlineData("!= 5", "6", true)]
    [InlineData(">= 100000", "100000", true)]
    [InlineData(">= 100000", "99999", false)]
    [InlineData("> 1", "1", false)]
    [InlineData("<= -1.5", "-1.5", true)]
    [InlineData("< 0", "0", false)]
    [InlineData("between 10 and 20", "20", true)]
    [InlineData("between 10 and 20", "9.99", false)]
    public async Task A_number_stands_in_a_relation_or_not(string expect, string value, bool holds)
    {
        var answer = await AskAsync(Probe(expect), value);
        answer.Verdict.Should().Be(holds ? Verdict.Proved : Verdict.Failed);
        answer.Measures.Should().ContainKey(SqlProbes.Value);
    }

    [Theory]
    [InlineData(98, Verdict.Proved)]
    [InlineData(102, Verdict.Proved)]
    [InlineData(97, Verdict.Failed)]
    [InlineData(103, Verdict.Failed)]
    [InlineData(0, Verdict.Failed)]
    public async Task Within_goes_by_the_last_proved_drill(int value, Verdict verdict) =>
        (await AskAsync(Probe("within 2 % of the last proved drill"), $"{value}", last: 100)).Verdict.Should().Be(verdict);

    [Fact]
    public async Task The_first_value_is_the_base_and_says_so_but_zero_never_is()
    {
        var probe = Probe("within 2 % of the last proved drill");
        var first = await AskAsync(probe, "100");
        first.Verdict.Should().Be(Verdict.Proved);
        first.Detail.English.Should().Contain("no drill was proved before");
        (await AskAsync(probe, "0")).Verdict.Should().Be(Verdict.Failed);
        (await AskAsync(probe, "0", last: 0)).Verdict.Should().Be(Verdict.Failed);
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("= x")]
    [InlineData("= 1e9")]
    [InlineData("=> 5")]
    [InlineData("between 20 and 10")]
    [InlineData("within 100 % of the last proved drill")]
    [InlineData("within -1 % of the last proved drill")]
    [InlineData("within 2 %")]
    [InlineData("= 5; drop")]
    public void What_is_no_relation_is_refused(string text) => SqlRelation.TryParse(text, out _, out var refusal).Should().BeFalse(refusal);

    [Fact]
    public async Task No_row_and_NULL_are_failures_and_more_than_one_value_cannot_be_judged()
    {
        (await AskAsync(Probe("= 0"), new FakeService(SqlAnswer.Of([])))).Verdict.Should().Be(Verdict.Failed);
        (await AskAsync(Probe("= 0"), (string?)null)).Verdict.Should().Be(Verdict.Failed);
        (await AskAsync(Probe("= 0"), new FakeService(SqlAnswer.Of([["0"], ["0"]])))).Verdict.Should().Be(Verdict.Inconclusive);
        (await AskAsync(Probe("= 0"), new FakeService(SqlAnswer.Of([["0", "0"]])))).Verdict.Should().Be(Verdict.Inconclusive);
        var name = await AskAsync(Probe("= 0"), "Dupont");
        name.Verdict.Should().Be(Verdict.Inconclusive);
        name.Detail.English.Should().NotContain("Dupont", "it may be a patient");
        (await AskAsync(Probe("= 0"), service: null)).Verdict.Should().Be(Verdict.Inconclusive);
    }

    [Theory]
    [InlineData("2026-11-21 03:00:00+00", Verdict.Proved, 23)]
    [InlineData("2026-11-21T03:00:00Z", Verdict.Proved, 23)]
    [InlineData("2026-11-21 04:00:00.123456+01", Verdict.Proved, 23)]
    [InlineData("2026-11-20 23:00:00+00:00", Verdict.Failed, 27)]
    [InlineData("2026-11-22 02:00:01+00", Verdict.Inconclusive, null)]
    [InlineData("2027-01-01 00:00:00+00", Verdict.Inconclusive, null)]
    [InlineData("infinity", Verdict.Inconclusive, null)]
    [InlineData("2026-11-21 03:00:00", Verdict.Inconclusive, null)]
    public async Task The_newest_date_measures_the_age_of_the_data(string value, Verdict verdict, int? hours)
    {
        var answer = await AskAsync(Newest(), value);
        answer.Verdict.Should().Be(verdict, answer.Detail.English);
        (Now - answer.NewestData)?.TotalHours.Should().BeApproximately(hours!.Value, 0.01);
        answer.NewestData.HasValue.Should().Be(hours is not null);
    }

    [Theory]
    [InlineData("2026-11-21 04:00:00", 23)]
    [InlineData("2026-11-21 04:00", 23)]
    [InlineData("2026-11-22", 3)]
    public async Task A_date_without_an_offset_is_read_in_the_zone_that_was_named(string value, int hours)
    {
        var answer = await AskAsync(Newest(Paris), value);
        (Now - answer.NewestData!.Value).TotalHours.Should().BeApproximately(hours, 0.01);
    }

    [Fact]
    public void The_hour_that_comes_twice_is_taken_for_the_earlier_one() =>
        BusinessDate.Parse("2026-10-25 02:30:00", Paris, out _).Should().Be(new DateTimeOffset(2026, 10, 25, 0, 30, 0, TimeSpan.Zero), "data must not seem younger than they are");

    [Fact]
    public async Task What_an_empty_table_answers_well_is_spoiled_by_dropping_it()
    {
        var service = new FakeService(SqlAnswer.Of([["0"]]));
        var scene = new ProbeScene(Now, new FakeFiles(), 1, 1);
        scene.Services.Add("postgres", service, () => ValueTask.CompletedTask);
        var runner = new SqlProbes();
        (await runner.SpoilAsync(Probe("= 0"), scene, default))!.Value.English.Should().Be("every table dropped");
        (await runner.RunAsync(Probe("= 0"), scene, default)).Verdict.Should().Be(Verdict.Failed);
        (await runner.SpoilAsync(Probe("= 5"), scene, default))!.Value.English.Should().Be("every table emptied");
        (await runner.SpoilAsync(Probe("= 5") with { Place = new SqlPlace("other", null) }, scene, default)).Should().BeNull();
    }

    [Fact]
    public void Two_long_questions_do_not_share_a_name_and_every_part_changes_the_definition()
    {
        var beginning = "select " + new string('a', 100);
        (Probe("= 5") with { Query = beginning + "1" }).Name.Should().NotBe((Probe("= 5") with { Query = beginning + "2" }).Name);
        (Probe("= 5") with { Label = "patients", Place = new SqlPlace("postgres", "dpi") }).Name.Should().Be("sql patients in postgres/dpi");
        string Hash(Probe probe) => new DrillPlan("n", "a", "r", SnapshotRule.Latest, [probe]).DefinitionHash;
        new[] { Probe("= 5"), Probe("= 6"), Probe("= 5") with { Query = "select 1" }, Probe("= 5") with { Place = new SqlPlace("p", null) }, Probe("= 5") with { Timeout = TimeSpan.FromMinutes(2) } }.Select(Hash).Should().OnlyHaveUniqueItems();
        new Probe[] { Newest(), Newest(Paris), Newest() with { MaxAge = TimeSpan.FromHours(1) } }.Select(Hash).Should().OnlyHaveUniqueItems();
    }

    private sealed class FakeService(SqlAnswer answer) : ISqlService
    {
        private bool _dropped;

        public Task<SqlAnswer> AskAsync(string? database, string query, TimeSpan timeout, CancellationToken cancellationToken) => Task.FromResult(_dropped ? SqlAnswer.Not(Verdict.Failed, new("gone", "parti")) : answer);
        public Task EmptyAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task DropAsync(CancellationToken cancellationToken)
        {
            _dropped = true;
            return Task.CompletedTask;
        }
    }
}
