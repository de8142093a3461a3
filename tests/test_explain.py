"""What must hold of the story that is told of a line or an event."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stitcher.event import Limits
from stitcher.explain import Story, as_data, as_page, explain, follow
from stitcher.explain._fields import kind_name
from stitcher.explain._rooms import header_fault
from stitcher.explain._sources import SOURCES, Ask, source_of
from stitcher.explain._story import FieldStory
from stitcher.kernel._header import parse_header
from stitcher.parsers import unwrap
from stitcher.tables.fields import ARGUMENTS, FIELDS, OVERRIDES

HEADER = "msg=audit(1700000000.004:1001):"
KINDS = sorted({*FIELDS.values(), *OVERRIDES.values(), "plain"})

EXECUTED = (
    (
        f"node=web01 type=SYSCALL {HEADER} arch=c000003e syscall=59 success=yes exit=0 a0=5 items=1 auid=1000 uid=0 "
        'comm="ls" key=6101 subj=x\x1dARCH=x86_64 SYSCALL=execve AUID="alice" UID="root"'
    ),
    f'node=web01 type=EXECVE {HEADER} argc=3 a0="ls" a1=2F612062 a2_len=6 a2[0]="abc"',
    f'node=web01 type=EXECVE {HEADER} a2[1]="def"',
    f'node=web01 type=PATH {HEADER} item=0 name="/bin/ls" mode=0100755 ouid=0\x1dOUID="root"',
    f"node=web01 type=PROCTITLE {HEADER} proctitle=6C73002F612062",
)
REPEATED = (f"type=CONFIG_CHANGE {HEADER} key=61 key=\"b\" auid=1000 auid=4294967295 op=x res=1 msg='uid=5 uid=6'",)
SOCKET = (
    f"type=SYSCALL {HEADER} arch=c000003e syscall=42 exit=-111 a0=3",
    f"type=SOCKADDR {HEADER} saddr=020000160A0000010000000000000000",
)
OPENED = (
    f'type=AVC {HEADER} avc:  denied  {{ read write }} for  pid=1 dev="dm-0"',
    f"type=SYSCALL {HEADER} arch=c00000b7 syscall=56 exit=-13 a0=ffffff9c a1=7f a2=80000 a3=0",
)
ENRICHED_INSIDE = (f'type=USER_CMD {HEADER} uid=1000 msg=\'cmd=6C73 id=7 res=success\'\x1dUID="alice" ID="bob"',)


def stories(*lines: str | bytes, limits: Limits | None = None) -> list[Story]:
    """The stories of these lines, in the order in which they are told."""
    rows = [line if isinstance(line, bytes) else line.encode() for line in lines]
    return [explain(told, unwrap, limits) for told in follow(rows, unwrap, limits)]


def fields(story: Story, record: str) -> dict[str, FieldStory]:
    """The fields of the first record of a type."""
    return {field.name: field for told in story.records if told.type == record for field in told.fields}


def facts(story: Story, room: str, line: int = 0) -> dict[str, tuple[str, str]]:
    """What a room found out about one line."""
    return {fact.name: (fact.value, fact.why) for fact in story.lines[line].rooms[room]}


def rebuilt(told: list[FieldStory]) -> tuple[dict[str, Any], dict[str, Any]]:
    """(fields, interpreted) of a record as its story has them."""
    values: dict[str, Any] = {}
    meanings: dict[str, Any] = {}
    rows: dict[str, list[FieldStory]] = {}
    for field in told:
        rows.setdefault(field.name, []).append(field)
    for name, row in rows.items():
        *path, key = name.split(".") if name.startswith("msg.") else [name]
        here, there = (values.setdefault("msg", {}), meanings.setdefault("msg", {})) if path else (values, meanings)
        if row[0].value is not None:
            here[key] = [field.value for field in row] if len(row) > 1 else row[0].value
        some = [field.value if field.meaning is None else field.meaning for field in row]
        if any(field.meaning is not None for field in row):
            there[key] = some if len(row) > 1 else some[0]
    return values, {key: meaning for key, meaning in meanings.items() if meaning != {}}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_field_is_explained_by_name(kind: str) -> None:
    assert kind.partition(":")[0] in SOURCES
    for meaning in ("x", None):
        why = source_of(Ask(kind, "1", meaning, "x86_64", "openat", False))
        assert why or kind in ("plain", "encoded")


@pytest.mark.parametrize("kind", sorted({kind for row in ARGUMENTS.values() for kind in row}))
def test_every_kind_of_argument_is_explained(kind: str) -> None:
    call, position = next((call, row.index(kind)) for call, row in ARGUMENTS.items() if kind in row)
    why = source_of(Ask(f"argument:{position}", "1", "x", "aarch64", call, False))
    assert f"ARGUMENTS[{call}][{position}]" in why


@pytest.mark.parametrize(("number", "key"), sorted(OVERRIDES))
def test_a_kind_that_holds_for_one_record_type_has_a_star(number: int, key: str) -> None:
    assert kind_name(number, key) == OVERRIDES[number, key] + "*"


@pytest.mark.parametrize("lines", [EXECUTED, REPEATED, SOCKET, OPENED, ENRICHED_INSIDE])
def test_the_values_that_are_shown_are_those_that_render_writes(lines: tuple[str, ...]) -> None:
    (story,) = stories(*lines)
    assert story.event is not None
    for record, told in zip(story.event["records"], story.records, strict=True):
        if record["type"] == "EXECVE":
            assert [field.value for field in told.fields[1:] if field.value is not None] == record["fields"]["argv"]
        else:
            assert rebuilt(told.fields) == (record["fields"], record.get("interpreted", {}))


def test_a_name_from_the_sender_and_one_from_a_table_are_told_apart() -> None:
    (named,) = stories(*EXECUTED)
    assert fields(named, "SYSCALL")["syscall"][3:] == ("execve", "syscall", "as written", "sender's suffix: SYSCALL")
    (looked_up,) = stories(*OPENED)
    assert fields(looked_up, "SYSCALL")["syscall"].source == "SYSCALLS[aarch64][56]"
    assert fields(looked_up, "SYSCALL")["arch"].source == "ARCHES[c00000b7]"


def test_a_flag_word_names_the_table_of_its_arch() -> None:
    (story,) = stories(*OPENED)
    assert fields(story, "SYSCALL")["a2"].source == "ARGUMENTS[openat][2] = flags, FLAGS[open.arm]"
    assert fields(story, "SYSCALL")["a0"].source == "ARGUMENTS[openat][0] = dirfd"
    assert fields(story, "SYSCALL")["exit"].source == "ERRNO[13]"


def test_quoted_hex_and_unquoted_hex_are_told_apart() -> None:
    (story,) = stories(f'type=CWD {HEADER} cwd="2F62"', f"type=PATH {HEADER} name=2F62 nametype=2F62")
    assert fields(story, "CWD")["cwd"][1:3] + fields(story, "CWD")["cwd"][5:6] == ('"2F62"', "2F62", "quoted: literal")
    assert fields(story, "PATH")["name"].decoded == "unquoted hex: decoded"
    assert fields(story, "PATH")["nametype"].decoded == "as written"


def test_a_suffix_that_does_not_fit_the_fields_is_said_to_be_unused() -> None:
    (story,) = stories(f"type=USER_CMD {HEADER} uid=1 msg='uid=2 res=1'\x1dUID=\"alice\"")
    assert fields(story, "USER_CMD")["uid"].source == "sender's suffix says UID 1 times for 2 fields: not used"


def test_each_line_of_an_event_goes_through_every_room() -> None:
    (story,) = stories(*EXECUTED)
    assert [line.number for line in story.lines] == [1, 2, 3, 4, 5]
    assert facts(story, "header")["type"] == ("SYSCALL", "RECORD_TYPES: 1300")
    assert facts(story, "key")["node"] == ("web01", "node= of the line")
    assert facts(story, "end")["SYSCALL"][0] == "may go on"
    assert facts(story, "end", 4)["PROCTITLE"][0] == "ends it"
    assert {fact.name: fact.value for fact in story.facts}["closed by"] == "proctitle"


def test_interleaved_events_keep_their_own_lines() -> None:
    other = HEADER.replace("1001", "1002")
    told = stories(
        f"type=CWD {HEADER} cwd=\"/\"", f"type=CWD {other} cwd=\"/\"", f"type=PROCTITLE {other} proctitle=\"x\"",
        f"type=EOE {HEADER} ",
    )  # fmt: skip
    assert [[line.number for line in story.lines] for story in told] == [[2, 3], [1, 4]]


def test_one_line_from_two_hosts_is_told_for_each() -> None:
    told = stories(*(f'node={node} type=CWD {HEADER} cwd="/"' for node in ("a", "b")))
    assert [(story.event or {})["node"] for story in told] == ["a", "b"]
    assert [story.lines[0].number for story in told] == [1, 2]


def test_a_repeated_line_is_told_as_dropped() -> None:
    (story,) = stories(f'type=CWD {HEADER} cwd="/"', f'type=CWD {HEADER} cwd="/"')
    assert [line.outcome for line in story.lines] == ["joined", "duplicates"]
    assert ("dropped", "1 lines") in [fact[:2] for fact in story.facts]


def test_a_late_record_makes_an_event_that_is_told_as_late() -> None:
    lines = (f'type=PROCTITLE {HEADER} proctitle="x"', f'type=CWD {HEADER} cwd="/"')
    first, second = stories(*lines, limits=Limits(linger_seconds=0))
    assert "late" not in [fact.name for fact in first.facts]
    assert "late" in [fact.name for fact in second.facts]


@pytest.mark.parametrize(
    ("line", "form", "host", "number"),
    [
        (f"type=BPF {HEADER} op=LOAD", "bare record", "", "RECORD_TYPES: 1334"),
        (
            f"<13>1 2026-11-21T19:30:16Z db1 audispd 12 - - type=UNKNOWN[1334] {HEADER} op=LOAD",
            "syslog, RFC 5424", "db1", "written UNKNOWN[1334]; RECORD_TYPES: 1334",
        ),
        (
            f"<13>Nov 21 19:30:16 db1 audispd: type=1334 {HEADER} op=LOAD",
            "syslog, RFC 3164 with priority", "db1", "written 1334; RECORD_TYPES: 1334",
        ),
        (
            "audit: type=1334 audit(1700000000.004:1001): op=LOAD",
            "message of the kernel", "", "written 1334; RECORD_TYPES: 1334",
        ),
        (
            f'{{"message":"type=BPF {HEADER} op=LOAD","host":"db1"}}',
            "JSON with a record in it", "db1", "RECORD_TYPES: 1334",
        ),
    ],
)  # fmt: skip
def test_the_envelope_names_its_form(line: str, form: str, host: str, number: str) -> None:
    (story,) = stories(line)
    envelope = facts(story, "envelope")
    assert envelope["form"][0] == form
    assert envelope.get("host", ("", ""))[0] == host
    assert facts(story, "header")["type"] == ("BPF", number)


def test_an_aggregated_event_is_told_as_the_work_of_another_collector() -> None:
    line = f'{{"Type":2,"ExternalID":"1700000000.004:1001","BaseEventCount":1,"Message":"type=BPF {HEADER} op=LOAD"}}'
    (story,) = stories(line)
    assert facts(story, "envelope")["form"][0] == "JSON, an aggregated event (Type=2)"
    assert fields(story, "BPF")["op"].value == "LOAD"


@pytest.mark.parametrize(
    ("line", "reason", "place", "right"),
    [
        ("hello", "not_audit", None, ""),
        ("type=SYSCALL msg=audit(1700000000.04:1): a=1", "bad_header", "at byte 35", "milliseconds, 3 digits"),
        ("node=a type=X msg=audit(1:2)", "bad_header", "at byte 26", "a dot"),
        ("type=lower msg=audit(1.000:2): ", "bad_header", "at byte 6", "a type: NAME, a number or UNKNOWN[number]"),
        ("type=X msg=audit(1.000:4294967296): ", "bad_header", "at byte 24", "a serial, at most 4294967295"),
        ("node=a b", "bad_header", "at byte 6", "a name of at most 256 bytes and ' type='"),
        ('{"message":', "bad_json", None, ""),
    ],
)
def test_a_rejected_line_says_why_and_what_would_have_been_right(
    line: str, reason: str, place: str | None, right: str
) -> None:
    (story,) = stories(line)
    envelope = facts(story, "envelope")
    assert envelope["rejected"][0] == reason
    assert envelope["rejected"][1]
    assert envelope["right is"][0].startswith("type=NAME msg=audit(SECONDS.MMM:SERIAL)")
    if place:
        assert envelope[place][1] == f"expected {right}"


def test_a_line_over_the_limit_is_told_with_the_limit() -> None:
    (story,) = stories(f'type=CWD {HEADER} cwd="{"x" * 100}"', limits=Limits(max_line_bytes=64))
    assert facts(story, "envelope")["limit"][0] == "64 bytes"


@given(st.lists(st.sampled_from(["type=", "CWD", "9", "[9]", " ", "msg=", "audit(", "1", ".", "123", ":", "): "])))
def test_a_header_has_a_fault_just_when_the_kernel_refuses_it(parts: list[str]) -> None:
    for line in (
        "".join(parts).encode(),
        f"type=A {''.join(parts)}".encode(),
        f"type=1 audit({''.join(parts)}".encode(),
    ):
        assert (header_fault(line) is None) == (parse_header(line) is not None)


def test_a_page_has_a_section_for_every_room() -> None:
    page = as_page(stories(*EXECUTED)[0])
    titles = [line.split(" ")[0] for line in page.splitlines() if line and not line.startswith(" ")]
    assert titles[1:] == ["line", "envelope", "header", "key", "end", "fields", "event"]
    assert page.splitlines()[0].startswith("2023-11-14T22:13:20.004Z  web01  1700000000.004:1001  alice as root ran")
    assert "  1-5  id      1700000000.004:1001  time and serial of the header" in page


def test_a_story_as_data_is_dicts_and_lists() -> None:
    data = as_data(stories(*SOCKET)[0])
    assert isinstance(data, dict)
    assert data["records"][1]["fields"][0]["meaning"] == {"family": "inet", "addr": "10.0.0.1", "port": 22}
    assert data["lines"][0]["rooms"]["end"][0]["name"] == "SYSCALL"


_TYPES = (
    "SYSCALL",
    "EXECVE",
    "PATH",
    "PROCTITLE",
    "SOCKADDR",
    "AVC",
    "USER_CMD",
    "EOE",
    "1326",
    "UNKNOWN[1999]",
    "NEW",
)
#: what a body may be made of, with a bar between
_PIECES = (
    b'arch=c000003e|syscall=59|a0=ff|a1=2F62|a1[0]=2F|a1[1]="x"|a70000=1|a1_len=9|argc=2|uid=0|uid=4294967295|'
    b"key=6101|key=\"k\"|saddr=0200|mode=0100644|exit=-2|msg='uid=1 op=a b id=1'|msg='x|avc:  denied  { a } for |"
    b'\x1dUID="a"|\x1dID=2F62 UID=x|proctitle=6100|argv=1|res=1|items=9|#035UID="b"|UID="c"|\xff\x1b[2J|(null)'
)
_BODY = st.lists(st.sampled_from(_PIECES.split(b"|")) | st.binary(max_size=6), max_size=8).map(b" ".join)
_LINE = st.tuples(st.sampled_from([b"", b"node=a ", b"<13>1 - h p - - - ", b"{"]), st.sampled_from(_TYPES), _BODY).map(
    lambda parts: (parts[0] + f"type={parts[1]} {HEADER} ".encode() + parts[2]).replace(b"\n", b" ")
)


@given(st.lists(_LINE | st.binary(max_size=40).map(lambda line: line.replace(b"\n", b" ")), max_size=5))
def test_hostile_bytes_are_explained_in_printable_lines(lines: list[bytes]) -> None:
    told = stories(*lines)
    assert sorted(line.number for story in told for line in story.lines) == list(range(1, len(lines) + 1))
    for story in told:
        assert all(line.isprintable() for line in as_page(story).split("\n"))


@given(st.sampled_from(_TYPES[:7]), _BODY)
def test_hostile_fields_are_shown_as_render_writes_them(name: str, body: bytes) -> None:
    for story in stories(f"type={name} {HEADER} ".encode() + body.replace(b"\n", b" ")):
        record = (story.event or {})["records"][0]
        inner = [field for field in story.records[0].fields if field.name.startswith("msg.")]
        outer = [field for field in story.records[0].fields if not field.name.startswith("msg.")]
        if name != "EXECVE" and not inner:
            assert rebuilt(outer) == (record["fields"], record.get("interpreted", {}))
