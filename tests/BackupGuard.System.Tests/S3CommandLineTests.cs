using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using BackupGuard.Tests.Servers;
using FluentAssertions;
using Xunit;

namespace BackupGuard.System.Tests;

/// <summary>The administrator at the shell, with a repository that restic itself wrote into a bucket of a real S3 server.</summary>
public sealed class S3CommandLineTests : IAsyncLifetime
{
    private static int count;
    private readonly TemporaryFolder work = new();
    private readonly string bucket = $"shell{Environment.ProcessId}-{Interlocked.Increment(ref count)}-{DateTimeOffset.UtcNow.ToUnixTimeSeconds()}";
    private S3Gateway gateway = null!;

    public async Task InitializeAsync()
    {
        gateway = await S3Gateway.GetAsync();
        await Programs.MustAsync("bash", "-c", $"mkdir '{work.Of("source")}' && cd '{work.Of("source")}' && seq 1 200000 > zahlen.txt && head -c 20000000 /dev/urandom > alea.bin && mkdir sub && for i in $(seq 1 30); do echo $i > \"sub/été $i\"; done");
    }

    public Task DisposeAsync()
    {
        work.Dispose();
        return Task.CompletedTask;
    }

    private string Location => $"s3:{gateway.Plain}/{bucket}/hospital/dpi";

    private Task<Programs.Ended> RunAsync(string program, string[] arguments, params (string, string?)[] more) => Programs.RunAsync(program, arguments,
        [("AWS_ACCESS_KEY_ID", gateway.AccessKey), ("AWS_SECRET_ACCESS_KEY", gateway.SecretKey), ("AWS_SESSION_TOKEN", null), ("AWS_REGION", null), ("NO_PROXY", "127.0.0.1"), .. more]);

    private Task<Programs.Ended> AgentAsync(string[] arguments, params (string, string?)[] more) => RunAsync("dotnet", [Programs.Agent, .. arguments], more);

    private async Task<string> ResticAsync(params string[] arguments)
    {
        var ended = await RunAsync("restic", ["-r", Location, "--no-cache", .. arguments]);
        ended.ExitCode.Should().Be(0, ended.Error);
        return ended.Output;
    }

    private async Task BackUpAsync()
    {
        await ResticAsync("init");
        await ResticAsync("backup", work.Of("source"));
    }

    /// <summary>Through the server's own interface, with curl's signature.</summary>
    private async Task CurlAsync(string key, params string[] arguments)
    {
        var keys = work.Of("curl.conf");
        await File.WriteAllTextAsync(keys, $"user = \"{gateway.AccessKey}:{gateway.SecretKey}\"\naws-sigv4 = \"aws:amz:us-east-1:s3\"\nnoproxy = \"*\"\nfail\nsilent\nshow-error\n");
        await Programs.MustAsync("curl", ["-K", keys, "-H", "x-amz-content-sha256: UNSIGNED-PAYLOAD", .. arguments, $"{gateway.Plain}/{bucket}/hospital/dpi/{key}"]);
    }

    [Fact]
    public async Task What_restic_wrote_into_a_bucket_verifies_is_inspected_and_comes_back()
    {
        await BackUpAsync();
        var verified = await AgentAsync(["verify", $"restic:{Location}", "--format", "json"]);
        verified.ExitCode.Should().Be(0, verified.Output + verified.Error);
        using (var document = JsonDocument.Parse(verified.Output))
        {
            document.RootElement.GetProperty("verdict").GetString().Should().Be("proved");
            document.RootElement.GetProperty("coverage").GetDouble().Should().Be(1);
            document.RootElement.GetProperty("bytesRead").GetInt64().Should().BeGreaterThan(20_000_000);
        }
        (await AgentAsync(["inspect", $"restic:{Location}"])).ExitCode.Should().Be(0);

        var restored = await AgentAsync(["restore", $"restic:{Location}", "latest", "--to", work.Of("restored")]);
        restored.ExitCode.Should().Be(0, restored.Error);
        await Programs.MustAsync("diff", "-r", work.Of("source"), work.Of("restored") + work.Of("source"));
    }

