"""A seed in, hostile but plausible audit input out: what the equality of the kernels is tested with.

Lines are made in the shapes that the kernel, auditd and user space write, then damaged: flipped, cut, swapped,
doubled.  Ids, nodes and hosts come from small pools, so that records meet, repeat, come late and run into limits.
"""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Final

from stitcher.tables import ARCHES, RECORD_TYPES, SYSCALLS
from stitcher.tables.fields import ARGUMENTS, FIELDS, OVERRIDES

SAMPLES: Final = Path(__file__).resolve().parent.parent / "samples"

Random = random.Random

_KEYS: Final = sorted({*FIELDS, *(key for _, key in OVERRIDES), "subj", "hostname", "addr", "terminal", "a1[0]", "x-y"})
_NUMBER_WORDS: Final = (
    "0 1 2 00 01 07 08 0x 0x0 0xF 0Xff 31 64 65 256 644 0100644 040755 0120777 0140000 4294967295 -1 -2 -13 -999 +1 "
    "1e3 18446744073709551615 18446744073709551616 9223372036854775807 99999999999999999999999 ffffffff ffffff9c "
    "ffffffffffffff9c 7fffffff 80000000 00000000000000000000000000001 077777777777777777777777 0x1ffffffffffffffff "
    "02000000000000000000001 01777777777777777777777 0xffffffffffffffff 7fc00000 80000 "
    "241 80241 c2 1000000 3fffffffff 1ffffffffff 37777777777 40000000000 ٣"
)
_NUMBERS: Final = tuple(_NUMBER_WORDS.split(" "))
_ODD_WORDS: Final = (
    "? (null) (none) unset yes no success failed res= \"\" '' {} { } \" ' ( ) , = == : a=b subj==x key=(null) "
    "\x1d #035 \x01 \t \r \0 \x7f / // . \ufffd é 日本 \U0001f600 \u2028 \uef80 \uefff \uf000 \uef7f \ud7ff op= msg=' "
    "msg=audit(1.000:1): type=SYSCALL type=1300 audit(1.000:1): node=a"
)
_WORDS: Final = tuple(_ODD_WORDS.split(" "))
_SPECIAL: Final = (
    *(word.encode() for word in _WORDS),
    b" ", b"  ", b"' ", b'" ', b"\xff", b"\xc3", b"\xc3\x28", b"\xed\xa0\x80", b"\xed\xbf\xbf", b"\xf0\x9f",
    b"\xf4\x90\x80\x80", b"\xee\xbe\x80", b"\xee\xbf\xbf", b"\xc0\x80", b'\x1dUID="root"', b' AUID="unset"',
    b"#035ARCH=x86_64", b"\x1d\x1d", b"GID={ a b }", b"avc:  denied  { read } for ", b"\x01k2", b"6B310",
    b"6B31016B32", b"a0=", b"a1[1]=", b"a1_len=9",
)  # fmt: skip
_HEX: Final = "0123456789ABCDEF"
_TYPES: Final = sorted(
    set(RECORD_TYPES.values()) | {"UNKNOWN[1334]", "UNKNOWN[1999]", "1300", "1302", "1309", "9999999"}
)
_USER_TYPES: Final = (
    "USER_LOGIN",
    "USER_CMD",
    "ADD_USER",
    "ADD_GROUP",
    "USER_AVC",
    "CRED_ACQ",
    "SERVICE_START",
    "1100",
)
_SECONDS: Final = (1_700_000_000, 1_700_000_001, 0, 99_999_999_999)
_SERIALS: Final = ("1", "2", "3", "01", "4294967295", "4294967294", "77")
_NODES: Final = ("web01", "db", "10.0.0.7", "ünï", "a b", "")


def hexed(text: bytes, r: Random) -> str:
    """The kernel's hex encoding, sometimes in small letters or one digit short."""
    digits = text.hex().upper()
    roll = r.random()
    return digits.lower() if roll < 0.1 else digits[:-1] if roll < 0.15 else digits


def blob(r: Random) -> bytes:
    """A few bytes of any kind."""
    return b"".join(r.choice((*_SPECIAL, b"/bin", b"ls", b"-l", b"\0", b"\x80")) for _ in range(r.randrange(5)))


