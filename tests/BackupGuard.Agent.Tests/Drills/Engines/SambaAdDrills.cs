using BackupGuard.Verification;
using BackupGuard.Verification.Drills;
using BackupGuard.Verification.Drills.Engines.Directories;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Agent.Tests.Drills.Engines;

/// <summary>An offline backup of a real Samba domain, restored, checked and started in the room.</summary>
[Trait("Needs", "room")]
[Trait("Needs", "samba-ad")]
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class SambaAdDrills : IClassFixture<SambaAdDrills.HospitalDomain>, IDisposable
{
    private readonly TestFolder _disk = new();
    private readonly HospitalDomain _domain;

    public SambaAdDrills(HospitalDomain domain)
    {
        _domain = domain;
        Directory.CreateDirectory(_disk["backup"]);
    }

    public void Dispose() => _disk.Dispose();

    private static SambaAdEngine Engine(long users = 5, long computers = 1) =>
        new(Glob.TryParse("*.tar.*", out var glob, out _) ? glob : throw new ArgumentException("glob"), users, computers, 10, SambaAdEngine.UsualMachinePasswordAge, TimeSpan.FromMinutes(5));

    private FolderDrill Drill(byte[] archive, TimeSpan later = default)
    {
        File.WriteAllBytes(_disk["backup/samba-backup.tar.bz2"], archive);
        return new FolderDrill(_disk, _disk["backup"]) { Clock = new LaterClock(later) };
    }

    [Fact]
    public async Task A_domain_comes_back_answers_a_new_account_tells_its_age_and_its_alarm_rings()
    {
        var report = await Drill(_domain.Archive).RunAsync(Engine(), withControl: true);
        var step = report.Engine();
        step.Detail.English.Should().MatchRegex(@"^restored, checked \(\d{4} objects\) and started: 5 users, 1 computers, \d+ groups$");
        (step.Verdict, report.Verdict, report.RpoFromData, report.CleanedUp, report.AlarmProved).Should().Be((Verdict.Proved, Verdict.Proved, true, true, true));
        report.MeasuredRpo.Should().BeLessThan(TimeSpan.FromHours(1), "the accounts were just made");
    }

    [Fact]
    public async Task A_copy_older_than_the_machines_passwords_fails()
    {
        var report = await Drill(_domain.Archive, TimeSpan.FromDays(45)).RunAsync(Engine());
        report.Engine().Detail.English.Should().Contain("the copy is 45.0 days old").And.Contain("those that changed it twice");
        report.Verdict.Should().Be(Verdict.Failed);
    }

    [Fact]
    public async Task Fewer_accounts_than_expected_fail() =>
        (await Drill(_domain.Archive).RunAsync(Engine(computers: 2))).Engine().Should().Match<DrillStep>(s => s.Verdict == Verdict.Failed && s.Detail.English == "1 computers, at least 2 expected");

    [Theory]
    [InlineData("cut", "damaged or cut")]
    [InlineData("no archive", "damaged or cut")]
    [InlineData("another archive", "it holds no private/sam.ldb")]
    [InlineData("empty database", "could not be restored")]
    [InlineData("wrong attribute", "dbcheck found 1 errors")]
    public async Task A_damaged_copy_fails(string damage, string because)
    {
        var archive = damage switch
        {
            "cut" => _domain.Archive[..^(_domain.Archive.Length / 3)],
            "no archive" => "This is no archive."u8.ToArray(),
            "another archive" => _domain.Repacked("rm private/sam.ldb"),
            "empty database" => _domain.Repacked("truncate -s 0 private/sam.ldb.d/DC=HOPITAL*"),
            _ => _domain.Repacked("""
                /usr/bin/python3 - <<'END'
                import ldb, glob
                db = ldb.Ldb(); db.connect(glob.glob('private/sam.ldb.d/DC=HOPITAL*')[0], options=['modules:'], flags=ldb.FLG_DONT_CREATE_DB)
                dn = db.search('', ldb.SCOPE_SUBTREE, '(sAMAccountName=anne)', ['objectSid'])[0].dn
                m = ldb.Message(dn); m['x'] = ldb.MessageElement(['9999'], ldb.FLAG_MOD_REPLACE, 'instanceType'); db.modify(m)
                END
                """),
        };
        var report = await Drill(archive).RunAsync(Engine());
        report.Engine().Detail.English.Should().Contain(because);
        report.Verdict.Should().Be(Verdict.Failed);
    }

    private sealed class LaterClock(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
    }

    /// <summary>Made once a run: it takes some 15 seconds.</summary>
    public sealed class HospitalDomain : IDisposable
    {
        private readonly TestFolder _disk = new();

        public HospitalDomain()
        {
            TestFolder.Shell("""
                password=Aa1-$(head -c 16 /dev/urandom | od -An -tx1 | tr -d ' \n')
                samba-tool domain provision --realm=HOPITAL.TEST --domain=HOPITAL --server-role=dc --host-name=dc1 --targetdir="$PWD/dc" --dns-backend=SAMBA_INTERNAL --host-ip=127.0.0.1 --option="posix:eadb=$PWD/dc/eadb.tdb" >/dev/null 2>&1
                for user in anne jean; do printf '%s\n%s\n' "$password" "$password" | samba-tool user create $user --configfile=dc/etc/smb.conf >/dev/null 2>&1; done
                samba-tool computer create poste1 --configfile=dc/etc/smb.conf >/dev/null
                samba-tool domain backup offline --targetdir="$PWD/out" --configfile=dc/etc/smb.conf >/dev/null 2>&1
                mv out/*.tar.bz2 backup.tar.bz2
                """, _disk.Path);
            Archive = File.ReadAllBytes(_disk["backup.tar.bz2"]);
        }

        public byte[] Archive { get; }

        /// <summary>Unpacked, damaged in there, packed again.</summary>
        public byte[] Repacked(string damage)
        {
            TestFolder.Shell($"rm -rf work; mkdir work; cd work; tar -xf ../backup.tar.bz2; {damage}\ntar -cjf ../damaged.tar.bz2 *", _disk.Path);
            return File.ReadAllBytes(_disk["damaged.tar.bz2"]);
        }

        public void Dispose() => _disk.Dispose();
    }
}
