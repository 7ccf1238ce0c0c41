#!/usr/bin/env python3
"""Checks BackupGuard evidence without BackupGuard: an evidence pack (zip or unpacked folder) or a log as static files.

Written from src/BackupGuard.Evidence/FORMAT.md and from nothing else, so that a mistake of the one verifier is seen by the other.
Needs Python 3.9 and the openssl command (for ECDSA on P-256 and RFC 3161); no package, no network.

    verify_pack.py --key VKEY|--policy FILE [--at TIME] [--format text|json] PATH...

Exit code, of several the largest: 0 sound, 1 broken, 2 incomplete or wrong usage, 3 policy not met.
"""
import base64, binascii, datetime, hashlib, json, math, os, re, stat, struct, subprocess, sys, tempfile, unicodedata, zlib

WARNINGS = {"BG2014", "BG2017", "BG2018", "BG2054"}
DAY = datetime.timedelta(hours=24)
MAX_ARCHIVE, MAX_UNPACKED, MAX_FILE, MAX_FILES, MAX_NAME, MAX_RATIO = 256 << 20, 512 << 20, 16 << 20, 40_000, 128, 100
MAX_ENTRY, MAX_NOTE, MAX_MANIFEST = 65_535, 65_536, 16 << 20


class Problem(Exception):
    def __init__(self, code, about):
        super().__init__(f"{code} {about}")
        self.code, self.about = code, about


def b64(text, code, about):
    """Base64 in its one canonical spelling."""
    try:
        value = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Problem(code, about) from None
    if base64.b64encode(value).decode() != text:
        raise Problem(code, about)
    return value


# ---- Keys and signatures (sections 3 and 6) ----------------------------------------------------

SPKI = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200")
P = 2**256 - 2**224 + 2**192 + 2**96 - 1
B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B


class Key:
    def __init__(self, spki):
        if len(spki) != 91 or not spki.startswith(SPKI) or spki[26] != 4:
            raise ValueError("not an ECDSA P-256 key")
        x, y = int.from_bytes(spki[27:59], "big"), int.from_bytes(spki[59:], "big")
        if x >= P or y >= P or (y * y - x * x * x + 3 * x - B) % P:
            raise ValueError("not a point of P-256")
        self.spki, self.id = spki, hashlib.sha256(spki).hexdigest()[:8]


class OpenSsl:
    """Signatures by the openssl command; an answer is remembered, because packs share records."""

    def __init__(self, folder):
        self.folder, self.known = folder, {}

    def verify(self, key, signature, data):
        question = (key.spki, signature, hashlib.sha256(data).digest())
        if question not in self.known:
            self.known[question] = len(signature) <= 72 and self.ask(key, signature, data)
        return self.known[question]

    def ask(self, key, signature, data):
        pem, sig = os.path.join(self.folder, key.id + ".pem"), os.path.join(self.folder, "signature")
        text = base64.encodebytes(key.spki).decode()
        with open(pem, "w") as file:
            file.write(f"-----BEGIN PUBLIC KEY-----\n{text}-----END PUBLIC KEY-----\n")
        with open(sig, "wb") as file:
            file.write(signature)
        done = subprocess.run(["openssl", "dgst", "-sha256", "-verify", pem, "-signature", sig], input=data, capture_output=True)
        return done.returncode == 0


    def token(self, token):
        """The signed content of a time stamp's token, whoever signed it."""
        return self.run(["cms", "-verify", "-noverify", "-inform", "DER", "-binary"], token)

    def is_stamped(self, token, imprint, roots, at):
        """Whether the token, over this imprint, leads to one of these roots at that time (seconds since 1970)."""
        pem, file = os.path.join(self.folder, "roots.pem"), os.path.join(self.folder, "token")
        with open(pem, "w") as out:
            out.writelines(f"-----BEGIN CERTIFICATE-----\n{base64.encodebytes(r).decode()}-----END CERTIFICATE-----\n" for r in roots)
        with open(file, "wb") as out:
            out.write(token)
        return self.run(["ts", "-verify", "-digest", imprint.hex(), "-in", file, "-token_in", "-CAfile", pem, "-attime", str(at)], b"") is not None

    @staticmethod
    def run(arguments, data):
        done = subprocess.run(["openssl", *arguments], input=data, capture_output=True)
        return done.stdout if done.returncode == 0 else None


def is_note_name(name):
    bad = lambda c: c.isspace() or unicodedata.category(c) == "Cc" or c == "+" or "\ud800" <= c <= "\udfff" or c > "\uffff"
    return 0 < len(name) <= 255 and not any(map(bad, name))


class LogKey:
    def __init__(self, text):
        parts = text.split("+", 2)
        if len(parts) != 3 or not is_note_name(parts[0]):
            raise ValueError("not name+id+base64")
        value = base64.b64decode(parts[2], validate=True)
        if base64.b64encode(value).decode() != parts[2] or value[:1] != b"\x02":
            raise ValueError("not an ECDSA key")
        self.name, self.key = parts[0], Key(value[1:])
        if self.key.id != parts[1]:
            raise ValueError("the id is not that of the key")


# Of a token's signer, as object identifiers in DER: which signature algorithms go with its digest.
RSA, ECDSA = "2a864886f70d0101", "2a8648ce3d0403"
TOKEN_ALGORITHMS = {
    bytes.fromhex(f"0609608648016503040{digest}"): {bytes.fromhex(f"0609{RSA}01"), bytes.fromhex(f"0609{RSA}0a"), bytes.fromhex(f"0609{RSA}{rsa}"), bytes.fromhex(f"0608{ECDSA}{ecdsa}")}
    for digest, rsa, ecdsa in (("201", "0b", "02"), ("202", "0c", "03"), ("203", "0d", "04"))
}


def root_certificate(text):
    """DER of a self-signed certificate (section 12)."""
    bad = Problem("BG2029", "a root of an authority")
    der = b64(text, "BG2029", "a root of an authority")
    hashes = OpenSsl.run(["x509", "-inform", "DER", "-noout", "-subject_hash", "-issuer_hash"], der)
    try:
        tag, _, rest = der_next(der)
    except ValueError:
        raise bad from None
    if hashes is None or tag != 0x30 or rest or len(set(hashes.split())) != 1:
        raise bad
    return der


