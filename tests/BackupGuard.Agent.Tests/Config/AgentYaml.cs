using BackupGuard.Agent.Config;
using BackupGuard.Agent.Stores;
using BackupGuard.Verification;
using BackupGuard.Verification.Checks;
using BackupGuard.Verification.Drills;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Agent.Tests.Config;

public sealed class AgentYaml
{
    private const string Good = """
        state: /var/lib/backupguard
        server: https://backupguard.hospital.example
        repositories:
          dpi:
            address: "restic:/srv/backup"
            passwordFile: dpi.password
            application: dpi
            verify:
              cron: "0 2 * * *"
              timeZone: Europe/Paris
              readData: 5%
        drills:
          dpi-weekly:
            repository: dpi
            timeZone: Europe/Paris
            sandbox: /srv/sandbox
            probes:
              - kind: count
                minFiles: 2
                maxBytes: 10GiB
              - kind: exists
                glob: "**/base.dump"
              - kind: sha256
                path: data/base.dump
                sha256: 9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08
              - kind: newest
                maxAge: PT26H
              - kind: command
                run: [/usr/bin/test, -s, "data/base.dump"]
                timeout: PT5M
                outputContains: "ok: yes"
        """;

    [Fact]
    public void How_a_store_is_reached_is_read_with_its_files_beside_the_configuration()
    {
        Read(Good).Repositories.Single().Store.Should().Be(StoreSettings.Default);
        Read(Good.Replace("    application: dpi\n    verify", Stored, StringComparison.Ordinal)).Repositories.Single().Store.Should()
            .Be(new StoreSettings { CredentialsFile = "/etc/backupguard/dpi.s3", CaFile = "/etc/pki/ca.pem", Region = "fr-par", PathStyle = false });
    }

    [Theory]
    [InlineData("caFile", "cafile", "store of dpi has no key \"cafile\"; did you mean \"caFile\"?")]
    [InlineData("fr-par", "FR PAR", "region: a region has a-z")]
    [InlineData("pathStyle: false", "pathStyle: dns", "pathStyle: write true")]
    [InlineData("credentialsFile: dpi.s3", "secretKey: sample", "store of dpi has no key \"secretKey\"")]
    public void A_mistake_in_a_store_is_said(string right, string wrong, string says) =>
        Refusal(Good.Replace("    application: dpi\n    verify", Stored, StringComparison.Ordinal).Replace(right, wrong, StringComparison.Ordinal)).Should().Contain(says);

    private static string InABucket => Good.Replace("restic:/srv/backup", "restic:s3:https://storage.hospital.example/backups/dpi", StringComparison.Ordinal);

    private const string Probed = "    probe:\n      identityUnderTest: writer.s3\n      verifier: reader.s3\n      mode: governance\n      interval: P1D\n      controlAfter: PT1M\n      horizon: P60D\n      approvedBy: [Anne Martin, Luc Petit]\n      cron: \"0 4 * * 0\"\n      timeZone: Europe/Paris\n    application: dpi\n    verify";

    [Fact]
    public void A_probe_is_read_with_its_two_names_and_without_cron_only_a_person_starts_it()
    {
        Read(Good).Repositories.Single().LockProbe.Should().BeNull();
        var probe = Read(InABucket.Replace("    application: dpi\n    verify", Probed, StringComparison.Ordinal)).Repositories.Single().LockProbe!;
        (probe.IdentityUnderTest, probe.Verifier, probe.Mode, probe.Interval, probe.ControlAfter, probe.Wanted, probe.IsApproved).Should()
            .Be(("/etc/backupguard/writer.s3", "/etc/backupguard/reader.s3", Verification.Stores.LockMode.Governance, TimeSpan.FromDays(1), TimeSpan.FromMinutes(1), TimeSpan.FromDays(60), true));
        probe.Calendar!.Text.Should().Be("0 4 * * 0");
        Read(InABucket.Replace("    application: dpi\n    verify", Probed.Replace("governance", "unlocked", StringComparison.Ordinal), StringComparison.Ordinal)).Repositories.Single().LockProbe!.Mode.Should().Be(Verification.Stores.LockMode.Governance, "that is Azure's word");
        var least = Read(InABucket.Replace("    application: dpi\n    verify", "    probe: { identityUnderTest: writer.s3 }\n    application: dpi\n    verify", StringComparison.Ordinal)).Repositories.Single().LockProbe!;
        (least.Mode, least.Interval, least.ControlAfter, least.Calendar, least.IsApproved).Should().Be((Verification.Stores.LockMode.Compliance, TimeSpan.FromDays(7), TimeSpan.FromMinutes(15), null, false));
    }

