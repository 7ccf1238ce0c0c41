using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;
using System.Text.Json;
using BackupGuard.Verification.Drills;

namespace BackupGuard.Agent.Drills;

/// <summary>A room made of Linux namespaces: its own network (loopback only), processes, mounts, users, shared memory and host name.</summary>
/// <remarks>
/// bubblewrap makes it. Its process 1 is a shell that buries the dead and ends when our pipe closes, so when the agent dies, and the kernel then kills all that runs in it.
/// (bubblewrap's own process 1 would wait for whoever went into the background, and its --die-with-parent goes by the thread that started it: threads come and go.)
/// nsenter brings each further program in; it begins as root of the room, over nothing outside of it, and is an ordinary user after one more step, without capabilities.
/// What is shown is named here one by one; nothing of the agent, of other programs' data or of the sockets below /run is.
/// </remarks>
[SupportedOSPlatform("linux")]
internal sealed class BubblewrapRoom : IDrillRoom
{
    private const string SearchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    private const string OrdinaryUser = "1000";

    /// <summary>Over the room's own network, files and users only. Servers such as a directory want to bind low ports and to give files away.</summary>
    private const string RootsCapabilities = "-all,+chown,+dac_override,+fowner,+fsetid,+setgid,+setuid,+net_bind_service,+sys_chroot,+kill";

    /// <summary>Settings of the machine that programs need and that hold no secret.</summary>
    private static readonly string[] Shown =
    [
        "/usr", "/etc/alternatives", "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/localtime", "/etc/timezone", "/etc/ssl/certs", "/etc/ssl/openssl.cnf", "/etc/ca-certificates",
        "/etc/fonts", "/etc/mime.types", "/etc/services", "/etc/protocols", "/etc/magic", "/etc/ldap/schema", "/etc/chromium", "/etc/chromium.d", "/etc/locale.alias", "/etc/gss",
    ];

    private readonly Process _first;
    private readonly string _scratchOutside;
    private readonly int _inside;
    private readonly TimeProvider _clock;
    private int _ended;

    private BubblewrapRoom(Process first, int inside, string scratchOutside, TimeProvider clock) => (_first, _inside, _scratchOutside, _clock) = (first, inside, scratchOutside, clock);

    public string Restored => "/restored";
    public string Scratch => "/scratch";

    /// <summary>The programs that this needs; why it cannot be, or null.</summary>
    public static string? Missing() => Find("bwrap") is null ? "bubblewrap is not installed" : Find("nsenter") is null || Find("setpriv") is null || Find("unshare") is null ? "util-linux is not installed" : null;

    /// <param name="restored">Folder on the machine.</param>
    /// <param name="scratch">Folder on the machine, empty.</param>
    /// <param name="visible">Files and folders that the definition names by full path: shown read-only where they are.</param>
    /// <exception cref="SandboxException"/>
    public static async Task<BubblewrapRoom> CreateAsync(string restored, string scratch, IReadOnlyList<string> visible, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (Missing() is { } missing) throw new SandboxException($"{missing}: without it restored software cannot be kept from the network, and is not started");
        var accounts = Path.Combine(scratch, ".accounts");
        var groups = Path.Combine(scratch, ".groups");
        await File.WriteAllTextAsync(accounts, "root:x:0:0:root:/scratch:/bin/sh\ndrill:x:1000:1000:drill:/scratch:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n", cancellationToken);
        await File.WriteAllTextAsync(groups, "root:x:0:\ndrill:x:1000:\nnogroup:x:65534:\n", cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(scratch, ".hosts"), "127.0.0.1 localhost drill\n::1 localhost drill\n", cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(scratch, ".names"), "passwd: files\ngroup: files\nshadow: files\nhosts: files\nservices: files\nprotocols: files\n", cancellationToken);

        // bubblewrap tells the process of the room on a descriptor of its own; .NET hands on the first three only.
        List<string> run = ["/bin/sh", "-c", "exec \"$@\" 3>&1", "sh", Find("bwrap")!, "--unshare-all", "--as-pid-1", "--uid", "0", "--gid", "0", "--hostname", "drill", "--clearenv"];
        foreach (var path in Shown) run.AddRange(["--ro-bind-try", path, path]);
        foreach (var link in (string[])["bin", "sbin", "lib", "lib32", "lib64", "libx32"])
            if (new FileInfo("/" + link).LinkTarget is not null) run.AddRange(["--symlink", "usr/" + link, "/" + link]);
            else run.AddRange(["--ro-bind-try", "/" + link, "/" + link]);
        run.AddRange(["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--tmpfs", "/run", "--tmpfs", "/var", "--dir", "/var/tmp", "--symlink", "../run", "/var/run"]);
        run.AddRange(["--ro-bind", accounts, "/etc/passwd", "--ro-bind", groups, "/etc/group", "--ro-bind", Path.Combine(scratch, ".hosts"), "/etc/hosts", "--ro-bind", Path.Combine(scratch, ".names"), "/etc/nsswitch.conf"]);
        // A device that a definition asks for (the processor's help for a machine) is of no use without being one.
        foreach (var path in visible.Where(p => !IsShown(p) && Path.Exists(p))) run.AddRange([path.StartsWith("/dev/", StringComparison.Ordinal) ? "--dev-bind" : "--ro-bind", path, path]);
        run.AddRange(["--bind", restored, "/restored", "--bind", scratch, "/scratch", "--chdir", "/", "--json-status-fd", "3", "--", "/bin/sh", "-c", "exec 3<&0; echo ready; cat <&3 >/dev/null & wait $!"]);

        var first = Launch(run, new Dictionary<string, string>());
        try
        {
            var inside = 0;
            // Two lines, in either order: which process it is, and that everything is in its place.
            for (var ready = false; inside == 0 || !ready;)
            {
                var line = await first.StandardOutput.ReadLineAsync(cancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(30), clock, cancellationToken);
                if (line is null) throw new SandboxException($"no room could be made: {await ErrorOf(first)}");
                if (line == "ready") ready = true;
                else if (Inside(line) is { } id) inside = id;
            }
            return new BubblewrapRoom(first, inside, scratch, clock);
        }
        catch (TimeoutException e)
        {
            End(first);
            throw new SandboxException("no room could be made within 30 s", e);
        }
        catch
        {
            End(first);
            throw;
        }
    }

