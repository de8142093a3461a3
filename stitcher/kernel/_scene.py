"""The records of one event in, what they say about each other out: the home of a value's meaning.

    arch and byte order     of the first SYSCALL record, for records that have none of their own (SOCKADDR)
    socketcall and ipc      what SYSCALL's a0 asked for, for the arguments in SOCKETCALL
    relative names          CWD is what they begin at, if the system call looked there
    labels                  subj=? and obj=?: where several security modules have labels, the kernel writes a record of
                            its own behind (audit_log_subj_ctx in kernel/audit.c of Linux 6.18)

All of it is looked for when it is asked for: most events never ask.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Final, NamedTuple

from stitcher.kernel._arguments import Context, argument_kinds, sub_call
from stitcher.kernel._bounds import MAX_PATH_BYTES
from stitcher.kernel._header import (
    CWD,
    MAC_OBJ_CONTEXTS,
    MAC_TASK_CONTEXTS,
    OPENAT2,
    SYSCALL,
    URINGOP,
    Header,
    parse_header,
)
from stitcher.kernel._interpret import arch as arch_name
from stitcher.kernel._interpret import syscall
from stitcher.kernel._numbers import hex_of, number_of
from stitcher.kernel._record import PLAIN, Record, parse_record, text_of, unhex
from stitcher.tables.fields import NAMES_ELSEWHERE, RESOLVE_IN_ROOT, TEXT_NAMES

#: key -> the type of the record that holds its labels, and what the labels' keys begin with
LABELS: Final = {"subj": (MAC_TASK_CONTEXTS, b"subj_"), "obj": (MAC_OBJ_CONTEXTS, b"obj_")}
#: Ubuntu's kernels had the two records before Linux did, under numbers that are now IPE's.  The kernel alone writes
#: records of these numbers, so that their first word tells which it is.
_UBUNTU: Final = {
    1420: (b"subj_", MAC_TASK_CONTEXTS, "MAC_TASK_CONTEXTS"),
    1421: (b"obj_", MAC_OBJ_CONTEXTS, "MAC_OBJ_CONTEXTS"),
}
_AT_FDCWD: Final = 0xFFFFFF9C


class Piece(NamedTuple):
    """One record of a group, cut."""

    number: int
    name: str
    record: Record


def cut(line: bytes) -> Piece:
    """One line of a group's message; what has no header is kept as text of an UNKNOWN record."""
    header = parse_header(line)
    if header is None:
        return Piece(0, "UNKNOWN", Record([], [line] if line else [], []))
    number, name = type_of(header, line)
    return Piece(number, name, parse_record(number, line[header.body :]))


def type_of(header: Header, line: bytes) -> tuple[int, str]:
    """Number and name of a record's type."""
    word, number, name = _UBUNTU.get(header.number, (b"", 0, ""))
    return (number, name) if number and line.startswith(word, header.body) else (header.number, header.name)


def first_of(record: Record, key: bytes) -> bytes:
    """The first value that is written for `key` without quotes, not looking into msg='…'; empty where there is none."""
    for name, value, quote in record.fields:
        if name == key and quote == PLAIN and isinstance(value, bytes):
            return value
    return b""


def arch_context(written: bytes) -> Context:
    """What b"c000003e" says: {arch: x86_64, little: True}; nothing where it is no number."""
    number = hex_of(written)
    if number is None:
        return Context()
    return Context(arch=arch_name(written) or "", little=bool(number & 0x40000000))


def call_context(record: Record) -> Context:
    """What a record with arch= and syscall= says."""
    context = arch_context(first_of(record, b"arch"))
    name = syscall(first_of(record, b"syscall"), context.arch)
    if name is None:
        return context
    arguments = call_arguments(record)
    return context._replace(syscall=name, sub=sub_call(name, arguments[0]), arguments=arguments)


def call_arguments(record: Record) -> tuple[bytes, bytes, bytes, bytes]:
    """a0 to a3 of a record as they are written; empty where they are not there."""
    first, second, third, fourth = (first_of(record, key) for key in (b"a0", b"a1", b"a2", b"a3"))
    return first, second, third, fourth


