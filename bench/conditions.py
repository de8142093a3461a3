#!/usr/bin/env python3
"""Time conditions: events with their values in memory, each condition asked of every event.

    python3 bench/conditions.py [--events N] [--rounds N]

Figures are evaluations in a second of CPU time of this process, the best of the rounds; the loop that asks is in them.
Compiling and `Fields.values`, which makes the values of an event, are timed apart.
"""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Any

from stitcher.core.conditions import Condition, Fields, Group, Tree, compile_condition

TABLES = {"admins": {f"user{at}|web{at % 50}" for at in range(10_000)}}


def one(field: str, op: str, *values: Any, **how: Any) -> Condition:
    return Condition((field,), op, values, **how)


TYPE, PRODUCT = one("Type", "=", 1), one("DeviceProduct", "=", "auditd")
TREES: dict[str, Tree] = {
    "three of an and, all hold": Group("and", (TYPE, PRODUCT, one("Message", "contains", "execve"))),
    "three of an and, the first fails": Group("and", (one("Type", "=", 2), PRODUCT, one("Message", "match", "x"))),
    "an or and a not in an and": Group(
        "and",
        (
            TYPE,
            Group("or", (one("DeviceProduct", "=", "sshd"), one("SourceAddress", "inSubnet", "10.0.0.0/8"))),
            Group("not", (one("DeviceHostName", "startsWith", "test"),)),
        ),
    ),
    "=, a number": TYPE,
    "=, a text": PRODUCT,
    "=, without case": one("DeviceProduct", "=", "AuditD", case=False),
    "=, another field": one("DeviceHostName", "=", other="SourceHostName"),
    ">, a text that is a number": one("SourcePort", ">", 1024),
    "in, 1000 texts": one("DeviceHostName", "in", *[f"web{at * 2}" for at in range(1000)]),
    "inSubnet, 10 networks": one("SourceAddress", "inSubnet", *[f"10.{at}.0.0/16" for at in range(10)]),
    "contains": one("Message", "contains", "no such word"),
    "contains, without case": one("Message", "contains", "no such word", case=False),
    "match": one("Message", "match", r"comm=\"[a-z]+\" exe="),
    "match, what may take quadratic time": one("Message", "match", r"uid=0.*exe=\"/usr"),
    "hasBit": one("SourcePort", "hasBit", 3),
    "inDictionary, 10,000 keys": Condition(("User", "DeviceHostName"), "inDictionary", ("admins",)),
    "intersect": one("Tags", "intersect", "web", "db"),
    "exists": one("Extra.user", "exists"),
}


def events(count: int) -> list[dict[str, Any]]:
    """Events that differ where conditions look."""
    message = 'arch=c000003e syscall=execve success=yes exit=0 pid=%d auid=1000 uid=0 comm="id" exe="/usr/bin/id"'
    return [
        {
            "Type": 1,
            "DeviceProduct": "auditd",
            "DeviceHostName": f"web{at % 50}",
            "SourceHostName": f"web{at % 49}",
            "SourceAddress": f"10.{at % 20}.0.{at % 250}",
            "SourcePort": str(1000 + at % 100),
            "User": f"user{at % 20_000}",
            "Tags": ["linux", "db" if at % 2 else "mail"],
            "Message": message % at,
            "Extra": {"user": "mara"} if at % 2 else {},
        }
        for at in range(count)
    ]


def seconds(work: Callable[[], object], rounds: int) -> float:
    """CPU seconds of the best round."""
    best = float("inf")
    for _ in range(rounds):
        started = time.process_time()
        work()
        best = min(best, time.process_time() - started)
    return best


def held(tree: Tree, some: Sequence[dict[str, Any]], rounds: int) -> tuple[int, float]:
    """For how many it holds, and the seconds of asking all."""
    fields = Fields()
    holds = compile_condition(tree, fields.index, TABLES)
    rows = [fields.values(event) for event in some]
    return sum(map(holds, rows)), seconds(lambda: [holds(row) for row in rows], rounds)


def main() -> int:
    """Print a line for each condition."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    some = events(given.events)
    engine = "is" if find_spec("re2") else "is not"
    print(f"Python {sys.version.split()[0]}, google-re2 {engine} installed, {given.events} events")
    for name, tree in TREES.items():
        count, spent = held(tree, some, given.rounds)
        print(f"| {name} | {count} | {given.events / spent / 1e6:.2f} M/s |")
    fields = Fields()
    compile_condition(TREES["three of an and, all hold"], fields.index)
    spent = seconds(lambda: [fields.values(event) for event in some], given.rounds)
    print(f"| the values of an event, 3 fields | | {given.events / spent / 1e6:.2f} M/s |")
    spent = seconds(lambda: [compile_condition(tree, fields.index, TABLES) for tree in TREES.values()], given.rounds)
    print(f"| compiling, all of these | | {spent * 1000:.1f} ms |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
