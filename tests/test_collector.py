"""A pipeline's file in: what cannot run is said before it runs; what runs does as it was told."""

import json
from pathlib import Path

import pytest

from stitcher.collector import check, load_pipeline
from stitcher.errors import ConfigError
from stitcher.pipeline import DryRun

LOG = (
    b'type=SYSCALL msg=audit(1700000000.004:1001): arch=c000003e syscall=59 success=yes exit=0 uid=0 key="k"\n'
    b'type=CWD msg=audit(1700000000.004:1001): cwd="/"\n'
)
AUDIT = """
kind: pipeline
id: tried
description: A pipeline of a test
normalizer: audit
aggregation: [audit]
"""
#: reads audit, by another name
OWN = """
kind: normalizer
id: own
description: d
parse: audit
keep_raw: never
map: {ExternalID: id, DeviceHostName: node, DeviceEventClassID: type, Message: payload, S.End: end}
---"""
SITE = "enrichments: [{type: constant, target: site, value: plant}]\n"


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "tried.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def run(tmp_path: Path, text: str) -> tuple[dict[str, list[bytes]], dict[str, int]]:
    """The events of each destination, and the counters."""
    one = DryRun(load_pipeline(str(written(tmp_path, text))).plan)
    one.read([LOG])
    return one.events, one.corridor.counts()


def faults(tmp_path: Path, text: str) -> list[str]:
    return [fault.partition(": ")[2] for fault in check([written(tmp_path, text)]).faults]


def out(**more: str) -> str:
    keys = "".join(f", {key}: {value}" for key, value in more.items())
    return f"destinations: [{{name: out, to: stdout{keys}}}]\n"


@pytest.mark.parametrize("form", ["csv", "cef"])
def test_an_enrichment_is_not_spliced_into_what_is_no_json(tmp_path: Path, form: str) -> None:
    (fault,) = faults(tmp_path, AUDIT + SITE + out(format=form))
    assert fault == (
        f"destinations.0.format: {form} has no room for what enrichments add; use json, or a pipeline without them"
    )


@pytest.mark.parametrize("form", ["json", "syslog"])
def test_an_enrichment_of_a_key_that_a_schema_has_leaves_one_of_them(tmp_path: Path, form: str) -> None:
    text = AUDIT + "enrichments: [{type: constant, target: %s, value: plant}]\n" + out(schema="ecs", format=form)
    for target, expected in (("tags", ["k", "plant"]), ("message", "plant")):
        (line,) = run(tmp_path, text % target)[0]["out"]
        document = line[line.index(b"{") :]
        assert document.count(f'"{target}":'.encode()) == 1
        assert json.loads(document)[target] == expected


def test_keep_raw_for_a_schema_without_it_is_a_fault_of_the_file(tmp_path: Path) -> None:
    (fault,) = faults(tmp_path, AUDIT + "keep_raw: true\n" + out(schema="laurel"))
    assert fault == "keep_raw: the schema 'laurel' has no field for the records as they came; remove it"


def test_fields_are_those_of_what_the_normalizer_reads_whatever_its_name(tmp_path: Path) -> None:
    text = OWN + AUDIT.replace("r: audit", "r: own") + out(when="{field: record.SYSCALL.fields.uid, op: exists}")
    text += "enrichments: [{type: constant, target: id, value: plant}]\n"
    assert [fault.partition(";")[0] for fault in faults(tmp_path, text)] == [
        "destinations.0.when: no field 'record.SYSCALL.fields.uid' in a decoded event",
        "enrichments.0.target: 'id' is what a decoded event has of its own",
    ]


def test_records_that_no_rule_joins_are_asked_for_the_fields_of_records(tmp_path: Path) -> None:
    text = AUDIT.replace("aggregation: [audit]", "") + out(when="{field: Message, op: contains, value: cwd}")
    assert [json.loads(line)["DeviceEventClassID"] for line in run(tmp_path, text)[0]["out"]] == ["CWD"]


@pytest.mark.parametrize("filters", ["", "filters: [{name: all, keep: {field: id, op: exists}}]\n"])
def test_what_went_round_and_goes_nowhere_is_counted(tmp_path: Path, filters: str) -> None:
    """The only destination is the loop."""
    places = "connectors: [{from: tcp://127.0.0.1:5140}]\nloop: none\n"
    places += "destinations: [{name: round, to: tcp://127.0.0.1:5140, loop: true}]\n"
    events, counts = run(tmp_path, AUDIT + places + filters)
    assert (events, counts["unmatched"]) == ({}, 1)


@pytest.mark.parametrize(
    ("before", "behind"),
    [("kind: pipeline", "kind: pipeline # mine"), ("id: tried", "id: tried  # by us"), ("\nkind", "\ufeffkind"),
     ("kind:", '"kind":')],
)  # fmt: skip
def test_a_document_is_found_by_what_yaml_reads(tmp_path: Path, before: str, behind: str) -> None:
    assert before in AUDIT
    assert len(run(tmp_path, AUDIT.replace(before, behind, 1) + out())[0]["out"]) == 1


def test_which_of_two_pipelines_of_a_file_is_meant_is_not_guessed(tmp_path: Path) -> None:
    text = AUDIT + out()
    with pytest.raises(ConfigError, match=r"tried.yaml: 2 pipelines in it, 'tried', 'other'; a file that is run has"):
        load_pipeline(str(written(tmp_path, f"{text}---{text.replace('id: tried', 'id: other')}")))


def test_two_documents_of_a_file_with_one_id_are_a_fault(tmp_path: Path) -> None:
    assert faults(tmp_path, f"{AUDIT}{out()}---{AUDIT}{out()}") == [
        "id: 'tried' is the id of another pipeline of this file too; choose an id of its own"
    ]


@pytest.mark.parametrize("folder", ["/no/such", "/etc/passwd", "x" * 5000])
def test_a_folder_of_resources_that_is_none_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, folder: str
) -> None:
    monkeypatch.setenv("STITCHER_RESOURCES", f"{tmp_path}:{folder}")
    with pytest.raises(ConfigError, match=r"^\$STITCHER_RESOURCES: no such folder '.{8,60}'; make it, or leave it out"):
        load_pipeline("audit")


@pytest.mark.parametrize(
    ("source", "to"),
    [("file:in.log", "file:./in.log"), ("udp://127.0.0.1:5140", "udp://localhost:5140")],
)
def test_a_pipeline_does_not_read_what_it_writes(tmp_path: Path, source: str, to: str) -> None:
    text = AUDIT + f"connectors: [{{from: '{source}'}}]\nloop: none\ndestinations: [{{name: out, to: '{to}'}}]\n"
    assert faults(tmp_path, text) == [
        f"destinations.0.to: {to} is what a connector of this pipeline reads; write elsewhere"
    ]
