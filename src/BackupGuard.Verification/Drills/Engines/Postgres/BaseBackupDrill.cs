using System.Globalization;
using System.Text.RegularExpressions;
using BackupGuard.Verification.Formats.Postgres;

namespace BackupGuard.Verification.Drills.Engines.Postgres;

/// <summary>A data directory is recovered, promoted, read and checked, where it was restored.</summary>
internal sealed partial class BaseBackupDrill(PostgresEngine engine, ProbeScene scene, IDrillRoom room, TimeProvider clock)
{
    private const int MostLabelBytes = 64 << 10;
    private const int BlockBytes = 8192;

    public async Task<ProbeAnswer> RunAsync(CancellationToken cancellationToken)
    {
        if (scene.Restored.ReadText(RoomShell.Under(engine.Path, "PG_VERSION"), 32) is not { } version)
            return Answer.Wrong("there is no data directory: PG_VERSION is missing", "il n’y a pas de répertoire de données : PG_VERSION manque");
        if (!Release().IsMatch(version)) return Answer.Wrong("PG_VERSION names no release", "PG_VERSION ne nomme pas de version");
        var major = version.TrimEnd();
        if (int.Parse(major.Split('.')[0], CultureInfo.InvariantCulture) < 12)
            return Answer.Unknown($"PostgreSQL {major} recovers by other rules; only 12 and later are started", $"PostgreSQL {major} se récupère selon d’autres règles ; seules les versions 12 et suivantes sont démarrées");

        var commands = new PostgresCommands(major, engine.Service, room.PathOf(engine.Path), engine.User, room.Scratch, engine.Timeout);
        var control = await room.RunAsync(commands.ControlData(), cancellationToken);
        if (ControlFile(control) is { } damaged) return damaged;
        var again = room.ReadScratch(engine.Service + ".recovered", 1).Length > 0;
        var label = scene.Restored.ReadText(RoomShell.Under(engine.Path, BackupLabel.FileName), MostLabelBytes) is not null;
        if (!label && !again && scene.Restored.ReadText(RoomShell.Under(engine.Path, BackupManifest.FileName), 1) is not null)
            return Answer.Wrong("a base backup without its backup_label would be recovered from the wrong place", "une sauvegarde de base sans son backup_label serait récupérée depuis le mauvais endroit");
        if (!again && await LinkAsync(commands, cancellationToken) is { } unlinked) return unlinked;

        var fetchesWal = engine.Wal is not null && !again;
        await room.MustRunAsync(commands.Prepare(fetchesWal, room.Restored), "preparing the data directory", cancellationToken);
        var server = new PostgresServer(room, commands, clock);
        scene.Services.Add(engine.Service, server, server.StopAsync);
        if (await server.StartAsync(Prepared(control.OutputText), fetchesWal, engine.Wal is null ? null : room.PathOf(engine.Wal), cancellationToken) is { } notStarted) return notStarted;
        if (fetchesWal && await GapAsync(server, cancellationToken) is { } gap) return gap;
        room.Write(engine.Service + ".recovered", "1"u8);

        var check = new ClusterCheck(engine, server);
        var wrong = await check.ReadAsync(asksSizes: int.Parse(major, CultureInfo.InvariantCulture) < 18, cancellationToken) ?? await check.AmcheckAsync(cancellationToken);
        if (wrong is not null) return wrong with { Measures = check.Measures };
        var how = again ? ("started again", "redémarré") : engine.Wal is not null ? ("recovered to the end of the archived WAL and promoted", "récupéré jusqu’à la fin du WAL archivé et promu")
            : label ? ("recovered", "récupéré") : ("recovered as after a crash, for there is no backup_label", "récupéré comme après un arrêt brutal, faute de backup_label");
        var looked = engine.Amcheck == Amcheck.None ? ("pg_amcheck not asked", "pg_amcheck non demandé")
            : ($"{check.Measures["relationsChecked"]} relations passed pg_amcheck", $"{check.Measures["relationsChecked"]} relations ont passé pg_amcheck");
        return new ProbeAnswer(Verdict.Proved, new(
            $"PostgreSQL {major} {how.Item1}; {check.Measures["rows"]} rows of {check.Measures["tables"]} tables in {check.Measures["databases"]} databases read; {looked.Item1}",
            $"PostgreSQL {major} {how.Item2} ; {check.Measures["rows"]} lignes de {check.Measures["tables"]} tables dans {check.Measures["databases"]} bases lues ; {looked.Item2}")) { Measures = check.Measures };
    }

