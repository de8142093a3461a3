"""A rule in YAML: its defaults, its faults, what runs of it; and the page that explains it is true."""

import json
import re
from pathlib import Path
from typing import Any, Final

import pytest

from stitcher import resources
from stitcher.config import FaultyConfigError, read
from stitcher.config.aggregation import AggregationRule, EndOfGroup, aggregator, kernel_limits
from stitcher.core.aggregator import MAX_HOPS, PASSED, REASONS, Aggregator, Rule
from stitcher.core.conditions import Fields
from stitcher.event import Limits

ROOT: Final = Path(__file__).resolve().parent.parent.parent
PAGE: Final = (ROOT / "docs/aggregation.md").read_text(encoding="utf-8")
PARAMETERS: Final = PAGE.partition("## Parameters")[2].partition("\n## ")[0]
HEAD: Final = "kind: aggregation\nid: x\ndescription: for a test\nname: x\n"


def rule_of(tmp_path: Path, text: str) -> AggregationRule:
    path = tmp_path / "rule.yaml"
    path.write_text(text, encoding="utf-8")
    rule = read(path)
    assert isinstance(rule, AggregationRule)
    return rule


def fenced(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def test_a_rule_that_says_nothing_more_is_kumas_with_its_defaults(tmp_path: Path) -> None:
    rule = rule_of(tmp_path, HEAD)
    assert rule.rule(Fields()) == Rule("x")
    assert (rule.threshold, rule.lifetime_seconds) == (100, 60.0)


def test_the_bounds_are_those_of_the_kernel_under_the_same_names() -> None:
    bounds = Limits._fields
    assert set(bounds) <= AggregationRule.model_fields.keys()
    for name in bounds:
        if name.startswith("max_") or name == "late":
            assert AggregationRule.model_fields[name].default == Limits._field_defaults[name]


def test_every_parameter_that_runs_is_one_of_the_model() -> None:
    assert Rule.__dataclass_fields__.keys() <= AggregationRule.model_fields.keys()


def test_conditions_read_the_fields_that_they_name_and_no_others(tmp_path: Path) -> None:
    text = HEAD + "filter: {field: Type, op: '=', value: 1}\ncomplete_when: {field: S.Last, op: exists}\n"
    fields = Fields()
    rule = rule_of(tmp_path, text).rule(fields)
    assert fields.names == ["Type", "S.Last"]
    made = Aggregator([rule], fields.values)
    assert made.push({"Type": 9, "S.Last": "x"}, 0.0).fate == PASSED
    assert [one["Extra"] for one in made.push({"Type": 1, "S.Last": "x"}, 0.0).events] == [{"closed_by": "complete"}]


def test_rules_run_in_their_order(tmp_path: Path) -> None:
    rules = [
        rule_of(tmp_path, HEAD.replace("name: x", f"name: {name}") + f"filter: {{field: {name}, op: exists}}\n")
        for name in ("A", "B")
    ]
    made = aggregator(rules)
    for row in ({"B": "1"}, {"A": "1", "B": "1"}, {"C": "1"}):
        made.push(row, 0.0)
    assert [(one["AggregationRuleName"], one["BaseEventCount"]) for one in made.close()] == [("A", 1), ("B", 1)]
    assert made.counts()["passed"] == 1


def test_a_condition_may_ask_a_dictionary(tmp_path: Path) -> None:
    rule = rule_of(tmp_path, HEAD + "filter: {field: Host, op: inDictionary, value: ours}\n")
    made = aggregator([rule], {"ours": {"kestrel"}})
    assert [made.push({"Host": host}, 0.0).fate for host in ("kestrel", "osprey")] == ["taken", "passed"]


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("threshold: 0\n", ["5: threshold: expected at least 1, found the number 0"]),
        ('threshold: "100"\n', ["5: threshold: expected a whole number, found '100'; remove the quotes"]),
        ("treshold: 5\n", ["5: treshold: no such field 'treshold'; did you mean 'threshold'?"]),
        ("identical: Host\n", ["5: identical: expected a list, found 'Host'; write it as [value]"]),
        ("lifetime_seconds: -1\n", ["5: lifetime_seconds: expected at least 0"]),
        ("carry: lats\n", ["5: carry: no carry 'lats'; did you mean 'last'? known: first, last, none"]),
        (
            "identical: [A, B]\nsum: [B]\nfirst: [A]\n",
            [
                "6: sum.0: 'B' stands in 'identical' too; leave one out",
                "7: first.0: 'A' stands in 'identical' too; leave one out",
            ],
        ),
        ("identical: [A, A]\n", ["5: identical.1: 'A' stands in 'identical' too; leave one out"]),
        ("sum: [BaseEventCount]\n", ["5: sum.0: 'BaseEventCount' is what the rule writes itself; leave it out"]),
        ("identical: [ID]\n", ["5: identical.0: 'ID' is what the rule writes itself; leave it out"]),
        ("max_length: {Message: 9}\n", ["5: max_length.Message: 'Message' is not in 'sum'; only what is summed grows"]),
        (
            "sum: [Extra.a]\noverflow: spill\nmax_length:\n  Extra.a: 9\n",
            ["8: max_length.Extra.a: it is in Extra already; choose 'truncate' or 'split'"],
        ),
        (
            "complete_when: {field: A, op: exists}\nends: [{name: a, when: {field: A, op: exists}}]\n",
            ["5: complete_when: there are 'ends' too; make it one of them"],
        ),
        (
            "ends:\n- {name: a, when: {field: A, op: exists}}\n- {name: a, when: {field: B, op: exists}}\n",
            ["7: ends.1.name: 'a' is the name of another end too; choose another"],
        ),
        (
            "ends: [{name: timeout, when: {field: A, op: exists}}]\n",
            ["5: ends.0.name: 'timeout' is what a group says that no end has closed; choose another name"],
        ),
        ("ends: [{name: a}]\n", ["5: ends.0.when: the field is missing"]),
        (
            "filter: {op: TIDetect}\n",
            ["5: filter.op: threat intelligence comes with enrichment, which is later; use it in filters of destinati"],
        ),
    ],
)
def test_faults_of_a_rule_are_named_with_their_lines(tmp_path: Path, text: str, faults: list[str]) -> None:
    with pytest.raises(FaultyConfigError) as caught:
        rule_of(tmp_path, HEAD + text)
    lines = str(caught.value).splitlines()
    assert len(lines) == len(faults)
    for line, expected in zip(lines, faults, strict=True):
        assert line.startswith(f"{tmp_path / 'rule.yaml'}:{expected}")