    [Fact]
    public async Task Over_TLS_with_the_keys_in_a_file_and_under_the_authority_that_was_given()
    {
        await BackUpAsync();
        var keys = work.Of("keys");
        await File.WriteAllTextAsync(keys, $"[default]\naws_access_key_id = {gateway.AccessKey}\naws_secret_access_key = {gateway.SecretKey}\n");
        var address = $"restic:s3:{gateway.Tls}/{bucket}/hospital/dpi";
        (string, string?)[] none = [("AWS_ACCESS_KEY_ID", null), ("AWS_SECRET_ACCESS_KEY", null)];
        (await AgentAsync(["verify", address, "--credentials-file", keys, "--ca-file", gateway.CaFile], none)).ExitCode.Should().Be(0);
        var untrusted = await AgentAsync(["verify", address, "--credentials-file", keys], none);
        untrusted.ExitCode.Should().Be(3);
        untrusted.Error.Should().Contain("certificate is not trusted");
        var without = await AgentAsync(["verify", address], none);
        without.ExitCode.Should().Be(2);
        without.Error.Should().Contain("This store needs keys");
    }

    [Fact]
    public async Task One_damaged_pack_fails_the_repository_and_its_restore()
    {
        await BackUpAsync();
        var pack = (await ResticAsync("list", "packs")).Split('\n', StringSplitOptions.RemoveEmptyEntries)[0].Trim();
        var key = $"data/{pack[..2]}/{pack}";
        await CurlAsync(key, "-o", work.Of("pack"));
        var bytes = await File.ReadAllBytesAsync(work.Of("pack"));
        Convert.ToHexStringLower(SHA256.HashData(bytes)).Should().Be(pack);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(work.Of("pack"), bytes);
        await CurlAsync(key, "-T", work.Of("pack"));

        var verified = await AgentAsync(["verify", $"restic:{Location}"]);
        verified.ExitCode.Should().Be(1, verified.Error);
        verified.Error.Should().Contain(pack[..8]).And.Contain("FAILED");
        (await AgentAsync(["restore", $"restic:{Location}", "latest", "--to", work.Of("restored")])).ExitCode.Should().Be(1);
        Directory.Exists(work.Of("restored")).Should().BeFalse("nothing is kept of a restore that failed");

        await CurlAsync(key, "-X", "DELETE");
        var missing = await AgentAsync(["verify", $"restic:{Location}"]);
        missing.ExitCode.Should().Be(1, missing.Error);
    }

    [Fact]
    public async Task What_keeps_the_store_from_answering_is_said_in_a_sentence_and_is_never_green()
    {
        await BackUpAsync();
        using var dead = new TcpListener(IPAddress.Loopback, 0);
        dead.Start();
        var port = ((IPEndPoint)dead.LocalEndpoint).Port;
        dead.Stop();
        await SaysAsync($"restic:{Location}", "the secret key is not the one of this access key", ("AWS_SECRET_ACCESS_KEY", "sample-wrong"));
        await SaysAsync($"restic:{Location}", "does not know this access key", ("AWS_ACCESS_KEY_ID", "SAMPLEUNKNOWN"));
        await SaysAsync($"restic:s3:{gateway.Plain}/no-such-bucket", "there is no such bucket");
        await SaysAsync($"restic:s3:http://127.0.0.1:{port}/bucket", "the store cannot be reached (Connection refused)");
        await SaysAsync("restic:s3:https://store.invalid/bucket", "cannot be resolved");

        async Task SaysAsync(string address, string sentence, params (string, string?)[] environment)
        {
            var ended = await AgentAsync(["verify", address], environment);
            ended.ExitCode.Should().Be(3, ended.Error);
            ended.Error.Should().Contain(sentence).And.NotContain("   at ").And.NotContain(gateway.SecretKey);
        }
    }

    [Fact]
    public async Task A_prefix_without_a_repository_is_none()
    {
        await BackUpAsync();
        var ended = await AgentAsync(["verify", $"restic:s3:{gateway.Plain}/{bucket}/elsewhere"]);
        ended.ExitCode.Should().Be(1);
        ended.Error.Should().Contain("BG1001");
    }

