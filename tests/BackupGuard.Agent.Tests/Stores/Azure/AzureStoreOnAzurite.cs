using System.Net;
using System.Net.Sockets;
using System.Text;
using BackupGuard.Agent.Stores;
using BackupGuard.Agent.Stores.Azure;
using BackupGuard.Tests.Servers;
using BackupGuard.Verification.Checks.Immutability;
using BackupGuard.Verification.Stores;
using BackupGuard.Verification.Stores.Contract;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Agent.Tests.Stores.Azure;

/// <summary>The Azure store on a real server, as far as Azurite implements it: no versions, no immutability.</summary>
public sealed class AzureStoreOnAzurite : IAsyncLifetime
{
    private Containers on = null!;

    public async Task InitializeAsync() => on = await Containers.OnAzuriteAsync();

    public Task DisposeAsync()
    {
        on.Dispose();
        return Task.CompletedTask;
    }

    private static async Task<List<T>> AllAsync<T>(IAsyncEnumerable<T> items)
    {
        var all = new List<T>();
        await foreach (var item in items) all.Add(item);
        return all;
    }

    private static async Task<StoreException> FailureAsync(Func<Task> act) => (await act.Should().ThrowAsync<StoreException>()).Which;

    public static TheoryData<string, string> RulesTwice()
    {
        var data = new TheoryData<string, string>();
        foreach (var rule in StoreContract.Rules)
            foreach (var by in (string[])["account key", "SAS"]) data.Add(rule.Sentence, by);
        return data;
    }

    [Theory]
    [MemberData(nameof(RulesTwice))]
    public async Task The_contract_holds(string rule, string by)
    {
        var container = await on.CreateAsync();
        var location = on.Location(container, "backups/dpi/");
        var settings = by == "SAS" ? on.Settings($"sas = ?{Azurite.ContainerSas(container, "rwdl", TimeSpan.FromHours(1))}") : on.Settings();
        using var store = new AzureStore(location, settings, TimeProvider.System);
        using var scratch = new AzureScratch(location, settings, new ScratchPrefix("run1"), TimeProvider.System);
        (await StoreContract.TryAsync(StoreContract.Rules.Single(r => r.Sentence == rule), store, scratch, CancellationToken.None)).Should().BeNull();
        await scratch.ClearAsync(CancellationToken.None);
        (await AllAsync(store.ListVersionsAsync("", CancellationToken.None))).Should().BeEmpty("a scratch leaves nothing");
    }

    [Fact]
    public async Task Only_what_lies_below_the_prefix_is_seen()
    {
        var container = await on.CreateAsync();
        foreach (var name in (string[])["backups/dpi/config", "backups/dpi2/config", "backups/dpi", "config"]) await on.PutAsync(container, name, [1]);
        using var store = on.Store(container, "backups/dpi/");
        (await AllAsync(store.ListAsync("", CancellationToken.None))).Select(o => o.Name).Should().Equal("config");
        (await AllAsync(store.ListVersionsAsync("", CancellationToken.None))).Select(o => o.Name).Should().Equal("config");
        store.Location.Should().Be($"azure:{on.Server.Plain}/{Azurite.Account}/{container}/backups/dpi");
    }

    [Fact]
    public async Task An_object_that_changes_while_it_is_read_is_never_a_mixture()
    {
        var container = await on.CreateAsync();
        await on.PutAsync(container, "o", [.. Enumerable.Repeat((byte)1, 3_000_000)]);
        using var store = on.Store(container);
        await using var reader = await store.OpenAsync("o", CancellationToken.None);
        await on.PutAsync(container, "o", [.. Enumerable.Repeat((byte)2, 3_000_000)]);
        var buffer = new byte[1000];
        var failure = await FailureAsync(async () => { for (var offset = 2_900_000; ; offset -= 500_000) await reader.ReadAsync(offset, buffer, CancellationToken.None); });
        (failure.Failure, failure.ObjectName, failure.Message).Should().Be((StoreFailure.Transient, "o", "it was written again while it was being read"));
    }

