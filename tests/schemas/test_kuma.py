"""Events in KUMA's model: flat, of the right types and sizes, and nothing is lost on the way."""

import json
from pathlib import Path
from typing import Any

import pytest
from corridor import events, sample, sample_names
from documents import CWD, HEADER, OPEN, SHADOW, TITLE, document, documents

from stitcher.kernel import _reference as reference
from stitcher.resources import shipped
from stitcher.schemas import Schema, schema_of
from stitcher.schemas._fields import shipped_table

#: a comm of 70 characters, which no kernel writes; DeviceAction and others hold 63, ExternalID 40
LONG = "x" * 70


def policy(tmp_path: Path, name: str) -> Schema:
    """The mapping with another policy for what is too long, and a small DeviceProcessName."""
    fields = (shipped("normalizers") / "fields-kuma.yaml").read_text("utf-8")
    fields = fields.replace("overlong: spill", f"overlong: {name}").replace("DeviceProcessName, ", "")
    fields += "  - {type: text, size: 30, names: [DeviceProcessName]}\n"
    (tmp_path / "fields-kuma.yaml").write_text(fields, "utf-8")
    (tmp_path / "own.yaml").write_text((shipped("normalizers") / "schema-kuma.yaml").read_text("utf-8"), "utf-8")
    return schema_of(str(tmp_path / "own.yaml"))


@pytest.mark.parametrize("name", sample_names())
def test_every_field_of_every_sample_is_one_of_kuma_and_fits(name: str) -> None:
    types = shipped_table("fields-kuma.yaml").types
    for found in documents("kuma", sample(name)):
        for field, value in found.items():
            kind = types[field]
            wanted = {"number": int, "text": str, "ip": str, "texts": dict}[kind.type]
            assert isinstance(value, wanted), field
            assert not kind.size or len(value) <= kind.size
        assert all(isinstance(value, str) for value in found.get("Extra", {}).values())


def test_an_event_is_a_base_event_with_who_what_and_on_what() -> None:
    found = document("kuma", OPEN, CWD, SHADOW, TITLE)
    extra = found.pop("Extra")
    assert found == {
        "Type": 1,
        "DeviceVendor": "Linux",
        "DeviceProduct": "auditd",
        "ExternalID": "1700000000.004:1001",
        "StartTime": 1700000000004,
        "EndTime": 1700000000004,
        "BaseEventCount": 4,
        "DeviceEventClassID": "openat",
        "DeviceEventCategory": "file",
        "DeviceAction": "opened-file",
        "Name": "opened file",
        "EventOutcome": "failure",
        "Reason": "EACCES",
        "Severity": "2",
        "SourceUserName": "mara",
        "SourceUserID": "1000",
        "DestinationUserName": "www-data",
        "DestinationUserID": "33",
        "SourceProcessName": "/usr/bin/cat",
        "SourceProcessID": 7,
        "DeviceProcessName": "cat",
        "FilePath": "/etc/shadow",
        "FileName": "shadow",
        "FileType": "file",
        "FileID": "77",
        "FilePermission": "0640",
        "DeviceCustomString1": "cat /etc/shadow",
        "DeviceCustomString1Label": "command line",
        "DeviceCustomString2": "shadow",
        "DeviceCustomString2Label": "keys",
        "DeviceCustomString3": "/srv",
        "DeviceCustomString3Label": "working directory",
        "DeviceCustomString4": "3",
        "DeviceCustomString4Label": "session",
        "DeviceCustomString5": "pts1",
        "DeviceCustomString5Label": "terminal",
    }
    assert extra["arch"] == "x86_64"
    assert extra["exit"] == "EACCES(Permission denied)"
    assert extra["ppid"] == "6"


def test_fields_of_records_without_a_place_of_their_own_go_to_extra() -> None:
    found = document(
        "kuma",
        f'type=USER_LOGIN {HEADER} pid=9 uid=0 auid=1000 ses=3 msg=\'op=login id=1000 exe="/usr/sbin/sshd" '
        "hostname=h addr=10.0.0.9 terminal=ssh res=success'",
    )
    assert found["SourceAddress"] == "10.0.0.9"
    assert found["Extra"]["USER_LOGIN.msg.op"] == "login"
    assert found["Extra"]["USER_LOGIN.msg.id"] == "1000"
    assert found["Extra"]["USER_LOGIN.msg.addr"] == "10.0.0.9"


@pytest.mark.parametrize("name", sample_names())
def test_every_field_of_a_record_of_user_space_is_in_the_document(name: str) -> None:
    data = sample(name)
    for event, found in zip(events(reference, data), documents("kuma", data), strict=True):
        text = json.dumps(found)
        for record in event["records"]:
            if record["type"].startswith(("USER_", "CRED_", "SERVICE_", "BPRM_", "MMAP", "OBJ_PID")):
                for value in record["fields"].get("msg", record["fields"]).values():
                    if isinstance(value, str) and value not in ("?", "(null)", "(none)"):
                        assert json.dumps(value)[1:-1] in text or repr(value)[1:-1] in text, (record["type"], value)


@pytest.mark.parametrize(
    ("name", "extra"),
    [
        ("truncate", {}),
        ("spill", {"DeviceProcessName": LONG}),
        ("split", {"DeviceProcessName.2": "x" * 30, "DeviceProcessName.3": "x" * 10}),
    ],
)
def test_a_text_that_is_too_long_is_cut_marked_and_counted(tmp_path: Path, name: str, extra: dict[str, str]) -> None:
    schema = policy(tmp_path, name)
    lines = (OPEN.replace('comm="cat"', f'comm="{LONG}"'), TITLE)
    for nth in (1, 2):  # the second is no less marked than the first
        found: dict[str, Any] = document(schema, *lines)
        assert found["DeviceProcessName"] == "x" * 30
        assert {key: value for key, value in found["Extra"].items() if "DeviceProcessName" in key} == extra
        assert found["Extra"]["overlong"] == "DeviceProcessName"
        assert schema.counts() == {"overlong": nth, "unfit": 0}


def test_a_number_that_is_none_goes_to_extra() -> None:
    schema = schema_of("kuma")
    found = document(schema, OPEN.replace("pid=7 ", "pid=seven "), TITLE)
    assert "SourceProcessID" not in found
    assert found["Extra"]["SourceProcessID"] == "seven"
    assert schema.counts()["unfit"] == 1


def test_a_result_that_is_no_process_is_none_however_many_were_before() -> None:
    call = OPEN.replace("syscall=257", "syscall=57").replace("success=no", "success=yes").replace("SYSCALL=openat", "")
    schema = schema_of("kuma")
    assert document(schema, call.replace("exit=-13", "exit=77"), TITLE)["DestinationProcessID"] == 77
    assert "DestinationProcessID" not in document(schema, call.replace("exit=-13", "exit=x7"), TITLE)


def test_the_second_name_of_a_rename_is_kept() -> None:
    call = (
        OPEN.replace("syscall=257", "syscall=82")
        .replace("SYSCALL=openat", "SYSCALL=rename")
        .replace("success=no exit=-13", "success=yes exit=0")
    )
    names = [
        f'type=PATH {HEADER} item={item} name="{name}" inode={item} nametype={kind}'
        for item, (name, kind) in enumerate([("/a", "PARENT"), ("/a/x", "DELETE"), ("/a/y", "CREATE")])
    ]
    found = document("kuma", call, CWD, *names, TITLE)
    assert found["OldFilePath"] == "/a/x"
    assert found["Extra"]["to"] == "/a/y"
    assert found["Extra"]["paths"] == "PARENT=/a DELETE=/a/x CREATE=/a/y"
