"""Lap 1: lines in, groups of records that are one event out.

This is the specification; `_compiled.pyx` gives the same groups.

Theory of operation.  A group is every record with the same (source, node, time, serial).  `node` is the `node=` name;
lines without one belong to the host that their envelope names, and where both are missing to whatever host the source
has.  A group is *open* until an end comes: EOE; PROCTITLE, which the kernel sends last and which is the only end in
auditd's own files; a type that stands alone; silence; a limit; the end of input.  After that its key is remembered:
the EOE that follows a PROCTITLE is absorbed, a record that was seen before is a duplicate, any other is late and makes
a second event with the same id (or is dropped, if so asked).

The order of a group's records is the order of arrival.  Groups leave in the order in which they end.  Time comes from
the caller as a number: nothing here reads a clock, and no host's own stamps expire anything.
"""

from collections import OrderedDict, deque
from collections.abc import Callable

from stitcher.event import COMPLETE, COUNTERS, Envelope, Group, Limits, Rejected, Unwrapped
from stitcher.kernel._header import EOE, PROCTITLE, Header, parse_header, stands_alone

#: takes the wrapper off a line that begins with neither type= nor node=; None: it is no audit record;
#: "": it is nothing at all (an empty line, a separator of ausearch); a str: the reason why it is rejected
Unwrap = Callable[[bytes], "Unwrapped | Group | str | None"]

#: longest name behind node=
MAX_NODE_BYTES = 256
_NOTHING = Envelope()
_TRAILING = b" \r\0"


class _Source:
    """Where lines come from: one connection, file list or peer."""

    def __init__(self, peer: bytes, grace: float) -> None:
        self.peer = peer
        self.grace = grace
        self.lines = 0
        self.bytes = 0
        self.open: OrderedDict[int, _Entry] = OrderedDict()


class _Entry:
    """One key: the records of an open group, or the memory of a closed one."""

    __slots__ = (
        "bytes", "closed", "ending", "envelope", "host", "key", "late", "line", "marks", "node", "now", "number", "records",
        "source",
    )  # fmt: skip

    def __init__(self, number: int, source: _Source, key: tuple[int, int, int, int], node: bytes, host: bytes) -> None:
        self.number = number
        self.source = source
        self.key = key
        self.node = node
        self.host = host
        self.late = False
        self.closed = False
        #: hashes of its records, those that have left among them: an exact repeat is a duplicate
        self.marks: set[int] = set()
        self.envelope = _NOTHING
        self.records: list[bytes] = []
        self.bytes = 0
        self.line = 0
        self.now = 0.0
        self.ending = ""

    def is_of(self, node: bytes, host: bytes) -> bool:
        """Same host?  node= decides where both have it, else the host of the envelope, else nothing speaks against."""
        if node and self.node:
            return node == self.node
        return not host or not self.host or host == self.host


