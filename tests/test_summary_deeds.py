"""What an analyst must not read wrongly: what was done, to what, by whom, for records that look like something else."""

from typing import Any

import pytest
from corridor import event

from stitcher.kernel import _reference as reference
from stitcher.summary import sentence, summarizer

HEADER = "msg=audit(1700000000.004:1001):"
WHO = f'type=SYSCALL {HEADER} arch=c000003e success=yes exit=0 pid=7 auid=1 uid=1 euid=1 exe="/bin/x"'
SENT = f"{HEADER} pid=7 uid=0 auid=1 msg="


def told(*lines: str) -> dict[str, Any]:
    return summarizer().of(event(reference, *lines))


def path(item: int, name: str, nametype: str) -> str:
    return f'type=PATH {HEADER} item={item} name="{name}" nametype={nametype}'


@pytest.mark.parametrize(
    ("call", "words"),
    [
        ("103 a0=5", "cleared kernel log (command SYSLOG_ACTION_CLEAR)"),
        ("103 a0=4", "cleared kernel log (command SYSLOG_ACTION_READ_CLEAR)"),
        ("103 a0=6", "changed level of kernel log (command SYSLOG_ACTION_CONSOLE_OFF)"),
        ("103 a0=8", "changed level of kernel log (command SYSLOG_ACTION_CONSOLE_LEVEL)"),
        ("103 a0=a", "looked at kernel log (command SYSLOG_ACTION_SIZE_BUFFER)"),
        ("103 a0=3", "read kernel log"),
        ("302 a0=9 a1=7 a2=0", "looked at limit of process (pid 9, limit RLIMIT_NOFILE)"),
        ("302 a0=9 a1=7 a2=7ffd1", "changed limit of process (pid 9, limit RLIMIT_NOFILE)"),
        ("157 a0=3 a1=0", "looked at setting of process (setting PR_GET_DUMPABLE)"),
        ("157 a0=4 a1=0", "changed setting of process (setting PR_SET_DUMPABLE)"),
        ("158 a0=1003 a1=0", "looked at setting of process (setting ARCH_GET_FS)"),
        ("135 a0=ffffffff", "looked at personality of process"),
        ("169 a0=fee1dead a1=28121969 a2=0", "changed meaning of ctrl-alt-del (command LINUX_REBOOT_CMD_CAD_OFF)"),
        (
            "169 a0=fee1dead a1=28121969 a2=89abcdef",
            "changed meaning of ctrl-alt-del (command LINUX_REBOOT_CMD_CAD_ON)",
        ),
        ("169 a0=fee1dead a1=28121969 a2=1234567", "requested reboot (command LINUX_REBOOT_CMD_RESTART)"),
        ("2 a0=7 a1=200 a2=0", "truncated file"),
        ("257 a0=ffffff9c a1=7 a2=10000", "opened directory"),
        ("257 a0=ffffff9c a1=7 a2=410002", "created unnamed file"),
        ("60 a0=0", "exited"),
        ("162", "flushed files"),
    ],
)
def test_what_a_system_call_was_asked_for_is_what_it_did(call: str, words: str) -> None:
    assert sentence(told(f"{WHO} syscall={call}")) == f"uid 1 {words} with /bin/x"


def test_a_file_without_a_name_is_told_by_its_directory() -> None:
    found = told(f"{WHO} syscall=257 a0=ffffff9c a1=7 a2=410002", path(0, "/srv", "NORMAL"))
    assert (found["action"], found["object"]) == ("created-unnamed-file", {"kind": "file", "parent": "/srv"})
    assert sentence(found) == "uid 1 created unnamed file in /srv with /bin/x"


def test_a_watch_names_its_file_once() -> None:
    found = told(f"{WHO} syscall=254", path(0, "/srv/a", "NORMAL"))
    assert sentence(found) == "uid 1 watched files /srv/a with /bin/x"


def test_a_socket_without_an_address_to_connect_to_is_disconnected() -> None:
    found = told(f"{WHO} syscall=42 a0=3", f"type=SOCKADDR {HEADER} saddr=00000000000000000000000000000000")
    assert (found["action"], sentence(found)) == ("disconnected-socket", "uid 1 disconnected socket with /bin/x")


@pytest.mark.parametrize(
    ("record", "words"),
    [
        ("USER_CHAUTHTOK 'op=display aging info id=1207 exe=\"/bin/x\" res=success'", "looked at account 1207"),
        ("USER_CHAUTHTOK 'op=PAM:chauthtok id=1207 exe=\"/bin/x\" res=success'", "changed password of account 1207"),
        ("USER_CHAUTHTOK 'op=change aging information id=1207 exe=\"/bin/x\" res=success'", "changed account 1207"),
        ("CHGRP_ID 'op=changing new_gid=4550 id=0 exe=\"/bin/x\" res=success'", "changed identity to group 4550"),
        ('CHGRP_ID \'op=changing new_group="dock" id=0 exe="/bin/x" res=success\'', "changed identity to group dock"),
        ("ADD_USER 'op=add-home-dir id=1207 exe=\"/bin/x\" res=success'", "changed account 1207"),
        ("ADD_USER 'op=add-user id=1207 exe=\"/bin/x\" res=success'", "added account 1207"),
        ("DEL_USER 'op=delete-home-dir id=1207 exe=\"/bin/x\" res=success'", "changed account 1207"),
        ("DEL_USER 'op=deleting user from group id=1207 exe=\"/bin/x\" res=success'", "changed account 1207"),
        ("DEL_USER 'op=delete-user id=1207 exe=\"/bin/x\" res=success'", "deleted account 1207"),
        ("ANOM_LOGIN_FAILURES 'suid=1207 exe=\"/bin/x\" res=success'", "reported suspicious login of account 1207"),
        ("RESP_ACCT_LOCK 'suid=1207 exe=\"/bin/x\" res=success'", "locked account 1207"),
        (
            "USER_ROLE_CHANGE 'newrole: old-context=a:b:c new-context=a:r:c exe=\"/bin/x\" res=success'",
            "changed role a:r:c from a:b:c",
        ),
    ],
)
def test_a_record_of_user_space_says_what_was_done(record: str, words: str) -> None:
    name, _, text = record.partition(" ")
    assert sentence(told(f"type={name} {SENT}{text}")).partition(" (operation")[0].removesuffix(" with /bin/x") == (
        f"uid 1 as uid 0 {words}"
    )


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        ("res=Success", "success"),
        ("result=Success", "success"),
        ("result=Failed", "failure"),
        ("res=FAILED", "failure"),
        ("res=maybe", "unknown"),
    ],
)
def test_an_outcome_is_read_in_any_letters_and_under_both_its_names(said: str, outcome: str) -> None:
    assert told(f"type=USER_LOGIN {SENT}'op=login {said}'")["outcome"] == outcome


