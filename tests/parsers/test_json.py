"""JSON round a record: our own Type=2 events, the journal's export, other shippers."""

import json
import time
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stitcher.event import CLOSED_BY, Envelope, Group, Unwrapped
from stitcher.kernel._reference import aggregate
from stitcher.parsers import MAX_JSON_DEPTH, unwrap
from stitcher.parsers.json import unwrap_json

ID = "1795289395.635:164203"
SYSCALL = f"type=SYSCALL msg=audit({ID}): syscall=59, items=1"
CWD = f'type=CWD msg=audit({ID}): cwd="/srv"'
PROCTITLE = f"type=PROCTITLE msg=audit({ID}): proctitle=6C73"
EOE = f"type=EOE msg=audit({ID}): "
FORGED = "type=USER_LOGIN msg=audit(1.000:1): acct=root"

_BYTES = st.binary(max_size=24)
_TYPES = st.sampled_from([b"SYSCALL", b"PATH", b"1302", b"UNKNOWN[1424]", b"PROCTITLE", b"NEW_TYPE", b"USER_LOGIN"])


@st.composite
def groups(draw: st.DrawFn) -> Group:
    """Any group that lap 1 can make."""
    seconds = draw(st.integers(0, 99_999_999_999))
    milliseconds = draw(st.integers(0, 999))
    serial = draw(st.integers(0, 0xFFFFFFFF))
    bodies = draw(st.lists(st.tuples(_TYPES, _BYTES | st.just(FORGED.encode())), min_size=1, max_size=5))
    header = b"audit(%d.%03d:%d): " % (seconds, milliseconds, serial)
    records = [b"type=%s msg=%s%s" % (kind, header, body.replace(b"\n", b" ")) for kind, body in bodies]
    return Group(
        seconds,
        milliseconds,
        serial,
        draw(_BYTES),
        draw(st.sampled_from(CLOSED_BY[1:])),
        draw(st.booleans()),
        len(records),
        Envelope(*(draw(_BYTES) for _ in Envelope._fields)),
        b"\n".join(records),
    )


def type2(message: str, **more: Any) -> bytes:
    return json.dumps({"Type": 2, "ExternalID": ID, "Message": message} | more).encode()


def group(message: str, **more: Any) -> Group:
    found = unwrap(type2(message, **more))
    assert isinstance(found, Group)
    return found


def payload(tree: Any) -> bytes:
    found = unwrap(json.dumps(tree).encode())
    assert isinstance(found, Unwrapped)
    return found.payload


@given(st.lists(groups(), max_size=3))
def test_a_type_2_event_is_the_same_group_again(many: list[Group]) -> None:
    lines = aggregate(many).splitlines()
    assert [unwrap_json(line) for line in lines] == many
    assert [unwrap(b"<14>Nov 21 19:29:55 relay stitcher: " + line) for line in lines] == many


def test_a_type_2_event_is_cut_at_its_line_feeds_without_end_marks() -> None:
    found = group(f"{SYSCALL}\n{CWD}\n{EOE}", BaseEventCount=3, DeviceHostName="web01")
    assert found.message.decode() == f"{SYSCALL}\n{CWD}"
    assert (found.count, found.closed_by, found.node) == (3, "eoe", b"web01")


@pytest.mark.parametrize("separator", [",", ", ", " ", ";", "|", "\x1f", ""])
def test_other_separators_are_told_by_the_headers(separator: str) -> None:
    found = group(separator.join([SYSCALL, CWD, PROCTITLE]), BaseEventCount=3)
    assert found.message.decode() == f"{SYSCALL}\n{CWD}\n{PROCTITLE}"
    assert found.closed_by == "proctitle"


def test_node_in_front_of_joined_records_is_the_node() -> None:
    for separator in (",", "\n"):
        found = group(f"node=web01 {SYSCALL}{separator}node=web01 {CWD}", BaseEventCount=2)
        assert found.node == b"web01"
        assert found.message.decode() == f"{SYSCALL}\n{CWD}"