def text_value(r: Random) -> str:
    """A value of an encoded field, as it stands behind the `=`."""
    roll = r.randrange(6)
    if roll == 0:
        return '"' + r.choice(("/usr/bin/ls", "x", "", "a b", "2F62", "it's", 'q"q', "é,)", "{x}")) + '"'
    if roll == 1:
        return hexed(blob(r) or b"/x y", r)
    if roll == 2:
        return "'" + r.choice(("a b", "", "x", "5'")) + "'"
    if roll == 3:
        return "{" + r.choice((" a b ", "", " saddr_fam=inet lport=22 ", "{")) + "}"
    return r.choice(_WORDS) if roll == 4 else r.choice(_NUMBERS)


def pair(r: Random) -> str:
    """One `key=value`; the key often says what the value should be."""
    key = r.choice(_KEYS)
    kind = FIELDS.get(key, "plain")
    value = (
        text_value(r) if kind in ("encoded", "key", "proctitle", "plain") or r.random() < 0.2 else r.choice(_NUMBERS)
    )
    return r.choice(("", "", "", "", "(")) + key + "=" + value + r.choice(("", "", "", ",", ")", "),", ":"))


def pairs(r: Random, most: int = 8) -> str:
    return r.choice((" ", " ", "  ")).join(pair(r) for _ in range(r.randrange(most)))


def suffix(r: Random) -> str:
    """What auditd resolved by itself, in each of the ways that it comes through."""
    if r.random() < 0.55:
        return ""
    keys = r.choices(
        ("UID", "AUID", "GID", "EUID", "ARCH", "SYSCALL", "SADDR", "OUID", "ID", "URING_OP", "X", "sAUID"),
        k=r.randrange(1, 6),
    )
    values = (
        '"root"',
        '"unset"',
        "x86_64",
        "execve",
        "{ saddr_fam=inet laddr=1.2.3.4 }",
        "6162",
        '"a b"',
        "'q'",
        "",
        '"o',
        "616G",
    )
    return r.choice(("\x1d", "\x1d", "#035", " ")) + " ".join(f"{key}={r.choice(values)}" for key in keys)


def syscall(r: Random) -> str:
    number, arch = r.choice(sorted(ARCHES.items()))
    if r.random() < 0.7:
        number, arch = r.choice(
            ((0xC000003E, "x86_64"), (0xC00000B7, "aarch64"), (0x80000016, "s390x"), (0x40000003, "i386"))
        )
    table = {name: at for at, name in SYSCALLS.get(arch, {}).items()}
    name = r.choice((*sorted(ARGUMENTS), *["symlink", "mq_unlink", "openat2", "unlinkat"] * 10))
    call = r.choice((table.get(name, 59), table.get(name, 59), r.randrange(600), 0x40000000 + r.randrange(600)))
    values = " ".join(
        f"a{at}={r.choice((*_NUMBERS, f'{r.getrandbits(32):x}', f'{r.getrandbits(12):x}'))}" for at in range(4)
    )
    return (
        f"arch={number:x} syscall={call}{r.choice(('', ' per=400000'))} success={r.choice(('yes', 'no', '1'))} "
        f"exit={r.choice(_NUMBERS)} {values} items={r.choice(('0', '1', '2', '9', 'x', '1000000', '0000001'))} pid=2 "
        f"auid={r.choice(('1000', '4294967295', '-1'))} uid=0 gid=0 {pairs(r)} comm={text_value(r)} key={text_value(r)}"
    )


def execve(r: Random) -> str:
    words = [f"argc={r.choice(('1', '2', '3', '10', 'x', '99999999', '0000003', '-1'))}"] if r.random() < 0.7 else []
    for _ in range(r.randrange(7)):
        index = r.choice((0, 0, 0, 1, 1, 1, 2, 3, 30))
        if r.random() < 0.1:
            index = r.choice((65_536, 65_537, 65_538, 70_000, 9_999_999, 10_000_000, 4_294_967_295, "01", "007"))
        shape = r.choice(
            ("", "", "", "_len", "_len", "[0]", "[1]", "[2]", f"[{r.randrange(12)}]", "[01]", "[9999999]", "[x]")
        )
        words.append(
            f"a{index}{shape}=" + (str(r.randrange(60)) if shape == "_len" and r.random() < 0.9 else text_value(r))
        )
    if r.random() < 0.05:
        words.append(r.choice(("argv=x", "argc=2", "msg='a0=x a1=y'", "a0='x'")))
    if r.random() < 0.3:
        r.shuffle(words)
    return " ".join(words)


