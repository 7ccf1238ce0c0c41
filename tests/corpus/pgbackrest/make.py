#!/usr/bin/env python3
"""Makes the pgBackRest corpus anew: tests/corpus/pgbackrest/make.py WORK-FOLDER (not as root; needs PostgreSQL 15 and pgbackrest; the work folder is left behind).

The base is real: pgBackRest backs a PostgreSQL cluster with 1 MiB WAL segments up four times (full, diff, incr, full). Then all but a few files are taken away, names and times
are moved to 2024 so that no clock calls them the future, and manifests and backup.info are written again with their checksums. pgbackrest info, verify and restore accept the
result, and the tests ask it. What no tool writes (an edit with a right checksum) is forged with the same few lines.
"""
import hashlib, json, os, re, shutil, subprocess, sys

BIN = "/usr/lib/postgresql/15/bin/"
HERE = os.path.dirname(os.path.abspath(__file__))
WORK = os.path.abspath(sys.argv[1])
KEPT = re.compile(r"pg_data/(PG_VERSION|backup_label|postgresql\.auto\.conf|global/(pg_control|pg_filenode\.map|1262)|pg_xact/0000|base/5/(PG_VERSION|pg_filenode\.map|112|KEPT|13394))(?==)")
STANZA = "demo"


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def cluster():
    data, sock = f"{WORK}/data", f"{WORK}/sock"
    os.makedirs(sock)
    run(BIN + "initdb", "-D", data, "-A", "trust", "-k", "--wal-segsize=1")
    config = f"{WORK}/pgbackrest.conf"
    with open(config, "w") as file:
        file.write(f"[global]\nrepo1-path={WORK}/repo\nlog-path={WORK}/log\nlock-path={WORK}/lock\nspool-path={WORK}/spool\nlog-level-file=off\nstart-fast=y\n"
                   f"repo1-retention-full=9\n[{STANZA}]\npg1-path={data}\npg1-socket-path={sock}\n")
    with open(f"{data}/postgresql.conf", "w") as file:
        file.write(f"listen_addresses=''\nunix_socket_directories='{sock}'\narchive_mode=on\narchive_command='pgbackrest --config={config} --stanza={STANZA} archive-push %p'\n"
                   "wal_level=replica\nfsync=off\n")
    run(BIN + "pg_ctl", "-D", data, "-l", f"{WORK}/pg.log", "-w", "start")
    sql = lambda text: run(BIN + "psql", "-qAth", sock, "postgres", "-c", text)
    tool = lambda *verb: run("pgbackrest", f"--config={config}", f"--stanza={STANZA}", *verb)
    try:
        tool("stanza-create")
        sql("create table t as select g from generate_series(1, 200) g")
        for kind in ("full", "diff", "incr", "full"):
            tool("backup", f"--type={kind}")
            sql("insert into t values (1)")
        for _ in range(2):
            sql("insert into t values (2)")
            sql("select pg_switch_wal()")
        sql("select pg_sleep(2)")
        return os.path.basename(sql("select pg_relation_filepath('t')").strip())
    finally:
        run(BIN + "pg_ctl", "-D", data, "-m", "fast", "-w", "stop")


def sealed(lines):
    """The same lines with a right checksum: SHA-1 over {"section":{"key":value,...},...} in the order of the file."""
    text, section, is_open, any_yet = "", None, False, False
    kept = [l for l in lines if not l.startswith("backrest-checksum=")]
    for line in kept:
        if re.fullmatch(r"\[[^]]+\]", line):
            section, is_open = line[1:-1], False
        elif line:
            key, value = line.split("=", 1)
            text += ("," if is_open else ("}," if any_yet else "{") + f'"{section}":{{') + f'"{key}":{value}'
            is_open = any_yet = True
    digest = hashlib.sha1((text + "}}").encode()).hexdigest()
    while kept and kept[-1] in ("", "[backrest]"):
        kept.pop()
    return "\n".join(kept + ["", "[backrest]", f'backrest-checksum="{digest}"', ""])


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(text)


def pair(path, lines):
    for name in (path, path + ".copy"):
        write(name, sealed(lines))


def lines_of(path):
    with open(path) as file:
        return file.read().split("\n")


