"""What must hold of a pipeline's plan: which road its lines take, and why; and of the faults of the whole."""

from pathlib import Path

import pytest

from stitcher import resources
from stitcher.collector import Loaded, load_pipeline
from stitcher.config import FaultyConfigError
from stitcher.pipeline import audit_plan

HEAD = "kind: pipeline\nid: own\ndescription: A test\nnormalizer: audit\n"
RULE = (Path(resources.__file__).parent.parent / "rules" / "audit.yaml").read_text("utf-8")


def load(folder: Path, *parts: str, head: str = HEAD) -> Loaded:
    path = folder / "own.yaml"
    path.write_text(head + "".join(parts), encoding="utf-8")
    return load_pipeline(str(path))


def faults(folder: Path, *parts: str, head: str = HEAD) -> list[tuple[int, str, str]]:
    """(line, place, what) of each."""
    with pytest.raises(FaultyConfigError) as raised:
        load(folder, *parts, head=head)
    return [(one.line, one.where, one.message.partition(";")[0]) for one in raised.value.faults]


def test_the_shipped_pipeline_is_the_plan_of_filter() -> None:
    assert load_pipeline("audit").plan == audit_plan()


def test_the_shipped_rule_is_the_kernels() -> None:
    loaded = load_pipeline("audit")
    assert loaded.plan.normalizer is None
    assert loaded.notes == ("rule 'audit' is what the kernel's join does: the kernel joins",)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (("threshold: null", "threshold: 50"), "threshold is 50, and the kernel joins with None"),
        (("timeout_seconds: 2.0", "timeout_seconds: null"), "timeout_seconds is None, and the kernel needs one"),
        (("by_source: true", "by_source: false"), "by_source is False, and the kernel joins with True"),
    ],
)
def test_a_rule_that_joins_otherwise_takes_the_general_road(tmp_path: Path, change: tuple[str, str], why: str) -> None:
    (tmp_path / "audit.yaml").write_text(RULE.replace(*change), encoding="utf-8")
    loaded = load(tmp_path, "aggregation: [audit]\n")
    assert loaded.plan.normalizer is not None
    assert loaded.notes == (f"lines take the general road: {why}",)


def test_a_rule_with_other_bounds_is_the_kernels_still(tmp_path: Path) -> None:
    (tmp_path / "audit.yaml").write_text(RULE.replace("timeout_seconds: 2.0", "timeout_seconds: 5.0"), encoding="utf-8")
    plan = load(tmp_path, "aggregation: [audit]\n").plan
    assert (plan.normalizer, plan.limits.timeout_seconds) == (None, 5.0)


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        ("", "it has 0 aggregation rules"),
        ("aggregation: [audit, sshd]\n", "it has 2 aggregation rules"),
        (
            "aggregation: [audit]\nfilters:\n  - {name: a, on: originals, keep: {field: ExternalID, op: exists}}\n",
            "a filter looks at originals",
        ),
    ],
)
def test_what_the_kernel_does_not_do_is_said(tmp_path: Path, parts: str, why: str) -> None:
    assert load(tmp_path, parts).notes == (f"lines take the general road: {why}",)


def test_of_another_source_only_that_is_said() -> None:
    assert load_pipeline("postfix").notes == (
        "lines take the general road: lines are read by the normalizer 'postfix'",
    )


