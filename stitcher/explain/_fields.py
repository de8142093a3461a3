"""A record in, the story of each of its fields out: as written, how decoded, what it means and by which table.

The values and meanings are those of the event itself; nothing is decoded here a second time.  What is told is which
rule of tables.fields was in force and which table gave the answer, or why none did.
"""

import re
from collections import Counter
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from stitcher.explain._story import FieldStory, RecordStory
from stitcher.kernel._execve import merge_execve
from stitcher.kernel._header import EXECVE, SYSCALL
from stitcher.kernel._interpret import Context, interpret
from stitcher.kernel._record import DOUBLE, LIST, SINGLE, Field, Record, text_of
from stitcher.kernel._render import NAMED, cut, first_of, kind_of
from stitcher.tables import FLAGS
from stitcher.tables.fields import ARCH_FAMILY, ARGUMENTS, OVERRIDES


class Ask(NamedTuple):
    """What decides where a meaning comes from."""

    kind: str
    value: str
    meaning: Any
    arch: str
    syscall: str
    #: the record has a suffix with the sender's own names
    enriched: bool


def tell_records(message: bytes, trees: list[dict[str, Any]]) -> list[RecordStory]:
    """The records of a group's message; `trees` are the records of its event."""
    pieces = [cut(line) for line in message.split(b"\n")]
    home = next((arch_of(piece.record) for piece in pieces if piece.number == SYSCALL), "")
    merged = [piece for piece in pieces if piece.number == EXECVE]
    shown = [piece for piece in pieces if piece.number != EXECVE or piece is merged[0]]
    stories = []
    for piece, tree in zip(shown, trees, strict=True):
        if piece.number == EXECVE:
            fields = tell_execve([other.record for other in merged], tree)
        else:
            fields = tell_fields(piece.number, piece.record, tree, home)
        stories.append(RecordStory(tree["type"], fields, tree.get("text")))
    return stories


def tell_fields(number: int, record: Record, tree: dict[str, Any], home: str) -> list[FieldStory]:
    """The fields of one record and of its inner msg='…'; `tree` is the record in the event, `home` the event's arch."""
    return _Teller(number, record, home).tell(record.fields, tree["fields"], tree.get("interpreted", {}))


def tell_execve(records: list[Record], tree: dict[str, Any]) -> list[FieldStory]:
    """The fields of all EXECVE records of an event, whose arguments stand in one argv."""
    merged = merge_execve(records, [])
    kept = {id(field) for field in merged.record.fields}
    argv = tree["fields"]["argv"]
    rows = _Teller(EXECVE, merged.record, "").tell(merged.record.fields, tree["fields"], tree.get("interpreted", {}))
    shown: set[int] = set()
    for record in records:
        rows += [_argument(field, argv, shown) for field in record.fields if id(field) not in kept]
    return rows


def arch_of(record: Record) -> str:
    """The name of the arch that a record was written on, empty where it does not say."""
    name = interpret("arch", first_of(record, b"arch"), Context())
    return name if isinstance(name, str) else ""


def kind_name(number: int, key: str) -> str:
    """The kind of a field as tables.fields names it; a star behind it: this record type overrides it."""
    return kind_of(number, key) + ("*" if (number, key) in OVERRIDES else "")


def source_of(ask: Ask) -> str:
    """Where the meaning of a value comes from, or why it has none."""
    head = ask.kind.partition(":")[0]
    return SOURCES.get(head, _unknown)(ask)


def written_text(value: bytes, quote: int) -> str:
    """A value with the quotes that it was written in."""
    mark = {DOUBLE: '"', SINGLE: "'"}.get(quote, "")
    text = mark + text_of(value) + mark
    return "{" + text + "}" if quote == LIST else text


class _Teller:
    def __init__(self, number: int, record: Record, home: str) -> None:
        self.number = number
        self.arch = arch_of(record) if first_of(record, b"arch") else home
        call = interpret("syscall", first_of(record, b"syscall"), Context(arch=self.arch))
        self.syscall = call if isinstance(call, str) else ""
        self.written = Counter(key for key, _, _ in _flat(record.fields))
        self.said: dict[bytes, list[str]] = {}
        for key, value, quote in record.suffix:
            self.said.setdefault(key.lower(), []).append(written_text(value, quote))

    def tell(
        self, fields: list[Field], values: dict[str, Any], meanings: dict[str, Any], path: str = ""
    ) -> list[FieldStory]:
        counts = Counter(key for key, _, _ in fields)
        turn: Counter[bytes] = Counter()
        rows: list[FieldStory] = []
        for key, written, quote in fields:
            name, at = key.decode("ascii"), turn[key]
            turn[key] += 1
            value, meaning = values[name], meanings.get(name)
            if counts[key] > 1:
                value = value[at]
                meaning = meaning[at] if meaning is not None and meaning[at] != value else None
            if written == []:
                rows.append(FieldStory(path + name, "''", value, meaning, "plain", "quotes off", "no fields inside"))
            elif isinstance(written, list):
                rows += self.tell(written, value, meaning or {}, f"{path}{name}.")
            else:
                rows.append(self._field(path + name, (key, written, quote), value, meaning))
        if not path and "argv" in meanings:
            rows.append(FieldStory("argv", "", None, meanings["argv"], "proctitle", "", "proctitle cut at its NULs"))
        return rows

    def _field(self, path: str, field: Field, value: object, meaning: object) -> FieldStory:
        key, written, quote = field
        assert isinstance(written, bytes)
        name = key.decode("ascii")
        kind = kind_of(self.number, name)
        text = written_text(written, quote)
        said = self._sender(key) if kind in NAMED else ""
        source = said or source_of(Ask(kind, str(value), meaning, self.arch, self.syscall, bool(self.said)))
        decoded = _decoding(kind, text, quote, value)
        return FieldStory(path, text, value, meaning, kind_name(self.number, name), decoded, source)

    def _sender(self, key: bytes) -> str:
        """What the suffix of the record says of this field; empty where it says nothing."""
        said = self.said.get(key)
        if not said:
            return ""
        name = key.decode("ascii").upper()
        if len(said) != self.written[key]:
            return f"sender's suffix says {name} {len(said)} times for {self.written[key]} fields: not used"
        return "" if key == b"saddr" else f"sender's suffix: {name}"