def moved(lines, labels, seconds):
    """Labels and times of 2024."""
    out = []
    for line in lines:
        for old, new in labels:
            line = line.replace(old, new)
        line = line.replace(f"{WORK}/data", "/var/lib/postgresql/15/main")
        out.append(re.sub(r'(timestamp[a-z-]*"?[:=])(\d{10})', lambda m: m[1] + str(int(m[2]) - seconds), line))
    return out


def trim(table):
    source, base = f"{WORK}/repo", f"{HERE}/_base/small"
    shutil.rmtree(f"{HERE}/_base", ignore_errors=True)
    real = sorted(d for d in os.listdir(f"{source}/backup/{STANZA}") if re.match(r"\d{8}-\d{6}F", d) and not os.path.islink(f"{source}/backup/{STANZA}/{d}"))
    fulls = [r for r in real if "_" not in r]
    names = {fulls[0]: "20240115-020000F", fulls[1]: "20240116-020000F"}
    for r in real:
        if "_" in r:
            names[r] = f"20240115-020000F_20240115-0{5 if r.endswith('D') else 7}0000{r[-1]}"
    labels = sorted(names.items(), key=lambda n: -len(n[0]))
    started = min(int(json.loads(l.split("=", 1)[1])) for r in real for l in lines_of(f"{source}/backup/{STANZA}/{r}/backup.manifest") if l.startswith("backup-timestamp-start="))
    seconds = started - 1705284000
    sizes = {}
    keep = re.compile(KEPT.pattern.replace("KEPT", table))
    for label in real:
        lines, kept = lines_of(f"{source}/backup/{STANZA}/{label}/backup.manifest"), []
        total = stored = section = 0
        for line in lines:
            section = line if line.startswith("[") else section
            if section == "[target:file]" and line and not line.startswith("["):
                if not keep.match(line):
                    continue
                name, value = line.split("=", 1)
                about = json.loads(value)
                total, stored = total + about["size"], stored + about.get("repo-size", about["size"])
                if "reference" not in about:
                    to = f"{base}/backup/{STANZA}/{names[label]}/{name}.gz"
                    os.makedirs(os.path.dirname(to), exist_ok=True)
                    shutil.copy(f"{source}/backup/{STANZA}/{label}/{name}.gz", to)
            kept.append(line)
        sizes[label] = (total, stored)
        pair(f"{base}/backup/{STANZA}/{names[label]}/backup.manifest", moved(kept, labels, seconds))
    info = []
    for line in lines_of(f"{source}/backup/{STANZA}/backup.info"):
        if (label := line.split("=")[0]) in sizes:
            line = re.sub(r'"backup-info-size":\d+', f'"backup-info-size":{sizes[label][0]}', line)
            line = re.sub(r'"backup-info-repo-size":\d+', f'"backup-info-repo-size":{sizes[label][1]}', line)
        info.append(line)
    pair(f"{base}/backup/{STANZA}/backup.info", moved(info, labels, seconds))
    archive = f"archive/{STANZA}/15-1"
    first = re.search(r'"([0-9A-F]{24})"', next(l for l in info if l.startswith(fulls[0] + "=")))[1]
    for folder in os.listdir(f"{source}/{archive}"):
        for name in os.listdir(f"{source}/{archive}/{folder}"):
            if name[:24] >= first and not name.endswith(".backup"):
                os.makedirs(f"{base}/{archive}/{folder}", exist_ok=True)
                shutil.copy(f"{source}/{archive}/{folder}/{name}", f"{base}/{archive}/{folder}/{name}")
    for name in ("archive.info", "archive.info.copy"):
        shutil.copy(f"{source}/archive/{STANZA}/{name}", f"{base}/archive/{STANZA}/{name}")
    for root, folders, files in os.walk(base):
        for name in folders + files:
            os.chmod(os.path.join(root, name), 0o755 if name in folders else 0o644)
    return base


FULL, DIFF, INCR, LAST = "20240115-020000F", "20240115-020000F_20240115-050000D", "20240115-020000F_20240115-070000I", "20240116-020000F"
B, A = f"backup/{STANZA}", f"archive/{STANZA}"


