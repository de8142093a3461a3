"""A record in, the object that laurel makes of it out.

    body   = [ "avc:" "denied" { words } "for" | "netlabel:" ] { key "=" value } [ 0x1d { key "=" value } ]
    value  = "text" | 'text' | {text} | printable ASCII without spaces and quotes

That is all that laurel reads, so `msg='…'` is one text.  A body that is no such thing it drops, with a line to its log;
here it is read as the native schema reads it (kernel._record), and words that are no field stand under `text`.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

from stitcher.kernel._interpret import arch, syscall
from stitcher.kernel._record import INNER, LIST, PLAIN, bytes_of, parse_record, unhex
from stitcher.schemas._escapes import percent_escaped
from stitcher.schemas._laurel_table import Table

_HEAD: Final = re.compile(rb" *(?:avc: +(denied|granted) +\{([^{}]*+)\} +for +|(netlabel): *)?")
_KEY: Final = rb"[A-Za-z][A-Za-z0-9_-]*+"
_VALUE: Final = rb"(?:\"([^\"]*+)\"|'([^']*+)'|(\{[^{}]*+\}|[!#-&(-~]*+))"
_PAIR: Final = re.compile(rb"(" + _KEY + rb")=" + _VALUE)
_PAIRS: Final = re.compile(
    rb"(?:" + _PAIR.pattern + rb"(?: +|(?=\x1d)|\Z))*+(?:\x1d(?:" + _PAIR.pattern + rb"(?: +|\Z))++)?"
)
#: the group of _PAIR that a value without quotes is in
_PLAIN: Final = 4
#: numbers as they are written without quotes, by their base
_NUMBERS: Final = {10: re.compile(rb"-?[0-9]+"), 16: re.compile(rb"[0-9a-fA-F]+"), 8: re.compile(rb"[0-7]+")}
_LARGEST: Final = {10: (1 << 63) - 1, 16: (1 << 64) - 1, 8: (1 << 64) - 1}
_FRONT: Final = {16: "0x%x", 8: "0o%o"}
#: longer ones are no numbers, and take long to read
_DIGITS: Final = 64
_CALL_ARGUMENT: Final = re.compile(r"a[0-9]{1,5}")
_ARGUMENT: Final = re.compile(r"a[0-9]+(?:\[[0-9]+\]|_len)?")
#: arguments in the memory of a process: an empty one is taken for the beginning of the next
_TITLE: Final = re.compile(rb"(.[^\0]*)\0?", re.DOTALL)

Document = dict[str, Any]
#: key, value as written, was it quoted; the value of an access vector is a list
Pair = tuple[str, "bytes | list[str] | None", bool]


class Records:
    """Makes objects of records."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def document(self, number: int, name: str, body: bytes) -> Document:
        """The object of a record of any type but EXECVE."""
        pairs = pairs_of(number, body.lstrip(b" ").removeprefix(self._table.unsaid.get(name, b"")))
        if name == "SYSCALL":
            return self._call(pairs)
        if name == "SOCKADDR":
            return self._address(pairs)
        if name == "PROCTITLE":
            arguments = self._title(next((pair for pair in pairs if pair[0] == "proctitle"), None))
            if arguments is not None:
                return {"ARGV": arguments}
        return _merged(map(self._pair, pairs))

    def execution(self, bodies: Iterable[bytes], argv: Sequence[str | None] | None) -> Document:
        """The object of the EXECVE records of an event; `argv` as in the native schema."""
        pairs = [pair for body in bodies for pair in pairs_of(1309, body) if not _ARGUMENT.fullmatch(pair[0])]
        arguments = [None if text is None else percent_escaped(bytes_of(text)) for text in argv or ()]
        while arguments and arguments[-1] is None:
            arguments.pop()
        return _merged((*map(self._pair, pairs), ("ARGV", arguments)))

    def _pair(self, pair: Pair) -> tuple[str, Any]:
        key, value, quoted = pair
        return key, self.value(key, value, quoted) if isinstance(value, bytes) else value

    def value(self, key: str, value: bytes, quoted: bool) -> Any:
        """A number, a text, or None where nothing was said."""
        if quoted:
            return percent_escaped(value)
        base = self._table.bases.get(key)
        if base is not None:
            return _number(value, base)
        if value in self._table.nothing or not value:
            return None
        return percent_escaped(unhex(value))

    def _call(self, pairs: list[Pair]) -> Document:
        """A system call: its arguments as a list, and the names of arch and call by our tables."""
        arguments = [
            _number(value, 16) for key, value, _ in pairs if _CALL_ARGUMENT.fullmatch(key) and isinstance(value, bytes)
        ]
        rest = [pair for pair in pairs if not _CALL_ARGUMENT.fullmatch(pair[0])]
        written = {key: value for key, value, quoted in reversed(rest) if isinstance(value, bytes) and not quoted}
        of = arch(written.get("arch", b""))
        named = syscall(written.get("syscall", b""), of) if of else None
        names = [("ARCH", of), ("SYSCALL", named)] if named else []
        if named:
            rest = [pair for pair in rest if pair[0] not in ("ARCH", "SYSCALL")]
        return _merged((*map(self._pair, rest), ("ARGV", arguments), *names))

    def _address(self, pairs: list[Pair]) -> Document:
        """A socket address; what the sender made of it is left out."""
        document = _merged(self._pair(pair) for pair in pairs if pair[0] not in ("saddr", "SADDR"))
        told: Document = {}
        for key, value, quoted in pairs:
            if key == "saddr" and isinstance(value, bytes):
                address = None if quoted else self._table.address_of(unhex(value))
                told = {"SADDR": address} if address else {"saddr": self.value(key, value, quoted)}
        return {**told, **document}

    def _title(self, pair: Pair | None) -> list[str] | None:
        """The arguments in a title, which stand for all other fields, too; None where it says nothing."""
        value, quoted = (pair[1], pair[2]) if pair else (None, False)
        if not isinstance(value, bytes) or (not quoted and (value in self._table.nothing or not value)):
            return None
        return [percent_escaped(argument) for argument in _TITLE.findall(value if quoted else unhex(value))]


