#!/usr/bin/env python3
"""Sample logs in, a log of any length out, for the benchmark.

Every event of every copy has a serial of its own and a later time, so no two share an id.  Taken are the events that
a sample holds whole: those that end in PROCTITLE or EOE, and single records of user space.  Where a recorded corpus is
at hand bench/run.py takes that instead; this one needs nothing but the checkout.
"""

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
HEADER = re.compile(rb"type=([A-Z0-9_]+) msg=audit\((\d+)\.(\d{3}):(\d+)\): ")

#: time and serial of the first event (2023-11-14); each one after it has the next serial, a hundred share a second
SECONDS, SERIAL = 1_700_000_000, 1
#: one long command line in so many events, and the bytes of its argument; the kernel cuts it at 7500 a record
LONG_EVERY, LONG_BYTES, PIECE_BYTES = 2000, 400_000, 7400

Event = list[bytes]


def whole_events(path: Path) -> list[Event]:
    """The events of one sample that are whole, each as its lines."""
    groups: dict[bytes, Event] = {}
    for line in path.read_bytes().splitlines():
        found = HEADER.match(line)
        if found:
            groups.setdefault(b"%s.%s:%s" % found.group(2, 3, 4), []).append(line)
    return [event for event in groups.values() if is_whole(event)]


def is_whole(event: Event) -> bool:
    """True where nothing but EOE follows the end mark, and no record is there twice."""
    types = [line[5 : line.index(b" ")] for line in event]
    if types[-1] == b"EOE":
        types.pop()
    if len(set(event)) < len(event) or not types or b"EOE" in types or b"PROCTITLE" in types[:-1]:
        return False
    return types[-1] == b"PROCTITLE" or len(event) > len(types) or (len(types) == 1 and b" msg='" in event[0])


def renumber(event: Event, seconds: int, serial: int) -> Iterator[bytes]:
    """The same event at another time, with another serial."""
    for line in event:
        found = HEADER.match(line)
        if found:
            yield b"type=%s msg=audit(%d.%s:%d): %s\n" % (found[1], seconds, found[3], serial, line[found.end() :])


def long_event(seconds: int, serial: int) -> Iterator[bytes]:
    """A command line with one argument of 400 kB, in as many EXECVE records as the kernel makes of it."""
    head = b"type=%%s msg=audit(%d.000:%d): " % (seconds, serial)
    argument = b"x" * LONG_BYTES
    first, *rest = (argument[at : at + PIECE_BYTES] for at in range(0, LONG_BYTES, PIECE_BYTES))
    yield head % b"SYSCALL" + b'arch=c000003e syscall=59 success=yes exit=0 items=0 pid=2 uid=1000 exe="/bin/echo"\n'
    yield head % b"EXECVE" + b'argc=2 a0="echo" a1_len=%d a1[0]="%s"\n' % (LONG_BYTES, first)
    for number, piece in enumerate(rest, 1):
        yield head % b"EXECVE" + b'a1[%d]="%s"\n' % (number, piece)
    yield head % b"PROCTITLE" + b'proctitle="echo"\n'


def held_event(number: int) -> tuple[bytes, bytes]:
    """Both records of an event that stays open for the whole log; its serial is out of the others' way."""
    head = b"type=%%s msg=audit(%d.%03d:%d): " % (SECONDS, number % 1000, 4_000_000_000 + number)
    body = b'arch=c000003e syscall=59 success=yes exit=0 items=0 pid=%d uid=1000 comm="held" exe="/bin/held"\n' % number
    return head % b"SYSCALL" + body, head % b"EOE" + b"\n"


def log(lines: int, long_argv: bool) -> Iterator[list[bytes]]:
    """Whole events until there are `lines` lines or a few more."""
    events = [event for path in sorted(SAMPLES.glob("*.log")) for event in whole_events(path)]
    if not events:
        raise SystemExit(f"{SAMPLES}: no whole event in *.log; run this from a checkout")
    written = number = 0
    while written < lines:
        for event in events:
            make_long = long_argv and number % LONG_EVERY == LONG_EVERY - 1
            at = SECONDS + number // 100, SERIAL + number
            rows = list(long_event(*at) if make_long else renumber(event, *at))
            yield rows
            written += len(rows)
            number += 1
            if written >= lines:
                return


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("lines", type=int)
    options.add_argument("output", type=Path)
    options.add_argument("--open", type=int, default=0, metavar="N", help="hold N more events open from start to end")
    options.add_argument("--long-argv", action="store_true", help="with command lines of 400 kB among them")
    args = options.parse_args()
    held = [held_event(number) for number in range(args.open)]
    with args.output.open("wb", buffering=1 << 20) as out:
        out.writelines(start for start, _ in held)
        for rows in log(args.lines, args.long_argv):
            out.writelines(rows)
        out.writelines(end for _, end in held)


if __name__ == "__main__":
    main()
