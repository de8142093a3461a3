"""Kinds of fields and arguments: each is known, each table is there, and none is there for nothing."""

from collections.abc import Iterator

import pytest

from stitcher.tables import FLAGS, RECORD_TYPES, SYSCALLS
from stitcher.tables.fields import (
    ARCH_ARGUMENTS,
    ARCH_FAMILY,
    ARGUMENTS,
    CHOICES,
    ENUMERATIONS,
    FIELDS,
    OVERRIDES,
)

#: kinds of fields that need no table
OF_FIELDS = set(
    "plain encoded key proctitle keystrokes uid gid session arch syscall exit errno success mode short_mode cap_bitmap "
    "capability context sockaddr promisc perm personality hex seccomp".split()
)
#: kinds of arguments that need no table
OF_ARGUMENTS = set(
    "dirfd mode short_mode create_mode account group decimal socket_type clone ipc_flags sched personality".split()
) | {""}
#: tables that a kind looks up by itself
BY_KIND = {
    "clone": ["flags:clone", "number:signal"],
    "ipc_flags": ["flags:ipc"],
    "personality": ["flags:personality", "number:personality"],
    "sched": ["number:sched"],
    "seccomp": ["number:seccomp_action"],
    "socket_type": ["number:socket_type"],
}
EVERY_SYSCALL = {name for table in SYSCALLS.values() for name in table.values()}


def is_table(kind: str) -> bool:
    what, _, table = kind.partition(":")
    return (what == "flags" and table in FLAGS) or (what == "number" and table in ENUMERATIONS)


def kinds_of_arguments() -> Iterator[str]:
    for row in (*ARGUMENTS.values(), *ARCH_ARGUMENTS.values()):
        yield from row
    for _, kinds in CHOICES.values():
        yield from kinds.values()


def kinds_of_fields() -> Iterator[str]:
    yield from FIELDS.values()
    yield from OVERRIDES.values()


def used_tables() -> set[str]:
    kinds = {*kinds_of_arguments(), *kinds_of_fields()}
    return {table for kind in kinds for table in BY_KIND.get(kind, [kind])}


@pytest.mark.parametrize("kind", sorted(set(kinds_of_fields())))
def test_the_kind_of_a_field_is_known(kind: str) -> None:
    what, _, rest = kind.partition(":")
    assert kind in OF_FIELDS or is_table(kind) or (what == "argument" and rest in "0123")


@pytest.mark.parametrize("kind", sorted(set(kinds_of_arguments())))
def test_the_kind_of_an_argument_is_known(kind: str) -> None:
    what, _, rest = kind.partition(":")
    assert kind in OF_ARGUMENTS or is_table(kind) or (what == "choice" and rest in CHOICES)


@pytest.mark.parametrize("name", CHOICES)
def test_a_choice_is_made_by_an_argument_and_for_a_kind_that_needs_no_other(name: str) -> None:
    position, kinds = CHOICES[name]
    assert position in range(4)
    assert all(0 <= number < 1 << 32 for number in kinds)
    assert not [kind for kind in kinds.values() if kind == "create_mode" or kind.startswith("choice:")]


@pytest.mark.parametrize("name", CHOICES)
def test_a_choice_is_not_made_by_the_argument_that_it_explains(name: str) -> None:
    rows = [row for row in (*ARGUMENTS.values(), *ARCH_ARGUMENTS.values()) if f"choice:{name}" in row]
    assert rows
    assert all(row[CHOICES[name][0]] != f"choice:{name}" for row in rows)


def test_create_mode_stands_behind_the_flags_of_an_open() -> None:
    for row in ARGUMENTS.values():
        for position, kind in enumerate(row):
            if kind == "create_mode":
                assert row[position - 1] == "flags:open"


@pytest.mark.parametrize("name", sorted(ARGUMENTS))
def test_a_system_call_with_arguments_is_one_of_some_machine(name: str) -> None:
    assert name in EVERY_SYSCALL


def test_other_arguments_of_a_machine_are_of_a_call_that_it_has() -> None:
    for arch, name in ARCH_ARGUMENTS:
        assert name in SYSCALLS[arch].values()
        assert name in ARGUMENTS


def test_an_override_is_of_a_record_type_with_a_name() -> None:
    assert {number for number, _ in OVERRIDES} <= set(RECORD_TYPES)


def test_no_table_is_without_use() -> None:
    used = used_tables()
    assert [table for table in FLAGS if f"flags:{table.partition('.')[0]}" not in used] == []
    assert [table for table in ENUMERATIONS if f"number:{table.partition('.')[0]}" not in used] == []


