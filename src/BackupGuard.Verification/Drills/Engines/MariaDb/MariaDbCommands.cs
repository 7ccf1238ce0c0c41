using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace BackupGuard.Verification.Drills.Engines.MariaDb;

/// <summary>The programs of one throw-away server, with their arguments. Nothing here looks at an answer.</summary>
/// <param name="Data">Data directory as the room sees it.</param>
internal sealed partial record MariaDbCommands(string Service, string Data, string Scratch, TimeSpan Timeout)
{
    public string Log => Service + ".log";
    private string Socket => $"{Scratch}/{Service}.sock";

    /// <summary>
    /// The only settings that the server is given: of those that the backup names, no more than the shape of InnoDB's files. Without grant tables no plugin of the backup is
    /// loaded and everybody in the room may ask.
    /// </summary>
    public string Settings(string ofBackup) => $"""
        [mariadbd]
        datadir = {Data}
        socket = {Socket}
        pid-file = {Scratch}/{Service}.pid
        lc-messages-dir = /usr/share/mysql
        tmpdir = {Scratch}
        skip-networking
        skip-grant-tables
        skip-log-bin
        skip-slave-start
        skip-name-resolve
        event-scheduler = OFF
        local-infile = 0
        secure-file-priv = {Scratch}
        symbolic-links = 0
        default-time-zone = +00:00
        max-statement-time = 0
        max-allowed-packet = 1G
        innodb-flush-log-at-trx-commit = 0
        {string.Join("\n", Shape(ofBackup).Select(s => "loose-" + s))}

        """;

    /// <summary>What of backup-my.cnf says how the files are laid out. Paths, plugins and keys are left behind.</summary>
    public static IEnumerable<string> Shape(string ofBackup) => ShapeLine().Matches(ofBackup).Select(m => m.Value.TrimEnd('\r'));

    /// <summary>mariadb-backup reads this file itself: it is given nothing but the shape.</summary>
    public RoomCommand Clean() => RoomShell.Script("""
        set -eu
        chmod -R u+rwX "$1"
        cd "$1"
        rm -f my.cnf .my.cnf auto.cnf ./*.pid
        if [ -e backup-my.cnf ]; then rm -f backup-my.cnf; cp "$2" backup-my.cnf; fi
        """, Data, $"{Scratch}/{Service}.shape") with { Timeout = Timeout };

    public static RoomCommand Release() => new(["mariadbd", "--no-defaults", "--version"]);

    public RoomCommand Prepare() => RoomShell.Script("log=$1; shift; exec \"$@\" >\"$log\" 2>&1", $"{Scratch}/{Service}.prepare", "mariadb-backup", "--no-defaults", "--prepare", "--target-dir=" + Data) with { Timeout = Timeout, WorkingFolder = Scratch };

    public RoomCommand Initialize() => RoomShell.Script("""
        rm -rf "$1"; shift
        exec "$@" >/dev/null 2>&1
        """, Data, "mariadb-install-db", "--no-defaults", "--datadir=" + Data, "--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve") with { WorkingFolder = Scratch };

    public RoomCommand Serve() => RoomShell.Script("rm -f \"$2\"; log=$1; shift 2; exec \"$@\" >\"$log\" 2>&1", $"{Scratch}/{Log}", Socket, "mariadbd", $"--defaults-file={Scratch}/{Service}.cnf")
        with { Timeout = TimeSpan.FromDays(14), WorkingFolder = Scratch };

    public RoomCommand IsReady() => new(["mariadb-admin", "--no-defaults", "--socket=" + Socket, "--user=root", "--connect-timeout=10", "ping"]) { Timeout = TimeSpan.FromSeconds(30) };

    public RoomCommand Stop() => new(["mariadb-admin", "--no-defaults", "--socket=" + Socket, "--user=root", "shutdown"]) { Timeout = TimeSpan.FromMinutes(6) };

