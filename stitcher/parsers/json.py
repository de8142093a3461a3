"""A line of JSON in, the record that is wrapped in it out, or the whole event if it was joined elsewhere.

    {"Type":2,…,"Message":"type=… \\ntype=…"}            our own Type=2 event, or KUMA's: a Group (kernel._aggregate)
    {"_TRANSPORT":"audit","_AUDIT_TYPE_NAME":"CWD",…}   the journal's export: the header is put together again
    {"message":"<14>… type=CWD msg=audit(…): …",…}      anybody's object with the line in a field of it

Which fields are looked at is said in normalizers/wrapped.yaml.  Type=2 is read so that nothing is lost: for every
group, `aggregate` and `unwrap_json` give the same group again.

Text in JSON may hold line feeds.  In a record they become spaces, as auditd itself makes them; otherwise a body could
begin a record of its own.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

import orjson

from stitcher.event import CLOSED_BY, Envelope, Group, Unwrapped
from stitcher.kernel._header import EOE, PROCTITLE, Header, parse_header, record_type, stands_alone
from stitcher.kernel._record import bytes_of, text_of
from stitcher.resources import FieldPath, wrapped

#: what reads the text of a field
Inner = Callable[[bytes], "Unwrapped | Group | str | None"]
Encode = Callable[[str], bytes]
Tree = dict[str, Any]
Identity = tuple[int, int, int]

#: largest number that a count of records is believed to be
MAX_COUNT: Final = 0x7FFFFFFF
_EXTERNAL_ID: Final = re.compile(r"([0-9]{1,11})\.([0-9]{3}):([0-9]{1,10})", re.ASCII)
_NODE: Final = re.compile(rb"node=([^ ]{1,256}) (?=type=)")
#: a header in one long line; behind `=` or `="` it is a value
_JOINED: Final = re.compile(rb"(?<!=)(?<!=[\"'])(?:node=[^ ]{1,256} )?type=[A-Z0-9_\[\]]{1,80} (?:msg=)?audit\(")
#: what others put between the records that they join
_SEPARATORS: Final = b" ,;|\t\r\0\x1e\x1f"
_TRAILING: Final = b" \r\n\0"
_TYPE_NAME: Final = re.compile(r"[A-Z0-9_]{1,64}", re.ASCII)
_DIGITS: Final = re.compile(r"[0-9]{1,17}", re.ASCII)


def bare(text: bytes) -> Unwrapped | None:
    """The record of a field that has no wrapper of its own."""
    return Unwrapped(Envelope(), text) if text.startswith((b"type=", b"node=")) else None


def unwrap_json(line: bytes, inner: Inner = bare) -> Unwrapped | Group | str | None:
    """Take the JSON off; `inner` reads the text of the fields in which a record may stand.

    None: JSON that holds no record.  "bad_json": no JSON, or a Type=2 event without a record in it.
    """
    tree, encode = _load(line)
    if tree is None:
        return "bad_json"
    if tree.get("Type") == 2 and isinstance(tree.get("Message"), str):
        return _group(tree)
    if tree.get("_TRANSPORT") == "audit":
        return _journal(tree, encode)
    for text in _texts(tree, wrapped().record, encode):
        found = inner(text.strip(_TRAILING).replace(b"\n", b" "))
        if isinstance(found, Unwrapped):
            return _enveloped(found, tree, encode)
        if isinstance(found, Group):
            return found
    return "bad_json" if tree.get("Type") == 2 else None


def _load(line: bytes) -> tuple[Tree | None, Encode]:
    """The object, and how its text becomes bytes again: some shippers write bytes that are no UTF-8 as they are."""
    try:
        return orjson.loads(line), str.encode
    except orjson.JSONDecodeError:
        pass
    try:
        return orjson.loads(text_of(line)), bytes_of
    except orjson.JSONDecodeError:
        return None, bytes_of


def _enveloped(found: Unwrapped, tree: Tree, encode: Encode) -> Unwrapped:
    """`found` with what the object knows of it and its own header does not."""
    names = wrapped()
    mine = found.envelope
    return Unwrapped(
        Envelope(
            mine.host or _first(tree, names.host, encode),
            mine.time or _first(tree, names.time, encode),
            mine.program or _first(tree, names.program, encode),
        ),
        found.payload,
    )


def _first(tree: Tree, paths: tuple[FieldPath, ...], encode: Encode) -> bytes:
    """What the first of these fields holds that holds anything."""
    return next(_texts(tree, paths, encode), b"")


def _texts(tree: Tree, paths: tuple[FieldPath, ...], encode: Encode) -> Iterator[bytes]:
    for name, *rest in paths:
        value: object = tree.get(name)
        for below in rest:
            value = value.get(below) if isinstance(value, dict) else None
        if value is not None and (text := _text(value, encode)):
            yield text


def _text(value: object, encode: Encode) -> bytes:
    """Text and numbers as bytes, all else as nothing; the journal has an array of bytes where text is not plain."""
    if isinstance(value, str):
        return encode(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value).encode()
    if isinstance(value, list):
        try:
            return bytes(value)
        except (TypeError, ValueError):
            return b""
    return b""


def _journal(tree: Tree, encode: Encode) -> Unwrapped | str:
    """The journal cuts an audit record apart: type, time and serial are fields of their own."""
    number, serial, at = (
        _digits(tree.get(name)) for name in ("_AUDIT_TYPE", "_AUDIT_ID", "_SOURCE_REALTIME_TIMESTAMP")
    )
    body = _text(tree.get("MESSAGE"), encode).strip(_TRAILING).replace(b"\n", b" ")
    if not number or not serial or not at or not body:
        return "bad_json"
    written = tree.get("_AUDIT_TYPE_NAME")
    name = written if isinstance(written, str) and _TYPE_NAME.fullmatch(written) else ""
    word, _, rest = body.partition(b" ")
    body = rest if word == name.encode() else body
    if record_type(name.encode())[0] != int(number):  # a type that this systemd has no name for: AUDIT1424
        name = f"UNKNOWN[{number}]"
    micros = int(at)
    header = f"type={name} msg=audit({micros // 1_000_000}.{micros // 1000 % 1000:03d}:{serial}): "
    return _enveloped(Unwrapped(Envelope(), header.encode() + body), tree, encode)


def _digits(value: object) -> str:
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return text if _DIGITS.fullmatch(text) else ""


class _Piece:
    """One record of a Type=2 event's Message."""

    def __init__(self, header: Header, node: bytes, record: bytes) -> None:
        self.header = header
        self.node = node
        #: the record, and lines that go on where it ends
        self.parts = [record]


