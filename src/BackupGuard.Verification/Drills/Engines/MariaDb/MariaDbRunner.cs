using System.Text.RegularExpressions;

namespace BackupGuard.Verification.Drills.Engines.MariaDb;

/// <summary>Starts a throw-away MariaDB server from restored files, and asks it whether it is whole. See README.md.</summary>
public sealed class MariaDbRunner(TimeProvider clock) : IProbeRunner
{
    private const int PageBytes = 16 << 10;
    private const int MostNoteBytes = 64 << 10;

    public bool CanRun(Probe probe) => probe is MariaDbEngine;

    public async Task<ProbeAnswer> RunAsync(Probe probe, ProbeScene scene, CancellationToken cancellationToken)
    {
        var engine = (MariaDbEngine)probe;
        await scene.Services.StopAsync(engine.Service);
        var room = await scene.Room(cancellationToken);
        return await new MariaDbDrill(engine, scene, room, clock).RunAsync(cancellationToken);
    }

    /// <summary>The root page of every table, or the second half of a dump.</summary>
    public async Task<Said?> SpoilAsync(Probe probe, ProbeScene scene, CancellationToken cancellationToken)
    {
        var engine = (MariaDbEngine)probe;
        await scene.Services.StopAsync(engine.Service);
        if (scene.Damage is not { } damage) return null;
        if (engine.Source == MariaDbSource.Dump)
        {
            using var dump = damage.OpenWrite(engine.Path!);
            dump.SetLength(dump.Length / 2);
            return new("the second half of the dump cut off", "la seconde moitié de la sauvegarde coupée");
        }
        var prefix = engine.Path is null ? "" : engine.Path + "/";
        var garbage = new byte[PageBytes];
        Array.Fill(garbage, (byte)0x5A);
        var spoilt = 0;
        foreach (var entry in scene.Restored.List().Where(e => e.Kind == RestoredKind.File && e.LengthBytes >= 4 * PageBytes && e.Path.StartsWith(prefix, StringComparison.Ordinal) && e.Path.EndsWith(".ibd", StringComparison.Ordinal)).ToList())
        {
            if (!RestoredPath.TryParse(entry.Path, out var path, out _)) continue;
            using var stream = damage.OpenWrite(path);
            stream.Position = 3 * PageBytes;
            stream.Write(garbage);
            spoilt++;
        }
        return spoilt == 0 ? null : new($"the root page of {spoilt} tables overwritten", $"la page racine de {spoilt} tables écrasée");
    }

    /// <summary>The file's beginning, under the first of its names that is there.</summary>
    internal static string? Note(ProbeScene scene, RestoredPath? folder, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
            if (scene.Restored.ReadText(RoomShell.Under(folder, name), MostNoteBytes) is { } text) return text;
        return null;
    }
}

/// <summary>One run of <see cref="MariaDbRunner"/>.</summary>
internal sealed partial class MariaDbDrill(MariaDbEngine engine, ProbeScene scene, IDrillRoom room, TimeProvider clock)
{
    private const string Otherwise = "restored";

    private readonly Dictionary<string, double> _measures = [];

    public async Task<ProbeAnswer> RunAsync(CancellationToken cancellationToken)
    {
        var release = await room.RunAsync(MariaDbCommands.Release(), cancellationToken);
        if (ReleaseText().Match(release.OutputText) is not { Success: true } installed) return Unasked("this machine's mariadbd is no MariaDB server that is known", "le mariadbd de cette machine n’est pas un serveur MariaDB connu");
        return engine.Source == MariaDbSource.Physical ? await PhysicalAsync(installed.Groups[1].Value, cancellationToken) : await DumpAsync(installed.Groups[1].Value, cancellationToken);
    }

