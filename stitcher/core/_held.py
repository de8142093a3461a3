"""What an aggregation rule remembers: where events come from, and its groups, open and closed."""

from collections import OrderedDict, deque
from typing import Any, Final

from stitcher.core._summing import FREE_BYTES, size_of
from stitcher.kernel._bounds import MARKS_EACH, MAX_HOSTS

#: identical values of a group, in the order of the rule
Key = tuple[Any, ...]
#: bytes of the identical values of a group that is remembered when it is closed; what has more is forgotten
MAX_KEY_BYTES: Final = 1_024
#: further than any line number
NEVER: Final = 1 << 62


class Home:
    """Where events come from: one connection, file list or peer."""

    __slots__ = ("bytes", "check", "grace", "keys", "lines", "linger", "open")

    def __init__(self, keys: "dict[Key, Held]") -> None:
        #: seconds that an ended group waits on a source that reorders; 0 = it does not
        self.grace = 0.0
        #: first group of each key; shared by all sources where the rule does not part them
        self.keys = keys
        self.lines = 0
        #: up to this line no group is left too far behind
        self.check = 0
        self.bytes = 0
        #: the longest silent first
        self.open: OrderedDict[Held, None] = OrderedDict()
        #: the group that ended and may still get a straggler
        self.linger: Held | None = None


class Held:
    """One key: what an open group has gathered, or the memory of a closed one."""

    __slots__ = (
        "before", "bytes", "closed", "count", "end", "ending", "first", "home", "hops", "key", "known", "last",
        "last_bytes", "late", "line", "marks", "now", "number", "orders", "other", "start", "started", "sums", "unique",
    )  # fmt: skip

    def __init__(self, home: Home, key: Key, known: tuple[str, ...]) -> None:
        self.home = home
        self.key = key
        #: of each field that is identical where known, the first value
        self.known = known
        #: the next group of the same key, which differs in what is known
        self.other: Held | None = None
        self.number = -1
        self.closed = True
        #: hashes of its events, those that have left among them: an exact repeat is a duplicate
        self.marks: set[int] = set()
        #: hash of the event that came last, a repeat or not
        self.before = 0

    def open(self, number: int, late: bool, now: float) -> None:
        """Begin to gather, for the first time or again."""
        self.number = number
        self.closed = False
        self.late = late
        self.ending = ""
        self.count = self.bytes = self.hops = 0
        #: milliseconds of the first and of the last event, where they have a time
        self.start: int | float | None = None
        self.end: int | float | None = None
        #: by the clock of push
        self.started = self.now = now
        self.line = 0
        #: what is carried from the first event and from the last
        self.first: dict[str, Any] = {}
        self.last: dict[str, Any] = {}
        self.last_bytes = 0
        #: for each sum field the values of all events, in their order; None where an event has none
        self.sums: tuple[list[Any], ...] = ()
        #: for each unique field the values that were seen, in the order of first sight
        self.unique: tuple[dict[str, None], ...] = ()
        #: for each event the value of the field that pieces are ordered by
        self.orders: list[Any] = []

    def close(self) -> None:
        """Forget what was gathered; what tells a late event and a repeat stays."""
        self.closed = True
        self.first = self.last = {}
        self.sums = self.unique = ()
        self.orders = []

    def mark(self, seen: int, in_place: bool) -> int:
        """The hash that an event is known again by; `in_place`: the event in front counts, too."""
        self.before = hash((seen, self.before)) if in_place else seen
        return self.before

    def alike(self, known: tuple[str, ...]) -> bool:
        """Does nothing speak against?  The first field that both have decides."""
        for mine, other in zip(self.known, known, strict=True):
            if mine and other:
                return mine == other
        return True

    def learn(self, known: tuple[str, ...]) -> int:
        """Keep what was not known before; gives the bytes that this takes."""
        before, self.known = self.known, tuple(mine or new for mine, new in zip(self.known, known, strict=True))
        return sum(max(0, size_of(new) - FREE_BYTES) for new, old in zip(self.known, before, strict=True) if not old)

    def tail(self) -> "Held":
        """The last group of its key."""
        group = self
        while group.other is not None:
            group = group.other
        return group

    def followers(self) -> int:
        """How many groups of its key there are from this one on."""
        count = 1
        group = self.other
        while group is not None:
            count += 1
            group = group.other
        return count


class Memory:
    """Groups by their keys: the open ones, and closed ones for as long as they are remembered."""

    def __init__(self, most: int) -> None:
        """`most`: how many closed groups are remembered."""
        self._most = most
        self._closed: deque[tuple[int, Held]] = deque()
        #: hashes of events that closed groups remember
        self._marks = 0

    def find(self, home: Home, key: Key, known: tuple[str, ...]) -> Held | None:
        """The open group of the key of which nothing speaks against, else the closed one."""
        closed = None
        group = home.keys.get(key)
        while group is not None:
            if group.alike(known):
                if not group.closed:
                    return group
                closed = closed or group
            group = group.other
        return closed

    def crowd(self, group: Held) -> Held | None:
        """The first group of the same key, if one more would be too many."""
        first = group.home.keys.get(group.key)
        return first if first is not None and first.followers() >= MAX_HOSTS else None

    def add(self, group: Held) -> None:
        """A new group, behind those of the same key."""
        before = group.home.keys.setdefault(group.key, group)
        if before is not group:
            before.tail().other = group

    def reopen(self, group: Held) -> None:
        """A closed group gets a late event."""
        self._marks -= len(group.marks)

    def close(self, group: Held, next_begins: bool) -> None:
        """Remember a group that was closed, if there is room; `next_begins`: what comes next is not late."""
        self._marks += len(group.marks)
        most = self._most
        if not most or next_begins or size_of(group.key) + size_of(group.known) > MAX_KEY_BYTES:
            self._forget(group)
            return
        self._closed.append((group.number, group))
        while len(self._closed) > most or self._marks > MARKS_EACH * most:
            number, old = self._closed.popleft()
            if old.number == number and old.closed:
                self._forget(old)

    def drop(self, group: Held) -> None:
        """Forget a group that was closed, if it is remembered."""
        if group.number >= 0:
            self._forget(group)

    def _forget(self, group: Held) -> None:
        group.number = -1
        self._marks -= len(group.marks)
        keys = group.home.keys
        before = keys[group.key]
        if before is not group:
            while before.other is not group and before.other is not None:
                before = before.other
            before.other = group.other
        elif group.other is None:
            del keys[group.key]
        else:
            keys[group.key] = group.other
