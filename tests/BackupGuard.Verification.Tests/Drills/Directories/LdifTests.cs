using System.Text;
using BackupGuard.Verification.Drills;
using BackupGuard.Verification.Drills.Engines.Directories;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Verification.Tests.Drills.Directories;

public sealed class LdifTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 8, 0, 0, TimeSpan.Zero);

    private static Task<LdifScan> ScanAsync(string ldif, long most = long.MaxValue) => LdifScan.ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes(ldif)), most, Now, default);

    private const string FromServer = "dn: dc=a,dc=b\nobjectClass: dcObject\nentryUUID: 1\nmodifyTimestamp: 20261120080000Z\n\ndn: ou=x,dc=a,dc=b\nou: x\nentryUUID: 2\nmodifyTimestamp: 20261121080000Z\n\n";

    [Fact]
    public async Task A_whole_LDIF_tells_its_entries_its_base_and_its_newest_change()
    {
        var scan = await ScanAsync(FromServer);
        (scan.Entries, scan.FirstDn, scan.IsComplete, scan.Bytes).Should().Be((2, "dc=a,dc=b", true, FromServer.Length));
        scan.Newest.Should().Be(new DateTimeOffset(2026, 11, 21, 8, 0, 0, TimeSpan.Zero));
        (await ScanAsync(FromServer.Replace("\n", "\r\n", StringComparison.Ordinal))).Should().Match<LdifScan>(s => s.Entries == 2 && s.IsComplete && s.FirstDn == "dc=a,dc=b" && s.Newest == scan.Newest);
    }

    [Fact]
    public async Task What_a_server_wrote_is_cut_at_every_length_but_between_two_entries()
    {
        var between = FromServer.IndexOf("dn: ou", StringComparison.Ordinal);
        for (var length = 1; length < FromServer.Length; length++)
        {
            var scan = await ScanAsync(FromServer[..length]);
            // Before the first attribute of the server's own, a whole line might be all that another writer had to say.
            if (length == between) scan.IsComplete.Should().BeTrue();
            else if (length > FromServer.IndexOf("entryUUID: 1\n", StringComparison.Ordinal) + 12 || FromServer[length - 1] != '\n') scan.IsComplete.Should().BeFalse($"it is cut at {length}");
        }
    }

    [Theory]
    [InlineData("dn: dc=a,\n dc=b\nx: y\n", "dc=a,dc=b")]
    [InlineData("version: 1\n\n# comment\ndn:: ZGM9w6ksZGM9Yg==\nx: y\n\ndn: ou=z\n n\n", "dc=é,dc=b")]
    [InlineData("x: y\n", null)]
    [InlineData("", null)]
    public async Task The_first_name_is_read_folded_or_encoded(string ldif, string? dn) => (await ScanAsync(ldif)).FirstDn.Should().Be(dn);

    [Fact]
    public async Task A_folded_line_that_looks_like_an_entry_is_none() => (await ScanAsync("dn: dc=a\ndescription: text\n dn: dc=b\n\n")).Entries.Should().Be(1);

    [Fact]
    public async Task Dates_to_come_are_left_aside() =>
        (await ScanAsync(FromServer.Replace("20261121", "20361121", StringComparison.Ordinal))).Newest.Should().Be(new DateTimeOffset(2026, 11, 20, 8, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task What_unpacks_without_end_is_left() => await FluentActions.Awaiting(() => ScanAsync(FromServer, most: 100)).Should().ThrowAsync<LdifTooLongException>();

    [Fact]
    public void A_configuration_gives_its_schema_in_the_servers_order()
    {
        LdapSchemaFile.Converted("""
            dn: cn=config
            objectClass: olcGlobal

            dn: cn=schema,cn=config
            olcAttributeTypes: ( 9.9 NAME 'builtIn' )

            dn: cn={0}own,cn=schema,cn=config
            olcObjectClasses: {0}( 1.2 NAME 'c' )
            olcAttributeTypes: {0}( 1.1 NAME 'a' SYN
             TAX 1.3 )
            olcAttributeTypes:: ezF9KCAxLjMgTkFNRSAnYicgKQ==

            dn: olcDatabase={1}mdb,cn=config
            olcAttributeTypes: ( 9.8 NAME 'elsewhere' )

            """).Should().Be("attributetype ( 1.1 NAME 'a' SYNTAX 1.3 )\nattributetype ( 1.3 NAME 'b' )\nobjectclass ( 1.2 NAME 'c' )\n");
        LdapSchemaFile.Converted("dn: cn={4}own\nolcAttributeTypes: ( 1.1 NAME 'a' )\n").Should().Be("attributetype ( 1.1 NAME 'a' )\n");
    }

    private static RoomEnd Slapadd(string error, int code = 1, bool timedOut = false) => new(code, timedOut, [], Encoding.UTF8.GetBytes(error));

    [Theory]
    [InlineData("slapadd: could not parse entry (line=24)", 1, Verdict.Failed, "line 24")]
    [InlineData("Error, entries missing!\n  entry 2: ou=people,dc=x", 1, Verdict.Failed, "not there")]
    [InlineData("str2ad(x): attribute type undefined\nslapadd: could not parse entry (line=7)", 1, Verdict.Inconclusive, "line 7")]
    [InlineData("slapadd: bad configuration file!", 1, Verdict.Inconclusive, "schema")]
    [InlineData("mdb_put failed: MDB_MAP_FULL", 1, Verdict.Inconclusive, "no room")]
    [InlineData("", 137, Verdict.Inconclusive, "killed")]
    public void What_slapadd_says_is_judged_and_no_name_is_repeated(string error, int code, Verdict verdict, string text)
    {
        var answer = LdapRunner.JudgeLoad(Slapadd(error, code), schemaIsRestored: false);
        answer.Verdict.Should().Be(verdict);
        answer.Detail.English.Should().Contain(text).And.NotContain("people");
    }

    [Fact]
    public void A_load_that_took_too_long_is_no_answer() => LdapRunner.JudgeLoad(Slapadd("", timedOut: true), false).Verdict.Should().Be(Verdict.Inconclusive);

    [Theory]
    [InlineData(0, 5, 3, 0, 0, Verdict.Proved)]
    [InlineData(0, 4, 3, 1, 0, Verdict.Proved)]     // one of them hidden
    [InlineData(0, 4, 3, 0, 0, Verdict.Failed)]     // the server swallowed one and said all is well
    [InlineData(0, 5, 1, 0, 0, Verdict.Failed)]     // too few persons
    [InlineData(32, 5, 3, 0, 0, Verdict.Failed)]    // the base is not there
    [InlineData(0, 5, 3, 0, 255, Verdict.Inconclusive)]    // nobody answered
    public void The_servers_count_is_held_against_the_files(int baseCode, long all, long persons, long hidden, int allCode, Verdict verdict)
    {
        var engine = new LdapEngine(Parsed.Glob("*.ldif"), null, LdapEngine.UsualSchema, LdapEngine.UsualPersons, 1, 2, null, TimeSpan.FromMinutes(1));
        LdapRunner.Judge(engine, new LdifScan(5, "dc=a", true, Now, 100), new LdapCounted(baseCode, false, 1, null), new LdapCounted(allCode, false, all, null), new LdapCounted(0, false, persons, null), new LdapCounted(0, false, hidden, null))
            .Verdict.Should().Be(verdict);
    }
}
