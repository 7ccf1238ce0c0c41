using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace BackupGuard.Verification.Drills.Engines.Directories;

/// <summary>Restores a Samba domain backup as root of the room, runs dbcheck, starts Samba on the room's own loopback, and asks it with a throw-away account. See README.md beside this file.</summary>
/// <remarks>
/// The settings are ours: those in the backup may name programs. Rights on sysvol go into a file (posix:eadb, and the internal file server so that samba-tool sets them without
/// changing owners): a user namespace has neither security.* attributes nor the domain's user numbers.
/// </remarks>
public sealed partial class SambaAdRunner(TimeProvider clock) : IProbeRunner
{
    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan UsualTombstone = TimeSpan.FromDays(180);
    private const string Controller = "BGDRILL";
    private const string Account = "backupguard-drill";

    public bool CanRun(Probe probe) => probe is SambaAdEngine;

    public async Task<ProbeAnswer> RunAsync(Probe probe, ProbeScene scene, CancellationToken cancellationToken)
    {
        var engine = (SambaAdEngine)probe;
        await scene.Services.StopAsync(engine.Name);
        if (Answer.NewestMatch(scene, engine.Backup, cancellationToken) is not { } file)
            return Answer.Wrong($"no file matches {engine.Backup}", $"aucun fichier ne correspond à {engine.Backup}");
        var run = new SambaRun(await scene.Room(cancellationToken), engine, clock);
        if (await run.RestoreAsync(file, cancellationToken) is { } unrestored) return unrestored;
        if (SambaAdJudge.Check(await run.CheckAsync(cancellationToken), out var objects) is { } broken) return broken;
        if (await run.StartAsync(cancellationToken) is { } unstarted) return unstarted;
        scene.Services.Add(engine.Name, new RunningDirectory(run.Base), run.StopAsync);
        return await run.AskAsync(objects, scene.StartedAt, cancellationToken);
    }

    /// <summary>The archive loses its second half.</summary>
    public async Task<Said?> SpoilAsync(Probe probe, ProbeScene scene, CancellationToken cancellationToken)
    {
        var engine = (SambaAdEngine)probe;
        await scene.Services.StopAsync(engine.Name);
        if (scene.Damage is not { } damage || Answer.NewestMatch(scene, engine.Backup, cancellationToken) is not { } file) return null;
        using var stream = damage.OpenWrite(Answer.PathOf(file));
        stream.SetLength(stream.Length / 2);
        return new("the archive cut in half", "l’archive coupée en deux");
    }

    /// <summary>One throw-away domain controller.</summary>
    private sealed class SambaRun(IDrillRoom room, SambaAdEngine engine, TimeProvider clock)
    {
        private readonly string _name = "ad-" + Guid.CreateVersion7(clock.GetUtcNow()).ToString("N")[^8..];
        private readonly List<string> _connection = [];
        private IRoomProcess? _server;

        private string Folder => room.Scratch + "/" + _name;
        private string Settings => "--configfile=" + Folder + "/etc/smb.conf";
        private string[] Database => [Settings, "-H", Folder + "/private/sam.ldb"];

        /// <summary>DN of the domain.</summary>
        public string Base { get; private set; } = "";

        public async Task<ProbeAnswer?> RestoreAsync(RestoredEntry file, CancellationToken cancellationToken)
        {
            var archive = room.Restored + "/" + file.Path;
            var listed = await RunAsync(["tar", "-tf", archive], cancellationToken);
            if (SambaAdJudge.Listing(listed, listed.OutputText) is { } refused) return refused;
            room.Write(_name + ".conf", Encoding.UTF8.GetBytes($"""
                [global]
                server role = active directory domain controller
                server services = ldap, smb
                interfaces = 127.0.0.1/8
                bind interfaces only = yes
                posix:eadb = {room.Scratch}/{_name}.eadb
                lock directory = {Folder}
                cache directory = {Folder}/cache
                state directory = {Folder}/state
                private dir = {Folder}/private
                binddns dir = {Folder}/bind-dns
                log file = {room.Scratch}/{_name}.log
                panic action =
                usershare max shares = 0
                [sysvol]
                path = {Folder}/state/sysvol
                read only = no
                [netlogon]
                path = {Folder}/state/sysvol/scripts
                read only = no

                """));
            List<string> restore = ["samba-tool", "domain", "backup", "restore", "--backup-file=" + archive, "--targetdir=" + Folder, "--newservername=" + Controller, "--host-ip=127.0.0.1"];
            return SambaAdJudge.Restore(await RunAsync([.. restore, $"--configfile={room.Scratch}/{_name}.conf"], cancellationToken));
        }

