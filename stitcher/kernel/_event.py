"""A group of joined records in, its event as a tree out: the native schema, docs/event.md.

This is the specification of what an event holds; `_line` gives the same as JSON, and quicker.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple

from stitcher.event import COMPLETE, Envelope, Group
from stitcher.kernel._arguments import Context
from stitcher.kernel._bounds import MAX_MISSING
from stitcher.kernel._execve import merge_execve
from stitcher.kernel._header import EXECVE, PATH, SOCKETCALL, SYSCALL, URINGOP
from stitcher.kernel._interpret import SIMPLE, arguments_of, interpret
from stitcher.kernel._record import DOUBLE, LIST, PLAIN, SINGLE, Field, Record, text_of, unhex
from stitcher.kernel._scene import LABELS, Piece, Scene, call_arguments, call_context, cut, first_of, own_name, resolve
from stitcher.tables.fields import FIELDS, KERNEL_KEYS, OVERRIDES

Tree = dict[str, Any]

#: kinds whose value the kernel may write as hex
DECODED: Final = frozenset(("encoded", "key", "keystrokes", "proctitle"))
#: kinds whose meaning the sender may have said itself
NAMED: Final = frozenset(("uid", "gid", "arch", "syscall", "sockaddr", "number:io_uring"))
#: kinds whose meaning depends on more than the value
CONTEXTUAL: Final = frozenset(
    kind
    for kind in ("syscall", *FIELDS.values(), *OVERRIDES.values())
    if kind not in SIMPLE and kind not in ("plain", "encoded")
)


def event_of(group: Group) -> Tree:
    """The event as a tree."""
    lines = group.message.split(b"\n")
    pieces = [cut(line) for line in lines]
    missing: list[str] = []
    event = head_of(group)
    event["records"] = _records(pieces, Scene(lines), missing)
    _missing_paths(pieces, missing)
    if missing:
        event["missing"] = missing[:MAX_MISSING]
    return event


def head_of(group: Group) -> Tree:
    """What stands in front of an event's records."""
    event: Tree = {
        "id": f"{group.seconds}.{group.milliseconds:03d}:{group.serial}",
        "time": f"{clock(group.seconds)}.{group.milliseconds:03d}Z",
        "serial": group.serial,
    }
    if group.node:
        event["node"] = text_of(group.node)
    event["complete"] = group.closed_by in COMPLETE
    event["closed_by"] = group.closed_by
    if group.late:
        event["late"] = True
    event["count"] = group.count
    if any(group.envelope):
        event["envelope"] = envelope_of(group.envelope)
    return event


def envelope_of(envelope: Envelope) -> dict[str, str]:
    """What is known of an envelope."""
    return {key: text_of(value) for key, value in envelope._asdict().items() if value}


