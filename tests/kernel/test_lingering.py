"""An event that ended stays open for a moment, for what comes behind its end."""

from collections.abc import Iterable
from typing import Any

import pytest

from stitcher.event import Group, Limits
from stitcher.parsers import unwrap

LATER = 60.0


def line(name: str, serial: int = 1, body: str = "a=1", node: str = "") -> bytes:
    prefix = f"node={node} " if node else ""
    return f"{prefix}type={name} msg=audit(1750000000.000:{serial}): {body}\n".encode()


def joiner_of(kernel: Any, limits: Limits | None = None) -> Any:
    """A joiner with one source, number 0."""
    joiner = kernel.Joiner(limits or Limits(), unwrap)
    joiner.source()
    return joiner


def told(groups: Iterable[Group]) -> list[tuple[int, str, int, bool]]:
    """What a group says of its end."""
    return [(group.serial, group.closed_by, group.count, group.late) for group in groups]


def fed(joiner: Any, *lines: bytes, now: float = 0.0, source: int = 0) -> list[tuple[int, str, int, bool]]:
    return told(joiner.feed(b"".join(lines), source, now))


# --- what comes behind the end ------------------------------------------------------------------------------------


@pytest.mark.parametrize("names", [("SYSCALL", "PROCTITLE"), ("USER_LOGIN",)], ids=["proctitle", "alone"])
def test_an_end_mark_behind_the_end_finds_its_event(kernel: Any, names: tuple[str, ...]) -> None:
    joiner = joiner_of(kernel)
    assert fed(joiner, *(line(name) for name in names)) == []
    assert fed(joiner, line("EOE")) == [(1, "eoe", len(names), False)]
    assert joiner.held() == (0, 0)
    assert (joiner.counts()["end_marks"], joiner.counts()["complete"]) == (1, 1)


def test_a_record_behind_the_end_comes_into_its_event(kernel: Any) -> None:
    joiner = joiner_of(kernel)
    assert fed(joiner, line("SYSCALL"), line("PROCTITLE"), line("PATH")) == []
    (group,) = joiner.close()
    assert told([group]) == [(1, "proctitle", 3, False)]
    assert [row.split(b" ")[0] for row in group.message.split(b"\n")] == [
        b"type=SYSCALL", b"type=PROCTITLE", b"type=PATH",
    ]  # fmt: skip
    assert joiner.counts()["late"] == 0


@pytest.mark.parametrize(
    "other",
    [
        line("SYSCALL", 2, node="kestrel"),
        line("SYSCALL", 1, node="osprey"),
        line("SYSCALL", 1, node="kestrel").replace(b".000", b".001"),
        line("EOE", 2, node="kestrel"),
    ],
    ids=["another serial", "another host", "another time", "an end mark"],
)
def test_behind_a_record_of_another_event_it_is_late(kernel: Any, other: bytes) -> None:
    joiner = joiner_of(kernel)
    first, path = (line(name, node="kestrel") for name in ("PROCTITLE", "PATH"))
    assert fed(joiner, first, other) == [(1, "proctitle", 1, False)]
    fed(joiner, path)
    assert (1, "end", 1, True) in told(joiner.close())
    assert joiner.counts()["late"] == 1


def test_a_host_that_is_named_now_and_then_is_no_other(kernel: Any) -> None:
    joiner = joiner_of(kernel)
    assert fed(joiner, line("PROCTITLE", node="kestrel"), line("PATH"), line("EOE")) == [(1, "eoe", 2, False)]


@pytest.mark.parametrize(
    ("end", "closed_by"),
    [([], "single"), (["PROCTITLE"], "proctitle"), (["EOE"], "eoe"), (["PROCTITLE", "EOE"], "eoe")],
    ids=["nothing", "proctitle", "eoe", "both"],
)
def test_a_service_and_the_system_call_that_told_of_it_are_one_event(
    kernel: Any, end: list[str], closed_by: str
) -> None:
    joiner = joiner_of(kernel)
    groups = fed(joiner, *(line(name) for name in ("SERVICE_START", "SYSCALL", "SOCKADDR", *end)))
    groups += told(joiner.close())
    assert groups == [(1, closed_by, 3 + ("PROCTITLE" in end), False)]


@pytest.mark.parametrize(
    "between",
    [b"no record\n", b"type=PATH msg=audit(1.000): x\n", b'{"broken\n', b"\n", b"----\n", line("PROCTITLE")],
    ids=["not_audit", "bad_header", "bad_json", "empty", "separator", "repeat"],
)
def test_what_is_no_record_of_another_event_does_not_end_the_wait(kernel: Any, between: bytes) -> None:
    joiner = joiner_of(kernel)
    assert fed(joiner, line("PROCTITLE"), between, line("PATH"), line("EOE")) == [(1, "eoe", 2, False)]


def test_an_aggregated_event_does_not_end_the_wait(kernel: Any) -> None:
    other = joiner_of(kernel)
    other.feed(line("USER_LOGIN", 2), 0, 0.0)
    aggregated = kernel.aggregate(other.close())
    joiner = joiner_of(kernel)
    assert [serial for serial, *_ in fed(joiner, line("PROCTITLE"), aggregated, line("PATH"))] == [2]
    assert told(joiner.close()) == [(1, "proctitle", 2, False)]


def test_what_is_fed_in_other_calls_is_waited_for_too(kernel: Any) -> None:
    joiner = joiner_of(kernel)
    rows = (line("SYSCALL"), line("PROCTITLE"), line("PATH"), line("EOE"))
    assert [fed(joiner, row) for row in rows] == [[], [], [], [(1, "eoe", 3, False)]]


# --- how long -----------------------------------------------------------------------------------------------------


