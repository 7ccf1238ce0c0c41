using System.Globalization;

namespace BackupGuard.Verification.Drills.Engines.Postgres;

/// <summary>The programs of one throw-away cluster, with their arguments. Nothing here looks at an answer.</summary>
/// <param name="Major">Release of the programs, as in /usr/lib/postgresql/15.</param>
/// <param name="Data">Data directory as the room sees it.</param>
internal sealed record PostgresCommands(string Major, string Service, string Data, string User, string Scratch, TimeSpan Timeout)
{
    public const char Field = '\u001F', Row = '\u001E';

    /// <summary>No value of a database is likely to be this, and no row that is only counted needs it.</summary>
    public const string Null = "\u0001NULL\u0001";

    /// <summary>Whatever the restored catalogue says about this user or database: nothing is preloaded, damage is not skipped, nobody is interrupted.</summary>
    public const string Session = "-c session_preload_libraries= -c local_preload_libraries= -c zero_damaged_pages=off -c ignore_checksum_failure=off"
        + " -c lock_timeout=0 -c idle_in_transaction_session_timeout=0 -c row_security=off -c client_min_messages=warning";

    public string Log => Service + ".log";
    private string Sockets => $"{Scratch}/{Service}.run";

    public string Program(string name) => $"/usr/lib/postgresql/{Major}/bin/{name}";

    /// <summary>
    /// The only settings that the server is given. Those of the backup are never read: they could run programs (archive_command, restore_command), load libraries, listen, or
    /// connect to production.
    /// </summary>
    public string Settings(int preparedTransactions, bool fetchesWal) => string.Create(CultureInfo.InvariantCulture, $"""
        listen_addresses = ''
        unix_socket_directories = '{Sockets}'
        hba_file = '{Scratch}/{Service}.hba'
        ident_file = '{Scratch}/{Service}.ident'
        external_pid_file = ''
        archive_mode = off
        primary_conninfo = ''
        hot_standby = off
        shared_preload_libraries = ''
        ssl = off
        logging_collector = off
        log_destination = 'stderr'
        log_line_prefix = '%e '
        log_min_messages = error
        log_min_error_statement = panic
        log_error_verbosity = terse
        log_checkpoints = off
        log_autovacuum_min_duration = -1
        lc_messages = 'C'
        timezone = 'UTC'
        log_timezone = 'UTC'
        fsync = off
        full_page_writes = off
        autovacuum = off
        wal_level = minimal
        max_wal_senders = 0
        max_logical_replication_workers = 0
        max_connections = 20
        max_locks_per_transaction = 1024
        max_prepared_transactions = {preparedTransactions}
        shared_buffers = 128MB
        dynamic_shared_memory_type = posix

        """) + (fetchesWal ? $"""
        restore_command = '/bin/sh {Scratch}/{Service}.fetch %f "%p"'
        recovery_target_timeline = 'latest'
        recovery_target_action = 'promote'

        """ : "");

    /// <summary>Whoever is in the room may be anybody: there is nobody else in it.</summary>
    public const string Access = "local all all trust\n";

    /// <summary>Takes an archived segment, as it is or compressed. A compressed one that is damaged ends recovery loudly (above 125), where 1 would pass for the archive's end.</summary>
    public string Fetch => $"""
        from="{Scratch}/{Service}.wal/$1"
        if [ -f "$from" ]; then exec cp "$from" "$2"; fi
        if [ -f "$from.gz" ]; then gzip -dc "$from.gz" > "$2" || exit 200; exit 0; fi
        if [ -f "$from.zst" ]; then zstd -dcq "$from.zst" > "$2" || exit 200; exit 0; fi
        if [ -f "$from.lz4" ]; then lz4 -dcq "$from.lz4" > "$2" || exit 200; exit 0; fi
        if [ -f "$from.xz" ]; then xz -dcq "$from.xz" > "$2" || exit 200; exit 0; fi
        exit 1

        """;

