"""Input that means harm: it is counted, it costs no more than its length, and it holds no more memory than it may."""

import json
import os
import random
import subprocess
import sys
import textwrap
import time
from typing import Any, Final

import pytest
from corridor import SAMPLES, event, events, events_of, fields, join, sample, sample_names

from stitcher.core.framing import LineFramer
from stitcher.event import Envelope, Group, Limits
from stitcher.kernel._bounds import MAX_HOSTS
from stitcher.parsers import unwrap

HEAD: Final = b"type=%s msg=audit(1750000000.000:1): "


# --- no crash -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_random_bytes_are_counted_and_nothing_else(kernel: Any, seed: int) -> None:
    data = random.Random(seed).randbytes(300_000)
    joined = join(kernel, [data])
    assert joined.groups == []
    assert joined.counts["lines"] == joined.counts["rejected"] + joined.counts["skipped"]


@pytest.mark.parametrize("seed", range(4))
def test_random_bodies_make_events_that_are_json_and_utf_8(kernel: Any, seed: int) -> None:
    r = random.Random(seed)
    types = (b"SYSCALL", b"EXECVE", b"USER_CMD", b"AVC", b"PROCTITLE", b"SOCKADDR", b"PATH", b"UNKNOWN[1999]")
    rows = [HEAD % r.choice(types) + r.randbytes(r.randrange(200)).replace(b"\n", b" ") for _ in range(500)]
    joined = join(kernel, [b"\n".join(rows)])
    for line in kernel.render(joined.groups).data.splitlines():
        json.loads(line.decode("utf-8"))


def test_samples_with_one_byte_changed_crash_nothing(kernel: Any) -> None:
    r = random.Random(1)
    for name in sample_names():
        data = bytearray(sample(name))
        for _ in range(20):
            data[r.randrange(len(data))] = r.randrange(256)
        joined = join(kernel, [bytes(data)])
        assert joined.counts["lines"] == data.count(b"\n") + (not data.endswith(b"\n"))