@pytest.mark.parametrize(
    ("record", "words"),
    [
        ("CONFIG_CHANGE op=set audit_enabled=0 old=1 auid=1 res=1", "changed setting of audit enabled from 1 to 0"),
        ("CONFIG_CHANGE audit_lost_limit=3 old=4 auid=1 res=1", "changed setting of audit lost_limit from 4 to 3"),
        ("DAEMON_ABORT op=set-pid auid=1 pid=7 res=failed", "failed to start audit daemon auditd"),
        ("DAEMON_ROTATE op=rotate-logs auid=1 pid=7 res=success", "rotated audit logs"),
        (
            'INTEGRITY_PCR pid=7 auid=1 op=invalid_pcr cause=ToMToU comm="x" name="/var/log/x" res=1',
            "met measurement violation of file /var/log/x",
        ),
        (
            "DM_EVENT auid=1 module=integrity op=integrity-checksum dev=254:3 res=0",
            "met checksum error of device 254:3",
        ),
        ("SECCOMP auid=1 sig=0 arch=c000003e syscall=101 code=0x7fc00000", "asked supervisor about system call ptrace"),
    ],
)
def test_a_record_of_the_kernel_says_what_happened(record: str, words: str) -> None:
    name, _, fields = record.partition(" ")
    assert sentence(told(f"type={name} {HEADER} {fields}")).partition(" (")[0].partition(" with")[0] == f"uid 1 {words}"


def test_both_values_of_the_terminal_setting_are_told() -> None:
    thing = told(f"type=CONFIG_CHANGE {HEADER} op=tty_set old-enabled=0 new-enabled=1 auid=1 res=1")["object"]
    assert (thing["name"], thing["old_enabled"], thing["new_enabled"]) == ("tty", "0", "1")


def test_a_call_that_a_supervisor_decides_is_not_told_as_stopped() -> None:
    assert told(f"type=SECCOMP {HEADER} auid=1 arch=c000003e syscall=101 code=0x7fc00000")["outcome"] == "unknown"


PARENTS = (path(0, "/etc/", "PARENT"), path(1, "/etc/", "PARENT"))


def test_a_rename_over_a_file_that_was_there_keeps_its_source() -> None:
    found = told(
        f"{WHO} syscall=82",
        *PARENTS,
        path(2, "/etc/berth+", "DELETE"),
        path(3, "/etc/berth", "DELETE"),
        path(4, "/etc/berth", "CREATE"),
    )
    assert found["object"] == {"kind": "file", "name": "/etc/berth+", "to": "/etc/berth"}


def test_two_names_that_are_exchanged_are_told_from_the_first_to_the_second() -> None:
    found = told(
        f"{WHO} syscall=316 a0=ffffff9c a2=ffffff9c",
        *PARENTS,
        path(2, "/etc/a", "DELETE"),
        path(3, "/etc/b", "DELETE"),
        path(4, "/etc/b", "CREATE"),
        path(5, "/etc/a", "CREATE"),
    )
    assert found["object"] == {"kind": "file", "name": "/etc/a", "to": "/etc/b"}


@pytest.mark.parametrize(
    ("call", "thing"),
    [
        ("264 a0=ffffff9c a2=5", {"kind": "file"}),
        ("264 a0=5 a2=ffffff9c", {"kind": "file"}),
        ("264 a0=ffffff9c a1=9 a2=ffffff9c", {"kind": "file", "parent": "/home/m"}),
        ("266 a0=5 a1=ffffff9c", {"kind": "symlink", "parent": "/home/m"}),
        ("266 a0=5 a1=6", {"kind": "symlink"}),
        ("263 a0=ffffff9c a1=5", {"kind": "file", "parent": "/home/m"}),
    ],
)
def test_a_directory_is_named_only_where_every_descriptor_is_the_working_directory(call: str, thing: Any) -> None:
    assert told(f"{WHO} syscall={call}", path(0, "/home/m", "PARENT"))["object"] == thing


def test_a_symlink_is_named_in_full_and_its_target_as_it_is_written() -> None:
    lines = (path(0, "/home/m", "PARENT"), path(1, "../t", "UNKNOWN"), path(2, "link", "CREATE"))
    found = told(f"{WHO} syscall=88", f'type=CWD {HEADER} cwd="/home/m"', *lines)
    assert found["object"] == {"kind": "symlink", "name": "/home/m/link", "target": "../t"}


@pytest.mark.parametrize("name", ["unset", "?", "(none)", "n/a"])
def test_a_file_cannot_hide_behind_a_word_for_nothing(name: str) -> None:
    assert told(f"{WHO} syscall=2", path(0, name, "NORMAL"))["object"]["name"] == name
