"""The two kernels give the same answer for every input: seeded, bounded, and longer with STITCHER_FUZZ=rounds.

A round is a script of calls (lines fed to several sources, expiry at odd times, the end) with limits so small that
every one of them is met.  After each call both kernels must have given the same groups, counters, bytes held, deadline
and rejected lines, and must render and aggregate those groups to the same bytes.
"""

import os
import time
import zlib
from collections.abc import Iterator, Sequence
from importlib import import_module
from random import Random
from typing import Any, Final

import pytest
from kernel_inputs import blob, line, record, sample_lines, short_line

from stitcher.event import CLOSED_BY, Envelope, Group, Limits, Unwrapped
from stitcher.kernel import _reference as reference
from stitcher.kernel._bounds import MAX_HOSTS

try:
    compiled: Any = import_module("stitcher.kernel._compiled")
except ImportError:
    compiled = None

pytestmark = pytest.mark.skipif(
    compiled is None, reason="the compiled kernel is not built: python setup.py build_ext --inplace"
)

#: rounds of each test; the default takes some ten seconds on one core
ROUNDS: Final = int(os.environ.get("STITCHER_FUZZ", "200"))
#: without STITCHER_FUZZ a test stops after this many seconds, however slow the machine is
SECONDS: Final = 20.0
SAMPLES: Final = sample_lines()

PATHS: Final = (
    "id", "time", "serial", "node", "complete", "closed_by", "late", "count", "missing", "envelope.host",
    "envelope.time", "envelope.program", "envelope.peer", "records.SYSCALL.fields.exe",
    "records.SYSCALL.interpreted.syscall", "records.SYSCALL.value.uid", "records.SYSCALL.value.a1",
    "records.SYSCALL.fields.comm", "records.SYSCALL.text", "records.*.fields.uid", "records.*.value.uid",
    "records.*[*].value.uid", "records.*[*].text", "records.PATH[*].fields.name", "records.PATH[*].value.mode",
    "records.PATH.fields.name", "records.EXECVE.fields.argv", "records.EXECVE.fields.argc",
    "records.EXECVE.fields.a0", "records.PROCTITLE.interpreted.argv", "records.PROCTITLE.value.proctitle",
    "records.SOCKADDR.value.saddr", "records.SOCKADDR.interpreted.saddr", "records.USER_LOGIN.fields.msg",
    "records.USER_LOGIN.fields.msg.acct", "records.USER_CMD.value.msg.res", "records.*[*].fields.msg.op",
    "records.AVC.fields.seperms", "records.AVC[*].value.seresult", "records.*.interpreted.key",
    "records.*[*].interpreted.key", "records.*.fields.a.b", "records.UNKNOWN.text", "records.UNKNOWN[1999].fields.x",
    "records.NOTHING.fields.x", "records.PATH[*].interpreted.path", "records.PATH.value.resolution",
    "records.SYSCALL|URINGOP.value.items", "records.SYSCALL|UNKNOWN[1999]|NEW[*].fields.x", "records.SOCKADDR",
    "records.PATH[*]", "records.EXECVE", "records.*[*]", "records.UNKNOWN|UNKNOWN[1999][*]", "records.AVC|USER_AVC",
    "records.PATH[*].json", "records.*[*].json", "records.SYSCALL.json", "records.*[*].who",
    "records.URINGOP|SYSCALL.who", "records.SYSCALL.interpreted.subj", "records.MAC_TASK_CONTEXTS",
    "records.TTY|USER_TTY.interpreted.data",
)  # fmt: skip


def rounds() -> Iterator[int]:
    """Seeds, until the rounds or the time are used up."""
    began = time.monotonic()
    for seed in range(ROUNDS):
        if "STITCHER_FUZZ" not in os.environ and time.monotonic() - began > SECONDS:
            return
        yield seed


