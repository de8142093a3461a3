"""A decoded value and its kind in, its meaning in the words of `ausearch -i` out; None where it adds nothing.

Kinds are explained in tables.fields; the numbers are in tables.  Every function here is pure: what a value means may
depend on the record (its arch, its syscall, its arguments), which comes as a `Context`.
"""

import re
from binascii import unhexlify
from collections.abc import Callable
from typing import Final

from stitcher.kernel._arguments import Context, argument, flags, mode_text, numbered, personality, short_mode, sub_call
from stitcher.kernel._numbers import decimal_of, hex_of, number_of, octal_of
from stitcher.kernel._record import text_of
from stitcher.kernel._sockaddr import sockaddr
from stitcher.tables import ARCHES, CAPABILITIES, ERRNO, NUMBERS, SYSCALLS
from stitcher.tables.keystrokes import CONTROL, SEQUENCES

_UNSET: Final = (b"4294967295", b"-1")
_BYTES: Final = re.compile(rb"(?:[0-9a-fA-F]{2})+")
_LABEL: Final = re.compile(rb"([A-Za-z0-9_.$-]+):([A-Za-z0-9_.$-]+):([A-Za-z0-9_.$-]+)(?::(.+))?", re.DOTALL)
#: AUDIT_PERM_* of include/uapi/linux/audit.h
_PERMISSIONS: Final = ((4, "read"), (2, "write"), (1, "exec"), (8, "attr"))
_KEYS: Final = re.compile(b"|".join(map(re.escape, (*sorted(SEQUENCES, reverse=True), *CONTROL))))
_ODD: Final = re.compile(rb'[\x00-\x1f"\\\x7f]')


def unset(value: bytes) -> str | None:
    """What the kernel writes for "nobody yet" in uid, gid and session fields."""
    return "unset" if value in _UNSET else None


def arch(value: bytes) -> str | None:
    """b"c000003e" -> "x86_64"."""
    number = hex_of(value)
    return None if number is None else ARCHES.get(number)


def syscall(value: bytes, of: str) -> str | None:
    """(b"59", "x86_64") -> "execve"; numbers with bit 30 on x86_64 are x32's."""
    number = decimal_of(value)
    if number is None:
        return None
    if of == "x86_64" and number & 0x40000000:
        return SYSCALLS["x32"].get(number & ~0x40000000)
    return SYSCALLS.get(of, {}).get(number)


def exit_code(value: bytes) -> str | None:
    """b"-2" -> "ENOENT(No such file or directory)"; a result that is not negative is no error."""
    number = decimal_of(value)
    if number is None or number >= 0 or -number not in ERRNO:
        return None
    return "{}({})".format(*ERRNO[-number])


def errno(value: bytes) -> str | None:
    """The same for fields that hold the error with either sign; 0 is no error."""
    number = decimal_of(value)
    if not number or abs(number) not in ERRNO:
        return None
    return "{}({})".format(*ERRNO[abs(number)])


def success(value: bytes) -> str | None:
    """res=1 -> "yes"; words stay words."""
    return {b"1": "yes", b"0": "no"}.get(value)


def mode(value: bytes) -> str | None:
    """b"0100644" -> "file,644"; the type of a mode without one is its octal digits, as in "000,640"."""
    number = octal_of(value)
    return None if number is None else mode_text(number)


def capabilities(value: bytes) -> str | None:
    """A hex mask -> "net_raw,sys_admin", "none" for 0; bits without a name follow as hex."""
    number = hex_of(value)
    if number is None:
        return None
    words = [name for bit, name in CAPABILITIES.items() if number >> bit & 1]
    left = number & ~sum(1 << bit for bit in CAPABILITIES)
    return ",".join([*words, f"0x{left:x}"] if left else words) or "none"


def capability(value: bytes) -> str | None:
    """b"21" -> "sys_admin"."""
    number = decimal_of(value)
    return None if number is None else CAPABILITIES.get(number)


def promiscuous(value: bytes) -> str | None:
    """IFF_PROMISC (0x100) of an interface's flags -> yes or no."""
    number = number_of(value)
    return None if number is None else ("yes" if number & 0x100 else "no")


