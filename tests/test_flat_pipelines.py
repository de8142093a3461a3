"""Pipelines in which flat events leave: other sources, and Type=2 events that are not decoded here."""

import json
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from stitcher.collector import check, load_pipeline
from stitcher.pipeline import Corridor, DryRun
from stitcher.text import as_block, told

sys.path.insert(0, str(Path(__file__).resolve().parent / "cli"))
from shell import stitcher

ROOT: Final = Path(__file__).resolve().parent.parent
SAMPLES: Final = ROOT / "samples"
AUDIT: Final = SAMPLES / "debian12-6.1-two-nodes.log"
MAIL: Final = SAMPLES / "other" / "postfix-3.7-debian12.log"
ONLY_DECODED: Final = 'when: {field: Type, op: "=", value: 1}'

Event = dict[str, Any]


def pipeline(tmp_path: Path, base: str, destinations: str, more: str = "") -> Path:
    """A shipped pipeline with other destinations, each `{…}` in a line of its own, and more keys."""
    text = (ROOT / "rules" / f"pipeline-{base}.yaml").read_text("utf-8").partition("destinations:")[0]
    path = tmp_path / "own.yaml"
    path.write_text(f"{text}{more}destinations:\n{destinations}", encoding="utf-8")
    return path


def faults(tmp_path: Path, base: str, destinations: str, more: str = "") -> list[str]:
    path = pipeline(tmp_path, base, destinations, more)
    lines = path.read_text("utf-8").splitlines()
    found = []
    for fault in check([path]).faults:
        _, line, what = fault.removeprefix(str(path)).split(":", 2)
        words = what.strip().partition(": ")
        key = words[0].rpartition(".")[2]
        assert f"{key}:" in lines[int(line) - 1], fault
        found.append(f"{key}: {words[2]}")
    return found


def written(path: Path, log: Path) -> dict[str, list[bytes]]:
    run = DryRun(load_pipeline(str(path)).plan, 1751900400.0)
    run.read([log.read_bytes()])
    return run.events


# --- what a file may ask for ---


@pytest.mark.parametrize("words", ["schema: audit", "schema: kuma", "format: text", "format: syslog", "format: cef"])
def test_other_sources_have_their_own_words_and_kuma(tmp_path: Path, words: str) -> None:
    assert faults(tmp_path, "postfix", f"  - {{name: a, to: stdout, {words}}}\n") == []


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ("schema: ecs", "schema: schema 'ecs' is made of decoded events of audit; {why}: take 'audit' or 'kuma'"),
        ("schema: own.yaml", "schema: schema 'own.yaml' is made of decoded {}; {why}: take 'audit' or 'kuma'"),
        ("schema: kumma", "schema: no schema 'kumma'; did you mean 'kuma'?"),
        ("schema: kuma, format: text", "format: format 'text' is for events in their own words; leave 'schema' out"),
        ("format: csv", "format: format 'csv' has the columns of a mapping, and flat {}; {why}: take 'json' or 'cef'"),
    ],
)
def test_words_that_are_made_of_decoded_events_are_a_fault(tmp_path: Path, words: str, fault: str) -> None:
    """With the line, and with the reason where another pipeline could have them."""
    (found,) = faults(tmp_path, "sshd", f"  - {{name: a, to: stdout, {words}}}\n")
    parts = fault.replace("{why}", "the normalizer 'sshd' makes others").split("{}")
    assert (found.startswith(parts[0]), found.endswith(parts[-1])) == (True, True), found


def test_what_is_for_decoded_events_is_a_fault_where_there_are_none(tmp_path: Path) -> None:
    more = "keep_raw: true\nsummarize: true\n"
    assert faults(tmp_path, "postfix", "  - {name: a, to: stdout}\n", more) == [
        f"{key}: '{key}' is for decoded events of audit; the normalizer 'postfix' makes others: remove it"
        for key in ("keep_raw", "summarize")
    ]
    assert faults(tmp_path, "audit-join", "  - {name: a, to: stdout}\n", "summarize: true\n") == [
        "summarize: 'summarize' is for decoded events of audit; with 'loop: none' none are decoded here: remove it"
    ]
    assert faults(tmp_path, "audit", "  - {name: a, to: stdout}\n", more) == []


