"""What records of user space, and decisions of the kernel, are in OCSF."""

import pytest
from documents import CWD, HEADER, OPEN, SHADOW, TITLE
from ocsf import LOGIN, PROCESS, told, user, valid


def test_a_login_that_failed_is_an_authentication() -> None:
    found = user(
        "USER_LOGIN",
        'op=login acct="mallory" exe="/usr/sbin/sshd" hostname=evil addr=203.0.113.9 terminal=ssh res=failed',
    )
    assert told(found) == (300201, "Authentication: Logon")
    assert (found["status"], found["status_id"]) == ("Failure", 2)
    assert found["user"] == {"name": "mallory"}
    assert found["service"] == {"name": "sshd"}
    assert found["src_endpoint"] == {"ip": "203.0.113.9", "hostname": "evil"}
    assert found["is_remote"] is True
    assert found["session"] == {"uid": "3", "terminal": "ssh"}
    assert found["metadata"]["event_code"] == "USER_LOGIN"
    assert found["unmapped"]["USER_LOGIN.msg.op"] == "login"


@pytest.mark.parametrize(
    ("kind", "type_uid"),
    [
        ("USER_AUTH", 300201),
        ("USER_START", 300201),
        ("USER_END", 300202),
        ("USER_LOGOUT", 300202),
        ("CRED_ACQ", 300299),
    ],
)
def test_sessions_are_authentication(kind: str, type_uid: int) -> None:
    found = user(kind, 'op=PAM:x acct="mara" exe="/usr/bin/sudo" hostname=? addr=? terminal=pts/1 res=success')
    assert found["type_uid"] == type_uid
    assert found["user"] == {"name": "mara"}
    assert "src_endpoint" not in found


@pytest.mark.parametrize(
    ("kind", "type_uid"),
    [
        ("ADD_USER", 300101),
        ("DEL_USER", 300106),
        ("USER_CHAUTHTOK", 300103),
        ("ACCT_LOCK", 300109),
        ("ACCT_UNLOCK", 300112),
        ("USER_MGMT", 300199),
    ],
)
def test_an_account_is_the_user_that_is_changed(kind: str, type_uid: int) -> None:
    found = user(kind, 'op=x acct="guest" id=1005 exe="/usr/sbin/useradd" hostname=? addr=? terminal=pts/1 res=success')
    assert found["type_uid"] == type_uid
    assert found["user"] == {"name": "guest", "uid": "1005"}
    assert found["actor"]["user"] == LOGIN


def test_an_account_that_is_known_by_its_number_has_the_name_that_the_sender_knew() -> None:
    found = user(
        "USER_LOGIN", 'op=login id=1207 exe="/usr/sbin/sshd" hostname=? addr=? terminal=? res=success', ' ID="mara"'
    )
    assert found["user"] == {"uid": "1207", "name": "mara"}


def test_a_member_of_a_group_is_the_user() -> None:
    found = user("GRP_MGMT", 'op=add-user-to-group grp="wheel" acct="guest" exe="/usr/sbin/usermod" res=success')
    assert told(found) == (300603, "Group Management: Add User")
    assert found["group"] == {"name": "wheel"}
    assert found["user"] == {"name": "guest"}


def test_a_role_is_a_privilege() -> None:
    found = user(
        "ROLE_ASSIGN", 'op=login-role acct="guest" old-role=? new-role=staff_r exe="/usr/sbin/semanage" res=success'
    )
    assert told(found) == (300501, "User Access Management: Assign Privileges")
    assert found["privileges"] == ["staff_r"]


def test_a_denial_is_a_finding() -> None:
    avc = (
        f'type=AVC {HEADER} avc:  denied  {{ read }} for  pid=7 comm="cat" name="shadow" dev="fe01" ino=77 '
        "scontext=u:r:httpd_t:s0 tcontext=u:r:shadow_t:s0 tclass=file permissive=0"
    )
    found = valid(avc, OPEN, CWD, SHADOW, TITLE)
    assert told(found) == (200401, "Detection Finding: Create")
    assert found["finding_info"] == {"uid": "1700000000.004:1001", "title": "denied access", "types": ["access"]}
    assert (found["action"], found["action_id"], found["disposition"], found["disposition_id"]) == (
        "Denied",
        2,
        "Blocked",
        2,
    )
    assert (found["status"], found["status_id"]) == ("New", 1)
    assert found["is_alert"] is True
    assert found["actor"]["process"] == PROCESS
    assert found["unmapped"]["outcome"] == "failure"
    assert found["unmapped"]["AVC.tclass"] == "file"


def test_the_judge_of_a_denial_is_not_who_was_denied() -> None:
    found = user(
        "USER_AVC",
        "avc:  denied  { send_msg } for msgtype=method_call spid=77 tpid=1 scontext=a:b:c tcontext=d:e:f tclass=dbus "
        'permissive=0 exe="/usr/bin/dbus-daemon" sauid=81 hostname=? addr=? terminal=?',
    )
    assert found["class_uid"] == 2004
    assert found["actor"] == {"process": {"pid": 77}}
    assert found["unmapped"]["judge"] == {
        "pid": "9",
        "uid": "0",
        "auid": "1000",
        "ses": "3",
        "exe": "/usr/bin/dbus-daemon",
    }


@pytest.mark.parametrize(("kind", "type_uid"), [("SERVICE_START", 600203), ("SERVICE_STOP", 600204)])
def test_a_service_is_an_application(kind: str, type_uid: int) -> None:
    found = user(
        kind, 'unit=cron comm="systemd" exe="/usr/lib/systemd/systemd" hostname=? addr=? terminal=? res=success'
    )
    assert found["type_uid"] == type_uid
    assert found["app"] == {"name": "cron"}


@pytest.mark.parametrize(
    ("text", "type_uid"),
    [
        ("audit_enabled=0 old=1 auid=1000 ses=3 res=1", 100810),
        ("audit_enabled=1 old=0 auid=1000 ses=3 res=1", 100809),
        ('auid=1000 ses=3 op=remove_rule key="shadow" list=4 res=1', 100899),
    ],
)
def test_settings_of_audit_are_about_a_log(text: str, type_uid: int) -> None:
    found = valid(f"type=CONFIG_CHANGE {HEADER} {text}")
    assert found["type_uid"] == type_uid
    assert found["log_name"] == "audit"
    assert found["actor"] == {"user": {"uid": "1000"}, "session": {"uid": "3"}}


def test_a_command_of_sudo_is_a_process_whose_number_nobody_knows() -> None:
    found = user("USER_CMD", 'cwd="/srv" cmd=6C73202D6C exe="/usr/bin/sudo" terminal=pts/1 res=success')
    assert told(found) == (100701, "Process Activity: Launch")
    assert found["process"] == {"uid": "1700000000.004:1001", "cmd_line": "ls -l", "working_directory": "/srv"}
    assert found["actor"]["process"]["pid"] == 9
