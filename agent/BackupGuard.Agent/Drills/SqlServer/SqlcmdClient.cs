using System.ComponentModel;
using System.Diagnostics;
using System.Text.RegularExpressions;
using BackupGuard.Agent.Driven;
using BackupGuard.Verification;
using BackupGuard.Verification.Drills;
using BackupGuard.Verification.Drills.Engines.SqlServer;

namespace BackupGuard.Agent.Drills.SqlServer;

/// <summary>sqlcmd as a process, with ODBC or in Go: only options that both know are used.</summary>
/// <remarks>Its environment holds a search path, a language, the password and nothing else of ours: so no startup script of somebody's SQLCMDINI is run.</remarks>
/// <param name="stateFolder">Where databases that were made are remembered; empty where nothing can be, and then none is made.</param>
internal sealed partial class SqlcmdClient(SqlServerEngine engine, string stateFolder, TimeProvider clock) : ISqlServerClient
{
    private const string PasswordVariable = "SQLCMDPASSWORD";
    private const int MostOutputBytes = 16 << 20, LargestPasswordBytes = 4096;

    /// <summary>What one argument may hold: 128 KiB with Linux, and with Windows the whole line.</summary>
    private static readonly int LongestArgument = OperatingSystem.IsWindows() ? 32_000 : 131_000;

    /// <summary>How long is looked for what it left in the background.</summary>
    private static readonly TimeSpan EndOfBackground = TimeSpan.FromSeconds(5);

    private static readonly string[] BesideThePath = ["/opt/mssql-tools18/bin", "/opt/mssql-tools/bin"];

    public async Task<DrivenBy> VersionAsync(CancellationToken cancellationToken)
    {
        var end = await RunAsync(new RoomCommand([Program(), "-?"]) { Timeout = TimeSpan.FromSeconds(30) }, password: null, cancellationToken);
        return new DrivenBy("sqlcmd", VersionText().Match(end.OutputText) is { Success: true } said ? said.Groups[1].Value : "");
    }

    public Task<RoomEnd> RunAsync(IReadOnlyList<string> options, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (options.FirstOrDefault(o => o.Length > LongestArgument) is not null) throw new SandboxException("the statement is too long for a command line of this machine");
        string[] identity = engine.User is { } user ? ["-U", user] : ["-E"];
        var run = new RoomCommand([Program(), "-S", engine.Instance, .. identity, .. engine.TrustCertificate ? (string[])["-C"] : [], "-d", "master", "-l", "30", .. options]) { Timeout = timeout, MostOutputBytes = MostOutputBytes };
        return RunAsync(run, engine.User is null ? null : Password(), cancellationToken);
    }

    public ISqlServerNote Remember(string database, string file) => RestoredDatabases.Remember(stateFolder, engine, database, file);

    public Stream CreateFile(string file)
    {
        try
        {
            var stream = new FileStream(Path.Combine(engine.Exchange, file), FileMode.CreateNew, FileAccess.Write, FileShare.Read);
            // The server reads it as a member of the folder's group; nobody else may.
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(stream.SafeFileHandle, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
            return stream;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SandboxException($"no file could be made in the exchange folder: {e.Message}", e);
        }
    }

    public void DeleteFile(string file)
    {
        try
        {
            // The folder may be gone, or never have been there.
            if (Directory.Exists(engine.Exchange)) File.Delete(Path.Combine(engine.Exchange, file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SandboxException($"the copy {file} of the backup could not be removed from the exchange folder: {e.Message}", e);
        }
    }

    private async Task<RoomEnd> RunAsync(RoomCommand command, string? password, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var mark = new ProcessMark(clock);
        var running = RoomProcess.Start(Start(command, mark, password), command, clock);
        try
        {
            return await running.Ended.WaitAsync(cancellationToken);
        }
        finally
        {
            await running.KillAsync();
            await mark.KillAllAsync(running.Ended, workingFolder: null, EndOfBackground, CancellationToken.None);
        }
    }

    private Process Start(RoomCommand command, ProcessMark mark, string? password)
    {
        var start = new ProcessStartInfo(command.Run[0], command.Run.Skip(1))
        {
            WorkingDirectory = Path.GetPathRoot(Environment.CurrentDirectory) ?? "/", UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        mark.SetEnvironment(start);
        // sqlcmd in Go looks for a home, and must find none of somebody's settings there.
        if (stateFolder.Length > 0) start.Environment[OperatingSystem.IsWindows() ? "USERPROFILE" : "HOME"] = stateFolder;
        if (password is not null) start.Environment[PasswordVariable] = password;
        else if (Environment.GetEnvironmentVariable("KRB5CCNAME") is { } ticket) start.Environment["KRB5CCNAME"] = ticket;
        try
        {
            return Process.Start(start) ?? throw new SandboxException($"{command.Run[0]} could not be started");
        }
        catch (Win32Exception e)
        {
            throw new SandboxException($"{command.Run[0]} could not be started: {e.Message}", e);
        }
    }

    /// <summary>Never by its bare name: that is looked for in the working folder, too.</summary>
    private string Program()
    {
        if (engine.Program is { } named) return named;
        var name = OperatingSystem.IsWindows() ? "sqlcmd.exe" : "sqlcmd";
        return (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Where(Path.IsPathFullyQualified).Concat(BesideThePath).Select(f => Path.Combine(f, name)).FirstOrDefault(File.Exists)
            ?? throw new SandboxException("sqlcmd is not installed, or not on the search path; name it with program");
    }

    private string Password()
    {
        try
        {
            if (engine.PasswordFile is { } file)
            {
                if (new FileInfo(file).Length > LargestPasswordBytes) throw new SandboxException($"the password file {file} is too long to be one");
                return File.ReadAllText(file).Trim() is { Length: > 0 } text ? text : throw new SandboxException($"the password file {file} is empty");
            }
            return Environment.GetEnvironmentVariable(PasswordVariable) is { Length: > 0 } password ? password : throw new SandboxException($"the login {engine.User} has no password: name passwordFile, or set {PasswordVariable}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SandboxException($"the password file {engine.PasswordFile} cannot be read: {e.Message}", e);
        }
    }

    [GeneratedRegex(@"Version:? v?([0-9]{1,4}(?:\.[0-9]{1,6}){1,4})", RegexOptions.CultureInvariant)]
    private static partial Regex VersionText();
}