    [Fact]
    public async Task Wrong_keys_and_a_container_that_is_not_there_are_told_apart()
    {
        var container = await on.CreateAsync();
        async Task<StoreException> Ask(string where, StoreSettings settings)
        {
            using var store = new AzureStore(on.Location(where), settings, TimeProvider.System);
            return await FailureAsync(async () => await AllAsync(store.ListAsync("", CancellationToken.None)));
        }
        var key = await Ask(container, on.Settings("account_key = c2FtcGxlLXdyb25n"));
        key.Failure.Should().Be(StoreFailure.Denied);
        key.Message.Should().Contain("look at the key or the SAS").And.NotContain("c2FtcGxl");
        var missing = await Ask("no-such-container", on.Settings());
        (missing.Failure, missing.Message).Should().Be((StoreFailure.Misconfigured, "there is no such container"));
        var expired = await Ask(container, on.Settings("sas = " + Azurite.ContainerSas(container, "rl", TimeSpan.FromMinutes(-5))));
        expired.Failure.Should().Be(StoreFailure.Denied);
        expired.Message.Should().NotContain("sig=");
        (await Ask(container, on.Settings("sas = " + Azurite.ContainerSas(container, "r", TimeSpan.FromHours(1))))).Failure.Should().Be(StoreFailure.Denied, "this SAS may read and not list");
    }

    [Fact]
    public async Task A_SAS_for_reading_lists_and_reads_and_writes_nothing()
    {
        var container = await on.CreateAsync();
        await on.PutAsync(container, "o", Encoding.ASCII.GetBytes("by SAS"));
        var settings = on.Settings("sas = " + Azurite.ContainerSas(container, "rl", TimeSpan.FromHours(1)));
        using var store = new AzureStore(on.Location(container), settings, TimeProvider.System);
        (await AllAsync(store.ListAsync("", CancellationToken.None))).Single().LengthBytes.Should().Be(6);
        await using (var reader = await store.OpenAsync("o", CancellationToken.None)) reader.LengthBytes.Should().Be(6);
        using var scratch = new AzureScratch(on.Location(container), settings, new ScratchPrefix("run1"), TimeProvider.System);
        (await FailureAsync(async () => await scratch.PutAsync(scratch.Prefix.Name("x"), new byte[] { 1 }, CancellationToken.None))).Failure.Should().Be(StoreFailure.Denied);
    }

    [Fact]
    public async Task A_server_that_says_nothing_about_immutability_of_versions_leaves_locks_unknown()
    {
        var container = await on.CreateAsync();
        await on.PutAsync(container, "o", [1]);
        using var store = on.Store(container);
        var version = (await AllAsync(store.ListVersionsAsync("", CancellationToken.None))).Single();
        (version.IsCurrent, version.IsDeleteMarker).Should().Be((true, false));
        (await store.LockAsync(version.Name, version.Version, CancellationToken.None)).Mode.Should().Be(LockMode.Unknown);
    }

    [Fact]
    public async Task A_token_of_Entra_ID_opens_the_store_over_TLS_under_the_authority_that_was_given()
    {
        var container = await on.CreateAsync(overTls: true);
        await on.PutAsync(container, "o", Encoding.ASCII.GetBytes("by token"), overTls: true);
        await using var entra = await FakeEntra.StartAsync(on.Server.Folder);
        var settings = on.Settings($"authority = {entra.Authority}", "tenant_id = 00000000-0000-0000-0000-000000000001", "client_id = sample-client", "client_secret = sample-secret") with { CaFile = on.Server.CaFile };
        using (var store = new AzureStore(on.Location(container, overTls: true), settings, TimeProvider.System))
        {
            (await AllAsync(store.ListAsync("", CancellationToken.None))).Should().ContainSingle();
            await using var reader = await store.OpenAsync("o", CancellationToken.None);
            reader.LengthBytes.Should().Be(8);
        }
        entra.Asked.Should().ContainSingle("a token is asked for once").Which.Should().Contain("client_id=sample-client").And.Contain(Uri.EscapeDataString("https://storage.azure.com/.default"));

        using (var untrusting = new AzureStore(on.Location(container, overTls: true), settings with { CaFile = null }, TimeProvider.System, new StoreLimits { Retries = 0 }))
        {
            var failure = await FailureAsync(async () => await AllAsync(untrusting.ListAsync("", CancellationToken.None)));
            failure.Failure.Should().Be(StoreFailure.Misconfigured);
            failure.Message.Should().Contain("certificate is not trusted");
        }
        entra.Refuses = true;
        using var refused = new AzureStore(on.Location(container, overTls: true), settings, TimeProvider.System, new StoreLimits { Retries = 0 });
        var denied = await FailureAsync(async () => await AllAsync(refused.ListAsync("", CancellationToken.None)));
        denied.Failure.Should().Be(StoreFailure.Denied);
        denied.Message.Should().Contain("Entra ID gave no token").And.Contain("AADSTS7000215").And.NotContain("sample-secret");
    }