def _number(value: bytes, base: int) -> int | str | None:
    """A number of JSON, or of another base as text; what is none as it was written, nothing as None."""
    if not value:
        return None
    if len(value) <= _DIGITS and _NUMBERS[base].fullmatch(value):
        number = int(value, base)
        if abs(number) <= _LARGEST[base]:
            return number if base == 10 else _FRONT[base] % number
    return percent_escaped(value)


def pairs_of(number: int, body: bytes) -> list[Pair]:
    """The fields of a body, those that the sender resolved behind the others."""
    head = _HEAD.match(body)
    at = head.end() if head else 0
    if not _PAIRS.fullmatch(body, at):
        return _forgiven(number, body)
    pairs: list[Pair] = [
        (found[1].decode(), found[found.lastindex or _PLAIN], found.lastindex != _PLAIN)
        for found in _PAIR.finditer(body, at)
    ]
    if head and head[1]:
        pairs.append((head[1].decode(), [percent_escaped(word) for word in head[2].split()], False))
    elif head and head[3]:
        pairs.append((head[3].decode(), None, False))
    return pairs


def _forgiven(number: int, body: bytes) -> list[Pair]:
    """The fields of a body that laurel does not read; what stands between msg=' and the last quote is one text."""
    front, opened, rest = body.partition(b"msg='")
    text, closed, tail = rest.rpartition(b"'")
    message = text if closed else rest
    record = parse_record(number, front + b"msg=''" + tail if opened else body)
    pairs: list[Pair] = []
    decision = ""
    for key, value, quote in record.fields:
        name = percent_escaped(key)
        if quote == INNER:
            pairs.append((name, message, True))
        elif quote == LIST and isinstance(value, bytes):
            pairs[-1:] = [(decision, [percent_escaped(word) for word in value.split()], False)]
        elif isinstance(value, bytes):
            decision = percent_escaped(value)
            pairs.append((name, value, quote != PLAIN))
    pairs += [(percent_escaped(key), value, quote != PLAIN) for key, value, quote in record.suffix]
    if record.words:
        pairs.append(("text", b" ".join(record.words), True))
    return pairs


def _merged(items: Iterable[tuple[str, Any]]) -> Document:
    """An object; a key that comes more than once has a list of its values."""
    document: Document = {}
    repeated: set[str] = set()
    for key, value in items:
        if key not in document:
            document[key] = value
        elif key in repeated:
            document[key].append(value)
        else:
            repeated.add(key)
            document[key] = [document[key], value]
    return document
