#!/usr/bin/python3 -I
"""Plays sqlcmd and a SQL Server behind it, for tests on machines that have neither.

What it prints follows the documented formats: sqlcmd's options -h, -s, -W, -b, its message lines ("Msg 824, Level 24, State 2, Server X, Line 1"),
the columns of RESTORE HEADERONLY and FILELISTONLY, DBCC CHECKDB under NO_INFOMSGS, ALL_ERRORMSGS. It is no proof of what a real server does.

Its world is the folder beside it: world.json (how it behaves), databases/ (what was restored), log (each call: arguments and environment).
A backup is 512 bytes of heading (magic, length and SHA-256 of the rest, JSON), then a JSON line with the rows of each table, then filling.
"""
import hashlib, json, os, re, sys, time

WORLD = os.path.join(os.path.dirname(os.path.abspath(sys.argv[0])), "world")
rules = json.load(open(os.path.join(WORLD, "world.json")))
databases = os.path.join(WORLD, "databases")
SERVER = "SRV-TEST"
HEADER = ("BackupName BackupDescription BackupType ExpirationDate Compressed Position DeviceType UserName ServerName DatabaseName DatabaseVersion DatabaseCreationDate BackupSize "
          "BackupStartDate BackupFinishDate HasBackupChecksums IsDamaged RecoveryModel").split()
FILES = "LogicalName PhysicalName Type FileGroupName Size MaxSize FileId".split()


def call():
    """Refuses what either sqlcmd does not know: -r, -X and -f behave differently in the two."""
    flags, values, given = "EbxIWC", "SUdlwsthQ", {}
    rest = sys.argv[1:]
    while rest:
        option = rest.pop(0)
        if option[:1] != "-" or len(option) != 2 or option[1] not in flags + values:
            print("Sqlcmd: '%s': Unknown Option. Enter '-?' for help." % option)
            sys.exit(1)
        given[option[1]] = rest.pop(0) if option[1] in values else True
    return given


class Ended(Exception):
    pass


class Client:
    def __init__(self, given):
        self.given, self.failed = given, False

    def rows(self, names, rows):
        if self.given.get("h") != "-1":
            print(self.given["s"].join(names))
            print(self.given["s"].join("-" * max(1, len(n)) for n in names))
        for row in rows:
            print(self.given["s"].join("NULL" if v is None else str(v).rstrip() for v in row))
        print()

    def error(self, number, level, text):
        words = ("Msg", "Level", "State", "Server", "Line")
        if rules.get("language") == "fr":
            words, text = ("Msg", "Niveau", "État", "Serveur", "Ligne"), "Un texte en français."
        print("%s %d, %s %d, %s %d, %s %s, %s %d" % (words[0], number, words[1], level, words[2], 1, words[3], SERVER, words[4], 1))
        print(text)
        self.failed = True
        # The one in Go stops at the first error where -b was given, the one with ODBC prints all.
        if rules.get("kind") == "go":
            raise Ended


def backup(path):
    try:
        content = open(path, "rb").read()
    except OSError:
        return None, (3201, "Cannot open backup device '%s'. Operating system error 5(Access is denied.)." % path)
    if content[:8] != b"TAPEMSSQ":
        return None, (3241, "The media family on device '%s' is incorrectly formed. SQL Server cannot process this media family." % path)
    head = json.loads(content[8:512].decode())
    return (head, content[512:]), None


def restore(client, statement, path, database):
    read, bad = backup(path)
    if bad:
        client.error(bad[0], 16, bad[1])
        client.error(3013, 16, "RESTORE is terminating abnormally.")
        return
    head, body = read
    if "HEADERONLY" in statement:
        sets = head.get("sets") or [{}]
        client.rows(HEADER, [["dpi full", None, s.get("type", 1), None, 0, i + 1, 2, "SA", head.get("server", "SRV-DPI"), "DPI", 904, "2024-01-01 00:00:00.000", len(body),
                              "2026-11-21 22:00:00.000", "2026-11-21 22:10:00.000", head.get("checksums", 1), s.get("damaged", 0), "FULL"] for i, s in enumerate(sets)])
        return
    if "FILELISTONLY" in statement:
        client.rows(FILES, [[head.get("logical", "DPI"), "E:\\data\\DPI.mdf", "D", "PRIMARY", len(body), 35184372080640, 1], ["DPI_log", "L:\\log\\DPI.ldf", "L", None, 8388608, 2199023255552, 2]])
        return
    if len(body) < head["length"]:
        client.error(3203, 16, "Read on \"%s\" failed: 38(Reached the end of the file.)" % path)
    elif head.get("checksums", 1) and hashlib.sha256(body).hexdigest() != head["sha256"]:
        client.error(3189, 16, "Damage to the backup set was detected.")
    if client.failed:
        client.error(3013, 16, ("VERIFY" if "VERIFYONLY" in statement else "RESTORE") + " DATABASE is terminating abnormally.")
        return
    if "VERIFYONLY" in statement:
        print("The backup set on file 1 is valid.")
        return
    if "REPLACE" in statement or os.path.exists(os.path.join(databases, database)):
        client.error(3159, 16, "The tail of the log for the database has not been backed up.")
    moves = re.findall(r"MOVE N'((?:[^']|'')*)' TO N'((?:[^']|'')*)'", statement)
    for logical in (head.get("logical", "DPI"), "DPI_log"):
        if logical.replace("'", "''") not in [m[0] for m in moves]:
            client.error(3234, 16, "Logical file '%s' is not part of database." % logical)
    if client.failed:
        return
    print("Processed 376 pages for database '%s', file 'DPI' on file 1." % database)
    if rules.get("fault") != "no-database":
        open(os.path.join(databases, database), "w").write(body.split(b"\n")[0].decode())


