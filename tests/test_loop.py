"""The loop, both ways: in memory, between two collectors, and a collector with itself; the same events all ways."""

import json
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from stitcher.collector import load_pipeline
from stitcher.pipeline import DryRun, Stitcher

sys.path.insert(0, str(Path(__file__).resolve().parent / "cli"))
from shell import ended, listening, send, started, stitcher, until

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = sorted((ROOT / "samples").glob("*.log"))
#: a log of hosts that name themselves, all of whose events have an end
WHOLE = ("debian12-6.1-two-nodes.log", "rhel8-4.18-accounts.log", "debian12-6.1-exec.log")


def filtered(data: bytes) -> list[bytes]:
    """The events of `stitcher filter`."""
    one = Stitcher()
    return (one.feed(data) + one.close()).splitlines()


def dry(name: str, data: bytes) -> list[bytes]:
    """The events of a shipped pipeline's last destination."""
    run = DryRun(load_pipeline(name).plan)
    run.read([data])
    return [*run.events.values()][-1]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
def test_all_pipelines_come_to_the_same_events(sample: Path) -> None:
    data = sample.read_bytes()
    expected = sorted(filtered(data))
    joined = b"".join(line + b"\n" for line in dry("audit-join", data))
    assert all(json.loads(line)["Type"] == 2 for line in joined.splitlines())
    assert sorted(dry("audit", data)) == expected
    assert sorted(dry("audit-decode", joined)) == expected
    assert sorted(dry("audit-kuma", data)) == expected


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
def test_the_general_road_comes_to_the_events_of_the_kernel(sample: Path, tmp_path: Path) -> None:
    """A filter that looks at originals is not for the kernel; this one lets all of them pass."""
    text = (ROOT / "rules" / "pipeline-audit.yaml").read_text("utf-8")
    text += "filters:\n  - {name: all, on: originals, keep: {field: ExternalID, op: exists}}\n"
    path = tmp_path / "general.yaml"
    path.write_text(text, encoding="utf-8")
    loaded = load_pipeline(str(path))
    assert loaded.notes == ("lines take the general road: a filter looks at originals",)
    data = sample.read_bytes()
    assert dry(str(path), data) == filtered(data)


@pytest.mark.parametrize("more", ["", "filters: [{name: all, on: originals, keep: {field: ExternalID, op: exists}}]\n"])
def test_an_event_that_no_line_can_hold_goes_round_all_the_same(tmp_path: Path, more: str) -> None:
    header = "type=%s msg=audit(1700000000.004:1001): "
    records = [f'{header % "EXECVE"}argc=200 a{number}="{"x" * 8000}"' for number in range(200)]
    data = "\n".join([*records, f"{header % 'PROCTITLE'}proctitle=x\n"]).encode()
    path = tmp_path / "long.yaml"
    path.write_text((ROOT / "rules" / "pipeline-audit-kuma.yaml").read_text("utf-8") + more, encoding="utf-8")
    assert dry(str(path), data) == filtered(data)


def test_an_event_that_went_round_is_not_joined_again(tmp_path: Path) -> None:
    """Whatever the filter of the rule says, and by whatever name the event comes back."""
    text = (ROOT / "rules" / "pipeline-audit-kuma.yaml").read_text("utf-8").replace('op: "=", value: 2', "op: exists")
    path = tmp_path / "round.yaml"
    path.write_text(text, encoding="utf-8")
    data = (ROOT / "samples" / WHOLE[0]).read_bytes()
    assert sorted(dry(str(path), data)) == sorted(filtered(data))


def placed(tmp_path: Path, name: str, *changes: tuple[str, str]) -> Path:
    """A shipped pipeline with other places, and nothing else changed."""
    text = (ROOT / "rules" / f"pipeline-{name}.yaml").read_text("utf-8")
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    path = tmp_path / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def without_peer(lines: Sequence[str]) -> list[Any]:
    """What a network adds: who it was that sent it."""
    found = [json.loads(line) for line in lines]
    for event in found:
        envelope = event.get("envelope", {})
        envelope.pop("peer", None)
        if not envelope:
            event.pop("envelope", None)
    return sorted(found, key=lambda event: (event["id"], event.get("node", ""), event["count"]))


@pytest.fixture
def log() -> bytes:
    lines = b"".join((ROOT / "samples" / name).read_bytes() for name in WHOLE)
    return b"".join(line if line.startswith(b"node=") else b"node=heron " + line for line in lines.splitlines(True))


@pytest.fixture
def expected(log: bytes) -> list[Any]:
    return without_peer(stitcher("filter", stdin=log).stdout.decode().splitlines())


def test_a_collector_with_a_loop_in_memory(log: bytes, expected: list[Any]) -> None:
    run = stitcher("run", "audit", stdin=log)
    assert (run.stderr, run.returncode) == (b"", 0)
    assert without_peer(run.stdout.decode().splitlines()) == expected


def test_two_collectors(tmp_path: Path, log: bytes, expected: list[Any]) -> None:
    out = tmp_path / "events.jsonl"
    decode = placed(tmp_path, "audit-decode", ("127.0.0.1:5141", "127.0.0.1:0"), ("to: sqlite", f"to: file:{out}"))
    with started("run", decode) as second:
        to = f"tcp://127.0.0.1:{listening(second)}"
        join = placed(tmp_path, "audit-join", ("0.0.0.0:6514", "127.0.0.1:0"), ("tcp://127.0.0.1:5141", to))
        with started("run", join) as first:
            send(listening(first), log).close()
            first.send_signal(signal.SIGTERM)
            assert ended(first)[1:] == ("", 0)
        second.send_signal(signal.SIGTERM)
        assert ended(second)[1:] == ("", 0)
    assert without_peer(out.read_text("utf-8").splitlines()) == expected


def test_a_collector_that_sends_to_itself(tmp_path: Path, log: bytes, expected: list[Any]) -> None:
    """More than sockets hold: what waits for the loop is read out of turn."""
    out = tmp_path / "events.jsonl"
    own = placed(tmp_path, "audit-kuma", ("127.0.0.1:5140", "127.0.0.1:0"), ("to: sqlite", f"to: file:{out}"))
    with started("run", own) as process:
        send(listening(process), log).close()
        process.send_signal(signal.SIGTERM)
        assert ended(process)[1:] == ("", 0)
    assert without_peer(out.read_text("utf-8").splitlines()) == expected


def test_a_loop_that_is_fed_faster_than_it_turns_loses_nothing(tmp_path: Path) -> None:
    """12 MB in one go: more than sockets and the buffer of the loop hold."""
    out = tmp_path / "events.jsonl"
    own = placed(tmp_path, "audit-kuma", ("127.0.0.1:5140", "127.0.0.1:0"), ("to: sqlite", f"to: file:{out}"))
    body = "x" * 4000
    lines = "".join(f"type=USER_LOGIN msg=audit(1700000000.004:{serial}): {body}\n" for serial in range(3000)).encode()
    with started("run", own) as process:
        send(listening(process), lines).close()
        # a stop reads what has arrived; of 12 MB much is still with the sender
        until(lambda: out.exists() and out.read_bytes().count(b"\n") > 2900)
        process.send_signal(signal.SIGTERM)
        assert ended(process)[1:] == ("", 0)
    serials = [json.loads(line)["serial"] for line in out.read_text("utf-8").splitlines()]
    assert sorted(serials) == list(range(3000))