def test_tables_stay_within_the_room_that_the_compiled_kernel_has() -> None:
    assert max(len(table) for table in FLAGS.values()) <= 64
    assert len({*FIELDS, *(key for _, key in OVERRIDES)}) <= 400
    assert len(OVERRIDES) < 255
    assert len({key for _, key in OVERRIDES}) < 63
    assert len(ARGUMENTS) < 500
    assert len(ENUMERATIONS) < 120
    assert len({table.partition(".")[0] for table in FLAGS}) < 120
    assert sum(len(table) for name, table in ENUMERATIONS.items() if name.startswith("ioctl")) < 2000


def test_a_family_of_machines_is_of_machines_with_system_calls() -> None:
    assert set(ARCH_FAMILY) <= set(SYSCALLS)


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("data", "keystrokes"),
        ("family", "number:nfproto"),
        ("fan_info", "hex"),
        ("ioctlcmd", "number:ioctl"),
        ("list", "number:audit_list"),
        ("old-ses", "session"),
        ("per", "personality"),
        ("perm_mask", "perm"),
        ("resolve", "flags:resolve"),
        ("scontext", "context"),
        ("srawcon", "encoded"),
        ("vm-ctx", "context"),
    ],
)
def test_a_field_has_the_kind_that_its_writer_gives_it(key: str, kind: str) -> None:
    assert FIELDS[key] == kind


@pytest.mark.parametrize(
    ("call", "position", "kind"),
    [
        ("accept4", 3, "flags:socket"),
        ("chown32", 2, "group"),
        ("clone", 0, "clone"),
        ("exit_group", 0, "number:exit_status"),
        ("fsmount", 2, "flags:mount_attr"),
        ("mmap2", 3, "flags:mmap_flags"),
        ("mount_setattr", 2, "flags:at_flags"),
        ("openat", 3, "create_mode"),
        ("ptrace", 3, "choice:ptrace"),
        ("recv", 3, "flags:msg"),
        ("reboot", 2, "number:reboot_cmd"),
        ("setresuid32", 2, "account"),
        ("shmget", 2, "ipc_flags"),
        ("sigaction", 0, "number:signal"),
        ("sync_file_range2", 1, "flags:sync_file_range"),
        ("tgkill", 2, "number:signal"),
    ],
)
def test_an_argument_has_the_kind_of_its_place(call: str, position: int, kind: str) -> None:
    assert ARGUMENTS[call][position] == kind


@pytest.mark.parametrize(
    ("choice", "number", "kind"),
    [
        ("fcntl", 4, "flags:open"),
        ("fcntl", 1033, "flags:seals"),
        ("getsockopt", 0, "number:sockopt_ip_get"),
        ("setsockopt", 1, "number:sockopt"),
        ("prctl", 24, "number:capability"),
        ("prctl", 1, "number:signal"),
        ("ptrace", 0x4206, "flags:ptrace_options"),
        ("socket", 2, "number:ip_protocol"),
        ("socket", 16, "number:netlink"),
    ],
)
def test_what_an_argument_is_may_depend_on_another(choice: str, number: int, kind: str) -> None:
    assert CHOICES[choice][1][number] == kind


def test_the_names_that_decide_are_the_names_of_their_tables() -> None:
    commands, options, requests = (ENUMERATIONS[table] for table in ("fcntl_cmd", "prctl", "ptrace"))
    assert {commands[number] for number in CHOICES["fcntl"][1]} >= {"F_SETFL", "F_ADD_SEALS", "F_SETLEASE", "F_NOTIFY"}
    assert {options[number] for number in CHOICES["prctl"][1]} >= {"PR_CAPBSET_DROP", "PR_SET_PDEATHSIG", "PR_SET_VMA"}
    assert {requests[number] for number in CHOICES["ptrace"][1]} >= {"PTRACE_CONT", "PTRACE_SEIZE", "PTRACE_SETOPTIONS"}
    assert set(CHOICES["keyctl"][1]) <= set(ENUMERATIONS["keyctl"])
    assert set(CHOICES["setsockopt"][1]) <= set(ENUMERATIONS["sockopt_level"])
    assert set(CHOICES["socket"][1]) <= set(ENUMERATIONS["family"])


def test_an_arch_with_another_order_of_arguments_has_its_own() -> None:
    assert ARCH_ARGUMENTS[("s390x", "clone")][1] == "clone"
    assert ARGUMENTS["clone"][0] == "clone"