def seccomp(value: bytes) -> str | None:
    """The action, which is in the upper bits of a SECCOMP_RET_* value."""
    number = number_of(value)
    return None if number is None else NUMBERS["seccomp_action"].get(number & 0xFFFF0000)


def keys(value: bytes) -> list[str] | None:
    """Several keys of one rule are written with 0x01 between them."""
    return [text_of(key) for key in value.split(b"\x01")] if b"\x01" in value else None


def permissions(value: bytes) -> str | None:
    """A set of AUDIT_PERM_* -> "read,write"; 0 asks for all four."""
    number = number_of(value)
    if number is None or number > 15:
        return None
    return ",".join(word for bit, word in _PERMISSIONS if number & bit or not number)


def label(value: bytes) -> dict[str, str] | None:
    """A SELinux label, cut: user, role, type and, where there is one, range; None for labels of another kind."""
    found = _LABEL.fullmatch(value)
    if found is None:
        return None
    parts = zip(("user", "role", "type", "range"), found.groups(), strict=True)
    return {name: text_of(part) for name, part in parts if part is not None}


def decimal(value: bytes) -> str | None:
    """A hex number -> decimal digits."""
    number = hex_of(value)
    return None if number is None else str(number)


def keystrokes(value: bytes) -> str | None:
    """What was typed: text in quotes, control keys by name, commas between: '"ls",<ret>'; None for nothing."""
    words: list[str] = []
    at = 0
    for found in _KEYS.finditer(value):
        if found.start() > at:
            words.append(_typed(value[at : found.start()]))
        words.append(f"<{SEQUENCES.get(found[0]) or CONTROL[found[0]]}>")
        at = found.end()
    if at < len(value):
        words.append(_typed(value[at:]))
    return ",".join(words) or None


def _typed(value: bytes) -> str:
    r"""Text in quotes; a quote and a backslash get a backslash, a control byte is \ooo."""
    return '"' + text_of(_ODD.sub(_escape, value)) + '"'


def _escape(found: re.Match[bytes]) -> bytes:
    return b"\\" + found[0] if found[0] in b'"\\' else b"\\%03o" % ord(found[0])


def proctitle(value: bytes) -> str | None:
    """Arguments with spaces for the NULs between them; None where there is only one."""
    return text_of(value.replace(b"\0", b" ")) if b"\0" in value else None


def arguments_of(value: bytes) -> list[str]:
    """The argv in a proctitle: cut at its NULs, one NUL at the end left out."""
    return [text_of(part) for part in value.removesuffix(b"\0").split(b"\0")]


#: kinds whose meaning is in the value alone
SIMPLE: Final[dict[str, Callable[[bytes], "str | list[str] | dict[str, str] | None"]]] = {
    "arch": arch,
    "cap_bitmap": capabilities,
    "capability": capability,
    "context": label,
    "errno": errno,
    "exit": exit_code,
    "gid": unset,
    "hex": decimal,
    "key": keys,
    "keystrokes": keystrokes,
    "mode": mode,
    "perm": permissions,
    "proctitle": proctitle,
    "promisc": promiscuous,
    "seccomp": seccomp,
    "session": unset,
    "success": success,
    "uid": unset,
}


Meaning = str | list[str] | dict[str, str] | dict[str, object]


def interpret(kind: str, value: bytes, context: Context) -> Meaning | None:
    """The meaning of a decoded value; None where there is none beyond the value itself."""
    simple = SIMPLE.get(kind)
    if simple is not None:
        return simple(value)
    kind, _, table = kind.partition(":")
    if kind == "argument":
        return argument(int(table), value, context)
    if kind == "syscall":
        name = syscall(value, context.arch)
        return name and (sub_call(name, context.arguments[0]) or name)
    if kind == "sockaddr":
        return sockaddr(unhexlify(value), context.little) if _BYTES.fullmatch(value) else None
    if kind == "short_mode":
        number = octal_of(value)
        return None if number is None else short_mode(number)
    return _by_number(kind, table, value, context.arch)


def _by_number(kind: str, table: str, value: bytes, of: str) -> str | None:
    number = hex_of(value) if kind == "personality" else number_of(value)
    if number is None:
        return None
    if kind == "number":
        return numbered(table, number, of)
    if kind == "flags":
        return flags(table, number & 0xFFFFFFFF, of)
    return personality(number, of) if kind == "personality" else None
