"""One aggregation rule at work: events in, Type=2 events out.

What the kernel's `_join` does for audit records, for any event.  A group is every event with the same identical values
(and, where the rule asks for it, of the same source).  It is open until its threshold, its lifetime, an end that the
rule names, silence, a limit or the end of input, whichever is first.  A group that ended may linger for stragglers
until an event of another group of its source comes.  What is closed is remembered, if the rule remembers anything.

Groups leave in the order in which they end.  Time is an argument, and finding, expiring and relieving are a lookup in a
hash table or the first of a queue, however many groups are open.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from itertools import chain, islice
from operator import itemgetter
from typing import Any, Final

from stitcher.core._aggregation import REASONS, End, Event, Rule, reader
from stitcher.core._held import NEVER, Held, Home, Key, Memory
from stitcher.core._writing import Writer
from stitcher.core.conditions import dig

#: counters of a rule; those of the kernel have its names
COUNTERS: Final = (
    "taken", "events", "complete", "partial", "threshold", "lifetime", "timeout", "limit", "late", "late_dropped",
    "duplicates", "end_marks", "overflow",
)  # fmt: skip
#: after these the next event begins a group that is not late
_NEXT: Final = ("threshold", "lifetime")


class Gatherer:
    """Gathers the events that one rule takes."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.counts = dict.fromkeys(COUNTERS, 0)
        self._writer = Writer(rule, self.counts)
        self._key = _key_reader(rule.identical)
        self._known = tuple(reader(name) for name in rule.identical_where_known)
        self._nothing_known = ("",) * len(self._known)
        self._repeats = tuple(reader(name) for name in rule.repeats)
        self._keys: dict[Key, Held] = {}
        self._homes: dict[int, Home] = {}
        #: the longest silent first
        self._open: OrderedDict[Held, None] = OrderedDict()
        #: the oldest first, where the rule has a lifetime
        self._born: OrderedDict[Held, None] = OrderedDict()
        #: groups that ended: on sources that reorder, and on all others
        self._ending: OrderedDict[Held, None] = OrderedDict()
        self._lingering: OrderedDict[Held, None] = OrderedDict()
        self._memory = Memory(rule.remember_events)
        self._bytes = 0
        self._made = 0
        self._now = 0.0
        #: the group that got the last event: the last one of _open, if it is in there
        self._latest: Held | None = None
        self._out: list[Event] = []

    def home(self, source: int) -> Home:
        """What is held for a source; a number that is new makes a new one."""
        home = self._homes.get(source)
        if home is None:
            home = self._homes[source] = Home({} if self.rule.by_source else self._keys)
        return home

    def end(self, source: int) -> None:
        """The source has no more events; its open groups keep what they need of it."""
        self._homes.pop(source, None)

    def take(self) -> list[Event]:
        """The groups that ended since the last call."""
        out, self._out = self._out, []
        return out

    def push(self, event: Event, values: Any, now: float, source: int, hops: int = 0) -> list[Event]:
        """Take an event; `values` is what conditions read, `hops` how often it went round."""
        if now > self._now:
            self._now = now
        self.counts["taken"] += 1
        home = self._homes.get(source) or self.home(source)
        try:
            key = self._key(event)
            group = home.keys.get(key)
        except TypeError:
            key = tuple(map(_hashable, self._key(event)))
            group = home.keys.get(key)
        known = tuple([str(read(event) or "") for read in self._known]) if self._known else ()
        linger = home.linger
        if linger is not None and not (linger.key == key and linger.alike(known)):
            self._close(linger, linger.ending)
            group = home.keys.get(key)  # what was remembered may have been forgotten
        if group is not None and known and (group.other is not None or any(known)):
            group = self._memory.find(home, key, known)
        self._gather(group, event, values, home, key, known, hops)
        if not self._out:
            return self._out
        return self.take()

    def pass_line(self, home: Home) -> None:
        """A line of this source was read: what it left too far behind will not go on."""
        if home.lines > home.check:
            distance = self.rule.distance_lines or NEVER
            home.check = home.lines + distance
            while home.open:
                group = next(iter(home.open))
                if home.lines - group.line <= distance:
                    home.check = group.line + distance
                    return
                self._close(group, "timeout")

    def expire(self, now: float) -> list[Event]:
        """Close what ended and waited long enough, what is too old, and what has been silent for too long."""
        self._now = now = max(now, self._now)
        for queue in (self._ending, self._lingering):
            while queue:
                group = next(iter(queue))
                if group.now + self._wait(group) > now:
                    break
                self._close(group, group.ending)
        lifetime, silence = self.rule.lifetime_seconds, self.rule.timeout_seconds
        while lifetime is not None and self._born:
            group = next(iter(self._born))
            if group.started + lifetime > now:
                break
            self._close(group, "lifetime")
        while silence is not None and self._open:
            group = next(iter(self._open))
            if group.now + silence > now:
                break
            self._close(group, "timeout")
        return self.take()

    def next_deadline(self) -> float | None:
        """When `expire` will next have something to do; None while nothing waits for a time."""
        return min(self._deadlines(), default=None)

    def _deadlines(self) -> Iterator[float]:
        for group in chain(islice(self._ending, 1), islice(self._lingering, 1)):
            yield group.now + self._wait(group)
        if self.rule.lifetime_seconds is not None:
            for group in islice(self._born, 1):
                yield group.started + self.rule.lifetime_seconds
        if self.rule.timeout_seconds is not None:
            for group in islice(self._open, 1):
                yield group.now + self.rule.timeout_seconds

    def close(self) -> list[Event]:
        """End of input: give back everything that is held, the longest silent first."""
        for group in [*self._ending, *self._lingering]:
            self._close(group, group.ending)
        for group in list(self._open):
            self._close(group, "end")
        return self.take()

    def held(self) -> tuple[int, int]:
        """How many groups are open, and the bytes that they hold."""
        return len(self._open) + len(self._ending) + len(self._lingering), self._bytes

    def _gather(
        self, group: Held | None, event: Event, values: Any, home: Home, key: Key, known: tuple[str, ...], hops: int
    ) -> None:
        end = self._end_of(values) if self.rule.ends else None
        if end is not None and not end.included:
            self._end_mark(group, end)
            return
        mark = self._mark(group, event, values) if self._repeats else 0
        if mark and group is not None and mark in group.marks:
            self.counts["duplicates"] += 1
            return
        pieces, size = self._writer.read(event)
        if group is not None and not group.closed and self._is_full(group, size):
            self._close(group, "limit")
            group = self._memory.find(home, key, known)
        if group is None or group.closed:
            group = self._begin(group, event, home, key)
            if group is None:
                return
        self._append(group, event, pieces, size, known)
        if mark:
            self._keep_mark(group, mark)
        if hops > group.hops:
            group.hops = hops
        if end is not None and not (end.first and (group.count > 1 or group.ending)):
            self._end(group, end)
        self._check_bounds(group)

    def _end_of(self, values: Any) -> End | None:
        for end in self.rule.ends:
            if end.when(values):
                return end
        return None

    def _mark(self, group: Held | None, event: Event, values: Any) -> int:
        if len(self._repeats) == 1 and (only := self._repeats[0](event)).__class__ is str:
            seen = hash(only)
        else:
            seen = hash(tuple([_hashable(read(event)) for read in self._repeats]))
        if group is not None:
            in_place = self.rule.repeats_in_place
            seen = group.mark(seen, in_place is not None and in_place(values))
        return seen or 1

    def _keep_mark(self, group: Held, mark: int) -> None:
        group.before = mark
        if len(group.marks) < self.rule.max_event_records:
            group.marks.add(mark)

    def _is_full(self, group: Held, size: int) -> bool:
        rule = self.rule
        return group.bytes + size > rule.max_event_bytes or group.count >= rule.max_event_records

    def _end_mark(self, group: Held | None, end: End) -> None:
        self.counts["end_marks"] += 1
        if group is not None and not group.closed:
            self._end(group, end)

    def _begin(self, group: Held | None, event: Event, home: Home, key: Key) -> Held | None:
        """An open group for a key that is new, or that was closed and gets a late event."""
        late = group is not None
        if group is None:
            group = Held(home, key, self._nothing_known)
            self._add(group)
        elif self.rule.late == "drop":
            self.counts["late_dropped"] += 1
            return None
        else:
            self.counts["late"] += 1
            self._memory.reopen(group)
            group.home = home
        group.open(self._made, late, self._now)
        self._made += 1
        size = self._writer.begin(group, event)
        group.bytes += size
        home.bytes += size
        self._bytes += size
        home.open[group] = self._open[group] = None
        self._latest = group
        if self.rule.lifetime_seconds is not None:
            self._born[group] = None
        return group

    def _add(self, group: Held) -> None:
        """A new group; where too many have the same key and differ in what is known the first of them leaves."""
        first = self._memory.crowd(group)
        if first is not None:
            if not first.closed:
                self._close(first, first.ending or "limit")
            self._memory.drop(first)
        self._memory.add(group)

    def _append(self, group: Held, event: Event, pieces: list[Any], size: int, known: tuple[str, ...]) -> None:
        home = group.home
        size += self._writer.add(group, event, pieces)
        if known != group.known:
            size += group.learn(known)
        group.count += 1
        group.bytes += size
        home.bytes += size
        self._bytes += size
        group.line = home.lines
        if not group.ending:
            group.now = self._now
            if group is not self._latest:
                self._open.move_to_end(group)
                home.open.move_to_end(group)
                self._latest = group

    def _end(self, group: Held, end: End) -> None:
        """An end came: close, or wait for stragglers."""
        home = group.home
        at_once = end.first if home.grace else not end.linger
        if at_once or not self._wait(group):
            self._close(group, end.name)
        elif not group.ending:
            group.ending = end.name
            group.now = self._now
            self._leave(group)
            if home.grace:
                self._ending[group] = None
            else:
                self._lingering[group] = None
                home.linger = group
        elif not home.grace:
            group.ending = end.name

    def _wait(self, group: Held) -> float:
        """How long a group waits after its end: for events that were overtaken, else for stragglers."""
        return group.home.grace or self.rule.linger_seconds

    def _leave(self, group: Held) -> None:
        """It waits for its end no more."""
        del self._open[group]
        del group.home.open[group]
        if self.rule.lifetime_seconds is not None:
            del self._born[group]

    def _close(self, group: Held, reason: str) -> None:
        home = group.home
        if group.ending:
            del (self._ending if home.grace else self._lingering)[group]
            if home.linger is group:
                home.linger = None
        else:
            self._leave(group)
        self._bytes -= group.bytes
        home.bytes -= group.bytes
        counts = self.counts
        whole = reason == group.ending or reason not in REASONS
        events = self._writer.write(group, reason)
        counts["events"] += len(events)
        counts["complete" if whole else "partial"] += len(events)
        if not whole and reason != "end":
            counts[reason] += 1
        self._out += events
        group.close()
        self._memory.close(group, next_begins=reason in _NEXT)

    def _check_bounds(self, group: Held) -> None:
        """What is enough leaves; at a limit the group that was silent longest, first those that have ended already."""
        rule = self.rule
        home = group.home
        if rule.threshold is not None and group.count >= rule.threshold and not group.closed:
            self._close(group, group.ending or "threshold")
        most, room = rule.max_open_events, rule.max_open_bytes
        while self._ending and (len(self._open) + len(self._ending) > most or self._bytes > room):
            group = next(iter(self._ending))
            self._close(group, group.ending)
        while len(home.open) > rule.max_source_events or (home.bytes > rule.max_source_bytes and home.open):
            self._close(next(iter(home.open)), "limit")
        while len(self._open) > most or (self._bytes > room and self._open):
            self._close(next(iter(self._open)), "limit")


def _key_reader(names: tuple[str, ...]) -> Callable[[Event], Key]:
    """The identical values of an event; what it does not have is ""."""

    def slow(event: Event) -> Key:
        return tuple(["" if (value := dig(event, name)) is None else value for name in names])

    if not names or any("." in name for name in names):
        return slow
    get = itemgetter(*names)
    single = len(names) == 1

    def quick(event: Event) -> Key:
        try:
            values = (get(event),) if single else get(event)
        except KeyError:
            return slow(event)
        return slow(event) if None in values else values

    return quick


def _hashable(value: Any) -> Any:
    """Lists as tuples, mappings as their sorted pairs; all else as it is."""
    if isinstance(value, list | tuple):
        return tuple(map(_hashable, value))
    return tuple(sorted((key, _hashable(one)) for key, one in value.items())) if isinstance(value, dict) else value