def test_the_shipped_rule_says_what_resources_read_of_it_without_pydantic() -> None:
    rule = read(resources.shipped("rules") / "audit.yaml")
    assert isinstance(rule, AggregationRule)
    assert (rule.name, kernel_limits(rule)) == resources.aggregation()
    assert {
        name for name in resources.JOIN if getattr(rule, name) == AggregationRule.model_fields[name].default
    } == set()


def test_a_rule_without_a_time_out_is_none_of_the_kernels() -> None:
    rule = read(resources.shipped("rules") / "audit.yaml")
    assert isinstance(rule, AggregationRule)
    assert kernel_limits(rule.model_copy(update={"timeout_seconds": None})) == [
        "timeout_seconds is None, and the kernel needs one"
    ]


# --- the page -----------------------------------------------------------------------------------------------------


def shown(value: Any) -> str:
    """A default as the page has it."""
    if value is None or value == () or callable(value):
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if not isinstance(value, str) else f'`"{value}"`' if value == "," else f"`{value}`"


@pytest.mark.parametrize(
    "name", [name for name in AggregationRule.model_fields if name not in ("kind", "id", "description")]
)
def test_every_parameter_is_documented_with_its_default(name: str) -> None:
    field = AggregationRule.model_fields[name]
    default = "needed" if field.is_required() else "none" if field.default_factory else shown(field.default)
    (row,) = re.findall(rf"^\| (?:`\w+`, )?`{name}`(?:, `\w+`)? \| ([^|]*) \|", PARAMETERS, re.MULTILINE)
    assert row in (default, default.strip("`"))


@pytest.mark.parametrize("name", EndOfGroup.model_fields)
def test_every_key_of_an_end_is_documented_with_its_default(name: str) -> None:
    field = EndOfGroup.model_fields[name]
    told = PAGE.partition("### Ends")[2]
    assert f"\n| `{name}` | {'needed' if field.is_required() else shown(field.default)} |" in told


@pytest.mark.parametrize("name", [*REASONS, "complete"])
def test_every_reason_is_documented(name: str) -> None:
    assert re.search(rf"^\| `{name}`(?:,| \|)", PAGE.partition("## Emission")[2], re.MULTILINE)


@pytest.mark.parametrize("name", Aggregator([]).counts())
def test_every_counter_is_documented(name: str) -> None:
    assert re.search(rf"^\| .*`{name}`.* \|", PAGE.partition("## Counters")[2], re.MULTILINE)


def test_the_bound_of_rounds_is_the_one_that_is_told() -> None:
    assert f"An event that says more than {MAX_HOPS} is refused" in PAGE


def test_the_example_makes_what_the_page_shows(tmp_path: Path) -> None:
    (text,) = fenced("yaml")
    before, after = ([json.loads(row) for row in rows.splitlines()] for rows in fenced("events"))
    made = aggregator([rule_of(tmp_path, text)])
    pushed = [made.push(row, 0.0) for row in before]
    first = [event for one in pushed for event in one.events]
    assert [one.fate for one in pushed] == ["taken"] * 5 + ["passed"]
    assert len(first) == 1
    assert [one | {"ID": "…"} for one in [*first, *made.close()]] == after
