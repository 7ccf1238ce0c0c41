using System.Text.Json;
using BackupGuard.Agent.Config;
using BackupGuard.Agent.Drills;
using BackupGuard.Agent.Memory;
using BackupGuard.Agent.Scheduling;
using BackupGuard.Agent.Tests.Drills;
using BackupGuard.Contracts;
using BackupGuard.Verification;
using BackupGuard.Verification.Stores;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Agent.Tests.Hosting;

/// <summary>3-2-1-1-0 from what the agent remembers, and what others attest.</summary>
public sealed class CopiesOnTheCommandLine : IDisposable
{
    private readonly CommandRun agent = new();

    public CopiesOnTheCommandLine() => agent.Written($$"""
        state: {{agent.Disk["state"]}}
        sites: [principal, secours]
        datasets:
          dpi-base: { application: dpi, medium: disk, site: principal }
        repositories:
          nas:
            address: "restic:{{agent.Disk["nas"]}}"
            application: dpi
            copy: { of: dpi-base, medium: disk, site: principal }
          tape:
            address: "restic:{{agent.Disk["tape"]}}"
            application: dpi
            copy: { of: [dpi-base], medium: tape, site: secours, offline: true }
        external:
          aws: { product: aws-backup, application: dpi, tenant: "123456789012" }
        """);

    public void Dispose() => agent.Dispose();

    private string Config => agent.Disk["agent.yaml"];

    private async Task<(int ExitCode, CopiesDocument Dataset)> JudgeAsync()
    {
        var (exitCode, output, _) = await agent.InvokeAsync("copies", "--config", Config, "--format", "json");
        return (exitCode, JsonSerializer.Deserialize(output, DocumentJson.Default.CopiesReportDocument)!.Datasets.Single());
    }

    private static string[] States(CopiesDocument dataset) => [.. dataset.Requirements.Select(r => r.State)];

    private async Task VerifyAsync(string name, params Finding[] findings)
    {
        var repository = new RepositorySettings(name, "restic:" + agent.Disk[name], null, "dpi", null) { StateFolder = agent.Disk["state"] };
        var job = new VerifyJob(repository, ReadData.All, (_, _) => ValueTask.FromResult<IBackupRepository>(new SmallRepository(CommandRun.Now, ("a", "b")) { Findings = findings }), agent.Clock);
        await job.RunAsync(new JobStart("run", CommandRun.Now, CommandRun.Now, "schedule"), CancellationToken.None);
    }

    [Fact]
    public async Task Copies_at_which_nobody_looked_are_unknown_and_never_good()
    {
        var (exitCode, dataset) = await JudgeAsync();
        exitCode.Should().Be(3);
        States(dataset).Should().OnlyContain(s => s == "unknown");
        dataset.Requirements[0].Evidence.Should().OnlyContain(e => e.What == "never verified" && e.At == null);
        dataset.Findings.Select(f => f.Code).Should().BeEquivalentTo("BG4306", "BG4306", "BG4306", "BG4306", "BG4306", "BG4307");
    }

    [Fact]
    public async Task Two_proved_copies_of_which_one_was_seen_in_the_safe_meet_everything_until_a_proof_runs_out()
    {
        await VerifyAsync("nas");
        await VerifyAsync("tape");
        (await agent.InvokeAsync("copies", "seen-offline", "tape", "--config", Config, "--by", "exploitation")).ExitCode.Should().Be(0);

        var (exitCode, dataset) = await JudgeAsync();
        States(dataset).Should().OnlyContain(s => s == "met");
        exitCode.Should().Be(0);
        dataset.Copies.Single(c => c.Name == "tape").SeenOfflineBy.Should().Be("exploitation");
        agent.Spool.Entries.Select(e => (e.Type, e.Application)).Should().Equal(("copies.result", "dpi"), ("copies.result", "dpi"));

        agent.Clock.Set(CommandRun.Now.AddDays(36));
        (exitCode, dataset) = await JudgeAsync();
        (exitCode, dataset.Verdict).Should().Be((3, "inconclusive"));
        agent.Clock.Set(CommandRun.Now.AddDays(101));
        (await JudgeAsync()).Dataset.Findings.Should().Contain(f => f.Code == "BG4307" && f.Message.Contains("since 2026-11-21"));
    }

