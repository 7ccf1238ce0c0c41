namespace BackupGuard.Verification.Drills.Engines.Sql;

/// <summary>A database server, or a database file, that an engine has opened in the drill's room.</summary>
/// <remarks>MUST put a question in a read-only transaction, and MUST NOT keep rows longer than the question. Every failure to put it MUST be Inconclusive.</remarks>
public interface ISqlService
{
    /// <param name="database">Null for the only one that holds tables.</param>
    Task<SqlAnswer> AskAsync(string? database, string query, TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>Takes all rows out of every table, for the negative control.</summary>
    /// <exception cref="SandboxException">They are still there.</exception>
    Task EmptyAsync(CancellationToken cancellationToken);

    /// <summary>Removes every table.</summary>
    /// <exception cref="SandboxException">They are still there.</exception>
    Task DropAsync(CancellationToken cancellationToken);
}

/// <summary>What a database said to one question.</summary>
/// <param name="Verdict">Proved: it answered, with these rows. Failed: the data are not such that it could. Inconclusive: it could not be asked.</param>
/// <param name="Rows">At most two, of at most two columns: whoever wants one value sees that there are more. Null is SQL's NULL.</param>
public sealed record SqlAnswer(Verdict Verdict, IReadOnlyList<IReadOnlyList<string?>> Rows, Said Why)
{
    public static SqlAnswer Of(IReadOnlyList<IReadOnlyList<string?>> rows) => new(Verdict.Proved, rows, default);
    public static SqlAnswer Not(Verdict verdict, Said why) => new(verdict, [], why);
}

/// <summary>An engine that starts an <see cref="ISqlService"/>.</summary>
/// <param name="Service">What later questions call it.</param>
public abstract record SqlEngine(string Service) : Engine;
