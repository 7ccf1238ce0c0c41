namespace BackupGuard.Verification.Drills.Engines.Postgres;

/// <summary>Asks a running cluster whether it is whole: every table of every database is read.</summary>
internal sealed class ClusterCheck(PostgresEngine engine, PostgresServer server)
{
    private const int MostDatabases = 10_000;

    public Dictionary<string, double> Measures { get; } = [];

    /// <param name="asksSizes">See <see cref="PostgresCommands.ReadScript"/>.</param>
    /// <returns>What is wrong, or null.</returns>
    public async Task<ProbeAnswer?> ReadAsync(bool asksSizes, CancellationToken cancellationToken)
    {
        var (databases, wrong) = await DatabasesAsync(cancellationToken);
        if (wrong is not null) return wrong;
        if (engine.Databases.Where(d => !databases.Contains(d)).ToList() is { Count: > 0 } missing)
            return Answer.Wrong($"these databases are not there: {PostgresJudge.Named(missing)}", $"ces bases sont absentes : {PostgresJudge.Named(missing)}");

        var file = engine.Service + ".read.sql";
        server.Write(file, PostgresCommands.ReadScript(asksSizes));
        var withTables = new List<string>();
        var (tables, filled, rows) = (0L, 0L, 0L);
        foreach (var database in databases)
        {
            var end = await server.RunAsync(server.Commands.Script(database, file, "-c search_path=pg_catalog -c default_transaction_read_only=on"), cancellationToken);
            var reading = PostgresJudge.Read(end.OutputText);
            if (PostgresJudge.Judge(reading, end, database, server.Log) is { } bad) return bad;
            if (engine.Databases.Contains(database) && reading.UserTablesWithRows == 0)
                return Answer.Wrong($"no table of {Printable.Of(database)} holds a row", $"aucune table de {Printable.Of(database)} ne contient de ligne");
            if (reading.UserTables > 0) withTables.Add(database);
            (tables, filled, rows) = (tables + reading.UserTables, filled + reading.UserTablesWithRows, rows + reading.Rows);
        }
        if (filled == 0) return Answer.Wrong($"{tables} tables in {databases.Count} databases, and not one row", $"{tables} tables dans {databases.Count} bases, et pas une ligne");
        server.WithTables = withTables;
        (Measures["databases"], Measures["tables"], Measures["rows"]) = (databases.Count, tables, rows);
        return null;
    }

    public async Task<ProbeAnswer?> AmcheckAsync(CancellationToken cancellationToken)
    {
        if (engine.Amcheck == Amcheck.None) return null;
        var available = await server.AskAsync("template1", "select pg_catalog.count(*) from pg_catalog.pg_available_extensions where name = 'amcheck'", cancellationToken);
        if (available.Rows is not [["1"]])
            return Answer.Unknown("the extension amcheck is not installed on this machine; install it, or write amcheck: none", "l’extension amcheck n’est pas installée sur cette machine ; installez-la, ou écrivez amcheck: none");
        var (wrong, relations, indexesOnly) = PostgresJudge.Amcheck(await server.RunAsync(server.Commands.Amcheck(engine.Amcheck == Amcheck.Thorough), cancellationToken));
        Measures["relationsChecked"] = relations;
        return indexesOnly && await SortsDifferentlyAsync(cancellationToken)
            ? new ProbeAnswer(Verdict.Inconclusive, new("pg_amcheck complains of indexes only, and this machine sorts text by another version of its locales than production; drill on the same system",
                "pg_amcheck ne se plaint que d’index, et cette machine trie les textes selon une autre version des locales que la production ; faites l’exercice sur le même système"))
            : wrong;
    }

    /// <summary>An index over text is wrong on a machine whose C library sorts otherwise; that says nothing about the backup. Known from PostgreSQL 15 on.</summary>
    private async Task<bool> SortsDifferentlyAsync(CancellationToken cancellationToken)
    {
        var answer = await server.AskAsync("template1", "select pg_catalog.count(*) from pg_catalog.pg_database where datcollversion is not null and datcollversion is distinct from pg_catalog.pg_database_collation_actual_version(oid)", cancellationToken);
        return answer.Rows is [[not null and not "0"]];
    }

    private async Task<(IReadOnlyList<string> Databases, ProbeAnswer? Wrong)> DatabasesAsync(CancellationToken cancellationToken)
    {
        // One field: names may hold anything but the NUL character.
        var answer = await server.AskAsync("template1", "select pg_catalog.string_agg(datname, e'\\x02' order by datname), pg_catalog.count(*) filter (where not datallowconn) from pg_catalog.pg_database where not datistemplate", cancellationToken);
        if (answer.Rows is not [[var names, var closed]]) return ([], new ProbeAnswer(answer.Verdict == Verdict.Proved ? Verdict.Inconclusive : answer.Verdict, answer.Verdict == Verdict.Proved ? new("the list of databases could not be read", "la liste des bases n’a pas pu être lue") : answer.Why));
        if (closed != "0") return ([], Answer.Unknown($"{closed} databases let nobody in (ALLOW_CONNECTIONS false), so they cannot be read", $"{closed} bases n’admettent personne (ALLOW_CONNECTIONS false) et ne peuvent donc être lues"));
        string[] databases = names?.Split('\u0002') ?? [];
        return databases.Length is 0 or > MostDatabases ? ([], Answer.Wrong($"{databases.Length} databases", $"{databases.Length} bases")) : (databases, null);
    }
}