def proctitle(r: Random) -> str:
    parts = [r.choice((b"ls", b"-l", b"", b"/tmp/a b", b"\xff", "é".encode())) for _ in range(r.randrange(5))]
    value = hexed(b"\0".join(parts), r) if r.random() < 0.8 else text_value(r)
    return f"proctitle={value}" + (" " + pair(r) if r.random() < 0.1 else "")


def sockaddr(r: Random) -> str:
    family = r.choice((0, 1, 1, 2, 10, 16, 17, 31, 38, 40, 45, 46, 200, 65_535))
    order = r.choice(("little", "little", "big"))
    rest = bytes(
        r.choice((0, 0, 1, 22, 47, 97, 127, 255))
        for _ in range(r.choice((0, 1, 2, 4, 5, 6, 10, 12, 14, 22, 26, 40, 108)))
    )
    if family == 1 and r.random() < 0.5:
        rest = r.choice((b"\0", b"\0\0", b"\0tide\0\0", b"\0a\0b\xff", b"/run/x\0\0y", b"rel", b'/"\n', b"\xff\0"))
    whole = family.to_bytes(2, order) + rest
    return "saddr=" + hexed(whole[: r.choice((0, 1, 2))] if r.random() < 0.05 else whole, r)


def place(r: Random) -> str:
    """A path as CWD and PATH write it."""
    parts = r.choices(("etc", "x", "..", ".", "", "a b", "é", "(null)"), k=r.randrange(5))
    path = r.choice(("", "", "/", "//")) + "/".join(parts) + r.choice(("", "", "/"))
    if r.random() < 0.2:
        return r.choice(("(null)", '""', "2E2E", "2F", '"/"', '"(null)"', "x", text_value(r)))
    return hexed(path.encode() or b"/", r) if r.random() < 0.4 or " " in path else f'"{path}"'


def path(r: Random) -> str:
    kind = r.choice(("nametype=NORMAL", "nametype=PARENT", "nametype=UNKNOWN", 'nametype="PARENT"', "nametype=PARENT,"))
    more = r.choice(("", "", "", "", "", ' path="/x"', " resolution=x", ' name="y"'))
    return (
        f"item={r.randrange(3)} name={place(r)}{more} {label(r, 'obj')} inode={r.randrange(99)} "
        f"dev=08:01 mode={r.choice(_NUMBERS)} "
        f"ouid=0 ogid=0 rdev=00:00 {kind} cap_fp={r.choice(_NUMBERS)} cap_fi=0 cap_fe=0 cap_fver=0"
    )


def label(r: Random, key: str) -> str:
    """A label, or the sign that it stands elsewhere."""
    words = "? ? ? ? u:r:t u:r:t:s0-s0:c0.c1023,c5 unconfined =unconfined u:r:t: a:b :a:b:c x:y:/z a$b:c:d:".split()
    value = r.choice((*words, '"?"', "/usr/sbin/x", "docker//&unconfined", text_value(r)))
    return f"{key}={value}" + r.choice(("", "", "", " (enforce)", " (complain)", " (odd)", " (kill", " (user),", " ("))


def labels(r: Random, key: str) -> str:
    """The labels that other records of the event stand for."""
    names = r.choices(("selinux", "apparmor", "smack", "", "a.b"), k=r.randrange(4))
    return " ".join(label(r, f"{r.choice((key, key, key, 'subj', 'obj'))}_{name}") for name in names)


def typed(r: Random) -> str:
    """What a terminal sent."""
    keys = (
        b"ls -l",
        b"\r",
        b"\x1b[A",
        b"\x1bOP",
        b"\x1b[1",
        b"\x1b[11~",
        b"\x1b",
        b"\x7f",
        b"\0",
        b'"',
        b"\\",
        b"\xc3",
        "é".encode(),
    )
    data = b"".join(r.choices(keys, k=r.randrange(7)))
    return f'tty pid=1 uid=0 major=4 minor=1 comm="bash" data={hexed(data, r) if r.random() < 0.8 else text_value(r)}'


