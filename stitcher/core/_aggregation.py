"""The parameters of an aggregation rule as it runs, and how the fields of an event are read by name.

docs/aggregation.md says what each parameter means; the names are those of a rule's YAML.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from operator import methodcaller
from typing import Any, Final

from stitcher.core.conditions import dig
from stitcher.event import Limits

#: an event in the generic path: field -> text, number or list of text; `Extra` is a mapping of text
Event = dict[str, Any]
Reader = Callable[[Event], Any]
#: holds for an event, of which it gets what `Aggregator(values=…)` makes of it
Predicate = Callable[[Any], bool]

#: what bounds a rule that says nothing: as much as the kernel's join may hold
_BOUNDS: Final = Limits()
#: why a group was closed, if not by an end of its rule, which has a name of its own
REASONS: Final = ("threshold", "lifetime", "timeout", "limit", "end")
#: what `complete_when` is called in Extra.closed_by
COMPLETE: Final = "complete"


@dataclass(frozen=True, slots=True)
class End:
    """What ends a group: an event for which `when` holds."""

    when: Predicate
    #: what Extra.closed_by says
    name: str = COMPLETE
    #: False: it is a mark, no part of the group; where nothing is open it makes nothing
    included: bool = True
    #: True: it is an end only as the first event of its group
    first: bool = False
    #: False: the group is closed at once, without `linger_seconds`
    linger: bool = True


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as it runs; None is no bound.  docs/aggregation.md explains every parameter."""

    name: str
    filter: Predicate | None = None
    identical: tuple[str, ...] = ()
    identical_where_known: tuple[str, ...] = ()
    by_source: bool = False
    unique: tuple[str, ...] = ()
    sum: tuple[str, ...] = ()
    separator: str = ","
    order: str | None = None
    carry: str = "none"
    first: tuple[str, ...] = ()
    last: tuple[str, ...] = ()
    fill: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    identity: tuple[str, ...] = ()
    max_length: Mapping[str, int] = field(default_factory=dict)
    overflow: str = "truncate"
    ends: tuple[End, ...] = ()
    threshold: int | None = 100
    lifetime_seconds: float | None = 60.0
    timeout_seconds: float | None = None
    linger_seconds: float = 0.0
    distance_lines: int = 0
    repeats: tuple[str, ...] = ()
    repeats_in_place: Predicate | None = None
    late: str = "amend"
    remember_events: int = 0
    max_event_records: int = _BOUNDS.max_event_records
    max_event_bytes: int = _BOUNDS.max_event_bytes
    max_source_events: int = _BOUNDS.max_source_events
    max_source_bytes: int = _BOUNDS.max_source_bytes
    max_open_events: int = _BOUNDS.max_open_events
    max_open_bytes: int = _BOUNDS.max_open_bytes


def reader(name: str) -> Reader:
    """What reads one field of an event; None where it has none."""
    head, dot, rest = name.partition(".")
    if not dot:
        return methodcaller("get", name)

    def read(event: Event) -> Any:
        value = event.get(name)
        if value is None:
            inside = event.get(head)
            value = inside.get(rest) if inside.__class__ is dict else None
        return value

    return read if "." not in rest else lambda event: dig(event, name)


def put(event: Event, name: str, value: Any) -> None:
    """Write a field; `Extra.x` goes into Extra, where all is text."""
    head, _, rest = name.partition(".")
    if head == "Extra" and rest:
        event.setdefault("Extra", {})[rest] = text_of_any(value)
    else:
        event[name] = value


def text_of_any(value: Any) -> str:
    """A value as text: a list as its parts with commas between them."""
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple):
        return ",".join(map(text_of_any, value))
    return str(value)
