"""What happens to events, told to whoever listens: `stitcher explain`.  Without a listener nothing here is called.

Conditions and enrichments tell by themselves, for what runs is wrapped when it is made; ways out are given one event at
a time, so that what is told in between is about that one.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple, TypeVar

from stitcher.pipeline._plan import Enrichment, Filter, Outlet, Output

#: rooms, as a story calls them
LINE: Final = "line"
NORMALIZER: Final = "normalizer"
ORIGINALS: Final = "filters on originals"
AGGREGATION: Final = "aggregation"
LOOP: Final = "loop"
EVENT: Final = "event"
FILTERS: Final = "filters"
ENRICHMENTS: Final = "enrichments"
DESTINATIONS: Final = "destinations"
#: the lap of a Type=2 event that leaves as it is, to the loop or to another collector
AGGREGATED: Final = "Type=2"

T = TypeVar("T")


class Heard(NamedTuple):
    """One thing that happened: in which room, by whom, what, to which event, and with what.

    Where `about` is None it is the event that was told of last (room EVENT), or the line.
    """

    room: str
    name: str
    did: str
    about: Any = None
    detail: Any = None


Hear = Callable[[Heard], None]
#: hears the answer of a condition
Answer = Callable[[bool], None]


def asked(hear: Hear | None, room: str, name: str, yes: str = "holds", no: str = "holds not") -> Answer | None:
    """What is told the answers of a condition; None where nobody listens."""
    if hear is None:
        return None
    return lambda answer: hear(Heard(room, name, yes if answer else no))


def asked_filter(hear: Hear | None, room: str, one: Filter) -> Answer | None:
    """The same of a filter, whose answer says what becomes of the event."""
    yes, no = ("kept", "dropped") if one.keep else ("dropped", "kept")
    return asked(hear, room, one.name, yes, no)


def filling(hear: Hear | None, one: Enrichment) -> Callable[..., Any]:
    """What makes the value of an enrichment; with a listener it tells what it read and what it gave."""
    if hear is None:
        return one.fill

    def fill(*values: Any) -> Any:
        value = one.fill(*values)
        hear(
            Heard(ENRICHMENTS, one.name, "filled", None, (one.target, value, dict(zip(one.reads, values, strict=True))))
        )
        return value

    return fill


def one_by_one(
    hear: Hear, take: Callable[[Sequence[T]], list[Output]], events: Sequence[T], names: Callable[[int], str], lap: str
) -> list[Output]:
    """What `take` makes of these events; each is told of before it is taken, and behind it who took what of it.

    `names` says what an outlet is called.
    """
    outputs: list[Output] = []
    for event in events:
        hear(Heard(EVENT, lap, "leaves", event))
        made = take([event])
        for output in made:
            hear(Heard(DESTINATIONS, names(output.outlet), "took", None, output.data))
        hear(Heard(EVENT, lap, "left"))
        outputs += made
    return outputs


def name_of(outlets: Sequence[Outlet]) -> Callable[[int], str]:
    """What says an outlet's name by its number."""
    return lambda number: outlets[number].name
