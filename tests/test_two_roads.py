"""The audit rule in the generic path makes the events that the kernel makes, of every sample and of what is hostile.

After each call both roads must have given the same Type=2 events (ID, Message, Extra and all), and must hold as many
groups and bytes, wait for the same moment, and count the same.
"""

from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest
from corridor import sample, sample_names
from kernel_inputs import line, sample_lines, short_line
from roads import Roads, audit_rule
from test_kernels_equal import limits as random_limits
from test_kernels_equal import rounds

from stitcher import resources
from stitcher.config.aggregation import AggregationRule, kernel_limits
from stitcher.event import Limits
from stitcher.kernel import _reference as reference
from stitcher.kernel._bounds import MAX_HOSTS
from stitcher.kernel._header import LABEL_TYPES, record_type

LIVE: Final = Path(__file__).resolve().parent.parent.parent / "shared" / "corpora" / "live"
#: forms of line by form of line; what is whole and large would add nothing but time
SLICES: Final = (
    "raw-slice.log",
    "enriched-slice.log",
    "blocking-syscalls.log",
    "lossy.log",
    "plugin-raw-slice.stream",
    "syslog-rfc3164-slice.log",
    "syslog-rfc5424-slice.log",
    "kernel-printk-rfc3164.log",
    "kernel-printk-iso8601.log",
    "journald-slice.json",
    "dmesg.txt",
)
SAMPLES: Final = sample_lines()


def roads(kernel: Any = reference, what: str = "", **limits: Any) -> Roads:
    """Both, with one source."""
    both = Roads(kernel, Limits(**limits), what)
    both.source()
    return both


def record(name: str, serial: int = 1, body: str = "a=1", node: str = "") -> bytes:
    return f"{f'node={node} ' if node else ''}type={name} msg=audit(1750000000.000:{serial}): {body}\n".encode()


def closed(events: list[dict[str, Any]]) -> list[tuple[str, str, int]]:
    """Serial, reason and count of each."""
    return [(one["ExternalID"].partition(":")[2], one["Extra"]["closed_by"], one["BaseEventCount"]) for one in events]


@pytest.mark.parametrize("name", sample_names())
def test_a_sample_gives_the_same_events_on_both_roads(kernel: Any, name: str) -> None:
    both = roads(kernel, name)
    both.feed(sample(name))
    both.close()
    assert both.events


@pytest.mark.parametrize("name", SLICES)
def test_a_real_log_gives_the_same_events_on_both_roads(name: str) -> None:
    if not (LIVE / name).is_file():
        pytest.skip(f"no ../shared/corpora/live/{name} beside the checkout")
    both = roads(reference, name)
    both.feed((LIVE / name).read_bytes())
    both.close()
    assert both.events


def test_the_samples_come_twice_and_from_two_sources() -> None:
    """Repeats, late records, and the same ids on another source."""
    both = roads()
    both.source(b"192.0.2.7")
    for name in sample_names():
        rows = sample(name)
        for source in (0, 1, 0):
            both.feed(rows, source)
    both.close()
    counts = both.joiner.counts()
    assert counts["duplicates"]
    assert counts["late"]


def test_records_of_several_events_in_turn_find_their_events() -> None:
    both = roads()
    both.feed(b"".join(record(name, serial) for name in ("SYSCALL", "PATH", "PROCTITLE") for serial in range(5)))
    both.close()
    assert closed(both.events) == [(str(serial), "proctitle", 3) for serial in range(5)]


def test_silence_and_lingering_are_over_at_the_same_moment() -> None:
    both = roads(timeout_seconds=2.0, linger_seconds=0.5)
    both.feed(record("SYSCALL", 1), now=100.0)
    both.feed(record("USER_LOGIN", 2), now=101.0)
    assert both.expire(101.4) == []
    assert closed(both.expire(101.5)) == [("2", "single", 1)]
    assert closed(both.expire(102.0)) == [("1", "timeout", 1)]
    both.feed(record("PATH", 1) + record("EOE", 2), now=103.0)
    (late,) = both.expire(105.0)
    assert late["Extra"] == {"closed_by": "timeout", "late": "true"}


def test_an_end_that_is_lost_ends_an_event_by_distance() -> None:
    both = roads(distance_lines=3)
    both.feed(record("SYSCALL", 1) + b"no record\n" + b"\n" + record("SYSCALL", 2) + record("SYSCALL", 3))
    assert closed(both.events) == [("1", "timeout", 1)]
    both.close()


def test_on_a_source_that_reorders_both_roads_wait_for_what_was_overtaken() -> None:
    both = Roads(reference, Limits(), "")
    both.source(b"192.0.2.1", grace=0.5)
    both.feed(record("PROCTITLE", 1) + record("USER_LOGIN", 2) + record("EOE", 1) + record("PATH", 1), now=10.0)
    assert closed(both.events) == [("2", "single", 1)]
    assert closed(both.expire(10.5)) == [("1", "proctitle", 2)]