def call(r: Random) -> str:
    """A system call that stands for many."""
    arch, number = r.choice(((0x40000003, 102), (0x40000003, 117), (0x80000016, 102), (0xC000003E, 102), (0x15, 102)))
    first, other = r.choice(("3", "1", "2", "10002", "5f", "ffffffff", "x", "")), r.choice(_NUMBERS)
    return f"arch={arch:x} syscall={number} a0={first} a1={other} a2=10 a3=0 items=0 auid=1 uid=0 {label(r, 'subj')}"


def socketcall(r: Random) -> str:
    """What it was given."""
    return f"nargs=3 a0={r.choice(_NUMBERS)} a1=2 a2={r.choice(_NUMBERS)} a3=0"


def avc(r: Random) -> str:
    head = r.choice(
        (
            "avc:  denied  { read write } for ",
            "avc: granted {} for",
            "  avc:  denied  { a,b  c } for",
            'apparmor="DENIED" ',
        )
    )
    tail = r.choice(("tclass=file permissive=0", "x", 'info="a b, c" error=-13'))
    return f"{head} pid=1 {pairs(r, 4)} scontext=u:r:t:s0-s0:c0.c1023,c5 {tail}"


def user(r: Random) -> str:
    inner = r.choice(
        (
            "op=adding user id=1001",
            "op=PAM:x",
            "op=",
            "op=a b  c",
            'op="q"',
            "(op=x y",
            "avc:  denied  { send } for ",
            "",
        )
    )
    end = r.choice(("'", "'", "'", "", "''", "' x", "' y=1", '\' UID="root" x', '\' UID="root"', "'UID=\"a'b\" "))
    result = r.choice(("success", "1", "0"))
    claims = r.choice(("", "", "uid=0 ", "uid=7 ses=1 ", "pid=2 pid=1 ", "auid=-1 subj=? ", 'uid="0" ses="2" '))
    words = f"{inner} {claims}{pairs(r, 5)} acct={text_value(r)} res={result}"
    return f"pid=1 uid=0 auid=1000 ses=1 {label(r, 'subj')} msg='{words}{end}"


def seccomp(r: Random) -> str:
    return f"{syscall(r)} sig=31 code=0x{r.choice((0x80000000, 0x7FFC0000, 5)):x}"


def cwd(r: Random) -> str:
    return f"cwd={place(r)}{r.choice(('', '', ' syscall=59', ' arch=14'))}"


def openat2(r: Random) -> str:
    resolve = r.choice(("0x8", "0x10", "020", "x"))
    return f"oflag={r.choice(_NUMBERS)} mode=0{r.randrange(4096):o} resolve={resolve}"


_BODIES: Final[tuple[tuple[str, Callable[[Random], str]], ...]] = (
    ("SYSCALL", syscall), ("SYSCALL", syscall), ("EXECVE", execve), ("EXECVE", execve), ("PATH", path), ("PATH", path),
    ("PROCTITLE", proctitle), ("SOCKADDR", sockaddr), ("AVC", avc), ("1400", avc), ("USER", user), ("ANY", pairs),
    ("CWD", cwd), ("CWD", cwd), ("TTY", typed), ("USER_TTY", typed),
    ("SYSCALL", call), ("SOCKETCALL", socketcall),
    ("MAC_TASK_CONTEXTS", lambda r: labels(r, "subj")), ("UNKNOWN[1426]", lambda r: labels(r, "obj")),
    ("UNKNOWN[1420]", lambda r: labels(r, "subj")), ("1421", lambda r: labels(r, "obj")),
    ("EOE", lambda r: r.choice(("", "x=1"))), ("SECCOMP", seccomp),
    ("URINGOP", lambda r: f"uring_op={r.randrange(70)} items=1 {pairs(r)}"),
    ("MMAP", lambda r: f"fd=3 flags={r.choice(_NUMBERS)}"),
    ("MQ_OPEN", lambda r: f"oflag=0x{r.randrange(4096):x} mode={r.choice(_NUMBERS)} mq_flags=0x0"),
    ("OPENAT2", openat2),
)  # fmt: skip


