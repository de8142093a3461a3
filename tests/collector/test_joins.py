"""A rule for audit that would glue events together, and a file that nobody would find."""

from pathlib import Path

import pytest

from stitcher.collector import check, load_pipeline
from stitcher.config import FaultyConfigError

PIPELINE = """\
kind: pipeline
id: own
description: A test
normalizer: audit
aggregation: [hosts]
---
kind: aggregation
id: hosts
description: All records of a host
name: hosts
identical: [DeviceHostName]
sum: [Message]
"""


def test_a_rule_that_joins_records_of_several_ids_is_a_fault_for_audit(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(PIPELINE, encoding="utf-8")
    with pytest.raises(FaultyConfigError, match=r"own\.yaml:5: aggregation: rule 'hosts' joins records of several ids"):
        load_pipeline(str(path))
    path.write_text(PIPELINE.replace("[DeviceHostName]", "[DeviceHostName, ExternalID]"), encoding="utf-8")
    assert load_pipeline(str(path)).plan.rules[0].name == "hosts"


def test_a_document_in_one_line_is_not_found_and_that_is_said(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text("{kind: aggregation, id: a, description: d, name: a}\n", encoding="utf-8")
    (fault,) = check([path]).faults
    assert "write keys on lines of their own" in fault