def test_samples_cut_short_crash_nothing(kernel: Any) -> None:
    for path in SAMPLES.glob("*.log*"):
        data = path.read_bytes()
        for part in range(1, 8):
            join(kernel, [data[: len(data) * part // 8]])


# --- values that claim too much -----------------------------------------------------------------------------------


def test_a_line_of_sixty_thousand_keys_loses_nothing(kernel: Any) -> None:
    record = fields(kernel, "SYSCALL", b" ".join(b"k%d=%d" % (at, at) for at in range(60_000)))
    kept = len(record["fields"])
    assert kept >= 2300
    assert kept + len(record["text"].split(" ")) == 60_000


def test_a_key_that_repeats_sixty_thousand_times_loses_nothing(kernel: Any) -> None:
    record = fields(kernel, "SYSCALL", b"k=1 " * 60_000)
    assert len(record["fields"]["k"]) + len(record["text"].split(" ")) == 60_000


@pytest.mark.parametrize("index", [65_538, 1_000_000, 4_294_967_295, 18_446_744_073_709_551_616])
def test_an_argument_far_out_makes_no_array_of_that_size(kernel: Any, index: int) -> None:
    record = fields(kernel, "EXECVE", f'argc={index + 1} a0="x" a{index}="y"')
    assert record["fields"]["argv"] == ["x"]
    assert record["fields"][f"a{index}"] in ("y", '"y"')


def test_holes_all_over_an_argv_are_bounded_together(kernel: Any) -> None:
    body = " ".join(f"a{at}=" for at in range(0, 9_000_000, 60_000))
    assert len(fields(kernel, "EXECVE", body)["fields"]["argv"]) < 200_000


@pytest.mark.parametrize("length", ["99999999999999999999", "-1", "0x10", "", "4294967296"])
def test_a_length_that_is_none_is_a_field(kernel: Any, length: str) -> None:
    record = fields(kernel, "EXECVE", f'argc=1 a0_len={length} a0[0]="x"')
    assert record["fields"]["argv"] == ["x"]


@pytest.mark.parametrize(
    "body",
    ['a="', "a='", "a={", 'a="b" c="', "msg='", "msg='a=\"", "msg='a='", '"', "'", "{}", "=", "==", "(", "((((a=1))))",
     'a="b"c', "a='b'c", 'a=""""', "msg=''", "msg='''", "\x1d", "\x1d\x1d", 'UID="', "a=1\x1dUID=", "a=1\x1dUID={",
     "op=", "op=("],
)  # fmt: skip
def test_quotes_that_do_not_close_end_with_the_record(kernel: Any, body: str) -> None:
    for name in ("SYSCALL", "USER_CMD", "AVC", "EXECVE"):
        found = event(kernel, HEAD % name.encode() + body.encode(), (HEAD % b"EOE").decode() + " ")
        assert found["count"] == 1


def test_a_header_in_a_body_is_text(kernel: Any) -> None:
    forged = "type=SYSCALL msg=audit(1.000:7): uid=0 node=evil type=EOE msg=audit(1750000000.000:1): "
    rows = [(HEAD % b"SYSCALL").decode() + f'comm="x" {forged}', (HEAD % b"PATH").decode() + f"name={forged}"]
    found = events(kernel, "\n".join(rows).encode())
    assert [(one["id"], one["count"], one["closed_by"]) for one in found] == [("1750000000.000:1", 2, "end")]


def test_text_behind_a_header_of_syslog_is_no_record(kernel: Any) -> None:
    said = b"Jul 23 19:46:40 kestrel sshd[7]: Invalid user type=USER_LOGIN msg=audit(1.000:7): uid=0 from 192.0.2.1"
    assert join(kernel, [said]).counts["not_audit"] == 1


def test_a_line_feed_in_json_begins_no_second_record(kernel: Any) -> None:
    text = (HEAD % b"USER_CMD").decode() + "msg='x\ntype=USER_LOGIN msg=audit(1.000:7): uid=0'"
    found = events(kernel, json.dumps({"message": text}).encode())
    assert [one["id"] for one in found] == ["1750000000.000:1"]


# --- no more memory than it may -----------------------------------------------------------------------------------

MEMORY: Final = """
    import resource
    from stitcher.pipeline import Stitcher
    from stitcher.event import Limits

    def peak() -> int:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

    stitcher = Stitcher(limits=Limits(max_open_events=2000, max_source_events=2000, max_open_bytes=4_000_000,
                                      max_source_bytes=4_000_000, remember_events=1000))
    first = b"type=USER msg=audit(1.000:1): a=1\\n"
    out = len(stitcher.feed(first))
    before = peak()
    %s
    counts = stitcher.counts()
    print(peak() - before, counts)
"""


def grown(kernel: Any, code: str) -> tuple[int, dict[str, int]]:
    """MiB that the peak of a process rises by while it runs `code`, and its counters."""
    name = "compiled" if kernel.NAME == "compiled" else "reference"
    program = textwrap.dedent(MEMORY) % textwrap.dedent(code)
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"STITCHER_KERNEL": name, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )
    rise, counts = done.stdout.split(" ", 1)
    return int(rise), json.loads(counts.replace("'", '"'))


def test_a_hundred_megabytes_without_a_line_feed_hold_a_few(kernel: Any) -> None:
    rise, counts = grown(kernel, "for _ in range(1600): stitcher.feed(b'x' * 65_536)\nstitcher.feed(b'\\n' + first)")
    assert rise < 24
    assert (counts["too_long"], counts["lines"]) == (1, 3)


def test_a_flood_of_events_that_never_end_holds_what_the_limits_say(kernel: Any) -> None:
    code = """
    for chunk in range(100):
        rows = [b'type=SYSCALL msg=audit(1.000:%d): %s' % (chunk * 1000 + at, b'y' * 400) for at in range(1000)]
        stitcher.feed(b'\\n'.join(rows) + b'\\n')
        events, held = stitcher.held()
        assert events <= 2000 and held <= 4_000_000
    """
    rise, counts = grown(kernel, code)
    assert rise < 48
    assert counts["limit"] == 100_000 - 2000


def test_a_flood_of_hosts_and_types_holds_what_the_limits_say(kernel: Any) -> None:
    code = """
    for chunk in range(40):
        rows = [b'node=h%d type=T%d msg=audit(1.000:%d): a' % (n, n, n) for n in range(chunk * 500, chunk * 500 + 500)]
        stitcher.feed(b'\\n'.join(rows) + b'\\n')
    """
    rise, counts = grown(kernel, code)
    assert rise < 48
    assert counts["records"] == 20_001


def test_one_event_without_end_leaves_in_parts(kernel: Any) -> None:
    limits = Limits(max_event_bytes=10_000)
    rows = [HEAD % b"PATH" + b"item=%d %s" % (at, b"z" * 500) for at in range(200)]
    joined = join(kernel, [b"\n".join(rows)], limits)
    assert max(len(group.message) for group in joined.groups) <= 10_000
    assert sum(group.count for group in joined.groups) == 200


# --- no more time than its length ---------------------------------------------------------------------------------

UNITS: Final = (
    b"a=1 ", b"k%d=%d ", b"a%d=x ", b"a0[%d]=41 ", b"w%d ", b'a="', b'a=" ', b"a=' ", b"a={ ", b"msg='", b"msg=' ",
    b"' ", b"op=", b"op=a ", b"op=a b ", b"op=x (", b"(", b"((a=", b"=", b"a.[]-", b"aaaa", b"AB", b"00", b"\x01",
    b"\x1d", b"#035", b"#035A=1 ", b'#035A="', b'UID="r" ', b"UID={ ", b"\x1dUID=1", b"avc:  denied  { ", b"\xff",
    b"\xe2\x80", b"    ", b"\t", b",", b")", b"a0_len=1 ", b"msg=audit(1.000:1): ", b"type=EOE msg=audit(1.000:1): ",
)  # fmt: skip
SMALL: Final = 12_000
TIMES: Final = 16


def filled(unit: bytes, size: int) -> bytes:
    if b"%d" not in unit:
        return unit * (size // len(unit))
    return b"".join(unit.replace(b"%d", b"%d" % at) for at in range(size // (len(unit) + 4)))


def seconds(kernel: Any, name: bytes, unit: bytes, size: int) -> float:
    """CPU seconds to render one record of about `size` bytes, the best of three."""
    body = filled(unit, size)
    group = Group(1_750_000_000, 0, 1, b"", "end", False, 1, Envelope(), HEAD % name + body)
    best = 60.0
    for _ in range(3):
        began = time.process_time()
        kernel.render([group])
        best = min(best, time.process_time() - began)
    return best


@pytest.mark.parametrize("unit", UNITS, ids=repr)
def test_a_record_costs_no_more_than_its_length(kernel: Any, unit: bytes) -> None:
    """Sixteen times the length: about 16 times the time, where a quadratic step would cost 256 times."""
    for name in (b"SYSCALL", b"EXECVE", b"USER_CMD"):
        small, large = (seconds(kernel, name, unit, size) for size in (SMALL, SMALL * TIMES))
        assert large < small * TIMES * 4 + 0.15, f"{name!r}: {small:.4f} s, then {large:.4f} s"


@pytest.mark.parametrize(
    "unit",
    [
        b"<14>",
        b"a ",
        b"a: ",
        b"[",
        b'[a b="',
        b'{"message":"',
        b"{",
        b"[[",
        b"- ",
        b"type=",
        b"node=",
        b"1 ",
        b"Jul 23 19:46:40 ",
    ],
    ids=repr,
)
def test_a_wrapper_costs_no_more_than_its_length(unit: bytes) -> None:
    times = []
    for size in (SMALL, SMALL * TIMES):
        lines = [filled(unit, size), b"<14>1 " + filled(unit, size), b'{"message": "' + filled(unit, size)]
        best = 60.0
        for _ in range(3):
            began = time.process_time()
            for line in lines:
                unwrap(line)
            best = min(best, time.process_time() - began)
        times.append(best)
    assert times[1] < times[0] * TIMES * 4 + 0.15


def test_many_records_of_one_event_cost_no_more_than_their_number(kernel: Any) -> None:
    def cost(count: int) -> float:
        rows = [HEAD % b"PATH" + b"item=%d" % at for at in range(count)]
        began = time.process_time()
        events_of(kernel, join(kernel, [b"\n".join(rows)]).groups)
        return time.process_time() - began

    small, large = cost(800), cost(800 * TIMES)
    assert large < small * TIMES * 4 + 0.3


def test_many_hosts_with_one_id_cost_no_more_than_their_number(kernel: Any) -> None:
    """Whoever may choose the host name may make all hosts share one id."""

    def cost(count: int) -> float:
        rows = [b"node=h%d type=SYSCALL msg=audit(1.000:1): a=%d" % (at, at) for at in range(count)]
        began = time.process_time()
        join(kernel, [b"\n".join(rows)])
        return time.process_time() - began

    small, large = cost(800), cost(800 * TIMES)
    assert large < small * TIMES * 4 + 0.3


def test_of_too_many_hosts_with_one_id_the_first_leaves(kernel: Any) -> None:
    rows = [b"node=h%d type=SYSCALL msg=audit(1.000:1): a=1" % at for at in range(MAX_HOSTS + 2)]
    joined = join(kernel, [b"\n".join([*rows, rows[0], rows[-1]])])
    assert [(group.node, group.late) for group in joined.groups if group.closed_by == "limit"] == [
        (b"h0", False), (b"h1", False), (b"h2", False),
    ]  # fmt: skip
    assert [group.node for group in joined.groups if group.closed_by == "end"] == [
        *(b"h%d" % at for at in range(3, MAX_HOSTS + 2)), b"h0",
    ]  # fmt: skip
    assert (joined.counts["limit"], joined.counts["late"], joined.counts["duplicates"]) == (3, 0, 1)


def test_small_pieces_of_a_long_line_cost_no_more_than_their_number() -> None:
    def cost(count: int) -> float:
        framer = LineFramer(1_048_576)
        began = time.process_time()
        for _ in range(count):
            framer.push(b"x")
        return time.process_time() - began

    assert cost(20_000 * TIMES) < cost(20_000) * TIMES * 4 + 0.3
