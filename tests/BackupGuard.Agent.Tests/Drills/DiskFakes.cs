using System.Diagnostics;
using System.Text;
using BackupGuard.Verification;
using BackupGuard.Verification.Restoring;

namespace BackupGuard.Agent.Tests.Drills;

/// <summary>A folder that goes away with the test, also when it holds what .NET cannot name.</summary>
internal sealed class TestFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("drill-test-").FullName;
    public string this[string name] => System.IO.Path.Combine(Path, name);

    public static string Shell(string script, string folder)
    {
        using var shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", script]) { WorkingDirectory = folder, RedirectStandardOutput = true })!;
        var output = shell.StandardOutput.ReadToEnd();
        shell.WaitForExit();
        return shell.ExitCode == 0 ? output : throw new InvalidOperationException($"{script}: exit code {shell.ExitCode}");
    }

    public void Dispose() => Shell("chmod -R u+rwx . ; rm -rf \"$PWD\"", Path);
}

/// <summary>Writes regular files into a folder; enough of a target for what these tests restore.</summary>
internal sealed class PlainTarget(string folder) : IRestoreTarget
{
    public void CreateDirectory(RestorePath path) => Directory.CreateDirectory(Path.Combine(folder, path.ToString()));

    public IRestoredFile CreateFile(RestorePath path, long lengthBytes)
    {
        var full = Path.Combine(folder, path.ToString());
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        return new OpenFile(File.OpenHandle(full, FileMode.CreateNew, FileAccess.Write));
    }

    public void CreateSymbolicLink(RestorePath path, ReadOnlySpan<byte> target) => File.CreateSymbolicLink(Path.Combine(folder, path.ToString()), Encoding.UTF8.GetString(target));
    public void CreateHardLink(RestorePath path, RestorePath existing) { }
    public bool TryCreateSpecial(RestorePath path, SpecialFile kind, ulong device) => false;
    public string? SetMetadata(RestorePath path, RestoredMetadata metadata, bool isSymbolicLink) => null;
    public ValueTask CommitAsync() => ValueTask.CompletedTask;
    public ValueTask DiscardAsync() => ValueTask.CompletedTask;
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed class OpenFile(Microsoft.Win32.SafeHandles.SafeFileHandle file) : IRestoredFile
    {
        public void Write(long offset, ReadOnlySpan<byte> bytes) => RandomAccess.Write(file, bytes, offset);
        public void Dispose() => file.Dispose();
    }
}

/// <summary>A backup of a few files.</summary>
internal sealed class SmallRepository(DateTimeOffset takenAt, params (string Path, string Content)[] files) : IBackupRepository
{
    public Func<CancellationToken, Task>? Meanwhile { get; init; }
    public IReadOnlyList<Finding> Findings { get; init; } = [];

    public Task<InspectReport> InspectAsync(CancellationToken cancellationToken) => Task.FromResult(new InspectReport { Format = "restic", Findings = [] });

    public async Task<VerifyReport> VerifyAsync(VerifyOptions options, IProgress<WorkProgress>? progress, CancellationToken cancellationToken)
    {
        if (Meanwhile is not null) await Meanwhile(cancellationToken);
        return new VerifyReport { Findings = Findings, RepositoryId = "f00d", Coverage = options.ReadData.Share, Snapshots = [Snapshot] };
    }

    public async Task<RestoreReport> RestoreAsync(RestoreOptions options, IRestoreTarget target, IProgress<WorkProgress>? progress, CancellationToken cancellationToken)
    {
        foreach (var (path, content) in files)
        {
            var where = RestorePath.Root;
            foreach (var part in path.Split('/'))
                if (!where.TryAppend(Encoding.UTF8.GetBytes(part), out where, out var refusal)) throw new ArgumentException(refusal.En);
            using var file = target.CreateFile(where, content.Length);
            file.Write(0, Encoding.UTF8.GetBytes(content));
        }
        if (Meanwhile is not null) await Meanwhile(cancellationToken);
        return new RestoreReport { Findings = Findings, Snapshot = Snapshot, Files = files.Length, Bytes = Snapshot.Bytes };
    }

    private SnapshotSummary Snapshot => new("4bba301e", takenAt, files.Length, files.Sum(f => f.Content.Length));
}
