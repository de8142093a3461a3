"""Events in OCSF: every one is valid for its class by the published schema."""

import json
from pathlib import Path
from typing import Any, Final

import ocsf
import pytest
from corridor import sample, sample_names
from documents import CWD, HEADER, OPEN, SHADOW, TITLE, documents, values_of
from hypothesis import given
from hypothesis import strategies as st
from ocsf import CAT, EXECVE, INET, LOGIN, PROCESS, call, told, user, valid

import stitcher
from stitcher.kernel import _reference as reference
from stitcher.pipeline import Stitcher
from stitcher.resources import shipped
from stitcher.schemas import schema_of
from stitcher.summary import summarizer
from stitcher.yamlfile import load

LIVE: Final = Path(__file__).resolve().parents[3] / "shared" / "corpora" / "live"


@pytest.mark.parametrize("name", sample_names())
def test_every_event_of_every_sample_is_valid_for_its_class(name: str) -> None:
    assert ocsf.invalid(documents("ocsf", sample(name))) == {}


@pytest.mark.skipif(not LIVE.is_dir(), reason="no ../shared/corpora beside the checkout")
@pytest.mark.parametrize(
    "name", ["enriched-full.log.gz", "raw-slice.log", "blocking-syscalls.log", "lossy.log", "dmesg.txt"]
)
def test_every_event_of_a_real_log_is_valid_for_its_class(name: str) -> None:
    found = list(stitcher.read(str(LIVE / name), schema="ocsf"))
    assert ocsf.invalid(found) == {}
    assert sum(one["class_uid"] == 0 for one in found) < len(found) / 4


def test_the_check_finds_what_is_wrong() -> None:
    good = call(59, EXECVE, CWD, CAT, TITLE)
    assert ocsf.faults(good | {"type_uid": 100702})[0] == "type_uid 100702"
    assert "'process' is a required property" in " ".join(ocsf.faults({k: good[k] for k in good if k != "process"}))
    assert "cwd" in " ".join(ocsf.faults(good | {"cwd": "/"}))
    assert ocsf.faults(good | {"actor": {}})


def test_names_and_numbers_of_the_tables_are_those_of_the_published_schema() -> None:
    library = pytest.importorskip("ocsf_json_schema")
    classes = {str(one["uid"]): one for one in library.get_ocsf_schema(ocsf.VERSION)["classes"].values()}
    tables: Any = load(shipped("normalizers") / "schema-ocsf.yaml")["tables"]
    for uid, name in tables["class_names"].items():
        assert classes[uid]["caption"] == name
        (category,) = classes[uid]["attributes"]["category_uid"]["enum"].items()
        number = tables["categories"][uid]
        assert category == (number, category[1])
        assert category[1]["caption"] == tables["category_names"][number]
    for event, name in tables["type_names"].items():
        uid, activity = event.split(".")
        attributes = classes[uid]["attributes"]
        assert attributes["type_uid"]["enum"][event.replace(".", "").lstrip("0") or "0"]["caption"] == name
        if activity == "99":
            assert event not in tables["activity_names"]
        else:
            assert attributes["activity_id"]["enum"][str(int(activity))]["caption"] == tables["activity_names"][event]


def test_every_action_of_the_tables_is_one_that_a_summary_has() -> None:
    tables: Any = load(shipped("normalizers") / "schema-ocsf.yaml")["tables"]
    rules = summarizer().rules
    meanings = [rule.meaning for rule in rules.rules] + [one.meaning for rule in rules.rules for one in rule.when]
    known = set(rules.words.categories) | {meaning.action for meaning in meanings}
    names = (
        "files modules to_itself to_another calls logs findings accounts logins roles groups connections applications"
    )
    for name in (*names.split(), "severities", "actions", "dispositions"):
        assert set(tables[name]) <= known, name
    for name in names.split():
        assert set(tables[name].values()) <= set(tables["type_names"]), name


