using System.ComponentModel;
using System.Diagnostics;
using System.IO.Pipes;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using BackupGuard.Verification.Drills;

namespace BackupGuard.Agent.Drills.Windows;

/// <summary>
/// The nearest to a room that Windows gives without a container: each program in a job of its own, alone, with bounds, kept from the network by the firewall. **It has never run**, and must be asked for (<c>sandbox: {room: job}</c>).
/// </summary>
/// <remarks>
/// It keeps less than <see cref="IDrillRoom"/> promises: the machine's files are seen as this account sees them, the agent's own among them, and the machine's loopback is not cut off. Where a limit or the rule cannot be
/// seen to be in force nothing is started.
/// </remarks>
[SupportedOSPlatform("windows")]
internal sealed class JobRoom : IDrillRoom, IRoomLoopback
{
    private static readonly JobLimits Limits = new(8L << 30);

    private readonly ComFirewall _firewall = new();
    private readonly Dictionary<string, FirewallBlock> _blocks = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<SafeHandle> _jobs = [];
    private readonly TimeProvider _clock;

    private JobRoom(string restored, string scratch, TimeProvider clock) => (Restored, Scratch, _clock) = (restored, scratch, clock);

    public string Restored { get; }
    public string Scratch { get; }

    /// <exception cref="SandboxException"/>
    public static JobRoom Create(string restored, string scratch, TimeProvider clock)
    {
        var room = new JobRoom(Path.GetFullPath(restored), Path.GetFullPath(scratch), clock);
        if (!room._firewall.IsInForce) throw new SandboxException("Windows' firewall is switched off, or does not let local rules count: restored software cannot be kept from the network, and is not started");
        FirewallBlock.RemoveStale(room._firewall, File.Exists);
        return room;
    }

    public async Task<RoomEnd> RunAsync(RoomCommand command, CancellationToken cancellationToken)
    {
        var process = Start(command);
        try
        {
            return await process.Ended.WaitAsync(cancellationToken);
        }
        finally
        {
            await process.KillAsync();
        }
    }

    public IRoomProcess Start(RoomCommand command)
    {
        var system = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["TEMP"] = Scratch, ["TMP"] = Scratch, ["USERPROFILE"] = Scratch };
        foreach (var name in (string[])["SystemRoot", "SystemDrive", "windir"])
            if (Environment.GetEnvironmentVariable(name) is { } value) system[name] = value;
        var job = JobCommand.Of(command, Restored, Scratch, system, IsLink);
        // Before anything runs, and seen to be there.
        if (!_blocks.ContainsKey(job.Program)) _blocks[job.Program] = FirewallBlock.Raise(_firewall, job.Program);
        try
        {
            return Launch(job, command);
        }
        catch (Exception e) when (e is Win32Exception or IOException or ArgumentException or InvalidOperationException)
        {
            throw new SandboxException($"{command.Run[0]} could not be started in a job: {e.Message}", e);
        }
    }

    private RoomProcess Launch(JobCommand job, RoomCommand command)
    {
        var handle = JobNative.CreateJob(Limits);
        _jobs.Add(handle);
        var input = new AnonymousPipeServerStream(PipeDirection.Out, HandleInheritability.Inheritable);
        var output = new AnonymousPipeServerStream(PipeDirection.In, HandleInheritability.Inheritable);
        var errors = new AnonymousPipeServerStream(PipeDirection.In, HandleInheritability.Inheritable);
        Process? process = null;
        try
        {
            JobNative.Start(handle, job, command.WorkingFolder ?? Restored, [input.ClientSafePipeHandle, output.ClientSafePipeHandle, errors.ClientSafePipeHandle], id =>
            {
                // Opened while it cannot have ended, so that its exit code can be had later.
                process = Process.GetProcessById(id);
                _ = process.SafeHandle;
            });
        }
        finally
        {
            foreach (var pipe in (AnonymousPipeServerStream[])[input, output, errors]) pipe.DisposeLocalCopyOfClientHandle();
        }
        return RoomProcess.Start(process ?? throw new InvalidOperationException("the program was not seen before it ran"), new RoomStreams(input, output, errors), command, _clock);
    }

    public void Write(string name, ReadOnlySpan<byte> content)
    {
        if (Path.GetFileName(name) != name) throw new ArgumentException("The name has a folder.", nameof(name));
        File.WriteAllBytes(Path.Combine(Scratch, name), content.ToArray());
    }

    public byte[]? Read(RestoredPath path, int mostBytes)
    {
        var full = Path.Combine([Scratch, .. path.Parts]);
        if (!File.Exists(full) || IsLink(full)) return null;
        using var file = new FileStream(full, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[Math.Min(mostBytes, file.Length)];
        return bytes[..file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)];
    }

    public Task<RoomEnd> ExchangeAsync(int port, byte[] question, int mostBytes, TimeSpan timeout, CancellationToken cancellationToken) => new MachineLoopback(_clock).ExchangeAsync(port, question, mostBytes, timeout, cancellationToken);

    public IRoomProcess WaitFor(int port, TimeSpan timeout) => new MachineLoopback(_clock).WaitFor(port, timeout);

    public ValueTask DisposeAsync()
    {
        // The last handle ends what still runs.
        foreach (var job in _jobs) job.Dispose();
        foreach (var block in _blocks.Values) block.Dispose();
        return ValueTask.CompletedTask;
    }

    private static bool IsLink(string path) => Path.Exists(path) && (File.GetAttributes(path) & FileAttributes.ReparsePoint) != 0;
}
