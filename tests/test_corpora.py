"""Real logs, where they are at hand: every id whole, none split, merged or lost, no record in another's event.

The logs stand beside the checkout, in ../shared/corpora, and are no part of it.  What is expected is read by a reader
of its own, which looks at nothing but the header of each line: for each host and id the records, in their order, exact
repeats once, end marks left out.
"""

import gzip
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from corridor import Joined, events_of, join

import stitcher.kernel
from stitcher.core.framing import LineFramer
from stitcher.event import Limits
from stitcher.parsers import unwrap

CORPORA: Final = Path(__file__).resolve().parent.parent.parent / "shared" / "corpora"
pytestmark = pytest.mark.skipif(not CORPORA.is_dir(), reason="no ../shared/corpora beside the checkout")

Key = tuple[bytes, bytes]

_HEADER: Final = re.compile(
    rb"(?:(?:node|host)=(\S+) )?(type=[A-Z0-9_\[\]]+ (?:msg=)?audit\((\d+\.\d\d\d:\d+)\)(?::| ) ?.*)"
)
_HOST: Final = re.compile(
    rb"(?:<\d+>)?(?:1 )?(?:[A-Z][a-z][a-z] [ \d]\d \d\d:\d\d:\d\d|\d{4}-\d\d-\d\dT\S+) (\S+) "
    rb"(?:\S+ \S+ \S+ - +|\S+ )?(?:\[ *[\d.]+\] )?(?:audit: )?$"
)
_BEFORE: Final = re.compile(rb"(?:audispd: |audit: |\[ *[\d.]+\] (?:audit: )?)?$")

#: logs of live/: the whole runs, read by the kernel in use, and the slices, read by both
WHOLE: Final = sorted(path.name for path in (CORPORA / "live").glob("*.gz") if "journald" not in path.name)
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
    "dmesg.txt",
)
#: logs of public/ whose ids have later parts by nature, and why
ODD: Final = {
    "ait-aminer/audispd_samples.log": "one made-up id for lines of many types that stand alone",
    "wazuh-ruleset/samples.log": "one made-up id for lines of many types that stand alone",
}


#: what is rejected of real logs, and why it is no record: docs/lines.md
NO_RECORD: Final = {
    "the kernel about lost records": rb"(?:.* )?(?:audit: (?:backlog limit exceeded|audit_(?:backlog|lost)=.*)|"
    rb"(?:kauditd_printk_skb|audit_printk_skb): \d+ callbacks suppressed)",
    "audisp-syslog about itself": rb".* syslog plugin initialized with facility \d+ and priority \d+",
    "journalctl -o short, without an id": rb"(?:\S+|[A-Z][a-z][a-z] +\d+ [\d:]+) \S+ audit(?:\[\d+\])?: "
    rb"[A-Z_0-9]+(?:\[\d+\])?(?: .*)?",
    "journalctl -o export": rb"[A-Z_][A-Z0-9_]*(?:=.*)?|.*",
    "damaged": rb"type=UNKNOWN\[1329\] msg=\?",
    "comments": rb"#.*",
}
#: the only logs where that is so
ONLY: Final = {
    "journalctl -o short, without an id": {"journald-short-iso.txt", "forwarded-and-printk.log"},
    "journalctl -o export": {"journald-slice.export"},
    "comments": {path.name for path in (CORPORA / "public" / "laurel").glob("*.txt")},
}


def read(*paths: Path) -> bytes:
    return b"".join(gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes() for path in paths)


def records(data: bytes) -> Iterator[tuple[Key, bytes]]:
    """(host, id) and the text of each record whose line begins with a header, or with a wrapper that we know."""
    for row in data.split(b"\n"):
        row = row.rstrip(b" \r\0")
        found = _HEADER.search(row)
        if found is None:
            continue
        before = row[: found.start()]
        host = _HOST.match(before)
        if host is None and not _BEFORE.match(before):
            continue
        yield (found[1] or (host[1] if host else b""), found[3]), found[2]


def expected(rows: Iterator[tuple[Key, bytes]]) -> dict[Key, list[bytes]]:
    wanted: dict[Key, list[bytes]] = defaultdict(list)
    for key, record in rows:
        if record.startswith((b"type=EOE ", b"type=1320 ")) or record in wanted[key]:
            wanted[key] = wanted[key] or []
            continue
        wanted[key].append(record)
    return {key: rows for key, rows in wanted.items() if rows}


def check(joined: Joined, wanted: dict[Key, list[bytes]], late: bool = False) -> None:
    """Groups and expectation are the same, record for record; `late`: an id may have later parts."""
    found: dict[Key, list[bytes]] = {}
    for group in joined.groups:
        key = group.node, b"%d.%03d:%d" % (group.seconds, group.milliseconds, group.serial)
        assert group.late or key not in found, f"{key} is split"
        assert late or not group.late, f"{key} has a late part"
        found.setdefault(key, []).extend(group.message.split(b"\n"))
    assert found.keys() - wanted.keys() == set()
    assert wanted.keys() - found.keys() == set()
    for key, rows in wanted.items():
        assert found[key] == rows, key