def test_every_system_call_has_a_class() -> None:
    tables: Any = load(shipped("normalizers") / "schema-ocsf.yaml")["tables"]
    names = ("files", "modules", "to_itself", "to_another", "calls", "connections")
    classed = {action for name in names for action in tables[name]} | {"ran-program"}
    rules = [rule for rule in summarizer().rules.rules if rule.section == "calls"]
    actions = {meaning.action for rule in rules for meaning in (rule.meaning, *(one.meaning for one in rule.when))}
    assert actions - classed == set()


def test_an_event_says_who_did_it_and_where_it_is_from() -> None:
    found = valid(OPEN, CWD, SHADOW, TITLE)
    assert told(found) == (100114, "File System Activity: Open")
    assert (found["category_uid"], found["class_uid"], found["activity_id"]) == (1, 1001, 14)
    assert (found["category_name"], found["class_name"], found["activity_name"]) == (
        "System Activity", "File System Activity", "Open",
    )  # fmt: skip
    assert (found["status"], found["status_id"], found["status_code"]) == ("Failure", 2, "EACCES")
    assert (found["severity"], found["severity_id"]) == ("Informational", 1)
    assert found["time"] == 1700000000004
    assert found["message"] == (
        "mara as root as www-data failed to open file /etc/shadow with /usr/bin/cat: EACCES(Permission denied)"
    )
    assert found["actor"] == {"process": PROCESS, "user": LOGIN, "session": {"uid": "3", "terminal": "pts1"}}
    assert found["metadata"] == {
        "version": "1.5.0",
        "product": {"name": "auditd", "vendor_name": "Linux"},
        "profiles": ["host", "linux/linux_users"],
        "extensions": [{"name": "linux", "uid": "1", "version": "1.5.0"}],
        "log_name": "audit",
        "event_code": "SYSCALL",
        "uid": "1700000000.004:1001",
        "sequence": 1001,
        "labels": ["shadow"],
    }
    assert found["device"] == {
        "hostname": "unknown",
        "type": "Unknown",
        "type_id": 0,
        "os": {"name": "Linux", "type": "Linux", "type_id": 200},
    }
    assert found["file"] == {
        "name": "shadow",
        "path": "/etc/shadow",
        "parent_folder": "/etc",
        "type": "Regular File",
        "type_id": 1,
        "uid": "77",
        "volume": "fe:01",
        "owner": {"uid": "0", "name": "root"},
    }
    assert found["unmapped"] == {
        "arch": "x86_64",
        "syscall": "openat",
        "exit": "EACCES(Permission denied)",
        "a0": "AT_FDCWD",
        "a1": "7f",
        "a2": "O_RDONLY|O_CLOEXEC",
        "a3": "0",
        "subj": "unconfined_u:unconfined_r:unconfined_t:s0",
        "mode": "0640",
    }


def test_the_host_is_the_node() -> None:
    assert valid(*(f"node=web01 {line}" for line in (OPEN, CWD, SHADOW, TITLE)))["device"]["hostname"] == "web01"


def test_the_records_as_they_came_stand_in_raw_data() -> None:
    stitcher = Stitcher(schema="ocsf", keep_raw=True)
    data = "\n".join((OPEN, CWD, SHADOW, TITLE)).encode()
    found = json.loads(stitcher.feed(data) + stitcher.close())
    assert ocsf.faults(found) == []
    assert found["raw_data"].startswith("type=SYSCALL msg=audit(1700000000.004:1001): arch=c000003e")
    assert "type=PROCTITLE" in found["raw_data"]


@pytest.mark.parametrize(
    "lines",
    [
        (OPEN,),
        (OPEN.replace("pid=7 ", "pid=seven "), CWD, SHADOW, TITLE),
        (OPEN.replace("syscall=257", "syscall=42").replace(" SYSCALL=openat", ""),),
        (OPEN.replace("syscall=257", "syscall=57").replace(" SYSCALL=openat", ""),),
        (OPEN.replace("syscall=257", "syscall=59").replace("ppid=6 ", "").replace("openat", "execve"), CWD, CAT),
        (f'type=KERN_MODULE {HEADER} name="dummy"',),
        (f"type=USER_LOGIN {HEADER} pid=9 uid=0 auid=1000 ses=3 msg='op=login res=success'",),
        (f"type=NETFILTER_CFG {HEADER} table=filter family=2 entries=4 op=xt_replace pid=7",),
        (SHADOW,),
        (f"type=UNKNOWN[3999] {HEADER} a=b",),
    ],
)
def test_what_lacks_what_its_class_asks_for_is_a_base_event(lines: tuple[str, ...]) -> None:
    found = valid(*lines)
    assert found["class_uid"] == 0
    assert found["category_uid"] == 0
    assert not {"process", "file", "user", "dst_endpoint", "driver"} & set(found)


