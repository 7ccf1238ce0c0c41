using System.Diagnostics;
using BackupGuard.Continuity.Catalogue;
using BackupGuard.Continuity.Definitions;
using BackupGuard.Continuity.Exercises;
using BackupGuard.Continuity.Obligations;
using BackupGuard.Continuity.Runbooks;
using BackupGuard.Continuity.Runs;
using BackupGuard.Continuity.Tests.Runbooks;
using FluentAssertions;
using Xunit;
using static BackupGuard.Continuity.Tests.Runs.RunBench;

namespace BackupGuard.Continuity.Tests.Runs;

/// <summary>What a file or a form may hold and nobody should have to think of at three in the morning.</summary>
public class BadInputTests
{
    private static readonly Dictionary<string, Func<string, IReadOnlyList<DefinitionIssue>>> Readers = new(StringComparer.Ordinal)
    {
        ["runbook"] = t => RunDefinition.Pin(t, "f.yaml").Issues,
        ["scenario"] = t => ScenarioFile.Parse(t, "f.yaml").Issues,
        ["exercise"] = t => ExerciseFile.Parse(t, "f.yaml").Issues,
        ["obligations"] = t => ObligationFile.Parse(t, "f.yaml").Issues,
        ["catalogue"] = t => CatalogueFile.Parse(t, "f.yaml").Issues,
        ["objectives"] = t => ObjectivesFile.Parse(t, "f.yaml").Issues,
    };

    public static TheoryData<string, string, string> Bad()
    {
        var deep = string.Concat(Enumerable.Range(0, 60).Select(i => new string(' ', i) + "a:\n"));
        (string Text, string Code)[] texts =
        [
            ("a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n", "BG3003"),
            ("a: *a\n", "BG3003"),
            ("a: !!python/object:os.system x\n", "BG3003"),
            ("a: !local x\n", "BG3003"),
            ("b: { c: 1 }\na: { <<: { c: 2 } }\n", "BG3003"),
            ("id: a\nid: b\n", "BG3005"),
            ("on: a\non: b\n", "BG3005"),
            ("a: b\n---\na: b\n", "BG3003"),
            (deep, "BG3002"),
            ("a: " + new string('[', 5000), "BG3002"),
            ("a: \0\n", "BG3001"),
            ("? [a, b]\n: c\n", "BG3004"),
            ("", "BG3001"),
            ("a: \"" + new string('x', 5 * 1024 * 1024) + "\"\n", "BG3002"),
        ];
        var data = new TheoryData<string, string, string>();
        foreach (var reader in Readers.Keys)
        {
            foreach (var (text, code) in texts)
            {
                data.Add(reader, text.Length > 200 ? $"{text[..40]}… {text.Length}" : text, code);
                Long[$"{text[..Math.Min(40, text.Length)]}… {text.Length}"] = text;
            }
        }

        return data;
    }

    // Texts of megabytes are not names of tests.
    private static readonly Dictionary<string, string> Long = new(StringComparer.Ordinal);

