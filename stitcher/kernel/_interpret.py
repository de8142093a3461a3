"""A decoded value and its kind in, its meaning in the words of `ausearch -i` out; None where it adds nothing.

Kinds are explained in tables.fields; the numbers are in tables.  Every function here is pure: what a value means may
depend on the record (its arch, its syscall, the argument before), which comes as a `Context`.
"""

import re
from binascii import unhexlify
from collections.abc import Callable
from functools import cache
from typing import Final, NamedTuple

from stitcher.kernel._record import text_of
from stitcher.kernel._sockaddr import sockaddr
from stitcher.tables import (
    ARCHES,
    CAPABILITIES,
    ERRNO,
    FLAGS,
    NUMBERS,
    SYSCALLS,
)
from stitcher.tables.fields import ARCH_FAMILY, ARGUMENTS, ENUMERATIONS


class Context(NamedTuple):
    """What the meaning of a value depends on; empty where the record does not say."""

    arch: str = ""
    #: name of the system call
    syscall: str = ""
    #: for each of a0..a3 the argument before it, as written
    before: tuple[bytes, bytes, bytes, bytes] = (b"", b"", b"", b"")
    #: byte order of the host that wrote the event: True little, False big, None not known
    little: bool | None = None


_FILE_TYPES: Final = {
    0o010000: "fifo",
    0o020000: "character",
    0o040000: "dir",
    0o060000: "block",
    0o100000: "file",
    0o120000: "link",
    0o140000: "socket",
}
_MODE_BITS: Final = ((0o4000, "suid"), (0o2000, "sgid"), (0o1000, "sticky"))
_UNSET: Final = (b"4294967295", b"-1")
_PREFIXED: Final = re.compile(rb"0[xX][0-9a-fA-F]{1,16}|0[0-7]{0,22}|[1-9][0-9]{0,18}")
_DECIMAL: Final = re.compile(rb"-?[0-9]{1,18}")
_HEX: Final = re.compile(rb"(?:0[xX])?([0-9a-fA-F]{1,16})")
_BYTES: Final = re.compile(rb"(?:[0-9a-fA-F]{2})+")
_OCTAL: Final = re.compile(rb"[0-7]{1,21}")
#: bits of an open flag word that hold the access mode, and their names
_ACCESS: Final = ("O_RDONLY", "O_WRONLY", "O_RDWR", "O_ACCMODE")


def number_of(value: bytes) -> int | None:
    """A C number: 0x is hex, a leading 0 octal; None where it is none or does not fit 64 bits."""
    if not _PREFIXED.fullmatch(value):
        return None
    if value[:2] in (b"0x", b"0X"):
        return int(value, 16)
    number = int(value, 8) if value.startswith(b"0") else int(value)
    return number if number < 1 << 64 else None


def hex_of(value: bytes) -> int | None:
    """A hex number with or without 0x; None where it is none."""
    found = _HEX.fullmatch(value)
    return int(found[1], 16) if found else None


def decimal_of(value: bytes) -> int | None:
    """A decimal number with at most 18 digits, perhaps negative; None where it is none."""
    return int(value) if _DECIMAL.fullmatch(value) else None


def octal_of(value: bytes) -> int | None:
    """An octal number with or without a leading 0; None where it is none or does not fit 32 bits."""
    number = int(value, 8) if _OCTAL.fullmatch(value) else None
    return number if number is not None and number < 1 << 32 else None


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


def mode_text(number: int) -> str:
    kind = number & 0o170000
    words = [_FILE_TYPES.get(kind, f"{kind >> 12:03o}")]
    words += [name for bit, name in _MODE_BITS if number & bit]
    return ",".join((*words, f"{number & 0o777:03o}"))


def short_mode(number: int) -> str:
    """Permission bits alone: 0o644 -> "0644"."""
    return f"0{number:03o}"


