using Amazon.S3;
using Amazon.S3.Model;
using BackupGuard.Agent.Stores;
using BackupGuard.Agent.Stores.S3;
using BackupGuard.Verification;
using BackupGuard.Verification.Checks.Immutability;
using BackupGuard.Verification.Formats.Restic;
using BackupGuard.Verification.Stores;
using FluentAssertions;
using Xunit;
using S3Location = BackupGuard.Agent.Stores.S3.S3Location;

namespace BackupGuard.Agent.Tests.Stores.S3;

/// <summary>The probe on a real server with Object Lock: every verdict from what the server does, none from what it says.</summary>
public sealed class S3ProbeOnTheGateway : IAsyncLifetime
{
    private const string Prefix = "backups/dpi/";
    private Buckets on = null!;
    private ProbeMemory memory = new();
    private int runs;

    public async Task InitializeAsync() => on = await Buckets.OnGatewayAsync();

    public Task DisposeAsync()
    {
        on.Dispose();
        return Task.CompletedTask;
    }

    private async Task<string> BucketAsync(ObjectLockRetentionMode? mode)
    {
        var bucket = await on.CreateAsync(objectLock: mode is not null);
        if (mode is not null)
            await on.Client.PutObjectLockConfigurationAsync(new PutObjectLockConfigurationRequest
            {
                BucketName = bucket, ObjectLockConfiguration = new() { ObjectLockEnabled = ObjectLockEnabled.Enabled, Rule = new() { DefaultRetention = new() { Mode = mode, Days = 1 } } },
            });
        await on.PutAsync(bucket, Prefix + "config", [1]);
        await on.PutAsync(bucket, Prefix + "data/00/pack", [1, 2, 3]);
        return bucket;
    }

    /// <summary>An identity of its own, by the bucket's policy.</summary>
    private async Task<(string AccessKey, string SecretKey)> WriterAsync(string bucket, string denied, bool onBucketToo = true)
    {
        var name = "writer" + bucket;
        var keys = await on.Gateway.CreateUserAsync(name);
        await on.Client.PutBucketPolicyAsync(bucket, $$"""
            {"Version":"2012-10-17","Statement":[
              {"Effect":"Allow","Principal":{"AWS":["arn:aws:iam:::user/{{name}}"]},"Action":["s3:*"],"Resource":["arn:aws:s3:::{{bucket}}","arn:aws:s3:::{{bucket}}/*"]},
              {"Effect":"Allow","Principal":{"AWS":["arn:aws:iam:::user/sample"]},"Action":["s3:*"],"Resource":["arn:aws:s3:::{{bucket}}","arn:aws:s3:::{{bucket}}/*"]},
              {"Effect":"Deny","Principal":{"AWS":["arn:aws:iam:::user/{{name}}"]},"Action":[{{denied}}],"Resource":[{{(onBucketToo ? $"\"arn:aws:s3:::{bucket}\"," : "")}}"arn:aws:s3:::{{bucket}}/*"]}]}
            """);
        return keys;
    }

    private async Task<ProbeReport> ProbeAsync(string bucket, LockMode mode, (string AccessKey, string SecretKey)? writer = null, int waitSeconds = 20)
    {
        var location = new S3Location(new Uri(on.Gateway.Plain), bucket, Prefix);
        using var target = new S3CanaryTarget(location, writer is { } w ? on.Settings(w.AccessKey, w.SecretKey) : on.Settings(), StoreLimits.Default);
        using var witness = new S3CanaryWitness(location, on.Settings(), StoreLimits.Default, TimeProvider.System);
        var scope = await LockScope.ReadAsync(witness.Store, ResticRepository.Layout, DateTimeOffset.UtcNow, CancellationToken.None);
        var plan = new ProbePlan("s3", new CanaryRun($"run{++runs}"), mode, TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(waitSeconds));
        return await new ImmutabilityProbe(target, witness, plan, TimeProvider.System, m => memory = m).RunAsync(memory, scope, CancellationToken.None);
    }

    private static string Shown(ProbeReport report) => string.Join('\n', [.. report.Attacks.Select(a => a.ToString()), report.Control.ToString(), .. report.Findings.Select(f => f.Message("en")), .. report.Configuration.Select(c => c.ToString())]);

    private async Task<List<(string Key, bool IsMarker)>> VersionsAsync(string bucket)
    {
        var all = await on.Client.ListVersionsAsync(new ListVersionsRequest { BucketName = bucket });
        return [.. all.Versions.Select(v => (v.Key, v.IsDeleteMarker == true)).Where(v => !v.Key.StartsWith(Prefix + CanaryKey.Root, StringComparison.Ordinal))];
    }