    [Theory]
    [MemberData(nameof(Bad))]
    public void Every_reader_refuses_it_at_once_with_a_sentence_in_both_languages(string reader, string text, string code)
    {
        var watch = Stopwatch.StartNew();

        var issues = Readers[reader](Long.GetValueOrDefault(text, text));

        issues.Should().Contain(i => i.Code == code).And.OnlyContain(i => i.Fr != "" && i.En != "" && i.Line >= 1 && i.Column >= 1);
        watch.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void A_line_of_a_megabyte_in_a_place_for_a_line_is_an_issue_and_is_not_repeated_in_the_message()
    {
        var issues = RunDefinition.Pin(RunbookFileTests.Small.Replace("fr: Isoler", "fr: " + new string('x', 1024 * 1024), StringComparison.Ordinal), "f.yaml").Issues;

        issues.Should().NotBeEmpty().And.OnlyContain(i => i.Fr.Length < 1000 && i.En.Length < 1000);
    }

    [Fact]
    public void A_mark_at_the_beginning_and_line_ends_of_windows_change_nothing_not_even_the_hash()
    {
        var plain = RunDefinition.Pin(RunbookFileTests.Small, "f.yaml").Value!;
        var windows = RunDefinition.Pin("\ufeff" + RunbookFileTests.Small.Replace("\n", "\r\n", StringComparison.Ordinal), "f.yaml").Value!;

        windows.Sha256.Should().Be(plain.Sha256);
    }

    [Fact]
    public void Ten_thousand_steps_with_their_roll_backs_are_seen_as_fast_as_ten_times_a_thousand()
    {
        TimeSpan Time(int steps)
        {
            var lines = Enumerable.Range(0, steps).Select(i =>
                $"  - {{ id: s{i}, in: confinement, kind: manual, role: technicien, title: {{ fr: S }}, needs: [isoler], onFailure: {{ rollback: [r{i}] }} }}\n" +
                $"  - {{ id: r{i}, in: confinement, kind: manual, role: technicien, title: {{ fr: R }}, compensation: true }}");
            var pinned = RunDefinition.Pin(RunbookFileTests.Small + "\n" + string.Join("\n", lines), "f.yaml").Value!;
            var state = ((RunDecision.Accepted)RunEngine.Decide(pinned, RunState.Fold([]), new StartRun(RunMode.Exercise) { RunId = "r1", CommandId = "s", Actor = Anne, Now = DateTimeOffset.UnixEpoch })).Events;
            var run = RunState.Fold(state);
            var watch = Stopwatch.StartNew();
            StepViews.All(pinned.Runbook, run, DateTimeOffset.UnixEpoch).Should().HaveCount(2 * steps + 2);
            return watch.Elapsed;
        }

        Time(100);

        Time(5_000).Should().BeLessThan(TimeSpan.FromSeconds(1));
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("a\0b")]
    [InlineData("a b")]
    [InlineData("..")]
    [InlineData("é")]
    public void A_run_has_an_id_that_can_stand_in_an_address(string id)
    {
        var bench = new RunBench(RunbookFileTests.Small, start: false);

        bench.No(new StartRun(RunMode.Exercise) { RunId = id, CommandId = "s", Actor = Anne, Now = bench.Now }).Should().Equal("BG3204");
        var run = new RunBench(RunbookFileTests.Small);
        run.No(run.In((c, now) => new AddModule(id, "autre", "1.0.0", "00", "", "Motif") { RunId = "r1", CommandId = c, Actor = Anne, Now = now })).Should().Equal("BG3204");
    }

    [Theory]
    [InlineData("9999-12-31T23:59Z")]
    [InlineData("0001-01-01T00:00Z")]
    public void An_hour_of_no_century_of_ours_is_refused_and_one_in_an_old_journal_stops_no_page(string hour)
    {
        var bench = new RunBench(RunbookFileTests.Small.Replace("type: truth }", "type: truth }\n  depuis: { label: { fr: Depuis }, type: datetime }", StringComparison.Ordinal)
            .Replace("card: 1,", "card: 1, deadline: { from: facts.depuis, within: PT4H },", StringComparison.Ordinal));

        bench.No(bench.In((id, now) => new SetFact("depuis", hour) { RunId = "r1", CommandId = id, Actor = Anne, Now = now })).Should().Contain("BG3251");
        var old = bench.State.Then([new FactSet("depuis", hour, "") { RunId = "r1", Seq = bench.State.Seq + 1, CommandId = "old", Actor = Anne, OccurredAt = bench.Now, RecordedAt = bench.Now }]);

        StepViews.All(bench.Pinned.Runbook, old, bench.Now).Should().Contain(v => v.DueAt != null);
        Deadlines.Open(bench.Pinned.Runbook, old, bench.Now).Should().ContainSingle(d => d.Subject == "isoler");
    }

    [Fact]
    public void When_the_clock_steps_back_the_journal_keeps_its_order_and_what_was_late_is_not_said_twice()
    {
        var bench = new RunBench(RunbookFileTests.Small.Replace("card: 1,", "card: 1, deadline: { from: lifecycle.crise.entered, within: PT1H },", StringComparison.Ordinal));
        RaiseDeadlines Tick() => bench.In((id, now) => new RaiseDeadlines([]) { RunId = "r1", CommandId = id, Actor = Anne, Now = now });
        bench.Now += TimeSpan.FromHours(2);
        bench.Ok(Tick()).Should().ContainSingle();

        bench.Now -= TimeSpan.FromHours(5);
        bench.Ok(Tick()).Should().BeEmpty();
        bench.View("isoler").Overdue.Should().BeFalse();
        bench.Ok(bench.By(bench.Take("isoler"), Anne, "technicien"));
        bench.Ok(bench.By(bench.Done("isoler"), Anne, "technicien"));
        bench.Now += TimeSpan.FromHours(5);
        bench.Ok(Tick()).Should().BeEmpty();

        bench.Journal.Select(e => e.Seq).Should().BeInAscendingOrder().And.OnlyHaveUniqueItems();
        Snapshot(RunState.Fold(bench.Journal)).Should().Be(Snapshot(bench.State));
    }
}
