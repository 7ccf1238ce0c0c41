using System.Text.Json;
using BackupGuard.Agent.Config;
using BackupGuard.Agent.Drills;
using BackupGuard.Agent.Memory;
using BackupGuard.Agent.Scheduling;
using BackupGuard.Agent.Stores;
using BackupGuard.Agent.Tests.Stores.S3;
using BackupGuard.Contracts;
using BackupGuard.Verification.Stores;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Agent.Tests.Drills;

/// <summary>The probe as a job of the agent: what it remembers, what it records, and what keeps it from trying.</summary>
public sealed class ProbeJobs : IAsyncLifetime
{
    private readonly TestFolder disk = new();
    private readonly HastyClock clock = new(DateTimeOffset.UtcNow);
    private FakeLockS3 server = null!;

    public async Task InitializeAsync()
    {
        server = await FakeLockS3.StartAsync(clock);
        server.Put("backups/dpi/config");
    }

    public async Task DisposeAsync()
    {
        disk.Dispose();
        await server.DisposeAsync();
    }

    private RepositorySettings Repository => new("dpi", "restic:" + server.Location, null, "dpi", null) { StateFolder = disk["state"], Store = new StoreSettings { CredentialsFile = Buckets.Credentials(disk, "READER", "sample-secret") } };

    private string Memory
    {
        get
        {
            using var folder = RepositoryMemory.Open(disk["state"], RepositoryAddress.Parse(Repository.Address));
            return folder.Probe;
        }
    }

    private async Task<ProbeDocument> RunAsync(TimeSpan wait, bool accept = false, params string[] approvedBy)
    {
        var settings = new LockProbeSettings(Buckets.Credentials(disk, "WRITER", "sample-secret"), null, LockMode.Compliance, TimeSpan.FromDays(7), TimeSpan.FromMinutes(15), TimeSpan.FromDays(44),
            approvedBy is [] ? ["Anne Martin", "Luc Petit"] : approvedBy, null);
        var job = new ProbeJob(Repository, settings, (_, _) => throw new StoreException(StoreFailure.Denied, "", "no password"), (r, p) => ProbeOpener.Open(r, p, clock), clock) { LongestWait = wait, AcceptsBaseline = accept };
        var start = new JobStart("run", clock.GetUtcNow(), clock.GetUtcNow(), "person");
        JsonDocument.Parse(job.Intent(start)).RootElement.GetProperty("repository").GetString().Should().Be(Repository.Address);
        var payload = await job.RunAsync(start, CancellationToken.None);
        payload.Length.Should().BeLessThan(48 * 1024);
        payload.AsSpan().IndexOf("sample-secret"u8).Should().Be(-1);
        return JsonSerializer.Deserialize(payload, DocumentJson.Default.ProbeDocument)!;
    }

    [Fact]
    public async Task A_run_that_does_not_wait_is_completed_by_the_next_one_from_the_state_folder()
    {
        var first = await RunAsync(TimeSpan.Zero);
        (first.Verdict, first.Immutability, first.Control!.Outcome).Should().Be(("inconclusive", "inconclusive", "not-due"));
        ProbeFile.Load(Memory).Canaries.Should().HaveCount(2);
        _ = clock.CreateTimer(_ => { }, null, TimeSpan.FromDays(1), Timeout.InfiniteTimeSpan);
        var second = await RunAsync(TimeSpan.Zero);
        (second.Verdict, second.Immutability, second.Control!.Outcome).Should().Be(("proved", "proved", "passed"));
        second.Attacks.Should().HaveCount(11);
        second.ApprovedBy.Should().Equal("Anne Martin", "Luc Petit");
        (second.Identity, second.Verifier).Should().Be(("WRITER", "READER"));
    }

    [Theory]
    [InlineData("Anne Martin", "anne martin")]
    [InlineData("Anne Martin", "Anne Martin")]
    public async Task One_name_twice_tries_nothing(string one, string other)
    {
        var document = await RunAsync(TimeSpan.Zero, false, one, other);
        document.Verdict.Should().Be("inconclusive");
        document.Findings.Should().ContainSingle(f => f.Code == "BG4124");
        server.Changed.Should().BeEmpty();
    }

    [Fact]
    public async Task A_memory_that_cannot_be_read_is_put_aside_and_said_and_one_that_somebody_wrote_aims_at_nothing_else()
    {
        await RunAsync(TimeSpan.Zero);
        var forged = (await File.ReadAllTextAsync(Memory)).Replace("\"name\": \"short\"", "\"name\": \"../../../config\"", StringComparison.Ordinal);
        forged.Should().Contain("../../../config");
        await File.WriteAllTextAsync(Memory, forged);
        (await RunAsync(TimeSpan.FromHours(1))).Findings.Should().Contain(f => f.Code == "BG4123");
        File.Exists(Memory + ".unreadable").Should().BeTrue();
        server.Changed.Should().OnlyContain(k => k.StartsWith("backups/dpi/.backupguard/canary/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Settings_that_changed_stop_the_attacks_until_a_person_accepts_them()
    {
        await RunAsync(TimeSpan.FromHours(1));
        var memory = ProbeFile.Load(Memory);
        ProbeFile.Save(Memory, memory with { Baseline = [.. memory.Baseline!.Select(b => b.Name == "versioning" ? b with { Text = "Suspended" } : b)] });
        var drifted = await RunAsync(TimeSpan.FromHours(1));
        drifted.Drifts.Should().ContainSingle().Which.Setting.Should().Be("versioning");
        drifted.Attacks.Should().BeEmpty();
        (await RunAsync(TimeSpan.FromHours(1), accept: true)).Immutability.Should().Be("proved");
    }
}
