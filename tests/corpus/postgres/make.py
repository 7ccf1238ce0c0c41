#!/usr/bin/env python3
"""Makes the PostgreSQL corpus anew: tests/corpus/postgres/make.py WORK-FOLDER (not as root; the work folder is left behind).

The bases are real: PostgreSQL 15 writes them with pg_basebackup, from a cluster with 1 MiB WAL segments. Then all but a few files are taken away, so that the corpus
stays small, and the manifest is written again without them, byte for byte as the server writes manifests. pg_verifybackup accepts the result, and the tests ask it.
Manifests of version 2, incremental backups and everything that no server writes are forged from PostgreSQL's documentation of the format.
"""
import hashlib, os, re, shutil, struct, subprocess, sys

BIN = "/usr/lib/postgresql/15/bin/"
HERE = os.path.dirname(os.path.abspath(__file__))
WORK = os.path.abspath(sys.argv[1])
KEPT = re.compile(r"PG_VERSION|backup_label|tablespace_map|postgresql\.auto\.conf|global/(pg_control|pg_filenode\.map|1262(_vm|_fsm)?|1260)|pg_xact/0000"
                  r"|base/5/(PG_VERSION|pg_filenode\.map|KEPT)|pg_tblspc/\d+/PG_[^/]+/5/(PG_VERSION|\d+)|pg_wal/.*")


def run(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, text=True, **options).stdout


def crc32c(data):
    table = []
    for n in range(256):
        for _ in range(8):
            n = (n >> 1) ^ 0x82F63B78 if n & 1 else n >> 1
        table.append(n)
    crc = 0xFFFFFFFF
    for b in data:
        crc = table[(crc ^ b) & 255] ^ (crc >> 8)
    return crc ^ 0xFFFFFFFF


def checksum(algorithm, data):
    if algorithm == "CRC32C":
        return struct.pack("<I", crc32c(data)).hex()
    return hashlib.new(algorithm.lower(), data).hexdigest()


def files_of(folder):
    found = {}
    for root, _, names in os.walk(folder, followlinks=True):
        for name in names:
            path = os.path.join(root, name)
            with open(path, "rb") as file:
                found[os.path.relpath(path, folder)] = file.read()
    return found


def entry(path, data, algorithm):
    text = '{ "Path": "%s", "Size": %d, "Last-Modified": "2026-11-21 08:30:00 GMT"' % (path, len(data))
    return text + (' }' if algorithm == "NONE" else ', "Checksum-Algorithm": "%s", "Checksum": "%s" }' % (algorithm, checksum(algorithm, data)))


def sealed(body):
    body = body.encode()
    return body + b'"Manifest-Checksum": "%s"}\n' % hashlib.sha256(body).hexdigest().encode()


def manifest(files, ranges, algorithm="SHA256", version=1, system=None, more=()):
    head = '{ "PostgreSQL-Backup-Manifest-Version": %d,\n' % version + ('"System-Identifier": %d,\n' % system if system is not None else "")
    listed = [entry(p, d, algorithm) for p, d in sorted(files.items()) if not p.startswith("pg_wal/") and p != "backup_manifest"] + list(more)
    wal = ['{ "Timeline": %s, "Start-LSN": "%s", "End-LSN": "%s" }' % r for r in ranges]
    return sealed(head + '"Files": [' + ("\n" + ",\n".join(listed) if listed else "") + '\n],\n"WAL-Ranges": [' + ("\n" + ",\n".join(wal) if wal else "") + "\n],\n")


def ranges_of(text):
    return re.findall(rb'"Timeline": (\d+), "Start-LSN": "([^"]+)", "End-LSN": "([^"]+)"', text)


def write(folder, files):
    for path, data in files.items():
        to = os.path.join(folder, path)
        os.makedirs(os.path.dirname(to), exist_ok=True)
        with open(to, "wb") as file:
            file.write(data)


