using System.Xml.Linq;
using BackupGuard.Tests.Servers;
using FluentAssertions;
using Xunit;

namespace BackupGuard.System.Tests;

/// <summary>The exported log in a bucket under Object Lock, by the commands of the guide, with an identity that may not delete.</summary>
public sealed class TilesInABucketOnTheGateway : IAsyncLifetime
{
    private readonly TemporaryFolder work = new();
    private readonly string bucket = $"journal{Environment.ProcessId}-{DateTimeOffset.UtcNow.ToUnixTimeSeconds()}";
    private S3Gateway gateway = null!;      // set by InitializeAsync before every test

    public async Task InitializeAsync()
    {
        gateway = await S3Gateway.GetAsync();
        var writer = await gateway.CreateUserAsync($"ecrivain{Environment.ProcessId}");
        Directory.CreateDirectory(work.Of("tiles"));
        await File.WriteAllTextAsync(work.Of("owner.conf"), Curl(gateway.AccessKey, gateway.SecretKey));
        await File.WriteAllTextAsync(work.Of("writer.conf"), Curl(writer.AccessKey, writer.SecretKey));
        await File.WriteAllTextAsync(work.Of("rclone.conf"), $"[preuves]\ntype = s3\nprovider = Ceph\nendpoint = {gateway.Plain}\naccess_key_id = {writer.AccessKey}\nsecret_access_key = {writer.SecretKey}\n");
        await PutAsync("", "", "-H", "x-amz-bucket-object-lock-enabled: true");
        await PutAsync("?object-lock=", """
            <ObjectLockConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention><Mode>COMPLIANCE</Mode><Days>1</Days></DefaultRetention></Rule></ObjectLockConfiguration>
            """);
        // No right to delete, in any of its forms.
        await PutAsync("?policy=", $$"""
            {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam:::user/ecrivain{{Environment.ProcessId}}"]},"Action":["s3:PutObject","s3:GetObject","s3:ListBucket"],
             "Resource":["arn:aws:s3:::{{bucket}}","arn:aws:s3:::{{bucket}}/*"]}]}
            """);
    }

    public Task DisposeAsync()
    {
        work.Dispose();
        return Task.CompletedTask;
    }

    private static string Curl(string access, string secret) =>
        $"user = \"{access}:{secret}\"\naws-sigv4 = \"aws:amz:us-east-1:s3\"\nheader = \"x-amz-content-sha256: UNSIGNED-PAYLOAD\"\nnoproxy = \"*\"\nsilent\nshow-error\n";

    private async Task PutAsync(string query, string body, params string[] more)
    {
        await File.WriteAllTextAsync(work.Of("body"), body);
        var md5 = (await Programs.MustAsync("bash", "-c", $"openssl md5 -binary '{work.Of("body")}' | base64")).Trim();
        await Programs.MustAsync("curl", ["-K", work.Of("owner.conf"), "--fail", "-X", "PUT", "--data-binary", "@" + work.Of("body"), "-H", $"Content-MD5: {md5}", .. more, $"{gateway.Plain}/{bucket}{query}"]);
    }

    /// <returns>What curl says of the status.</returns>
    private Task<string> StatusAsync(string who, string method, string key) =>
        Programs.MustAsync("curl", "-K", work.Of(who), "-X", method, "-o", "/dev/null", "-w", "%{http_code}", $"{gateway.Plain}/{bucket}/{key}");

    /// <summary>Ids of the versions of every key, the newest first.</summary>
    private async Task<Dictionary<string, string[]>> VersionsAsync()
    {
        var answer = XDocument.Parse(await Programs.MustAsync("curl", "-K", work.Of("owner.conf"), "--fail", $"{gateway.Plain}/{bucket}?versions="));
        var space = answer.Root!.Name.Namespace;    // a document has a root
        return answer.Descendants(space + "Version").GroupBy(v => v.Element(space + "Key")!.Value).ToDictionary(g => g.Key,
            g => g.OrderByDescending(v => v.Element(space + "IsLatest")!.Value == "true").Select(v => v.Element(space + "VersionId")!.Value).ToArray());
    }

    private Task<string> RcloneAsync(params string[] arguments) => MustAsync("rclone", ["--config", work.Of("rclone.conf"), "--s3-no-check-bucket", .. arguments]);

