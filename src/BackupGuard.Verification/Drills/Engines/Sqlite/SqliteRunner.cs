using BackupGuard.Verification.Drills.Engines.Sql;

namespace BackupGuard.Verification.Drills.Engines.Sqlite;

/// <summary>Asks SQLite files whether they are whole, where they were restored. See README.md.</summary>
public sealed class SqliteRunner : IProbeRunner
{
    private const int MostFiles = 100_000;
    private const int FileHeaderBytes = 100;

    /// <summary>SQLite's documentation, "Database File Format", 1.3.</summary>
    private static ReadOnlySpan<byte> Magic => "SQLite format 3\0"u8;

    public bool CanRun(Probe probe) => probe is SqliteEngine;

    public async Task<ProbeAnswer> RunAsync(Probe probe, ProbeScene scene, CancellationToken cancellationToken)
    {
        var engine = (SqliteEngine)probe;
        await scene.Services.StopAsync(engine.Service);
        var files = Files(engine, scene);
        if (files.Count == 0) return Answer.Wrong($"no file matches {engine.Files}", $"aucun fichier ne correspond à {engine.Files}");
        if (files.Count > MostFiles) return Answer.Unknown($"more than {MostFiles} files match {engine.Files}", $"plus de {MostFiles} fichiers correspondent à {engine.Files}");
        var room = await scene.Room(cancellationToken);
        var databases = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        var (tables, rows) = (0, 0L);
        foreach (var file in files)
        {
            var shown = Printable.Of(file.ToString());
            if (!BeginsAsOne(scene, file)) return Answer.Wrong($"{shown} does not begin as a SQLite file", $"{shown} ne commence pas comme un fichier SQLite");
            // Opening it also takes in the write-ahead log, or takes back a transaction, that lies beside it.
            var check = SqliteJudge.Check(await room.RunAsync(SqliteJudge.Run(room.PathOf(file), SqliteJudge.CheckScript(engine.ForeignKeys), engine.Timeout), cancellationToken), shown);
            if (check.Wrong is not null) return check.Wrong;
            var (count, wrong) = SqliteJudge.Count(await room.RunAsync(SqliteJudge.Run(room.PathOf(file), SqliteJudge.CountScript(check.Tables), engine.Timeout), cancellationToken), check.Tables.Count, shown);
            if (wrong is not null) return wrong;
            databases.Add(file.ToString(), check.Tables);
            (tables, rows) = (tables + check.Tables.Count, rows + count);
        }
        if (rows == 0) return Answer.Wrong($"{files.Count} files, {tables} tables, and not one row", $"{files.Count} fichiers, {tables} tables, et pas une ligne");
        scene.Services.Add(engine.Service, new Service(engine, room, databases), () => ValueTask.CompletedTask);
        return new ProbeAnswer(Verdict.Proved, new($"{files.Count} files whole; {rows} rows of {tables} tables read", $"{files.Count} fichiers intacts ; {rows} lignes de {tables} tables lues"))
        {
            Measures = new Dictionary<string, double> { ["databases"] = files.Count, ["tables"] = tables, ["rows"] = rows },
        };
    }

    /// <summary>The schema on the first page, which is read before anything else; a log beside it would put it back.</summary>
    public async Task<Said?> SpoilAsync(Probe probe, ProbeScene scene, CancellationToken cancellationToken)
    {
        var engine = (SqliteEngine)probe;
        await scene.Services.StopAsync(engine.Service);
        if (scene.Damage is not { } damage) return null;
        var garbage = new byte[400];
        Array.Fill(garbage, (byte)0x5A);
        var files = Files(engine, scene);
        foreach (var file in files)
        {
            if (RestoredPath.TryParse(file + "-wal", out var log, out _)) damage.Delete(log);
            using var stream = damage.OpenWrite(file);
            stream.Position = FileHeaderBytes;
            stream.Write(garbage);
        }
        return files.Count == 0 ? null : new($"the first page of {files.Count} files overwritten", $"la première page de {files.Count} fichiers écrasée");
    }

    private static List<RestoredPath> Files(SqliteEngine engine, ProbeScene scene)
    {
        var files = new List<RestoredPath>();
        foreach (var entry in scene.Restored.List())
            if (entry.Kind == RestoredKind.File && engine.Files.Matches(entry.Path) && !entry.Path.EndsWith("-wal", StringComparison.Ordinal) && !entry.Path.EndsWith("-shm", StringComparison.Ordinal)
                && !entry.Path.EndsWith("-journal", StringComparison.Ordinal) && files.Count <= MostFiles && RestoredPath.TryParse(entry.Path, out var path, out _)) files.Add(path);
        return files;
    }

    private static bool BeginsAsOne(ProbeScene scene, RestoredPath file)
    {
        using var stream = scene.Restored.OpenRead(file);
        if (stream is null) return false;
        var head = new byte[Magic.Length];
        return stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) == head.Length && Magic.SequenceEqual(head);
    }


    private sealed class Service(SqliteEngine engine, IDrillRoom room, Dictionary<string, IReadOnlyList<string>> databases) : ISqlService
    {
        public async Task<SqlAnswer> AskAsync(string? database, string query, TimeSpan timeout, CancellationToken cancellationToken)
        {
            if ((database ?? (databases.Keys.ToList() is [var only] ? only : null)) is not { } where)
                return SqlAnswer.Not(Verdict.Inconclusive, new($"{databases.Count} files match; write in: {engine.Service}/FILE", $"{databases.Count} fichiers correspondent ; écrivez in: {engine.Service}/FICHIER"));
            return databases.ContainsKey(where) ? SqliteJudge.Answered(await room.RunAsync(SqliteJudge.Ask($"{room.Restored}/{where}", query, timeout), cancellationToken))
                : SqlAnswer.Not(Verdict.Failed, new($"there is no file {Printable.Of(where)}", $"il n’y a pas de fichier {Printable.Of(where)}"));
        }

        public Task EmptyAsync(CancellationToken cancellationToken) => OnEachTableAsync("delete from", cancellationToken);
        public Task DropAsync(CancellationToken cancellationToken) => OnEachTableAsync("drop table if exists", cancellationToken);

        private async Task OnEachTableAsync(string statement, CancellationToken cancellationToken)
        {
            foreach (var (file, tables) in databases)
            {
                var end = await room.RunAsync(SqliteJudge.Run($"{room.Restored}/{file}", SqliteJudge.OnEachTable(statement, tables), engine.Timeout), cancellationToken);
                if (!end.OutputText.Contains("end\n", StringComparison.Ordinal)) throw new SandboxException("emptying the tables broke off");
            }
        }
    }
}
