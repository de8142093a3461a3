"""Flat events in, what each destination gets out: originals, and Type=2 events that are not decoded here.

A flat event is a dict of KUMA's field names, or of any: text, numbers, lists of text, and `Extra` with more text.
"""

from collections.abc import Sequence
from typing import Any

from stitcher.core.conditions import Fields
from stitcher.pipeline._conditions import compiled
from stitcher.pipeline._hearing import (
    DESTINATIONS,
    ENRICHMENTS,
    FILTERS,
    Hear,
    asked,
    asked_filter,
    filling,
    one_by_one,
)
from stitcher.pipeline._plan import Enrichment, Filter, Outlet, Output, Plan
from stitcher.schemas import FlatSchema, flat_fault

Event = dict[str, Any]


class Sieve:
    """Filters: events in, those that go on out."""

    def __init__(self, filters: Sequence[Filter], hear: Hear | None = None, room: str = FILTERS) -> None:
        """`hear` is told each answer, by the name of the room."""
        self.counts = {f"dropped by {one.name}": 0 for one in filters}
        self.dropped = 0
        self._fields = Fields()
        self._filters = [
            (
                one.keep,
                f"dropped by {one.name}",
                compiled(one.condition, self._fields.index, asked_filter(hear, room, one)),
            )
            for one in filters
        ]

    def keeps(self, event: Event) -> bool:
        """False for an event that a filter drops; it is counted."""
        if not self._filters:
            return True
        values = self._fields.values(event)
        for keep, name, holds in self._filters:
            if holds is not None and holds(values) != keep:
                self.counts[name] += 1
                self.dropped += 1
                return False
        return True


class FlatWay:
    """Filters, enrichments and destinations of flat events."""

    def __init__(
        self,
        filters: Sequence[Filter],
        enrichments: Sequence[Enrichment],
        outlets: Sequence[tuple[int, Outlet]],
        hear: Hear | None = None,
    ) -> None:
        """`outlets` with their numbers; `hear` is told what becomes of each event.

        One whose words are made of decoded events of audit takes none of these.
        """
        self._hear = hear
        self._names = {number: outlet.name for number, outlet in outlets}
        self._sieve = Sieve(filters, hear)
        self._enrichments = [(one._replace(fill=filling(hear, one)), Fields()) for one in enrichments]
        self._whens = [
            compiled(one.when, fields.index, asked(hear, ENRICHMENTS, one.name)) for one, fields in self._enrichments
        ]
        for one, fields in self._enrichments:
            for name in one.reads:
                fields.index(name)
        self._fields = Fields()
        self._outlets = [
            (_Outlet(number, outlet), compiled(outlet.when, self._fields.index, asked(hear, DESTINATIONS, outlet.name)))
            for number, outlet in outlets
            if flat_fault(outlet.schema, outlet.form) is None
        ]
        self._unmatched = 0

    def counts(self) -> dict[str, int]:
        """As SecondLap.counts."""
        counts = {"dropped": self._sieve.dropped, **self._sieve.counts, "unmatched": self._unmatched}
        for outlet, _ in self._outlets:
            for name, count in outlet.counts().items():
                counts[name] = counts.get(name, 0) + count
        return counts

    def take(self, events: Sequence[Event]) -> list[Output]:
        """What the outlets get of these events."""
        if self._hear is not None:
            return one_by_one(self._hear, self._take, events, self._names.__getitem__, "")
        return self._take(events)

    def _take(self, events: Sequence[Event]) -> list[Output]:
        taken: list[list[Event]] = [[] for _ in self._outlets]
        for event in events:
            if self._sieve.keeps(event):
                self._enrich(event)
                self._send(event, taken)
        return [
            output
            for (outlet, _), some in zip(self._outlets, taken, strict=True)
            if some
            for output in outlet.write(some)
        ]

    def _send(self, event: Event, taken: list[list[Event]]) -> None:
        values = self._fields.values(event)
        matched = False
        for (_, holds), some in zip(self._outlets, taken, strict=True):
            if holds is None or holds(values):
                matched = True
                some.append(event)
        self._unmatched += not matched

    def _enrich(self, event: Event) -> None:
        for (one, fields), holds in zip(self._enrichments, self._whens, strict=True):
            values = fields.values(event)
            if holds is not None and not holds(values):
                continue
            value = one.fill(*[values[fields.index(name)] for name in one.reads])
            put(event, one.target, value)


def flat_way(plan: Plan, hear: Hear | None = None) -> FlatWay:
    """For the Type=2 events of lap 1: where they go round, filters and enrichments are for what comes back."""
    looped = any(outlet.loop for outlet in plan.outlets)
    filters, enrichments = ((), ()) if looped else (plan.filters, plan.enrichments)
    return FlatWay(filters, enrichments, list(enumerate(plan.outlets)), hear)


def put(event: Event, target: str, value: object) -> None:
    """Set a field; None takes it away.  `Extra.name` is a key of Extra; a list gets the value as one more."""
    head, dot, key = target.partition(".")
    if dot and head == "Extra":
        extra = event.setdefault("Extra", {})
        if value is None:
            extra.pop(key, None)
        else:
            extra[key] = str(value)
    elif value is None:
        event.pop(target, None)
    elif isinstance(event.get(target), list):
        event[target] = [*event[target], value]
    else:
        event[target] = value


class _Outlet:
    """To one outlet, in its words."""

    def __init__(self, number: int, outlet: Outlet) -> None:
        self._number = number
        #: None is text: for people, a block of lines each
        self._schema = None if outlet.form == "text" else FlatSchema(outlet.schema, outlet.form)

    def counts(self) -> dict[str, int]:
        """What did not fit its field."""
        return self._schema.counts() if self._schema else {}

    def write(self, events: Sequence[Event]) -> list[Output]:
        if self._schema is not None:
            return [Output(self._number, self._schema.lines(events))]
        from stitcher.text import as_block

        blocks = (as_block(event).encode("utf-8", "backslashreplace") for event in events)
        return [Output(self._number, block, True) for block in blocks]
