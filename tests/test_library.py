"""`import stitcher` and `stitcher.read`."""

import gzip
import io
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

import stitcher

LINES = [
    "type=SYSCALL msg=audit(1700000000.004:1): arch=c000003e syscall=59 uid=0",
    "type=PROCTITLE msg=audit(1700000000.004:1): proctitle=6C73",
    'type=USER_LOGIN msg=audit(1700000000.005:2): uid=0 acct="j\udcff"',
    "type=SYSCALL msg=audit(1700000000.006:3): arch=c000003e syscall=2 uid=0",
]
DATA = "\n".join(LINES).encode("utf-8", "surrogateescape")


def told(events: Any) -> list[tuple[int, str, int]]:
    return [(event["serial"], event["closed_by"], event["count"]) for event in events]


TOLD = [(1, "proctitle", 2), (2, "single", 1), (3, "end", 1)]


@pytest.mark.parametrize(
    "source",
    [
        DATA,
        io.BytesIO(DATA),
        io.StringIO(DATA.decode("utf-8", "surrogateescape")),
        LINES,
        [line + "\n" for line in LINES],
        [line.encode("utf-8", "surrogateescape") for line in LINES],
        iter([DATA[:100], DATA[100:105], DATA[105:]]),
        [DATA],
    ],
    ids=["bytes", "binary file", "text file", "lines", "lines with LF", "lines of bytes", "chunks", "one chunk"],
)
def test_whatever_gives_lines_can_be_read(source: Any) -> None:
    assert told(stitcher.read(source)) == TOLD


def test_a_path_can_be_read_packed_or_not(tmp_path: Path) -> None:
    plain, packed = tmp_path / "audit.log", tmp_path / "packed"
    plain.write_bytes(DATA)
    packed.write_bytes(gzip.compress(DATA))
    assert told(stitcher.read(plain)) == told(stitcher.read(str(plain))) == told(stitcher.read(packed)) == TOLD
    with plain.open("rb") as file:
        assert told(stitcher.read(file)) == TOLD


def test_a_broken_archive_gives_what_it_had_and_then_says_so(tmp_path: Path) -> None:
    path = tmp_path / "audit.log.gz"
    path.write_bytes(gzip.compress(DATA)[:-8])
    events = stitcher.read(path)
    assert told(next(events) for _ in range(3)) == TOLD
    with pytest.raises(stitcher.InputError):
        next(events)


def test_an_event_comes_as_soon_as_it_is_over() -> None:
    reader, writer = os.pipe()
    with open(reader, "rb") as pipe, open(writer, "wb", buffering=0) as feed:  # noqa: PTH123 - descriptors
        events = stitcher.read(pipe)
        got: list[Any] = []
        thread = threading.Thread(target=lambda: got.append(next(events)))
        thread.start()
        feed.write(DATA)
        thread.join(timeout=10)
        assert told(got) == TOLD[:1]


def test_limits_and_the_events_of_lap_1_can_be_asked_for() -> None:
    limits = stitcher.Limits(max_event_records=1)
    assert told(stitcher.read(DATA, limits=limits))[0] == (1, "limit", 1)
    (first, *_) = stitcher.read(DATA, emit="aggregated")
    assert (first["Type"], first["ExternalID"]) == (2, "1700000000.004:1")


def test_all_public_names_are_there() -> None:
    for name in stitcher.__all__:
        assert getattr(stitcher, name) is not None
    assert dir(stitcher) == sorted(stitcher.__all__)
    with pytest.raises(AttributeError, match="nothing"):
        stitcher.nothing  # noqa: B018


def test_importing_the_package_loads_none_of_its_rooms() -> None:
    code = "import sys, stitcher; stitcher.__version__; print([name for name in sys.modules if 'stitcher.' in name])"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
