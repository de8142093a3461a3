"""What lap 1 remembers: where lines come from, and the groups, open and closed."""

from collections import OrderedDict
from typing import Final

from stitcher.event import Envelope, Limits
from stitcher.kernel._header import LABEL_TYPES

#: source, seconds, milliseconds and serial
Key = tuple[int, int, int, int]

#: types whose number is remembered
MAX_TYPES: Final = 4096
#: further than any line number
NEVER: Final = 1 << 62

#: the envelope of a line that has none
NOTHING: Final = Envelope()


class Source:
    """Where lines come from: one connection, file list or peer."""

    __slots__ = ("bytes", "check", "grace", "lines", "linger", "open", "peer", "unwrapped")

    def __init__(self, peer: bytes, grace: float) -> None:
        self.peer = peer
        self.grace = grace
        #: the envelope of lines that come without one
        self.unwrapped = Envelope(peer=peer)
        self.lines = 0
        #: up to this line no group is left too far behind
        self.check = 0
        self.bytes = 0
        self.open: OrderedDict[int, Entry] = OrderedDict()
        #: the group that ended and may still get a straggler
        self.linger: Entry | None = None


class Entry:
    """One key: the records of an open group, or the memory of a closed one."""

    __slots__ = (
        "before", "bytes", "closed", "ending", "envelope", "host", "key", "late", "line", "marks", "node", "now",
        "number", "other", "records", "source",
    )  # fmt: skip

    def __init__(self, number: int, source: Source, key: Key, node: bytes, host: bytes) -> None:
        self.number = number
        self.source = source
        self.key = key
        self.node = node
        self.host = host
        #: the next entry of the same key, which is another host's
        self.other: Entry | None = None
        self.late = False
        self.closed = False
        #: hashes of its records, those that have left among them: an exact repeat is a duplicate
        self.marks: set[int] = set()
        #: hash of the record that came last, a repeat or not
        self.before = 0
        self.envelope = NOTHING
        self.records: list[bytes] = []
        self.bytes = 0
        self.line = 0
        self.now = 0.0
        self.ending = ""

    def mark(self, number: int, record: bytes) -> int:
        """The hash that a record is known again by.

        The same labels may stand behind several records of an event: there the record in front counts, too.
        """
        self.before = hash((record, self.before)) if number in LABEL_TYPES else hash(record)
        return self.before

    def is_full(self, record: bytes, limits: Limits) -> bool:
        """Would one more record be too much?"""
        return self.bytes + len(record) + 1 > limits.max_event_bytes or len(self.records) >= limits.max_event_records

    def last(self) -> "Entry":
        """The last entry of its key."""
        entry = self
        while entry.other is not None:
            entry = entry.other
        return entry

    def hosts(self) -> int:
        """How many entries of its key there are from this one on."""
        count = 1
        entry = self.other
        while entry is not None:
            count += 1
            entry = entry.other
        return count

    def is_of(self, node: bytes, host: bytes) -> bool:
        """Same host?  node= decides where both have it, else the host of the envelope, else nothing speaks against."""
        if node and self.node:
            return node == self.node
        return not host or not self.host or host == self.host
