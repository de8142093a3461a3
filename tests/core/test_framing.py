"""Chunks in, whole lines out: the same lines for every way to cut a stream."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stitcher.core.framing import LineFramer, SyslogFramer

STREAM = b"type=A one\n\nnode=b two\nthree\r\nlast without an end"
COUNTED = b"10 <14>a: one25 <14>b: two\nwith a newline\n8 <14>c: d\n\n7 <14>e: "


def through(framer: LineFramer | SyslogFramer, chunks: list[bytes]) -> bytes:
    blocks = [bytes(block) for chunk in chunks for block in framer.push(chunk)]
    blocks += [bytes(block) for block in framer.flush()]
    assert all(block.endswith(b"\n") for block in blocks)
    return b"".join(blocks)


def cut(data: bytes, at: list[int]) -> list[bytes]:
    points = [0, *sorted(point % (len(data) + 1) for point in at), len(data)]
    return [data[start:end] for start, end in pairwise(points)]


@pytest.mark.parametrize("at", range(len(STREAM) + 1))
def test_a_line_split_anywhere_comes_out_whole(at: int) -> None:
    assert through(LineFramer(100), [STREAM[:at], STREAM[at:]]) == STREAM + b"\n"


@pytest.mark.parametrize("at", range(len(COUNTED) + 1))
def test_a_counted_message_split_anywhere_comes_out_whole(at: int) -> None:
    want = b"<14>a: one\n<14>b: two with a newline\n<14>c: d\n<14>e: \n"
    assert through(SyslogFramer(100), [COUNTED[:at], COUNTED[at:]]) == want


def test_whole_lines_of_a_chunk_are_one_block_without_a_copy() -> None:
    framer = LineFramer(100)
    chunk = b"one\ntwo\nthr"
    assert [bytes(block) for block in framer.push(chunk)] == [b"one\ntwo\n"]
    joined, rest = framer.push(b"ee\nfour\n")
    assert joined == b"three\n"
    assert isinstance(rest, memoryview)
    assert bytes(rest) == b"four\n"


@pytest.mark.parametrize("size", [1, 2, 7, 10, 11, 12, 13, 1000])
def test_an_over_long_line_comes_out_once_and_cut(size: int) -> None:
    data = b"short\n" + b"x" * 40 + b"\n" + b"y" * 10 + b"\n" + b"z" * 11 + b"\n" + b"v" * 99
    chunks = [data[at : at + size] for at in range(0, len(data), size)]
    want = [b"short", b"x" * 11, b"y" * 10, b"z" * 11, b"v" * 11]
    assert through(LineFramer(10), chunks).splitlines() == want


def test_what_never_ends_is_never_held() -> None:
    framer = LineFramer(1000)
    out = [bytes(block) for _ in range(1000) for block in framer.push(b"x" * 100_000)]
    assert out == [b"x" * 1001 + b"\n"]
    assert framer.flush() == []
    assert [bytes(block) for block in framer.push(b"next\n")] == [b"next\n"]


@given(
    st.lists(st.binary(max_size=24).map(lambda line: line.replace(b"\n", b"")), max_size=12),
    st.lists(st.integers(min_value=0, max_value=400), max_size=8),
    st.integers(min_value=1, max_value=20),
)
def test_the_way_a_stream_is_cut_does_not_matter(lines: list[bytes], at: list[int], longest: int) -> None:
    data = b"\n".join(lines)
    want = b"".join(line[: longest + 1] + b"\n" for line in data.split(b"\n"))
    want = want if data and not data.endswith(b"\n") else want[:-1]
    assert through(LineFramer(longest), cut(data, at)) == want


@given(
    st.binary(max_size=120),
    st.lists(st.integers(min_value=0, max_value=200), max_size=8),
    st.integers(min_value=1, max_value=20),
)
def test_the_way_a_connection_is_cut_does_not_matter(data: bytes, at: list[int], longest: int) -> None:
    for stream in (data, b"6 <14>ab" + data, b"6 <14>ab12 " + data):
        assert through(SyslogFramer(longest), cut(stream, at)) == through(SyslogFramer(longest), [stream])


@given(st.lists(st.binary(min_size=1, max_size=30), max_size=8), st.lists(st.integers(0, 400), max_size=8))
def test_counted_messages_come_out_as_lines(messages: list[bytes], at: list[int]) -> None:
    messages = [b"<14>" + message.rstrip(b"\r\n") for message in messages]
    data = b"".join(b"%d %s" % (len(message), message) for message in messages)
    want = b"".join(message.replace(b"\n", b" ") + b"\n" for message in messages)
    assert through(SyslogFramer(100), cut(data, at)) == want


@pytest.mark.parametrize(
    "first",
    [
        b"<14>Nov 21 19:30:16 web01 audispd: type=A\n",
        b"2026-11-21T19:30:16+00:00 web01 audispd: type=A\n",
        b"1 2026-11-21T19:30:16+00:00 web01 audispd - - - type=A\n",
        b"17 apples\n",
        b"5\n<14>x\n",
        b'{"message":"x"}\n',
    ],
)
def test_a_line_that_begins_with_a_number_is_no_count(first: bytes) -> None:
    assert through(SyslogFramer(100), [first + b"type=B\n"]) == first + b"type=B\n"


def test_an_over_long_counted_message_comes_out_once_and_cut() -> None:
    data = b"7 <14>one30 <14>" + b"x" * 26 + b"7 <14>two"
    for size in (1, 5, 100):
        chunks = [data[at : at + size] for at in range(0, len(data), size)]
        assert through(SyslogFramer(10), chunks) == b"<14>one\n<14>xxxxxxx\n<14>two\n"


def test_a_connection_that_is_out_of_step_goes_on_by_lines() -> None:
    assert through(SyslogFramer(100), [b"7 <14>one<14>two\n<14>three\n"]) == b"<14>one\n<14>two\n<14>three\n"


def test_a_message_cut_by_the_end_of_a_connection_is_kept() -> None:
    assert through(SyslogFramer(100), [b"20 <14>half\nof"]) == b"<14>half of\n"
