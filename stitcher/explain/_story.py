"""The shapes of a story: what every room of the house did to a line or an event, as plain values."""

from typing import Any, Final, NamedTuple

#: the rooms that a line goes through, in their order; `fields` and `event` follow for the whole event.  Those of the
#: kernel's road, and those of the general one
ROOMS: Final = ("line", "envelope", "header", "key", "end", "normalizer", "filters on originals", "aggregation")


class Shown(str):
    """A text in which everything is visible already."""

    __slots__ = ()


class Fact(NamedTuple):
    """What a room found: a name, the value, and the rule or reason."""

    name: str
    value: str
    why: str = ""


class FieldStory(NamedTuple):
    """One field: `value` and `meaning` stand so in the event, None where it does not hold them."""

    name: str
    written: str
    value: Any
    meaning: Any
    kind: str
    #: how `value` came from `written`
    decoded: str
    #: where `meaning` comes from, or why there is none
    source: str


class LineStory(NamedTuple):
    """One line: its number in the input (from 1), what became of it, and the facts of each room that it reached."""

    number: int
    outcome: str
    rooms: dict[str, list[Fact]]


class RecordStory(NamedTuple):
    """One record of the event; `text` is its words that are no fields."""

    type: str
    fields: list[FieldStory]
    text: str | None


class Story(NamedTuple):
    """Everything about one event, or about a line that is part of none (then `event` is None)."""

    lines: list[LineStory]
    records: list[RecordStory]
    facts: list[Fact]
    event: dict[str, Any] | None


class PipelineStory(NamedTuple):
    """The same in a pipeline of the user's own."""

    lines: list[LineStory]
    records: list[RecordStory]
    facts: list[Fact]
    #: as it left, with what enrichments gave it: decoded, or flat; None for a line that is part of none
    event: dict[str, Any] | None
    #: the Type=2 event of lap 1 as JSON has it, if a rule of the general road made one
    aggregated: dict[str, Any] | None
    #: room -> what happened in it behind lap 1, in the order in which the event went through them
    after: dict[str, list[Fact]]


def as_data(part: object) -> object:
    """A story as dicts and lists."""
    if hasattr(part, "_asdict"):
        return {key: as_data(value) for key, value in part._asdict().items()}
    if isinstance(part, dict):
        return {key: as_data(value) for key, value in part.items()}
    return [as_data(value) for value in part] if isinstance(part, list) else part
