"""The header of a record in, its type, time and serial out: the only part of a line that says what it is.

    type=NAME msg=audit(SECONDS.MMM:SERIAL): body       auditd, its plugins, ausearch --raw
    type=1300 audit(SECONDS.MMM:SERIAL): body           the kernel's own printk form
    type=NAME msg=audit(SECONDS.MMM:SERIAL) body        DAEMON_CONFIG of auditd before 3.0

A type may be a name, a number or `UNKNOWN[number]` (a daemon older than its kernel).  It is resolved by number; what
has no name here keeps the text it came with.
"""

import re
from typing import Final, NamedTuple

from stitcher.tables import RECORD_TYPES

SYSCALL: Final = 1300
PATH: Final = 1302
SOCKETCALL: Final = 1304
CWD: Final = 1307
EXECVE: Final = 1309
EOE: Final = 1320
PROCTITLE: Final = 1327
URINGOP: Final = 1336
OPENAT2: Final = 1337
MAC_TASK_CONTEXTS: Final = 1425
MAC_OBJ_CONTEXTS: Final = 1426
#: records of labels, which belong to the record in front of them; 1420 and 1421 are Ubuntu's (see _scene)
LABEL_TYPES: Final = frozenset((1420, 1421, MAC_TASK_CONTEXTS, MAC_OBJ_CONTEXTS))

MAX_SERIAL: Final = 0xFFFFFFFF

_TYPE: Final = rb"type=([A-Z0-9_]{1,64}(?:\[[0-9]{1,7}\])?)"
_STAMP: Final = rb" (?:msg=)?audit\(([0-9]{1,11})\.([0-9]{3}):([0-9]{1,10})\)"
_HEADER: Final = re.compile(_TYPE + _STAMP + rb"(?::|(?= )) ?")
_ONLY_TYPE: Final = re.compile(_TYPE)
_ONLY_STAMP: Final = re.compile(_STAMP + rb"[: ]")
_UNKNOWN: Final = re.compile(r"UNKNOWN\[([0-9]{1,7})\]|([0-9]{1,7})")
_NUMBERS: Final = {name: number for number, name in RECORD_TYPES.items()}


class Header(NamedTuple):
    """What the header says; `number` is 0 for a name that no table has, `body` the offset behind the header."""

    number: int
    name: str
    seconds: int
    milliseconds: int
    serial: int
    body: int


_types: dict[bytes, tuple[int, str]] = {}


def record_type(written: bytes) -> tuple[int, str]:
    """(number, name) of a type as a header writes it: b"UNKNOWN[1334]" -> (1334, "BPF"), b"NEW" -> (0, "NEW")."""
    known = _types.get(written)
    if known is None:
        text = written.decode("ascii")
        found = _UNKNOWN.fullmatch(text)
        number = int(found[1] or found[2]) if found else _NUMBERS.get(text, 0)
        known = number, RECORD_TYPES.get(number, text)
        if len(_types) < 4096:
            _types[written] = known
    return known


def parse_header(line: bytes) -> Header | None:
    """The header at the very start of `line`, or None; a serial is an unsigned 32-bit number."""
    found = _HEADER.match(line)
    if found is None:
        return None
    serial = int(found[4])
    if serial > MAX_SERIAL:
        return None
    return Header(*record_type(found[1]), int(found[2]), int(found[3]), serial, found.end())


def parse_type(written: bytes) -> tuple[int, str] | None:
    """(number, name) of what stands in front of the first space of a header: b"type=EOE" -> (1320, "EOE")."""
    found = _ONLY_TYPE.fullmatch(written)
    return None if found is None else record_type(found[1])


def parse_stamp(line: bytes, at: int) -> tuple[bytes, int, int, int] | None:
    """What stands from there on: b" msg=audit(1.002:3):" as it is written, and 1, 2 and 3 of it."""
    found = _ONLY_STAMP.match(line, at)
    if found is None:
        return None
    seconds, milliseconds, written = found.groups()
    serial = int(written)
    return None if serial > MAX_SERIAL else (found[0], int(seconds), int(milliseconds), serial)


def stands_alone(number: int) -> bool:
    """True for records that never have company: user space's, auditd's own, and KERNEL.

    Like audit-userspace's audit_is_last_record, but for 1406..1419, which the kernel logs inside system calls too.
    """
    return (1000 <= number <= 1299 and number != 1006) or number == 2000 or 2100 <= number <= 2999
