"""The enrichment `constant`, and the examples of the manual pages of pipelines."""

import importlib
from pathlib import Path
from typing import Any, Literal

import orjson
import pytest
import yaml

from stitcher.collector import load_pipeline
from stitcher.config import FaultyConfigError
from stitcher.enrichments import KINDS
from stitcher.pipeline import DryRun
from stitcher.pipeline._flat import put

ROOT = Path(__file__).resolve().parent.parent.parent
AUDIT = "normalizer: audit\naggregation: [audit]\n"
MAIL = "normalizer: postfix\naggregation: [postfix]\n"


def events(tmp_path: Path, text: str, sample: str) -> list[Any]:
    path = tmp_path / "own.yaml"
    path.write_text(f"kind: pipeline\nid: own\ndescription: A test\n{text}", encoding="utf-8")
    run = DryRun(load_pipeline(str(path)).plan)
    run.read([(ROOT / "samples" / sample).read_bytes()])
    return [orjson.loads(line) for line in next(iter(run.events.values()))]


def page(module: str, begins: str) -> str:
    """The YAML of a module's manual page, from the line that begins it to the next empty one."""
    lines = (importlib.import_module(module).__doc__ or "").splitlines()
    start = [line.strip() for line in lines].index(begins)
    inside = len(lines[start]) - len(begins)
    return "".join(f"{line[inside:]}\n" for line in lines[start : lines.index("", start)])


def test_the_example_of_the_manual_page_gives_some_events_a_field(tmp_path: Path) -> None:
    found = events(
        tmp_path, AUDIT + page("stitcher.enrichments.constant", "enrichments:"), "debian12-6.1-two-nodes.log"
    )
    assert {(event["node"].startswith("web"), event.get("site")) for event in found} <= {
        (True, "plant 7"),
        (False, None),
    }


def test_the_example_of_a_pipeline_is_one(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(page("stitcher.collector.model", "kind: pipeline"), encoding="utf-8")
    loaded = load_pipeline(str(path))
    assert [outlet.name for outlet in loaded.plan.outlets] == ["storage", "siem"]
    assert yaml.safe_load(path.read_text("utf-8"))["id"] == loaded.plan.name


def test_a_condition_may_ask_for_what_was_written_before(tmp_path: Path) -> None:
    text = (
        "enrichments:\n"
        "  - {type: constant, target: a, value: x, when: {field: serial, op: '=', value: 48211}}\n"
        "  - {type: constant, target: b, value: y, when: {field: a, op: exists}}\n"
        "  - {type: constant, target: a}\n"
    )
    found = events(tmp_path, AUDIT + text, "debian12-6.1-exec.log")
    assert [(event["serial"] == 48211, event.get("a"), event.get("b")) for event in found].count((True, None, "y")) == 1
    assert sum("b" in event for event in found) == 1


def test_a_summary_that_conditions_read_is_the_one_that_is_written(tmp_path: Path) -> None:
    asked = "filters:\n  - {name: deeds, keep: {field: summary.action, op: exists}}\n"
    plain = events(tmp_path, f"{AUDIT}summarize: true\n", "debian12-6.1-exec.log")
    assert events(tmp_path, f"{AUDIT}summarize: true\n{asked}", "debian12-6.1-exec.log") == plain
    assert all(event["summary"]["action"] for event in plain)


def test_a_flat_event_takes_a_field_a_key_of_extra_or_loses_one(tmp_path: Path) -> None:
    text = (
        "enrichments:\n"
        "  - {type: constant, target: DeviceVendor}\n"
        "  - {type: constant, target: DeviceExternalID, value: mx}\n"
        "  - {type: constant, target: Extra.site, value: plant 7}\n"
    )
    for event in events(tmp_path, MAIL + text, "other/postfix-3.7-debian12.log"):
        assert "DeviceVendor" not in event
        assert (event["DeviceExternalID"], event["Extra"]["site"]) == ("mx", "plant 7")


def test_every_file_is_a_kind_and_is_documented() -> None:
    files = {path.stem for path in (ROOT / "stitcher" / "enrichments").glob("*.py") if not path.stem.startswith("_")}
    assert files == KINDS.keys()
    text = (ROOT / "docs" / "pipelines.md").read_text("utf-8")
    for name, kind in KINDS.items():
        assert kind.model_fields["type"].annotation == Literal[name]
        assert f"\n| `{name}` |" in text
        assert all(f"`{field}`" in text for field in kind.model_fields)


def test_a_list_gets_one_more() -> None:
    event: dict[str, Any] = {"SA.Tags": ["a"]}
    put(event, "SA.Tags", "b")
    assert event == {"SA.Tags": ["a", "b"]}


@pytest.mark.parametrize(("head", "target"), [(AUDIT, "records"), (AUDIT, "Type"), (MAIL, "Type"), (MAIL, "Extra")])
def test_what_the_collector_writes_is_no_target(tmp_path: Path, head: str, target: str) -> None:
    text = f"{head}enrichments:\n  - {{type: constant, target: {target}, value: x}}\n"
    with pytest.raises(FaultyConfigError, match=f"enrichments.0.target: '{target}' is what"):
        events(tmp_path, text, "debian12-6.1-exec.log")
