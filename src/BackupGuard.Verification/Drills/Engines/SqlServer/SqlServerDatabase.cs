using System.Security.Cryptography;
using BackupGuard.Verification.Drills.Engines.Sql;

namespace BackupGuard.Verification.Drills.Engines.SqlServer;

/// <summary>One conversation with an instance: each statement is one call of sqlcmd.</summary>
internal sealed class SqlServerTalk(ISqlServerClient client, TimeSpan timeout)
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);
    private const int LongestWait = 65534;

    public TimeSpan Timeout => timeout;

    public async Task<SqlServerReply> SayAsync(string statement, CancellationToken cancellationToken, string database = "master", bool withHeadings = false, bool rolledBack = false, TimeSpan? within = null)
    {
        // Not to be guessed: data could hold a line of this output.
        var mark = "mark" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(12));
        var time = within ?? timeout;
        string[] options =
        [
            // Not -r: sqlcmd in Go then leaves out the numbers of the errors. Not -X: it would not read the password from its environment.
            "-b", "-x", "-I", "-W", "-w", "65535", "-s", "\t", "-t", ((int)Math.Clamp(time.TotalSeconds, 1, LongestWait)).ToString(System.Globalization.CultureInfo.InvariantCulture),
            .. withHeadings ? (string[])[] : ["-h", "-1"], "-Q", SqlServerStatements.Batch(mark, database, statement, rolledBack),
        ];
        // The program's own limit ends the statement at the server, too; ours is for a program that does not keep it.
        return SqlServerJudge.Read(await client.RunAsync(options, time + Grace, cancellationToken), mark);
    }
}

/// <summary>A database that we made, and that goes when it is stopped.</summary>
internal sealed class SqlServerDatabase(SqlServerTalk talk, ISqlServerClient client, ISqlServerNote note, string database, string file, List<string> left) : ISqlService
{
    private static readonly TimeSpan DropTime = TimeSpan.FromMinutes(10);

    /// <summary>What it was called where it was backed up, and may be called by questions; empty while it may not be asked.</summary>
    public string Original { get; set; } = "";

    public async Task<SqlAnswer> AskAsync(string? wanted, string query, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (Original.Length == 0) return SqlAnswer.Not(Verdict.Inconclusive, new("the database was not found good, and is not asked", "la base n’a pas été trouvée bonne et n’est pas interrogée"));
        if (wanted is not null && !wanted.Equals(Original, StringComparison.OrdinalIgnoreCase))
            return SqlAnswer.Not(Verdict.Failed, new("the backup holds no database of that name", "la sauvegarde ne contient aucune base de ce nom"));
        // The database is read-only by now; the transaction is for what the question might write elsewhere.
        return SqlServerJudge.Rows(await talk.SayAsync(query, cancellationToken, database, rolledBack: true, within: timeout));
    }

    public Task EmptyAsync(CancellationToken cancellationToken) => ChangeAsync(SqlServerStatements.Empty, counted => counted.Rows.Values.Sum() == 0, "the tables could not be emptied", cancellationToken);

    public Task DropAsync(CancellationToken cancellationToken) => ChangeAsync(SqlServerStatements.DropTables, counted => counted.Rows.Count == 0, "the tables could not be dropped", cancellationToken);

    /// <summary>Takes no token: a drill that is cancelled is cleaned up too. What stays is told, and is found by the next start.</summary>
    public async ValueTask StopAsync()
    {
        using (note)
        {
            var why = await DropAsync(talk, client, database, file, DropTime, CancellationToken.None);
            if (why is null) note.Forget();
            else left.Add(why);
        }
    }

    /// <returns>Why it is still there, or null.</returns>
    public static async Task<string?> DropAsync(SqlServerTalk talk, ISqlServerClient client, string database, string file, TimeSpan within, CancellationToken cancellationToken)
    {
        if (!SqlServerStatements.IsOurs(database)) return $"{Printable.Of(database)} is no database that this agent made, and was not touched";
        try
        {
            client.DeleteFile(file);
            var reply = await talk.SayAsync(SqlServerStatements.Drop(database), cancellationToken, within: within);
            return reply.IsClean && reply.Of("gone") == "1" ? null : $"the database {database} is still on the test instance: {SqlServerJudge.Why(reply).English}";
        }
        catch (SandboxException e)
        {
            return $"the database {database} may still be on the test instance: {e.Message}";
        }
    }

    private async Task ChangeAsync(IReadOnlyList<string> statements, Func<SqlServerJudge.Counted, bool> isDone, string otherwise, CancellationToken cancellationToken)
    {
        await talk.SayAsync(SqlServerStatements.ReadWrite(database), cancellationToken);
        foreach (var statement in statements) await talk.SayAsync(statement, cancellationToken, database);
        if (SqlServerJudge.Tables(await talk.SayAsync(SqlServerStatements.CountRows, cancellationToken, database)) is not { Bad: [] } counted || !isDone(counted)) throw new SandboxException(otherwise);
    }
}