    [Fact]
    public async Task A_copy_that_failed_makes_three_of_five_missing()
    {
        await VerifyAsync("nas");
        await VerifyAsync("tape", CommonFindings.NothingThere.At("tape"));
        var (exitCode, dataset) = await JudgeAsync();
        exitCode.Should().Be(1);
        States(dataset).Should().Equal("missing", "missing", "missing", "unknown", "missing");
        dataset.Findings.Select(f => f.Code).Should().BeEquivalentTo("BG4301", "BG4302", "BG4303", "BG4305", "BG4306", "BG4307");
    }

    [Fact]
    public async Task A_copy_that_could_not_be_opened_is_remembered_as_unknown_not_as_it_was()
    {
        await VerifyAsync("nas");
        var repository = new RepositorySettings("nas", "restic:" + agent.Disk["nas"], null, "dpi", null) { StateFolder = agent.Disk["state"] };
        await new VerifyJob(repository, ReadData.All, (_, _) => throw new StoreException(StoreFailure.Denied, "", "no"), agent.Clock).RunAsync(new JobStart("r", CommandRun.Now, CommandRun.Now, "schedule"), CancellationToken.None);
        (await JudgeAsync()).Dataset.Copies.Single(c => c.Name == "nas").Verdict.Should().Be("inconclusive");
    }

    [Fact]
    public async Task A_probe_that_got_through_on_the_only_other_copy_leaves_none_held()
    {
        foreach (var name in (string[])["nas", "tape"])
        {
            await VerifyAsync(name);
            LastWords.Keep(agent.Disk["state"], "restic:" + agent.Disk[name], LastWordKind.Probed, new LastWord("exposed", CommandRun.Now, CommandRun.Now.AddDays(8), "")).Should().BeNull();
        }
        (await JudgeAsync()).Dataset.Findings.Should().Contain(f => f.Code == "BG4304");
    }

    [Fact]
    public async Task A_memory_that_somebody_changed_counts_as_never_looked_at_and_is_told()
    {
        await VerifyAsync("nas");
        string file;
        using (var memory = RepositoryMemory.Open(agent.Disk["state"], RepositoryAddress.Parse("restic:" + agent.Disk["nas"]))) file = memory.LastWord(LastWordKind.Verified);
        File.WriteAllText(file, File.ReadAllText(file).Replace("\"schema\"", "\"schema\":\"\",\"schema\"", StringComparison.Ordinal));
        var dataset = (await JudgeAsync()).Dataset;
        dataset.Findings.Should().Contain(f => f.Code == "BG4308" && f.Subject == "nas");
        dataset.Copies.Single(c => c.Name == "nas").Verdict.Should().BeNull();
    }

    [Theory]
    [InlineData("not offline by procedure", "nas", "--by", "exploitation")]
    [InlineData("names no repository", "tapes", "--by", "exploitation")]
    [InlineData("--by: name the role", "tape", "--by", " ")]
    [InlineData("--on 2026-11-22", "tape", "--by", "exploitation", "--on", "2026-11-22")]
    [InlineData("--on 2026-08-01", "tape", "--by", "exploitation", "--on", "2026-08-01")]
    [InlineData("--on soon", "tape", "--by", "exploitation", "--on", "soon")]
    public async Task A_look_that_cannot_have_been_is_refused(string says, params string[] arguments)
    {
        var (exitCode, _, error) = await agent.InvokeAsync(["copies", "seen-offline", .. arguments, "--config", Config]);
        (exitCode, error).Should().Match<(int Code, string Text)>(r => r.Code == 2 && r.Text.Contains(says));
        agent.Spool.Entries.Should().BeEmpty();
    }

    private async Task<(int ExitCode, string Output, string Error)> AttestAsync(string document, params string[] more)
    {
        File.WriteAllText(agent.Disk["jobs.json"], document);
        return await agent.InvokeAsync(["attest", agent.Disk["jobs.json"], "--config", Config, "--source", "aws", "--by", "responsable des sauvegardes", "--format", "json", .. more]);
    }

