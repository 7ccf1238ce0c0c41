using System.Runtime.CompilerServices;
using System.Text;
using BackupGuard.Verification.External;
using FluentAssertions;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace BackupGuard.Verification.Tests.Checks;

/// <summary>What others say of their own tests: read with limits, and never greener than it is.</summary>
public sealed class ExternalTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 3, 0, 0, TimeSpan.Zero);

    private static ExternalReading Read(ExternalProduct product, string document, string tenant = "t-1", params string[] subjects) =>
        ExternalReports.Read(Encoding.UTF8.GetBytes(document), "export.json", new ExternalExpectation("source", product, tenant, subjects), Now);

    private static string[] Codes(ExternalReading reading) => [.. reading.Findings.Select(f => f.Code)];

    private static string Declared(string tests, string more = "") => $$"""{"schema":"backupguard.external/v1","product":"Veeam SureBackup 12.3","tenant":"t-1","tests":[{{tests}}]{{more}}}""";

    private static string Test(string outcome = "passed", string level = "application", string ended = "2026-11-20T02:00:00Z", string subject = "srv-dpi") =>
        $$"""{"subject":"{{subject}}","outcome":"{{outcome}}","level":"{{level}}","startedAt":"2026-11-20T01:00:00Z","endedAt":"{{ended}}","says":"script test 0"}""";

    private static string RootOf([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../.."));    // this file has a folder

    [Fact]
    public void The_example_of_the_guide_is_such_a_document()
    {
        var reading = Read(ExternalProduct.Declared, File.ReadAllText(Path.Combine(RootOf(), "agent/packaging/external.example.json")), "vbr-01", "srv-dpi");
        (reading.Claim, reading.Findings.Count).Should().Be((ExternalClaim.Passed, 0));
    }

    private static string Aws(string members) => $$"""{"RestoreJobs":[{"AccountId":"t-1","SourceResourceArn":"arn:x","CreationDate":1795136400.0,"CompletionDate":1795140000.123{{members}}}]}""";

    [Fact]
    public void A_test_that_asked_something_passed_and_is_young_is_a_claim_that_expires()
    {
        var reading = Read(ExternalProduct.Declared, Declared(Test()));
        (reading.Claim, reading.ExpiresAt, reading.IsRefused).Should().Be((ExternalClaim.Passed, new DateTimeOffset(2026, 12, 25, 2, 0, 0, TimeSpan.Zero), false));
        reading.Findings.Should().BeEmpty();
    }

    [Theory]
    [InlineData("restore", "BG4352")]
    [InlineData("none", "BG4352")]
    public void A_success_without_a_test_of_what_was_restored_claims_nothing(string level, string code)
    {
        var reading = Read(ExternalProduct.Declared, Declared(Test(level: level)));
        (reading.Claim, reading.ExpiresAt).Should().Be((ExternalClaim.Nothing, (DateTimeOffset?)null));
        Codes(reading).Should().Equal(code);
    }

    [Fact]
    public void An_export_without_any_test_is_no_success()
    {
        foreach (var (product, empty) in new[] { (ExternalProduct.Declared, Declared("")), (ExternalProduct.AwsBackup, """{"RestoreJobs":[]}"""), (ExternalProduct.VeeamSureBackup, """{"data":[],"pagination":{"total":0,"count":0}}"""), (ExternalProduct.Rubrik, """{"data":[],"total":0,"hasMore":false}""") })
        {
            var reading = Read(product, empty);
            reading.Claim.Should().Be(ExternalClaim.Nothing);
            Codes(reading).Should().Equal("BG4351");
        }
    }

    [Fact]
    public void A_failure_of_one_machine_is_a_failure_of_the_document_until_a_later_test_of_it()
    {
        Read(ExternalProduct.Declared, Declared(Test() + "," + Test("failed", subject: "srv-pacs"))).Claim.Should().Be(ExternalClaim.Failed);
        Codes(Read(ExternalProduct.Declared, Declared(Test("failed")))).Should().Equal("BG4350");
        Read(ExternalProduct.Declared, Declared(Test("failed") + "," + Test(ended: "2026-11-21T02:00:00Z"))).Claim.Should().Be(ExternalClaim.Passed);
        Read(ExternalProduct.Declared, Declared(Test() + "," + Test("failed", ended: "2026-11-21T02:00:00Z"))).Claim.Should().Be(ExternalClaim.Failed);
        Read(ExternalProduct.Declared, Declared(Test() + "," + Test("failed"))).Claim.Should().NotBe(ExternalClaim.Passed, "two results of one instant contradict each other");
    }

    [Fact]
    public void A_machine_that_was_expected_and_is_not_there_is_told()
    {
        var reading = Read(ExternalProduct.Declared, Declared(Test()), "t-1", "srv-dpi", "srv-pacs");
        reading.Claim.Should().Be(ExternalClaim.Nothing);
        Codes(reading).Should().Equal("BG4357");
    }

    [Fact]
    public void A_test_of_long_ago_says_nothing_now()
    {
        var reading = Read(ExternalProduct.Declared, Declared(Test(ended: "2026-10-01T02:00:00Z").Replace("11-20T01", "10-01T01", StringComparison.Ordinal)));
        reading.Claim.Should().Be(ExternalClaim.Nothing);
        Codes(reading).Should().Equal("BG4358");
    }

    [Fact]
    public void A_time_that_has_not_come_refuses_the_document()
    {
        var reading = Read(ExternalProduct.Declared, Declared(Test(ended: "2026-11-23T02:00:00Z")));
        reading.IsRefused.Should().BeTrue();
        Codes(reading).Should().Equal("BG4355");
    }

    [Fact]
    public void Another_tenant_refuses_the_document()
    {
        var reading = Read(ExternalProduct.Declared, Declared(Test()), "another");
        (reading.IsRefused, reading.Tests.Count).Should().Be((true, 0));
        Codes(reading).Should().Equal("BG4353");
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{\"schema\":\"backupguard.external/v1\",\"tenant\":\"t-1\",\"tests\":[{\"subject\":\"a\",\"outcome\":\"passed\",\"outcome\":\"failed\"}]}")]
    [InlineData("{\"schema\":\"backupguard.external/v2\",\"tenant\":\"t-1\",\"tests\":[]}")]
    [InlineData("{\"schema\":\"backupguard.external/v1\",\"tests\":[]}")]
    [InlineData("{\"schema\":\"backupguard.external/v1\",\"tenant\":\"t-1\",\"tests\":[1]}")]
    [InlineData("{\"schema\":\"backupguard.external/v1\",\"tenant\":\"t-1\",\"tests\":[],\"more\":1}")]
    [InlineData("{\"schema\":\"backupguard.external/v1\",\"tenant\":\"t-1\",\"tests\":[{\"subject\":\"a\",\"outcome\":\"fine\"}]}")]
    [InlineData("{\"schema\":\"backupguard.external/v1\",\"tenant\":\"t-1\",\"tests\":[{\"subject\":\"a\",\"outcome\":\"passed\",\"level\":\"application\",\"endedAt\":\"2026-11-20T02:00:00\"}]}")]
    [InlineData("{\"schema\":\"backupguard.external/v1\",\"tenant\":\"\\ud800\",\"tests\":[]}")]
    public void What_is_not_whole_or_not_of_the_shape_is_refused(string document)
    {
        var reading = Read(ExternalProduct.Declared, document);
        (reading.IsRefused, reading.Claim).Should().Be((true, ExternalClaim.Nothing));
        Codes(reading).Should().Equal("BG4359");
    }

    [Fact]
    public void What_is_too_large_or_too_deep_or_in_another_encoding_is_refused()
    {
        var expected = new ExternalExpectation("source", ExternalProduct.Declared, "t-1", []);
        ExternalReports.Read(new byte[ExternalReports.LargestBytes + 1], "f", expected, Now).IsRefused.Should().BeTrue();
        ExternalReports.Read(Encoding.UTF8.GetBytes(new string('[', 100_000)), "f", expected, Now).IsRefused.Should().BeTrue();
        ExternalReports.Read((byte[])[0xFF, 0xFE, .. Encoding.Unicode.GetBytes(Declared(Test()))], "f", expected, Now).Findings.Single().Message("en").Should().Contain("UTF-16");
        ExternalReports.Read((byte[])[0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(Declared(Test()))], "f", expected, Now).Claim.Should().Be(ExternalClaim.Passed);
        Read(ExternalProduct.Declared, Declared(string.Join(',', Enumerable.Repeat(Test(), ExternalReports.MostTests + 1)))).IsRefused.Should().BeTrue();
    }

    [Theory]
    [InlineData(",\"Status\":\"COMPLETED\",\"ValidationStatus\":\"SUCCESSFUL\"", ExternalClaim.Passed, "")]
    [InlineData(",\"Status\":\"COMPLETED\"", ExternalClaim.Nothing, "BG4352")]
    [InlineData(",\"Status\":\"COMPLETED\",\"ValidationStatus\":\"FAILED\"", ExternalClaim.Failed, "BG4350")]
    [InlineData(",\"Status\":\"COMPLETED\",\"ValidationStatus\":\"TIMED_OUT\"", ExternalClaim.Nothing, "BG4360")]
    [InlineData(",\"Status\":\"COMPLETED\",\"ValidationStatus\":\"VALIDATING\"", ExternalClaim.Nothing, "BG4360")]
    [InlineData(",\"Status\":\"RUNNING\"", ExternalClaim.Nothing, "BG4360")]
    [InlineData(",\"Status\":\"FAILED\"", ExternalClaim.Failed, "BG4350")]
    [InlineData(",\"Status\":\"SPLENDID\",\"ValidationStatus\":\"SUCCESSFUL\"", ExternalClaim.Nothing, "BG4360")]
    public void A_restore_job_of_AWS_is_good_only_with_its_validation(string members, ExternalClaim claim, string code)
    {
        var reading = Read(ExternalProduct.AwsBackup, Aws(members));
        reading.Claim.Should().Be(claim);
        string.Join(",", Codes(reading)).Should().Be(code);
    }

    [Fact]
    public void One_page_of_a_list_is_not_the_list()
    {
        var good = Aws(",\"Status\":\"COMPLETED\",\"ValidationStatus\":\"SUCCESSFUL\"");
        var reading = Read(ExternalProduct.AwsBackup, good[..^1] + ",\"NextToken\":\"x\"}");
        reading.Claim.Should().Be(ExternalClaim.Nothing);
        Codes(reading).Should().Equal("BG4356");
    }

    [Fact]
    public void The_single_job_of_describe_is_read_and_its_account_is_found_in_the_recovery_point()
    {
        var reading = Read(ExternalProduct.AwsBackup, """
            {"RestoreJobId":"J","RecoveryPointArn":"arn:aws:backup:eu-west-3:123456789012:recovery-point:X","Status":"COMPLETED","ValidationStatus":"SUCCESSFUL","CompletionDate":"2026-11-20T02:00:00.250000+01:00"}
            """, "123456789012");
        (reading.Claim, reading.Tests.Single().EndedAt).Should().Be((ExternalClaim.Passed, new DateTimeOffset(2026, 11, 20, 1, 0, 0, 250, TimeSpan.Zero)));
    }

    [Fact]
    public void A_session_of_SureBackup_that_succeeded_names_no_machine_and_claims_nothing()
    {
        const string sessions = """
            {"data":[{"sessionType":"BackupJob","name":"nightly","state":"Stopped","result":{"result":"Success"}},
                     {"sessionType":"SureBackup","name":"Verify DPI","state":"Stopped","creationTime":"2026-11-20T01:00:00.1234567+01:00","endTime":"2026-11-20T02:00:00+01:00","result":{"result":"Success","isCanceled":false}}],
             "pagination":{"total":2,"count":2,"skip":0,"limit":200}}
            """;
        var reading = Read(ExternalProduct.VeeamSureBackup, sessions);
        reading.Claim.Should().Be(ExternalClaim.Nothing);
        reading.Tests.Should().ContainSingle().Which.Subject.Should().Be("Verify DPI");
        Codes(reading).Should().BeEquivalentTo("BG4352", "BG4354");
        Read(ExternalProduct.VeeamSureBackup, sessions.Replace("\"Success\",\"is", "\"Failed\",\"is", StringComparison.Ordinal)).Claim.Should().Be(ExternalClaim.Failed);
        Codes(Read(ExternalProduct.VeeamSureBackup, sessions.Replace("\"total\":2", "\"total\":9", StringComparison.Ordinal))).Should().Contain("BG4356");
    }

    [Fact]
    public void A_recovery_or_a_mount_of_Rubrik_shows_that_it_could_be_restored_and_no_more()
    {
        const string series = """
            {"data":{"activitySeriesConnection":{"edges":[
              {"node":{"lastActivityType":"BACKUP","lastActivityStatus":"FAILURE","objectName":"other","cluster":{"id":"t-1"}}},
              {"node":{"lastActivityType":"RECOVERY","lastActivityStatus":"SUCCESS","objectName":"srv-dpi","startTime":"2026-11-20T01:00:00.000Z","lastUpdated":"2026-11-20T02:00:00.000Z","cluster":{"id":"t-1"}}}],
              "pageInfo":{"hasNextPage":false}}}}
            """;
        Codes(Read(ExternalProduct.Rubrik, series)).Should().Equal("BG4352");
        Read(ExternalProduct.Rubrik, series.Replace("SUCCESS", "FAILURE", StringComparison.Ordinal)).Claim.Should().Be(ExternalClaim.Failed);
        Codes(Read(ExternalProduct.Rubrik, series, "t-2")).Should().Equal("BG4353");
        Codes(Read(ExternalProduct.Rubrik, """{"data":[{"id":"m","vmId":"VirtualMachine:::1","snapshotDate":"2026-11-19T22:00:00.000Z","isReady":true}],"hasMore":false,"total":1}""")).Should().BeEquivalentTo("BG4352", "BG4354");
    }

    /// <summary>Bytes of a good document changed at random: no crash, and never a claim that the good one does not make.</summary>
    [Fact]
    public void No_change_of_bytes_crashes_the_reader_or_turns_a_document_that_claims_nothing_into_a_success()
    {
        var seeds = new (ExternalProduct Product, byte[] Document)[]
        {
            (ExternalProduct.Declared, Encoding.UTF8.GetBytes(Declared(Test(level: "restore")))), (ExternalProduct.AwsBackup, Encoding.UTF8.GetBytes(Aws(",\"Status\":\"COMPLETED\""))),
            (ExternalProduct.Rubrik, Encoding.UTF8.GetBytes("""{"data":{"activitySeriesConnection":{"nodes":[{"lastActivityType":"RECOVERY","lastActivityStatus":"SUCCESS","objectName":"a"}]}}}""")),
            (ExternalProduct.VeeamSureBackup, Encoding.UTF8.GetBytes("""{"data":[{"sessionType":"SureBackup","name":"a","state":"Stopped","result":{"result":"Success"}}]}""")),
        };
        Prop.ForAll(Gen.Choose(0, seeds.Length - 1).ToArbitrary(), Gen.Choose(0, 400).ToArbitrary(), Gen.Choose(0, 255).ToArbitrary(), (which, at, value) =>
        {
            var (product, document) = seeds[which];
            var changed = document.ToArray();
            changed[at % changed.Length] = (byte)value;
            foreach (var bytes in (byte[][])[changed, changed[..(at % changed.Length)]])
                ExternalReports.Read(bytes, "f", new ExternalExpectation("s", product, "t-1", []), Now).Claim.Should().NotBe(ExternalClaim.Passed);
            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
    }
}
