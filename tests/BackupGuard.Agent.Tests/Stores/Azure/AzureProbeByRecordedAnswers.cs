using System.Reflection;
using Azure.Core;
using Azure.Core.Pipeline;
using BackupGuard.Agent.Config;
using BackupGuard.Agent.Stores;
using BackupGuard.Agent.Stores.Azure;
using BackupGuard.Agent.Tests.Drills;
using BackupGuard.Agent.Tests.Stores.S3;
using BackupGuard.Tests.Servers;
using BackupGuard.Verification.Checks.Immutability;
using BackupGuard.Verification.Formats.Restic;
using BackupGuard.Verification.Stores;
using BackupGuard.Verification.Stores.Contract;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Agent.Tests.Stores.Azure;

/// <summary>The probe against a server written after the REST reference (Azurite knows no immutability): which verdict, and that nothing but a canary is ever aimed at.</summary>
public sealed class AzureProbeByRecordedAnswers : IAsyncLifetime
{
    private readonly TestFolder disk = new();
    private readonly HastyClock clock = new(DateTimeOffset.UtcNow);
    private ProbeMemory memory = new();
    private FakeLockAzure server = null!;

    public async Task InitializeAsync()
    {
        server = await FakeLockAzure.StartAsync(clock);
        server.Put("backups/dpi/config");
        server.Put("backups/dpi/data/00/pack");
        File.WriteAllText(disk["writer"], $"account_key={Azurite.Key}\n");
        File.WriteAllText(disk["reader"], "sas=sv=2020-12-06&sp=rl&sig=sample-signature\n");
    }

    public async Task DisposeAsync()
    {
        disk.Dispose();
        await server.DisposeAsync();
    }

    private StoreSettings Keys(string name) => new() { CredentialsFile = disk[name] };

    private async Task<ProbeReport> ProbeAsync(LockMode mode = LockMode.Compliance)
    {
        var limits = new StoreLimits { Retries = 0 };
        using var target = new AzureCanaryTarget(server.Location, Keys("writer"), limits, clock);
        using var witness = new AzureCanaryWitness(server.Location, Keys("reader"), limits, clock);
        var scope = await LockScope.ReadAsync(witness.Store, ResticRepository.Layout, clock.GetUtcNow(), CancellationToken.None);
        var plan = new ProbePlan("azure", new CanaryRun(Guid.NewGuid().ToString("N")), mode, TimeSpan.FromDays(7), TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(20));
        return await new ImmutabilityProbe(target, witness, plan, clock, m => memory = m).RunAsync(memory, scope, CancellationToken.None);
    }

    private static string Shown(ProbeReport report) => string.Join('\n', [.. report.Attacks.Select(a => a.ToString()), report.Control.ToString(), .. report.Findings.Select(f => f.Message("en"))]);

    [Theory]
    [InlineData(nameof(LockFault.None), ImmutabilityVerdict.Proved)]
    [InlineData(nameof(LockFault.WrongErrorCode), ImmutabilityVerdict.Proved)]
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
    public async Task Every_attack_that_Azure_has_is_sent()
    {
        var report = await ProbeAsync();
        report.Attacks.Select(a => a.Attack).Should().Equal(CanaryAttack.DeleteVersion, CanaryAttack.ShortenRetention, CanaryAttack.WeakenMode, CanaryAttack.RemoveRetention,
            CanaryAttack.Overwrite, CanaryAttack.DeleteWithoutVersion, CanaryAttack.CopyOverItself, CanaryAttack.LiftLegalHold);
        report.Attacks.Should().OnlyContain(a => a.Intact == true && a.Answer.Status != 0);
        server.Requests.Distinct().Should().BeEquivalentTo("PUT ", "DELETE ", "PUT immutabilityPolicies", "DELETE immutabilityPolicies", "PUT legalhold");
        report.Attacks.Single(a => a.Attack == CanaryAttack.RemoveRetention).Answer.Code.Should().Be("ImmutabilityPolicyDeleteOnLockedPolicy");
        report.Control.Outcome.Should().Be(ControlOutcome.Passed, "the current version is deleted as a name first, and as a version then");
        report.CanaryMode.Should().Be(LockMode.Locked);
    }

    [Fact]
    public async Task An_unlocked_policy_is_no_lock_for_whoever_may_shorten_it()
    {
        var report = await ProbeAsync(LockMode.Governance);
        report.CanaryMode.Should().Be(LockMode.Unlocked);
        report.Verdict.Should().Be(ImmutabilityVerdict.Exposed);
        report.Attacks[^1].Attack.Should().Be(CanaryAttack.ShortenRetention);
    }

    [Fact]
    public async Task A_blob_that_was_deleted_over_its_versions_is_hidden()
    {
        (await ProbeAsync()).Verdict.Should().Be(ImmutabilityVerdict.Proved);
        server.Delete("backups/dpi/data/00/pack");
        (await ProbeAsync()).Verdict.Should().Be(ImmutabilityVerdict.Hidden);
    }

    [Fact]
    public async Task Backups_without_a_policy_in_a_container_that_could_have_them_are_exposed()
    {
        server.Put("backups/dpi/data/01/pack", mode: "");
        var report = await ProbeAsync();
        report.Verdict.Should().Be(ImmutabilityVerdict.Exposed);
        report.Scope.Unlocked.Should().Be(1);
    }

