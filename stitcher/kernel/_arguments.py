"""A number of a system call's argument in, its name out: what tables.fields.ARGUMENTS and CHOICES say.

An argument is a register: what the call takes is mostly its low 32 bits.
"""

from collections.abc import Callable
from functools import cache
from typing import Final, NamedTuple

from stitcher.kernel._numbers import hex_of
from stitcher.tables import FLAGS, SIGNALS
from stitcher.tables.fields import ARCH_ARGUMENTS, ARCH_FAMILY, ARGUMENTS, CHOICES, ENUMERATIONS, SUB_CALLS


class Context(NamedTuple):
    """What the meaning of a value depends on; empty where the record does not say."""

    arch: str = ""
    #: name of the system call
    syscall: str = ""
    #: what socketcall(2) or ipc(2) was asked to do, by its own system call's name
    sub: str = ""
    #: a0 to a3 as written
    arguments: tuple[bytes, bytes, bytes, bytes] = (b"", b"", b"", b"")
    #: byte order of the host that wrote the event: True little, False big, None not known
    little: bool | None = None


_LOW: Final = 0xFFFFFFFF
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
#: bits of an open flag word that hold the access mode, and their names
_ACCESS: Final = ("O_RDONLY", "O_WRONLY", "O_RDWR", "O_ACCMODE")
_NOTHING: Final = ("", "", "", "")


def mode_text(number: int) -> str:
    """0o100644 -> "file,644"; the type of a mode without one is its octal digits, as in "000,640"."""
    kind = number & 0o170000
    words = [_FILE_TYPES.get(kind, f"{kind >> 12:03o}")]
    words += [name for bit, name in _MODE_BITS if number & bit]
    return ",".join((*words, f"{number & 0o777:03o}"))


def short_mode(number: int) -> str:
    """Permission bits, and names for those before them: 0o644 -> "0644", 0o4755 -> "suid,0755"."""
    words = [name for bit, name in _MODE_BITS if number & bit]
    return ",".join((*words, f"0{number & 0o777:03o}"))


@cache
def flag_table(name: str, of: str) -> tuple[tuple[int, str], ...]:
    """The bits of a flag word on an arch, in rising order; a mask of 0 is the word for none."""
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
    elif number == 0:
        return table[0][1] if table and table[0][0] == 0 else None
    held = [(mask, word) for mask, word in table if mask and left & mask == mask]
    for mask, word in held:
        left &= ~mask
        if not any(other & mask == mask and other != mask for other, _ in held):
            words.append(word)
    if left:
        words.append(f"0x{left:x}")
    return "|".join(words) or None


@cache
def _enumeration(table: str, of: str) -> dict[int, str]:
    own = ENUMERATIONS.get(f"{table}.{ARCH_FAMILY.get(of, '')}")
    return own if own is not None else ENUMERATIONS.get(table, {})


def numbered(table: str, number: int, of: str) -> str | None:
    """The name of a number on an arch; None where it has none."""
    return _enumeration(table, of).get(number)


def personality(number: int, of: str) -> str | None:
    """0x40000 -> "PER_LINUX|ADDR_NO_RANDOMIZE"; None where the lowest byte has no name."""
    first = numbered("personality", number & 0xFF, of)
    more = flags("personality", number & _LOW & ~0xFF, of)
    return f"{first}|{more}" if first and more else first


def sub_call(name: str, first: bytes) -> str:
    """What socketcall(2) and ipc(2) do by their a0, as the name of the call of its own; empty where it has none."""
    table, mask = SUB_CALLS.get(name, ("", 0))
    number = hex_of(first)
    return ENUMERATIONS[table].get(number & mask, "") if table and number is not None else ""


def _account(number: int) -> str:
    if number == _LOW:
        return "unset"
    return "root" if number == 0 else f"unknown({number})"


def _clone(number: int, of: str) -> str | None:
    words = [flags("clone", number & ~0xFF, of), SIGNALS.get(number & 0xFF)]
    return "|".join(filter(None, words)) or None


def _ipc(number: int, of: str) -> str | None:
    words = [flags("ipc", number & ~0o777, of), f"0{number & 0o777:03o}"]
    return "|".join(filter(None, words))


def _sched(number: int, of: str) -> str | None:
    name = numbered("sched", number & ~0x40000000, of)
    return f"{name}|SCHED_RESET_ON_FORK" if name and number & 0x40000000 else name


def _decimal(number: int) -> str:
    return str(number - (1 << 32) if number >> 31 else number)


def _descriptor(number: int) -> str | None:
    return "AT_FDCWD" if number == 0xFFFFFF9C else None


def _socket_type(number: int, of: str) -> str | None:
    return numbered("socket_type", number & 0xFF, of)


#: kinds of an argument; each takes the low 32 bits, these the arch as well
_ON_ARCH: Final[dict[str, Callable[[int, str], str | None]]] = {
    "clone": _clone,
    "ipc_flags": _ipc,
    "personality": personality,
    "sched": _sched,
    "socket_type": _socket_type,
}
_EVERYWHERE: Final[dict[str, Callable[[int], str | None]]] = {
    "account": _account,
    "create_mode": short_mode,
    "decimal": _decimal,
    "dirfd": _descriptor,
    "group": _account,
    "hex": str,
    "mode": mode_text,
    "short_mode": short_mode,
}


def decider(kinds: tuple[str, str, str, str], position: int) -> int:
    """The argument that says what the one at `position` means; -1 where none does."""
    kind, _, name = kinds[position].partition(":")
    if kind == "create_mode":
        return position - 1
    return CHOICES[name][0] if kind == "choice" else -1


def argument_kinds(context: Context) -> tuple[str, str, str, str]:
    """The kinds of a0 to a3 of the system call; empty ones where it has none."""
    return ARCH_ARGUMENTS.get((context.arch, context.syscall)) or ARGUMENTS.get(context.syscall, _NOTHING)


def argument(position: int, value: bytes, context: Context) -> str | None:
    """The meaning of one of a0 to a3 in a system call."""
    kinds = argument_kinds(context)
    number = hex_of(value) if kinds[position] else None
    if number is None:
        return None
    kind, _, table = kinds[position].partition(":")
    deciding = decider(kinds, position)
    said = hex_of(context.arguments[deciding]) if deciding >= 0 else None
    if kind == "create_mode" and (said is None or not said & 0o100):
        return None
    if kind == "choice":
        kind, _, table = CHOICES[table][1].get(-1 if said is None else said & _LOW, "").partition(":")
    number &= _LOW
    if kind == "flags":
        return flags(table, number, context.arch)
    if kind == "number":
        return numbered(table, number, context.arch)
    if kind in _ON_ARCH:
        return _ON_ARCH[kind](number, context.arch)
    return _EVERYWHERE[kind](number) if kind else None
