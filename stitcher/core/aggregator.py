"""Aggregation rules at work: events in, Type=2 events out, by KUMA's rules and what ours add to them.

    aggregator = Aggregator([rule, …])
    fate, events = aggregator.push(event, now, source)     as events come
    aggregator.expire(now)                                 at aggregator.next_deadline()
    aggregator.close()                                     at the end

No clock, no file: `now` is in seconds of any clock that does not go back, and a constant where there is none.  An event
goes to the first rule whose filter holds; where none does it goes on as it is.  An event that went round already (it
has Type 2, or names the rule that made it) is taken by no rule, whatever the filters say, and one that went round too
often is refused: a loop that is wired wrongly ends, and is counted.

docs/aggregation.md has every parameter of a rule.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from stitcher.core._aggregation import COMPLETE, REASONS, End, Event, Rule
from stitcher.core._gathering import COUNTERS, Gatherer

__all__ = [
    "COMPLETE",
    "MAX_HOPS",
    "PASSED",
    "REASONS",
    "REFUSED",
    "TAKEN",
    "Aggregator",
    "End",
    "Event",
    "Pushed",
    "Rule",
    "hops_of",
]

#: times that an event may go round
MAX_HOPS: Final = 4

#: what became of an event: a rule took it, it goes on as it is, or it went round too often and is gone
TAKEN: Final = "taken"
PASSED: Final = "passed"
REFUSED: Final = "refused"


class Pushed(NamedTuple):
    """What became of an event, and the Type=2 events that ended when it came."""

    fate: str
    events: Sequence[Event]


_NOTHING: Final[dict[str, Pushed]] = {fate: Pushed(fate, ()) for fate in (TAKEN, PASSED, REFUSED)}
_TAKEN: Final = _NOTHING[TAKEN]


class Aggregator:
    """The aggregation rules of one collector, in their order."""

    def __init__(
        self,
        rules: Sequence[Rule],
        values: Callable[[Event], Any] | None = None,
        max_hops: int = MAX_HOPS,
        make: Callable[[Rule], Gatherer] = Gatherer,
    ) -> None:
        """`values` makes of an event what the conditions of all rules read; without it they read the event.

        `make` makes what gathers the events of a rule: a Gatherer, or one that tells what it does (core._watched).
        """
        self._gatherers = [make(rule) for rule in rules]
        self._choices = [(gatherer.rule.filter, gatherer) for gatherer in self._gatherers]
        #: rules that count the lines of their sources
        self._counting = [gatherer for gatherer in self._gatherers if gatherer.rule.distance_lines]
        self._values = values
        self._max_hops = max_hops
        self._counts = {"passed": 0, "guarded": 0, "went_round": 0}

    def reorders(self, source: int, grace: float) -> None:
        """Events of this source may overtake one another (UDP): a group that ended waits `grace` seconds for them."""
        for gatherer in self._gatherers:
            gatherer.home(source).grace = grace

    def push(self, event: Event, now: float, source: int = 0) -> Pushed:
        """Take one event of a source."""
        before = self._count_line(source) if self._counting else None
        pushed = self._push(event, now, source)
        if before is None:
            return pushed
        left = self._left_behind(source)
        return Pushed(pushed.fate, [*pushed.events, *left]) if left else pushed

    def skip(self, source: int = 0) -> list[Event]:
        """A line of a source that gave no event: it counts for `distance_lines`."""
        self._count_line(source)
        return self._left_behind(source)

    def end(self, source: int) -> None:
        """A source is over (its connection closed) and its number will not come again.

        Its open groups are left to `expire`.
        """
        for gatherer in self._gatherers:
            gatherer.end(source)

    def expire(self, now: float) -> list[Event]:
        """Groups whose time is over."""
        return [event for gatherer in self._gatherers for event in gatherer.expire(now)]

    def next_deadline(self) -> float | None:
        """When `expire` will next have something to do; None while nothing waits for a time."""
        deadlines = [gatherer.next_deadline() for gatherer in self._gatherers]
        return min((deadline for deadline in deadlines if deadline is not None), default=None)

    def close(self) -> list[Event]:
        """The end of input: everything that is held."""
        return [event for gatherer in self._gatherers for event in gatherer.close()]

    def counts(self) -> dict[str, int]:
        """What happened so far, for all rules together."""
        every = [gatherer.counts for gatherer in self._gatherers]
        return self._counts | {name: sum(counts[name] for counts in every) for name in COUNTERS}

    def counts_of(self, rule: str) -> dict[str, int]:
        """What one rule did."""
        return dict(next(gatherer.counts for gatherer in self._gatherers if gatherer.rule.name == rule))

    def held(self) -> tuple[int, int]:
        """How many groups are open, and the bytes that they hold."""
        held = [gatherer.held() for gatherer in self._gatherers]
        return sum(count for count, _ in held), sum(size for _, size in held)

    def went_round(self, event: Event) -> bool:
        """True, and counted, for an event that says it went round too often: for who has no rule to ask."""
        too_often = hops_of(event.get("Hops")) > self._max_hops
        self._counts["went_round"] += too_often
        return too_often

    def _push(self, event: Event, now: float, source: int) -> Pushed:
        get = event.get
        hops = hops_of(written) if (written := get("Hops")) else 0
        if hops > self._max_hops:
            self._counts["went_round"] += 1
            return _NOTHING[REFUSED]
        if get("AggregationRuleName") or get("Type") in (2, "2"):
            self._counts["guarded"] += 1
            return _NOTHING[PASSED]
        values = self._values(event) if self._values else event
        for holds, gatherer in self._choices:
            if holds is None or holds(values):
                events = gatherer.push(event, values, now, source, hops)
                return Pushed(TAKEN, events) if events else _TAKEN
        self._counts["passed"] += 1
        return _NOTHING[PASSED]

    def _count_line(self, source: int) -> bool:
        for gatherer in self._counting:
            gatherer.home(source).lines += 1
        return True

    def _left_behind(self, source: int) -> list[Event]:
        left: list[Event] = []
        for gatherer in self._counting:
            gatherer.pass_line(gatherer.home(source))
            left += gatherer.take()
        return left


def hops_of(written: Any) -> int:
    """How often an event says that it went round; what is no number says nothing."""
    if isinstance(written, str):
        return int(written) if written.isascii() and written.isdigit() and len(written) <= 9 else 0
    return int(written) if isinstance(written, int | float) and -1e9 < written < 1e9 else 0
