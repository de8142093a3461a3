"""What system calls are in OCSF, and what a detection asks of their classes."""

import pytest
from documents import CWD, HEADER, SHADOW, TITLE
from ocsf import CAT, EXECVE, INET, LOGIN, PROCESS, call, told, valid


def test_a_program_that_was_run_is_the_process_and_its_parent_the_actor() -> None:
    found = call(59, EXECVE, CWD, CAT, TITLE)
    assert told(found) == (100701, "Process Activity: Launch")
    assert found["process"] == PROCESS | {"cmd_line": "cat '/etc/a b'"}
    assert found["actor"] == {
        "process": {"pid": 6}, "user": LOGIN, "session": {"uid": "3", "terminal": "pts1"},
    }  # fmt: skip
    assert (found["status"], found["status_id"]) == ("Success", 1)


def test_a_program_that_could_not_be_run_is_the_process_and_who_tried_the_actor() -> None:
    found = call(59, CWD, CAT.replace("/usr/bin/cat", "/usr/bin/dog"), TITLE, success=False)
    assert told(found) == (100701, "Process Activity: Launch")
    assert found["status"] == "Failure"
    assert found["process"]["file"] == {"name": "dog", "path": "/usr/bin/dog", "type_id": 1}
    assert found["process"]["name"] == "dog"
    assert "cmd_line" not in found["process"]
    assert found["actor"]["process"] == PROCESS


@pytest.mark.parametrize(
    ("number", "kind", "type_uid"),
    [
        (2, "NORMAL", 100114),
        (85, "CREATE", 100101),
        (87, "DELETE", 100104),
        (90, "NORMAL", 100107),
        (76, "NORMAL", 100103),
    ],
)
def test_what_is_done_to_a_file_is_an_activity(number: int, kind: str, type_uid: int) -> None:
    found = call(number, CWD, SHADOW.replace("NORMAL", kind), TITLE)
    assert found["type_uid"] == type_uid
    assert found["file"]["path"] == "/etc/shadow"


def test_a_rename_has_a_file_and_what_it_is_now() -> None:
    names = (("/a", "PARENT"), ("/a/x", "DELETE"), ("/a/y", "CREATE"))
    paths = [
        f'type=PATH {HEADER} item={item} name="{name}" inode={item} mode=0100644 nametype={kind}'
        for item, (name, kind) in enumerate(names)
    ]
    found = call(82, CWD, *paths, TITLE)
    assert told(found) == (100105, "File System Activity: Rename")
    assert found["file"]["path"] == "/a/x"
    assert found["file_result"] == {"name": "y", "path": "/a/y", "type_id": 0}
    assert found["unmapped"]["paths"] == "PARENT=/a DELETE=/a/x CREATE=/a/y"


def test_a_mount_is_done_to_the_mount_point() -> None:
    paths = [
        f'type=PATH {HEADER} item={item} name="{name}" inode={item} mode={mode} nametype=NORMAL'
        for item, (name, mode) in enumerate((("/mnt", "040755"), ("/dev/sdb1", "060660")))
    ]
    found = call(165, CWD, *paths, TITLE)
    assert told(found) == (100112, "File System Activity: Mount")
    assert (found["file"]["path"], found["file"]["type"]) == ("/mnt", "Folder")


@pytest.mark.parametrize(
    ("mode", "type_id"),
    [("0100644", 1), ("040755", 2), ("020666", 3), ("060660", 4), ("0140755", 5), ("010644", 6), ("0120777", 7)],
)
def test_the_type_of_a_file_is_what_its_mode_says(mode: str, type_id: int) -> None:
    assert call(2, CWD, SHADOW.replace("0100640", mode), TITLE)["file"]["type_id"] == type_id


def test_the_root_of_all_files_has_a_name() -> None:
    assert call(2, CWD, SHADOW.replace("/etc/shadow", "/"), TITLE)["file"]["name"] == "/"


