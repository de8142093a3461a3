"""Pipelines for tests of the command line, as a user would write them."""

from pathlib import Path

AUDIT = """\
kind: pipeline
id: own
description: A pipeline of a test
normalizer: audit
aggregation: [audit]
"""
STDOUT = "destinations:\n  - {name: out, to: stdout}\n"


def pipeline(folder: Path, *parts: str, name: str = "own.yaml", head: str = AUDIT) -> Path:
    """A file with these parts behind its head; without any it writes to stdout."""
    path = folder / name
    path.write_text(head + "".join(parts or (STDOUT,)), encoding="utf-8")
    return path
