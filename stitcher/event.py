"""The shapes that travel through the house: plain values without behaviour.

A line comes in with an `Envelope`; lap 1 joins lines to a `Group` (the Type=2 event in memory); lap 2 renders a group
to the JSON bytes of one event.  A line that is no audit record is a `Rejected` value, counted and kept on request.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple

#: why a group was closed; the position is the number that the compiled kernel uses
CLOSED_BY: Final = ("", "eoe", "proctitle", "single", "timeout", "limit", "end")

#: reasons of closing after which nothing more is expected
COMPLETE: Final = frozenset(("eoe", "proctitle", "single"))


class Envelope(NamedTuple):
    """How a line came: the words of its syslog header or JSON wrapper, and who sent it.  Empty where not known."""

    host: bytes = b""
    time: bytes = b""
    program: bytes = b""
    peer: bytes = b""


#: what every event may have, and what is added to it if asked for
NATIVE_KEYS: Final = frozenset("id time serial node complete closed_by late count missing envelope records".split())
OWN_KEYS: Final = NATIVE_KEYS | {"raw", "summary"}


#: where a flat event says when it happened, milliseconds since 1970
_TIMES: Final = ("StartTime", "Timestamp")
#: the last millisecond of the year 9999: what a date can be made of
_LAST: Final = 253_402_300_799_999


def is_flat(event: Mapping[str, Any]) -> bool:
    """True for fields by their names, originals and Type=2 events; False for decoded events of audit."""
    return "Type" in event and "records" not in event


def time_of(event: Mapping[str, Any]) -> int | None:
    """When a flat event happened, milliseconds since 1970; None where it does not say it so."""
    for name in _TIMES:
        value = event.get(name)
        if type(value) is str and value.isdecimal() and value.isascii() and len(value) <= 15:
            value = int(value)
        if type(value) is float and 0 <= value <= _LAST:
            value = int(value)
        if type(value) is int and 0 <= value <= _LAST:
            return value
    return None


def time_text(milliseconds: int) -> str:
    """As events of audit have it: 2023-11-14T22:13:20.004Z."""
    return f"{_second(milliseconds // 1000)}.{milliseconds % 1000:03}Z"


@lru_cache(1024)
def _second(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}"


class Unwrapped(NamedTuple):
    """What is left of a line when its wrapper is off: `payload` begins with `type=` or `node=`."""

    envelope: Envelope
    payload: bytes


class Group(NamedTuple):
    """All records of one event, joined: what lap 1 hands to lap 2.

    `message` is the records, each with its own `type=… msg=audit(…):` header, with LF between them; `count` is how
    many lines were joined.  `node` is the `node=` name, else the syslog host, else the peer, else empty.
    `envelope` is the one of the first record.
    """

    seconds: int
    milliseconds: int
    serial: int
    node: bytes
    closed_by: str
    late: bool
    count: int  # type: ignore[assignment]  # hides tuple.count, which nobody wants of a group
    envelope: Envelope
    message: bytes


class Rejected(NamedTuple):
    """A line that could not be read, and the name of the counter that it went to."""

    reason: str
    line: bytes


class Rendered(NamedTuple):
    """What lap 2 makes: events as JSON lines; with paths also where each line ends and the values they asked for."""

    data: bytes
    ends: list[int]
    values: list[tuple[Any, ...]]


class Limits(NamedTuple):
    """What bounds lap 1.  Each limit has a counter; an event that leaves early says `closed_by: limit`."""

    #: silence after which an event counts as over; auditd's end_of_event_timeout is 2 s, laurel waits 5 s
    timeout_seconds: float = 2.0
    #: how long an ended event waits for stragglers where lines keep their order; the next record of another event of
    #: the same source ends the wait at once, and so does EOE; 0 = not at all
    linger_seconds: float = 0.1
    #: as timeout_seconds for input without a clock (files): lines of one source since the last record; 0 = no bound
    distance_lines: int = 2_097_152
    #: what a record that comes after its event was closed makes: "amend" (a second event, `late`) or "drop"
    late: str = "amend"
    #: a longer line is rejected; auditd cuts its lines at 8970 bytes
    max_line_bytes: int = 1_048_576
    #: KUMA takes events of up to 4 MiB
    max_event_bytes: int = 4_194_304
    max_event_records: int = 4_096
    max_source_events: int = 131_072
    max_source_bytes: int = 33_554_432
    max_open_events: int = 262_144
    max_open_bytes: int = 134_217_728
    #: closed events that are remembered, so that what comes late is known as late, and an exact repeat as a duplicate
    remember_events: int = 16_384


#: counters of lap 1, in the order of the summary
COUNTERS: Final = (
    "lines",
    "records",
    "events",
    "complete",
    "partial",
    "late",
    "late_dropped",
    "duplicates",
    "end_marks",
    "skipped",
    "aggregated",
    "rejected",
    "not_audit",
    "bad_header",
    "bad_json",
    "too_long",
    "limit",
    "timeout",
)
