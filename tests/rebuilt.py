"""Is a record's body whole in the event?  The record of the event and the body in, the answer out.

The event alone is what is looked into: each of its fields is a token that must be found in the body, written in one of
the ways that docs/decoding.md names, and so is each word of `text`, each part of an `argv`, and each name in
`interpreted` that the sender appended.  Tokens lie one behind the other and no byte counts twice.  What is left between
them may only be what decoding takes off:

    spaces                                          between tokens
    ( in front of a key, , : ) behind a value       the prose around it
    "…" and '…', msg='…'                            quotes
    avc: { } for                                    the words around an access vector
    0x1d or #035                                    in front of the sender's names
    SADDR=… and names that begin with unknown-      what the sender appended, and we read better

The kernel's reader has no part in this: it cannot tell what it passes over.  Where a body can be read in several ways
one that leaves nothing is enough, so the ways are tried.
"""

import re
from binascii import Error, unhexlify
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from stitcher.kernel._bounds import MAX_MISSING
from stitcher.kernel._record import bytes_of

Tree = dict[str, Any]

_KEY: Final = re.compile(rb"\(?([A-Za-z0-9_.\-\[\]]+)=")
_NAME: Final = re.compile(rb"\(?([A-Z][A-Z0-9_-]*)=")
#: what the sender appended and we know better: SADDR= says what saddr= says, unknown- that it has no name
_NOT_KEPT: Final = tuple(
    re.compile(way)
    for way in (
        rb"SADDR=\{[^{}]*\}",
        rb"SADDR=\{.*\}",
        rb'SADDR="[^"]*"',
        rb"SADDR='[^']*'",
        rb"SADDR=[^ ]*",
        rb'[A-Z][A-Z0-9_-]*="?unknown-[^ ]*',
    )
)
_VECTOR: Final = re.compile(rb" *avc: +(denied|granted) +\{([^{}]*)\} +for(?![^ ])")
_ARGUMENT: Final = re.compile(rb"\(?a([0-9]{1,7})(?:\[([0-9]{1,7})\])?=")
_LENGTH: Final = re.compile(rb"\(?a([0-9]{1,7})_len=([0-9]{1,7})[,)]?:?(?=[ \x1d]|#035|\Z)")
#: ends of a piece of an argument
_PIECES: Final = tuple(
    re.compile(way, re.DOTALL)
    for way in (
        rb'"([^"]*)"',
        rb"'([^']*)'",
        rb"(\{[^{}]*\})",
        rb"([^ ]*)",
        rb"([^ ]*?)(?=\x1d|#035)",
        rb"([^ ]*)(?=\x1d|#035)",
    )
)
_MARKS: Final = (b"\x1d", b"#035")
#: what is taken off behind a value
_PROSE: Final = (b"):", b",:", b",", b")", b":")
#: ways that are tried before a body counts as one that cannot be read
_PATIENCE: Final = 200_000


def is_whole(record: Tree, bodies: list[bytes], missing: list[str]) -> bool | None:
    """True if nothing of the bodies is lost in the record; None where there are too many ways to try.

    EXECVE has the bodies of all its lines.  `missing` is that of the event, which says how long an argument should
    have been of which a part did not come.
    """
    return _Search(record, b" ".join(bodies), len(bodies), missing).found()


class _Scope:
    """The values of a record, or of its msg='…', that have not been found yet."""

    def __init__(self, fields: Tree, vector: re.Match[bytes] | None) -> None:
        self.values: dict[bytes, list[Any]] = {
            key.encode(): value if isinstance(value, list) else [value] for key, value in fields.items()
        }
        self.next = dict.fromkeys(self.values, 0)
        self.vector_end = -1
        if vector and "seresult" in fields and isinstance(fields.get("seperms"), list):
            self._take_vector(vector)

    def _take_vector(self, vector: re.Match[bytes]) -> None:
        """`avc: denied { read } for` is one token of two fields."""
        perms = self.values[b"seperms"]
        first, rest = (perms[0], perms[1:]) if perms and isinstance(perms[0], list) else (perms, [])
        if self.values[b"seresult"][0] == vector[1].decode() and [bytes_of(word) for word in first] == [
            word for word in vector[2].split(b" ") if word
        ]:
            self.values[b"seperms"] = rest
            self.next[b"seresult"] = 1
            self.vector_end = vector.end()

    def is_empty(self) -> bool:
        return all(self.next[key] == len(values) for key, values in self.values.items())