def der_next(data):
    """Tag, content and what follows of the first value in DER."""
    if len(data) < 2:
        raise ValueError("cut off")
    tag, length, at = data[0], data[1], 2
    if length >= 0x80:
        at += length - 0x80
        length = int.from_bytes(data[2:at], "big")
        if length < 0x80 or data[2] == 0:
            raise ValueError("not the shortest length")
    if at > len(data) or len(data) - at < length:
        raise ValueError("cut off")
    return tag, data[at : at + length], data[at + length :]


COSIGNATURE = b"\xffbackupguard ecdsa-p256 cosignature v1"


class Policy:
    """Section 12."""

    def __init__(self, logs, quorum=b"none", witnesses=(), groups=(), authorities=()):
        self.logs, self.quorum, self.witnesses, self.groups, self.authorities = logs, quorum, dict(witnesses), dict(groups), dict(authorities)

    def met(self, name, witnessed):
        if name in self.groups:
            threshold, members = self.groups[name]
            return sum(self.met(m, witnessed) for m in members) >= threshold
        return name == b"none" or name in witnessed

    @staticmethod
    def parse(data):
        logs, names, members, keys, counts, quorum = [], {b"none"}, set(), set(), {}, None
        witnesses, groups, authorities = {}, {}, {}

        def demand(holds, what):
            if not holds:
                raise Problem("BG2029", what)

        demand(len(data) <= 65_536 and data.endswith(b"\n"), "its size or its last line")
        for line in data[:-1].split(b"\n"):
            demand(not any((c < 0x20 and c != 9) or c == 0x7F for c in line), "a control character")
            items = [i for i in re.split(rb"[ \t]+", line) if i]
            if not items or items[0].startswith(b"#"):
                continue
            kind = items[0]
            counts[kind] = counts.get(kind, 0) + 1
            demand(counts[kind] <= 64, "too many lines of a kind")
            if kind == b"log" and len(items) in (2, 3):
                try:
                    log = LogKey(items[1].decode("utf-8"))
                except ValueError:
                    raise Problem("BG2029", "the key of a log") from None
                demand(("log", log.key.spki) not in keys, "a log twice")
                keys.add(("log", log.key.spki))
                logs.append(log)
            elif kind == b"witness" and len(items) in (3, 4):
                demand(items[1] not in names, "a name twice")
                names.add(items[1])
                demand(items[2].count(b"+") >= 2, "the key of a witness")
                name, key_id, rest = items[2].split(b"+", 2)
                value = b64(rest.decode("latin-1"), "BG2029", "the key of a witness")
                demand(len(value) > 1, "the key of a witness")
                digest = hashlib.sha256(value[1:] if value[0] == 2 else name + b"\n" + value).hexdigest()[:8]
                demand(digest.encode() == key_id, "the id of a witness")
                demand(("witness", value[1:]) not in keys, "a witness twice")
                keys.add(("witness", value[1:]))
                try:
                    # Section 13; a key of another type is not judged.
                    witnesses[items[1]] = (name.decode("utf-8"), digest, Key(value[len(COSIGNATURE) :])) if value.startswith(COSIGNATURE) else None
                except ValueError:
                    witnesses[items[1]] = None
            elif kind == b"tsa" and len(items) in (3, 4):
                demand(re.fullmatch(rb"[a-z0-9][a-z0-9_-]{0,31}", items[1]) and items[1] not in names, "the name of an authority")
                names.add(items[1])
                authorities[items[1]] = [root_certificate(text.decode("latin-1")) for text in items[2].split(b",")]
            elif kind == b"group" and len(items) >= 4:
                for member in items[3:]:
                    demand(member != b"none" and member in names and member not in members, "a member of a group")
                    members.add(member)
                demand(items[2] in (b"all", b"any") or (re.fullmatch(rb"[1-9][0-9]{0,8}", items[2]) and int(items[2]) <= len(items) - 3), "a threshold")
                demand(items[1] not in names, "a name twice")
                names.add(items[1])
                groups[items[1]] = (len(items) - 3 if items[2] == b"all" else 1 if items[2] == b"any" else int(items[2]), items[3:])
            elif kind == b"quorum" and len(items) == 2:
                demand(quorum is None and items[1] in names, "the quorum")
                quorum = items[1]
            else:
                raise Problem("BG2029", "a line of no known kind")
        demand(logs and quorum is not None, "no log, or no quorum")
        return Policy(logs, quorum, witnesses, groups, authorities)


# ---- Canonical JSON and entries (section 2) ----------------------------------------------------


class Number:
    def __init__(self, literal):
        self.literal, self.value = literal, float(literal)
        if not math.isfinite(self.value):
            raise ValueError("too large")
        self.text = ecma(self.value)
        self.integer = not set(literal) & set(".eE")
        if self.integer and self.text != literal and self.value != 0:
            raise ValueError("digits that a double does not keep")


def ecma(value):
    """Number::toString of ECMA-262; repr gives the same shortest digits."""
    if value == 0:
        return "0"
    sign, value = ("-" if value < 0 else ""), abs(value)
    mantissa, _, exponent = repr(value).partition("e")
    whole, _, fraction = mantissa.partition(".")
    fraction = "" if fraction == "0" else fraction
    digits, point = (whole + fraction).lstrip("0"), len(whole) + int(exponent or 0)
    point -= len(whole + fraction) - len((whole + fraction).lstrip("0"))
    digits = digits.rstrip("0")
    n = len(digits)
    if n <= point <= 21:
        return sign + digits + "0" * (point - n)
    if 0 < point <= 21:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    mantissa = digits if n == 1 else f"{digits[0]}.{digits[1:]}"
    return f"{sign}{mantissa}e{'+' if point > 0 else '-'}{abs(point - 1)}"


def refuse(_):
    raise ValueError("not JSON")


def pairs(members):
    names = [name for name, _ in members]
    if len(set(names)) != len(names):
        raise ValueError("a member twice")
    return dict(members)


def canonical(value, depth=0):
    if depth > 32 and isinstance(value, (dict, list)):
        raise ValueError("too deep")
    if isinstance(value, dict):
        keys = sorted(value, key=lambda k: k.encode("utf-16-be"))
        return "{" + ",".join(string(k) + ":" + canonical(value[k], depth + 1) for k in keys) + "}"
    if isinstance(value, list):
        return "[" + ",".join(canonical(v, depth + 1) for v in value) + "]"
    if isinstance(value, str):
        return string(value)
    if isinstance(value, Number):
        return value.text
    return {True: "true", False: "false", None: "null"}[value]


def string(text):
    text.encode("utf-8")  # half of a pair is refused here
    short = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}
    return '"' + "".join(short.get(c) or (f"\\u{ord(c):04x}" if c < " " else c) for c in text) + '"'


