using System.Text.Json;
using BackupGuard.Verification.Drills.Engines.Sql;

namespace BackupGuard.Verification.Drills.Engines.SqlServer;

/// <summary>A native backup of SQL Server, restored under a name of our own on a test instance of the hospital, which sqlcmd drives. It runs in no room. See README.md.</summary>
/// <param name="Instance">As sqlcmd's -S takes it.</param>
/// <param name="Path">The backup file below the restored folder.</param>
/// <param name="Exchange">Full path of the folder where this agent lays a copy of the backup.</param>
/// <param name="ExchangeAtServer">The same folder as the server calls it.</param>
/// <param name="Data">Folder, as the server calls it, for the database's files.</param>
public sealed record SqlServerEngine(string Service, string Instance, RestoredPath Path, string Exchange, string ExchangeAtServer, string Data) : SqlEngine(Service)
{
    /// <summary>Login of SQL Server; null for the account that the agent runs as.</summary>
    public string? User { get; init; }

    /// <summary>Full path of the file with the login's password; null for the environment. Never the password.</summary>
    public string? PasswordFile { get; init; }

    /// <summary>Full path of sqlcmd; null for the one on the search path.</summary>
    public string? Program { get; init; }

    /// <summary>The instance's certificate is taken without looking at it.</summary>
    public bool TrustCertificate { get; init; }

    /// <summary>The instance may be the one that the backup came from.</summary>
    public bool MayBeSource { get; init; }

    /// <summary>The longest that verifying, restoring or checking may take, each.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromHours(4);

    public override string Kind => "sqlserver";
    public override string Name => $"{Service} {Path}";
    public override bool NeedsRoom => false;
    public override bool MayStartRestored => true;
    public override string Where => $"on {Instance}, a server of the hospital and no room";

    /// <remarks>How one gets in changes neither what is restored nor what is asked.</remarks>
    internal override void WriteDefinition(Utf8JsonWriter json)
    {
        json.WriteString("name", Service);
        json.WriteString("instance", Instance);
        json.WriteString("path", Path.ToString());
        json.WriteString("exchange", Exchange);
        json.WriteString("exchangeAtServer", ExchangeAtServer);
        json.WriteString("data", Data);
        json.WriteString("sourceInstance", MayBeSource ? "allowed" : "refused");
        json.WriteNumber("timeoutSeconds", (long)Timeout.TotalSeconds);
    }
}
