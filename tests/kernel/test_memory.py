"""What the compiled kernel remembers of records changes no event: halves and records in all mixtures, seen twice."""

import random

import pytest

from stitcher.event import Envelope, Group
from stitcher.kernel import _reference as reference

compiled = pytest.importorskip("stitcher.kernel._compiled", reason="the compiled kernel is not built here")

FRONTS = (
    "arch=c000003e",
    "arch=c00000b7",
    "arch=40000003",
    "arch=zz",
    "arch=",
    "syscall=59",
    "syscall=257",
    "syscall=2",
    "syscall=x",
    "per=400000",
    "success=yes",
    "success=no",
    "exit=0",
    "exit=-13",
    "exit=-2",
    "a0=ffffff9c",
    "a0=3",
    "a1=7ffe",
    "a1=80241",
    "a2=80241",
    "a2=1b6",
    "a3=1b6",
    "items=2",
    "items=0",
    "items=x",
    "ppid=1",
    "pid=2",
    "pid=2",
    'AUID="unset"22',
    "AUID=x",
    'comm="x',
    'comm="x y"',
    "odd='a b'",
    "odd={ a b }",
    "(odd=1",
    "odd=1)",
    "odd=1,",
    "op=add rule",
    "word",
    "msg='op=x y'",
    "key=6162",
    "auid=7",
    "name=2F61",
    "proctitle=6100",
    "argv=1",
    "uid=0",
    'x\x1dUID="no"',
    "e=#035UID=1",
    'UID="no"',
    "ARCH=arm",
    'exe="/bin/é"',
    "ses=4294967295",
)
TAILS = (
    ' auid=1000 uid=0 gid=0 tty=pts0 ses=1 comm="ls" exe="/bin/ls" subj=unconfined key="k"',
    ' auid=4294967295 uid=0 tty=(none) ses=4294967295 comm=6C73 exe="/bin/ls" key=61016200',
    ' auid=1000 uid=0 key=(null)\x1dARCH=x86_64 SYSCALL=execve AUID="mara" UID="root"',
    ' auid=1000 uid=0 key=(null)\x1dARCH=x86_64 SYSCALL=unknown-syscall(-1) AUID="mara" UID="root"',
    ' auid=1000 uid=0 key=(null) ARCH=x86_64 SYSCALL=openat AUID="mara" UID="root"',
    ' auid=1000 uid=0 key=(null)#035ARCH=x86_64 SYSCALL=openat AUID="mara" UID="root"',
    ' auid=1000 uid=0 key=(null)\x1dARCH= SYSCALL= AUID="" UID="root"',
    ' auid=1000 uid=0\x1dAUID="mara"',
    " auid=1000 auid=0",
    " auid=1 word uid=2",
    " auid=",
    " auid=1 op=a b c=d",
    " auid=1 items=2",
    " auid=1 syscall=1",
    " auid=1 proctitle=610062",
    " auid=1 msg='uid=2'\x1dUID=\"x\"",
    ' auid=1 name="a auid=2 b"',
    ' auid=1 exe="/bin/éÿ"',
    " auid=1\x1dARCH=x86_64",
    ' auid=1\x1dPID="x"',
)
OTHERS = (
    "type=MMAP msg=audit(1.000:1): fd=3 flags=0x12",
    "type=OPENAT2 msg=audit(1.000:1): oflag=040000 mode=0 resolve=0x8",
    "type=SOCKADDR msg=audit(1.000:1): saddr=020000167F0000010000000000000000",
    "type=SOCKADDR msg=audit(1.000:1): saddr=000200167F0000010000000000000000",
    'type=PATH msg=audit(1.000:1): item=0 name="/x" mode=0100644 ouid=0\x1dOUID="root"',
    "type=PATH msg=audit(1.000:1): item=0 name=2F78FF mode=040755",
    "type=NEW msg=audit(1.000:1): a=1 b",
    'type=USER_LOGIN msg=audit(1.000:1): pid=1 uid=0 msg=\'op=login id=0 res=success\'\x1dUID="root" ID="root"',
    "type=URINGOP msg=audit(1.000:1): uring_op=18 items=1",
    "type=SECCOMP msg=audit(1.000:1): arch=40000028 syscall=1",
)


def group_of(lines: list[str]) -> Group:
    message = "\n".join(lines).encode("latin-1")
    return Group(1, 0, 1, b"", "proctitle", False, len(lines), Envelope(), message)


def some_group(rng: random.Random) -> Group:
    lines = []
    for _ in range(rng.randint(1, 3)):
        front = " ".join(rng.sample(FRONTS, rng.randint(0, 6)) if rng.random() < 0.5 else FRONTS[0:16:2])
        space = rng.choice(("", "", "", " "))
        lines.append(f"type=SYSCALL msg=audit(1.000:1): {front}{space}{rng.choice(TAILS)}")
    lines += rng.choices(OTHERS, k=rng.randint(0, 3))
    rng.shuffle(lines)
    return group_of(lines)


PATHS = (
    "records.SYSCALL.value.uid",
    "records.SYSCALL.fields.exe",
    "records.SYSCALL.interpreted.key",
    "records.SYSCALL.interpreted.argv",
    "records.SYSCALL[*].value.auid",
    "records.SYSCALL.fields.a1",
    "records.SYSCALL.interpreted.arch",
    "records.SYSCALL.fields.comm",
    "records.PATH[*].interpreted.mode",
    "records.*.fields.msg.op",
    "count",
)


@pytest.mark.parametrize("seed", range(60))
@pytest.mark.parametrize("paths", [(), PATHS], ids=["whole", "paths"])
def test_what_is_remembered_changes_no_event(seed: int, paths: tuple[str, ...]) -> None:
    rng = random.Random(seed)
    groups = [some_group(rng) for _ in range(150)]
    groups += rng.sample(groups, 50)
    want = reference.render(groups, paths)
    got = compiled.render(groups, paths)
    for left, right in zip(want.data.splitlines(), got.data.splitlines(), strict=True):
        assert left == right
    assert want == got
