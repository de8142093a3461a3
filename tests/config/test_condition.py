"""Conditions of YAML: the trees they are, and what is wrong with those that are none."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from pydantic import TypeAdapter

from stitcher.config import Faults, validate
from stitcher.config.condition import Comparison, When, WhenEarly
from stitcher.core.conditions import MOST_OTHERS, OPERATORS, Condition, Fields, Group, compile_condition
from stitcher.core.regexps import QUADRATIC_TEXT
from stitcher.yamlfile import load_with_lines


def read(tmp_path: Path, text: str, what: Any = When) -> tuple[Any, list[str]]:
    """The condition, and the faults as LINE: WHERE: MESSAGE."""
    path = tmp_path / "when.yaml"
    path.write_text(text, encoding="utf-8")
    faults = Faults()
    made = validate(what, load_with_lines(path), faults)
    return made, [str(one).partition("when.yaml:")[2] for one in faults.found]


A = Condition(("a",), "=", (1,))


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("{field: a, op: =, value: 1}", A),
        ("{field: a, op: in, value: [1, x, true, 1.5]}", Condition(("a",), "in", (1, "x", True, 1.5))),
        ("{field: a, op: =, other: b, case: false}", Condition(("a",), "=", (), "b", False)),
        ("{field: a, op: exists, negate: true}", Condition(("a",), "exists", negate=True)),
        ("{fields: [a, b], op: inDictionary, value: d}", Condition(("a", "b"), "inDictionary", ("d",))),
        ("{op: TIDetect}", Condition(("TI",), "TIDetect")),
        ("{op: TIDetect, value: Botnet}", Condition(("TI",), "TIDetect", ("Botnet",))),
        ("- {field: a, op: =, value: 1}", Group("and", (A,))),
        ("or:\n- {field: a, op: =, value: 1}\n- - {field: a, op: =, value: 1}", Group("or", (A, Group("and", (A,))))),
        ("not: [{and: [{field: a, op: =, value: 1}]}]", Group("not", (Group("and", (A,)),))),
    ],
)
def test_a_condition_is_a_tree(tmp_path: Path, text: str, tree: Any) -> None:
    for what in (When, WhenEarly) if "TIDetect" not in text else (When,):
        made, faults = read(tmp_path, text, what)
        assert faults == []
        assert made.tree() == tree


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{field: a, op: startswith, value: x}", "op: no operator 'startswith'; did you mean 'startsWith'? known: "),
        ("{field: a, op: [x], value: x}", "op: expected text, found a list"),
        ("{op: =, value: x}", "field: the field is missing"),
        ("{field: '', op: =, value: x}", "field: expected at least 1 characters, found an empty text"),
        ("{field: a, value: x}", "op: the field is missing"),
        ("{field: a, fields: [b], op: inTable, value: x}", "fields: there is a 'field' too; one of them is enough"),
        (
            "{fields: [a, b], op: =, value: x}",
            "fields: several fields are the key of a dictionary; = takes one 'field'",
        ),
        ("{field: a, op: =}", "value: = needs a 'value' or an 'other' field"),
        ("{field: a, op: match}", "value: match needs a 'value'"),
        (
            "{field: a, op: =, value: ''}",
            "value: nothing is ever = an empty value; use 'exists', with 'negate: true' for",
        ),
        ("{field: a, op: in, value: []}", "value: the list is empty; nothing is in it"),
        ("{field: a, op: =, value: x, other: b}", "other: there is a 'value' too; one of them is enough"),
        ("{field: a, op: match, other: b}", "other: match takes no field on its right"),
        ("{field: a, op: exists, value: x}", "value: exists takes no value; remove it"),
        ("{field: a, op: <, value: x}", "value: < compares numbers; use a number"),
        ("{field: a, op: <, value: 1, case: false}", "case: < knows no upper and lower case; remove it"),
        (
            "{field: a, op: inSubnet, value: [10.0.0.0/8, 10.0.0.1/8]}",
            "value.1: '10.0.0.1/8' has bits behind its prefix",
        ),
        ("{field: a, op: inSubnet, value: 10.0.0/8}", "value: expected a network such as 10.0.0.0/8"),
        ("{field: a, op: hasBit, value: x}", "value: expected the number of a bit, 0 to 63"),
        ("{field: a, op: hasBit, value: 64}", "value: expected the number of a bit, 0 to 63"),
        ("{field: a, op: match, value: 'a['}", "value: this is no"),
        ("{field: a, op: match, value: '(?=a)'}", "value: "),
        ("{field: a, op: match, value: 5}", "value: expected text; put it in quotes"),
        ("{field: a, op: inDictionary, value: 5}", "value: expected text; put it in quotes"),
        (
            "{field: a, op: =, value: {b: c}}",
            "value: expected text, a number, true or false or a list, found a mapping",
        ),
        ("{field: a, op: =, value: [[b]]}", "value.0: expected text, a number or true or false, found a list"),
        ("{field: a, op: =, vale: c, value: d}", "vale: no such field 'vale'; did you mean 'value'?"),
        ("{and: []}", "and: the group is empty; give it a condition"),
        ("[]", "the list is empty; give it a condition"),
        (
            "{and: [{field: a, op: exists}], or: [{field: a, op: exists}]}",
            "or: 'and' and 'or' in one group; put one into",
        ),
        ("{and: [{field: a, op: exists}], xor: 1}", "xor: no such field 'xor'; did you mean 'or'? known: and, not, or"),
        ("{and: {field: a, op: exists}}", "and: expected a list, found a mapping"),
        ("x", "expected a mapping, found 'x'"),
    ],
)
def test_what_is_no_condition_is_said(tmp_path: Path, text: str, expected: str) -> None:
    made, faults = read(tmp_path, text)
    assert made is None
    assert len(faults) == 1, faults
    assert faults[0].startswith(f"1: {expected}") or "match" in text


def test_all_faults_of_a_tree_have_their_lines(tmp_path: Path) -> None:
    text = """\
