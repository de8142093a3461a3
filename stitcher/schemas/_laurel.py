"""Events in laurel's form: one object an event, a key for each type of record.

    {"ID":"1700000000.004:1001","NODE":"web01","SYSCALL":{…},"CWD":{…},"PATH":[{…},{…}],"PROCTITLE":{"ARGV":[…]}}

It is made of the records as they came, because laurel keeps what the native schema takes apart (`msg='…'` is a text),
and decodes by rules of its own.  A record that is like one before, but for its id, takes the object that was made
then; of system calls, which are hardly ever like one another, result, arguments and process numbers are holes in it.
"""

import re
from collections.abc import Sequence
from typing import Any, Final

import orjson

from stitcher.kernel._header import parse_header
from stitcher.kernel._record import bytes_of
from stitcher.kernel._scene import type_of
from stitcher.schemas._escapes import percent_escaped
from stitcher.schemas._laurel_records import Document, Records
from stitcher.schemas._laurel_table import read_laurel
from stitcher.schemas._sources import Rows
from stitcher.schemas._syslog import syslog_header

_ARGV: Final = "records.EXECVE.fields.argv"
_NUMBER: Final = "(0|-?[1-9][0-9]{0,17})"
_WORD: Final = "(0|[1-9a-f][0-9a-f]{0,15})"
#: the head of a system call: what differs from one to the next, and how many paths it has, which does not
_CALL: Final = re.compile(
    r": (?:arch=[0-9a-f]+ )?(?:per=[0-9a-f]+ )?syscall=[0-9]+ (?:success=(?:yes|no) )?"
    rf"exit={_NUMBER} a0={_WORD} a1={_WORD} a2={_WORD} a3={_WORD} items=([0-9]+) ppid={_NUMBER} pid={_NUMBER} "
)
#: which groups of it go into the object, in the order of its keys
_HOLES: Final = (1, 7, 8, 2, 3, 4, 5)
_IN_PLACE: Final = ("exit", "ppid", "pid")
#: all that is kept is forgotten at so many objects, or characters of them and their records; a longer one is not kept
_ENTRIES: Final = 65_536
_CHARACTERS: Final = 25_165_824
_LONGEST: Final = 16_384
#: types whose name depends on the record (kernel._scene), and how many names are kept
_AMBIGUOUS: Final = (1420, 1421)
_TYPES: Final = 4096


class Laurel:
    """Makes laurel's documents of events."""

    name = "laurel"
    head = ""
    #: the records as they came are needed
    wants_raw = True

    def __init__(self, form: str = "json") -> None:
        """Raises ConfigError where the table has faults."""
        self._table = read_laurel()
        self.version = self._table.version
        self._syslog = form == "syslog"
        #: the paths of an event that are read
        self.reads = ("id", "node", _ARGV, "time")
        self._records = Records(self._table)
        #: by the type as it is written: its number, its name, and is it an object
        self._types: dict[str, tuple[int, str, bool]] = {}
        self._kept: dict[tuple[str, ...], str] = {}
        self._characters = 0

    def counts(self) -> dict[str, int]:
        """Everything fits."""
        return {"overlong": 0, "unfit": 0}

    def lines(self, rows: Rows, raws: Sequence[str | None] | None = None) -> list[str]:
        """A line for each event, from the values of `reads` and the records as they came."""
        made = []
        for (identity, node, argv, time), raw in zip(rows, raws or [""] * len(rows), strict=True):
            line = f'{{"ID":"{identity}"{_node(node)}{self._inside(raw or "", argv)}}}\n'
            made.append(syslog_header(time, node, self.name) + line if self._syslog else line)
        return made

    def _inside(self, raw: str, argv: list[str | None] | None) -> str:
        """The records of an event, a comma in front of each type."""
        found: dict[str, str] = {}
        lists: set[str] = set()
        executions: list[str] = []
        for line in raw.split("\n"):
            written, _, rest = line.partition(" ")
            tail = rest.partition(")")[2]
            number, name, is_object = self._types.get(written) or self._type(written, line)
            if name == "EXECVE":
                executions.append(tail)
                found[name] = ""
                continue
            if name == "SYSCALL" and (call := _CALL.match(tail)):
                piece = self._call(name, tail, call)
            else:
                piece = self._kept.get((name, tail)) or self._record(number, name, tail)
            if name in found:
                lists.add(name)
                piece = f"{found[name]},{piece}"
            elif not is_object:
                lists.add(name)
            found[name] = piece
        if executions:
            name = "EXECVE"
            found[name] = self._kept.get((name, *executions)) or self._execution(executions, argv)
        return "".join(
            [f',"{name}":[{piece}]' if name in lists else f',"{name}":{piece}' for name, piece in found.items()]
        )

    def _type(self, written: str, line: str) -> tuple[int, str, bool]:
        """The type of a record, and is it an object; `written` is what stands in front of the first space."""
        header = parse_header(bytes_of(line))
        if header is None:
            return 0, "UNKNOWN", False
        number, name = type_of(header, bytes_of(line))
        found = number, name, self._table.is_object(number, name)
        if header.number not in _AMBIGUOUS and len(self._types) < _TYPES:
            self._types[written] = found
        return found

    def _record(self, number: int, name: str, tail: str) -> str:
        """The object of a record; `tail` is what stands behind the bracket of its header."""
        made = _json(self._records.document(number, name, _body(tail)))
        self._keep((name, tail), made)
        return made

    def _execution(self, tails: list[str], argv: list[str | None] | None) -> str:
        made = _json(self._records.execution(map(_body, tails), argv))
        self._keep(("EXECVE", *tails), made)
        return made

    def _call(self, name: str, tail: str, call: re.Match[str]) -> str:
        """The object of a system call, from one that differs in numbers alone."""
        key = (tail[: call.start(1)], call[6], tail[call.end() :])
        template = self._kept.get(key)
        if template is None:
            document = self._records.document(0, name, _body(tail))
            if not _has_holes(document):
                return _json(document)
            template = "{" + ",".join(_with_hole(key, value) for key, value in document.items()) + "}"
            self._keep(key, template)
        return template % call.group(*_HOLES)

    def _keep(self, key: tuple[str, ...], made: str) -> None:
        size = len(made) + sum(map(len, key))
        if size > _LONGEST:
            return
        self._characters += size
        if len(self._kept) >= _ENTRIES or self._characters > _CHARACTERS:
            self._kept.clear()
            self._characters = size
        self._kept[key] = made


def _json(document: Document) -> str:
    return orjson.dumps(document).decode()


def _body(tail: str) -> bytes:
    """`: body`, ` body` and `: ` without what belongs to the header."""
    body = tail.removeprefix(":")
    return bytes_of(body.removeprefix(" "))


def _node(node: str | None) -> str:
    return f',"NODE":{orjson.dumps(percent_escaped(bytes_of(node))).decode()}' if node else ""


def _has_holes(document: Document) -> bool:
    """Did no field come twice, so that every hole has its place?"""
    argv = document["ARGV"]
    return all(type(document.get(key)) is int for key in _IN_PLACE) and type(argv) is list and len(argv) == 4


def _with_hole(key: str, value: Any) -> str:
    if key in _IN_PLACE:
        return f'"{key}":%s'
    if key == "ARGV":
        return '"ARGV":["0x%s","0x%s","0x%s","0x%s"]'
    return f'"{key}":{orjson.dumps(value).decode()}'.replace("%", "%%")
