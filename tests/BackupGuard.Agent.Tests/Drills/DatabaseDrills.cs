using System.Diagnostics;
using System.Text;
using BackupGuard.Agent.Config;
using BackupGuard.Agent.Drills;
using BackupGuard.Verification;
using BackupGuard.Verification.Drills;
using BackupGuard.Verification.Drills.Engines.Sql;
using BackupGuard.Verification.Restoring;

namespace BackupGuard.Agent.Tests.Drills;

/// <summary>A backup that is a folder: restoring copies it, links as links.</summary>
internal sealed class FolderRepository(string folder, TimeProvider clock) : IBackupRepository
{
    public Task<InspectReport> InspectAsync(CancellationToken cancellationToken) => throw new NotSupportedException();
    public Task<VerifyReport> VerifyAsync(VerifyOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<RestoreReport> RestoreAsync(RestoreOptions options, IRestoreTarget target, IProgress<WorkProgress>? progress, CancellationToken cancellationToken)
    {
        var (files, bytes) = (0, 0L);
        Copy(new DirectoryInfo(folder), RestorePath.Root);
        return Task.FromResult(new RestoreReport { Findings = [], Snapshot = new SnapshotSummary("4bba301e", clock.GetUtcNow() - TimeSpan.FromHours(5), files, bytes), Files = files, Bytes = bytes });

        void Copy(DirectoryInfo from, RestorePath to)
        {
            foreach (var entry in from.EnumerateFileSystemInfos())
            {
                if (!to.TryAppend(Encoding.UTF8.GetBytes(entry.Name), out var path, out var refusal)) throw new ArgumentException(refusal.En);
                if (entry.LinkTarget is { } link)
                {
                    target.CreateSymbolicLink(path, Encoding.UTF8.GetBytes(link));
                }
                else if (entry is DirectoryInfo inner)
                {
                    target.CreateDirectory(path);
                    Copy(inner, path);
                }
                else if (entry is FileInfo file)
                {
                    var content = File.ReadAllBytes(file.FullName);
                    using var written = target.CreateFile(path, content.Length);
                    written.Write(0, content);
                    files++;
                    bytes += content.Length;
                }
            }
        }
    }
}

/// <summary>Drills of databases from end to end: sandbox, room and runners are the agent's own.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
internal static class DatabaseDrills
{
    /// <summary>The real server is told everything within this, or the test fails.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    public static Task<DrillReport> RunAsync(string backup, params Probe[] steps) => RunAsync(backup, withControl: false, steps);
    public static Task<DrillReport> ControlledAsync(string backup, params Probe[] steps) => RunAsync(backup, withControl: true, steps);

    private static async Task<DrillReport> RunAsync(string backup, bool withControl, Probe[] steps)
    {
        using var disk = new TestFolder();
        using var patience = new CancellationTokenSource(Patience);
        using var sandbox = new DirectorySandbox(new SandboxSettings(disk["sandbox"], null, OwnsFiles: true), "sql", "files:/nowhere", [.. steps.SelectMany(p => p.Shown)], folder => new PlainTarget(folder), TimeProvider.System);
        var runner = new DrillRunner(DrillSteps.Runners(sandbox.Restored, TimeProvider.System), TimeProvider.System) { WithControl = withControl };
        var plan = new DrillPlan("sql", "dpi", "files:/nowhere", SnapshotRule.Latest, steps);
        return await runner.RunAsync(plan, _ => ValueTask.FromResult<IBackupRepository>(new FolderRepository(backup, TimeProvider.System)), sandbox, null, patience.Token);
    }

    public static SqlProbe Sql(string query, string expect, string? database = null) =>
        new(query, SqlRelation.TryParse(expect, out var relation, out var refusal) ? relation : throw new ArgumentException(refusal), new SqlPlace(null, null) { Engine = database is null ? null : database.Split('/')[0], Database = database?.Split('/')[1] }, TimeSpan.FromMinutes(1), null);

    /// <summary>What was said, for a test that went wrong.</summary>
    public static string Said(DrillReport report) =>
        string.Join("\n", report.Steps.Select(s => $"{s.Name}: {s.Verdict} {s.Detail.English}").Concat(report.Control?.Select(c => $"control {c.Name}: {c.Verdict} after {c.Damage?.English}: {c.Detail.English}") ?? []));

    /// <summary>Runs a program as an account that database servers accept: they refuse root.</summary>
    public static string Server(string account, params string[] run)
    {
        string[] all = Environment.UserName == "root" ? ["setpriv", $"--reuid={account.Split(':')[0]}", $"--regid={account.Split(':')[^1]}", "--clear-groups", .. run] : run;
        using var process = Process.Start(new ProcessStartInfo(all[0], all[1..]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/tmp" })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{string.Join(' ', run)}: exit code {process.ExitCode}: {errors.Result}");
    }
}
