using System.Text;
using BackupGuard.Verification.Checks;
using BackupGuard.Verification.Tests.FileSet;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Verification.Tests.Checks;

public sealed class FreshnessAndEncryptionTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 3, 0, 0, TimeSpan.Zero);
    private static readonly ExpectedDataset Dpi = new("dpi", "srv-dpi", "/var/lib/dpi", null, TimeSpan.FromHours(26), null);

    private static SnapshotSummary Snapshot(double hoursAgo, string host = "srv-dpi", string path = "/var/lib/dpi", double? newestFileHoursAgo = null) => new("s", Now.AddHours(-hoursAgo), 1, 1)
    {
        Host = host, Paths = [path], NewestFileAt = newestFileHoursAgo is { } h ? Now.AddHours(-h) : null,
    };

    private static IEnumerable<string> Codes(ExpectedDataset dataset, params SnapshotSummary[] snapshots) => FreshnessCheck.Judge(snapshots, new CopyPolicy { Expected = [dataset] }, Now).Select(f => f.Code);

    [Fact]
    public void A_dataset_is_fresh_to_the_minute_of_its_PDMA()
    {
        Codes(Dpi, Snapshot(26)).Should().BeEmpty();
        Codes(Dpi, Snapshot(26.1)).Should().Equal("BG4021");
        Codes(Dpi, Snapshot(100), Snapshot(3)).Should().BeEmpty("the newest counts");
    }

    [Fact]
    public void Somebody_else_s_snapshot_is_not_this_dataset_s()
    {
        Codes(Dpi).Should().Equal("BG4020");
        Codes(Dpi, Snapshot(1, host: "srv-pacs")).Should().Equal("BG4020");
        Codes(Dpi, Snapshot(1, path: "/etc")).Should().Equal("BG4020");
        Codes(Dpi with { Tag = "nuit" }, Snapshot(1)).Should().Equal("BG4020");
    }

    [Fact]
    public void A_snapshot_from_the_future_does_not_make_anything_fresh() => Codes(Dpi, Snapshot(-1), Snapshot(40)).Should().Equal("BG4021");

    [Fact]
    public void A_source_that_stands_still_shows_although_its_backup_goes_on()
    {
        var quiet = Dpi with { NewestFile = TimeSpan.FromDays(2) };
        Codes(quiet, Snapshot(1, newestFileHoursAgo: 20)).Should().BeEmpty();
        Codes(quiet, Snapshot(1, newestFileHoursAgo: 24 * 21)).Should().Equal("BG4022");
        Codes(quiet, Snapshot(1)).Should().Equal("BG4023");
        Codes(quiet, Snapshot(1, newestFileHoursAgo: -24 * 365)).Should().Equal((string[])["BG4023"], "a file from the future says nothing about how old the data are");
    }

    [Fact]
    public void A_plain_copy_is_a_warning_and_an_error_where_encryption_is_required()
    {
        EncryptionCheck.Judge("x", Protection.Plain, new CopyPolicy()).Select(f => f.Code).Should().Equal("BG4030");
        EncryptionCheck.Judge("x", Protection.Plain, new CopyPolicy { EncryptionRequired = true }).Select(f => f.Code).Should().Equal("BG4031");
        EncryptionCheck.Judge("x", new Protection("AES", "scrypt", new Words("w", "w")), new CopyPolicy { EncryptionRequired = true }).Select(f => f.Code).Should().Equal("BG4032");
        EncryptionCheck.Judge("x", new Protection("AES", "scrypt", null), new CopyPolicy { EncryptionRequired = true }).Should().BeEmpty();
    }

    [Fact]
    public void Where_nobody_looked_whether_a_copy_is_encrypted_nothing_is_said_for_it()
    {
        EncryptionCheck.Judge("x", Protection.Unknown, new CopyPolicy()).Select(f => f.Code).Should().Equal("BG4034");
        EncryptionCheck.Judge("x", Protection.Unknown, new CopyPolicy { EncryptionRequired = true }).Select(f => f.Code).Should().Equal("BG4034");
    }

    [Theory]
    [InlineData("home/u/.ssh/id_ed25519", "-----BEGIN OPENSSH PRIVATE KEY-----\nsample\n")]
    [InlineData("a.pem", "first a certificate\n-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n-----BEGIN EC PRIVATE KEY-----\nsample")]
    [InlineData("key.ppk", "PuTTY-User-Key-File-3: ssh-ed25519")]
    [InlineData("root/.pgpass", "localhost:5432:*:sample:sample")]
    [InlineData("etc/shadow", "root:$6$sample:19000:0:99999:7:::")]
    [InlineData("web.config", "<add connectionString=\"Server=sql1;Database=dpi;User Id=app;Password=sample;\" />")]
    [InlineData("app.properties", "url=jdbc:oracle:thin:@//h:1521/x\nuser=a\npassword=sample\n")]
    [InlineData(".env", "DATABASE_URL=postgres://app:sample@db:5432/dpi\n")]
    [InlineData("globals.sql", "CREATE ROLE app;\nALTER ROLE app WITH PASSWORD 'SCRAM-SHA-256$4096:sample';\n")]
    [InlineData("NTDS.dit", "sample")]
    [InlineData("global/1260", "a page of pg_authid SCRAM-SHA-256$4096:sample")]
    [InlineData("pg_hba.conf", "host all all 0/0 ldap ldapserver=dc ldapbindpasswd=sample\n")]
    [InlineData("credentials", "[default]\naws_secret_access_key = sample\n")]
    public void A_secret_is_seen(string path, string head) => SecretScan.Look(Encoding.UTF8.GetBytes(path), Encoding.UTF8.GetBytes(head)).Should().NotBeNull();

    [Theory]
    [InlineData("manual.txt", "Choose a password. Password= is the field to fill in.")]
    [InlineData("id.pub", "ssh-ed25519 AAAA sample")]
    [InlineData("cert.pem", "-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n")]
    [InlineData("web.config", "<add connectionString=\"Server=sql1;Integrated Security=true\" />")]
    [InlineData("template.env", "DATABASE_URL=postgres://${USER}:${PASSWORD}@db/dpi\nServer=x;Password=${PASSWORD};")]
    [InlineData("doc.md", "see postgres://db:5432/dpi for the address")]
    [InlineData("shadow", "a text about shadows")]
    [InlineData(".pgpass", "")]
    public void What_is_no_secret_is_not_cried_at(string path, string head) => SecretScan.Look(Encoding.UTF8.GetBytes(path), Encoding.UTF8.GetBytes(head)).Should().BeNull();

    [Fact]
    public async Task A_sealed_set_with_a_private_key_in_it_says_so_without_naming_it_in_evidence()
    {
        using var set = SealedSet.Folder();
        set.Store["id_rsa"] = "-----BEGIN RSA PRIVATE KEY-----\nsample\n"u8.ToArray();
        set.Seal(set.FilesOf("a.txt", "sub/b.bin", "sub/empty", "id_rsa"));
        var report = await set.VerifyAsync();
        report.Verdict.Should().Be(Verdict.Proved);
        var found = report.Findings.Single(f => f.Code == "BG4033");
        found.Subject.Should().Be("id_rsa");
        found.WithoutPaths().Subject.Should().NotContain("id_rsa");
    }
}
