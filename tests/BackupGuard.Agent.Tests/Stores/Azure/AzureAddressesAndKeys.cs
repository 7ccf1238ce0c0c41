using BackupGuard.Agent.Stores;
using BackupGuard.Agent.Stores.Azure;
using BackupGuard.Agent.Tests.Drills;
using BackupGuard.Tests.Servers;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Agent.Tests.Stores.Azure;

public sealed class AzureAddressesAndKeys : IDisposable
{
    private readonly TestFolder disk = new();

    public void Dispose() => disk.Dispose();

    [Theory]
    [InlineData("azure:https://hospital.blob.core.windows.net/backup", "https://hospital.blob.core.windows.net/", "hospital", "backup", "")]
    [InlineData("azure:https://hospital.blob.core.windows.net/backup/dpi/a%20b/", "https://hospital.blob.core.windows.net/", "hospital", "backup", "dpi/a b/")]
    [InlineData("azure:https://hospital.blob.core.usgovcloudapi.net/backup", "https://hospital.blob.core.usgovcloudapi.net/", "hospital", "backup", "")]
    [InlineData("azure:https://hospital.z22.blob.storage.azure.net/backup", "https://hospital.z22.blob.storage.azure.net/", "hospital", "backup", "")]
    [InlineData("azure:https://backups.hospital.example/backup", "https://backups.hospital.example/", null, "backup", "")]
    [InlineData("azure:http://127.0.0.1:10000/devstoreaccount1/backup/dpi", "http://127.0.0.1:10000/devstoreaccount1/", "devstoreaccount1", "backup", "dpi/")]
    [InlineData("azure:https://azurite:10000/devstoreaccount1/backup", "https://azurite:10000/devstoreaccount1/", "devstoreaccount1", "backup", "")]
    [InlineData("azure:backup:/", null, null, "backup", "")]
    [InlineData("azure:backup:/dpi/2026", null, null, "backup", "dpi/2026/")]
    [InlineData("azure:backup:dpi", null, null, "backup", "dpi/")]
    public void An_address_is_a_URL_or_what_restic_writes(string text, string? service, string? account, string container, string prefix) =>
        AzureLocation.Parse(text).Should().Be(new AzureLocation(service is null ? null : new Uri(service), account, container, prefix));

    [Theory]
    [InlineData("azure:")]
    [InlineData("azure:backup")]
    [InlineData("azure:https://")]
    [InlineData("azure:https://hospital.blob.core.windows.net")]
    [InlineData("azure:https://hospital.blob.core.windows.net/")]
    [InlineData("azure:https://hospital.blob.core.windows.net/Backup")]
    [InlineData("azure:https://hospital.blob.core.windows.net/a--b")]
    [InlineData("azure:https://hospital.blob.core.windows.net/ab")]
    [InlineData("azure:https://hospital.blob.core.windows.net/backup?sv=2020&sig=secret")]
    [InlineData("azure:https://hospital.blob.core.windows.net/backup#secret")]
    [InlineData("azure:https://me:secret@hospital.blob.core.windows.net/backup")]
    [InlineData("azure:https://hospital.blob.core.windows.net/backup/../other")]
    [InlineData("azure:https://hospital.blob.core.windows.net/backup/a//b")]
    [InlineData("azure:https://hospital.blob.core.windows.net/backup/%2e%2e/other")]
    [InlineData("azure:https://hospital.blob.core.windows.net/backup/a%2fb")]
    [InlineData("azure:http://127.0.0.1:10000/backup")]
    [InlineData("azure:backup:/a/../b")]
    public void What_is_no_address_is_refused_without_repeating_a_secret(string text) =>
        ((Func<AzureLocation>)(() => AzureLocation.Parse(text))).Should().Throw<UsageException>().Which.Message.Should().Contain("Write azure:").And.NotContain("secret");

    [Fact]
    public void A_single_file_is_the_last_part_of_its_address()
    {
        var (parent, name) = AzureLocation.Parse("azure:https://hospital.blob.core.windows.net/backup/sets/2026.tar").Split();
        (parent.ToString(), name).Should().Be(("azure:https://hospital.blob.core.windows.net/backup/sets", "2026.tar"));
        AzureLocation.Parse("azure:backup:/2026.tar").Split().Parent.ToString().Should().Be("azure:backup:");
    }