    /// <summary>In XML, where NULL is not the word NULL. The settings before it make it read-only and end it in time.</summary>
    public RoomCommand Ask(string? database, string query, TimeSpan timeout) => Client(["--xml"], database) with
    {
        Timeout = timeout + TimeSpan.FromSeconds(30), MostOutputBytes = 1 << 16,
        Input = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"set session transaction read only;\nset session max_statement_time = {timeout.TotalSeconds:0.###};\n{query}\n")),
    };

    /// <summary>A script whose statements go on after one that failed; fields separated by tabs.</summary>
    public RoomCommand Script(string script) => Client(["--batch", "--skip-column-names", "--force"], null) with { Timeout = Timeout, MostOutputBytes = 64 << 20, Input = Encoding.UTF8.GetBytes(script) };

    /// <summary>Names in hexadecimal: they may hold anything.</summary>
    public const string ListTables = """
        select 'table', hex(table_schema), hex(table_name), coalesce(engine, '') from information_schema.tables
         where table_type = 'BASE TABLE' and table_schema not in ('information_schema', 'performance_schema') order by table_schema, table_name;
        select 'end', '', '', '';

        """;

    /// <summary>For each table: its structure, its every column of its every row, and how many there are.</summary>
    public static string CheckScript(IEnumerable<MariaDbTable> tables)
    {
        var script = new StringBuilder();
        foreach (var (table, at) in tables.Select((t, i) => (t, i)))
            script.Append(CultureInfo.InvariantCulture, $"select 'begin', {at};\ncheck table {table.Quoted} extended;\nselect 'sum', {at};\nchecksum table {table.Quoted} extended;\nselect 'rows', count(*) from {table.Quoted};\n");
        return script.Append("select 'end', 0;\n").ToString();
    }

    public static string OnEachTable(string statement, IEnumerable<MariaDbTable> tables) =>
        "set session foreign_key_checks = 0;\n" + string.Concat(tables.Select(t => $"{statement} {t.Quoted};\n")) + "select 'end';\n";

    /// <summary>
    /// The header, the trailer, and how many tables there must be, in one pass. Lines of data are never looked at: each begins with INSERT, or with a parenthesis, and none with these words.
    /// </summary>
    public RoomCommand Look(string dump, MariaDbForm form) => RoomShell.Script($$"""
        {{Unpacked(form)}} | LC_ALL=C awk '
        $0 == "\001broken" { broken = 1; next }
        /^-- (MariaDB|MySQL) dump / { begun = 1; next }
        /^-- Host: .* Database: / { if (!named) print substr($0, 1, 1000); named = 1; next }
        /^-- Server version/ { if (!versioned) print substr($0, 1, 200); versioned = 1; next }
        /^-- Dump completed/ { complete = 1; next }
        /^USE `/ { uses = 1; internal = /^USE `(mysql|sys|information_schema|performance_schema)`/; next }
        /^CREATE TABLE / { if (!internal) tables++ }
        END { printf "\001state begun=%d complete=%d broken=%d uses=%d tables=%d\n", begun, complete, broken, uses, tables }'
        """, dump) with { Timeout = Timeout };

    public RoomCommand Load(string dump, MariaDbForm form, string? database)
    {
        string[] client = ["mariadb", "--no-defaults", "--socket=" + Socket, "--user=root", "--batch", "--max-allowed-packet=1G", .. database is null ? (string[])[] : ["--database=" + database]];
        // The client writes the whole statement before its error, and one statement may be a whole table: only the end is worth keeping.
        return RoomShell.Script($$"""
            dump=$1; shift
            said=$({ {{Unpacked(form).Replace("$1", "$dump", StringComparison.Ordinal)}}; } | { "$@" 2>&1 >/dev/null; printf '\n%s' "$?"; } | tail -c 4096)
            printf '%s\n' "$said" >&2
            exit "${said##*[!0-9]}"
            """, [dump, .. client]) with { Timeout = Timeout };
    }

    private static string Unpacked(MariaDbForm form) => form switch
    {
        MariaDbForm.Gzip => "{ gzip -dc \"$1\" || printf '\\n\\001broken\\n'; }",
        MariaDbForm.Zstd => "{ zstd -dcq \"$1\" || printf '\\n\\001broken\\n'; }",
        _ => "cat \"$1\"",
    };

    private RoomCommand Client(IEnumerable<string> options, string? database) =>
        new(["mariadb", "--no-defaults", "--socket=" + Socket, "--user=root", "--default-character-set=utf8mb4", "--connect-timeout=20", .. options, .. database is null ? (string[])[] : ["--database=" + database]]);

    [GeneratedRegex(@"^innodb_(?:page_size|data_file_path|undo_tablespaces|checksum_algorithm)=[A-Za-z0-9:;_.]{1,200}\r?$", RegexOptions.CultureInvariant | RegexOptions.Multiline)]
    private static partial Regex ShapeLine();
}

internal enum MariaDbForm { Plain, Gzip, Zstd }

internal sealed record MariaDbTable(string Database, string Name, string Engine)
{
    public string Quoted => Quote(Database) + "." + Quote(Name);
    public string Shown => Printable.Of($"{Database}.{Name}");
    public bool IsSystem => Database is "mysql" or "sys";
    public static string Quote(string name) => "`" + name.Replace("`", "``", StringComparison.Ordinal) + "`";
}
