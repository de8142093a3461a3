"""Inputs in, the outcome of the comparison for each out: both readers run beside each other."""

import json
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from ctypes import CDLL
from pathlib import Path
from typing import Final, NamedTuple

from auparse_inputs import SHARED, Input
from auparse_table import Case, apart, explain
from auparse_values import Key, Pair, Tree, pairs
from corridor import events_of, join

import stitcher.kernel

REFERENCE: Final = SHARED / "oracle" / "auparse_reference.py"
_DUMP: Final = Path(__file__).resolve().parent / "auparse_dump.py"


class Fault(NamedTuple):
    """A difference that nothing explains."""

    id: str
    pair: Pair

    def __str__(self) -> str:
        record, field, kind, theirs, ours, _ = self.pair
        return f"{self.id} {record}.{field} ({kind}): auparse {theirs!r:.200}, stitcher {ours!r:.200}"


class Outcome(NamedTuple):
    """What came of one input."""

    name: str
    #: values of auparse that were compared, and those that are ours as well
    values: int
    same: int
    #: values of auparse that a row counted apart explains
    apart: int
    #: values of ours that auparse does not have
    more: int
    hits: Counter[Case]
    faults: list[Fault]


def missing() -> str:
    """What is not at hand; empty where all is."""
    if not REFERENCE.exists():
        return "no ../shared/oracle/auparse_reference.py beside the checkout"
    try:
        CDLL("libauparse.so.0")
    except OSError:
        return "no libauparse.so.0: apt-get install libauparse0"
    return ""


def auparse(inputs: list[Input], folder: Path) -> Iterator[list[Tree]]:
    """The events of each input, by libauparse in a process of its own."""
    paths = []
    for at, one in enumerate(inputs):
        path = folder / str(at)
        path.write_bytes(one.bare)
        paths.append(str(path))
    with subprocess.Popen([sys.executable, str(_DUMP), str(REFERENCE), *paths], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        events: list[Tree] | None = None
        for line in process.stdout:
            event = json.loads(line)
            if "file" not in event:
                assert events is not None
                events.append(event)
                continue
            if events is not None:
                yield events
            events = []
        assert process.wait() == 0, f"libauparse died with {process.returncode}"
        if events is not None:
            yield events


def outcomes(inputs: Iterable[Input], folder: Path) -> Iterator[Outcome]:
    """Compare every input; `folder` is for what auparse reads."""
    several = list(inputs)
    for one, theirs in zip(several, auparse(several, folder), strict=True):
        yield compare(one, theirs)


def compare(one: Input, theirs: list[Tree]) -> Outcome:
    """Every pair of values of one input."""
    ours = by_key(events_of(stitcher.kernel, join(stitcher.kernel, [one.data]).groups), one.wrapped)
    other = by_key(theirs, one.wrapped)
    _gather(other, ours)
    lines = one.bare.split(b"\n")
    values = same = more = separate = 0
    hits: Counter[Case] = Counter()
    faults: list[Fault] = []
    for key in {**other, **ours}:
        for pair in pairs(other.get(key, []), ours.get(key, []), lines):
            values += pair.theirs is not None
            if pair.theirs == pair.ours:
                same += pair.theirs is not None
                continue
            more += pair.theirs is None
            case = explain(pair, lines[pair.line - 1] if pair.line else b"")
            if case is None:
                faults.append(Fault(key[1], pair))
            else:
                hits[case] += 1
                separate += apart(case) and pair.theirs is not None
    return Outcome(one.name, values, same, separate, more, hits, faults)


def by_key(events: list[Tree], wrapped: bool) -> dict[Key, list[Tree]]:
    """Events by host and id; by id alone where the host is in an envelope."""
    found: dict[Key, list[Tree]] = defaultdict(list)
    for event in events:
        found["" if wrapped else event.get("node") or "", event["id"]].append(event)
    return found


def _gather(theirs: dict[Key, list[Tree]], ours: dict[Key, list[Tree]]) -> None:
    """What auparse has of an id without a host belongs to the one host that the id has here."""
    hosts: dict[str, set[str]] = defaultdict(set)
    for host, name in ours:
        hosts[name].add(host)
    for host, name in [key for key in theirs if key not in ours]:
        if not host and len(hosts[name]) == 1:
            theirs[next(iter(hosts[name])), name].extend(theirs.pop((host, name)))