class Scene:
    """What the lines of one event, in order of arrival, say about each other."""

    def __init__(self, lines: Sequence[bytes]) -> None:
        self._lines = lines

    @cached_property
    def _types(self) -> list[int]:
        headers = ((parse_header(line), line) for line in self._lines)
        return [type_of(header, line)[0] if header else 0 for header, line in headers]

    def _first(self, number: int) -> Record | None:
        at = self._types.index(number) if number in self._types else -1
        return cut(self._lines[at]).record if at >= 0 else None

    @cached_property
    def call(self) -> Context:
        """The first SYSCALL record."""
        record = self._first(SYSCALL)
        return Context() if record is None else call_context(record)

    @cached_property
    def home(self) -> Context:
        """What records without an arch of their own are read by."""
        return Context(arch=self.call.arch, little=self.call.little)

    @cached_property
    def cwd(self) -> bytes:
        """The working directory; empty where no record says it."""
        record = self._first(CWD)
        return b"" if record is None else _directory(record)

    @cached_property
    def in_root(self) -> bool:
        """openat2(2) with RESOLVE_IN_ROOT: the directory it looks in is the root."""
        record = self._first(OPENAT2)
        return record is not None and bool((number_of(first_of(record, b"resolve")) or 0) & RESOLVE_IN_ROOT)

    @cached_property
    def base(self) -> str:
        """How a relative name is resolved: "cwd", "dirfd" or "unknown"."""
        if URINGOP in self._types:
            return "dirfd"
        if not self.call.syscall or self.call.syscall in NAMES_ELSEWHERE:
            return "unknown"
        for kind, value in zip(argument_kinds(self.call), self.call.arguments, strict=True):
            if kind == "dirfd" and (hex_of(value) or 0) & 0xFFFFFFFF != _AT_FDCWD:
                return "dirfd"
        return "cwd" if self.cwd else "unknown"

    def labels(self, at: int, key: str) -> dict[str, str] | None:
        """The labels that `subj=?` or `obj=?` of line `at` stands for, by the names of the security modules.

        The kernel writes them directly behind.  Ubuntu's wrote those of the task once an event: where all of an event
        say the same they are those of each subj.  Of an object's labels that came alone nobody knows whose they are.
        """
        number, lead = LABELS[key]
        for behind in (at + 1, at + 2):  # a record has at most one subj and one obj
            found = self._types[behind] if behind < len(self._types) else 0
            if found == number:
                return _labels(cut(self._lines[behind]).record, lead) or None
            if found not in (MAC_TASK_CONTEXTS, MAC_OBJ_CONTEXTS):
                break
        return self._task if number == MAC_TASK_CONTEXTS else None

    @cached_property
    def _task(self) -> dict[str, str] | None:
        """The labels of the task; None where records of them differ, or there are none."""
        places = [at for at, number in enumerate(self._types) if number == MAC_TASK_CONTEXTS]
        every = [_labels(cut(self._lines[at]).record, LABELS["subj"][1]) for at in places]
        same = every and all([*labels.items()] == [*every[0].items()] for labels in every)
        return every[0] or None if same else None


def _labels(record: Record, lead: bytes) -> dict[str, str]:
    """subj_selinux= and the like, without the `subj_`."""
    labels: dict[str, str] = {}
    for name, value, _ in record.fields:
        if name.startswith(lead) and isinstance(value, bytes):
            labels.setdefault(name.removeprefix(lead).decode("ascii"), text_of(value))
    return labels


def _directory(record: Record) -> bytes:
    """The cwd= of a CWD record; empty where it is no absolute path."""
    for name, value, quote in record.fields:
        if name == b"cwd" and isinstance(value, bytes):
            path = unhex(value) if quote == PLAIN else value
            return path if path.startswith(b"/") else b""
    return b""


def resolve(name: bytes, quote: int, nametype: bytes, scene: Scene) -> tuple[str, bytes | None]:
    """The status of a PATH record's name as written, and its whole path if that is known.

    absolute   the name begins with /
    cwd        it is relative to CWD
    dirfd      relative to a descriptor, whose directory no record names
    null       the call was given no name
    unknown    relative, and the event does not say to what

    The kernel writes CWD for the directory of a name without a /, even where that was relative to a descriptor.  The
    target of a symbolic link is a text: nobody looked for it.
    """
    if quote == PLAIN and name == b"(null)":
        return "null", None
    name = unhex(name) if quote == PLAIN else name
    absolute = name.startswith(b"/")
    if absolute and nametype == b"PARENT" and scene.base == "dirfd" and name == scene.cwd:
        return "dirfd", None
    if absolute and not scene.in_root:
        return "absolute", _bounded(name)
    status = scene.base
    if status == "cwd" and nametype == b"UNKNOWN" and scene.call.syscall in TEXT_NAMES:
        status = "unknown"
    if status != "cwd":
        return status, None
    return status, _bounded(scene.cwd + (tidy(name) if scene.in_root else b"/" + name))


def _bounded(path: bytes) -> bytes | None:
    """The path, tidy; None where it is longer than any that the kernel takes."""
    return tidy(path) if len(path) <= MAX_PATH_BYTES else None


def tidy(path: bytes) -> bytes:
    """An absolute path without empty parts, `.` and `..`; like `realpath -ms` it asks no file system about links."""
    parts: list[bytes] = []
    for part in path.split(b"/"):
        if part == b"..":
            del parts[-1:]
        elif part not in (b"", b"."):
            parts.append(part)
    return b"/" + b"/".join(parts)


def own_name(record: Record) -> tuple[bytes, int, bytes] | None:
    """The one name= of a PATH record and its nametype=; None where it has none or more names, or keys that a resolution
    would be taken for.
    """
    found = [(value, quote) for key, value, quote in record.fields if key == b"name"]
    taken = any(key in (b"path", b"resolution") for key, _, _ in record.fields)
    if taken or len(found) != 1 or not isinstance(found[0][0], bytes):
        return None
    return found[0][0], found[0][1], first_of(record, b"nametype")
