"""Bytes in, events out, over a kernel of the test's choice: the corridor without its pipeline object."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, NamedTuple

from stitcher.core.framing import LineFramer
from stitcher.event import Group, Limits
from stitcher.parsers import unwrap

SAMPLES: Final = Path(__file__).resolve().parent.parent / "samples"


class Joined(NamedTuple):
    """All groups of an input, in the order in which they left, and the counters."""

    groups: list[Group]
    counts: dict[str, int]


def join(kernel: Any, chunks: Iterable[bytes], limits: Limits | None = None, grace: float = 0.0) -> Joined:
    """Lap 1 over one source that is cut into `chunks`; the clock stands still."""
    bounds = limits or Limits()
    joiner = kernel.Joiner(bounds, unwrap)
    source = joiner.source(b"", grace)
    framer = LineFramer(bounds.max_line_bytes)
    groups: list[Group] = []
    for chunk in chunks:
        for block in framer.push(chunk):
            groups += joiner.feed(block, source, 0.0)
    for block in framer.flush():
        groups += joiner.feed(block, source, 0.0)
    groups += joiner.close()
    return Joined(groups, joiner.counts())


def events_of(kernel: Any, groups: list[Group]) -> list[dict[str, Any]]:
    """Lap 2: the events as trees."""
    return [json.loads(line) for line in kernel.render(groups).data.splitlines()]


def events(kernel: Any, data: bytes, limits: Limits | None = None) -> list[dict[str, Any]]:
    """Both laps over one input."""
    return events_of(kernel, join(kernel, [data], limits).groups)


def event(kernel: Any, *lines: str | bytes) -> dict[str, Any]:
    """The only event of some lines."""
    found = events(kernel, b"\n".join(line.encode() if isinstance(line, str) else line for line in lines))
    assert len(found) == 1
    return found[0]


def fields(kernel: Any, record_type: str, body: str | bytes) -> dict[str, Any]:
    """The only record of a line that is made of a type and a body."""
    body = body.encode() if isinstance(body, str) else body
    (record,) = event(kernel, b"type=%s msg=audit(1750000000.000:1): %s" % (record_type.encode(), body))["records"]
    assert isinstance(record, dict)
    return record


def sample(name: str) -> bytes:
    """A sample; files of a rotation are read oldest first, as one source."""
    newest = SAMPLES / name
    older = sorted(SAMPLES.glob(f"{name}.*"), key=lambda path: -int(path.suffix[1:]))
    return b"".join(path.read_bytes() for path in (*older, newest))


def sample_names() -> list[str]:
    """Every sample, without the older files of a rotation."""
    return sorted(path.name for path in SAMPLES.glob("*.log"))
