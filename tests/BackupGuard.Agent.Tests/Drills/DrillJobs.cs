using System.Text.Json;
using BackupGuard.Agent.Config;
using BackupGuard.Agent.Drills;
using BackupGuard.Agent.Scheduling;
using BackupGuard.Agent.Tests.Scheduling;
using BackupGuard.Contracts;
using BackupGuard.Verification;
using BackupGuard.Verification.Drills;
using BackupGuard.Verification.Stores;
using FluentAssertions;
using Xunit;
using Calendar = BackupGuard.Agent.Scheduling.Calendar;

namespace BackupGuard.Agent.Tests.Drills;

public sealed class DrillJobs : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 2, 0, 0, TimeSpan.Zero);
    private readonly TestFolder _disk = new();
    private readonly FakeSpool _spool = new();
    private readonly RepositorySettings _repository = new("dpi", "restic:/srv/backup", null, "dpi", null);

    public void Dispose() => _disk.Dispose();

    private static Calendar Weekly => Calendar.TryCreate("0 3 * * 0", "Europe/Paris", out var calendar, out _) ? calendar! : throw new InvalidOperationException();

    private DrillJob Job(IBackupRepository repository, params Probe[] probes) => new(
        new DrillSettings(_repository, new DrillPlan("dpi-weekly", "dpi", _repository.Address, SnapshotRule.Latest, probes), Weekly, new SandboxSettings(_disk["sandbox"], null, OwnsFiles: false)), (_, _) => ValueTask.FromResult(repository), folder => new PlainTarget(folder), new TestClock(Now), null);

    private async Task<DrillDocument> RunAsync(DrillJob job, CancellationToken token = default)
    {
        var runs = new JobRuns(ScheduleState.Open(_disk["schedule.json"], out _), _spool, _spool, new TestClock(Now));
        return JsonSerializer.Deserialize(await runs.RunAsync(job, "", Now, "schedule", isRepeat: false, token), DocumentJson.Default.DrillDocument)!;
    }

    private static readonly SmallRepository Good = new(Now - TimeSpan.FromHours(5), ("data/base.dump", "patients"), ("index", "1"));

    [Fact]
    public async Task A_drill_on_disk_is_proved_recorded_and_leaves_nothing()
    {
        var job = Job(Good, new CountProbe(2, 2, 9, 9), new CommandProbe(["/bin/grep", "-q", "patients", "data/base.dump"], 0, TimeSpan.FromMinutes(1), null));
        var document = await RunAsync(job);

        document.Verdict.Should().Be("proved");
        document.MeasuredRpoSeconds.Should().Be(5 * 3600);
        document.MeasuredRtoSeconds.Should().NotBeNull();
        (document.Drill, document.Application, document.Repository, document.StartedBy, document.Files, document.Bytes, document.CleanedUp).Should().Be(("dpi-weekly", "dpi", "restic:/srv/backup", "schedule", 2, 9, true));
        document.DefinitionHash.Should().HaveLength(64);
        document.Steps.Select(s => s.Kind).Should().Equal("restore", "probe", "probe", "cleanup");
        document.Steps.Should().OnlyContain(s => s.Verdict == "proved" && s.Detail.Length > 0 && s.DetailFr.Length > 0);
        _spool.Entries.Select(e => (e.Type, e.Application, e.Intent)).Should().Equal(("drill.intent", "dpi", null), ("drill.result", "dpi", 1));
        _spool.Entries[0].Payload.Should().Contain(document.DefinitionHash).And.Contain("dpi-weekly");
        Directory.EnumerateFileSystemEntries(_disk["sandbox"]).Should().BeEmpty();
    }

    [Fact]
    public async Task A_result_too_large_for_one_entry_keeps_the_worst_findings_and_says_that_it_was_shortened()
    {
        var document = await RunAsync(Job(Good, new CountProbe(2, 2, 9, 9)));
        FindingDocument Of(string severity, int i) => new("BG1206", severity, $"f{i}", "m", "r") { MessageFr = "m", RemedyFr = "r" };
        var payload = ResultDocuments.Payload(document with { Findings = [.. Enumerable.Range(0, 2000).Select(i => Of("info", i)), Of("error", 2000)] });
        payload.Length.Should().BeLessThanOrEqualTo(ResultDocuments.LargestPayloadBytes);
        var text = System.Text.Encoding.UTF8.GetString(payload);
        text.Should().Contain("BG1501").And.Contain("f2000", "an error outweighs the notes");
    }

    [Fact]
    public async Task A_restored_program_that_gives_the_wrong_answer_fails_the_drill()
    {
        var document = await RunAsync(Job(Good, new CommandProbe(["/bin/grep", "-q", "doctors", "data/base.dump"], 0, TimeSpan.FromMinutes(1), null)));
        document.Verdict.Should().Be("failed");
        document.Findings.Single().Should().Match<FindingDocument>(f => f.Code == "BG1402" && f.Severity == "error" && f.Message.Contains("exit code 1") && f.MessageFr.Contains("code de sortie 1"));
    }

    [Fact]
    public async Task A_cancelled_drill_is_recorded_as_unknown_and_cleaned_up()
    {
        using var stop = new CancellationTokenSource();
        var repository = new SmallRepository(Now, ("a", "b")) { Meanwhile = async token => { await stop.CancelAsync(); token.ThrowIfCancellationRequested(); } };
        var document = await RunAsync(Job(repository, new CountProbe(1, null, null, null)), stop.Token);
        document.Verdict.Should().Be("inconclusive");
        document.CleanedUp.Should().BeTrue();
        Directory.EnumerateFileSystemEntries(_disk["sandbox"]).Should().BeEmpty();
        _spool.Entries[^1].Type.Should().Be("drill.result");
    }

    [Fact]
    public async Task A_result_with_endless_findings_fits_and_says_what_was_left_out()
    {
        var many = Enumerable.Range(0, 5000).Select(i => CommonFindings.Unexpected.At($"file-{i}")).Append(CommonFindings.NameRefused.At("../x", ("reason", "no"))).ToList();
        var document = await RunAsync(Job(new SmallRepository(Now, ("a", "b")) { Findings = many }, new CountProbe(1, null, null, null)));
        _spool.Entries[1].Payload.Length.Should().BeLessThanOrEqualTo(48 * 1024);
        document.Verdict.Should().Be("failed");
        document.Findings[0].Code.Should().Be("BG1302", "the worst stays");
        document.Findings[^1].Message.Should().Be($"{5001 - (document.Findings.Count - 1)} more findings and 0 snapshots were left out of this record.");
    }

    [Fact]
    public async Task A_verification_leaves_the_same_trail()
    {
        var job = new VerifyJob(_repository, ReadData.All, (_, _) => ValueTask.FromResult<IBackupRepository>(Good), new TestClock(Now));
        var runs = new JobRuns(ScheduleState.Open(_disk["schedule.json"], out _), _spool, _spool, new TestClock(Now));
        var document = JsonSerializer.Deserialize(await runs.RunAsync(job, "", Now, "schedule", isRepeat: false, default), DocumentJson.Default.VerifyDocument)!;
        (document.Verdict, document.RepositoryId, document.Coverage, document.Repository).Should().Be(("proved", "f00d", 1, "restic:/srv/backup"));
        _spool.Entries.Select(e => e.Type).Should().Equal("verify.intent", "verify.result");
    }

    [Fact]
    public async Task A_repository_that_cannot_be_opened_is_unknown_not_bad()
    {
        var job = new VerifyJob(_repository, ReadData.All, (_, _) => throw new StoreException(StoreFailure.Denied, "", "permission denied"), new TestClock(Now));
        var payload = await job.RunAsync(new JobStart("r", Now, Now, "schedule"), default);
        var document = JsonSerializer.Deserialize(payload, DocumentJson.Default.VerifyDocument)!;
        document.Verdict.Should().Be("inconclusive");
        document.Findings.Single().Code.Should().Be("BG1408");
    }

    [Fact]
    public async Task A_cancelled_verification_is_unknown()
    {
        using var stop = new CancellationTokenSource();
        var repository = new SmallRepository(Now) { Meanwhile = async token => { await stop.CancelAsync(); token.ThrowIfCancellationRequested(); } };
        var payload = await new VerifyJob(_repository, ReadData.All, (_, _) => ValueTask.FromResult<IBackupRepository>(repository), new TestClock(Now)).RunAsync(new JobStart("r", Now, Now, "schedule"), stop.Token);
        JsonSerializer.Deserialize(payload, DocumentJson.Default.VerifyDocument)!.Verdict.Should().Be("inconclusive");
    }
}