    [Fact]
    public async Task A_compliance_bucket_is_proved_for_its_own_owner()
    {
        var bucket = await BucketAsync(ObjectLockRetentionMode.Compliance);
        var report = await ProbeAsync(bucket, LockMode.Compliance);
        report.Verdict.Should().Be(ImmutabilityVerdict.Proved, Shown(report));
        report.Word.Should().Be(Verdict.Proved);
        report.Findings.Select(f => f.Kind).Should().Contain([ImmutabilityFindings.SameIdentity, ImmutabilityFindings.HoldLiftable]);
        report.Attacks.Should().HaveCount(11).And.OnlyContain(a => a.Intact == true && a.Answer.Status >= 200 && a.Answer.RequestId.Length > 0 && a.Answer.ServerDate != null);
        report.Attacks.Single(a => a.Attack == CanaryAttack.DeleteVersion).Answer.Code.Should().Be("AccessDenied");
        report.Control.Outcome.Should().Be(ControlOutcome.Passed);
        report.Configuration.Select(c => (c.Name, c.State)).Should().Contain([("versioning", AnswerState.Said), ("object-lock", AnswerState.Said), ("lifecycle", AnswerState.NotSet), ("policy", AnswerState.NotSet), ("encryption", AnswerState.Hidden)], "this server answers the question for encryption with a listing");
        (await VersionsAsync(bucket)).Should().BeEquivalentTo([(Prefix + "config", false), (Prefix + "data/00/pack", false)], "nothing but the canary is touched");
        memory.Canaries.Should().ContainSingle("the long canary stays").Which.Mode.Should().Be(LockMode.Compliance);
    }

    [Fact]
    public async Task The_first_run_without_waiting_proves_nothing_and_the_next_one_completes_it()
    {
        var bucket = await BucketAsync(ObjectLockRetentionMode.Compliance);
        var first = await ProbeAsync(bucket, LockMode.Compliance, waitSeconds: 0);
        first.Verdict.Should().Be(ImmutabilityVerdict.Inconclusive, Shown(first));
        first.Findings.Select(f => f.Kind).Should().Contain(ImmutabilityFindings.ControlNotDue);
        await Task.Delay(TimeSpan.FromSeconds(7));
        var second = await ProbeAsync(bucket, LockMode.Compliance, waitSeconds: 0);
        second.Verdict.Should().Be(ImmutabilityVerdict.Proved, Shown(second));
        second.Control.Canary.Should().Be(".backupguard/canary/run1/short");
    }

    [Fact]
    public async Task A_governance_bucket_is_proved_only_for_an_identity_without_the_bypass()
    {
        var bucket = await BucketAsync(ObjectLockRetentionMode.Governance);
        var writer = await WriterAsync(bucket, "\"s3:BypassGovernanceRetention\"");
        var report = await ProbeAsync(bucket, LockMode.Governance, writer);
        report.Verdict.Should().Be(ImmutabilityVerdict.ProvedGovernance, Shown(report));
        report.Word.Should().Be(Verdict.Inconclusive);

        memory = new ProbeMemory();
        var owner = await ProbeAsync(bucket, LockMode.Governance);
        owner.Verdict.Should().Be(ImmutabilityVerdict.Exposed, Shown(owner));
        owner.Attacks.Single(a => a.Intact == false).Attack.Should().Be(CanaryAttack.DeleteVersionWithBypass);
    }

    /// <summary>This server asks for the bypass of a batch at the bucket, not at its objects: the probe finds what reading the policy does not.</summary>
    [Fact]
    public async Task A_bypass_denied_on_the_objects_alone_leaves_the_batch_open()
    {
        var bucket = await BucketAsync(ObjectLockRetentionMode.Governance);
        var report = await ProbeAsync(bucket, LockMode.Governance, await WriterAsync(bucket, "\"s3:BypassGovernanceRetention\"", onBucketToo: false));
        report.Verdict.Should().Be(ImmutabilityVerdict.Exposed, Shown(report));
        report.Attacks.Single(a => a.Intact == false).Attack.Should().Be(CanaryAttack.BatchDelete);
    }

    [Fact]
    public async Task A_compliance_canary_says_nothing_for_backups_under_governance()
    {
        var report = await ProbeAsync(await BucketAsync(ObjectLockRetentionMode.Governance), LockMode.Compliance);
        report.Verdict.Should().Be(ImmutabilityVerdict.ProvedGovernance, Shown(report));
    }

    [Fact]
    public async Task Where_only_the_policy_refuses_it_is_said_so()
    {
        var bucket = await BucketAsync(ObjectLockRetentionMode.Compliance);
        var writer = await WriterAsync(bucket, "\"s3:DeleteObject\",\"s3:DeleteObjectVersion\"");
        var report = await ProbeAsync(bucket, LockMode.Compliance, writer);
        report.Verdict.Should().Be(ImmutabilityVerdict.IamOnly, Shown(report));
        report.Control.Outcome.Should().Be(ControlOutcome.Refused);
    }

