"""Lines of a log in, what a sender would have sent and when out: the plan of a replay, without clock and socket.

A record says when it was made: `audit(SECONDS.MMM:SERIAL)`.  The distances between these times, divided by the speed,
are the pauses.  A line without a time goes with the line before it.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Final, Literal, NamedTuple

_TIME: Final = re.compile(rb"audit\(([0-9]{1,11})\.([0-9]{3}):[0-9]{1,10}\)")
#: a header stands at the front, behind a syslog header and a node= name at most, bytes
_HEADER_BYTES: Final = 1024
#: facility user, severity info: what audisp-syslog sends with
_PRIORITY: Final = 14
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Batch(NamedTuple):
    """Lines that leave together: `due` seconds after the start; `time` is the record's own, seconds since 1970."""

    due: float
    time: float
    lines: list[bytes]


class Pacer:
    """Says when lines are due.

    `speed` 2.0 is twice as fast as it was, None without pauses.  No pause is longer than `max_wait` seconds.  A time
    that jumps back further than that begins another log: its first line follows at once.
    """

    def __init__(self, speed: float | None, max_wait: float) -> None:
        self._speed = speed
        self._max_wait = max_wait
        self._due = 0.0
        self._time: float | None = None

    def push(self, lines: Iterable[bytes]) -> Iterator[Batch]:
        """The lines in their order, those that are due at the same time together."""
        batch: list[bytes] = []
        due, time = self._due, self._time
        for line in lines:
            self._move(line)
            if batch and (due, time) != (self._due, self._time):
                yield Batch(due, time or 0.0, batch)
                batch = []
            due, time = self._due, self._time
            batch.append(line)
        if batch:
            yield Batch(due, time or 0.0, batch)

    def _move(self, line: bytes) -> None:
        found = _TIME.search(line, 0, _HEADER_BYTES)
        if found is None:
            return
        time = int(found[1]) + int(found[2]) / 1000
        if self._time is None or time < self._time - self._max_wait:
            self._time = time
        elif time > self._time:
            if self._speed is not None:
                self._due += min((time - self._time) / self._speed, self._max_wait)
            self._time = time


def wrap(line: bytes, time: float, syslog: Literal["rfc3164", "rfc5424", "none"], host: bytes) -> bytes:
    """The line as the payload of a syslog message by `audispd` on `host`; "none" leaves it bare."""
    if syslog == "none":
        return line
    when = datetime.fromtimestamp(time, UTC)
    if syslog == "rfc5424":
        stamp = when.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return b"<%d>1 %s %s audispd - - - %s" % (_PRIORITY, stamp.encode(), host, line)
    stamp = f"{_MONTHS[when.month - 1]} {when.day:2} {when:%H:%M:%S}"
    return b"<%d>%s %s audispd: %s" % (_PRIORITY, stamp.encode(), host, line)


def frame(message: bytes, framing: Literal["lf", "octet"]) -> bytes:
    """One frame of RFC 6587: ended by LF, or counted."""
    return b"%d %s" % (len(message), message) if framing == "octet" else message + b"\n"


class LineCutter:
    """Chunks in, lines without their LF out."""

    def __init__(self) -> None:
        self._open: list[bytes] = []

    def push(self, chunk: bytes) -> list[bytes]:
        """The lines that ended in this chunk."""
        if b"\n" not in chunk:
            self._open.append(chunk)
            return []
        lines = chunk.split(b"\n")
        lines[0] = b"".join(self._open) + lines[0]
        last = lines.pop()
        self._open = [last] if last else []
        return lines

    def finish(self) -> list[bytes]:
        """The unfinished last line, if there is one."""
        line = b"".join(self._open)
        self._open = []
        return [line] if line else []