def test_a_longer_line_than_may_be_is_no_record_on_either_road() -> None:
    both = roads(max_line_bytes=60)
    both.feed(record("PATH") + record("PATH", body="x" * 60))
    both.close()
    assert closed(both.events) == [("1", "end", 1)]


def wrapped(row: bytes) -> bytes:
    """The lines of the kernels' test in wrappers that real parsers know."""
    if row.startswith(b"WRAP "):
        host, _, rest = row[5:].partition(b" ")
        return b"Jul  3 19:46:41 %s audispd: %s" % (host or b"h9", rest)
    return b"" if row.startswith((b"GROUP", b"REJECT")) else row


def with_labels(r: Random) -> bytes:
    """Records of labels: the same one may come several times in an event."""
    name = r.choice((b"PATH", b"MAC_OBJ_CONTEXTS", b"1420", b"UNKNOWN[1425]"))
    return wrapped(short_line(r).replace(b"type=PATH", b"type=" + name))


KINDS: Final[dict[str, Callable[[Random], bytes]]] = {
    "short": lambda r: wrapped(short_line(r)),
    "labels": with_labels,
    "any": lambda r: wrapped(line(r, SAMPLES)),
}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_hostile_lines_and_tiny_limits_give_the_same_events_on_both_roads(kind: str) -> None:
    for seed in rounds():
        r = Random(f"{kind} {seed}")
        both = Roads(reference, random_limits(r), f"{kind} {seed}")
        sources = r.randrange(1, 4)
        for _ in range(sources):
            both.source(r.choice((b"", b"10.0.0.9", b"peer\xff")), r.choice((0.0, 0.0, 0.2, 3.0)))
        now = 0.0
        for _ in range(r.randrange(1, 40)):
            now += r.choice((0.0, 0.1, 1.0))
            rows = b"\n".join(KINDS[kind](r) for _ in range(r.choice((1, 3, 10))))
            both.feed(rows, r.randrange(sources), now)
            if r.random() < 0.3:
                both.expire(now + r.choice((0.0, 0.2, 3.0)))
        both.close()


def test_more_hosts_of_one_id_than_are_kept_leave_the_same_on_both_roads() -> None:
    for seed in range(5):
        r = Random(f"hosts {seed}")
        both = roads(what=f"hosts {seed}", remember_events=r.choice((10, 1000)))
        for at in range(30):
            rows = []
            for row in (short_line(r) for _ in range(30)):
                name = r.choice((b"node=h%d ", b"node=h%d ", b"WRAP h%d ")) % r.randrange(2 * MAX_HOSTS)
                rows.append(wrapped((name if r.random() < 0.99 else b"") + row[row.index(b"type=") :]))
            both.feed(b"\n".join(rows), now=at * 0.05)
        both.close()


@pytest.mark.parametrize("name", ["max_event_bytes", "max_source_bytes", "max_open_bytes"])
@pytest.mark.parametrize("letter", [b"x", b"\xff", "é".encode(), b"\xee\xbe\x80"], ids=["ascii", "byte", "é", "U+EF80"])
def test_limits_of_bytes_are_met_at_the_same_byte_on_both_roads(name: str, letter: bytes) -> None:
    rows = [b"type=PATH msg=audit(1.000:%d): %s" % (at // 3, letter * at) for at in range(9)]
    sums = {sum(len(row) + 1 for row in rows[start:end]) for end in range(1, 10) for start in range(end)}
    for bound in sorted({held + off for held in sums for off in (-1, 0, 1)}):
        both = roads(what=f"{name}={bound}", **{name: bound})
        both.feed(b"\n".join(rows))
        both.close()


def test_the_shipped_rule_is_what_the_kernel_does() -> None:
    assert kernel_limits(audit_rule()) == resources.limits() == Limits()


def test_the_labels_of_the_rule_are_those_of_the_kernel() -> None:
    names = {record_type(str(number).encode())[1] for number in LABEL_TYPES}
    assert set(resources.JOIN["repeats_in_place"]["value"]) == names


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"separator": ","}, "separator is ',', and the kernel joins with '\\n'"),
        ({"threshold": 100}, "threshold is 100, and the kernel joins with None"),
        ({"unique": ("DeviceEventClassID",)}, "unique is ('DeviceEventClassID',), and the kernel joins with ()"),
        ({"filter": None}, "filter is another"),
    ],
)
def test_a_rule_that_the_kernel_does_not_do_says_why(change: dict[str, Any], reason: str) -> None:
    assert kernel_limits(changed(**change)) == [reason]


def test_a_rule_with_another_name_and_other_bounds_is_the_kernels_too() -> None:
    bounds: dict[str, Any] = {"timeout_seconds": 5.0, "late": "drop", "max_event_records": 9}
    assert kernel_limits(changed(name="mine", **bounds)) == Limits(**bounds)


def changed(**change: Any) -> AggregationRule:
    """The shipped rule with other values."""
    return audit_rule().model_copy(update=change)