    [Fact]
    public async Task Requests_go_through_the_proxy_of_the_environment()
    {
        using var proxy = new TcpListener(IPAddress.Loopback, 0);
        proxy.Start();
        var asked = Task.Run(async () =>
        {
            using var client = await proxy.AcceptTcpClientAsync();
            using var reader = new StreamReader(client.GetStream());
            var first = await reader.ReadLineAsync();
            while (await reader.ReadLineAsync() is { Length: > 0 }) { }
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
            return first;
        });
        var ended = await AgentAsync(["inspect", "restic:s3:http://store.invalid/bucket"], ("HTTP_PROXY", $"http://{proxy.LocalEndpoint}"), ("http_proxy", $"http://{proxy.LocalEndpoint}"));
        ended.ExitCode.Should().Be(3, ended.Error);
        (await asked).Should().StartWith("GET http://store.invalid/bucket");
    }

    [Fact]
    public async Task Store_test_finds_the_gateway_good_and_leaves_nothing_behind()
    {
        await BackUpAsync();
        var before = await ResticAsync("list", "packs");
        var tried = await AgentAsync(["store-test", $"restic:{Location}"]);
        tried.ExitCode.Should().Be(0, tried.Error);
        tried.Error.Should().Contain("Every rule is kept").And.NotContain("BROKEN").And.NotContain("could not be removed");
        (await ResticAsync("list", "packs")).Should().Be(before);
        (await AgentAsync(["verify", $"restic:{Location}", "--read-data", "none"])).Error.Should().NotContain("store-test");
    }

    [Fact]
    public async Task A_sealed_set_in_a_bucket_verifies_as_a_folder_and_as_an_archive()
    {
        await ResticAsync("init");
        (await Programs.AgentAsync("seal", work.Of("source"), "--state", work.Of("state"))).ExitCode.Should().Be(0);
        foreach (var file in Directory.EnumerateFiles(work.Of("source"), "*", SearchOption.AllDirectories))
            await CurlAsync("set/" + string.Join('/', Path.GetRelativePath(work.Of("source"), file).Split('/').Select(Uri.EscapeDataString)), "-T", file);
        var folder = await AgentAsync(["verify", $"files:{Location}/set", "--state", work.Of("state")]);
        folder.ExitCode.Should().Be(0, folder.Error);
        await Programs.MustAsync("tar", "-C", work.Of("source"), "-cf", work.Of("set.tar"), ".");
        await CurlAsync("set.tar", "-T", work.Of("set.tar"));
        var archive = await AgentAsync(["verify", $"files:{Location}/set.tar", "--state", work.Of("state")]);
        archive.ExitCode.Should().Be(0, archive.Error);
    }

    /// <summary>A bucket whose objects nobody can delete for a day.</summary>
    private async Task LockedBucketAsync()
    {
        var keys = work.Of("curl-bucket.conf");
        await File.WriteAllTextAsync(keys, $"user = \"{gateway.AccessKey}:{gateway.SecretKey}\"\naws-sigv4 = \"aws:amz:us-east-1:s3\"\nnoproxy = \"*\"\nfail\nsilent\nshow-error\n");
        await Programs.MustAsync("curl", "-K", keys, "-X", "PUT", "-H", "x-amz-content-sha256: UNSIGNED-PAYLOAD", "-H", "x-amz-bucket-object-lock-enabled: true", $"{gateway.Plain}/{bucket}");
        const string rule = "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention><Mode>COMPLIANCE</Mode><Days>1</Days></DefaultRetention></Rule></ObjectLockConfiguration>";
        await Programs.MustAsync("curl", "-K", keys, "-X", "PUT", "-H", "x-amz-content-sha256: UNSIGNED-PAYLOAD", "--data-binary", rule, $"{gateway.Plain}/{bucket}?object-lock=");
    }