    [Theory]
    [InlineData("Luc Petit", "ANNE MARTIN")]
    [InlineData(", Luc Petit", "")]
    public void One_person_twice_approves_nothing(string right, string wrong) =>
        Read(InABucket.Replace("    application: dpi\n    verify", Probed.Replace(right, wrong, StringComparison.Ordinal), StringComparison.Ordinal)).Repositories.Single().LockProbe!.IsApproved.Should().BeFalse();

    [Fact]
    public void The_probe_of_a_folder_names_an_account_or_nobody_and_only_a_person_starts_it()
    {
        LockProbeSettings Of(string probe) => Read(Good.Replace("    application: dpi\n    verify", $"    probe: {probe}\n    application: dpi\n    verify", StringComparison.Ordinal)).Repositories.Single().LockProbe!;
        Of("{ identityUnderTest: resticwriter, approvedBy: [Anne Martin, Luc Petit] }").Should().Match<LockProbeSettings>(p => p.IdentityUnderTest == "resticwriter" && p.Mode == Verification.Stores.LockMode.Attribute && p.IsApproved);
        Of("{ approvedBy: [Anne Martin, Luc Petit] }").IdentityUnderTest.Should().BeNull();
    }

    [Theory]
    [InlineData("cron: \"0 4 * * 0\"", "cron: the service sees folders read-only")]
    [InlineData("mode: compliance", "mode: a folder has no locks with a date")]
    public void What_a_folder_does_not_have_is_said(string key, string says) =>
        Refusal(Good.Replace("    application: dpi\n    verify", $"    probe: {{ {key}, approvedBy: [Anne Martin, Luc Petit] }}\n    application: dpi\n    verify", StringComparison.Ordinal)).Should().Contain(says);

    [Theory]
    [InlineData("mode: governance", "mode: worm", "mode: \"worm\" is neither compliance nor governance")]
    [InlineData("interval: P1D", "interval: P400D", "interval: a canary cannot be removed before")]
    [InlineData("controlAfter: PT1M", "controlAfter: soon", "controlAfter: \"soon\" is not a duration")]
    [InlineData("      identityUnderTest: writer.s3\n", "", "the key \"identityUnderTest\" is missing")]
    [InlineData("[Anne Martin, Luc Petit]", "Anne Martin", "approvedBy: must be a list")]
    [InlineData("verifier: reader.s3", "secretKey: sample", "probe of dpi has no key \"secretKey\"")]
    [InlineData("cron: \"0 4 * * 0\"", "cron: \"0 4\"", "cron")]
    public void A_mistake_in_a_probe_is_said(string right, string wrong, string says) =>
        Refusal(InABucket.Replace("    application: dpi\n    verify", Probed.Replace(right, wrong, StringComparison.Ordinal), StringComparison.Ordinal)).Should().Contain(says);

    private const string Stored = "    store:\n      credentialsFile: dpi.s3\n      caFile: /etc/pki/ca.pem\n      region: fr-par\n      pathStyle: false\n    application: dpi\n    verify";

    private const string Copied = """
        sites: [principal, secours]
        datasets:
          dpi-base: { application: dpi, medium: disk, site: principal }
          dpi-scans: { application: dpi }
        external:
          surebackup: { product: veeam-surebackup, application: dpi, tenant: vbr-01, subjects: [srv-dpi] }

        """;

    private const string Copy = "    copy: { of: [dpi-base, dpi-scans], medium: tape, site: secours, offline: true }\n    application: dpi\n    verify";

    private static string WithCopy => Good.Replace("drills:", Copied + "drills:", StringComparison.Ordinal).Replace("    application: dpi\n    verify", Copy, StringComparison.Ordinal);

    [Fact]
    public void A_repository_says_of_what_it_is_a_copy_and_the_dataset_where_the_original_is()
    {
        var settings = Read(WithCopy);
        settings.Datasets.Should().Equal(new DatasetSettings("dpi-base", "dpi", "disk", "principal"), new DatasetSettings("dpi-scans", "dpi", null, null));
        settings.Repositories.Single().Copy.Should().BeEquivalentTo(new CopySettings(["dpi-base", "dpi-scans"], "tape", "secours", true));
        settings.External.Should().ContainSingle().Which.Should().BeEquivalentTo(new ExternalSettings("surebackup", Verification.External.ExternalProduct.VeeamSureBackup, "dpi", "vbr-01", ["srv-dpi"]));
    }