@pytest.mark.parametrize(
    ("number", "exit_code", "type_uid", "end"),
    [
        (42, "", 400101, "dst_endpoint"),
        (42, "-110", 400104, "dst_endpoint"),
        (42, "-111", 400105, "dst_endpoint"),
        (42, "-104", 400103, "dst_endpoint"),
        (42, "-115", 400101, "dst_endpoint"),
        (43, "", 400101, "src_endpoint"),
        (44, "", 400106, "dst_endpoint"),
        (45, "", 400106, "src_endpoint"),
        (49, "", 400107, "dst_endpoint"),
    ],
)
def test_a_socket_is_used_between_endpoints(number: int, exit_code: str, type_uid: int, end: str) -> None:
    found = call(number, INET, CWD, TITLE, success=not exit_code, **({"exit": exit_code} if exit_code else {}))
    assert found["type_uid"] == type_uid
    assert found[end] == {"ip": "10.0.0.1", "port": 443}
    assert {"src_endpoint", "dst_endpoint"} & set(found) == {end}
    assert found["actor"]["process"] == PROCESS
    if number != 49:
        assert found["connection_info"]["protocol_ver_id"] == 4
        assert found["connection_info"]["direction"] == ("Outbound" if end == "dst_endpoint" else "Inbound")


def test_a_local_socket_is_an_endpoint_by_its_path() -> None:
    found = call(42, f"type=SOCKADDR {HEADER} saddr=01002F72756E2F6C6F6700", TITLE)
    assert found["dst_endpoint"] == {"name": "/run/log"}


@pytest.mark.parametrize(("signal", "type_uid"), [("9", 100702), ("f", 100799)])
def test_a_signal_is_sent_to_another_process(signal: str, type_uid: int) -> None:
    other = f'type=OBJ_PID {HEADER} opid=42 oauid=1001 ouid=1002 oses=4 ocomm="worker"'
    found = call(62, other, CWD, TITLE, a0="2a", a1=signal)
    assert found["type_uid"] == type_uid
    assert found["activity_name"] == ("Terminate" if signal == "9" else "sent signal to process")
    assert found["process"] == {"pid": 42, "name": "worker", "user": {"uid": "1002"}, "auid": 1001}
    assert found["actor"]["process"] == PROCESS


def test_a_process_that_was_made_has_the_one_that_made_it_as_its_parent() -> None:
    found = call(57, TITLE, exit="4711")
    assert told(found) == (100701, "Process Activity: Launch")
    assert found["process"] == {"pid": 4711, "parent_process": {"pid": 7}}


def test_a_change_of_user_is_done_to_the_process_itself() -> None:
    found = call(105, CWD, TITLE, a0="0")
    assert told(found) == (100705, "Process Activity: Set User ID")
    assert found["process"] == found["actor"]["process"] == PROCESS


def test_memory_that_becomes_executable_is_a_memory_activity() -> None:
    found = call(10, TITLE, a2="5")
    assert told(found) == (100402, "Memory Activity: Modify Page")
    assert found["process"]["pid"] == 7


@pytest.mark.parametrize("named", [True, False])
def test_a_module_is_a_driver(named: bool) -> None:
    file = f'type=PATH {HEADER} item=0 name="/lib/modules/dummy.ko" inode=9 mode=0100644 nametype=NORMAL'
    found = call(313, *([f'type=KERN_MODULE {HEADER} name="dummy"'] if named else []), CWD, file, TITLE)
    assert told(found) == (100201, "Kernel Extension Activity: Load")
    assert found["driver"]["file"] == {
        "name": "dummy" if named else "dummy.ko", "path": "/lib/modules/dummy.ko", "type_id": 1,
    }  # fmt: skip
    assert found["severity"] == "Medium"


def test_a_system_call_of_no_other_class_is_a_resource_of_the_kernel() -> None:
    found = call(321, TITLE)
    assert told(found) == (100304, "Kernel Activity: Invoke")
    assert found["kernel"] == {"name": "bpf", "type": "System Call", "type_id": 2}


def test_a_call_that_seccomp_stopped_is_one_of_the_kernel() -> None:
    found = valid(f"type=SECCOMP {HEADER} auid=1000 uid=0 gid=0 ses=3 pid=7 comm=\"cat\" exe=\"/usr/bin/cat\" sig=31 "
                  "arch=c000003e syscall=101 compat=0 ip=0x7f code=0x80000000")  # fmt: skip
    assert told(found) == (100304, "Kernel Activity: Invoke")
    assert found["kernel"]["name"] == "ptrace"
    assert found["status"] == "Failure"
