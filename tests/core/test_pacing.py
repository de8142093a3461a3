"""What must hold of a replay's plan: pauses, headers, frames and lines, in numbers."""

import pytest

from stitcher.core.pacing import Batch, LineCutter, Pacer, frame, wrap


def line(when: str, word: str = "") -> bytes:
    return f"type=CWD msg=audit({when}:1): {word}".encode()


def plan(speed: float | None, max_wait: float, *lines: bytes) -> list[tuple[float, int]]:
    """(due, how many lines) of each batch."""
    return [(round(batch.due, 6), len(batch.lines)) for batch in Pacer(speed, max_wait).push(lines)]


@pytest.mark.parametrize(("speed", "dues"), [(1.0, [0, 1.5, 3.5]), (10.0, [0, 0.15, 0.35]), (0.5, [0, 3, 7])])
def test_pauses_are_those_of_the_records_divided_by_the_speed(speed: float, dues: list[float]) -> None:
    lines = line("100.000"), line("101.500"), line("103.500")
    assert plan(speed, 60, *lines) == [(due, 1) for due in dues]


def test_without_a_speed_all_is_due_at_once() -> None:
    assert {due for due, _ in plan(None, 60, line("100.000"), line("200.000"))} == {0.0}


def test_a_pause_has_a_bound() -> None:
    assert plan(1.0, 5.0, line("100.000"), line("900.000"), line("901.000")) == [(0, 1), (5, 1), (6, 1)]


def test_a_line_without_a_time_goes_with_the_one_before() -> None:
    assert plan(1.0, 60, b"# first", line("100.000"), b"----", line("101.000"), b"") == [(0, 1), (0, 2), (1, 2)]


def test_records_that_are_a_little_older_wait_for_nothing_and_cost_nothing() -> None:
    assert plan(1.0, 5.0, line("100.000"), line("102.000"), line("101.000"), line("103.000")) == [
        (0, 1),
        (2, 2),
        (3, 1),
    ]


def test_another_log_begins_at_once_and_keeps_its_own_pace() -> None:
    assert plan(1.0, 5.0, line("900.000"), line("100.000"), line("101.000")) == [(0, 1), (0, 1), (1, 1)]


def test_the_plan_does_not_depend_on_how_lines_are_handed_in() -> None:
    lines = [line("100.000"), line("100.000"), line("101.000"), b"x", line("102.000")]
    pacer = Pacer(1.0, 5.0)
    batches = [batch for one in lines for batch in pacer.push([one])]
    assert [(batch.due, batch.lines[0]) for batch in batches] == [
        (batch.due, each) for batch in Pacer(1.0, 5.0).push(lines) for each in batch.lines
    ]


def test_a_batch_has_the_time_of_its_records() -> None:
    assert list(Pacer(1.0, 5.0).push([line("100.250")])) == [Batch(0.0, 100.25, [line("100.250")])]


@pytest.mark.parametrize(
    ("syslog", "expected"),
    [
        ("none", b"type=X"),
        ("rfc3164", b"<14>Nov 14 22:13:20 web01 audispd: type=X"),
        ("rfc5424", b"<14>1 2023-11-14T22:13:20.004Z web01 audispd - - - type=X"),
    ],
)
def test_headers(syslog: str, expected: bytes) -> None:
    assert wrap(b"type=X", 1700000000.004, syslog, b"web01") == expected  # type: ignore[arg-type]


def test_a_day_of_one_digit_is_padded() -> None:
    assert wrap(b"x", 1701388800.0, "rfc3164", b"h") == b"<14>Dec  1 00:00:00 h audispd: x"


def test_frames() -> None:
    assert frame(b"abc", "lf") == b"abc\n"
    assert frame(b"abc", "octet") == b"3 abc"


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_lines_come_out_however_they_are_cut(size: int) -> None:
    data = b"one\n\ntwo\nthree"
    cutter = LineCutter()
    lines = [found for at in range(0, len(data), size) for found in cutter.push(data[at : at + size])]
    assert lines + cutter.finish() == [b"one", b"", b"two", b"three"]
    assert cutter.finish() == []
