using System.IO.Compression;
using System.Text;
using BackupGuard.Verification;
using BackupGuard.Verification.Drills;
using BackupGuard.Verification.Drills.Engines.Directories;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Agent.Tests.Drills.Engines;

/// <summary>slapcat's output of a real directory, loaded and asked in the room by the real server.</summary>
[Trait("Needs", "room")]
[Trait("Needs", "slapd")]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class LdapDrills : IClassFixture<LdapDrills.HospitalDirectory>, IDisposable
{
    private readonly TestFolder _disk = new();
    private readonly HospitalDirectory _directory;

    public LdapDrills(HospitalDirectory directory)
    {
        _directory = directory;
        Directory.CreateDirectory(_disk["backup/ldap"]);
    }

    public void Dispose() => _disk.Dispose();

    private static LdapEngine Engine(string ldif = "ldap/*.ldif", string? root = null, IReadOnlyList<LdapSchema>? schema = null, long persons = 1, TimeSpan? maxAge = null) =>
        new(Glob.TryParse(ldif, out var glob, out _) ? glob : throw new ArgumentException(ldif), root, schema ?? LdapEngine.UsualSchema, LdapEngine.UsualPersons, 1, persons, maxAge, TimeSpan.FromMinutes(2));

    private async Task<DrillReport> RunAsync(string ldif, LdapEngine? engine = null, bool withControl = false)
    {
        await File.WriteAllTextAsync(_disk["backup/ldap/data.ldif"], ldif);
        return await new FolderDrill(_disk, _disk["backup"]).RunAsync(engine ?? Engine(), withControl);
    }

    [Fact]
    public async Task A_whole_directory_is_loaded_counted_dated_and_its_alarm_rings()
    {
        var report = await RunAsync(_directory.Ldif, Engine(root: "dc=hopital,dc=test", persons: 20, maxAge: TimeSpan.FromDays(1)), withControl: true);
        var step = report.Engine();
        step.Detail.English.Should().Be("loaded: 23 entries, 20 persons");
        (step.Verdict, report.Verdict, report.RpoFromData, report.CleanedUp).Should().Be((Verdict.Proved, Verdict.Proved, true, true));
        step.Measures.Should().Contain("entries", 23).And.Contain("persons", 20);
        report.Control!.Single().Should().Match<ControlStep>(c => c.Rang && c.Detail.English.Contains("it is cut"));
    }

    [Fact]
    public async Task A_packed_one_with_its_own_schema_takes_its_base_from_the_first_entry_and_its_alarm_rings()
    {
        await File.WriteAllTextAsync(_disk["backup/config.ldif"], _directory.Configuration);
        await using (var packed = new GZipStream(File.Create(_disk["backup/ldap/data.ldif.gz"]), CompressionLevel.Fastest)) await packed.WriteAsync(Encoding.UTF8.GetBytes(_directory.OwnSchemaLdif));
        var report = await new FolderDrill(_disk, _disk["backup"]).RunAsync(Engine("ldap/*.gz", schema: [RestoredSchema("config.ldif")]), withControl: true);
        report.Engine().Detail.English.Should().Be("loaded: 23 entries, 20 persons");
        report.AlarmProved.Should().BeTrue();
    }

    [Theory]
    [InlineData("empty", "holds no entry")]
    [InlineData("cut within an entry", "it is cut")]
    [InlineData("cut between two lines", "it is cut")]
    [InlineData("without the parents", "entries that are not there")]
    [InlineData("broken line", "refuses an entry (line ")]
    [InlineData("entry twice", "refuses an entry (line ")]
    [InlineData("of another domain", "outside of the directory's base")]
    [InlineData("without its persons", "0 persons, at least 20 expected")]
    public async Task A_damaged_directory_fails(string damage, string because)
    {
        var whole = _directory.Ldif;
        var ldif = damage switch
        {
            "empty" => "",
            "cut within an entry" => whole[..(whole.IndexOf("uid: u7\n", StringComparison.Ordinal) + 5)],
            "cut between two lines" => whole[..(whole.LastIndexOf("modifyTimestamp", StringComparison.Ordinal))],
            "without the parents" => Without(whole, "dn: ou=people,"),
            "broken line" => whole.Replace("uid: u7\n", "uid u7\n", StringComparison.Ordinal),
            "entry twice" => whole + whole[whole.LastIndexOf("dn: ", StringComparison.Ordinal)..],
            "of another domain" => whole.Replace("dn: uid=u7,ou=people,dc=hopital,dc=test", "dn: uid=u7,dc=elsewhere,dc=test", StringComparison.Ordinal),
            _ => whole[..whole.IndexOf("dn: uid=", StringComparison.Ordinal)],
        };
        var report = await RunAsync(ldif, Engine(root: "dc=hopital,dc=test", persons: 20));
        report.Engine().Detail.English.Should().Contain(because).And.NotContain("uid=");
        report.Verdict.Should().Be(Verdict.Failed);
    }

    [Fact]
    public async Task A_cut_packed_file_fails()
    {
        using var bytes = new MemoryStream();
        await using (var packed = new GZipStream(bytes, CompressionLevel.Fastest, leaveOpen: true)) await packed.WriteAsync(Encoding.UTF8.GetBytes(_directory.Ldif));
        await File.WriteAllBytesAsync(_disk["backup/ldap/data.ldif.gz"], bytes.ToArray()[..^9]);
        var report = await new FolderDrill(_disk, _disk["backup"]).RunAsync(Engine("ldap/*.gz"));
        report.Verdict.Should().Be(Verdict.Failed);
        report.Engine().Detail.English.Should().MatchRegex("packed LDIF is damaged or cut|it is cut");
    }

    [Fact]
    public async Task An_attribute_that_no_named_schema_knows_leaves_the_question_open_but_fails_beside_the_directorys_own_schema()
    {
        var unknown = _directory.Ldif.Replace("sn: Fixture\n", "hospitalBadge: 1\nsn: Fixture\n", StringComparison.Ordinal);
        (await RunAsync(unknown)).Engine().Should().Match<DrillStep>(s => s.Verdict == Verdict.Inconclusive && s.Detail.English.Contains("name its schema"));
        await File.WriteAllTextAsync(_disk["backup/config.ldif"], _directory.Configuration);
        (await RunAsync(unknown.Replace("hospitalBadge", "hospitalBadger", StringComparison.Ordinal), Engine(schema: [RestoredSchema("config.ldif")]))).Engine().Verdict.Should().Be(Verdict.Failed);
    }

    [Fact]
    public async Task A_directory_that_nobody_changed_for_too_long_fails()
    {
        var report = await RunAsync(_directory.Ldif.Replace("Timestamp: 2", "Timestamp: 1", StringComparison.Ordinal), Engine(maxAge: TimeSpan.FromDays(2)));
        report.Engine().Detail.English.Should().Contain("h old, at most 48 h expected");
        report.Verdict.Should().Be(Verdict.Failed);
    }

    private static LdapSchema RestoredSchema(string path) => RestoredPath.TryParse(path, out var parsed, out var refusal) ? new LdapSchema(null, parsed) : throw new ArgumentException(refusal);

    private static string Without(string ldif, string entry)
    {
        var from = ldif.IndexOf(entry, StringComparison.Ordinal);
        return ldif.Remove(from, ldif.IndexOf("\n\n", from, StringComparison.Ordinal) + 2 - from);
    }

    /// <summary>A small directory, filled and dumped by the server's own tools.</summary>
    public sealed class HospitalDirectory : IDisposable
    {
        private const string Filling = """
            i=0
            printf 'dn: dc=hopital,dc=test\nobjectClass: dcObject\nobjectClass: organization\no: Hopital\ndc: hopital\n\n'
            printf 'dn: ou=people,dc=hopital,dc=test\nobjectClass: organizationalUnit\nou: people\n\n'
            printf 'dn: ou=groups,dc=hopital,dc=test\nobjectClass: organizationalUnit\nou: groups\n\n'
            while [ $i -lt 20 ]; do printf 'dn: uid=u%s,ou=people,dc=hopital,dc=test\nobjectClass: inetOrgPerson\nuid: u%s\ncn: Personne %s\nsn: Fixture\n\n' $i $i $i; i=$((i+1)); done
            """;
        private readonly TestFolder _disk = new();

        public HospitalDirectory()
        {
            File.WriteAllText(_disk["hospital.schema"], """
                attributetype ( 1.3.6.1.4.1.99999.1.1 NAME 'hospitalBadge' DESC 'badge' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )
                objectclass ( 1.3.6.1.4.1.99999.2.1 NAME 'hospitalPerson' SUP top AUXILIARY MAY hospitalBadge )

                """);
            File.WriteAllText(_disk["slapd.conf"], $"""
                include /etc/ldap/schema/core.schema
                include /etc/ldap/schema/cosine.schema
                include /etc/ldap/schema/inetorgperson.schema
                include {_disk["hospital.schema"]}
                moduleload back_mdb
                database mdb
                suffix dc=hopital,dc=test
                directory {_disk["data"]}

                """);
            TestFolder.Shell($"mkdir data cn; ({Filling}) > in.ldif; /usr/sbin/slapadd -f slapd.conf -l in.ldif; /usr/sbin/slapcat -f slapd.conf -l out.ldif; /usr/sbin/slaptest -f slapd.conf -F cn 2>/dev/null; /usr/sbin/slapcat -F cn -n 0 -l config.ldif", _disk.Path);
            (Ldif, Configuration) = (File.ReadAllText(_disk["out.ldif"]), File.ReadAllText(_disk["config.ldif"]));
            OwnSchemaLdif = Ldif.Replace("sn: Fixture\n", "sn: Fixture\nobjectClass: hospitalPerson\nhospitalBadge: 7\n", StringComparison.Ordinal);
        }

        public string Ldif { get; }
        public string OwnSchemaLdif { get; }
        public string Configuration { get; }

        public void Dispose() => _disk.Dispose();
    }
}
