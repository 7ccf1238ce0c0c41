using Amazon.Runtime;
using BackupGuard.Agent.Stores.S3;
using BackupGuard.Agent.Tests.Drills;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Agent.Tests.Stores.S3;

public sealed class S3AddressesAndKeys : IDisposable
{
    private readonly TestFolder disk = new();

    public void Dispose() => disk.Dispose();

    [Theory]
    [InlineData("s3:https://s3.hospital.example/backup", "https://s3.hospital.example/", "backup", "")]
    [InlineData("s3:https://s3.hospital.example:9000/backup/dpi/", "https://s3.hospital.example:9000/", "backup", "dpi/")]
    [InlineData("s3:http://10.0.0.7:9000/backup/a/b", "http://10.0.0.7:9000/", "backup", "a/b/")]
    [InlineData("s3:https://[::1]:9000/backup", "https://[::1]:9000/", "backup", "")]
    [InlineData("s3:s3.amazonaws.com/Backup_2012/dpi", "https://s3.amazonaws.com/", "Backup_2012", "dpi/")]
    [InlineData("s3://s3.amazonaws.com/backup", "https://s3.amazonaws.com/", "backup", "")]
    [InlineData("s3:https://h/backup/a%20b", "https://h/", "backup", "a b/")]
    [InlineData("s3:h/backup/a%20b", "https://h/", "backup", "a%20b/")]
    public void An_address_is_read_as_restic_reads_it(string text, string endpoint, string bucket, string prefix) =>
        S3Location.Parse(text).Should().Be(new S3Location(new Uri(endpoint), bucket, prefix));

    [Theory]
    [InlineData("s3:")]
    [InlineData("s3:https://")]
    [InlineData("s3:https://host")]
    [InlineData("s3:https://host/")]
    [InlineData("s3:https://host/a")]
    [InlineData("s3:https://host/buck et")]
    [InlineData("s3:https://me:secret@host/bucket")]
    [InlineData("s3:https://host/bucket?versionId=1")]
    [InlineData("s3:https://host/bucket#x")]
    [InlineData("s3:https://host/bucket/../other")]
    [InlineData("s3:https://host/bucket/a//b")]
    [InlineData("s3:https://host/bucket/%2e%2e/other")]
    [InlineData("s3:https://host/bucket/a%2fb")]
    [InlineData("s3:https://host:notaport/bucket")]
    [InlineData("s3:ftp://host/bucket")]
    public void What_is_no_address_is_refused_without_repeating_a_password(string text) =>
        ((Func<S3Location>)(() => S3Location.Parse(text))).Should().Throw<UsageException>().Which.Message.Should().Contain("s3:https://host[:port]/bucket[/prefix]").And.NotContain("secret");

    [Fact]
    public void A_single_file_is_the_last_part_of_its_address()
    {
        var (parent, name) = S3Location.Parse("s3:https://h/bucket/sets/2026.tar").Split();
        (parent.ToString(), name).Should().Be(("s3:https://h/bucket/sets", "2026.tar"));
        S3Location.Parse("s3:https://h/bucket/2026.tar").Split().Parent.Prefix.Should().Be("");
    }

    private string Written(string text)
    {
        File.WriteAllText(disk["keys"], text);
        return disk["keys"];
    }

    [Fact]
    public void Keys_come_from_the_file_with_or_without_a_session_token()
    {
        var plain = S3Credentials.Load(Written("# sample\n[default]\naws_access_key_id=SAMPLE\naws_secret_access_key = sample=secret\n")).GetCredentials();
        (plain.AccessKey, plain.SecretKey, plain.UseToken).Should().Be(("SAMPLE", "sample=secret", false));
        S3Credentials.Load(Written("aws_access_key_id=SAMPLE\r\naws_secret_access_key=s\r\naws_session_token=sample-token\r\n")).Should().BeOfType<SessionAWSCredentials>()
            .Which.GetCredentials().Token.Should().Be("sample-token");
    }

    [Theory]
    [InlineData("", "has no aws_access_key_id")]
    [InlineData("aws_access_key_id=SAMPLE\n", "has no aws_secret_access_key")]
    [InlineData("aws_access_key_id=SAMPLE\naws_secret_access_key=\n", "has no aws_secret_access_key")]
    [InlineData("credential_process = /bin/sh -c sample\n", "line 1")]
    [InlineData("aws_access_key_id=SAMPLE\naws_access_key_id=OTHER\n", "second time")]
    [InlineData("[a]\naws_access_key_id=SAMPLE\n[b]\n", "more than one section")]
    [InlineData("sample-secret\n", "line 1")]
    public void A_file_that_cannot_be_used_is_said_without_what_stands_in_it(string text, string says) =>
        ((Func<AWSCredentials>)(() => S3Credentials.Load(Written(text)))).Should().Throw<UsageException>().Which.Message.Should().Contain(says).And.Contain(disk["keys"]).And.NotContain("sample");

    [Fact]
    public void A_file_that_is_not_there_is_said() =>
        ((Func<AWSCredentials>)(() => S3Credentials.Load(disk["absent"]))).Should().Throw<UsageException>().WithMessage("*cannot be read*");
}