    private async Task<ProbeAnswer> PhysicalAsync(string release, CancellationToken cancellationToken)
    {
        var commands = new MariaDbCommands(engine.Service, room.PathOf(engine.Path), room.Scratch, engine.Timeout);
        if (scene.Restored.ReadText(RoomShell.Under(engine.Path, "ibdata1"), 1) is null) return Answer.Wrong("there is no data directory: ibdata1 is missing", "il n’y a pas de répertoire de données : ibdata1 manque");
        var info = MariaDbRunner.Note(scene, engine.Path, "xtrabackup_info", "mariadb_backup_info");
        var checkpoints = MariaDbRunner.Note(scene, engine.Path, "xtrabackup_checkpoints", "mariadb_backup_checkpoints");
        if (info is not null && checkpoints is null) return Answer.Wrong("mariadb-backup's xtrabackup_checkpoints is missing, so nobody knows where its redo log ends", "xtrabackup_checkpoints de mariadb-backup manque, on ne sait donc pas où finit son journal");
        if (info is not null && ServerVersion().Match(info) is { Success: true } made && made.Groups[1].Value != release)
            return Unasked($"the backup was made by a server {made.Groups[1].Value}, and only one of the same release may prepare it; this machine has {release}", $"la sauvegarde vient d’un serveur {made.Groups[1].Value}, et seule la même version peut la préparer ; cette machine a la {release}");
        if (checkpoints is not null && checkpoints.Contains("backup_type = incremental", StringComparison.Ordinal))
            return Unasked("it is an incremental backup, which cannot be restored by itself", "c’est une sauvegarde incrémentielle, qui ne se restaure pas seule");

        var settings = MariaDbRunner.Note(scene, engine.Path, "backup-my.cnf") ?? "";
        room.Write(engine.Service + ".shape", System.Text.Encoding.UTF8.GetBytes("[mysqld]\n" + string.Join("\n", MariaDbCommands.Shape(settings)) + "\n"));
        await room.MustRunAsync(commands.Clean(), "preparing the data directory", cancellationToken);
        if (checkpoints is not null && !MariaDbJudge.IsPrepared(checkpoints))
        {
            var prepared = await room.RunAsync(commands.Prepare(), cancellationToken);
            var after = MariaDbRunner.Note(scene, engine.Path, "xtrabackup_checkpoints", "mariadb_backup_checkpoints") ?? "";
            if (MariaDbJudge.Prepared(prepared, room.ReadScratch(engine.Service + ".prepare", 4 << 20), after) is { } unprepared) return unprepared;
        }
        var server = new MariaDbServer(room, commands, clock);
        scene.Services.Add(engine.Service, server, server.StopAsync);
        if (await server.StartAsync(settings, cancellationToken) is { } notStarted) return notStarted;
        var how = checkpoints is null ? ("started as after a crash, for mariadb-backup left no note", "démarré comme après un arrêt brutal, faute de note de mariadb-backup") : ("prepared and started", "préparé et démarré");
        return await CheckAsync(server, 0, cancellationToken) ?? Proved($"MariaDB {release} {how.Item1}", $"MariaDB {release} {how.Item2}");
    }

    private async Task<ProbeAnswer> DumpAsync(string release, CancellationToken cancellationToken)
    {
        if (Form() is not { } form) return Answer.Wrong("there is no dump", "il n’y a pas de sauvegarde logique");
        var commands = new MariaDbCommands(engine.Service, $"{room.Scratch}/{engine.Service}.data", room.Scratch, engine.Timeout);
        var dump = room.PathOf(engine.Path);
        var looked = await room.RunAsync(commands.Look(dump, form), cancellationToken);
        if (looked.TimedOut) return Unasked("the dump was not read to its end in time", "la sauvegarde n’a pas été lue jusqu’au bout à temps");
        if (StateLine().Match(looked.OutputText) is not { Success: true } state) return Unasked($"the dump could not be looked at (exit code {looked.ExitCode})", $"la sauvegarde n’a pas pu être examinée (code {looked.ExitCode})");
        bool Is(int group) => state.Groups[group].Value != "0";
        if (Is(3)) return Answer.Wrong("the dump cannot be unpacked to its end", "la sauvegarde ne peut être décompressée jusqu’au bout");
        if (!Is(1)) return Unasked("it has no header of mariadb-dump, so nothing would show that it is cut off; make it without --skip-comments", "elle n’a pas l’en-tête de mariadb-dump, rien ne montrerait donc qu’elle est coupée ; faites-la sans --skip-comments");
        if (!Is(2)) return Answer.Wrong("the dump is cut off: the line that mariadb-dump writes last is missing", "la sauvegarde est coupée : la dernière ligne qu’écrit mariadb-dump manque");
        var tables = int.Parse(state.Groups[5].ValueSpan, System.Globalization.CultureInfo.InvariantCulture);
        if (tables == 0) return Answer.Wrong("the dump holds no table", "la sauvegarde ne contient aucune table");

        await room.MustRunAsync(commands.Initialize(), "mariadb-install-db", cancellationToken);
        var server = new MariaDbServer(room, commands, clock);
        scene.Services.Add(engine.Service, server, server.StopAsync);
        // A fresh server that does not start says nothing about the dump.
        if (await server.StartAsync("", cancellationToken) is { } notStarted) return notStarted with { Verdict = Verdict.Inconclusive };
        string? database = null;
        if (!Is(4))
        {
            database = DatabaseLine().Match(looked.OutputText) is { Success: true } named ? named.Groups[1].Value : engine.Databases is [var only] ? only : Otherwise;
            await room.MustRunAsync(commands.Script($"create database if not exists {MariaDbTable.Quote(database)};\n"), "creating the database", cancellationToken);
        }
        var loaded = await room.RunAsync(commands.Load(dump, form, database), cancellationToken);
        if (loaded.TimedOut) return Unasked("the dump was not loaded in time", "la sauvegarde n’a pas été chargée à temps");
        if (loaded.ExitCode != 0) return MariaDbJudge.NotLoaded(loaded);
        return await CheckAsync(server, tables, cancellationToken) ?? Proved($"loaded into MariaDB {release}", $"chargée dans MariaDB {release}");
    }