    /// <summary>Removes what a copy of a running server brings along and what would be obeyed; makes the folders that a backup may leave out.</summary>
    public RoomCommand Prepare(bool fetchesWal, string restored) => RoomShell.Script("""
        set -eu
        chmod -R u+rwX "$3"
        cd "$1"
        chmod 0700 .
        rm -rf postmaster.pid postmaster.opts postgresql.auto.conf recovery.conf recovery.done recovery.signal standby.signal backup_label.old tablespace_map pg_replslot
        for folder in pg_wal/archive_status pg_replslot pg_commit_ts pg_dynshmem pg_notify pg_serial pg_snapshots pg_stat pg_stat_tmp pg_subtrans pg_twophase pg_tblspc \
          pg_logical/snapshots pg_logical/mappings pg_xact pg_multixact/members pg_multixact/offsets; do mkdir -p "$folder"; done
        if [ "$2" = yes ]; then : > recovery.signal; fi
        """, Data, fetchesWal ? "yes" : "no", restored) with { Timeout = Timeout };

    /// <summary>Folders that the server wants to write to beside its data.</summary>
    public RoomCommand MakeSockets(string? wal) => RoomShell.Script("""
        set -eu
        rm -rf "$1"
        mkdir -m 0700 "$1"
        if [ -n "$3" ]; then ln -sfn "$3" "$2"; fi
        """, Sockets, $"{Scratch}/{Service}.wal", wal ?? "");

    /// <summary>Links of tablespaces and of the WAL, and where they lead: name, NUL, target, NUL.</summary>
    public RoomCommand Links() => RoomShell.Script("""cd "$1" && find pg_tblspc pg_wal -maxdepth 1 -type l -printf '%p\0%l\0' 2>/dev/null; true""", Data);

    /// <summary>Leads a link to the first of these folders that is there. Exit code 3: none is.</summary>
    public RoomCommand Link(string name, IEnumerable<string> candidates) => RoomShell.Script("""
        cd "$1" && name="$2" && shift 2 || exit 1
        for folder in "$@"; do
          if [ -d "$folder" ]; then
            mkdir -p "$(dirname "$name")" && rm -f "$name" && ln -s "$folder" "$name" && exit 0
            exit 1
          fi
        done
        exit 3
        """, [Data, name, .. candidates]);

    public RoomCommand ControlData() => new([Program("pg_controldata"), "-D", Data]) { Environment = new Dictionary<string, string> { ["LC_ALL"] = "C" } };

    /// <remarks>Its answers are kept in a file, where they can be read while it runs.</remarks>
    public RoomCommand Serve() => RoomShell.Script("log=$1; shift; exec \"$@\" >\"$log\" 2>&1", $"{Scratch}/{Log}", Program("postgres"), "-D", Data, "-c", $"config_file={Scratch}/{Service}.conf")
        with { Timeout = TimeSpan.FromDays(14), WorkingFolder = Scratch };

    public RoomCommand IsReady() => new([Program("pg_isready"), "-q", "-h", Sockets, "-t", "10"]) { Timeout = TimeSpan.FromSeconds(30), Environment = Variables("template1", "") };

    public RoomCommand Stop() => new([Program("pg_ctl"), "stop", "-D", Data, "-m", "fast", "-w", "-t", "300", "-s"]) { Timeout = TimeSpan.FromMinutes(6) };