    /// <summary>The string to sign that Microsoft prints for Get Container Metadata; the signature is what openssl makes of it with the key that Azurite publishes.</summary>
    [Fact]
    public void A_request_is_signed_as_the_documentation_of_Shared_Key_says()
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["x-ms-version"] = "2015-02-21", ["X-MS-Date"] = "Fri, 26 Jun 2015 23:39:12 GMT", ["User-Agent"] = "not signed", ["Content-Length"] = "0" };
        var text = SharedKeyPolicy.StringToSign("GET", new Uri("https://myaccount.blob.core.windows.net/mycontainer?restype=container&COMP=metadata&timeout=20"), headers, "myaccount");
        text.Should().Be("GET\n\n\n\n\n\n\n\n\n\n\n\nx-ms-date:Fri, 26 Jun 2015 23:39:12 GMT\nx-ms-version:2015-02-21\n/myaccount/mycontainer\ncomp:metadata\nrestype:container\ntimeout:20");
        SharedKeyPolicy.Sign(text, Convert.FromBase64String(Azurite.Key)).Should().Be("1u9lui2jDxj0+fpbHjQ5m5NnastJRSYM+PSmfi8TXx4=");
    }

    [Fact]
    public void Standard_headers_names_and_queries_are_signed_in_their_places()
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["Range"] = "bytes=0-9", ["If-Match"] = "\"0x1\"", ["Content-Length"] = "11", ["Content-Type"] = "text/plain", ["x-ms-meta"] = " a ", ["x-ms-date"] = "d" };
        SharedKeyPolicy.StringToSign("PUT", new Uri("https://h/c/d%C3%A9%20f?prefix=a%2Fb&include=z&include=a"), headers, "me")
            .Should().Be("PUT\n\n\n11\n\ntext/plain\n\n\n\"0x1\"\n\n\nbytes=0-9\nx-ms-date:d\nx-ms-meta:a\n/me/c/d%C3%A9%20f\ninclude:a,z\nprefix:a/b");
    }

    private string Written(params string[] lines)
    {
        File.WriteAllLines(disk["keys"], lines);
        return disk["keys"];
    }

    [Fact]
    public void An_identity_is_shown_without_its_secret()
    {
        AzureCredentials.Load(Written("# sample", "account_name=hospital", $"account_key={Azurite.Key}")).Name.Should().Be("account key hospital");
        AzureCredentials.Load(Written("sas=?sv=2020-12-06&sp=rl&sig=sample%3D")).Name.Should().MatchRegex(@"^SAS [0-9a-f]{8} \(rl\)$").And.NotContain("sample");
        AzureCredentials.Load(Written("sas=sv=2020-12-06&si=policy&sig=sample%3D")).Name.Should().EndWith("(by a stored policy)");
        AzureCredentials.Load(Written("tenant_id=t.example", "client_id=sample-id", "client_secret=sample-secret")).Name.Should().Be("client sample-id");
        AzureCredentials.Load(Written("managed_identity=system")).Name.Should().Be("managed identity system");
    }

    [Theory]
    [InlineData("", "This store needs keys")]
    [InlineData("account_name=hospital", "This store needs keys")]
    [InlineData("account_key=sample_secret", "is not one")]
    [InlineData("account_key=", "has no value")]
    [InlineData("sas=sv=2020-12-06&sp=rl", "is not one")]
    [InlineData("sas=https://h/c?sv=1&sig=sample #", "is not one")]
    [InlineData("account_key=c2FtcGxl\nsas=sv=1&sig=sample", "More than one identity")]
    [InlineData("account_key=c2FtcGxl\naccount_key=c2FtcGxl", "second time")]
    [InlineData("tenant_id=t\nclient_id=c", "exactly one of")]
    [InlineData("tenant_id=t\nclient_secret=sample", "needs tenant_id and client_id")]
    [InlineData("tenant_id=t\nclient_id=c\nclient_secret=sample\nfederated_token_file=/x", "exactly one of")]
    [InlineData("tenant_id=t/../u\nclient_id=c\nclient_secret=sample", "tenant_id")]
    [InlineData("tenant_id=t\nclient_id=c\nclient_secret=sample\nauthority=http://login.example", "authority")]
    [InlineData("credential_process=/bin/sample", "line 1")]
    [InlineData("sample-secret", "line 1")]
    public void A_file_that_cannot_be_used_is_said_without_what_stands_in_it(string text, string says) =>
        ((Func<AzureCredentials>)(() => AzureCredentials.Load(Written(text.Split('\n'))))).Should().Throw<UsageException>().Which.Message.Should().Contain(says).And.NotContain("sample").And.NotContain("c2FtcGxl");

    [Theory]
    [InlineData("azure:http://store.hospital.example/backup", "sas=sv=1&sig=sample", "https only")]
    [InlineData("azure:http://127.0.0.1:10000/devstoreaccount1/backup", "tenant_id=t\nclient_id=c\nclient_secret=sample", "https only")]
    [InlineData("azure:backup:/", "account_key=c2FtcGxl", "which storage account")]
    [InlineData("azure:https://backups.hospital.example/backup", "account_key=c2FtcGxl", "which storage account")]
    [InlineData("azure:backup:/", "account_key=c2FtcGxl\naccount_name=hospital\nendpoint_suffix=core.windows.net/x", "make no address")]
    [InlineData("azure:https://hospital.blob.core.windows.net/backup", "tenant_id=t\nclient_id=c\nclient_certificate=/does/not/exist.pem", "is not there")]
    public void Keys_that_do_not_fit_the_address_are_refused_before_anything_is_sent(string address, string keys, string says) =>
        ((Func<AzureStore>)(() => new AzureStore(AzureLocation.Parse(address), new StoreSettings { CredentialsFile = Written(keys.Split('\n')) }, TimeProvider.System))).Should().Throw<UsageException>().Which.Message.Should().Contain(says).And.NotContain("sample");
}