def vectors(base):
    for name in os.listdir(HERE):
        if os.path.isfile(f"{HERE}/{name}/vector.yaml"):
            shutil.rmtree(f"{HERE}/{name}")
    info = lines_of(f"{base}/{B}/backup.info")
    wal = {l: [json.loads(v.split("=", 1)[1])[k] for v in info if v.startswith(l + "=") for k in ("backup-archive-start", "backup-archive-stop")] for l in (FULL, DIFF, INCR, LAST)}
    folder = f"{A}/15-1/{wal[FULL][0][:16]}"
    segments = {n[:24]: f"{folder}/{n}" for n in sorted(os.listdir(f"{base}/{folder}"))}
    between = next(s for s in segments if wal[FULL][1] < s < wal[DIFF][0])
    after = next(s for s in segments if s > wal[LAST][1])

    def vector(name, about, expect, verdict, tool, damage=(), restore=(), put=(), because=None):
        text = f"about: {json.dumps(about)}\nbase: small\n"
        steps = [f"  - {d}" for d in damage] + [f"  - put: {{file: {to}, from: {os.path.basename(to)}}}" for to, _ in put]
        if steps:
            text += "damage:\n" + "\n".join(steps) + "\n"
        text += f"expect: [{', '.join(expect)}]\n" + (f"restore: [{', '.join(restore)}]\n" if restore else "") + f"verdict: {verdict}\ntool: {tool}\n"
        if because:
            text += f"because: {because}\n"
        write(f"{HERE}/{name}/vector.yaml", text)
        for to, content in put:
            write(f"{HERE}/{name}/{os.path.basename(to)}", content)

    def edited(change):
        """backup.info and its copy, changed, with a right checksum."""
        text = sealed([change(l) for l in info])
        return [(f"{B}/backup.info", text), (f"{B}/backup.info.copy", text)]

    control = f"{B}/{LAST}/pg_data/global/pg_control.gz"
    vector("undamaged", "Four backups by pgBackRest 2.45, nothing done to them.", ["BG1800"], "proved", "agrees", restore=["BG1824"])
    vector("file-deleted", "A file of the newest backup was deleted.", ["BG1804", "BG1814"], "failed", "agrees", [f"delete: {control}"], ["BG1823"])
    vector("file-truncated", "A file of the newest backup was cut.", ["BG1804", "BG1815"], "failed", "agrees", [f"truncate: {{file: {control}, to: 40}}"], ["BG1823"])
    vector("file-flipped", "One bit of a file of the newest backup was flipped; its length is right.", ["BG1804"], "failed", "agrees", [f"flip: {{file: {control}, at: 60, mask: 4}}"], ["BG1823"])
    vector("referred-file-deleted", "A file of the first full backup was deleted; the differential and the incremental backup refer to it.", ["BG1804", "BG1814"], "failed", "agrees", [f"delete: {B}/{FULL}/pg_data/base/5/112.gz"])
    vector("backup-deleted", "The folder of the first full backup was deleted; backup.info still lists it.", ["BG1812", "BG1804"], "failed", "agrees", [f"delete: {B}/{FULL}"])
    vector("all-backups-deleted", "Every backup was deleted and backup.info left: pgbackrest verify gives the status ok.", ["BG1812", "BG1821"], "failed", "misses", [f"delete: {B}/{l}" for l in (FULL, DIFF, INCR, LAST)], ["BG1823"])
    vector("manifests-deleted", "Both manifests of the newest backup were deleted: pgbackrest verify gives the status ok.", ["BG1804", "BG1812"], "failed", "misses", [f"delete: {B}/{LAST}/backup.manifest", f"delete: {B}/{LAST}/backup.manifest.copy"], ["BG1823"])
    vector("manifest-copy-deleted", "The copy of a manifest was deleted; the tool reads the other one and says nothing.", ["BG1810"], "failed", "misses", [f"delete: {B}/{LAST}/backup.manifest.copy"])
    vector("manifest-flipped", "One bit of a manifest was flipped; the tool reads the copy and says nothing.", ["BG1809", "BG1810"], "failed", "misses", [f"flip: {{file: {B}/{LAST}/backup.manifest, at: 400, mask: 1}}"], ["BG1809"])
    vector("info-flipped", "One bit of backup.info was flipped; the tool reads the copy and says nothing.", ["BG1809", "BG1810"], "failed", "misses", [f"flip: {{file: {B}/backup.info, at: 300, mask: 1}}"])
    vector("info-copy-deleted", "The copy of backup.info was deleted; the tool says nothing.", ["BG1810"], "failed", "misses", [f"delete: {B}/backup.info.copy"])
    vector("info-deleted", "backup.info and its copy were deleted.", ["BG1802"], "failed", "agrees", [f"delete: {B}/backup.info", f"delete: {B}/backup.info.copy"], ["BG1802"])
    vector("info-edited", "backup.info and its copy give a backup another WAL segment to end with; their checksums were made right.", ["BG1811"], "failed", "misses",
           put=edited(lambda l: l.replace(f'"backup-archive-stop":"{wal[LAST][1]}"', f'"backup-archive-stop":"{after}"')))
    vector("info-empties", "backup.info and its copy list no backup, with a right checksum; the backups are there.", ["BG1802"], "failed", "agrees",
           put=[(f"{B}/{n}", sealed([l for l in info if not re.match(r"\d{8}-", l) and l != "[backup:current]"])) for n in ("backup.info", "backup.info.copy")], restore=["BG1802"])
    vector("page-errors", "pgBackRest saw wrong page checksums in the cluster while it made the newest backup, and wrote it down.", ["BG1820"], "failed", "misses",
           put=edited(lambda l: l.replace('"backup-error":false', '"backup-error":true') if l.startswith(LAST) else l))
    future = lambda l: re.sub(r'("?backup-timestamp-(start|stop)"?[:=])\d{10}', r"\g<1>4102444800", l)
    manifest = sealed([future(l) for l in lines_of(f"{base}/{B}/{LAST}/backup.manifest")])
    vector("from-the-future", "The newest backup says that it was taken in 2100.", ["BG1826"], "inconclusive", "misses", restore=["BG1826"],
           put=edited(lambda l: future(l) if l.startswith(LAST) else l) + [(f"{B}/{LAST}/backup.manifest", manifest), (f"{B}/{LAST}/backup.manifest.copy", manifest)])
    vector("folder-not-listed", "The rest of an interrupted backup lies among the others.", ["BG1813"], "proved", "agrees", [f"copy: {{from: {B}/{LAST}/backup.manifest, to: {B}/20240117-020000F/backup.manifest.copy}}"])
    vector("archive-info-deleted", "archive.info and its copy were deleted.", ["BG1803", "BG1806", "BG1812"], "failed", "agrees", [f"delete: {A}/archive.info", f"delete: {A}/archive.info.copy"])
    vector("wal-needed-deleted", "A WAL segment that the newest backup needs was deleted: pgbackrest verify gives the status ok.", ["BG1816"], "failed", "misses", [f"delete: {segments[wal[LAST][0]]}"], ["BG1816"])
    vector("wal-after-deleted", "A WAL segment behind the newest backup was deleted: pgbackrest verify gives the status ok.", ["BG1817"], "failed", "misses", [f"delete: {segments[after]}"])
    vector("wal-between-deleted", "A WAL segment between two backups older than the newest full one is not there, as after a short archive retention.", ["BG1818"], "proved", "agrees", [f"delete: {segments[between]}"])
    vector("wal-all-deleted", "The whole archive was emptied: pgbackrest verify gives the status ok.", ["BG1816", "BG1821"], "failed", "misses", [f"delete: {A}/15-1"], ["BG1816"])
    vector("wal-flipped", "One bit of a WAL segment that the newest backup needs was flipped.", ["BG1805"], "failed", "agrees", [f"flip: {{file: {segments[wal[LAST][0]]}, at: 60, mask: 4}}"], ["BG1823"])
    other = segments[wal[LAST][0]]
    vector("wal-twice", "A WAL segment is there twice, with two contents.", ["BG1819"], "failed", "agrees", [f"copy: {{from: {segments[after]}, to: {other[:-len('0' * 40 + '.gz')]}{segments[after][-43:]}}}"])
    return len([n for n in os.listdir(HERE) if os.path.isdir(f"{HERE}/{n}")]) - 1


if __name__ == "__main__":
    if not os.path.isdir(f"{WORK}/repo"):
        table = cluster()
        write(f"{WORK}/table", table)
    print(vectors(trim(lines_of(f"{WORK}/table")[0])), "vectors")