def unwrap(row: bytes) -> "Unwrapped | Group | str | None":
    """Every kind of answer that a parser may give, decided by the line alone."""
    if row.startswith(b"WRAP "):
        host, _, rest = row[5:].partition(b" ")
        return Unwrapped(Envelope(host, b"Nov 14 22:13:20", b"audispd" if host else b"", b""), rest)
    if row.startswith(b"REJECT "):
        return row.split(b" ")[1].decode()
    if row.startswith(b"GROUP "):
        return group(Random(zlib.crc32(row)))
    return "" if row.startswith(b"--") else None


def group(r: Random) -> Group:
    """A group that came as a Type=2 event: its message may hold anything."""
    rows = [r.choice((record, lambda _: blob(r), lambda _: line(r, SAMPLES)))(r) for _ in range(r.randrange(1, 6))]
    envelope = Envelope(*(r.choice((b"", b"h", b"\xff", "é".encode())) for _ in range(4)))
    return Group(
        r.choice((0, 1, 1_700_000_000, 99_999_999_999)), r.randrange(1000), r.choice((0, 7, 4_294_967_295)),
        r.choice((b"", b"web01", b"\xff\xc3")), r.choice(CLOSED_BY[1:]), r.random() < 0.3, r.randrange(1, 9), envelope,
        b"\n".join(rows),
    )  # fmt: skip


#: for each limit a value that is never met here, and values that are
LIMITS: Final[dict[str, tuple[Any, tuple[Any, ...]]]] = {
    "timeout_seconds": (2.0, (0.0, 0.5, 60.0)),
    "linger_seconds": (0.1, (0, 0.1, 100.0)),
    "distance_lines": (100_000, (0, 1, 5, 30)),
    "late": ("amend", ("drop",)),
    "max_line_bytes": (100_000, (60, 300, 300, 500)),
    "max_event_bytes": (1_000_000, (1, 300, 2000)),
    "max_event_records": (1000, (1, 2, 5)),
    "max_source_events": (1000, (0, 1, 2, 5)),
    "max_source_bytes": (1_000_000, (0, 400, 3000)),
    "max_open_events": (1000, (0, 1, 3, 8)),
    "max_open_bytes": (1_000_000, (0, 600, 5000)),
    "remember_events": (1000, (0, 1, 2, 10)),
}


def limits(r: Random) -> Limits:
    """Limits of which some are met in every round."""
    share = r.choice((0.0, 0.1, 0.3, 0.8))
    return Limits(**{name: r.choice(met) if r.random() < share else loose for name, (loose, met) in LIMITS.items()})


def plain(groups: Sequence[Group]) -> list[Group]:
    """What a kernel answered, read in the ways that a sequence is read."""
    rows = list(groups)
    assert len(groups) == len(rows)
    if rows:
        assert groups[0] == rows[0]
        assert groups[-1] == rows[-1]
    for row in rows:
        assert type(row) is Group
        assert type(row.envelope) is Envelope
    return rows


def same(mine: Any, theirs: Any, what: str) -> None:
    """Equal in value and in type; the message shows the first difference and no more."""
    left, right = repr(mine), repr(theirs)
    if left == right:
        return
    at = next((at for at, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), min(len(left), len(right)))
    near = slice(max(0, at - 200), at + 200)
    pytest.fail(f"{what}: differ at {at}\nreference: …{left[near]}\ncompiled:  …{right[near]}")


def compare_rendering(first: Sequence[Group], second: Sequence[Group], paths: Sequence[str], what: str) -> None:
    """Lap 2 and the Type=2 form of one answer of lap 1: `first` of the reference, `second` of the compiled kernel."""
    mine, theirs = reference.render(first), compiled.render(second)
    if mine.data != theirs.data:
        for one in first:
            same(reference.render([one]).data, compiled.render([one]).data, f"{what}, render of {one!r}")
    same(tuple(mine), tuple(theirs), f"{what}, render of the batch")
    same(reference.aggregate(first), compiled.aggregate(second), f"{what}, aggregate")
    same(reference.render(first, (), True).data, compiled.render(second, (), True).data, f"{what}, render with raw")
    for raw in (False, True) if paths else ():
        mine, theirs = reference.render(first, paths, raw), compiled.render(second, paths, raw)
        same(tuple(mine), tuple(theirs), f"{what}, render with {paths} and raw={raw}")


