namespace BackupGuard.Verification.Drills.Engines.SqlServer;

/// <summary>Restores a native backup on the hospital's test instance under a name of our own, and asks it whether it is whole. See README.md.</summary>
/// <param name="open">Points sqlcmd at the engine's instance.</param>
public sealed class SqlServerRunner(Func<SqlServerEngine, ISqlServerClient> open) : IProbeRunner
{
    private readonly HashSet<string> _spoilt = new(StringComparer.Ordinal);

    public bool CanRun(Probe probe) => probe is SqlServerEngine;

    public async Task<ProbeAnswer> RunAsync(Probe probe, ProbeScene scene, CancellationToken cancellationToken)
    {
        var engine = (SqlServerEngine)probe;
        await scene.Services.StopAsync(engine.Service);
        return await new SqlServerDrill(engine, scene, open(engine), _spoilt.Contains(engine.Service)).RunAsync(cancellationToken);
    }

    /// <summary>The restored file stays as it is: the server is given a copy anyway, and from now on that copy is damaged on its way.</summary>
    public async Task<Said?> SpoilAsync(Probe probe, ProbeScene scene, CancellationToken cancellationToken)
    {
        var engine = (SqlServerEngine)probe;
        await scene.Services.StopAsync(engine.Service);
        _spoilt.Add(engine.Service);
        return new("bits turned in the second and third quarter of the backup", "des bits inversés dans les deuxième et troisième quarts de la sauvegarde");
    }

    /// <summary>Drops a database that an earlier process made and could not drop.</summary>
    /// <returns>Why it is still there, or null.</returns>
    public static Task<string?> DropLeftoverAsync(ISqlServerClient client, string database, string file, CancellationToken cancellationToken)
    {
        var within = TimeSpan.FromMinutes(2);
        return SqlServerDatabase.DropAsync(new SqlServerTalk(client, within), client, database, file, within, cancellationToken);
    }
}

/// <summary>One run of <see cref="SqlServerRunner"/>.</summary>
internal sealed class SqlServerDrill(SqlServerEngine engine, ProbeScene scene, ISqlServerClient client, bool isSpoilt)
{
    private const int FullBackup = 1;

    /// <summary>Damage on purpose: 16 runs of this many bytes, spread over the middle half of the file.</summary>
    private const int SpoiltRuns = 16, SpoiltBytes = 4096;

    private static readonly TimeSpan Quick = TimeSpan.FromMinutes(2);

    private readonly SqlServerTalk _talk = new(client, engine.Timeout);
    private readonly Dictionary<string, double> _measures = [];
    private string _by = "sqlcmd";

    public async Task<ProbeAnswer> RunAsync(CancellationToken cancellationToken)
    {
        _by = (await client.VersionAsync(cancellationToken)).ToString();
        var answer = await RestoreAsync(cancellationToken);
        return answer with { Measures = _measures, Findings = [.. answer.Findings, DrillFindings.DrivenServer.At(engine.Service, ("tool", _by), ("instance", engine.Instance))] };
    }

