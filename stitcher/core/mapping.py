"""Source fields in, fields of the event out: what stands under `map:` of one rule, compiled to functions.

A value is made by `from_sources`, `constant` or `template`, and then goes through `converted` and `looked_up`.  Each of
these is a function of the source fields, the event so far, and the line.  It gives None (or "") where there is nothing
to write, and FAILED where there was something that could not be converted: that is counted, and nothing is written.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from stitcher.core.conversions import FAILED, Convert
from stitcher.core.sources import Event, Fields, Line, clean, getter, is_plain, leaves, text_of

Value = Callable[[Fields, Event, Line], Any]
Test = Callable[[Fields, Event, Line], bool]
#: key -> value, or key -> the columns of a row
Table = Mapping[str, Any]

#: the field of an event that is a mapping of texts itself
EXTRA: Final = "Extra"
_PIECES: Final = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]|[^{}]+")


class Writer(NamedTuple):
    """One field of the event: how its value is made, and what is written where there is none."""

    target: str
    value: Value
    default: Any = None


def from_sources(names: Sequence[str]) -> Value:
    """The first of these source fields that holds anything; raises ValueError for a name that cannot be."""
    gets = [getter(name) for name in names]
    if len(names) == 1 and is_plain(names[0]):
        return _plain(names[0])

    def value(fields: Fields, event: Event, line: Line) -> Any:
        for get in gets:
            found = clean(get(fields, event, line))
            if found is not None:
                return found
        return None

    return value


def _plain(name: str) -> Value:
    """The commonest case, in one step less."""

    def value(fields: Fields, _event: Event, _line: Line) -> Any:
        found = fields.get(name)
        return found or None if type(found) is str else clean(found)

    return value


def object_of(name: str) -> Value:
    """The object that a source field is, for the target `Extra`: its values under their whole names, as texts."""
    get = getter(name)

    def value(fields: Fields, event: Event, line: Line) -> Any:
        found = get(fields, event, line)
        if found is None or isinstance(found, dict):
            return dict(leaves(found or {})) or None
        return FAILED

    return value


def constant(given: Any) -> Value:
    """Always the same."""
    return lambda _fields, _event, _line: given


def cleared(target: str) -> Value:
    """Takes away what was written before."""

    def value(_fields: Fields, event: Event, _line: Line) -> None:
        event.pop(target, None)

    return value


def template_names(text: str) -> list[str]:
    """The names between the braces; raises ValueError for braces that are no pair."""
    names = []
    for found in _PIECES.finditer(text):
        if found.group() in ("{", "}"):
            raise ValueError(
                f"a single '{found.group()}' in the template; write '{found.group() * 2}' for the character"
            )
        if found[1] is not None:
            names.append(found[1])
    return names


def template(text: str) -> Value:
    """The text with the source fields that it names in braces; nothing if one of them is not there."""
    names = template_names(text)
    gets = [getter(name) for name in names]
    pieces = _PIECES.sub(
        lambda found: (
            "%s"
            if found[1] is not None
            else found.group()[0]
            if found.group() in ("{{", "}}")
            else found.group().replace("%", "%%")
        ),
        text,
    )

    def value(fields: Fields, event: Event, line: Line) -> Any:
        found = tuple(text_of(get(fields, event, line)) for get in gets)
        return pieces % found if all(found) else None

    return value


def converted(value: Value, convert: Convert) -> Value:
    """The value after the conversions; of a list, each of its values."""

    def after(fields: Fields, event: Event, line: Line) -> Any:
        found = value(fields, event, line)
        if found is None:
            return None
        if type(found) is str:
            return convert(found, line.now)
        if isinstance(found, list):
            all_found = [convert(item, line.now) for item in found]
            return FAILED if FAILED in all_found else [text_of(item) for item in all_found if item != ""] or None
        return convert(text_of(found), line.now)

    return after


def looked_up(value: Value, table: Table, column: str | None) -> Value:
    """What the table has under the value (of a list, under the first that it knows); None where it has nothing."""
    if column is not None:
        table = {key: row[column] for key, row in table.items() if isinstance(row, dict) and column in row}

    def found(fields: Fields, event: Event, line: Line) -> Any:
        key = value(fields, event, line)
        if key is None or key is FAILED:
            return key
        for one in key if isinstance(key, list) else [key]:
            got = table.get(text_of(one))
            if got is not None:
                return got
        return None

    return found


def condition(holds: Callable[[Sequence[Any]], bool], names: Sequence[str]) -> Test:
    """A compiled condition, asked of the source fields that it reads, in this order."""
    if len(names) == 1 and is_plain(names[0]):
        (name,) = names
        return lambda fields, _event, _line: holds((fields.get(name),))
    gets = [getter(name) for name in names]
    return lambda fields, event, line: holds([get(fields, event, line) for get in gets])


def prepared(converts: Mapping[str, Convert]) -> Callable[[Fields, Event, Line], Fields]:
    """The source fields, some of them converted; one that cannot be converted is absent."""
    values = {name: converted(from_sources([name]), convert) for name, convert in converts.items()}

    def prepare(fields: Fields, event: Event, line: Line) -> Fields:
        made = {name: value(fields, event, line) for name, value in values.items()}
        return {**fields, **{name: None if value is FAILED else value for name, value in made.items()}}

    return prepare


class Mapped:
    """All writers of a rule, in their order; a later rule writes over an earlier one."""

    def __init__(self, writers: Sequence[Writer]) -> None:
        extra = EXTRA + "."
        self._writers = [
            (
                one.target,
                one.target.removeprefix(extra) if one.target.startswith(extra) else None,
                one.value,
                one.default,
            )
            for one in writers
        ]

    def write(self, fields: Fields, event: Event, line: Line) -> list[str] | None:
        """Write what is there; the targets whose value could not be converted come back, None if all could."""
        failed: list[str] | None = None
        for target, name, value, default in self._writers:
            found = value(fields, event, line)
            if found is FAILED:
                failed = [*(failed or ()), target]
                found = default
            elif found is None or found == "":
                found = default
            if found is None:
                continue
            if name is not None:
                event.setdefault(EXTRA, {})[name] = text_of(found)
            elif target == EXTRA:
                event.setdefault(EXTRA, {}).update(found)
            else:
                event[target] = found
        return failed