    /// <param name="expected">How many tables of users there must be at least.</param>
    private async Task<ProbeAnswer?> CheckAsync(MariaDbServer server, int expected, CancellationToken cancellationToken)
    {
        if (MariaDbJudge.Tables((await server.RunAsync(server.Commands.Script(MariaDbCommands.ListTables), cancellationToken)).OutputText) is not { } tables)
            return MariaDbJudge.BrokeDown(server.Log) ? Answer.Wrong("the server broke down over its own catalogue", "le serveur s’est effondré sur son propre catalogue") : Unasked("the list of tables broke off", "la liste des tables s’est interrompue");
        var users = tables.Where(t => !t.IsSystem).ToList();
        server.Tables = users;
        if (engine.Databases.Where(d => users.All(t => t.Database != d)).ToList() is { Count: > 0 } missing)
            return Answer.Wrong($"these databases are not there, or hold no table: {MariaDbJudge.Named([.. missing.Select(Printable.Of)])}", $"ces bases sont absentes ou sans table : {MariaDbJudge.Named([.. missing.Select(Printable.Of)])}");
        if (users.Count < expected) return Answer.Wrong($"{users.Count} of the dump's {expected} tables are there after loading", $"{users.Count} des {expected} tables de la sauvegarde sont là après chargement");

        var end = await server.RunAsync(server.Commands.Script(MariaDbCommands.CheckScript(tables)), cancellationToken);
        var read = MariaDbJudge.Read(end.OutputText, tables);
        if (MariaDbJudge.Judge(read, tables.Count, end, MariaDbJudge.BrokeDown(server.Log)) is { } bad) return bad;
        if (engine.Databases.Where(d => read.Rows.GetValueOrDefault(d) == 0).ToList() is { Count: > 0 } empty)
            return Answer.Wrong($"no table of these databases holds a row: {MariaDbJudge.Named([.. empty.Select(Printable.Of)])}", $"aucune table de ces bases ne contient de ligne : {MariaDbJudge.Named([.. empty.Select(Printable.Of)])}");
        var rows = read.Rows.Values.Sum();
        if (rows == 0) return Answer.Wrong($"{users.Count} tables, and not one row", $"{users.Count} tables, et pas une ligne");
        (_measures["databases"], _measures["tables"], _measures["rows"]) = (read.Rows.Count, read.UserTables, rows);
        return null;
    }

    private MariaDbForm? Form()
    {
        var path = engine.Path!.ToString();
        if (scene.Restored.List().FirstOrDefault(e => e.Path == path) is not { Kind: RestoredKind.File, Path: not null }) return null;
        using var stream = scene.Restored.OpenRead(engine.Path);
        if (stream is null) return null;
        Span<byte> head = stackalloc byte[4];
        head = head[..stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)];
        return head.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]) ? MariaDbForm.Gzip : head.SequenceEqual((ReadOnlySpan<byte>)[0x28, 0xB5, 0x2F, 0xFD]) ? MariaDbForm.Zstd : MariaDbForm.Plain;
    }

    private ProbeAnswer Proved(string english, string french) => new(Verdict.Proved, new(
        $"{english}; {_measures["rows"]} rows of {_measures["tables"]} tables in {_measures["databases"]} databases read, CHECK TABLE found nothing",
        $"{french} ; {_measures["rows"]} lignes de {_measures["tables"]} tables dans {_measures["databases"]} bases lues, CHECK TABLE n’a rien trouvé")) { Measures = _measures };

    private static ProbeAnswer Unasked(string english, string french) => new(Verdict.Inconclusive, new(english, french));

    [GeneratedRegex(@"Ver ([0-9]{1,2}\.[0-9]{1,2})\.[0-9]+-MariaDB", RegexOptions.CultureInvariant)]
    private static partial Regex ReleaseText();

    [GeneratedRegex(@"^server_version = ([0-9]{1,2}\.[0-9]{1,2})\.", RegexOptions.CultureInvariant | RegexOptions.Multiline)]
    private static partial Regex ServerVersion();

    [GeneratedRegex(@"^-- Host: .* Database: (\S.*?)\s*$", RegexOptions.CultureInvariant | RegexOptions.Multiline)]
    private static partial Regex DatabaseLine();

    [GeneratedRegex(@"^\u0001state begun=([0-9]+) complete=([0-9]+) broken=([0-9]+) uses=([0-9]+) tables=([0-9]+)$", RegexOptions.CultureInvariant | RegexOptions.Multiline)]
    private static partial Regex StateLine();
}
