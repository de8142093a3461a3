"""When an event ends, what it says of its end and of what is missing, and which headers are none."""

from typing import Any

import pytest
from corridor import event, events, join

from stitcher.event import Limits


def line(name: str, serial: int = 1, body: str = "a=1") -> str:
    return f"type={name} msg=audit(1750000000.000:{serial}): {body}"


def endings(kernel: Any, *lines: str, limits: Limits | None = None) -> list[tuple[str, bool, int]]:
    found = events(kernel, "\n".join(lines).encode(), limits)
    return [(one["closed_by"], one["complete"], one["count"]) for one in found]


def test_an_event_says_why_it_ended(kernel: Any) -> None:
    assert endings(kernel, line("SYSCALL"), line("PROCTITLE")) == [("proctitle", True, 2)]
    assert endings(kernel, line("SYSCALL"), line("PROCTITLE"), line("EOE")) == [("eoe", True, 2)]
    assert endings(kernel, line("SYSCALL"), line("EOE")) == [("eoe", True, 1)]
    assert endings(kernel, line("SYSCALL")) == [("end", False, 1)]
    assert endings(kernel, line("USER_LOGIN")) == [("single", True, 1)]
    many = Limits(max_event_records=1)
    assert endings(kernel, line("SYSCALL"), line("PATH"), limits=many) == [("limit", False, 1), ("end", False, 1)]


@pytest.mark.parametrize(
    ("name", "alone"),
    [
        ("USER", True), ("LOGIN", False), ("USER_AUTH", True), ("DAEMON_START", True), ("SYSCALL", False),
        ("CONFIG_CHANGE", False), ("SECCOMP", False), ("AVC", False), ("ANOM_ABEND", False), ("INTEGRITY_DATA", False),
        ("KERNEL", True), ("ANOM_LOGIN_FAILURES", True), ("CRYPTO_SESSION", True), ("VIRT_CONTROL", True),
        ("LANDLOCK_DOMAIN", False), ("BRAND_NEW", False), ("2999", True), ("3000", False),
    ],
)  # fmt: skip
def test_types_of_user_space_stand_alone(kernel: Any, name: str, alone: bool) -> None:
    assert endings(kernel, line(name)) == [("single" if alone else "end", alone, 1)]


def test_a_login_belongs_to_its_system_call(kernel: Any) -> None:
    assert endings(kernel, line("LOGIN"), line("SYSCALL"), line("PROCTITLE")) == [("proctitle", True, 3)]


def test_an_end_mark_without_an_event_is_no_event(kernel: Any) -> None:
    joined = join(kernel, [line("EOE").encode()])
    assert joined.groups == []
    assert joined.counts["end_marks"] == 1


def test_fewer_paths_than_the_system_call_says_are_named(kernel: Any) -> None:
    found = event(kernel, line("SYSCALL", body="items=2"), line("PATH", body="item=0"), line("PROCTITLE"))
    assert found["missing"] == ["PATH 1/2"]
    assert found["complete"] is True


def test_the_time_is_the_one_of_the_header(kernel: Any) -> None:
    found = event(kernel, "type=USER msg=audit(1700000000.004:1001): a=1")
    assert (found["id"], found["time"], found["serial"]) == (
        "1700000000.004:1001", "2023-11-14T22:13:20.004Z", 1001,
    )  # fmt: skip


@pytest.mark.parametrize(
    "broken",
    [
        "type=USER msg=audit(1.000): a", "type=USER msg=audit(1.00:1): a", "type=user msg=audit(1.000:1): a",
        "type=USER msg=audit(1.000:4294967296): a", "type= msg=audit(1.000:1): a", "type=USER msg=audit(-1.000:1): a",
        "type=USER  msg=audit(1.000:1): a", "type=USER msg=audit(1.000:1)a", "node=x", "node=x y=1", "type=",
    ],
)  # fmt: skip
def test_a_broken_header_is_counted_and_makes_no_event(kernel: Any, broken: str) -> None:
    joined = join(kernel, [broken.encode()])
    assert joined.groups == []
    assert (joined.counts["rejected"], joined.counts["bad_header"]) == (1, 1)


def test_a_node_name_may_hold_a_space(kernel: Any) -> None:
    assert event(kernel, "node=north quay type=USER msg=audit(1.000:1): a=1")["node"] == "north quay"