    [Fact]
    public async Task A_plain_bucket_is_exposed()
    {
        var bucket = await BucketAsync(null);
        var report = await ProbeAsync(bucket, LockMode.Compliance);
        report.Verdict.Should().Be(ImmutabilityVerdict.Exposed, Shown(report));
        report.Attacks.Should().ContainSingle().Which.Intact.Should().BeFalse();
        (await on.Client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = bucket })).S3Objects.Select(o => o.Key).Should().BeEquivalentTo(Prefix + "config", Prefix + "data/00/pack");
    }

    [Fact]
    public async Task Under_a_delete_marker_the_backup_is_hidden_although_the_canary_holds()
    {
        var bucket = await BucketAsync(ObjectLockRetentionMode.Compliance);
        await on.PutAsync(bucket, Prefix + "data/01/other", [9]);
        await on.Client.DeleteObjectAsync(bucket, Prefix + "data/00/pack");
        var report = await ProbeAsync(bucket, LockMode.Compliance);
        report.Verdict.Should().Be(ImmutabilityVerdict.Hidden, Shown(report));
        report.Control.Outcome.Should().Be(ControlOutcome.Passed);
        report.Findings.Single(f => f.Kind == ImmutabilityFindings.Hidden).Message("en").Should().Contain("data/00/pack");
    }

    [Fact]
    public async Task Under_a_newer_version_it_is_hidden_too_but_not_under_the_same_bytes_again()
    {
        var bucket = await BucketAsync(ObjectLockRetentionMode.Compliance);
        await on.PutAsync(bucket, Prefix + "config", [1]);
        (await ProbeAsync(bucket, LockMode.Compliance)).Verdict.Should().Be(ImmutabilityVerdict.Proved, "a retried upload hides nothing");
        await on.PutAsync(bucket, Prefix + "data/00/pack", [7, 7, 7]);
        (await ProbeAsync(bucket, LockMode.Compliance)).Verdict.Should().Be(ImmutabilityVerdict.Hidden);
    }

    [Fact]
    public async Task New_backups_without_lock_are_exposed_whatever_the_canary_says()
    {
        var bucket = await on.CreateAsync(objectLock: true);
        await on.PutAsync(bucket, Prefix + "config", [1], r => (r.ObjectLockMode, r.ObjectLockRetainUntilDate) = (ObjectLockMode.Compliance, DateTime.UtcNow.AddHours(1)));
        await on.PutAsync(bucket, Prefix + "data/00/new", [1]);
        var report = await ProbeAsync(bucket, LockMode.Compliance);
        report.Verdict.Should().Be(ImmutabilityVerdict.Exposed, Shown(report));
        report.Findings.Single(f => f.Kind == ImmutabilityFindings.NewestUnlocked).Message("en").Should().Contain("data/00/new");
    }

    [Fact]
    public async Task A_changed_setting_stops_the_attacks()
    {
        var bucket = await BucketAsync(ObjectLockRetentionMode.Compliance);
        (await ProbeAsync(bucket, LockMode.Compliance)).Verdict.Should().Be(ImmutabilityVerdict.Proved);
        await on.Client.PutLifecycleConfigurationAsync(bucket, new LifecycleConfiguration
        {
            Rules = [new LifecycleRule { Id = "sample", Status = LifecycleRuleStatus.Enabled, Filter = new LifecycleFilter { LifecycleFilterPredicate = new LifecyclePrefixPredicate { Prefix = "" } }, Expiration = new LifecycleRuleExpiration { Days = 7 } }],
        });
        var report = await ProbeAsync(bucket, LockMode.Compliance);
        report.Verdict.Should().Be(ImmutabilityVerdict.Inconclusive, Shown(report));
        report.Attacks.Should().BeEmpty();
        report.Drifts.Should().ContainSingle().Which.Name.Should().Be("lifecycle");
        memory = memory with { Baseline = null };
        (await ProbeAsync(bucket, LockMode.Compliance)).Verdict.Should().Be(ImmutabilityVerdict.Proved, "a person took the settings for right");
    }

    [Fact]
    public async Task A_verifier_that_may_not_see_locks_concludes_nothing()
    {
        var bucket = await BucketAsync(ObjectLockRetentionMode.Compliance);
        var reader = await WriterAsync(bucket, "\"s3:GetObjectRetention\",\"s3:GetObjectLegalHold\"");
        var location = new S3Location(new Uri(on.Gateway.Plain), bucket, Prefix);
        using var target = new S3CanaryTarget(location, on.Settings(), StoreLimits.Default);
        using var witness = new S3CanaryWitness(location, on.Settings(reader.AccessKey, reader.SecretKey), StoreLimits.Default, TimeProvider.System);
        var scope = await LockScope.ReadAsync(witness.Store, ResticRepository.Layout, DateTimeOffset.UtcNow, CancellationToken.None);
        var plan = new ProbePlan("s3", new CanaryRun("run1"), LockMode.Compliance, TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(20));
        var report = await new ImmutabilityProbe(target, witness, plan, TimeProvider.System, m => memory = m).RunAsync(memory, scope, CancellationToken.None);
        report.Verdict.Should().Be(ImmutabilityVerdict.Inconclusive, Shown(report));
        report.Findings.Select(f => f.Kind).Should().Contain([ImmutabilityFindings.LockNotSeen, ImmutabilityFindings.ScopeUnknown]);
        report.Attacks.Should().OnlyContain(a => a.Intact == null);
    }
}