def test_the_last_event_of_a_quiet_stream_comes_out_when_its_moment_is_over(kernel: Any) -> None:
    joiner = joiner_of(kernel, Limits(linger_seconds=0.25))
    assert fed(joiner, line("SYSCALL"), line("PROCTITLE"), now=100.0) == []
    assert joiner.held()[0] == 1
    assert told(joiner.expire(100.2)) == []
    assert told(joiner.expire(100.25)) == [(1, "proctitle", 2, False)]
    assert joiner.held() == (0, 0)
    assert joiner.counts()["timeout"] == 0


def test_a_straggler_does_not_prolong_the_wait(kernel: Any) -> None:
    joiner = joiner_of(kernel, Limits(linger_seconds=0.5))
    fed(joiner, line("PROCTITLE"), now=100.0)
    fed(joiner, line("PATH"), now=100.25)
    assert joiner.next_deadline() == 100.5
    assert told(joiner.expire(100.5)) == [(1, "proctitle", 2, False)]


def test_the_deadline_is_that_of_whatever_is_over_first(kernel: Any) -> None:
    joiner = joiner_of(kernel, Limits(timeout_seconds=2.0, linger_seconds=0.5))
    assert joiner.next_deadline() is None
    fed(joiner, line("SYSCALL", 1), now=100.0)
    assert joiner.next_deadline() == 102.0
    fed(joiner, line("USER_LOGIN", 2), now=101.0)
    assert joiner.next_deadline() == 101.5
    assert told(joiner.expire(101.5)) == [(2, "single", 1, False)]
    assert joiner.next_deadline() == 102.0
    fed(joiner, line("USER_LOGIN", 3), now=101.75)
    assert joiner.next_deadline() == 102.0
    assert told(joiner.expire(LATER + 102.0)) == [(3, "single", 1, False), (1, "timeout", 1, False)]
    assert joiner.next_deadline() is None


def test_without_lingering_an_end_closes_at_once(kernel: Any) -> None:
    joiner = joiner_of(kernel, Limits(linger_seconds=0))
    assert fed(joiner, line("SYSCALL"), line("PROCTITLE")) == [(1, "proctitle", 2, False)]
    assert fed(joiner, line("USER_LOGIN", 2)) == [(2, "single", 1, False)]
    assert fed(joiner, line("EOE", 2), line("EOE", 1), line("PATH", 1)) == []
    assert joiner.next_deadline() == 2.0
    assert told(joiner.close()) == [(1, "end", 1, True)]
    assert joiner.counts()["end_marks"] == 2


def test_what_lingers_at_the_end_of_the_input_keeps_its_mark(kernel: Any) -> None:
    joiner = joiner_of(kernel)
    fed(joiner, line("SYSCALL", 1), line("SERVICE_START", 2))
    assert told(joiner.close()) == [(2, "single", 1, False), (1, "end", 1, False)]


# --- several sources, and limits ----------------------------------------------------------------------------------


def test_two_sources_linger_apart(kernel: Any) -> None:
    joiner = joiner_of(kernel, Limits(linger_seconds=0.5))
    other = joiner.source(b"192.0.2.2")
    assert fed(joiner, line("PROCTITLE", 1), now=100.0) == []
    assert fed(joiner, line("PROCTITLE", 2), now=100.25, source=other) == []
    assert fed(joiner, line("PATH", 1), now=100.25) == []
    assert fed(joiner, line("SYSCALL", 3), now=100.25, source=other) == [(2, "proctitle", 1, False)]
    assert fed(joiner, line("PROCTITLE", 3), now=100.25, source=other) == []
    assert told(joiner.expire(100.5)) == [(1, "proctitle", 2, False)]
    assert joiner.next_deadline() == 100.75
    assert fed(joiner, line("EOE", 3), now=100.5, source=other) == [(3, "eoe", 2, False)]


def test_where_lines_may_overtake_the_grace_is_waited_and_nothing_else(kernel: Any) -> None:
    joiner = kernel.Joiner(Limits(linger_seconds=0.1), unwrap)
    source = joiner.source(b"192.0.2.1", 0.5)
    assert fed(joiner, line("USER_LOGIN", 1), now=100.0, source=source) == [(1, "single", 1, False)]
    rows = (line("PROCTITLE", 2), line("SYSCALL", 3), line("EOE", 2), line("PATH", 2))
    assert fed(joiner, *rows, now=100.0, source=source) == []
    assert joiner.next_deadline() == 100.5
    assert told(joiner.expire(100.5)) == [(2, "proctitle", 2, False)]


def test_an_event_that_lingers_is_not_held_up_by_the_grace_of_another_source(kernel: Any) -> None:
    joiner = joiner_of(kernel, Limits(linger_seconds=0.25))
    overtaking = joiner.source(b"192.0.2.1", 3.0)
    fed(joiner, line("PROCTITLE", 1), now=100.0, source=overtaking)
    fed(joiner, line("PROCTITLE", 2), now=100.0)
    assert joiner.next_deadline() == 100.25
    assert told(joiner.expire(100.25)) == [(2, "proctitle", 1, False)]
    assert told(joiner.expire(103.0)) == [(1, "proctitle", 1, False)]


@pytest.mark.parametrize(
    "limits",
    [Limits(max_event_records=3), Limits(max_event_bytes=3 * len(line("PATH", body="item=0")))],
    ids=["max_event_records", "max_event_bytes"],
)
def test_stragglers_too_are_bounded(kernel: Any, limits: Limits) -> None:
    joiner = joiner_of(kernel, limits)
    rows = [line("USER", body="i=0"), *(line("PATH", body=f"item={at}") for at in range(5))]
    assert fed(joiner, *rows) == [(1, "limit", 3, False)]
    assert told(joiner.close()) == [(1, "end", 3, True)]