    public RoomCommand Initialize() => RoomShell.Script("""rm -rf "$1" && shift && exec "$@" """, Data, Program("initdb"), "-D", Data, "-U", User, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions");

    /// <summary>One statement; fields and rows separated by control characters, NULL told apart from text.</summary>
    public RoomCommand Ask(string database, string query, TimeSpan timeout, bool readOnly) => new([Program("psql"), .. Plain, "-v", "ON_ERROR_STOP=1", "-c", query])
    {
        Timeout = timeout + TimeSpan.FromSeconds(30),
        Environment = Variables(database, string.Create(CultureInfo.InvariantCulture,
            $"{Session} -c statement_timeout={(long)timeout.TotalMilliseconds} -c TimeZone=UTC -c DateStyle=ISO{(readOnly ? " -c default_transaction_read_only=on" : "")}"), ("PGCLIENTENCODING", "UTF8")),
        MostOutputBytes = 1 << 16,
    };

    /// <summary>A script of the room, whose statements go on after one that failed.</summary>
    public RoomCommand Script(string database, string file, string options) => new([Program("psql"), .. Plain.Where(o => o != "-q"), "-f", $"{Scratch}/{file}"])
    {
        Timeout = Timeout, Environment = Variables(database, $"{Session} -c statement_timeout=0 {options}"), MostOutputBytes = 64 << 20,
    };

    /// <summary>Every row is read and thrown away, its large values too. COPY says how many there were.</summary>
    /// <param name="asksSizes">Whether a table that is shorter than the catalogue says is worth naming: not where statistics may have been loaded from elsewhere.</param>
    public static string ReadScript(bool asksSizes) => """
        \set VERBOSITY sqlstate
        select 'total', count(*) from pg_class c where c.relpersistence <> 't' and (c.relkind = 'r' or c.relkind = 'm' and c.relispopulated);
        """ + (asksSizes ? """

        select 'short', translate(n.nspname || '.' || c.relname, E'\n\r\t', '   ') from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where c.relkind in ('r', 'm') and c.relpersistence = 'p' and c.relpages > pg_relation_size(c.oid) / current_setting('block_size')::bigint;
        """ : "") + """

        select format('select %L, %L, %L', 'table', case when n.nspname in ('pg_catalog', 'information_schema', 'pg_toast') then 'system' else 'user' end,
            translate(n.nspname || '.' || c.relname, E'\n\r\t', '   ')),
          format('copy (select * from %s%I.%I) to %L', case c.relkind when 'r' then 'only ' else '' end, n.nspname, c.relname, '/dev/null')
         from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where c.relpersistence <> 't' and (c.relkind = 'r' or c.relkind = 'm' and c.relispopulated) order by c.oid \gexec
        \echo end

        """;

    /// <summary>Statements made from the catalogue, one for each table of users.</summary>
    public static string OnEachTable(string statement) => $"""
        \set VERBOSITY sqlstate
        set session_replication_role = replica;
        select format('{statement}', n.nspname, c.relname) from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
         where c.relkind in ('r', 'p') and not c.relispartition and c.relpersistence <> 't' and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast') \gexec
        \echo end

        """;

    /// <summary>Its complaints go to a file: they name values. What is told is how many there were, and how far it came.</summary>
    public RoomCommand Amcheck(bool thorough) => RoomShell.Script("""
        out="$1"; shift
        "$@" >"$out.found" 2>"$out.progress"
        code=$?
        printf 'heap %s\nindex %s\n' "$(grep -c '^heap table' "$out.found")" "$(grep -c '^btree index' "$out.found")"
        tail -n 1 "$out.progress" | tr '\r' '\n' | tail -n 1
        exit $code
        """, [$"{Scratch}/{Service}.amcheck", Program("pg_amcheck"), "--all", "--install-missing", "--progress", "--no-password", "--jobs=2", .. thorough ? (string[])["--heapallindexed", "--parent-check"] : []]) with
    {
        Timeout = Timeout, Environment = Variables("template1", $"{Session} -c statement_timeout=0"),
    };

    private static readonly string[] Plain = ["-X", "-q", "-A", "-t", "-w", "-F", Field.ToString(), "-R", Row.ToString(), "-P", "null=" + Null, "-v", "VERBOSITY=sqlstate"];

    internal Dictionary<string, string> Variables(string database, string options, params ReadOnlySpan<(string, string)> more)
    {
        // A name could also be read as a connection string where it is an argument; as a variable it is a name.
        var variables = new Dictionary<string, string>
        {
            ["PGHOST"] = Sockets, ["PGUSER"] = User, ["PGDATABASE"] = database, ["PGOPTIONS"] = options, ["PGCONNECT_TIMEOUT"] = "20", ["LC_ALL"] = "C.UTF-8", ["LC_MESSAGES"] = "C",
        };
        foreach (var (name, value) in more) variables[name] = value;
        return variables;
    }
}
