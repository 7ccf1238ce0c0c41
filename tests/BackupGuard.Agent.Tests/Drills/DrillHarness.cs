using BackupGuard.Agent.Config;
using BackupGuard.Agent.Drills;
using BackupGuard.Verification;
using BackupGuard.Verification.Drills;

namespace BackupGuard.Agent.Tests.Drills;

/// <summary>A drill with the agent's own runners, sandbox and room, on a backup of a few files.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
internal static class DrillHarness
{
    public static async Task<DrillReport> RunAsync(TestFolder disk, IBackupRepository repository, IReadOnlyList<Probe> probes, bool withControl = false)
    {
        using var sandbox = new DirectorySandbox(new SandboxSettings(disk["sandbox"], null, OwnsFiles: true), "dpi", "restic:/srv/backup", [.. probes.SelectMany(p => p.Shown)], folder => new PlainTarget(folder), TimeProvider.System);
        return await new DrillRunner(DrillSteps.Runners(sandbox.Restored, TimeProvider.System), TimeProvider.System) { WithControl = withControl }
            .RunAsync(new DrillPlan("dpi-weekly", "dpi", "restic:/srv/backup", SnapshotRule.Latest, probes), _ => ValueTask.FromResult(repository), sandbox, null, default);
    }

    /// <summary>All that was said, for a test that fails.</summary>
    public static string Told(DrillReport report) => string.Join('\n', report.Steps.Select(s => $"{s.Name}: {s.Verdict} {s.Detail.English}").Concat((report.Control ?? []).Select(c => $"control {c.Name}: {c.Verdict} {c.Detail.English}")));
}