def test_events_that_leave_undecoded_are_flat(tmp_path: Path) -> None:
    (found,) = faults(tmp_path, "audit-join", "  - {name: a, to: stdout, schema: laurel}\n")
    assert "events of audit; with 'loop: none' none are decoded here: take 'audit' or 'kuma'" in found
    assert faults(tmp_path, "audit-join", "  - {name: a, to: stdout, schema: kuma, format: syslog}\n") == []


LOOP: Final = "  - {name: loop, to: 'tcp://127.0.0.1:5140', loop: true}\n"


@pytest.mark.parametrize(
    "when",
    [
        ONLY_DECODED,
        'when: {field: Type, op: "<", value: 2}',
        'when: {field: Type, op: "=", value: 2, negate: true}',
        'when: {not: [{field: Type, op: "=", value: 2}]}',
        'when: {or: [{field: Type, op: "=", value: 1}, {field: Type, op: in, value: [3, 4]}]}',
        'when: [{field: id, op: exists}, {field: Type, op: "=", value: 1}]',
    ],
)
def test_a_destination_that_takes_no_type_2_event_has_every_schema(tmp_path: Path, when: str) -> None:
    assert faults(tmp_path, "audit-kuma", f"{LOOP}  - {{name: a, to: stdout, schema: ecs, {when}}}\n") == []


@pytest.mark.parametrize(
    "when",
    [
        "",
        ', when: {field: Type, op: "=", value: 2}',
        ", when: {field: id, op: exists}",
        ', when: {or: [{field: id, op: exists}, {field: Type, op: "=", value: 1}]}',
        ", when: {not: [{field: id, op: exists}]}",
        ', when: {field: Type, op: "=", other: Hops}',
        ", when: {field: Type, op: inDictionary, value: kinds}",
    ],
)
def test_a_destination_that_type_2_events_may_reach_can_write_them(tmp_path: Path, when: str) -> None:
    own = 'dictionaries: {kinds: ["1"]}\n'
    (found,) = faults(tmp_path, "audit-kuma", f"{LOOP}  - {{name: a, to: stdout, schema: ecs{when}}}\n", own)
    assert f"events of audit; Type=2 events reach it too: say {ONLY_DECODED}, or take 'audit' or 'kuma'" in found
    assert faults(tmp_path, "audit-kuma", f"{LOOP}  - {{name: a, to: stdout, schema: kuma{when}}}\n", own) == []


@pytest.mark.parametrize(("key", "value"), [("schema", "kuma"), ("format", "syslog")])
def test_what_goes_round_is_json_in_its_own_words(tmp_path: Path, key: str, value: str) -> None:
    """In KUMA's fields a Message would be cut."""
    found = faults(tmp_path, "audit-kuma", LOOP.replace("loop: true", f"loop: true, {key}: {value}"))
    assert found == [f"{key}: what goes round is read again, in its own words as JSON: leave 'schema' and 'format' out"]


def test_a_schema_without_a_place_for_raw_records_is_a_fault(tmp_path: Path) -> None:
    assert faults(tmp_path, "audit", "  - {name: a, to: stdout, schema: laurel}\n", "keep_raw: true\n") == [
        "keep_raw: the schema 'laurel' has no field for the records as they came; remove it"
    ]


# --- what leaves ---