@lru_cache(maxsize=1024)
def clock(seconds: int) -> str:
    """1700000000 -> "2023-11-14T22:13:20"."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _records(pieces: list[Piece], scene: Scene, missing: list[str]) -> list[Tree]:
    records: list[Tree] = []
    merged = False
    for at, piece in enumerate(pieces):
        if piece.number != EXECVE:
            records.append(Writer(piece.number, piece.record, scene, at).tree(piece.name))
        elif not merged:
            merged = True
            records.append(execve_tree([other.record for other in pieces if other.number == EXECVE], missing))
    return records


class Decoded(NamedTuple):
    """A field as it is written, its kind, and its meaning if that is in the value alone."""

    key: str
    text: Any
    kind: str
    meaning: Any


def kind_of(number: int, key: str) -> str:
    """The kind of a field in records of type `number` (tables.fields)."""
    return OVERRIDES.get((number, key)) or FIELDS.get(key, "plain")


def decode(number: int, key: bytes, value: bytes, quote: int) -> Decoded:
    """Decode one field of a record of type `number`."""
    name = key.decode("ascii")
    kind = kind_of(number, name)
    if quote == PLAIN and kind in DECODED:
        value = unhex(value)
    text: Any = text_of(value)
    if quote == LIST:
        text = [text_of(word) for word in value.split(b" ") if word]
    return Decoded(name, text, kind, SIMPLE[kind](value) if kind in SIMPLE else None)


_known: dict[tuple[int, bytes, bytes, int], Decoded] = {}


def _know(number: int, key: bytes, value: bytes, quote: int) -> Decoded:
    """The same; most fields of a log are alike, so what was seen is remembered."""
    seen = (number, key, value, quote)
    known = _known.get(seen)
    if known is None:
        known = decode(number, key, value, quote)
        if len(value) <= 64:
            if len(_known) >= 8192:
                _known.clear()
            _known[seen] = known
    return known


class Writer:
    """Writes the fields of one record, and what they mean."""

    def __init__(self, number: int, record: Record, scene: Scene, at: int = -1) -> None:
        """`at`: the place of the record among the lines of the scene."""
        self.number = number
        self.record = record
        self.scene = scene
        self.at = at
        self.names = self._suffix_names() if record.suffix else {}
        self._context: Context | None = None

    def tree(self, name: str) -> Tree:
        """The record as it stands in an event."""
        fields, interpreted = self.write(self.record.fields)
        tree: Tree = {"type": name, "fields": fields}
        if self.number == PATH:
            interpreted |= self._resolution()
        if interpreted:
            tree["interpreted"] = interpreted
        if self.record.words:
            tree["text"] = text_of(b" ".join(self.record.words))
        if disputed := conflicts(fields):
            tree["conflicts"] = disputed
        return tree

    def write(self, fields: list[Field]) -> tuple[Tree, Tree]:
        """(fields, interpreted); a key that repeats is a list in both, where a value without meaning is itself."""
        plain: Tree = {}
        meanings: Tree = {}
        repeated: dict[str, list[tuple[Any, Any]]] = {}
        argv: list[str] | None = None
        text: Any
        meaning: Any
        for key, value, quote in fields:
            if isinstance(value, list):
                name, (text, meaning) = "msg", self.write(value)
                meaning = meaning or None
            else:
                name, text, kind, meaning = _know(self.number, key, value, quote)
                if kind in CONTEXTUAL:
                    meaning = interpret(kind, value, self.context())
                elif kind == "context" and fields is self.record.fields:
                    meaning = self._labels(name, value, quote) or meaning
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
        if first_of(self.record, b"arch"):
            return call_context(self.record)
        home, sub = self.scene.home, self.scene.call.sub
        if self.number != SOCKETCALL or not sub:
            return home
        return home._replace(syscall=sub, arguments=call_arguments(self.record))

    def _labels(self, name: str, value: bytes, quote: int) -> dict[str, str] | None:
        """What `subj=?` stands for."""
        asked = value == b"?" and quote == PLAIN and name in LABELS
        return self.scene.labels(self.at, name) if asked else None

    def _resolution(self) -> Tree:
        """What a PATH record's name is, as a whole path."""
        named = own_name(self.record)
        if named is None:
            return {}
        status, path = resolve(*named, self.scene)
        return {"resolution": status} if path is None else {"resolution": status, "path": text_of(path)}

    def _suffix_names(self) -> dict[bytes, list[str]]:
        """The sender's own names by lower-case key, in order; what does not match the fields one to one becomes text.

        auditd leaves out what has no room, so a number of names that is not the number of fields tells nothing.
        """
        counts = Counter(key for key, _, _ in _flat(self.record.fields))
        said = Counter(key for key, _, _ in self.record.suffix)
        names: dict[bytes, list[str]] = {}
        for key, value, quote in self.record.suffix:
            small = key.lower()
            name = name_of(self.number, small, value, quote)
            if name is not None and counts[small] == said[key]:
                names.setdefault(small, []).append(name)
            else:
                mark = bytes((quote,)) if quote in (SINGLE, DOUBLE) else b""
                self.record.words.append(key + b"=" + mark + value + mark)
        return names

    def _said(self, key: bytes, meaning: Any) -> Any:
        name = self.names[key].pop(0)
        better = key == b"saddr" or unknown(name)
        return meaning if better and meaning is not None else name


def unknown(name: str) -> bool:
    """auditd wrote that its own tables, older than ours perhaps, have no name: `unknown-syscall(467)`."""
    return name.startswith("unknown-")


def name_of(number: int, key: bytes, value: bytes, quote: int) -> str | None:
    """What a suffix says about the field `key`; None where no suffix speaks of such a field."""
    kind = kind_of(number, key.decode("ascii"))
    if kind not in NAMED:
        return None
    return text_of(unhex(value) if quote == PLAIN and kind in ("uid", "gid") else value)


def conflicts(fields: Tree) -> list[str]:
    """Keys for which msg='…', the words of a program, holds other values than the kernel wrote in front of it."""
    inner = fields.get("msg")
    if not isinstance(inner, dict):
        return []
    both = [key for key in KERNEL_KEYS if key in fields and key in inner]
    return [key for key in both if fields[key] != inner[key] and not (_is_unset(fields[key]) and _is_unset(inner[key]))]


def _is_unset(value: Any) -> bool:
    return value in ("4294967295", "-1", "unset")


def _flat(fields: list[Field]) -> Iterable[Field]:
    for field in fields:
        if isinstance(field[1], list):
            yield from _flat(field[1])
        else:
            yield field


def execve_tree(records: list[Record], missing: list[str]) -> Tree:
    """All EXECVE records of an event as one: its argv from every piece."""
    merged = merge_execve(records, missing)
    tree = Writer(EXECVE, merged.record, Scene(())).tree("EXECVE")
    tree["fields"]["argv"] = [None if argument is None else text_of(argument) for argument in merged.argv]
    return tree


def _missing_paths(pieces: list[Piece], missing: list[str]) -> None:
    for piece in pieces:
        if piece.number in (SYSCALL, URINGOP):
            check_paths(first_of(piece.record, b"items"), sum(other.number == PATH for other in pieces), missing)
            return


def check_paths(items: bytes, found: int, missing: list[str]) -> None:
    """items= of the system call says how many PATH records there are; fewer is a hint of loss."""
    if items.isdigit() and len(items) <= 6 and found < int(items):
        missing.append(f"PATH {found}/{int(items)}")