class _Search:
    """Looks for a way through the body that passes every token of the record once."""

    def __init__(self, record: Tree, body: bytes, marks: int, missing: list[str]) -> None:
        self.body = body
        fields = dict(record["fields"])
        self.argv = fields.pop("argv", None) if record["type"] == "EXECVE" else None
        #: what was found of an argv: index -> number of the piece, text, bytes as it was written
        self.pieces: dict[int, list[tuple[int, bytes, int]]] = {}
        self.lengths: list[tuple[int, int]] = []
        self.missing = missing
        vector = _VECTOR.match(body)
        self.scopes = [_Scope(fields, vector)]
        self.words = Counter(word for word in bytes_of(record.get("text", "")).split(b" ") if word)
        self.names = Counter(_names(record.get("interpreted", {})))
        self.marks = marks
        self.start = max(self.scopes[0].vector_end, 0)

    def found(self) -> bool | None:
        way: list[Iterator[int]] = []
        end: int | None = self.start
        for _ in range(_PATIENCE):
            if end == len(self.body) and self.is_empty():
                return True
            if end is not None:
                way.append(self.steps(end))
            elif way:
                way.pop()
            if not way:
                return False
            end = next(way[-1], None)
        return None

    def is_empty(self) -> bool:
        """True where every token was found."""
        return len(self.scopes) == 1 and self.scopes[0].is_empty() and not +self.words and self._argv_is_whole()

    def _argv_is_whole(self) -> bool:
        if self.argv is None:
            return True
        pieces = {index: sorted(pieces) for index, pieces in self.pieces.items() if pieces}
        joined = {index: b"".join(text for _, text, _ in found) for index, found in pieces.items()}
        logged = {index: sum(size for _, _, size in found) for index, found in pieces.items()}
        first = dict(reversed(self.lengths))
        short = {
            f"argv[{index}] {logged[index]}/{length}"
            for index, length in first.items()
            if logged.get(index, length) < length
        }
        return joined == {index: bytes_of(text) for index, text in enumerate(self.argv) if text is not None} and (
            short <= {*self.missing} or len(self.missing) == MAX_MISSING
        )

    def steps(self, at: int) -> Iterator[int]:
        """The ends of what may stand at `at`; what was taken for one is put back when the next is asked for."""
        if at < len(self.body) and self.body[at] == 32:
            yield at + 1
            return
        yield from self._field(at)
        yield from self._argument(at)
        yield from self._name(at)
        yield from self._word(at)
        yield from self._mark(at)
        yield from self._close(at)

    def _field(self, at: int) -> Iterator[int]:
        found = _KEY.match(self.body, at)
        scope = self.scopes[-1]
        key = found[1] if found else b""
        place = scope.next.get(key, 0)
        if not found or place >= len(scope.values.get(key, ())):
            return
        value = scope.values[key][place]
        scope.next[key] += 1
        if isinstance(value, dict):
            if len(self.scopes) == 1 and self.body.startswith(b"'", found.end()):
                inner = _Scope(value, _VECTOR.match(self.body, found.end() + 1))
                self.scopes.append(inner)
                yield max(inner.vector_end, found.end() + 1)
                self.scopes.pop()
        elif isinstance(value, str):
            yield from self._value(bytes_of(value), found.end())
        scope.next[key] -= 1

    def _value(self, value: bytes, at: int) -> Iterator[int]:
        """The ends of a value, however it was written."""
        forms = (b'"%b"' % value, b"'%b'" % value, value)
        #: a bracket that is opened in a value without quotes is closed in it
        closed = b"(" not in value or value.startswith(b"{")
        ends = [(at + len(form), form != value or closed) for form in forms if self.body.startswith(form, at)]
        if value and _unhexed(self.body[at : at + 2 * len(value)]) == value:
            ends.append((at + 2 * len(value), True))
        for end, loose in ends:
            for prose in _PROSE:
                if self.body.startswith(prose, end) and (loose or not prose.startswith(b")")):
                    yield end + len(prose)
            yield end

    def _argument(self, at: int) -> Iterator[int]:
        if self.argv is None or len(self.scopes) > 1:
            return
        if found := _ARGUMENT.match(self.body, at):
            index = int(found[1])
            whole = bytes_of(self.argv[index] or "") if index < len(self.argv) else b""
            pieces = self.pieces.setdefault(index, [])
            for text, size, end in self._piece(found.end()):
                if text in whole:
                    pieces.append((int(found[2] or 0), text, size))
                    yield end
                    pieces.pop()
        elif found := _LENGTH.match(self.body, at):
            self.lengths.append((int(found[1]), int(found[2])))
            yield found.end()
            self.lengths.pop()

    def _piece(self, at: int) -> Iterator[tuple[bytes, int, int]]:
        """What a piece of an argument may say, how long that was as it was written, and where it ends."""
        found = {(match[1], match.end()) for way in _PIECES if (match := way.match(self.body, at))}
        trimmed = {(text, end + 1) for text, end in found if self.body[end : end + 1] in (b",", b")", b":")}
        trimmed |= {
            (text.removesuffix(prose), end)
            for text, end in found
            for prose in _PROSE
            if text.endswith(prose) and (b"(" not in text or not prose.startswith(b")"))
        }
        for text, end in sorted(found | trimmed):
            yield text, len(text), end
            if (decoded := _unhexed(text)) is not None:
                yield decoded, len(text), end

    def _name(self, at: int) -> Iterator[int]:
        found = _NAME.match(self.body, at)
        if not found:
            return
        for key, value in [*self.names]:
            if key == found[1] and self.names[key, value]:
                self.names[key, value] -= 1
                yield from self._value(value, found.end())
                self.names[key, value] += 1
        for way in _NOT_KEPT:
            if not_kept := way.match(self.body, at):
                yield not_kept.end()

    def _word(self, at: int) -> Iterator[int]:
        if self.body.startswith(b"(", at) and _NAME.match(self.body, at):
            yield at + 1
        fitting = [word for word, left in self.words.items() if left and self.body.startswith(word, at)]
        for word in sorted(fitting, key=len, reverse=True):
            self.words[word] -= 1
            end = at + len(word)
            if self.body[end : end + 1] in (b",", b")", b":"):
                yield end + 1
            yield end
            self.words[word] += 1

    def _mark(self, at: int) -> Iterator[int]:
        mark = next((mark for mark in _MARKS if self.body.startswith(mark, at)), b"")
        if mark and self.marks and len(self.scopes) == 1:
            self.marks -= 1
            yield at + len(mark)
            self.marks += 1

    def _close(self, at: int) -> Iterator[int]:
        """The end of msg='…': its quote, or where that is missing the end of the body or the mark of the names."""
        if len(self.scopes) > 1 and self.scopes[-1].is_empty():
            scope = self.scopes.pop()
            if self.body.startswith(b"'", at):
                yield at + 1
            if at == len(self.body) or self.body.startswith(_MARKS, at):
                yield at
            self.scopes.append(scope)


def _unhexed(text: bytes) -> bytes | None:
    try:
        return unhexlify(text)
    except Error:
        return None


def _names(interpreted: Tree) -> Iterator[tuple[bytes, bytes]]:
    for key, meanings in interpreted.items():
        for meaning in meanings if isinstance(meanings, list) else [meanings]:
            if isinstance(meaning, dict):
                yield from _names(meaning) if key == "msg" else ()
            elif isinstance(meaning, str):
                yield key.upper().encode(), bytes_of(meaning)
