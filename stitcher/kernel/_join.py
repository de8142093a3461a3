"""Lap 1: lines in, groups of records that are one event out.

This is the specification; `_compiled.pyx` gives the same groups.

Theory of operation.  A group is every record with the same (source, node, time, serial).  `node` is the `node=` name;
lines without one belong to the host that their envelope names, and where both are missing to whatever host the source
has.  A group is *open* until an end comes: EOE; PROCTITLE, which the kernel sends last and which is the only end in
auditd's own files; a type that stands alone; silence; a limit; the end of input.  After a PROCTITLE or a record that
stands alone the group *lingers* until a record of another event of its source comes, or a moment has passed.  So the
EOE behind a PROCTITLE finds its group, and what some kernels send behind a record that stands alone (Ubuntu's USER_*
and SERVICE_*, with the SYSCALL of the sendto) comes into the same event.

What is closed is remembered by its key: an EOE that comes then is absorbed, a record that was seen before is a
duplicate, any other is late and makes a second event with the same id (or is dropped, if so asked).

Records keep the order of arrival, and groups leave in the order in which they end.  Time is an argument: nothing here
reads a clock, and no host's own stamps expire anything.
"""

from collections import OrderedDict, deque
from collections.abc import Callable
from itertools import chain, islice

from stitcher.event import COMPLETE, COUNTERS, Envelope, Group, Limits, Rejected, Unwrapped
from stitcher.kernel._bounds import MARKS_EACH, MAX_HOSTS, MAX_NODE_BYTES
from stitcher.kernel._entries import MAX_TYPES, NEVER, NOTHING, Entry, Key, Source
from stitcher.kernel._header import EOE, PROCTITLE, parse_stamp, parse_type, stands_alone

#: takes the wrapper off a line that begins with neither type= nor node=; None: it is no audit record;
#: "": it is nothing at all (an empty line, a separator of ausearch); a str: the reason why it is rejected
Unwrap = Callable[[bytes], "Unwrapped | Group | str | None"]