class Pair:
    """The same calls to a joiner of each kernel."""

    def __init__(self, r: Random, what: str) -> None:
        self.what = what
        keep, bounds = r.random() < 0.7, limits(r)
        self.mine = reference.Joiner(bounds, unwrap, keep)
        self.theirs = compiled.Joiner(bounds, unwrap, keep)
        self.kept: list[tuple[Sequence[Group], Sequence[Group]]] = []
        self.sources = 0
        for _ in range(r.randrange(1, 4)):
            self.call("source", r.choice((b"", b"10.0.0.9", b"peer\xff")), r.choice((0.0, 0.0, 0.2, 3.0)))

    def call(self, name: str, *arguments: Any) -> None:
        """One call of both; then everything that can be seen of them must be the same."""
        told = tuple(value for value in arguments if not isinstance(value, bytes | memoryview))
        self.what = f"{self.what.split(' at ')[0]} at {name}{told}"
        mine, theirs = getattr(self.mine, name)(*arguments), getattr(self.theirs, name)(*arguments)
        if name == "source":
            self.sources = mine + 1
            same(mine, theirs, self.what)
        else:
            same(plain(mine), plain(theirs), self.what)
            self.kept.append((mine, theirs))
        same(self.mine.counts(), self.theirs.counts(), f"{self.what}, counts")
        same(self.mine.held(), self.theirs.held(), f"{self.what}, held")
        same(self.mine.next_deadline(), self.theirs.next_deadline(), f"{self.what}, next_deadline")

    def render(self, r: Random) -> None:
        """Render answers that may be several calls old."""
        for mine, theirs in self.kept:
            compare_rendering(mine, theirs, r.sample(PATHS, r.choice((0, 1, 3, 12))), self.what)
        self.kept.clear()


def chunk(r: Random, rows: int) -> "bytes | memoryview":
    """Whole lines, some of them exact repeats; the last LF may be missing."""
    lines: list[bytes] = []
    for _ in range(rows):
        lines.append(r.choice(lines) if lines and r.random() < 0.05 else line(r, SAMPLES))
    data = b"\n".join(lines) + r.choice((b"\n", b"\n", b"", b"\n\n"))
    return memoryview(data) if r.random() < 0.2 else data


def test_random_scripts_give_the_same_in_both_kernels() -> None:
    for seed in rounds():
        r = Random(seed)
        pair = Pair(r, f"seed {seed}")
        now = 0.0
        for _ in range(r.randrange(1, 25)):
            now += r.choice((0.0, 0.0, 0.1, 1.0, 5.0, -3.0))
            pair.call("feed", chunk(r, r.randrange(12)), r.randrange(pair.sources), now)
            if r.random() < 0.4:
                pair.call("expire", now + r.choice((-1.0, 0.0, 0.2, 2.0, 100.0)))
            if r.random() < 0.2:
                same(pair.mine.take_rejected(), pair.theirs.take_rejected(), f"{pair.what}, rejected")
            if r.random() < 0.4:
                pair.render(r)
        pair.call("close")
        same(pair.mine.take_rejected(), pair.theirs.take_rejected(), f"{pair.what}, rejected")
        pair.render(r)
        pair.call("feed", chunk(r, 3), 0, now)
        pair.call("close")


