"""Events as JSON lines in, rows of the table `events` out; and which of two events of one id holds the other.

What a column holds is taken from the first SYSCALL record, or where there is none from the first record, its inner
msg='…' behind its own fields.  Keys are those of all records.  Nothing else of an event is looked at: the line is
stored whole.  Flat events have rows of their own (flat.py).
"""

from collections import Counter
from hashlib import blake2b
from typing import Any, Final, NamedTuple

import orjson

from stitcher.event import NATIVE_KEYS, is_flat
from stitcher.storage import flat
from stitcher.storage.flat import FlatContents

Tree = dict[str, Any]
Row = tuple[Any, ...]

#: what success= and res= say
_OUTCOMES: Final = {"yes": 1, "success": 1, "1": 1, "no": 0, "failed": 0, "fail": 0, "0": 0}
#: keys of an event that say nothing that its records, its id or the row do not say
_TOLD: Final = NATIVE_KEYS - {"envelope"}
_EMPTY: Final[Tree] = {}


class Batch(NamedTuple):
    """Rows and their lines, side by side."""

    rows: list[Row]
    lines: list[str]


def read(data: bytes, first: int) -> Batch:
    """The events of JSON lines; the rows are numbered from `first` on.  Raises ValueError where a line is no event."""
    lines = data.decode().split("\n")
    if not lines[-1]:
        lines.pop()
    try:
        return Batch([_row(orjson.loads(line), seq) for seq, line in enumerate(lines, first)], lines)
    except (KeyError, TypeError, AttributeError) as cause:
        raise ValueError("a line that is no event") from cause


def _row(event: Tree, seq: int) -> Row:
    """Columns as in schema.COLUMNS."""
    if "Type" in event and is_flat(event):
        return flat.row(event, seq, _digest)
    name = event["id"]
    dot = name.index(".")
    main, types, keys = _main(event["records"])
    fields, meanings = main.get("fields", _EMPTY), main.get("interpreted", _EMPTY)
    inner = fields.get("msg")
    get = fields.get if inner.__class__ is not dict else {**inner, **fields}.get
    envelope = event.get("envelope")
    return (
        seq,
        int(name[:dot] + name[dot + 1 : dot + 4]),
        event["serial"],
        event.get("node", ""),
        0,
        name,
        envelope.get("peer") if envelope else None,
        types[0] if types else None,
        " ".join(dict.fromkeys(types)),
        _one(meanings.get("syscall") or get("syscall")),
        _one(get("syscall")),
        keys,
        _one(get("auid")),
        _one(meanings.get("auid")),
        _one(get("uid")),
        _one(meanings.get("uid")),
        _one(get("pid")),
        _one(get("exe")),
        _one(get("comm")),
        _OUTCOMES.get((_one(get("success") or get("res") or get("result")) or "").lower()),
        event["complete"],
        event["closed_by"],
        event.get("late", False),
        event["count"],
    )


def _main(records: list[Tree]) -> tuple[Tree, list[str], str | None]:
    """The record that speaks for the event, the types of all, and their keys."""
    main, system_call, keys = records[0] if records else _EMPTY, False, None
    types = []
    for record in records:
        kind = record["type"]
        types.append(kind)
        if kind == "SYSCALL" and not system_call:
            main, system_call = record, True
        fields = record.get("fields")
        if fields and (key := fields.get("key")) is not None and key != "(null)":
            key = record.get("interpreted", _EMPTY).get("key", key)
            text = "\n".join(map(str, key)) if key.__class__ is list else str(key)
            keys = text if keys is None else f"{keys}\n{text}"
    return main, types, keys


def _one(value: Any) -> str | None:
    """A field as text; the first of those that repeat."""
    if value is None or value.__class__ is str:
        found: str | None = value
        return found
    return _one(value[0]) if value.__class__ is list and value else str(value)


def _digest(event: Tree) -> str:
    """All that an event holds, in whatever order, as 32 hexadecimal digits."""
    return blake2b(orjson.dumps(event, option=orjson.OPT_SORT_KEYS), digest_size=16).hexdigest()


def contents_of(line: str) -> "Contents | FlatContents":
    """What the event of a stored line holds."""
    event = orjson.loads(line)
    return FlatContents(event, _digest) if is_flat(event) else Contents(event)


class Contents:
    """What an event holds, to be compared with another one of the same id."""

    def __init__(self, event: Tree) -> None:
        self._records = Counter(
            orjson.dumps([record["type"], record.get("fields"), record.get("text")]) for record in event["records"]
        )
        self._keys = event.keys() - _TOLD
        self._complete = bool(event["complete"])

    def holds(self, other: object) -> bool:
        """True where `other` has no record and no added key that is not here, and is whole only if this one is.

        What records mean (`interpreted`) is not compared: it follows from what they say.
        """
        return (
            isinstance(other, Contents)
            and other._records <= self._records
            and other._keys <= self._keys
            and other._complete <= self._complete
        )
