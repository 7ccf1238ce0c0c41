using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using BackupGuard.Tests.Servers;
using FluentAssertions;
using Xunit;

namespace BackupGuard.System.Tests;

/// <summary>A repository that restic wrote, in a folder. Debian's restic speaks to no emulator: its files are put into a container as they are.</summary>
public sealed class AzureSample : IAsyncLifetime
{
    private readonly TemporaryFolder work = new();

    public string Source => work.Of("source");
    public string Repository => work.Of("repository");

    public async Task InitializeAsync()
    {
        await Programs.MustAsync("bash", "-c", $"mkdir '{Source}' && cd '{Source}' && seq 1 200000 > zahlen.txt && head -c 5000000 /dev/urandom > alea.bin && mkdir sub && for i in $(seq 1 30); do echo $i > \"sub/été $i\"; done");
        await Programs.MustAsync("restic", "-r", Repository, "--no-cache", "-q", "init");
        await Programs.MustAsync("restic", "-r", Repository, "--no-cache", "-q", "backup", Source);
    }

    public Task DisposeAsync()
    {
        work.Dispose();
        return Task.CompletedTask;
    }
}

/// <summary>The administrator at the shell, with that repository in a container of Azurite.</summary>
public sealed class AzureCommandLineTests(AzureSample sample) : IClassFixture<AzureSample>, IAsyncLifetime
{
    private static int count;
    private readonly TemporaryFolder work = new();
    private readonly string container = $"shell{Environment.ProcessId}-{Interlocked.Increment(ref count)}-{DateTimeOffset.UtcNow.ToUnixTimeSeconds()}";
    private Azurite server = null!;

    public async Task InitializeAsync()
    {
        server = await Azurite.GetAsync();
        await server.CreateContainerAsync(container);
        await server.UploadAsync(container, "hospital/dpi/", sample.Repository);
    }

    public Task DisposeAsync()
    {
        work.Dispose();
        return Task.CompletedTask;
    }

    private string Location => $"azure:{server.Plain}/{Azurite.Account}/{container}/hospital/dpi";

    private static Task<Programs.Ended> AgentAsync(string[] arguments, params (string, string?)[] more) => Programs.RunAsync("dotnet", [Programs.Agent, .. arguments],
        [("AZURE_ACCOUNT_KEY", Azurite.Key), ("AZURE_ACCOUNT_SAS", null), ("AZURE_ACCOUNT_NAME", null), ("AZURE_TENANT_ID", null), ("NO_PROXY", "127.0.0.1"), .. more]);

    [Fact]
    public async Task What_restic_wrote_verifies_is_inspected_and_comes_back()
    {
        var verified = await AgentAsync(["verify", $"restic:{Location}", "--format", "json"]);
        verified.ExitCode.Should().Be(0, verified.Output + verified.Error);
        using (var document = JsonDocument.Parse(verified.Output))
        {
            document.RootElement.GetProperty("verdict").GetString().Should().Be("proved");
            document.RootElement.GetProperty("coverage").GetDouble().Should().Be(1);
            document.RootElement.GetProperty("bytesRead").GetInt64().Should().BeGreaterThan(5_000_000);
        }
        (await AgentAsync(["inspect", $"restic:{Location}"])).ExitCode.Should().Be(0);
        var restored = await AgentAsync(["restore", $"restic:{Location}", "latest", "--to", work.Of("restored")]);
        restored.ExitCode.Should().Be(0, restored.Error);
        await Programs.MustAsync("diff", "-r", sample.Source, work.Of("restored") + sample.Source);
    }

    [Fact]
    public async Task A_SAS_in_a_file_is_enough_for_reading_and_is_shown_nowhere()
    {
        var keys = work.Of("keys");
        var sas = Azurite.ContainerSas(container, "rl", TimeSpan.FromHours(1));
        await File.WriteAllTextAsync(keys, $"# of the reader\nsas = {sas}\n");
        var signature = sas[(sas.IndexOf("sig=", StringComparison.Ordinal) + 4)..];
        var verified = await AgentAsync(["verify", $"restic:{Location}", "--credentials-file", keys, "--format", "json"], ("AZURE_ACCOUNT_KEY", null));
        verified.ExitCode.Should().Be(0, verified.Error);
        (verified.Output + verified.Error).Should().NotContain(signature);
        // It may not write: that the store was not tried is said, and is no verdict.
        var tried = await AgentAsync(["store-test", $"restic:{Location}", "--credentials-file", keys], ("AZURE_ACCOUNT_KEY", null));
        tried.ExitCode.Should().Be(3, tried.Error);
        (tried.Output + tried.Error).Should().Contain("Nothing could be written").And.NotContain(signature);
    }

    [Fact]
    public async Task One_damaged_pack_fails_the_repository_and_a_missing_one_too()
    {
        var pack = Directory.EnumerateFiles(Path.Combine(sample.Repository, "data"), "*", SearchOption.AllDirectories).First();
        var name = "hospital/dpi/" + Path.GetRelativePath(sample.Repository, pack);
        var bytes = await File.ReadAllBytesAsync(pack);
        bytes[bytes.Length / 2] ^= 1;
        await server.PutAsync(container, name, bytes);
        var verified = await AgentAsync(["verify", $"restic:{Location}"]);
        verified.ExitCode.Should().Be(1, verified.Error);
        verified.Error.Should().Contain(Path.GetFileName(pack)[..8]).And.Contain("FAILED");
        await server.DeleteAsync(container, name);
        (await AgentAsync(["verify", $"restic:{Location}"])).ExitCode.Should().Be(1);
    }