    [Theory]
    [InlineData("medium: tape", "medium: disks", "medium: \"disks\" is not known; did you mean \"disk\"?")]
    [InlineData("site: secours, offline", "site: secour, offline", "site: \"secour\" is not among the sites of this file; did you mean \"secours\"?")]
    [InlineData("[dpi-base, dpi-scans]", "[dpi-bases]", "of: no dataset is named \"dpi-bases\"; did you mean \"dpi-base\"?")]
    [InlineData("of: [dpi-base, dpi-scans], ", "", "the key \"of\" is missing")]
    [InlineData("offline: true", "offline: sometimes", "offline: write true")]
    [InlineData("product: veeam-surebackup", "product: veeam", "product: \"veeam\" is not known")]
    [InlineData("tenant: vbr-01, ", "", "the key \"tenant\" is missing")]
    [InlineData("sites: [principal, secours]", "sites: [Principal, secours]", "sites: a site's name has a-z")]
    public void A_mistake_about_copies_is_said(string right, string wrong, string says) => Refusal(WithCopy.Replace(right, wrong, StringComparison.Ordinal)).Should().Contain(says);

    [Fact]
    public void One_place_named_twice_is_not_two_copies() =>
        Refusal(WithCopy.Replace("  dpi:\n", "  twin:\n    address: \"restic:/srv/backup/\"\n    application: dpi\n    copy: { of: [dpi-base], medium: disk, site: principal }\n  dpi:\n", StringComparison.Ordinal))
            .Should().Contain("lie at one address and are both named a copy of dpi-base; one place is one copy");

    private static AgentSettings Read(string text) =>
        AgentConfig.Read(new StringReader(text), "/etc/backupguard/agent.yaml", address => address.StartsWith("restic:/", StringComparison.Ordinal) || address.StartsWith("restic:s3:", StringComparison.Ordinal) ? null : "unknown format");

    private static string Refusal(string text)
    {
        try
        {
            Read(text);
            return "accepted";
        }
        catch (ConfigException e)
        {
            return e.Message;
        }
    }

    [Fact]
    public void A_whole_file_is_read()
    {
        var settings = Read(Good);
        settings.StateFolder.Should().Be("/var/lib/backupguard");
        settings.Server.Should().Be(new Uri("https://backupguard.hospital.example"));
        var repository = settings.Repositories.Single();
        repository.PasswordFile.Should().Be("/etc/backupguard/dpi.password", "a relative path counts from the file");
        repository.Verify!.ReadData.Should().Be(new ReadData(0.05, null));
        var drill = settings.Drills.Single();
        (drill.Application, drill.Plan.Snapshot.Text, drill.Sandbox.Folder).Should().Be(("dpi", "latest", "/srv/sandbox"));
        drill.Plan.Probes.Select(p => p.Kind).Should().Equal("count", "exists", "sha256", "newest", "command");
        drill.Plan.Probes[0].Should().Be(new CountProbe(2, null, null, 10L << 30));
        drill.Plan.Probes[3].Should().Be(new NewestProbe(TimeSpan.FromHours(26)));
        ((CommandProbe)drill.Plan.Probes[4]).Run.Should().Equal("/usr/bin/test", "-s", "data/base.dump");
    }

    private static string WithSignals(string section) => Good.Replace("    application: dpi\n    verify:", $"    application: dpi\n    signals:\n{section}\n    verify:", StringComparison.Ordinal);

    [Fact]
    public void Signals_are_read_with_profiles_and_windows()
    {
        var signals = Read(WithSignals("""
                  canaries: canaries.json
                  sampleFiles: 50
                  profiles:
                    - { paths: "srv/tde/**", kind: alwaysRandom, reason: "encrypted by the database" }
                  windows:
                    - { paths: "srv/pacs/**", from: 2026-11-22T20:00:00+01:00, until: 2026-11-23T06:00:00+01:00, reason: migration }
            """)).Repositories.Single().Signals!;
        signals.CanaryRegister.Should().Be("/etc/backupguard/canaries.json");
        signals.SampleFiles.Should().Be(50);
        signals.Profiles.Single().Kind.Should().Be(Verification.Checks.Anomaly.ProfileKind.AlwaysRandom);
        signals.Windows.Single().Until.Should().Be(new DateTimeOffset(2026, 11, 23, 5, 0, 0, TimeSpan.Zero));
        Read(Good).Repositories.Single().Signals.Should().BeNull("nobody asked");
    }

