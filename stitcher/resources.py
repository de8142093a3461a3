"""The name of a resource in, its checked content out: the YAML files of `normalizers/` and `rules/`.

A resource is read once, when it is first asked for.
"""

from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Final, NamedTuple

from stitcher.errors import ConfigError
from stitcher.event import Limits
from stitcher.yamlfile import load

#: what of a rule the kernel is compiled for; the rule says it for those who read, and for the generic way
JOIN: Final[dict[str, Any]] = {
    "filter": [
        {"field": "ExternalID", "op": "exists"},
        {"field": "DeviceVendor", "op": "exists", "negate": True},
    ],
    "identical": ["ExternalID"],
    "identical_where_known": ["DeviceHostName", "Extra.host"],
    "by_source": True,
    "sum": ["Message"],
    "separator": "\n",
    "first": ["Extra.host", "Extra.time", "Extra.program", "Extra.peer"],
    "fill": {"DeviceHostName": ["Extra.host", "Extra.peer"]},
    "identity": ["DeviceHostName", "ExternalID"],
    "ends": [
        {
            "name": "eoe",
            "when": {"field": "S.End", "op": "=", "value": "eoe"},
            "included": False,
            "linger": False,
        },
        {"name": "proctitle", "when": {"field": "S.End", "op": "=", "value": "proctitle"}},
        {"name": "single", "when": {"field": "S.End", "op": "=", "value": "single"}, "first": True},
    ],
    "threshold": None,
    "lifetime_seconds": None,
    "repeats": ["Message"],
    "repeats_in_place": {
        "field": "DeviceEventClassID",
        "op": "in",
        "value": ["MAC_TASK_CONTEXTS", "MAC_OBJ_CONTEXTS", "IPE_ACCESS", "IPE_CONFIG_CHANGE"],
    },
}
LATE: Final = ("amend", "drop")

#: the names on the way down to a field: ("host", "name")
FieldPath = tuple[str, ...]


class Aggregation(NamedTuple):
    """A rule of lap 1: its name, which every Type=2 event tells, and its bounds."""

    name: str
    limits: Limits


@dataclass(frozen=True, slots=True)
class Example:
    """A line, and what must come out of it."""

    line: str
    expected: dict[str, str]


class Wrapped(NamedTuple):
    """Where a JSON object that somebody put round a record keeps the record, and what it knows of it."""

    record: tuple[FieldPath, ...]
    host: tuple[FieldPath, ...]
    time: tuple[FieldPath, ...]
    program: tuple[FieldPath, ...]
    examples: tuple[Example, ...]


def shipped(kind: str) -> Traversable:
    """The folder of resources that came with stitcher: inside the wheel, or at the top of a checkout."""
    inside = files("stitcher") / "_shipped" / kind
    return inside if inside.is_dir() else Path(__file__).resolve().parent.parent / kind


def shipped_document(kind: str, name: str) -> object:
    """The values of a shipped file, as they are."""
    return load(shipped(kind) / name)


def limits() -> Limits:
    """The bounds of lap 1 as `rules/audit.yaml` has them."""
    return aggregation().limits


@cache
def aggregation() -> Aggregation:
    """The shipped rule of lap 1."""
    return read_aggregation(shipped("rules") / "audit.yaml")


@cache
def wrapped() -> Wrapped:
    """The shipped names of JSON fields."""
    return read_wrapped(shipped("normalizers") / "wrapped.yaml")


def read_aggregation(path: Path | Traversable) -> Aggregation:
    """A rule that the kernel can do, from a file; raises ConfigError."""
    rule = _Resource(path, "aggregation")
    rule.expect("name", *JOIN, *Limits._fields)
    for key, right in JOIN.items():
        rule.same(key, right)
    late = rule.text("late")
    if late not in LATE:
        raise rule.fault("late", f"'{late}' is not known; known: {', '.join(LATE)}")
    counts: dict[str, Any] = {
        name: rule.seconds(name) if name.endswith("_seconds") else rule.whole(name)
        for name in Limits._fields
        if name != "late"
    }
    return Aggregation(rule.text("name"), Limits(late=late, **counts))


def read_wrapped(path: Path | Traversable) -> Wrapped:
    """The names of JSON fields from a file; raises ConfigError."""
    rule = _Resource(path, "wrapper")
    rule.expect("record", "host", "time", "program", "examples")
    record, host, time, program = (_ways(rule.texts(key)) for key in ("record", "host", "time", "program"))
    try:
        examples = tuple(Example(**example) for example in rule.items("examples"))
    except TypeError as cause:
        raise rule.fault("examples", "each example has `line` and `expected`") from cause
    return Wrapped(record, host, time, program, examples)


def _ways(names: list[str]) -> tuple[FieldPath, ...]:
    """`host.name` may be one key with a dot in it, or a key inside a key."""
    return tuple(way for name in names for way in dict.fromkeys(((name,), tuple(name.split(".")))))


class _Resource:
    """A YAML mapping with `kind`, `id` and `description`; each complaint names the file and the key."""

    def __init__(self, path: Path | Traversable, kind: str) -> None:
        self._path = path
        values = load(path)
        if not isinstance(values, dict):
            raise ConfigError(f"{path}: expected a mapping that begins with 'kind: {kind}'")
        self._values: dict[str, Any] = values
        if self.text("kind") != kind:
            raise self.fault("kind", f"expected {kind}")

    def fault(self, key: str, message: str) -> ConfigError:
        return ConfigError(f"{self._path}: {key}: {message}")

    def expect(self, *keys: str) -> None:
        """These keys and no others."""
        known = ("kind", "id", "description", *keys)
        for key in self._values:
            if key not in known:
                close = get_close_matches(key, known, 1)
                hint = f"; did you mean '{close[0]}'?" if close else f"; known: {', '.join(known)}"
                raise self.fault(key, f"no such field{hint}")
        for key in known:
            if key not in self._values:
                raise self.fault(key, "the field is missing")

    def same(self, key: str, right: object) -> None:
        """The value that the kernel has, and no other."""
        value = self._values.get(key)
        if value != right:
            way_out = "`stitcher run` takes a rule with any other"
            raise self.fault(key, f"expected {right!r}, which the kernel joins by, found {value!r}; {way_out}")

    def text(self, key: str) -> str:
        value = self._values.get(key)
        if not isinstance(value, str):
            raise self.fault(key, f"expected text, found {value!r}")
        return value

    def items(self, key: str) -> list[Any]:
        value = self._values.get(key)
        if not isinstance(value, list):
            raise self.fault(key, f"expected a list, found {value!r}")
        return value

    def texts(self, key: str) -> list[str]:
        values = self.items(key)
        if not all(isinstance(value, str) for value in values):
            raise self.fault(key, f"expected a list of text, found {values!r}")
        return values

    def whole(self, key: str) -> int:
        """A count; not negative."""
        value = self._values.get(key)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise self.fault(key, f"expected a whole number from 0 up, found {value!r}")
        return value

    def seconds(self, key: str) -> float:
        """A duration; not negative."""
        value = self._values.get(key)
        if not isinstance(value, int | float) or isinstance(value, bool) or value < 0:
            raise self.fault(key, f"expected seconds from 0 up, found {value!r}")
        return float(value)
