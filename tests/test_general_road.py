"""What is told of the kernel's road holds on the general one: the same events, and nothing that vanishes uncounted."""

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from stitcher.collector import load_pipeline
from stitcher.pipeline import Corridor, DryRun, Plan

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = [path.read_bytes() for path in sorted((ROOT / "samples").glob("*.log"))]
AUDIT = """
kind: pipeline
id: tried
description: A pipeline of a test
normalizer: audit
aggregation: [audit]
destinations: [{name: out, to: stdout}]
"""
#: not for the kernel, though it lets all pass
GENERAL = "filters: [{name: all, on: originals, keep: {field: ExternalID, op: exists}}]\n"
#: counters of rules, which the kernel has not
OWN = ("taken", "passed", "guarded")
NEVER_READ = [b"", b"\r", b"----", b"garbage", b'{"Type":2}', b'{"Type":2,"Message":"hello"}', b"x" * 1500]
TIGHT = {
    "timeout_seconds": (0.5, 2.0), "linger_seconds": (0, 0.1, 1.0), "distance_lines": (5, 50), "late": ("drop",),
    "max_event_bytes": (300, 4000), "max_event_records": (2, 5), "max_source_events": (1, 3), "remember_events": (0, 1),
    "max_open_bytes": (1000, 20_000), "max_line_bytes": (200, 600),
}  # fmt: skip


def corridor_plan(tmp_path: Path, text: str) -> Plan:
    path = tmp_path / f"{len([*tmp_path.iterdir()])}.yaml"
    path.write_text(text, encoding="utf-8")
    return load_pipeline(str(path)).plan


def corridor(tmp_path: Path, text: str) -> Corridor:
    return Corridor(corridor_plan(tmp_path, text), keep_rejected=True)


def rule(r: Random) -> str:
    """The shipped rule, some of its bounds tight."""
    text = (ROOT / "rules" / "audit.yaml").read_text("utf-8")
    chosen = {key: r.choice(values) for key, values in TIGHT.items() if r.random() < 0.3}
    lines = [f"{key}: {chosen.get(key, rest)}" for key, _, rest in (line.partition(": ") for line in text.split("\n"))]
    return "\n".join(line.removesuffix(": ") for line in lines)


def joined(data: bytes) -> list[bytes]:
    """The same as Type=2 events."""
    run = DryRun(load_pipeline("audit-join").plan)
    run.read([data])
    return run.events["second"]


def mixed(r: Random) -> list[bytes]:
    """Records, Type=2 events, bare and wrapped, and lines that are neither."""
    lines: list[bytes] = []
    for sample in r.choices(SAMPLES, k=8):
        rows = sample.split(b"\n")
        at = r.randrange(len(rows))
        lines += rows[at : at + r.randrange(1, 25)]
    lines += joined(b"\n".join(lines[:40]) + b"\n")
    lines += [json.dumps({"message": line.decode("utf-8", "replace")}).encode() for line in lines[-6:]]
    lines += [b"<14>Nov 14 22:13:20 heron app: " + line for line in lines[-8:-6]]
    lines += NEVER_READ
    if r.random() < 0.6:
        r.shuffle(lines)
    return lines


def outputs(made: list[Any]) -> bytes:
    return b"".join(output.data for output in made)


def events(made: list[Any]) -> list[Any]:
    """Only rules count rounds; what a line brought about has no order."""
    found = [{**json.loads(line), "Hops": 0} for line in outputs(made).splitlines()]
    return sorted(found, key=json.dumps)


def counted(one: Corridor) -> dict[str, int]:
    return {name: count for name, count in one.counts().items() if count and name not in OWN}


@pytest.mark.parametrize("loop", ["memory", "none"])
@pytest.mark.parametrize("seed", range(12))
def test_any_lines_in_any_order_come_to_the_same_events_and_counters(tmp_path: Path, seed: int, loop: str) -> None:
    r = Random(seed)
    text = f"{rule(r)}\n---{AUDIT}loop: {loop}\n"
    kernel, general = both = corridor(tmp_path, text), corridor(tmp_path, text + GENERAL)
    for one in both:
        one.source(b"192.0.2.1", grace=0.5)
        one.source(b"192.0.2.2", framing="syslog")
    now = r.choice([0.0, 100.0])
    for line in mixed(r):
        source = r.choice([0, 0, 1, 2])
        assert events(general.feed(line + b"\n", now, source)) == events(kernel.feed(line + b"\n", now, source))
        if now and r.random() < 0.3:
            now += r.choice([0.05, 0.2, 1.0, 3.0])
            assert events(general.expire(now)) == events(kernel.expire(now))
        assert (general.held(), general.next_deadline()) == (kernel.held(), kernel.next_deadline())
    assert events(general.close()) == events(kernel.close())
    assert counted(general) == counted(kernel)
    assert general.take_rejected() == kernel.take_rejected()


