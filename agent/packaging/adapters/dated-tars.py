#!/usr/bin/env python3
"""A worked example of an adapter: a folder of NAME.tar.gz with NAME.tar.gz.sha256 beside each, NAME such as 20261122-0200 (UTC).

    agent.yaml:  address: "command:/usr/local/lib/backupguard/dated-tars.py"
                 tool: { arguments: [--folder, /srv/exports] }

The contract: src/BackupGuard.Verification/Formats/Driven/CONTRACT.md. It only reads, and takes nothing from its input.
"""
import argparse, datetime, gzip, hashlib, json, os, re, shutil, sys, tarfile

VERSION = "1.0"
EXIT = {"good": 0, "bad": 1, "unknown": 3}


def say(**line):
    print(json.dumps(line), flush=True)


def names(folder):
    return sorted(n[: -len(".tar.gz")] for n in os.listdir(folder) if re.fullmatch(r"\d{8}-\d{4}\.tar\.gz", n))


def list_snapshots(folder):
    for name in names(folder):
        with tarfile.open(f"{folder}/{name}.tar.gz") as tar:
            sizes = [m.size if m.isreg() else 0 for m in tar if m.isreg() or m.islnk()]
        taken = datetime.datetime.strptime(name, "%Y%m%d-%H%M").strftime("%Y-%m-%dT%H:%M:%SZ")
        say(type="snapshot", id=name, time=taken, files=len(sizes), bytes=sum(sizes))


def verify(folder):
    """Reads every byte; says what it compared with what."""
    outcome, reason, objects, read = "good", "", 0, 0
    stored = sum(os.path.getsize(f"{folder}/{n}.tar.gz") for n in names(folder))
    for name in names(folder):
        path, digest, size = f"{folder}/{name}.tar.gz", hashlib.sha256(), 0
        with open(path, "rb") as file:
            while piece := file.read(1 << 20):
                digest.update(piece)
                size += len(piece)
        objects, read = objects + 1, read + size
        say(type="object", name=f"{name}.tar.gz", bytes=size)
        say(type="progress", bytes=read, objects=objects, totalBytes=stored)
        try:
            with open(path + ".sha256") as file:
                expected = file.read().split()[0]
        except (OSError, IndexError):
            outcome, reason = ("unknown", f"{name} has no checksum") if outcome == "good" else (outcome, reason)
            continue
        if expected != digest.hexdigest():
            outcome, reason = "bad", "a checksum does not match"
            say(type="finding", severity="error", subject=f"{name}.tar.gz", message="its SHA-256 is not the one that was written beside it", code="CHECKSUM")
    return outcome, reason, objects, read, stored


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", required=True)
    parser.add_argument("verb", choices=["inspect", "verify", "restore"])
    parser.add_argument("snapshot", nargs="?")
    asked = parser.parse_args()
    if asked.verb == "restore":
        if asked.snapshot not in names(asked.folder):
            sys.exit("there is no such snapshot")
        with gzip.open(f"{asked.folder}/{asked.snapshot}.tar.gz") as tar:
            shutil.copyfileobj(tar, sys.stdout.buffer, 1 << 20)
        return 0
    say(type="hello", contract=os.environ["BACKUPGUARD_CONTRACT"], run=os.environ["BACKUPGUARD_RUN"], verb=asked.verb, tool="dated-tars", version=VERSION)
    newest = (names(asked.folder) or [""])[-1]
    try:
        outcome, reason, objects, read, stored = verify(asked.folder) if asked.verb == "verify" else ("good", "", 0, 0, 0)
        list_snapshots(asked.folder)
    except (OSError, tarfile.TarError, EOFError) as error:
        outcome, reason, objects, read, stored, newest = "unknown", str(error), 0, 0, 0, ""
    say(type="result", outcome=outcome, snapshot=newest, objectsRead=objects, bytesRead=read, bytesStored=stored, **({"reason": reason} if reason else {}))
    return EXIT[outcome]


if __name__ == "__main__":
    sys.exit(main())