def cluster(name):
    data = os.path.join(WORK, name)
    run(BIN + "initdb", "-D", data, "-k", "-A", "trust", "-U", "postgres", "--no-sync", "--wal-segsize=1")
    start(data)
    return data


def start(data):
    options = "-c listen_addresses='' -c unix_socket_directories=%s -c fsync=off -c autovacuum=off -c log_timezone=UTC" % WORK
    # Not through a pipe: the server would keep it open.
    subprocess.run([BIN + "pg_ctl", "-D", data, "-w", "-l", data + ".log", "-o", options, "start"], check=True, stdout=subprocess.DEVNULL)


def stop(data):
    run(BIN + "pg_ctl", "-D", data, "-w", "-m", "fast", "stop")


def psql(*statements):
    return run("psql", "-h", WORK, "-U", "postgres", "-qAt", *[x for s in statements for x in ("-c", s)]).strip()


def backup(name, *options):
    target = os.path.join(WORK, name)
    run(BIN + "pg_basebackup", "-h", WORK, "-U", "postgres", "-D", target, "-c", "fast", "--no-sync", "--manifest-checksums=SHA256", *options)
    return target


def reduced(folder, kept):
    files = files_of(folder)
    ranges = [tuple(x.decode() for x in r) for r in ranges_of(files["backup_manifest"])]
    pattern = re.compile(KEPT.pattern.replace("KEPT", kept))
    files = {p: d for p, d in files.items() if pattern.fullmatch(p) and not p.startswith("pg_wal/archive_status")}
    files["backup_manifest"] = manifest(files, ranges)
    return files, ranges


def vector(name, about, expect, verdict, tool, damage=(), base="small", because=None, **put):
    folder = os.path.join(HERE, name)
    os.makedirs(folder)
    for file, data in put.items():
        with open(os.path.join(folder, file), "wb") as to:
            to.write(data)
    lines = ['about: "%s"' % about, "base: " + base] + (["damage:"] + ["  - " + d for d in damage] if damage else [])
    lines += ["expect: [%s]" % ", ".join(expect), "verdict: " + verdict, "tool: " + tool] + (['because: "%s"' % because] if because else [])
    with open(os.path.join(folder, "vector.yaml"), "w") as to:
        to.write("\n".join(lines) + "\n")


def make_bases():
    os.makedirs(WORK + "/space", exist_ok=True)
    data = cluster("first")
    psql("create tablespace ext location '%s/space'" % WORK, "create table kept as select g, repeat('x', g % 90) as t from generate_series(1, 1500) g",
         "create table spaced (a int) tablespace ext", "insert into spaced select generate_series(1, 600)", "checkpoint")
    kept = psql("select pg_relation_filenode('kept')")
    plain = backup("plain", "-T", "%s/space=%s/space-plain" % (WORK, WORK))
    tar = backup("tar", "-Ft")
    stop(data)
    small, ranges = reduced(plain, kept)
    unpacked = os.path.join(WORK, "unpacked")
    os.makedirs(unpacked)
    for archive in os.listdir(tar):
        if not archive.endswith(".tar"):
            continue
        oid = archive[:-4]
        to = os.path.join(unpacked, {"base": "", "pg_wal": "pg_wal"}.get(oid, "pg_tblspc/" + oid))
        os.makedirs(to, exist_ok=True)
        run("tar", "-xf", os.path.join(tar, archive), "-C", to)
    shutil.copy(os.path.join(tar, "backup_manifest"), unpacked)
    whole, tar_ranges = reduced(unpacked, kept)

    data2 = cluster("second")
    stop(data2)
    open(data2 + "/standby.signal", "w").close()
    start(data2)
    run(BIN + "pg_ctl", "-D", data2, "-w", "promote")
    psql("create table kept as select generate_series(1, 300) g", "checkpoint")
    kept2 = psql("select pg_relation_filenode('kept')")
    promoted, promoted_ranges = reduced(backup("promoted"), kept2)
    stop(data2)

    base = os.path.join(HERE, "_base")
    shutil.rmtree(base, ignore_errors=True)
    write(base + "/small", small)
    write(base + "/promoted", promoted)
    archives = os.path.join(WORK, "archives")
    for archive, prefix in (("base", ""), ("pg_wal", "pg_wal/"), *[(o, "pg_tblspc/%s/" % o) for o in sorted({p.split("/")[1] for p in whole if p.startswith("pg_tblspc/")})]):
        tree = os.path.join(WORK, "tree-" + archive)
        chosen = {p[len(prefix):]: d for p, d in whole.items() if p.startswith(prefix) and p != "backup_manifest" and (prefix or not p.startswith(("pg_wal/", "pg_tblspc/")))}
        write(tree, chosen)
        os.makedirs(base + "/tar", exist_ok=True)
        # The server puts the label first.
        names = sorted(chosen, key=lambda p: (p not in ("backup_label", "tablespace_map"), p))
        run("tar", "--format=ustar", "--owner=0", "--group=0", "--mode=600", "-cf", archives + archive + ".tar", "-C", tree, *names)
        run("zstd", "-q", "--check", archives + archive + ".tar", "-o", "%s/tar/%s.tar.zst" % (base, archive))
        run("gzip", "-nk", archives + archive + ".tar")
    write(base + "/tar", {"backup_manifest": whole["backup_manifest"]})
    packed = {}
    for archive in ("base", "pg_wal"):
        with open(archives + archive + ".tar.gz", "rb") as file:
            packed[archive] = file.read()
    return small, ranges, whole, promoted, promoted_ranges, packed


