using System.Text;
using BackupGuard.Agent.Config;
using BackupGuard.Agent.Drills;
using BackupGuard.Verification;
using BackupGuard.Verification.Drills;
using BackupGuard.Verification.Restoring;

namespace BackupGuard.Agent.Tests.Drills.Engines;

/// <summary>A backup that is a copy of a folder, and a drill on it as the agent runs it: runner, sandbox and room are the real ones.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
internal sealed class FolderDrill(TestFolder disk, string source) : IBackupRepository
{
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    public async Task<DrillReport> RunAsync(Probe probe, bool withControl = false)
    {
        var settings = new SandboxSettings(disk["sandbox"], null, OwnsFiles: true);
        using var sandbox = new DirectorySandbox(settings, "test", "files:/nowhere", probe.Shown, folder => new PlainTarget(folder), TimeProvider.System);
        var runner = new DrillRunner(DrillSteps.Runners(sandbox.Restored, TimeProvider.System), Clock) { WithControl = withControl };
        return await runner.RunAsync(new DrillPlan("test", "app", "files:/nowhere", SnapshotRule.Latest, [probe]), _ => ValueTask.FromResult<IBackupRepository>(this), sandbox, null, default);
    }

    public Task<VerifyReport> VerifyAsync(VerifyOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellationToken) => throw new NotSupportedException();
    public Task<InspectReport> InspectAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public async Task<RestoreReport> RestoreAsync(RestoreOptions options, IRestoreTarget target, IProgress<WorkProgress>? progress, CancellationToken cancellationToken)
    {
        long files = 0, bytes = 0;
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var content = await File.ReadAllBytesAsync(file, cancellationToken);
            var where = RestorePath.Root;
            foreach (var part in Path.GetRelativePath(source, file).Split('/'))
                if (!where.TryAppend(Encoding.UTF8.GetBytes(part), out where, out var refusal)) throw new ArgumentException(refusal.En);
            using (var restored = target.CreateFile(where, content.Length)) restored.Write(0, content);
            files++;
            bytes += content.Length;
        }
        return new RestoreReport { Findings = [], Snapshot = new SnapshotSummary("4bba301e", Clock.GetUtcNow() - TimeSpan.FromMinutes(1), files, bytes), Files = files, Bytes = bytes };
    }
}

internal static class DrillReports
{
    /// <summary>The answer of the only engine.</summary>
    public static DrillStep Engine(this DrillReport report) => report.Steps.Single(s => s.Kind == "engine");
}