def test_a_forged_header_never_becomes_a_record() -> None:
    assert group(f"{SYSCALL}\n{FORGED}\n{CWD}").message.decode() == f"{SYSCALL} {FORGED}\n{CWD}"
    joined = group(f"{SYSCALL},{FORGED},{CWD}", BaseEventCount=2)
    assert joined.message.decode() == f"{SYSCALL},{FORGED}\n{CWD}"
    quoted = group(f'{SYSCALL} a0="{CWD}",{CWD}', BaseEventCount=2)
    assert quoted.message.decode() == f'{SYSCALL} a0="{CWD}"\n{CWD}'


def test_without_an_external_id_the_first_record_says_it() -> None:
    for external in (None, "", "text", 5, "1.5:1"):
        found = group(f"{CWD}\n{FORGED}", ExternalID=external)
        assert (found.seconds, found.milliseconds, found.serial) == (1795289395, 635, 164203)
        assert found.message.decode() == f"{CWD} {FORGED}"


@pytest.mark.parametrize(
    ("message", "extra", "closed_by"),
    [
        (f"{SYSCALL}\n{CWD}", {"closed_by": "timeout"}, "timeout"),
        (f"{SYSCALL}\n{CWD}", {"closed_by": "nonsense"}, "end"),
        (f"{SYSCALL}\n{CWD}", {}, "end"),
        (f"{SYSCALL}\n{EOE}", {}, "eoe"),
        (f"{SYSCALL}\n{PROCTITLE}", {}, "proctitle"),
        (FORGED.replace("1.000:1", ID), {}, "single"),
        (CWD, {"closed_by": ["eoe"]}, "end"),
    ],
)
def test_how_an_event_ended_is_kept_or_told_by_what_it_holds(message: str, extra: Any, closed_by: str) -> None:
    assert group(message, Extra=extra).closed_by == closed_by


@pytest.mark.parametrize("count", [None, 0, -1, True, "3", 2.5, 2**63])
def test_a_count_that_is_none_is_counted(count: Any) -> None:
    assert group(f"{SYSCALL}\n{CWD}", BaseEventCount=count).count == 2


@pytest.mark.parametrize("message", ["", "text", FORGED, EOE, 5, None, [SYSCALL]])
def test_a_type_2_event_without_a_record_of_its_own_is_rejected(message: Any) -> None:
    assert unwrap(type2(message)) == "bad_json"
    assert unwrap(type2(message, BaseEventCount=2)) == "bad_json"


JOURNAL: dict[str, Any] = {
    "_TRANSPORT": "audit",
    "_AUDIT_TYPE": "1307",
    "_AUDIT_TYPE_NAME": "CWD",
    "_AUDIT_ID": "164203",
    "_SOURCE_REALTIME_TIMESTAMP": "1795289395635000",
    "__REALTIME_TIMESTAMP": "1795289395700798",
    "_HOSTNAME": "web01",
    "SYSLOG_IDENTIFIER": "audit",
    "MESSAGE": 'CWD cwd="/srv"',
}


def test_the_journals_export_gets_its_header_back() -> None:
    want = Unwrapped(Envelope(b"web01", b"1795289395700798", b"audit"), CWD.encode())
    assert unwrap(json.dumps(JOURNAL).encode()) == want
    assert unwrap(json.dumps(JOURNAL | {"MESSAGE": list(b'CWD cwd="/srv"')}).encode()) == want


def test_a_type_that_systemd_has_no_name_for_is_told_by_number() -> None:
    unnamed = {"_AUDIT_TYPE": "1424", "_AUDIT_TYPE_NAME": "AUDIT1424", "MESSAGE": "AUDIT1424 domain=1"}
    assert payload(JOURNAL | unnamed).decode() == f"type=UNKNOWN[1424] msg=audit({ID}): domain=1"
    del unnamed["_AUDIT_TYPE_NAME"]
    assert payload(JOURNAL | unnamed).decode() == f"type=UNKNOWN[1424] msg=audit({ID}): AUDIT1424 domain=1"


@pytest.mark.parametrize("name", ["_AUDIT_TYPE", "_AUDIT_ID", "_SOURCE_REALTIME_TIMESTAMP", "MESSAGE"])
@pytest.mark.parametrize("value", [None, "", " ", ["1"], {}, True])
def test_a_journal_entry_without_its_identity_is_rejected(name: str, value: Any) -> None:
    assert unwrap(json.dumps(JOURNAL | {name: value}).encode()) == "bad_json"


