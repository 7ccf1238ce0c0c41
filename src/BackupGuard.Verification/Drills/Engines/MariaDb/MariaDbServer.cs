using BackupGuard.Verification.Drills.Engines.Sql;

namespace BackupGuard.Verification.Drills.Engines.MariaDb;

/// <summary>A throw-away server that runs in the drill's room.</summary>
internal sealed class MariaDbServer(IDrillRoom room, MariaDbCommands commands, TimeProvider clock) : ISqlService
{
    private const int MostLogBytes = 4 << 20;

    private IRoomProcess? _process;
    private IReadOnlyList<MariaDbTable> _tables = [];

    public MariaDbCommands Commands => commands;
    public string Log => room.ReadScratch(commands.Log, MostLogBytes);
    public bool Runs => _process is { Ended.IsCompleted: false };

    /// <summary>Tables of users.</summary>
    public IReadOnlyList<MariaDbTable> Tables { set => _tables = value; }

    /// <returns>Why it did not come up, or null when it takes questions.</returns>
    public async Task<ProbeAnswer?> StartAsync(string settingsOfBackup, CancellationToken cancellationToken)
    {
        room.Write(commands.Service + ".cnf", System.Text.Encoding.UTF8.GetBytes(commands.Settings(settingsOfBackup)));
        _process = room.Start(commands.Serve());
        var began = clock.GetTimestamp();
        for (var pause = TimeSpan.FromMilliseconds(200); ; pause = pause < TimeSpan.FromSeconds(2) ? pause * 1.5 : pause)
        {
            if (_process.Ended.IsCompleted) return MariaDbJudge.NotStarted(Log, (await _process.Ended).ExitCode);
            if ((await room.RunAsync(commands.IsReady(), cancellationToken)).ExitCode == 0) break;
            if (clock.GetElapsedTime(began) > commands.Timeout)
                return Answer.Unknown($"the server did not come up within {commands.Timeout.TotalMinutes:0} min", $"le serveur n’a pas démarré en {commands.Timeout.TotalMinutes:0} min");
            await Task.WhenAny(_process.Ended, Task.Delay(pause, clock, cancellationToken));
        }
        var first = await AskAsync("mysql", "select 1", TimeSpan.FromMinutes(1), cancellationToken);
        return first.Rows is [["1"]] ? null : Answer.Unknown("the server is up and answers nothing", "le serveur est démarré et ne répond rien");
    }

    public async ValueTask StopAsync()
    {
        if (_process is not { Ended.IsCompleted: false } process) return;
        var asked = await room.RunAsync(commands.Stop(), CancellationToken.None);
        if (asked.Succeeded) await Task.WhenAny(process.Ended, Task.Delay(TimeSpan.FromMinutes(5), clock, CancellationToken.None));
        await process.KillAsync();
    }

    public Task<RoomEnd> RunAsync(RoomCommand command, CancellationToken cancellationToken) => room.RunAsync(command, cancellationToken);

    public async Task<SqlAnswer> AskAsync(string? database, string query, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var databases = _tables.Select(t => t.Database).Distinct().ToList();
        if ((database ?? (databases is [var only] ? only : null)) is not { } where)
            return SqlAnswer.Not(Verdict.Inconclusive, new($"{databases.Count} databases hold tables; write in: {commands.Service}/DATABASE", $"{databases.Count} bases contiennent des tables ; écrivez in: {commands.Service}/BASE"));
        return MariaDbJudge.Answered(await room.RunAsync(commands.Ask(where, query, timeout), cancellationToken));
    }

    public Task EmptyAsync(CancellationToken cancellationToken) => OnEachTableAsync("truncate table", cancellationToken);
    public Task DropAsync(CancellationToken cancellationToken) => OnEachTableAsync("drop table if exists", cancellationToken);

    private async Task OnEachTableAsync(string statement, CancellationToken cancellationToken)
    {
        var end = await room.RunAsync(commands.Script(MariaDbCommands.OnEachTable(statement, _tables)), cancellationToken);
        if (!end.OutputText.Contains("end\n", StringComparison.Ordinal)) throw new SandboxException("emptying the tables broke off");
    }
}