    /// <summary>The server has been stopped: nothing is replayed over what is written here.</summary>
    public static Said? Spoil(PostgresEngine engine, ProbeScene scene, IDamage damage)
    {
        var prefix = engine.Path is null ? "base/" : engine.Path + "/base/";
        var garbage = new byte[BlockBytes];
        Array.Fill(garbage, (byte)0x5A);
        var spoilt = 0;
        foreach (var entry in scene.Restored.List().Where(e => e.Kind == RestoredKind.File && e.LengthBytes >= BlockBytes && e.Path.StartsWith(prefix, StringComparison.Ordinal) && RelationFile().IsMatch(e.Path[prefix.Length..])).ToList())
        {
            if (!RestoredPath.TryParse(entry.Path, out var path, out _)) continue;
            using var stream = damage.OpenWrite(path);
            stream.Write(garbage);
            spoilt++;
        }
        return spoilt == 0 ? null : new($"the first block of {spoilt} tables and indexes overwritten", $"le premier bloc de {spoilt} tables et index écrasé");
    }

    private static ProbeAnswer? ControlFile(RoomEnd control)
    {
        if (control.TimedOut) return Answer.Unknown("pg_controldata did not end in time", "pg_controldata n’a pas fini à temps");
        if (control.ExitCode != 0) return Answer.Wrong("pg_control cannot be read", "pg_control est illisible");
        return control.OutputText.Contains("WARNING", StringComparison.Ordinal) || !control.OutputText.Contains("Database cluster state", StringComparison.Ordinal)
            ? Answer.Wrong("pg_control is damaged: its checksum does not fit", "pg_control est endommagé : sa somme de contrôle ne correspond pas") : null;
    }

    /// <summary>Recovery must have room for as many as production had.</summary>
    private static int Prepared(string control) => PreparedTransactions().Match(control) is { Success: true } found && int.Parse(found.Groups[1].ValueSpan, CultureInfo.InvariantCulture) is var number and > 64 ? number : 64;