    [Fact]
    public async Task An_Entra_ID_that_cannot_be_reached_is_no_refusal()
    {
        using var dead = new TcpListener(IPAddress.Loopback, 0);
        dead.Start();
        var port = ((IPEndPoint)dead.LocalEndpoint).Port;
        dead.Stop();
        using var store = new AzureStore(on.Location("container", overTls: true), on.Settings($"authority = https://127.0.0.1:{port}", "tenant_id = sample.example", "client_id = sample-client", "client_secret = sample-secret"), TimeProvider.System, new StoreLimits { Retries = 0 });
        var failure = await FailureAsync(async () => await AllAsync(store.ListAsync("", CancellationToken.None)));
        (failure.Failure, failure.Message).Should().Be((StoreFailure.Transient, "Entra ID cannot be reached (Connection refused)"));
    }

    [Fact]
    public async Task A_client_certificate_and_a_federated_token_are_proofs_too()
    {
        var container = await on.CreateAsync(overTls: true);
        await using var entra = await FakeEntra.StartAsync(on.Server.Folder);
        var federated = on.Written("sample.federated.token");
        var certificate = entra.RsaCertificate;
        string[] common = [$"authority = {entra.Authority}", "tenant_id = sample.example", "client_id = sample-client"];
        foreach (var proof in (string[][])[[$"client_certificate = {certificate}"], [$"client_certificate = {certificate}.pfx", "client_certificate_password = sample-password"], [$"federated_token_file = {federated}"]])
        {
            using var store = new AzureStore(on.Location(container, overTls: true), on.Settings([.. common, .. proof]) with { CaFile = on.Server.CaFile }, TimeProvider.System);
            (await AllAsync(store.ListAsync("", CancellationToken.None))).Should().BeEmpty();
        }
        entra.Asked.Should().HaveCount(3).And.OnlyContain(a => a.Contains("client_assertion=", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_probe_finds_a_container_without_locks_exposed_and_cleans_up()
    {
        var container = await on.CreateAsync();
        await on.PutAsync(container, "dpi/config", [1]);
        using var target = new AzureCanaryTarget(on.Location(container, "dpi/"), on.Settings(), StoreLimits.Default, TimeProvider.System);
        using var witness = new AzureCanaryWitness(on.Location(container, "dpi/"), on.Settings("sas = " + Azurite.ContainerSas(container, "rl", TimeSpan.FromHours(1))), StoreLimits.Default, TimeProvider.System);
        var plan = new ProbePlan("azure", new CanaryRun("run1"), LockMode.Compliance, TimeSpan.FromDays(7), TimeSpan.FromMinutes(15), TimeSpan.Zero);
        var report = await new ImmutabilityProbe(target, witness, plan, TimeProvider.System, _ => { }).RunAsync(new ProbeMemory(), LockScope.Empty, CancellationToken.None);
        report.Verdict.Should().Be(ImmutabilityVerdict.Exposed);
        report.Attacks.Should().Contain(a => a.Attack == CanaryAttack.DeleteVersion && a.Intact == false);
        report.Identity.Should().Be($"account key of {Azurite.Account}");
        report.Witness.Should().MatchRegex(@"^SAS [0-9a-f]{8} \(rl\)$");
        using var store = on.Store(container);
        (await AllAsync(store.ListAsync("", CancellationToken.None))).Select(o => o.Name).Should().Equal("dpi/config");
    }
}