    private static string Job(string validation, string account = "123456789012") => $$"""
        {"RestoreJobs":[{"AccountId":"{{account}}","RestoreJobId":"J1","SourceResourceArn":"arn:aws:ec2:eu-west-3:{{account}}:instance/i-1","Status":"COMPLETED",
          "CreationDate":"2026-11-20T01:00:00+00:00","CompletionDate":1763683200.5 {{validation}} }]}
        """;

    [Fact]
    public async Task What_others_attest_is_recorded_under_their_name_and_never_ends_with_zero()
    {
        var (exitCode, output, error) = await AttestAsync(Job(""","ValidationStatus":"SUCCESSFUL" """).Replace("1763683200.5", "\"2026-11-20T02:00:00Z\"", StringComparison.Ordinal));
        error.Should().BeEmpty();
        exitCode.Should().Be(3, "it is no proof of ours");
        var attested = JsonSerializer.Deserialize(output, DocumentJson.Default.AttestedDocument)!;
        (attested.Claim, attested.AttestedBy, attested.Tenant, attested.Product).Should().Be(("passed", "responsable des sauvegardes", "123456789012", "aws-backup"));
        attested.ExpiresAt.Should().Be(new DateTimeOffset(2026, 11, 20, 2, 0, 0, TimeSpan.Zero).AddDays(35));
        attested.DocumentSha256.Should().Be(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(agent.Disk["jobs.json"]))));
        agent.Spool.Entries.Single().Type.Should().Be("external.attested");
    }

    [Fact]
    public async Task No_requirement_is_met_by_what_others_attest()
    {
        var before = States((await JudgeAsync()).Dataset);
        await AttestAsync(Job(""","ValidationStatus":"SUCCESSFUL" """).Replace("1763683200.5", "\"2026-11-20T02:00:00Z\"", StringComparison.Ordinal));
        States((await JudgeAsync()).Dataset).Should().Equal(before).And.OnlyContain(s => s == "unknown");
    }

    [Theory]
    [InlineData("BG4352", 3, "")]
    [InlineData("BG4350", 1, ",\"ValidationStatus\":\"FAILED\"")]
    public async Task A_success_without_a_validation_says_so_and_a_failure_fails(string code, int expected, string validation)
    {
        var (exitCode, _, error) = await AttestAsync(Job(validation));
        (exitCode, error.Contains(code)).Should().Be((expected, true));
    }

    [Fact]
    public async Task Results_of_another_tenant_are_refused_and_nothing_is_recorded()
    {
        var (exitCode, output, error) = await AttestAsync(Job(""","ValidationStatus":"SUCCESSFUL" """, "999999999999"));
        (exitCode, output, error.Contains("BG4353")).Should().Be((2, "", true));
        agent.Spool.Entries.Should().BeEmpty();
    }

    [Fact]
    public async Task While_the_service_holds_the_spool_it_is_handed_over_and_recorded_once()
    {
        agent.SpoolIsHeld = true;
        (await AttestAsync(Job(""))).Error.Should().Contain("Handed to the running service");
        (await agent.InvokeAsync("copies", "seen-offline", "tape", "--config", Config, "--by", "exploitation")).ExitCode.Should().Be(0);
        (await agent.InvokeAsync("copies", "--config", Config)).ExitCode.Should().Be(3);
        File.WriteAllText(Path.Combine(agent.Disk["state"], "inbox", "0.json"), """{"type":"drill.result","application":"dpi","payload":""}""");
        agent.SpoolIsHeld = false;
        using var stop = new CancellationTokenSource();
        var run = Task.Run(() => agent.InvokeAsync(stop.Token, "run", "--config", Config));
        SpinWait.SpinUntil(() => run.IsCompleted || File.Exists(Path.Combine(agent.Disk["state"], "inbox", "0.json.unreadable")) && !Directory.EnumerateFiles(Path.Combine(agent.Disk["state"], "inbox"), "*.json").Any(), TimeSpan.FromSeconds(30)).Should().BeTrue();
        await stop.CancelAsync();
        (await run.WaitAsync(TimeSpan.FromSeconds(30))).ExitCode.Should().Be(0);
        agent.Spool.Entries.Select(e => e.Type).Should().BeEquivalentTo("agent.start", "calendar.plan", "copies.result", "copies.result", "external.attested");
    }
}
