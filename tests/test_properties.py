"""What must hold for every way in which the same records arrive: cut, interleaved, reordered, repeated, late.

Time is a number that the test hands in; nothing sleeps.
"""

import json
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
from corridor import events, events_of, join, sample, sample_names
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stitcher.core.framing import LineFramer
from stitcher.event import Group, Limits
from stitcher.parsers import unwrap

#: a fixture that does not change between examples is all right; CI runs the same examples every time
same_kernel = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, derandomize=True, max_examples=60
)

SECOND = 1_750_000_000
LOOSE = Limits()
#: no wait for stragglers, where a test is not about them; tests/kernel/test_lingering.py is
AT_ONCE = Limits(linger_seconds=0)


def line(name: str, serial: int = 1, body: str = "a=1", seconds: int = SECOND, node: str = "") -> bytes:
    prefix = f"node={node} " if node else ""
    return f"{prefix}type={name} msg=audit({seconds}.000:{serial}): {body}".encode()


def whole(serial: int, node: str = "", seconds: int = SECOND, paths: int = 2) -> list[bytes]:
    """The records of one event, each different from all others, the end mark last."""
    names = ["SYSCALL", "CWD", *["PATH"] * paths, "PROCTITLE"]
    return [line(name, serial, f"item={at} ino={serial}", seconds, node) for at, name in enumerate(names)]


def stream(rows: Sequence[bytes]) -> bytes:
    return b"".join(row + b"\n" for row in rows)


def contents(groups: Sequence[Group]) -> Counter[tuple[Any, ...]]:
    """Who, which and what, with the records as a multiset: what no order of arrival may change."""
    return Counter((g.node, g.seconds, g.serial, g.closed_by, tuple(sorted(g.message.split(b"\n")))) for g in groups)


def merged(draw: st.DrawFn, rows: Sequence[Sequence[bytes]]) -> list[bytes]:
    """The records of several events in one order of many, those of one event in their own order."""
    order = draw(st.permutations([at for at, event in enumerate(rows) for _ in event]))
    left = [iter(event) for event in rows]
    return [next(left[at]) for at in order]


@st.composite
def interleaved(draw: st.DrawFn) -> tuple[list[list[bytes]], list[bytes]]:
    count = draw(st.integers(1, 6))
    rows = [whole(serial, draw(st.sampled_from(["", "", "kestrel", "osprey"]))) for serial in range(count)]
    return rows, merged(draw, rows)