    [Fact]
    public async Task A_Borg_repository_copied_into_a_locked_bucket_has_a_horizon_for_each_archive()
    {
        await LockedBucketAsync();
        var borg = work.Of("borg");
        await Programs.MustAsync("bash", "-c", $"export BORG_BASE_DIR='{work.Of("home")}' BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK=yes; borg init -e none '{borg}' && borg create '{borg}::one' '{work.Of("source/sub")}' && borg create '{borg}::two' '{work.Of("source")}'");
        foreach (var file in Directory.EnumerateFiles(borg, "*", SearchOption.AllDirectories)) await CurlAsync(Path.GetRelativePath(borg, file), "-T", file);

        var inspected = await AgentAsync(["inspect", $"borg:{Location}", "--locks", "--format", "json"]);
        using var document = JsonDocument.Parse(inspected.Output);
        var horizons = document.RootElement.GetProperty("horizons").EnumerateArray().ToList();
        horizons.Should().HaveCount(2, inspected.Error).And.OnlyContain(h => h.GetProperty("unlocked").GetInt32() == 0);
        horizons[^1].GetProperty("until").GetDateTimeOffset().Should().BeCloseTo(DateTimeOffset.UtcNow.AddDays(1), TimeSpan.FromMinutes(10), "the rule of the bucket holds each object for a day");
    }

    [Fact]
    public async Task A_repository_under_compliance_locks_is_proved_until_a_marker_hides_a_pack_of_it()
    {
        await LockedBucketAsync();
        await BackUpAsync();
        await File.WriteAllTextAsync(work.Of("writer.s3"), $"aws_access_key_id = {gateway.AccessKey}\naws_secret_access_key = {gateway.SecretKey}\n");
        await File.WriteAllTextAsync(work.Of("agent.yaml"), $$"""
            state: {{work.Of("state")}}
            repositories:
              dpi:
                address: "restic:{{Location}}"
                application: dpi
                probe: { identityUnderTest: writer.s3, controlAfter: PT4S, interval: PT1M, approvedBy: [Anne Martin] }
            """);
        string[] probe = ["probe", "dpi", "--config", work.Of("agent.yaml"), "--wait", "PT1M", "--format", "json"];
        var alone = await AgentAsync(probe);
        alone.ExitCode.Should().Be(2);
        alone.Error.Should().Contain("two different names");
        Directory.Exists(work.Of("state")).Should().BeFalse("nothing was tried");

        await File.WriteAllTextAsync(work.Of("agent.yaml"), (await File.ReadAllTextAsync(work.Of("agent.yaml"))).Replace("[Anne Martin]", "[Anne Martin, Luc Petit]", StringComparison.Ordinal));
        var proved = await AgentAsync(probe);
        proved.ExitCode.Should().Be(0, proved.Output + proved.Error);
        proved.Output.Should().NotContain(gateway.SecretKey);
        using (var document = JsonDocument.Parse(proved.Output))
        {
            document.RootElement.GetProperty("immutability").GetString().Should().Be("proved");
            document.RootElement.GetProperty("control").GetProperty("outcome").GetString().Should().Be("passed");
            var horizon = document.RootElement.GetProperty("horizons").EnumerateArray().Single();
            horizon.GetProperty("until").GetDateTimeOffset().Should().BeCloseTo(DateTimeOffset.UtcNow.AddDays(1), TimeSpan.FromMinutes(10), "the rule of the bucket holds each object for a day");
            horizon.GetProperty("unlocked").GetInt32().Should().Be(0);
            document.RootElement.GetProperty("findings").EnumerateArray().Select(f => f.GetProperty("code").GetString()).Should().Contain("BG4132", "a day is less than anybody wants");
        }
        Directory.EnumerateFiles(work.Of("state/spool"), "*", SearchOption.AllDirectories).Should().NotBeEmpty("intent and result are evidence");

        var inspected = await AgentAsync(["inspect", $"restic:{Location}", "--locks"]);
        inspected.Error.Should().Contain("cannot be destroyed before");
        // What restic itself takes away, its own lock files, hides nothing; and what the probe left does not disturb the repository.
        (await AgentAsync(["verify", $"restic:{Location}", "--read-data", "none"])).Error.Should().NotContain("canary");

        var pack = (await ResticAsync("list", "packs", "--no-lock")).Split('\n', StringSplitOptions.RemoveEmptyEntries)[0].Trim();
        await CurlAsync($"data/{pack[..2]}/{pack}", "-X", "DELETE");
        var hidden = await AgentAsync(probe);
        hidden.ExitCode.Should().Be(1, hidden.Output + hidden.Error);
        hidden.Output.Should().Contain("\"immutability\": \"hidden\"");
    }
}