def test_the_longest_line_is_that_of_the_rule_that_takes_longest(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(RULE.replace("1048576", "5000").replace("id: audit", "id: a"), encoding="utf-8")
    (tmp_path / "b.yaml").write_text(RULE.replace("1048576", "6000").replace("id: audit", "id: b"), encoding="utf-8")
    assert load(tmp_path, "aggregation: [a, b]\n").plan.limits.max_line_bytes == 6000


@pytest.mark.parametrize(
    ("connector", "to", "back"),
    [
        ("127.0.0.1:6514", "127.0.0.1:6514", True),
        ("localhost:6514", "127.0.0.1:6514", True),
        (":6514", "127.0.0.1:6514", True),
        ("0.0.0.0:6514", "localhost:6514", True),
        ("127.0.0.1:6514", "127.0.0.1:6515", False),
        ("127.0.0.1:6514", "192.0.2.7:6514", False),
    ],
)
def test_what_leads_back_is_told_by_its_address(tmp_path: Path, connector: str, to: str, back: bool) -> None:
    parts = f"connectors:\n  - from: tcp://{connector}\nloop: none\ndestinations:\n  - {{name: to, to: 'tcp://{to}'"
    if back:
        assert faults(tmp_path, parts, "}\n")[0][:2] == (9, "destinations.0.to")
        assert load(tmp_path, parts, ", loop: true}\n").plan.outlets[0].loop
    else:
        assert faults(tmp_path, parts, ", loop: true}\n")[0][:2] == (9, "destinations.0.loop")
        assert not load(tmp_path, parts, "}\n").plan.outlets[0].loop


def test_a_field_that_no_event_has_is_said_where_it_is_read(tmp_path: Path) -> None:
    slip = '{field: records.SYSCALL.feilds.uid, op: "=", value: 1}'
    found = faults(
        tmp_path,
        "aggregation: [audit]\n",
        f"filters:\n  - {{name: a, drop: {slip}}}\n",
        f"enrichments:\n  - {{type: constant, target: site, value: x, when: {{or: [{slip}]}}}}\n",
        f"destinations:\n  - {{name: a, to: stdout, when: {slip}}}\n",
    )
    what = "no field 'records.SYSCALL.feilds.uid' in a decoded event"
    assert found == [
        (7, "filters.0.drop", what),
        (9, "enrichments.0.when", what),
        (11, "destinations.0.when", what),
    ]


def test_the_target_of_an_enrichment_is_a_field(tmp_path: Path) -> None:
    site = '{field: site, op: "=", value: x}'
    where = f"destinations:\n  - {{name: a, to: stdout, when: {site}}}\n"
    assert faults(tmp_path, "aggregation: [audit]\n", where)[0][2] == "no field 'site' in a decoded event"
    assert load(tmp_path, "aggregation: [audit]\n", "enrichments: [{type: constant, target: site}]\n", where)


def test_a_fault_of_what_is_named_is_told_in_its_own_file(tmp_path: Path) -> None:
    (tmp_path / "rule.yaml").write_text(
        "kind: aggregation\nid: rule\ndescription: x\nname: x\nthreshold: 0\n", encoding="utf-8"
    )
    with pytest.raises(FaultyConfigError) as raised:
        load(tmp_path, "aggregation: [rule]\n")
    assert [(Path(one.path).name, one.line) for one in raised.value.faults] == [("rule.yaml", 5)]


#: parts of a pipeline of which each has one fault
BROKEN = {
    "conectors": "conectors: [{from: stdin}]\n",
    "loop": "loop: nowhere\n",
    "summarize": "summarize: 1\n",
    "filters.0": "filters:\n  - {name: a}\n  - {name: a, keep: {field: Type, op: exists}}\n",
    "destinations.0.to": "destinations:\n  - {name: a, to: nowhere}\n  - {name: a, to: stdout}\n",
}


def test_a_fault_of_the_model_hides_none_of_the_whole(tmp_path: Path) -> None:
    found = faults(tmp_path, *BROKEN.values(), head=HEAD.replace("audit", "audti"))
    assert [place for _, place, _ in found] == [
        "normalizer", "conectors", "loop", "summarize", "filters.0", "filters.1.name", "destinations.0.to",
        "destinations.1.name",
    ]  # fmt: skip
    assert [line for line, _, _ in found] == [4, 5, 6, 7, 9, 10, 12, 13]


def test_what_only_looks_wrong_because_something_is_left_out_is_not_said(tmp_path: Path) -> None:
    found = faults(
        tmp_path,
        "aggregation: [audit]\nloop: none\n",
        "connectors:\n  - from: tpc://127.0.0.1:6514\n",
        "enrichments:\n  - {type: constnt, target: site}\n",
        "destinations:\n"
        "  - {name: loop, to: 'tcp://127.0.0.1:6514', loop: true}\n"
        '  - {name: to, to: stdout, when: {field: site, op: "=", value: x}}\n',
    )
    assert [place for _, place, _ in found] == ["connectors.0.from", "enrichments.0.type"]


@pytest.mark.parametrize("key", ["connectors", "filters", "enrichments", "destinations", "aggregation"])
@pytest.mark.parametrize("value", ["5", "x", "[5]", "[[]]", "{a: 1}", "[{}]", "null", "[null]"])
def test_whatever_stands_there_is_a_fault_with_a_line_and_nothing_worse(tmp_path: Path, key: str, value: str) -> None:
    found = faults(tmp_path, f"{key}: {value}\n")
    assert found
    assert all(line == 5 and place.startswith(key) for line, place, _ in found)
