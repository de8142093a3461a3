"""Lines in, documents out, over a kernel of the test's choice."""

import json
from typing import Any

from corridor import join

from stitcher.kernel import _reference as reference
from stitcher.kernel._record import text_of
from stitcher.schemas import Laurel, Schema, schema_of

HEADER = "msg=audit(1700000000.004:1001):"
#: a system call that failed, whose names the sender knew
OPEN = (
    f"type=SYSCALL {HEADER} arch=c000003e syscall=257 success=no exit=-13 a0=ffffff9c a1=7f a2=80000 a3=0 items=1 "
    "ppid=6 pid=7 auid=1000 uid=0 gid=0 euid=33 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=pts1 ses=3 "
    'comm="cat" exe="/usr/bin/cat" subj=unconfined_u:unconfined_r:unconfined_t:s0 key="shadow"\x1d'
    'ARCH=x86_64 SYSCALL=openat AUID="mara" UID="root" GID="root" EUID="www-data" SUID="root" FSUID="root"'
)
CWD = f'type=CWD {HEADER} cwd="/srv"'
SHADOW = (
    f'type=PATH {HEADER} item=0 name="/etc/shadow" inode=77 dev=fe:01 mode=0100640 ouid=0 ogid=42 rdev=00:00 '
    'nametype=NORMAL\x1dOUID="root" OGID="shadow"'
)
TITLE = f"type=PROCTITLE {HEADER} proctitle=636174002F6574632F736861646F77"


def values_of(kernel: Any, schema: Schema | Laurel, data: bytes) -> list[tuple[Any, ...]]:
    """What the schema reads of the events of some lines."""
    rows: list[tuple[Any, ...]] = kernel.render(join(kernel, [data]).groups, schema.reads).values
    return rows


def lines(schema: Schema | Laurel, data: bytes, kernel: Any = reference) -> list[str]:
    """The lines of all events of an input."""
    raws = [text_of(group.message) for group in join(kernel, [data]).groups] if schema.wants_raw else None
    return schema.lines(values_of(kernel, schema, data), raws)


def documents(schema: Schema | Laurel | str, data: bytes, kernel: Any = reference) -> list[dict[str, Any]]:
    """The documents of all events of an input."""
    made = schema_of(schema) if isinstance(schema, str) else schema
    return [json.loads(line) for line in lines(made, data, kernel)]


def document(schema: Schema | Laurel | str, *texts: str) -> dict[str, Any]:
    """The document of the only event of some lines."""
    (found,) = documents(schema, "\n".join(texts).encode())
    return found


def line(schema: Schema | Laurel, *texts: str) -> str:
    """The line of the only event of some lines, in whatever form."""
    (found,) = lines(schema, "\n".join(texts).encode())
    return found
