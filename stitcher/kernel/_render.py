"""Lap 2: a group of joined records in, the JSON bytes of one event out.

This is the specification; `_compiled.pyx` gives the same bytes.  See docs/event.md for the event.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple

import orjson

from stitcher.event import COMPLETE, Group
from stitcher.kernel._execve import merge_execve
from stitcher.kernel._header import EXECVE, SYSCALL, URINGOP, parse_header
from stitcher.kernel._interpret import SIMPLE, Context, arguments_of, hex_of, interpret, syscall
from stitcher.kernel._interpret import arch as arch_name
from stitcher.kernel._paths import compile_path
from stitcher.kernel._record import DOUBLE, LIST, PLAIN, SINGLE, Field, Record, parse_record, text_of, unhex
from stitcher.tables.fields import FIELDS, OVERRIDES

Tree = dict[str, Any]

#: kinds whose value the kernel may write as hex
DECODED: Final = frozenset(("encoded", "key", "proctitle"))
#: kinds whose meaning the sender may have said itself
NAMED: Final = frozenset(("uid", "gid", "arch", "syscall", "sockaddr", "number:io_uring"))
#: kinds whose meaning depends on more than the value
CONTEXTUAL: Final = frozenset(
    kind
    for kind in ("syscall", *FIELDS.values(), *OVERRIDES.values())
    if kind not in SIMPLE and kind not in ("plain", "encoded")
)
#: at most this many notes of what is missing
MAX_MISSING: Final = 16


class Rendered(NamedTuple):
    """Events as JSON lines; with paths also where each line ends and the values that the paths asked for."""

    data: bytes
    ends: list[int]
    values: list[tuple[Any, ...]]


class Piece(NamedTuple):
    """One record of a group, cut."""

    number: int
    name: str
    record: Record


def render(groups: Iterable[Group], paths: Sequence[str] = ()) -> Rendered:
    """One JSON line for each group; `paths` name the fields whose values come along (see kernel._paths)."""
    readers = [compile_path(path) for path in paths]
    lines: list[bytes] = []
    ends: list[int] = []
    values: list[tuple[Any, ...]] = []
    end = 0
    for group in groups:
        event = event_of(group)
        line = orjson.dumps(event, option=orjson.OPT_APPEND_NEWLINE)
        lines.append(line)
        if readers:
            end += len(line)
            ends.append(end)
            values.append(tuple(reader(event) for reader in readers))
    return Rendered(b"".join(lines), ends, values)


def event_of(group: Group) -> Tree:
    """The event as a tree: the native schema, docs/event.md."""
    pieces = [cut(line) for line in group.message.split(b"\n")]
    event: Tree = {
        "id": f"{group.seconds}.{group.milliseconds:03d}:{group.serial}",
        "time": f"{_clock(group.seconds)}.{group.milliseconds:03d}Z",
        "serial": group.serial,
    }
    if group.node:
        event["node"] = text_of(group.node)
    event["complete"] = group.closed_by in COMPLETE
    event["closed_by"] = group.closed_by
    if group.late:
        event["late"] = True
    event["count"] = group.count
    envelope = {key: text_of(value) for key, value in group.envelope._asdict().items() if value}
    if envelope:
        event["envelope"] = envelope
    missing: list[str] = []
    event["records"] = _records(pieces, missing)
    _missing_paths(pieces, missing)
    if missing:
        event["missing"] = missing[:MAX_MISSING]
    return event


@lru_cache(maxsize=1024)
def _clock(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def cut(line: bytes) -> Piece:
    """One line of a group's message; what has no header is kept as text of an UNKNOWN record."""
    header = parse_header(line)
    if header is None:
        return Piece(0, "UNKNOWN", Record([], [line] if line else [], []))
    return Piece(header.number, header.name, parse_record(header.number, line[header.body :]))


def _records(pieces: list[Piece], missing: list[str]) -> list[Tree]:
    home = _home(pieces)
    records: list[Tree] = []
    merged = False
    for piece in pieces:
        if piece.number != EXECVE:
            records.append(_Writer(piece.number, piece.record, home).tree(piece.name))
        elif not merged:
            merged = True
            records.append(_execve([other.record for other in pieces if other.number == EXECVE], missing))
    return records


def _home(pieces: list[Piece]) -> Context:
    """The arch of the event's first SYSCALL record: what records without an arch of their own are read by."""
    for piece in pieces:
        if piece.number == SYSCALL:
            return _arch_context(first_of(piece.record, b"arch"))
    return Context()


def _arch_context(written: bytes) -> Context:
    number = hex_of(written)
    if number is None:
        return Context()
    return Context(arch=arch_name(written) or "", little=bool(number & 0x40000000))


def first_of(record: Record, key: bytes) -> bytes:
    """The first value that is written for `key` without quotes, not looking into msg='…'; empty where there is none."""
    for name, value, quote in record.fields:
        if name == key and quote == PLAIN and isinstance(value, bytes):
            return value
    return b""


class _Known(NamedTuple):
    """A field as it is written, its kind, and its meaning if that is in the value alone."""

    key: str
    text: Any
    kind: str
    meaning: Any


_known: dict[tuple[int, bytes, bytes, int], _Known] = {}


def kind_of(number: int, key: str) -> str:
    """The kind of a field in records of type `number` (tables.fields)."""
    return OVERRIDES.get((number, key)) or FIELDS.get(key, "plain")


