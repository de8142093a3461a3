"""What is taken out of the texts of records is what the kernel would have said of each field."""

from random import Random
from typing import Any

import pytest
from corridor import join, sample, sample_names
from kernel_inputs import record

from stitcher.event import Envelope, Group
from stitcher.kernel import _reference as reference
from stitcher.schemas import schema_of
from stitcher.schemas._derived import Derived

FORMS = [("ecs", "json"), ("kuma", "json"), ("audit", "csv"), ("ecs", "syslog")]
HEADER = "msg=audit(1700000000.004:1001):"


def paths_of(name: str, form: str) -> tuple[str, ...]:
    """Every path that a mapping reads, the summary's in front."""
    return tuple(schema_of(name, form)._sources._at)


def taken_and_read(groups: list[Group], paths: tuple[str, ...]) -> tuple[list[Any], list[Any]]:
    """The values of paths from texts, and from the fields themselves."""
    derived = Derived(paths)
    rows = derived.whole(reference.render(groups, derived.reads).values)
    return [row[:-1] for row in rows], reference.render(groups, paths).values


@pytest.mark.parametrize(("name", "form"), FORMS)
def test_every_value_of_the_samples_is_what_the_kernel_says(name: str, form: str) -> None:
    for log in sample_names():
        taken, read = taken_and_read(join(reference, [sample(log)]).groups, paths_of(name, form))
        assert taken == read


def test_every_value_of_records_that_were_bent_is_what_the_kernel_says() -> None:
    r = Random("bent")
    paths = paths_of("kuma", "json")
    groups = [
        Group(1, 2, 3, b"", "end", False, 1, Envelope(), b"\n".join(record(r) for _ in range(r.randrange(1, 5))))
        for _ in range(400)
    ]
    taken, read = taken_and_read(groups, paths)
    assert taken == read


@pytest.mark.parametrize(
    "lines",
    [
        ("type=SYSCALL {} pid=1 exit=2 uid=3", "type=URINGOP {} uring_op=9 uid=4 pid=5 auid=6"),
        (
            "type=URINGOP {} uring_op=9 success=yes exit=3 items=1 ppid=1 pid=2 uid=0",
            "type=SYSCALL {} pid=7 auid=8 uid=9",
        ),
        ("type=SYSCALL {} auid=1 pid=2 uid=3 exit=-13 a0=5",),
        ("type=SYSCALL {} pid=2 pid=3 auid=1 uid=4 uid=5 exit=6",),
        ("type=SYSCALL {} comm=61 pid=2 auid=1 msg='uid=9 auid=8'",),
        ("type=CWD {} cwd=/a", "type=CWD {} cwd=/b", "type=SOCKADDR {} x=1", "type=SOCKADDR {} saddr=0200"),
        ("type=EXECVE {} argc=2 a0=61 a1=62", "type=PATH {} name=a nametype=NORMAL", "type=PATH {} name=b"),
        ("no record at all",),
    ],
)
def test_which_record_comes_first_is_kept(lines: tuple[str, ...]) -> None:
    text = "\n".join(lines).replace("{}", HEADER).encode()
    groups = [Group(1700000000, 4, 1001, b"", "end", False, 1, Envelope(), text)]
    taken, read = taken_and_read(groups, paths_of("kuma", "json"))
    assert taken == read