def load(database):
    return json.load(open(os.path.join(databases, database)))


def run(client, statement, context):
    named = re.search(r"BackupGuardDrill_[0-9a-f]{32}", statement)
    database = named.group(0) if named else None
    there = lambda name: os.path.exists(os.path.join(databases, name))
    say = lambda text: client.rows([""], [[text]])
    hexed = lambda text: text.encode("utf-16-le").hex().upper()
    if "ProductVersion" in statement:
        say("version 16.0.4165.4"), say("name " + hexed(rules.get("server", SERVER))), say("name " + hexed(SERVER))
    elif statement.startswith("RESTORE"):
        restore(client, statement, re.search(r"DISK = N'((?:[^']|'')*)'", statement).group(1).replace("''", "'"), database)
    elif "DBCC CHECKDB" in statement:
        if rules.get("fault") == "checkdb":
            client.error(8928, 16, "Object ID 245575913, index ID 1: Page (1:312) could not be processed. See other errors for details.")
            client.error(8939, 16, "Table error: Object ID 245575913. Page (1:312). Test (IS_OFF (BUF_IOERR, pBUF->bstat)) failed. Patient DUPONT.")
            print("CHECKDB found 0 allocation errors and 2 consistency errors in database '%s'." % database)
        if rules.get("fault") == "no-snapshot":
            client.error(7928, 16, "The database snapshot for online checks could not be created.")
        say("good " + rules.get("noted", "yes"))
    elif "IF DB_ID" in statement:
        if rules.get("fault") == "undroppable":
            client.error(3702, 16, "Cannot drop database because it is currently in use.")
        elif there(database):
            os.remove(os.path.join(databases, database))
        say("gone %d" % (not there(database)))
    elif statement.startswith("SELECT 'state"):
        say("state " + (rules.get("state", "ONLINE") if there(database) else "NONE"))
    elif statement.startswith("ALTER DATABASE"):
        rows = load(database)
        rows["#readonly"] = "READ_ONLY" in statement
        json.dump(rows, open(os.path.join(databases, database), "w"))
    elif "#names" in statement or "sys.foreign_keys" in statement:
        rows = load(context)
        tables = [t for t in rows if not t.startswith("#")]
        if "COUNT_BIG" in statement:
            for table in tables:
                if rules.get("unreadable") == table: say("bad %s 824" % hexed("[dbo].[%s]" % table))
                else: say("table %s %d" % (hexed("[dbo].[%s]" % table), rows[table]))
        elif "DELETE FROM" in statement and not rows.get("#readonly"):
            rows.update({t: 0 for t in tables})
        elif "DROP TABLE" in statement and not rows.get("#readonly"):
            rows = {}
        json.dump(rows, open(os.path.join(databases, context), "w"))
        if "#names" in statement: say("tables %d" % len(tables))
    else:
        rows, table = load(context), re.search(r"(?:from|update|into) (\w+)", statement)
        if not table or table.group(1) not in rows:
            client.error(208, 16, "Invalid object name 'patient'.")
        elif statement.startswith("select count"):
            client.rows([""], [[rows[table.group(1)]]])
        elif statement.startswith("select max"):
            client.rows([""], [[rules.get("newest")]])
        elif rows.get("#readonly"):
            client.error(3906, 16, "Failed to update database because the database is read-only.")
        else:
            rows[table.group(1)] = 0
            json.dump(rows, open(os.path.join(databases, context), "w"))


def main():
    if sys.argv[1:] == ["-?"]:
        print("Microsoft (R) SQL Server Command Line Tool\nVersion 18.4.0001.1 Linux" if rules.get("kind") != "go" else "sqlcmd: Install/Create/Query SQL Server, Azure SQL, and Tools\n\nVersion: v1.8.2\n")
        sys.exit(0)
    with open(os.path.join(WORLD, "log"), "a") as log:
        log.write(json.dumps({"arguments": sys.argv[1:], "environment": dict(os.environ)}) + "\n")
    given = call()
    if rules.get("fault") == "down" or ("U" in given and os.environ.get("SQLCMDPASSWORD") != rules.get("password")):
        sys.stderr.write("Sqlcmd: Error: Microsoft ODBC Driver 18 for SQL Server : Login failed for user.\n")
        sys.exit(1)
    batch = given["Q"]
    statement = bytes.fromhex(re.search(r"0x([0-9A-F]+)", batch).group(1)).decode("utf-16-le")
    mark, context = re.search(r"SELECT '(mark[0-9a-f]+) begin'", batch).group(1), re.search(r"EXEC @c = \[([^\]]+)\]", batch).group(1)
    with open(os.path.join(WORLD, "statements"), "a") as said:
        said.write(statement.replace("\n", " ") + "\n")
    meant = rules.get("on", "\0") in statement
    if meant and rules.get("fault") == "silent":
        sys.exit(0)
    client = Client(given)
    print("Changed language setting to us_english.")
    client.rows([""], [[mark + " begin"]])
    if meant and rules.get("fault") == "half":
        print("Processed 376 pa", end="")
        sys.exit(0)
    sys.stdout.flush()
    try:
        run(client, statement, context)
        if meant and rules.get("fault") == "hang":
            sys.stdout.flush()
            time.sleep(600)
        client.rows([""], [["%s end %d %d" % (mark, 3013 if client.failed else 0, 1)]])
    except Ended:
        pass
    code = 1 if client.failed and given.get("b") else 0
    sys.exit(rules["exit"] if meant and "exit" in rules else code)


main()