    [Theory]
    [InlineData("      profiles: [{ paths: a, kind: dump }]", "\"reason\" is missing")]
    [InlineData("      profiles: [{ paths: a, kind: dumps, reason: b }]", "did you mean \"dump\"?")]
    [InlineData("      windows: [{ paths: a, from: 2026-11-01T00:00:00Z, until: 2026-12-25T00:00:00Z, reason: b }]", "at most 31 days")]
    [InlineData("      windows: [{ paths: a, from: 2026-11-02T00:00:00Z, until: 2026-11-01T00:00:00Z, reason: b }]", "not after from")]
    [InlineData("      windows: [{ paths: a, from: 2026-11-02T00:00:00, until: 2026-11-03T00:00:00Z, reason: b }]", "no instant")]
    [InlineData("      canary: x", "has no key \"canary\"")]
    public void Signals_without_reason_or_end_are_refused(string section, string because) => Refusal(WithSignals(section)).Should().Contain(because);

    [Fact]
    public void The_example_that_is_shipped_is_read()
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        while (here is not null && !File.Exists(Path.Combine(here.FullName, "BackupGuard.sln"))) here = here.Parent;
        var settings = AgentConfig.Load(Path.Combine(here!.FullName, "agent/packaging/agent.example.yaml"), _ => null);
        settings.Drills.Select(d => (d.Name, d.Plan.Probes.Count)).Should().BeEquivalentTo([("dpi-weekly", 4), ("dpi-database", 3)]);
        settings.Repositories.Single().Verify!.ReadData.Share.Should().Be(0.1);
    }

    [Theory]
    [InlineData("passwordFile:", "passwrdFile:", "6:5: the repository dpi has no key \"passwrdFile\"; did you mean \"passwordFile\"?")]
    [InlineData("timeZone: Europe/Paris\n    sandbox", "timezone: Europe/Paris\n    sandbox", "has no key \"timezone\"; did you mean \"timeZone\"?")]
    [InlineData("drills:", "dirlls:", "the file has no key \"dirlls\"; did you mean \"drills\"?")]
    [InlineData("minFiles: 2", "minfile: 2", "the probe count has no key \"minfile\"; did you mean \"minFiles\"?")]
    [InlineData("kind: exists", "kind: exist", "there is no probe of kind \"exist\"; did you mean \"exists\"?")]
    [InlineData("kind: exists", "kind: frobnicate", "there is no probe of kind \"frobnicate\"; write one of count, exists, sha256, newest, command")]
    [InlineData("kind: exists", "what: exists", "a probe needs a kind")]
    [InlineData("\"0 2 * * *\"", "\"61 2 * * *\"", "9:13: cron: \"61\" is not a value of the field minute, which goes from 0 to 59")]
    [InlineData("\"0 2 * * *\"", "\"0 0 31 2 *\"", "never comes up")]
    [InlineData("\"0 2 * * *\"", "\"0 2 * *\"", "five fields")]
    [InlineData("    timeZone: Europe/Paris\n    sandbox", "    sandbox", "the key \"timeZone\" is missing; write for example \"timeZone: Europe/Paris\"")]
    [InlineData("timeZone: Europe/Paris\n      readData", "timeZone: Europe/Pari\n      readData", "no time zone known on this machine")]
    [InlineData("readData: 5%", "readData: 500%", "write all, none, a percentage such as 5%, a size such as 10GiB or a time such as PT45M")]
    [InlineData("repository: dpi", "repository: dpl", "no repository is named \"dpl\"; did you mean \"dpi\"?")]
    [InlineData("restic:/srv/backup", "rustic:/srv/backup", "5:14: address: unknown format")]
    [InlineData("state: /var/lib/backupguard\n", "", "the key \"state\" is missing")]
    [InlineData("state: /var", "state: &a /var", "1:8: anchors (&name) are not read here")]
    [InlineData("state: /var", "state: !secret /var", "tags (!name) are not read here")]
    [InlineData("    application: dpi\n", "    application: dpi\n    application: pacs\n", "8:5: the key \"application\" is here for the second time, first in line 7")]
    [InlineData("application: dpi", "application: \"DPI urgences\"", "an application's id has a-z")]
    [InlineData("  dpi-weekly:", "  \"../dpi\":", "\"../dpi\" cannot be a name")]
    [InlineData("minFiles: 2\n        maxBytes: 10GiB", "minFiles: 3\n        maxFiles: 2", "below minFiles, nothing could pass")]
    [InlineData("minFiles: 2\n        maxBytes: 10GiB", "{}", "this is not valid YAML")]
    [InlineData("minFiles: 2", "minFiles: -2", "\"-2\" is not a whole number from 0")]
    [InlineData("maxBytes: 10GiB", "maxBytes: 10 gigs", "\"10 gigs\" is not a size")]
    [InlineData("**/base.dump", "/etc/shadow", "the path is absolute")]
    [InlineData("path: data/base.dump", "path: ../../etc/shadow", "\"..\"")]
    [InlineData("9F86", "9F8", "64 hexadecimal digits")]
    [InlineData("PT26H", "26 hours", "\"26 hours\" is not a duration; write for example PT26H")]
    [InlineData("PT26H", "P1Y", "is not a duration")]
    [InlineData("PT26H", "PT0S", "is not a duration")]
    [InlineData("/usr/bin/test", "test", "\"test\" is not a full path; write for example /usr/bin/test")]
    [InlineData("[/usr/bin/test, -s, \"data/base.dump\"]", "test -s base.dump", "write a list: the program's full path")]
    [InlineData("https://backupguard", "https://me:secret@backupguard", "without a password in it")]
    [InlineData("https://backupguard", "ftp://backupguard", "write the server's address")]
    [InlineData("sandbox: /srv/sandbox", "sandbox: [a, b]", "sandbox must be a single value")]
    [InlineData("    probes:", "    probes: none\n    x:", "probes must be a list")]
    public void A_mistake_is_said_with_its_place_and_what_to_write(string right, string wrong, string says)
    {
        Good.Should().Contain(right, "the mistake must be put somewhere");
        Refusal(Good.Replace(right, wrong, StringComparison.Ordinal)).Should().StartWith("/etc/backupguard/agent.yaml:").And.Contain(says);
    }

    private const string Expecting = """
            retention: P30D
            encryption: required
            keys: [4f1c0a92aabb]
            expects:
              base:
                host: srv-dpi
                path: /var/lib/dpi
                pdma: PT26H
                newestFile: P2D

        """;

    private static readonly string WithExpectations = Good.Replace("    application: dpi\n", "    application: dpi\n" + Expecting, StringComparison.Ordinal);

    [Fact]
    public void What_is_expected_of_a_copy_is_read()
    {
        var policy = Read(WithExpectations).Repositories.Single().Policy;
        policy.Retention.Should().Be(TimeSpan.FromDays(30));
        policy.EncryptionRequired.Should().BeTrue();
        policy.AnnouncedKeys.Should().Equal("4f1c0a92aabb");
        policy.Expected.Single().Should().Be(new ExpectedDataset("base", "srv-dpi", "/var/lib/dpi", null, TimeSpan.FromHours(26), TimeSpan.FromDays(2)));
        Read(Good).Repositories.Single().Policy.Should().BeEquivalentTo(new CopyPolicy(), "nothing is expected where nothing is written");
    }

    [Theory]
    [InlineData("retention: P30D", "retention: 30", "is not a duration; write for example P30D")]
    [InlineData("encryption: required", "encryption: yes", "is neither required nor any")]
    [InlineData("[4f1c0a92aabb]", "[4f1c]", "at least 8 characters")]
    [InlineData("[4f1c0a92aabb]", "4f1c0a92aabb", "must be a list")]
    [InlineData("pdma: PT26H", "pdma: yesterday", "is not a duration; write for example PT26H")]
    [InlineData("newestFile: P2D", "newestFiel: P2D", "did you mean \"newestFile\"?")]
    [InlineData("        pdma: PT26H\n        newestFile: P2D\n", "", "the key \"pdma\" is missing")]
    public void A_mistake_in_what_is_expected_is_said(string right, string wrong, string says)
    {
        WithExpectations.Should().Contain(right, "the mistake must be put somewhere");
        Refusal(WithExpectations.Replace(right, wrong, StringComparison.Ordinal)).Should().StartWith("/etc/backupguard/agent.yaml:").And.Contain(says);
    }

    [Fact]
    public void Every_mistake_is_said_at_once_in_the_order_of_the_file()
    {
        var lines = Refusal(Good.Replace("passwordFile", "passwordfil", StringComparison.Ordinal).Replace("kind: newest", "kind: newst", StringComparison.Ordinal)).Split('\n');
        lines.Should().HaveCount(2);
        lines[0].Should().Contain(":6:5:");
        lines[1].Should().Contain("did you mean \"newest\"?");
    }

    [Fact]
    public void A_drill_without_probes_is_read_and_can_be_warned_about()
    {
        var until = Good.IndexOf("    probes:", StringComparison.Ordinal);
        Read(Good[..until]).Drills.Single().Plan.Probes.Should().BeEmpty();
        Read(Good[..until] + "    probes: []").Drills.Single().Plan.Probes.Should().BeEmpty();
        Read(Good[..until] + "    probes:").Drills.Single().Plan.Probes.Should().BeEmpty();
    }

    [Fact]
    public void Drills_without_a_line_of_their_own_spread_over_the_weekend_night()
    {
        var night = new HashSet<string>();
        for (var i = 0; i < 200; i++)
        {
            var line = Values.DefaultDrillCron($"drill-{i}");
            line.Should().Be(Values.DefaultDrillCron($"drill-{i}"), "the same name has the same minute at every start");
            var parts = line.Split(' ');
            (parts[4], int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture)).Should().Match<(string Day, int Hour)>(at => (at.Day == "6" && at.Hour >= 22) || (at.Day == "0" && at.Hour < 6));
            night.Add(line);
        }
        night.Count.Should().BeGreaterThan(100);
        Read(Good).Drills.Single().Calendar.Text.Should().Be(Values.DefaultDrillCron("dpi-weekly"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("# only a comment\n")]
    [InlineData("- a\n- b\n")]
    [InlineData("just text")]
    [InlineData("state: /x\n---\nstate: /y\n")]
    [InlineData("state: /x\n\trepositories: {}\n")]
    [InlineData("a: *b")]
    [InlineData("state: /x\nrepositories: {}\n")]
    [InlineData("? [a, b]\n: c\n")]
    [InlineData("state: /x\nrepositories:\n  dpi: restic:/srv\n")]
    public void What_is_no_configuration_is_refused_with_a_sentence(string text) => Refusal(text).Should().MatchRegex("^/etc/backupguard/agent.yaml:[0-9]+:[0-9]+: .{10,}");

    [Fact]
    public void A_file_of_endless_nesting_or_length_is_refused()
    {
        Refusal("state: " + new string('[', 5000)).Should().Contain("nested more than");
        Refusal("state: [" + string.Concat(Enumerable.Repeat("a,", 30_000)) + "]").Should().Contain("more than 20000 values");
    }

    [Fact]
    public void Any_single_damage_to_the_file_is_read_or_refused_and_nothing_else()
    {
        string[] edits = ["\0", ":", "\n", "{", "\"", " ", "", "*"];
        for (var at = 0; at < Good.Length; at++)
            foreach (var edit in edits)
                Refusal(Good.Remove(at, 1).Insert(at, edit)).Should().NotBeEmpty("the character {0} was replaced by {1}", at, edit);
    }

    [Fact]
    public void A_file_that_cannot_be_read_is_named()
    {
        var missing = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N"), "agent.yaml");
        FluentActions.Invoking(() => AgentConfig.Load(missing, _ => null)).Should().Throw<ConfigException>().WithMessage($"{missing}: the file cannot be read*");

        var latin1 = Path.GetTempFileName();
        File.WriteAllBytes(latin1, [.. "state: /h"u8, 0xF4, .. "pital"u8]);
        FluentActions.Invoking(() => AgentConfig.Load(latin1, _ => null)).Should().Throw<ConfigException>().WithMessage("*not UTF-8*");
        File.Delete(latin1);
    }

    [Theory]
    [InlineData("10GiB", 10L << 30)]
    [InlineData("500MB", 500_000_000L)]
    [InlineData("1", 1L)]
    [InlineData("3KiB", 3072L)]
    [InlineData("3kB", 3000L)]
    public void Sizes_have_their_usual_units(string text, long bytes)
    {
        Values.TryBytes(text, out var read).Should().BeTrue();
        read.Should().Be(bytes);
    }

    [Theory]
    [InlineData("99999999999TiB")]
    [InlineData("1.5GB")]
    [InlineData("-1")]
    [InlineData("GB")]
    [InlineData("1GB\n")]
    public void What_is_no_size_is_refused(string text) => Values.TryBytes(text, out _).Should().BeFalse();
}