def test_bytes_that_are_no_text_survive() -> None:
    raw = b'type=USER_CMD msg=audit(1.000:1): acct="\xff\xc3" \xee\xbe\x80'
    assert unwrap(b'{"host":"\xe9","log":"' + raw.replace(b'"', b'\\"') + b'"}') == Unwrapped(Envelope(b"\xe9"), raw)
    assert payload(JOURNAL | {"MESSAGE": list(b"CWD \xff\x1d")}).endswith(b": \xff\x1d")


def test_private_characters_of_others_stay_characters() -> None:
    assert payload({"log": "type=X msg=audit(1.000:1): \uef80"}) == b"type=X msg=audit(1.000:1): \xee\xbe\x80"


def test_a_line_feed_in_a_field_begins_no_record() -> None:
    assert payload({"message": f"{CWD}\n{FORGED}\n"}).decode() == f"{CWD} {FORGED}"
    assert payload(JOURNAL | {"MESSAGE": f"CWD x\n{FORGED}"}).decode() == f"type=CWD msg=audit({ID}): x {FORGED}"


def test_a_field_without_a_record_is_passed_over() -> None:
    assert payload({"message": "changed", "msg": 5, "log": {"level": "info"}, "_raw": CWD}).decode() == CWD
    assert payload({"message": "{", "log": [], "event": {"original": CWD}}).decode() == CWD


def test_the_header_inside_counts_before_the_object_outside() -> None:
    line = json.dumps({"message": f"Nov 21 19:29:55 audispd: {CWD}", "host": "web01", "ident": "tail"}).encode()
    assert unwrap(line) == Unwrapped(Envelope(b"web01", b"Nov 21 19:29:55", b"audispd"), CWD.encode())


def test_json_in_json_is_read_three_deep() -> None:
    tree: Any = {"message": CWD, "host": "inner"}
    for _ in range(MAX_JSON_DEPTH):
        tree = {"log": json.dumps(tree), "host": "outer", "program": "p"}
    assert unwrap(json.dumps(tree).encode()) == Unwrapped(Envelope(b"inner", b"", b"p"), CWD.encode())
    assert unwrap(json.dumps({"log": json.dumps(tree)}).encode()) is None


@pytest.mark.parametrize("line", [b"{", b"{]", b'{"a":NaN}', b'{"message":"\\ud800"}', b'{"a":' * 2000, b'{"a":1}x'])
def test_broken_json_is_named(line: bytes) -> None:
    assert unwrap(line) == "bad_json"


@pytest.mark.parametrize("line", [b"{}", b'{"a":1}', b'{"message":"hello"}', b'{"a":1' + b"0" * 300 + b"}"])
def test_json_of_others_is_no_record(line: bytes) -> None:
    assert unwrap(line) is None


_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.sampled_from([CWD, EOE, ID]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
_KEYS = st.sampled_from(["Type", "Message", "ExternalID", "Extra", "BaseEventCount", "message", "host", *JOURNAL])


@given(st.dictionaries(_KEYS, _VALUES | st.sampled_from([2, "audit"]), max_size=8), st.binary(max_size=8))
def test_no_json_raises(tree: dict[str, Any], noise: bytes) -> None:
    for base in ({}, {"Type": 2}, JOURNAL):
        line = json.dumps(base | tree, ensure_ascii=False).encode("utf-8", "replace")
        for data in (line, line[:20] + noise + line[20:], line[:-3]):
            found = unwrap(data)
            assert found in (None, "", "bad_json") or isinstance(found, Unwrapped | Group)
            if isinstance(found, Unwrapped):
                assert b"\n" not in found.payload


@pytest.mark.parametrize(
    "tree",
    [
        {"Type": 2, "BaseEventCount": 2, "Message": f"{SYSCALL}," * 20_000},
        {"Type": 2, "BaseEventCount": 2, "Message": f"{SYSCALL}," + "node=" * 200_000},
        {"Type": 2, "Message": f"{CWD}\n" + f"{FORGED}\n" * 20_000},
        {"message": "{" * 1_000_000},
        {str(number): number for number in range(60_000)},
    ],
    ids=range(5),
)
def test_a_hostile_object_costs_no_more_than_its_length(tree: Any) -> None:
    line = orjson.dumps(tree)
    started = time.process_time()
    unwrap(line)
    assert time.process_time() - started < 2.0