    /// <summary>Tablespaces and a WAL that was moved lie where production had them; here, below the restored folder.</summary>
    private async Task<ProbeAnswer?> LinkAsync(PostgresCommands commands, CancellationToken cancellationToken)
    {
        var links = (await room.RunAsync(commands.Links(), cancellationToken)).OutputText.Split('\0');
        var wanted = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i + 1 < links.Length; i += 2) wanted[links[i]] = links[i + 1];
        if (scene.Restored.ReadText(RoomShell.Under(engine.Path, TablespaceMap.FileName), MostLabelBytes) is { } map)
        {
            if (TablespaceMap.Parse(System.Text.Encoding.UTF8.GetBytes(map), out var refusal) is not { } spaces)
                return Answer.Wrong($"tablespace_map cannot be used: {refusal.En}", $"tablespace_map est inutilisable : {refusal.Fr}");
            foreach (var (oid, path) in spaces)
                if (scene.Restored.List().All(e => e.Path != RoomShell.Under(engine.Path, "pg_tblspc/" + oid).ToString() || e.Kind != RestoredKind.Directory)) wanted.TryAdd("pg_tblspc/" + oid, path);
        }
        foreach (var (name, target) in wanted)
        {
            var linked = await room.RunAsync(commands.Link(name, Candidates(name, target, commands.Data)), cancellationToken);
            if (linked.ExitCode == 3)
                return name == "pg_wal" ? Answer.Wrong("the WAL lies outside of the data directory and is not among the restored files", "le WAL est hors du répertoire de données et n’est pas parmi les fichiers restaurés")
                    : Answer.Wrong($"the tablespace {Printable.Of(name)} is not among the restored files; where it lies elsewhere, name its folder under tablespaces", $"le tablespace {Printable.Of(name)} n’est pas parmi les fichiers restaurés ; s’il est ailleurs, nommez son dossier sous tablespaces");
            if (!linked.Succeeded) throw new SandboxException($"linking {Printable.Of(name)} ended with exit code {linked.ExitCode}");
        }
        return null;
    }

    private IEnumerable<string> Candidates(string name, string target, string data)
    {
        if (engine.Tablespaces.TryGetValue(name.StartsWith("pg_tblspc/", StringComparison.Ordinal) ? name["pg_tblspc/".Length..] : name, out var told)) return [room.PathOf(told)];
        return target.StartsWith('/') ? [room.Restored + target] : [$"{data}/{(name == "pg_wal" ? "" : "pg_tblspc/")}{target}"];
    }

    /// <summary>A server takes the first segment that is missing, or damaged, for the end. Later ones in the archive show that it was not.</summary>
    private async Task<ProbeAnswer?> GapAsync(PostgresServer server, CancellationToken cancellationToken)
    {
        var answer = await server.AskAsync("template1", """
            select pg_catalog.current_setting('wal_segment_size') || ' ' || pg_catalog.pg_size_bytes(pg_catalog.current_setting('wal_segment_size')),
            (select pg_catalog.pg_read_file('pg_wal/' || f) from pg_catalog.pg_ls_dir('pg_wal') f where f ~ '^[0-9A-F]{8}[.]history$' order by f desc limit 1)
            """, cancellationToken);
        if (answer.Rows is not [[{ } sizes, { } history]] || !long.TryParse(sizes.Split(' ')[1], NumberStyles.None, CultureInfo.InvariantCulture, out var segmentBytes)
            || HistoryLine().Matches(history) is not [.., var last] || !uint.TryParse(last.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var timeline) || !Lsn.TryParse(last.Groups[2].ValueSpan, out var end))
            return Answer.Unknown("nobody knows how far recovery came", "on ne sait pas jusqu’où la récupération est allée");
        var reached = (end.Value - 1) / (ulong)segmentBytes;
        var prefix = engine.Wal + "/";
        var later = 0;
        foreach (var entry in scene.Restored.List())
        {
            if (!entry.Path.StartsWith(prefix, StringComparison.Ordinal) || entry.Path.Length < prefix.Length + 24) continue;
            var name = entry.Path[prefix.Length..];
            if (name.Length > 24 && name[24..] is not (".gz" or ".zst" or ".lz4" or ".xz")) continue;
            if (WalSegments.TryParse(name[..24], segmentBytes, out var its, out var segment) && its == timeline && segment > reached) later++;
        }
        return later == 0 ? null : Answer.Wrong($"recovery ended at {end} on timeline {timeline}, and {later} later segments of the archive could not be reached: one before them is missing or damaged",
            $"la récupération s’est arrêtée à {end} sur la ligne de temps {timeline}, et {later} segments suivants de l’archive n’ont pu être atteints : il en manque un avant eux, ou il est endommagé");
    }


    [GeneratedRegex(@"^[0-9]{1,2}(\.[0-9]{1,2})?\n?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Release();

    [GeneratedRegex(@"max_prepared_xacts setting: +([0-9]{1,6})", RegexOptions.CultureInvariant)]
    private static partial Regex PreparedTransactions();

    [GeneratedRegex(@"^([0-9]{1,10})\s+([0-9A-F]{1,8}/[0-9A-F]{1,8})", RegexOptions.CultureInvariant | RegexOptions.Multiline)]
    private static partial Regex HistoryLine();

    [GeneratedRegex(@"^[0-9]+/[0-9]+(\.[0-9]+)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex RelationFile();
}
