"""The corridor: any chunk in, whole events out, in one lap or in two collectors."""

import json
import subprocess
import sys
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stitcher.errors import ConfigError
from stitcher.event import COUNTERS, Limits
from stitcher.pipeline import DROP, Drop, Rule, Stitcher, records


def record(kind: str, serial: int, body: str = "") -> bytes:
    return f"type={kind} msg=audit(1700000000.004:{serial}): {body}\n".encode()


def event(serial: int) -> bytes:
    syscall = f'arch=c000003e syscall=59 success=yes exit=0 items=0 pid={serial} uid=1000 comm="ls"\x1dUID="alice"'
    return (
        record("SYSCALL", serial, syscall)
        + record("CWD", serial, 'cwd="/"')
        + record("PROCTITLE", serial, "proctitle=6C73")
    )


LOG = (
    event(1)
    + b"<14>Nov 21 19:29:55 web02 audispd: "
    + record("USER_LOGIN", 2, "pid=1 uid=0 msg='op=login acct=\"bob\" res=success'")
    + b"no record\n"
    + b"----\n\n"
    + event(3).replace(b"type=", b"node=web03 type=")
    + b'{"host":"web04","message":"'
    + record("CONFIG_CHANGE", 4, "op=set").strip()
    + b'"}\n{"broken\n'
    + b'Nov 21 19:30:16 web05 kernel: [ 1382.31] audit: type=1307 audit(1700000000.004:5): cwd="/"\n'
    + record("SYSCALL", 6, "arch=c000003e syscall=2 uid=0")
    + record("PROCTITLE", 6, "proctitle=6C73")[:-1]
)


