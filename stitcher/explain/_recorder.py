"""What a dry run tells in, a tale for each event and for each line that became none out: who did what to it, in order.

Facts arrive as things happen (stitcher.pipeline.Heard), and each is put down for the event that it is about: told by
the object itself, and where the event goes round as bytes by the ID of the Type=2 event.
"""

import json
from typing import Any, Final

from stitcher.pipeline import Heard
from stitcher.pipeline._hearing import (
    AGGREGATED,
    AGGREGATION,
    DESTINATIONS,
    ENRICHMENTS,
    EVENT,
    FILTERS,
    LINE,
    LOOP,
    NORMALIZER,
    ORIGINALS,
)


class LineTale:
    """One line of the general road: what each room did to it."""

    def __init__(self, number: int, text: bytes) -> None:
        self.number = number
        self.text = text
        self.outcome = ""
        self.heard: list[Heard] = []


class Tale:
    """One event, or a line by itself."""

    def __init__(self) -> None:
        self.lines: list[LineTale] = []
        #: its group gathers on
        self.open = False
        #: rule, reason and line (0: the end of input) of the end of its group
        self.closed: tuple[str, str, int] | None = None
        self.aggregated: dict[str, Any] | None = None
        #: of audit: what lap 2 decodes
        self.group: Any = None
        #: what left: a flat event
        self.event: dict[str, Any] | None = None
        #: (room, fact), in order
        self.after: list[tuple[str, Heard]] = []
        #: what facts may be about
        self.about: list[object] = []


