"""The kind of a value in, where its meaning comes from out: which table, or why it has none."""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from stitcher.tables import FLAGS
from stitcher.tables.fields import ARCH_ARGUMENTS, ARCH_FAMILY, ARGUMENTS, CHOICES, ENUMERATIONS, SUB_CALLS


class Ask(NamedTuple):
    """What decides where a meaning comes from."""

    kind: str
    value: str
    meaning: Any
    arch: str
    syscall: str
    #: the record has a suffix with the sender's own names
    enriched: bool


def source_of(ask: Ask) -> str:
    """Where the meaning of a value comes from, or why it has none."""
    head = ask.kind.partition(":")[0]
    return SOURCES.get(head, _unknown)(ask)


#: kinds whose values the kernel may write as hex
ENCODED: Final = frozenset(("encoded", "key", "keystrokes", "proctitle"))


def _in(table: str) -> Callable[[Ask], str]:
    return lambda ask: f"{table}[{ask.value}]" if ask.meaning is not None else f"not in {table}"


def _says(found: str, none: str) -> Callable[[Ask], str]:
    return lambda ask: found if ask.meaning is not None else none


def _syscall(ask: Ask) -> str:
    if not ask.arch:
        return "no arch is known: the number stays"
    x32 = ask.arch == "x86_64" and ask.value.isdecimal() and int(ask.value) & 0x40000000
    table = f"SYSCALLS[{'x32' if x32 else ask.arch}]"
    if ask.syscall in SUB_CALLS and ask.meaning is not None:
        return f"{table}[{ask.value}] is {ask.syscall}: a0 in NUMBERS[{SUB_CALLS[ask.syscall][0]}]"
    return f"{table}[{ask.value}]" if ask.meaning is not None else f"not in {table}"


def _error(ask: Ask) -> str:
    if ask.meaning is not None:
        return f"ERRNO[{ask.value.removeprefix('-')}]"
    if ask.kind == "exit" and not ask.value.startswith("-"):
        return "not negative: no error"
    return "0: no error" if ask.value == "0" else "not in ERRNO"


def _flags_table(name: str, arch: str) -> str:
    own = f"{name}.{ARCH_FAMILY.get(arch, '')}"
    return f"FLAGS[{own if own in FLAGS else name}]"


_NUMBER_TABLES: Final = {"signal": "SIGNALS", "io_uring": "IO_URING_OPS", "family": "FAMILIES"}


def _numbers_table(name: str, arch: str = "") -> str:
    own = f"{name}.{ARCH_FAMILY.get(arch, '')}"
    return _NUMBER_TABLES.get(name, f"NUMBERS[{own if own in ENUMERATIONS else name}]")


def _flags(ask: Ask) -> str:
    table = _flags_table(ask.kind.partition(":")[2], ask.arch)
    return f"bits of {table}" if ask.meaning is not None else f"no bit that {table} names"


def _number(ask: Ask) -> str:
    table = _numbers_table(ask.kind.partition(":")[2], ask.arch)
    return f"{table}[{ask.value}]" if ask.meaning is not None else f"not in {table}"


def _argument_of(ask: Ask) -> str:
    """a0..a3 of a system call."""
    place = f"ARGUMENTS[{ask.syscall}][{ask.kind.partition(':')[2]}]"
    if not ask.syscall:
        return "hex; the system call is not known"
    kinds = ARCH_ARGUMENTS.get((ask.arch, ask.syscall)) or ARGUMENTS.get(ask.syscall)
    if kinds is None:
        return f"hex; {ask.syscall} is not in ARGUMENTS"
    kind = kinds[int(ask.kind.partition(":")[2])]
    if not kind:
        return f"hex; a plain number in {place}"
    head, _, table = kind.partition(":")
    if head == "create_mode" and ask.meaning is None:
        return f"{place} = create_mode: counts with O_CREAT only"
    return f"{place} = {head}{_table_behind(head, table, ask.arch)}" + ("" if ask.meaning is not None else ": no name")


def _table_behind(head: str, table: str, arch: str) -> str:
    if head == "flags":
        return f", {_flags_table(table, arch)}"
    if head == "number":
        return f", {_numbers_table(table, arch)}"
    return f" by a{CHOICES[table][0]}, CHOICES[{table}]" if head == "choice" else ""


def _sockaddr(ask: Ask) -> str:
    if ask.meaning is None:
        return "no struct sockaddr: less than a family"
    order = f"byte order of {ask.arch}" if ask.arch else "byte order guessed: no arch is known"
    return f"struct sockaddr by FAMILIES, {order}"


def _label(ask: Ask) -> str:
    if ask.value == "?":
        return "labels of the record behind that has them" if ask.meaning is not None else "no record has its labels"
    return "cut at its colons" if ask.meaning is not None else "no label of user:role:type"


def _name(ask: Ask) -> str:
    if ask.meaning is not None:
        return f"{ask.value} is nobody yet"
    return "the sender's suffix does not name it" if ask.enriched else "no name from the sender: log_format = RAW"


def _unknown(ask: Ask) -> str:
    return f"kind {ask.kind}"


#: kind, without what stands behind its colon -> where its meanings come from
SOURCES: Final[dict[str, Callable[[Ask], str]]] = {
    "arch": _in("ARCHES"),
    "argument": _argument_of,
    "cap_bitmap": _says("bits of CAPABILITIES", "no hex mask, or a bit that is not in CAPABILITIES"),
    "capability": _in("CAPABILITIES"),
    "context": _label,
    "encoded": _says("", ""),
    "errno": _error,
    "exit": _error,
    "flags": _flags,
    "gid": _name,
    "hex": _says("decimal", "no hex number"),
    "key": _says("several keys: cut at 0x01", "one key"),
    "keystrokes": _says("control bytes by tables.keystrokes", "nothing was typed"),
    "mode": _says("st_mode: type and permission bits", "no octal number"),
    "number": _number,
    "perm": _says("bits of AUDIT_PERM_*", "no number of AUDIT_PERM_* bits"),
    "personality": _says("NUMBERS[personality], bits of FLAGS[personality]", "not in NUMBERS[personality]"),
    "plain": _says("", ""),
    "proctitle": _says("NULs are the borders of arguments", "one argument"),
    "promisc": _says("bit 0x100, IFF_PROMISC", "no number"),
    "seccomp": _says("upper bits in NUMBERS[seccomp_action]", "not in NUMBERS[seccomp_action]"),
    "session": _says("no session yet", "a session number"),
    "short_mode": _says("permission bits", "no octal number"),
    "sockaddr": _sockaddr,
    "success": _says("1 is yes, 0 is no", "a word: stays"),
    "syscall": _syscall,
    "uid": _name,
}
