"""The path of a field in, a function from an event to its value out: how rules say what they read.

    id  time  serial  node  complete  closed_by  late  count  missing
    envelope.host                            host, time, program or peer
    records.SYSCALL.fields.exe               of the first SYSCALL record that has it; * is any type
    records.SYSCALL.interpreted.uid          its meaning
    records.SYSCALL.value.uid                its meaning, or where it has none the value as written
    records.USER_LOGIN.fields.msg.acct       of the inner msg='…'
    records.PATH[*].fields.name              of all PATH records that have it, as a list
    records.AVC.text                         words of a record that are no fields
    records.SYSCALL|URINGOP.value.exe        of the first record of one of these types that has it
    records.AVC|USER_AVC[*]                  whole records
    records.PATH[*].json                     the JSON of whole records as text, which is cheap to have and to compare
    records.SYSCALL[*].who                   the same without what each call has of its own: those fields of OF_CALL
                                             that stand right in front of auid, in SYSCALL and URINGOP

A value is None where the event has no such field (an empty list for [*]).
"""

from collections.abc import Callable
from itertools import takewhile
from typing import Any, Final

import orjson

from stitcher.event import NATIVE_KEYS

Reader = Callable[[dict[str, Any]], Any]

SECTIONS: Final = frozenset(("fields", "interpreted", "value", "text", "json", "who"))
#: sections that are not divided by keys; empty is a whole record
_UNDIVIDED: Final = ("text", "json", "who", "")
#: result, arguments and process of a system call
OF_CALL: Final = frozenset("exit a0 a1 a2 a3 items ppid pid".split())


class PathParts:
    """A path, cut: `name` of the event, or `record` type, `section` and `keys` of a record."""

    def __init__(self, path: str) -> None:
        self.name, _, rest = path.partition(".")
        #: types of records, one * for any; `section` is empty for a whole record
        self.records: tuple[str, ...] = ()
        self.section, self.every = "", False
        #: texts that the compiled kernel points into
        self.kept: list[bytes] = []
        self.keys: tuple[str, ...] = tuple(rest.split(".", 1)) if rest else ()
        if self.name not in NATIVE_KEYS:
            raise ValueError(f"{path}: an event has no '{self.name}'; it has {', '.join(sorted(NATIVE_KEYS))}")
        if self.name == "records":
            self._cut_record(path, rest)
        elif self.name == "envelope" and rest not in ("host", "time", "program", "peer"):
            raise ValueError(f"{path}: an envelope has host, time, program and peer")
        elif self.name != "envelope" and rest:
            raise ValueError(f"{path}: '{self.name}' has nothing inside")

    def _cut_record(self, path: str, rest: str) -> None:
        record, _, rest = rest.partition(".")
        self.every = record.endswith("[*]")
        self.records = tuple(record.removesuffix("[*]").split("|"))
        self.section, _, rest = rest.partition(".")
        inner = rest.startswith("msg.") and self.section not in _UNDIVIDED
        self.keys = ("msg", rest[4:]) if inner else (rest,) if rest else ()
        if not all(self.records) or (self.section and self.section not in SECTIONS):
            raise ValueError(f"{path}: expected records.TYPE.SECTION.KEY, SECTION one of {', '.join(sorted(SECTIONS))}")
        if (self.section in _UNDIVIDED) == bool(self.keys):
            raise ValueError(f"{path}: text, json, who and whole records have no keys, every other section needs one")


def compile_path(path: str) -> Reader:
    """The reader of a path; raises ValueError where it is none."""
    parts = PathParts(path)
    if parts.name != "records":
        return lambda event: _down(event, (parts.name, *parts.keys))
    every, types = parts.every, frozenset(parts.records)
    any_type = "*" in types
    sections = ("interpreted", "fields") if parts.section == "value" else (parts.section,)
    as_text = _TEXTS.get(parts.section)
    ways = [(section, *parts.keys) for section in sections] if parts.section and not as_text else [()]

    def read(event: dict[str, Any]) -> Any:
        found = []
        for tree in event["records"]:
            if any_type or tree["type"] in types:
                value = None
                for way in ways:
                    value = _down(tree, way)
                    if value is not None:
                        break
                if value is not None:
                    value = as_text(value) if as_text else value
                    if not every:
                        return value
                    found.append(value)
        return found if every else None

    return read


def _json(tree: dict[str, Any]) -> str:
    return orjson.dumps(tree).decode()


def _who(tree: dict[str, Any]) -> str:
    """A record of a system call without the fields right in front of auid that each call has of its own."""
    fields = tree["fields"]
    if tree["type"] not in ("SYSCALL", "URINGOP") or "auid" not in fields:
        return _json(tree)
    front = list(takewhile("auid".__ne__, fields))
    own = frozenset(takewhile(OF_CALL.__contains__, reversed(front)))
    return _json(tree | {"fields": {key: value for key, value in fields.items() if key not in own}})


#: how a record is written for the sections that are texts of it
_TEXTS: Final[dict[str, Callable[[dict[str, Any]], str]]] = {"json": _json, "who": _who}


def _down(tree: Any, keys: tuple[str, ...]) -> Any:
    for key in keys:
        if not isinstance(tree, dict):
            return None
        tree = tree.get(key)
    return tree
