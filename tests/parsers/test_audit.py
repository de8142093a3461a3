"""The parse method `audit`: the fields of a line, or the counter that the kernel has for it."""

from typing import Any

import pytest
from corridor import sample_names
from kernel_inputs import sample_lines

from stitcher.event import Limits
from stitcher.kernel import aggregate
from stitcher.kernel._reference import Joiner
from stitcher.parsers import unwrap
from stitcher.parsers.audit import FIELDS, Options, make, names, parse_audit

RECORD = b'type=CWD msg=audit(1700000000.004:1001): cwd="/"'
HEADER = {"id": "1700000000.004:1001", "time_ms": 1_700_000_000_004, "serial": 1001, "type": "CWD"}


@pytest.mark.parametrize(
    ("line", "more"),
    [
        (RECORD, {}),
        (RECORD + b" \r\0", {}),
        (b"node=web01 " + RECORD, {"node": "web01"}),
        (b"host=web01 " + RECORD, {"host": "web01"}),
        (
            b"Nov 14 22:13:20 web01 audispd[8]: " + RECORD,
            {"host": "web01", "time": "Nov 14 22:13:20", "program": "audispd"},
        ),
        (b"node=caf\xe9 " + RECORD, {"node": "caf\uefe9"}),
    ],
)
def test_a_line_gives_its_header_its_record_and_its_envelope(line: bytes, more: dict[str, Any]) -> None:
    assert parse_audit(line) == HEADER | {"payload": RECORD.decode()} | more
    assert parse_audit(line, b"192.0.2.7") == HEADER | {"payload": RECORD.decode(), "peer": "192.0.2.7"} | more


@pytest.mark.parametrize(
    ("name", "end"),
    [("1320", "eoe"), ("PROCTITLE", "proctitle"), ("USER_LOGIN", "single"), ("LOGIN", None), ("X", None)],
)
def test_a_record_may_be_an_end(name: str, end: str | None) -> None:
    fields = parse_audit(RECORD.replace(b"CWD", name.encode()))
    assert isinstance(fields, dict)
    assert fields.get("end") == end


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"", "skipped"),
        (b"----", "skipped"),
        (b"hello", "not_audit"),
        (b"type=CWD msg=audit(1.000): x", "bad_header"),
        (b"node=" + b"x" * 300 + b" " + RECORD, "bad_header"),
        (b'{"message": broken', "bad_json"),
    ],
)
def test_a_line_without_a_record_gives_the_kernels_counter(line: bytes, reason: str) -> None:
    assert parse_audit(line) == reason


def test_an_event_that_was_joined_elsewhere_is_none_of_lap_1() -> None:
    joiner = Joiner(Limits(), unwrap)
    joiner.source()
    joiner.feed(RECORD, 0, 0.0)
    assert parse_audit(aggregate(joiner.close())) == "aggregated"


def test_every_line_of_the_samples_gives_fields_that_are_named() -> None:
    assert sample_names()
    parse = make(Options())
    for line in sample_lines():
        fields = parse_audit(line)
        assert isinstance(fields, str) or fields.keys() <= set(FIELDS) == set(names(Options()))
        if line.isascii():
            assert parse(line.decode()) == fields


def test_half_of_a_pair_of_surrogates_is_no_record() -> None:
    assert make(Options())("type=CWD \ud800") == "not_audit"
