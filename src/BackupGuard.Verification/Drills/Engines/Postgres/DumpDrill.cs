using System.Globalization;

namespace BackupGuard.Verification.Drills.Engines.Postgres;

/// <summary>A dump is loaded into a fresh cluster and read.</summary>
internal sealed class DumpDrill(PostgresEngine engine, ProbeScene scene, IDrillRoom room, TimeProvider clock)
{
    private const string Otherwise = "restored";

    public async Task<ProbeAnswer> RunAsync(CancellationToken cancellationToken)
    {
        if (Form() is not { } form) return Answer.Wrong("there is no dump", "il n’y a pas de sauvegarde logique");
        var releases = (await room.RunAsync(DumpCommands.Releases(), cancellationToken)).OutputText.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line[(line.LastIndexOf('/') + 1)..]).Where(r => int.TryParse(r, NumberStyles.None, CultureInfo.InvariantCulture, out _)).Select(r => int.Parse(r, CultureInfo.InvariantCulture)).ToList();
        if (releases.Count == 0) return Unasked("PostgreSQL's server is not installed on this machine", "le serveur PostgreSQL n’est pas installé sur cette machine");
        var major = releases.Max();
        var server = new PostgresCommands(major.ToString(CultureInfo.InvariantCulture), engine.Service, $"{room.Scratch}/{engine.Service}.data", DumpCommands.Superuser, room.Scratch, engine.Timeout);
        var commands = new DumpCommands(server, room.PathOf(engine.Path), form);

