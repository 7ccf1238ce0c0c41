using System.Diagnostics;
using BackupGuard.Server.Hosting;
using BackupGuard.Server.Persistence;
using Npgsql;

namespace BackupGuard.Server.Tests.Support;

/// <summary>A throw-away PostgreSQL server, one for all tests, on a socket of its own. It ends with this process, however that ends.</summary>
internal sealed class PostgresCluster : IDisposable
{
    private const string Template = "with_schema";
    private static readonly Lazy<PostgresCluster> Started = new(() => new PostgresCluster());

    private readonly string folder;
    private readonly string[] settings;
    private readonly List<Process> ended = [];
    private Process process;
    private readonly Lock creating = new();
    private int databases;

    /// <param name="parent">A folder on the disk to work on; null for memory, where there is such a place, since tests wait for many commits.</param>
    public PostgresCluster(string? parent = null, params string[] settings)
    {
        this.settings = settings;
        parent ??= Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();
        folder = Path.Combine(parent, $"bg-pg-{Environment.ProcessId}-{Guid.NewGuid().ToString("n")[..6]}");
        Directory.CreateDirectory(folder);
        if (Environment.IsPrivilegedProcess)
        {
            Run("chown", "postgres", folder);
        }
        AsServer("initdb", "-D", Path.Combine(folder, "data"), "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "--no-sync");
        process = StartServer(settings);
        WaitUntilReady();
    }

    public static PostgresCluster Shared => Started.Value;

    /// <summary>A new database, empty or with the schema's newest state.</summary>
    public string CreateDatabase(bool withSchema = true)
    {
        lock (creating)
        {
            if (withSchema && databases++ == 0)
            {
                Execute($"CREATE DATABASE {Template}");
                Migrate();
            }
            var name = $"d{Guid.NewGuid():n}";
            Execute(withSchema ? $"CREATE DATABASE {name} TEMPLATE {Template}" : $"CREATE DATABASE {name}");
            return name;
        }
    }

    /// <summary>Writes the file that makes a data folder use a database.</summary>
    public void Configure(string dataFolder, string database) => File.WriteAllText(Path.Combine(dataFolder, DatabaseSettings.File),
        $"# one of the tests' own\nHost={folder}\nUsername=postgres\nDatabase={database}\nMaximum Pool Size=20\n");

    public void Execute(string statement, string database = "postgres")
    {
        using var connection = new NpgsqlConnection($"Host={folder};Username=postgres;Database={database};Pooling=false");
        connection.Open();
        connection.Execute(statement);
    }

    /// <summary>Takes it away from everybody who is connected, and keeps what it holds.</summary>
    public void Stop() => AsServer("pg_ctl", "stop", "-D", Path.Combine(folder, "data"), "-m", "immediate", "-w");

    public void StartAgain()
    {
        // The shell around the one that was stopped goes on reading: it would take the folder away.
        ended.Add(process);
        process = StartServer(settings);
        WaitUntilReady();
    }

    public void Dispose()
    {
        foreach (var one in ended.Prepend(process))
        {
            one.StandardInput.Close();
            one.WaitForExit();
            one.Dispose();
        }

        // Its contents went with the server; the folder itself may lie where only this user may delete.
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private void Migrate()
    {
        var data = Directory.CreateTempSubdirectory("backupguard-template-").FullName;
        Configure(data, Template);
        var services = DatabaseServices.OpenAsync(DataFolder.OpenOrCreate(data), CancellationToken.None).GetAwaiter().GetResult();
        services.Dispose();
        Directory.Delete(data, recursive: true);
    }

    // The shell between the two reads until this process closes its end, which the system does for a killed one too.
    private Process StartServer(string[] settings)
    {
        const string script = """
            folder=$1; shift
            "$@" >"$folder/log" 2>&1 &
            cat >/dev/null
            kill -INT $!
            wait
            rm -rf "$folder" 2>/dev/null
            """;
        string[] server =
        [
            Program("postgres"), "-D", Path.Combine(folder, "data"), "-c", "listen_addresses=", "-c", $"unix_socket_directories={folder}",
            "-c", "max_connections=200", .. settings.SelectMany(s => (string[])["-c", s]),
        ];
        string[] command = [.. Environment.IsPrivilegedProcess ? (string[])["runuser", "-u", "postgres", "--"] : [], "sh", "-c", script, "sh", folder, .. server];
        return Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardInput = true, WorkingDirectory = "/" }) ?? throw new InvalidOperationException("sh did not start.");
    }

    private void WaitUntilReady()
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                Execute("SELECT 1");
                return;
            }
            catch (NpgsqlException) when (attempt < 200)
            {
                Thread.Sleep(50);
            }
        }
    }

    private static void AsServer(string program, params string[] arguments)
    {
        string[] command = [.. Environment.IsPrivilegedProcess ? (string[])["runuser", "-u", "postgres", "--"] : [], Program(program), .. arguments];
        Run(command[0], command[1..]);
    }

    private static void Run(string program, params string[] arguments)
    {
        using var run = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" })
            ?? throw new InvalidOperationException($"{program} did not start.");
        var output = run.StandardOutput.ReadToEndAsync();
        var errors = run.StandardError.ReadToEnd();
        run.WaitForExit();
        if (run.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} gave {run.ExitCode}: {output.GetAwaiter().GetResult()}{errors}");
        }
    }

    // Debian keeps them beside the PATH, a folder for each release.
    private static string Program(string name) => Directory.Exists("/usr/lib/postgresql")
        ? Directory.EnumerateDirectories("/usr/lib/postgresql").Select(d => Path.Combine(d, "bin", name)).Where(File.Exists).Order(StringComparer.Ordinal).LastOrDefault(name)
        : name;
}