def test_joining_alone_gives_the_same_in_both_kernels() -> None:
    """Records so small and ids so few that hosts with and without a name, ends, repeats and limits meet often."""
    for seed in rounds():
        r = Random(f"joining {seed}")
        pair = Pair(r, f"seed {seed}")
        now = 0.0
        for _ in range(r.randrange(1, 40)):
            now += r.choice((0.0, 0.1, 1.0))
            rows = b"\n".join(short_line(r) for _ in range(r.choice((1, 3, 10))))
            pair.call("feed", rows, r.randrange(pair.sources), now)
            if r.random() < 0.3:
                pair.call("expire", now + r.choice((0.0, 0.2, 3.0)))
        pair.call("close")


def test_more_hosts_of_one_id_than_are_kept_leave_the_same_in_both_kernels() -> None:
    """Some with a name behind node=, some by their envelope, some without any, which are whatever host there is."""
    for seed in range(0, ROUNDS, 10):
        r = Random(f"hosts {seed}")
        pair = Pair(r, f"seed {seed}")
        for at in range(40):
            rows = []
            for row in (short_line(r) for _ in range(30)):
                name = r.choice((b"node=h%d ", b"node=h%d ", b"WRAP h%d ")) % r.randrange(2 * MAX_HOSTS)
                rows.append((name if r.random() < 0.99 else b"") + row[row.index(b"type=") :])
            pair.call("feed", b"\n".join(rows), r.randrange(pair.sources), at * 0.05)
        pair.call("close")


