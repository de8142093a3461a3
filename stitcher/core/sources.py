"""The source fields that a parser read in, the value that stands under a name out.

A name with dots goes down: `user.groups.0` is the first of the groups of the user.  On each level a key that has the
dots itself comes first.  Two names are no source fields: `$raw` is the line as it came, `$event.NAME` is a field of
the event as it is by then.

A value of an event is a text, a number, or a list of texts; true and false are words, and an object is its JSON.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

Fields = dict[str, Any]
Event = dict[str, Any]

#: beyond these bounds what is inside of a field is one JSON text: characters of a name, and levels below the first
MAX_NAME: Final = 256
MAX_LEVELS: Final = 16
RAW: Final = "$raw"
EVENT: Final = "$event."


class Line(NamedTuple):
    """What is the same for all rules that read a line: its text, and the time in seconds since 1970."""

    raw: str
    now: float


Get = Callable[[Fields, Event, Line], Any]


def getter(name: str) -> Get:
    """What looks a name up; it gives None where there is nothing.  Raises ValueError for a name that cannot be."""
    if name == RAW:
        return lambda _fields, _event, line: line.raw
    if name.startswith(EVENT):
        inside = _tree_getter(name.removeprefix(EVENT))
        return lambda _fields, event, _line: inside(event)
    if not name or name.startswith("$"):
        raise ValueError(f"no source field can be called '{name}'; known besides the parser's own: {RAW}, {EVENT}NAME")
    inside = _tree_getter(name)
    return lambda fields, _event, _line: inside(fields)


def is_plain(name: str) -> bool:
    """True for a name that is one key, so that `fields.get(name)` has its value."""
    return "." not in name and not name.startswith("$")


def _tree_getter(name: str) -> Callable[[Fields], Any]:
    if "." not in name:
        return lambda fields: fields.get(name)
    ways = _ways(name.split("."))

    def get(fields: Fields) -> Any:
        # what is flat, as of XML, is found at once
        value = fields.get(name)
        return _descend(fields, ways) if value is None else value

    return get


#: a key of one level, and the ways on from there; None where the name ends
_Ways = list[tuple[str, "_Ways | None"]]


def _ways(words: list[str]) -> _Ways:
    """What to look for, the longest keys first; ways that meet are one."""
    if len(words) > MAX_LEVELS:
        raise ValueError(f"a name goes down {MAX_LEVELS} levels at most")
    ends = range(len(words), 0, -1)
    ways: dict[int, _Ways | None] = {len(words): None}
    for at in reversed(range(len(words))):
        ways[at] = [(".".join(words[at:end]), ways[end]) for end in ends if end > at]
    return ways[0] or []


def _descend(value: Any, ways: _Ways) -> Any:
    for key, below in ways:
        if isinstance(value, dict):
            found = value.get(key)
        elif isinstance(value, list) and key.isdecimal() and len(key) < 6 and int(key) < len(value):
            found = value[int(key)]
        else:
            continue
        if found is not None and below is not None:
            found = _descend(found, below)
        if found is not None:
            return found
    return None


def clean(value: Any) -> Any:
    """The value as a field of an event has it; None for what is nothing: null, "", an empty list or object."""
    kind = type(value)
    if kind is str:
        return value or None
    if kind is int or kind is float or value is None:
        return value
    if kind is bool:
        return "true" if value else "false"
    if not value:
        return None
    if kind is list and not any(isinstance(item, dict | list) for item in value):
        return [text_of(item) for item in value if item is not None and item != ""] or None
    return as_json(value)


def text_of(value: Any) -> str:
    """The value as one text, as a conversion and Extra have it."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        return as_json(value)
    return "" if value is None else str(value)


def as_json(value: Any) -> str:
    """Objects and lists as one line of JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def leaves(fields: Fields, mapped: frozenset[str] = frozenset(), prefix: str = "") -> Iterator[tuple[str, str]]:
    """Each value that is there under its whole name as text, but for the names in `mapped` and what is below them."""
    for key, value in fields.items():
        name = prefix + key
        if name in mapped or value is None or value == "":
            continue
        if type(value) is str:
            yield name, value
        elif isinstance(value, dict) and len(name) <= MAX_NAME and name.count(".") < MAX_LEVELS:
            yield from leaves(value, mapped, name + ".")
        elif value not in ([], {}):
            yield name, text_of(value)
