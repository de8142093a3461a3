"""A record in, the story of each of its fields out: as written, how decoded, what it means and by which table.

The values and meanings are those of the event itself; nothing is decoded here a second time.  What is told is which
rule of tables.fields was in force and which table gave the answer, or why none did.
"""

import re
from collections import Counter
from typing import Any, Final

from stitcher.explain._sources import ENCODED, Ask, source_of
from stitcher.explain._story import FieldStory, RecordStory
from stitcher.kernel._execve import merge_execve
from stitcher.kernel._header import EXECVE, SOCKETCALL
from stitcher.kernel._record import DOUBLE, LIST, SINGLE, Field, Record, text_of
from stitcher.kernel._render import NAMED, kind_of
from stitcher.kernel._scene import Scene, call_context, cut, first_of
from stitcher.tables.fields import OVERRIDES


def tell_records(message: bytes, trees: list[dict[str, Any]]) -> list[RecordStory]:
    """The records of a group's message; `trees` are the records of its event."""
    lines = message.split(b"\n")
    pieces = [cut(line) for line in lines]
    scene = Scene(lines)
    merged = [piece for piece in pieces if piece.number == EXECVE]
    shown = [piece for piece in pieces if piece.number != EXECVE or piece is merged[0]]
    stories = []
    for piece, tree in zip(shown, trees, strict=True):
        if piece.number == EXECVE:
            fields = tell_execve([other.record for other in merged], tree)
        else:
            fields = tell_fields(piece.number, piece.record, tree, scene)
        stories.append(RecordStory(tree["type"], fields, tree.get("text")))
    return stories


def tell_fields(number: int, record: Record, tree: dict[str, Any], scene: Scene) -> list[FieldStory]:
    """The fields of one record and of its inner msg='…'; `tree` is the record in the event, `scene` its event."""
    return _Teller(number, record, scene).tell(record.fields, tree["fields"], tree.get("interpreted", {}))


def tell_execve(records: list[Record], tree: dict[str, Any]) -> list[FieldStory]:
    """The fields of all EXECVE records of an event, whose arguments stand in one argv."""
    merged = merge_execve(records, [])
    kept = {id(field) for field in merged.record.fields}
    argv = tree["fields"]["argv"]
    rows = _Teller(EXECVE, merged.record, Scene(())).tell(
        merged.record.fields, tree["fields"], tree.get("interpreted", {})
    )
    shown: set[int] = set()
    for record in records:
        rows += [_argument(field, argv, shown) for field in record.fields if id(field) not in kept]
    return rows


def kind_name(number: int, key: str) -> str:
    """The kind of a field as tables.fields names it; a star behind it: this record type overrides it."""
    return kind_of(number, key) + ("*" if (number, key) in OVERRIDES else "")


def written_text(value: bytes, quote: int) -> str:
    """A value with the quotes that it was written in."""
    mark = {DOUBLE: '"', SINGLE: "'"}.get(quote, "")
    text = mark + text_of(value) + mark
    return "{" + text + "}" if quote == LIST else text


#: meanings without a field of their own -> kind, and how they are made
_MADE: Final = {
    "argv": ("proctitle", "proctitle cut at its NULs"),
    "resolution": ("path", "how name is a whole path: by itself, by CWD, or not at all"),
    "path": ("path", "name behind CWD where it is relative; without . and .."),
}


class _Teller:
    def __init__(self, number: int, record: Record, scene: Scene) -> None:
        self.number = number
        context = call_context(record) if first_of(record, b"arch") else scene.home
        self.arch = context.arch
        self.syscall = context.syscall or (scene.call.sub if number == SOCKETCALL else "")
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
        if not path:
            rows += [
                FieldStory(name, "", None, meanings[name], kind, "", why)
                for name, (kind, why) in _MADE.items()
                if name in meanings and name not in values
            ]
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
