"""What must hold of the generated tables, and that they are what the generator writes."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from stitcher.tables import (
    ARCHES,
    CAPABILITIES,
    ERRNO,
    FAMILIES,
    FLAGS,
    IO_URING_OPS,
    NUMBERS,
    RECORD_TYPES,
    SIGNALS,
    SYSCALLS,
)

HOUSE = Path(__file__).resolve().parent.parent.parent
TABLES = HOUSE / "stitcher" / "tables"

#: every table from numbers to names
TABLES_BY_NAME: dict[str, dict[int, Any]] = {
    "ARCHES": ARCHES,
    "CAPABILITIES": CAPABILITIES,
    "ERRNO": ERRNO,
    "FAMILIES": FAMILIES,
    "IO_URING_OPS": IO_URING_OPS,
    "RECORD_TYPES": RECORD_TYPES,
    "SIGNALS": SIGNALS,
    **{f"SYSCALLS[{arch}]": table for arch, table in SYSCALLS.items()},
    **{f"NUMBERS[{name}]": table for name, table in NUMBERS.items()},
}


@pytest.mark.parametrize(
    ("number", "name"),
    [
        (1005, "USER"),
        (1006, "LOGIN"),
        (1107, "USER_AVC"),
        (1138, "SOFTWARE_UPDATE"),
        (1200, "DAEMON_START"),
        (1209, "DAEMON_ERR"),
        (1300, "SYSCALL"),
        (1309, "EXECVE"),
        (1320, "EOE"),
        (1321, "BPRM_FCAPS"),
        (1327, "PROCTITLE"),
        (1336, "URINGOP"),
        (1338, "DM_CTRL"),
        (1400, "AVC"),
        (1423, "LANDLOCK_ACCESS"),
        (1426, "MAC_OBJ_CONTEXTS"),
        (1503, "APPARMOR_DENIED"),
        (1701, "ANOM_ABEND"),
        (1807, "INTEGRITY_POLICY_RULE"),
        (2000, "KERNEL"),
        (2121, "ANOM_SESSION"),
        (2215, "RESP_ORIGIN_UNBLOCK_TIMED"),
        (2313, "USER_MAC_STATUS"),
        (2409, "CRYPTO_IPSEC_SA"),
        (2507, "VIRT_MIGRATE_OUT"),
    ],
)
def test_a_record_type_has_the_name_that_the_log_writes(number: int, name: str) -> None:
    assert RECORD_TYPES[number] == name


def test_no_two_record_types_have_one_name() -> None:
    assert len(set(RECORD_TYPES.values())) == len(RECORD_TYPES)


def test_markers_of_ranges_are_no_record_types() -> None:
    assert [name for name in RECORD_TYPES.values() if name.startswith(("FIRST_", "LAST_"))] == []


@pytest.mark.parametrize(
    ("number", "name"),
    [
        (0xC000003E, "x86_64"),
        (0x40000003, "i386"),
        (0xC00000B7, "aarch64"),
        (0x40000028, "arm"),
        (0x28, "armeb"),
        (0xC0000015, "ppc64le"),
        (0x80000015, "ppc64"),
        (0x14, "ppc"),
        (0x80000016, "s390x"),
        (0x16, "s390"),
        (0xC00000F3, "riscv64"),
        (0x400000F3, "riscv32"),
        (0xC0000102, "loongarch64"),
    ],
)
def test_an_audit_arch_has_the_name_of_its_machine(number: int, name: str) -> None:
    assert ARCHES[number] == name


@pytest.mark.parametrize(
    ("arch", "number", "name"),
    [
        ("x86_64", 59, "execve"),
        ("x86_64", 257, "openat"),
        ("x32", 520, "execve"),
        ("i386", 11, "execve"),
        ("i386", 102, "socketcall"),
        ("aarch64", 221, "execve"),
        ("aarch64", 56, "openat"),
        ("arm", 11, "execve"),
        ("arm", 0xF0002, "cacheflush"),
        ("ppc64le", 11, "execve"),
        ("ppc", 286, "openat"),
        ("s390x", 11, "execve"),
        ("s390x", 288, "openat"),
        ("riscv64", 221, "execve"),
        ("riscv32", 221, "execve"),
        ("loongarch64", 221, "execve"),
    ],
)
def test_a_system_call_has_its_name_on_its_machine(arch: str, number: int, name: str) -> None:
    assert SYSCALLS[arch][number] == name


def test_every_machine_with_system_calls_is_a_machine_of_audit_or_x32() -> None:
    assert set(SYSCALLS) <= {*ARCHES.values(), "x32"}


def test_numbers_of_x32_come_without_their_bit() -> None:
    assert max(SYSCALLS["x32"]) < 0x40000000


def test_machines_that_number_alike_share_one_table() -> None:
    assert SYSCALLS["ppc64le"] is SYSCALLS["ppc64"]
    assert SYSCALLS["armeb"] is SYSCALLS["arm"]


@pytest.mark.parametrize(
    ("number", "name", "text"),
    [
        (1, "EPERM", "Operation not permitted"),
        (2, "ENOENT", "No such file or directory"),
        (11, "EAGAIN", "Resource temporarily unavailable"),
        (13, "EACCES", "Permission denied"),
        (35, "EDEADLK", "Resource deadlock avoided"),
        (115, "EINPROGRESS", "Operation now in progress"),
    ],
)
def test_an_error_has_its_name_and_its_text(number: int, name: str, text: str) -> None:
    assert ERRNO[number] == (name, text)


def test_errors_that_only_the_kernel_knows_have_a_name_and_a_text() -> None:
    assert ERRNO[512][0] == "ERESTARTSYS"
    assert ERRNO[516][0] == "ERESTART_RESTARTBLOCK"
    assert ERRNO[530][0] == "ERECALLCONFLICT"
    assert all(text and not text.startswith("Unknown") for _, text in ERRNO.values())


def test_signals_are_the_31_that_have_one_name_everywhere() -> None:
    assert list(SIGNALS) == list(range(1, 32))
    assert (SIGNALS[1], SIGNALS[6], SIGNALS[9], SIGNALS[29], SIGNALS[31]) == (
        "SIGHUP",
        "SIGABRT",
        "SIGKILL",
        "SIGIO",
        "SIGSYS",
    )


def test_capabilities_are_counted_from_chown_without_a_gap() -> None:
    assert list(CAPABILITIES) == list(range(len(CAPABILITIES)))
    assert (CAPABILITIES[0], CAPABILITIES[1], CAPABILITIES[21], CAPABILITIES[40]) == (
        "chown",
        "dac_override",
        "sys_admin",
        "checkpoint_restore",
    )


@pytest.mark.parametrize(
    ("number", "name"),
    [
        (1, "local"),
        (2, "inet"),
        (10, "inet6"),
        (16, "netlink"),
        (17, "packet"),
        (31, "bluetooth"),
        (38, "alg"),
        (40, "vsock"),
        (44, "xdp"),
        (45, "mctp"),
    ],
)
def test_an_address_family_has_the_name_that_audit_gives_it(number: int, name: str) -> None:
    assert FAMILIES[number] == name


def test_operations_of_io_uring_are_counted_from_nop_without_a_gap() -> None:
    assert list(IO_URING_OPS) == list(range(len(IO_URING_OPS)))
    assert (IO_URING_OPS[0], IO_URING_OPS[18], IO_URING_OPS[28]) == ("nop", "openat", "openat2")


@pytest.mark.parametrize("name", TABLES_BY_NAME)
def test_a_table_is_sorted_by_number(name: str) -> None:
    assert list(TABLES_BY_NAME[name]) == sorted(TABLES_BY_NAME[name])


@pytest.mark.parametrize("tables", [SYSCALLS, FLAGS, NUMBERS], ids=["SYSCALLS", "FLAGS", "NUMBERS"])
def test_tables_of_tables_are_sorted_by_name(tables: dict[str, object]) -> None:
    assert list(tables) == sorted(tables)


def linux_version(text: str) -> str:
    found = re.search(r"headers of Linux ([0-9.]+)", text)
    assert found, "a generated file names its Linux version"
    return found[1]


def test_regenerating_gives_the_same_files(tmp_path: Path) -> None:
    headers = os.environ.get("STITCHER_HEADERS")
    if not headers:
        pytest.skip("STITCHER_HEADERS names no folder of UAPI headers; tools/make_tables.py says where to get them")
    generator = str(HOUSE / "tools" / "make_tables.py")
    subprocess.run([sys.executable, generator, "--headers", headers, "--out", str(tmp_path)], check=True)
    written = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()}
    kept = {name: (TABLES / name).read_text(encoding="utf-8") for name in written}
    theirs, ours = linux_version(written["_arches.py"]), linux_version(kept["_arches.py"])
    if theirs != ours:
        pytest.skip(f"STITCHER_HEADERS holds Linux {theirs}; the tables are of Linux {ours}")
    assert written == kept
