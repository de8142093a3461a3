"""What two pipelines made of one log in, the events that differ out."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import orjson

#: what tells an event from others, the first that it has; the id of audit, so that a change of schema is one event
_NAMES: Final = ("id", "ExternalID", "event.id", "metadata.uid", "ID", "@timestamp")
#: where an event says of which host it is
_HOSTS: Final = ("node", "DeviceHostName", "host.name", "device.hostname", "NODE")
#: no host; OCSF wants a word for it
_NOBODY: Final = ("", "unknown")
_ABSENT: Final = object()


class Change(NamedTuple):
    """A field by its path, and what it was and is; None for a value that is not there."""

    field: str
    before: Any
    after: Any


class Difference(NamedTuple):
    """An event that only one side has (`kind` "only old", "only new"), or whose fields differ ("changed")."""

    outlet: str
    kind: str
    name: str
    changes: tuple[Change, ...]


def differences(old: Mapping[str, Sequence[bytes]], new: Mapping[str, Sequence[bytes]]) -> Iterator[Difference]:
    """Destination by destination, in the order of the new one; then those that are gone."""
    for outlet in dict.fromkeys((*new, *old)):
        yield from _of_outlet(outlet, _named(old.get(outlet, ())), _named(new.get(outlet, ())))


def _of_outlet(outlet: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[Difference]:
    for name, event in new.items():
        if name not in old:
            yield Difference(outlet, "only new", name, ())
        elif changes := tuple(_changes("", old[name], event)):
            yield Difference(outlet, "changed", name, changes)
    for name in old:
        if name not in new:
            yield Difference(outlet, "only old", name, ())


def _named(events: Sequence[bytes]) -> dict[str, Any]:
    """Events by name; one that has none (a line of CEF, say) is its own, and repeats are numbered."""
    named: dict[str, Any] = {}
    seen: dict[str, int] = {}
    for line in events:
        name, event = _name(line)
        count = seen[name] = seen.get(name, 0) + 1
        named[name if count == 1 else f"{name} ({count})"] = event
    return named


def _name(line: bytes) -> tuple[str, Any]:
    try:
        event = orjson.loads(line)
    except orjson.JSONDecodeError:
        text = line.decode("utf-8", "backslashreplace")
        return text, text
    if isinstance(event, dict):
        name = _first(event, _NAMES) or line.decode("utf-8", "backslashreplace")
        node = _first(event, _HOSTS)
        return f"{name} {node}" if node not in _NOBODY else name, event
    return line.decode("utf-8", "backslashreplace"), event


def _first(event: dict[str, Any], names: Sequence[str]) -> str:
    """The first of these that the event has, as text; a dot goes down."""
    for name in names:
        value: Any = event
        for key in (name,) if name in event else name.split("."):
            value = value.get(key) if isinstance(value, dict) else None
        if value not in (None, "") and not isinstance(value, dict | list):
            return str(value)
    return ""


def _changes(field: str, before: Any, after: Any) -> Iterator[Change]:
    """Fields whose values differ, as deep as both sides have the same shape."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in dict.fromkeys((*before, *after)):
            yield from _changes(f"{field}.{key}" if field else key, before.get(key, _ABSENT), after.get(key, _ABSENT))
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for at, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from _changes(f"{field}.{at}", one, other)
    elif before is _ABSENT or after is _ABSENT or before != after:
        yield Change(field, None if before is _ABSENT else before, None if after is _ABSENT else after)
