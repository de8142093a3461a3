"""The fields of a rule at work: an event is added to its group, and a group is written as its Type=2 event."""

from typing import Any, Final

from stitcher.core._aggregation import Event, Rule, put, reader
from stitcher.core._held import Held
from stitcher.core._identity import Identity
from stitcher.core._summing import FREE_BYTES, LARGEST, SMALLEST, Row, is_number, places, size_of, split, text, total
from stitcher.core.conditions import dig

#: what an aggregated event has of its own, so that it is carried from no event
SERVICE: Final = frozenset(
    ("Type", "ID", "Raw", "Timestamp", "StartTime", "EndTime", "BaseEventCount", "AggregationRuleName", "Hops")
)
#: where an event says when it began and ended, in milliseconds
_STARTS: Final = ("StartTime", "Timestamp")
_ENDS: Final = ("EndTime", "StartTime", "Timestamp")


class Writer:
    """Adds the events of one rule up, and writes what came of them."""

    def __init__(self, rule: Rule, counts: dict[str, int]) -> None:
        self._rule = rule
        self._counts = counts
        self._identity = Identity(rule)
        self._sums = tuple(reader(name) for name in rule.sum)
        self._unique = tuple(reader(name) for name in rule.unique)
        self._first = tuple((name, reader(name)) for name in dict.fromkeys((*rule.identical, *rule.first)))
        self._last = tuple((name, reader(name)) for name in rule.last)
        self._order = reader(rule.order) if rule.order else None
        self._at_each = bool(rule.unique or rule.last or rule.order or rule.carry == "last")
        listed = (*rule.identical, *rule.identical_where_known, *rule.unique, *rule.sum, *rule.first, *rule.last)
        self._listed = SERVICE.union(listed)
        taken = {*rule.first, *rule.last, *rule.identical}
        self._known = [(at, name) for at, name in enumerate(rule.identical_where_known) if name not in taken]
        self._bounds = {at: rule.max_length[name] for at, name in enumerate(rule.sum) if name in rule.max_length}

    def read(self, event: Event) -> tuple[list[Any], int]:
        """What an event adds to each sum field, and the bytes of it."""
        pieces = [read(event) for read in self._sums]
        size = 0
        for piece in pieces:
            if piece is not None:
                size += size_of(piece) + 1
        return pieces, size

    def begin(self, group: Held, event: Event) -> int:
        """Prepare a group that this event opens; gives the bytes that it holds from now on."""
        group.sums = tuple([[] for _ in self._sums])
        group.unique = tuple([{} for _ in self._unique])
        group.start = _time(event, _STARTS)
        group.first = {name: value for name, read in self._first if (value := read(event)) not in (None, "")}
        if self._rule.carry == "first":
            group.first |= self._carried(event)
        return _load(group.first)

    def add(self, group: Held, event: Event, pieces: list[Any]) -> int:
        """Add an event; gives the bytes that come in addition to those of its pieces."""
        for values, piece in zip(group.sums, pieces, strict=False):
            values.append(piece)
        group.end = _time(event, _ENDS)
        return self._add_more(group, event) if self._at_each else 0

    def _add_more(self, group: Held, event: Event) -> int:
        size = 0
        for seen, read in zip(group.unique, self._unique, strict=True):
            value = read(event)
            for one in value if isinstance(value, list | tuple) else (value,):
                if one is not None and one != "" and (written := text(one)) not in seen:
                    seen[written] = None
                    size += size_of(written) + 1
        if self._order:
            key = self._order(event)
            group.orders.append(key)
            size += size_of(key)
        if self._last or self._rule.carry == "last":
            group.last = {name: value for name, read in self._last if (value := read(event)) not in (None, "")}
            if self._rule.carry == "last":
                group.last |= self._carried(event)
            load = _load(group.last)
            size += load - group.last_bytes
            group.last_bytes = load
        return size

    def _carried(self, event: Event) -> dict[str, Any]:
        """The fields that are listed nowhere."""
        carried = {name: value for name, value in event.items() if name not in self._listed and name != "Extra"}
        extra = event.get("Extra")
        for name, value in extra.items() if isinstance(extra, dict) else ():
            if f"Extra.{name}" not in self._listed:
                carried[f"Extra.{name}"] = value
        return carried

    def write(self, group: Held, closed_by: str) -> list[Event]:
        """The Type=2 event of a group, or several where it was split."""
        columns = group.sums
        if group.orders:
            order = places(group.orders)
            columns = tuple([[column[at] for at in order] for column in columns])
        if self._rule.overflow == "split" and self._too_long(columns):
            rows: list[Row] = [(list(values), 1) for values in zip(*columns, strict=True)]
            parts = list(split(rows, self._bounds, self._rule.separator))
            self._counts["overflow"] += 1
            return [self._part(group, closed_by, part, at, len(parts)) for at, part in enumerate(parts, 1)]
        event = self._event(group, closed_by, group.count)
        self._sum(event, columns)
        event["ID"] = self._identity.of(event, group.late)
        return [event]

    def _part(self, group: Held, closed_by: str, part: list[Row], at: int, of: int) -> Event:
        event = self._event(group, closed_by, sum(count for _, count in part))
        event["Extra"]["part"] = f"{at}/{of}"
        if not part[0][1]:
            event["Extra"]["goes_on"] = "true"
        for name, values in zip(self._rule.sum, zip(*(values for values, _ in part), strict=True), strict=True):
            if (value := total(values, self._rule.separator)) is not None:
                put(event, name, value)
        event["ID"] = self._identity.of(event, group.late, at)
        return event

    def _event(self, group: Held, closed_by: str, count: int) -> Event:
        """All but the sums, with an ID that is empty."""
        rule = self._rule
        event: Event = {"Type": 2, "ID": ""} | self._gathered(group)
        extra = {"closed_by": closed_by}
        if group.late:
            extra["late"] = "true"
        event["Extra"] = extra | {name: value for name, value in event["Extra"].items() if name not in extra}
        for name, sources in rule.fill.items():
            if dig(event, name) in (None, ""):
                self._fill(event, name, sources, group)
        if group.start is not None:
            event["StartTime"] = group.start
        if group.end is not None:
            event["EndTime"] = group.end
        event["BaseEventCount"] = count
        event["AggregationRuleName"] = rule.name
        event["Hops"] = group.hops + 1
        return event

    def _gathered(self, group: Held) -> Event:
        """The fields of the events themselves; Extra is there, if only empty."""
        gathered: Event = {"Extra": {}}
        for name, value in group.first.items():
            put(gathered, name, value)
        for at, name in self._known:
            if group.known[at]:
                put(gathered, name, group.known[at])
        for name, value in group.last.items():
            put(gathered, name, value)
        for name, seen in zip(self._rule.unique, group.unique, strict=True):
            if seen:
                put(gathered, name, list(seen))
        return gathered

    def _fill(self, event: Event, name: str, sources: tuple[str, ...], group: Held) -> None:
        known = dict(zip(self._rule.identical_where_known, group.known, strict=True))
        for source in sources:
            value = known.get(source) or dig(event, source)
            if value not in (None, ""):
                put(event, name, value)
                return

    def _sum(self, event: Event, columns: tuple[list[Any], ...]) -> None:
        rule = self._rule
        for at, (name, values) in enumerate(zip(rule.sum, columns, strict=True)):
            value = total(values, rule.separator)
            if value is None:
                continue
            most = self._bounds.get(at)
            if most is not None and isinstance(value, str) and len(value) > most:
                self._counts["overflow"] += 1
                if rule.overflow == "spill":
                    event["Extra"][name] = value
                event["Extra"]["truncated"] = ",".join(filter(None, (event["Extra"].get("truncated"), name)))
                value = value[:most]
            put(event, name, value)

    def _too_long(self, columns: tuple[list[Any], ...]) -> bool:
        for at, most in self._bounds.items():
            value = total(columns[at], self._rule.separator)
            if isinstance(value, str) and len(value) > most:
                return True
        return False


def _time(event: Event, names: tuple[str, ...]) -> int | float | None:
    """The first of these that is a number."""
    for name in names:
        value: Any = event.get(name)
        if value is not None and is_number(value) and SMALLEST <= value <= LARGEST:
            return value  # type: ignore[no-any-return]  # is_number says what it is
    return None


def _load(values: dict[str, Any]) -> int:
    return sum([size_of(value) - FREE_BYTES for value in values.values() if size_of(value) > FREE_BYTES])
