"""Conditions of a pipeline may ask its dictionaries."""

from pathlib import Path

import pytest

from stitcher.collector import load_pipeline
from stitcher.config import FaultyConfigError
from stitcher.pipeline import DryRun

SAMPLE = Path(__file__).resolve().parent.parent.parent / "samples" / "debian12-6.1-exec.log"
PIPELINE = """\
kind: pipeline
id: own
description: A test
normalizer: audit
aggregation: [audit]
dictionaries:
  tools: [/usr/bin/tar, /usr/bin/nc]
  pairs: {"1207|/usr/bin/tar": {why: backup}}
filters:
  - name: known
    keep: {field: records.SYSCALL.fields.exe, op: inDictionary, value: TOOLS}
destinations:
  - name: out
    to: discard
    when: {fields: [records.SYSCALL.fields.uid, records.SYSCALL.fields.exe], op: inTable, value: pairs}
"""


def written(tmp_path: Path, tools: str) -> str:
    path = tmp_path / "own.yaml"
    path.write_text(PIPELINE.replace("TOOLS", tools), encoding="utf-8")
    return str(path)


def test_a_key_of_one_field_or_of_several_is_found(tmp_path: Path) -> None:
    run = DryRun(load_pipeline(written(tmp_path, "tools")).plan)
    run.read([SAMPLE.read_bytes()])
    assert [b'"exe":"/usr/bin/tar"' in line for line in run.events["out"]] == [True]
    assert run.corridor.counts()["dropped by known"] == 3


def test_a_dictionary_that_is_missing_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(FaultyConfigError) as caught:
        load_pipeline(written(tmp_path, "tool"))
    (fault,) = caught.value.faults
    assert (fault.line, fault.where) == (11, "filters.0.keep")
    assert fault.message == "no dictionary 'tool'; did you mean 'tools'? known: pairs, tools"


def test_a_dictionary_without_keys_is_a_fault(tmp_path: Path) -> None:
    path = Path(written(tmp_path, "tools"))
    path.write_text(path.read_text("utf-8").replace("[/usr/bin/tar, /usr/bin/nc]", "[]"), encoding="utf-8")
    with pytest.raises(FaultyConfigError, match="the dictionary is empty"):
        load_pipeline(str(path))