def test_one_event_in_the_words_of_each_destination(tmp_path: Path) -> None:
    forms = ["schema: audit", "schema: kuma", "format: cef", "format: syslog", "format: text"]
    asked = "".join(f"  - {{name: {words!r}, to: stdout, {words}}}\n" for words in forms)
    own = pipeline(tmp_path, "postfix", asked)
    plain, kuma, cef, syslog, text = (events[-1] for events in written(own, MAIL).values())
    event = json.loads(plain)
    assert json.loads(kuma)["Extra"] == event["Extra"] | {"Hops": "1"}
    assert cef.startswith(b"CEF:0|Postfix|Postfix||mail|Mail deferred||")
    assert json.loads(syslog.partition(b" - flat - ")[2]) == event
    assert text.decode() == as_block(event)


def test_type_2_events_and_decoded_ones_leave_by_one_destination(tmp_path: Path) -> None:
    """Each in the words that it can have, whichever road they take."""
    more = "filters:\n  - {name: all, on: originals, keep: {field: ExternalID, op: exists}}\n"
    both = "  - {name: kuma, to: stdout, schema: kuma}\n"
    both += f"  - {{name: ecs, to: stdout, schema: ecs, {ONLY_DECODED}}}\n"
    for extra in ("", more):
        found = written(pipeline(tmp_path, "audit-kuma", LOOP + both, extra), AUDIT)
        types = [json.loads(line)["Type"] for line in found["kuma"]]
        assert types.count(1) == types.count(2) == len(found["ecs"]) > 0
        assert all("ecs" in json.loads(line) for line in found["ecs"])


def test_an_original_that_no_rule_took_goes_where_it_can_be_written(tmp_path: Path) -> None:
    both = "  - {name: a, to: stdout}\n  - {name: ecs, to: stdout, schema: ecs}\n"
    path = pipeline(tmp_path, "audit", both)
    path.write_text(path.read_text("utf-8").replace("aggregation: [audit]", "aggregation: []"), encoding="utf-8")
    found = written(path, AUDIT)
    assert len(found["a"]) == len(AUDIT.read_bytes().splitlines())
    assert found["ecs"] == []
    alone = load_pipeline(str(path)).plan
    corridor = Corridor(alone._replace(outlets=alone.outlets[1:]))
    corridor.feed(AUDIT.read_bytes())
    assert corridor.counts()["unmatched"] == len(found["a"])


def test_what_does_not_fit_is_counted(tmp_path: Path) -> None:
    own = pipeline(tmp_path, "postfix", "  - {name: a, to: stdout, schema: kuma}\n")
    line = f"<22>Jul  7 14:53:20 kestrel postfix/smtpd[7]: warning: {'x' * 3000}\n"
    corridor = Corridor(load_pipeline(str(own)).plan)
    (output,) = corridor.feed(line.encode())
    assert len(json.loads(output.data)["Message"]) == 1023
    assert {name: corridor.counts()[name] for name in ("overlong", "unfit")} == {"overlong": 2, "unfit": 0}


# --- the storage ---


@pytest.mark.parametrize(
    ("source", "sought", "shown"),
    [
        ("postfix", ("--type", "mail", "--success", "no", "--node", "kestrel"), "Mail bounced"),
        ("sshd", ("--exe", "sshd", "--success", "no", "--user", "root"), "SSH login failed"),
    ],
)
def test_other_sources_are_stored_and_found(tmp_path: Path, source: str, sought: tuple[str, ...], shown: str) -> None:
    path = tmp_path / "events.db"
    own = pipeline(tmp_path, source, f"  - {{name: storage, to: 'sqlite:{path}'}}\n")
    log = next((SAMPLES / "other").glob(f"{source}*debian12.log")).read_bytes()
    first, again = stitcher("run", own, stdin=log), stitcher("run", own, stdin=log)
    assert (first.returncode, first.stderr, again.returncode) == (0, b"", 0)
    whole = stitcher("search", "--db", path, "--output", "json").stdout.splitlines()
    assert f"{len(whole)} events were stored already" in again.stderr.decode()
    found = stitcher("search", "--db", path, "--output", "json", *sought).stdout.splitlines()
    assert 0 < len(found) < len(whole)
    table = stitcher("search", "--db", path, "--output", "table", *sought).stdout.decode()
    assert shown in table
    event = json.loads(found[0])
    assert f"  {event['DeviceHostName']}  {event['ID']}  " in table if "ID" in event else event["DeviceHostName"]
    text = stitcher("search", "--db", path, *sought).stdout.decode()
    assert text == "".join(as_block(json.loads(line)) for line in found)
    assert stitcher("search", "--db", path, "--since", "2025-07-07", "--count").stdout == b"%d\n" % len(whole)