    private async Task<ProbeAnswer> RestoreAsync(CancellationToken cancellationToken)
    {
        var identity = await _talk.SayAsync(SqlServerStatements.Identity, cancellationToken, within: Quick);
        // Whatever it answers: before the backup was looked at nothing is wrong with it.
        if (SqlServerJudge.NotClean(identity, new("the test instance does not answer", "l’instance de test ne répond pas")) is { } unreachable) return unreachable with { Verdict = Verdict.Inconclusive };
        if (identity.Of("version") is not { Length: > 0 } version) return Answer.Unknown("the test instance does not say which release it is", "l’instance de test ne dit pas sa version");

        var database = SqlServerStatements.NewDatabase();
        var file = database + ".bak";
        // Before the first byte: whatever is made from here on is found again.
        var note = client.Remember(database, file);
        var made = new SqlServerDatabase(_talk, client, note, database, file, scene.Services.LeftBehind);
        scene.Services.Add(engine.Service, made, made.StopAsync);
        try
        {
            if (!await CopyAsync(file, cancellationToken)) return Answer.Wrong("there is no such backup among the restored files", "il n’y a pas de telle sauvegarde parmi les fichiers restaurés");
            var copy = SqlServerStatements.Below(engine.ExchangeAtServer, file);
            var headers = await _talk.SayAsync(SqlServerStatements.Headers(copy), cancellationToken, withHeadings: true);
            if (SqlServerJudge.NotClean(headers, new("the backup's header cannot be read", "l’en-tête de la sauvegarde est illisible")) is { } unread) return unread;
            if (SqlServerJudge.Sets(headers) is not { } sets) return Answer.Unknown("what the instance says of the backup's header could not be read", "ce que l’instance dit de l’en-tête de la sauvegarde n’a pas pu être lu");
            if (Choose(sets) is not { } set) return Unfit(sets);
            if (set.IsDamaged) return Answer.Wrong("the backup's header says that it was made from damaged data", "l’en-tête de la sauvegarde dit qu’elle vient de données endommagées");
            if (Refusal(identity, set) is { } refusal) return refusal;
            return await RestoreAsync(made, database, copy, set, version, cancellationToken);
        }
        finally
        {
            // The server has read it; it would lie there twice until the drill's end.
            client.DeleteFile(file);
        }
    }

    private async Task<ProbeAnswer> RestoreAsync(SqlServerDatabase made, string database, string copy, BackupSet set, string version, CancellationToken cancellationToken)
    {
        if (SqlServerJudge.NotClean(await _talk.SayAsync(SqlServerStatements.Verify(copy, set), cancellationToken), new("RESTORE VERIFYONLY refuses the backup", "RESTORE VERIFYONLY refuse la sauvegarde")) is { } refused) return refused;
        var listed = await _talk.SayAsync(SqlServerStatements.Files(copy, set.Position), cancellationToken, withHeadings: true);
        if (SqlServerJudge.NotClean(listed, new("the list of the backup's files cannot be read", "la liste des fichiers de la sauvegarde est illisible")) is { } unlisted) return unlisted;
        if (SqlServerJudge.Files(listed) is not { } files) return Answer.Unknown("what the instance says of the backup's files could not be read", "ce que l’instance dit des fichiers de la sauvegarde n’a pas pu être lu");

        var restored = await _talk.SayAsync(SqlServerStatements.Restore(database, copy, set, files, engine.Data), cancellationToken);
        if (SqlServerJudge.NotClean(restored, new("the backup cannot be restored", "la sauvegarde ne peut être restaurée")) is { } notRestored) return notRestored;
        // Its own word that it restored is not enough.
        var state = (await _talk.SayAsync(SqlServerStatements.State(database), cancellationToken, within: Quick)).Of("state");
        if (state is null or "NONE") return Answer.Unknown("RESTORE named no error, and no database is there afterwards", "RESTORE n’a nommé aucune erreur, et aucune base n’est là ensuite");
        if (state != "ONLINE") return new ProbeAnswer(state == "SUSPECT" ? Verdict.Failed : Verdict.Inconclusive, new($"the restored database is in the state {Printable.Of(state)}", $"la base restaurée est dans l’état {Printable.Of(state)}"));

        var check = await _talk.SayAsync(SqlServerStatements.Check(database), cancellationToken);
        if (SqlServerJudge.Checked(check) is { } damaged) return damaged;
        var counting = await _talk.SayAsync(SqlServerStatements.CountRows, cancellationToken, database);
        if (SqlServerJudge.Tables(counting) is not { } counted)
            return SqlServerJudge.NotClean(counting, new("the tables could not be read", "les tables n’ont pas pu être lues")) ?? Answer.Unknown("the list of tables broke off", "la liste des tables s’est interrompue");
        (_measures["tables"], _measures["rows"]) = (counted.Rows.Count, counted.Rows.Values.Sum());
        if (SqlServerJudge.Judge(counted) is { } empty) return empty;
        if (SqlServerJudge.NotClean(await _talk.SayAsync(SqlServerStatements.ReadOnly(database), cancellationToken, within: Quick), new("the restored database could not be made read-only", "la base restaurée n’a pas pu être mise en lecture seule")) is { } writable)
            return writable with { Verdict = Verdict.Inconclusive };
        made.Original = set.Database;
        var doubt = (set.HasChecksums ? new Said("", "") : new("; the backup was made without checksums", " ; la sauvegarde a été faite sans sommes de contrôle"),
            check.Of("good") == "yes" ? new Said("", "") : new(" (by its silence: this release keeps no note of a good check)", " (par son silence : cette version ne note pas les vérifications réussies)"));
        return new ProbeAnswer(Verdict.Proved, new(
            $"restored on SQL Server {Printable.Of(version)} of the hospital, driven by {_by}, not in a room; {_measures["rows"]} rows of {_measures["tables"]} tables read, DBCC CHECKDB found nothing{doubt.Item2.English}{doubt.Item1.English}",
            $"restaurée sur SQL Server {Printable.Of(version)} de l’établissement, piloté par {_by}, hors d’un bac isolé ; {_measures["rows"]} lignes de {_measures["tables"]} tables lues, DBCC CHECKDB n’a rien trouvé{doubt.Item2.French}{doubt.Item1.French}"));
    }

