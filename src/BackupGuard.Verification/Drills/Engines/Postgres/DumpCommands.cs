namespace BackupGuard.Verification.Drills.Engines.Postgres;

internal enum DumpForm { Archive, Folder, Plain, PlainGzip, PlainZstd }

/// <summary>Programs that look at a dump and load it.</summary>
internal sealed record DumpCommands(PostgresCommands Server, string Dump, DumpForm Form)
{
    /// <summary>No dump holds a role of this name, so one that creates its own superuser does not meet it.</summary>
    public const string Superuser = "backupguard_drill";

    /// <summary>
    /// Lines of the schema that name what must be there before it is loaded, and at the end how complete it is. Rows of COPY are counted and not looked at. A stream that cannot
    /// be unpacked to its end says so in a line of its own.
    /// </summary>
    private const string Scan = """
        | LC_ALL=C awk '
        copying { if ($0 == "\\.") copying = 0; else rows++; next }
        /^COPY .* FROM stdin;$/ { copying = 1; next }
        $0 == "\001broken" { broken = 1; next }
        /^-- PostgreSQL database (cluster )?dump$/ { begun++; if ($0 ~ /cluster/) cluster = 1; next }
        /^-- PostgreSQL database (cluster )?dump complete$/ { complete++; next }
        /^(SET client_encoding|SET default_tablespace|SET SESSION AUTHORIZATION|ALTER .* OWNER TO |GRANT |REVOKE |ALTER DEFAULT PRIVILEGES |CREATE (SCHEMA .* AUTHORIZATION|POLICY|EXTENSION|DATABASE) |-- Dumped by )/ { if (!seen[$0]++) print substr($0, 1, 4000) }
        /^CREATE (UNLOGGED )?TABLE / { if (!seen[$0]++) tables++ }
        END { printf "\001state begun=%d complete=%d copying=%d broken=%d cluster=%d tables=%d rows=%d\n", begun, complete, copying, broken, cluster, tables, rows }'
        """;

    private string Unpacked => Form switch
    {
        DumpForm.PlainGzip => "{ gzip -dc \"$1\" || printf '\\n\\001broken\\n'; }",
        DumpForm.PlainZstd => "{ zstd -dcq \"$1\" || printf '\\n\\001broken\\n'; }",
        DumpForm.Plain => "cat \"$1\"",
        _ => "{ \"$2\" --schema-only -f - \"$1\" || printf '\\n\\001broken\\n'; }",
    };

    public bool IsArchive => Form is DumpForm.Archive or DumpForm.Folder;

    public static RoomCommand Releases() => RoomShell.Script("find /usr/lib/postgresql -mindepth 2 -maxdepth 2 -name bin -printf '%h\\n' 2>/dev/null; true");

    public RoomCommand List() => new([Server.Program("pg_restore"), "-l", Dump]) { Timeout = Server.Timeout, MostOutputBytes = 64 << 20, Environment = new Dictionary<string, string> { ["LC_ALL"] = "C" } };

    public RoomCommand Look() => RoomShell.Script(Unpacked + Scan, Dump, Server.Program("pg_restore")) with { Timeout = Server.Timeout, MostOutputBytes = 64 << 20 };

    public RoomCommand CreateDatabase(string name, string encoding) =>
        new([Server.Program("createdb"), "-T", "template0", "-E", encoding, "--locale=" + (encoding is "UTF8" ? "C.UTF-8" : "C"), "--", name]) { Environment = Server.Variables("postgres", "") };

    /// <summary>Folders for tablespaces that the dump names.</summary>
    public RoomCommand MakeFolders(int count) => RoomShell.Script("rm -rf \"$1\"; mkdir -p \"$1\" && cd \"$1\" && seq 1 \"$2\" | xargs -r mkdir -m 0700", Spaces, count.ToString(System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>Owners may do everything: what a view may read is not what is asked, and production's superusers are not known here.</summary>
    public string Names(DumpLook look) => string.Concat(look.Roles.Select(r => $"create role {DumpLook.Quoted(r)} superuser;\n"))
        + string.Concat(look.Tablespaces.Select((t, i) => $"create tablespace {DumpLook.Quoted(t)} location '{Spaces}/{i + 1}';\n"));

    private string Spaces => $"{Server.Scratch}/{Server.Service}.spaces";

    public RoomCommand Load(string database)
    {
        string[] psql = [Server.Program("psql"), "-X", "-q", "-w", "-v", "ON_ERROR_STOP=1", "-v", "VERBOSITY=sqlstate", "-o", "/dev/null"];
        var command = Form switch
        {
            DumpForm.Plain => new RoomCommand([.. psql, "-f", Dump]),
            DumpForm.PlainGzip => RoomShell.Script("dump=$1; shift; gzip -dc \"$dump\" | \"$@\" -f -", [Dump, .. psql]),
            DumpForm.PlainZstd => RoomShell.Script("dump=$1; shift; zstd -dcq \"$dump\" | \"$@\" -f -", [Dump, .. psql]),
            _ => new RoomCommand([Server.Program("pg_restore"), "--exit-on-error", "--no-password", "--no-tablespaces", "-d", database, Dump]),
        };
        return command with { Timeout = Server.Timeout, Environment = Server.Variables(database, PostgresCommands.Session + " -c statement_timeout=0") };
    }
}
