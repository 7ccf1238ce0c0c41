using System.Net;
using BackupGuard.Server.Hosting;
using Npgsql;

namespace BackupGuard.Server.Persistence;

/// <summary>Which PostgreSQL database the server uses, out of the one file that every verb reads: none of them can look at another database by mistake.</summary>
internal sealed class DatabaseSettings
{
    /// <summary>Lines <c>Key=value</c> of an Npgsql connection string, <c>#</c> for comments; see the README.</summary>
    public const string File = "database.conf";

    private const string PasswordVariable = "BACKUPGUARD_DATABASE_PASSWORD";
    private const string PasswordFile = "PasswordFile";
    private const int MaxBytes = 16 * 1024;
    private const int DriverSeconds = 15;
    private const int ConnectSeconds = 5;

    // A process that died on a machine that lost its network gives the append lock up within two minutes, not two hours.
    private const string SessionOptions =
        "-c idle_in_transaction_session_timeout=120s -c tcp_keepalives_idle=30 -c tcp_keepalives_interval=10 -c tcp_keepalives_count=6 -c synchronous_commit=";

    private DatabaseSettings(NpgsqlConnectionStringBuilder connection, string synchronousCommit)
    {
        Place = $"PostgreSQL database {connection.Database} at {connection.Host}";
        SynchronousCommit = synchronousCommit;
        ConnectionString = connection.ToString();
    }

    public string Place { get; }

    /// <summary>With the password in it: for the driver alone.</summary>
    public string ConnectionString { get; }

    /// <summary>on, or what the owner asked for beyond it (remote_apply, remote_write with a standby).</summary>
    public string SynchronousCommit { get; }

    /// <returns>Null where the file is missing: SQLite.</returns>
    /// <exception cref="UsageException">The file cannot be followed, or would expose a password.</exception>
    public static DatabaseSettings? Read(DataFolder data)
    {
        var file = data[File];
        if (!System.IO.File.Exists(file))
        {
            return null;
        }
        if (System.IO.File.Exists(data.DatabaseFile))
        {
            throw new UsageException($"{data.Path} holds both {File} and {Path.GetFileName(data.DatabaseFile)}: it is not clear which log counts. Move one of them away; its evidence does not move with it.");
        }
        var connection = Parse(file);
        connection.Password ??= Environment.GetEnvironmentVariable(PasswordVariable) is { Length: > 0 } password ? password : null;
        DemandHost(connection, file);
        connection.ApplicationName ??= "backupguard-server";
        // A machine that is off answers nothing at all: a person in front of a page must not wait for it as long as the driver would.
        if (connection.Timeout == DriverSeconds) connection.Timeout = ConnectSeconds;
        var synchronous = connection.Options is { } options && options.Contains("synchronous_commit=remote_apply", StringComparison.Ordinal) ? "remote_apply" : "on";
        connection.Options = $"{connection.Options} {SessionOptions}{synchronous}".TrimStart();
        return new DatabaseSettings(connection, synchronous);
    }

    private static NpgsqlConnectionStringBuilder Parse(string file)
    {
        if (new FileInfo(file).Length > MaxBytes)
        {
            throw new UsageException($"{file} is larger than {MaxBytes / 1024} KiB; it names one database.");
        }
        var connection = new NpgsqlConnectionStringBuilder();
        var number = 0;
        foreach (var line in System.IO.File.ReadLines(file).Select(l => l.Trim()))
        {
            number++;
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }
            var mark = line.IndexOf('=', StringComparison.Ordinal);
            var (key, value) = mark < 0 ? (line, null) : (line[..mark].TrimEnd(), line[(mark + 1)..].TrimStart());
            if (value is null || !Take(connection, key, value, file))
            {
                // Not the value: it may be a password.
                throw new UsageException($"{file}, line {number}: '{key}' is not a setting of a PostgreSQL connection with a value that fits. Write lines such as Host=/run/postgresql, Database=backupguard, Username=backupguard.");
            }
        }
        return connection.Database is { Length: > 0 } && connection.Host is { Length: > 0 }
            ? connection
            : throw new UsageException($"{file} names no Host or no Database.");
    }

    private static bool Take(NpgsqlConnectionStringBuilder connection, string key, string value, string file)
    {
        try
        {
            if (key.Equals(PasswordFile, StringComparison.OrdinalIgnoreCase))
            {
                connection.Password = System.IO.File.ReadLines(value).FirstOrDefault() is { Length: > 0 } line ? line : throw new UsageException($"{value} holds no password on its first line.");
                return true;
            }
            connection[key] = value;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidCastException or OverflowException or KeyNotFoundException or NotSupportedException)
        {
            return false;
        }
        if (connection.Password is { Length: > 0 } && !OperatingSystem.IsWindows() && (System.IO.File.GetUnixFileMode(file) & (UnixFileMode.GroupRead | UnixFileMode.OtherRead)) != 0)
        {
            throw new UsageException($"{file} holds a password and others may read it: chmod 600, or name a PasswordFile.");
        }
        return true;
    }

    /// <summary>Passwords and evidence cross a network only to a server that proved who it is.</summary>
    private static void DemandHost(NpgsqlConnectionStringBuilder connection, string file)
    {
        var here = connection.Host!.Split(',', StringSplitOptions.TrimEntries).All(h => // Parse demands a host
            h.StartsWith('/') || h == "localhost" || IPAddress.TryParse(h.Split(':')[0], out var address) && IPAddress.IsLoopback(address));
        if (here)
        {
            return;
        }
        // The driver's default, which would take any server and no encryption too.
        if (connection.SslMode == SslMode.Prefer)
        {
            connection.SslMode = SslMode.VerifyFull;
        }
        if (connection.SslMode is not (SslMode.VerifyFull or SslMode.VerifyCA))
        {
            throw new UsageException($"{file}: {connection.Host} is another machine; SSL Mode must be VerifyFull or VerifyCA, with Root Certificate naming the authority that signed its certificate.");
        }
    }
}