class Recorder:
    """Hears one dry run; `take` gives the tales that are over."""

    def __init__(self, loops: frozenset[str]) -> None:
        """`loops` are the names of destinations that lead back."""
        self._loops = loops
        self._number = 0
        self._line: LineTale | None = None
        #: the tale of the line
        self._home = Tale()
        #: what facts are about that name nothing, and in which lap it is
        self._current = self._home
        self._lap = ""
        #: those that wait for something to come back
        self._waiting: list[Tale] = []
        self._guarded = 0
        #: id() of an event or a group -> its tale, which holds the object
        self._tales: dict[int, Tale] = {}
        #: ID of a Type=2 event on its way round -> its tale
        self._round: dict[str, Tale] = {}
        self._over: list[Tale] = []
        #: groups of audit that the kernel joined
        self._joined: list[Any] = []

    @property
    def going_round(self) -> bool:
        """True while something that left comes back."""
        return bool(self._waiting)

    def hear(self, heard: Heard) -> None:
        """Put a fact down."""
        _HEAR[heard.room](self, heard)

    def begin(self, number: int) -> None:
        """What follows is because of the line of this number; 0 is the end of input."""
        self._number = number

    def take(self) -> list[Tale]:
        """The tales that are over, since the last call; to be called between lines."""
        if self._line is not None and not self._home.open and self._home.closed is None:
            self._over.append(self._home)
        self._line = None
        over, self._over = self._over, []
        for tale in over:
            for about in tale.about:
                if self._tales.get(id(about)) is tale:
                    del self._tales[id(about)]
        return over

    def take_groups(self) -> list[Any]:
        """The groups of audit that the kernel joined, since the last call."""
        joined, self._joined = self._joined, []
        return joined

    def take_of(self, group: object) -> Tale:
        """The tale of a group of the kernel; nothing will be asked about it any more."""
        return self._tales.pop(id(group), None) or Tale()

    def _hear_line(self, heard: Heard) -> None:
        if self._waiting:
            return
        if heard.did != "came":
            assert self._line is not None
            self._line.outcome = heard.did
        else:
            self._line = LineTale(self._number, heard.detail)
            self._home = self._current = Tale()
            self._home.lines.append(self._line)

    def _hear_normalizer(self, heard: Heard) -> None:
        event = heard.detail[1]
        tale = self._of(heard.about)
        if heard.about is None and self._line is not None:
            self._line.heard.append(heard)
            self._line.outcome = "" if isinstance(event, dict) else "rejected"
        else:
            tale.after.append((LOOP, heard))
            self._mark_aggregated(tale)
        if isinstance(event, dict):
            tale.event = event
            self._know(event, tale)

    def _mark_aggregated(self, tale: Tale) -> None:
        """A line that is a Type=2 event goes to lap 2 at once."""
        if tale is self._home and self._line is not None and not self._line.heard:
            self._line.outcome = "aggregated"

    def _hear_originals(self, heard: Heard) -> None:
        assert self._line is not None
        self._line.heard.append(heard)
        if heard.did == "dropped":
            self._line.outcome = "dropped"

    def _hear_aggregation(self, heard: Heard) -> None:
        if heard.name:
            self._close(heard) if heard.did == "closed" else self._gather(heard)
        elif heard.did == "joined":
            self._hear_kernel(heard.about)
        else:
            self._hear_fate(heard)

    def _hear_kernel(self, group: object) -> None:
        """The kernel joined a group, or one came in that somebody else had joined."""
        if not self._waiting:
            self._joined.append(group)
            self._know(group, Tale())

    def _hear_fate(self, heard: Heard) -> None:
        """What the rules did with an original, all of them together."""
        guarded, self._guarded = heard.detail > self._guarded, heard.detail
        if self._line is not None and heard.did != "taken":
            self._line.outcome = heard.did
            self._line.heard.append(heard._replace(about=None, detail=guarded))

    def _gather(self, heard: Heard) -> None:
        """A rule took the event of the line."""
        line, group = self._line, heard.detail
        assert line is not None
        line.heard.append(heard._replace(about=None, detail=None))
        line.outcome = _OUTCOMES.get(heard.did, line.outcome)
        tale = self._tales.get(id(group))
        if tale is None or not tale.open:
            if heard.did != "joined":
                return
            tale = Tale()
            tale.open = True
            self._know(group, tale)
        if tale is not self._home:
            tale.lines.append(line)
            for about in self._home.about:
                self._know(about, tale)
            self._home = tale

    def _close(self, heard: Heard) -> None:
        """A group is over; of one that left in parts each has a tale, with the same lines."""
        reason, events = heard.detail
        first = self._tales.pop(id(heard.about), None) or Tale()
        first.open = False
        # a late event may open it again
        first.about = [about for about in first.about if about is not heard.about]
        first.closed = heard.name, reason, self._number
        for at, event in enumerate(events):
            tale = first
            if at:
                tale = Tale()
                tale.lines, tale.closed = first.lines, first.closed
            tale.aggregated = event
            self._know(event, tale)
            self._over.append(tale)

    def _hear_loop(self, heard: Heard) -> None:
        if heard.did == "decoded":
            self._know(heard.detail, self._of(heard.about))
        elif heard.did == "comes back":
            self._waiting.append(self._current)
            self._current = self._round.pop(_name_of(heard.detail), self._current)
            self._current.after.append((LOOP, heard._replace(detail=None)))
        else:
            self._current = self._waiting.pop()

    def _hear_event(self, heard: Heard) -> None:
        """An event is about to leave, or has left."""
        event = heard.about
        if event is None:
            self._current.after.append((self._in_lap(DESTINATIONS), heard))
            self._lap = ""
            return
        self._current = self._of(event)
        if isinstance(event, dict):
            self._lap = AGGREGATED if event.get("Type") == 2 else ""
            if self._lap:
                self._mark_aggregated(self._current)
            if not self._lap:
                self._current.event = event
        else:
            self._lap = heard.name
            self._current.group = event
            self._mark_aggregated(self._current)

    def _put(self, heard: Heard) -> None:
        self._current.after.append((self._in_lap(heard.room), heard._replace(about=self._lap)))
        if heard.did == "took" and heard.name in self._loops:
            self._round[_name_of(heard.detail)] = self._current

    def _in_lap(self, room: str) -> str:
        return f"{room}, {self._lap}" if self._lap else room

    def _of(self, about: object) -> Tale:
        return self._tales.get(id(about), self._current)

    def _know(self, about: object, tale: Tale) -> None:
        self._tales[id(about)] = tale
        tale.about.append(about)


_HEAR: Final = {
    LINE: Recorder._hear_line,
    NORMALIZER: Recorder._hear_normalizer,
    ORIGINALS: Recorder._hear_originals,
    AGGREGATION: Recorder._hear_aggregation,
    LOOP: Recorder._hear_loop,
    EVENT: Recorder._hear_event,
    FILTERS: Recorder._put,
    ENRICHMENTS: Recorder._put,
    DESTINATIONS: Recorder._put,
}
#: what a rule did -> what that makes of the line
_OUTCOMES: Final = {
    "joined": "joined",
    "duplicate": "duplicates",
    "end_mark": "end_marks",
    "late_dropped": "late_dropped",
}


def _name_of(line: bytes) -> str:
    """The ID of a Type=2 event; what has none goes by its bytes."""
    try:
        found = json.loads(line)
    except ValueError:
        return line.decode("utf-8", "backslashreplace")
    return str(found.get("ID")) if isinstance(found, dict) else ""
