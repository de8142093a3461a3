"""CEF, CSV and syslog: what a stranger chose cannot end a field or a line."""

import csv
import io
import json
import re
from typing import Any

import pytest
from documents import CWD, HEADER, OPEN, SHADOW, TITLE, line

import stitcher
from stitcher.errors import ConfigError
from stitcher.schemas import schema_of

#: a file name with everything that the formats use for themselves; in hex, as the kernel writes it
EVIL = 'a|b=c\\d"e,f\ng\x1b]0;h'
EVIL_PATH = SHADOW.replace('"/etc/shadow"', f"/{EVIL}".encode().hex().upper())


def cef_of(text: str) -> tuple[list[str], dict[str, str]]:
    """The header and the extension of a CEF line, read as its documentation says."""
    parts = re.split(r"(?<!\\)\|", text.rstrip("\n"), maxsplit=7)
    pairs = re.findall(r"([A-Za-z0-9_.]+)=((?:\\.|[^=\\])*?)(?= [A-Za-z0-9_.]+=|$)", parts[7])
    unescaped = {key: re.sub(r"\\(.)", lambda m: {"n": "\n", "r": "\r"}.get(m[1], m[1]), value) for key, value in pairs}
    return [part.replace("\\|", "|").replace("\\\\", "\\") for part in parts[:7]], unescaped


def test_cef_has_seven_fields_in_its_header_and_keys_behind() -> None:
    header, extension = cef_of(line(schema_of("audit", "cef"), OPEN, CWD, SHADOW, TITLE))
    assert header == ["CEF:0", "Linux", "auditd", "", "openat", "opened file", "2"]
    assert extension["rt"] == "1700000000004"
    assert extension["suser"] == "mara"
    assert extension["duser"] == "www-data"
    assert extension["filePath"] == "/etc/shadow"
    assert extension["outcome"] == "failure"
    assert extension["cs1"] == "cat /etc/shadow"
    assert extension["cs1Label"] == "command line"
    assert extension["ad.exit"] == "EACCES(Permission denied)"


def test_a_value_in_cef_ends_neither_its_pair_nor_the_line() -> None:
    made = line(schema_of("audit", "cef"), OPEN, CWD, EVIL_PATH, TITLE)
    assert made.count("\n") == 1
    assert "\x1b" not in made
    _, extension = cef_of(made)
    assert extension["filePath"] == f"/{EVIL}".replace("\x1b", "\\x1b")
    assert extension["fname"] == EVIL.replace("\x1b", "\\x1b")
    assert extension["fileType"] == "file"


def test_csv_has_the_columns_that_its_header_names() -> None:
    schema = schema_of("audit", "csv")
    rows = list(csv.reader(io.StringIO(schema.head + line(schema, OPEN, CWD, SHADOW, TITLE))))
    row = dict(zip(*rows, strict=True))
    assert row["time"] == "2023-11-14T22:13:20.004Z"
    assert row["action"] == "opened-file"
    assert row["object"] == "/etc/shadow"
    assert row["command_line"] == "cat /etc/shadow"
    assert row["keys"] == "shadow"
    assert row["complete"] == "true"


def test_the_columns_of_csv_are_stable() -> None:
    assert schema_of("audit", "csv").head == (
        "time,node,id,category,action,outcome,error,login,acting,object_kind,object,object_to,port,direction,from,how,"
        "command_line,directory,pid,ppid,session,terminal,syscall,record,keys,complete,raw\n"
    )


def test_a_cell_of_csv_ends_where_it_should() -> None:
    schema = schema_of("audit", "csv")
    made = line(schema, OPEN, CWD, EVIL_PATH, TITLE)
    assert made.count("\n") == 1
    (row,) = csv.reader(io.StringIO(made))
    at = schema.head.split(",").index("object")
    assert row[at] == f"/{EVIL}".replace("\x1b", "\\x1b").replace("\n", "\\x0a")


def test_extra_is_one_cell_of_json() -> None:
    schema = schema_of("kuma", "csv")
    for comm, added in (("cat", {}), ("c" * 2000, {"overlong": "DeviceProcessName", "DeviceProcessName": "c" * 2000})):
        made = line(schema, OPEN.replace('comm="cat"', f'comm="{comm}"'), TITLE)
        (head, row) = csv.reader(io.StringIO(schema.head + made))
        extra = json.loads(dict(zip(head, row, strict=True))["Extra"])
        assert extra["arch"] == "x86_64"
        assert added.items() <= extra.items()


@pytest.mark.parametrize("schema", ["audit", "ecs", "kuma"])
def test_a_message_of_syslog_has_a_header_of_rfc_5424_and_the_document(schema: str) -> None:
    lines = "\n".join(f"node=web01 {text}" for text in (OPEN, CWD, SHADOW, TITLE)).encode()
    corridor = stitcher.Stitcher(schema=schema, form="syslog")
    made = (corridor.feed(lines) + corridor.close()).decode()
    front, brace, rest = made.partition("{")
    assert front == f"<110>1 2023-11-14T22:13:20.004Z web01 stitcher - {schema} - "
    plain = stitcher.Stitcher(schema=schema)
    assert (brace + rest).encode() == plain.feed(lines) + plain.close()


def test_a_node_that_is_no_host_name_cannot_forge_a_header() -> None:
    corridor = stitcher.Stitcher(form="syslog")
    peer = corridor.source("w\xe9b <1>".encode())
    made = corridor.feed(OPEN.encode() + b"\n", 0.0, peer) + corridor.close()
    assert made.split(b" ")[2] == b"w?b?<1>"


def test_csv_begins_with_its_header_once() -> None:
    corridor = stitcher.Stitcher(form="csv")
    first = corridor.feed(f"{OPEN}\n{TITLE}\ntype=EOE {HEADER} \n".encode())
    second = corridor.feed(f"{OPEN}\n{TITLE}\n".replace(":1001)", ":1002)").encode()) + corridor.close()
    assert first.startswith(b"time,node,")
    assert b"time,node," not in second
    assert second.count(b"\n") == 1


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"form": "cvs"}, "no format 'cvs'; did you mean 'csv'?"),
        ({"schema": "kumo"}, "no schema 'kumo'; did you mean 'kuma'?"),
        ({"schema": "ecs", "form": "cef"}, "cef is written of the fields of kuma"),
        ({"schema": "ecs", "form": "csv"}, "is a tree"),
        ({"schema": "ecs", "summarize": True}, "made of the summary already"),
        (
            {"schema": "ecs", "rule": stitcher.Rule(("id",), lambda _: None)},
            "a rule adds to events of the schema 'audit'",
        ),
        ({"schema": "ecs", "emit": "aggregated"}, "emit='aggregated' ends before there are any"),
    ],
)
def test_what_does_not_go_together_is_said(asked: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(words)):
        stitcher.Stitcher(**asked)


def test_read_gives_documents_of_a_schema() -> None:
    (found,) = stitcher.read([OPEN, CWD, SHADOW, TITLE], schema="ecs", keep_raw=True)
    assert found["event"]["action"] == "opened-file"
    assert found["event"]["original"].split("\n")[1] == CWD