def control(data, at, value):
    changed = bytearray(data)
    changed[at:at + len(value)] = value
    changed[288:292] = struct.pack("<I", crc32c(bytes(changed[:288])))
    return bytes(changed)


def make_vectors(small, ranges, whole, promoted, promoted_ranges, packed):
    system = struct.unpack("<Q", small["global/pg_control"][:8])[0]
    segment = next(p for p in small if re.fullmatch(r"pg_wal/[0-9A-F]{24}", p))
    table = max((p for p in small if re.fullmatch(r"base/5/\d+", p)), key=lambda p: len(small[p]))
    space = next(p for p in small if re.fullmatch(r"pg_tblspc/\d+/PG_[^/]+/5/\d+", p))
    oid = space.split("/")[1]
    start = int(ranges[0][1].split("/")[1], 16) % (1 << 20)

    def changed(**files):
        """The manifest of the base with these files changed: what an attacker, or a server that was wrong itself, would leave."""
        new = dict(small)
        for path, data in files.pop("files", {}).items():
            if data is None:
                new.pop(path)
            else:
                new[path] = data
        return manifest(new, files.pop("ranges", ranges), **files)

    put = "put: {file: backup_manifest, from: manifest}"
    vector("undamaged", "Nothing was done to it: this is what whole looks like.", [], "proved", "agrees")
    for algorithm in ("CRC32C", "SHA224", "SHA384", "SHA512"):
        vector("undamaged-" + algorithm.lower(), "The manifest with %s checksums." % algorithm, [], "proved", "agrees", [put], manifest=changed(algorithm=algorithm))
        vector("content-flipped-" + algorithm.lower(), "One bit of a table changed; the manifest has %s checksums." % algorithm, ["BG1610"], "failed", "agrees",
               [put, "flip: {file: %s, at: 5000, mask: 4}" % table], manifest=changed(algorithm=algorithm))
    vector("undamaged-version-2", "A manifest of version 2, forged from the documentation, with the right system identifier.", [], "proved", "stricter", [put],
           because="PostgreSQL 15 knows version 1 only", manifest=changed(version=2, system=system))
    vector("undamaged-encoded-path", "A path given as hexadecimal bytes, as the server does for names that are not UTF-8.", [], "proved", "agrees", [put],
           manifest=sealed(small["backup_manifest"].rsplit(b'"Manifest-Checksum"', 1)[0].decode().replace('"Path": "%s"' % table, '"Encoded-Path": "%s"' % table.encode().hex())))
    vector("undamaged-tar", "The tar format, zstd, with a tablespace: nothing was done to it.", [], "proved", "not-asked", base="tar", because="pg_verifybackup reads tar from PostgreSQL 18 on")
    vector("undamaged-promoted", "A cluster that was promoted: its timeline is 2, and the history of it lies beside the WAL.", [], "proved", "agrees", base="promoted")

    vector("no-checksums", "A backup without checksums is whole by name and size only: nobody knows more.", ["BG1611"], "inconclusive", "misses", [put], manifest=changed(algorithm="NONE"))
    vector("no-checksums-flipped", "Without checksums a changed table looks as whole as before.", ["BG1611", "BG1626"], "failed", "misses",
           [put, "flip: {file: %s, at: 5000, mask: 4}" % table], manifest=changed(algorithm="NONE"))
    vector("manifest-missing", "Without the manifest nothing says what should be there.", ["BG1601"], "failed", "agrees", ["delete: backup_manifest"])
    vector("manifest-cut", "The manifest ends in the middle.", ["BG1602"], "failed", "agrees", ["truncate: {file: backup_manifest, to: -300}"])
    vector("manifest-flipped", "One digit of a size in the manifest changed.", ["BG1603"], "failed", "agrees", ["flip: {file: backup_manifest, at: %d, mask: 1}" % (small["backup_manifest"].index(b'"Size": ') + 8)])
    body = small["backup_manifest"].rsplit(b'"Manifest-Checksum"', 1)[0].decode()
    vector("manifest-key-twice", "One file of the manifest has two sizes: programs differ in which they take.", ["BG1602"], "failed", "misses", [put],
           manifest=sealed(body.replace('"Size": ', '"Size": 77, "Size": ', 1)))
    vector("manifest-negative-size", "A size below zero.", ["BG1602"], "failed", "agrees", [put], manifest=sealed(re.sub(r'"Size": \d+', '"Size": -1', body, count=1)))
    vector("manifest-unknown-key", "A file of the manifest has a member that no server writes.", ["BG1602"], "failed", "agrees", [put], manifest=sealed(body.replace('"Size": ', '"Mode": 1, "Size": ', 1)))
    vector("manifest-unknown-algorithm", "A checksum algorithm that does not exist.", ["BG1602"], "failed", "agrees", [put], manifest=sealed(body.replace('"SHA256"', '"SHA999"', 1)))
    vector("manifest-checksum-too-short", "A checksum shorter than its algorithm gives could be met by many files.", ["BG1602"], "failed", "agrees", [put], manifest=sealed(re.sub(r'"Checksum": "[0-9a-f]{10}', '"Checksum": "', body, count=1)))
    vector("manifest-version-3", "A manifest of a version that does not exist yet: nothing may be said about it.", ["BG1604"], "inconclusive", "agrees", [put], manifest=changed(version=3))
    vector("manifest-empty", "A manifest that lists no file and no WAL: an empty backup passes as whole.", ["BG1005", "BG1614"], "failed", "misses",
           [put] + ["delete: " + f for f in ("PG_VERSION", "backup_label", "base", "global", "pg_xact", "pg_tblspc", "pg_wal")], manifest=manifest({}, []))
    vector("path-escapes", "The manifest lists a file above the data directory.", ["BG1605"], "failed", "agrees", [put], manifest=changed(more=[entry("../outside", b"x", "SHA256")]))
    vector("path-absolute", "The manifest lists an absolute path.", ["BG1605"], "failed", "agrees", [put], manifest=changed(more=[entry("/etc/outside", b"x", "SHA256")]))
    vector("path-twice", "The manifest lists one path twice.", ["BG1606"], "failed", "agrees", [put], manifest=changed(more=[entry("PG_VERSION", small["PG_VERSION"], "SHA256")]))
    vector("path-not-utf8", "The manifest lists a name that is not UTF-8 and that a folder cannot be asked for.", ["BG1631"], "inconclusive", "agrees", [put],
           manifest=changed(more=['{ "Encoded-Path": "62617365e92f78", "Size": 0, "Last-Modified": "2026-11-21 08:30:00 GMT" }']))

    vector("file-missing", "A table is gone.", ["BG1607"], "failed", "agrees", ["delete: " + table])
    vector("many-files-missing", "Six hundred files are gone: the findings are counted, not listed without end.", ["BG1607", "BG1632"], "failed", "agrees", [put],
           manifest=changed(more=[entry("base/5/9%04d" % n, b"", "SHA256") for n in range(600)]))
    vector("file-extra", "A file that the manifest does not list lies among the tables.", ["BG1608"], "failed", "agrees", ["copy: {from: PG_VERSION, to: base/5/99999}"])
    vector("file-longer", "A table got a byte more.", ["BG1609"], "failed", "agrees", ["append: {file: %s, hex: 00}" % table])
    vector("file-truncated", "A table lost its end.", ["BG1609"], "failed", "agrees", ["truncate: {file: %s, to: 8192}" % table])
    vector("file-emptied", "A table was emptied, as a copy to a full disk leaves it.", ["BG1609"], "failed", "agrees", ["truncate: {file: %s, to: 0}" % table])
    vector("content-flipped", "One bit of a table changed.", ["BG1610"], "failed", "agrees", ["flip: {file: %s, at: 5000, mask: 4}" % table])
    vector("label-flipped", "One bit of the backup label changed.", ["BG1610"], "failed", "agrees", ["flip: {file: backup_label, at: 30, mask: 1}"])

    vector("wal-missing", "The WAL segment that recovery needs is gone.", ["BG1612"], "failed", "agrees", ["delete: " + segment])
    vector("wal-record-flipped", "One bit of a WAL record changed; no manifest lists WAL, only the record's own checksum tells.", ["BG1613"], "failed", "agrees", ["flip: {file: %s, at: %d, mask: 16}" % (segment, start + 30)])
    vector("wal-emptied", "The record at which recovery begins was overwritten with its neighbour's place.", ["BG1613"], "failed", "agrees", ["flip: {file: %s, at: %d, mask: 255}" % (segment, start)])
    vector("wal-truncated", "The WAL segment was cut behind the range that recovery needs; the server refuses a segment of that length all the same.", ["BG1613"], "failed", "misses", ["truncate: {file: %s, to: 524288}" % segment])
    vector("wal-magic", "The first page of the segment does not begin as WAL does.", ["BG1613"], "failed", "agrees", ["flip: {file: %s, at: 0, mask: 64}" % segment])
    vector("wal-address", "The segment holds another part of the WAL than its name says.", ["BG1613"], "failed", "agrees", ["flip: {file: %s, at: 11, mask: 1}" % segment])
    vector("wal-other-timeline", "The pages of the segment belong to a later timeline than its name says.", ["BG1613"], "failed", "misses", ["flip: {file: %s, at: 4, mask: 6}" % segment])
    vector("wal-ranges-empty", "The manifest asks for no WAL: without any, no backup of a running server is consistent.", ["BG1614"], "failed", "misses", [put], manifest=changed(ranges=[]))
    vector("wal-range-backwards", "The WAL range ends before it begins.", ["BG1614"], "failed", "agrees", [put], manifest=changed(ranges=[(ranges[0][0], ranges[0][2], ranges[0][1])]))
    vector("wal-range-without-end", "The WAL range asks for more segments than any server wrote: checking them all would never end.", ["BG1629"], "failed", "agrees", [put], manifest=changed(ranges=[(ranges[0][0], ranges[0][1], "FFFFFF/0")]))
    vector("wal-range-overflow", "The WAL range ends at the last position that fits.", ["BG1614"], "failed", "agrees", [put], manifest=changed(ranges=[(ranges[0][0], ranges[0][1], "FFFFFFFF/FFFFFFFF")]))
    vector("history-missing", "The history of timeline 2 is gone.", ["BG1616"], "inconclusive", "misses", ["delete: pg_wal/00000002.history"], base="promoted")
    vector("history-malformed", "The history of timeline 2 names itself as its ancestor.", ["BG1615"], "failed", "misses", ["put: {file: pg_wal/00000002.history, from: history}"], base="promoted", history=b"2\t0/1000000\tno recovery target specified\n")

    label = small["backup_label"]
    other = label.replace(ranges[0][1].encode(), b"0/2000028")
    vector("label-elsewhere", "The label lets recovery begin elsewhere than the manifest: the server would start from a wrong place.", ["BG1617"], "failed", "misses",
           [put, "put: {file: backup_label, from: label}"], manifest=changed(files={"backup_label": other}), label=other)
    vector("label-not-listed", "The backup has no label and its manifest lists none: a server would start from pg_control and lose data in silence.", ["BG1617"], "failed", "misses",
           [put, "delete: backup_label"], manifest=changed(files={"backup_label": None}))
    vector("label-malformed", "The label holds no start position.", ["BG1617"], "failed", "misses", [put, "put: {file: backup_label, from: label}"], manifest=changed(files={"backup_label": b"LABEL: x\n"}), label=b"LABEL: x\n")
    wrong = bytearray(small["global/pg_control"])
    wrong[60] ^= 1
    vector("control-damaged", "The control file was damaged before the backup: the manifest's checksum is right, its own is not.", ["BG1618"], "failed", "misses",
           [put, "put: {file: global/pg_control, from: control}"], manifest=changed(files={"global/pg_control": bytes(wrong)}), control=bytes(wrong))
    newer = control(small["global/pg_control"], 8, struct.pack("<I", 9900))
    vector("control-of-newer-release", "The control file is of a release that is not known: nothing may be said about it.", ["BG1619"], "inconclusive", "misses",
           [put, "put: {file: global/pg_control, from: control}"], manifest=changed(files={"global/pg_control": newer}), control=newer)
    foreign = control(small["global/pg_control"], 0, struct.pack("<Q", system + 1))
    vector("control-of-other-cluster", "The control file belongs to another cluster than the WAL.", ["BG1620"], "failed", "misses",
           [put, "put: {file: global/pg_control, from: control}"], manifest=changed(files={"global/pg_control": foreign}), control=foreign)
    vector("version-2-other-cluster", "A manifest of version 2 that names another cluster.", ["BG1620", "BG1613"], "failed", "not-asked", [put], because="PostgreSQL 15 knows version 1 only", manifest=changed(version=2, system=system + 1))
    vector("version-2-without-identifier", "A manifest of version 2 that names no cluster.", ["BG1602"], "failed", "not-asked", [put], because="PostgreSQL 15 knows version 1 only", manifest=changed(version=2))
    vector("release-wrong", "PG_VERSION names another release than the one that wrote the WAL.", ["BG1621"], "failed", "misses", [put, "put: {file: PG_VERSION, from: version}"], manifest=changed(files={"PG_VERSION": b"14\n"}), version=b"14\n")

    vector("tablespace-missing", "A whole tablespace is gone.", ["BG1622"], "failed", "agrees", ["delete: pg_tblspc"])
    tablespaces = b"99999 /srv/elsewhere\n"
    vector("tablespace-map-wrong", "The map of tablespaces does not name the one that the backup holds.", ["BG1624"], "failed", "misses", [put, "put: {file: tablespace_map, from: map}"],
           manifest=changed(files={"tablespace_map": tablespaces}), map=tablespaces)
    incremental = label + b"INCREMENTAL FROM LSN: 0/1000028\nINCREMENTAL FROM TLI: 1\n"
    vector("incremental", "An incremental backup, forged from the documentation: whole, and worth nothing without the one before it.", ["BG1625"], "inconclusive", "misses",
           [put, "put: {file: backup_label, from: label}", "copy: {from: PG_VERSION, to: base/5/INCREMENTAL.1249}"],
           manifest=changed(files={"backup_label": incremental, "base/5/INCREMENTAL.1249": small["PG_VERSION"]}), label=incremental)
    page = bytearray(small[table])
    page[5000] ^= 4
    vector("page-damaged-before", "A block of a table was damaged before the backup, which copied it faithfully; the block's own checksum tells.", ["BG1626"], "failed", "misses",
           [put, "put: {file: %s, from: table}" % table], manifest=changed(files={table: bytes(page)}), table=bytes(page))
    swapped = small[table][8192:16384] + small[table][:8192] + small[table][16384:]
    vector("pages-swapped", "Two blocks of a table changed places before the backup: each is whole, and in the wrong place.", ["BG1626"], "failed", "misses",
           [put, "put: {file: %s, from: table}" % table], manifest=changed(files={table: swapped}), table=swapped)
    vector("settings-changed", "A setting was written after the backup, as pg_basebackup -R does: pg_verifybackup does not look at it, and people should.", ["BG1630"], "proved", "agrees",
           ["append: {file: postgresql.auto.conf, hex: 780a}"])
    vector("standby-signal", "A file was added that makes the server a standby.", ["BG1630"], "proved", "agrees", ["copy: {from: PG_VERSION, to: standby.signal}"])

    tar = dict(base="tar", because="pg_verifybackup reads tar from PostgreSQL 18 on")
    vector("tar-gzip", "The base archive and the WAL with gzip, the tablespace with zstd.", [], "proved", "not-asked",
           ["delete: base.tar.zst", "delete: pg_wal.tar.zst", "put: {file: base.tar.gz, from: archive}", "put: {file: pg_wal.tar.gz, from: wal}"], archive=packed["base"], wal=packed["pg_wal"], **tar)
    vector("tar-gzip-cut", "The base archive lost the last bytes of its gzip data.", ["BG1627"], "failed", "not-asked",
           ["delete: base.tar.zst", "put: {file: base.tar.gz, from: archive}", "truncate: {file: base.tar.gz, to: -9}"], archive=packed["base"], **tar)
    vector("tar-flipped", "One bit of the compressed base archive changed.", ["BG1627"], "failed", "not-asked", ["flip: {file: base.tar.zst, at: 4000, mask: 8}"], **tar)
    vector("tar-cut", "The base archive was cut.", ["BG1627"], "failed", "not-asked", ["truncate: {file: base.tar.zst, to: -500}"], **tar)
    vector("tar-lz4", "The base archive has a compression that is not read here: nothing may be said about it.", ["BG1628"], "inconclusive", "not-asked", ["move: {from: base.tar.zst, to: base.tar.lz4}"], **tar)
    vector("tar-tablespace-missing", "The archive of the tablespace is gone.", ["BG1622"], "failed", "not-asked", ["delete: %s.tar.zst" % oid], **tar)
    vector("tar-wal-missing", "The archive of the WAL is gone.", ["BG1612"], "failed", "not-asked", ["delete: pg_wal.tar.zst"], **tar)
    vector("tar-extra", "A file that no backup in tar format has lies beside the archives.", ["BG1608"], "failed", "not-asked", ["copy: {from: backup_manifest, to: notes.txt}"], **tar)
    vector("tar-base-twice", "The base archive is there twice: which one is restored depends on the program.", ["BG1606"], "failed", "not-asked", ["copy: {from: base.tar.zst, to: base.tar}"], **tar)


def main():
    if os.geteuid() == 0:
        sys.exit("PostgreSQL does not run as root: call this as another user.")
    for name in os.listdir(HERE):
        if os.path.isdir(os.path.join(HERE, name)):
            shutil.rmtree(os.path.join(HERE, name))
    make_vectors(*make_bases())


main()