def check_events(kernel: Any, joined: Joined) -> None:
    """Lap 2 has a record for each, EXECVE together, and its own idea of none of the names."""
    for group, event in zip(joined.groups, events_of(kernel, joined.groups), strict=True):
        written = [row[5 : row.index(b" ")].decode() for row in group.message.split(b"\n")]
        kept = [name for at, name in enumerate(written) if name not in ("EXECVE", "1309") or name not in written[:at]]
        names = [record["type"] for record in event["records"]]
        assert len(names) == len(kept)
        assert all(a == b or b.isdigit() or b.startswith("UNKNOWN[") for a, b in zip(names, kept, strict=True))
        assert event["count"] == len(written)


@pytest.mark.parametrize("name", SLICES)
def test_every_id_of_a_slice_is_whole(kernel: Any, name: str) -> None:
    data = read(CORPORA / "live" / name)
    joined = join(kernel, [data])
    check(joined, expected(records(data)))
    check_events(kernel, joined)


@pytest.mark.parametrize("name", WHOLE)
def test_every_id_of_a_run_is_whole(name: str) -> None:
    data = read(CORPORA / "live" / name)
    joined = join(stitcher.kernel, [data])
    check(joined, expected(records(data)))
    check_events(stitcher.kernel, joined)


def test_rotated_files_are_one_source(kernel: Any) -> None:
    folder = CORPORA / "live" / "node-rotated"
    files = [read(folder / name) for name in ("audit.log.2", "audit.log.1", "audit.log")]
    joined = join(kernel, files)
    check(joined, expected(records(b"".join(files))))
    open_ends = sum(group.closed_by == "end" for one in files for group in join(kernel, [one]).groups)
    assert sum(group.closed_by == "end" for group in joined.groups) < open_ends


def test_syslog_gives_what_auditd_wrote_itself() -> None:
    truth = join(stitcher.kernel, [read(CORPORA / "live" / "syslog-source-auditd.log.gz")])
    sent = join(stitcher.kernel, [read(CORPORA / "live" / "syslog-rfc3164-full.log.gz")])
    mine, theirs = ({(g.seconds, g.milliseconds, g.serial): g for g in joined.groups} for joined in (truth, sent))
    common = mine.keys() & theirs.keys()
    assert len(common) > 5000
    for key in common:
        assert mine[key].count == theirs[key].count, key


@pytest.mark.parametrize("name", ["journald-slice.json", "journald-full.json.gz"])
def test_every_id_of_the_journal_is_whole(name: str) -> None:
    data = read(CORPORA / "live" / name)
    wanted: dict[tuple[int, int], list[str]] = defaultdict(list)
    for row in data.splitlines():
        entry = json.loads(row)
        message = entry["MESSAGE"]
        text = message if isinstance(message, str) else bytes(message).decode("utf-8", "replace")
        wanted[int(entry["_AUDIT_ID"]), int(entry["_SOURCE_REALTIME_TIMESTAMP"])].append(text.split(" ")[0])
    found: dict[tuple[int, int], list[str]] = {}
    for group in join(stitcher.kernel, [data]).groups:
        assert group.node == b"web01"
        micros = (group.seconds * 1000 + group.milliseconds) * 1000
        assert (group.serial, micros) not in found
        found[group.serial, micros] = [
            row[5 : row.index(b" ")].decode().replace("UNKNOWN[", "AUDIT").rstrip("]")
            for row in group.message.split(b"\n")
        ]
    assert found == wanted


PUBLIC: Final = sorted(
    str(path.relative_to(CORPORA / "public"))
    for pattern in ("*.log", "*.txt")
    for path in (CORPORA / "public").rglob(pattern)
    if path.name != "README.txt"
)


@pytest.mark.parametrize("name", PUBLIC)
def test_every_id_of_a_public_log_is_whole(kernel: Any, name: str) -> None:
    data = read(CORPORA / "public" / name)
    joined = join(kernel, [data])
    check(joined, expected(records(data)), late=name in ODD)
    check_events(kernel, joined)


def test_nothing_of_a_real_log_is_rejected_that_is_a_record() -> None:
    logs = [path for path in CORPORA.rglob("*") if path.is_file() and path.suffix not in (".md", ".golden")]
    seen: set[str] = set()
    for path in sorted(logs):
        if path.name == "README.txt" or (path.suffix == ".json" and "laurel" in path.parts):
            continue
        for line in rejected(read(path)):
            reasons = [why for why, pattern in NO_RECORD.items() if re.fullmatch(pattern, line, re.DOTALL)]
            reasons = [why for why in reasons if path.name in ONLY.get(why, {path.name})]
            assert reasons, f"{path.name}: {line[:200]!r}"
            seen.update(reasons[:1])
    assert seen == NO_RECORD.keys()


def rejected(data: bytes) -> list[bytes]:
    joiner = stitcher.kernel.Joiner(Limits(), unwrap, True)
    source = joiner.source()
    for block in LineFramer(Limits().max_line_bytes).push(data + b"\n"):
        joiner.feed(block, source, 0.0)
    return [one.line for one in joiner.take_rejected()]