def read_json(data, limit, malformed, not_canonical):
    """The value, if the bytes are exactly its canonical form."""
    try:
        if len(data) > limit:
            raise ValueError("too large")
        value = json.loads(data.decode("utf-8"), parse_int=Number, parse_float=Number, parse_constant=refuse, object_pairs_hook=pairs)
        # The outermost value is at depth 1.
        again = canonical(value, 1).encode("utf-8")
    except (ValueError, RecursionError):
        raise Problem(malformed, "not strict JSON") from None
    if again != data:
        raise Problem(not_canonical, "not canonical")
    return value


def time_of(text):
    if not isinstance(text, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z", text):
        raise ValueError("not a time")
    return datetime.datetime.strptime(text[:-1] + "000", "%Y-%m-%dT%H:%M:%S.%f")


def integer(value, least=-(2**63), most=2**63 - 1):
    if not isinstance(value, Number) or not value.integer:
        raise ValueError("not an integer")
    number = int(value.literal)
    if not least <= number <= most:
        raise ValueError("out of range")
    return number


def matching(value, form):
    if not isinstance(value, str) or not re.fullmatch(form, value):
        raise ValueError("not of the form")
    return value


MEMBERS = ["algorithm", "application", "counter", "id", "intent", "key", "occurredAt", "origin", "payload", "previous", "recordedAt", "schema", "softwareVersion", "type"]


class Entry:
    def __init__(self, data):
        if len(data) > MAX_ENTRY:
            raise Problem("BG2003", "an entry is too large")
        value = read_json(data, MAX_ENTRY, "BG2001", "BG2002")
        try:
            self.read(value)
        except ValueError as e:
            raise Problem("BG2001", str(e)) from None
        self.hash = hashlib.sha256(data).hexdigest()

    def read(self, value):
        if not isinstance(value, dict) or list(value) != MEMBERS:
            raise ValueError("other members")
        if value["schema"] != "backupguard.evidence/v1" or value["algorithm"] != "ecdsa-p256-sha256":
            raise ValueError("another schema or algorithm")
        self.origin = matching(value["origin"], r"server|agent:[a-z0-9][a-z0-9._-]{0,62}")
        self.key = matching(value["key"], r"[0-9a-f]{8}")
        self.counter = integer(value["counter"], 1, 2**53 - 1)
        self.previous = value["previous"] if value["previous"] is None else matching(value["previous"], r"[0-9a-f]{64}")
        matching(value["id"], r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
        self.recorded_text, self.recorded = value["recordedAt"], time_of(value["recordedAt"])
        if value["occurredAt"] is not None:
            time_of(value["occurredAt"])
        self.type = matching(value["type"], r"(?=.{1,64}\Z)[a-z0-9-]+(\.[a-z0-9-]+)*")
        self.application = value["application"]
        if not isinstance(self.application, str) or len(self.application.encode("utf-16-be")) > 256:
            raise ValueError("application")
        if any(c <= "\uffff" and unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp") for c in self.application):
            raise ValueError("application")
        self.intent = value["intent"] if value["intent"] is None else integer(value["intent"], 1, self.counter - 1)
        matching(value["softwareVersion"], r"[\x21-\x7e]{1,64}")
        self.payload = value["payload"]
        if not isinstance(self.payload, dict) or (self.previous is None) != (self.counter == 1):
            raise ValueError("payload or previous")

    is_intent = property(lambda self: self.type.endswith(".intent"))

    def text(self, name):
        value = self.payload.get(name)
        return value if isinstance(value, str) else None


# ---- Who may sign, and in which order (sections 2, 4, 7) ----------------------------------------


class Signer:
    def __init__(self, origin, key):
        self.origin, self.key, self.retired, self.counter, self.hash, self.index, self.open, self.gaps = origin, key, False, 0, None, None, {}, []


class Chains:
    def __init__(self, openssl, server_key, problems, named_gaps=None):
        """named_gaps: for a part of a log, the (key, first, last) that are gaps of the whole; None for a whole log."""
        self.openssl, self.problems, self.named_gaps, self.gaps = openssl, problems, named_gaps, []
        self.signers = {server_key.id: Signer("server", server_key)}
        self.registered, self.waiting, self.clocks_named = {}, {}, set()

    def problem(self, code, about):
        self.problems.append(Problem(code, about))

    def take(self, index, data, signature):
        """The entry, if it may be believed."""
        subject = f"record {index}"
        try:
            entry = Entry(data)
        except Problem as p:
            return self.problem(p.code, f"{subject}: {p.about}")
        signer = self.signers.get(entry.key)
        if signer is None:
            return self.problem("BG2005", subject)
        if not self.openssl.verify(signer.key, signature, data):
            return self.problem("BG2004", subject)
        if signer.retired:
            return self.problem("BG2006", subject)
        if entry.origin != signer.origin:
            return self.problem("BG2007", subject)
        if entry.counter <= signer.counter:
            return self.problem("BG2011", subject)
        missing = (entry.key, signer.counter + 1, entry.counter - 1)
        if entry.counter == signer.counter + 1:
            if entry.previous != signer.hash:
                self.problem("BG2012", subject)
        elif self.named_gaps is None or missing in self.named_gaps:
            signer.gaps.append((missing, len(self.problems), len(self.gaps)))
            self.gaps.append([*missing, signer.index, index, None])
            self.problem("BG2010", subject)
        signer.counter, signer.hash, signer.index = entry.counter, entry.hash, index
        self.take_clock(subject, entry)
        closes = entry.intent is None or signer.open.pop(entry.intent, None) is not None
        if not closes:
            self.problem("BG2015", subject)
        if entry.is_intent:
            signer.open[entry.counter] = (index, entry)
        if entry.origin == "server" and entry.type in ("key.register", "key.retire"):
            self.take_registration(subject, entry)
        if entry.type == "spool.damage":
            self.explain(index, signer, entry)
        return entry if closes else None

    def take_registration(self, subject, entry):
        payload = entry.payload
        try:
            if set(payload) != {"algorithm", "key", "origin", "publicKey"} or not all(isinstance(v, str) for v in payload.values()):
                raise ValueError
            key = Key(b64(payload["publicKey"], "BG2016", subject))
            if payload["algorithm"] != "ecdsa-p256-sha256" or key.id != payload["key"]:
                raise ValueError
        except (ValueError, Problem):
            return self.problem("BG2016", subject)
        known = self.signers.get(key.id)
        same = known is not None and known.origin == payload["origin"] and known.key.spki == key.spki
        if entry.type == "key.retire":
            if same:
                known.retired = True
            else:
                self.problem("BG2016", subject)
            return None
        if known is None:
            self.signers[key.id] = Signer(payload["origin"], key)
        elif not same or known.retired:
            self.problem("BG2016", subject)
        self.registered.setdefault(key.id, entry.recorded)
        return None

    def explain(self, index, signer, entry):
        listed = entry.payload.get("missing")
        listed = {int(n.literal) for n in listed if isinstance(n, Number) and n.integer} if isinstance(listed, list) else set()
        for gap in list(signer.gaps):
            (_, first, last), place, number = gap
            if last - first < len(listed) and all(c in listed for c in range(first, last + 1)):
                self.problems[place] = Problem("BG2017", self.problems[place].about)
                self.gaps[number][5] = index
                signer.gaps.remove(gap)

    # Clocks (section 2): named once a key and direction, never refused.
    def take_clock(self, subject, entry):
        if entry.origin == "server":
            self.compare_clocks(entry.recorded)
        elif entry.key not in self.waiting or self.waiting[entry.key][1] < entry.recorded:
            self.waiting[entry.key] = (subject, entry.recorded)
        since = self.registered.get(entry.key)
        if since is not None and since - entry.recorded > DAY:
            self.name_clock(entry.key, False, subject)

    def compare_clocks(self, now):
        for key, (subject, at) in sorted(self.waiting.items()):
            if at - now > DAY:
                self.name_clock(key, True, subject)
        self.waiting.clear()

    def name_clock(self, key, ahead, subject):
        if (key, ahead) not in self.clocks_named:
            self.clocks_named.add((key, ahead))
            self.problem("BG2018", subject)

    def open_intents(self):
        return sorted((i for s in self.signers.values() for i in s.open.values()), key=lambda i: i[0])

    def finish(self, now):
        for index, entry in self.open_intents():
            if now - entry.recorded > DAY:
                self.problem("BG2014", f"record {index}")
        self.compare_clocks(now)


# ---- Tree, notes, proofs (sections 5 and 6) ------------------------------------------------------


def leaf_hash(data):
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def tree_root(hashes):
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    k = 1 << ((len(hashes) - 1).bit_length() - 1)
    return node_hash(tree_root(hashes[:k]), tree_root(hashes[k:]))


def is_included(leaf, index, size, path, root):
    """RFC 9162, 2.1.3.2."""
    if not 0 <= index < size:
        return False
    node, last, value = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if node & 1 or node == last:
            value = node_hash(sibling, value)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            value = node_hash(value, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and value == root


def is_consistent(old, new, old_root, new_root, path):
    """RFC 9162, 2.1.4.2."""
    if old == new:
        return not path and old_root == new_root
    if old == 0:
        return not path and old_root == hashlib.sha256(b"").digest()
    power = old & (old - 1) == 0
    if not power and not path:
        return False
    node, last = old - 1, new - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    first, rest = (old_root, path) if power else (path[0], path[1:])
    a = b = first
    for sibling in rest:
        if last == 0:
            return False
        if node & 1 or node == last:
            a, b = node_hash(sibling, a), node_hash(sibling, b)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            b = node_hash(b, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and a == old_root and b == new_root


class Note:
    def __init__(self, data):
        bad = Problem("BG2020", "not a signed note")
        if len(data) > MAX_NOTE:
            raise bad
        try:
            whole = data.decode("utf-8")
        except UnicodeDecodeError:
            raise bad from None
        end = whole.rfind("\n\n")
        if end < 0 or any(unicodedata.category(c) == "Cc" and c != "\n" for c in whole[: end + 1]) or not whole[end + 2 :].endswith("\n"):
            raise bad
        self.text, self.signatures = whole[: end + 1], []
        for line in whole[end + 2 : -1].split("\n"):
            parts = line[2:].split(" ") if line.startswith("\u2014 ") else []
            if len(parts) != 2 or not is_note_name(parts[0]):
                raise bad
            value = b64(parts[1], "BG2020", "not a signed note")
            if len(value) <= 4:
                raise bad
            self.signatures.append((parts[0], value[:4].hex(), value[4:]))
        if len(self.signatures) > 64:
            raise bad


class Checkpoint:
    def __init__(self, data, log, openssl):
        note = Note(data)
        own = [s for name, key_id, s in note.signatures if (name, key_id) == (log.name, log.key.id)]
        if not own:
            raise Problem("BG2022", "the checkpoint is not signed by the log")
        if not all(openssl.verify(log.key, s, note.text.encode("utf-8")) for s in own):
            raise Problem("BG2021", "the signature of the checkpoint")
        lines = note.text.split("\n")
        if len(lines) != 4 or lines[3] or not is_note_name(lines[0]) or not re.fullmatch(r"0|[1-9][0-9]{0,18}", lines[1]) or int(lines[1]) >= 2**63:
            raise Problem("BG2020", "not the lines of a checkpoint")
        self.origin, self.size, self.root = lines[0], int(lines[1]), b64(lines[2], "BG2020", "not a root")
        if len(self.root) != 32:
            raise Problem("BG2020", "not a root")
        if self.origin != log.name:
            raise Problem("BG2023", "the checkpoint is of another log")


def hash_lines(lines, about):
    hashes = [b64(line, "BG2028", about) for line in lines]
    if any(len(h) != 32 for h in hashes):
        raise Problem("BG2028", about)
    return hashes


class Proof:
    def __init__(self, data, about):
        bad = Problem("BG2028", about)
        end = data.find(b"\n\n")
        if len(data) > 2 * MAX_NOTE or end < 0:
            raise bad
        lines = data[:end].decode("latin-1").split("\n")
        if lines.pop(0) != "c2sp.org/tlog-proof@v1":
            raise bad
        self.signature = b64(lines.pop(0)[6:], "BG2028", about) if lines and lines[0].startswith("extra ") else None
        index = re.fullmatch(r"index (0|[1-9][0-9]{0,18})", lines.pop(0)) if lines else None
        if not index or int(index[1]) >= 2**63 or len(lines) > 63:
            raise bad
        self.index, self.path, self.checkpoint = int(index[1]), hash_lines(lines, about), data[end + 2 :]


# ---- Files (section 11) -----------------------------------------------------------------------------


def is_name(name):
    return 0 < len(name) <= MAX_NAME and re.fullmatch(r"[a-z0-9._/-]+", name) and all(p not in ("", ".", "..") for p in name.split("/"))


def open_zip(data):
    def demand(holds, about):
        if not holds:
            raise Problem("BG2030", about)

    def limit(value, most, about):
        if value > most:
            raise Problem("BG2032", about)

    limit(len(data), MAX_ARCHIVE, "the archive")
    end = len(data) - 22
    demand(end >= 0 and data[end : end + 4] == b"PK\x05\x06" and data[end + 20 :] == b"\0\0", "the end record")
    disk, start_disk, here, count, size, start = struct.unpack_from("<4H2I", data, end + 4)
    demand(disk == start_disk == 0 and here == count and start + size == end, "the place of the directory")
    limit(count, MAX_FILES, "the number of files")
    parts, names, at, total = [], set(), start, 0
    for _ in range(count):
        demand(at + 46 <= end and data[at : at + 4] == b"PK\x01\x02", "the directory is cut off")
        flags, method = struct.unpack_from("<2H", data, at + 8)
        packed, unpacked, name_length, extra, comment = struct.unpack_from("<2I3H", data, at + 20)
        header = struct.unpack_from("<I", data, at + 42)[0]
        demand(at + 46 + name_length + extra + comment <= end, "the directory is cut off")
        name = data[at + 46 : at + 46 + name_length].decode("latin-1")
        if not is_name(name):
            raise Problem("BG2031", repr(name))
        demand(flags & ~0x080E == 0 and method in (0, 8), "a file is encrypted or packed otherwise")
        limit(unpacked, MAX_FILE, name)
        demand(packed <= len(data) and header <= len(data) and (method == 8 or packed == unpacked), "a file lies outside")
        limit(unpacked // packed if packed else unpacked, MAX_RATIO, f"the growth of {name}")
        if name in names:
            raise Problem("BG2031", f"{name} twice")
        names.add(name)
        total += unpacked
        limit(total, MAX_UNPACKED, "all files")
        parts.append((header, name, method, packed, unpacked))
        at += 46 + name_length + extra + comment
    demand(at == end, "bytes after the directory")
    free, placed, files = 0, [], {}
    for header, name, method, packed, unpacked in sorted(parts, key=lambda p: p[0]):
        demand(header >= free and header + 30 <= start and data[header : header + 4] == b"PK\x03\x04", "files overlap")
        name_length, extra = struct.unpack_from("<2H", data, header + 26)
        begin = header + 30 + name_length + extra
        demand(begin + packed <= start, "a file is cut off")
        demand(data[header + 30 : header + 30 + name_length].decode("latin-1") == name, "a file with two names")
        free = begin + packed
        placed.append((name, method, data[begin:free], unpacked))
    for name, method, content, unpacked in placed:
        if method == 8:
            inflate = zlib.decompressobj(-15)
            try:
                content = inflate.decompress(content, unpacked + 1)
            except zlib.error:
                raise Problem("BG2030", f"{name} cannot be unpacked") from None
            demand(len(content) == unpacked and inflate.eof, f"{name} has another size")
        files[name] = content
    return files


def open_folder(folder):
    files, total = {}, 0
    for path, folders, names in os.walk(folder):
        for name in sorted(folders + names):
            full = os.path.join(path, name)
            relative = os.path.relpath(full, folder).replace(os.sep, "/")
            mode = os.lstat(full).st_mode
            if stat.S_ISDIR(mode):
                continue
            if not stat.S_ISREG(mode) or not is_name(relative):
                raise Problem("BG2031", repr(relative))
            size = os.path.getsize(full)
            total += size
            if size > MAX_FILE or total > MAX_UNPACKED or len(files) >= MAX_FILES:
                raise Problem("BG2032", relative)
            with open(full, "rb") as file:
                files[relative] = file.read()
    return files


# ---- The two things that are verified ------------------------------------------------------------


class Verification:
    def __init__(self, policy, openssl, now):
        self.policy, self.openssl, self.now, self.problems = policy, openssl, now, []

    def check(self, act):
        """True when it found no error."""
        before = len(self.problems)
        try:
            act()
        except Problem as p:
            self.problems.append(p)
        return all(p.code in WARNINGS for p in self.problems[before:])

    def add(self, code, about):
        self.problems.append(Problem(code, about))

    def run(self, path):
        def opening():
            if os.path.isdir(path):
                self.files = open_folder(path)
            else:
                with open(path, "rb") as file:
                    self.files = open_zip(file.read(MAX_ARCHIVE + 1))

        if self.check(opening):
            if "manifest.json" not in self.files and any(n.startswith("tile/") for n in self.files):
                self.run_log()
            elif all(self.check(c) for c in (self.read_head, self.read_manifest, self.compare_files)):
                self.check(self.compare_history)
                if self.check(self.check_inclusion) & self.check(self.check_entries):
                    self.check(self.check_statements)
                server = [(i, e.recorded) for i, e in self.entries.items() if e.origin == "server"]
                self.check(lambda: self.check_time_stamps(set(self.named), server, self.as_of))
                self.covered = self.records[-1][0] + 1 if self.records else self.head.size
                self.check(self.check_policy)
        return self

    def code(self):
        errors = {p.code for p in self.problems} - WARNINGS
        if errors - {"BG2035", "BG2039", "BG2040"}:
            return 1
        return 2 if errors - {"BG2040"} else 3 if errors else 0

    def read_head(self):
        if "checkpoint" not in self.files:
            raise Problem("BG2035", "checkpoint")
        self.note = self.files["checkpoint"]
        signers = {(name, key_id) for name, key_id, _ in Note(self.note).signatures}
        self.log = next((l for l in self.policy.logs if (l.name, l.key.id) in signers), self.policy.logs[0])
        self.head = Checkpoint(self.note, self.log, self.openssl)

    def check_policy(self):
        note, witnessed = Note(self.note), {authority for size, authority in self.stamped if size >= self.covered}
        for name, witness in self.policy.witnesses.items():
            lines = [value for line_name, key_id, value in note.signatures if witness and (line_name, key_id) == witness[:2]]
            if all(self.cosigned(note, witness[2], value) for value in lines):
                witnessed |= {name} if lines else set()
            else:
                self.add("BG2043", witness[0])
        if not self.policy.met(self.policy.quorum, witnessed):
            self.add("BG2040", "the quorum is not met")

    # -- Time stamps (section 14) --

    def check_time_stamps(self, names, server, now):
        self.stamped, stems = [], []
        form = r"timestamps/([0-9]{12}-[0-9a-f]{8})\.([a-z0-9][a-z0-9_-]{0,31})\.(tsq|tst)"
        for name in sorted(n for n in names if n.startswith("timestamps/")):
            found = re.fullmatch(form, name)
            if not found:
                self.add("BG2031", name)
            elif found.group(1, 2) not in stems:
                stems.append(found.group(1, 2))
        for label, authority in stems:
            try:
                self.judge_time_stamp(names, label, authority, server, now)
            except Problem as p:
                self.problems.append(p)

    def judge_time_stamp(self, names, label, authority, server, now):
        about = f"timestamps/{label}.{authority}.tst"
        request, token = about[:-3] + "tsq", about
        for name in (request, token):
            if name not in names:
                raise Problem("BG2035", name)
        note, earlier = self.note, f"checkpoints/{label}.checkpoint"
        if label != f"{self.head.size:012d}-{self.head.root.hex()[:8]}":
            if earlier not in names:
                raise Problem("BG2035", earlier)
            note = self.files[earlier]
        try:
            size = Checkpoint(note, self.log, self.openssl).size
        except Problem:
            raise Problem("BG2035", earlier) from None
        roots = self.policy.authorities.get(authority.encode())
        if roots is None:
            raise Problem("BG2054", about)
        imprint, nonce = self.read_request(self.files[request], about)
        if imprint != hashlib.sha256(self.as_signed(Note(note))).digest():
            raise Problem("BG2051", about)
        try:
            algorithm, given, answered, at = self.read_token(self.files[token])
        except ValueError:
            raise Problem("BG2052", about) from None
        seconds = int((at - datetime.datetime(1970, 1, 1)).total_seconds())
        if not self.openssl.is_stamped(self.files[token], given, roots, seconds):
            raise Problem("BG2052", about)
        if algorithm != bytes.fromhex("608648016503040201") or given != imprint or answered != nonce:
            raise Problem("BG2051", about)
        newest = [recorded for index, recorded in server if index < size][-1:]
        if (newest and newest[0] - at > DAY) or at - now > DAY:
            raise Problem("BG2053", about)
        self.stamped.append((size, authority.encode()))

    def as_signed(self, note):
        """The note without the lines of others."""
        own = next(s for name, key_id, s in note.signatures if (name, key_id) == (self.log.name, self.log.key.id))
        line = base64.b64encode(bytes.fromhex(self.log.key.id) + own).decode()
        return f"{note.text}\n\u2014 {self.log.name} {line}\n".encode()

    @staticmethod
    def read_request(data, about):
        head = bytes.fromhex("0201013031300d060960864801650304020105000420")
        length = len(data) - 61
        if not (1 <= length <= 16 and data[:2] == bytes([0x30, len(data) - 2]) and data[2:24] == head and data[56:58] == bytes([2, length]) and 0 < data[58] < 128 and data[-3:] == b"\x01\x01\xff"):
            raise Problem("BG2050", about)
        return data[24:56], int.from_bytes(data[58:-3], "big")

    def read_token(self, token):
        """Of TSTInfo (RFC 3161, 2.4.2): object identifier of the hash, imprint, nonce, time."""
        if len(token) > 65_536:
            raise ValueError("its size")
        self.demand_token_form(token)
        info = self.openssl.token(token)
        if info is None:
            raise ValueError("no signed content")
        outer, info, _ = der_next(info)
        parts = []
        while info:
            tag, value, info = der_next(info)
            parts.append((tag, value))
        if outer != 0x30 or [t for t, _ in parts[:5]] != [0x02, 0x06, 0x30, 0x02, 0x18]:
            raise ValueError("not TSTInfo")
        _, algorithm, rest = der_next(parts[2][1])
        nonce = [int.from_bytes(v, "big") for t, v in parts[5:] if t == 0x02]
        at = parts[4][1].decode("ascii")
        form = "%Y%m%d%H%M%S.%fZ" if "." in at else "%Y%m%d%H%M%SZ"
        return der_next(algorithm)[1], der_next(rest)[1], nonce[0] if nonce else None, datetime.datetime.strptime(at, form)

    @staticmethod
    def demand_token_form(token):
        """Of what no signature covers: versions and algorithms (section 14)."""

        def values(data, tag=None):
            """What a value with this tag holds, or simply one value after the other."""
            if tag is not None:
                found, data, rest = der_next(data)
                if found != tag or rest:
                    raise ValueError("another tag, or bytes behind")
            parts = []
            while data:
                tag, value, rest = der_next(data)
                parts.append((tag, value, data[: len(data) - len(rest)]))
                data = rest
            return parts

        def demand(holds):
            if not holds:
                raise ValueError("not a token")

        content = values(token, 0x30)
        demand(len(content) == 2 and content[0][2] == bytes.fromhex("06092a864886f70d010702"))
        data = values(values(content[1][2], 0xA0)[0][2], 0x30)
        demand([t for t, _, _ in (data[0], data[1], data[-1])] == [0x02, 0x31, 0x31] and data[0][1] == b"\x03")
        digests, signers = values(data[1][1]), values(data[-1][1])
        demand(len(digests) == len(signers) == 1)
        signer = values(signers[0][2], 0x30)
        # Version, who, digest, signed attributes, signature algorithm.
        demand([t for t, _, _ in signer[2:5]] == [0x30, 0xA0, 0x30])
        demand((signer[0][2], signer[1][0]) in ((b"\x02\x01\x01", 0x30), (b"\x02\x01\x03", 0x80)))
        digest, algorithm = values(signer[2][1])[0][2], values(signer[4][1])[0][2]
        demand(values(digests[0][1])[0][2] == digest and algorithm in TOKEN_ALGORITHMS.get(digest, ()))

    def cosigned(self, note, key, value):
        """Section 13: eight bytes of time, then the signature."""
        seconds = int.from_bytes(value[:8], "big") if len(value) > 8 else 2**64
        # The last second that a date of four digits can name.
        return seconds <= 253_402_300_799 and self.openssl.verify(key, value[8:], f"cosignature/v1\ntime {seconds}\n{note.text}".encode())

    # -- A pack (section 11) --

    def read_manifest(self):
        for name in ("manifest.json", "manifest.sig"):
            if name not in self.files:
                self.add("BG2035", name)
        if "manifest.json" not in self.files or "manifest.sig" not in self.files:
            return
        data = self.files["manifest.json"]
        if not self.openssl.verify(self.log.key, self.files["manifest.sig"], b"backupguard.pack/v1\n" + data):
            raise Problem("BG2036", "the manifest")
        self.manifest = manifest = read_json(data, MAX_MANIFEST, "BG2033", "BG2033")
        try:
            self.demand_form(manifest)
        except (ValueError, KeyError, TypeError):
            raise Problem("BG2033", "its form") from None
        if manifest["log"] != self.head.origin or self.size != self.head.size:
            raise Problem("BG2038", "the log")

    def demand_form(self, manifest):
        def members(value, names):
            if not isinstance(value, dict) or set(value) != set(names.split()):
                raise ValueError("members")
            return value

        def strings(value, allowed=None):
            if not isinstance(value, list) or not all(isinstance(v, str) and (allowed is None or v in allowed) for v in value):
                raise ValueError("strings")
            return value

        def optional(value, read):
            return None if value is None else read(value)

        def ascending(values):
            if any(a >= b for a, b in zip(values, values[1:])):
                raise ValueError("order")
            return values

        members(manifest, "asOf files gaps log openIntents records schema scope size")
        scope = members(manifest["scope"], "applications families from objective until")
        if manifest["schema"] != "backupguard.evidence-pack/v1" or not isinstance(manifest["log"], str) or not isinstance(scope["objective"], (str, type(None))):
            raise ValueError("schema")
        self.as_of, self.size = time_of(manifest["asOf"]), integer(manifest["size"], 1)
        optional(scope["from"], time_of), optional(scope["until"], time_of)
        strings(scope["applications"]), strings(scope["families"], {"restore-test", "exercise"})
        words = {"gap", "key", "received", "run", "selected", "work"}
        self.records = [(integer(members(r, "index why")["index"], 0, self.size - 1), strings(r["why"], words)) for r in manifest["records"]]
        if not all(why for _, why in self.records):
            raise ValueError("why")
        ascending([i for i, _ in self.records])
        self.open = ascending([integer(i) for i in manifest["openIntents"]])
        self.gaps = []
        for gap in manifest["gaps"]:
            members(gap, "after before declaredBy first key last")
            first = integer(gap["first"], 1)
            self.gaps.append((matching(gap["key"], r"[0-9a-f]{8}"), first, integer(gap["last"], first), optional(gap["before"], integer), integer(gap["after"]), optional(gap["declaredBy"], integer)))
        self.named = {}
        for file in manifest["files"]:
            members(file, "bytes name sha256")
            if not is_name(file["name"]):
                raise ValueError("name")
            self.named[file["name"]] = (integer(file["bytes"], 0), matching(file["sha256"], r"[0-9a-f]{64}"))
        ascending([f["name"] for f in manifest["files"]])

    def compare_files(self):
        for name, (size, digest) in self.named.items():
            if name not in self.files:
                self.add("BG2035", name)
            elif len(self.files[name]) != size or hashlib.sha256(self.files[name]).hexdigest() != digest:
                self.add("BG2034", name)
        expected = {"checkpoint"} | {f"records/{i:012d}{end}" for i, _ in self.records for end in (".json", ".tlog-proof")}
        for name in sorted(expected - set(self.named)):
            self.add("BG2035", name)
        for name in sorted(set(self.files) - set(self.named) - {"manifest.json", "manifest.sig"}):
            self.add("BG2037", name)
        for name in sorted(n for n in self.named if n.startswith("records/") and n not in expected):
            self.add("BG2038", name)

    def compare_history(self):
        roots = {self.head.size: self.head.root}
        for name in self.named:
            if name.startswith("checkpoints/") and name.endswith(".checkpoint"):
                try:
                    self.compare_earlier(name, Checkpoint(self.files[name], self.log, self.openssl), roots)
                except Problem as p:
                    self.problems.append(p)

    def compare_earlier(self, name, earlier, roots):
        about = f"the checkpoint at {earlier.size}"
        if earlier.size in roots:
            if roots[earlier.size] != earlier.root:
                raise Problem("BG2026", about)
            return
        roots[earlier.size] = earlier.root
        if earlier.size > self.head.size:
            raise Problem("BG2025", about)
        proof = name[: -len(".checkpoint")] + ".consistency"
        if proof not in self.files:
            raise Problem("BG2035", proof)
        lines = self.files[proof].decode("latin-1").split("\n")
        if lines.pop() or len(lines) > 64:
            raise Problem("BG2028", proof)
        if not is_consistent(earlier.size, self.head.size, earlier.root, self.head.root, hash_lines(lines, proof)):
            raise Problem("BG2027", about)

    def check_inclusion(self):
        self.proofs = {}
        for index, _ in self.records:
            name = f"records/{index:012d}.tlog-proof"
            try:
                proof = Proof(self.files[name], name)
                if proof.signature is None:
                    raise Problem("BG2028", name)
                self.proofs[index] = proof
                if proof.index != index:
                    raise Problem("BG2013", f"record {index}")
                leaf = leaf_hash(self.files[f"records/{index:012d}.json"])
                if proof.checkpoint != self.note or not is_included(leaf, index, self.head.size, proof.path, self.head.root):
                    raise Problem("BG2027", f"record {index}")
            except Problem as p:
                self.problems.append(p)

    def check_entries(self):
        self.chains = Chains(self.openssl, self.log.key, self.problems, {g[:3] for g in self.gaps})
        self.entries = {}
        for index, proof in self.proofs.items():
            entry = self.chains.take(index, self.files[f"records/{index:012d}.json"], proof.signature)
            if entry is not None:
                self.entries[index] = entry
        self.chains.finish(self.as_of)

    def check_statements(self):
        of_run = lambda e: e.text("run") if e.origin == "server" and e.type.startswith("run.") else None
        exercises = {e.text("run") for e in self.entries.values() if e.origin == "server" and e.type == "run.started" and e.text("mode") == "Exercise"} - {None}
        scope = self.manifest["scope"]
        for index, why in self.records:
            entry = self.entries[index]
            exercise = of_run(entry) in exercises
            families = scope["families"]
            asked = (
                (scope["from"] is None or entry.recorded_text >= scope["from"])
                and (scope["until"] is None or entry.recorded_text < scope["until"])
                and (not scope["applications"] or entry.application in scope["applications"] or (not entry.application and exercise and "exercise" in families))
                and (not families or ("restore-test" in families and entry.type.startswith("drill.")) or ("exercise" in families and exercise))
            )
            if asked != ("selected" in why):
                self.add("BG2038", f"record {index}")
        found = {tuple(g) for g in self.chains.gaps}
        for gap in self.gaps:
            if gap not in found:
                self.add("BG2038", f"gap of {gap[0]}")
        if [i for i, _ in self.chains.open_intents()] != self.open:
            self.add("BG2038", "open intents")
        if not any("selected" in why for _, why in self.records):
            self.add("BG2039", "the pack")

    # -- A log as static files (section 10) --

    def run_log(self):
        def names():
            for name in sorted(n for n in self.files if n.startswith("tile/")):
                if self.tile(name) is None:
                    self.add("BG2031", name)

        if self.check(names) & self.check(self.read_head):
            if self.check(self.check_log):
                self.check(self.compare_tiles)
                self.check(lambda: self.check_time_stamps(set(self.files), self.server, self.now))
                self.covered = self.head.size
                self.check(self.check_policy)

    @staticmethod
    def tile(name):
        """(kind or level, index, width), or None."""
        found = re.fullmatch(r"tile/(entries|signatures|0|[1-9][0-9]?)/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?", name)
        if not found:
            return None
        kind = found[1] if found[1].isalpha() else int(found[1])
        groups = found[2].replace("x", "").split("/")
        width = int(found[3]) if found[3] else 256
        if (found[3] and width > 255) or (isinstance(kind, int) and kind > 63) or (len(groups) > 1 and groups[0] == "000") or len(groups) > 6:
            return None
        return kind, int("".join(groups)), width

    @staticmethod
    def tile_name(kind, index, width):
        digits = str(index)
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        groups = [digits[i : i + 3] for i in range(0, len(digits), 3)]
        return f"tile/{kind}/" + "/".join(["x" + g for g in groups[:-1]] + groups[-1:]) + ("" if width == 256 else f".p/{width}")

    def row(self, kind, count):
        return [(kind, i, min(256, count - 256 * i)) for i in range((count + 255) // 256)]

    def stored(self, tile):
        kind, index, _ = tile
        return next((t for t in (tile, (kind, index, 256)) if self.tile_name(*t) in self.files), None)

    def bundle(self, tile):
        tile = self.stored(tile)
        name, parts = self.tile_name(*tile), []
        data = self.files[name]
        while data and len(parts) < tile[2]:
            length = int.from_bytes(data[:2], "big")
            if len(data) < 2 + length:
                raise Problem("BG2042", name)
            parts.append(data[2 : 2 + length])
            data = data[2 + length :]
        if data or len(parts) < tile[2]:
            raise Problem("BG2042", name)
        return parts

    def check_log(self):
        size = self.head.size
        if size == 0:
            raise Problem("BG2039", "the log")
        tiles, level, count = self.row("entries", size) + self.row("signatures", size), 0, size
        while count:
            tiles, level, count = tiles + self.row(level, count), level + 1, count // 256
        missing = [t for t in tiles if self.stored(t) is None]
        for tile in missing:
            self.add("BG2035", self.tile_name(*tile))
        if missing:
            return
        waiting = []
        for name in ["checkpoint"] + sorted(n for n in self.files if n.startswith("checkpoints/") and n.endswith(".checkpoint")):
            try:
                point = Checkpoint(self.files[name], self.log, self.openssl)
                if (point.size, point.root) not in waiting:
                    waiting.append((point.size, point.root))
            except Problem as p:
                self.problems.append(p)
        waiting.sort(key=lambda w: w[0])
        for forked in sorted({s for s, _ in waiting if [w[0] for w in waiting].count(s) > 1}):
            self.add("BG2026", f"the checkpoint at {forked}")
        chains, self.leaves, self.server = Chains(self.openssl, self.log.key, self.problems), [], []

        def compare():
            for point in [w for w in waiting if w[0] == len(self.leaves)]:
                waiting.remove(point)
                if point[1] != tree_root(self.leaves):
                    self.add("BG2024", f"the checkpoint at {point[0]}")

        compare()
        for tile in self.row("entries", size):
            entries, signatures = self.bundle(tile), self.bundle(("signatures",) + tile[1:])
            for entry, signature in zip(entries[: tile[2]], signatures[: tile[2]]):
                taken = chains.take(len(self.leaves), entry, signature)
                if taken is not None and taken.origin == "server":
                    self.server.append((len(self.leaves), taken.recorded))
                self.leaves.append(leaf_hash(entry))
                compare()
        for larger in waiting:
            self.add("BG2025", f"the checkpoint at {larger[0]}")
        chains.finish(self.now)

    def compare_tiles(self):
        levels = [self.leaves]
        while len(levels[-1]) >= 256:
            below = levels[-1]
            levels.append([tree_root(below[i : i + 256]) for i in range(0, len(below) // 256 * 256, 256)])
        for name in sorted(n for n in self.files if n.startswith("tile/")):
            kind, index, width = self.tile(name)
            if isinstance(kind, int):
                hashes = levels[kind] if kind < len(levels) else []
                if 256 * index + width <= len(hashes) and self.files[name] != b"".join(hashes[256 * index : 256 * index + width]):
                    self.add("BG2041", name)
            elif 256 * index + width <= len(self.leaves):
                newest = self.stored((kind, index, min(256, len(self.leaves) - 256 * index)))
                if not self.files[self.tile_name(*newest)].startswith(self.files[name]):
                    self.add("BG2041", name)


def main(arguments):
    options, paths = {}, []
    while arguments:
        argument = arguments.pop(0)
        if argument in ("--key", "--policy", "--at", "--format") and arguments:
            options[argument] = arguments.pop(0)
        elif argument.startswith("--"):
            raise ValueError(f"unknown option {argument}")
        else:
            paths.append(argument)
    if not paths or ("--key" in options) == ("--policy" in options):
        raise ValueError("a path, and --key VKEY or --policy FILE, are needed")
    if "--key" in options:
        policy = Policy([LogKey(options["--key"])])
    else:
        with open(options["--policy"], "rb") as file:
            policy = Policy.parse(file.read(65_537))
    now = time_of(options["--at"]) if "--at" in options else datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
    worst = 0
    with tempfile.TemporaryDirectory() as folder:
        openssl = OpenSsl(folder)
        for path in paths:
            found = Verification(policy, openssl, now).run(path)
            verdict = ["sound", "broken", "incomplete", "policy-not-met"][found.code()]
            worst = max(worst, found.code())
            if options.get("--format") == "json":
                print(json.dumps({"path": path, "verdict": verdict, "exitCode": found.code(), "codes": [p.code for p in found.problems]}))
            else:
                for problem in found.problems:
                    print(f"{problem.code} {problem.about}")
                print(f"{verdict}: {path}")
    return worst


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (ValueError, OSError, Problem) as e:
        print(f"verify_pack.py: {e}", file=sys.stderr)
        sys.exit(2)
