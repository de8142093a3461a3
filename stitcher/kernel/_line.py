"""A group of joined records in, the JSON line of its event out: `_event.event_of`, but without the tree.

`line_of(group)` gives the bytes of `orjson.dumps(event_of(group))` and LF.  Nearly every record is a run of plain
tokens (see `_plain`): it is cut at its spaces, and the JSON that is remembered for each token is put together again.

    key=value key="value" …                  every key once
    key=value … msg='key=value …'            the same again inside msg='…'
    key=value … 0x1d KEY=value …             with names that the sender says, each for just one field
    argc=2 a0="ls" a1="-l"                   EXECVE: one record, all arguments in order

Of a SYSCALL all from auid= on is one token: who runs what repeats.  Other records repeat as a whole, and are remembered
so where nothing outside of them has a part in what they mean.  A record of any other form is a NotPlainError in here
and goes the way of the tree, record by record.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from orjson import dumps

from stitcher.event import COMPLETE, Group
from stitcher.kernel._arguments import Context
from stitcher.kernel._bounds import MAX_MISSING
from stitcher.kernel._event import Writer, check_paths, clock, envelope_of, event_of, execve_tree
from stitcher.kernel._header import EXECVE, LABEL_TYPES, OPENAT2, PATH, SOCKETCALL, SYSCALL, URINGOP, parse_header
from stitcher.kernel._plain import (
    ARGUMENTS,
    COMMON,
    MAX_TOKENS,
    SPECIAL,
    Memory,
    Names,
    NotPlainError,
    Plan,
    Reading,
    Shape,
    follow,
    home_plan,
    own_plan,
    say,
    value_of,
)
from stitcher.kernel._record import PLAIN, text_of
from stitcher.kernel._scene import Scene, arch_context, cut, first_of, resolve
from stitcher.tables.fields import KERNEL_KEYS

_ARGV: Final = tuple(f"a{index}" for index in range(MAX_TOKENS))
_SYSCALLS: Final = SPECIAL[SYSCALL]
#: records of these types are not remembered as a whole: they say more than their JSON, or never repeat
_ALIVE: Final = (SYSCALL, URINGOP, EXECVE)

#: where one of these is, other records mean something else
_WHOLE: Final = LABEL_TYPES | {OPENAT2}

#: type= and body -> number of the type, JSON of the record
_records: Memory[tuple[bytes, bytes], tuple[int, bytes]] = Memory()
#: type= -> number of the type, beginning of the JSON
_types: Memory[bytes, tuple[int, bytes]] = Memory()


def line_of(group: Group) -> bytes:
    """The event of a group as a line of JSON."""
    stamp = _stamp(group)
    lines = group.message.split(b"\n")
    event = _Event(lines)
    records = []
    paths = 0
    for line in lines:
        written, mark, body = line.partition(stamp)
        known = _records.get((written, body)) if mark and written != b"type=SYSCALL" else None
        number, record = known or event.record(line, written if mark else b"", body)
        if number == PATH:
            paths += 1
        elif number in _WHOLE:
            return dumps(event_of(group)) + b"\n"
        if number != EXECVE or len(event.executed) == 1:
            records.append(record)
    if event.executed:
        records[records.index(b"")] = event.execve()
    missing = event.missing
    if event.items:
        check_paths(event.items, paths, missing)
    notes = b',"missing":' + dumps(missing[:MAX_MISSING]) if missing else b""
    return b'%b,"records":[%b]%b}\n' % (_head(group), b",".join(records), notes)


def _stamp(group: Group) -> bytes:
    """What most lines of the group have behind their type; LF, which none has, where it would be no header."""
    seconds, milliseconds, serial = group[:3]
    if 0 <= seconds < 10**11 and 0 <= milliseconds < 1000 and 0 <= serial < 1 << 32:
        return b" msg=audit(%d.%03d:%d): " % (seconds, milliseconds, serial)
    return b"\n"


def _head(group: Group) -> bytes:
    """`_event.head_of` as JSON, its last bracket left out."""
    seconds, milliseconds, serial, node, closed_by, late, count, envelope, _ = group
    standing = _standing if len(node) <= 256 else _standing.__wrapped__
    said = b',"envelope":' + dumps(envelope_of(envelope)) if any(envelope) else b""
    time = clock(seconds).encode()
    kept = standing(node, closed_by, late)
    return b'{"id":"%d.%03d:%d","time":"%b.%03dZ","serial":%d%b,"count":%d%b' % (
        seconds, milliseconds, serial, time, milliseconds, serial, kept, count, said,
    )  # fmt: skip


@lru_cache(maxsize=256)
def _standing(node: bytes, closed_by: str, late: bool) -> bytes:
    named = b',"node":' + dumps(text_of(node)) if node else b""
    whole = dumps(closed_by in COMPLETE)
    return b'%b,"complete":%b,"closed_by":%b%b' % (named, whole, dumps(closed_by), b',"late":true' if late else b"")


class _Event:
    """What the records of one event need of each other."""

    def __init__(self, lines: list[bytes]) -> None:
        self.lines = lines
        self.scene = Scene(lines)
        self.missing: list[str] = []
        #: items= of the first SYSCALL or URINGOP; empty if it has none
        self.items: bytes | None = None
        #: the arch of the first SYSCALL record, where that was plain
        self._home: Context | None = None
        self._called = False
        #: EXECVE records and their bodies
        self.executed: list[tuple[bytes, bytes]] = []

    def record(self, line: bytes, written: bytes, body: bytes) -> tuple[int, bytes]:
        """Number and JSON of a record; empty for EXECVE, whose records are read together."""
        known = _types.get(written)
        if known is None:
            header = parse_header(line)
            if header is None:
                return 0, self._tree(line)
            body = line[header.body :]
            written = line.partition(b" ")[0]
            known = header.number, b'{"type":%b,"fields":{' % dumps(header.name)
            _types.keep(written, known, 2 * len(written))
        number, opening = known
        if number == EXECVE:
            self.executed.append((line, body))
            return number, b""
        if number in _WHOLE:
            return number, b""
        first, self._called = not self._called, self._called or number == SYSCALL
        try:
            if number == SYSCALL:
                return number, b"%b%b}" % (opening, self._syscall(body, first))
            fields, steady = self._plain(number, body)
        except NotPlainError:
            return number, self._tree(line)
        made = number, b"%b%b}" % (opening, fields)
        return _records.keep((written, body), made, len(body) + len(made[1])) if steady else made

    def _syscall(self, body: bytes, first: bool) -> bytes:
        front, mark, written = body.partition(b" auid=")
        if not mark or b"\x1d" in front:
            raise NotPlainError
        end = _SYSCALLS.end(written)
        tokens = front.split(b" ")
        keys, texts, meanings = _SYSCALLS.read(tokens)
        shape = _SYSCALLS.shape(keys, end.keys)
        if shape.arch < 0:
            raise NotPlainError
        meant = [*meanings, end.meaning]
        follow(self._plan(shape, tokens), tokens, meant)
        if end.names:
            say(end.names, shape, meant)
        if self.items is None:
            self.items = tokens[shape.items][len(b"items=") :] if shape.items >= 0 else b""
        if first:
            self._home = _arch(tokens[shape.arch])
        return _fields((*texts, end.text), meant)

    def _plain(self, number: int, body: bytes) -> tuple[bytes, bool]:
        """The fields of a record, and whether they would be the same in any event."""
        reading = SPECIAL.get(number, COMMON)
        if number == SOCKETCALL:
            raise NotPlainError
        body, names = reading.split_suffix(body)
        if body.endswith(b"'"):
            outer, mark, inner = body.partition(b" msg='")
            if mark and number not in _ALIVE:
                return _nested(reading, outer.split(b" "), inner[:-1].split(b" "), names), True
        tokens = body.split(b" ")
        keys, texts, meanings = reading.read(tokens)
        shape = reading.shape(keys)
        if number == URINGOP and self.items is None:
            self.items = tokens[shape.items][len(b"items=") :] if shape.items >= 0 else b""
        meant = [*meanings]
        if shape.contextual:
            follow(self._plan(shape, tokens), tokens, meant)
        say(names, shape, meant)
        steady = not shape.contextual and number not in _ALIVE
        if number == PATH:
            steady = self._resolve(shape, tokens, meant)
        return _fields(texts, meant), steady

    def _resolve(self, shape: Shape, tokens: list[bytes], meant: list[bytes]) -> bool:
        """Say what a PATH record's name is as a whole path; True where that is the same in any event."""
        at = shape.at.get("name", -1)
        if at < 0 or "path" in shape.at or "resolution" in shape.at:
            return True
        _, name, quote = value_of(tokens[at])
        kind = _nametype(shape, tokens)
        status, path = resolve(name, quote, kind, self.scene)
        meant.append(b'"resolution":"%b"' % status.encode())
        if path is not None:
            meant.append(b'"path":' + dumps(text_of(path)))
        return status == "null" or (status == "absolute" and kind != b"PARENT")

    def _plan(self, shape: Shape, tokens: list[bytes]) -> Plan:
        if shape.arch < 0:
            return home_plan(shape, self._at_home())
        return own_plan(shape, tokens[shape.arch], tokens[shape.syscall] if shape.syscall >= 0 else b"")

    def execve(self) -> bytes:
        """The JSON of all EXECVE records together."""
        if len(self.executed) == 1:
            try:
                return _plain_execve(self.executed[0][1])
            except NotPlainError:
                pass
        return dumps(execve_tree([cut(line).record for line, _ in self.executed], self.missing))

    def _tree(self, line: bytes) -> bytes:
        number, name, record = cut(line)
        if self.items is None and number in (SYSCALL, URINGOP):
            self.items = first_of(record, b"items")
        return dumps(Writer(number, record, self.scene).tree(name))

    def _at_home(self) -> Context:
        """What records without arch= are read by: that of the first SYSCALL."""
        if self._home is None:
            self._home = self.scene.home
        return self._home


