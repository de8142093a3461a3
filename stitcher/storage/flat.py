"""Flat events in, rows of the table `events` out; and which of two of one ID stays.

A flat event is known by its time, its ID and its node.  `serial`, by which events of audit are told apart, is a number
below zero that is made of the ID: so no event of audit has it, and the key of the table holds for both.
"""

import re
from collections.abc import Callable
from hashlib import blake2b
from typing import Any, Final

from stitcher.event import time_of

Tree = dict[str, Any]

#: what EventOutcome says, in small letters; anything else says neither
OUTCOMES: Final = {
    **dict.fromkeys(("success", "succeeded", "successful", "yes", "ok", "allowed", "accepted", "sent", "delivered"), 1),
    **dict.fromkeys(("failure", "failed", "fail", "no", "error", "denied", "rejected", "refused", "blocked"), 0),
    **dict.fromkeys(("bounced", "expired"), 0),
}
#: why a group was closed that may not be whole (docs/aggregation.md)
_CUT: Final = frozenset(("threshold", "lifetime", "timeout", "limit", "end"))
#: the records of a Type=2 event of audit
_RECORD: Final = re.compile(r"^(?:node=[^ ]+ )?type=([^ ]+) msg=audit\(", re.MULTILINE)
#: small letters of ASCII, the only ones that SQLite makes capitals of
_CAPITALS: Final = str.maketrans("abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_LARGEST: Final = 2**63 - 1


def row(event: Tree, seq: int, digest: Callable[[Tree], str]) -> tuple[Any, ...]:
    """Columns as in schema.COLUMNS; any shape of event has some."""
    name = identity(event, digest)
    extra = event.get("Extra")
    extra = extra if isinstance(extra, dict) else {}
    kind, types = _types(event)
    reason = _text(extra.get("closed_by"))
    count = event.get("BaseEventCount")
    return (
        seq,
        time_of(event) or 0,
        serial(name),
        _text(event.get("DeviceHostName")) or "",
        0,
        name,
        _text(event.get("DeviceAddress") or extra.get("peer")),
        kind,
        types,
        None,
        None,
        None,
        _text(event.get("SourceUserID")),
        _text(event.get("SourceUserName")),
        _text(event.get("DestinationUserID")),
        _text(event.get("DestinationUserName")),
        _text(event.get("DeviceProcessID")),
        _text(event.get("DeviceProcessName") or event.get("DestinationProcessName")),
        None,
        OUTCOMES.get((_text(event.get("EventOutcome")) or "").lower()),
        reason not in _CUT,
        reason,
        extra.get("late") == "true",
        count if type(count) is int and 0 < count <= _LARGEST else 1,
    )


def identity(event: Tree, digest: Callable[[Tree], str]) -> str:
    """Its ID; the digest of all that it holds where it has none."""
    return _text(event.get("ID")) or digest(event)


def serial(name: str) -> int:
    """A number below zero for an ID."""
    found = int.from_bytes(blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest())
    return -1 - (found >> 1)


class FlatContents:
    """What a flat event is, to be compared with another one of the same key."""

    def __init__(self, event: Tree, digest: Callable[[Tree], str]) -> None:
        self._identity = identity(event, digest)
        count = event.get("BaseEventCount")
        #: of how many events it was made; one that went round holds more than the Type=2 event that it was made of
        self._rank = (count if type(count) is int else 1, event.get("Type") != 2)

    def holds(self, other: object) -> bool:
        """True where `other` is the same event, and was made of no more."""
        return isinstance(other, FlatContents) and other._identity == self._identity and other._rank <= self._rank


def _types(event: Tree) -> tuple[str | None, str]:
    """What sort of event it is, and all words for it in capitals, as searches ask for them."""
    kind, name = _text(event.get("DeviceEventClassID")), _text(event.get("Name"))
    if kind or name or event.get("Type") != 2:
        return kind or name, " ".join(filter(None, (kind, name))).translate(_CAPITALS)
    records = list(dict.fromkeys(_RECORD.findall(_text(event.get("Message")) or "")))
    return (records[0] if records else None), " ".join(records)


def _text(value: Any) -> str | None:
    """A field as text; of a list its first."""
    if value is None or value == "" or value.__class__ is str:
        return value or None
    return _text(value[0]) if value.__class__ is list and value else str(value)
