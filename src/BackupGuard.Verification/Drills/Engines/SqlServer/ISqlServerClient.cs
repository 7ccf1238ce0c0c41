namespace BackupGuard.Verification.Drills.Engines.SqlServer;

/// <summary>sqlcmd, pointed at one instance that is not ours, and the folder that both see.</summary>
/// <remarks>
/// <list type="bullet">
/// <item>No secret in an argument, and none handed on in an answer.</item>
/// <item>When a call returns, by whatever way, nothing that it started on this machine may still run.</item>
/// <item>Every failure to start the program or to use the folder MUST be a <see cref="SandboxException"/>; what the program does after its start is its answer.</item>
/// </list>
/// </remarks>
public interface ISqlServerClient
{
    /// <summary>What the program calls itself; never fails because of the server.</summary>
    Task<DrivenBy> VersionAsync(CancellationToken cancellationToken);

    /// <summary>Runs the program once in the database master, to its end or to its time.</summary>
    /// <param name="options">Behind those for the connection.</param>
    Task<RoomEnd> RunAsync(IReadOnlyList<string> options, TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>Notes that this database, and a file of that name in the folder, are about to be made. MUST be durable before it returns, and MUST be found by the next start when this process is killed.</summary>
    ISqlServerNote Remember(string database, string file);

    /// <summary>A new file in the folder that both see, which the server may read.</summary>
    Stream CreateFile(string file);

    /// <summary>What is not there is not missed.</summary>
    void DeleteFile(string file);
}

/// <summary>The memory of one database that was made. Disposing of it without <see cref="Forget"/> leaves it for the next start.</summary>
public interface ISqlServerNote : IDisposable
{
    void Forget();
}
