using System.Reflection;
using Amazon.S3;
using BackupGuard.Agent.Stores;
using BackupGuard.Agent.Stores.S3;
using BackupGuard.Agent.Tests.Drills;
using BackupGuard.Verification.Checks.Immutability;
using BackupGuard.Verification.Formats.Restic;
using BackupGuard.Verification.Stores;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Agent.Tests.Stores.S3;

/// <summary>The probe against a server that fails in every way it can, over HTTP: which verdict, and that nothing but a canary is ever aimed at.</summary>
public sealed class S3ProbeOnABadServer : IAsyncLifetime
{
    private readonly TestFolder disk = new();
    private readonly HastyClock clock = new(DateTimeOffset.UtcNow);
    private ProbeMemory memory = new();
    private FakeLockS3 server = null!;

    public async Task InitializeAsync()
    {
        server = await FakeLockS3.StartAsync(clock);
        server.Put("backups/dpi/config");
        server.Put("backups/dpi/data/00/pack");
    }

    public async Task DisposeAsync()
    {
        disk.Dispose();
        await server.DisposeAsync();
    }

    private StoreSettings Keys(string name) => new() { CredentialsFile = Buckets.Credentials(disk, name, "sample-secret") };

    private async Task<ProbeReport> ProbeAsync(LockMode mode = LockMode.Compliance)
    {
        var limits = new StoreLimits { Retries = 0 };
        using var target = new S3CanaryTarget(server.Location, Keys("WRITER"), limits);
        using var witness = new S3CanaryWitness(server.Location, Keys("READER"), limits, clock);
        var scope = await LockScope.ReadAsync(witness.Store, ResticRepository.Layout, clock.GetUtcNow(), CancellationToken.None);
        var plan = new ProbePlan("s3", new CanaryRun(Guid.NewGuid().ToString("N")), mode, TimeSpan.FromDays(7), TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(20));
        return await new ImmutabilityProbe(target, witness, plan, clock, m => memory = m).RunAsync(memory, scope, CancellationToken.None);
    }

    private static string Shown(ProbeReport report) => string.Join('\n', [.. report.Attacks.Select(a => a.ToString()), report.Control.ToString(), .. report.Findings.Select(f => f.Message("en"))]);

    [Theory]
    [InlineData(nameof(LockFault.None), ImmutabilityVerdict.Proved)]
    [InlineData(nameof(LockFault.WrongErrorCode), ImmutabilityVerdict.Proved)]
    [InlineData(nameof(LockFault.KeepsMarkers), ImmutabilityVerdict.Proved)]
    [InlineData(nameof(LockFault.DeletesWhatIsLocked), ImmutabilityVerdict.Exposed)]
    [InlineData(nameof(LockFault.ShortensRetention), ImmutabilityVerdict.Exposed)]
    [InlineData(nameof(LockFault.IgnoresDeletes), ImmutabilityVerdict.Inconclusive)]
    [InlineData(nameof(LockFault.HidesLocks), ImmutabilityVerdict.Inconclusive)]
    [InlineData(nameof(LockFault.ClockJumps), ImmutabilityVerdict.Inconclusive)]
    [InlineData(nameof(LockFault.HangsUpOnDeletes), ImmutabilityVerdict.Inconclusive)]
    [InlineData(nameof(LockFault.IsBusy), ImmutabilityVerdict.Inconclusive)]
    [InlineData(nameof(LockFault.RefusesDeletes), ImmutabilityVerdict.IamOnly)]
    [InlineData(nameof(LockFault.RefusesWrites), ImmutabilityVerdict.ConfigOnly)]
    public async Task Every_fault_has_its_verdict_and_nothing_but_canaries_is_aimed_at(string fault, ImmutabilityVerdict expected)
    {
        server.Fault = Enum.Parse<LockFault>(fault);
        var backups = server.Backups;
        var report = await ProbeAsync();
        report.Verdict.Should().Be(expected, Shown(report));
        server.Changed.Should().NotBeEmpty().And.OnlyContain(k => k.StartsWith("backups/dpi/.backupguard/canary/", StringComparison.Ordinal));
        server.Backups.Should().Be(backups);
    }

    [Fact]
    public async Task A_governance_lock_is_amber_and_a_marker_over_a_backup_hides_it()
    {
        (await ProbeAsync(LockMode.Governance)).Verdict.Should().Be(ImmutabilityVerdict.ProvedGovernance);
        server.Hide("backups/dpi/data/00/pack");
        (await ProbeAsync()).Verdict.Should().Be(ImmutabilityVerdict.Hidden);
    }

    [Fact]
    public async Task A_marker_that_cannot_be_taken_away_again_is_said()
    {
        server.Fault = LockFault.KeepsMarkers;
        (await ProbeAsync()).Findings.Select(f => f.Kind).Should().Contain(ImmutabilityFindings.LeftBehind);
    }

    [Fact]
    public async Task Settings_are_read_as_they_were_answered_and_what_may_not_be_read_is_hidden()
    {
        var report = await ProbeAsync();
        report.Configuration.Select(c => (c.Name, c.State, c.Text)).Should().Contain([
            ("versioning", AnswerState.Said, "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"), ("lifecycle", AnswerState.NotSet, ""), ("policy", AnswerState.NotSet, ""), ("replication", AnswerState.Hidden, "")]);
        report.Findings.Single(f => f.Kind == ImmutabilityFindings.SettingUnreadable).Message("en").Should().Contain("replication");
    }

    /// <summary>Calls of the SDK that change something stand in the class whose surface takes canary keys, in the store test's corner, and nowhere else in the agent.</summary>
    [Fact]
    public void Calls_that_change_a_bucket_stand_only_where_a_key_is_a_type()
    {
        var callers = Calls.Of(typeof(S3Store).Assembly).Where(c => Changes(c.Called)).ToLookup(c => c.Type.Name, c => c.Called.Name);
        callers.Select(c => c.Key).Should().BeEquivalentTo(nameof(S3CanaryTarget), nameof(S3Scratch));
        callers[nameof(S3CanaryTarget)].Distinct().Should().Contain(["DeleteObjectAsync", "DeleteObjectsAsync", "PutObjectAsync", "CopyObjectAsync", "PutObjectRetentionAsync", "PutObjectLegalHoldAsync"]);

        foreach (var method in typeof(S3CanaryTarget).GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly).Where(m => !m.IsSpecialName && m.Name != nameof(IDisposable.Dispose)))
        {
            method.GetParameters().Select(p => p.ParameterType).Should().NotContain(typeof(string), method.Name);
            method.GetParameters().Select(p => p.ParameterType).Should().Contain(t => t == typeof(CanaryKey) || t == typeof(CanaryVersion) || t == typeof(PlantedCanary), method.Name);
        }
    }

    private static bool Changes(MethodBase called) => typeof(IAmazonS3).IsAssignableFrom(called.DeclaringType) && !called.IsConstructor
        && !called.Name.StartsWith("Get", StringComparison.Ordinal) && !called.Name.StartsWith("List", StringComparison.Ordinal) && !called.Name.StartsWith("Head", StringComparison.Ordinal) && called.Name.EndsWith("Async", StringComparison.Ordinal);
}