_TRAILING = b" \r\0"


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
        self._sources: list[Source] = []
        self._keys: dict[Key, Entry] = {}
        self._open: OrderedDict[int, Entry] = OrderedDict()
        #: groups that ended: on sources that reorder, and on all others
        self._ending: OrderedDict[int, Entry] = OrderedDict()
        self._lingering: OrderedDict[int, Entry] = OrderedDict()
        self._closed: deque[tuple[int, Entry]] = deque()
        self._bytes = 0
        #: hashes of records that closed entries remember
        self._marks = 0
        self._made = 0
        self._out: list[Group] = []
        self._now = 0.0
        #: the group that got the last record: the last one of _open, if it is in there
        self._latest: Entry | None = None
        #: the last header behind its type, and the key that it makes: most lines have those of the line before
        self._stamp = b"\n"
        self._key: Key = (0, 0, 0, 0)
        #: number of a type, and whether it stands alone, by `type=NAME`
        self._types: dict[bytes, tuple[int, bool]] = {}

    def source(self, peer: bytes = b"", grace: float = 0.0) -> int:
        """A number for a new source of lines.

        `peer` names it where lines carry no host.  `grace` is for transports that reorder (UDP): the seconds that an
        ended group waits for records that were overtaken.
        """
        self._sources.append(Source(peer, grace))
        return len(self._sources) - 1

    def feed(self, lines: bytes | memoryview, source: int, now: float) -> list[Group]:
        """Take whole lines (LF behind each, at the last one it may be missing); `now` in seconds, never falling."""
        self._now = max(now, self._now)
        data = bytes(lines)
        rows = data.split(b"\n")
        if not rows[-1]:
            rows.pop()
        home = self._sources[source]
        self._counts["lines"] += len(rows)
        longest = self._limits.max_line_bytes
        for row in rows:
            home.lines += 1
            line = row.rstrip(_TRAILING)
            if len(row) > longest:
                self._reject("too_long", row)
            elif line.startswith((b"type=", b"node=")):
                self._payload(line, line, source, home, NOTHING)
            else:
                self._wrapped(line, source, home)
            if home.lines > home.check:
                self._expire_distant(home)
        return self._take()

    def expire(self, now: float) -> list[Group]:
        """Close what has been silent for `timeout_seconds`, and what ended and had its grace."""
        self._now = now = max(now, self._now)
        for queue in (self._ending, self._lingering):
            while queue:
                entry = next(iter(queue.values()))
                if entry.now + self._wait(entry) > now:
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
        ended = chain(islice(self._ending.values(), 1), islice(self._lingering.values(), 1))
        ends = [entry.now + self._wait(entry) for entry in ended]
        ends += [entry.now + self._limits.timeout_seconds for entry in islice(self._open.values(), 1)]
        return min(ends, default=None)

    def close(self) -> list[Group]:
        """End of input: give back everything that is held, the longest silent first."""
        for entry in [*self._ending.values(), *self._lingering.values()]:
            self._close(entry, entry.ending)
        for entry in list(self._open.values()):
            self._close(entry, "end")
        return self._take()

    def counts(self) -> dict[str, int]:
        """What happened so far, by event.COUNTERS."""
        return dict(self._counts)

    def held(self) -> tuple[int, int]:
        """How many groups are open, and the bytes of their records."""
        return len(self._open) + len(self._ending) + len(self._lingering), self._bytes

    def take_rejected(self) -> list[Rejected]:
        """The rejected lines since the last call (only with `keep_rejected`)."""
        rejected, self._rejected = self._rejected, []
        return rejected

    def _take(self) -> list[Group]:
        out, self._out = self._out, []
        return out

    def _wrapped(self, line: bytes, number: int, source: Source) -> None:
        found = self._unwrap(line) if line else ""
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

    def _payload(self, payload: bytes, line: bytes, number: int, source: Source, envelope: Envelope) -> None:
        node = b""
        if payload.startswith(b"node="):
            end = payload.find(b" type=", 5, 5 + MAX_NODE_BYTES + 6)
            if end < 0:
                self._reject("bad_header", line)
                return
            node, payload = payload[5:end], payload[end + 1 :]
        written = payload.partition(b" ")[0]
        kind = self._types.get(written) or self._read_type(written)
        if not kind or not (payload.startswith(self._stamp, len(written)) or self._read_stamp(payload, len(written))):
            self._reject("bad_header", line)
            return
        self._counts["records"] += 1
        if self._key[0] != number:
            self._key = number, *self._key[1:]
        self._record(kind, payload, node, source, envelope)

    def _read_type(self, written: bytes) -> tuple[int, bool] | None:
        found = parse_type(written)
        if found is None:
            return None
        kind = found[0], stands_alone(found[0])
        if len(self._types) < MAX_TYPES:
            self._types[written] = kind
        return kind

    def _read_stamp(self, payload: bytes, at: int) -> bool:
        found = parse_stamp(payload, at)
        if found is None:
            return False
        self._stamp, seconds, milliseconds, serial = found
        self._key = self._key[0], seconds, milliseconds, serial
        return True

    def _reject(self, reason: str, line: bytes) -> None:
        self._counts["rejected"] += 1
        self._counts[reason] += 1
        if self._keep_rejected:
            self._rejected.append(Rejected(reason, line))

    def _record(self, kind: tuple[int, bool], record: bytes, node: bytes, source: Source, envelope: Envelope) -> None:
        number, alone = kind
        host = envelope.host
        linger = source.linger
        if linger is not None and not (linger.key == self._key and linger.is_of(node, host)):
            self._close(linger, linger.ending)
        entry = self._keys.get(self._key)
        if entry is not None and (entry.other is not None or node or host):
            entry = self._find(node, host)
        if number == EOE:
            self._end_mark(entry)
            return
        mark = entry.mark(number, record) if entry is not None else hash(record)
        if entry is not None and mark in entry.marks:
            self._counts["duplicates"] += 1
            return
        if entry is not None and not entry.closed and entry.is_full(record, self._limits):
            self._close(entry, "limit")
            entry = self._find(node, host)
        if entry is None or entry.closed:
            entry = self._begin(entry, node, source, envelope)
            if entry is None:
                return
        self._append(entry, record, mark, node, host)
        if number == PROCTITLE:
            self._end(entry, "proctitle")
        elif alone and len(entry.records) == 1 and not entry.ending:
            self._end(entry, "single")
        self._relieve(source)

    def _find(self, node: bytes, host: bytes) -> Entry | None:
        """The open group of the current key and this host, else the closed one."""
        closed = None
        entry = self._keys.get(self._key)
        while entry is not None:
            if entry.is_of(node, host):
                if not entry.closed:
                    return entry
                closed = closed or entry
            entry = entry.other
        return closed

    def _end_mark(self, entry: Entry | None) -> None:
        self._counts["end_marks"] += 1
        if entry is not None and not entry.closed:
            self._end(entry, "eoe")

    def _begin(self, entry: Entry | None, node: bytes, source: Source, envelope: Envelope) -> Entry | None:
        """An open group for a key that is new, or that was closed and gets a late record."""
        late = entry is not None
        if late:
            if self._limits.late == "drop":
                self._counts["late_dropped"] += 1
                return None
            self._counts["late"] += 1
        if entry is None:
            entry = Entry(self._made, source, self._key, node, envelope.host)
            self._add(entry)
        else:
            self._marks -= len(entry.marks)
            entry.number = self._made
            entry.closed = False
            entry.ending = ""
        self._made += 1
        entry.late = late
        entry.bytes = 0
        entry.envelope = source.unwrapped if envelope is NOTHING else envelope._replace(peer=source.peer)
        source.open[entry.number] = self._open[entry.number] = self._latest = entry
        return entry

    def _add(self, entry: Entry) -> None:
        """A new entry, behind those of the same key and other hosts."""
        first = self._keys.get(entry.key)
        if first is not None and first.hosts() >= MAX_HOSTS:
            if not first.closed:
                self._close(first, first.ending or "limit")
            if self._keys.get(entry.key) is first:
                self._forget(first)
        before = self._keys.setdefault(entry.key, entry)
        if before is not entry:
            before.last().other = entry

    def _append(self, entry: Entry, record: bytes, mark: int, node: bytes, host: bytes) -> None:
        source = entry.source
        entry.node = entry.node or node
        entry.host = entry.host or host
        entry.records.append(record)
        entry.before = mark
        if len(entry.marks) < self._limits.max_event_records:
            entry.marks.add(mark)
        size = len(record) + 1
        entry.bytes += size
        source.bytes += size
        self._bytes += size
        entry.line = source.lines
        if not entry.ending:
            entry.now = self._now
            if entry is not self._latest:
                self._open.move_to_end(entry.number)
                source.open.move_to_end(entry.number)
                self._latest = entry

    def _end(self, entry: Entry, mark: str) -> None:
        """An end came: close, or wait for stragglers."""
        source = entry.source
        if (mark == "eoe" and not source.grace) or (mark == "single" and source.grace) or not self._wait(entry):
            self._close(entry, mark)
        elif not entry.ending:
            entry.ending = mark
            entry.now = self._now
            del self._open[entry.number]
            del source.open[entry.number]
            if source.grace:
                self._ending[entry.number] = entry
            else:
                self._lingering[entry.number] = source.linger = entry
        elif not source.grace:
            entry.ending = mark

    def _wait(self, entry: Entry) -> float:
        """How long a group waits after its end: for lines that were overtaken, else for stragglers."""
        return entry.source.grace or self._limits.linger_seconds

    def _close(self, entry: Entry, reason: str) -> None:
        if entry.ending:
            del (self._ending if entry.source.grace else self._lingering)[entry.number]
            if entry.source.linger is entry:
                entry.source.linger = None
        else:
            del self._open[entry.number]
            del entry.source.open[entry.number]
        self._bytes -= entry.bytes
        entry.source.bytes -= entry.bytes
        node = entry.node or entry.host or entry.source.peer
        message = b"\n".join(entry.records)
        _, seconds, milliseconds, serial = entry.key
        count = len(entry.records)
        self._emit(Group(seconds, milliseconds, serial, node, reason, entry.late, count, entry.envelope, message))
        entry.closed = True
        entry.records.clear()
        self._remember(entry)

    def _emit(self, group: Group) -> None:
        counts = self._counts
        counts["events"] += 1
        counts["complete" if group.closed_by in COMPLETE else "partial"] += 1
        if group.closed_by in ("limit", "timeout"):
            counts[group.closed_by] += 1
        self._out.append(group)

    def _remember(self, entry: Entry) -> None:
        self._closed.append((entry.number, entry))
        self._marks += len(entry.marks)
        most = self._limits.remember_events
        while len(self._closed) > most or self._marks > MARKS_EACH * most:
            number, old = self._closed.popleft()
            if old.number == number and old.closed:
                self._forget(old)

    def _forget(self, entry: Entry) -> None:
        entry.number = -1
        self._marks -= len(entry.marks)
        before = self._keys[entry.key]
        if before is not entry:
            while before.other is not entry and before.other is not None:
                before = before.other
            before.other = entry.other
        elif entry.other is None:
            del self._keys[entry.key]
        else:
            self._keys[entry.key] = entry.other

    def _relieve(self, source: Source) -> None:
        """At a limit the group that has been silent longest leaves; first those that have ended already."""
        limits = self._limits
        most, room = limits.max_open_events, limits.max_open_bytes
        while self._ending and (len(self._open) + len(self._ending) > most or self._bytes > room):
            entry = next(iter(self._ending.values()))
            self._close(entry, entry.ending)
        while len(source.open) > limits.max_source_events or (source.bytes > limits.max_source_bytes and source.open):
            self._close(next(iter(source.open.values())), "limit")
        while len(self._open) > most or (self._bytes > room and self._open):
            self._close(next(iter(self._open.values())), "limit")

    def _expire_distant(self, source: Source) -> None:
        """Input without a clock: what was left behind so many lines ago will not go on."""
        distance = self._limits.distance_lines or NEVER
        source.check = source.lines + distance
        while source.open:
            entry = next(iter(source.open.values()))
            if source.lines - entry.line <= distance:
                source.check = entry.line + distance
                return
            self._close(entry, "timeout")