        var (look, unusable) = await LookAsync(commands, major, cancellationToken);
        if (look is null) return unusable!;
        await room.MustRunAsync(server.Initialize(), "initdb", cancellationToken);
        var running = new PostgresServer(room, server, clock);
        scene.Services.Add(engine.Service, running, running.StopAsync);
        // A fresh cluster that does not start says nothing about the dump.
        if (await running.StartAsync(64, fetchesWal: false, wal: null, cancellationToken) is { } notStarted) return notStarted with { Verdict = Verdict.Inconclusive };
        return await LoadAsync(commands, look, running, cancellationToken);
    }

    /// <summary>Its second half is cut off, as by a full disk or a job that was killed.</summary>
    public static Said? Spoil(PostgresEngine engine, ProbeScene scene, IDamage damage)
    {
        var isFolder = scene.Restored.List().Any(e => e.Path == engine.Path!.ToString() && e.Kind == RestoredKind.Directory);
        using var stream = damage.OpenWrite(isFolder ? RoomShell.Under(engine.Path, "toc.dat") : engine.Path!);
        stream.SetLength(stream.Length / 2);
        return new("the second half of the dump cut off", "la seconde moitié de la sauvegarde coupée");
    }

    private DumpForm? Form()
    {
        var path = engine.Path!.ToString();
        var entry = scene.Restored.List().FirstOrDefault(e => e.Path == path);
        if (entry.Path is null || entry.Kind is not (RestoredKind.File or RestoredKind.Directory)) return null;
        if (entry.Kind == RestoredKind.Directory) return DumpForm.Folder;
        using var stream = scene.Restored.OpenRead(engine.Path);
        if (stream is null) return null;
        Span<byte> head = stackalloc byte[262];
        var read = stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        head = head[..read];
        return head.StartsWith("PGDMP"u8) || (read == 262 && head[257..].SequenceEqual("ustar"u8)) ? DumpForm.Archive
            : head.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]) ? DumpForm.PlainGzip
            : head.StartsWith((ReadOnlySpan<byte>)[0x28, 0xB5, 0x2F, 0xFD]) ? DumpForm.PlainZstd : DumpForm.Plain;
    }

    private async Task<(DumpLook? Look, ProbeAnswer? Unusable)> LookAsync(DumpCommands commands, int major, CancellationToken cancellationToken)
    {
        string? list = null;
        if (commands.IsArchive)
        {
            var listed = await room.RunAsync(commands.List(), cancellationToken);
            if (listed.ErrorText.Contains("unsupported version", StringComparison.Ordinal)) return (null, TooOld(null, major));
            if (listed.TimedOut) return (null, Unasked("pg_restore did not list the dump in time", "pg_restore n’a pas listé la sauvegarde à temps"));
            if (listed.ExitCode != 0) return (null, Answer.Wrong($"pg_restore cannot read the dump (exit code {listed.ExitCode})", $"pg_restore ne peut lire la sauvegarde (code {listed.ExitCode})"));
            list = listed.OutputText;
        }
        var scanned = await room.RunAsync(commands.Look(), cancellationToken);
        if (scanned.TimedOut) return (null, Unasked("the dump was not read to its end in time", "la sauvegarde n’a pas été lue jusqu’au bout à temps"));
        if (DumpLook.Of(list, scanned.OutputText) is not { } look) return (null, Unasked($"the dump could not be looked at (exit code {scanned.ExitCode})", $"la sauvegarde n’a pas pu être examinée (code {scanned.ExitCode})"));
        if (look.Broken) return (null, Answer.Wrong("the dump cannot be unpacked to its end", "la sauvegarde ne peut être décompressée jusqu’au bout"));
        if (!look.Begun) return (null, Answer.Wrong("it does not begin as pg_dump's output does", "elle ne commence pas comme une sortie de pg_dump"));
        if (!look.Complete) return (null, Answer.Wrong("the dump is cut off: the line that pg_dump writes last is missing", "la sauvegarde est coupée : la dernière ligne qu’écrit pg_dump manque"));
        if (look.DumpedBy > major) return (null, TooOld(look.DumpedBy, major));
        if (look.Tables == 0) return (null, Answer.Wrong("the dump holds no table", "la sauvegarde ne contient aucune table"));
        return (look, null);
    }

    private async Task<ProbeAnswer> LoadAsync(DumpCommands commands, DumpLook look, PostgresServer server, CancellationToken cancellationToken)
    {
        foreach (var extension in look.Extensions)
            if ((await server.AskAsync("template1", $"select pg_catalog.count(*) from pg_catalog.pg_available_extensions where name = '{extension.Replace("'", "''", StringComparison.Ordinal)}'", cancellationToken)).Rows is not [["1"]])
                return Unasked($"the extension {Printable.Of(extension)} is not installed on this machine", $"l’extension {Printable.Of(extension)} n’est pas installée sur cette machine");
        var database = "postgres";
        if (!look.Cluster)
        {
            // Who owned what in production is not asked: the names must be there, or nothing can be loaded.
            await room.MustRunAsync(commands.MakeFolders(look.Tablespaces.Count), "making folders", cancellationToken);
            server.Write(engine.Service + ".names.sql", commands.Names(look));
            await room.MustRunAsync(commands.Server.Script("postgres", engine.Service + ".names.sql", ""), "creating roles and tablespaces", cancellationToken);
            if (!look.CreatesDatabase || commands.IsArchive)
            {
                database = look.Database ?? (engine.Databases is [var only] ? only : Otherwise);
                if (database != "postgres") await room.MustRunAsync(commands.CreateDatabase(database, look.Encoding), "createdb", cancellationToken);
            }
        }
        var loaded = await room.RunAsync(commands.Load(database), cancellationToken);
        if (loaded.TimedOut) return Unasked("the dump was not loaded in time", "la sauvegarde n’a pas été chargée à temps");
        if (loaded.ExitCode != 0) return NotLoaded(loaded, server.Log);

        var check = new ClusterCheck(engine, server);
        if (await check.ReadAsync(asksSizes: false, cancellationToken) is { } wrong) return wrong with { Measures = check.Measures };
        var there = await TablesAsync(server, cancellationToken);
        if (there < look.Tables) return Answer.Wrong($"{there} of the dump's {look.Tables} tables are there after loading", $"{there} des {look.Tables} tables de la sauvegarde sont là après chargement");
        if (check.Measures["rows"] < look.Rows) return Answer.Wrong($"{check.Measures["rows"]} of the dump's {look.Rows} rows are there after loading", $"{check.Measures["rows"]} des {look.Rows} lignes de la sauvegarde sont là après chargement");
        return new ProbeAnswer(Verdict.Proved, new(
            $"loaded into PostgreSQL {commands.Server.Major}; {check.Measures["rows"]} rows of {check.Measures["tables"]} tables in {check.Measures["databases"]} databases read",
            $"chargée dans PostgreSQL {commands.Server.Major} ; {check.Measures["rows"]} lignes de {check.Measures["tables"]} tables dans {check.Measures["databases"]} bases lues")) { Measures = check.Measures };
    }

    private static async Task<long> TablesAsync(PostgresServer server, CancellationToken cancellationToken)
    {
        var sum = 0L;
        foreach (var database in server.WithTables)
            if ((await server.AskAsync(database, "select pg_catalog.count(*) from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'p') and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')", cancellationToken)).Rows is [[{ } count]])
                sum += long.Parse(count, CultureInfo.InvariantCulture);
        return sum;
    }

    private static ProbeAnswer NotLoaded(RoomEnd loaded, string log)
    {
        // When pg_restore stops in the middle of a table, the server says that it was cancelled or left alone: what stopped pg_restore is the cause.
        var errors = PostgresJudge.Errors(log).FindAll(e => e.State != "57014" && !e.State.StartsWith("08", StringComparison.Ordinal));
        if (errors.Find(e => !PostgresJudge.IsOfTheMachine(e.State, e.Text) && !LacksSomething(e.Text)) is { State: { } state })
            return Answer.Wrong($"the dump does not load: SQLSTATE {state}", $"la sauvegarde ne se charge pas : SQLSTATE {state}");
        if (errors is [.., var last]) return Unasked($"this machine cannot load the dump: SQLSTATE {last.State}", $"cette machine ne peut charger la sauvegarde : SQLSTATE {last.State}");
        // Signals from outside: somebody, or the kernel short of memory, ended it.
        return loaded.ExitCode is 137 or 143 or -1 ? Unasked("the loading was killed", "le chargement a été tué")
            : Answer.Wrong($"the dump cannot be read to its end (exit code {loaded.ExitCode})", $"la sauvegarde ne peut être lue jusqu’au bout (code {loaded.ExitCode})");
    }

    /// <summary>What a dump expects to be there and does not bring along.</summary>
    private static bool LacksSomething(string text) =>
        text.StartsWith("role \"", StringComparison.Ordinal) || text.StartsWith("extension \"", StringComparison.Ordinal) || text.StartsWith("collation \"", StringComparison.Ordinal)
        || text.StartsWith("tablespace \"", StringComparison.Ordinal) || text.StartsWith("directory \"", StringComparison.Ordinal) || text.Contains("locale name", StringComparison.Ordinal) || text.StartsWith("unrecognized configuration parameter", StringComparison.Ordinal);

    private static ProbeAnswer TooOld(int? dumpedBy, int major) => Unasked(
        $"the dump was made by PostgreSQL {dumpedBy?.ToString(CultureInfo.InvariantCulture) ?? "later than this"}; this machine has {major}", $"la sauvegarde vient de PostgreSQL {dumpedBy?.ToString(CultureInfo.InvariantCulture) ?? "plus récent"} ; cette machine a la version {major}");

    private static ProbeAnswer Unasked(string english, string french) => new(Verdict.Inconclusive, new(english, french));
}
