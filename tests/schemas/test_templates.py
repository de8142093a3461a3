"""Lines that were kept are the lines that would have been made, however the input was cut."""

import json

import pytest
from corridor import join, sample, sample_names
from documents import CWD, HEADER, OPEN, SHADOW, TITLE, values_of
from hypothesis import given
from hypothesis import strategies as st

from stitcher.kernel import _reference as reference
from stitcher.pipeline import Stitcher
from stitcher.schemas import schema_of
from stitcher.summary import summarizer

FORMS = [("ecs", "json"), ("kuma", "json"), ("kuma", "cef"), ("audit", "csv"), ("ecs", "syslog"), ("ocsf", "json")]


@pytest.mark.parametrize(("name", "form"), FORMS)
def test_a_line_is_the_same_whether_it_was_kept_or_made(name: str, form: str) -> None:
    schema = schema_of(name, form)
    for log in sample_names():
        rows = values_of(reference, schema, sample(log))
        if rows:
            made = schema._make(rows)[0]
            assert schema.lines(rows) == made
            assert schema.lines(rows) == made
            assert [line for row in rows for line in schema.lines([row])] == made


@pytest.mark.parametrize(("name", "form"), FORMS)
def test_both_kernels_give_the_same_documents(name: str, form: str) -> None:
    compiled = pytest.importorskip("stitcher.kernel._compiled")
    schema = schema_of(name, form)
    for log in sample_names():
        groups = join(reference, [sample(log)]).groups
        again = join(compiled, [sample(log)]).groups
        assert compiled.render(again, schema.reads).values == reference.render(groups, schema.reads).values


@pytest.mark.parametrize(("name", "form"), FORMS)
@pytest.mark.parametrize("size", [1, 777, 1 << 20])
def test_documents_do_not_depend_on_how_the_input_was_cut(name: str, form: str, size: int) -> None:
    data = b"".join(map(sample, ("debian12-6.1-sockets.log", "rhel8-4.18-accounts.log", "debian12-6.1-exec.log")))
    whole, cut = (Stitcher(schema=name, form=form) for _ in range(2))
    expected = whole.feed(data) + whole.close()
    found = b"".join(cut.feed(data[at : at + size]) for at in range(0, len(data), size)) + cut.close()
    assert found == expected


#: values of the fields that may be holes, and of others: nothing of them may be taken for something else
VALUES = st.sampled_from(
    ["0", "00", "7", "-13", "4294967295", "unset", "?", "(null)", "7f", "é", "%s", "%", '"x"', "99999999999999999999"]
)


@given(st.lists(st.tuples(VALUES, VALUES, VALUES, VALUES), min_size=1, max_size=6))
def test_whatever_stands_in_a_hole_stands_there_as_it_would_have(found: list[tuple[str, ...]]) -> None:
    text = []
    for nth, (pid, exit_code, a1, title) in enumerate(found):
        call = (
            OPEN.replace("pid=7 ", f"pid={pid} ").replace("exit=-13", f"exit={exit_code}").replace("a1=7f", f"a1={a1}")
        )
        lines = (call, CWD, SHADOW, TITLE.replace("636174", title.encode().hex()))
        text += [line.replace(HEADER, f"msg=audit(1700000000.004:{nth}):") for line in lines]
    for name, form in FORMS:
        schema = schema_of(name, form)
        rows = values_of(reference, schema, "\n".join(text).encode())
        assert schema.lines(rows) == schema._make(rows)[0]
        assert schema.lines(rows) == schema._make(rows)[0]


def test_a_document_says_nothing_of_marks() -> None:
    schema = schema_of("ecs")
    marks = {str(mark) for mark in schema._templates._names}
    rows = values_of(reference, schema, "\n".join((OPEN, CWD, SHADOW, TITLE)).encode())
    for line in schema.lines(rows) + schema.lines(rows):
        assert not any(mark in line for mark in marks)
        json.loads(line)


def test_no_rule_of_a_summary_decides_by_a_result_that_is_a_number() -> None:
    """A template has a hole there: see schemas._templates."""
    rules = summarizer().rules.rules
    assert not [way for rule in rules for one in rule.when for way in one.words if way.endswith((".exit", ".pid"))]


def test_a_number_that_the_rule_of_a_call_looks_at_is_no_hole() -> None:
    """personality(2) with ffffffff asks, and changes nothing: other calls have no use for that number."""
    calls = [("135", a0) for a0 in ("ffffffff", "8", "ffffffff", "400000")] + [("257", "ffffffff"), ("257", "7f")]
    text = [
        OPEN.replace("syscall=257", f"syscall={call}")
        .replace("SYSCALL=openat", "")
        .replace("a0=ffffff9c", f"a0={a0}")
        .replace(HEADER, f"msg=audit(1700000000.004:{nth}):")
        for nth, (call, a0) in enumerate(calls)
    ]
    schema = schema_of("ecs")
    rows = values_of(reference, schema, "\n".join(text).encode())
    made = schema._make(rows)[0]
    assert len({json.loads(line)["event"]["action"] for line in made[:4]}) == 2
    assert schema.lines(rows) == made
    assert schema.lines(rows) == made