        public Task<RoomEnd> CheckAsync(CancellationToken cancellationToken) =>
            // Its list of what it corrected in thought names objects; the sum is its last line.
            RunAsync(["/bin/sh", "-c", """out=$1; shift; "$@" >"$out"; code=$?; tail -n 3 "$out"; rm -f "$out"; exit $code""", "sh", $"{room.Scratch}/{_name}.check", "samba-tool", "dbcheck", "--cross-ncs", .. Database], cancellationToken);

        public async Task<ProbeAnswer?> StartAsync(CancellationToken cancellationToken)
        {
            // Fits every policy on length and characters; it is gone with the room.
            var password = "Aa1-" + RandomNumberGenerator.GetHexString(40, lowercase: true);
            var made = await RunAsync(["samba-tool", "user", "create", Account, .. Database], cancellationToken, Encoding.UTF8.GetBytes($"{password}\n{password}\n"));
            if (!made.Succeeded)
                return made.TimedOut || Answer.WasKilled(made)
                    ? Answer.Unknown($"no throw-away account could be made (exit code {made.ExitCode})", $"aucun compte jetable n’a pu être créé (code de sortie {made.ExitCode})")
                    : Answer.Wrong($"the restored domain takes no new account (exit code {made.ExitCode})", $"le domaine restauré n’accepte aucun nouveau compte (code de sortie {made.ExitCode})");
            room.Write(_name + ".password", Encoding.UTF8.GetBytes(password));

            // It would answer in the restored domain's place.
            if ((await WhoAnswersAsync(cancellationToken)).ExitCode == 0)
                return Answer.Unknown("another directory already answers in this drill's room; give each domain a drill of its own", "un autre annuaire répond déjà dans la pièce de cet exercice ; donnez à chaque domaine son propre exercice");
            List<string> run =
            [
                "samba", "--foreground", "--no-process-group", "--model=single", Settings, "--option=server services=ldap", "--option=dcerpc endpoint servers=", "--option=ldap server require strong auth=no",
                "--option=tls enabled=no", $"--option=pid directory={Folder}/run", $"--option=ncalrpc dir={Folder}/ncalrpc",
            ];
            var server = room.Start(new RoomCommand(run) { Timeout = TimeSpan.FromDays(7), WorkingFolder = room.Scratch, AsRoot = true, MostOutputBytes = 4096 });
            var began = clock.GetTimestamp();
            while (clock.GetElapsedTime(began) < StartTime && !server.Ended.IsCompleted)
            {
                var asked = await WhoAnswersAsync(cancellationToken);
                if (asked.ExitCode == 0 && DomainName().Match(asked.OutputText) is { Success: true } domain)
                {
                    (_server, Base) = (server, domain.Groups[1].Value);
                    var realm = string.Join('.', Base.Split(',').Select(p => p[(p.IndexOf('=', StringComparison.Ordinal) + 1)..]));
                    _connection.AddRange(["-x", "-H", "ldap://127.0.0.1", "-D", $"{Account}@{realm}", "-y", $"{room.Scratch}/{_name}.password"]);
                    return null;
                }
                await Task.Delay(TimeSpan.FromMilliseconds(500), clock, cancellationToken);
            }
            var ended = server.Ended.IsCompleted;
            await server.KillAsync();
            var end = await server.Ended;
            return ended && !Answer.WasKilled(end)
                ? Answer.Wrong($"Samba does not start on the restored domain (exit code {end.ExitCode})", $"Samba ne démarre pas sur le domaine restauré (code de sortie {end.ExitCode})")
                : Answer.Unknown($"Samba did not answer within {StartTime.TotalSeconds:0} s", $"Samba n’a pas répondu en {StartTime.TotalSeconds:0} s");
        }