def _nametype(shape: Shape, tokens: list[bytes]) -> bytes:
    if "nametype" not in shape.at:
        return b""
    _, value, quote = value_of(tokens[shape.at["nametype"]])
    return value if quote == PLAIN else b""


#: tokens for arch= are few
_arch: Final = lru_cache(maxsize=64)(lambda token: arch_context(token.partition(b"=")[2]))


def _nested(reading: Reading, tokens: list[bytes], inner_tokens: list[bytes], names: Names) -> bytes:
    """The fields of a record that ends in msg='…'; what they mean may not depend on others."""
    keys, texts, meanings = reading.read(tokens)
    inner_keys, inner_texts, inner_meanings = reading.read(inner_tokens)
    shape, inner = reading.shape(keys, ("msg",)), reading.shape(inner_keys)
    if shape.contextual or inner.contextual or any(key in shape.at and key in inner.at for key in names):
        raise NotPlainError
    meant, inner_meant = [*meanings], [*inner_meanings]
    both = [key for key in KERNEL_KEYS if key in shape.at and key in inner.at]
    if any(texts[shape.at[key]] != inner_texts[inner.at[key]] for key in both):
        raise NotPlainError
    say({key: name for key, name in names.items() if key not in inner.at}, shape, meant)
    say({key: name for key, name in names.items() if key in inner.at}, inner, inner_meant)
    if any(inner_meant):
        meant.append(b'"msg":{%b}' % b",".join(filter(None, inner_meant)))
    return _fields((*texts, b'"msg":{%b}' % b",".join(inner_texts)), meant)


def _plain_execve(body: bytes) -> bytes:
    argc, *tokens = body.split(b" ")
    if b"\x1d" in body or not 0 < len(tokens) < MAX_TOKENS or argc != b"argc=%d" % len(tokens):
        raise NotPlainError
    keys, texts, _ = zip(*map(ARGUMENTS.__getitem__, tokens), strict=True)
    if keys != _ARGV[: len(tokens)]:
        raise NotPlainError
    return b'{"type":"EXECVE","fields":{"argc":"%d","argv":[%b]}}' % (len(tokens), b",".join(texts))


def _fields(texts: Iterable[bytes], meanings: Iterable[bytes]) -> bytes:
    """What follows `"fields":{`, without the record's own last bracket."""
    meant = b",".join(filter(None, meanings))
    return b'%b},"interpreted":{%b}' % (b",".join(texts), meant) if meant else b",".join(texts) + b"}"
