using System.Text.Json;

namespace BackupGuard.Verification.Drills.Engines.Directories;

/// <summary>A Samba domain backup (samba-tool domain backup online or offline) restored as a new domain controller, checked, started and asked.</summary>
/// <param name="Backup">The newest archive that matches is restored.</param>
/// <param name="MinUsers">Accounts of people and services, the built-in ones among them.</param>
/// <param name="MachinePasswordAge">How often the machines of this domain change their password. A machine keeps the password before: what is older than one such time
/// begins to lose machines, what is older than two has lost all. Windows: 30 days.</param>
public sealed record SambaAdEngine(Glob Backup, long MinUsers, long MinComputers, long MinGroups, TimeSpan MachinePasswordAge, TimeSpan Timeout) : Engine
{
    public static readonly TimeSpan UsualMachinePasswordAge = TimeSpan.FromDays(30);

    public override string Kind => "samba-ad";
    public override string Name => "samba-ad " + Backup;

    internal override void WriteDefinition(Utf8JsonWriter json)
    {
        json.WriteString("backup", Backup.ToString());
        json.WriteNumber("minUsers", MinUsers);
        json.WriteNumber("minComputers", MinComputers);
        json.WriteNumber("minGroups", MinGroups);
        json.WriteNumber("machinePasswordAgeSeconds", (long)MachinePasswordAge.TotalSeconds);
        json.WriteNumber("timeoutSeconds", (long)Timeout.TotalSeconds);
    }
}