def test_a_line_that_is_too_long_is_refused_and_not_cut(tmp_path: Path) -> None:
    line = b'type=EXECVE msg=audit(1700000000.004:1001): argc=1 a0="' + b"a" * 2_000_000 + b'"\n'
    one = corridor(tmp_path, AUDIT + GENERAL)
    assert outputs(one.feed(line)) + outputs(one.close()) == b""
    assert counted(one) == {"lines": 1, "rejected": 1, "too_long": 1}


def test_what_a_rule_makes_and_lap_2_cannot_read_is_counted(tmp_path: Path) -> None:
    """A rule without the records: there is nothing to decode."""
    own = "kind: aggregation\nid: own\ndescription: d\nname: own\nidentical: [ExternalID]\n---"
    one = corridor(tmp_path, own + AUDIT.replace("[audit]", "[own]"))
    one.feed(b"type=CWD msg=audit(1700000000.004:1001): cwd=x\n")
    assert outputs(one.close()) == b""
    assert counted(one) | {"partial": 0} == {"lines": 1, "records": 1, "partial": 0, "rejected": 1, "bad_json": 1}


def test_an_event_that_came_in_and_went_round_too_often_is_refused(tmp_path: Path) -> None:
    one = corridor(tmp_path, AUDIT.replace("audit", "postfix"))
    line = b'{"Type":2,"AggregationRuleName":"postfix","ExternalID":"4F2A1","Message":"x","Hops":%d}\n'
    assert outputs(one.feed(line % 4)).count(b"\n") == 1
    assert outputs(one.feed(line % 5)) == b""
    assert counted(one) == {"lines": 2, "aggregated": 2, "events": 1, "rejected": 1, "went_round": 1}


def test_a_last_line_without_its_end_came_when_the_source_was_last_heard(tmp_path: Path) -> None:
    """A time without a year is in the year that is nearest, however long the collector has run."""
    one = Corridor(corridor_plan(tmp_path, AUDIT.replace("audit", "sshd")), midnight=1_740_000_000.0)
    half_a_year = 200 * 86_400.0
    source = one.source(b"192.0.2.1")
    found = one.feed(b"Nov 20 10:00:00 heron sshd[7]: Server listening on :: port 22.\n" * 2, half_a_year * 2, source)
    found += one.feed(b"Nov 20 10:00:00 heron sshd[7]: Server listening on :: port 22.", half_a_year * 2, source)
    found += one.end(source) + one.close()
    assert {event["StartTime"] for event in events(found)} == {1_763_632_800_000}


@pytest.mark.parametrize("general", ["", GENERAL])
def test_what_went_round_is_an_event_and_no_line_that_was_skipped(tmp_path: Path, general: str) -> None:
    places = "connectors: [{from: tcp://127.0.0.1:5140}]\nloop: none\n"
    places += "destinations: [{name: round, to: tcp://127.0.0.1:5140, loop: true}, {name: out, to: stdout}]\n"
    text = AUDIT.replace("destinations: [{name: out, to: stdout}]\n", places)
    one = DryRun(corridor_plan(tmp_path, text + general))
    one.read([b"type=USER_LOGIN msg=audit(1700000000.004:1): pid=1\n\n"])
    told = one.corridor.counts()
    names = ("lines", "records", "events", "complete", "aggregated", "skipped", "rejected")
    assert [told[name] for name in names] == [3, 1, 1, 1, 1, 1, 0]


@pytest.mark.parametrize("general", ["", GENERAL])
@pytest.mark.parametrize("header", [b"", b"<14>Nov 14 22:13:20 heron app: "])
def test_collectors_that_send_to_one_another_end_it(tmp_path: Path, general: str, header: bytes) -> None:
    """Type=2 events that are passed on count their rounds, also where the kernel joins."""
    text = AUDIT.replace("stdout", "tcp://192.0.2.1:6514") + general + "loop: none\n"
    one = corridor(tmp_path, text)
    line = outputs(one.feed(b"type=USER_LOGIN msg=audit(1700000000.004:1): pid=1\n") + one.release())
    rounds = 0
    while line and rounds < 100:
        rounds += 1
        line = outputs(one.feed(header + line))
    assert (rounds, counted(one)["went_round"], counted(one)["rejected"]) == (5 if general else 6, 1, 1)
    assert [rejected.reason for rejected in one.take_rejected()] == ["went_round"]
