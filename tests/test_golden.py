"""Every sample gives the events of its golden file, one a line with its keys sorted; `--update-golden` rewrites them.

A golden file says what is; what must be stands in test_values.py.
"""

import difflib
import json
from pathlib import Path
from typing import Any, Final

import pytest
from corridor import SAMPLES, events, sample, sample_names

GOLDEN: Final = Path(__file__).resolve().parent / "golden"


def golden_of(name: str) -> Path:
    return GOLDEN / (name.removesuffix(".log") + ".jsonl")


@pytest.mark.parametrize("name", sample_names())
def test_a_sample_gives_the_events_of_its_golden_file(kernel: Any, name: str, update_golden: bool) -> None:
    found = [json.dumps(event, sort_keys=True) + "\n" for event in events(kernel, sample(name))]
    path = golden_of(name)
    if update_golden and kernel.NAME == "reference":
        path.write_text("".join(found), encoding="ascii")
    assert path.exists(), f"{name} has no golden file; pytest --update-golden writes it"
    expected = path.read_text(encoding="ascii").splitlines(keepends=True)
    assert len(found) == len(expected), f"{name}: {len(found)} events, the golden file has {len(expected)}"
    for mine, theirs in zip(found, expected, strict=True):
        if mine != theirs:
            pretty = [json.dumps(json.loads(text), indent=1, sort_keys=True).splitlines() for text in (theirs, mine)]
            pytest.fail(f"{name}:\n" + "\n".join(difflib.unified_diff(*pretty, "golden", "found", lineterm="", n=2)))


def test_a_golden_file_without_a_sample_is_a_mistake() -> None:
    assert {path.name for path in GOLDEN.glob("*.jsonl")} == {golden_of(name).name for name in sample_names()}


def test_the_table_of_the_samples_names_each_of_them() -> None:
    rows = (SAMPLES / "README.md").read_text(encoding="utf-8").splitlines()
    assert [row.split("|")[1].strip() for row in rows if row.startswith("| ") and ".log" in row] == sample_names()