    public async Task<RoomEnd> RunAsync(RoomCommand command, CancellationToken cancellationToken)
    {
        var process = RoomProcess.Start(Launch(Entered(command), command.Environment, command), command, _clock);
        using var registration = cancellationToken.Register(static p => _ = ((RoomProcess)p!).KillAsync().AsTask(), process);
        var end = await process.Ended;
        cancellationToken.ThrowIfCancellationRequested();
        return end;
    }

    public IRoomProcess Start(RoomCommand command) => RoomProcess.Start(Launch(Entered(command), command.Environment, command), command, _clock);

    public void Write(string name, ReadOnlySpan<byte> content)
    {
        if (name is "" or "." or ".." || name.Contains('/', StringComparison.Ordinal)) throw new ArgumentException("A name without separators.", nameof(name));
        try
        {
            using var folder = UnixFolder.Open(_scratchOutside);
            // A program of the room may have put a link there; it must not lead our bytes elsewhere.
            folder.Delete(System.Text.Encoding.UTF8.GetBytes(name));
            using var file = new FileStream(Path.Combine(_scratchOutside, name), new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
            file.Write(content);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SandboxException($"{name} could not be written into the room: {e.Message}", e);
        }
    }

    public byte[]? Read(RestoredPath path, int mostBytes)
    {
        using var stream = new RestoredFolder(_scratchOutside).OpenRead(path);
        if (stream is null) return null;
        var bytes = new byte[Math.Min(stream.Length, mostBytes)];
        try
        {
            stream.ReadExactly(bytes);
        }
        catch (IOException e)
        {
            throw new SandboxException($"{path} could not be read from the room: {e.Message}", e);
        }
        return bytes;
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _ended, 1) != 0) return;
        // The end of its input ends the room's first process, and with it all others.
        _first.StandardInput.Close();
        try
        {
            await _first.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(10), _clock);
        }
        catch (TimeoutException)
        {
            _first.Kill(entireProcessTree: true);
        }
        _first.Dispose();
    }

    private List<string> Entered(RoomCommand command)
    {
        // Told apart from a program that runs and ends badly: that one is an answer.
        var program = command.Run[0];
        var isThere = Path.IsPathFullyQualified(program) ? IsOfTheRoom(program) || File.Exists(program) : program.Contains('/', StringComparison.Ordinal) || Find(program) is not null;
        if (!isThere) throw new SandboxException($"{program} is not installed on this machine");
        List<string> run =
        [
            Find("nsenter")!, "--target", _inside.ToString(CultureInfo.InvariantCulture), "--user", "--net", "--mount", "--pid", "--uts", "--ipc", "--preserve-credentials", "--root",
            "--wdns=" + (command.WorkingFolder ?? Restored), "--",
        ];
        if (!command.AsRoot) run.AddRange([Find("unshare")!, "--user", "--map-user=" + OrdinaryUser, "--map-group=" + OrdinaryUser, "--"]);
        run.AddRange([Find("setpriv")!, "--no-new-privs", "--bounding-set=" + (command.AsRoot ? RootsCapabilities : "-all"), "--"]);
        run.AddRange(command.Run);
        return run;
    }

    private static Process Launch(List<string> run, IReadOnlyDictionary<string, string> environment, RoomCommand? command = null)
    {
        var start = new ProcessStartInfo(run[0]) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
        foreach (var argument in run.Skip(1)) start.ArgumentList.Add(argument);
        start.Environment.Clear();
        foreach (var (name, value) in (ReadOnlySpan<(string, string)>)[("PATH", SearchPath), ("LANG", "C.UTF-8"), ("HOME", "/scratch"), ("TMPDIR", "/tmp"), ("USER", command is { AsRoot: false } ? "drill" : "root")])
            start.Environment[name] = value;
        foreach (var (name, value) in environment) start.Environment[name] = value;
        try
        {
            return Process.Start(start) ?? throw new SandboxException($"{run[0]} could not be started");
        }
        catch (Win32Exception e)
        {
            throw new SandboxException($"{run[0]} could not be started: {e.Message}", e);
        }
    }

    private static void End(Process first)
    {
        first.Kill(entireProcessTree: true);
        first.Dispose();
    }

    private static async Task<string> ErrorOf(Process first)
    {
        var text = (await first.StandardError.ReadToEndAsync()).Trim();
        return Verification.Printable.Of(text.Length > 300 ? text[..300] : text);
    }

    /// <summary>bubblewrap's status: {"child-pid": N, …}.</summary>
    private static int? Inside(string line)
    {
        try
        {
            using var status = JsonDocument.Parse(line);
            return status.RootElement.TryGetProperty("child-pid", out var id) ? id.GetInt32() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static bool IsShown(string path) => Shown.Any(s => path == s || path.StartsWith(s + "/", StringComparison.Ordinal)) || path.StartsWith("/bin/", StringComparison.Ordinal) || path.StartsWith("/sbin/", StringComparison.Ordinal);

    private static bool IsOfTheRoom(string path) => path.StartsWith("/restored/", StringComparison.Ordinal) || path.StartsWith("/scratch/", StringComparison.Ordinal);

    private static string? Find(string program) => SearchPath.Split(':').Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
}