# --- any cut, any order -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sample_names())
def test_a_stream_cut_at_any_point_gives_the_same_events(kernel: Any, name: str) -> None:
    data = sample(name)
    expected = join(kernel, [data])
    step = max(1, len(data) // 150)
    for cut in range(0, len(data) + 1, step):
        assert join(kernel, [data[:cut], data[cut:]]) == expected
    assert join(kernel, [data[at : at + 7] for at in range(0, len(data), 7)]) == expected


@same_kernel
@given(cuts=st.lists(st.integers(0, 4000), max_size=12), rows=interleaved())
def test_a_stream_cut_into_any_pieces_gives_the_same_events(kernel: Any, cuts: list[int], rows: Any) -> None:
    data = stream(rows[1])
    at = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    pieces = [data[start:end] for start, end in pairwise(at)]
    assert join(kernel, pieces) == join(kernel, [data])


@same_kernel
@given(rows=interleaved())
def test_any_interleaving_of_events_gives_the_same_events(kernel: Any, rows: Any) -> None:
    apart, mixed = rows
    straight = join(kernel, [stream([row for event in apart for row in event])])
    found = join(kernel, [stream(mixed)])
    assert Counter(found.groups) == Counter(straight.groups)
    assert len(found.groups) == len(apart)


@same_kernel
@given(order=st.permutations(whole(1, paths=4)[:-1]))
def test_any_order_of_records_before_the_end_mark_gives_the_same_records(kernel: Any, order: list[bytes]) -> None:
    found = join(kernel, [stream([*order, whole(1, paths=4)[-1]])])
    assert contents(found.groups) == contents(join(kernel, [stream(whole(1, paths=4))]).groups)
    records = events_of(kernel, found.groups)[0]["records"]
    assert [record["fields"]["item"] for record in records[:-1]] == [
        row.split(b"item=")[1][:1].decode() for row in order
    ]


@same_kernel
@given(order=st.permutations(whole(1, paths=3)), pause=st.floats(0.0, 0.09))
def test_any_order_at_all_is_whole_where_lines_may_overtake(kernel: Any, order: list[bytes], pause: float) -> None:
    joiner = kernel.Joiner(LOOSE, unwrap)
    source = joiner.source(b"10.0.0.7", 0.5)
    groups: list[Group] = []
    for at, row in enumerate(order):
        groups += joiner.feed(row + b"\n", source, at * pause)
        groups += joiner.expire(at * pause)
    groups += joiner.expire(60.0)
    assert len(groups) == 1
    assert groups[0].closed_by == "proctitle"
    assert sorted(groups[0].message.split(b"\n")) == sorted(order)


def test_execve_pieces_may_come_in_any_order(kernel: Any) -> None:
    bodies = ['argc=3 a0="x" a1_len=8 a1[0]="ab"', 'a1[1]="cd"', 'a1[2]="ef" a1[3]="gh"', 'a2="y"']

    @settings(deadline=None, derandomize=True)
    @given(st.permutations(bodies))
    def check(order: list[str]) -> None:
        rows = [line("EXECVE", 1, body) for body in order] + [line("PROCTITLE", 1, 'proctitle="x"')]
        (event,) = events(kernel, stream(rows))
        assert event["records"][0]["fields"]["argv"] == ["x", "abcdefgh", "y"]
        assert "missing" not in event

    check()


# --- identity -----------------------------------------------------------------------------------------------------


def test_two_nodes_with_one_serial_stay_two_events(kernel: Any) -> None:
    pairs = zip(whole(7, "kestrel"), whole(7, "osprey"), strict=True)
    found = join(kernel, [stream([row for pair in pairs for row in pair])]).groups
    assert [(group.node, group.count) for group in found] == [(b"kestrel", 5), (b"osprey", 5)]


def test_two_sources_with_one_serial_stay_two_events(kernel: Any) -> None:
    joiner = kernel.Joiner(AT_ONCE, unwrap)
    sources = [joiner.source(peer) for peer in (b"192.0.2.1", b"192.0.2.2")]
    groups: list[Group] = []
    for row in whole(7):
        for source in sources:
            groups += joiner.feed(row, source, 0.0)
    assert [(group.node, group.count) for group in groups] == [(b"192.0.2.1", 5), (b"192.0.2.2", 5)]


def test_two_syslog_hosts_with_one_serial_stay_two_events(kernel: Any) -> None:
    hosts = (b"kestrel", b"osprey")
    rows = [b"Jul 23 19:46:40 %s audispd: %s" % (host, row) for row in whole(7) for host in hosts]
    assert [(group.node, group.count) for group in join(kernel, [stream(rows)]).groups] == [(host, 5) for host in hosts]


@same_kernel
@given(st.lists(st.booleans(), min_size=5, max_size=5).filter(any))
def test_lines_of_one_source_with_and_without_node_are_one_event(kernel: Any, named: list[bool]) -> None:
    rows = [whole(7, "kestrel" if has else "")[at] for at, has in enumerate(named)]
    assert [(group.node, group.count) for group in join(kernel, [stream(rows)]).groups] == [(b"kestrel", 5)]


def test_the_same_serial_at_another_time_is_another_event(kernel: Any) -> None:
    found = join(kernel, [stream(whole(7) + whole(7, seconds=SECOND + 9))]).groups
    assert [(group.seconds, group.late) for group in found] == [(SECOND, False), (SECOND + 9, False)]


def test_a_serial_may_wrap(kernel: Any) -> None:
    serials = [4_294_967_294, 4_294_967_295, 0, 1]
    found = join(kernel, [stream([row for serial in serials for row in whole(serial)])])
    assert [(group.serial, group.closed_by, group.count) for group in found.groups] == [
        (s, "proctitle", 5) for s in serials
    ]


@same_kernel
@given(st.lists(st.integers(0, 99_999_999_999), min_size=1, max_size=8, unique=True), st.data())
def test_clocks_of_senders_may_jump_and_change_nothing(kernel: Any, seconds: list[int], data: st.DataObject) -> None:
    rows = merged(data.draw, [whole(1, seconds=second) for second in seconds])  # type: ignore[arg-type]
    found = join(kernel, [stream(rows)])
    assert {(group.seconds, group.closed_by, group.count) for group in found.groups} == {
        (s, "proctitle", 5) for s in seconds
    }
    assert found.counts["timeout"] == 0


def test_a_clock_that_goes_back_closes_nothing_and_holds_nothing_for_ever(kernel: Any) -> None:
    joiner = kernel.Joiner(LOOSE, unwrap)
    source = joiner.source()
    joiner.feed(line("SYSCALL", 1), source, 1000.0)
    assert list(joiner.feed(line("SYSCALL", 2), source, 3.0)) == []
    assert list(joiner.expire(500.0)) == []
    assert [group.serial for group in joiner.expire(1002.0)] == [1, 2]


# --- repeats and what comes late ----------------------------------------------------------------------------------


@same_kernel
@given(st.lists(st.integers(0, 4), min_size=1, max_size=8))
def test_an_exact_repeat_is_dropped_and_counted(kernel: Any, again: list[int]) -> None:
    rows = whole(1)
    found = join(kernel, [stream(rows + [rows[at] for at in again])])
    assert found.groups == join(kernel, [stream(rows)]).groups
    assert found.counts["duplicates"] == len(again)


def test_a_log_that_is_read_twice_gives_its_events_once(kernel: Any) -> None:
    rows = stream([row for serial in range(20) for row in whole(serial)])
    assert join(kernel, [rows, rows]).groups == join(kernel, [rows]).groups


def test_a_late_record_makes_a_second_event_of_the_same_id(kernel: Any) -> None:
    rows = whole(1)
    found = events(kernel, stream([*rows[:2], *rows[3:], rows[2]]), AT_ONCE)
    assert [(event["id"], event.get("late"), event["count"]) for event in found] == [
        (f"{SECOND}.000:1", None, 4),
        (f"{SECOND}.000:1", True, 1),
    ]


def test_a_late_record_may_be_dropped(kernel: Any) -> None:
    rows = whole(1)
    found = join(kernel, [stream([*rows[:2], *rows[3:], rows[2]])], AT_ONCE._replace(late="drop"))
    assert [(group.late, group.count) for group in found.groups] == [(False, 4)]
    assert found.counts["late_dropped"] == 1


def test_a_late_end_mark_is_absorbed(kernel: Any) -> None:
    found = join(kernel, [stream([*whole(1), *whole(2), line("EOE", 1), line("EOE", 1)])])
    assert [(group.serial, group.late) for group in found.groups] == [(1, False), (2, False)]
    assert found.counts["end_marks"] == 2


def test_within_the_grace_nothing_is_late(kernel: Any) -> None:
    joiner = kernel.Joiner(LOOSE, unwrap)
    source = joiner.source(b"", 0.2)
    rows = whole(1)
    joiner.feed(stream([rows[0], rows[-1]]), source, 10.0)
    assert joiner.next_deadline() == pytest.approx(10.2)
    assert list(joiner.feed(stream(rows[1:3]), source, 10.1)) == []
    assert list(joiner.expire(10.19)) == []
    assert [(group.count, group.late, group.closed_by) for group in joiner.expire(10.2)] == [(4, False, "proctitle")]
    assert [(group.count, group.late) for group in [*joiner.feed(rows[3], source, 10.3), *joiner.close()]] == [
        (1, True)
    ]


# --- time ---------------------------------------------------------------------------------------------------------


def test_silence_ends_an_event_by_the_time_of_arrival(kernel: Any) -> None:
    joiner = kernel.Joiner(Limits(timeout_seconds=2.0), unwrap)
    source = joiner.source()
    joiner.feed(line("SYSCALL", 1, seconds=5), source, 100.0)
    joiner.feed(line("SYSCALL", 2, seconds=99_999_999), source, 101.0)
    joiner.feed(line("PATH", 1, seconds=5), source, 101.5)
    assert joiner.next_deadline() == 103.0
    assert list(joiner.expire(102.9)) == []
    assert [(group.serial, group.closed_by, group.count) for group in joiner.expire(103.0)] == [(2, "timeout", 1)]
    assert joiner.next_deadline() == 103.5
    assert [(group.serial, group.closed_by, group.count) for group in joiner.expire(200.0)] == [(1, "timeout", 2)]
    assert joiner.next_deadline() is None
    assert joiner.held() == (0, 0)


def test_without_a_clock_distance_in_lines_ends_an_event(kernel: Any) -> None:
    rows = [line("SYSCALL", 1), *(line("USER", serial) for serial in range(2, 8)), line("PATH", 1)]
    found = join(kernel, [stream(rows)], Limits(distance_lines=4)).groups
    assert [(g.serial, g.closed_by, g.late) for g in found if g.serial == 1] == [
        (1, "timeout", False),
        (1, "end", True),
    ]
    far = join(kernel, [stream(rows)], Limits(distance_lines=0)).groups
    assert [(g.serial, g.closed_by, g.count) for g in far if g.serial == 1] == [(1, "end", 2)]


def test_one_silent_source_does_not_hold_back_another(kernel: Any) -> None:
    joiner = kernel.Joiner(AT_ONCE, unwrap)
    silent, lively = joiner.source(b"a"), joiner.source(b"b")
    joiner.feed(line("SYSCALL", 1), silent, 0.0)
    assert [group.serial for group in joiner.feed(stream(whole(9)), lively, 0.0)] == [9]


# --- limits -------------------------------------------------------------------------------------------------------

OPEN_ONES = [line("SYSCALL", serial, f"pid={serial}") for serial in range(1, 6)]
SIZE = len(OPEN_ONES[0]) + 1


@pytest.mark.parametrize(
    "limits",
    [
        Limits(max_source_events=3),
        Limits(max_open_events=3),
        Limits(max_source_bytes=3 * SIZE),
        Limits(max_open_bytes=3 * SIZE),
    ],
    ids=["max_source_events", "max_open_events", "max_source_bytes", "max_open_bytes"],
)
def test_at_a_limit_the_longest_silent_event_leaves(kernel: Any, limits: Limits) -> None:
    found = join(kernel, [stream(OPEN_ONES)], limits)
    assert [(group.serial, group.closed_by) for group in found.groups] == [
        (1, "limit"), (2, "limit"), (3, "end"), (4, "end"), (5, "end"),
    ]  # fmt: skip
    assert (found.counts["limit"], found.counts["partial"]) == (2, 5)


@pytest.mark.parametrize(
    "limits",
    [Limits(max_event_records=2), Limits(max_event_bytes=2 * 60)],
    ids=["max_event_records", "max_event_bytes"],
)
def test_an_event_that_is_too_big_leaves_in_parts(kernel: Any, limits: Limits) -> None:
    rows = [line("PATH", 1, f"item={at}") for at in range(5)]
    found = join(kernel, [stream(rows)], limits)
    assert [(group.count, group.closed_by, group.late) for group in found.groups] == [
        (2, "limit", False), (2, "limit", True), (1, "end", True),
    ]  # fmt: skip
    assert found.counts["limit"] == 2
    assert [row for group in found.groups for row in group.message.split(b"\n")] == rows


def test_a_line_that_is_too_long_is_rejected_once(kernel: Any) -> None:
    limits = Limits(max_line_bytes=100)
    rows = [line("USER", 1), line("USER", 2, "x" * 5000), line("USER", 3)]
    for size in (1, 7, 100, 101, 4096, 10_000):
        data = stream(rows)
        found = join(kernel, [data[at : at + size] for at in range(0, len(data), size)], limits)
        assert [group.serial for group in found.groups] == [1, 3]
        assert (found.counts["too_long"], found.counts["rejected"], found.counts["lines"]) == (1, 1, 3)


def test_what_was_forgotten_is_no_duplicate_any_more(kernel: Any) -> None:
    limits = Limits(remember_events=1)
    rows = [*whole(1), *whole(2), *whole(3), *whole(1)]
    found = join(kernel, [stream(rows)], limits)
    assert [(group.serial, group.late, group.count) for group in found.groups] == [
        (1, False, 5), (2, False, 5), (3, False, 5), (1, False, 5),
    ]  # fmt: skip


def test_every_line_is_counted_in_one_place(kernel: Any) -> None:
    for name in sample_names():
        counts = join(kernel, [sample(name)]).counts
        assert counts["lines"] == counts["records"] + counts["rejected"] + counts["skipped"] + counts["aggregated"]
        assert counts["rejected"] == sum(counts[why] for why in ("not_audit", "bad_header", "bad_json", "too_long"))
        assert counts["events"] == counts["complete"] + counts["partial"]


# --- the loop -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sample_names())
def test_over_the_wire_and_in_memory_lap_two_gives_the_same_bytes(kernel: Any, name: str) -> None:
    groups = join(kernel, [sample(name)]).groups
    wire = kernel.aggregate(groups)
    again = join(kernel, [wire])
    assert again.counts["aggregated"] == len(groups)
    assert kernel.render(again.groups).data == kernel.render(groups).data
    assert kernel.aggregate(again.groups) == wire


def test_a_type_2_event_says_who_which_and_when(kernel: Any) -> None:
    groups = join(kernel, [stream(whole(7, "kestrel"))]).groups
    event = json.loads(kernel.aggregate(groups))
    assert event["ExternalID"] == f"{SECOND}.000:7"
    assert (event["Type"], event["DeviceHostName"], event["BaseEventCount"]) == (2, "kestrel", 5)
    assert event["StartTime"] == event["EndTime"] == SECOND * 1000
    assert event["Message"].split("\n") == [row.decode().removeprefix("node=kestrel ") for row in whole(7, "kestrel")]


def test_an_event_that_is_read_again_has_the_same_id(kernel: Any) -> None:
    first, second = (json.loads(kernel.aggregate(join(kernel, [stream(whole(7, node))]).groups))["ID"] for node in "ab")
    assert first == json.loads(kernel.aggregate(join(kernel, [stream(whole(7, "a"))]).groups))["ID"]
    assert first != second


def test_the_framing_and_the_joiner_agree_on_the_last_line(kernel: Any) -> None:
    data = stream(whole(1))[:-1]
    framer = LineFramer(1000)
    blocks = [*framer.push(data), *framer.flush()]
    joiner = kernel.Joiner(AT_ONCE, unwrap)
    source = joiner.source()
    groups = [group for block in blocks for group in joiner.feed(block, source, 0.0)]
    assert [(group.count, group.closed_by) for group in groups] == [(5, "proctitle")]
