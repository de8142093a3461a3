"""A line of Linux audit in, the fields of its record out: lap 1 of an event, before its records are joined.

    parse: audit
    example:
      line: 'node=web01 type=CWD msg=audit(1700000000.004:1001): cwd="/"'
      fields:
        id: 1700000000.004:1001
        time_ms: 1700000000004
        serial: 1001
        node: web01
        type: CWD
        payload: 'type=CWD msg=audit(1700000000.004:1001): cwd="/"'

The record may be bare, behind a syslog header, in JSON, or in the form of the kernel's printk: docs/lines.md has them
all, and the wrappers come off as they do in the kernel.

| field | what it holds |
|---|---|
| `id` | `SECONDS.MMM:SERIAL`, as in `msg=audit(…)` |
| `time_ms`, `serial` | its parts: milliseconds since 1970, and the number behind the colon |
| `node` | the name behind `node=` |
| `type` | SYSCALL, PATH, …; a number where it has no name |
| `payload` | the record from `type=` on |
| `end` | `eoe`, `proctitle` or `single` (docs/joining.md), if the event ends with this record |
| `host`, `time`, `program` | words of the wrapper |
| `peer` | who sent the line, if the caller knows it |

A field without a value is absent.  The reason why a line has no fields is the counter that the kernel has for it:
not_audit, bad_header, bad_json; skipped for an empty line or a separator of ausearch; aggregated for a Type=2 event,
which is joined already.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from stitcher.event import Envelope, Unwrapped
from stitcher.kernel._bounds import MAX_NODE_BYTES
from stitcher.kernel._header import EOE, PROCTITLE, parse_header, stands_alone
from stitcher.kernel._record import bytes_of, text_of
from stitcher.parsers import unwrap

#: what a line may give
FIELDS: Final = ("id", "time_ms", "serial", "node", "type", "payload", "end", "host", "time", "program", "peer")

_TRAILING: Final = b" \r\0"
_BARE: Final = Envelope()


@dataclass(frozen=True)
class Options:
    """There is nothing to choose."""


def names(_options: Options) -> tuple[str, ...]:
    """The fields that a line may give."""
    return FIELDS


def make(_options: Options) -> Callable[[str], dict[str, Any] | str]:
    """A parser of text; a byte that is no UTF-8 is in the escape of kernel._record."""
    return _parse


def _parse(text: str) -> dict[str, Any] | str:
    try:
        return parse_audit(bytes_of(text))
    except UnicodeEncodeError:  # half of a pair of surrogates: no bytes of a line are read so
        return "not_audit"


def parse_audit(line: bytes, peer: bytes = b"") -> dict[str, Any] | str:
    """The fields of a line without its line feed, or the reason why it has none."""
    line = line.rstrip(_TRAILING)
    if line.startswith((b"type=", b"node=")):
        return _fields(line, _BARE, peer)
    found = unwrap(line) if line else ""
    if isinstance(found, Unwrapped):
        return _fields(found.payload, found.envelope, peer)
    if isinstance(found, str):
        return found or "skipped"
    return "not_audit" if found is None else "aggregated"


def _fields(payload: bytes, envelope: Envelope, peer: bytes) -> dict[str, Any] | str:
    node = b""
    if payload.startswith(b"node="):
        end = payload.find(b" type=", 5, 5 + MAX_NODE_BYTES + 6)
        if end < 0:
            return "bad_header"
        node, payload = payload[5:end], payload[end + 1 :]
    header = parse_header(payload)
    if header is None:
        return "bad_header"
    fields: dict[str, Any] = {
        "id": f"{header.seconds}.{header.milliseconds:03d}:{header.serial}",
        "time_ms": header.seconds * 1000 + header.milliseconds,
        "serial": header.serial,
        "type": header.name,
        "payload": text_of(payload),
    }
    if node:
        fields["node"] = text_of(node)
    if end_of := _end(header.number):
        fields["end"] = end_of
    if envelope is not _BARE:
        for name, word in zip(("host", "time", "program"), envelope, strict=False):
            if word:
                fields[name] = text_of(word)
    if peer:
        fields["peer"] = text_of(peer)
    return fields


def _end(number: int) -> str:
    if number == EOE:
        return "eoe"
    if number == PROCTITLE:
        return "proctitle"
    return "single" if stands_alone(number) else ""