    [Fact]
    public async Task A_container_without_versions_is_exposed_and_one_with_a_policy_of_its_own_proves_nothing()
    {
        server.Kind = AzureContainerKind.Plain;
        (await ProbeAsync()).Verdict.Should().Be(ImmutabilityVerdict.Exposed);
        server.Kind = AzureContainerKind.ContainerLevel;
        memory = new ProbeMemory();
        var report = await ProbeAsync();
        report.Verdict.Should().Be(ImmutabilityVerdict.Inconclusive, "until when the container holds its blobs only the management interface tells");
        report.Findings.Select(f => f.Kind).Should().Contain(ImmutabilityFindings.LockNotSeen);
    }

    [Fact]
    public async Task Settings_are_read_as_they_were_answered_and_a_change_stops_the_probe()
    {
        var report = await ProbeAsync();
        report.Configuration.Select(c => (c.Name, c.State, c.Text)).Should().Equal(
            ("container", AnswerState.Said, "x-ms-has-immutability-policy: false; x-ms-has-legal-hold: false; x-ms-immutable-storage-with-versioning-enabled: true"),
            ("account", AnswerState.Said, "x-ms-account-kind: StorageV2; x-ms-sku-name: Standard_GRS; x-ms-is-hns-enabled: false"), ("soft-delete", AnswerState.Hidden, ""), ("lifecycle", AnswerState.Hidden, ""));
        (report.Identity, report.Witness).Should().Be(("account key of account", AzureCredentials.Load(disk["reader"]).Name));
        server.Kind = AzureContainerKind.Plain;
        server.Changed.Clear();
        (await ProbeAsync()).Drifts.Select(d => d.Name).Should().Equal("container");
        server.Changed.Should().BeEmpty();
    }

    [Fact]
    public async Task The_probe_of_a_repository_in_agent_yaml_opens_both_sides()
    {
        var repository = new RepositorySettings("dpi", "restic:" + server.Location, null, "dpi", null) { Store = Keys("reader") };
        var probe = new LockProbeSettings(disk["writer"], null, LockMode.Compliance, TimeSpan.FromDays(7), TimeSpan.FromMinutes(15), TimeSpan.FromDays(44), ["Anne Martin", "Luc Petit"], null);
        using var ports = ProbeOpener.Open(repository, probe, clock);
        (ports.Target.Identity, ports.Witness.Identity[..4]).Should().Be(("account key of account", "SAS "));
        (await LockScope.ReadAsync(ports.Store, ports.Layout, clock.GetUtcNow(), CancellationToken.None)).Objects.Should().Be(2);
    }

    /// <summary>What can change a container takes a name that cannot be anybody else's; nothing else of the agent sends anything but GET and HEAD.</summary>
    [Fact]
    public void Requests_that_change_a_container_are_built_from_a_name_of_our_own_only()
    {
        typeof(OwnBlob).GetConstructors(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).Should().OnlyContain(c => c.IsPrivate);
        typeof(OwnBlob).GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic).Should().OnlyContain(m => m.GetParameters().Length == 1 && (m.GetParameters()[0].ParameterType == typeof(CanaryKey) || m.GetParameters()[0].ParameterType == typeof(ScratchName)));

        var verbs = Calls.Of(typeof(AzureStore).Assembly).Where(c => c.Called.DeclaringType == typeof(RequestMethod) && c.Called.Name is "get_Put" or "get_Delete" or "get_Post" or "get_Patch" or "Parse" || c.Called.DeclaringType == typeof(RequestMethod) && c.Called.IsConstructor).ToList();
        verbs.Select(v => (v.Method, v.Called.Name)).Distinct().Should().BeEquivalentTo([($"{nameof(AzureClient)}.{nameof(AzureClient.PutAsync)}", "get_Put"), ($"{nameof(AzureClient)}.{nameof(AzureClient.DeleteAsync)}", "get_Delete")]);
        foreach (var name in (string[])[nameof(AzureClient.PutAsync), nameof(AzureClient.DeleteAsync)]) typeof(AzureClient).GetMethod(name)!.GetParameters()[0].ParameterType.Should().Be<OwnBlob>(name);    // named by nameof
        Calls.Of(typeof(AzureStore).Assembly).Where(c => c.Called.DeclaringType == typeof(HttpPipeline) && c.Called.Name is "CreateMessage" or "CreateRequest").Select(c => c.Method).Distinct().Should().Equal($"{nameof(AzureClient)}.SendAsync");

        foreach (var method in typeof(AzureCanaryTarget).GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly).Where(m => !m.IsSpecialName && m.Name != nameof(IDisposable.Dispose)))
            method.GetParameters().Select(p => p.ParameterType).Should().NotContain(typeof(string), method.Name).And.Contain(t => t == typeof(CanaryKey) || t == typeof(CanaryVersion) || t == typeof(PlantedCanary), method.Name);
    }

    [Fact]
    public async Task What_is_not_ours_is_stopped_below_the_types_too()
    {
        using var http = AzureTransport.CreateClient(new Uri($"{server.Location.Service}container"), "/account/container/backups/dpi/.backupguard/", null, null, StoreLimits.Default);
        foreach (var (method, path) in ((HttpMethod, string)[])[(HttpMethod.Delete, "container/backups/dpi/config"), (HttpMethod.Put, "container/backups/dpi/.backupguard"), (HttpMethod.Delete, "container?restype=container"), (HttpMethod.Post, "?comp=batch")])
        {
            using var request = new HttpRequestMessage(method, new Uri(server.Location.Service!, path));    // the fake's address has one
            await ((Func<Task>)(() => http.SendAsync(request))).Should().ThrowAsync<NotOursException>(path);
        }
        server.Changed.Should().BeEmpty();
    }
}
