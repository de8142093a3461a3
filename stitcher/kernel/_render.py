"""Groups of joined records in, the JSON bytes of their events out.

This is the specification; `_compiled.pyx` gives the same bytes.  See docs/event.md for the event.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from stitcher.event import Group, Rendered
from stitcher.kernel._event import NAMED, event_of, kind_of
from stitcher.kernel._line import line_of
from stitcher.kernel._paths import compile_path
from stitcher.kernel._record import text_of
from stitcher.kernel._scene import Piece, cut, first_of

__all__ = ["NAMED", "Piece", "Rendered", "cut", "event_of", "first_of", "kind_of", "render", "splice"]


def render(groups: Iterable[Group], paths: Sequence[str] = (), raw: bool = False) -> Rendered:
    """One JSON line for each group; `paths` name the fields whose values come along (see kernel._paths).

    With `raw` each event has the key of this name: its records as they came.
    """
    if not paths:
        lines = (_with_records(line_of(group), group) for group in groups) if raw else map(line_of, groups)
        return Rendered(b"".join(lines), [], [])
    readers = [compile_path(path) for path in paths]
    written: list[bytes] = []
    ends: list[int] = []
    values: list[tuple[Any, ...]] = []
    end = 0
    for group in groups:
        event = event_of(group)
        line = orjson.dumps(event, option=orjson.OPT_APPEND_NEWLINE)
        if raw:
            line = _with_records(line, group)
        end += len(line)
        written.append(line)
        ends.append(end)
        values.append(tuple(reader(event) for reader in readers))
    return Rendered(b"".join(written), ends, values)


def _with_records(line: bytes, group: Group) -> bytes:
    """An event with its records as they came."""
    return b'%b,"raw":%b}\n' % (line[:-2], orjson.dumps(text_of(group.message).split("\n")))


def splice(rendered: Rendered, additions: Sequence[bytes | None]) -> bytes:
    """The lines of `rendered`, which has `ends`, with what is added to each.

    An addition is the inside of a JSON object with its last bracket and LF; b"" leaves a line as it is, None drops it.
    """
    out: list[bytes] = []
    start = 0
    for end, addition in zip(rendered.ends, additions, strict=True):
        if addition:
            out += (rendered.data[start : end - 2], b",", addition)
        elif addition is not None:
            out.append(rendered.data[start:end])
        start = end
    return b"".join(out)
