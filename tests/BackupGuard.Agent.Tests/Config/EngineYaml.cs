using BackupGuard.Agent.Config;
using BackupGuard.Verification.Drills;
using BackupGuard.Verification.Drills.Engines.Directories;
using BackupGuard.Verification.Drills.Engines.Machines;
using FluentAssertions;
using Xunit;

namespace BackupGuard.Agent.Tests.Config;

/// <summary>The steps that start directories and machines, as they are written.</summary>
public sealed class EngineYaml
{
    private static Probe Read(string step) => AgentConfig.Read(new StringReader($$"""
        state: /var/lib/backupguard
        repositories:
          dpi: { address: "restic:/srv/backup", application: dpi }
        drills:
          weekly:
            repository: dpi
            timeZone: Europe/Paris
            steps:
              - {{step}}
        """), "/etc/backupguard/agent.yaml", _ => null).Drills.Single().Plan.Probes.Single();

    [Fact]
    public void A_directory_is_read_with_its_usual_schema_or_its_own()
    {
        Read("{ kind: ldap, ldif: \"ldap/*.ldif\" }").Should().BeOfType<LdapEngine>().Which.Should().Match<LdapEngine>(e =>
            e.Base == null && e.Schema.Count == 4 && e.Persons == "(objectClass=person)" && e.MinEntries == 1 && e.MinPersons == 1 && e.MaxAge == null && e.NeedsRoom && e.StepKind == "engine");
        var full = (LdapEngine)Read("{ kind: ldap, ldif: a.ldif.gz, base: \"dc=a,dc=b\", schema: [core, ldap/own.schema, config.ldif], persons: (uid=*), minEntries: 10, minPersons: 0, maxAge: PT26H, timeout: PT5M }");
        full.Schema.Select(s => s.ToString()).Should().Equal("core", "ldap/own.schema", "config.ldif");
        (full.Base, full.Persons, full.MinEntries, full.MinPersons, full.MaxAge, full.Timeout).Should().Be(("dc=a,dc=b", "(uid=*)", 10, 0, TimeSpan.FromHours(26), TimeSpan.FromMinutes(5)));
    }

    [Fact]
    public void A_domain_is_read_with_the_rotation_of_Windows_machines()
    {
        Read("{ kind: samba-ad, backup: \"ad/*.tar.bz2\" }").Should().BeOfType<SambaAdEngine>().Which.MachinePasswordAge.Should().Be(TimeSpan.FromDays(30));
        ((SambaAdEngine)Read("{ kind: samba-ad, backup: a.tar.bz2, minUsers: 500, minComputers: 0, minGroups: 3, machinePasswordAge: P60D }")).MachinePasswordAge.Should().Be(TimeSpan.FromDays(60));
    }

    [Fact]
    public void A_machine_is_read_and_sees_a_device_only_when_asked()
    {
        var engine = (VmEngine)Read("{ kind: vm, disks: [vm/a.qcow2, vm/b.vmdk], expect: \"login:\" }");
        (engine.Disks.Count, engine.Format, engine.Expect, engine.Stays, engine.MemoryBytes, engine.Processors, engine.Bus, engine.Kvm).Should().Be((2, null, "login:", TimeSpan.FromSeconds(10), 1L << 30, 1, "ide", false));
        engine.Shown.Should().BeEmpty();
        var other = (VmEngine)Read("{ kind: vm, disks: [vm/a], format: raw, guestAgent: true, stays: PT1M, memory: 4GiB, processors: 2, bus: virtio, accelerator: kvm, timeout: PT5M }");
        (other.Format, other.Expect, other.MemoryBytes, other.Bus).Should().Be(("raw", null, 4L << 30, "virtio"));
        other.Shown.Should().Equal("/dev/kvm");
    }

    [Theory]
    [InlineData("{ kind: ldap }", "the key \"ldif\" is missing")]
    [InlineData("{ kind: ldap, ldif: ../x }", "..")]
    [InlineData("{ kind: ldap, ldif: x, base: hospital }", "topmost name")]
    [InlineData("{ kind: ldap, ldif: x, persons: uid=* }", "LDAP filter in parentheses")]
    [InlineData("{ kind: ldap, ldif: x, schema: [] }", "list of schemas")]
    [InlineData("{ kind: ldap, ldif: x, schema: [/etc/ldap/slapd.conf] }", "neither the name of a schema")]
    [InlineData("{ kind: ldap, ldif: x, schema: [../own.schema] }", "..")]
    [InlineData("{ kind: ldap, ldif: x, minEntries: 0 }", "from 1 to")]
    [InlineData("{ kind: ldap, ldif: x, timeout: P2D }", "at most P1D")]
    [InlineData("{ kind: ldap, ldif: x, password: y }", "has no key \"password\"")]
    [InlineData("{ kind: samba-ad }", "the key \"backup\" is missing")]
    [InlineData("{ kind: samba-ad, backup: x, machinePasswordAge: thirty }", "is not a duration")]
    [InlineData("{ kind: vm, expect: up }", "list of at most 16 images")]
    [InlineData("{ kind: vm, disks: [a.qcow2] }", "either expect")]
    [InlineData("{ kind: vm, disks: [a.qcow2], expect: up, guestAgent: true }", "either expect")]
    [InlineData("{ kind: vm, disks: [a.qcow2], expect: up, format: iso }", "write one of qcow2")]
    [InlineData("{ kind: vm, disks: [a.qcow2], expect: up, bus: usb }", "write one of ide, sata, virtio")]
    [InlineData("{ kind: vm, disks: [a.qcow2], expect: up, memory: 1MiB }", "from 16MiB")]
    [InlineData("{ kind: vm, disks: [a, b, c, d, e], format: raw, expect: up }", "four places")]
    [InlineData("{ kind: vm, disks: [a.qcow2], expect: up, stays: PT2H }", "from PT1S")]
    public void What_cannot_be_meant_is_refused_with_what_to_write(string step, string because) =>
        FluentActions.Invoking(() => Read(step)).Should().Throw<ConfigException>().Which.Problems.Should().Contain(p => p.Message.Contains(because));
}