    private static async Task<string> MustAsync(string program, string[] arguments)
    {
        var ended = await Programs.RunAsync(program, arguments, ("AWS_CA_BUNDLE", null), ("NO_PROXY", "127.0.0.1"));
        ended.ExitCode.Should().Be(0, ended.Error);
        return ended.Output;
    }

    /// <summary>The two commands of the guide: everything, and the head when all that it covers is there.</summary>
    /// <returns>The log's key.</returns>
    private async Task<string> CopyAsync()
    {
        var said = await Programs.MustAsync("dotnet", Programs.Server, "tiles", "--data", work.Of("server"), "--out", work.Of("tiles"));
        await RcloneAsync("copy", "--checksum", "--exclude", "/checkpoint", work.Of("tiles"), $"preuves:{bucket}/journal");
        await RcloneAsync("copyto", "--checksum", work.Of("tiles/checkpoint"), $"preuves:{bucket}/journal/checkpoint");
        return said.Split("--key ")[1].Trim();
    }

    private async Task EnrolAsync(string name)
    {
        await using var server = new Watched(Programs.Start("dotnet", [Programs.Server, "run", "--urls", "http://127.0.0.1:0", "--data", work.Of("server")]));
        var url = (await server.LineAsync("Listening on "))["Listening on ".Length..].TrimEnd('/');
        var token = (await Programs.MustAsync("dotnet", Programs.Server, "agents", "token", "--data", work.Of("server"))).Trim();
        (await Programs.RunAsync("dotnet", [Programs.Agent, "enroll", "--server", url, "--name", name, "--state", work.Of(name)], ("BACKUPGUARD_ENROL_TOKEN", token))).ExitCode.Should().Be(0);
        await server.SignalAsync("TERM");
    }

    [Fact]
    public async Task A_log_in_a_locked_bucket_grows_without_a_right_to_delete_and_keeps_every_version()
    {
        await EnrolAsync("premier");
        var key = await CopyAsync();
        var first = await VersionsAsync();
        first.Should().ContainKeys("journal/checkpoint", "journal/tile/0/000.p/1", "journal/tile/entries/000.p/1");
        first.Values.Should().OnlyContain(v => v.Length == 1);
        await CopyAsync();
        (await VersionsAsync()).Values.Should().OnlyContain(v => v.Length == 1, "what is there is not written again");

        await EnrolAsync("second");
        await CopyAsync();
        var grown = await VersionsAsync();
        grown.Where(v => v.Value.Length > 1).Select(v => v.Key).Should().Equal(["journal/checkpoint"], "only the head changes; a longer partial tile has a name of its own");
        grown.Should().ContainKey("journal/tile/0/000.p/2").And.ContainKey("journal/tile/0/000.p/1");

        // Whoever stole the writer's key, and the owner of the bucket, both try to be rid of the past.
        (await StatusAsync("writer.conf", "DELETE", "journal/tile/0/000.p/1")).Should().Be("403");
        (await StatusAsync("owner.conf", "DELETE", $"journal/tile/0/000.p/1?versionId={first["journal/tile/0/000.p/1"][0]}")).Should().Be("403", "it is locked, for its owner too");
        (await StatusAsync("owner.conf", "DELETE", "journal/tile/0/000.p/1")).Should().Be("204", "to hide it is all that the owner can do");
        await File.WriteAllTextAsync(work.Of("forged"), new string('x', 32));
        await RcloneAsync("copyto", work.Of("forged"), $"preuves:{bucket}/journal/tile/0/000.p/1");
        var versions = (await VersionsAsync())["journal/tile/0/000.p/1"];
        versions.Should().HaveCount(2).And.Contain(first["journal/tile/0/000.p/1"], "it can be covered, and the right one stays below");

        await RcloneAsync("copy", $"preuves:{bucket}/journal", work.Of("back"));
        (await Programs.RunAsync("dotnet", [Programs.Evidence, "verify", work.Of("back"), "--key", key])).Should().Match<Programs.Ended>(e => e.ExitCode == 1 && e.Output.Contains("BG2041"));
        await Programs.MustAsync("curl", "-K", work.Of("writer.conf"), "--fail", "-o", work.Of("back/tile/0/000.p/1"), $"{gateway.Plain}/{bucket}/journal/tile/0/000.p/1?versionId={first["journal/tile/0/000.p/1"][0]}");
        (await Programs.RunAsync("dotnet", [Programs.Evidence, "verify", work.Of("back"), "--key", key])).ExitCode.Should().Be(0);
    }
}