    /// <summary>The last whole database in the file: a file may hold one backup after the other.</summary>
    private static BackupSet? Choose(List<BackupSet> sets) => sets.Where(s => s.Type == FullBackup).MaxBy(s => s.Position);

    private static ProbeAnswer Unfit(List<BackupSet> sets) => sets.Any(s => s.Type is null)
        ? Answer.Wrong("the backup was never finished", "la sauvegarde n’a jamais été terminée")
        : Answer.Unknown("the file holds no backup of a whole database: logs and differences cannot be restored by themselves", "le fichier ne contient aucune sauvegarde de base entière : journaux et différentielles ne se restaurent pas seuls");

    private ProbeAnswer? Refusal(SqlServerReply identity, BackupSet set)
    {
        if (engine.MayBeSource) return null;
        if (set.Server.Trim() is "" or "NULL") return Answer.Unknown("the backup does not say which instance made it, so that nobody knows whether it is this one; write sourceInstance: allowed if it may be", "la sauvegarde ne dit pas quelle instance l’a faite, on ne sait donc pas si c’est celle-ci ; écrivez sourceInstance: allowed si elle peut l’être");
        return SqlServerJudge.SameInstance(identity, set) is { } name
            ? Answer.Unknown($"{Printable.Of(name)} is the instance that made the backup: nothing is restored beside production; name a test instance, or write sourceInstance: allowed", $"{Printable.Of(name)} est l’instance qui a fait la sauvegarde : rien n’est restauré à côté de la production ; nommez une instance de test, ou écrivez sourceInstance: allowed")
            : null;
    }

    /// <returns>False when it is not there.</returns>
    private async Task<bool> CopyAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            using var from = scene.Restored.OpenRead(engine.Path);
            if (from is null) return false;
            using var to = client.CreateFile(file);
            var (buffer, length, done) = (new byte[1 << 20], from.Length, 0L);
            while (await from.ReadAsync(buffer, cancellationToken) is var read and > 0)
            {
                if (isSpoilt) Spoil(buffer.AsSpan(0, read), done, length);
                await to.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                done += read;
            }
            _measures["backup's bytes"] = done;
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SandboxException($"the backup could not be copied into the exchange folder: {e.Message}", e);
        }
    }

    private static void Spoil(Span<byte> part, long at, long length)
    {
        var (from, stride) = (length / 4, Math.Max(1, length / 2 / SpoiltRuns));
        for (var i = 0; i < part.Length; i++)
            if (at + i - from is var beyond && beyond >= 0 && beyond < length - length / 4 - from && beyond % stride < SpoiltBytes) part[i] ^= 0xFF;
    }
}
