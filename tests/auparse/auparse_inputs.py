"""What both readers get: real logs where they are at hand, our samples, and lines of our own.

auparse ignores a line that begins with neither `type=` nor `node=`.  Of a log with such lines it gets the records that
lap 1 found in them, as a Type=2 event carries them; of the kernel's printk form with the `msg=` that it lacks.
"""

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import yaml
from corridor import join, sample, sample_names

import stitcher.kernel
from stitcher.tables import SYSCALLS

HERE: Final = Path(__file__).resolve().parent
SHARED: Final = HERE.parent.parent.parent / "shared"
CORPORA: Final = SHARED / "corpora"
#: the machines whose system calls are tried, as arch= has them
MACHINES: Final = {
    "x86_64": "c000003e",
    "i386": "40000003",
    "aarch64": "c00000b7",
    "ppc64le": "c0000015",
    "s390x": "80000016",
}
#: of live/: these have no id in their lines, or are a format that is not read
UNREAD: Final = {"journald-short-iso.txt", "journald-slice.export"}
#: of public/: not the log, but what another tool made of it
NO_LOG: Final = {"README.txt"}


class Input(NamedTuple):
    """One source: its name, and the bytes that stitcher and that auparse read."""

    name: str
    data: bytes
    bare: bytes
    #: the host is in an envelope, which auparse does not see: the id alone is the key
    wrapped: bool


def read(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def input_of(name: str, data: bytes) -> Input:
    rows = [row for row in data.split(b"\n") if row.strip()]
    if all(row.startswith((b"type=", b"node=")) for row in rows):
        return Input(name, data, data, False)
    records = b"\n".join(group.message for group in join(stitcher.kernel, [data]).groups)
    bare = b"\n".join(row.replace(b" audit(", b" msg=audit(", 1) for row in records.split(b"\n"))
    return Input(name, data, bare + b"\n", True)


def calls() -> bytes:
    """calls.yaml as records: each row of arguments on each machine that has the call."""
    rows = yaml.safe_load((HERE / "calls.yaml").read_text(encoding="utf-8"))
    lines: list[str] = []
    for machine, written in MACHINES.items():
        numbers = {name: number for number, name in SYSCALLS[machine].items()}
        for name, arguments in rows.items():
            for row in arguments if name in numbers else ():
                values = " ".join(f"a{at}={value}" for at, value in enumerate(row.split()))
                at = len(lines) + 1
                body = f"arch={written} syscall={numbers[name]} success=yes exit=0 {values} items=0"
                lines.append(f"type=SYSCALL msg=audit({1_760_000_000 + 3 * at}.000:{at}): {body}\n")
    return "".join(lines).encode()


def own() -> Iterator[Input]:
    yield input_of("lines.log", (HERE / "lines.log").read_bytes())
    yield input_of("calls.yaml", calls())
    for name in sample_names():
        yield input_of(f"samples/{name}", sample(name))


def corpora() -> Iterator[Input]:
    live = CORPORA / "live"
    for path in sorted(live.iterdir()):
        if path.is_file() and path.name not in UNREAD:
            yield input_of(f"live/{path.name}", read(path))
    rotated = [read(live / "node-rotated" / name) for name in ("audit.log.2", "audit.log.1", "audit.log")]
    yield input_of("live/node-rotated", b"".join(rotated))
    public = CORPORA / "public"
    for path in sorted(public.rglob("*")):
        if path.suffix in (".log", ".txt") and path.name not in NO_LOG:
            yield input_of(f"public/{path.relative_to(public)}", read(path))
