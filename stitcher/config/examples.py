"""The examples of a normalizer in, what does not come out as they say out."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

from stitcher.config import Read
from stitcher.config._faults import Fault, Faults, found, quote
from stitcher.config._model import Loc
from stitcher.config.normalizer import Example, Normalizer
from stitcher.core.mapping import EXTRA
from stitcher.core.normalizer import NOT_PARSED, Refused
from stitcher.core.normalizer import Normalizer as Tree

#: the moment at which examples come in that do not say it: it gives a year to times without one
NOW: Final = datetime(2026, 1, 1, tzinfo=UTC).timestamp()


def run_examples(read: Read, tree: Tree) -> list[Fault]:
    """One fault for each value that is not as expected."""
    faults = Faults()
    model = read.model
    examples = model.examples if isinstance(model, Normalizer) else ()
    for at, example in enumerate(examples):
        for loc, message in _differences(example, tree):
            faults.add(read.document, ("examples", at, *loc), message)
    return faults.found


def _differences(example: Example, tree: Tree) -> Iterator[tuple[Loc, str]]:
    try:
        now = datetime.fromisoformat(example.now).astimezone(UTC).timestamp() if example.now else NOW
    except (ValueError, OverflowError):
        yield ("now",), f"expected a time such as 2026-11-21T10:00:00Z, found {found(example.now)}"
        return
    got = tree.read(example.line, now)
    reason = got.reason if isinstance(got, Refused) else got.get(EXTRA, {}).get(NOT_PARSED)
    if example.rejected is not None:
        if reason is None:
            yield ("rejected",), f"expected the line to be rejected, found an event with {_names(got)}"
        elif reason != example.rejected:
            yield ("rejected",), f"expected {quote(example.rejected)}, found {quote(reason)}"
    elif isinstance(got, Refused):
        yield ("line",), f"expected an event, but the line is rejected: {got.reason}"
    else:
        yield from _compare(example.expected or {}, got, example.whole, ("expected",))


def _compare(expected: dict[str, Any], got: dict[str, Any], whole: bool, loc: Loc) -> Iterator[tuple[Loc, str]]:
    for name, value in expected.items():
        # `Extra.user` may be written for {Extra: {user: ...}}
        inside = got.get(EXTRA, {}) if loc == ("expected",) and name.startswith(EXTRA + ".") else got
        there = inside.get(name.removeprefix(EXTRA + ".") if inside is not got else name)
        if isinstance(value, dict) and isinstance(there, dict):
            yield from _compare(value, there, whole, (*loc, name))
        elif type(there) is not type(value) or there != value:
            yield (*loc, name), f"expected {_shown(value)}, found {_shown(there)}"
    if whole:
        known = {name.partition(".")[0] if name.startswith(EXTRA + ".") else name for name in expected}
        for name in got.keys() - known:
            yield loc, f"expected no other fields, found {name}: {_shown(got[name])}"


def _names(event: Any) -> str:
    return ", ".join(event) or "no fields"


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(map(_shown, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {_shown(inside)}" for name, inside in value.items()) + "}"
    return found(value)
