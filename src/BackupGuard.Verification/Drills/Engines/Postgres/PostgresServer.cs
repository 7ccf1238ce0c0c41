using BackupGuard.Verification.Drills.Engines.Sql;

namespace BackupGuard.Verification.Drills.Engines.Postgres;

/// <summary>A throw-away server that runs in the drill's room.</summary>
internal sealed class PostgresServer(IDrillRoom room, PostgresCommands commands, TimeProvider clock) : ISqlService
{
    private const int MostLogBytes = 4 << 20;

    private IRoomProcess? _process;

    /// <summary>Databases that users' tables were found in.</summary>
    public IReadOnlyList<string> WithTables { get; set; } = [];

    public PostgresCommands Commands => commands;
    public string Log => room.ReadScratch(commands.Log, MostLogBytes);

    /// <returns>Why it did not come up, or null when it takes questions.</returns>
    public async Task<ProbeAnswer?> StartAsync(int preparedTransactions, bool fetchesWal, string? wal, CancellationToken cancellationToken)
    {
        room.Write(commands.Service + ".conf", System.Text.Encoding.UTF8.GetBytes(commands.Settings(preparedTransactions, fetchesWal)));
        room.Write(commands.Service + ".hba", System.Text.Encoding.UTF8.GetBytes(PostgresCommands.Access));
        room.Write(commands.Service + ".ident", []);
        room.Write(commands.Service + ".fetch", System.Text.Encoding.UTF8.GetBytes(commands.Fetch));
        await room.MustRunAsync(commands.MakeSockets(wal), "making the server's folders", cancellationToken);
        _process = room.Start(commands.Serve());
        var began = clock.GetTimestamp();
        for (var pause = TimeSpan.FromMilliseconds(200); ; pause = pause < TimeSpan.FromSeconds(2) ? pause * 1.5 : pause)
        {
            if (_process.Ended.IsCompleted) return PostgresJudge.NotStarted(Log, (await _process.Ended).ExitCode);
            if ((await room.RunAsync(commands.IsReady(), cancellationToken)).ExitCode == 0) break;
            if (clock.GetElapsedTime(began) > commands.Timeout)
                return Answer.Unknown($"the server did not come up within {commands.Timeout.TotalMinutes:0} min", $"le serveur n’a pas démarré en {commands.Timeout.TotalMinutes:0} min");
            await Task.WhenAny(_process.Ended, Task.Delay(pause, clock, cancellationToken));
        }
        var first = await AskAsync("template1", "select pg_catalog.pg_is_in_recovery(), (select rolsuper from pg_catalog.pg_roles where rolname = current_user)", cancellationToken);
        return first.Rows switch
        {
            [["f", "t"]] => null,
            [["f", _]] => PostgresJudge.NotAsked("28000 FATAL:  no superuser\n", commands.User),
            [["t", _]] => Answer.Unknown("the server is still recovering and will not end", "le serveur est encore en récupération et ne la termine pas"),
            _ => PostgresJudge.NotAsked(Log, commands.User),
        };
    }

    /// <summary>Cleanly where that works, so that a file that is damaged afterwards stays damaged: no WAL is replayed over it.</summary>
    public async ValueTask StopAsync()
    {
        if (_process is not { Ended.IsCompleted: false } process) return;
        await room.RunAsync(commands.Stop(), CancellationToken.None);
        await process.KillAsync();
    }

    public Task<RoomEnd> RunAsync(RoomCommand command, CancellationToken cancellationToken) => room.RunAsync(command, cancellationToken);

    public void Write(string file, string text) => room.Write(file, System.Text.Encoding.UTF8.GetBytes(text));

    public async Task<SqlAnswer> AskAsync(string database, string query, CancellationToken cancellationToken) =>
        PostgresJudge.Answered(await room.RunAsync(commands.Ask(database, query, commands.Timeout, readOnly: true), cancellationToken), database);

    public async Task<SqlAnswer> AskAsync(string? database, string query, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if ((database ?? (WithTables is [var only] ? only : null)) is not { } where)
            return SqlAnswer.Not(Verdict.Inconclusive, new($"{WithTables.Count} databases hold tables; write in: {commands.Service}/DATABASE", $"{WithTables.Count} bases contiennent des tables ; écrivez in: {commands.Service}/BASE"));
        return PostgresJudge.Answered(await room.RunAsync(commands.Ask(where, query, timeout, readOnly: true), cancellationToken), where);
    }

    public Task EmptyAsync(CancellationToken cancellationToken) => OnEachTableAsync("truncate %I.%I cascade", cancellationToken);
    public Task DropAsync(CancellationToken cancellationToken) => OnEachTableAsync("drop table if exists %I.%I cascade", cancellationToken);

    private async Task OnEachTableAsync(string statement, CancellationToken cancellationToken)
    {
        var file = commands.Service + ".each.sql";
        Write(file, PostgresCommands.OnEachTable(statement));
        foreach (var database in WithTables)
        {
            var end = await room.MustRunAsync(commands.Script(database, file, ""), "emptying the tables", cancellationToken);
            if (!end.OutputText.Contains("end\n", StringComparison.Ordinal)) throw new SandboxException("emptying the tables broke off");
        }
    }
}
