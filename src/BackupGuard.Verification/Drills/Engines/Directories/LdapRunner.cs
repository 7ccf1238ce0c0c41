using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;

namespace BackupGuard.Verification.Drills.Engines.Directories;

/// <summary>Loads an LDIF with slapadd, starts slapd on a Unix socket in the room, and counts there. See README.md beside this file.</summary>
/// <remarks>What the LDIF says of itself (its entries, its end) is held against what the server answers: neither slapadd's exit code nor the file alone is believed.</remarks>
public sealed partial class LdapRunner(TimeProvider clock) : IProbeRunner
{
    /// <summary>Text of a directory shrinks by 5 to 20; what claims much more is no directory.</summary>
    private const int LargestRatio = 200;
    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(30);

    /// <summary>Built into the server or modules of it, where it was built with modules. The two overlays define attributes that backups hold.</summary>
    private static readonly string[] Modules = ["mdb", "memberof", "ppolicy"];

    public bool CanRun(Probe probe) => probe is LdapEngine;

    public async Task<ProbeAnswer> RunAsync(Probe probe, ProbeScene scene, CancellationToken cancellationToken)
    {
        var engine = (LdapEngine)probe;
        await scene.Services.StopAsync(engine.Name);
        if (Answer.NewestMatch(scene, engine.Ldif, cancellationToken) is not { } file)
            return Answer.Wrong($"no file matches {engine.Ldif}", $"aucun fichier ne correspond à {engine.Ldif}");
        var isPacked = file.Path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase);
        var (scan, early) = await ScanAsync(scene, file, isPacked, cancellationToken);
        if (scan is null) return early!;
        if (Judge(engine, scan, scene.StartedAt) is { } judged) return judged;
        var root = engine.Base ?? scan.FirstDn!;

