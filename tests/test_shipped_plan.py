"""The pipeline that `filter` and `listen` run is the one in rules/, whoever reads it."""

import subprocess
import sys

from stitcher.collector import load_pipeline
from stitcher.pipeline import Plan, audit_plan


def test_the_light_reader_and_the_models_come_to_the_same_plan() -> None:
    loaded = load_pipeline("audit")
    assert loaded.plan == audit_plan()
    assert loaded.notes == ("rule 'audit' is what the kernel's join does: the kernel joins",)
    assert [place.kind for place in loaded.places] == ["stdin"]


def test_the_defaults_of_a_plan_are_the_shipped_pipeline() -> None:
    """So the library, which reads no file, does the same."""
    shipped = audit_plan()
    assert shipped._replace(outlets=Plan().outlets) == Plan()
    assert [(one.to, one.schema, one.form, one.when) for one in shipped.outlets] == [("stdout", "audit", "json", None)]


def test_filter_does_not_wait_for_the_models() -> None:
    """They take longer to import than many logs to read."""
    code = "import sys, stitcher.cli.filter, stitcher.runner.filter, stitcher.pipeline as p; p.audit_plan(); "
    code += (
        "print(sorted({'pydantic', 'dateutil', 'stitcher.config', 'stitcher.core.conditions'} & sys.modules.keys()))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