def _group(tree: Tree) -> Group | str:
    """The group that a Type=2 event is."""
    message = bytes_of(tree["Message"])
    identity = _identity(tree.get("ExternalID"))
    count = tree.get("BaseEventCount")
    count = count if type(count) is int and 0 < count <= MAX_COUNT else 0
    one_line = count > 1 and b"\n" not in message
    pieces = _by_header(message, identity) if one_line else _by_line(message, identity)
    records = [piece for piece in pieces if piece.header.number != EOE]
    if not records:
        return "bad_json"
    extra = tree.get("Extra")
    extra = extra if isinstance(extra, dict) else {}
    closed_by = extra.get("closed_by")
    first = records[0].header
    return Group(
        first.seconds,
        first.milliseconds,
        first.serial,
        _bytes(tree.get("DeviceHostName")) or next((piece.node for piece in pieces if piece.node), b""),
        closed_by if closed_by in CLOSED_BY else _ending(pieces),
        extra.get("late") == "true",
        count or len(records),
        Envelope(*(_bytes(extra.get(name)) for name in Envelope._fields)),
        b"\n".join(b" ".join(piece.parts) for piece in records),
    )


def _bytes(value: object) -> bytes:
    return bytes_of(value) if isinstance(value, str) else b""


def _identity(external: object) -> Identity | None:
    found = _EXTERNAL_ID.fullmatch(external) if isinstance(external, str) else None
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


def _piece(text: bytes, identity: Identity | None) -> _Piece | None:
    """A record with this identity (any, where none is known yet), or None."""
    node = _NODE.match(text)
    record = text[node.end() :] if node else text
    header = parse_header(record)
    if header is None or (identity and identity != (header.seconds, header.milliseconds, header.serial)):
        return None
    return _Piece(header, node[1] if node else b"", record)


def _by_line(message: bytes, identity: Identity | None) -> list[_Piece]:
    """LF joins our own.  A line that is no record of this event goes on where the one before it ends."""
    pieces: list[_Piece] = []
    for line in message.split(b"\n"):
        piece = _piece(line, identity)
        if piece:
            pieces.append(piece)
            identity = piece.header[2:5]
        elif pieces and line:
            pieces[-1].parts.append(line)
    return pieces


def _by_header(message: bytes, identity: Identity | None) -> list[_Piece]:
    """Others join by a comma or whatever they like; each record begins with a header that has the event's id."""
    found: list[tuple[int, _Piece]] = []
    for start in (match.start() for match in _JOINED.finditer(message)):
        piece = _piece(message[start : start + 400], identity)
        if piece:
            found.append((start, piece))
            identity = piece.header[2:5]
    if not found:
        return []
    ends = [start for start, _ in found[1:]] + [len(message)]
    for (start, piece), end in zip(found, ends, strict=True):
        text = message[start:end] if end == len(message) else message[start:end].rstrip(_SEPARATORS)
        piece.parts = [text[len(piece.node) + 6 :] if piece.node else text]
    return [piece for _, piece in found]


def _ending(pieces: list[_Piece]) -> str:
    """How the event ended, by what it holds."""
    numbers = [piece.header.number for piece in pieces]
    if EOE in numbers:
        return "eoe"
    if PROCTITLE in numbers:
        return "proctitle"
    return "single" if len(numbers) == 1 and stands_alone(numbers[0]) else "end"