def _know(number: int, key: bytes, value: bytes, quote: int) -> _Known:
    """Decode one field; most fields of a log are alike, so what was seen is remembered."""
    seen = (number, key, value, quote)
    known = _known.get(seen)
    if known is None:
        name = key.decode("ascii")
        kind = kind_of(number, name)
        if quote == PLAIN and kind in DECODED:
            value = unhex(value)
        text: Any = text_of(value)
        if quote == LIST:
            text = [text_of(word) for word in value.split(b" ") if word]
        meaning = SIMPLE[kind](value) if kind in SIMPLE else None
        known = _Known(name, text, kind, meaning)
        if len(value) <= 64:
            if len(_known) >= 65_536:
                _known.clear()
            _known[seen] = known
    return known


class _Writer:
    """Writes the fields of one record, and what they mean."""

    def __init__(self, number: int, record: Record, home: Context) -> None:
        self.number = number
        self.record = record
        self.home = home
        self.names = self._suffix_names() if record.suffix else {}
        self._context: Context | None = None

    def tree(self, name: str) -> Tree:
        """The record as it stands in an event."""
        fields, interpreted = self.write(self.record.fields)
        tree: Tree = {"type": name, "fields": fields}
        if interpreted:
            tree["interpreted"] = interpreted
        if self.record.words:
            tree["text"] = text_of(b" ".join(self.record.words))
        return tree

    def write(self, fields: list[Field]) -> tuple[Tree, Tree]:
        """(fields, interpreted); a key that repeats is a list in both, where a value without meaning is itself."""
        plain: Tree = {}
        meanings: Tree = {}
        repeated: dict[str, list[tuple[Any, Any]]] = {}
        argv: list[str] | None = None
        for key, value, quote in fields:
            if isinstance(value, list):
                name, (text, meaning) = "msg", self.write(value)
                meaning = meaning or None
            else:
                name, text, kind, meaning = _know(self.number, key, value, quote)
                if kind in CONTEXTUAL:
                    meaning = interpret(kind, value, self.context())
                elif kind == "proctitle" and meaning is not None and argv is None:
                    argv = arguments_of(unhex(value) if quote == PLAIN else value)
                if key in self.names:
                    meaning = self._said(key, meaning)
            if name in plain:
                repeated.setdefault(name, [(plain[name], meanings.get(name))]).append((text, meaning))
            else:
                plain[name] = text
                meanings[name] = meaning
        for name, rows in repeated.items():
            plain[name] = [text for text, _ in rows]
            some = any(meaning is not None for _, meaning in rows)
            meanings[name] = [text if meaning is None else meaning for text, meaning in rows] if some else None
        if argv is not None:
            meanings.setdefault("argv", argv)
        return plain, {name: meaning for name, meaning in meanings.items() if meaning is not None}

    def context(self) -> Context:
        """What meanings in this record depend on: its own arch, or the event's."""
        if self._context is None:
            self._context = self._own_context()
        return self._context

    def _own_context(self) -> Context:
        written = first_of(self.record, b"arch")
        if not written:
            return self.home
        context = _arch_context(written)
        name = syscall(first_of(self.record, b"syscall"), context.arch)
        if name is None:
            return context
        first, second, third = (first_of(self.record, key) for key in (b"a0", b"a1", b"a2"))
        return context._replace(syscall=name, before=(b"", first, second, third))

    def _suffix_names(self) -> dict[bytes, list[str]]:
        """The sender's own names by lower-case key, in order; what does not match the fields one to one becomes text.

        auditd leaves out what has no room, so a number of names that is not the number of fields tells nothing.
        """
        counts = Counter(key for key, _, _ in _flat(self.record.fields))
        said = Counter(key for key, _, _ in self.record.suffix)
        names: dict[bytes, list[str]] = {}
        for key, value, quote in self.record.suffix:
            small = key.lower()
            kind = kind_of(self.number, small.decode("ascii"))
            if kind in NAMED and counts[small] == said[key]:
                decoded = unhex(value) if quote == PLAIN and kind in ("uid", "gid") else value
                names.setdefault(small, []).append(text_of(decoded))
            else:
                mark = bytes((quote,)) if quote in (SINGLE, DOUBLE) else b""
                self.record.words.append(key + b"=" + mark + value + mark)
        return names

    def _said(self, key: bytes, meaning: Any) -> Any:
        name = self.names[key].pop(0)
        return meaning if key == b"saddr" else name


def _flat(fields: list[Field]) -> Iterable[Field]:
    for field in fields:
        if isinstance(field[1], list):
            yield from _flat(field[1])
        else:
            yield field


def _execve(records: list[Record], missing: list[str]) -> Tree:
    """All EXECVE records of an event as one: its argv from every piece."""
    merged = merge_execve(records, missing)
    tree = _Writer(EXECVE, merged.record, Context()).tree("EXECVE")
    tree["fields"]["argv"] = [None if argument is None else text_of(argument) for argument in merged.argv]
    return tree


def _missing_paths(pieces: list[Piece], missing: list[str]) -> None:
    """items= of the system call says how many PATH records there are; fewer is a hint of loss."""
    for piece in pieces:
        if piece.number in (SYSCALL, URINGOP):
            items = first_of(piece.record, b"items")
            found = sum(other.number == 1302 for other in pieces)
            if items.isdigit() and len(items) <= 6 and found < int(items):
                missing.append(f"PATH {found}/{int(items)}")
            return