def events(out: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


def through(stitcher: Stitcher, *chunks: bytes) -> bytes:
    return b"".join([stitcher.feed(chunk) for chunk in chunks] + [stitcher.close()])


def test_lines_of_every_form_become_events_and_the_rest_is_counted() -> None:
    stitcher = Stitcher(keep_rejected=True)
    out = events(through(stitcher, LOG))
    assert {(found["serial"], found.get("node"), found["closed_by"]) for found in out} == {
        (1, None, "proctitle"),
        (2, "web02", "single"),
        (3, "web03", "proctitle"),
        (4, "web04", "end"),
        (5, "web05", "end"),
        (6, None, "proctitle"),
    }
    counts = stitcher.counts()
    assert {key: counts[key] for key in ("rejected", "not_audit", "bad_json", "skipped", "events", "dropped")} == {
        "rejected": 2, "not_audit": 1, "bad_json": 1, "skipped": 2, "events": 6, "dropped": 0,
    }  # fmt: skip
    assert [(found.reason, found.line) for found in stitcher.take_rejected()] == [
        ("not_audit", b"no record"),
        ("bad_json", b'{"broken'),
    ]
    assert set(counts) == {*COUNTERS, "dropped", "unmatched", "overlong", "unfit"}
    assert stitcher.held() == (0, 0)


@given(st.lists(st.integers(0, len(LOG)), max_size=6))
def test_the_way_the_input_is_cut_does_not_matter(at: list[int]) -> None:
    points = [0, *sorted(at), len(LOG)]
    chunks = [LOG[start:end] for start, end in pairwise(points)]
    assert through(Stitcher(), *chunks) == through(Stitcher(), LOG)


def test_two_collectors_come_to_the_same_events_as_one() -> None:
    aggregated = through(Stitcher(emit="aggregated"), LOG)
    assert all(found["Type"] == 2 for found in events(aggregated))
    second = Stitcher()
    assert through(second, aggregated) == through(Stitcher(), LOG)
    assert second.counts()["aggregated"] == 6
    assert through(Stitcher(emit="aggregated"), aggregated) == aggregated


def test_the_aggregation_rule_is_named_in_what_it_makes() -> None:
    (found,) = events(through(Stitcher(emit="aggregated", aggregation="local"), event(1)))
    assert found["AggregationRuleName"] == "local"


def test_sources_are_apart_and_a_peer_names_the_host_that_lines_do_not() -> None:
    stitcher = Stitcher(limits=Limits(linger_seconds=0))
    one, two = stitcher.source(b"10.0.0.1"), stitcher.source(b"10.0.0.2", framing="syslog")
    lines = event(7).splitlines(keepends=True)
    counted = [b"%d <14>%s" % (len(line) + 3, line[:-1]) for line in lines]
    out = b"".join(stitcher.feed(a, 1.0, one) + stitcher.feed(b, 1.0, two) for a, b in zip(lines, counted, strict=True))
    assert [found["node"] for found in events(out)] == ["10.0.0.1", "10.0.0.2"]
    assert [found["count"] for found in events(out)] == [3, 3]


def test_the_last_line_of_a_connection_needs_no_newline() -> None:
    stitcher = Stitcher()
    source = stitcher.source()
    assert stitcher.feed(event(1)[:-1], 1.0, source) == b""
    (found,) = events(stitcher.end(source) + stitcher.expire(60.0))
    assert (found["closed_by"], found["count"]) == ("proctitle", 3)
    assert stitcher.end(source) == b""


def test_silence_ends_an_event_at_the_deadline_that_was_told() -> None:
    stitcher = Stitcher(limits=Limits(timeout_seconds=3.0))
    assert stitcher.next_deadline() is None
    assert stitcher.feed(record("SYSCALL", 1), 10.0) == b""
    assert stitcher.next_deadline() == 13.0
    assert stitcher.expire(12.9) == b""
    (found,) = events(stitcher.expire(13.0))
    assert (found["closed_by"], found["complete"]) == ("timeout", False)


def test_grace_waits_for_what_was_overtaken() -> None:
    stitcher = Stitcher()
    source = stitcher.source(grace=0.5)
    syscall, cwd, title = event(1).splitlines(keepends=True)
    assert stitcher.feed(title + syscall, 1.0, source) == b""
    assert stitcher.feed(cwd, 1.2, source) == b""
    (found,) = events(stitcher.expire(1.5))
    assert (found["count"], found["closed_by"]) == (3, "proctitle")


def test_a_line_that_is_too_long_is_rejected_once_however_it_is_cut() -> None:
    data = record("SYSCALL", 1, "x" * 5000) + event(2)
    for size in (100, 999, len(data)):
        stitcher = Stitcher(limits=Limits(max_line_bytes=1000), keep_rejected=True)
        out = through(stitcher, *(data[at : at + size] for at in range(0, len(data), size)))
        assert [found["serial"] for found in events(out)] == [2]
        assert [(found.reason, len(found.line)) for found in stitcher.take_rejected()] == [("too_long", 1001)]


def test_an_answer_is_spliced_into_the_event_and_the_rest_stays_byte_for_byte() -> None:
    reads = ("records.SYSCALL.interpreted.uid", "serial", "records.*.fields.nothing")
    asked: list[tuple[Any, ...]] = []

    def answer(*values: Any) -> Mapping[str, object] | None:
        asked.append(values)
        return {"who": values[0], "list": [1, {"ä": None}]} if values[0] else None

    out = through(Stitcher(rule=Rule(reads, answer)), event(1), LOG[len(event(1)) :])
    plain = through(Stitcher(), LOG)
    assert [values[1] for values in asked] == [found["serial"] for found in events(plain)]
    assert asked[0] == ("alice", 1, None)
    for got, want in zip(out.splitlines(), plain.splitlines(), strict=True):
        assert got == want or got == want[:-1] + ',"who":"alice","list":[1,{"ä":null}]}'.encode()
    assert sum(b'"who"' in line for line in out.splitlines()) == 2


def test_a_rule_can_drop_an_event_and_that_is_counted() -> None:
    def answer(serial: int) -> Drop | None:
        return DROP if serial == 2 else None

    stitcher = Stitcher(rule=Rule(("serial",), answer))
    assert [found["serial"] for found in events(through(stitcher, event(1) + event(2) + event(3)))] == [1, 3]
    assert stitcher.counts()["dropped"] == 1


def test_a_rule_that_reads_nothing_is_asked_for_each_event() -> None:
    stitcher = Stitcher(rule=Rule((), lambda: {"site": "north"}))
    assert [found["site"] for found in events(through(stitcher, event(1) + event(2)))] == ["north", "north"]


def test_a_mapping_that_is_no_dict_and_one_that_is_empty_are_answers() -> None:
    class Answer(dict[str, object]):
        pass

    (found,) = events(through(Stitcher(rule=Rule(("id",), lambda _: Answer(a=1))), event(1)))
    assert found["a"] == 1
    assert through(Stitcher(rule=Rule(("id",), lambda _: {})), event(1)) == through(Stitcher(), event(1))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"emit": "nothing"}, "known: events, aggregated"),
        ({"emit": "aggregated", "rule": Rule(("id",), lambda _: None)}, "a rule reads events, .* leave one out"),
        ({"emit": "aggregated", "summarize": True}, "a summary reads events, .* leave one out"),
        ({"rule": Rule(("records.SYSCALL.nothing.uid",), lambda _: None)}, "expected records.TYPE.SECTION.KEY"),
        ({"rule": Rule(("host",), lambda _: None)}, "an event has no 'host'"),
    ],
)
def test_what_makes_no_sense_is_refused_at_the_start(options: Any, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        Stitcher(**options)


def test_a_framing_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ConfigError, match="known: lines, syslog"):
        Stitcher().source(framing="packets")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"node": 1, "id": 2, "x": 3}, "'id, node' is what an event has of its own"),
        ({"raw": 1}, "'raw' is what an event has of its own"),
        ({"summary": 1}, "'summary' is what an event has of its own"),
    ],
)
def test_an_answer_by_a_name_that_events_have_is_refused(answer: dict[str, object], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        through(Stitcher(rule=Rule(("id",), lambda _: answer)), event(1))


def test_summary_raw_and_the_answer_of_a_rule_stand_behind_an_event_in_this_order() -> None:
    def answer(*values: Any) -> Mapping[str, object] | None:
        return {"told": values} if values[2] != 4 else None

    reads = ("records.SYSCALL.fields.exe", "records.SYSCALL.value.uid", "serial", "records.SYSCALL.value.uid")
    out = events(through(Stitcher(rule=Rule(reads, answer), keep_raw=True, summarize=True), LOG))
    plain = events(through(Stitcher(), LOG))
    summed = events(through(Stitcher(summarize=True), LOG))
    for got, bare, short in zip(out, plain, summed, strict=True):
        added = [key for key in ("raw", "summary", "told") if key in got]
        assert [*got] == [*bare, *added]
        assert {key: got[key] for key in bare} == bare
        assert got.get("summary") == short.get("summary")
        assert len(records(got)) == got["count"]
        assert ("told" in got) == (got["serial"] != 4)
    assert out[0]["told"] == [None, "alice", 1, "alice"]
    assert out[0]["summary"]


def test_what_a_rule_drops_is_dropped_with_all_that_is_added() -> None:
    stitcher = Stitcher(rule=Rule((), lambda: DROP), keep_raw=True, summarize=True)
    assert through(stitcher, event(1) + event(2)) == b""
    assert stitcher.counts()["dropped"] == 2


def test_a_summary_that_says_nothing_adds_no_key() -> None:
    lines = record("UNKNOWN[1999]", 1, "x=1")
    assert through(Stitcher(summarize=True), lines) == through(Stitcher(), lines)


def test_rules_of_summaries_are_not_read_where_nobody_asked_for_them() -> None:
    script = (
        "import sys; from stitcher import Stitcher; Stitcher(keep_raw=True); print('stitcher.summary' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=20, check=True)
    assert run.stdout == "False\n"