def _flat(fields: list[Field]) -> list[Field]:
    flat: list[Field] = []
    for field in fields:
        flat += _flat(field[1]) if isinstance(field[1], list) else [field]
    return flat


def _decoding(kind: str, written: str, quote: int, value: object) -> str:
    if quote == LIST:
        return "words between braces"
    if quote in (DOUBLE, SINGLE):
        return "quoted: literal" if kind in ENCODED else "quotes off"
    if value != written:
        return "unquoted hex: decoded"
    return "no hex: as written" if kind in ENCODED else "as written"


_PIECE: Final = re.compile(r"a([0-9]+)(?:\[([0-9]+)\]|_len)?")


def _argument(field: Field, argv: list[str | None], shown: set[int]) -> FieldStory:
    """A field of EXECVE that went into argv; of an argument in pieces the first one holds the value."""
    key, written, quote = field
    name = key.decode("ascii")
    assert isinstance(written, bytes)
    found = _PIECE.fullmatch(name)
    text = written_text(written, quote)
    if found is None or name.endswith("_len"):
        return FieldStory(name, text, None, None, "encoded", "", "length of an argument as logged: checked, not kept")
    index = int(found[1])
    piece = f"argv[{index}]" + (f", piece {found[2]}" if found[2] else "")
    if index in shown or index >= len(argv):
        return FieldStory(name, text, None, None, "encoded", "", f"{piece}: joined to it")
    shown.add(index)
    decoded = "quoted: literal" if quote == DOUBLE else _decoding("encoded", text, quote, argv[index])
    return FieldStory(name, text, argv[index], None, "encoded", decoded, piece)


#: kinds whose values the kernel may write as hex
ENCODED: Final = frozenset(("encoded", "key", "proctitle"))


def _in(table: str) -> Callable[[Ask], str]:
    return lambda ask: f"{table}[{ask.value}]" if ask.meaning is not None else f"not in {table}"


def _says(found: str, none: str) -> Callable[[Ask], str]:
    return lambda ask: found if ask.meaning is not None else none


def _syscall(ask: Ask) -> str:
    if not ask.arch:
        return "no arch is known: the number stays"
    x32 = ask.arch == "x86_64" and ask.value.isdecimal() and int(ask.value) & 0x40000000
    table = f"SYSCALLS[{'x32' if x32 else ask.arch}]"
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


def _numbers_table(name: str) -> str:
    return _NUMBER_TABLES.get(name, f"NUMBERS[{name}]")


def _flags(ask: Ask) -> str:
    table = _flags_table(ask.kind.partition(":")[2], ask.arch)
    return f"bits of {table}" if ask.meaning is not None else f"no bit that {table} names"


def _number(ask: Ask) -> str:
    table = _numbers_table(ask.kind.partition(":")[2])
    return f"{table}[{ask.value}]" if ask.meaning is not None else f"not in {table}"


def _argument_of(ask: Ask) -> str:
    """a0..a3 of a system call."""
    place = f"ARGUMENTS[{ask.syscall}][{ask.kind.partition(':')[2]}]"
    if not ask.syscall:
        return "hex; the system call is not known"
    kinds = ARGUMENTS.get(ask.syscall)
    if kinds is None:
        return f"hex; {ask.syscall} is not in ARGUMENTS"
    kind = kinds[int(ask.kind.partition(":")[2])]
    if not kind:
        return f"hex; a plain number in {place}"
    head, _, table = kind.partition(":")
    if head == "create_mode" and ask.meaning is None:
        return f"{place} = create_mode: counts with O_CREAT only"
    where = _flags_table(table, ask.arch) if head == "flags" else _numbers_table(table) if head == "number" else ""
    return f"{place} = {head}" + (f", {where}" if where else "") + ("" if ask.meaning is not None else ": no name")


def _sockaddr(ask: Ask) -> str:
    if ask.meaning is None:
        return "no struct sockaddr: less than a family"
    order = f"byte order of {ask.arch}" if ask.arch else "byte order guessed: no arch is known"
    return f"struct sockaddr by FAMILIES, {order}"


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
    "encoded": _says("", ""),
    "errno": _error,
    "exit": _error,
    "flags": _flags,
    "gid": _name,
    "key": _says("several keys: cut at 0x01", "one key"),
    "mode": _says("st_mode: type and permission bits", "no octal number"),
    "number": _number,
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
