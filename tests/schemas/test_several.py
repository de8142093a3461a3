"""Several schemas in one process: each from its own values, whoever else is at work."""

from typing import Any

import pytest
from corridor import join, sample, sample_names
from documents import values_of

from stitcher.kernel import _reference as reference
from stitcher.schemas import schema_of

FORMS = [("ecs", "json"), ("kuma", "json"), ("kuma", "cef"), ("audit", "csv"), ("ecs", "syslog"), ("ecs", "json")]


def picked(rows: list[tuple[Any, ...]], paths: tuple[str, ...], reads: tuple[str, ...]) -> list[tuple[Any, ...]]:
    """Of the values of many paths those that one schema reads."""
    places = [paths.index(path) for path in reads]
    return [tuple(row[place] for place in places) for row in rows]


def test_schemas_at_work_together_write_what_each_writes_alone() -> None:
    together = [schema_of(*form) for form in FORMS]
    paths = tuple(dict.fromkeys(path for schema in together for path in schema.reads))
    for log in sample_names():
        groups = join(reference, [sample(log)]).groups
        rows = reference.render(groups, paths).values
        for form, schema in zip(FORMS, together, strict=True):
            alone = schema_of(*form)
            expected = alone.lines(reference.render(groups, alone.reads).values)
            assert schema.lines(picked(rows, paths, schema.reads)) == expected


@pytest.mark.parametrize(("name", "form"), FORMS)
def test_there_is_one_line_for_each_event_in_their_order(name: str, form: str) -> None:
    schema = schema_of(name, form)
    for log in sample_names():
        rows = values_of(reference, schema, sample(log))
        lines = schema.lines(rows)
        assert len(lines) == len(rows)
        assert all(line.endswith("\n") and line.count("\n") == 1 for line in lines)
        assert schema.lines(rows[::-1]) == lines[::-1]


def test_each_schema_counts_for_itself() -> None:
    one, other = schema_of("kuma"), schema_of("kuma")
    rows = values_of(reference, one, b"type=SYSCALL msg=audit(1.002:3): pid=seven")
    one.lines(rows)
    one.lines(rows)
    assert (one.counts()["unfit"], other.counts()["unfit"]) == (2, 0)