        var run = new LdapRun(await scene.Room(cancellationToken), engine, root, clock);
        if (await run.PrepareAsync(scene, scan, cancellationToken) is { } unprepared) return unprepared;
        if (await run.LoadAsync(file, isPacked, cancellationToken) is { } unloaded) return unloaded;
        if (await run.StartAsync(cancellationToken) is { } unstarted) return unstarted;
        scene.Services.Add(engine.Name, new RunningDirectory(root), run.StopAsync);
        return await run.AskAsync(scan, cancellationToken);
    }

    /// <summary>The file is cut in half, within an entry.</summary>
    public async Task<Said?> SpoilAsync(Probe probe, ProbeScene scene, CancellationToken cancellationToken)
    {
        var engine = (LdapEngine)probe;
        await scene.Services.StopAsync(engine.Name);
        if (scene.Damage is not { } damage || Answer.NewestMatch(scene, engine.Ldif, cancellationToken) is not { } file) return null;
        using var stream = damage.OpenWrite(Answer.PathOf(file));
        var half = stream.Length / 2;
        for (var isEndOfLine = true; isEndOfLine && half > 0; half--)
        {
            stream.Position = half - 1;
            isEndOfLine = stream.ReadByte() is '\n' or '\r';
            if (!isEndOfLine) break;
        }
        stream.SetLength(half);
        return new("the LDIF cut in half", "le LDIF coupé en deux");
    }

    private static async Task<(LdifScan? Scan, ProbeAnswer? Early)> ScanAsync(ProbeScene scene, RestoredEntry file, bool isPacked, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = scene.Restored.OpenRead(Answer.PathOf(file));
            if (stream is null) return (null, Answer.Wrong("the LDIF is not there", "le LDIF est absent"));
            if (!isPacked) return (await LdifScan.ReadAsync(stream, long.MaxValue, scene.StartedAt, cancellationToken), null);
            await using var unpacked = new GZipStream(stream, CompressionMode.Decompress);
            return (await LdifScan.ReadAsync(unpacked, Math.Max(64L << 20, file.LengthBytes * LargestRatio), scene.StartedAt, cancellationToken), null);
        }
        catch (InvalidDataException)
        {
            return (null, Answer.Wrong("the packed LDIF is damaged or cut", "le LDIF compressé est abîmé ou coupé"));
        }
        catch (LdifTooLongException)
        {
            return (null, Answer.Unknown($"the packed LDIF unpacks to more than {LargestRatio} times its size", $"le LDIF compressé se déplie à plus de {LargestRatio} fois sa taille"));
        }
        catch (IOException e)
        {
            throw new SandboxException($"the LDIF could not be read: {e.Message}", e);
        }
    }

    private static ProbeAnswer? Judge(LdapEngine engine, LdifScan scan, DateTimeOffset startedAt)
    {
        if (scan.Entries == 0) return Answer.Wrong("the LDIF holds no entry", "le LDIF ne contient aucune entrée");
        if (!scan.IsComplete)
            return Answer.Wrong($"the LDIF ends within an entry, after {scan.Entries} entries: it is cut", $"le LDIF s’arrête au milieu d’une entrée, après {scan.Entries} entrées : il est coupé");
        if (engine.Base is null && (scan.FirstDn is not { } dn || dn.Any(char.IsControl)))
            return Answer.Unknown("the name of the first entry cannot be read; write the directory's base in the drill", "le nom de la première entrée est illisible ; indiquez la base de l’annuaire dans l’exercice");
        if (engine.MaxAge is not { } most) return null;
        if (scan.Newest is not { } newest)
            return Answer.Unknown("the LDIF holds no date of a change, so its age is not known", "le LDIF ne contient aucune date de modification, son âge est donc inconnu");
        var age = startedAt - newest;
        return age <= most ? null : Answer.Wrong(
            string.Create(CultureInfo.InvariantCulture, $"the newest change in the directory is {age.TotalHours:0.0} h old, at most {most.TotalHours:0.##} h expected"),
            string.Create(CultureInfo.GetCultureInfo("fr-FR"), $"la dernière modification dans l’annuaire date de {age.TotalHours:0.0} h, au plus {most.TotalHours:0.##} h attendues"));
    }

    /// <summary>What slapadd says when it refuses. Its messages hold names of people: only the number of a line is taken from them.</summary>
    internal static ProbeAnswer JudgeLoad(RoomEnd end, bool schemaIsRestored)
    {
        if (end.TimedOut) return Answer.Unknown("loading the LDIF took too long", "le chargement du LDIF a pris trop de temps");
        var said = end.ErrorText;
        var (at, atFr) = LineNumber().Match(said) is { Success: true } line ? ($" (line {line.Groups["number"].Value})", $" (ligne {line.Groups["number"].Value})") : ("", "");
        if (said.Contains("bad configuration", StringComparison.Ordinal))
            return Answer.Unknown("the server could not read the schema that the drill names", "le serveur n’a pas pu lire le schéma indiqué par l’exercice");
        if (said.Contains("MDB_MAP_FULL", StringComparison.Ordinal) || said.Contains("No space left", StringComparison.Ordinal))
            return Answer.Unknown("there was no room for the throw-away directory", "il n’y avait pas de place pour l’annuaire jetable");
        if (said.Contains("type undefined", StringComparison.Ordinal) || said.Contains("unrecognized objectClass", StringComparison.Ordinal))
        {
            // A schema from the backup is the whole one: what it does not know is not from this directory. Otherwise the drill may just not name it.
            return schemaIsRestored
                ? Answer.Wrong($"the LDIF uses a word that its own schema does not know{at}", $"le LDIF utilise un mot que son propre schéma ne connaît pas{atFr}")
                : Answer.Unknown($"the LDIF uses a word that the schemas of this drill do not know{at}; name its schema in the drill", $"le LDIF utilise un mot que les schémas de cet exercice ne connaissent pas{atFr} ; indiquez son schéma dans l’exercice");
        }
        if (said.Contains("entries missing", StringComparison.Ordinal))
            return Answer.Wrong("entries hang below entries that are not there", "des entrées dépendent d’entrées absentes");
        if (said.Contains("not configured to hold", StringComparison.Ordinal))
            return Answer.Wrong($"the LDIF holds an entry outside of the directory's base{at}", $"le LDIF contient une entrée hors de la base de l’annuaire{atFr}");
        return Answer.WasKilled(end)
            ? Answer.Unknown($"slapadd was killed (exit code {end.ExitCode})", $"slapadd a été tué (code de sortie {end.ExitCode})")
            : Answer.Wrong($"the server refuses an entry{at}, exit code {end.ExitCode}", $"le serveur refuse une entrée{atFr}, code de sortie {end.ExitCode}");
    }

    [GeneratedRegex(@"\(line=(?<number>\d{1,12})\)|\bline (?<number>\d{1,12}):", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex LineNumber();

    /// <summary>One throw-away server.</summary>
    private sealed class LdapRun(IDrillRoom room, LdapEngine engine, string root, TimeProvider clock)
    {
        private readonly string _name = "ldap-" + Guid.CreateVersion7(clock.GetUtcNow()).ToString("N")[^8..];
        private IRoomProcess? _server;

        private string Folder => room.Scratch + "/" + _name;
        private string Settings => Folder + "/slapd.conf";
        private string Address => "ldapi://" + Uri.EscapeDataString(Folder + "/ldapi");
        private string[] Connection => ["-x", "-H", Address];

        public async Task<ProbeAnswer?> PrepareAsync(ProbeScene scene, LdifScan scan, CancellationToken cancellationToken)
        {
            var settings = new StringBuilder();
            for (var i = 0; i < engine.Schema.Count; i++)
                if (await SchemaAsync(scene, engine.Schema[i], i, settings, cancellationToken) is { } refused) return refused;
            foreach (var module in await ModulesAsync(cancellationToken)) settings.Append("moduleload ").Append(module).Append('\n');
            var largest = Math.Max(1L << 30, scan.Bytes * 20);
            // Nobody else can reach the socket, so everybody may read.
            settings.Append(CultureInfo.InvariantCulture, $"""
                sizelimit unlimited
                timelimit unlimited
                pidfile {Folder}/pid
                argsfile {Folder}/args
                database mdb
                suffix {Quoted(root)}
                directory {Folder}/data
                maxsize {largest}
                dbnosync
                access to * by * read

                """);
            room.Write(_name + ".conf", Encoding.UTF8.GetBytes(settings.ToString()));
            var made = await ShellAsync("""mkdir -p "$1/data" && mv "$2" "$1/slapd.conf" """, TimeSpan.FromMinutes(1), cancellationToken, Folder, $"{room.Scratch}/{_name}.conf");
            return made.Succeeded ? null : throw new SandboxException("the folder of the throw-away directory could not be made");
        }

        /// <returns>Null where it could be taken.</returns>
        private async Task<ProbeAnswer?> SchemaAsync(ProbeScene scene, LdapSchema schema, int number, StringBuilder settings, CancellationToken cancellationToken)
        {
            if (schema.Restored is not { } path)
            {
                settings.Append("include /etc/ldap/schema/").Append(schema.Standard).Append(".schema\n");
                return null;
            }
            await using var stream = scene.Restored.OpenRead(path);
            if (stream is null) return Answer.Wrong($"the schema {Printable.Of(path.ToString())} is not among the restored files", $"le schéma {Printable.Of(path.ToString())} n’est pas parmi les fichiers restaurés");
            if (stream.Length > LdapSchemaFile.LargestBytes)
                return Answer.Unknown($"the schema {Printable.Of(path.ToString())} is larger than {LdapSchemaFile.LargestBytes} bytes", $"le schéma {Printable.Of(path.ToString())} dépasse {LdapSchemaFile.LargestBytes} octets");
            var bytes = new byte[stream.Length];
            await stream.ReadExactlyAsync(bytes, cancellationToken);
            var text = Encoding.UTF8.GetString(bytes);
            var isLdif = path.ToString().EndsWith(".ldif", StringComparison.OrdinalIgnoreCase);
            if (isLdif && (text = LdapSchemaFile.Converted(text)).Length == 0)
                return Answer.Wrong($"there is no schema in {Printable.Of(path.ToString())}", $"il n’y a aucun schéma dans {Printable.Of(path.ToString())}");
            var name = string.Create(CultureInfo.InvariantCulture, $"{_name}-{number}.schema");
            room.Write(name, Encoding.UTF8.GetBytes(text));
            settings.Append("include ").Append(room.Scratch).Append('/').Append(name).Append('\n');
            return null;
        }

        private async Task<List<string>> ModulesAsync(CancellationToken cancellationToken)
        {
            var end = await room.RunAsync(new RoomCommand(["slapd", "-VVV"]) { Timeout = TimeSpan.FromMinutes(1), WorkingFolder = room.Scratch }, cancellationToken);
            var builtIn = (end.OutputText + end.ErrorText).Split(['\n', ' ', '\t'], StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.Ordinal);
            return [.. Modules.Where(m => !builtIn.Contains(m)).Select(m => m == "mdb" ? "back_mdb" : m)];
        }

        public async Task<ProbeAnswer?> LoadAsync(RestoredEntry file, bool isPacked, CancellationToken cancellationToken)
        {
            var ldif = room.Restored + "/" + file.Path;
            if (isPacked)
            {
                var unpacked = await ShellAsync("""exec gzip -dc <"$1" >"$2" """, engine.Timeout, cancellationToken, ldif, Folder + "/data.ldif");
                if (unpacked.TimedOut) return Answer.Unknown("unpacking the LDIF took too long", "décompresser le LDIF a pris trop de temps");
                if (unpacked.ExitCode != 0) return Answer.Wrong($"the packed LDIF is damaged or cut (gzip, exit code {unpacked.ExitCode})", $"le LDIF compressé est abîmé ou coupé (gzip, code de sortie {unpacked.ExitCode})");
                ldif = Folder + "/data.ldif";
            }
            var end = await room.RunAsync(new RoomCommand(["slapadd", "-f", Settings, "-l", ldif]) { Timeout = engine.Timeout, WorkingFolder = room.Scratch }, cancellationToken);
            return end.Succeeded ? null : JudgeLoad(end, engine.Schema.Any(s => s.Restored is not null));
        }

        public async Task<ProbeAnswer?> StartAsync(CancellationToken cancellationToken)
        {
            var server = room.Start(new RoomCommand(["slapd", "-d", "0", "-f", Settings, "-h", Address]) { Timeout = TimeSpan.FromDays(7), WorkingFolder = room.Scratch, MostOutputBytes = 4096 });
            var began = clock.GetTimestamp();
            while (clock.GetElapsedTime(began) < StartTime && !server.Ended.IsCompleted)
            {
                if ((await CountAsync("", "base", "(objectClass=*)", cancellationToken)).Answered)
                {
                    _server = server;
                    return null;
                }
                await Task.Delay(TimeSpan.FromMilliseconds(200), clock, cancellationToken);
            }
            await server.KillAsync();
            var code = (await server.Ended).ExitCode;
            return Answer.Unknown($"the throw-away server did not answer within {StartTime.TotalSeconds:0} s (exit code {code})", $"le serveur jetable n’a pas répondu en {StartTime.TotalSeconds:0} s (code de sortie {code})");
        }

        public async Task<ProbeAnswer> AskAsync(LdifScan scan, CancellationToken cancellationToken)
        {
            var top = await CountAsync(root, "base", "(objectClass=*)", cancellationToken);
            var all = await CountAsync(root, "sub", "(objectClass=*)", cancellationToken);
            var persons = await CountAsync(root, "sub", engine.Persons, cancellationToken);
            // Password policies and the like are subentries: hidden from ordinary searches (RFC 3672).
            var hidden = all.Entries < scan.Entries ? await CountAsync(root, "sub", "(objectClass=*)", cancellationToken, "-E", "subentries=true") : new LdapCounted(0, false, 0, null);
            return Judge(engine, scan, top, all, persons, hidden);
        }

        public async ValueTask StopAsync()
        {
            if (_server is null) return;
            await _server.KillAsync();
            // Loaded once more, it would be in the way.
            await ShellAsync("""rm -rf "$1" """, TimeSpan.FromMinutes(10), CancellationToken.None, Folder);
        }

        // Referrals and aliases are entries like any other here: "-M" shows the first, and the second are not followed.
        private Task<LdapCounted> CountAsync(string from, string scope, string filter, CancellationToken cancellationToken, params string[] controls) =>
            new LdapCount(room, Connection, engine.Timeout).EntriesAsync(from, scope, filter, cancellationToken, ["-M", .. controls]);

        private Task<RoomEnd> ShellAsync(string script, TimeSpan timeout, CancellationToken cancellationToken, params string[] arguments) =>
            room.RunAsync(new RoomCommand(["/bin/sh", "-c", script, "sh", .. arguments]) { Timeout = timeout, WorkingFolder = room.Scratch }, cancellationToken);

        private static string Quoted(string dn) => "\"" + dn.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";
    }

    internal static ProbeAnswer Judge(LdapEngine engine, LdifScan scan, LdapCounted top, LdapCounted all, LdapCounted persons, LdapCounted hidden)
    {
        if (top.ResultCode == LdapCounted.NoSuchObject) return Answer.Wrong("the directory's base is not in the LDIF", "la base de l’annuaire n’est pas dans le LDIF");
        if (new[] { top, all, persons, hidden }.FirstOrDefault(c => !c.Answered) is { } unanswered)
            return Answer.Unknown($"the throw-away server did not answer a search (result code {unanswered.ResultCode})", $"le serveur jetable n’a pas répondu à une recherche (code de résultat {unanswered.ResultCode})");
        var entries = all.Entries!.Value + hidden.Entries!.Value;
        if (entries != scan.Entries)
            return Answer.Wrong($"the LDIF holds {scan.Entries} entries, the server has {entries} after loading it", $"le LDIF contient {scan.Entries} entrées, le serveur en a {entries} après chargement");
        if (entries < engine.MinEntries) return Answer.Wrong($"{entries} entries, at least {engine.MinEntries} expected", $"{entries} entrées, au moins {engine.MinEntries} attendues");
        if (persons.Entries < engine.MinPersons) return Answer.Wrong($"{persons.Entries} persons, at least {engine.MinPersons} expected", $"{persons.Entries} personnes, au moins {engine.MinPersons} attendues");
        return new ProbeAnswer(Verdict.Proved, new($"loaded: {entries} entries, {persons.Entries} persons", $"chargé : {entries} entrées, {persons.Entries} personnes"))
        {
            Measures = new Dictionary<string, double> { ["entries"] = entries, ["persons"] = persons.Entries!.Value },
            NewestData = scan.Newest,
        };
    }
}