        public async Task<ProbeAnswer> AskAsync(long objects, DateTimeOffset startedAt, CancellationToken cancellationToken)
        {
            // Groups first: its answer tells whether the bind was taken.
            var groups = await CountAsync("(objectCategory=group)", cancellationToken);
            if (groups.ResultCode == LdapCounted.InvalidCredentials) return Answer.Wrong("the restored domain refuses an account that was just made in it", "le domaine restauré refuse un compte qui vient d’y être créé");
            var users = await CountAsync($"(&(objectCategory=person)(objectClass=user)(!(sAMAccountName={Account})))", cancellationToken);
            var computers = await CountAsync($"(&(objectCategory=computer)(!(sAMAccountName={Controller}$)))", cancellationToken);
            var tombstone = await Search.LargestAsync("CN=Directory Service,CN=Windows NT,CN=Services,CN=Configuration," + Base, "base", "(objectClass=*)", "tombstoneLifetime", cancellationToken);
            // The restore writes whenChanged, its own accounts and the krbtgt ones; these dates it leaves alone.
            var accounts = $"(&(|(objectCategory=person)(objectCategory=computer))(!(sAMAccountName={Account}))(!(sAMAccountName={Controller}$))(!(sAMAccountName=krbtgt*)))";
            var password = await Search.LargestAsync(Base, "sub", accounts, "pwdLastSet", cancellationToken, Pages);
            var logon = await Search.LargestAsync(Base, "sub", accounts, "lastLogonTimestamp", cancellationToken, Pages);
            var created = await Search.LargestAsync(Base, "sub", accounts, "whenCreated", cancellationToken, Pages);
            if (new[] { groups, users, computers, password, logon, created }.FirstOrDefault(c => !c.Answered) is { } unanswered)
                return Answer.Unknown($"Samba did not answer a search (result code {unanswered.ResultCode})", $"Samba n’a pas répondu à une recherche (code de résultat {unanswered.ResultCode})");
            foreach (var (name, nameFr, counted, least) in (ReadOnlySpan<(string, string, LdapCounted, long)>)
                [("users", "utilisateurs", users, engine.MinUsers), ("computers", "ordinateurs", computers, engine.MinComputers), ("groups", "groupes", groups, engine.MinGroups)])
                if (counted.Entries < least) return Answer.Wrong($"{counted.Entries} {name}, at least {least} expected", $"{counted.Entries} {nameFr}, au moins {least} attendus");

            DateTimeOffset?[] dates = [SambaAdJudge.FileTime(password.Largest), SambaAdJudge.FileTime(logon.Largest), created.Largest is { } text && GeneralizedTime.TryParse(text, out var at) ? at : null];
            // A single wrong date would hide a stale copy for ever.
            var newest = dates.Where(d => d <= startedAt).Max();
            var keptFor = long.TryParse(tombstone.Largest, NumberStyles.None, CultureInfo.InvariantCulture, out var days) && days is > 1 and < 36500 ? TimeSpan.FromDays(days) : UsualTombstone;
            if (SambaAdJudge.Age(newest, startedAt, engine.MachinePasswordAge, keptFor) is { } tooOld) return tooOld;
            return new ProbeAnswer(Verdict.Proved, new($"restored, checked ({objects} objects) and started: {users.Entries} users, {computers.Entries} computers, {groups.Entries} groups",
                $"restauré, vérifié ({objects} objets) et démarré : {users.Entries} utilisateurs, {computers.Entries} ordinateurs, {groups.Entries} groupes"))
            {
                Measures = new Dictionary<string, double> { ["objects"] = objects, ["users"] = users.Entries!.Value, ["computers"] = computers.Entries!.Value, ["groups"] = groups.Entries!.Value },
                NewestData = newest,
            };
        }

        public async ValueTask StopAsync()
        {
            if (_server is null) return;
            await _server.KillAsync();
            await RunAsync(["rm", "-rf", Folder], CancellationToken.None);
        }

        private Task<RoomEnd> WhoAnswersAsync(CancellationToken cancellationToken) =>
            RunAsync(["ldapsearch", "-x", "-H", "ldap://127.0.0.1", "-LLL", "-o", "ldif_wrap=no", "-b", "", "-s", "base", "(objectClass=*)", "defaultNamingContext"], cancellationToken);

        /// <summary>A domain gives out 1,000 entries at a time.</summary>
        private static string[] Pages => ["-E", "pr=1000/noprompt"];

        private LdapCount Search => new(room, _connection, engine.Timeout);

        private Task<LdapCounted> CountAsync(string filter, CancellationToken cancellationToken) => Search.EntriesAsync(Base, "sub", filter, cancellationToken, Pages);

        private Task<RoomEnd> RunAsync(List<string> run, CancellationToken cancellationToken, byte[]? input = null) =>
            room.RunAsync(new RoomCommand(run) { Timeout = engine.Timeout, WorkingFolder = room.Scratch, AsRoot = true, Input = input }, cancellationToken);
    }

    [GeneratedRegex(@"^defaultNamingContext: (DC=[^\r\n]{1,1000})$", RegexOptions.Multiline)]
    private static partial Regex DomainName();
}