class Joiner:
    """Joins records to groups; see the module's theory of operation.

    `feed` takes whole lines; what an incomplete last line is, the framing in front knows.
    """

    def __init__(self, limits: Limits, unwrap: Unwrap, keep_rejected: bool = False) -> None:
        self._limits = limits
        self._unwrap = unwrap
        self._keep_rejected = keep_rejected
        self._rejected: list[Rejected] = []
        self._counts = dict.fromkeys(COUNTERS, 0)
        self._sources: list[_Source] = []
        self._keys: dict[tuple[int, int, int, int], list[_Entry]] = {}
        self._open: OrderedDict[int, _Entry] = OrderedDict()
        self._ending: OrderedDict[int, _Entry] = OrderedDict()
        self._closed: deque[tuple[int, _Entry]] = deque()
        self._bytes = 0
        self._made = 0
        self._out: list[Group] = []
        self._now = 0.0

    def source(self, peer: bytes = b"", grace: float = 0.0) -> int:
        """A number for a new source of lines.

        `peer` names it where lines carry no host.  `grace` is for transports that reorder (UDP): the seconds that an
        ended group waits for records that were overtaken.
        """
        self._sources.append(_Source(peer, grace))
        return len(self._sources) - 1

    def feed(self, lines: bytes | memoryview, source: int, now: float) -> list[Group]:
        """Take whole lines (LF behind each, at the last one it may be missing); `now` in seconds, never falling."""
        self._now = max(now, self._now)
        data = bytes(lines)
        rows = data.split(b"\n")
        if not rows[-1]:
            rows.pop()
        home = self._sources[source]
        for line in rows:
            self._line(line, source, home)
        return self._take()

    def expire(self, now: float) -> list[Group]:
        """Close what has been silent for `timeout_seconds`, and what ended and had its grace."""
        self._now = now = max(now, self._now)
        while self._ending:
            entry = next(iter(self._ending.values()))
            if entry.now + entry.source.grace > now:
                break
            self._close(entry, entry.ending)
        while self._open:
            entry = next(iter(self._open.values()))
            if entry.now + self._limits.timeout_seconds > now:
                break
            self._close(entry, "timeout")
        return self._take()

    def next_deadline(self) -> float | None:
        """When `expire` will next have something to do; None while nothing is open."""
        ends = [entry.now + entry.source.grace for entry in list(self._ending.values())[:1]]
        ends += [entry.now + self._limits.timeout_seconds for entry in list(self._open.values())[:1]]
        return min(ends, default=None)

    def close(self) -> list[Group]:
        """End of input: give back everything that is held, the longest silent first."""
        for entry in list(self._ending.values()):
            self._close(entry, entry.ending)
        for entry in list(self._open.values()):
            self._close(entry, "end")
        return self._take()

    def counts(self) -> dict[str, int]:
        """What happened so far, by event.COUNTERS."""
        return dict(self._counts)

    def held(self) -> tuple[int, int]:
        """How many groups are open, and the bytes of their records."""
        return len(self._open) + len(self._ending), self._bytes

    def take_rejected(self) -> list[Rejected]:
        """The rejected lines since the last call (only with `keep_rejected`)."""
        rejected, self._rejected = self._rejected, []
        return rejected

    def _take(self) -> list[Group]:
        out, self._out = self._out, []
        return out

    def _line(self, line: bytes, number: int, source: _Source) -> None:
        source.lines += 1
        self._counts["lines"] += 1
        stripped = line.rstrip(_TRAILING)
        if len(line) > self._limits.max_line_bytes:
            self._reject("too_long", line)
        elif stripped.startswith((b"type=", b"node=")):
            self._payload(stripped, stripped, number, source, _NOTHING)
        elif not stripped:
            self._counts["skipped"] += 1
        else:
            self._wrapped(stripped, number, source)
        self._expire_distant(source)

    def _wrapped(self, line: bytes, number: int, source: _Source) -> None:
        found = self._unwrap(line)
        if found is None:
            self._reject("not_audit", line)
        elif isinstance(found, Group):
            self._counts["aggregated"] += 1
            self._emit(found)
        elif isinstance(found, Unwrapped):
            self._payload(found.payload, line, number, source, found.envelope)
        elif found:
            self._reject(found, line)
        else:
            self._counts["skipped"] += 1

    def _payload(self, payload: bytes, line: bytes, number: int, source: _Source, envelope: Envelope) -> None:
        node = b""
        if payload.startswith(b"node="):
            end = payload.find(b" type=", 5, 5 + MAX_NODE_BYTES + 6)
            if end < 0:
                self._reject("bad_header", line)
                return
            node, payload = payload[5:end], payload[end + 1 :]
        header = parse_header(payload)
        if header is None:
            self._reject("bad_header", line)
            return
        self._counts["records"] += 1
        self._record(header, payload, node, number, source, envelope)

    def _reject(self, reason: str, line: bytes) -> None:
        self._counts["rejected"] += 1
        self._counts[reason] += 1
        if self._keep_rejected:
            self._rejected.append(Rejected(reason, line))

    def _record(
        self, header: Header, record: bytes, node: bytes, number: int, source: _Source, envelope: Envelope
    ) -> None:
        key = number, header.seconds, header.milliseconds, header.serial
        entry = self._find(key, node, envelope.host)
        if header.number == EOE:
            self._counts["end_marks"] += 1
            if entry is not None and not entry.closed:
                self._end(entry, "eoe")
            return
        mark = hash(record)
        if entry is not None and mark in entry.marks:
            self._counts["duplicates"] += 1
            return
        if entry is not None and not entry.closed and self._full(entry, record):
            self._close(entry, "limit")
            entry = self._find(key, node, envelope.host)
        if entry is None or entry.closed:
            entry = self._begin(entry, key, node, source, envelope)
            if entry is None:
                return
        if len(entry.marks) < self._limits.max_event_records:
            entry.marks.add(mark)
        self._append(entry, record, node, envelope)
        if header.number == PROCTITLE:
            self._end(entry, "proctitle")
        elif len(entry.records) == 1 and not entry.ending and stands_alone(header.number):
            self._close(entry, "single")
        self._relieve(source)

    def _find(self, key: tuple[int, int, int, int], node: bytes, host: bytes) -> "_Entry | None":
        """The open group of this key and host, else the closed one."""
        fallback = None
        for entry in self._keys.get(key, ()):
            if entry.is_of(node, host):
                if not entry.closed:
                    return entry
                fallback = fallback or entry
        return fallback

    def _full(self, entry: _Entry, record: bytes) -> bool:
        limits = self._limits
        return (
            entry.bytes + len(record) + 1 > limits.max_event_bytes or len(entry.records) >= limits.max_event_records
        )

    def _begin(
        self, entry: _Entry | None, key: tuple[int, int, int, int], node: bytes, source: _Source, envelope: Envelope
    ) -> "_Entry | None":
        """An open group for a key that is new, or that was closed and gets a late record."""
        late = entry is not None
        if late:
            if self._limits.late == "drop":
                self._counts["late_dropped"] += 1
                return None
            self._counts["late"] += 1
        if entry is None:
            entry = _Entry(self._made, source, key, node, envelope.host)
            self._keys.setdefault(key, []).append(entry)
        else:
            entry.number = self._made
            entry.closed = False
            entry.ending = ""
        self._made += 1
        entry.late = late
        entry.records = []
        entry.bytes = 0
        entry.envelope = envelope._replace(peer=source.peer)
        source.open[entry.number] = self._open[entry.number] = entry
        return entry

    def _append(self, entry: _Entry, record: bytes, node: bytes, envelope: Envelope) -> None:
        entry.node = entry.node or node
        entry.host = entry.host or envelope.host
        entry.records.append(record)
        size = len(record) + 1
        entry.bytes += size
        entry.source.bytes += size
        self._bytes += size
        entry.line = entry.source.lines
        if not entry.ending:
            entry.now = self._now
            self._open.move_to_end(entry.number)
            entry.source.open.move_to_end(entry.number)

    def _end(self, entry: _Entry, mark: str) -> None:
        """An end mark came: close, or where lines may overtake each other wait for the grace to pass."""
        if not entry.source.grace:
            self._close(entry, mark)
        elif not entry.ending:
            entry.ending = mark
            entry.now = self._now
            del self._open[entry.number]
            del entry.source.open[entry.number]
            self._ending[entry.number] = entry

    def _close(self, entry: _Entry, reason: str) -> None:
        if entry.ending:
            del self._ending[entry.number]
        else:
            del self._open[entry.number]
            del entry.source.open[entry.number]
        self._bytes -= entry.bytes
        entry.source.bytes -= entry.bytes
        node = entry.node or entry.host or entry.source.peer
        message = b"\n".join(entry.records)
        self._emit(Group(*entry.key[1:], node, reason, entry.late, len(entry.records), entry.envelope, message))
        entry.closed = True
        entry.records = []
        self._remember(entry)

    def _emit(self, group: Group) -> None:
        counts = self._counts
        counts["events"] += 1
        counts["complete" if group.closed_by in COMPLETE else "partial"] += 1
        if group.closed_by in ("limit", "timeout"):
            counts[group.closed_by] += 1
        self._out.append(group)

    def _remember(self, entry: _Entry) -> None:
        self._closed.append((entry.number, entry))
        while len(self._closed) > self._limits.remember_events:
            number, old = self._closed.popleft()
            if old.number == number and old.closed:
                self._forget(old)

    def _forget(self, entry: _Entry) -> None:
        entries = self._keys[entry.key]
        entries.remove(entry)
        if not entries:
            del self._keys[entry.key]

    def _relieve(self, source: _Source) -> None:
        """At a limit the group that has been silent longest leaves."""
        limits = self._limits
        while len(source.open) > limits.max_source_events or (source.bytes > limits.max_source_bytes and source.open):
            self._close(next(iter(source.open.values())), "limit")
        while len(self._open) > limits.max_open_events or (self._bytes > limits.max_open_bytes and self._open):
            self._close(next(iter(self._open.values())), "limit")

    def _expire_distant(self, source: _Source) -> None:
        """Input without a clock: what was left behind so many lines ago will not go on."""
        distance = self._limits.distance_lines
        while distance and source.open:
            entry = next(iter(source.open.values()))
            if source.lines - entry.line <= distance:
                return
            self._close(entry, "timeout")
