"""Records in, their document out, if the published JSON Schema of its class in OCSF 1.5.0 has nothing against it."""

import json
from collections.abc import Iterable
from functools import cache
from typing import Any, Final

import pytest
from documents import HEADER, OPEN, document

VERSION: Final = "1.5.0"
#: the profiles that a document can say it has
PROFILES: Final = ("host", "linux/linux_users", "security_control")

EXECVE: Final = f'type=EXECVE {HEADER} argc=2 a0="cat" a1="/etc/a b"'
CAT: Final = f'type=PATH {HEADER} item=0 name="/usr/bin/cat" inode=9 dev=fe:01 mode=0100755 nametype=NORMAL'
#: who logged in, and the process, of OPEN
LOGIN: Final = {"uid": "1000", "name": "mara"}
PROCESS: Final = {
    "pid": 7,
    "name": "cat",
    "file": {"name": "cat", "path": "/usr/bin/cat", "type_id": 1},
    "cmd_line": "cat /etc/shadow",
    "working_directory": "/srv",
    "parent_process": {"pid": 6},
    "user": {"uid": "0", "name": "root"},
    "group": {"uid": "0", "name": "root"},
    "auid": 1000,
    "euid": 33,
    "egid": 0,
}
INET: Final = f"type=SOCKADDR {HEADER} saddr=020001BB0A0000010000000000000000"


@cache
def _schemas() -> Any:
    library = pytest.importorskip(
        "ocsf_json_schema", reason="the JSON Schema of OCSF is in the package ocsf-json-schema"
    )
    return library.OcsfJsonSchemaEmbedded(library.get_ocsf_schema(VERSION))


@cache
def _validator(uid: int, profiles: tuple[str, ...]) -> Any:
    jsonschema = pytest.importorskip("jsonschema")
    schemas = _schemas()
    return jsonschema.Draft202012Validator(
        schemas.get_class_schema(schemas.lookup_class_name_from_uid(uid), list(profiles))
    )


def faults(document: dict[str, Any]) -> list[str]:
    """Everything that makes a document invalid, with its place; nothing if it is an event of its class."""
    profiles = tuple(document["metadata"]["profiles"])
    found = [f"profile {name}" for name in profiles if name not in PROFILES]
    if document["type_uid"] != document["class_uid"] * 100 + document["activity_id"]:
        found.append(f"type_uid {document['type_uid']}")
    errors = _validator(document["class_uid"], profiles).iter_errors(document)
    return found + [f"{'.'.join(map(str, error.absolute_path))}: {error.message[:200]}" for error in errors]


def invalid(documents: Iterable[dict[str, Any]]) -> dict[str, str]:
    """The faults of some documents, each kind of document looked at once: by id what is wrong with it."""
    seen: set[str] = set()
    found = {}
    for one in documents:
        kind = json.dumps(_shape(one, ""))
        if kind not in seen:
            seen.add(kind)
            if wrong := faults(one):
                found[one["metadata"]["uid"]] = "; ".join(wrong)
    return found


def _shape(value: Any, name: str) -> Any:
    """What a schema can see of a value: all but the words of a text and the size of a number, where neither counts."""
    if isinstance(value, dict):
        return {key: _shape(part, key) for key, part in value.items() if key != "unmapped"}
    if isinstance(value, list):
        return [_shape(part, name) for part in value]
    if name.endswith(("_id", "_uid", "port", "ip")) or value is None or isinstance(value, bool):
        return value
    return "" if isinstance(value, str) else 0


def call(number: int, *lines: str, success: bool = True, **fields: str) -> dict[str, Any]:
    """The document of a system call by the process of OPEN, which is valid."""
    line = OPEN.replace("syscall=257", f"syscall={number}").replace(" SYSCALL=openat", "")
    if success:
        line = line.replace("success=no exit=-13", "success=yes exit=0")
    for key, value in fields.items():
        front, _, rest = line.partition(f" {key}=")
        line = f"{front} {key}={value} {rest.partition(' ')[2]}"
    return valid(line, *lines)


def user(kind: str, text: str, enriched: str = "") -> dict[str, Any]:
    """The document of a record of user space, which is valid."""
    return valid(f'type={kind} {HEADER} pid=9 uid=0 auid=1000 ses=3 msg=\'{text}\'\x1dUID="root" AUID="mara"{enriched}')


def valid(*lines: str) -> dict[str, Any]:
    found = document("ocsf", *lines)
    assert faults(found) == []
    return found


def told(found: dict[str, Any]) -> tuple[int, str]:
    """Type and name of what a document says was done."""
    return found["type_uid"], found["type_name"]