@pytest.mark.parametrize("name", ["max_line_bytes", "max_event_bytes", "max_source_bytes", "max_open_bytes"])
def test_limits_of_bytes_are_met_at_the_same_byte_in_both_kernels(name: str) -> None:
    rows = [b"type=PATH msg=audit(1.000:%d): %s" % (at // 3, b"x" * at) for at in range(12)]
    sums = {sum(len(row) + 1 for row in rows[start:end]) for end in range(1, 13) for start in range(end)}
    for bound in sorted({held + off for held in sums for off in (-2, -1, 0, 1)}):
        answers = []
        for kernel in (reference, compiled):
            joiner = kernel.Joiner(Limits(**{name: bound}), unwrap)
            source = joiner.source()
            groups = [group for row in rows for group in joiner.feed(row + b"\n", source, 0.0)]
            answers.append((groups + list(joiner.close()), joiner.counts()))
        same(*answers, f"{name}={bound}")


def test_random_groups_render_the_same_in_both_kernels() -> None:
    for seed in rounds():
        r = Random(f"groups {seed}")
        groups = [group(r) for _ in range(12)]
        compare_rendering(groups, groups, r.sample(PATHS, 6), f"seed {seed}")


def test_whole_events_of_the_samples_render_the_same_when_their_records_are_shuffled() -> None:
    for seed in rounds():
        r = Random(f"shuffled {seed}")
        rows = r.sample(SAMPLES, min(len(SAMPLES), 40)) if SAMPLES else [record(r) for _ in range(40)]
        groups = [
            Group(1_700_000_000, 4, 9, b"n", "eoe", False, 4, Envelope(), b"\n".join(r.sample(rows, 4)))
            for _ in range(8)
        ]
        compare_rendering(groups, groups, (), f"seed {seed}")


def test_every_prefix_of_a_record_renders_the_same_in_both_kernels() -> None:
    """auditd cuts at 8970 bytes and rsyslog where it likes: in the middle of a token, a quote, a pair of hex digits."""
    for seed in range(0, ROUNDS, 10):
        whole = record(Random(f"prefix {seed}"))
        groups = [Group(1, 2, 3, b"", "end", False, 1, Envelope(), whole[:end]) for end in range(len(whole) + 1)]
        compare_rendering(groups, groups, (), f"seed {seed}")


def test_who_made_a_call_is_the_same_whatever_stands_in_front_of_it() -> None:
    """`who` leaves out what a call has of its own, where nothing else stands there (kernel._paths)."""
    heads = (
        "",
        "arch=c000003e syscall=257 success=no exit=-13 a0=ffffff9c pid=7 ",
        "pid=7 comm=x ",
        "pid=1 pid=2 ",
        "zz=1 ",
    )
    tails = (
        "auid=0 uid=0 comm=6162 key=(null)", "uid=0 auid=0", "auid=1 auid=2 pid=8", "auid=1 a0=3 words", "uid=0",
        'auid=1000 uid=0 comm="a" key=61016A\x1dARCH=x86_64 SYSCALL=openat AUID="mara" UID="root"', 'key=" auid=1"',
        "auid=1 msg='pid=1 auid=2'", "auid=0 per=8 comm=C3A9",
    )  # fmt: skip
    texts = [
        f"type={kind} msg=audit(1.002:{nth}): {head}{tail}".encode()
        for kind in ("SYSCALL", "URINGOP", "USER_LOGIN", "PATH")
        for nth, (head, tail) in enumerate((head, tail) for head in heads for tail in tails)
    ]
    groups = [Group(1, 2, 3, b"", "end", False, 1, Envelope(), text) for text in texts * 2]
    pairs = zip(texts, texts[9:], strict=False)
    groups += [Group(1, 2, 3, b"", "end", False, 2, Envelope(), b"\n".join(pair)) for pair in pairs]
    paths = ("records.*[*].who", "records.SYSCALL|URINGOP[*].who", "records.SYSCALL.who", "records.*[*].json")
    compare_rendering(groups, groups, paths, "who")
    compare_rendering(
        groups, groups, (*paths, "records.SYSCALL.value.pid", "records.SYSCALL.value.comm"), "who and others"
    )


def test_what_is_no_path_is_refused_with_the_same_words() -> None:
    for path in (
        "",
        "nope",
        "records",
        "records.X",
        "records.X.y",
        "envelope.x",
        "id.x",
        "records..fields.a",
        "records.A.text.b",
        "records.A.who.b",
    ):
        answers = []
        for kernel in (reference, compiled):
            try:
                answers.append(kernel.render([], (path,)))
            except ValueError as error:
                answers.append(str(error))
        same(*(repr(answer) for answer in answers), f"path {path!r}")


def test_the_rule_of_an_aggregated_event_may_be_any_text() -> None:
    one = group(Random("rule"))
    for rule in ("audit", "", 'a "b" \\ \x01 é \U0001f600'):
        same(reference.aggregate([one], rule), compiled.aggregate([one], rule), f"rule {rule!r}")


def test_sizes_that_do_not_fit_a_small_buffer_render_the_same_in_both_kernels() -> None:
    head = b"type=EXECVE msg=audit(1700000000.000:1): argc=3 "
    bodies = (
        b"a0=" + b"41" * 300_000,
        b"a0_len=900000 " + b" ".join(b"a0[%d]=%s" % (at, b"42" * 3000) for at in range(40)),
        b" ".join(b'a%d="x"' % at for at in range(20_000)),
        b" ".join(b'a%d_len=9 a%d[0]="x"' % (at, at) for at in range(40)),
        b" ".join(b"k=%d" % at for at in range(20_000)),
        b" ".join(b"k%d=%d" % (at, at) for at in range(20_000)),
        b" ".join(b"w%d" % at for at in range(60_000)),
        b"msg='" + b" ".join(b"k=%d" % at for at in range(17_000)) + b"'",
        b"\x1d" + b" ".join(b'UID="u%d"' % at for at in range(17_000)),
        b"op=" + b" word" * 50_000,
        b"\xff" * 200_000,
        b"\x01" * 200_000,
        b'"' * 100_000,
        b"(" * 100_000,
        b"a0=" * 50_000,
    )
    for body in bodies:
        groups = [
            Group(1, 2, 3, b"", "end", False, 1, Envelope(), head.replace(b"EXECVE", name) + body)
            for name in (b"EXECVE", b"SYSCALL", b"USER_CMD")
        ]
        compare_rendering(groups, groups, (), repr(body[:40]))