def header(r: Random, name: str) -> str:
    if name == "USER":
        name = r.choice(_USER_TYPES)
    elif name == "ANY":
        name = r.choice(_TYPES)
    seconds, serial = r.choice(_SECONDS[: r.choice((1, 1, 2, 4))]), r.choice(_SERIALS[: r.choice((2, 3, 7))])
    if r.random() < 0.01:
        serial = r.choice(("4294967296", "9999999999", "00000000001", ""))
    message, space = r.choice(("msg=", "msg=", "msg=", "")), r.choice((" ", " ", " ", "", "  "))
    end = r.choice((":", ":", ":", ":", ":", ":", " ", ""))
    return f"type={name} {message}audit({seconds}.{r.choice(('000', '123', '999'))}:{serial}){end}{space}"


def record(r: Random) -> bytes:
    """One record with its header, undamaged."""
    name, body = r.choice(_BODIES)
    return (header(r, name) + body(r) + suffix(r)).encode()


def sample_lines() -> list[bytes]:
    """Every line of our own samples: real shapes to start from."""
    return [line for path in sorted(SAMPLES.glob("*.log*")) for line in path.read_bytes().split(b"\n") if line]


def damaged(line: bytes, r: Random) -> bytes:
    """`line` with one wound."""
    at = r.randrange(len(line) + 1)
    kind = r.randrange(8)
    if kind == 0:
        return line[:at] + bytes((r.randrange(256),)) + line[at + 1 :]
    if kind == 1:
        return line[:at]
    if kind == 2:
        return line[:at] + r.choice(_SPECIAL) + line[at:]
    if kind == 3:
        return line[:at] + line[at + r.randrange(1, 12) :]
    words = line.split(b" ")
    first, second = r.randrange(len(words)), r.randrange(len(words))
    if kind == 4:
        words[first], words[second] = words[second], words[first]
    elif kind == 5:
        words.insert(first, words[second])
    elif kind == 6:
        words[first] += words[second]
    else:
        words[first:first] = words[second:] * r.randrange(1, 4)
    return b" ".join(words)


def line(r: Random, samples: list[bytes]) -> bytes:
    """One line without its LF: a record in one of its wrappers, perhaps damaged, or no record at all."""
    if samples and r.random() < 0.3:
        made = r.choice(samples)
    else:
        made = record(r)
        if r.random() < 0.35:
            made = b"node=" + r.choice(_NODES).encode() + b" " + made
    while r.random() < 0.3:
        made = damaged(made, r)
    if r.random() < 0.25:
        made = r.choice((b"WRAP h1 ", b"WRAP h2 ", b"WRAP  ", b"WRAP h\xff ", b"WRAP h1 ")) + made
    if r.random() < 0.05:
        made = (
            r.choice(
                (
                    b"",
                    b"----",
                    b"REJECT bad_json x",
                    b"REJECT bad_header y",
                    b"GROUP ",
                    b"GROUP ",
                    b"hello",
                    b"\r",
                    b"\0",
                    b" ",
                )
            )
            + made[: r.choice((0, 0, 60))]
        )
    if r.random() < 0.04:
        made += r.choice((b"\r", b" ", b"\0", b" \r\0 "))
    return made.replace(b"\n", b" ")


def short_line(r: Random) -> bytes:
    """A small record of very few ids, types and hosts: what lap 1 is made of."""
    name = r.choice((b"PATH", b"PATH", b"SYSCALL", b"USER", b"EOE", b"EOE", b"PROCTITLE", b"LOGIN", b"2000", b"NEW"))
    node = b"node=" + r.choice((b"a", b"b")) + b" " if r.random() < 0.4 else b""
    wrap = b"WRAP " + r.choice((b"h1", b"h2", b"")) + b" " if r.random() < 0.4 else b""
    body = b"x" * r.randrange(5)
    return b"%s%stype=%s msg=audit(1.00%d:%d): %s" % (wrap, node, name, r.randrange(2), r.randrange(3), body)