def capabilities(value: bytes) -> str | None:
    """A hex mask -> "net_raw,sys_admin", "none" for 0; None where a bit has no name."""
    number = hex_of(value)
    if number is None:
        return None
    names = [CAPABILITIES.get(bit, "") for bit in range(64) if number >> bit & 1]
    return (",".join(names) or "none") if all(names) else None


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


@cache
def flag_table(name: str, of: str) -> tuple[tuple[int, str], ...]:
    """The bits of a flag word on an arch, in rising order."""
    own = FLAGS.get(f"{name}.{ARCH_FAMILY.get(of, '')}")
    return tuple(sorted(own if own is not None else FLAGS.get(name, ())))


def flags(name: str, number: int, of: str) -> str | None:
    """Names with | between them; bits without a name follow as hex.  None for 0 of a word that names no zero.

    A name of several bits stands for all of them: none of its parts is named beside it.
    """
    words: list[str] = []
    left = number
    table = flag_table(name, of)
    if name == "open":
        words.append(_ACCESS[number & 3])
        left &= ~3
        table = tuple(row for row in table if row[0] > 3)
    held = [(mask, word) for mask, word in table if left & mask == mask]
    for mask, word in held:
        left &= ~mask
        if not any(other & mask == mask and other != mask for other, _ in held):
            words.append(word)
    if left:
        words.append(f"0x{left:x}")
    return "|".join(words) or None


def argument(position: int, value: bytes, context: Context) -> str | None:
    """a0..a3 of a system call by tables.fields.ARGUMENTS."""
    kind = ARGUMENTS.get(context.syscall, ("", "", "", ""))[position]
    number = hex_of(value) if kind else None
    if number is None:
        return None
    kind, _, table = kind.partition(":")
    if kind == "flags":
        return flags(table, number & 0xFFFFFFFF, context.arch)
    if kind == "number":
        return ENUMERATIONS.get(table, {}).get(number & 0xFFFFFFFF)
    if kind == "dirfd":
        return "AT_FDCWD" if number & 0xFFFFFFFF == 0xFFFFFF9C else None
    if kind == "mode":
        return mode_text(number & 0xFFFFFFFF)
    if kind == "create_mode":
        opened = hex_of(context.before[position])
        if opened is None or not opened & 0o100:
            return None
    return short_mode(number & 0o7777)


def proctitle(value: bytes) -> str | None:
    """Arguments with spaces for the NULs between them; None where there is only one."""
    return text_of(value.replace(b"\0", b" ")) if b"\0" in value else None


def arguments_of(value: bytes) -> list[str]:
    """The argv in a proctitle: cut at its NULs, one NUL at the end left out."""
    return [text_of(part) for part in value.removesuffix(b"\0").split(b"\0")]


#: kinds whose meaning is in the value alone
SIMPLE: Final[dict[str, Callable[[bytes], "str | list[str] | None"]]] = {
    "arch": arch,
    "cap_bitmap": capabilities,
    "capability": capability,
    "errno": errno,
    "exit": exit_code,
    "gid": unset,
    "key": keys,
    "mode": mode,
    "proctitle": proctitle,
    "promisc": promiscuous,
    "seccomp": seccomp,
    "session": unset,
    "success": success,
    "uid": unset,
}


def interpret(kind: str, value: bytes, context: Context) -> "str | list[str] | dict[str, object] | None":
    """The meaning of a decoded value; None where there is none beyond the value itself."""
    simple = SIMPLE.get(kind)
    if simple is not None:
        return simple(value)
    kind, _, table = kind.partition(":")
    if kind == "argument":
        return argument(int(table), value, context)
    if kind == "syscall":
        return syscall(value, context.arch)
    if kind == "sockaddr":
        return sockaddr(unhexlify(value), context.little) if _BYTES.fullmatch(value) else None
    if kind == "short_mode":
        number = octal_of(value)
        return None if number is None else short_mode(number & 0o7777)
    number = number_of(value)
    if number is None:
        return None
    if kind == "number":
        return ENUMERATIONS.get(table, {}).get(number)
    if kind == "flags":
        return flags(table, number & 0xFFFFFFFF, context.arch)
    return None
