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
from stitcher.kernel._scene import Piece, cut, first_of

__all__ = ["NAMED", "Piece", "Rendered", "cut", "event_of", "first_of", "kind_of", "render", "splice"]


def render(groups: Iterable[Group], paths: Sequence[str] = ()) -> Rendered:
    """One JSON line for each group; `paths` name the fields whose values come along (see kernel._paths)."""
    if not paths:
        return Rendered(b"".join(map(line_of, groups)), [], [])
    readers = [compile_path(path) for path in paths]
    lines: list[bytes] = []
    ends: list[int] = []
    values: list[tuple[Any, ...]] = []
    end = 0
    for group in groups:
        event = event_of(group)
        line = orjson.dumps(event, option=orjson.OPT_APPEND_NEWLINE)
        end += len(line)
        lines.append(line)
        ends.append(end)
        values.append(tuple(reader(event) for reader in readers))
    return Rendered(b"".join(lines), ends, values)


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