    [Fact]
    public async Task What_keeps_the_store_from_answering_is_said_in_a_sentence_and_is_never_green()
    {
        using var dead = new TcpListener(IPAddress.Loopback, 0);
        dead.Start();
        var port = ((IPEndPoint)dead.LocalEndpoint).Port;
        dead.Stop();
        await SaysAsync($"restic:{Location}", "look at the key or the SAS", ("AZURE_ACCOUNT_KEY", "c2FtcGxlLXdyb25n"));
        await SaysAsync($"restic:azure:{server.Plain}/{Azurite.Account}/no-such-container", "there is no such container");
        await SaysAsync($"restic:azure:http://127.0.0.1:{port}/{Azurite.Account}/container", "the store cannot be reached (Connection refused)");
        await SaysAsync("restic:azure:container:/dpi", "cannot be resolved", ("AZURE_ACCOUNT_NAME", "hospital"), ("AZURE_ENDPOINT_SUFFIX", "storage.invalid"));

        async Task SaysAsync(string address, string sentence, params (string, string?)[] environment)
        {
            var ended = await AgentAsync(["verify", address], environment);
            ended.ExitCode.Should().Be(3, ended.Error);
            ended.Error.Should().Contain(sentence).And.NotContain("   at ").And.NotContain(Azurite.Key);
        }
        var without = await AgentAsync(["verify", $"restic:{Location}"], ("AZURE_ACCOUNT_KEY", null));
        without.ExitCode.Should().Be(2);
        without.Error.Should().Contain("This store needs keys");
    }

    [Fact]
    public async Task Store_test_finds_Azurite_good_and_leaves_nothing_behind()
    {
        var tried = await AgentAsync(["store-test", $"restic:{Location}"]);
        tried.ExitCode.Should().Be(0, tried.Error);
        tried.Error.Should().Contain("Every rule is kept").And.NotContain("BROKEN").And.NotContain("could not be removed");
        (await AgentAsync(["verify", $"restic:{Location}", "--read-data", "none"])).Error.Should().NotContain("store-test");
    }

    [Fact]
    public async Task A_sealed_set_verifies_as_a_folder_and_as_an_archive()
    {
        (await Programs.AgentAsync("seal", sample.Source, "--state", work.Of("state"))).ExitCode.Should().Be(0);
        await server.UploadAsync(container, "set/", sample.Source);
        var set = $"files:azure:{server.Plain}/{Azurite.Account}/{container}/set";
        var folder = await AgentAsync(["verify", set, "--state", work.Of("state")]);
        folder.ExitCode.Should().Be(0, folder.Error);
        await Programs.MustAsync("tar", "-C", sample.Source, "-cf", work.Of("set.tar"), ".");
        await server.PutAsync(container, "set.tar", await File.ReadAllBytesAsync(work.Of("set.tar")));
        var archive = await AgentAsync(["verify", $"{set}.tar", "--state", work.Of("state")]);
        archive.ExitCode.Should().Be(0, archive.Error);
    }

    [Fact]
    public async Task A_container_without_locks_is_exposed_to_the_keys_that_write_it()
    {
        await File.WriteAllTextAsync(work.Of("writer.azure"), $"account_key = {Azurite.Key}\n");
        await File.WriteAllTextAsync(work.Of("reader.azure"), $"sas = {Azurite.ContainerSas(container, "rl", TimeSpan.FromHours(1))}\n");
        await File.WriteAllTextAsync(work.Of("agent.yaml"), $$"""
            state: {{work.Of("state")}}
            repositories:
              dpi:
                address: "restic:{{Location}}"
                application: dpi
                store: { credentialsFile: reader.azure }
                probe: { identityUnderTest: writer.azure, mode: locked, approvedBy: [Anne Martin, Luc Petit] }
            """);
        var probed = await AgentAsync(["probe", "dpi", "--config", work.Of("agent.yaml"), "--format", "json"], ("AZURE_ACCOUNT_KEY", null));
        probed.ExitCode.Should().Be(1, probed.Output + probed.Error);
        probed.Output.Should().Contain("\"immutability\": \"exposed\"").And.NotContain(Azurite.Key).And.NotContain("sig=");
    }

    [Fact]
    public async Task An_envelope_opens_it_with_the_key_inside_and_not_with_an_identity_of_this_machine()
    {
        async Task<Programs.Ended> TryAsync(string credentials)
        {
            await File.WriteAllTextAsync(work.Of("envelope.yaml"), $$"""
                format: backupguard.envelope/v1
                repository: "restic:{{Location}}"
                sealedOn: "2026-11-22"
                password: "{{Programs.Password}}"
                credentials: "{{credentials}}"
                """);
            return await AgentAsync(["envelope-test", work.Of("envelope.yaml")]);
        }
        (await TryAsync($"account_key={Azurite.Key}")).ExitCode.Should().Be(0);
        var foreign = await TryAsync("managed_identity=system");
        foreign.ExitCode.Should().NotBe(0);
        (foreign.Output + foreign.Error).Should().Contain("which this machine has and the envelope does not");
    }
}