def test_nothing_of_a_record_of_user_space_is_lost() -> None:
    found = user("USER", "x1=1 op=ping text='a b'")
    assert found["unmapped"]["USER.msg.x1"] == "1"
    assert found["unmapped"]["USER.msg.op"] == "ping"


#: values that somebody may write, and values that may be what they seem
VALUES: Final = st.sampled_from(
    ["0", "7", "-1", "4294967295", "?", "(null)", "x", "é", '"/"', '"a/"', "99999999999999999999", "7 7=7", ""]
)
KEYS: Final = ("exit", "pid", "ppid", "auid", "uid", "euid", "ses", "comm", "exe", "a0", "a1", "success", "syscall")
NUMBERS: Final = st.sampled_from([2, 10, 41, 42, 56, 57, 59, 62, 82, 87, 90, 105, 165, 175, 257, 310, 999])
OTHERS: Final = (
    CWD,
    SHADOW,
    TITLE,
    EXECVE,
    CAT,
    INET,
    f"type=OBJ_PID {HEADER} opid=x ouid=",
    f"type=KERN_MODULE {HEADER} name=",
)


@given(
    NUMBERS, st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=4), st.sets(st.sampled_from(OTHERS)), st.booleans()
)
def test_whatever_stands_in_a_record_its_document_is_valid(
    number: int, given: dict[str, str], others: set[str], twice: bool
) -> None:
    line = OPEN.replace("syscall=257", f"syscall={number}").replace(" SYSCALL=openat", "")
    for key, value in given.items():
        front, _, rest = line.partition(f" {key}=")
        line = f"{front} {key}={value} " + (f"{key}=8 " if twice else "") + rest.partition(" ")[2]
    valid(line, *others)


@given(
    st.sampled_from(
        ["USER_LOGIN", "USER_AUTH", "ADD_USER", "GRP_MGMT", "ROLE_ASSIGN", "SERVICE_START", "USER_CMD", "USER_AVC"]
    ),
    st.lists(
        st.tuples(st.sampled_from("acct id grp exe addr hostname op unit cmd new-role pid res".split()), VALUES),
        max_size=5,
    ),
)
def test_whatever_a_program_says_its_document_is_valid(kind: str, said: list[tuple[str, str]]) -> None:
    valid(f"type={kind} {HEADER} pid=9 uid=0 auid=1000 ses=3 msg='{' '.join(f'{key}={value}' for key, value in said)}'")


@given(st.lists(st.tuples(st.sampled_from([57, 59, 62, 257]), *[VALUES] * 4), min_size=1, max_size=6))
def test_a_document_is_the_same_whether_it_was_kept_or_made(found: list[tuple[int, str, str, str, str]]) -> None:
    text = []
    for nth, (number, pid, ppid, exit_code, a0) in enumerate(found):
        line = OPEN.replace("syscall=257", f"syscall={number}").replace(" SYSCALL=openat", "").replace("=no", "=yes")
        line = (
            line.replace(" pid=7 ", f" pid={pid} ")
            .replace("ppid=6", f"ppid={ppid}")
            .replace("exit=-13", f"exit={exit_code}")
        )
        lines = (line.replace("a0=ffffff9c", f"a0={a0}"), EXECVE, CWD, SHADOW, TITLE)
        text += [one.replace(HEADER, f"msg=audit(1700000000.004:{nth}):") for one in lines]
    schema = schema_of("ocsf")
    rows = values_of(reference, schema, "\n".join(text).encode())
    made = [line for row in rows for line in schema._make([row])[0]]
    assert schema.lines(rows) == made
    assert schema.lines(rows) == made
