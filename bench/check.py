#!/usr/bin/env python3
"""A log and what stitcher made of it in, "right" or what is wrong out: the benchmark's own check.

It knows nothing of stitcher: the log is read with one regular expression for the header, the output as JSON.  Right
means that every id of the log is in exactly one event, with exactly as many records as the log has for it (EOE and
exact repeats not counted), that nothing else came out, and that the records themselves are in the event.
"""

import argparse
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

HEADER = re.compile(rb"(?:node=(\S+) )?type=([A-Z0-9_\[\]]+) msg=audit\((\d+\.\d+:\d+)\)")
#: what bench/rule_job.py adds to an event
SPLICED = "who"

Key = tuple[str, str]
Counts = dict[Key, int]


def expected(log: Path) -> tuple[Counts, int]:
    """Records of each (node, id), and how many continuations of EXECVE are among them."""
    counts: Counts = {}
    commands: Counts = {}
    seen: set[int] = set()
    with log.open("rb") as lines:
        for line in lines:
            found = HEADER.match(line)
            if not found or found[2] == b"EOE" or hash(line) in seen:
                continue
            seen.add(hash(line))
            key = ((found[1] or b"").decode(), found[3].decode())
            counts[key] = counts.get(key, 0) + 1
            if found[2] == b"EXECVE":
                commands[key] = commands.get(key, 0) + 1
    return counts, sum(commands.values()) - len(commands)


def read(output: Path) -> Iterator[dict[str, Any]]:
    with output.open("rb") as lines:
        for line in lines:
            event = orjson.loads(line)
            if not isinstance(event, dict):
                raise ValueError(f"not an object: {line[:40]!r}")
            yield event


def of_event(event: dict[str, Any], spliced: bool) -> tuple[Key, int, int]:
    """Key, records that the event says it joined, and records that are in it."""
    if spliced and event.get(SPLICED) != who(event):
        raise ValueError(f"{event['id']}: '{SPLICED}' is {event.get(SPLICED)!r}, not {who(event)!r}")
    return (event.get("node", ""), event["id"]), event["count"], len(event["records"])


def who(event: dict[str, Any]) -> str | None:
    """What the rule of bench/rule_job.py answers, worked out from the whole event."""
    for record in event["records"]:
        if record["type"] == "SYSCALL":
            fields = record["fields"]
            uid, program = record.get("interpreted", {}).get("uid", fields.get("uid")), fields.get("exe")
            return None if uid is None and program is None else f"{uid} {program}"
    return None


def of_aggregated(event: dict[str, Any]) -> tuple[Key, int, int]:
    """The same for a Type=2 event, whose records are text."""
    there = sum(1 for line in event["Message"].split("\n") if HEADER.match(line.encode()))
    return (event.get("DeviceHostName", ""), event["ExternalID"]), event["BaseEventCount"], there


def verdict(log: Path, output: Path, kind: str = "events") -> str:
    """ "right: …", or "WRONG: …" with the first things that are."""
    want, continued = expected(log)
    have: Counts = {}
    twice = wrong = inside = 0
    try:
        for event in read(output):
            key, count, there = of_aggregated(event) if kind == "aggregated" else of_event(event, kind == "rule")
            twice += key in have
            wrong += want.get(key) != count
            inside += there
            have[key] = count
    except (ValueError, KeyError) as fault:
        return f"WRONG: {type(fault).__name__} {fault}"
    lost = len(want.keys() - have.keys())
    if kind != "aggregated":
        inside += continued
    records = sum(want.values())
    if not have or twice or wrong or lost or inside != records:
        return (
            f"WRONG: {len(have)} of {len(want)} ids, {lost} lost, {twice} twice, {wrong} with other records, "
            f"{inside} of {records} records inside"
        )
    return f"right: {len(have)} events, {records} records"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("log", type=Path)
    options.add_argument("output", type=Path)
    options.add_argument("--kind", choices=("events", "aggregated", "rule"), default="events")
    args = options.parse_args()
    answer = verdict(args.log, args.output, args.kind)
    print(answer)
    raise SystemExit(0 if answer.startswith("right") else 1)


if __name__ == "__main__":
    main()