def test_the_recipe_of_kuma_stores_both_kinds(tmp_path: Path) -> None:
    path = tmp_path / "events.db"
    run = stitcher("filter", AUDIT, "--to", f"sqlite:{path}", "--emit", "aggregated")
    assert (run.returncode, run.stderr) == (0, b"")
    stitcher("filter", AUDIT, "--to", f"sqlite:{path}")
    lines = stitcher("search", "--db", path, "--output", "json").stdout.splitlines()
    flat = [event for event in map(json.loads, lines) if event.get("Type") == 2]
    assert len(flat) * 2 == len(lines)
    found = stitcher("search", "--db", path, "--id", flat[0]["ID"], "--output", "json").stdout
    assert json.loads(found) == flat[0]


# --- for people ---


def test_a_block_of_a_flat_event() -> None:
    event = {
        "Type": 1,
        "ID": "b2b0",
        "StartTime": 1751892800301,
        "DeviceHostName": "kestrel",
        "Name": "Mail sent",
        "SourceUserName": "joren@example.net",
        "SA.Recipients": ["mara", "a b"],
        "Message": "smtpd: one\nqmgr: removed",
        "Extra": {"closed_by": "complete"},
    }
    assert as_block(event) == (
        "2025-07-07T12:53:20.301Z  kestrel  b2b0  Mail sent  SourceUserName=joren@example.net\n"
        "  event  Type=1 SA.Recipients=[mara,'a b']\n"
        "  Extra  closed_by=complete\n"
        "    smtpd: one\n"
        "    qmgr: removed\n"
    )
    assert as_block({"Type": 1}) == "\n  event  Type=1\n"


@pytest.mark.parametrize(
    ("event", "words"),
    [
        ({"DeviceEventClassID": "connected", "Message": "x"}, "connected"),
        ({"DeviceProcessName": "sshd", "Message": 'a "b"\nc'}, r'sshd: "a \"b\""'),
        ({"Name": "login  SourceUserName=root"}, '"login  SourceUserName=root"'),
        ({"Name": "Вход в систему", "Reason": "a b"}, "Вход в систему  Reason='a b'"),
        ({"Name": ["a", 7]}, "\"['a', 7]\""),
        ({}, ""),
    ],
)
def test_what_happened_in_a_line(event: Event, words: str) -> None:
    assert told({"Type": 1, **event}) == words


def test_what_a_stranger_chose_forges_nothing() -> None:
    bad = "x\n2025-07-07T12:53:20.301Z  kestrel  Mail sent\r\x1b[2J\u202e a=b"
    names = ("ID", "DeviceHostName", "Name", "SourceUserName", "Reason", "S.X", bad)
    block = as_block({"Type": 1, **dict.fromkeys(names, bad), "Extra": {bad: bad, "a=b c": bad}, "Message": bad})
    lines = block.splitlines()
    assert [line[:4] for line in lines[1:]] == ["  ev", "  Ex", "    ", "    "]
    assert not lines[0].startswith("2025")
    assert set("\x1b\r\u202e").isdisjoint(block)
    assert "'a=b c'=" in lines[2]
    assert "  Mail sent" not in lines[0].replace("\\x0a2025-07-07T12:53:20.301Z  kestrel  Mail sent", "")
