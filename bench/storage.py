#!/usr/bin/env python3
"""Time the storage: JSON lines into a new database, the same once more, and searches over it.

    stitcher filter LOG --to file:events.jsonl && python3 bench/storage.py events.jsonl [--folder DIR]

Figures are events in a second of CPU time of this process, from JSON bytes in memory to committed rows; lines are
handed over in pieces of about the size that `stitcher filter` makes of one read.  Searches are the best of three, in
wall seconds, without the start of a process.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from stitcher.storage.query import Search, count, select
from stitcher.storage.reader import Reader
from stitcher.storage.writer import Writer

PIECE = 220_000
SEARCHES = {
    "one id": None,
    "a record type": Search(types=("EXECVE",)),
    "a program": Search(exes=("/usr/bin/id",)),
    "a pattern, failed": Search(exes=("/usr/*",), success=False),
    "a user": Search(users=("0",)),
    "a process that is not there": Search(pids=("-5",)),
    "a word": Search(words=("passwd",)),
}


def pieces(path: Path) -> Iterator[bytes]:
    """Whole lines."""
    left = b""
    with path.open("rb") as stream:
        while data := stream.read(PIECE):
            data = left + data
            end = data.rfind(b"\n") + 1
            left = data[end:]
            yield data[:end]


def write(lines: Path, database: Path) -> tuple[int, float]:
    """How many events, and the CPU seconds of storing them."""
    writer = Writer(database, str(database))
    writer.open()
    events, spent = 0, 0.0
    for piece in pieces(lines):
        started = time.process_time()
        writer.add(piece)
        spent += time.process_time() - started
        events += piece.count(b"\n")
    started = time.process_time()
    writer.close()
    return events, spent + time.process_time() - started


def seek(database: Path, search: Search) -> tuple[int, float]:
    """How many it found, and the seconds of the best of three."""
    best = float("inf")
    for _ in range(3):
        started = time.perf_counter()
        with Reader(database) as reader:
            found = reader.count(count(search))
        best = min(best, time.perf_counter() - started)
    return found, best


def newest(database: Path) -> tuple[str, float]:
    """The id of the newest event, and the seconds that it took."""
    started = time.perf_counter()
    with Reader(database) as reader:
        line = next(reader.search(select(Search(), newest_first=True, limit=1)))
    return line.split('"')[3], time.perf_counter() - started


def main() -> int:
    """Print a line for each figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("events", type=Path)
    parser.add_argument("--folder", type=Path, help="where the database is made; it is removed at the end")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        database = Path(folder, "events.db")
        for name in ("new", "all of them repeats"):
            events, spent = write(given.events, database)
            print(f"{name}: {events} events, {events / spent:.0f} events/s")
        sizes = database.stat().st_size, given.events.stat().st_size
        print(f"size: {sizes[0] / 1e6:.0f} MB, {sizes[0] / sizes[1]:.2f} times the lines")
        last, seconds = newest(database)
        print(f"the newest: {seconds:.3f} s")
        for name, search in SEARCHES.items():
            found, seconds = seek(database, search or Search(ids=(last,)))
            print(f"{name}: {found} found, {seconds:.3f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