and:
  - {field: a, op: is, value: 1}
  - or:
      - field: b
        op: inSubnet
        value:
          - 10.0.0.0/8
          - 10.0.0/8
          - 10.0.0.1/8
      - {field: c, op: hasBit}
      - []
  - not:
      - {field: d, op: exists, value: x, case: false}
"""
    _, faults = read(tmp_path, text)
    assert [fault.split(": ")[:2] for fault in faults] == [
        ["2", "and.0.op"],
        ["8", "and.1.or.0.value.1"],
        ["9", "and.1.or.0.value.2"],
        ["10", "and.1.or.1.value"],
        ["11", "and.1.or.2"],
        ["13", "and.2.not.0.case"],
        ["13", "and.2.not.0.value"],
    ]


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("{op: TIDetect}", "1: op"),
        ("{or: [{field: a, op: exists}, {op: TIDetect, value: x}]}", "1: or.1.op"),
        ("- {field: TI, op: exists}", "1: 0.field"),
        ("- {field: TI.category, op: =, value: x}", "1: 0.field"),
        ("- {field: a, op: =, other: TI.url}", "1: 0.other"),
    ],
)
def test_threat_intelligence_is_not_known_before_enrichment(tmp_path: Path, text: str, where: str) -> None:
    assert read(tmp_path, text)[1] == []
    made, (fault,) = read(tmp_path, text, WhenEarly)
    assert made is None
    assert fault.startswith(f"{where}: threat intelligence comes with enrichment")


def test_editors_get_a_schema_of_conditions() -> None:
    schema = TypeAdapter(When).json_schema()
    for right, wrong in (
        ({"field": "a", "op": "=", "value": 1}, {"field": "a", "op": "is"}),
        ({"or": [{"field": "a", "op": "exists"}]}, {"xor": []}),
        ([{"not": [{"field": "a", "op": "in", "value": ["x", 1]}]}], "x"),
    ):
        jsonschema.validate(right, schema)
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, schema)
    assert all(f'"{op}"' in json.dumps(schema) for op in OPERATORS)


PAGE = (Path(__file__).resolve().parent.parent.parent / "docs/conditions.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
TABLES = {"admins": {"root", "mara|web01"}, "hosts": {"web01"}}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda text: text.partition("\n")[0])
def test_the_examples_of_the_page_hold(tmp_path: Path, example: str) -> None:
    path = tmp_path / "example.yaml"
    path.write_text(example, encoding="utf-8")
    told: Any = load_with_lines(path).values
    made = TypeAdapter(When).validate_python(told["when"])
    fields = Fields()
    holds = compile_condition(made.tree(), fields.index, TABLES)
    assert told.keys() == {"when", "holds", "fails"}
    for event in told["holds"]:
        assert holds(fields.values(event)), event
    for event in told["fails"]:
        assert not holds(fields.values(event)), event


@pytest.mark.parametrize("op", OPERATORS)
def test_every_operator_has_a_row_and_an_example(op: str) -> None:
    rows = [line.split("|")[1] for line in PAGE.splitlines() if line.startswith("| `")]
    assert any(f"`{op}`" in row for row in rows)
    assert any(re.search(rf'op: "?{op}\b|op: "{op}"', text) for text in EXAMPLES)


def test_the_page_tells_every_key_and_bound() -> None:
    for key in Comparison.model_fields:
        assert f"\n| `{key}` |" in PAGE
    assert f"first {QUADRATIC_TEXT} characters" in PAGE
    assert f"first {MOST_OTHERS} elements" in PAGE
    for op, about in OPERATORS.items():
        assert (f"`{op}`" in PAGE.partition("| `case` |")[2].partition("\n")[0]) == about.case
