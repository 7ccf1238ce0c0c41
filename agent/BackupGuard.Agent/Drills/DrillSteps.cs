using BackupGuard.Agent.Drills.SqlServer;
using BackupGuard.Verification.Drills;
using BackupGuard.Verification.Drills.Contents.Compare;
using BackupGuard.Verification.Drills.Contents.Dicom;
using BackupGuard.Verification.Drills.Contents.Fhir;
using BackupGuard.Verification.Drills.Contents.Hl7;
using BackupGuard.Verification.Drills.Programs;
using BackupGuard.Verification.Drills.Scans;
using BackupGuard.Verification.Drills.Engines.Directories;
using BackupGuard.Verification.Drills.Engines.Machines;
using BackupGuard.Verification.Drills.Engines.MariaDb;
using BackupGuard.Verification.Drills.Engines.Postgres;
using BackupGuard.Verification.Drills.Engines.Sql;
using BackupGuard.Verification.Drills.Engines.Sqlite;
using BackupGuard.Verification.Drills.Engines.SqlServer;

namespace BackupGuard.Agent.Drills;

/// <summary>Everything that this agent can start and ask in a drill.</summary>
internal static class DrillSteps
{
    /// <param name="restored">The restored files' folder on this machine, where commands outside of a room work.</param>
    /// <param name="stateFolder">Where databases on other servers are remembered; empty where none may be made.</param>
    public static IReadOnlyList<IProbeRunner> Runners(string restored, TimeProvider clock, string stateFolder = "") =>
    [
        new FileProbes(), new CommandProbes(restored, clock),
        new SqlProbes(), new PostgresRunner(clock), new MariaDbRunner(clock), new SqliteRunner(), new SqlServerRunner(engine => new SqlcmdClient(engine, stateFolder, clock)),
        new LdapRunner(clock), new SambaAdRunner(clock), new VmRunner(clock),
        new DicomProbes(clock), new Hl7Probes(clock), new FhirProbes(clock), new CompareProbes(source => new RestoredFolder(source, isLive: true), clock),
        new ClamavScans(new ClamdSockets(clock), clock), new YaraScans(),
        new StartSteps(clock), new ServiceProbes(),
    ];
}
