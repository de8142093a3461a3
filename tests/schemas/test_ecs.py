"""Events in ECS: the fields that detection rules look for, of the right names and types."""

import ipaddress
from collections.abc import Iterator
from typing import Any

import pytest
from corridor import sample, sample_names
from documents import CWD, HEADER, OPEN, SHADOW, TITLE, document, documents

from stitcher.resources import shipped
from stitcher.schemas._fields import FieldTable, shipped_table
from stitcher.summary import summarizer
from stitcher.yamlfile import load

#: values that ECS 8.17 allows in event.category, and which of event.type go with each
ALLOWED = {
    "authentication": "end info start",
    "configuration": "access change creation deletion info",
    "driver": "change end info start",
    "file": "access change creation deletion info",
    "host": "access change end info start",
    "iam": "admin change creation deletion group info user",
    "intrusion_detection": "allowed denied info",
    "network": "access allowed connection denied end info protocol start",
    "package": "access change deletion info installation start",
    "process": "access change end info start",
    "session": "end info start",
}
LEAF = (str, int, bool, list)


def leaves(tree: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Names of fields with dots, and their values."""
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from leaves(value, f"{name}{key}.")
        else:
            yield f"{name}{key}", value


def fits(table: FieldTable, name: str, value: Any) -> bool:
    kind = table.type_of(name)
    if kind is None:
        return False
    if kind.type == "any":
        return True
    values = value if isinstance(value, list) else [value]
    if isinstance(value, list) != kind.listed:
        return False
    if kind.type == "ip":
        return all(ipaddress.ip_address(one) for one in values)
    wanted = {"text": str, "date": str, "number": int, "boolean": bool}[kind.type]
    return all(isinstance(one, wanted) for one in values)


@pytest.mark.parametrize("name", sample_names())
def test_every_field_of_every_sample_is_one_of_ecs_and_has_its_type(name: str) -> None:
    table = shipped_table("fields-ecs.yaml")
    for found in documents("ecs", sample(name)):
        wrong = {field: value for field, value in leaves(found) if not fits(table, field, value)}
        assert wrong == {}


@pytest.mark.parametrize("name", sample_names())
def test_categories_and_types_are_the_allowed_ones(name: str) -> None:
    for found in documents("ecs", sample(name)):
        event = found["event"]
        allowed = {word for category in event["category"] for word in ALLOWED[category].split()}
        assert set(event["type"]) <= allowed, event
        assert event["kind"] in ("event", "alert")
        assert event["outcome"] in ("success", "failure", "unknown")


def test_every_category_and_action_of_the_tables_is_one_that_a_summary_has() -> None:
    rules = summarizer().rules
    meanings = [rule.meaning for rule in rules.rules] + [one.meaning for rule in rules.rules for one in rule.when]
    categories = set(rules.words.categories)
    known = categories | {meaning.action for meaning in meanings}
    for schema, table in (("ecs", "categories"), ("ecs", "types"), ("kuma", "severities")):
        mapping: Any = load(shipped("normalizers") / f"schema-{schema}.yaml")
        words = set(mapping["tables"][table])
        assert words <= known, words - known
        assert categories <= words


def test_every_action_of_a_category_has_types_that_go_with_it() -> None:
    mapping: Any = load(shipped("normalizers") / "schema-ecs.yaml")
    categories, types = mapping["tables"]["categories"], mapping["tables"]["types"]
    rules = summarizer().rules
    meanings = [rule.meaning for rule in rules.rules] + [one.meaning for rule in rules.rules for one in rule.when]
    wrong = []
    for meaning in meanings:
        found = categories.get(meaning.action, categories[meaning.category])
        allowed = {word for category in found for word in ALLOWED[category].split()}
        if not set(types.get(meaning.action, types[meaning.category])) <= allowed:
            wrong.append((meaning.category, meaning.action))
    assert wrong == []


def test_who_did_it_stands_under_user() -> None:
    user = document("ecs", OPEN, CWD, SHADOW, TITLE)["user"]
    assert user == {
        "id": "0",
        "name": "root",
        "group": {"id": "0", "name": "root"},
        "audit": {"id": "1000", "name": "mara"},
        "effective": {"id": "33", "name": "www-data"},
        "selinux": {"user": "unconfined_u", "role": "unconfined_r", "type": "unconfined_t", "range": "s0"},
    }


def test_what_ran_stands_under_process_and_its_arguments_are_one_list() -> None:
    process = document("ecs", OPEN, CWD, SHADOW, TITLE)["process"]
    assert process == {
        "executable": "/usr/bin/cat",
        "name": "cat",
        "pid": 7,
        "parent": {"pid": 6},
        "title": "cat /etc/shadow",
        "args": ["cat", "/etc/shadow"],
        "working_directory": "/srv",
    }


def test_the_arguments_of_a_program_that_was_run_are_those_of_execve() -> None:
    execve = f'type=EXECVE {HEADER} argc=3 a0="cat" a1="-n" a2="/etc/a b"'
    run = OPEN.replace("syscall=257", "syscall=59").replace("SYSCALL=openat", "SYSCALL=execve")
    process = document("ecs", run, execve, CWD, SHADOW, TITLE)["process"]
    assert process["args"] == ["cat", "-n", "/etc/a b"]
    assert process["args_count"] == 3
    assert process["command_line"] == "cat -n '/etc/a b'"


def test_the_file_is_described_by_its_own_path_record() -> None:
    directory = f'type=PATH {HEADER} item=0 name="/etc" inode=5 mode=040755 nametype=PARENT'
    found = document("ecs", OPEN, CWD, directory, SHADOW.replace("item=0", "item=1"), TITLE)
    assert found["file"] == {
        "path": "/etc/shadow",
        "name": "shadow",
        "directory": "/etc",
        "type": "file",
        "inode": "77",
        "mode": "0640",
        "device": "fe:01",
        "uid": "0",
        "gid": "42",
        "owner": "root",
        "group": "shadow",
    }


def test_the_event_says_what_was_done_and_how_it_went() -> None:
    found = document("ecs", OPEN, CWD, SHADOW, TITLE)
    assert found["@timestamp"] == "2023-11-14T22:13:20.004Z"
    assert found["event"] == {
        "kind": "event",
        "category": ["file"],
        "type": ["access"],
        "action": "opened-file",
        "outcome": "failure",
        "module": "auditd",
        "dataset": "auditd.log",
        "id": "1700000000.004:1001",
        "sequence": 1001,
    }
    assert found["error"] == {"code": "EACCES"}
    assert found["tags"] == ["shadow"]
    assert found["related"]["user"] == ["root", "mara", "www-data"]
    assert found["auditd"]["summary"] == {
        "actor": {"primary": "mara", "secondary": "www-data"},
        "how": "/usr/bin/cat",
        "object": {"type": "file", "primary": "/etc/shadow"},
    }
    assert found["auditd"]["data"]["syscall"] == "openat"
    assert found["auditd"]["data"]["a2"] == "O_RDONLY|O_CLOEXEC"
    assert found["auditd"]["paths"][0]["name"] == "/etc/shadow"


@pytest.mark.parametrize(
    ("number", "end", "direction"),
    [(42, "destination", "egress"), (43, "source", "ingress"), (49, "source", None)],
)
def test_the_address_stands_at_the_end_that_the_direction_says(number: int, end: str, direction: str | None) -> None:
    call = (
        OPEN.replace("syscall=257", f"syscall={number}")
        .replace(" SYSCALL=openat", "")
        .replace("success=no exit=-13", "success=yes exit=0")
    )
    found = document("ecs", call, f"type=SOCKADDR {HEADER} saddr=020001BB0A0000010000000000000000", TITLE)
    assert found[end] == {"address": "10.0.0.1", "ip": "10.0.0.1", "port": 443}
    assert found["network"].get("direction") == direction
    assert found["network"]["type"] == "ipv4"
    assert found["related"]["ip"] == ["10.0.0.1"]
    assert found["event"]["category"] == ["network"]


def test_an_account_that_is_changed_is_the_target_and_not_the_user() -> None:
    found = document(
        "ecs",
        f'type=USER_CHAUTHTOK {HEADER} pid=9 uid=0 auid=1000 ses=3 msg=\'op=PAM:chauthtok acct="guest" '
        'exe="/usr/bin/passwd" hostname=web01 addr=10.0.0.9 terminal=pts/1 res=success\'\x1dUID="root" AUID="mara"',
    )
    assert found["user"]["target"] == {"name": "guest"}
    assert found["user"]["name"] == "root"
    assert found["process"] == {"executable": "/usr/bin/passwd", "pid": 9}
    assert found["auditd"]["message_type"] == "user_chauthtok"
    assert found["auditd"]["data"]["acct"] == "guest"
    assert found["related"]["ip"] == ["10.0.0.9"]
    assert found["related"]["hosts"] == ["web01"]


def test_keys_that_nobody_knows_do_not_become_fields() -> None:
    found = document("ecs", f"type=USER {HEADER} pid=9 uid=0 auid=1000 ses=3 msg='x1=1 x2=2 op=ping'")
    data = found["auditd"]["data"]
    assert data["op"] == "ping"
    assert data["other"] == ["msg.x1=1", "msg.x2=2"]


def test_a_number_that_is_none_is_kept_and_counted() -> None:
    from stitcher.schemas import schema_of

    schema = schema_of("ecs")
    found = document(schema, OPEN.replace("pid=7 ", "pid=seven "), TITLE)
    assert "pid" not in found["process"]
    assert found["auditd"]["unfit"] == ["process.pid=seven"]
    assert schema.counts() == {"overlong": 0, "unfit": 1}
